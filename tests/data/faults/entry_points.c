/* Calls the library as a program would, for each_allocation.c: whatever fails is told on standard error and is exit 2; else what
 * the library has said is printed, but for times, which differ from run to run.
 *
 *     entry_points PART STORE     PART is a name of parts[] below */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/tidemark_loader.h"
#include "record/tidemark_record.h"

static const char *path;

static int fail(const char *what, const char *message)
{
    fprintf(stderr, "%s: %s\n", what, message && *message ? message : "");
    return 2;
}

static int store_run(tm_store *store, const char *key)
{
    struct tm_run run = {.key = key, .started_at = 1795917600, .host = "h", .branch = "main", .commit_id = "abc", .version = "7"};
    struct tm_reading reading = {"hits", "1", 5};
    struct tm_profile profile = TM_PROFILE_INIT;
    struct tm_spike spike = {.at_ms = 5, .duration_ms = 3, .cpu_percent = 99, .plugin = "beta"};
    enum tm_outcome outcome = TM_STORED;
    static const char *const names[] = {"alpha", "beta", "gamma", "delta"};
    if (tm_run_begin(store, &run) != 0)
        return fail("tm_run_begin", tm_error(store));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        profile.plugin = names[i], profile.calls = 10, profile.wall_ns = 1e9 * (double)(i + 1), profile.cpu_ns = 5e8;
        profile.clock = "rseq", profile.plugin_version = "1.4", profile.readings = &reading, profile.n_readings = 1;
        if (tm_run_add(store, &profile) != 0)
            return fail("tm_run_add", tm_error(store));
    }
    if (tm_run_spike(store, &spike) != 0)
        return fail("tm_run_spike", tm_error(store));
    if (tm_run_commit(store, &outcome) != 0)
        return fail("tm_run_commit", tm_error(store));
    printf("%s %s\n", key, outcome == TM_STORED ? "stored" : "already");
    return 0;
}

static int store_twice(tm_store *store)
{
    int code = store_run(store, "x1");
    return code ? code : store_run(store, "x1");
}

static int abort_run(tm_store *store)
{
    struct tm_run run = {.key = "x1", .started_at = 1795917600, .host = "h"};
    if (tm_run_begin(store, &run) != 0)
        return fail("tm_run_begin", tm_error(store));
    tm_run_abort(store);
    return 0;
}

static int judge_with(tm_store *store, const struct tm_gate_options *options)
{
    tm_gate_result *result = NULL;
    if (tm_gate(store, options, &result) != 0)
        return fail("tm_gate", tm_error(store));
    const struct tm_gate_summary *s = tm_gate_summary(result);
    printf("%d %s %s %s %s %s %" PRId64 " %" PRId64 "\n", s->exit_code, s->outcome, s->project, s->run, s->branch, s->host,
           s->plugins, s->judged);
    for (size_t i = 0; i < tm_gate_count(result); i++) {
        const struct tm_gate_verdict *v = tm_gate_verdict(result, i);
        const char *texts[] = {v->plugin,    v->metric,        v->unit,         v->verdict,          v->kind,
                               v->since_run, v->last_good_run, v->since_commit, v->last_good_commit, v->signal,
                               v->why,       v->earliest_run,  v->latest_run,   v->sure_good_run};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            printf("%s|", texts[t] ? texts[t] : "-");
        printf("%.9g %.9g %d %" PRId64 "\n", v->value, v->evidence, v->runs, v->decision);
    }
    tm_gate_free(result);
    return 0;
}

static int judge(tm_store *store)
{
    return judge_with(store, NULL);
}

static int judge_with_options(tm_store *store)
{
    struct tm_setting settings[] = {
        {"gate", "budget", "0.4"}, {"metric hits", "better", "higher"}, {"plugin gam*", "ignore", "yes"}};
    struct tm_gate_options options = {
        .project = "default", .branch = "main", .host = "h", .run = "n22", .settings = settings, .n_settings = 3, .passes = 1};
    return judge_with(store, &options);
}

static int store_and_judge(tm_store *store)
{
    int code = store_run(store, "x1");
    return code ? code : judge(store);
}

static int with_store(int (*part)(tm_store *), unsigned flags)
{
    tm_store *store = NULL;
    int code = tm_open(path, flags, &store) != 0 ? fail("tm_open", tm_error(store)) : part(store);
    tm_close(store);
    return code;
}

/* ---- the recorder ---- */

static int echo(void *context, const void *input, void *output)
{
    (void)context, (void)output;
    return input ? 7 : 0;
}

/* How many calls and errors of whom are there, whatever they took. */
static int print_stored(const char *file)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    int step = 0;
    if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT name, calls, errors FROM profile JOIN plugin USING (plugin_id) ORDER BY name", -1, &rows,
                           NULL) == SQLITE_OK)
        while ((step = sqlite3_step(rows)) == SQLITE_ROW)
            printf("%s %d %d\n", (const char *)sqlite3_column_text(rows, 0), sqlite3_column_int(rows, 1),
                   sqlite3_column_int(rows, 2));
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return step == SQLITE_DONE ? 0 : fail("reading back", "out of memory");
}

static int print_file(const char *file)
{
    char line[4096];
    FILE *in = fopen(file, "r");
    if (!in)
        return fail("reading back", "no file, or no memory");
    while (fgets(line, sizeof line, in)) {
        char *comma = strchr(line, ',');
        printf("%.*s\n", comma ? (int)(comma - line) : 0, line);
    }
    fclose(in);
    return 0;
}

static int record_calls(void)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    struct tm_rec_call call, inner;
    config.on = 1, config.spike_interval = 0;
    if (tm_rec_start(&config) < 0)
        return fail("tm_rec_start", tm_rec_message());
    tm_rec_plugin *alpha = tm_rec_register("alpha", "1.4"), *beta = tm_rec_register("beta", NULL);
    if (!alpha || !beta)
        return fail("tm_rec_register", tm_rec_message());
    printf("%s %s\n", tm_rec_plugin_name(alpha), tm_rec_plugin_name(beta));
    for (int i = 0; i < 3; i++) {
        tm_rec_begin(&call, alpha);
        tm_rec_begin(&inner, beta);
        tm_rec_suspend(&inner);
        tm_rec_resume(&inner);
        tm_rec_error(&inner, "ValueError", "no such page");
        tm_rec_end(&inner, TM_REC_ERROR);
        tm_rec_end(&call, TM_REC_OK);
    }
    return 0;
}

static int record_and_take(void)
{
    int code = record_calls();
    struct tm_rec_snapshot *taken = code ? NULL : tm_rec_take();
    if (code == 0 && !taken)
        return fail("tm_rec_take", tm_rec_message());
    for (size_t i = 0; taken && i < taken->n_entries; i++) {
        const struct tm_rec_entry *e = &taken->entries[i];
        printf("%s %d %d %zu %s\n", e->profile.plugin, (int)e->profile.calls, (int)e->profile.errors, e->n_errors,
               e->n_errors ? e->errors[0].message : "");
    }
    tm_rec_snapshot_free(taken);
    return code;
}

static int record_to_csv(void)
{
    int code = record_calls();
    if (code == 0 && tm_rec_flush_csv("rec.csv") != 0)
        code = fail("tm_rec_flush_csv", tm_rec_message());
    return code ? code : print_file("rec.csv");
}

static int record_to_store(void)
{
    tm_store *store = NULL;
    struct tm_run run = {.key = "r", .started_at = 1795917600, .host = "h"};
    int code = record_calls();
    unlink("rec.db");
    if (code == 0 && tm_open("rec.db", TM_CREATE, &store) != 0)
        code = fail("tm_open", tm_error(store));
    if (code == 0 && tm_rec_flush_store(store, &run) != 0)
        code = fail("tm_rec_flush_store", tm_rec_message());
    tm_close(store);
    return code ? code : print_stored("rec.db");
}

static int load(void)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1, config.spike_interval = 0;
    if (tm_rec_start(&config) < 0)
        return fail("tm_rec_start", tm_rec_message());
    tm_loader *loader = tm_loader_new();
    if (!loader)
        return fail("tm_loader_new", "out of memory");
    int code = 0;
    if (tm_loader_register_function(loader, "echo", echo, NULL) != 0 ||
        tm_loader_register(loader, "words", getenv("PLUGIN"), "count_words") != 0)
        code = fail("tm_loader_register", tm_rec_message());
    if (code == 0)
        printf("%d %d\n", tm_loader_invoke(loader, "echo", NULL, NULL), tm_loader_invoke(loader, "echo", loader, NULL));
    FILE *report = code == 0 ? fopen("report.txt", "w") : NULL;
    if (code == 0 && !report)
        code = fail("report.txt", "out of memory");
    if (code == 0 && tm_loader_report(loader, report) != 0)
        code = fail("tm_loader_report", tm_rec_message());
    if (report && fclose(report) != 0)
        code = fail("report.txt", "cannot be written");
    if (code == 0 && tm_loader_unload(loader, "words") != 0)
        code = fail("tm_loader_unload", tm_rec_message());
    if (code == 0 && tm_rec_flush_csv("rec.csv") != 0)
        code = fail("tm_rec_flush_csv", tm_rec_message());
    tm_loader_free(loader);
    return code ? code : print_file("rec.csv");
}

static int host(void)
{
    printf("%s\n", tm_host());
    return 0;
}

static int open_new(void)
{
    return with_store(store_twice, TM_CREATE);
}

static int open_reading(void)
{
    tm_store *store = NULL;
    int code = tm_open(path, TM_READONLY, &store) != 0 ? fail("tm_open", tm_error(store)) : 0;
    tm_close(store);
    return code;
}

static int part_store(void)
{
    return with_store(store_twice, 0);
}

static int part_abort(void)
{
    return with_store(abort_run, 0);
}

static int part_gate(void)
{
    return with_store(judge, 0);
}

static int part_gate_options(void)
{
    return with_store(judge_with_options, 0);
}

static int part_store_gate(void)
{
    return with_store(store_and_judge, 0);
}

static const struct {
    const char *name;
    int (*run)(void);
} parts[] = {
    {"host", host},
    {"open", open_reading},
    {"create", open_new},
    {"store", part_store},
    {"abort", part_abort},
    {"gate", part_gate},
    {"gate_options", part_gate_options},
    {"store_gate", part_store_gate},
    {"take", record_and_take},
    {"csv", record_to_csv},
    {"flush_store", record_to_store},
    {"loader", load},
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 3;
    path = argv[2];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, argv[1]) == 0) {
            int code = parts[i].run();
            tm_rec_stop();
            if (fflush(stdout) != 0 || ferror(stdout))
                return fail("standard output", "cannot be written");
            return code;
        }
    return 3;
}
