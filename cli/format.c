/* Which form the output takes, and what the forms share. Without --format, people get a table and
 * pipes get CSV, so that a script never parses what is made for the eye. */
#include "cli/format.h"

#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "schema/valid.h"

static const struct tm_format *const formats[] = {&tm_format_table, &tm_format_csv, &tm_format_json, &tm_format_markdown};

static int next_row(void *of)
{
    return tm_rows_next(of);
}

static int rows_width(const void *of)
{
    return tm_rows_width(of);
}

static const char *rows_name(const void *of, int column)
{
    return tm_rows_name(of, column);
}

static struct tm_value rows_value(const void *of, int column)
{
    return tm_rows_value(of, column);
}

struct tm_listing tm_listing_of(tm_rows *rows)
{
    return (struct tm_listing){rows, next_row, rows_width, rows_name, rows_value};
}

const struct tm_format *tm_format_named(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

/* NULL (and a message): there is no such form. */
static const struct tm_format *find_format(const struct tm_arguments *arguments)
{
    const char *name = tm_option_value(arguments, "format");
    if (!name)
        name = isatty(STDOUT_FILENO) ? "table" : "csv";
    const struct tm_format *format = tm_format_named(name);
    if (!format)
        tm_trouble("no format '%s': expected table, csv, json or markdown", name);
    return format;
}

bool tm_format_is_table(const struct tm_arguments *arguments)
{
    const char *name = tm_option_value(arguments, "format");
    return name ? strcmp(name, "table") == 0 : isatty(STDOUT_FILENO);
}

int tm_print_rows(struct tm_context *context, tm_rows *rows)
{
    /* Rows are closed in any case; a value that could not be read shows only then. */
    const struct tm_format *format = find_format(context->arguments);
    const struct tm_listing listing = tm_listing_of(rows);
    int result = format && rows ? format->write(stdout, &listing) : 0;
    if (tm_rows_close(rows) != 0 || result != 0 || !rows)
        return tm_store_trouble(context->store);
    return format ? TM_EXIT_DONE : TM_EXIT_TROUBLE;
}
