/* The next step: one sentence in the imperative, and a command to begin with. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/findings/diagnosis.h"

enum { COMMIT_LEAST = 7, COMMIT_MOST = 64 };

/* ---- what may stand in a command ---- */

static bool is_commit_id(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    return n >= COMMIT_LEAST && n <= COMMIT_MOST && strspn(text, "0123456789abcdef") == n;
}

/* Would a terminal show it as it is? Only then can it be copied from there. */
static bool shows_as_it_is(const char *text)
{
    char *shown = tm_safe_text(text);
    bool same = shown && strcmp(shown, text) == 0;
    free(shown);
    return same;
}

static bool is_plain_word(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_./:+@%,", *c))
            return false;
    return true;
}

static void put_shell_word(FILE *out, const char *text, const char *instead)
{
    if (!*text || *text == '-' || !shows_as_it_is(text)) {
        fputs(instead, out);
        return;
    }
    if (is_plain_word(text)) {
        fputs(text, out);
        return;
    }
    putc('\'', out);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            putc(*text, out);
    putc('\'', out);
}

static void put_project(FILE *out, const struct tm_case *c)
{
    if (!c->report->project || strcmp(c->report->project, "default") == 0)
        return;
    fputs(" --project ", out);
    put_shell_word(out, c->report->project, "PROJECT");
}

/* ---- what to compare ---- */

static bool has_commits(const struct tm_case *c)
{
    return is_commit_id(c->verdict->good_commit) && is_commit_id(c->verdict->since_commit);
}

static bool has_runs(const struct tm_case *c)
{
    return c->verdict->last_good && c->verdict->since;
}

static void put_both(FILE *out, const struct tm_case *c)
{
    const struct tm_report_verdict *v = c->verdict;
    if (has_commits(c))
        fprintf(out, " at %.*s and at %.*s", tm_commit_shown(v->good_commit), v->good_commit, tm_commit_shown(v->since_commit),
                v->since_commit);
    else if (has_runs(c))
        fprintf(out, " with the versions of run %s and of run %s", v->last_good, v->since);
    else
        fputs(" with this version and with an older one", out);
}

/* ---- the steps ---- */

static void advise_on_whole_run(FILE *out, const struct tm_case *c)
{
    fputs("Compare the host", out);
    if (has_runs(c))
        fprintf(out, " of run %s with that of run %s", c->verdict->last_good, c->verdict->since);
    fputs(": load, processor speed, kernel, runtime, disk. If it is to stay so, accept it.", out);
}

static void advise_on_same_commit(FILE *out, const struct tm_case *c)
{
    fputs("Compare input, settings, dependencies and services", out);
    if (has_runs(c))
        fprintf(out, " of run %s with those of run %s", c->verdict->last_good, c->verdict->since);
    fputs(": both measured the same commit.", out);
}

static void advise_on_climb(FILE *out, const struct tm_case *c)
{
    const struct tm_symptoms *s = &c->symptoms;
    fprintf(out, "Compare what run %s and run %s worked on, and look for what grows from run to run: input, cache, table, log.",
            c->report->runs[s->climb_first].key, c->report->runs[s->climb_last].key);
}

void tm_put_advice(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    if (c->verdict->class == TM_MISSING) {
        fputs("Look for errors where the host loads it; if it was removed on purpose, retire it.", out);
    } else if (c->verdict->plugin == TM_WHOLE_RUN) {
        advise_on_whole_run(out, c);
    } else if (tm_is_suspect(c)) {
        fputs("Measure it once more before looking further: both runs are then judged together.", out);
    } else if (c->symptoms.same_commit) {
        advise_on_same_commit(out, c);
    } else if (!cause->action) {
        advise_on_climb(out, c);
    } else {
        fputs(cause->action, out);
        put_both(out, c);
        fprintf(out, ", and %s.", cause->look);
    }
}

static void put_plugin_command(FILE *out, const struct tm_case *c, const char *verb, const char *plugin)
{
    fprintf(out, "tidemark %s ", verb);
    put_shell_word(out, plugin, "PLUGIN");
    fputs(" --reason WHY", out);
    put_project(out, c);
}

static void put_repeat(FILE *out, const struct tm_case *c)
{
    fputs("tidemark gate FILE --run NAME --repeat-of ", out);
    put_shell_word(out, c->report->run->key, "KEY");
    put_project(out, c);
}

void tm_put_command(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = c->verdict;
    if (v->class == TM_MISSING)
        put_plugin_command(out, c, "retire", c->report->plugins[v->plugin].name);
    else if (v->plugin == TM_WHOLE_RUN)
        put_plugin_command(out, c, "accept", "*");
    else if (tm_is_suspect(c))
        put_repeat(out, c);
    else if (has_commits(c) && !c->symptoms.same_commit && cause->action)
        fprintf(out, "git log --oneline %.*s..%.*s", tm_commit_shown(v->good_commit), v->good_commit,
                tm_commit_shown(v->since_commit), v->since_commit);
}
