/* A program that judges a night without the command line: it stores what it measured and gates it, in one process.
 *
 *     cc gate_night.c $(pkg-config --cflags --libs tidemark) -o gate_night && ./gate_night plugins.db
 *
 * Thirty nights of three plugins are made up here; in the last two of them 'thumbnailer' takes half as long again. */
#include <stdio.h>

#include "tidemark.h"

enum { NIGHTS = 30, PLUGINS = 3, DAY = 86400 };

static const char *const names[PLUGINS] = {"pdf-parser", "spell-check", "thumbnailer"};
static const double usual_ms[PLUGINS] = {240, 18, 95};

/* A night like any other: a few percent up or down, the same on every machine. */
static double noise(int night, int plugin)
{
    return 1 + 0.01 * ((night * 7 + plugin * 3) % 5 - 2);
}

static int store_night(tm_store *store, int night)
{
    char key[32];
    snprintf(key, sizeof key, "night-%02d", night);
    struct tm_run run = {.key = key, .started_at = 1795140000 + (int64_t)night * DAY, .host = "example"};
    if (tm_run_begin(store, &run) != 0)
        return -1;
    for (int i = 0; i < PLUGINS; i++) {
        struct tm_profile profile = TM_PROFILE_INIT;
        double slower = i == 2 && night >= NIGHTS - 2 ? 1.5 : 1;
        profile.plugin = names[i];
        profile.calls = 20;
        profile.wall_ns = 20 * usual_ms[i] * noise(night, i) * slower * 1e6;
        if (tm_run_add(store, &profile) != 0)
            return -1;
    }
    return tm_run_commit(store, NULL);
}

static void print_verdicts(const tm_gate_result *result)
{
    const struct tm_gate_summary *summary = tm_gate_summary(result);
    printf("%s: run %s, %lld of %lld plugins judged\n", summary->outcome, summary->run, (long long)summary->judged,
           (long long)summary->plugins);
    for (size_t i = 0; i < tm_gate_count(result); i++) {
        const struct tm_gate_verdict *verdict = tm_gate_verdict(result, i);
        printf("%s %s %s: %+.0f %% since %s\n", verdict->verdict, verdict->plugin, verdict->metric ? verdict->metric : "-",
               100 * verdict->effect, verdict->since_run ? verdict->since_run : "-");
    }
}

int main(int argc, char **argv)
{
    tm_store *store = NULL;
    tm_gate_result *result = NULL;
    int code = TM_GATE_TROUBLE;
    int failed = argc != 2 || tm_open(argv[1], TM_CREATE, &store) != 0;
    for (int night = 0; night < NIGHTS && !failed; night++)
        failed = store_night(store, night) != 0;
    if (!failed && tm_gate(store, NULL, &result) == 0) {
        print_verdicts(result);
        code = tm_gate_summary(result)->exit_code;
    } else {
        fprintf(stderr, "%s\n", argc == 2 ? tm_error(store) : "usage: gate_night STORE");
    }
    tm_gate_free(result);
    tm_close(store);
    return code;
}
