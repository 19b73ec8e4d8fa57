/* Readings meet the project's metrics here. A metric is asked for once a transaction: every row of
 * every run has the same. */
#include "store/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "schema/columns.h"
#include "schema/units.h"
#include "store/handle.h"

/* A text of the row, or NULL where it has none. -1: no memory. */
static int keep(tm_store *store, const char *text, const char **kept)
{
    *kept = text ? tm_arena_text(&store->metrics.texts, text, strlen(text)) : NULL;
    return text && !*kept ? tm_store_fail(store, "out of memory") : 0;
}

/* NULL is no empty text. */
static const char *text_of(const tm_rows *rows, const char *column)
{
    struct tm_value value = tm_row_value(rows, column);
    return value.type == TM_TEXT ? value.text : NULL;
}

/* What is stored of the metric: 1, 0 if there is none of the name, -1. */
static int find_metric(tm_store *store, int64_t project, const char *name, struct tm_known_metric *known)
{
    tm_rows *rows = tm_ask(store, TM_Q_METRIC_FIND, "it", project, name);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        known->id = tm_row_integer(rows, "metric_id");
        if (keep(store, text_of(rows, "unit"), &known->unit) != 0 || keep(store, text_of(rows, "better"), &known->better) != 0)
            step = -1;
    }
    return tm_rows_close(rows) == 0 ? step : -1;
}

/* Which direction the reading says, NULL: none. Where it says nothing, the unit may: of times and sizes it is lower, of rates
 * higher. */
static const char *direction_of(const struct tm_reading *reading)
{
    if (reading->better)
        return strcmp(reading->better, TM_BETTER_BOTH) == 0 ? NULL : reading->better;
    return reading->unit ? tm_unit_better(reading->unit) : NULL;
}

static int add_metric(tm_store *store, int64_t project, const struct tm_reading *reading, struct tm_known_metric *known)
{
    const char *better = direction_of(reading);
    if (tm_get(store, &known->id, TM_Q_METRIC_ADD, "ittt", project, reading->metric, reading->unit, better) != 1)
        return -1;
    return keep(store, reading->unit, &known->unit) == 0 && keep(store, better, &known->better) == 0 ? 0 : -1;
}

/* Remembered, found or made. NULL after a message. */
static struct tm_known_metric *metric_of(tm_store *store, int64_t project, const struct tm_reading *reading)
{
    struct tm_known_metrics *all = &store->metrics;
    if (all->project != project) {
        tm_forget_metrics(all);
        all->project = project;
    }
    int64_t at = tm_names_get(&all->names, reading->metric);
    if (at)
        return &all->of[at - 1];
    struct tm_known_metric known = {0};
    int found = find_metric(store, project, reading->metric, &known);
    if (found < 0 || (found == 0 && add_metric(store, project, reading, &known) != 0))
        return NULL;
    struct tm_known_metric *added = tm_array_add(&all->of, &all->count, sizeof *added);
    if (!added || tm_names_put(&all->names, reading->metric, (int64_t)all->count) != 0) {
        all->count -= added ? 1 : 0;
        tm_store_fail(store, "out of memory");
        return NULL;
    }
    *added = known;
    return added;
}

/* What the reading adds to what is known of its metric; a unit that is new may say the direction, as that of a new metric does. */
static int learn(tm_store *store, int64_t project, const struct tm_reading *reading, struct tm_known_metric *known)
{
    bool unit = !known->unit && reading->unit;
    const char *better = known->better || (!reading->better && !unit) ? NULL : direction_of(reading);
    if (!unit && !better)
        return 0;
    if (tm_do(store, TM_Q_METRIC_DESCRIBE, "ittt", project, reading->metric, better, unit ? reading->unit : NULL) != 0)
        return -1;
    if (better && tm_do(store, TM_Q_LINEAGES_JUDGE_ANEW, "i", project) != 0)
        return -1;
    return (unit && keep(store, reading->unit, &known->unit) != 0) || (better && keep(store, better, &known->better) != 0) ? -1 : 0;
}

/* A throughput that is stored as better when it falls would be judged the wrong way round, silently. */
static int refuse_direction(tm_store *store, const struct tm_reading *reading, const struct tm_known_metric *known)
{
    return tm_store_fail(store,
                         "metric '%s' is better %s in the input and better %s in the store: 'tidemark metric' changes the store, "
                         "--better what is said of the input",
                         reading->metric, reading->better, known->better);
}

int tm_take_reading(tm_store *store, int64_t project, const struct tm_reading *reading, int64_t *id, double *value)
{
    struct tm_known_metric *known = metric_of(store, project, reading);
    if (!known || learn(store, project, reading, known) != 0)
        return -1;
    if (reading->better && known->better && direction_of(reading) && strcmp(reading->better, known->better) != 0)
        return refuse_direction(store, reading, known);
    double factor = reading->unit && known->unit ? tm_unit_factor(reading->unit, known->unit) : 1;
    if (!(factor > 0))
        return tm_store_fail(store,
                             "metric '%s' has the unit '%s' in the input and '%s' in the store: neither is a multiple of the other",
                             reading->metric, reading->unit, known->unit);
    *id = known->id;
    *value = reading->value * factor;
    return isfinite(*value) ? 0 : tm_store_fail(store, "metric '%s' is too large in the unit '%s'", reading->metric, known->unit);
}

void tm_forget_metrics(struct tm_known_metrics *known)
{
    tm_names_clear(&known->names);
    tm_arena_free(&known->texts);
    free(known->of);
    *known = (struct tm_known_metrics){0};
}
