/* dump: the store as text, of one moment. */
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/output.h"
#include "report/export/dump.h"

static int put_fact(void *context, const struct tm_fact *fact)
{
    tm_dump_fact(context, fact);
    return 0;
}

/* What is set for every night must not make half a store of a copy of it: only an option names a project here. */
static int prepare(struct tm_context *context)
{
    context->scope.project = tm_option_value(context->arguments, "project");
    return tm_output_check(context, "output", tm_option_value(context->arguments, "output"));
}

/* A dump to standard output that failed on its way lacks its last line. */
static int run_dump(struct tm_context *context)
{
    struct tm_output output;
    if (tm_snapshot(context->store) != 0)
        return tm_store_trouble(context->store);
    if (tm_output_open(&output, tm_option_value(context->arguments, "output")) != 0)
        return TM_EXIT_TROUBLE;
    tm_dump_begin(output.out);
    int code = tm_walk_facts(context->store, context->scope.project, put_fact, output.out) == 0 ? TM_EXIT_DONE
                                                                                                : tm_store_trouble(context->store);
    tm_snapshot_end(context->store);
    if (code == 0)
        tm_dump_end(output.out);
    int closed = tm_output_close(&output, code == 0);
    return code ? code : closed;
}

const struct tm_command tm_command_dump = {
    .name = "dump",
    .usage = "[options]",
    .summary = "write the store as lines of text, for version control or another machine",
    .more =
        "A line is a fact, in an order of names and time: a night that comes later adds lines and changes none. 'tidemark restore' "
        "makes\n"
        "the same store of it. Verdicts are left out: they follow from the rest.",
    .example = "  tidemark dump --output tidemark.jsonl\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare,
    .run = run_dump,
    .options = {{"output", "FILE", "write to that file (default: standard output)"},
                {"project", "NAME", "only this project (default: all of them, whatever tidemark.ini says)"}},
};
