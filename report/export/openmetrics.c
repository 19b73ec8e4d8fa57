/* OpenMetrics 1.0: one run of each branch and host, in base units and with its time. All samples of a family stand together, so
 * that there is a pass over the runs for each: one for each field of a profile, and for readings one for each base unit. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "report/export/export.h"
#include "schema/fields.h"
#include "schema/units.h"

/* Readings of one base unit are a family. */
enum base { OWN, SECONDS, BYTES, BASES };

static const char *const reading_families[BASES] = {"tidemark_reading", "tidemark_reading_seconds", "tidemark_reading_bytes"};
static const char *const base_names[BASES] = {NULL, "seconds", "bytes"};

/* The first pass is about runs, then come the fields, then readings. */
static int passes(void)
{
    return 1 + (int)tm_n_fields + BASES;
}

/* Before the first sample of the pass. */
static void put_head(struct tm_export *export, const char *name, const char *unit, const char *help)
{
    if (export->begun)
        return;
    export->begun = true;
    fprintf(export->out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    if (unit)
        fprintf(export->out, "# UNIT %s %s\n", name, unit);
}

static void put_label(FILE *out, const char *before, const char *name, const char *value)
{
    fprintf(out, "%s%s=\"", before, name);
    tm_label_writer_for(out)(out, value ? value : "");
    putc('"', out);
}

static void open_sample(FILE *out, const char *name, const struct tm_run *run)
{
    fputs(name, out);
    put_label(out, "{", "project", run->project);
    put_label(out, ",", "branch", run->branch);
    put_label(out, ",", "host", run->host);
}

static void close_sample(FILE *out, const struct tm_run *run, double value)
{
    fputs("} ", out);
    tm_put_number(out, value);
    fprintf(out, " %" PRId64 "\n", run->started_at);
}

static void put_run(struct tm_export *export, const struct tm_run *run)
{
    put_head(export, "tidemark_run_info", NULL, "The run that the figures of its project, branch and host are of.");
    open_sample(export->out, "tidemark_run_info", run);
    put_label(export->out, ",", "run", run->key);
    put_label(export->out, ",", "commit", run->commit_id);
    put_label(export->out, ",", "version", run->version);
    put_label(export->out, ",", "tool", run->tool);
    close_sample(export->out, run, 1);
}

/* Its family: the name without its unit, and the base unit. */
static void name_field(const struct tm_field *field, char *name, size_t size)
{
    const char *unit = field->unit == TM_UNIT_TIME ? "_seconds" : field->unit == TM_UNIT_SIZE ? "_bytes" : "";
    int stem = *unit ? (int)(strrchr(field->name, '_') - field->name) : (int)strlen(field->name);
    snprintf(name, size, "tidemark_profile_%.*s%s", stem, field->name, unit);
}

static void put_field(struct tm_export *export, const struct tm_field *field, const struct tm_run_content *content)
{
    char name[64], help[96]; /* longer than any field's */
    name_field(field, name, sizeof name);
    const char *unit = field->unit == TM_UNIT_TIME ? "seconds" : field->unit == TM_UNIT_SIZE ? "bytes" : NULL;
    snprintf(help, sizeof help, "The field %s of a plugin's profile%s%s.", field->name, unit ? ", in " : "", unit ? unit : "");
    for (size_t i = 0; i < content->n_profiles; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        if (!tm_field_known(field, profile))
            continue;
        double value = field->type == TM_FIELD_COUNT ? (double)tm_field_count(field, profile)
                       : field->unit == TM_UNIT_TIME ? tm_field_real(field, profile) / 1e9
                                                     : tm_field_real(field, profile);
        put_head(export, name, unit, help);
        open_sample(export->out, name, &content->run);
        put_label(export->out, ",", "plugin", profile->plugin);
        close_sample(export->out, &content->run, value);
    }
}

/* The family that a reading is in, and its value there. */
static enum base base_of(const struct tm_reading *reading, double *value)
{
    const struct tm_unit *unit = reading->unit ? tm_unit_named(reading->unit, strlen(reading->unit)) : NULL;
    *value = reading->value;
    if (!unit || (unit->dimension != TM_DIMENSION_TIME && unit->dimension != TM_DIMENSION_SIZE))
        return OWN;
    bool time = unit->dimension == TM_DIMENSION_TIME;
    *value = time ? reading->value * unit->factor / 1e9 : reading->value * unit->factor;
    return time ? SECONDS : BYTES;
}

static void put_readings(struct tm_export *export, enum base base, const struct tm_run_content *content)
{
    for (size_t i = 0; i < content->n_profiles; i++)
        for (size_t k = 0; k < content->profiles[i].n_readings; k++) {
            const struct tm_reading *reading = &content->profiles[i].readings[k];
            double value;
            if (base_of(reading, &value) != base)
                continue;
            put_head(export, reading_families[base], base_names[base],
                     "What else was measured of a plugin, by the name of the metric.");
            open_sample(export->out, reading_families[base], &content->run);
            put_label(export->out, ",", "plugin", content->profiles[i].plugin);
            put_label(export->out, ",", "metric", reading->metric);
            if (base == OWN)
                put_label(export->out, ",", "unit", reading->unit);
            close_sample(export->out, &content->run, value);
        }
}

static int write_run(struct tm_export *export, const struct tm_run_content *content)
{
    size_t field = (size_t) export->pass - 1;
    if (export->pass == 0)
        put_run(export, &content->run);
    else if (field >= tm_n_fields)
        put_readings(export, (enum base)(field - tm_n_fields), content);
    else if (tm_fields[field].type != TM_FIELD_TEXT)
        put_field(export, &tm_fields[field], content);
    return 0;
}

static int end(struct tm_export *export)
{
    fputs("# EOF\n", export->out);
    return 0;
}

const struct tm_export_form tm_export_openmetrics = {
    .name = "openmetrics", .order = TM_EXPORT_NEWEST, .passes = passes, .run = write_run, .end = end};
