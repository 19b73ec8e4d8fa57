/* The list of findings: which verdicts are among the first, in which order, and the texts of each. Verdicts are ranked by class
 * before cost: what is new tonight goes before what has been open for long, however much that costs. */
#include "report/findings/findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "report/findings/diagnosis.h"
#include "report/notes.h"
#include "report/words.h"

/* What a candidate is ranked by, the most important first. Classes lie in the order of how much they matter. */
enum { WHOLE_RUN, CLASS, SEVERITY, EFFECT, STRENGTH, WEIGHTS };

struct candidate {
    const struct tm_report_verdict *verdict;
    double weight[WEIGHTS];
};

/* ---- which ones ---- */

static bool matters(const struct tm_report_verdict *v)
{
    return v->leads && v->class >= TM_SUSPECT;
}

static double effect_of(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return v->metric >= 0 && fabs(v->baseline) > 0 ? fabs(tm_report_level(report, v) / v->baseline - 1) : 0;
}

/* What most plugins did together is told once, for the whole run: what began with it, or a run later. */
static bool belongs_to_whole_run(const struct tm_report *report, const struct tm_report_verdict *v,
                                 const struct tm_report_verdict *whole, const struct tm_crowd *crowd)
{
    if (!whole || v->plugin == TM_WHOLE_RUN || v->class != TM_OPEN || v->metric < 0)
        return false;
    if (v->kind && strcmp(v->kind, "run-wide") == 0)
        return true;
    bool then = v->since_run >= 0 && abs(v->since_run - whole->since_run) <= 1;
    if (!tm_is_of_times(report, whole))
        return then && v->metric == whole->metric;
    return tm_is_of_times(report, v) && then && !(effect_of(report, v) > TM_OWN_RISE * crowd->wall);
}

static const struct tm_report_verdict *find_whole(const struct tm_report *report)
{
    for (size_t i = 0; i < report->n_verdicts; i++)
        if (report->verdicts[i].plugin == TM_WHOLE_RUN && matters(&report->verdicts[i]))
            return &report->verdicts[i];
    return NULL;
}

/* A cost that is not known comes after all that are. */
static int weigh(const struct tm_report *report, const struct tm_report_verdict *verdict, struct candidate *candidate)
{
    struct tm_facts f;
    if (tm_facts_of(report, verdict, &f) != 0)
        return -1;
    *candidate = (struct candidate){.verdict = verdict};
    candidate->weight[WHOLE_RUN] = verdict->plugin == TM_WHOLE_RUN;
    candidate->weight[CLASS] = verdict->class;
    candidate->weight[SEVERITY] = isnan(f.severity) ? -1 : f.severity;
    candidate->weight[EFFECT] = effect_of(report, verdict);
    candidate->weight[STRENGTH] = verdict->needed > 0 && verdict->evidence > 0 ? verdict->evidence / verdict->needed : 0;
    return 0;
}

/* Only the weightiest member of a group is told; the list is sorted. */
static size_t drop_members(struct candidate *list, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool told = false;
        for (size_t k = 0; k < kept && list[i].verdict->group && !told; k++)
            told = list[k].verdict->group == list[i].verdict->group;
        if (!told)
            list[kept++] = list[i];
    }
    return kept;
}

/* Of equal weight, the order of the verdicts: the same data give the same list. */
static int by_weight(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    for (int i = 0; i < WEIGHTS; i++)
        if (x->weight[i] < y->weight[i] || x->weight[i] > y->weight[i])
            return x->weight[i] < y->weight[i] ? 1 : -1;
    return (x->verdict > y->verdict) - (x->verdict < y->verdict);
}

/* All that matters, the weightiest first; a plugin's part in a run-wide shift is not told again. */
static int list_candidates(const struct tm_report *report, struct candidate *list, size_t *n)
{
    const struct tm_report_verdict *whole = find_whole(report);
    struct tm_facts f = {0};
    if (whole && tm_facts_of(report, whole, &f) != 0)
        return -1;
    for (size_t i = 0; i < report->n_verdicts; i++) {
        const struct tm_report_verdict *v = &report->verdicts[i];
        if (matters(v) && !belongs_to_whole_run(report, v, whole, &f.crowd) && weigh(report, v, &list[(*n)++]) != 0)
            return -1;
    }
    qsort(list, *n, sizeof *list, by_weight);
    *n = drop_members(list, *n);
    return 0;
}

/* ---- the text of one ---- */

/* 0 with the text, NULL where nothing was written; -1: no memory. */
static int write_text(char **text, tm_finding_part *put, const struct tm_facts *f, const struct tm_cause *cause)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    put(builder.out, f, cause);
    *text = tm_built(&builder);
    if (!*text)
        return -1;
    if (builder.size == 0) {
        free(*text);
        *text = NULL;
    }
    return 0;
}

/* 0, or -1: no memory. */
static int describe(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_finding *finding)
{
    struct tm_facts f;
    bool event = verdict->group || verdict->moved_with;
    *finding = (struct tm_finding){.verdict = verdict,
                                   .title = event ? tm_event_text(report, verdict) : tm_verdict_sentence(report, verdict)};
    if (!finding->title || tm_facts_of(report, verdict, &f) != 0)
        return -1;
    const struct tm_cause *cause = tm_cause_of(&f);
    const struct {
        char **text;
        tm_finding_part *put;
    } parts[] = {{&finding->where, tm_put_where},         {&finding->evidence, tm_put_evidence},
                 {&finding->diagnosis, tm_put_diagnosis}, {&finding->next_step, tm_put_next_step},
                 {&finding->command, tm_put_command},     {&finding->goal, tm_put_goal}};
    finding->share = f.severity;
    finding->cause = cause->name;
    finding->improve = tm_improves(&f, cause);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (write_text(parts[i].text, parts[i].put, &f, cause) != 0)
            return -1;
    return 0;
}

/* The texts of those that are shown are made here, of the others only their number is told. */
int tm_findings_find(const struct tm_report *report, struct tm_findings *findings)
{
    size_t n = 0;
    struct candidate *list = calloc(report->n_verdicts + 1, sizeof *list);
    *findings = (struct tm_findings){.n = 0};
    int result = list ? list_candidates(report, list, &n) : -1;
    for (size_t i = 0; i < n && i < TM_FINDINGS_MOST && result == 0; i++)
        result = describe(report, list[i].verdict, &findings->list[findings->n++]);
    findings->left_out = n - findings->n;
    free(list);
    return result == 0 ? tm_find_gaps(report, findings) : -1;
}

const char *tm_nothing_found(const struct tm_report *report)
{
    if (report->tally.plugins == 0)
        return TM_EMPTY_RUN;
    if (tm_fails_as_slow(report))
        return TM_SLOW_RUN;
    return strcmp(report->outcome, "not judged") == 0 ? "nothing can be said yet" : "nothing to look into";
}

void tm_findings_free(struct tm_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++) {
        struct tm_finding *finding = &findings->list[i];
        char *texts[] = {finding->title,     finding->where,   finding->evidence, finding->diagnosis,
                         finding->next_step, finding->command, finding->goal};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            free(texts[t]);
    }
    for (size_t i = 0; i < findings->n_gaps; i++)
        free(findings->gaps[i]);
    *findings = (struct tm_findings){.n = 0};
}
