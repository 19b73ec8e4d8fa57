/* Looks a word up in a dictionary far away: waiting. */
#include <string.h>
#include <time.h>

#include "plugins.h"

int web_search(void *context, const void *input, void *output);

int web_search(void *context, const void *input, void *output)
{
    static const char *const pages[][2] = {{"tide", "the rise and fall of the sea"}, {"mark", "a visible sign"}};
    const struct timespec far_away = {.tv_nsec = 3000000};
    (void)context;
    nanosleep(&far_away, NULL);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(pages[i][0], input) == 0) {
            *(const char **)output = pages[i][1];
            return 0;
        }
    return SEARCH_NOT_FOUND;
}
