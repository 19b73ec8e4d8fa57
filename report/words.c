/* Verdicts and tallies in words, for every form that people read. A verdict has three texts: its words (terse, a line of a log),
 * its numbers (all of them) and its sentence (for somebody who has never heard of Tidemark). */
#include "report/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "report/amount.h"
#include "report/verdict_fields.h"

/* Times its baseline; a percentage beyond 1000 % says less than the two amounts. */
static const double SHARE_MOST = 10;

/* Of the value: less than a thousandth would be rounded away in the four digits that are shown. */
static const double WORTH_CORRECTING = 0.001;

static const struct tm_report_metric *metric_of(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return verdict->metric < 0 ? NULL : &report->metrics[verdict->metric];
}

/* Is the change worth a percentage? What began near nothing has none. */
static bool has_share(double now, double baseline)
{
    return fabs(baseline) > 0 && fabs(now / baseline) < SHARE_MOST;
}

static void put_measured(FILE *out, const struct tm_report_metric *metric, const struct tm_report_verdict *v)
{
    fputs(" (measured ", out);
    tm_put_amount_beside(out, metric, v->value, v->corrected);
    fprintf(out, " in this %s run)", v->value > v->corrected ? "slow" : "fast");
}

/* Now, before, and by how much; in a run that was slow as a whole also what was measured. */
void tm_put_change(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_metric *metric = metric_of(report, v);
    double now = tm_report_level(report, v);
    if (!metric || isnan(now)) { /* somebody has been at the store */
        fputs("its figures are gone", out);
        return;
    }
    if (metric->kind == TM_METRIC_ERRORS && !isnan(v->baseline)) {
        fprintf(out, "%.2f %% of calls, was %.2f %%", 100 * now, 100 * v->baseline);
        return;
    }
    tm_put_amount_beside(out, metric, now, v->baseline);
    if (fabs(v->corrected - v->value) > WORTH_CORRECTING * fabs(v->value) && !(now < v->corrected || now > v->corrected))
        put_measured(out, metric, v);
    if (!isnan(v->baseline)) {
        fputs(", was ", out);
        tm_put_amount_beside(out, metric, v->baseline, now);
    }
    if (has_share(now, v->baseline))
        fprintf(out, ": %+.1f %%", 100 * (now - v->baseline) / fabs(v->baseline));
}

/* "2026-11-20" of a time. */
static void put_day(FILE *out, int64_t at)
{
    char time[TM_TIME_SIZE];
    tm_time_format(at, time);
    fprintf(out, "%.10s", time);
}

static bool is_day_of(const char *key, int64_t at)
{
    char time[TM_TIME_SIZE];
    tm_time_format(at, time);
    return strlen(key) == 10 && strncmp(key, time, 10) == 0;
}

void tm_put_dated_run(FILE *out, const char *key, int64_t at)
{
    if (at == 0 || is_day_of(key, at)) {
        fputs(key, out);
        return;
    }
    put_day(out, at);
    fprintf(out, " (%s)", key);
}

void tm_put_interval(FILE *out, const struct tm_report_interval *interval)
{
    if (!tm_interval_is_wide(interval))
        return;
    fputs(" (at the earliest ", out);
    tm_put_dated_run(out, interval->earliest, interval->earliest_at);
    fputs(", at the latest ", out);
    tm_put_dated_run(out, interval->latest, interval->latest_at);
    putc(')', out);
}

void tm_put_commits(FILE *out, const char *before, struct tm_commits commits)
{
    if (commits.from && commits.to)
        fprintf(out, "%s%.*s..%.*s", before, tm_commit_shown(commits.from), commits.from, tm_commit_shown(commits.to), commits.to);
}

struct tm_commits tm_verdict_commits(const struct tm_report_verdict *verdict)
{
    return tm_commits_to_search(verdict->good_commit, verdict->since_commit, &verdict->interval);
}

/* Since which run, and between which commits: what people search their repository for. */
static void put_since(FILE *out, const struct tm_report_verdict *v)
{
    if (!v->since)
        return;
    fputs(", since ", out);
    tm_put_dated_run(out, v->since, v->since_at);
    tm_put_interval(out, &v->interval);
    tm_put_commits(out, ", commits ", tm_verdict_commits(v));
}

/* A missing plugin is missing since the run after that. */
void tm_put_last_seen(FILE *out, const struct tm_report_verdict *v)
{
    fprintf(out, "last seen in %s", v->last_good);
    tm_put_how_long_ago(out, v);
}

void tm_put_how_long_ago(FILE *out, const struct tm_report_verdict *v)
{
    if (v->good_at) {
        fputs(" on ", out);
        put_day(out, v->good_at);
    }
    fprintf(out, ", %d run%s ago", v->runs, TM_PLURAL(v->runs));
}

static void put_part(FILE *out, const char *before, const char *part)
{
    if (part)
        fprintf(out, "%s%s", before, part);
}

static void put_effect(FILE *out, const struct tm_report_metric *metric, double effect)
{
    if (!tm_metric_is_by_amount(metric->kind)) {
        fprintf(out, "%+.1f %%", 100 * effect);
        return;
    }
    fputs(effect > 0 ? "+" : "", out);
    tm_put_amount(out, metric, effect);
    fputs(" on the average", out);
}

void tm_put_allowed(FILE *out, const char *before, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    const struct tm_report_metric *metric = metric_of(report, verdict);
    if (!metric || isnan(verdict->allowed))
        return;
    fprintf(out, "%s%s its limit of ", before, metric->higher_is_better ? "under" : "over");
    tm_put_amount(out, metric, verdict->allowed);
}

/* A metric without a value has at least its effect; a plugin as such has neither. */
static void put_words(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_metric *metric = metric_of(report, v);
    if (metric && !isnan(v->value)) {
        fprintf(out, "%s ", metric->name);
        tm_put_change(out, report, v);
    } else if (metric && !isnan(v->effect)) {
        fprintf(out, "%s ", metric->name);
        put_effect(out, metric, v->effect);
    }
    tm_put_allowed(out, ", ", report, v);
    put_since(out, v);
    put_part(out, ", ", v->kind && strcmp(v->kind, "step") != 0 ? v->kind : NULL);
    put_part(out, ", ", v->signal);
    put_part(out, v->class == TM_NOT_JUDGED && !metric ? "" : "; ", v->why);
    if (v->class == TM_MISSING && v->last_good) {
        fputs("; ", out);
        tm_put_last_seen(out, v);
    }
}

/* Of a missing plugin there is one number: for how many nights. */
static void put_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_metric *metric = metric_of(report, v);
    fprintf(out, "%s:", metric ? metric->name : "nights without it");
    if (metric)
        tm_put_fields_numbers(out, report, v);
    else
        fprintf(out, " %d", v->runs);
    if (v->last_good)
        fprintf(out, ", last %s run %s", metric ? "good" : "seen in", v->last_good);
    if (v->decision)
        fprintf(out, ", decision %" PRId64, v->decision);
}

/* "takes 50 % longer per call" */
static void put_plainly(FILE *out, const struct tm_report *report, const struct tm_report_metric *metric,
                        const struct tm_report_verdict *v)
{
    double now = tm_report_level(report, v), share = (now - v->baseline) / fabs(v->baseline);
    const char *more = now > v->baseline ? "more" : "less";
    if (strcmp(metric->name, "error_rate") == 0) {
        fprintf(out, "fails in %.3g %% of its calls instead of %.3g %%", 100 * now, 100 * v->baseline);
    } else if (strcmp(metric->name, "blocked_per_call_ms") == 0) {
        fputs("blocks its thread for ", out);
        tm_put_amount_beside(out, metric, now, v->baseline);
        fputs(" of a call instead of ", out);
        tm_put_amount_beside(out, metric, v->baseline, now);
    } else if (!has_share(now, v->baseline)) {
        fprintf(out, "shows %s of ", tm_report_metric_title(metric));
        tm_put_amount_beside(out, metric, now, v->baseline);
        fputs(" instead of ", out);
        tm_put_amount_beside(out, metric, v->baseline, now);
    } else if (strcmp(metric->name, "wall_per_call_ms") == 0) {
        fprintf(out, "takes %.0f %% %s per call", 100 * fabs(share), now > v->baseline ? "longer" : "less time");
    } else if (strcmp(metric->name, "cpu_per_call_ms") == 0) {
        fprintf(out, "uses %.0f %% %s CPU time per call", 100 * fabs(share), more);
    } else if (strcmp(metric->name, "peak_mem_kb") == 0) {
        fprintf(out, "needs %.0f %% %s memory at its peak", 100 * fabs(share), more);
    } else {
        fprintf(out, "has %.0f %% %s %s", 100 * fabs(share), now > v->baseline ? "higher" : "lower",
                tm_report_metric_title(metric));
    }
}

bool tm_fails_as_slow(const struct tm_report *report)
{
    return report->strict && report->tally.slow && report->tally.plugins > 0;
}

bool tm_is_of_times(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return v->metric < 0 || strcmp(report->metrics[v->metric].unit, "ms") == 0;
}

/* Of a whole run only what is worse is told. */
static void put_whole(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    if (tm_is_of_times(report, v))
        fputs("is slower", out);
    else
        fprintf(out, "is worse in %s", tm_report_metric_title(&report->metrics[v->metric]));
    fputs(" and stays so: most plugins changed together", out);
}

/* The day says it all. */
static void put_beginning(FILE *out, const struct tm_report_verdict *v)
{
    fputs(tm_interval_is_wide(&v->interval) ? " since about " : " since ", out);
    if (v->since_at)
        put_day(out, v->since_at);
    else
        fputs(v->since, out);
}

/* For somebody who has never heard of Tidemark: who, what, by how much, since when. */
static void put_sentence(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    bool whole = v->plugin == TM_WHOLE_RUN;
    const char *name = whole ? "the whole run" : report->plugins[v->plugin].name;
    const struct tm_report_metric *metric = metric_of(report, v);
    if (v->class == TM_MISSING) {
        fprintf(out, "%s is missing", name);
        if (v->last_good) {
            fputs(": ", out);
            tm_put_last_seen(out, v);
        } else if (v->runs > 1) {
            fprintf(out, " from the last %d runs", v->runs);
        }
        return;
    }
    fprintf(out, "%s ", name);
    if (v->class == TM_OVER_LIMIT && metric) {
        if (strcmp(metric->name, "error_rate") == 0)
            fprintf(out, "fails in %.3g %% of its calls", 100 * v->value);
        else
            fprintf(out, "has %s of ", tm_report_metric_title(metric));
        if (strcmp(metric->name, "error_rate") != 0)
            tm_put_amount(out, metric, v->value);
        tm_put_allowed(out, ", ", report, v);
        return;
    }
    if (whole)
        put_whole(out, report, v);
    else if (v->class == TM_RETIRED)
        fputs("is retired", out);
    else if (!metric || isnan(v->baseline) || isnan(v->value))
        fprintf(out, "is %s", tm_class_name(v->class));
    else
        put_plainly(out, report, metric, v);
    if (v->since)
        put_beginning(out, v);
    if (v->class == TM_SUSPECT)
        fputs(" in this one run, which proves nothing yet", out);
}

/* ---- as texts ---- */

int tm_put_owned(FILE *out, tm_escape *put, char *text)
{
    if (!text)
        return -1;
    put(out, text);
    free(text);
    return 0;
}

typedef void put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict);

static char *text_of(put_verdict *put, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    put(out, report, verdict);
    return tm_built(&builder);
}

char *tm_verdict_words(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return text_of(put_words, report, verdict);
}

char *tm_verdict_numbers(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return text_of(put_numbers, report, verdict);
}

char *tm_verdict_sentence(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return text_of(put_sentence, report, verdict);
}
