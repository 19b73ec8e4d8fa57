/* The next step: one sentence in the imperative, and a command to begin with. The command is to be copied into a shell, so nothing
 * from the data enters it that a shell or a terminal could take for something else. */
#include <ctype.h>
#include <string.h>

#include "base/escape.h"
#include "report/findings/diagnosis.h"
#include "report/words.h"

enum { COMMIT_LEAST = 7, COMMIT_MOST = 64 }; /* digits: what git abbreviates to, and a full SHA-256 */

/* ---- what may stand in a command ---- */

/* Letters a to f and digits only: nothing that a shell would take for something else. */
static bool is_commit_id(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    return n >= COMMIT_LEAST && n <= COMMIT_MOST && strspn(text, "0123456789abcdef") == n;
}

static bool is_plain_word(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_./:+@%,", *at))
            return false;
    return true;
}

/* The text as one word of a command, quoted if need be; `instead` where it cannot be one, or could be taken for an option. */
static void put_shell_word(FILE *out, const char *text, const char *instead)
{
    if (!*text || *text == '-' || !tm_is_safe(text)) {
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

static void put_project(FILE *out, const struct tm_facts *f)
{
    if (!f->report->project || strcmp(f->report->project, "default") == 0)
        return;
    fputs(" --project ", out);
    put_shell_word(out, f->report->project, "PROJECT");
}

/* ---- what to compare ---- */

static bool has_commits(const struct tm_facts *f)
{
    struct tm_commits commits = tm_verdict_commits(f->verdict);
    return is_commit_id(commits.from) && is_commit_id(commits.to);
}

/* Where the date is unsure, one that is good for sure and one that is bad for sure. */
static const char *good_run(const struct tm_facts *f)
{
    return tm_interval_is_wide(&f->verdict->interval) ? f->verdict->interval.sure_good : f->verdict->last_good;
}

static const char *bad_run(const struct tm_facts *f)
{
    return tm_interval_is_wide(&f->verdict->interval) ? f->verdict->interval.latest : f->verdict->since;
}

static bool has_runs(const struct tm_facts *f)
{
    return good_run(f) && bad_run(f);
}

/* " at GOOD and at BAD": what to compare with what. */
static void put_both_versions(FILE *out, const struct tm_facts *f)
{
    struct tm_commits commits = tm_verdict_commits(f->verdict);
    if (has_commits(f))
        fprintf(out, " at %.*s and at %.*s", tm_commit_shown(commits.from), commits.from, tm_commit_shown(commits.to), commits.to);
    else if (has_runs(f))
        fprintf(out, " with the versions of run %s and of run %s", good_run(f), bad_run(f));
    else
        fputs(" with this version and with an older one", out);
}

/* ---- the steps ---- */

void tm_put_next_step(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    if (f->verdict->class == TM_MISSING) {
        fputs("Look for errors where the host loads it; if it was removed on purpose, retire it.", out);
    } else if (f->verdict->class == TM_OVER_LIMIT) {
        fputs("Bring it back within the limit, or raise the limit where tidemark.ini sets it.", out);
    } else if (f->verdict->plugin == TM_WHOLE_RUN && !tm_is_of_times(f->report, f->verdict)) {
        fputs("Compare what all plugins share", out);
        if (has_runs(f))
            fprintf(out, " in run %s and in run %s", good_run(f), bad_run(f));
        fputs(": build, libraries, runtime, data. If this is the new normal, accept it.", out);
    } else if (f->verdict->plugin == TM_WHOLE_RUN) {
        fputs("Compare the host", out);
        if (has_runs(f))
            fprintf(out, " of run %s with that of run %s", good_run(f), bad_run(f));
        fputs(": load, processor speed, kernel, runtime, disk. If this is the new normal, accept it.", out);
    } else if (tm_is_suspect(f)) {
        fputs("Measure it once more before looking further: both runs are then judged together.", out);
    } else if (f->symptoms.same_commit) {
        fputs("Compare input, settings, dependencies and services", out);
        if (has_runs(f))
            fprintf(out, " of run %s with those of run %s", good_run(f), bad_run(f));
        fputs(": both measured the same commit.", out);
    } else if (!cause->action) {
        const struct tm_report_run *runs = f->report->runs;
        fprintf(out, "Compare what run %s and run %s worked on, and look for what grows from run to run: input, cache, table, log.",
                runs[f->symptoms.climb_first].key, runs[f->symptoms.climb_last].key);
    } else {
        fputs(cause->action, out);
        put_both_versions(out, f);
        fprintf(out, ", and %s.", cause->look);
    }
}

static void put_plugin_command(FILE *out, const struct tm_facts *f, const char *verb, const char *plugin)
{
    fprintf(out, "tidemark %s ", verb);
    put_shell_word(out, plugin, "PLUGIN");
    fputs(" --reason WHY", out);
    put_project(out, f);
}

void tm_put_command(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = f->verdict;
    if (v->class == TM_MISSING) {
        put_plugin_command(out, f, "retire", f->report->plugins[v->plugin].name);
    } else if (v->class == TM_OVER_LIMIT) {
        fputs("tidemark show ", out);
        put_shell_word(out, f->report->plugins[v->plugin].name, "PLUGIN");
        put_project(out, f);
    } else if (v->plugin == TM_WHOLE_RUN) {
        put_plugin_command(out, f, "accept", "*");
    } else if (tm_is_suspect(f)) {
        fputs("tidemark gate FILE --run NAME --repeat-of ", out);
        put_shell_word(out, f->report->run->key, "KEY");
        put_project(out, f);
    } else if (has_commits(f) && !f->symptoms.same_commit && cause->action) {
        tm_put_commits(out, "git log --oneline ", tm_verdict_commits(v));
    }
}
