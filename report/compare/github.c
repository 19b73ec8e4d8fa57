/* Workflow commands for GitHub's runner: what fails is an error, what is worse a warning, what is better a notice. Of one level it
 * keeps ten per step and drops the rest without a word, so the tenth says how many more there are. */
#include <stdlib.h>

#include "base/builder.h"
#include "base/escape.h"
#include "report/compare/compare.h"
#include "report/words.h"

enum { MOST = 10 }; /* annotations of a level that the runner keeps */

enum level { ERROR, WARNING, NOTICE, LEVELS };

static const char *const level_names[] = {"error", "warning", "notice"};

static enum level level_of(const struct tm_compared *row)
{
    if (row->fails)
        return ERROR;
    return row->class == TM_CHANGE_WORSE ? WARNING : row->class > TM_CHANGE_NONE ? NOTICE : LEVELS;
}

static int put_row(FILE *out, enum level level, const struct tm_comparison *c, const struct tm_compared *row)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    fprintf(builder.out, "%s: ", c->metrics[row->metric].rule.name);
    tm_compare_put_sentence(builder.out, c, row);
    fprintf(out, "::%s title=", level_names[level]);
    tm_put_github_property(out, tm_change_class_name(row->class));
    tm_put_github_property(out, ": ");
    tm_put_github_property(out, row->name);
    fputs("::", out);
    int result = tm_put_owned(out, tm_put_github_data, tm_built(&builder));
    putc('\n', out);
    return result;
}

static int put_level(FILE *out, const struct tm_comparison *c, enum level level)
{
    size_t n = 0, at = 0;
    int result = 0;
    for (size_t i = 0; i < c->n_rows; i++)
        n += level_of(&c->rows[i]) == level;
    size_t shown = n > MOST ? MOST - 1 : n;
    for (size_t i = 0; i < c->n_rows && at < shown && result == 0; i++)
        if (level_of(&c->rows[i]) == level) {
            result = put_row(out, level, c, &c->rows[i]);
            at++;
        }
    if (shown < n)
        fprintf(out, "::%s title=and more::%zu more are not shown here; the log has them all\n", level_names[level], n - shown);
    return result;
}

int tm_comparison_github(FILE *out, const struct tm_comparison *c)
{
    int result = 0;
    for (int level = ERROR; level < LEVELS && result == 0; level++)
        result = put_level(out, c, (enum level)level);
    return result;
}
