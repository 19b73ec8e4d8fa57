/* Has a signal handler of its own, which goes on to the one of before, as those of crash reporters do. Crashes when it is called.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int bad(void *context, const void *input, void *output);

static struct sigaction before;

static void handle(int number, siginfo_t *info, void *where)
{
    ssize_t size = write(STDERR_FILENO, "handled\n", 8);
    (void)size;
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(number, info, where);
    else
        signal(number, SIG_DFL);
}

__attribute__((constructor)) static void install(void)
{
    struct sigaction own = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &own, &before);
}

int bad(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    volatile uintptr_t nowhere = 8;
    return *(volatile int *)nowhere;
}
