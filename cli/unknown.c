#include "cli/unknown.h"

#include <stdlib.h>

static void hint_nearest(char *nearest, const char *otherwise)
{
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    else
        tm_hint("%s", otherwise);
    free(nearest);
}

int tm_check_scope(tm_store *store, const struct tm_scope *scope)
{
    int project = scope->project ? tm_has_project(store, scope->project) : 1;
    int host = scope->host ? tm_has_host(store, scope->host) : 1;
    if (project < 0 || host < 0)
        return tm_trouble("%s", tm_error(store));
    if (project == 0) {
        tm_trouble("no project '%s' in the store", scope->project);
        hint_nearest(tm_nearest_project(store, scope->project), "'tidemark runs' shows the projects");
    } else if (host == 0) {
        tm_trouble("no host '%s' in the store", scope->host);
        hint_nearest(tm_nearest_host(store, scope->host), "'tidemark runs' shows the hosts");
    }
    return project && host ? 0 : TM_EXIT_TROUBLE;
}

int tm_check_plugin(tm_store *store, const char *project, const char *name)
{
    int found = tm_has_plugin(store, project, name);
    if (found < 0)
        return tm_trouble("%s", tm_error(store));
    if (found > 0)
        return 0;
    tm_trouble("no plugin '%s' in the store", name);
    hint_nearest(tm_nearest_plugin(store, project, name), "'tidemark plugins' lists them");
    return TM_EXIT_TROUBLE;
}
