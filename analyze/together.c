/* Verdicts of one run that are one event: plugins of one family that got worse with the same
 * run, and cost that went from one plugin to another. Only what the verdicts say is used, so
 * that every form tells the same. docs/methods.md has the rules. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report.h"
#include "base/array.h"

/* Fewer that share a name and a date are no family: two are chance. */
enum { FAMILY_LEAST = 3 };

/* Of what moved: what one saved and the other added may differ by that much, for each is estimated
 * from a few noisy runs. */
static const double MOVED_ALIKE = 0.2;

static const char separators[] = "./:_-";

/* A plugin's alarm that is dated, and not the whole run's. */
static struct tm_report_verdict *alarm_of(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    const struct tm_report_verdict *v = plugin->leader;
    bool alarm = v && (v->class == TM_REGRESSED || v->class == TM_OPEN) && v->metric >= 0 && v->since;
    if (!alarm || (v->kind && strcmp(v->kind, "run-wide") == 0) || (v->why && strcmp(v->why, TM_PART_OF_RUN) == 0))
        return NULL;
    return &report->verdicts[v - report->verdicts];
}

static bool begins_alike(const struct tm_report_plugin *a, const char *prefix, size_t size)
{
    return strncmp(a->name, prefix, size) == 0;
}

/* All plugins with the prefix lie side by side, for they are sorted by name: *first..*end-1.
 * Returns how many are in the run. */
static size_t family_of(const struct tm_report *report, size_t plugin, size_t size, size_t *first, size_t *end)
{
    const char *prefix = report->plugins[plugin].name;
    size_t present = 0;
    for (*first = plugin; *first > 0 && begins_alike(&report->plugins[*first - 1], prefix, size);)
        --*first;
    for (*end = *first; *end < report->n_plugins && begins_alike(&report->plugins[*end], prefix, size); ++*end)
        present += report->plugins[*end].present;
    return present;
}

static bool is_member(const struct tm_report *report, size_t plugin, const char *since)
{
    const struct tm_report_verdict *v = alarm_of(report, &report->plugins[plugin]);
    return v && v->group == 0 && strcmp(v->since, since) == 0;
}

/* The family of that prefix becomes a group: 0, or -1: no memory. */
static int add_group(struct tm_report *report, size_t plugin, size_t size, size_t first, size_t end)
{
    const char *since = report->plugins[plugin].leader->since;
    struct tm_report_group *group = tm_array_add(&report->groups, &report->n_groups, sizeof *group);
    if (!group)
        return -1;
    *group = (struct tm_report_group){
        .name = strndup(report->plugins[plugin].name, size), .since = since, .since_at = report->plugins[plugin].leader->since_at};
    if (!group->name)
        return -1;
    for (size_t i = first; i < end; i++)
        if (is_member(report, i, since)) {
            alarm_of(report, &report->plugins[i])->group = (int)report->n_groups;
            group->n++;
        }
    return 0;
}

/* The widest family of the plugin: most of those with that beginning of the name, but not of the
 * whole run, which would be no family. */
static int find_family(struct tm_report *report, size_t plugin)
{
    const char *name = report->plugins[plugin].name, *since = report->plugins[plugin].leader->since;
    for (size_t size = strcspn(name, separators) + 1; size < strlen(name); size += strcspn(name + size, separators) + 1) {
        size_t first, end, members = 0, present = family_of(report, plugin, size, &first, &end);
        if (present >= (size_t)report->tally.plugins)
            continue; /* a look at each, for nothing */
        for (size_t i = first; i < end; i++)
            members += is_member(report, i, since);
        if (members >= FAMILY_LEAST && 2 * members >= present)
            return add_group(report, plugin, size, first, end);
    }
    return 0;
}

/* What the plugin's calls of this run take more than before, in ms; NAN: not known. */
static double added_ms(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return (tm_report_level(report, v) - v->baseline) * report->plugins[v->plugin].calls;
}

static bool is_of_wall(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return v->metric >= 0 && v->plugin != TM_WHOLE_RUN && v->since &&
           strcmp(report->metrics[v->metric].name, "wall_per_call_ms") == 0;
}

/* The plugin whose wall time rose with the same run by what this one saved; NULL: there is none. */
static struct tm_report_verdict *find_taker(const struct tm_report *report, const struct tm_report_verdict *giver)
{
    struct tm_report_verdict *taker = NULL;
    double saved = -added_ms(report, giver), least = MOVED_ALIKE * saved;
    for (size_t i = 0; i < report->n_verdicts; i++) {
        struct tm_report_verdict *v = &report->verdicts[i];
        if (!is_of_wall(report, v) || (v->class != TM_REGRESSED && v->class != TM_OPEN) || v->moved_with ||
            strcmp(v->since, giver->since) != 0 || !(fabs(added_ms(report, v) - saved) <= least))
            continue;
        least = fabs(added_ms(report, v) - saved);
        taker = v;
    }
    return taker;
}

/* Groups first, then moves. 0, or -1: no memory. */
int tm_report_find_events(struct tm_report *report)
{
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_verdict *v = alarm_of(report, &report->plugins[i]);
        if (v && v->group == 0 && find_family(report, i) != 0)
            return -1;
    }
    for (size_t i = 0; report->verdicts && i < report->n_verdicts; i++) {
        struct tm_report_verdict *giver = &report->verdicts[i];
        struct tm_report_verdict *taker =
            giver->class == TM_IMPROVED && is_of_wall(report, giver) ? find_taker(report, giver) : NULL;
        if (!taker)
            continue;
        giver->moved_with = taker;
        taker->moved_with = giver;
    }
    return 0;
}

void tm_report_free_events(struct tm_report *report)
{
    for (size_t i = 0; i < report->n_groups; i++)
        free(report->groups[i].name);
    free(report->groups);
    report->groups = NULL;
    report->n_groups = 0;
}

double tm_report_moved_ms(const struct tm_report *report, const struct tm_report_verdict *taker)
{
    return (added_ms(report, taker) - added_ms(report, taker->moved_with)) / 2;
}
