/* Verdicts follow from what was measured and decided, and from the settings: so these come along, and the verdicts are made again.
 * A decision counts from the run it was made on, not from when it was made, so nothing that was told of earlier nights changes. */
#include "gate/restored.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct lineage {
    const char *project, *branch, *host, *base, *settings;
};

struct lineages {
    struct lineage *items;
    size_t n;
    struct tm_arena texts;
};

/* Read whole before any is judged: judging asks the same store. */
static int list_restored(tm_store *store, struct lineages *list)
{
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGES_RESTORED, "");
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct lineage *item = tm_array_add(&list->items, &list->n, sizeof *item);
        static const char *const columns[] = {"project", "branch", "host", "base", "settings"};
        const char *texts[sizeof columns / sizeof *columns];
        bool whole = item;
        for (size_t i = 0; i < sizeof columns / sizeof *columns && whole; i++) {
            const char *text = tm_row_text(rows, columns[i]);
            whole = (texts[i] = tm_arena_text(&list->texts, text, strlen(text)));
        }
        if (!whole) {
            step = tm_store_fail(store, "out of memory");
            break;
        }
        *item = (struct lineage){texts[0], texts[1], texts[2], texts[3], texts[4]};
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* 1: as they were; 0: this version does not understand them; -1. */
static int read_settings(tm_store *store, const struct lineage *item, struct tm_settings *settings)
{
    enum tm_setting_fault fault = tm_settings_init(settings);
    if (fault == TM_SETTING_DONE)
        fault = tm_settings_set_lines(settings, item->settings);
    if (fault == TM_SETTING_TROUBLE)
        return tm_store_fail(store, "out of memory");
    if (fault == TM_SETTING_DONE)
        fault = tm_settings_finish(settings, store, item->project);
    return fault == TM_SETTING_DONE ? 1 : fault == TM_SETTING_TROUBLE ? -1 : 0;
}

static int judge(tm_store *store, const struct lineage *item, const struct tm_watcher *watcher, struct tm_restored *restored)
{
    const struct tm_scope scope = {.project = item->project, .branch = item->branch, .host = item->host};
    struct tm_settings settings;
    struct tm_judged_run run = {0};
    size_t nights = 0;
    int known = read_settings(store, item, &settings);
    restored->anew += known == 0;
    if (known == 1)
        known = tm_judged_run_find(store, &scope, NULL, &run); /* none: all its runs are gone */
    if (known == 1)
        known = tm_judge_lineage(store, &settings, &run, watcher, &nights);
    restored->nights += nights;
    tm_judged_run_free(&run);
    tm_settings_free(&settings);
    return known < 0 ? -1 : 0;
}

int tm_judge_restored(tm_store *store, const struct tm_watcher *watcher, struct tm_restored *restored)
{
    struct lineages list = {0};
    int result = list_restored(store, &list);
    *restored = (struct tm_restored){0};
    for (size_t i = 0; i < list.n && result == 0; i++)
        result = judge(store, &list.items[i], watcher, restored);
    free(list.items);
    tm_arena_free(&list.texts);
    return result;
}
