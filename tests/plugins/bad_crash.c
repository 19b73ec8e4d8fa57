/* Crashes while it is loaded. */
#include <stdint.h>

int bad_crash(void *context, const void *input, void *output);

__attribute__((constructor)) static void crash(void)
{
    volatile uintptr_t nowhere = 8;
    *(volatile int *)nowhere = 1;
}

int bad_crash(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return 0;
}
