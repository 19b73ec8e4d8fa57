/* For people who read a terminal or a log: a line per verdict that is news tonight, the worst first, and what they come to. What
 * fails since an earlier night is one line each class, and what is retired is counted alone: the same twenty lines every night hide
 * the one that is new. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "report/blocks.h"
#include "report/forms/forms.h"
#include "report/notes.h"
#include "report/verdict_fields.h"
#include "report/words.h"

enum { LONG_GONE = 30 }; /* runs */

/* Words that begin with a metric stand apart from the name, others continue it: "font-loader; in most of ..." */
static int put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    bool metric_first = verdict->metric >= 0 && !(isnan(verdict->value) && isnan(verdict->effect));
    fprintf(out, "%-10s ", tm_class_name(verdict->class)); /* "not judged" is the longest name of a class */
    tm_put_safe(out, tm_verdict_subject(report, verdict));
    fputs(metric_first ? "  " : "", out);
    int result = tm_put_owned(out, tm_put_safe, tm_verdict_words(report, verdict));
    putc('\n', out);
    return result;
}

/* A line that begins with "::" or its like is a command to GitHub's runner, and so may a metric be named. */
static int put_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    char *numbers = tm_verdict_numbers(report, verdict);
    fputs("           ", out); /* below the subject */
    fputs(numbers && !isalnum((unsigned char)*numbers) ? "of " : "", out);
    int result = tm_put_owned(out, tm_put_safe, numbers);
    putc('\n', out);
    return result;
}

static int put_reach(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (isnan(verdict->reach.level))
        return 0;
    fputs("           ", out);
    int result = tm_put_owned(out, tm_put_safe, tm_verdict_reach(report, verdict));
    putc('\n', out);
    return result;
}

/* Below the words, of what has a history. */
static void put_history(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    enum { RUNS = 60 }; /* a line's */
    if (!report->blocks || verdict->metric < 0 || verdict->plugin == TM_WHOLE_RUN)
        return;
    tm_put_blocks(out, "           " /* below the subject */, report, &report->plugins[verdict->plugin], verdict->metric, RUNS);
}

/* What got cheaper because another plugin does it now is told by the note of the move; that one
 * still fails. */
static bool is_told_by_move(const struct tm_report_verdict *verdict)
{
    return verdict->class == TM_IMPROVED && verdict->moved_with;
}

/* Does the line of the whole run, which says the same metric's rise, tell of it? */
static bool is_told_by_run(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (verdict->class != TM_OPEN || verdict->explained || !verdict->why || strcmp(verdict->why, TM_PART_OF_RUN) != 0)
        return false;
    for (size_t i = report->n_verdicts; i-- > 0 && report->verdicts[i].plugin == TM_WHOLE_RUN;)
        if (report->verdicts[i].metric == verdict->metric &&
            fabs(verdict->effect) <= TM_OWN_RISE * fabs(report->verdicts[i].effect))
            return true;
    return false;
}

static void put_parts(FILE *out, size_t n)
{
    if (n > 0)
        fprintf(out, "open       %zu plugin%s as part of the run-wide shift; 'tidemark gate --explain' lists them\n", n,
                TM_PLURAL(n));
}

static bool is_held_back(const struct tm_report_verdict *verdict)
{
    return verdict->class == TM_PASS && verdict->why && strcmp(verdict->why, TM_HELD_BACK) == 0;
}

/* Was it said before, so that its class and their number are enough? What stands for all plugins, or is beyond a waiver, is said
 * every night. */
static bool is_old(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (report->all || verdict->explained || !verdict->leads || verdict->plugin == TM_WHOLE_RUN)
        return false;
    return (verdict->class == TM_OPEN && !verdict->decision) || verdict->class == TM_RETIRED || is_held_back(verdict) ||
           (verdict->class == TM_MISSING && verdict->runs > 1);
}

struct old {
    size_t open, missing, held;
};

static void count_old(const struct tm_report_verdict *verdict, struct old *old)
{
    old->open += verdict->class == TM_OPEN;
    old->missing += verdict->class == TM_MISSING;
    old->held += verdict->class == TM_PASS;
}

static struct old all_old(const struct tm_report *report)
{
    struct old old = {0, 0, 0};
    for (size_t i = 0; i < report->n_verdicts; i++)
        if (is_old(report, &report->verdicts[i]) && !is_told_by_run(report, &report->verdicts[i]))
            count_old(&report->verdicts[i], &old);
    return old;
}

/* Missing for longer than it was there, or for 30 runs: whoever cares has read its name by then. */
static bool is_long_gone(const struct tm_report_verdict *verdict)
{
    return verdict->class == TM_MISSING && (verdict->runs >= LONG_GONE || verdict->runs > verdict->baseline_runs);
}

/* One alone is named, unless it is long gone: its line is no longer, and says more. */
static bool is_only_counted(const struct tm_report *report, const struct tm_report_verdict *verdict, struct old old)
{
    size_t n = verdict->class == TM_OPEN ? old.open : verdict->class == TM_MISSING ? old.missing : old.held;
    return is_old(report, verdict) && (verdict->class == TM_RETIRED || is_long_gone(verdict) || n > 1);
}

static void put_old(FILE *out, enum tm_class class, size_t n, const char *what)
{
    if (n > 0)
        fprintf(out, "%-10s %zu plugin%s %s; 'tidemark gate --all' lists them\n", tm_class_name(class), n, TM_PLURAL(n), what);
}

static void put_line(FILE *out, const char *line)
{
    if (line && *line)
        fprintf(out, "%s\n", line);
}

static const struct tm_unjudged_words unjudged = {"not judged ", "in part    ", tm_put_safe, tm_put_safe};

int tm_write_text(FILE *out, const struct tm_report *report)
{
    char *remarks = tm_run_remarks(report), *tally = tm_tally_words(&report->tally);
    int result = remarks && tally ? 0 : -1;
    struct old old = all_old(report), counted = {0, 0, 0};
    size_t parts = 0;
    tm_put_outcome(out, report);
    fputs("  run ", out);
    tm_put_safe(out, report->run->key);
    fputs(" on ", out);
    tm_put_safe(out, report->branch);
    if (report->base) {
        fputs(", against ", out);
        tm_put_safe(out, report->base);
    }
    putc('\n', out);
    put_line(out, report->tally.plugins == 0 ? TM_EMPTY_RUN : NULL);
    for (size_t i = 0; i < report->n_verdicts && result == 0; i++) {
        const struct tm_report_verdict *verdict = report->by_weight[i];
        bool is_part = tm_verdict_is_news(verdict) && is_told_by_run(report, verdict);
        parts += is_part;
        if ((tm_verdict_is_news(verdict) && !is_told_by_move(verdict) && !is_part && !is_only_counted(report, verdict, old)) ||
            verdict->explained) {
            result |= put_verdict(out, report, verdict);
            put_history(out, report, verdict);
        } else if (is_only_counted(report, verdict, old) && !is_part)
            count_old(verdict, &counted);
        if (verdict->explained)
            result |= put_numbers(out, report, verdict) | put_reach(out, report, verdict);
    }
    put_old(out, TM_OPEN, counted.open, "since earlier nights");
    put_old(out, TM_MISSING, counted.missing, "since earlier nights");
    put_old(out, TM_PASS, counted.held, "with a change below its metric's floor, or it would be an alarm");
    put_parts(out, parts);
    if (!report->explain)
        tm_put_unjudged(out, report, &unjudged);
    result |= tm_put_notes(out, report);
    put_line(out, remarks);
    tm_put_safe(out, tally ? tally : "");
    putc('\n', out);
    put_line(out, tm_regression_advice(report));
    put_line(out, tm_missing_advice(report));
    free(remarks);
    free(tally);
    return result;
}
