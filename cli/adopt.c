/* adopt: "history is as it is, start here", for who meets a history for the first time and does
 * not want to decide about each thing that ever happened in it. What it does stands in
 * gate/adopt.c.
 *
 * It judges by the settings of the last gate, for what is open depends on them. */
#include <inttypes.h>

#include "base/plural.h"
#include "cli/decide.h"
#include "cli/settings.h"
#include "gate/adopt.h"
#include "gate/gate.h"

static int nothing_fails(const struct tm_context *context)
{
    tm_trouble("nothing is open or missing in run '%s': there is nothing to adopt", context->run.key);
    tm_hint("'tidemark gate' says what is, 'tidemark decisions' what was decided before");
    return TM_EXIT_TROUBLE;
}

static int run_adopt(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_adoption adoption = {.run = &context->run,
                                   .reason = tm_decision_reason(arguments),
                                   .issue = tm_option_value(arguments, "issue"),
                                   .made_by = tm_decision_author()};
    if (tm_gate_find(context->store, &context->scope, tm_option_value(arguments, "at"), &context->run) != 0)
        return tm_store_trouble(context->store);
    int code = tm_settings_read_stored(context);
    if (code == 0 && tm_adopt(context->store, &context->settings, &tm_terminal_watcher, &adoption) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0 && !adoption.number)
        code = nothing_fails(context);
    if (code == 0)
        code = tm_context_commit(context);
    if (code == 0)
        tm_say(stdout,
               "decision %" PRId64 ": adopt run %s as it is: %zu level%s accepted, %zu plugin%s retired; 'tidemark undo %" PRId64
               "' takes all of it back",
               adoption.number, context->run.key, adoption.levels, TM_PLURAL(adoption.levels), adoption.plugins,
               TM_PLURAL(adoption.plugins), adoption.number);
    return code;
}

const struct tm_command tm_command_adopt = {
    .name = "adopt",
    .usage = "--reason TEXT [options]",
    .summary = "take a history as it is: accept all that is open, retire all that is missing",
    .more = "It is one decision, and one 'undo'. What begins after that run is judged as ever.",
    .example = "  tidemark adopt --reason \"the history before Tidemark; start here\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_adopt,
    .options = {{"at", "RUN", "the first run that is fine as it is (default: the newest)"}, TM_DECISION_OPTIONS},
};
