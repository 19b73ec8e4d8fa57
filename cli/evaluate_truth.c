/* From the names in a list of known changes to positions in the plugins' histories. A row is about
 * every history that its names fit: a commit that was measured on two hosts is in two of them, and
 * plugin * is in all of its run. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/evaluate.h"

enum { COMMIT_LEAST = 7 }; /* characters by which a commit may be named: what git shows of one */

enum tm_event_kind tm_truth_event(enum tm_truth_kind kind)
{
    static const enum tm_event_kind kinds[] = {
        [TM_TRUTH_STEP] = TM_EVENT_STEP, [TM_TRUTH_DRIFT] = TM_EVENT_DRIFT, [TM_TRUTH_GRAY] = TM_EVENT_GRAY};
    return kinds[kind];
}

/* A row, and what its names stand for. */
struct placing {
    struct tm_past *past;
    const struct tm_truth_row *row;
    struct tm_diag *diag;
    bool whole_run;
    int metric;
    size_t fits; /* histories that the plugin's name fits */
    size_t added;
    const char *first, *last; /* keys or commits as the store has them; "": by position, or not said */
};

static int fault(const struct placing *p, const struct tm_truth_text *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fault(const struct placing *p, const struct tm_truth_text *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tm_diag_verror(p->diag, &at->place, format, arguments);
    va_end(arguments);
    return -1;
}

static const char *text_of_run(const struct tm_past_run *run, enum tm_truth_by by)
{
    return by == TM_TRUTH_BY_COMMIT ? run->commit : run->key;
}

/* The run's key or commit in the store: as it is written, or the one commit that begins with it.
 * NULL (and it was said): there is none, or there are several. */
static const char *find_name(const struct placing *p, const struct tm_truth_text *name)
{
    enum tm_truth_by by = p->row->by;
    size_t size = strlen(name->text);
    const char *found = NULL;
    char shown[TM_SHOWN_SIZE];
    for (size_t i = 0; i < p->past->n_runs; i++)
        if (strcmp(text_of_run(&p->past->runs[i], by), name->text) == 0)
            return text_of_run(&p->past->runs[i], by);
    tm_shown(name->text, size, shown);
    for (size_t i = 0; i < p->past->n_runs && by == TM_TRUTH_BY_COMMIT && size >= COMMIT_LEAST; i++) {
        const char *commit = p->past->runs[i].commit;
        if (strncmp(commit, name->text, size) != 0)
            continue;
        if (found && strcmp(found, commit) != 0) {
            fault(p, name, "several commits begin with '%s', expected more of it", shown);
            return NULL;
        }
        found = commit;
    }
    if (!found)
        fault(p, name, by == TM_TRUTH_BY_COMMIT ? "no run of commit '%s' was judged" : "no run '%s' was judged", shown);
    return found;
}

/* The position of the first run (or the last one) of that name; -1: none. */
static int position_named(const struct placing *p, const struct tm_past_plugin *plugin, const char *name, bool last)
{
    int found = -1;
    for (int i = 0; i < plugin->history.runs && (found < 0 || last); i++)
        if (strcmp(text_of_run(&p->past->runs[plugin->runs[i]], p->row->by), name) == 0)
            found = i;
    return found;
}

/* Where the history stood at the last run of that name, though the plugin may not be in it; -1: the run is of another host or
 * branch. */
static int position_at_end(const struct placing *p, const struct tm_past_plugin *plugin)
{
    bool exactly;
    int found = position_named(p, plugin, p->last, true);
    for (size_t i = p->past->n_runs; i-- > 0 && found < 0;)
        if (p->past->runs[i].lineage == plugin->lineage && strcmp(text_of_run(&p->past->runs[i], p->row->by), p->last) == 0)
            found = tm_past_position(plugin, i, &exactly);
    return found;
}

/* Of the whole run, a position counts the runs of its host and branch. */
static int position_numbered(const struct placing *p, const struct tm_past_plugin *plugin, int64_t number, bool last)
{
    size_t first = 0;
    bool exactly = true;
    if (!p->whole_run)
        return number < plugin->history.runs ? (int)number : -1;
    while (p->past->runs[first].lineage != plugin->lineage)
        first++;
    if (number >= (int64_t)(p->past->n_runs - first))
        return -1;
    int position = tm_past_position(plugin, first + (size_t)number, &exactly);
    return exactly || last ? position : -1;
}

static bool by_position(const struct placing *p)
{
    return p->row->by == TM_TRUTH_BY_POSITION;
}

/* Adds the event to one history, if its first run is there: 0, or -1 after a fault. */
static int add_event(struct placing *p, struct tm_past_plugin *plugin, size_t known)
{
    const struct tm_truth_row *row = p->row;
    int start =
        by_position(p) ? position_numbered(p, plugin, row->first_position, false) : position_named(p, plugin, p->first, false);
    if (start < 0)
        return 0;
    int end = start;
    if (*row->last.text)
        end = by_position(p) ? position_numbered(p, plugin, row->last_position, true) : position_at_end(p, plugin);
    if (end < start)
        return fault(p, &row->last,
                     end < 0 ? "the plugin has no such run on this host and branch" : "the change ends before it begins");
    struct tm_event *event = tm_array_add(&plugin->history.events, &plugin->history.n_events, sizeof *event);
    if (!event)
        return fault(p, &row->plugin, "out of memory");
    *event = (struct tm_event){.kind = tm_truth_event(row->kind), .metric = p->metric, .start = start, .end = end, .known = known};
    p->added++;
    return 0;
}

/* The plugin is there, its run too, but not the one in the other. */
static int not_there(const struct placing *p)
{
    const struct tm_truth_row *row = p->row;
    char plugin[TM_SHOWN_SIZE], first[TM_SHOWN_SIZE];
    tm_shown(row->plugin.text, strlen(row->plugin.text), plugin);
    tm_shown(row->first.text, strlen(row->first.text), first);
    if (by_position(p))
        return fault(p, &row->first, "the history of plugin '%s' has no position %s", plugin, first);
    return fault(p, &row->first, "plugin '%s' has no value in %s '%s'", plugin,
                 row->by == TM_TRUTH_BY_COMMIT ? "a run of commit" : "run", first);
}

static int unknown_plugin(const struct placing *p)
{
    const struct tm_truth_text *name = &p->row->plugin;
    struct tm_nearest nearest = tm_nearest_to(name->text);
    char shown[TM_SHOWN_SIZE], near[TM_SHOWN_SIZE];
    tm_shown(name->text, strlen(name->text), shown);
    for (size_t i = 0; i < p->past->n_plugins; i++)
        tm_nearest_offer(&nearest, p->past->plugins[i].name);
    if (*nearest.found)
        return fault(p, name, "no plugin '%s' was judged; did you mean '%s'?", shown,
                     tm_shown(nearest.found, strlen(nearest.found), near));
    return fault(p, name, "no plugin '%s' was judged", shown);
}

/* -1 of an empty text: any. -2 (and it was said): it is not judged. */
static int find_metric(const struct placing *p, const struct tm_rules *rules)
{
    const struct tm_truth_text *name = &p->row->metric;
    char shown[TM_SHOWN_SIZE];
    if (!*name->text)
        return -1;
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (strcmp(rules->metrics[m].name, name->text) == 0)
            return (int)m;
    fault(p, name, "no metric '%s' is judged", tm_shown(name->text, strlen(name->text), shown));
    return -2;
}

static bool fits(const struct placing *p, const struct tm_past_plugin *plugin)
{
    return p->whole_run || strcmp(plugin->name, p->row->plugin.text) == 0;
}

/* What the row's names stand for: 0, or -1 after a fault. */
static int find_names(struct placing *p, const struct tm_rules *rules)
{
    p->metric = find_metric(p, rules);
    size_t first_lineage = SIZE_MAX;
    bool several = false;
    for (size_t i = 0; i < p->past->n_plugins; i++)
        if (fits(p, &p->past->plugins[i])) {
            p->fits++;
            several = several || (first_lineage != SIZE_MAX && p->past->plugins[i].lineage != first_lineage);
            first_lineage = p->past->plugins[i].lineage;
        }
    if (p->metric < -1)
        return -1;
    if (p->fits == 0)
        return unknown_plugin(p);
    if (by_position(p))
        return several
                   ? fault(
                         p, &p->row->first,
                         "there is a history on each of several hosts or branches: name a run, or choose with --branch and --host")
                   : 0;
    const char *first = find_name(p, &p->row->first), *last = *p->row->last.text ? find_name(p, &p->row->last) : "";
    if (!first || !last)
        return -1;
    p->first = first;
    p->last = last;
    return 0;
}

/* Goes on after a fault, so that all of them are told at once. */
int tm_evaluation_place(struct tm_evaluation *evaluation, struct tm_diag *diag)
{
    uint64_t before = diag->n_errors;
    for (size_t k = 0; k < evaluation->truth.n_rows; k++) {
        struct placing p = {.past = &evaluation->past, .row = &evaluation->truth.rows[k], .diag = diag, .first = "", .last = ""};
        p.whole_run = strcmp(p.row->plugin.text, "*") == 0;
        int result = find_names(&p, evaluation->rules);
        for (size_t i = 0; i < p.past->n_plugins && result == 0; i++)
            if (fits(&p, &p.past->plugins[i]))
                result = add_event(&p, &p.past->plugins[i], k);
        if (result == 0 && p.added == 0)
            not_there(&p);
    }
    return diag->n_errors == before ? 0 : -1;
}
