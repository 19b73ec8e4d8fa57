/* Runs a command again and again; each time another of its calls to the system, about a file below the working directory, goes
 * wrong.
 *
 *     each_call MODE STRIDE FIRST BASE WORD...
 *
 * MODE is kill (the process ends before the call), once or sticky (it fails: a full disk, a broken one), interrupted (EINTR) or
 * short (half of it is done). Every STRIDE-th call is tried, from FIRST on. The store is try.db, a copy of BASE; out/ begins as a
 * copy of old/. After a kill each table is as it was or as it should be, and so is each file that has its final name; after an
 * error the command has ended with 2 and a message that names a file, or has done all of its work. In either case the same command
 * once more gives what it would have given at first. The last line says how many were tried and went wrong. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "digest.h"

enum { SECONDS = 60, SHOWN = 5 };

struct outcome {
    int code;
    unsigned long long files;
    struct tables tables;
};

struct plan {
    const char *mode;
    long at, count;
    struct tm_call hit;
};

static char **words;
static char folder[4096];

static void must(const char *command)
{
    if (system(command) != 0) { /* NOLINT(cert-env33-c): a test's own words */
        fprintf(stderr, "each_call: %s failed\n", command);
        exit(3);
    }
}

/* A disk that is full takes no bytes and no names; a broken one gives none back. */
static int error_for(const struct plan *plan, const struct tm_call *call)
{
    if (strcmp(plan->mode, "interrupted") == 0)
        return EINTR;
    if (call->kind == TM_CALL_READ || call->kind == TM_CALL_SYNC)
        return EIO;
    return plan->at % 2 ? ENOSPC : EIO;
}

static int before(void *context, const struct tm_call *call)
{
    struct plan *plan = context;
    if (call->fd == STDOUT_FILENO || call->fd == STDERR_FILENO)
        return TM_CALL_GO_ON; /* what it prints is asked for here */
    long number = ++plan->count;
    bool sticky = strcmp(plan->mode, "sticky") == 0;
    if (plan->at == 0 || number < plan->at || (number > plan->at && !sticky))
        return TM_CALL_GO_ON;
    if (number == plan->at)
        plan->hit = *call;
    if (strcmp(plan->mode, "kill") == 0)
        return TM_CALL_KILL;
    if (strcmp(plan->mode, "short") == 0)
        return call->kind == TM_CALL_READ || call->kind == TM_CALL_WRITE ? TM_CALL_SHORT : TM_CALL_GO_ON;
    return error_for(plan, call);
}

/* Files beside others that a killed one was writing (.123456) are no output: they have no final name. */
static unsigned long long final_files(void)
{
    must("find out -regextype posix-extended -regex '.*\\.[0-9a-f]{6}' -prune -exec rm -rf {} +");
    return of_folder("out", false);
}

static struct outcome look(int code)
{
    struct outcome outcome = {.code = code, .files = final_files()};
    read_tables("try.db", &outcome.tables);
    return outcome;
}

static struct outcome run(struct plan *plan, const char *out, const char *err)
{
    struct tm_calls calls = {
        .folder = folder, .before = plan ? before : NULL, .context = plan, .out = out, .err = err, .seconds = SECONDS};
    return look(tm_calls_run(&calls, words));
}

static void reset(const char *base)
{
    char command[4600];
    snprintf(command, sizeof command, "rm -rf out try.db try.db-journal && cp -r old out && { test ! -e '%s' || cp '%s' try.db; }",
             base, base);
    must(command);
}

/* A new store, or one that is brought up to date, gets there in several transactions: empty tables are as good as none. */
static bool is_whole(const struct tables *found, const struct tables *first, const struct tables *wanted)
{
    if (same_tables(found, first) || same_tables(found, wanted))
        return true;
    if (first->n == wanted->n)
        return false;
    for (int i = 0; i < found->n && found->n == wanted->n; i++)
        if (found->of[i] != wanted->of[i] && found->of[i] != SEED)
            return first->n > 0;
    return true;
}

static bool names_a_file(const char *path)
{
    char text[1024] = "";
    FILE *in = fopen(path, "re");
    size_t size = in ? fread(text, 1, sizeof text - 1, in) : 0;
    if (in)
        fclose(in);
    text[size] = '\0';
    return strchr(text, '\'') != NULL || strstr(text, ".csv:") != NULL;
}

/* More may be there: what only an older report needed could not be removed, and the next one does. */
static bool has_wanted_files(void)
{
    static const char command[] = "cd wanted && find . -type f -exec cmp -s {} ../out/{} \\; -o -type f -print | grep -q .";
    return system(command) != 0; /* NOLINT(cert-env33-c): a test's own words */
}

/* What was done is not done again by each command: an 'accept' is another one then. */
static const char *fault_afterwards(const struct outcome *found, const struct outcome *wanted)
{
    struct outcome again = run(NULL, "again.out", "again.err");
    if (same_tables(&found->tables, &wanted->tables))
        return again.code < 0 || again.files != wanted->files ? "it does not work afterwards" : NULL;
    bool right = again.code == wanted->code && same_tables(&again.tables, &wanted->tables) && again.files == wanted->files;
    return right ? NULL : "it does not work afterwards";
}

static const char *fault_of(const struct plan *plan, const struct outcome *found, const struct outcome *first,
                            const struct outcome *wanted)
{
    bool killed = strcmp(plan->mode, "kill") == 0;
    if (!(killed && found->code == -9) && found->code < 0)
        return found->code == -14 ? "it hangs" : "it crashed";
    if (!is_whole(&found->tables, &first->tables, &wanted->tables))
        return "half a change in the store";
    if (killed || found->code == 2)
        return !killed && !names_a_file("found.err") ? "exit 2 without the name of a file" : NULL;
    if (found->code != wanted->code)
        return "another exit code";
    if (!same_tables(&found->tables, &wanted->tables))
        return "acknowledged, but not in the store";
    return found->files != wanted->files && !has_wanted_files() ? "acknowledged, but other files" : NULL;
}

int main(int argc, char **argv)
{
    if (argc < 6 || !getcwd(folder, sizeof folder))
        return 3;
    struct plan plan = {.mode = argv[1]};
    long stride = strtol(argv[2], NULL, 10), from = strtol(argv[3], NULL, 10), tried = 0, wrong = 0;
    const char *base = argv[4];
    words = argv + 5;
    reset(base);
    struct outcome first = look(0), wanted = run(&plan, "wanted.out", "wanted.err");
    long total = plan.count;
    must("rm -rf wanted && cp -r out wanted");
    if (wanted.code == -1000 || total < 1)
        return 77;
    for (long at = from; at <= total; at += stride) {
        plan = (struct plan){.mode = argv[1], .at = at};
        reset(base);
        struct outcome found = run(&plan, "found.out", "found.err");
        const char *fault = fault_of(&plan, &found, &first, &wanted);
        fault = fault ? fault : fault_afterwards(&found, &wanted);
        tried++;
        if (fault && wrong++ < SHOWN) {
            printf("  call %ld of %ld (%s, kind %d, %s): %s (exit %d, not %d)\n", at, total, plan.mode, plan.hit.kind,
                   plan.hit.path, fault, found.code, wanted.code);
            fflush(stdout);
            must("head -n 3 found.err; head -n 3 again.err 2>/dev/null || true");
        }
    }
    printf("%ld tried of %ld, %ld wrong\n", tried, total, wrong);
    return wrong > 0;
}
