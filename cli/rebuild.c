/* rebuild: judging every night anew. */
#include "base/plural.h"
#include "cli/ahead.h"
#include "cli/arguments.h"
#include "cli/settings.h"

/* Settings are read anew where others wrote: they may have added metrics. */
static int rebuild(struct tm_context *context, size_t *judged)
{
    const struct tm_ahead_wish wish = {.scope = context->scope, .looking = TM_LOOK_ALL};
    struct tm_ahead ahead = {0};
    tm_store *store = context->store;
    int stands = tm_begin_ahead(store, &context->settings, &wish, &ahead), code = 0;
    int done = stands < 0 ? -1 : 0;
    if (stands == 1)
        done = tm_ahead_store(store, &ahead, judged);
    tm_ahead_free(&ahead);
    if (stands == 0) {
        tm_settings_free(&context->settings);
        code = tm_settings_read(context);
    }
    if (stands == 0 && code == 0)
        done = tm_rebuild_lineages(store, &context->settings, &context->scope, &tm_terminal_watcher, judged);
    return code == 0 && done != 0 ? tm_store_trouble(store) : code;
}

static int run_rebuild(struct tm_context *context)
{
    size_t judged = 0;
    int code = rebuild(context, &judged);
    if (code == 0)
        code = tm_context_commit(context);
    if (code == 0)
        printf("%zu night%s judged anew\n", judged, TM_PLURAL(judged));
    return code;
}

const struct tm_command tm_command_rebuild = {
    .name = "rebuild",
    .usage = "[options]",
    .summary = "drop all verdicts and the judge's memory, and judge every night anew",
    .example = "  tidemark rebuild\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_WRITING,
    .repeatable = true,
    .needs_project = true,
    .needs_settings = true,
    .run = run_rebuild,
    .options = {{"project", "NAME", "the project (default: the only one, or 'default')"}, TM_JUDGE_OPTIONS},
};
