/* Addresses of servers, which may hold a password. */
#ifndef TM_BASE_ADDRESS_H
#define TM_BASE_ADDRESS_H

#include <stdbool.h>

/* Is it the address of a PostgreSQL server? Every other path is a file's. */
bool tm_is_address(const char *path);

/* Rewrites a text in place that may hold such addresses: "***" stands for each password, and what is left over at the end is zero.
 * Where it is not sure what belongs to one, more is hidden. */
void tm_hide_passwords(char *text);

#endif
