/* Values of a query's parameters. */
#ifndef TM_CLI_SQL_VALUES_H
#define TM_CLI_SQL_VALUES_H

#include "cli/command.h"

/* The query with each ':name' that --param gives a value for replaced by that value, as a literal: a number where it is written
 * as one, else a text. What stands in quotes or in a remark stays, as the engine reads them
 * (server: PostgreSQL). To be freed; NULL after a message: a parameter is not in the
 * query, or one of the query's has no value while others have. Without --param a copy. */
char *tm_sql_with_values(const struct tm_arguments *arguments, const char *query, bool server);

#endif
