/* One file of asv's results. In the first version a result is a number, or an object with one for
 * each combination of parameters; in the second a list, whose columns another member names. null is
 * a failure, NaN what was skipped. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ingest/formats/asv.h"

enum { MOST_COMBINATIONS = 1000000 }; /* of parameters: what nobody measures, and a file could make up */

static void *take(struct tm_json *json, size_t size)
{
    void *memory = tm_arena_take(&tm_document_of(json)->kept, size);
    if (!memory)
        tm_json_no_memory(json);
    return memory;
}

static void no_memory(struct tm_json *json)
{
    tm_json_no_memory(json);
}

void tm_asv_clear(struct tm_asv *asv)
{
    for (size_t i = 0; i < asv->n_entries; i++) {
        struct tm_asv_entry *entry = &asv->entries[i];
        for (size_t j = 0; j < entry->n_params; j++)
            free(entry->params[j]);
        free(entry->params);
        free(entry->values), free(entry->failed);
        free(entry->samples), free(entry->n_samples);
        free(entry->number), free(entry->repeat);
    }
    free(asv->entries);
    free(asv->columns);
    asv->entries = NULL;
    asv->columns = NULL;
    asv->n_entries = asv->n_columns = 0;
    asv->machine = asv->environment = NULL;
    asv->has_results = false;
}

/* A value: a number, null for a failure, NaN for what was skipped. */
static void read_value(struct tm_json *json, void *into)
{
    struct tm_asv_entry *entry = into;
    size_t n_failed = entry->n_values;
    double *value = tm_array_add(&entry->values, &entry->n_values, sizeof *value);
    bool *failed = value ? tm_array_add(&entry->failed, &n_failed, sizeof *failed) : NULL;
    if (!failed) {
        no_memory(json);
        return;
    }
    *value = json->token == TM_JSON_NUMBER ? json->number : NAN;
    *failed = json->token == TM_JSON_NULL;
    tm_json_skip(json);
}

static void read_values(struct tm_json *json, void *into)
{
    struct tm_asv_entry *entry = into;
    if (json->token == TM_JSON_ARRAY)
        tm_json_each(json, read_value, entry);
    else if (json->token == TM_JSON_NULL)
        entry->all_failed = true;
    else
        read_value(json, entry);
}

struct list {
    const char **texts;
    size_t n;
};

static void read_param(struct tm_json *json, void *into)
{
    struct list *list = into;
    struct tm_json_text text = {0};
    const char **added = NULL;
    if (json->token == TM_JSON_TEXT_VALUE || json->token == TM_JSON_NUMBER)
        tm_json_take_text(json, &text);
    tm_json_skip(json);
    const char *kept = text.text ? tm_document_keep(tm_document_of(json), text.text, text.size) : "?";
    if (kept && (added = tm_array_add(&list->texts, &list->n, sizeof *added)))
        *added = kept;
    else
        no_memory(json);
}

static void read_param_list(struct tm_json *json, void *into)
{
    struct tm_asv_entry *entry = into;
    struct list list = {0};
    if (json->token == TM_JSON_ARRAY)
        tm_json_each(json, read_param, &list);
    else
        tm_json_skip(json);
    const char **end = tm_array_add(&list.texts, &list.n, sizeof *end);
    const char ***added = end ? tm_array_add(&entry->params, &entry->n_params, sizeof *added) : NULL;
    if (added) {
        *end = NULL;
        *added = list.texts;
    } else {
        free(list.texts);
        no_memory(json);
    }
}

static void read_params(struct tm_json *json, void *into)
{
    tm_json_each(json, read_param_list, into);
}

/* The samples of one combination, in the document's memory. */
static void read_sample_list(struct tm_json *json, void *into)
{
    struct tm_asv_entry *entry = into;
    const double *numbers = NULL;
    size_t n = 0, n_samples = entry->n_sampled;
    if (json->token == TM_JSON_ARRAY)
        tm_document_numbers(json, &numbers, &n);
    else
        tm_json_skip(json);
    double *copy = take(json, (n + 1) * sizeof *copy);
    double **added = copy ? tm_array_add(&entry->samples, &entry->n_sampled, sizeof *added) : NULL;
    size_t *count = added ? tm_array_add(&entry->n_samples, &n_samples, sizeof *count) : NULL;
    if (!count) {
        no_memory(json);
        return;
    }
    if (n)
        memcpy(copy, numbers, n * sizeof *copy);
    *added = copy;
    *count = n;
}

static void read_samples(struct tm_json *json, void *into)
{
    if (json->token == TM_JSON_ARRAY)
        tm_json_each(json, read_sample_list, into);
    else
        tm_json_skip(json);
}

struct counts {
    double *of;
    size_t n;
};

/* A count for each combination: of one that failed it is null, and keeps its place. */
static void read_count(struct tm_json *json, void *into)
{
    struct counts *counts = into;
    double *added = tm_array_add(&counts->of, &counts->n, sizeof *added);
    if (!added) {
        no_memory(json);
        return;
    }
    *added = json->token == TM_JSON_NUMBER ? json->number : NAN;
    tm_json_skip(json);
}

static void read_counts(struct tm_json *json, double **counts, size_t *n)
{
    struct counts read = {0};
    if (json->token == TM_JSON_ARRAY)
        tm_json_each(json, read_count, &read);
    else
        tm_json_skip(json);
    free(*counts);
    *counts = read.of;
    *n = read.n;
}

static void read_number(struct tm_json *json, void *into)
{
    struct tm_asv_entry *entry = into;
    read_counts(json, &entry->number, &entry->n_number);
}

static void read_repeat(struct tm_json *json, void *into)
{
    struct tm_asv_entry *entry = into;
    read_counts(json, &entry->repeat, &entry->n_repeat);
}

/* What a result has, by the names of members (version 1) and of columns (version 2). */
static const struct tm_json_member parts[] = {
    {"result", TM_JSON_CALL, 0, read_values},
    {"params", TM_JSON_CALL, 0, read_params},
    {"samples", TM_JSON_CALL, 0, read_samples},
    {"version", TM_JSON_CALL, offsetof(struct tm_asv_entry, version), tm_document_take_fact},
    {"stats_number", TM_JSON_CALL, 0, read_number},
    {"stats_repeat", TM_JSON_CALL, 0, read_repeat},
};

/* asv writes the columns before the results; these are the ones of the first file of version 2. */
static const char *column_at(const struct tm_asv *asv, size_t at)
{
    static const char *const usual[] = {"result", "params", "version"};
    if (asv->n_columns)
        return at < asv->n_columns ? asv->columns[at] : "";
    return at < sizeof usual / sizeof *usual ? usual[at] : "";
}

static void read_columns_of(struct tm_json *json, struct tm_asv *asv, struct tm_asv_entry *entry)
{
    for (size_t at = 0; tm_json_next(json) != TM_JSON_ARRAY_END && json->token != TM_JSON_FAILED; at++) {
        const struct tm_json_member *part = NULL;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (strcmp(parts[i].name, column_at(asv, at)) == 0)
                part = &parts[i];
        if (part && json->token != TM_JSON_NULL)
            part->read(json, (char *)entry + part->at);
        else if (part && strcmp(part->name, "result") == 0)
            entry->all_failed = true;
        else
            tm_json_skip(json);
    }
}

static void read_entry(struct tm_json *json, void *into)
{
    struct tm_asv *asv = into;
    struct tm_asv_entry *entry = tm_array_add(&asv->entries, &asv->n_entries, sizeof *entry);
    const char *name = tm_document_keep(&asv->document, json->key.text, json->key.size);
    if (!entry || !name) {
        asv->n_entries -= entry ? 1 : 0;
        no_memory(json);
        return;
    }
    *entry = (struct tm_asv_entry){.name = name, .line = json->line};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, parts, sizeof parts / sizeof *parts, entry);
    else if (json->token == TM_JSON_ARRAY)
        read_columns_of(json, asv, entry);
    else
        read_value(json, entry);
    tm_arena_reset(&json->texts);
}

static void read_results(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_entry}};
    struct tm_asv *asv = into;
    asv->has_results = true;
    tm_json_read(json, members, 1, into);
}

static void read_column(struct tm_json *json, void *into)
{
    struct tm_asv *asv = into;
    struct tm_json_text text = {0};
    if (!tm_json_take_text(json, &text))
        return;
    const char *name = tm_document_keep(&asv->document, text.text ? text.text : "", text.size);
    const char **added = name ? tm_array_add(&asv->columns, &asv->n_columns, sizeof *added) : NULL;
    if (added)
        *added = name;
    else
        no_memory(json);
}

static void read_columns(struct tm_json *json, void *into)
{
    tm_json_each(json, read_column, into);
}

static void read_machine_of(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"machine", TM_JSON_CALL, offsetof(struct tm_asv, machine), tm_document_take_fact},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
    else
        tm_json_skip(json);
}

/* Milliseconds: of the commit. */
static void read_date(struct tm_json *json, void *into)
{
    struct tm_asv *asv = into;
    double date;
    if (tm_json_take_number(json, &date) && date >= 0 && date < 253402300800e3) /* the year 10000 */
        asv->document.facts.started_at = (int64_t)(date / 1e3);
}

const struct tm_json_member tm_asv_members[] = {
    {"commit_hash", TM_JSON_CALL, offsetof(struct tm_asv, document.facts.commit), tm_document_take_fact},
    {"date", TM_JSON_CALL, 0, read_date},
    {"env_name", TM_JSON_CALL, offsetof(struct tm_asv, environment), tm_document_take_fact},
    {"params", TM_JSON_CALL, 0, read_machine_of},
    {"result_columns", TM_JSON_CALL, 0, read_columns},
    {"results", TM_JSON_CALL, 0, read_results},
};
const size_t tm_asv_n_members = sizeof tm_asv_members / sizeof *tm_asv_members;

/* "name(first, second)" of the combination at that place. */
static const char *name_of(struct tm_asv *asv, const struct tm_asv_entry *entry, size_t at, const char *version)
{
    const char *text = NULL;
    for (size_t i = entry->n_params; i > 0; i--) {
        size_t n = 0;
        while (entry->params[i - 1][n])
            n++;
        if (n == 0)
            continue;
        const char *param = entry->params[i - 1][at % n];
        text = text ? tm_document_printf(&asv->document, "%s, %s", param, text) : param;
        if (!text)
            return NULL;
        at /= n;
    }
    return tm_document_printf(&asv->document, "%s%s%s%s%s%.8s%s", entry->name, text ? "(" : "", text ? text : "", text ? ")" : "",
                              version ? " [version " : "", version ? version : "", version ? "]" : "");
}

/* What is measured, where benchmarks.json does not know the benchmark: asv goes by the name of the function. */
static struct tm_asv_benchmark describe(const struct tm_asv *asv, const struct tm_asv_entry *entry)
{
    static const struct {
        const char *prefix, *type, *unit;
    } kinds[] = {{"time_", "time", "seconds"},
                 {"timeraw_", "time", "seconds"},
                 {"mem_", "memory", "bytes"},
                 {"peakmem_", "peakmemory", "bytes"}};
    uintptr_t found = tm_hash_find(&asv->by_name, tm_hash_text(entry->name, strlen(entry->name)), NULL, NULL);
    const char *dot = strrchr(entry->name, '.'), *function = dot ? dot + 1 : entry->name;
    if (found)
        return asv->benchmarks[found - 1];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(function, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return (struct tm_asv_benchmark){entry->name, kinds[i].type, kinds[i].unit, NULL};
    return (struct tm_asv_benchmark){entry->name, "track", NULL, NULL};
}

static void add_value(struct tm_asv *asv, const struct tm_asv_entry *entry, const struct tm_asv_benchmark *about, size_t at)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    bool failed = entry->all_failed || entry->failed[at];
    double value = failed ? NAN : entry->values[at];
    /* What a benchmark was before its code changed is another series. */
    bool other = entry->version && about->version && strcmp(entry->version, about->version) != 0;
    double calls = at < entry->n_number && at < entry->n_repeat ? entry->number[at] * entry->repeat[at] : 1;
    if (!failed && isnan(value)) /* skipped */
        return;
    row.name = name_of(asv, entry, at, other ? entry->version : NULL);
    if (!row.name)
        return;
    row.size = strlen(row.name);
    row.errors = failed;
    row.calls = failed ? 1 : tm_gather_calls(calls);
    bool peak = about->type && strcmp(about->type, "peakmemory") == 0;
    bool time = about->type && (strcmp(about->type, "time") == 0 || strcmp(about->type, "timeraw") == 0);
    if (peak)
        row.peak_mem_bytes = value;
    if (time && !failed) {
        row.wall_ns = value * 1e9;
        if (at < entry->n_sampled) {
            for (size_t i = 0; i < entry->n_samples[at]; i++)
                entry->samples[at][i] *= 1e9;
            row.samples = entry->samples[at];
            row.n_samples = entry->n_samples[at];
        }
    }
    tm_gather_row(&asv->document.gather, &row, entry->line);
    if (!peak && !time && !failed)
        tm_gather_by_unit(&asv->document.gather, about->unit, "lower", value);
}

void tm_asv_add(struct tm_asv *asv)
{
    for (size_t i = 0; i < asv->n_entries && !asv->document.sink->failed; i++) {
        const struct tm_asv_entry *entry = &asv->entries[i];
        const struct tm_asv_benchmark about = describe(asv, entry);
        size_t combinations = 1;
        for (size_t p = 0; p < entry->n_params; p++) {
            size_t n = 0;
            while (entry->params[p][n])
                n++;
            combinations *= n > 0 && n <= MOST_COMBINATIONS / combinations ? n : 1;
        }
        size_t n = entry->all_failed ? combinations : entry->n_values;
        for (size_t at = 0; at < n; at++)
            add_value(asv, entry, &about, at);
    }
}
