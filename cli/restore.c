/* restore: a store from what 'dump' wrote. One transaction: all of it, or nothing. */
#include <inttypes.h>
#include <string.h>

#include "analyze/metrics.h"
#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/ingest.h"
#include "gate/restored.h"
#include "ingest/dump_reader.h"

struct restored {
    uint64_t projects, runs, profiles, decisions;
    char project[TM_NAME_MAX + 1]; /* the one in hand; "": none */
    char run[TM_NAME_MAX + 1];     /* and the run of it; its parts follow one another */
};

/* A dump has a project in one piece; one that is there before its first fact is another's. */
static int begin_project(tm_store *store, const char *project, struct restored *restored)
{
    if (!project || strcmp(project, restored->project) == 0)
        return 0;
    int used = tm_project_used(store, project);
    if (used != 0)
        return used < 0 ? -1
                        : tm_store_fail(store, "project '%s' is in the store already: restore into a store without it", project);
    snprintf(restored->project, sizeof restored->project, "%s", project);
    *restored->run = '\0';
    restored->projects++;
    return 0;
}

static void count(struct restored *restored, const struct tm_fact *fact)
{
    if (fact->kind == TM_FACT_RUN) {
        const char *key = fact->run.run.key;
        restored->runs += !fact->run.run.part || strcmp(key, restored->run) != 0;
        restored->profiles += fact->run.n_profiles;
        snprintf(restored->run, sizeof restored->run, "%s", key);
    }
    restored->decisions += fact->kind == TM_FACT_DECISION;
}

/* 0, or -1 after a message. */
static int put_facts(tm_store *store, tm_dump_reader *reader, struct restored *restored)
{
    struct tm_fact fact;
    struct tm_place place;
    int next;
    while ((next = tm_dump_next(reader, &fact, &place)) == 1) {
        if (begin_project(store, fact.project, restored) != 0 || tm_put_fact(store, &fact) != 0) {
            tm_say(stderr, "%s:%" PRIu64 ":%" PRIu64 ": %s", place.file, place.line, place.column, tm_error(store));
            return -1;
        }
        count(restored, &fact);
    }
    return tm_print_diag(tm_dump_diag(reader)) == 0 ? next : -1;
}

/* What this version can do nothing with: it is kept, and told of. */
static int hint_odd(tm_store *store, const struct tm_restored *judged)
{
    tm_rows *rows = tm_ask(store, TM_Q_DECISIONS_OF_NO_METRIC, "");
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (!tm_metric_named(tm_row_text(rows, "metric")))
            tm_hint("decision %" PRId64 " is about metric '%s', which there is not: it has no effect",
                    tm_row_integer(rows, "decision_id"), tm_row_text(rows, "metric"));
    if (tm_rows_close(rows) != 0 || step < 0)
        return tm_store_trouble(store);
    if (judged->anew > 0)
        tm_hint("the settings with which %zu branch%s been judged are not understood: the next gate judges all nights anew",
                judged->anew, judged->anew == 1 ? " has" : "es have");
    return 0;
}

static void print_restored(const struct restored *restored, size_t nights)
{
    const struct {
        uint64_t n;
        const char *one;
    } counted[] = {{restored->projects, "project"},
                   {restored->runs, "run"},
                   {restored->profiles, "profile"},
                   {restored->decisions, "decision"}};
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        printf("%s%" PRIu64 " %s%s", i ? ", " : "", counted[i].n, counted[i].one, TM_PLURAL(counted[i].n));
    printf(" restored; %zu night%s judged\n", nights, TM_PLURAL(nights));
}

static int prepare(struct tm_context *context)
{
    context->flags = TM_CREATE | TM_MADE_LATE;
    return 0;
}

static int run_restore(struct tm_context *context)
{
    struct restored restored = {0};
    struct tm_restored judged;
    tm_dump_reader *reader = tm_dump_open(context->arguments->words[0]);
    if (!reader)
        return tm_trouble("out of memory");
    int code = put_facts(context->store, reader, &restored) == 0 ? 0 : tm_trouble("nothing was stored");
    tm_dump_close(reader);
    /* Of a store that was not there yet, mostly: that is no copy of anything. */
    if (code == 0 && restored.runs == 0)
        code = tm_trouble("the dump has no run; nothing was stored");
    if (code == 0 && tm_judge_restored(context->store, &tm_terminal_watcher, &judged) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0)
        code = hint_odd(context->store, &judged);
    if (code == 0)
        code = tm_context_commit(context);
    if (code == 0)
        print_restored(&restored, judged.nights);
    return code;
}

const struct tm_command tm_command_restore = {
    .name = "restore",
    .usage = "FILE [--db NEW]",
    .summary = "make a store of what 'tidemark dump' wrote ('-': standard input)",
    .more =
        "The store is made if it is not there. It may hold other projects, but none of the dump's. All of the dump is stored, or "
        "nothing.\n"
        "What was judged is judged again, with the settings that it was judged with.",
    .example = "  tidemark restore tidemark.jsonl --db tidemark.db\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_TRANSACTION,
    .prepare = prepare,
    .run = run_restore,
    .least_words = 1,
    .most_words = 1,
};
