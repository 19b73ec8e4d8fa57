/* k6's summary (handleSummary's data, and --summary-export): each metric is a plugin. A trend of
 * times has its percentiles; a rate counts, of which requests that failed and checks that did not
 * pass are errors. */
#include <math.h>
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct values {
    double avg, median, p95, p99, max, count, rate, value, passes, fails;
};

struct metric {
    struct tm_json_text contains;
    struct values values;
    bool nested; /* has an object `values` */
};

#define VALUE_ROWS(base)                                                                                                           \
    {"avg", TM_JSON_A_NUMBER, (base) + offsetof(struct values, avg), NULL},                                                        \
        {"med", TM_JSON_A_NUMBER, (base) + offsetof(struct values, median), NULL},                                                 \
        {"p(95)", TM_JSON_A_NUMBER, (base) + offsetof(struct values, p95), NULL},                                                  \
        {"p(99)", TM_JSON_A_NUMBER, (base) + offsetof(struct values, p99), NULL},                                                  \
        {"max", TM_JSON_A_NUMBER, (base) + offsetof(struct values, max), NULL},                                                    \
        {"count", TM_JSON_A_NUMBER, (base) + offsetof(struct values, count), NULL},                                                \
        {"rate", TM_JSON_A_NUMBER, (base) + offsetof(struct values, rate), NULL},                                                  \
        {"value", TM_JSON_A_NUMBER, (base) + offsetof(struct values, value), NULL},                                                \
        {"passes", TM_JSON_A_NUMBER, (base) + offsetof(struct values, passes), NULL},                                              \
    {                                                                                                                              \
        "fails", TM_JSON_A_NUMBER, (base) + offsetof(struct values, fails), NULL                                                   \
    }

static void read_values(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {VALUE_ROWS(0)};
    struct metric *metric = into;
    metric->nested = true;
    tm_json_read(json, members, sizeof members / sizeof *members, &metric->values);
}

/* "passes" of a rate are what it is named after: of failed requests those that failed. */
static void add_rate(struct tm_gather *gather, struct tm_gather_row *row, const struct values *v, bool failures)
{
    double calls = v->passes + v->fails, errors = failures ? v->passes : v->fails;
    if (calls >= 1 && calls <= 0x1p53 && errors >= 0 && errors <= calls) {
        row->calls = (int64_t)calls;
        row->errors = (int64_t)errors;
    }
    tm_gather_row(gather, row, 0);
}

/* Durations of requests are as many as requests; how many values a trend has is not told otherwise. */
static void add_metric(struct tm_document *document, const struct metric *metric, const struct tm_json_text *name)
{
    static const double MS = 1e6;
    struct tm_gather *gather = &document->gather;
    const struct values *v = &metric->values;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    bool failures = strncmp(name->text, "http_req_failed", strlen("http_req_failed")) == 0;
    bool checks = strncmp(name->text, "checks", strlen("checks")) == 0;
    /* The old form says no types: what k6 measures itself are times, but for data. */
    bool times = metric->contains.text ? strcmp(metric->contains.text, "time") == 0 : !isnan(v->avg);
    row.name = name->text;
    row.size = name->size;
    if (!isnan(v->avg) && times) {
        row.calls = tm_gather_calls(v->count);
        row.wall_ns = v->avg * MS;
        row.p50_ns = v->median * MS;
        row.p95_ns = v->p95 * MS;
        row.p99_ns = v->p99 * MS;
        row.max_ns = v->max * MS;
        tm_gather_row(gather, &row, 0);
        return;
    }
    if (failures || checks) {
        add_rate(gather, &row, v, failures);
        return;
    }
    tm_gather_row(gather, &row, 0);
    tm_gather_reading(gather, "avg", NULL, NULL, v->avg);
    tm_gather_reading(gather, "count", "count", NULL, v->count);
    tm_gather_reading(gather, "rate", "/s", NULL, isnan(v->passes) ? v->rate : NAN);
    tm_gather_reading(gather, "share", NULL, NULL, isnan(v->passes) ? NAN : isnan(v->rate) ? v->value : v->rate);
    tm_gather_reading(gather, "value", NULL, NULL, isnan(v->passes) ? v->value : NAN);
}

static void read_metric(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"contains", TM_JSON_A_TEXT, offsetof(struct metric, contains), NULL},
        {"values", TM_JSON_CALL, 0, read_values},
        VALUE_ROWS(offsetof(struct metric, values)),
    };
    struct metric metric = {.values = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}};
    struct tm_json_text name = json->key;
    if (tm_json_read(json, members, sizeof members / sizeof *members, &metric))
        add_metric(into, &metric, &name);
    tm_arena_reset(&json->texts);
}

static void read_metrics(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_metric}};
    tm_json_read(json, members, 1, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{"metrics", TM_JSON_CALL, 0, read_metrics}};
    struct tm_document *document = reader;
    tm_document_open(document, source, "k6");
    tm_json_next(&document->json);
    tm_json_read(&document->json, members, 1, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && !tm_sniff_text(head, size, "resourceMetrics") &&
           (tm_sniff_key(head, size, 1, "root_group") ||
            (tm_sniff_key(head, size, 1, "metrics") &&
             (tm_sniff_key(head, size, 3, "avg") || tm_sniff_key(head, size, 3, "contains") ||
              tm_sniff_key(head, size, 3, "rate"))));
}

const struct tm_input_format tm_input_k6 = {
    .name = "k6",
    .summary = "k6's summary: each metric is a plugin",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
