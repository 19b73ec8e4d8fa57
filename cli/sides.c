/* What a word means: 'branch:' is asked of the store, 'file:' is a file; else a run of that key comes first, so that a file that
 * happens to be called like one changes nothing, then a file, then a list of these with commas between them. */
#include "cli/sides.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/arguments.h"
#include "cli/side_file.h"
#include "gate/sides.h"

#define BRANCH  "branch:"
#define IN_FILE "file:"

/* Where runs of a side come from: the store, or a file. */
struct origin {
    tm_store *store; /* closed with it, unless it is the command's */
    struct tm_side_runs runs;
    struct tm_side_singles singles;
    size_t side;
};

struct sides {
    struct tm_context *context;
    struct tm_comparison *comparison;
    const char *glob;
    struct tm_side_runs stored[TM_SIDES];
    struct origin *files;
    size_t n_files;
};

static const char *path_of(const char *word)
{
    return strncmp(word, IN_FILE, strlen(IN_FILE)) == 0 ? word + strlen(IN_FILE) : word;
}

bool tm_side_is_file(const char *word)
{
    const char *path = path_of(word);
    return path != word || strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

static bool is_there(const char *path)
{
    return strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

static int add_file(struct sides *s, size_t side, const char *path)
{
    struct origin *file = tm_array_add(&s->files, &s->n_files, sizeof *file);
    if (!file)
        return tm_trouble("out of memory");
    file->side = side;
    return tm_side_read_file(s->context, path, &file->store, &file->runs, &file->singles);
}

/* ---- branches ---- */

/* NAME~N: *name is to be freed. */
static int read_branch(const char *word, char **name, size_t *newest)
{
    enum { MOST = 1000 }; /* runs: more are read by nobody, and a slip */
    const char *text = word + strlen(BRANCH), *tilde = strrchr(text, '~');
    char *end = NULL;
    *newest = 1;
    *name = strndup(text, tilde ? (size_t)(tilde - text) : strlen(text));
    if (!*name)
        return tm_trouble("out of memory");
    if (!tilde)
        return 0;
    unsigned long number = strtoul(tilde + 1, &end, 10);
    if (tilde[1] < '0' || tilde[1] > '9' || *end || number < 1 || number > MOST)
        return tm_trouble("'%s': expected branch:NAME, or branch:NAME~N with N from 1 to %d", word, MOST);
    *newest = number;
    return 0;
}

static bool has_run(const struct tm_side_runs *runs, int64_t id)
{
    for (size_t i = 0; i < runs->n; i++)
        if (runs->list[i].id == id)
            return true;
    return false;
}

/* Keys first: each run is then found by its own. */
static int list_keys(struct sides *s, const struct tm_judged_run *newest, size_t wanted, const struct tm_side_runs *without,
                     char ***keys, size_t *n)
{
    tm_store *store = s->context->store;
    int step = -1;
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGE_WINDOW, "iitiii", newest->project_id, newest->host_id, newest->branch,
                           newest->started_at, newest->id, (int64_t)(wanted + without->n));
    while (rows && *n < wanted && (step = tm_rows_next(rows)) == 1) {
        if (has_run(without, tm_row_integer(rows, "run_id")))
            continue;
        char **key = tm_array_add(keys, n, sizeof *key);
        if (key)
            *key = strdup(tm_row_text(rows, "key"));
        if (!key || !*key) {
            step = tm_store_fail(store, "out of memory");
            break;
        }
    }
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : 0;
}

/* The newest runs of the branch on the host of its newest, without those of the other side. */
static int add_branch(struct sides *s, size_t side, const char *word)
{
    struct tm_judged_run newest = {0};
    char *name = NULL, **keys = NULL;
    size_t wanted, n = 0;
    int code = read_branch(word, &name, &wanted), found = 0;
    const struct tm_scope scope = {.project = s->context->scope.project, .branch = name, .host = s->context->scope.host};
    if (code == 0)
        found = tm_judged_run_find(s->context->store, &scope, NULL, &newest);
    if (code == 0 && found > 0 && list_keys(s, &newest, wanted, &s->stored[1 - side], &keys, &n) != 0)
        found = -1;
    for (size_t i = n; i-- > 0 && found > 0;)
        found = tm_side_find_run(s->context->store, scope.project, keys[i], &s->stored[side]);
    if (code == 0 && found < 0)
        code = tm_store_trouble(s->context->store);
    else if (code == 0 && n == 0)
        code = tm_trouble("branch '%s' has no run in project '%s'%s", name, scope.project,
                          found > 0 ? " that the other side has not" : "");
    for (size_t i = 0; i < n; i++)
        free(keys[i]);
    free(keys);
    free(name);
    tm_judged_run_free(&newest);
    return code;
}

/* ---- words ---- */

/* 1: the word was one thing; 0: it is none; -1 after a message. */
static int add_one(struct sides *s, size_t side, const char *word)
{
    const char *path = path_of(word);
    if (path != word)
        return add_file(s, side, path) == 0 ? 1 : -1;
    if (strncmp(word, BRANCH, strlen(BRANCH)) == 0)
        return add_branch(s, side, word) == 0 ? 1 : -1;
    int found = tm_side_find_run(s->context->store, s->context->scope.project, word, &s->stored[side]);
    if (found != 0)
        return found > 0 ? 1 : (tm_store_trouble(s->context->store), -1);
    if (is_there(path))
        return add_file(s, side, path) == 0 ? 1 : -1;
    return 0;
}

static int no_such(const struct sides *s, const char *word)
{
    tm_trouble("no run '%s' in project '%s', and no file of that name", word, s->context->scope.project);
    tm_hint("'tidemark runs' lists the runs; branch:NAME is the newest one of a branch");
    return TM_EXIT_TROUBLE;
}

static int add_list(struct sides *s, size_t side, const char *word)
{
    char *copy = strdup(word), *rest = copy, *part;
    int found = copy ? 1 : (tm_trouble("out of memory"), -1);
    while (found > 0 && (part = strsep(&rest, ",")))
        if ((found = add_one(s, side, part)) == 0)
            no_such(s, part);
    free(copy);
    return found > 0 ? 0 : TM_EXIT_TROUBLE;
}

static int add_word(struct sides *s, size_t side)
{
    const char *word = s->context->arguments->words[side];
    int found = add_one(s, side, word);
    if (found == 0 && strchr(word, ','))
        return add_list(s, side, word);
    return found > 0 ? 0 : found < 0 ? TM_EXIT_TROUBLE : no_such(s, word);
}

/* ---- reading ---- */

static int by_start(const void *a, const void *b)
{
    const struct tm_side_run *x = a, *y = b;
    if (x->started_at != y->started_at)
        return x->started_at < y->started_at ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The same text on all runs, or none. */
static void note_text(const char **noted, const char *text, bool first)
{
    if (first)
        *noted = *text ? text : NULL;
    else if (*noted && strcmp(*noted, text) != 0)
        *noted = NULL;
}

static int copy_text(struct tm_comparison *c, const char **text)
{
    if (*text)
        *text = tm_compare_text(c, *text);
    return *text ? 0 : -1;
}

static int note_host(tm_store *store, struct tm_comparison *c, int64_t run, struct tm_compared_side *told)
{
    tm_rows *rows = tm_ask(store, TM_Q_RUN_FACTS, "i", run);
    int step = rows ? tm_rows_next(rows) : -1;
    const char *host = step == 1 ? tm_row_text(rows, "host") : "";
    bool same = told->host && strcmp(told->host, host) == 0;
    int result = step < 0 ? -1 : 0;
    if (step == 1 && (told->runs == 0 || same))
        told->host = same ? told->host : tm_compare_text(c, host);
    else
        told->host = NULL;
    if (told->runs == 0 && step == 1 && !told->host)
        result = tm_store_fail(store, "out of memory");
    return tm_rows_close(rows) != 0 ? -1 : result;
}

/* Reads the runs of one origin into a side, the oldest first. */
static int read_runs(struct sides *s, size_t side, tm_store *store, struct tm_side_runs *runs, struct tm_side_reader *reader)
{
    struct tm_compared_side *told = &s->comparison->sides[side];
    int result = 0;
    if (runs->n > 0)
        qsort(runs->list, runs->n, sizeof *runs->list, by_start);
    for (size_t i = 0; i < runs->n && result == 0; i++) {
        const struct tm_side_run *run = &runs->list[i];
        const char *key = tm_compare_text(s->comparison, run->key);
        result = key ? note_host(store, s->comparison, run->id, told) : tm_store_fail(store, "out of memory");
        note_text(&told->branch, run->branch, told->runs == 0);
        note_text(&told->commit, run->commit, told->runs == 0);
        told->first = told->runs == 0 ? key : told->first;
        told->last = key;
        told->started_at = run->started_at > told->started_at ? run->started_at : told->started_at;
        told->unnamed = told->runs++ == 0 && run->unnamed;
        if (result == 0)
            result = tm_side_read_run(reader, run->id, (enum tm_compare_of)side, &told->measurements);
    }
    if (result == 0 && ((told->branch && copy_text(s->comparison, &told->branch) != 0) ||
                        (told->commit && copy_text(s->comparison, &told->commit) != 0)))
        result = tm_store_fail(store, "out of memory");
    return result == 0 ? 0 : tm_store_trouble(store);
}

/* What the only run of a side was made of tells its noise, if nothing better does. Without a plugin or a metric of the comparison:
 * it was left out. */
static int add_singles(struct sides *s, const struct origin *file)
{
    static const double NS = 1e6; /* of a millisecond */
    struct tm_comparison *c = s->comparison;
    for (size_t i = 0; i < file->singles.n && c->sides[file->side].measurements == 1; i++) {
        const struct tm_side_single *single = &file->singles.list[i];
        size_t plugin, metric;
        if (!tm_compare_find_plugin(c, single->plugin, &plugin) ||
            !tm_compare_find_metric(c, single->metric ? single->metric : "wall_per_call_ms", &metric))
            continue;
        double value = single->metric ? single->value : single->value / NS;
        if (tm_compare_add(c, (enum tm_compare_of)(TM_COMPARE_SINGLE_A + file->side), plugin, metric, value) != 0)
            return tm_trouble("out of memory");
    }
    return 0;
}

static int read_file_runs(struct sides *s, struct origin *file)
{
    struct tm_side_reader reader = {0};
    int code = 0;
    if (tm_side_reader_open(&reader, s->comparison, file->store, file->runs.list[0].project, s->glob) != 0)
        code = tm_store_trouble(file->store);
    if (code == 0)
        code = read_runs(s, file->side, file->store, &file->runs, &reader);
    tm_side_reader_free(&reader);
    return code;
}

/* The past of A is the noise that B is measured with; where A is of no store, B's own. */
static int read_past(struct sides *s, struct tm_side_reader *reader)
{
    const struct tm_side_runs *of = s->stored[TM_COMPARE_A].n ? &s->stored[TM_COMPARE_A] : &s->stored[TM_COMPARE_B];
    size_t n = s->stored[TM_COMPARE_A].n + s->stored[TM_COMPARE_B].n, used = 0;
    if (n == 0)
        return 0;
    const struct tm_side_run *newest = &of->list[of->n - 1];
    int64_t until = newest->started_at;
    int64_t *compared = calloc(n, sizeof *compared);
    if (!compared)
        return tm_trouble("out of memory");
    for (int side = 0; side < TM_SIDES; side++)
        for (size_t i = 0; i < s->stored[side].n; i++) {
            compared[used++] = s->stored[side].list[i].id;
            until = s->stored[side].list[i].started_at > until ? s->stored[side].list[i].started_at : until;
        }
    const struct tm_side_lineage lineage = {newest->project_id, newest->host_id, until, INT64_MAX, newest->branch};
    int result = tm_side_read_past(reader, &lineage, compared, n);
    free(compared);
    return result == 0 ? 0 : tm_store_trouble(s->context->store);
}

static int read_all(struct sides *s)
{
    struct tm_side_reader reader = {0};
    tm_store *store = s->context->store;
    bool any = s->stored[TM_COMPARE_A].n + s->stored[TM_COMPARE_B].n > 0;
    int code = 0;
    if (any && tm_side_reader_open(&reader, s->comparison, store, s->context->scope.project, s->glob) != 0)
        code = tm_store_trouble(store);
    for (size_t i = 0; i < s->n_files && code == 0; i++)
        code = read_file_runs(s, &s->files[i]);
    for (size_t side = 0; side < TM_SIDES && code == 0; side++)
        code = read_runs(s, side, store, &s->stored[side], &reader);
    for (size_t i = 0; i < s->n_files && code == 0; i++)
        code = add_singles(s, &s->files[i]);
    if (code == 0)
        code = read_past(s, &reader);
    tm_side_reader_free(&reader);
    return code;
}

/* B first: a branch of several runs leaves out what the other side has, and that is mostly A's, the baseline. */
int tm_sides_read(struct tm_context *context, struct tm_comparison *comparison, const char *glob)
{
    struct sides s = {.context = context, .comparison = comparison, .glob = glob};
    int code = tm_context_choose_project(context, NULL);
    if (code == 0 && tm_snapshot(context->store) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0)
        code = add_word(&s, TM_COMPARE_B);
    if (code == 0)
        code = add_word(&s, TM_COMPARE_A);
    for (int side = 0; side < TM_SIDES; side++)
        comparison->sides[side].name = context->arguments->words[side];
    if (code == 0)
        code = read_all(&s);
    for (int side = 0; side < TM_SIDES; side++)
        tm_side_runs_free(&s.stored[side]);
    for (size_t i = 0; i < s.n_files; i++) {
        tm_side_runs_free(&s.files[i].runs);
        tm_side_singles_free(&s.files[i].singles);
        tm_close(s.files[i].store);
    }
    free(s.files);
    return code;
}
