/* The lineage's memory in the store. A fingerprint of all settings that decide a verdict stands
 * beside it: with other settings, or another form of the memory, everything is judged anew, since
 * what is remembered was decided under the old ones. Raw data is the truth; all that is read here
 * can be made again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/memory.h"
#include "gate/session.h"

/* Mixes all 64 bits of a number into the hash. FNV multiplies towards the high bits only; the
 * shift brings them down again. */
static uint64_t mix_number(uint64_t hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3u; /* FNV's prime */
    return hash ^ (hash >> 29);
}

/* NULL and "" differ: one means all, the other nothing. */
static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; text && *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return mix_number(hash, text ? 1 : 0);
}

/* A new metric of the project's own, judged by the usual rule and by the direction that the store
 * has, changes nothing for the others; who changes that direction has the lineages judged anew
 * (lineages_judge_anew). */
static uint64_t mix_metric(uint64_t hash, const struct tm_metric_rule *metric)
{
    struct tm_metric_rule usual = tm_own_metric(metric->name, metric->unit);
    bool as_usual = !metric->better_given && !(metric->floor > 0) && metric->run_wide == usual.run_wide &&
                    fabs(metric->min_effect - usual.min_effect) < 1e-12; /* 5 % written as 0.05 or as 5% */
    if (!tm_metric_named(metric->name) && as_usual)
        return hash;
    hash = mix_number(mix_text(hash, metric->name), metric->min_effect);
    return mix_number(mix_number(mix_number(hash, metric->floor), metric->higher_is_better), metric->run_wide);
}

enum { FINGERPRINT_SIZE = 17 }; /* 64 bits in hexadecimal */

/* Everything that a verdict depends on beside the data. What is missing here would let old
 * verdicts stand under new settings. */
static void fingerprint(const struct tm_session *session, char text[FINGERPRINT_SIZE])
{
    const struct tm_rules *rules = session->rules;
    const double numbers[] = {TM_JUDGE_VERSION, TM_MEMORY_VERSION, rules->missing_seen, rules->missing_of,
                              rules->floors,    rules->budget,     rules->extreme};
    uint64_t hash = 0xcbf29ce484222325u; /* FNV's start */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        hash = mix_number(hash, numbers[i]);
    /* Only where it is so: stores without it keep their fingerprints. */
    if (tm_session_judges_alone(session))
        hash = mix_number(mix_text(hash, "pr"), rules->extreme_alone);
    for (size_t i = 0; i < rules->n_limits; i++)
        hash = mix_number(mix_text(mix_text(hash, rules->limits[i].glob), rules->limits[i].metric), rules->limits[i].value);
    for (size_t m = 0; m < rules->n_metrics; m++)
        hash = mix_metric(hash, &rules->metrics[m]);
    for (size_t i = 0; i < rules->n_plugins; i++) {
        const struct tm_plugin_rule *rule = &rules->plugins[i];
        hash = mix_number(mix_text(mix_text(hash, rule->glob), rule->metric), rule->min_effect);
        hash = mix_number(mix_number(hash, rule->floor), rule->ignore);
    }
    snprintf(text, FINGERPRINT_SIZE, "%016llx", (unsigned long long)mix_text(hash, session->base));
}

/* -1: not among those that are judged. */
static int metric_index(const struct tm_rules *rules, const char *name)
{
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (strcmp(rules->metrics[m].name, name) == 0)
            return (int)m;
    return -1;
}

/* One row of memory. A plugin's presence stands under the empty metric. Rows of a metric that is
 * not judged are passed over. */
static enum tm_memory_fault load_row(struct tm_session *session, struct tm_stored_lineage *stored, const tm_rows *rows)
{
    const struct tm_commons *commons = &stored->commons;
    int64_t seal = tm_row_integer(rows, "seal");
    int64_t id = tm_row_integer(rows, "plugin_id");
    const char *metric = tm_row_text(rows, "metric");
    struct tm_value state = tm_row_value(rows, "state");
    stored->series += (uint64_t)seal;
    if (stored->seal && seal && seal != tm_seal_of_series(id, metric, state.text, state.size))
        return TM_MEMORY_DAMAGED;
    /* A plugin whose row is gone keeps its memory with a NULL name; it is never in a night. */
    struct tm_plugin *plugin = tm_lineage_plugin(&session->lineage, id, tm_session_plugin(session, id));
    if (!plugin)
        return TM_MEMORY_NONE;
    if (!*metric)
        return tm_memory_read_presence(&plugin->presence, state.text, state.size);
    int index = metric_index(session->rules, metric);
    if (index < 0) {
        stored->others += (uint64_t)seal;
        return TM_MEMORY_READ;
    }
    enum tm_metric_kind kind = session->rules->metrics[index].kind;
    struct tm_series series;
    enum tm_memory_fault fault = tm_memory_read_series(&series, kind, &session->lineage, commons, state.text, state.size);
    if (fault != TM_MEMORY_READ)
        return fault;
    struct tm_kept **place = tm_series_place(plugin, (size_t)index);
    return place && tm_kept_close(place, &series, kind, false) == 0 ? TM_MEMORY_READ : TM_MEMORY_NONE;
}

/* The lineage's own part, and that none of its series is missing. */
static int verify_memory(struct tm_session *session, const struct tm_stored_lineage *stored, enum tm_memory_fault *fault)
{
    tm_rows *rows = tm_ask(session->store, TM_Q_LINEAGE_MEMORY, "i", stored->id);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        struct tm_value state = tm_row_value(rows, "state");
        if (stored->seal != tm_seal_of_lineage(state.text, state.size, stored->series))
            *fault = TM_MEMORY_DAMAGED;
    }
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : 0;
}

/* *fault says whether what was read can be relied on. 0, or -1: the store or the memory failed. */
static int load_series(struct tm_session *session, struct tm_stored_lineage *stored, enum tm_memory_fault *fault)
{
    tm_rows *rows = tm_ask(session->store, TM_Q_SERIES_OF, "i", stored->id);
    int step = -1;
    stored->series = stored->others = 0;
    while (*fault == TM_MEMORY_READ && rows && (step = tm_rows_next(rows)) == 1)
        *fault = load_row(session, stored, rows);
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    return *fault == TM_MEMORY_READ && stored->seal ? verify_memory(session, stored, fault) : 0;
}

/* Drops all that is derived of this lineage. */
static int drop_derived(struct tm_session *session, int64_t lineage_id)
{
    tm_lineage_free(&session->lineage);
    if (tm_do(session->store, TM_Q_SERIES_CLEAR, "i", lineage_id) != 0 ||
        tm_do(session->store, TM_Q_UNJUDGED_SPOIL, "iit", session->project_id, session->host_id, session->branch) != 0 ||
        tm_do(session->store, TM_Q_VERDICTS_SPOIL, "iit", session->project_id, session->host_id, session->branch) != 0 ||
        tm_do(session->store, TM_Q_ALARM_ENDS_SPOIL, "iit", session->project_id, session->host_id, session->branch) != 0 ||
        tm_do(session->store, TM_Q_RUN_FACTORS_SPOIL, "iit", session->project_id, session->host_id, session->branch) != 0)
        return -1;
    return tm_do(session->store, TM_Q_JUDGEMENTS_SPOIL, "iit", session->project_id, session->host_id, session->branch);
}

/* 1: the row is there, with *fault of its own memory; 0: there is none; -1. */
static int find_lineage(struct tm_session *session, struct tm_stored_lineage *stored, enum tm_memory_fault *fault)
{
    char settings[FINGERPRINT_SIZE];
    fingerprint(session, settings);
    tm_rows *rows = tm_ask(session->store, TM_Q_LINEAGE_FIND, "iit", session->project_id, session->host_id, session->branch);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        int64_t stale = tm_row_integer(rows, "stale");
        bool same = strcmp(tm_row_text(rows, "settings"), settings) == 0;
        struct tm_value state = tm_row_value(rows, "state");
        stored->id = tm_row_integer(rows, "lineage_id");
        stored->judged_run = tm_row_integer(rows, "judged_run");
        stored->seal = tm_row_integer(rows, "seal");
        stored->again = stale == 1;
        /* stale: 0 stands, 1 the newest judged run has changed (the memory, of before it, still
         * stands), 2 an older one has. */
        stored->usable = stale < 2 && same && stored->judged_run;
        if (stored->usable)
            *fault = tm_memory_read_lineage(&session->lineage, &stored->commons, state.text, state.size);
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* The stored verdicts stand for a run if its lineage was judged up to it, by these settings, and
 * nothing has changed since. Reads the lineage's row only, not its memory. */
int tm_session_has_judged(struct tm_session *session, int64_t run, int64_t started_at)
{
    char settings[FINGERPRINT_SIZE];
    fingerprint(session, settings);
    tm_rows *rows = tm_ask(session->store, TM_Q_LINEAGE_FIND, "iit", session->project_id, session->host_id, session->branch);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        int64_t judged_at = tm_row_integer(rows, "judged_at"), judged_run = tm_row_integer(rows, "judged_run");
        bool same = strcmp(tm_row_text(rows, "settings"), settings) == 0 && tm_row_integer(rows, "stale") == 0;
        step = same && judged_run && (judged_at > started_at || (judged_at == started_at && judged_run >= run));
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* A lineage that is judged for the first time: a row without memory. */
static int add_lineage(struct tm_session *session, struct tm_stored_lineage *stored)
{
    char settings[FINGERPRINT_SIZE];
    fingerprint(session, settings);
    int found = tm_get(session->store, &stored->id, TM_Q_LINEAGE_ADD, "iittt", session->project_id, session->host_id,
                       session->branch, session->base, settings);
    return found == 1 ? 0 : -1;
}

/* What does not stand is cleared, so that old verdicts and a new judgement never mix. Damage is no
 * failure: everything can be judged again from the runs. */
static int keep_or_drop(struct tm_session *session, struct tm_stored_lineage *stored, enum tm_memory_fault fault)
{
    if (fault == TM_MEMORY_NONE)
        return tm_store_fail(session->store, "out of memory");
    if (fault == TM_MEMORY_DAMAGED)
        stored->usable = false;
    if (stored->usable)
        return 0;
    stored->others = 0;
    return drop_derived(session, stored->id);
}

/* Three outcomes: memory that stands, a lineage that has none yet, and one that does not stand. */
int tm_session_find(struct tm_session *session, struct tm_stored_lineage *stored)
{
    enum tm_memory_fault fault = TM_MEMORY_READ;
    int found = find_lineage(session, stored, &fault);
    if (found == 0)
        return add_lineage(session, stored); /* just added, it has nothing to drop */
    return found < 0 ? -1 : keep_or_drop(session, stored, fault);
}

int tm_session_peek(struct tm_session *session, struct tm_stored_lineage *stored)
{
    enum tm_memory_fault fault = TM_MEMORY_READ;
    int found = find_lineage(session, stored, &fault);
    stored->usable = stored->usable && fault == TM_MEMORY_READ;
    tm_commons_free(&stored->commons);
    tm_lineage_free(&session->lineage);
    return found;
}

int tm_session_load_series(struct tm_session *session, struct tm_stored_lineage *stored)
{
    enum tm_memory_fault fault = TM_MEMORY_READ;
    if (!stored->usable)
        return 0;
    return load_series(session, stored, &fault) != 0 ? -1 : keep_or_drop(session, stored, fault);
}

/* One row, and its seal to the sum. Metric "": presence. */
static int save_row(struct tm_session *session, struct tm_stored_lineage *stored, int64_t plugin, const char *metric,
                    const struct tm_bytes *bytes)
{
    if (bytes->failed)
        return tm_store_fail(session->store, "out of memory");
    int64_t seal = tm_seal_of_series(plugin, metric, bytes->bytes, bytes->size);
    stored->series += (uint64_t)seal;
    return tm_do(session->store, TM_Q_SERIES_PUT, "iitbi", stored->id, plugin, metric, (const void *)bytes->bytes, bytes->size,
                 seal);
}

/* Presence and each series that has values, a row each. 0, or -1 with the store's message. */
static int save_plugin(struct tm_session *session, struct tm_stored_lineage *stored, const struct tm_plugin *plugin,
                       const struct tm_commons *commons, struct tm_bytes *bytes)
{
    const struct tm_rules *rules = session->rules;
    tm_memory_write_presence(bytes, &plugin->presence);
    if (save_row(session, stored, plugin->id, "", bytes) != 0)
        return -1;
    for (size_t m = 0; m < rules->n_metrics; m++) {
        const struct tm_kept *kept = tm_series_at(plugin, m);
        struct tm_series series;
        /* Most metrics of most plugins have no value: no row. */
        if (!kept)
            continue;
        tm_kept_open(kept, rules->metrics[m].kind, &series);
        tm_memory_write_series(bytes, &series, rules->metrics[m].kind, &session->lineage, commons);
        if (save_row(session, stored, plugin->id, rules->metrics[m].name, bytes) != 0)
            return -1;
    }
    return 0;
}

/* The common parts are collected first: series refer to them by number, and their values stand in
 * the lineage's row. */
int tm_session_save_memory(struct tm_session *session, struct tm_stored_lineage *stored, struct tm_bytes *bytes)
{
    struct tm_commons commons;
    struct tm_bytes row = {0};
    int result = tm_commons_collect(&commons, &session->lineage, session->rules);
    if (result != 0)
        tm_store_fail(session->store, "out of memory");
    stored->series = stored->others;
    for (size_t i = 0; i < session->lineage.n_plugins && result == 0; i++)
        result = save_plugin(session, stored, &session->lineage.plugins[i], &commons, &row);
    /* The lineage's own row is written by tm_session_save_judged(), together with the run that
     * was judged on it. */
    tm_memory_write_lineage(bytes, &session->lineage, &commons);
    if (result == 0 && bytes->failed)
        result = tm_store_fail(session->store, "out of memory");
    tm_bytes_free(&row);
    tm_commons_free(&commons);
    return result;
}

int tm_session_save_judged(struct tm_session *session, const struct tm_stored_lineage *stored, const struct tm_run_ref *run,
                           const struct tm_bytes *bytes)
{
    char settings[FINGERPRINT_SIZE];
    fingerprint(session, settings);
    return tm_do(session->store, TM_Q_LINEAGE_UPDATE, "ittiibi", stored->id, settings, session->base, run->id, run->started_at,
                 (const void *)bytes->bytes, bytes->size, tm_seal_of_lineage(bytes->bytes, bytes->size, stored->series));
}

int tm_session_save_settings(struct tm_session *session, const struct tm_stored_lineage *stored)
{
    return tm_do(session->store, TM_Q_LINEAGE_SETTINGS_PUT, "it", stored->id, session->settings ? session->settings : "");
}
