/* The files that SQLite sorts in, kept within bounds: else one query could fill the disk. */
#ifndef TM_STORE_SQLITE_TEMPFILES_H
#define TM_STORE_SQLITE_TEMPFILES_H

#include <stdint.h>

/* The name of a VFS like the default one, whose temporary files together stay below a limit. NULL: it cannot be had. */
const char *tm_tempfiles_vfs(void);

/* Of the whole process, in bytes. What would go beyond fails as a full disk does. */
void tm_tempfiles_limit(int64_t bytes);

#endif
