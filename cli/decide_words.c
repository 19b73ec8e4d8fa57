/* Which plugins the words of accept, waive and retire mean: names, and globs in quotes. A name is
 * decided about, or it is an error. A glob takes of the plugins that fit those of which there is
 * something to decide; one that takes none is an error too, since it was meant for something.
 *
 * '*' alone is no glob: it stands for the whole run. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/plural.h"
#include "cli/decide.h"
#include "cli/plugin_names.h"

struct words {
    struct tm_context *context;
    struct tm_decision_wish *wish;
    FILE *lines; /* what will be printed once it is stored */
    struct tm_plugin_names names;
    const char **met; /* decided about */
    size_t n_met;
};

static void tell_decision(void *user, int64_t number, const char *metric)
{
    const struct words *words = user;
    tm_say(words->lines, "decision %" PRId64 ": %s %s%s%s", number, words->context->arguments->command->name, words->wish->plugin,
           metric ? " " : "", metric ? metric : "");
}

static int no_plugin(const struct tm_context *context, const char *name)
{
    char *nearest = tm_nearest_plugin(context->store, context->scope.project, name);
    tm_trouble("no plugin '%s' in project '%s'", name, context->scope.project);
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

static int nothing_open(const char *name)
{
    tm_trouble("'%s' has nothing open in the newest run's verdicts", name);
    tm_hint("'tidemark gate' judges it; --metric M --from RUN accepts a level that is not open");
    return TM_EXIT_TROUBLE;
}

static int met_none(const struct words *words, const char *glob, size_t fitting)
{
    if (fitting == 0)
        return tm_trouble("'%s' meets no plugin in project '%s'", glob, words->context->scope.project);
    return tm_trouble(words->wish->kind == TM_RETIRE
                          ? "'%s' fits %zu plugin%s, and none is absent from the newest run"
                          : "'%s' fits %zu plugin%s, and none has anything open in the newest run's verdicts",
                      glob, fitting, TM_PLURAL(fitting));
}

/* Decides about one plugin, once: 0, or TM_EXIT_TROUBLE after a message. *met: there was something
 * to decide. */
static int decide(struct words *words, const char *name, bool *met)
{
    *met = true;
    for (size_t i = 0; i < words->n_met; i++)
        if (strcmp(words->met[i], name) == 0)
            return 0;
    words->wish->plugin = name;
    switch (tm_decide(words->context->store, words->wish, tell_decision, words)) {
    case TM_DECISION_NO_PLUGIN:
        return no_plugin(words->context, name);
    case TM_DECISION_NOTHING_OPEN:
        *met = false;
        return words->wish->by_glob ? 0 : nothing_open(name);
    case TM_DECISION_TROUBLE:
        return tm_store_trouble(words->context->store);
    case TM_DECIDED:
        break;
    }
    const char **item = tm_array_add(&words->met, &words->n_met, sizeof *item);
    if (!item)
        return tm_trouble("out of memory");
    *item = name;
    return 0;
}

static int decide_glob(struct words *words, const char *glob)
{
    size_t fitting = 0, taken = 0;
    int code = tm_plugin_names_read(words->context, &words->names);
    for (size_t i = 0; i < words->names.n && code == 0; i++) {
        bool met;
        if (fnmatch(glob, words->names.list[i], 0) != 0)
            continue;
        code = decide(words, words->names.list[i], &met);
        fitting++;
        taken += met;
    }
    return code == 0 && taken == 0 ? met_none(words, glob, fitting) : code;
}

static int decide_word(struct words *words, const char *word, bool *globs)
{
    bool met, glob = tm_is_like_glob(word) && strcmp(word, "*") != 0;
    int named = glob ? tm_has_plugin(words->context->store, words->context->scope.project, word) : 1;
    if (named < 0)
        return tm_store_trouble(words->context->store);
    words->wish->by_glob = !named;
    *globs = *globs || !named;
    return named ? decide(words, word, &met) : decide_glob(words, word);
}

int tm_decide_words(struct tm_context *context, struct tm_decision_wish *wish, FILE *lines)
{
    const struct tm_arguments *arguments = context->arguments;
    struct words words = {.context = context, .wish = wish, .lines = lines};
    bool globs = false;
    int code = 0;
    for (int i = 0; i < arguments->n_words && code == 0; i++)
        code = decide_word(&words, arguments->words[i], &globs);
    if (code == 0 && (globs || arguments->n_words > 1))
        tm_say(lines, "%zu plugin%s met", words.n_met, TM_PLURAL(words.n_met));
    free(words.met);
    tm_plugin_names_free(&words.names);
    return code;
}
