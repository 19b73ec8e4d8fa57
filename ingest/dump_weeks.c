/* Arrays that live in the arena as the texts do, and double there. */
#include "ingest/dump_weeks.h"

#include <string.h>

#include "schema/facts.h"

/* Room for one more behind the n that are there; NULL: no memory. What was there is copied where it moves. */
static void *one_more(struct tm_json *json, const void *array, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return (void *)(uintptr_t)array;
    void *larger = tm_arena_take(&json->texts, (n ? 2 * n : 1) * size);
    if (larger && n)
        memcpy(larger, array, n * size);
    return larger;
}

bool tm_dump_take_week(struct tm_json *json, void *into)
{
    int64_t *begins_at = into;
    if (!tm_json_take_time(json, begins_at))
        return false;
    if (*begins_at != 0 && *begins_at != tm_week_begin(*begins_at))
        return tm_json_fault(json, "found another time than the beginning of a week, expected a Monday at 00:00 UTC");
    *begins_at = tm_week_begin(*begins_at);
    return true;
}

bool tm_dump_take_runs(struct tm_json *json, void *into)
{
    struct tm_week_fact *week = into;
    char shown[64];
    if (json->token != TM_JSON_ARRAY)
        return tm_json_fault(json, "found %s, expected an array of runs", tm_json_found(json, shown));
    while (tm_json_next(json) == TM_JSON_TEXT_VALUE) {
        const char **runs = one_more(json, week->runs, week->n_runs, sizeof *runs);
        if (!runs)
            return tm_json_no_memory(json);
        week->runs = runs;
        if (!tm_json_take_name(json, &runs[week->n_runs]))
            return false;
        week->n_runs++;
    }
    return json->token == TM_JSON_ARRAY_END ||
           tm_json_fault(json, "found %s, expected the name of a run", tm_json_found(json, shown));
}

/* n, mean, m2, least, most. */
static bool take_value(struct tm_json *json, struct tm_week_value *value)
{
    double *const reals[] = {&value->mean, &value->m2, &value->least, &value->most};
    char shown[64];
    if (json->token != TM_JSON_ARRAY)
        return tm_json_fault(json, "found %s, expected an array of five numbers", tm_json_found(json, shown));
    bool well = tm_json_next(json) != TM_JSON_FAILED && tm_json_take_count(json, &value->n);
    for (size_t i = 0; i < sizeof reals / sizeof *reals && well; i++)
        well = tm_json_next(json) != TM_JSON_FAILED && tm_json_take_real(json, reals[i]);
    return well && (tm_json_next(json) == TM_JSON_ARRAY_END ||
                    tm_json_fault(json, "found %s, expected an array of five numbers", tm_json_found(json, shown)));
}

bool tm_dump_take_values(struct tm_json *json, void *into)
{
    struct tm_week_plugin *plugin = into;
    char shown[64];
    if (json->token != TM_JSON_OBJECT)
        return tm_json_fault(json, "found %s, expected an object of metrics", tm_json_found(json, shown));
    while (tm_json_next(json) == TM_JSON_KEY) {
        struct tm_week_metric *metrics = one_more(json, plugin->metrics, plugin->n_metrics, sizeof *metrics);
        if (!metrics)
            return tm_json_no_memory(json);
        plugin->metrics = metrics;
        struct tm_week_metric *metric = &metrics[plugin->n_metrics++];
        if (!tm_json_take_name(json, &metric->metric) || tm_json_next(json) == TM_JSON_FAILED || !take_value(json, &metric->value))
            return false;
    }
    return json->token == TM_JSON_OBJECT_END;
}
