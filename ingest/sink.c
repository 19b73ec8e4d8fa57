/* Building runs in the chunk in hand. Memory that runs short ends the input: it is noted once,
 * and every later call does nothing. */
#include "ingest/sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "schema/columns.h"
#include "schema/valid.h"

enum { CHUNK_PROFILES = 1024 }; /* a chunk is handed on from so many on: enough to make the exchange of threads cheap */

void tm_sink_no_memory(struct tm_sink *sink, const char *file)
{
    if (!sink->failed)
        tm_diag_error(sink->diag, &(struct tm_place){file ? file : "input", 0, 0}, "out of memory");
    sink->failed = true;
}

/* In the chunk, so that it lives exactly as long as the run that points to it. */
const char *tm_sink_text(struct tm_sink *sink, const char *text, size_t size)
{
    const char *copy = tm_arena_text(&sink->chunk->arena, text, size);
    if (!copy)
        tm_sink_no_memory(sink, NULL);
    return copy;
}

/* The name is checked when it is met for the first time, but for what no table would take. */
struct tm_symbol *tm_sink_plugin(struct tm_sink *sink, const char *name, size_t size, const char **fault)
{
    int is_new = 0;
    *fault = size <= 1 || size > TM_NAME_MAX ? tm_plugin_name_fault(name, size) : NULL;
    struct tm_symbol *symbol = *fault ? NULL : tm_symbol(&sink->symbols, name, size, &is_new);
    if (!symbol && !*fault)
        tm_sink_no_memory(sink, NULL);
    if (is_new)
        *fault = tm_name_fault(name, size);
    return *fault ? NULL : symbol;
}

/* An option about this metric wins over the file; one about all of them does not, unless the file says that nobody knows. */
const char *tm_ingest_better(const struct tm_ingest_options *options, const char *metric, const char *told)
{
    const char *all = NULL;
    for (size_t i = 0; i < options->n_better; i++) {
        if (!options->better[i].metric)
            all = options->better[i].side;
        else if (strcmp(options->better[i].metric, metric) == 0)
            return options->better[i].side;
    }
    return told && (!all || strcmp(told, TM_BETTER_BOTH) != 0) ? told : all;
}

/* As a constant. */
static const char *direction(const char *better)
{
    return !better ? NULL : *better == 'h' ? "higher" : *better == 'l' ? "lower" : TM_BETTER_BOTH;
}

/* The metric's text in the sink. */
static int add_metric(struct tm_sink *sink, const char *name, const char *unit, const char *better)
{
    struct tm_metrics *metrics = &sink->metrics;
    char *kept = tm_arena_text(&sink->symbols.arena, name, strlen(name));
    char *kept_unit = kept && unit ? tm_arena_text(&sink->symbols.arena, unit, strlen(unit)) : NULL;
    /* Values and names grow together: a row in hand already has a place for the new metric. */
    size_t n_values = metrics->count;
    double *value = kept && (kept_unit || !unit) ? tm_array_add(&sink->values, &n_values, sizeof *value) : NULL;
    struct tm_reading *metric = value ? tm_array_add(&metrics->names, &metrics->count, sizeof *metric) : NULL;
    if (!metric)
        return -1;
    *value = NAN;
    *metric = (struct tm_reading){.metric = kept, .unit = kept_unit, .better = direction(better)};
    return 0;
}

/* The one before is mostly the one behind which it came last time: a history has the same metrics run after run. */
static int find_or_add(struct tm_sink *sink, const char *name, const char *unit, const char *better, bool exactly, bool *is_new)
{
    struct tm_metrics *metrics = &sink->metrics;
    *is_new = false;
    better = tm_ingest_better(sink->options, name, better);
    for (size_t i = 0; i < metrics->count; i++) {
        size_t at = (metrics->last + 1 + i) % metrics->count;
        const struct tm_reading *metric = &metrics->names[at];
        if (strcmp(metric->metric, name) == 0 &&
            (!exactly || (tm_same_text(metric->unit, unit) && tm_same_text(metric->better, better)))) {
            metrics->last = at;
            return (int)at;
        }
    }
    if (add_metric(sink, name, unit, better) != 0) {
        tm_sink_no_memory(sink, NULL);
        return -1;
    }
    *is_new = true;
    metrics->last = metrics->count - 1;
    return (int)metrics->last;
}

int tm_sink_metric(struct tm_sink *sink, const char *name, const char *unit, const char *better, bool *is_new)
{
    return find_or_add(sink, name, unit, better, false, is_new);
}

int tm_sink_metric_like(struct tm_sink *sink, const char *name, const char *unit, const char *better, bool *is_new)
{
    return find_or_add(sink, name, unit, better, true, is_new);
}

/* A row that says nothing of a metric must not repeat the row before. */
void tm_sink_clear_values(struct tm_sink *sink)
{
    for (size_t i = 0; i < sink->metrics.count; i++)
        sink->values[i] = NAN;
}

/* Only between runs is a chunk handed on, so a run is never split. */
void tm_sink_end_run(struct tm_sink *sink)
{
    struct tm_chunk_run *run = sink->run;
    if (!run)
        return;
    if (tm_calls_finish(&sink->calls, sink->chunk, &sink->metrics) != 0)
        tm_sink_no_memory(sink, run->file);
    run->count = sink->chunk->n_profiles - run->first;
    sink->run = NULL;
    /* A run larger than a chunk makes it grow: it is handed on whole. */
    if (sink->chunk->n_profiles >= CHUNK_PROFILES && sink->full(sink->context) != 0)
        sink->failed = true;
}

/* Ends the run before it first, which may exchange the chunk: only then is it known where the new
 * one goes. */
struct tm_run *tm_sink_begin_run(struct tm_sink *sink, const struct tm_run *run, bool assumed_start, const char *file,
                                 uint64_t line)
{
    tm_sink_end_run(sink);
    struct tm_chunk_run *begun = tm_chunk_add_run(sink->chunk);
    if (!begun) {
        tm_sink_no_memory(sink, file);
        return NULL;
    }
    *begun = (struct tm_chunk_run){
        .run = *run, .assumed_start = assumed_start, .first = sink->chunk->n_profiles, .file = file, .line = line};
    if (!run->project)
        begun->run.project = sink->options->default_project;
    if (!run->branch)
        begun->run.branch = sink->options->default_branch;
    sink->run = begun;
    sink->run_ordinal++;
    return &begun->run;
}

/* last_run tells at no cost whether the run has the plugin already. */
bool tm_sink_profile(struct tm_sink *sink, struct tm_symbol *plugin, const struct tm_profile *profile)
{
    if (plugin->last_run == sink->run_ordinal)
        return false;
    struct tm_profile *added = tm_chunk_add_profile(sink->chunk);
    if (!added) {
        tm_sink_no_memory(sink, NULL);
        return true;
    }
    *added = *profile;
    added->plugin = plugin->text;
    plugin->last_run = sink->run_ordinal;
    if (sink->metrics.count && tm_give_readings(sink->chunk, added, &sink->metrics, sink->values) != 0)
        tm_sink_no_memory(sink, NULL);
    return true;
}

void tm_sink_call(struct tm_sink *sink, struct tm_symbol *plugin, const struct tm_profile *call)
{
    if (tm_calls_add(&sink->calls, plugin, call, sink->values, sink->metrics.count) != 0)
        tm_sink_no_memory(sink, NULL);
}

void tm_sink_free(struct tm_sink *sink)
{
    tm_calls_free(&sink->calls, &sink->symbols);
    tm_symbols_free(&sink->symbols);
    free(sink->metrics.names);
    free(sink->values);
}
