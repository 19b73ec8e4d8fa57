/* A plugin in a shared object, or in the program. */
#ifndef TM_RECORD_LIBRARY_H
#define TM_RECORD_LIBRARY_H

#include "record/tidemark_loader.h"

struct tm_library {
    void *handle;
    tm_plugin_function *function;
    const char *version; /* NULL: not said */
    void (*close)(void *context);
    void *context;
};

/* 0, or -1 with a message. If the plugin crashes while it is loaded or opened, standard error says which one it was before the
 * process ends as it would have. */
int tm_library_open(struct tm_library *library, const char *plugin, const char *path, const char *symbol);

/* Calls its _close and unloads it. A library without a handle is one of the program's own functions. */
void tm_library_close(struct tm_library *library);

#endif
