/* doctor: what keeps this store from good verdicts, and with what each of it is mended. It opens the store itself: one that cannot
 * be opened is a finding like any other, and what lies around it may say why. */
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/arguments.h"
#include "cli/decision_file.h"
#include "cli/settings.h"

enum form { TEXT, JSON, N_FORMS };

/* N_FORMS (and a message): there is no such form. */
static enum form find_form(const struct tm_arguments *arguments)
{
    static const char *const names[N_FORMS] = {[TEXT] = "text", [JSON] = "json"};
    const char *name = tm_option_value(arguments, "format");
    int form = 0;
    while (name && form < N_FORMS && strcmp(names[form], name) != 0)
        form++;
    if (form == N_FORMS)
        tm_trouble("--format '%s': expected text or json", name);
    return (enum form)form;
}

static int prepare(struct tm_context *context)
{
    return find_form(context->arguments) < N_FORMS ? 0 : TM_EXIT_TROUBLE;
}

/* ---- what was found, in both forms ---- */

static size_t count(const struct tm_problems *problems, enum tm_problem_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < problems->n; i++)
        n += problems->list[i].severity == severity;
    return n;
}

/* A line for what it is, and one for what mends it, below the words. */
static void put_text(const struct tm_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        printf("%-8s ", tm_severity_name(problems->list[i].severity)); /* as wide as "warning" */
        tm_put_safe(stdout, problems->list[i].text);
        fputs("\n         mend: ", stdout);
        tm_put_safe(stdout, problems->list[i].mend);
        putchar('\n');
    }
    if (problems->n == 0) {
        puts("everything is as it should be");
        return;
    }
    const char *comma = "";
    for (int severity = TM_TROUBLE; severity >= TM_NOTE; severity--) {
        size_t n = count(problems, (enum tm_problem_severity)severity);
        if (n == 0)
            continue;
        printf("%s%zu %s%s", comma, n, tm_severity_name((enum tm_problem_severity)severity),
               n == 1 || severity == TM_TROUBLE ? "" : "s");
        comma = ", ";
    }
    putchar('\n');
}

static void put_json(const struct tm_problems *problems, int code)
{
    printf("{\n  \"format\": \"tidemark.doctor/1\",\n  \"tidemark\": \"" TM_VERSION "\",\n  \"exit_code\": %d,\n  \"counts\": {",
           code);
    printf("\"trouble\": %zu, \"warning\": %zu, \"note\": %zu},\n  \"problems\": [", count(problems, TM_TROUBLE),
           count(problems, TM_WARNING), count(problems, TM_NOTE));
    for (size_t i = 0; i < problems->n; i++) {
        const struct tm_problem *problem = &problems->list[i];
        printf("%s\n    {\"severity\": \"%s\", \"check\": ", i ? "," : "", tm_severity_name(problem->severity));
        tm_put_json(stdout, problem->check);
        fputs(",\n     \"text\": ", stdout);
        tm_put_json(stdout, problem->text);
        fputs(",\n     \"mend\": ", stdout);
        tm_put_json(stdout, problem->mend);
        putchar('}');
    }
    puts("]\n}");
}

/* ---- the command ---- */

/* The message is kept as a fact, and the handle closed. */
static int note_trouble(struct tm_context *context, struct tm_doctor *doctor)
{
    const char *message = tm_error(context->store);
    if (!*message || strstr(message, "out of memory")) /* says nothing of the store */
        return tm_store_trouble(context->store);
    doctor->place.trouble = tm_arena_text(&doctor->texts, message, strlen(message));
    tm_close(context->store);
    context->store = NULL;
    return doctor->place.trouble ? 0 : tm_trouble("out of memory");
}

/* A file that cannot be read is a finding, too: what is wrong with it has been told. */
static void read_lines(const struct tm_context *context, struct tm_doctor *doctor, struct tm_decision_file *file)
{
    doctor->place.wrong_lines = tm_decision_file_read(context, file) != 0;
    doctor->place.decided = file->lines;
    doctor->place.n_decided = file->n;
}

static int read_store(struct tm_context *context, struct tm_doctor *doctor, struct tm_decision_file *file)
{
    if (tm_context_open(context, context->path, TM_READONLY, &context->store) != 0)
        return context->store ? note_trouble(context, doctor) : tm_trouble("out of memory");
    int code = tm_context_choose_project(context, NULL);
    int there = code == 0 ? tm_has_project(context->store, context->scope.project) : 0;
    if (there < 0)
        code = tm_store_trouble(context->store);
    else if (code == 0 && there == 0 && tm_option_given(context->arguments, "project"))
        code = tm_trouble("no project '%s' in the store", context->scope.project);
    if (code == 0)
        code = tm_settings_read(context);
    if (code == 0)
        read_lines(context, doctor, file);
    if (code == 0 && tm_doctor_read(doctor, context->store, &context->settings, context->scope.project) != 0)
        code = tm_store_trouble(context->store);
    return code;
}

/* Trouble keeps gates from working at all, so it is one here. Warnings fail where somebody wants that; notes never do. */
static int exit_code(const struct tm_context *context, const struct tm_problems *problems)
{
    if (count(problems, TM_TROUBLE) > 0)
        return TM_EXIT_TROUBLE;
    bool strict = tm_option_given(context->arguments, "strict");
    return strict && count(problems, TM_WARNING) > 0 ? TM_GATE_FAIL : TM_EXIT_DONE;
}

static int run_doctor(struct tm_context *context)
{
    struct tm_doctor doctor = {.project = "default", .base = "main"};
    struct tm_problems problems = {.n = 0};
    struct tm_decision_file file = {.path = NULL};
    int code = tm_place_look(&doctor, context->path) == 0 ? 0 : tm_trouble("out of memory");
    if (code == 0)
        code = read_store(context, &doctor, &file);
    if (code == 0 && tm_doctor_find(&doctor, &problems) != 0)
        code = tm_trouble("out of memory");
    if (code == 0) {
        code = exit_code(context, &problems);
        if (find_form(context->arguments) == JSON)
            put_json(&problems, code);
        else
            put_text(&problems);
        if (code == TM_EXIT_TROUBLE)
            tm_trouble("trouble found");
    }
    tm_problems_free(&problems);
    tm_doctor_free(&doctor);
    tm_decision_file_free(&file);
    return code;
}

const struct tm_command tm_command_doctor = {
    .name = "doctor",
    .usage = "[options]",
    .summary = "look for what keeps the store, the configuration and the job from good verdicts",
    .more =
        "Each finding says what is the matter, and the command or the line of configuration that mends it. Trouble keeps a gate\n"
        "from working: exit code 2. A warning keeps it from telling what it should: exit code 0, with --strict 1. A note is good\n"
        "to know. doctor writes nothing. What it says of noise rests on the newest run that a gate has judged.",
    .example = "  tidemark doctor --strict\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_NOTHING,
    .prepare = prepare,
    .run = run_doctor,
    .options = {{"project", "NAME", "look at this project"},
                {"format", "FORM", "text or json (default: text)"},
                {"strict", NULL, "exit with 1 on warnings"},
                {"decisions", "FILE", "look at the decisions in FILE (default: tidemark.decisions, if it is there)"},
                {"config", "FILE", "read settings from FILE (default: tidemark.ini, if there is one)"}},
};
