/* Workflow commands for GitHub's runner: an annotation per plugin that needs one. Of one level it keeps ten per step and drops the
 * rest without a word, so the tenth says how many more there are. */
#include <stdlib.h>
#include <string.h>

#include "report/forms/forms.h"
#include "report/verdict_fields.h"
#include "report/words.h"

enum { MOST = 10 };

enum level { ERROR, WARNING, NOTICE, LEVELS, NONE = LEVELS };

static const char *const level_names[] = {"error", "warning", "notice"};

static enum level level_of(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (!tm_verdict_is_news(verdict))
        return NONE;
    if (tm_verdict_fails(report, verdict))
        return ERROR;
    return verdict->class == TM_SUSPECT ? WARNING : verdict->class == TM_IMPROVED ? NOTICE : NONE;
}

static void put(FILE *out, enum level level, const char *title, const char *name, const char *message)
{
    fprintf(out, "::%s title=", level_names[level]);
    tm_put_github_property(out, title);
    if (name) {
        tm_put_github_property(out, ": ");
        tm_put_github_property(out, name);
    }
    fputs("::", out);
    tm_put_github_data(out, message ? message : "(out of memory)");
    putc('\n', out);
}

/* The sentence for everybody, and below it the words of the other forms. */
static char *message_of(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    char *sentence = tm_verdict_sentence(report, verdict), *words = tm_verdict_words(report, verdict), *message = NULL;
    if (sentence && words) {
        const char *begin = words + strspn(words, ",; ");
        if (asprintf(&message, "%s%s%s", sentence, *begin ? "\n" : "", begin) < 0)
            message = NULL;
    }
    free(sentence);
    free(words);
    return message;
}

static void put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict, enum level level)
{
    char *message = message_of(report, verdict);
    put(out, level, tm_class_name(verdict->class), tm_verdict_subject(report, verdict), message);
    free(message);
}

/* What speaks of the run and of no plugin in it. */
static size_t put_of_run(FILE *out, const struct tm_report *report, enum level level)
{
    size_t n = 0;
    char *words = tm_tally_words(&report->tally), *remarks = tm_run_remarks(&report->tally);
    if (level == ERROR && report->tally.plugins == 0)
        put(out, level, "empty run", NULL, TM_EMPTY_RUN), n++;
    else if (level == ERROR && strcmp(report->outcome, "not judged") == 0)
        put(out, level, report->outcome, NULL, words), n++;
    if (level == NOTICE && remarks)
        put(out, level, "run", report->run->key, remarks), n++;
    free(words);
    free(remarks);
    return n;
}

static void put_level(FILE *out, const struct tm_report *report, enum level level)
{
    size_t n = 0, done = put_of_run(out, report, level);
    char more[80];
    for (size_t i = 0; i < report->n_verdicts; i++)
        n += level_of(report, report->by_weight[i]) == level;
    size_t shown = done + n > MOST ? MOST - 1 - done : n;
    for (size_t i = 0, at = 0; i < report->n_verdicts && at < shown; i++)
        if (level_of(report, report->by_weight[i]) == level) {
            put_verdict(out, report, report->by_weight[i], level);
            at++;
        }
    if (shown < n) {
        snprintf(more, sizeof more, "%zu more are not shown here; the log has them all", n - shown);
        put(out, level, "and more", NULL, more);
    }
}

void tm_write_github(FILE *out, const struct tm_report *report)
{
    for (int level = ERROR; level < LEVELS; level++)
        put_level(out, report, (enum level)level);
}
