/* From what the recorder holds to the rows of a report of bottlenecks: sums become values per call, and of the kinds of errors the
 * most common one is named. */
#include "record/outlet/bottlenecks.h"

#include <stdio.h>
#include <stdlib.h>

#include "record/errors.h"
#include "report/bottlenecks.h"

enum { ERROR_SIZE = TM_ERROR_TYPE + TM_ERROR_MESSAGE + 2 }; /* both with ": " between them */

static const double Z = 2; /* as `tidemark bottlenecks` has it by default */

/* "HttpError: 503" of the most common kind; the first of several. NULL: no kind is known. */
static const char *error_of(const struct tm_rec_entry *entry, char text[ERROR_SIZE])
{
    const struct tm_rec_error_count *most = NULL;
    for (size_t i = 0; i < entry->n_errors; i++)
        if (!most || entry->errors[i].count > most->count)
            most = &entry->errors[i];
    if (!most || (!*most->type && !*most->message))
        return NULL;
    snprintf(text, ERROR_SIZE, "%s%s%s", most->type, *most->type && *most->message ? ": " : "", most->message);
    return text;
}

static struct tm_bottleneck row_of(const struct tm_rec_entry *entry, char error[ERROR_SIZE])
{
    const struct tm_profile *profile = &entry->profile;
    double calls = (double)profile->calls;
    return (struct tm_bottleneck){.name = profile->plugin,
                                  .calls = calls,
                                  .errors = (double)profile->errors,
                                  .wall_ms = profile->wall_ns / 1e6 / calls,
                                  .cpu_ms = profile->cpu_ns / 1e6 / calls,
                                  .occupied_ms = profile->occupied_ns / 1e6 / calls,
                                  .step_ms = profile->longest_step_ns / 1e6,
                                  .peak_kb = profile->peak_mem_bytes / 1024,
                                  .error = error_of(entry, error)};
}

int tm_snapshot_put_bottlenecks(FILE *out, const struct tm_rec_snapshot *snapshot, bool all,
                                int (*wanted)(void *context, const char *plugin), void *context)
{
    size_t n = 0;
    struct tm_bottleneck *rows = calloc(snapshot->n_entries + 1, sizeof *rows);
    char(*errors)[ERROR_SIZE] = calloc(snapshot->n_entries + 1, sizeof *errors);
    int result = rows && errors ? 0 : -1;
    for (size_t i = 0; result == 0 && i < snapshot->n_entries; i++) {
        const struct tm_rec_entry *entry = &snapshot->entries[i];
        int asked = entry->profile.calls > 0 ? wanted(context, entry->profile.plugin) : 0;
        if (asked < 0)
            result = -1;
        if (asked > 0) {
            rows[n] = row_of(entry, errors[n]);
            n++;
        }
    }
    if (result == 0)
        result = tm_put_bottlenecks(out, rows, n, Z, all);
    free(errors);
    free(rows);
    return result;
}
