/* An evaluation as text, CSV and JSON. All three tell the same: what became of each known change,
 * then the false alarms. A false alarm of the whole run counts once for each plugin that did not
 * change, so it may have many rows; the text tells it once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/plural.h"
#include "cli/evaluate.h"

static const char *const kind_names[] = {[TM_EVENT_STEP] = "step", [TM_EVENT_DRIFT] = "drift", [TM_EVENT_GRAY] = "gray"};

/* ---- what became of a known change ---- */

enum outcome { CAUGHT, CAUGHT_LATE, MISSED, NOT_COUNTED };

static const char *const outcome_names[] = {
    [CAUGHT] = "caught", [CAUGHT_LATE] = "caught late", [MISSED] = "missed", [NOT_COUNTED] = "not counted"};

static enum outcome outcome_of(const struct tm_evaluation *e, size_t k)
{
    if (e->known[k].counted == 0)
        return NOT_COUNTED;
    return e->known[k].is_caught ? CAUGHT : e->patient[k].is_caught ? CAUGHT_LATE : MISSED;
}

/* The alarm that caught it, if any did, late or not. */
static const struct tm_known *catch_of(const struct tm_evaluation *e, size_t k)
{
    return e->known[k].is_caught ? &e->known[k] : e->patient[k].is_caught ? &e->patient[k] : NULL;
}

static const struct tm_past_run *run_at(const struct tm_evaluation *e, size_t history, int position)
{
    const struct tm_past_plugin *plugin = &e->past.plugins[history];
    return &e->past.runs[plugin->runs[position]];
}

static const struct tm_past_run *catching_run(const struct tm_evaluation *e, const struct tm_known *known)
{
    return run_at(e, known->history, e->histories[known->history].alarms[known->alarm].position);
}

/* ---- false alarms, in the order of time ---- */

struct false_alarm {
    size_t history;
    const struct tm_alarm *alarm;
    int run;
};

static int by_run(const void *a, const void *b)
{
    const struct false_alarm *x = a, *y = b;
    if (x->run != y->run)
        return x->run - y->run;
    if (x->alarm->whole_run != y->alarm->whole_run)
        return x->alarm->whole_run < y->alarm->whole_run ? -1 : 1;
    return (x->history > y->history) - (x->history < y->history);
}

/* 0, or -1 without memory; the list is the caller's to free. */
static int list_false(const struct tm_evaluation *e, struct false_alarm **list, size_t *n)
{
    *list = NULL;
    *n = 0;
    for (size_t h = 0; h < e->past.n_plugins; h++)
        for (size_t i = 0; i < e->histories[h].n_alarms; i++) {
            const struct tm_alarm *alarm = &e->histories[h].alarms[i];
            struct false_alarm *added = alarm->worth == TM_ALARM_FALSE ? tm_array_add(list, n, sizeof *added) : NULL;
            if (alarm->worth == TM_ALARM_FALSE && !added)
                return -1;
            if (added)
                *added = (struct false_alarm){h, alarm, e->past.plugins[h].runs[alarm->position]};
        }
    if (*n > 0)
        qsort(*list, *n, sizeof **list, by_run);
    return 0;
}

static double per_1000(const struct tm_score *score)
{
    return score->judged ? 1000.0 * (double)score->false_alarms / (double)score->judged : 0;
}

/* ---- text ---- */

static void put_summary(FILE *out, const struct tm_evaluation *e)
{
    const struct tm_score *score = &e->score;
    fprintf(out, "caught %zu of %zu known regression%s within %d run%s", score->caught, score->regressions,
            TM_PLURAL(score->regressions), e->within, TM_PLURAL((size_t)e->within));
    if (score->regressions > 0)
        fprintf(out, " (%.1f %%)", 100.0 * (double)score->caught / (double)score->regressions);
    if (e->within < TM_EVALUATION_PATIENT)
        fprintf(out, ", %zu within %d", e->patient_score.caught, TM_EVALUATION_PATIENT);
    if (score->median_delay >= 0)
        fprintf(out, "; median delay of the steps: %d run%s", score->median_delay, TM_PLURAL((size_t)score->median_delay));
    fprintf(out, "\n%zu false alarm%s in %zu judgement%s: %.2f per 1000 (budget %g)", score->false_alarms,
            TM_PLURAL(score->false_alarms), score->judged, TM_PLURAL(score->judged), per_1000(score), e->rules->budget);
    if (score->short_events > 0)
        fprintf(out, ", %zu of them at short events", score->short_events);
    putc('\n', out);
}

static void put_place(FILE *out, const struct tm_truth_row *row)
{
    static const char *const words[] = {
        [TM_TRUTH_BY_RUN] = "run", [TM_TRUTH_BY_COMMIT] = "commit", [TM_TRUTH_BY_POSITION] = "position"};
    fprintf(out, ", %s ", words[row->by]);
    tm_put_safe(out, row->first.text);
}

/* One line: what, where, and when it was seen at all. */
static void put_known(FILE *out, const struct tm_evaluation *e, size_t k)
{
    const struct tm_truth_row *row = &e->truth.rows[k];
    const struct tm_known *known = catch_of(e, k);
    fprintf(out, "  - line %" PRIu64 ": ", row->plugin.place.line);
    tm_put_safe(out, row->plugin.text);
    put_place(out, row);
    if (*row->metric.text) {
        fputs(", ", out);
        tm_put_safe(out, row->metric.text);
    }
    fprintf(out, ", %s", kind_names[e->known[k].kind]);
    if (known) {
        fprintf(out, ": caught after %d run%s, at ", known->delay, TM_PLURAL((size_t)known->delay));
        tm_put_safe(out, catching_run(e, known)->key);
    }
    putc('\n', out);
}

static void put_all_known(FILE *out, const struct tm_evaluation *e, enum outcome outcome, const char *title)
{
    bool any = false;
    for (size_t k = 0; k < e->truth.n_rows; k++) {
        if (e->known[k].kind == TM_EVENT_GRAY || outcome_of(e, k) != outcome)
            continue;
        if (!any)
            fprintf(out, "\n%s:\n", title);
        any = true;
        put_known(out, e, k);
    }
}

/* Alarms of one whole run stand one behind the other. */
static void put_all_false(FILE *out, const struct tm_evaluation *e, const struct false_alarm *list, size_t n)
{
    if (n > 0)
        fputs("\nfalse alarms:\n", out);
    for (size_t i = 0, next; i < n; i = next) {
        size_t short_events = 0;
        for (next = i;
             next < n && (next == i || (list[i].alarm->whole_run && list[next].alarm->whole_run == list[i].alarm->whole_run));
             next++)
            short_events += list[next].alarm->event.over;
        fputs("  - ", out); /* before a name: runners obey lines that begin with two colons */
        tm_put_safe(out, list[i].alarm->whole_run ? "*" : e->past.plugins[list[i].history].name);
        fputs(", run ", out);
        tm_put_safe(out, e->past.runs[list[i].run].key);
        fputs(", ", out);
        tm_put_safe(out, e->rules->metrics[list[i].alarm->metric].name);
        if (list[i].alarm->whole_run)
            fprintf(out, ", in %zu plugin%s that did not change", next - i, TM_PLURAL(next - i));
        if (short_events > 0)
            fprintf(out, list[i].alarm->whole_run ? ", %zu of them at short events" : ", at a short event", short_events);
        putc('\n', out);
    }
}

int tm_evaluation_text(FILE *out, const struct tm_evaluation *e)
{
    struct false_alarm *list;
    size_t n;
    int result = list_false(e, &list, &n);
    if (result == 0) {
        put_summary(out, e);
        put_all_known(out, e, MISSED, "missed");
        put_all_known(out, e, CAUGHT_LATE, "caught late");
        put_all_false(out, e, list, n);
        put_all_known(out, e, NOT_COUNTED, "not counted, in the first 20 or the last 8 runs of the plugin");
    }
    free(list);
    return result;
}

/* ---- CSV ---- */

static void put_field(FILE *out, const char *text)
{
    if (*text)
        tm_csv_writer_for(out)(out, text, strlen(text));
    putc(',', out);
}

/* The alarm, then the row of the truth. */
static void put_known_row(FILE *out, const struct tm_evaluation *e, size_t k)
{
    const struct tm_truth_row *row = &e->truth.rows[k];
    const struct tm_known *known = catch_of(e, k);
    const struct tm_past_run *run = known ? catching_run(e, known) : NULL;
    put_field(out, outcome_names[outcome_of(e, k)]);
    put_field(out, row->plugin.text);
    put_field(out, run ? run->key : "");
    put_field(out, run ? run->commit : "");
    put_field(out, known ? e->rules->metrics[e->histories[known->history].alarms[known->alarm].metric].name : "");
    put_field(out, kind_names[e->known[k].kind]);
    fprintf(out, "%" PRIu64 ",", row->plugin.place.line);
    put_field(out, row->first.text);
    if (known)
        fprintf(out, "%d", known->delay);
    putc('\n', out);
}

int tm_evaluation_csv(FILE *out, const struct tm_evaluation *e)
{
    struct false_alarm *list;
    size_t n;
    int result = list_false(e, &list, &n);
    if (result == 0)
        fputs("outcome,plugin,run,commit,metric,kind,line,since,delay\n", out);
    for (size_t k = 0; k < e->truth.n_rows && result == 0; k++)
        if (e->known[k].kind != TM_EVENT_GRAY)
            put_known_row(out, e, k);
    for (size_t i = 0; i < n && result == 0; i++) {
        put_field(out, "false alarm");
        put_field(out, e->past.plugins[list[i].history].name);
        put_field(out, e->past.runs[list[i].run].key);
        put_field(out, e->past.runs[list[i].run].commit);
        put_field(out, e->rules->metrics[list[i].alarm->metric].name);
        put_field(out, list[i].alarm->event.over ? "short event" : list[i].alarm->whole_run ? "run-wide" : "");
        fputs(",,\n", out);
    }
    free(list);
    return result;
}

/* ---- JSON ---- */

/* A member of an object, with the comma before it. Empty texts are null. */
static void put_member(FILE *out, const char *name, const char *text)
{
    fprintf(out, ", \"%s\": ", name);
    if (*text)
        tm_put_json(out, text);
    else
        fputs("null", out);
}

static void put_known_object(FILE *out, const struct tm_evaluation *e, size_t k)
{
    const struct tm_truth_row *row = &e->truth.rows[k];
    const struct tm_known *known = catch_of(e, k);
    const struct tm_past_run *run = known ? catching_run(e, known) : NULL;
    fprintf(out, "{\"line\": %" PRIu64, row->plugin.place.line);
    put_member(out, "plugin", row->plugin.text);
    put_member(out, "since", row->first.text);
    put_member(out, "kind", kind_names[e->known[k].kind]);
    put_member(out, "outcome", outcome_names[outcome_of(e, k)]);
    put_member(out, "run", run ? run->key : "");
    put_member(out, "commit", run ? run->commit : "");
    put_member(out, "metric", known ? e->rules->metrics[e->histories[known->history].alarms[known->alarm].metric].name : "");
    if (known)
        fprintf(out, ", \"delay\": %d}", known->delay);
    else
        fputs(", \"delay\": null}", out);
}

static void put_false_object(FILE *out, const struct tm_evaluation *e, const struct false_alarm *f)
{
    fputs("{\"plugin\": ", out);
    tm_put_json(out, e->past.plugins[f->history].name);
    put_member(out, "run", e->past.runs[f->run].key);
    put_member(out, "commit", e->past.runs[f->run].commit);
    put_member(out, "metric", e->rules->metrics[f->alarm->metric].name);
    fprintf(out, ", \"run_wide\": %s, \"short_event\": %s}", f->alarm->whole_run ? "true" : "false",
            f->alarm->event.over ? "true" : "false");
}

static void put_totals(FILE *out, const struct tm_evaluation *e)
{
    const struct tm_score *score = &e->score;
    fprintf(out, "{\n  \"budget\": ");
    tm_put_number(out, e->rules->budget);
    fprintf(out, ",\n  \"within\": %d,\n  \"regressions\": %zu,\n  \"caught\": %zu,\n  \"caught_within_%d\": %zu,\n", e->within,
            score->regressions, score->caught, TM_EVALUATION_PATIENT, e->patient_score.caught);
    fputs("  \"median_delay\": ", out);
    if (score->median_delay >= 0)
        fprintf(out, "%d", score->median_delay);
    else
        fputs("null", out);
    fprintf(out, ",\n  \"judged\": %zu,\n  \"false_alarms\": %zu,\n  \"short_events\": %zu,\n  \"false_per_1000\": ", score->judged,
            score->false_alarms, score->short_events);
    tm_put_number(out, per_1000(score));
}

int tm_evaluation_json(FILE *out, const struct tm_evaluation *e)
{
    struct false_alarm *list;
    size_t n;
    const char *before = "\n    ";
    if (list_false(e, &list, &n) != 0) {
        free(list);
        return -1;
    }
    put_totals(out, e);
    fputs(",\n  \"known\": [", out);
    for (size_t k = 0; k < e->truth.n_rows; k++) {
        if (e->known[k].kind == TM_EVENT_GRAY)
            continue;
        fputs(before, out);
        before = ",\n    ";
        put_known_object(out, e, k);
    }
    fprintf(out, "%s],\n  \"false\": [", *before == ',' ? "\n  " : "");
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        put_false_object(out, e, &list[i]);
    }
    fprintf(out, "%s]\n}\n", n > 0 ? "\n  " : "");
    free(list);
    return 0;
}
