/* Call sites among themselves. */
#ifndef TM_RECORD_SITES_H
#define TM_RECORD_SITES_H

#include <stdint.h>

enum { TM_SITE_PATH = 4096 }; /* PATH_MAX of Linux */

/* The file of the program or library that has the address, and the address as that file counts it. 0: none has. */
uintptr_t tm_site_object(const void *address, char path[TM_SITE_PATH]);

#endif
