/* Verdicts and tallies in words, for every form that people read. A verdict has three texts: its words (terse, a line of a log),
 * its numbers (all of them) and its sentence (for somebody who has never heard of Tidemark). */
#include "report/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
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
    tm_put_amount(out, metric, v->value);
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
    tm_put_amount(out, metric, now);
    if (fabs(v->corrected - v->value) > WORTH_CORRECTING * fabs(v->value) && !(now < v->corrected || now > v->corrected))
        put_measured(out, metric, v);
    if (!isnan(v->baseline)) {
        fputs(", was ", out);
        tm_put_amount(out, metric, v->baseline);
    }
    if (has_share(now, v->baseline))
        fprintf(out, ": %+.1f %%", 100 * (now - v->baseline) / fabs(v->baseline));
}

void tm_put_interval(FILE *out, const struct tm_report_interval *interval)
{
    if (tm_interval_is_wide(interval))
        fprintf(out, " (at the earliest %s, at the latest %s)", interval->earliest, interval->latest);
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
    fprintf(out, ", since %s", v->since);
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
    char at[TM_TIME_SIZE];
    if (v->good_at) {
        tm_time_format(v->good_at, at);
        fprintf(out, " on %.10s", at); /* "2026-11-20" of a time */
    }
    fprintf(out, ", %d run%s ago", v->runs, v->runs == 1 ? "" : "s");
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

static void put_allowed(FILE *out, const struct tm_report_metric *metric, const struct tm_report_verdict *v)
{
    if (!metric || isnan(v->allowed))
        return;
    fputs(metric->higher_is_better ? ", under its limit of " : ", over its limit of ", out);
    tm_put_amount(out, metric, v->allowed);
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
    put_allowed(out, metric, v);
    put_since(out, v);
    put_part(out, ", ", v->kind && strcmp(v->kind, "step") != 0 ? v->kind : NULL);
    put_part(out, ", ", v->signal);
    put_part(out, "; ", v->why);
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
        fprintf(out, "blocks its thread for %.3g ms of a call instead of %.3g ms", now, v->baseline);
    } else if (!has_share(now, v->baseline)) {
        fprintf(out, "shows %s of ", tm_report_metric_title(metric));
        tm_put_amount(out, metric, now);
        fputs(" instead of ", out);
        tm_put_amount(out, metric, v->baseline);
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
        put_allowed(out, metric, v);
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
        fprintf(out, " since %s%s", tm_interval_is_wide(&v->interval) ? "about " : "", v->since);
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

/* ---- what the verdicts of a run come to ---- */

void tm_put_outcome(FILE *out, const struct tm_report *report)
{
    for (const char *letter = report->outcome; *letter; letter++)
        putc(toupper((unsigned char)*letter), out);
}

/* Who has no verdict at all has no metric that is judged. */
void tm_put_reasons(FILE *out, const struct tm_tally *tally)
{
    static const char nothing[] = "nothing recorded that is judged";
    int64_t rest = tally->plugins - tally->judged;
    for (size_t i = 0; i < tally->n_reasons; i++)
        rest -= tally->reasons[i].plugins;
    if (tally->n_reasons == 0 || (tally->n_reasons == 1 && rest <= 0)) {
        fprintf(out, " (%s)", tally->n_reasons == 0 ? nothing : tally->reasons[0].why);
        return;
    }
    for (size_t i = 0; i < tally->n_reasons; i++)
        fprintf(out, "%s%" PRId64 " %s", i == 0 ? " (" : ", ", tally->reasons[i].plugins, tally->reasons[i].why);
    if (rest > 0)
        fprintf(out, ", %" PRId64 " %s", rest, nothing);
    putc(')', out);
}

/* One line: how many plugins were judged, how many of them pass, the rest by class, the worst first. */
char *tm_tally_words(const struct tm_tally *tally)
{
    int64_t rest = tally->plugins - tally->judged;
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    fprintf(out, "judged %" PRId64 " of %" PRId64 " plugin%s: %" PRId64 " pass", tally->judged, tally->plugins,
            tally->plugins == 1 ? "" : "s", tally->passed);
    for (int class = TM_REGRESSED; class >= TM_RETIRED; class --)
        if (tally->of[class] > 0)
            fprintf(out, ", %" PRId64 " %s", tally->of[class], tm_class_name((enum tm_class) class));
    fputs(tally->run_wide ? ", and a run-wide regression" : "", out);
    if (tally->of[TM_IMPROVED] > 0) /* in brackets: they are among those that pass */
        fprintf(out, " (%" PRId64 " improved)", tally->of[TM_IMPROVED]);
    if (tally->partly > 0)
        fprintf(out, "; judged in part: %" PRId64, tally->partly);
    if (rest > tally->partly)
        fprintf(out, "; not judged: %" PRId64, rest - tally->partly);
    if (rest > 0 && tally->comparable == 0)
        fprintf(out, " (no runs to compare with yet, %d are needed)", TM_DETECTOR_NEEDED);
    else if (rest > 0 && tally->comparable < TM_DETECTOR_NEEDED)
        fprintf(out, " (only %" PRId64 " run%s to compare with, %d are needed)", tally->comparable,
                tally->comparable == 1 ? "" : "s", TM_DETECTOR_NEEDED);
    else if (rest > 0)
        tm_put_reasons(out, tally);
    return tm_built(&builder);
}

/* A host makes nothing take no time at all, and what no run had before most plugins do not come to have in one night. */
static bool is_stopped_clock(const struct tm_report *report, const struct tm_report_factor *factor, size_t *zeros)
{
    size_t known = 0;
    *zeros = 0;
    for (size_t i = 0; i < report->n_plugins && factor->factor < 0; i++) {
        double value = tm_report_value(report, &report->plugins[i], factor->metric, report->n_runs - 1);
        known += isnan(value) ? 0 : 1;
        *zeros += value == 0 ? 1 : 0;
    }
    return 2 * *zeros > known;
}

/* What was taken off one metric. The first one speaks for the run as a whole; a host that slows it
 * slows CPU time with it, or not. */
static void put_factor(FILE *out, const struct tm_report *report, const struct tm_report_factor *factor)
{
    const char *side = factor->factor > 0 ? "slower" : "faster";
    double percent = 100 * fabs(factor->factor);
    size_t zeros;
    if (is_stopped_clock(report, factor, &zeros))
        fprintf(out,
                "%s was 0 for %zu plugins, which had values before: no host does that, look at what measures; nothing can be said "
                "of it",
                tm_report_metric_title(&report->metrics[factor->metric]), zeros);
    else if (factor->metric == 0)
        fprintf(out,
                "the run was %.0f %% %s than usual on %.0f %% of plugins; the host caused that, and figures are corrected for it",
                percent, side, 100 * factor->share);
    else
        fprintf(out, "%s was %.0f %% %s than usual on %.0f %% of plugins: that is taken off%s",
                tm_report_metric_title(&report->metrics[factor->metric]), percent, factor->factor > 0 ? "higher" : "lower",
                100 * factor->share, factor > report->factors ? " too" : "");
}

char *tm_run_remarks(const struct tm_report *report)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    for (size_t i = 0; i < report->n_factors; i++) {
        if (i > 0)
            putc('\n', out);
        put_factor(out, report, &report->factors[i]);
    }
    if (tm_fails_as_slow(report))
        fputs("\n" TM_SLOW_RUN, out);
    return tm_built(&builder);
}

const char *tm_regression_advice(const struct tm_report *report)
{
    const struct tm_tally *tally = &report->tally;
    if (!tally->run_wide && !tally->of[TM_REGRESSED] && !tally->of[TM_OPEN])
        return NULL;
    if (report->base)
        return "the branch's next run is judged anew; 'tidemark accept PLUGIN --branch BRANCH --reason ...' or 'tidemark waive "
               "PLUGIN ...' "
               "tolerates the change";
    return "a regression stays open until its level comes back or you run 'tidemark accept PLUGIN --reason ...' or 'tidemark waive "
           "PLUGIN ...'";
}

const char *tm_missing_advice(const struct tm_report *report)
{
    if (!report->tally.of[TM_MISSING])
        return NULL;
    return "a missing plugin stays missing until it returns or you run 'tidemark retire PLUGIN --reason ...'";
}
