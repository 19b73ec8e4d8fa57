/* Places as file and line: by addr2line, which reads what the compiler left for debuggers. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/sites.h"
#include "record/state.h"

enum {
    AT_ONCE = 64, /* places for one run of addr2line, which reads all of the file's debugging information each time */
    LINE = 4096,  /* of its answers; C++ names may be long */
};

/* Places of one file, that are asked for together. */
struct question {
    char path[TM_SITE_PATH];
    struct tm_rec_site *sites[AT_ONCE];
    char offsets[AT_ONCE][24]; /* "0x" and at most 16 digits */
    size_t count;
};

/* addr2line's standard output, to be closed; -1 (tm_rec_message): it cannot be run. */
static int run_addr2line(struct question *question, pid_t *child)
{
    char *arguments[AT_ONCE + 5] = /* four, the offsets, and NULL */
        {"addr2line", "-Cfs", "-e", question->path};
    posix_spawn_file_actions_t actions;
    int ends[2], fault;
    for (size_t i = 0; i < question->count; i++)
        arguments[4 + i] = question->offsets[i];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return tm_rec_fail("cannot run addr2line: no pipe");
    posix_spawn_file_actions_init(&actions);
    fault = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (fault == 0)
        fault = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (fault == 0)
        fault = posix_spawnp(child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (fault == 0)
        return ends[0];
    close(ends[0]);
    return tm_rec_fail("cannot run addr2line: %s", strerror(fault));
}

/* Two lines for each place: the function, and file:line, with question marks for what is not known. An answer that ends early (it
 * knows nothing of such a file) leaves the other places as they are. 0, or -1: it could not be read. */
static int read_answers(FILE *answers, struct question *question)
{
    char function[LINE], line[LINE];
    for (size_t i = 0; i < question->count; i++) {
        if (!fgets(function, LINE, answers) || !fgets(line, LINE, answers))
            return ferror(answers) ? tm_rec_fail("cannot read what addr2line says: %s", strerror(errno)) : 0;
        function[strcspn(function, "\n")] = '\0';
        line[strcspn(line, " \n")] = '\0';
        if (line[0] != '?' && !strstr(line, ":?") && !strstr(line, ":0"))
            snprintf(question->sites[i]->place, sizeof question->sites[i]->place, "%.120s (%.120s)", line, function);
    }
    return 0;
}

/* Runs addr2line, and waits for its end. 0, or -1 (tm_rec_message). */
static int ask_addr2line(struct question *question)
{
    pid_t child = 0;
    int from = run_addr2line(question, &child);
    if (from < 0)
        return -1;
    FILE *answers = fdopen(from, "r");
    int result = answers ? read_answers(answers, question) : tm_rec_fail("out of memory");
    if (answers)
        fclose(answers);
    else
        close(from);
    waitpid(child, NULL, 0);
    return result;
}

/* The first place that has not been asked for, and others of its file; false: there is none. */
static bool next_question(struct tm_rec_sites *sites, bool *asked, struct question *question)
{
    char path[TM_SITE_PATH];
    question->count = 0;
    for (size_t i = 0; i < sites->n_sites && question->count < AT_ONCE; i++) {
        uintptr_t offset = asked[i] ? 0 : tm_site_object(sites->sites[i].address, path);
        if (!offset || (question->count > 0 && strcmp(path, question->path) != 0))
            continue;
        memcpy(question->path, path, sizeof path);
        snprintf(question->offsets[question->count], sizeof question->offsets[0], "0x%zx", (size_t)offset);
        question->sites[question->count++] = &sites->sites[i];
        asked[i] = true;
    }
    return question->count > 0;
}

/* File by file, some places at a time. What is not known keeps its offset: no failure. */
int tm_rec_sites_locate(struct tm_rec_sites *sites)
{
    if (!sites)
        return 0;
    struct question *question = malloc(sizeof *question);
    bool *asked = calloc(sites->n_sites + 1, sizeof *asked);
    int result = 0;
    if (!question || !asked)
        result = tm_rec_fail("out of memory");
    else
        while (result == 0 && next_question(sites, asked, question))
            result = ask_addr2line(question);
    free(question);
    free(asked);
    return result;
}
