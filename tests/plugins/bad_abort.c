/* Gives up while it is loaded. */
#include <stdlib.h>

int bad_abort(void *context, const void *input, void *output);

__attribute__((constructor)) static void give_up(void)
{
    abort();
}

int bad_abort(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return 0;
}
