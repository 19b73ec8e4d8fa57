/* Workflow commands for GitHub's runner: an annotation per plugin that needs one. Of one level it keeps ten per step and drops the
 * rest without a word, so the tenth says how many more there are. */
#include <stdlib.h>
#include <string.h>

#include "report/forms/forms.h"
#include "report/notes.h"
#include "report/verdict_fields.h"
#include "report/words.h"

enum { MOST = 10 }; /* annotations of a level that the runner keeps */

enum level { ERROR, WARNING, NOTICE, LEVELS, NONE = LEVELS };

static const char *const level_names[] = {"error", "warning", "notice"};

/* What fails the job is an error; what only may, a warning; what is good news, a notice. */
static enum level level_of(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (!tm_verdict_is_news(verdict))
        return NONE;
    if (tm_verdict_fails(report, verdict))
        return ERROR;
    return verdict->class == TM_SUSPECT ? WARNING : verdict->class == TM_IMPROVED ? NOTICE : NONE;
}

/* "::error title=regressed: NAME::MESSAGE"; name NULL: without one. 0, or -1: message is NULL, for there was no memory. */
static int put_annotation(FILE *out, enum level level, const char *title, const char *name, const char *message)
{
    if (!message)
        return -1;
    fprintf(out, "::%s title=", level_names[level]);
    tm_put_github_property(out, title);
    if (name) {
        tm_put_github_property(out, ": ");
        tm_put_github_property(out, name);
    }
    fputs("::", out);
    tm_put_github_data(out, message);
    putc('\n', out);
    return 0;
}

/* The sentence for everybody, and below it the words of the other forms. */
static int put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict, enum level level)
{
    char *sentence = tm_verdict_sentence(report, verdict), *words = tm_verdict_words(report, verdict), *message = NULL;
    if (sentence && words) {
        const char *begin = words + strspn(words, ",; ");
        if (asprintf(&message, "%s%s%s", sentence, *begin ? "\n" : "", begin) < 0)
            message = NULL;
    }
    int result = put_annotation(out, level, tm_class_name(verdict->class), tm_verdict_subject(report, verdict), message);
    free(message);
    free(sentence);
    free(words);
    return result;
}

/* What speaks of the run and of no plugin in it: how many there are, or -1. */
static int put_run(FILE *out, const struct tm_report *report, enum level level)
{
    int n = 0, result = 0;
    char *words = tm_tally_words(&report->tally), *remarks = tm_run_remarks(report);
    if (level == ERROR && report->tally.plugins == 0)
        result |= put_annotation(out, level, "empty run", NULL, TM_EMPTY_RUN), n++;
    else if (level == ERROR && tm_fails_as_slow(report))
        result |= put_annotation(out, level, "slow run", NULL, TM_SLOW_RUN), n++;
    else if (level == ERROR && strcmp(report->outcome, "not judged") == 0)
        result |= put_annotation(out, level, report->outcome, NULL, words), n++;
    if (level == NOTICE && (!remarks || *remarks))
        result |= put_annotation(out, level, "run", report->run->key, remarks), n++;
    for (size_t i = 0; level == NOTICE && i < tm_notes(report) && n < MOST / 2; i++, n++) {
        char *note = tm_note_text(report, i);
        result |= put_annotation(out, level, tm_note_word(report, i), NULL, note);
        free(note);
    }
    free(words);
    free(remarks);
    return result == 0 ? n : -1;
}

/* All annotations of a level: 0, or -1. */
static int put_level(FILE *out, const struct tm_report *report, enum level level)
{
    size_t n = 0, at = 0;
    int of_run = put_run(out, report, level), result = of_run < 0 ? -1 : 0;
    char more[80];
    if (result != 0)
        return -1;
    for (size_t i = 0; i < report->n_verdicts; i++)
        n += level_of(report, report->by_weight[i]) == level;
    size_t shown = (size_t)of_run + n > MOST ? MOST - 1 - (size_t)of_run : n;
    for (size_t i = 0; i < report->n_verdicts && at < shown && result == 0; i++)
        if (level_of(report, report->by_weight[i]) == level) {
            result = put_verdict(out, report, report->by_weight[i], level);
            at++;
        }
    if (shown < n) {
        snprintf(more, sizeof more, "%zu more are not shown here; the log has them all", n - shown);
        result |= put_annotation(out, level, "and more", NULL, more);
    }
    return result;
}

/* Level by level, since the runner keeps ten of each. */
int tm_write_github(FILE *out, const struct tm_report *report)
{
    int result = 0;
    for (int level = ERROR; level < LEVELS && result == 0; level++)
        result = put_level(out, report, (enum level)level);
    return result;
}
