/* Runs a command again and again, each time with another allocation that fails (short_of_memory.c is preloaded), and looks at what
 * came of it. The undisturbed command says what is right. With a failure it may do one of two things: the same output, files,
 * messages, exit code and rows in the store, byte by byte; or exit with 2 after a message, with every table of the store as it was
 * before or as it should have become. With VARIES=1 the output is another one each time, and must only be there.
 *
 *     each_allocation LIBRARY BASE_STORE MODE DEPTH STRIDE WORD...
 *
 * MODE is once or sticky: the one allocation, or all from there on. Every STRIDE-th fails, and each that is the first to come by
 * its way: the last DEPTH calls before it. The store is try.db, a copy of BASE_STORE; what the command writes into out/ is output.
 * All of that is in the working directory. The last line says how many were tried, and how many went wrong; the exit code is 1 if
 * any did. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "digest.h"

enum {
    SECONDS = 60, /* no command takes one undisturbed; who takes that long hangs */
    SHOWN = 5     /* failures that are told in full */
};

struct outcome {
    int code; /* -1: killed by a signal */
    unsigned long long out, err, files;
    struct tables tables;
};

static const char *library, *base, *mode, *depth;
static char **words;

static void die(const char *what)
{
    fprintf(stderr, "each_allocation: %s: %s\n", what, strerror(errno));
    exit(3);
}

/* ---- one try ---- */

static void copy_store(void)
{
    char bytes[65536];
    ssize_t size;
    unlink("try.db");
    unlink("try.db-journal");
    int from = open(base, O_RDONLY);
    if (from < 0)
        return; /* the command makes it */
    int to = open("try.db", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    while ((size = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)size) != size)
            die("try.db");
    close(from);
    close(to);
}

static void start_command(long at, const char *out, const char *err)
{
    char number[32];
    snprintf(number, sizeof number, "%ld", at);
    int in_file = open("/dev/null", O_RDONLY);
    int out_file = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644), err_file = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (in_file < 0 || out_file < 0 || err_file < 0 || dup2(in_file, 0) < 0 || dup2(out_file, 1) < 0 || dup2(err_file, 2) < 0)
        _exit(97);
    setenv("LD_PRELOAD", library, 1);
    if (at > 0)
        setenv("FAIL_AT", number, 1);
    else
        setenv("FAIL_COUNT", "count", 1), setenv("FAIL_DEPTH", depth, 1);
    if (strcmp(mode, "sticky") == 0)
        setenv("FAIL_STICKY", "1", 1);
    alarm(SECONDS);
    execv(words[0], words);
    _exit(96);
}

static struct outcome try_once(long at, const char *out, const char *err)
{
    struct outcome outcome = {0};
    int status;
    copy_store();
    of_folder("out", true);
    mkdir("out", 0755);
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        start_command(at, out, err);
    if (waitpid(child, &status, 0) != child)
        die("waitpid");
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    outcome.out = of_file(out);
    outcome.err = of_file(err);
    outcome.files = of_folder("out", false);
    read_tables("try.db", &outcome.tables);
    return outcome;
}

static bool has_message(const char *path)
{
    char text[512] = "";
    FILE *in = fopen(path, "re");
    size_t size = in ? fread(text, 1, sizeof text - 1, in) : 0;
    if (in)
        fclose(in);
    text[size] = '\0';
    /* More than a name and a colon. */
    const char *colon = strchr(text, ':');
    return colon && strspn(colon + 1, " \n") < strlen(colon + 1);
}

/* Each table as it was, or as it should be: a gate stores the night in one transaction and judges in the next. A store that is
 * made, or brought up to date, gets its tables by transactions of their own: empty ones are as good as none. */
static bool store_is_whole(const struct outcome *found, const struct outcome *before, const struct outcome *wanted)
{
    if (found->tables.n != wanted->tables.n)
        return before->tables.n != wanted->tables.n;
    for (int i = 0; i < found->tables.n; i++)
        if (found->tables.of[i] != wanted->tables.of[i] &&
            found->tables.of[i] != (before->tables.n == 0 ? SEED : before->tables.of[i]))
            return false;
    return true;
}

/* NULL: right. */
static const char *fault_of(const struct outcome *found, const struct outcome *before, const struct outcome *wanted)
{
    if (found->code < 0)
        return found->code == -SIGALRM ? "it hangs" : "it crashed";
    if (found->code == 2)
        return !has_message("found.err")               ? "exit 2 without a message"
               : store_is_whole(found, before, wanted) ? NULL
                                                       : "exit 2, and half a change in the store";
    if (found->code != wanted->code)
        return "another exit code";
    if (getenv("VARIES") ? found->out == of_file("/dev/null") : found->out != wanted->out)
        return "other output";
    if (found->err != wanted->err)
        return "other messages";
    if (found->files != wanted->files)
        return "other files";
    if (!same_tables(&found->tables, &wanted->tables))
        return "other rows in the store";
    return NULL;
}

static void show(const char *command)
{
    fflush(stdout);
    if (system(command) != 0) /* NOLINT(cert-env33-c): a test's own words */
        putchar('\n');
}

/* How many there are; chosen[n] is set for the n-th that is the first of its way. */
static long read_count(bool **chosen)
{
    long total = 0, number;
    FILE *in = fopen("count", "re");
    if (!in || fscanf(in, "%ld", &total) != 1 || !(*chosen = calloc((size_t)total + 1, sizeof **chosen))) /* NOLINT(cert-err34-c) */
        die("count");
    while (fscanf(in, "%ld", &number) == 1) /* NOLINT(cert-err34-c): short_of_memory.c's own */
        (*chosen)[number <= total ? number : 0] = true;
    fclose(in);
    return total;
}

int main(int argc, char **argv)
{
    if (argc < 7)
        return 3;
    library = argv[1], base = argv[2], mode = argv[3], depth = argv[4], words = argv + 6;
    long stride = strtol(argv[5], NULL, 10), tried = 0, wrong = 0, crashed = 0;
    bool *chosen = NULL;
    struct outcome before = {0};
    if (access(base, F_OK) == 0)
        read_tables(base, &before.tables);
    struct outcome wanted = try_once(0, "wanted.out", "wanted.err");
    long total = read_count(&chosen);
    /* A command that fails by itself tries nothing, unless it is there for that. */
    if (wanted.code < 0 || (wanted.code == 2) != (getenv("REFUSED") != NULL) || total < 1) {
        printf("undisturbed: exit %d, %ld allocations\n", wanted.code, total);
        show("head -n 3 wanted.err");
        free(chosen);
        return 3;
    }
    for (long at = 1; at <= total; at++) {
        if (!chosen[at] && at % stride != 0)
            continue;
        struct outcome found = try_once(at, "found.out", "found.err");
        const char *fault = fault_of(&found, &before, &wanted);
        tried++;
        crashed += found.code < 0;
        if (fault && wrong++ < SHOWN) {
            printf("  allocation %ld of %ld fails (%s): %s (exit %d, not %d or 2)\n", at, total, mode, fault, found.code,
                   wanted.code);
            show("{ diff wanted.out found.out | head -n 4; diff wanted.err found.err | head -n 4; } | cut -c 1-160");
        }
    }
    printf("%ld tried of %ld, %ld wrong, %ld crashed\n", tried, total, wrong, crashed);
    free(chosen);
    return wrong > 0;
}
