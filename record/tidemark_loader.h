/* Tidemark's loader: a plugin host in C registers its plugins here and calls them by name; every call is recorded.
 *
 *     tm_rec_start(NULL);                                                       // records nothing unless PLUGIN_PROFILING=1
 *     tm_loader *loader = tm_loader_new();
 *     tm_loader_register(loader, "pdf-parser", "./plugins/pdf.so", "pdf_parse"); // or "pdf_parser" if the symbol is NULL
 *     tm_loader_register_function(loader, "echo", echo, NULL);                  // one of the program's own
 *     ...
 *     if (tm_loader_invoke(loader, "pdf-parser", &document, &pages) != 0)
 *         fprintf(stderr, "%s\n", tm_rec_message());
 *     ...
 *     tm_loader_report(loader, stderr);
 *     tm_rec_flush_csv("night.csv");
 *     tm_loader_free(loader);
 *     tm_rec_stop();
 *
 * A plugin is a function. What is behind its input and output is between host and plugin; it returns 0, or a code of its own for
 * what went wrong. One in a shared object may bring further symbols, each named after the function, here `resize`:
 *
 *     int resize(void *context, const void *input, void *output);
 *     int resize_open(void **context);          // when it is registered; 0, or a code: then it is not
 *     void resize_close(void *context);         // when it is unloaded
 *     const char resize_version[] = "1.4";      // stored with its profile
 *
 * Any thread may call any of these functions at any time, but for tm_loader_free; no signal handler may. A plugin may call other
 * plugins through the loader, and in its close those that are loaded still. What fails says so in tm_rec_message(), which keeps an
 * old failure after successes. It does not matter whether the recorder is started before or after. A plugin includes no header of
 * Tidemark's. */
#ifndef TIDEMARK_LOADER_H
#define TIDEMARK_LOADER_H

#include <limits.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

typedef struct tm_loader tm_loader;

typedef int tm_plugin_function(void *context, const void *input, void *output);

tm_loader *tm_loader_new(void);         /* NULL: no memory */
void tm_loader_free(tm_loader *loader); /* unloads all, in any order; no call may be under way. NULL is harmless */

/* Loads a plugin. path is what dlopen takes: with a slash a file, without one a library that the system knows; NULL: a function of
 * the program itself, linked with -rdynamic. symbol NULL: the plugin's name, with '_' for what no C name has. 0 or -1. */
int tm_loader_register(tm_loader *loader, const char *name, const char *path, const char *symbol);

/* A plugin that is a function of the host's: it is called with `context`, which the host owns. 0 or -1. */
int tm_loader_register_function(tm_loader *loader, const char *name, tm_plugin_function *function, void *context);

/* 0 or -1; -1 also while the plugin is being called. What it has recorded is flushed all the same. */
int tm_loader_unload(tm_loader *loader, const char *name);

/* There is no such plugin. No plugin should return it. */
#define TM_LOADER_UNKNOWN INT_MIN

/* Calls a plugin. Returns 0, the code that it returned, which counts as an error, or TM_LOADER_UNKNOWN. A C++ exception goes
 * through to the host, and the call has ended with an error; so does the thread's end (pthread_exit, cancellation). A longjmp out
 * of the plugin is not seen: the plugin is being called for ever, and cannot be unloaded. */
int tm_loader_invoke(tm_loader *loader, const char *name, const void *input, void *output);

/* A line for each of the loader's plugins that has been called since the recorder's start or its last flush, the slowest first:
 * [BOTTLENECK] for those that are outliers among them, [PLUGIN] for the others; docs/loader.md says what is in a line. 0 or -1,
 * also while the recorder is off and if the stream has taken an error. */
int tm_loader_report(tm_loader *loader, FILE *stream);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
