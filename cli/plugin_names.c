/* All names are read at once, and before anything else is asked: a few thousand. */
#include "cli/plugin_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

bool tm_is_like_glob(const char *word)
{
    return strpbrk(word, "*?[") != NULL;
}

int tm_plugin_names_read(struct tm_context *context, struct tm_plugin_names *names)
{
    tm_rows *rows = names->list ? NULL : tm_ask(context->store, TM_Q_PLUGIN_NAMES, "t", context->scope.project);
    int step = rows ? 1 : names->list ? 0 : -1;
    while (step == 1 && (step = tm_rows_next(rows)) == 1) {
        const char *name = tm_rows_text(rows, 0), **item = tm_array_add(&names->list, &names->n, sizeof *item);
        if (!item || !name || !(*item = tm_arena_text(&names->texts, name, strlen(name))))
            step = tm_store_fail(context->store, "out of memory");
    }
    return (tm_rows_close(rows) != 0 ? -1 : step) == 0 ? 0 : tm_store_trouble(context->store);
}

void tm_plugin_names_free(struct tm_plugin_names *names)
{
    free(names->list);
    tm_arena_free(&names->texts);
}
