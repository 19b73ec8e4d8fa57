/* JSON lines with the names of the CSV's columns, as ingest reads them: an object for each run and plugin. What is not known of a
 * profile is left out, but for the wall time and the run's facts, which are null then: a reader finds them in any case. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/timestamp.h"
#include "report/export/export.h"
#include "report/export/number.h"
#include "schema/columns.h"
#include "schema/fields.h"

static void put_text(FILE *out, const char *text)
{
    if (text)
        tm_put_json(out, text);
    else
        fputs("null", out);
}

static void put_run(FILE *out, const struct tm_run *run)
{
    char time[TM_TIME_SIZE];
    tm_time_format(run->started_at, time);
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++) {
        fprintf(out, ", \"%s\": ", tm_run_slot_name((enum tm_run_slot)slot));
        put_text(out, slot == TM_RUN_STARTED_AT ? time : tm_run_slot_text((enum tm_run_slot)slot, run));
    }
}

static void put_fields(FILE *out, const struct tm_profile *profile)
{
    for (size_t i = 0; i < tm_n_fields; i++) {
        const struct tm_field *field = &tm_fields[i];
        bool known = tm_field_known(field, profile);
        if (!known && field->at != offsetof(struct tm_profile, wall_ns))
            continue;
        fprintf(out, ", \"%s\": ", field->name);
        if (!known)
            fputs("null", out);
        else if (field->type == TM_FIELD_COUNT)
            fprintf(out, "%" PRId64, tm_field_count(field, profile));
        else if (field->type == TM_FIELD_REAL)
            tm_put_field_number(out, field, tm_field_real(field, profile));
        else
            put_text(out, tm_field_text(field, profile));
    }
}

static int put_readings(FILE *out, const struct tm_profile *profile)
{
    for (size_t i = 0; i < profile->n_readings; i++) {
        const struct tm_reading *reading = &profile->readings[i];
        char *column = tm_metric_column(reading->metric, reading->unit, reading->better ? reading->better : TM_BETTER_BOTH);
        if (!column)
            return -1;
        fputs(", ", out);
        tm_put_json(out, column);
        fputs(": ", out);
        tm_put_exact(out, reading->value);
        free(column);
    }
    return 0;
}

/* The plugin comes first: by it such a file is known. */
static int write_run(struct tm_export *export, const struct tm_run_content *content)
{
    FILE *out = export->out;
    for (size_t i = 0; i < content->n_profiles; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        fputs("{\"plugin\": ", out);
        tm_put_json(out, profile->plugin);
        put_run(out, &content->run);
        put_fields(out, profile);
        if (profile->latency) {
            fputs(", \"" TM_SKETCH_COLUMN "\": \"", out);
            tm_put_bytes(out, profile->latency, profile->latency_size);
            putc('"', out);
        }
        if (put_readings(out, profile) != 0)
            return -1;
        fputs("}\n", out);
    }
    return 0;
}

const struct tm_export_form tm_export_ndjson = {.name = "ndjson", .order = TM_EXPORT_BY_TIME, .run = write_run};
