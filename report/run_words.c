/* What the verdicts of a run come to, in words: its outcome, the tally, what was taken off as the run's own, and what to do. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/plural.h"
#include "report/words.h"

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
            TM_PLURAL(tally->plugins), tally->passed);
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
        fprintf(out, " (only %" PRId64 " run%s to compare with, %d are needed)", tally->comparable, TM_PLURAL(tally->comparable),
                TM_DETECTOR_NEEDED);
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
