/* Handlers of the signals that crashes raise, for as long as a plugin is loaded. What they write is made beforehand, since a
 * handler may call hardly anything; then they give way to those of before. */
#include "record/last_words.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

enum { FATAL = sizeof fatal / sizeof *fatal };

static struct sigaction before[FATAL];
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t under_way;
static pthread_t loader;
static char last_words[512];    /* the sentence below with all of both names */
static _Thread_local int depth; /* a plugin that is being loaded may load others */

/* Then what would have happened happens: a fault is met again when this returns, any other signal is raised again. A handler that a
 * plugin has installed may call this one later, as the one of before it. */
static void write_last_words(int number, siginfo_t *info, void *where)
{
    (void)where;
    if (under_way && pthread_equal(pthread_self(), loader)) {
        ssize_t size = write(STDERR_FILENO, last_words, strlen(last_words));
        (void)size;
    }
    for (int i = 0; i < FATAL; i++)
        if (fatal[i] == number)
            sigaction(number, &before[i], NULL);
    if (info->si_code <= 0) /* sent by a process, as by abort(): it is not met again by itself */
        raise(number);
}

/* What a handler was before is known before it is ours, so that a child may be forked in between. */
static void install(void)
{
    struct sigaction action = {.sa_sigaction = write_last_words, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL; i++) {
        sigaction(fatal[i], NULL, &before[i]);
        sigaction(fatal[i], &action, NULL);
    }
}

/* A handler that somebody has installed meanwhile stays. */
static void restore(void)
{
    struct sigaction now;
    for (int i = 0; i < FATAL; i++)
        if (sigaction(fatal[i], NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == write_last_words)
            sigaction(fatal[i], &before[i], NULL);
}

/* One thread at a time: the words name one plugin. The lock is held until tm_last_words_end(). */
void tm_last_words_begin(const char *plugin, const char *path)
{
    if (depth++ > 0)
        return;
    pthread_mutex_lock(&loading);
    loader = pthread_self();
    snprintf(last_words, sizeof last_words, "tidemark: plugin '%.80s' crashed while '%.350s' was loaded\n", plugin, path);
    under_way = 1;
    install();
}

void tm_last_words_end(void)
{
    if (--depth > 0)
        return;
    restore();
    under_way = 0;
    pthread_mutex_unlock(&loading);
}

/* Not by waiting for the other thread before the fork: a plugin's constructor may itself wait for who forks. */
void tm_last_words_forked(void)
{
    if (depth > 0)
        return;
    restore();
    under_way = 0;
    pthread_mutex_init(&loading, NULL);
}
