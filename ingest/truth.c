/* Known changes out of CSV. A row's fields are copied with their places, since what is wrong with
 * a name shows only when the store is asked; what is wrong with the file is told here. */
#include "ingest/truth.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/plural.h"
#include "base/text.h"
#include "ingest/formats/csv_split.h"
#include "ingest/number.h"

/* Columns that mean something; others (an issue's link, a note) are passed over. */
enum meaning { PLUGIN, RUN, COMMIT, START, END, METRIC, KIND, PROJECT, MEANINGS, NOTHING = MEANINGS };

static const struct {
    const char *name;
    enum meaning meaning;
} names[] = {{"plugin", PLUGIN}, {"run", RUN},   {"commit", COMMIT},   {"start", START},   {"end", END},
             {"metric", METRIC}, {"kind", KIND}, {"project", PROJECT}, {"source", PROJECT}};

static const struct {
    const char *name;
    enum tm_truth_kind kind;
} kinds[] = {
    {"", TM_TRUTH_STEP}, {"step", TM_TRUTH_STEP}, {"drift", TM_TRUTH_DRIFT}, {"gray", TM_TRUTH_GRAY}, {"ignore", TM_TRUTH_GRAY}};

/* The columns that say where a change began. */
static const enum meaning beginnings[TM_TRUTH_BYS] = {
    [TM_TRUTH_BY_RUN] = RUN, [TM_TRUTH_BY_COMMIT] = COMMIT, [TM_TRUTH_BY_POSITION] = START};

struct reading {
    struct tm_truth *truth;
    struct tm_diag *diag;
    const char *project;
    struct tm_csv *csv;
    enum meaning *columns;
    size_t n_columns;
    bool has[MEANINGS];
    bool has_header, bad_header, no_memory;
    size_t rows; /* behind the header, of other projects too */

    /* the row in hand */
    size_t field;
    struct tm_truth_text values[MEANINGS];

    struct tm_hash seen; /* the rows taken, by plugin, place, metric and kind: position + 1 */
};

/* Says what is wrong with a field of the row in hand. */
#define FAULT(r, index, ...)                                                                                                       \
    do {                                                                                                                           \
        struct tm_place place_ = tm_csv_place((r)->csv, index);                                                                    \
        tm_diag_error((r)->diag, &place_, __VA_ARGS__);                                                                            \
    } while (0)

/* ---- the header ---- */

static void header_field(struct reading *r, const char *text, size_t size)
{
    enum meaning meaning = NOTHING;
    char shown[TM_SHOWN_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == size && memcmp(names[i].name, text, size) == 0)
            meaning = names[i].meaning;
    if (meaning != NOTHING && r->has[meaning]) {
        FAULT(r, r->n_columns, "column '%s' is one too many: another one means the same", tm_shown(text, size, shown));
        r->bad_header = true;
    }
    enum meaning *column = tm_array_add(&r->columns, &r->n_columns, sizeof *column);
    if (!column) {
        r->no_memory = true;
        return;
    }
    *column = meaning;
    if (meaning != NOTHING)
        r->has[meaning] = true;
}

static void header_row(struct reading *r)
{
    r->has_header = true;
    bool names_place = r->has[RUN] || r->has[COMMIT] || r->has[START];
    if (!r->has[PLUGIN] || !names_place) {
        FAULT(r, 0, "the header has no column '%s', expected one like plugin,run or plugin,commit or plugin,start",
              r->has[PLUGIN] ? "run', 'commit' or 'start" : "plugin");
        r->bad_header = true;
    }
}

/* ---- rows ---- */

static bool is_given(const struct reading *r, enum meaning meaning)
{
    return r->values[meaning].text && *r->values[meaning].text;
}

static void row_field(struct reading *r, const char *text, size_t size)
{
    enum meaning meaning = r->field < r->n_columns ? r->columns[r->field] : NOTHING;
    if (meaning == NOTHING)
        return;
    const char *copy = tm_arena_text(&r->truth->texts, text, size);
    r->no_memory = r->no_memory || !copy;
    r->values[meaning] = (struct tm_truth_text){copy, tm_csv_place(r->csv, r->field)};
}

/* What the row's first run is named by; TM_TRUTH_BYS (and it was said): by nothing, or by several. */
static enum tm_truth_by find_by(struct reading *r)
{
    enum tm_truth_by found = TM_TRUTH_BYS;
    for (int by = 0; by < TM_TRUTH_BYS; by++) {
        if (!is_given(r, beginnings[by]))
            continue;
        if (found != TM_TRUTH_BYS) {
            tm_diag_error(r->diag, &r->values[beginnings[by]].place,
                          "the row says twice where the change began, expected one of run, commit and start");
            return TM_TRUTH_BYS;
        }
        found = (enum tm_truth_by)by;
    }
    if (found == TM_TRUTH_BYS)
        FAULT(r, 0, "the row does not say where the change began, expected a run, a commit or a start");
    return found;
}

static bool find_kind(struct reading *r, enum tm_truth_kind *kind)
{
    const char *text = is_given(r, KIND) ? r->values[KIND].text : "";
    char shown[TM_SHOWN_SIZE];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, text) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    tm_diag_error(r->diag, &r->values[KIND].place, "'%s' is no kind of change, expected step, drift, gray or ignore",
                  tm_shown(text, strlen(text), shown));
    return false;
}

static bool read_position(struct reading *r, const struct tm_truth_text *from, int64_t *position)
{
    char shown[TM_SHOWN_SIZE];
    if (tm_parse_count(from->text, strlen(from->text), position) == TM_NUMBER_OK)
        return true;
    tm_diag_error(r->diag, &from->place, "'%s' is no position in the plugin's history, expected a whole number from 0 up",
                  tm_shown(from->text, strlen(from->text), shown));
    return false;
}

/* Fills in the row: false where something is wrong with it, and that was said. */
static bool understand(struct reading *r, struct tm_truth_row *row)
{
    if (!is_given(r, PLUGIN)) {
        FAULT(r, 0, "the row names no plugin, expected one, or * for a change of the whole run");
        return false;
    }
    row->by = find_by(r);
    if (row->by == TM_TRUTH_BYS || !find_kind(r, &row->kind))
        return false;
    row->plugin = r->values[PLUGIN];
    row->first = r->values[beginnings[row->by]];
    row->last = is_given(r, END) ? r->values[END] : (struct tm_truth_text){.text = ""};
    row->metric = is_given(r, METRIC) ? r->values[METRIC] : (struct tm_truth_text){.text = ""};
    row->last_position = -1;
    if (row->kind == TM_TRUTH_DRIFT && !*row->last.text) {
        tm_diag_error(r->diag, &r->values[KIND].place,
                      "a drift has no end here, expected the last run of the climb in column 'end'");
        return false;
    }
    return row->by != TM_TRUTH_BY_POSITION || (read_position(r, &row->first, &row->first_position) &&
                                               (!*row->last.text || read_position(r, &row->last, &row->last_position)));
}

static bool is_same(const struct tm_truth_row *a, const struct tm_truth_row *b)
{
    return a->kind == b->kind && a->by == b->by && strcmp(a->plugin.text, b->plugin.text) == 0 &&
           strcmp(a->first.text, b->first.text) == 0 && strcmp(a->metric.text, b->metric.text) == 0;
}

struct sought_row {
    const struct tm_truth *truth;
    const struct tm_truth_row *row;
};

static bool is_sought(uintptr_t item, const void *key)
{
    const struct sought_row *sought = key;
    return is_same(&sought->truth->rows[item - 1], sought->row);
}

/* A row that is there twice would count twice. */
static void take_row(struct reading *r, const struct tm_truth_row *row)
{
    struct sought_row sought = {r->truth, row};
    uint64_t hash = tm_hash_text(row->plugin.text, strlen(row->plugin.text)) ^
                    3 * tm_hash_text(row->first.text, strlen(row->first.text)); /* 3: else two equal names were 0 */
    uintptr_t before = tm_hash_find(&r->seen, hash, is_sought, &sought);
    if (before) {
        tm_diag_error(r->diag, &row->plugin.place, "this change is in line %llu already",
                      (unsigned long long)r->truth->rows[before - 1].plugin.place.line);
        return;
    }
    struct tm_truth_row *added = tm_array_add(&r->truth->rows, &r->truth->n_rows, sizeof *added);
    if (!added) {
        r->no_memory = true;
        return;
    }
    *added = *row;
    r->no_memory = tm_hash_add(&r->seen, hash, r->truth->n_rows) != 0;
}

static void end_row(struct reading *r)
{
    struct tm_truth_row row = {0};
    r->rows++;
    if (r->field != r->n_columns) {
        FAULT(r, 0, "found %zu field%s, expected %zu as in the header", r->field, TM_PLURAL(r->field), r->n_columns);
        return;
    }
    if (is_given(r, PROJECT) && strcmp(r->values[PROJECT].text, r->project) != 0)
        return;
    if (understand(r, &row))
        take_row(r, &row);
}

/* ---- for tm_csv_read ---- */

static void on_field(void *context, const char *text, size_t size)
{
    struct reading *r = context;
    if (r->no_memory || r->bad_header)
        return;
    if (!r->has_header)
        header_field(r, text, size);
    else
        row_field(r, text, size);
    r->field++;
}

static void on_row(void *context)
{
    struct reading *r = context;
    if (r->no_memory || r->bad_header)
        return;
    if (!r->has_header)
        header_row(r);
    else
        end_row(r);
    r->field = 0;
    memset(r->values, 0, sizeof r->values);
}

/* After a file that was read to its end. */
static void check_whole(const struct reading *r, const char *file)
{
    const struct tm_place place = {file, 0, 0};
    if (!r->has_header && !r->bad_header)
        tm_diag_error(r->diag, &place, "the file is empty, expected a header like plugin,run and a row for each known change");
    else if (r->rows == 0 && !r->bad_header)
        tm_diag_error(r->diag, &place, "found no rows after the header, expected one for each known change");
}

int tm_truth_read(struct tm_truth *truth, const char *file, const char *project, struct tm_diag *diag)
{
    struct reading r = {.truth = truth, .diag = diag, .project = project};
    struct tm_csv_handler handler = {&r, on_field, on_row};
    struct tm_source source = {0};
    _Atomic uint64_t bytes = 0;
    uint64_t before = diag->n_errors;
    *truth = (struct tm_truth){0};
    int error = tm_source_open(&source, file, &bytes);
    const struct tm_place place = {source.name, 0, 0};
    if (error) {
        tm_diag_error(diag, &place, "cannot open: %s", strerror(error));
        return -1;
    }
    if (tm_csv_read(&source, &handler, diag, &r.csv) == 0 && !r.no_memory)
        check_whole(&r, source.name);
    if (r.no_memory)
        tm_diag_error(diag, &place, "out of memory");
    tm_source_close(&source);
    tm_hash_free(&r.seen);
    free(r.columns);
    return diag->n_errors == before ? 0 : -1;
}

void tm_truth_free(struct tm_truth *truth)
{
    free(truth->rows);
    tm_arena_free(&truth->texts);
    *truth = (struct tm_truth){0};
}
