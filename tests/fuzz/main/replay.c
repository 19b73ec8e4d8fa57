/* Tries stored inputs, without a fuzzer: replay CORPUS. CORPUS/NAME holds those of the target NAME. Each runs in a process of its
 * own, whose end, time and memory are looked at. A target's inputs are one case, printed as the test runner wants it. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

/* What an input may take. Sanitizers take their own part: time is ten times as much there, and memory is not looked at. */
enum { MOST_MS = 1000, MOST_KIB = 256 * 1024, SLOWER = 10 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* In the child. What a command prints goes nowhere, what a sanitizer says stays. */
static void run_in_child(const struct tm_fuzz_target *target, const char *path)
{
    static uint8_t bytes[1 << 20];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    if (size < 0 || nowhere < 0)
        _exit(111);
    dup2(nowhere, STDOUT_FILENO);
    if (!SANITIZED)
        dup2(nowhere, STDERR_FILENO);
    tm_scene_begin();
    target->run(bytes, (size_t)size);
    tm_scene_end();
    exit(0);
}

/* NULL if all is well. */
static const char *try_one(const struct tm_fuzz_target *target, const char *path)
{
    static char text[200];
    struct rusage used;
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        run_in_child(target, path);
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return "cannot fork";
    long ms = 1000 * (used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
    if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        snprintf(text, sizeof text, "ended with %d", WEXITSTATUS(status));
    else if (ms > (long)MOST_MS * (SANITIZED ? SLOWER : 1))
        snprintf(text, sizeof text, "took %ld ms", ms);
    else if (!SANITIZED && used.ru_maxrss > MOST_KIB)
        snprintf(text, sizeof text, "took %ld KiB", used.ru_maxrss);
    else
        return NULL;
    return text;
}

static int replay(const struct tm_fuzz_target *target, const char *corpus)
{
    char folder[PATH_MAX + 64], path[PATH_MAX + 512];
    int tried = 0, failed = 0;
    snprintf(folder, sizeof folder, "%s/%s", corpus, target->name);
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (*entry->d_name == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        const char *fault = try_one(target, path);
        tried++;
        if (fault)
            printf("  %s: %s\n", path, fault);
        failed += fault != NULL;
    }
    if (directory)
        closedir(directory);
    printf("%s fuzz %s: %d inputs\n", failed || tried == 0 ? "not ok" : "ok", target->name, tried);
    return failed || tried == 0;
}

int main(int argc, char **argv)
{
    char corpus[PATH_MAX];
    int failed = 0;
    if (argc != 2 || !realpath(argv[1], corpus))
        return fprintf(stderr, "usage: replay CORPUS\n"), 2;
    for (const struct tm_fuzz_target *target = tm_fuzz_targets; target->name; target++)
        failed += replay(target, corpus);
    return failed != 0;
}
