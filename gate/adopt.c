/* Who meets a history for the first time meets all that ever happened in it. Adopting it is no
 * decision of a kind of its own: it is one 'accept' for each level and one 'retire' for each
 * plugin, which the judge knows already; a number that they share makes them one.
 *
 * A level is accepted from where it began, so that its baseline keeps the runs since. Where such a
 * baseline still calls that run worse, as after two steps, the level begins with the run itself.
 * So does that of a shift of the whole run: figures of the nights since were corrected for it. */
#include "gate/adopt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

/* Once from where levels began, once from the run itself: a level without a past fails nothing. */
enum { ROUNDS = 2 };

struct failing {
    int64_t plugin_id, since_run; /* 0: the whole run; not known */
    bool missing, part;           /* of the whole run's shift */
    const char *metric;
};

struct failing_list {
    struct failing *items;
    size_t n;
    struct tm_arena metrics;
};

static void free_list(struct failing_list *list)
{
    free(list->items);
    tm_arena_free(&list->metrics);
    *list = (struct failing_list){0};
}

/* Read whole before anything is stored: one query of a kind may be open at a time. 0, or -1; the
 * caller frees the list in any case. */
static int list_failing(tm_store *store, int64_t run, struct failing_list *list)
{
    tm_rows *rows = tm_ask(store, TM_Q_FAILING_OF, "i", run);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *metric = tm_row_text(rows, "metric");
        struct failing *item = tm_array_add(&list->items, &list->n, sizeof *item);
        if (item)
            *item = (struct failing){tm_row_integer(rows, "plugin_id"), tm_row_integer(rows, "since_run"),
                                     strcmp(tm_row_text(rows, "class"), tm_class_name(TM_MISSING)) == 0,
                                     strcmp(tm_row_text(rows, "why"), TM_PART_OF_RUN) == 0,
                                     tm_arena_text(&list->metrics, metric, strlen(metric))};
        if (!item || !item->metric) {
            step = tm_store_fail(store, "out of memory");
            break;
        }
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* A shift of the whole run that its host may have made is accepted in all times at once. */
static const char *accepted_metric(const struct failing *item)
{
    const struct tm_metric *known = tm_metric_named(item->metric);
    return item->missing || (item->plugin_id == 0 && known && known->rule.run_wide) ? NULL : item->metric;
}

/* Stores one decision; the first gives all of them its number. 0 or -1. */
static int decide(tm_store *store, struct tm_adoption *adoption, const struct failing *item, int64_t from_run)
{
    const struct tm_judged_run *run = adoption->run;
    enum tm_decision_kind kind = item->missing ? TM_RETIRE : TM_ACCEPT;
    int64_t plugin = item->plugin_id ? item->plugin_id : TM_UNKNOWN, number;
    if (tm_get(store, &number, TM_Q_DECISION_ADD, "inttntniirntttint", run->project_id, plugin, tm_decision_kind_name(kind),
               accepted_metric(item), run->host_id, run->branch, item->missing ? TM_UNKNOWN : from_run, run->id, run->started_at,
               (double)NAN, TM_UNKNOWN, adoption->reason, adoption->issue, adoption->made_by, (int64_t)time(NULL),
               adoption->number ? adoption->number : TM_UNKNOWN, (const char *)NULL) != 1)
        return -1;
    adoption->plugins += item->missing;
    adoption->levels += !item->missing;
    if (adoption->number)
        return 0;
    adoption->number = number;
    return tm_do(store, TM_Q_ADOPTION_BEGIN, "ii", number, run->project_id);
}

/* What is part of the whole run's shift is accepted with it. */
static int decide_all(tm_store *store, struct tm_adoption *adoption, const struct failing_list *list, bool from_itself)
{
    bool whole = list->items[0].plugin_id == 0; /* it is the first, where it fails */
    for (size_t i = 0; i < list->n; i++) {
        const struct failing *item = &list->items[i];
        bool known = item->since_run && item->plugin_id != 0 && !from_itself;
        if (!(whole && item->part) && decide(store, adoption, item, known ? item->since_run : adoption->run->id) != 0)
            return -1;
    }
    return tm_do(store, TM_Q_LINEAGE_SPOIL_FROM, "iii", adoption->run->project_id, adoption->run->started_at, adoption->run->id);
}

int tm_adopt(tm_store *store, const struct tm_settings *settings, const struct tm_watcher *watcher, struct tm_adoption *adoption)
{
    struct failing_list list = {0};
    size_t judged;
    int result = tm_judge_lineage(store, settings, adoption->run, watcher, &judged);
    adoption->number = 0;
    adoption->levels = adoption->plugins = 0;
    for (int round = 0; result == 0; round++) {
        result = list_failing(store, adoption->run->id, &list);
        if (result != 0 || list.n == 0)
            break;
        if (round == ROUNDS)
            result = tm_store_fail(store, "run '%s' fails still when all that is open in it is accepted", adoption->run->key);
        else
            result = decide_all(store, adoption, &list, round > 0);
        free_list(&list);
        if (result == 0)
            result = tm_judge_lineage(store, settings, adoption->run, watcher, &judged);
    }
    free_list(&list);
    return result;
}
