/* gate, rebuild: judging the newest night, or all of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/forms.h"
#include "cli/ingesting.h"
#include "gate/dossier.h"

enum { DAY = 86400 };

/* Says what is stored of the run in the forms that were asked for: the gate's exit code. The run's own values are for forms that
 * tell of passes, too. */
static int report(const struct tm_arguments *arguments, tm_store *store, const struct tm_settings *settings,
                  const struct tm_picked_run *run, const struct tm_chosen_forms *forms)
{
    struct tm_dossier dossier;
    const struct tm_dossier_wish wish = {.runs = 1, .explain = tm_option_given(arguments, "explain")};
    int code = tm_dossier_read(&dossier, store, settings, run, &wish);
    if (code == 0)
        code = tm_forms_write(forms, &dossier.report);
    if (code == 0)
        code = dossier.report.exit_code;
    tm_dossier_free(&dossier);
    return code;
}

static int check_age(const struct tm_settings *settings, const struct tm_picked_run *run)
{
    double days = (double)(time(NULL) - run->started_at) / DAY;
    if (!(settings->max_age_days > 0) || (days <= settings->max_age_days && days >= -1))
        return 0;
    if (days < 0)
        return tm_trouble("the newest run '%s' starts %.1f days in the future: a wrong clock or --at ('tidemark rm' removes it)",
                          run->key, -days);
    return tm_trouble("the newest run '%s' is %.1f days old, older than --max-age %g: did the night run at all?", run->key, days,
                      settings->max_age_days);
}

static int judge(const struct tm_arguments *arguments, tm_store *store, struct tm_settings *settings, const char *key,
                 struct tm_picked_run *run)
{
    size_t judged = 0;
    int code = tm_settings_read(settings, arguments, store);
    if (code == 0)
        code = tm_pick_run(arguments, store, key, run);
    if (code == 0)
        code = check_age(settings, run);
    return code ? code : tm_judge_lineage(store, settings, run, &judged);
}

/* One transaction for all. A dry run judges and reports like any other, and then takes everything back. */
static int gate(const struct tm_arguments *arguments, tm_store *store, const struct tm_chosen_forms *forms)
{
    struct tm_settings settings = {0};
    struct tm_ingested ingested = {0};
    struct tm_picked_run run = {0};
    bool dry = tm_option_given(arguments, "dry-run");
    int code = arguments->n_words ? tm_ingest_words(arguments, store, &ingested) : TM_EXIT_DONE;
    if (code == 0)
        code = judge(arguments, store, &settings, *ingested.key ? ingested.key : tm_option_value(arguments, "run"), &run);
    if (code == 0 && !dry && tm_commit(store) != 0)
        code = tm_trouble("%s", tm_error(store));
    if (code == 0)
        code = report(arguments, store, &settings, &run, forms);
    tm_rollback(store);
    tm_picked_run_free(&run);
    tm_settings_free(&settings);
    return code;
}

/* A dry run of a first night makes no store: it is judged in memory. */
static struct tm_arguments without_store(const struct tm_arguments *arguments)
{
    struct tm_arguments changed = *arguments;
    if (tm_option_given(arguments, "dry-run") && arguments->n_words && access(tm_store_path(arguments), F_OK) != 0)
        changed.db = ":memory:";
    return changed;
}

static int run_gate(const struct tm_arguments *given)
{
    const struct tm_arguments changed = without_store(given), *arguments = &changed;
    struct tm_chosen_forms forms;
    if (tm_forms_choose(arguments, &forms) != 0)
        return TM_EXIT_TROUBLE;
    tm_store *store = tm_open_store(arguments, arguments->n_words ? TM_CREATE : 0);
    int code = TM_EXIT_TROUBLE;
    if (store)
        code = tm_begin(store) == 0 ? gate(arguments, store, &forms) : tm_trouble("%s", tm_error(store));
    tm_close(store);
    return code;
}

const struct tm_command tm_command_gate = {
    .name = "gate",
    .usage = "[FILE...] [options]",
    .summary = "judge the newest run (of FILE, stored first): exit 0 pass, 1 regression, 3 nothing judged",
    .more = "Compares each plugin with its own past on the same host and branch, and with the other plugins of the run. Fails on "
            "what is\n"
            "regressed tonight, still open from an earlier night, or missing. 'suspect' is one bad night alone: it fails only with "
            "--strict.",
    .example = "  tidemark gate night.csv --commit 3f2a91c\n",
    .run = run_gate,
    .most_words = -1,
    .options = {{"run", "KEY", "judge that run; with FILE: its name"},
                {"explain", NULL, "every number behind every verdict"},
                {"dry-run", NULL, "judge without storing anything"},
                {"strict", NULL, "suspects fail, too"},
                {"extreme", "X",
                 "one run beyond X times the baseline's whole range is regressed at once (default: with --strict 10, else never)"},
                {"max-age", "DAYS", "trouble (2) if the newest run is older"},
                {"allow-unjudged", NULL, "pass where nothing can be judged yet"},
                {"min-effect", "SHARE", "smallest change that counts (default: 5%)"},
                {"format", "FORM[=F]",
                 "text, json, csv, markdown, junit, github, openmetrics or badge, to the file F; may be repeated"},
                {"at", "TIME", "with FILE: when the run started"},
                {"commit", "ID", "with FILE: what was measured"},
                {"version", "TEXT", "with FILE: version of the host program"},
                {"append", NULL, "with FILE: add plugins to the stored run"},
                {"replace", NULL, "with FILE: put the new rows in place of the stored run's"},
                {"repeat-of", "KEY", "with FILE: it confirms that run, and is judged with it"},
                {"calls", NULL, "with FILE: a row is one call"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};

static int rebuild_lineages(const struct tm_arguments *arguments, tm_store *store, const struct tm_settings *settings,
                            size_t *judged)
{
    const char *project = tm_option_value(arguments, "project");
    struct tm_picked_run *runs = NULL;
    size_t n = 0;
    tm_rows *rows =
        tm_ask(store, TM_Q_LINEAGES, "tttt", project ? project : "default", (const char *)NULL, (const char *)NULL, settings->base);
    int step = -1, code = 0;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_picked_run *bigger = realloc(runs, (n + 1) * sizeof *bigger);
        if (!bigger)
            break;
        runs = bigger;
        runs[n++] = (struct tm_picked_run){.project_id = tm_rows_value(rows, 0).integer,
                                           .host_id = tm_rows_value(rows, 1).integer,
                                           .branch = strdup(tm_rows_text(rows, 2))};
    }
    tm_rows_close(rows);
    if (step != 0)
        code = tm_trouble("%s", tm_error(store));
    for (size_t i = 0; i < n; i++) {
        size_t nights = 0;
        if (code == 0)
            code = tm_judge_lineage(store, settings, &runs[i], &nights);
        *judged += nights;
        tm_picked_run_free(&runs[i]);
    }
    free(runs);
    return code;
}

static int run_rebuild(const struct tm_arguments *arguments)
{
    struct tm_settings settings = {0};
    size_t judged = 0;
    tm_store *store = tm_open_store(arguments, 0);
    int code = !store ? TM_EXIT_TROUBLE : tm_begin(store) == 0 ? TM_EXIT_DONE : tm_trouble("%s", tm_error(store));
    if (code == 0)
        code = tm_settings_read(&settings, arguments, store);
    if (code == 0 && tm_do(store, TM_Q_LINEAGES_SPOIL_ALL, "") != 0)
        code = tm_trouble("%s", tm_error(store));
    if (code == 0)
        code = rebuild_lineages(arguments, store, &settings, &judged);
    if (code == 0 && tm_commit(store) != 0)
        code = tm_trouble("%s", tm_error(store));
    if (code == 0)
        printf("%zu night%s judged anew\n", judged, judged == 1 ? "" : "s");
    tm_settings_free(&settings);
    tm_close(store);
    return code;
}

const struct tm_command tm_command_rebuild = {
    .name = "rebuild",
    .usage = "[options]",
    .summary = "drop all verdicts and what the judge remembers, and judge every night anew",
    .example = "  tidemark rebuild\n",
    .run = run_rebuild,
    .options = {{"project", "NAME", "the project (default: default)"}, TM_JUDGE_OPTIONS},
};
