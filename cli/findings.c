/* findings: what to do first. Prints the worst of the run with a diagnosis each, by the verdicts
 * that the gate has stored; what a finding says is made in report/findings/. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/beside.h"
#include "cli/settings.h"
#include "gate/report_reader.h"
#include "report/findings/findings.h"

enum {
    RUNS = 365,   /* of history: a year, so that most regressions that are open have their beginning in it */
    WIDTH = 100,  /* columns where nobody says how many: a pipe, a log */
    WIDEST = 1000 /* what a mistyped COLUMNS may not exceed */
};

/* Of the terminal; whoever says COLUMNS knows better. */
static size_t width_of_output(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long said = columns ? strtol(columns, NULL, 10) : 0;
    if (said > 0 && said <= WIDEST)
        return (size_t)said;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH;
}

static int put_text(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    return tm_findings_text(out, report, findings, width_of_output());
}

static const struct {
    const char *name;
    int (*put)(FILE *out, const struct tm_report *report, const struct tm_findings *findings);
} forms[] = {{"text", put_text}, {"markdown", tm_findings_markdown}, {"json", tm_findings_json}};

enum { N_FORMS = sizeof forms / sizeof *forms };

/* Index in forms[]; N_FORMS (and a message): there is none. */
static size_t find_form(const struct tm_arguments *arguments)
{
    const char *name = tm_option_value(arguments, "format");
    size_t form = 0;
    while (name && form < N_FORMS && strcmp(forms[form].name, name) != 0)
        form++;
    if (form == N_FORMS)
        tm_trouble("--format '%s': expected text, markdown or json", name);
    return form;
}

static int prepare(struct tm_context *context)
{
    return find_form(context->arguments) < N_FORMS ? 0 : TM_EXIT_TROUBLE;
}

static int run_findings(struct tm_context *context)
{
    struct tm_report_reader reader = {0};
    struct tm_findings findings = {.n = 0};
    int code = 0;
    if (tm_report_read(&reader, context->store, &context->settings, &context->run, &(struct tm_report_wish){.runs = RUNS}) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0 && tm_findings_find(&reader.report, &findings) != 0)
        code = tm_trouble("out of memory");
    if (code == 0 && forms[find_form(context->arguments)].put(stdout, &reader.report, &findings) != 0)
        code = tm_trouble("out of memory");
    if (code == 0)
        code = tm_hint_other_hosts(context, &reader.report);
    tm_findings_free(&findings);
    tm_report_reader_free(&reader);
    return code;
}

const struct tm_command tm_command_findings = {
    .name = "findings",
    .usage = "[options]",
    .summary = "say what to do first: the worst of the newest run, each with a diagnosis and a next step",
    .more =
        "There are at most seven findings: first what regressed tonight, then what is still open, missing or suspect, and among "
        "these\n"
        "first what costs the run most. findings writes nothing: it reads the verdicts and settings of the gate, and judges in "
        "memory "
        "if no\n"
        "gate has judged the run or an option asks for other settings. The exit code does not say whether the run passed.",
    .example = "  tidemark findings --format markdown >findings.md\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_JUDGED_RUN,
    .prepare = prepare,
    .run = run_findings,
    .options = {{"run", "KEY", "look at that run (default: the newest)"},
                {"format", "FORM", "text, markdown or json (default: text)"},
                {"strict", NULL, "fail on suspects as well, as for the gate"},
                {"extreme", "X", "as for the gate"},
                {"min-effect", "SHARE", "smallest change that counts (default: 5%)"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
