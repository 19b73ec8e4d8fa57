/* The plugins of a project by name, and what globs in quotes mean among them. */
#ifndef TM_CLI_PLUGIN_NAMES_H
#define TM_CLI_PLUGIN_NAMES_H

#include "base/arena.h"
#include "cli/command.h"

struct tm_plugin_names {
    struct tm_arena texts;
    const char **list; /* in their order */
    size_t n;
};

/* Might the word be a glob? A plugin may be called like one: then it is its name. */
bool tm_is_like_glob(const char *word);

/* Reads the names of the context's project, once: 0, or TM_EXIT_TROUBLE after a message. All zero before; free in any case. */
int tm_plugin_names_read(struct tm_context *context, struct tm_plugin_names *names);
void tm_plugin_names_free(struct tm_plugin_names *names);

#endif
