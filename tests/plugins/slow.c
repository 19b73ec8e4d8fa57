/* Takes its time to be loaded. */
#include <time.h>

int slow(void *context, const void *input, void *output);

__attribute__((constructor)) static void wait(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
}

int slow(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return 0;
}
