/* An audit as text, CSV and JSON. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/plural.h"
#include "cli/audit.h"

enum { NOISIEST = 5 }; /* series that raise most alarms: as many as somebody looks into in an afternoon */

static double per_1000(const struct tm_tried_budget *tried, size_t alarms)
{
    return tried->judged ? 1000.0 * (double)alarms / (double)tried->judged : 0;
}

/* Why there is no budget to recommend; NULL: there is one. */
static const char *why_no_budget(const struct tm_audit *audit)
{
    if (audit->budget > 0)
        return NULL;
    return !audit->enough ? "too little to recommend from" : "none that is listed keeps the promise";
}

static const char *why_no_min_effect(const struct tm_audit *audit)
{
    if (audit->min_effect > 0)
        return NULL;
    return audit->promise.of[TM_FATE_CLOSED] < TM_ADVICE_LEAST
               ? "too little to recommend from"
               : "none holds back most alarms that closed by themselves and hardly any other";
}

/* ---- the series that raise most alarms ---- */

static bool is_noisier(const struct tm_promise_series *a, const struct tm_promise_series *b)
{
    if (a->alarms != b->alarms)
        return a->alarms > b->alarms;
    if (a->closed != b->closed)
        return a->closed > b->closed;
    int order = strcmp(a->plugin, b->plugin);
    return order ? order < 0 : a->metric < b->metric;
}

/* The noisiest first: how many. */
static size_t find_noisiest(const struct tm_promise *promise, const struct tm_promise_series *noisiest[NOISIEST])
{
    size_t n = 0;
    for (size_t i = 0; i < promise->n_series; i++) {
        size_t at = n < NOISIEST ? n++ : NOISIEST;
        for (; at > 0 && is_noisier(&promise->series[i], noisiest[at - 1]); at--)
            if (at < NOISIEST)
                noisiest[at] = noisiest[at - 1];
        if (at < NOISIEST)
            noisiest[at] = &promise->series[i];
    }
    return n;
}

/* ---- text ---- */

/* "1 closed by itself", "2 closed by themselves" */
static const char *themselves(size_t n)
{
    return n == 1 ? "itself" : "themselves";
}

/* Each fate in words, but for those that no alarm had. */
static void put_fates(FILE *out, const struct tm_promise *promise)
{
    const size_t *decided = promise->decided;
    fprintf(out, "%zu closed by %s within %d runs: %.2f per 1000; %zu lasted", promise->of[TM_FATE_CLOSED],
            themselves(promise->of[TM_FATE_CLOSED]), TM_CLOSES_WITHIN, tm_promise_per_1000(promise, promise->of[TM_FATE_CLOSED]),
            promise->of[TM_FATE_LASTED]);
    if (promise->of[TM_FATE_DECIDED] > 0)
        fprintf(out, ", %zu decided (%zu accepted, %zu waived, %zu retired)", promise->of[TM_FATE_DECIDED], decided[TM_ACCEPT],
                decided[TM_WAIVE], decided[TM_RETIRE]);
    if (promise->of[TM_FATE_YOUNG] > 0)
        fprintf(out, ", %zu too young to tell", promise->of[TM_FATE_YOUNG]);
    putc('\n', out);
}

static void put_budget(FILE *out, const struct tm_audit *audit)
{
    for (size_t i = 0; i < audit->n_tried && audit->n_tried > 1; i++)
        fprintf(out, "  budget %g: %.2f alarms per 1000, %.2f closed by themselves\n", audit->tried[i].budget,
                per_1000(&audit->tried[i], audit->tried[i].alarms), per_1000(&audit->tried[i], audit->tried[i].closed));
    fputs("recommended budget: ", out);
    if (audit->budget > 0)
        fprintf(out, "%g%s\n", audit->budget, audit->budget == audit->rules->budget ? ", as it is" : "");
    else
        fprintf(out, "%s\n", why_no_budget(audit));
}

static void put_min_effect(FILE *out, const struct tm_audit *audit)
{
    struct tm_held_back held;
    fputs("recommended min-effect: ", out);
    if (audit->min_effect > 0) {
        tm_hold_back(audit->promise.fates, audit->promise.n_alarms, audit->min_effect, &held);
        fprintf(out, "%g%%, which holds back %zu of %zu alarms that closed by themselves and %zu of %zu other%s\n",
                100 * audit->min_effect, held.closed, held.of_closed, held.others, held.of_others, TM_PLURAL(held.of_others));
    } else {
        fprintf(out, "as it is: %s\n", why_no_min_effect(audit));
    }
}

static void put_noisiest(FILE *out, const struct tm_audit *audit)
{
    const struct tm_promise_series *noisiest[NOISIEST];
    size_t n = find_noisiest(&audit->promise, noisiest);
    if (n > 0)
        fputs("most alarms:\n", out);
    for (size_t i = 0; i < n; i++) {
        fputs("  - ", out); /* before a name: runners obey lines that begin with two colons */
        tm_put_safe(out, noisiest[i]->plugin);
        fputs(", ", out);
        tm_put_safe(out, audit->rules->metrics[noisiest[i]->metric].name);
        fprintf(out, ": %zu alarm%s, %zu closed by %s\n", noisiest[i]->alarms, TM_PLURAL(noisiest[i]->alarms), noisiest[i]->closed,
                themselves(noisiest[i]->closed));
    }
}

void tm_audit_totals(FILE *out, const struct tm_audit *audit)
{
    const struct tm_promise *promise = &audit->promise;
    fprintf(out, "%" PRId64 " night%s, %" PRId64 " judgement%s, %zu alarm%s: %.2f per 1000 (budget %g)\n", promise->nights,
            TM_PLURAL((size_t)promise->nights), promise->judged, TM_PLURAL((size_t)promise->judged), promise->n_alarms,
            TM_PLURAL(promise->n_alarms), tm_promise_per_1000(promise, promise->n_alarms), audit->rules->budget);
    put_fates(out, promise);
    put_budget(out, audit);
    put_min_effect(out, audit);
    put_noisiest(out, audit);
}

/* A step as a share; nothing where the series is too short to say. */
static void put_share(FILE *out, double step)
{
    if (isinf(step))
        fputs("more than 200%", out);
    else if (!isnan(step))
        fprintf(out, "%.3g%%", 100 * expm1(step));
}

void tm_audit_text(FILE *out, const struct tm_audit *audit)
{
    tm_audit_totals(out, audit);
    if (audit->n_rows > 0)
        fputs("smallest change caught within 2, 3 and 5 nights:\n", out);
    for (size_t i = 0; i < audit->n_rows; i++) {
        const struct tm_audit_row *row = &audit->rows[i];
        fputs("  - ", out);
        tm_put_safe(out, row->plugin);
        fputs(", ", out);
        tm_put_safe(out, audit->rules->metrics[row->metric].name);
        fputs(": ", out);
        for (int w = 0; w < TM_AUDIT_WITHINS && !isnan(row->smallest[w]); w++) {
            fputs(w ? ", " : "", out);
            put_share(out, row->smallest[w]);
        }
        if (isnan(row->smallest[0]))
            fprintf(out, "%d run%s are too few to say", row->runs, TM_PLURAL((size_t)row->runs));
        putc('\n', out);
    }
}

/* ---- CSV ---- */

void tm_audit_csv(FILE *out, const struct tm_audit *audit)
{
    tm_csv_writer *put = tm_csv_writer_for(out);
    fputs("plugin,metric,runs,caught_within_2,caught_within_3,caught_within_5\n", out);
    for (size_t i = 0; i < audit->n_rows; i++) {
        const struct tm_audit_row *row = &audit->rows[i];
        const char *metric = audit->rules->metrics[row->metric].name;
        put(out, row->plugin, strlen(row->plugin));
        putc(',', out);
        put(out, metric, strlen(metric));
        fprintf(out, ",%d", row->runs);
        for (int w = 0; w < TM_AUDIT_WITHINS; w++) {
            putc(',', out);
            put_share(out, row->smallest[w]);
        }
        putc('\n', out);
    }
}

/* ---- JSON ---- */

/* A number, or null and why there is none. */
static void put_advice(FILE *out, const char *name, double value, const char *why_not)
{
    fprintf(out, "  \"recommended_%s\": ", name);
    tm_put_number(out, why_not ? NAN : value);
    fprintf(out, ",\n  \"no_%s_because\": ", name);
    if (why_not)
        tm_put_json(out, why_not);
    else
        fputs("null", out);
    fputs(",\n", out);
}

static void put_series(FILE *out, const struct tm_audit *audit, const char *plugin, int metric)
{
    fputs("\n    {\"plugin\": ", out);
    tm_put_json(out, plugin);
    fputs(", \"metric\": ", out);
    tm_put_json(out, audit->rules->metrics[metric].name);
}

static void put_rows(FILE *out, const struct tm_audit *audit)
{
    fputs("  \"series\": [", out);
    for (size_t i = 0; i < audit->n_rows; i++) {
        const struct tm_audit_row *row = &audit->rows[i];
        fputs(i ? "," : "", out);
        put_series(out, audit, row->plugin, row->metric);
        fprintf(out, ", \"runs\": %d", row->runs);
        for (int w = 0; w < TM_AUDIT_WITHINS; w++) {
            fprintf(out, ", \"caught_within_%d\": ", tm_audit_within[w]);
            if (isfinite(row->smallest[w]))
                fprintf(out, "%.3g", expm1(row->smallest[w]));
            else
                fputs("null", out);
        }
        putc('}', out);
    }
    fputs(audit->n_rows > 0 ? "\n  ]\n" : "]\n", out);
}

static void put_tried(FILE *out, const struct tm_audit *audit)
{
    fputs("  \"tried\": [", out);
    for (size_t i = 0; i < audit->n_tried; i++) {
        fputs(i ? ",\n    {\"budget\": " : "\n    {\"budget\": ", out);
        tm_put_number(out, audit->tried[i].budget);
        fprintf(out, ", \"alarms\": %zu, \"closed\": %zu}", audit->tried[i].alarms, audit->tried[i].closed);
    }
    fputs("\n  ],\n", out);
}

void tm_audit_json(FILE *out, const struct tm_audit *audit)
{
    const struct tm_promise *promise = &audit->promise;
    const struct tm_promise_series *noisiest[NOISIEST];
    size_t n = find_noisiest(promise, noisiest);
    fputs("{\n  \"budget\": ", out);
    tm_put_number(out, audit->rules->budget);
    fprintf(out,
            ",\n  \"nights\": %" PRId64 ",\n  \"judged\": %" PRId64
            ",\n  \"alarms\": %zu,\n  \"closed\": %zu,\n  \"lasted\": %zu,\n  \"too_young\": %zu,\n",
            promise->nights, promise->judged, promise->n_alarms, promise->of[TM_FATE_CLOSED], promise->of[TM_FATE_LASTED],
            promise->of[TM_FATE_YOUNG]);
    fprintf(out, "  \"accepted\": %zu,\n  \"waived\": %zu,\n  \"retired\": %zu,\n", promise->decided[TM_ACCEPT],
            promise->decided[TM_WAIVE], promise->decided[TM_RETIRE]);
    put_tried(out, audit);
    put_advice(out, "budget", audit->budget, why_no_budget(audit));
    put_advice(out, "min_effect", audit->min_effect, why_no_min_effect(audit));
    fputs("  \"most_alarms\": [", out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        put_series(out, audit, noisiest[i]->plugin, noisiest[i]->metric);
        fprintf(out, ", \"alarms\": %zu, \"closed\": %zu}", noisiest[i]->alarms, noisiest[i]->closed);
    }
    fputs(n > 0 ? "\n  ],\n" : "],\n", out);
    put_rows(out, audit);
    fputs("}\n", out);
}
