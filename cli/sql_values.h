/* Values of a query's parameters. */
#ifndef TM_CLI_SQL_VALUES_H
#define TM_CLI_SQL_VALUES_H

#include "cli/command.h"

/* The query with each ':name' that --param gives a value for replaced by that value as a literal: the text between single quotes, a
 * number where it is written as one, else a text. What stands in quotes or in a remark of the query stays, as its engine reads them
 * (server: PostgreSQL). To be freed; NULL after a message: a parameter is not in the query, or the query has one without a value.
 * Without --param a copy. */
char *tm_sql_with_values(const struct tm_arguments *arguments, const char *query, bool server);

#endif
