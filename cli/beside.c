#include "cli/beside.h"

#include <string.h>

#include "base/text.h"
#include "cli/arguments.h"
#include "store/store.h"

int tm_hint_other_hosts(struct tm_context *context, const struct tm_report *report)
{
    char one[TM_SHOWN_SIZE] = "";
    size_t others = 0;
    if (context->scope.host || /* else NULL: all of them */
        tm_option_value(context->arguments, "run"))
        return 0;
    tm_rows *rows = tm_ask(context->store, TM_Q_LINEAGE_NAMES, "ttt", context->scope.project, report->branch, context->scope.host);
    while (rows && tm_rows_next(rows) == 1) {
        const char *host = tm_row_text(rows, "host");
        if (strcmp(host, report->host) != 0 && others++ == 0)
            tm_shown(host, strlen(host), one);
    }
    if (!rows || tm_rows_close(rows) != 0)
        return tm_store_trouble(context->store);
    if (others == 1)
        tm_hint("this is about host '%s'; '%s' has runs, too: --host NAME looks at it", report->host, one);
    else if (others > 1)
        tm_hint("this is about host '%s'; %zu others have runs, too: --host NAME looks at one, 'tidemark runs' names them",
                report->host, others);
    return 0;
}

int tm_trouble_elsewhere(struct tm_context *context, const char *plugin)
{
    const struct tm_scope anywhere = {.project = context->scope.project, .newest = 1};
    tm_rows *rows = tm_list_history(context->store, &anywhere, plugin);
    tm_trouble("plugin '%s' is in none of these runs", plugin);
    if (rows && tm_rows_next(rows) == 1)
        tm_hint("its newest is on branch '%s' of host '%s': --branch and --host choose them", tm_row_text(rows, "branch"),
                tm_row_text(rows, "host"));
    if (!rows || tm_rows_close(rows) != 0)
        return tm_store_trouble(context->store);
    return TM_EXIT_TROUBLE;
}
