/* What the verdicts of a run come to, in words. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/words.h"

enum { RUNS_NEEDED = TM_DETECTOR_NEEDED };

static void put_not_judged(FILE *out, const struct tm_tally *tally)
{
    int64_t rest = tally->plugins - tally->judged;
    if (rest <= 0)
        return;
    fprintf(out, "; not judged: %" PRId64, rest);
    if (tally->comparable < RUNS_NEEDED)
        fprintf(out, " (only %" PRId64 " run%s to compare with, %d are needed)", tally->comparable,
                tally->comparable == 1 ? "" : "s", RUNS_NEEDED);
    else
        fputs(" (too few runs at their level, another CPU clock, or nothing recorded that is judged)", out);
}

static void put_tally(FILE *out, const struct tm_tally *tally)
{
    fprintf(out, "judged %" PRId64 " of %" PRId64 " plugins: %" PRId64 " pass", tally->judged, tally->plugins, tally->passed);
    for (int class = TM_REGRESSED; class >= TM_RETIRED; class --)
        if (tally->of[class] > 0)
            fprintf(out, ", %" PRId64 " %s", tally->of[class], tm_class_name((enum tm_class) class));
    if (tally->of[TM_IMPROVED] > 0)
        fprintf(out, " (%" PRId64 " improved)", tally->of[TM_IMPROVED]);
    put_not_judged(out, tally);
}

static void put_remarks(FILE *out, const struct tm_tally *tally)
{
    if (!isnan(tally->factor))
        fprintf(out, "the run was %.0f %% %s on %.0f %% of plugins: the host, not the plugins; figures are compared without that",
                100 * fabs(tally->factor), tally->factor > 0 ? "slow" : "fast", 100 * tally->factor_share);
    if (!isnan(tally->factor) && tally->held > 0)
        putc('\n', out);
    if (tally->held > 0)
        fprintf(out,
                "%" PRId64
                " alarms came at once and wait until they have lasted five runs: rather one event than so many regressions",
                tally->held);
}

static char *text_of(void (*put)(FILE *, const struct tm_tally *), const struct tm_tally *tally)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    put(out, tally);
    return fclose(out) == 0 ? text : NULL;
}

char *tm_tally_words(const struct tm_tally *tally)
{
    return text_of(put_tally, tally);
}

char *tm_run_remarks(const struct tm_tally *tally)
{
    return isnan(tally->factor) && tally->held == 0 ? NULL : text_of(put_remarks, tally);
}

const char *tm_regression_advice(const struct tm_tally *tally)
{
    if (!tally->run_wide && !tally->of[TM_REGRESSED] && !tally->of[TM_OPEN])
        return NULL;
    return "a regression stays open until its level comes back, or 'tidemark accept PLUGIN --reason ...' or 'tidemark waive PLUGIN "
           "...'";
}

const char *tm_missing_advice(const struct tm_tally *tally)
{
    if (!tally->of[TM_MISSING])
        return NULL;
    return "a missing plugin stays missing until it comes back, or 'tidemark retire PLUGIN --reason ...'";
}
