/* "1 run", "2 runs". */
#ifndef TM_BASE_PLURAL_H
#define TM_BASE_PLURAL_H

/* What a noun ends with, for any type of number. */
#define TM_PLURAL(n) ((n) == 1 ? "" : "s")

#endif
