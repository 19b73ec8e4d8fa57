/* From names to ids. find: 1, 0 (not there) or -1. make: 0 or -1; it makes what is not there. */
#ifndef TM_STORE_IDS_H
#define TM_STORE_IDS_H

#include "schema/tidemark.h"

/* *id is set only where the name is there. */
int tm_find_project(tm_store *store, const char *name, int64_t *id);
int tm_find_plugin(tm_store *store, int64_t project, const char *name, int64_t *id);
int tm_find_run(tm_store *store, int64_t project, const char *key, int64_t *id);

/* Inside a transaction. */
int tm_make_project(tm_store *store, const char *name, int64_t *id);
int tm_make_host(tm_store *store, const char *key, int64_t *id); /* NULL: this machine */
int tm_make_plugin(tm_store *store, int64_t project, const char *name, int64_t *id);

#endif
