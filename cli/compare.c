/* compare: two sides, each a run, several, a branch's newest or a file, and what differs between them. Which words are what is
 * decided in sides.c, what counts as a change in analyze/compare.c. */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "cli/arguments.h"
#include "cli/compare_forms.h"
#include "cli/forms.h"
#include "cli/ingest.h"
#include "cli/sides.h"
#include "report/compare/compare.h"

enum { EXIT_WORSE = 1 };

static const struct tm_form *forms_of(const struct tm_arguments *arguments)
{
    return tm_option_given(arguments, "all") ? tm_compare_forms_all : tm_compare_forms;
}

/* People get text and pipes get CSV, so that a script never parses what is made for the eye. */
static int choose_forms(const struct tm_context *context, struct tm_chosen_forms *forms)
{
    return tm_forms_choose(context, forms_of(context->arguments), isatty(STDOUT_FILENO) ? "text" : "csv", forms);
}

/* Two files need no store: where there is none, an empty one in memory stands for it. */
static int prepare(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_chosen_forms forms;
    double share;
    if (choose_forms(context, &forms) != 0 || tm_option_share(arguments, "fdr", 1e-6, 0.5, &share) != 0 ||
        tm_option_share(arguments, "fail-above", 0, 1000, &share) != 0)
        return TM_EXIT_TROUBLE;
    if (!tm_is_address(context->path) && access(context->path, F_OK) != 0 && tm_side_is_file(arguments->words[0]) &&
        tm_side_is_file(arguments->words[1])) {
        context->path = ":memory:";
        context->flags = TM_CREATE;
    }
    return 0;
}

/* --metric, as often as it is given: what is not named is not wanted. */
static int choose_metrics(const struct tm_arguments *arguments, struct tm_comparison *comparison)
{
    size_t place;
    for (size_t i = 0; i < comparison->n_metrics && tm_option_given(arguments, "metric"); i++)
        comparison->metrics[i].wanted = false;
    int at = 0;
    for (const char *value; (value = tm_option_next(arguments, "metric", &at));) {
        if (!tm_compare_find_metric(comparison, value, &place))
            return tm_trouble("no metric '%s' on either side", value);
        comparison->metrics[place].wanted = true;
    }
    return 0;
}

/* A comparison of nothing must not pass. */
static int check_outcome(const struct tm_comparison *comparison)
{
    if (isnan(comparison->fail_above))
        return TM_EXIT_DONE;
    if (comparison->n_rows == 0)
        return tm_trouble("no plugin is on both sides with a value of the same metric: nothing was compared");
    return comparison->failing > 0 ? EXIT_WORSE : TM_EXIT_DONE;
}

static int print(const struct tm_context *context, const struct tm_comparison *comparison)
{
    struct tm_chosen_forms forms;
    if (choose_forms(context, &forms) != 0 || tm_forms_compare(&forms, comparison) != 0)
        return TM_EXIT_TROUBLE;
    return check_outcome(comparison);
}

static int run_compare(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    const char *glob = tm_option_value(arguments, "plugin");
    struct tm_comparison comparison;
    int code = tm_comparison_init(&comparison) == 0 ? 0 : tm_trouble("out of memory");
    if (code == 0 && (tm_option_share(arguments, "fdr", 1e-6, 0.5, &comparison.share) != 0 ||
                      tm_option_share(arguments, "fail-above", 0, 1000, &comparison.fail_above) != 0))
        code = TM_EXIT_TROUBLE;
    if (code == 0)
        code = tm_sides_read(context, &comparison, glob);
    if (code == 0 && glob && comparison.n_plugins == 0)
        code = tm_trouble("no plugin on either side is called like '%s'", glob);
    if (code == 0)
        code = choose_metrics(arguments, &comparison);
    if (code == 0 && tm_compare(&comparison) != 0)
        code = tm_trouble("out of memory");
    if (code == 0)
        code = print(context, &comparison);
    tm_comparison_free(&comparison);
    return code;
}

const struct tm_command tm_command_compare = {
    .name = "compare",
    .usage = "A B [options]",
    .summary = "compare two runs, sets of runs, branches or files, the worst first",
    .more =
        "A and B are each a run's key, a file that ingest reads (which is not stored), branch:NAME for the branch's newest run,\n"
        "branch:NAME~10 for its newest ten without those of the other side, or several of these with commas between them.\n"
        "A key comes before a file of the same name; file:PATH is the file.",
    .example = "  tidemark compare 2026-11-18 2026-11-20 --format text\n"
               "  tidemark compare branch:main~10 new.csv --fail-above 10%\n"
               "  tidemark compare old.json new.json --metric wall_per_call_ms\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .prepare = prepare,
    .run = run_compare,
    .least_words = 2,
    .most_words = 2,
    .options =
        {{"metric", "NAME", "compare that metric alone; may be repeated"},
         {"plugin", "GLOB", "compare only the plugins that match"},
         {"fail-above", "SHARE", "fail (exit code 1) if a metric got worse for certain, and by more than that: 10%"},
         {"fdr", "SHARE", "tolerated share of false ones among the changes that are told (default: 5%)"},
         {"all", NULL, "in text, list every comparison, not the changes alone"},
         {"format", "FORM",
          "text, comment, junit, github, openmetrics, csv-long or json-long; csv, json, table or markdown with a row a plugin; "
          "may be repeated; =FILE writes to a file (default: text on a terminal, else csv)"},
         {"project", "NAME", "the project (default: the only one, or 'default')"},
         {"host", "KEY", "branch:NAME: its newest runs on that host"},
         {"input-format", "NAME", "with a file: its format (default: told by its beginning)"},
         {"calls", NULL, "with a file: read a row as one call"},
         {"better", "SIDE", "with a file: lower or higher: the better direction of metrics; METRIC=SIDE of one; may be repeated"},
         {"as", "NAME", "with a file without plugins: the plugin that it is about (default: the file's name)"},
         {"label", "NAME", "with a file: the label (OpenMetrics) or attribute (traces) that names the plugin"},
         {"ignore", "COLUMN", "with a file: skip a column of CSV; may be repeated"}},
};
