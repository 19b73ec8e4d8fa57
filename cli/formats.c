/* formats: what ingest and gate read, and how each is known. */
#include <string.h>

#include "cli/arguments.h"
#include "ingest/formats/formats.h"

static int run_formats(struct tm_context *context)
{
    size_t widest = 0;
    (void)context;
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        widest = strlen((*format)->name) > widest ? strlen((*format)->name) : widest;
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        printf("%-*s  %s\n", (int)widest, (*format)->name, (*format)->summary);
    printf("\nA file is known by its beginning; --format NAME (of gate: --input-format NAME) says what it is. All of them may be\n"
           "compressed by gzip. docs/formats.md tells what of each becomes run, plugin, calls, times and metrics.\n");
    return TM_EXIT_DONE;
}

const struct tm_command tm_command_formats = {
    .name = "formats",
    .usage = "",
    .summary = "list the formats of files that ingest and gate read",
    .example = "  tidemark formats\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_NOTHING,
    .run = run_formats,
};
