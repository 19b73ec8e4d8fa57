/* Values of a query's parameters. */
#ifndef TM_CLI_SQL_VALUES_H
#define TM_CLI_SQL_VALUES_H

#include "cli/command.h"

/* Returns the query, with each ':name' replaced by the value that --param gives it. A value is written as a literal: a value in
 * single quotes is text, one that reads as a number is a number, any other is text. A ':name' inside quotes or a comment of the
 * query stays; server says that quotes and comments are PostgreSQL's. The caller frees the result. NULL after a message: --param
 * names what the query does not have, or the query has a name without a value. Without --param the result is a copy. */
char *tm_sql_with_values(const struct tm_arguments *arguments, const char *query, bool server);

#endif
