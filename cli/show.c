/* What the judge and people have said of a plugin, below its history. */
#include "cli/show.h"

#include "cli/format.h"

/* Prints a titled table, nothing if it is empty: 0, or -1. */
static int section(tm_store *store, const char *title, enum tm_query query, const char *project, const char *plugin)
{
    tm_rows *rows = tm_ask(store, query, "tt", project, plugin);
    int any = rows ? tm_rows_next(rows) : -1;
    tm_rows_close(rows);
    if (any <= 0)
        return any;
    printf("\n%s\n\n", title);
    rows = tm_ask(store, query, "tt", project, plugin);
    int result = rows ? tm_format_table.write(stdout, rows) : -1;
    tm_rows_close(rows);
    return result;
}

int tm_show_judged(tm_store *store, const char *project, const char *plugin)
{
    if (section(store, "changes of level", TM_Q_LEVELS_OF_PLUGIN, project, plugin) < 0 ||
        section(store, "verdicts that were no pass, newest first", TM_Q_VERDICTS_OF_PLUGIN, project, plugin) < 0 ||
        section(store, "decisions", TM_Q_DECISIONS_OF_PLUGIN, project, plugin) < 0)
        return tm_trouble("%s", tm_error(store));
    return 0;
}
