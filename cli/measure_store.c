/* What was measured, as a run in the store. It was printed before, and is never measured again because the store could not take it
 * at once: what passes is tried again here. */
#include <stdio.h>
#include <stdlib.h>

#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/measure.h"

int tm_measuring_check_name(struct tm_context *context, const struct tm_measuring *measuring)
{
    const struct tm_run *run = &measuring->run;
    const struct tm_scope scope = {.project = run->project ? run->project : "default"};
    struct tm_judged_run stored;
    if (tm_run_check(context->store, run) != 0)
        return tm_store_trouble(context->store);
    if (!run->key || run->part || measuring->mode == TM_PUT_APPEND)
        return 0;
    int found = tm_judged_run_find(context->store, &scope, run->key, &stored);
    tm_judged_run_free(&stored);
    if (found < 0)
        return tm_store_trouble(context->store);
    if (found == 0)
        return 0;
    tm_trouble("run '%s' is stored already: nothing was measured", run->key);
    tm_hint("--append adds to a run what it does not have, --part stores a part of one");
    return TM_EXIT_TROUBLE;
}

static int put(struct tm_context *context, const struct tm_measuring *measuring, const struct tm_profile *profiles)
{
    enum tm_outcome outcome;
    const struct tm_run_content content = {.run = measuring->run,
                                           .assumed_start = !tm_option_given(context->arguments, "at"),
                                           .profiles = profiles,
                                           .n_profiles = measuring->n};
    if (tm_begin(context->store) != 0 || tm_put_run(context->store, &content, measuring->mode, &outcome) != 0)
        return -1;
    const char *key = tm_put_name(context->store).key;
    FILE *out = measuring->format ? stderr : stdout;
    char name[TM_NAME_MAX + 1];
    snprintf(name, sizeof name, "%s", key);
    if (tm_commit(context->store) != 0)
        return -1;
    tm_say(out, "run '%s' %s: %zu plugin%s", name, outcome == TM_STORED ? "stored" : "already stored", measuring->n,
           TM_PLURAL(measuring->n));
    return 0;
}

static int store(struct tm_context *context, const struct tm_measuring *measuring, const struct tm_profile *profiles)
{
    int tries = 0, result;
    while ((result = put(context, measuring, profiles)) != 0 && tm_may_try_again(context->store) != TM_AGAIN_NO &&
           tm_try_again(context->store, &tries, true) == 0)
        tm_hint("that may pass: trying again");
    if (result == 0)
        return 0;
    tm_store_trouble(context->store);
    return TM_EXIT_TROUBLE;
}

int tm_measuring_store(struct tm_context *context, const struct tm_measuring *measuring)
{
    struct tm_profile *profiles = calloc(measuring->n, sizeof *profiles);
    unsigned char **sketches = calloc(measuring->n, sizeof *sketches);
    int code = profiles && sketches ? 0 : tm_trouble("out of memory");
    for (size_t i = 0; i < measuring->n && code == 0; i++)
        if (tm_profile_of(&measuring->subjects[i], measuring->launching.timeout_ns > 0, &profiles[i], &sketches[i]) != 0)
            code = tm_trouble("out of memory");
    if (code == 0)
        code = store(context, measuring, profiles);
    for (size_t i = 0; sketches && i < measuring->n; i++)
        free(sketches[i]);
    free(sketches);
    free(profiles);
    return code;
}
