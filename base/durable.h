/* Makes what was written last: after 0 from these a power failure takes nothing of it back. Every file that Tidemark writes itself
 * comes through here; the store's is SQLite's. */
#ifndef TM_BASE_DURABLE_H
#define TM_BASE_DURABLE_H

#include <stdbool.h>
#include <stdio.h>

/* An open file's bytes, or an open folder's entries. What cannot be kept in that sense (a pipe, a terminal) is no error. 0, or
 * errno. */
int tm_sync(int file);

/* Closes the stream, synced if it is to be kept. 0, or errno of whatever failed first: an earlier write, flushing, syncing,
 * closing. */
int tm_close_durably(FILE *out, bool keep);

/* The entries of the folder that `path`, as of openat(), lies in. 0, or errno. */
int tm_sync_folder_of(int at, const char *path);

/* As renameat(); the file was synced before. 0, or errno: then what was there is there still, or the new one is already and may be
 * lost with the power. */
int tm_move(int from, const char *old_path, int to, const char *new_path);

#endif
