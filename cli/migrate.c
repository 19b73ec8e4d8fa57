/* migrate: the schema of a store brought up to date on purpose, or only looked at. Every other
 * command does it without a word; who runs a server for many may want to see first what is done. */
#include <string.h>

#include "cli/arguments.h"

enum { MOST_PARTITIONS = 1024 };

struct told {
    size_t scripts;
};

static void tell(void *context, const char *sql)
{
    struct told *told = context;
    fputs(told->scripts++ ? "\n" : "", stdout);
    fputs(sql, stdout);
}

/* Opening does it. */
static int run_migrate(struct tm_context *context)
{
    struct told told = {0};
    bool plan = tm_option_given(context->arguments, "plan");
    struct tm_migration migration = {.plan = plan ? tell : NULL, .context = &told};
    tm_store *store = NULL;
    if (tm_option_count(context->arguments, "partitions", 1, &migration.partitions) != 0)
        return TM_EXIT_TROUBLE;
    if (migration.partitions > MOST_PARTITIONS)
        return tm_trouble("--partitions %lld: expected at most %d", (long long)migration.partitions, MOST_PARTITIONS);
    int code = tm_open_migrating(context->path, TM_CREATE, &migration, &store) == 0 ? 0 : tm_store_trouble(store);
    tm_close(store);
    if (code == 0 && plan && told.scripts == 0)
        tm_hint("there is nothing to do: the store is up to date");
    if (code == 0 && !plan)
        tm_say(stdout, "the store is up to date");
    return code;
}

const struct tm_command tm_command_migrate = {
    .name = "migrate",
    .usage = "[options]",
    .summary = "make the store, or bring an older one up to date; --plan only prints the SQL",
    .more = "Every command that writes does that by itself. With PostgreSQL, --partitions cuts a new store's tables by project, "
            "and who "
            "runs\n"
            "the server may look at the SQL first.",
    .example = "  tidemark migrate --plan --db postgresql://db.example.org/plugins\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_NOTHING,
    .run = run_migrate,
    .options = {{"plan", NULL, "print the SQL that there is to run, and run none"},
                {"partitions", "N", "of a new store on PostgreSQL: cut its tables into N, by project"}},
};
