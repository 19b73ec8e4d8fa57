/* For people who read a terminal or a log. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "report/forms/forms.h"
#include "report/verdict_fields.h"
#include "report/words.h"

/* Words that begin with a metric stand apart from the name, others continue it: "font-loader; in most of ..." */
static bool begins_with_metric(const struct tm_report_verdict *verdict)
{
    return verdict->metric >= 0 && !(isnan(verdict->value) && isnan(verdict->effect));
}

static void put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    fprintf(out, "%-10s ", tm_class_name(verdict->class));
    tm_put_safe(out, tm_verdict_subject(report, verdict));
    fputs(begins_with_metric(verdict) ? "  " : "", out);
    tm_put_owned(out, tm_put_safe, tm_verdict_words(report, verdict));
    putc('\n', out);
}

/* A line that begins with "::" or its like is a command to GitHub's runner, and so may a metric be named. */
static void put_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    char *numbers = tm_verdict_numbers(report, verdict);
    fputs("           ", out);
    fputs(numbers && !isalnum((unsigned char)*numbers) ? "of " : "", out);
    tm_put_owned(out, tm_put_safe, numbers);
    putc('\n', out);
}

static void put_line(FILE *out, const char *line)
{
    if (line)
        fprintf(out, "%s\n", line);
}

static void put_conclusion(FILE *out, const struct tm_tally *tally)
{
    char *remarks = tm_run_remarks(tally), *words = tm_tally_words(tally);
    put_line(out, remarks);
    put_line(out, words);
    put_line(out, tm_regression_advice(tally));
    put_line(out, tm_missing_advice(tally));
    free(remarks);
    free(words);
}

void tm_write_text(FILE *out, const struct tm_report *report)
{
    tm_put_outcome(out, report);
    fputs("  run ", out);
    tm_put_safe(out, report->run->key);
    fputs(" on ", out);
    tm_put_safe(out, report->branch);
    putc('\n', out);
    put_line(out, report->tally.plugins == 0 ? TM_EMPTY_RUN : NULL);
    for (size_t i = 0; i < report->n_verdicts; i++) {
        if (tm_verdict_is_news(report->by_weight[i]) || report->explain)
            put_verdict(out, report, report->by_weight[i]);
        if (report->explain)
            put_numbers(out, report, report->by_weight[i]);
    }
    put_conclusion(out, &report->tally);
}
