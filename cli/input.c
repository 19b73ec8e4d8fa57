/* How files are read is said once for a call, whatever becomes of them: stored, judged or compared. */
#include "cli/input.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "ingest/formats/formats.h"

/* --better SIDE is about all metrics, --better METRIC=SIDE about one. */
static int read_better(const char *value, struct tm_better *better)
{
    const char *equals = strrchr(value, '='), *side = equals ? equals + 1 : value;
    char *metric = equals ? strndup(value, (size_t)(equals - value)) : NULL;
    *better = (struct tm_better){metric, side};
    if (equals && !metric)
        return tm_trouble("out of memory");
    if (strcmp(side, "lower") != 0 && strcmp(side, "higher") != 0)
        return tm_trouble("--better '%s': expected lower or higher, or METRIC=lower, METRIC=higher", value);
    return 0;
}

/* The options that may be given more than once: --ignore and --better. */
static int read_lists(const struct tm_arguments *arguments, struct tm_ingest_options *options)
{
    const char **ignored = calloc((size_t)arguments->n_given + 1, sizeof *ignored); /* + 1: none is no failure */
    struct tm_better *better = calloc((size_t)arguments->n_given + 1, sizeof *better);
    int code = ignored && better ? 0 : tm_trouble("out of memory");
    options->ignored = ignored;
    options->better = better;
    if (code != 0)
        return code;
    const char *value;
    for (int at = 0; (value = tm_option_next(arguments, "ignore", &at));)
        ignored[options->n_ignored++] = value;
    for (int at = 0; code == 0 && (value = tm_option_next(arguments, "better", &at));)
        code = read_better(value, &better[options->n_better++]);
    return code;
}

int tm_input_read(const struct tm_arguments *arguments, const char *format, const char *plugin, struct tm_ingest_options *options)
{
    options->format = tm_option_value(arguments, format);
    if (options->format && !tm_input_format_named(options->format))
        return tm_trouble("no input format '%s': 'tidemark formats' lists them", options->format);
    options->plugin = tm_option_value(arguments, plugin);
    options->label = tm_option_value(arguments, "label");
    options->per_call = tm_option_given(arguments, "calls");
    return read_lists(arguments, options);
}

void tm_input_free(struct tm_ingest_options *options)
{
    for (size_t i = 0; options->better && i < options->n_better; i++)
        free((char *)options->better[i].metric);
    free((void *)options->better);
    free((void *)options->ignored);
}
