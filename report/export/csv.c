/* CSV as ingest reads it, a row for each run and plugin. What the store has of a profile is in it, so that a store that is made
 * from it has the same profiles; docs/formats.md says what is not. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/timestamp.h"
#include "report/export/export.h"
#include "report/export/number.h"
#include "schema/columns.h"
#include "schema/fields.h"

static int begin(struct tm_export *export)
{
    FILE *out = export->out;
    tm_csv_writer *put = tm_csv_writer_for(out);
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++)
        fprintf(out, "%s,", tm_run_slot_name((enum tm_run_slot)slot));
    fputs("plugin", out);
    for (size_t i = 0; i < tm_n_fields; i++)
        fprintf(out, ",%s", tm_fields[i].name);
    fputs("," TM_SKETCH_COLUMN, out);
    for (size_t i = 0; i < export->n_metrics; i++) {
        const struct tm_reading *metric = &export->metrics[i];
        char *column = tm_metric_column(metric->metric, metric->unit, metric->better ? metric->better : TM_BETTER_BOTH);
        if (!column)
            return -1;
        putc(',', out);
        put(out, column, strlen(column));
        free(column);
    }
    putc('\n', out);
    return 0;
}

/* A bare empty field is "none". */
static void put_text(FILE *out, tm_csv_writer *put, const char *text)
{
    if (text)
        put(out, text, strlen(text));
}

static void put_run(FILE *out, tm_csv_writer *put, const struct tm_run *run)
{
    char time[TM_TIME_SIZE];
    tm_time_format(run->started_at, time);
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++) {
        if (slot == TM_RUN_STARTED_AT)
            fputs(time, out);
        else
            put_text(out, put, tm_run_slot_text((enum tm_run_slot)slot, run));
        putc(',', out);
    }
}

static void put_field(FILE *out, tm_csv_writer *put, const struct tm_field *field, const struct tm_profile *profile)
{
    putc(',', out);
    if (!tm_field_known(field, profile))
        return;
    if (field->type == TM_FIELD_COUNT)
        fprintf(out, "%" PRId64, tm_field_count(field, profile));
    else if (field->type == TM_FIELD_REAL)
        tm_put_field_number(out, field, tm_field_real(field, profile));
    else
        put_text(out, put, tm_field_text(field, profile));
}

/* Both lists are in one order. */
static void put_readings(const struct tm_export *export, const struct tm_profile *profile)
{
    size_t next = 0;
    for (size_t i = 0; i < export->n_metrics; i++) {
        putc(',', export->out);
        if (next < profile->n_readings && profile->readings[next].metric == export->metrics[i].metric)
            tm_put_exact(export->out, profile->readings[next++].value);
    }
}

static int write_run(struct tm_export *export, const struct tm_run_content *content)
{
    FILE *out = export->out;
    tm_csv_writer *put = tm_csv_writer_for(out);
    for (size_t i = 0; i < content->n_profiles; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        put_run(out, put, &content->run);
        put(out, profile->plugin, strlen(profile->plugin));
        for (size_t f = 0; f < tm_n_fields; f++)
            put_field(out, put, &tm_fields[f], profile);
        putc(',', out);
        tm_put_bytes(out, profile->latency, profile->latency_size);
        put_readings(export, profile);
        putc('\n', out);
    }
    return 0;
}

const struct tm_export_form tm_export_csv = {.name = "csv", .order = TM_EXPORT_BY_TIME, .begin = begin, .run = write_run};
