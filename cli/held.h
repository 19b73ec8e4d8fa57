/* Standard output, held back while a store is open: whoever reads it may stop for hours (a pager), and would keep the store's lock
 * from everybody else for as long. */
#ifndef TM_CLI_HELD_H
#define TM_CLI_HELD_H

#include <stdbool.h>

/* What is printed from here on is kept, unless it goes to a file: that waits for nobody. */
void tm_output_hold(void);

/* Has anything been printed since then, a short text of those that go to a file? True also where nobody can know. */
bool tm_output_printed(void);

/* Prints what was kept, the store being closed. The exit code, or TM_EXIT_TROUBLE after a message where it could not be kept.
 * Harmless where nothing is held. */
int tm_output_release(int code);

#endif
