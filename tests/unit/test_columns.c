/* What a column's name says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/formats/csv_columns.h"
#include "schema/tidemark.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)
#define AT(member)       offsetof(struct tm_profile, member)

static const struct plain {
    const char *name, *meaning;
    enum tm_column_kind kind;
    size_t at;
    int slot;
} plains[] = {
    {"plugin", "plugin", TM_COLUMN_PLUGIN, 0, 0},
    {"call", "call", TM_COLUMN_IGNORED, 0, 0},
    {"calls", "calls", TM_COLUMN_COUNT, AT(calls), 0},
    {"errors", "errors", TM_COLUMN_COUNT, AT(errors), 0},
    {"error", "errors", TM_COLUMN_COUNT, AT(errors), 0},
    {"cancelled", "cancelled", TM_COLUMN_COUNT, AT(cancelled), 0},
    {"timeouts", "timeouts", TM_COLUMN_COUNT, AT(timeouts), 0},
    {"clock", "clock", TM_COLUMN_TEXT, AT(clock), 0},
    {"plugin_version", "plugin_version", TM_COLUMN_TEXT, AT(plugin_version), 0},
    {"run", "run", TM_COLUMN_RUN_TEXT, 0, TM_RUN_KEY},
    {"run_id", "run", TM_COLUMN_RUN_TEXT, 0, TM_RUN_KEY},
    {"started_at", "started_at", TM_COLUMN_RUN_TEXT, 0, TM_RUN_STARTED_AT},
    {"branch", "branch", TM_COLUMN_RUN_TEXT, 0, TM_RUN_BRANCH},
    {"commit", "commit", TM_COLUMN_RUN_TEXT, 0, TM_RUN_COMMIT},
    {"commit_id", "commit", TM_COLUMN_RUN_TEXT, 0, TM_RUN_COMMIT},
    {"host", "host", TM_COLUMN_RUN_TEXT, 0, TM_RUN_HOST},
    {"version", "version", TM_COLUMN_RUN_TEXT, 0, TM_RUN_VERSION},
    {"project", "project", TM_COLUMN_RUN_TEXT, 0, TM_RUN_PROJECT},
    {"tool", "tool", TM_COLUMN_RUN_TEXT, 0, TM_RUN_TOOL},
    {"repeat_of", "repeat_of", TM_COLUMN_RUN_TEXT, 0, TM_RUN_REPEAT_OF},
    {"latency_sketch", "latency_sketch", TM_COLUMN_SKETCH, 0, 0},
};

static void plain_names(void **state)
{
    const struct plain *row;
    (void)state;
    EACH(row, plains)
    {
        struct tm_column column = {0};
        if (tm_column_understand(&column, row->name) != 0 || column.kind != row->kind || strcmp(column.meaning, row->meaning) != 0)
            fail_msg("%s: kind %d, meaning %s", row->name, column.kind, column.meaning ? column.meaning : "none");
        if (row->kind == TM_COLUMN_RUN_TEXT ? column.slot != row->slot : column.at != row->at)
            fail_msg("%s: goes to the wrong place", row->name);
        if (row->kind == TM_COLUMN_RUN_TEXT && strcmp(tm_run_slot_name((enum tm_run_slot)row->slot), row->meaning) != 0)
            fail_msg("%s: its slot is called %s", row->name, tm_run_slot_name((enum tm_run_slot)row->slot));
    }
}

static const struct measured {
    const char *stem;
    size_t at;
    char kind; /* t time, m memory */
    bool may_fall;
} measured[] = {
    {"wall", AT(wall_ns), 't', false},
    {"cpu", AT(cpu_ns), 't', false},
    {"wall_p50", AT(wall_p50_ns), 't', false},
    {"p50", AT(wall_p50_ns), 't', false},
    {"wall_p95", AT(wall_p95_ns), 't', false},
    {"p95", AT(wall_p95_ns), 't', false},
    {"wall_p99", AT(wall_p99_ns), 't', false},
    {"p99", AT(wall_p99_ns), 't', false},
    {"wall_max", AT(wall_max_ns), 't', false},
    {"max", AT(wall_max_ns), 't', false},
    {"occupied", AT(occupied_ns), 't', false},
    {"longest_step", AT(longest_step_ns), 't', false},
    {"mem_delta", AT(mem_delta_bytes), 'm', true},
    {"memory_delta", AT(mem_delta_bytes), 'm', true},
    {"peak_mem", AT(peak_mem_bytes), 'm', false},
    {"peak_memory", AT(peak_mem_bytes), 'm', false},
};

static const struct unit {
    const char *suffix;
    char kind;
    int shift;
    double factor;
} units[] = {
    {"_ns", 't', 0, 1},       {"_us", 't', 3, 1},        {"_ms", 't', 6, 1},      {"_s", 't', 9, 1},
    {"_b", 'm', 0, 1},        {"_bytes", 'm', 0, 1},     {"_kb", 'm', 0, 1024},   {"_kib", 'm', 0, 1024},
    {"_mb", 'm', 0, 1048576}, {"_mib", 'm', 0, 1048576}, {"_gb", 'm', 0, 0x1p30}, {"_gib", 'm', 0, 0x1p30},
};

/* Every measurement in every unit: in its own kind of unit it is that measurement, in others a metric, in none a mistake. */
static void measurements(void **state)
{
    const struct measured *row;
    const struct unit *unit;
    char name[64];
    (void)state;
    EACH(row, measured)
    {
        struct tm_column column = {0};
        if (tm_column_understand(&column, row->stem) != -1)
            fail_msg("%s: understood without a unit", row->stem);
        EACH(unit, units)
        {
            snprintf(name, sizeof name, "%s%s", row->stem, unit->suffix);
            if (tm_column_understand(&column, name) != 0)
                fail_msg("%s: not understood", name);
            if (row->kind != unit->kind) {
                if (column.kind != TM_COLUMN_METRIC)
                    fail_msg("%s: is no metric but kind %d", name, column.kind);
                continue;
            }
            if (column.kind != TM_COLUMN_REAL || column.at != row->at || column.may_fall != row->may_fall)
                fail_msg("%s: kind %d, place %zu", name, column.kind, column.at);
            if (column.shift != unit->shift || column.factor < unit->factor || column.factor > unit->factor)
                fail_msg("%s: shift %d, factor %g", name, column.shift, column.factor);
        }
    }
}

/* Two columns that fill the same place mean the same, others do not. */
static void meanings(void **state)
{
    const struct measured *a, *b;
    char name[64];
    (void)state;
    EACH(a, measured)
    {
        EACH(b, measured)
        {
            struct tm_column one = {0}, other = {0};
            snprintf(name, sizeof name, "%s%s", a->stem, a->kind == 't' ? "_us" : "_mb");
            assert_int_equal(tm_column_understand(&one, name), 0);
            snprintf(name, sizeof name, "%s%s", b->stem, b->kind == 't' ? "_s" : "_kb");
            assert_int_equal(tm_column_understand(&other, name), 0);
            if ((strcmp(one.meaning, other.meaning) == 0) != (a->at == b->at))
                fail_msg("%s and %s: '%s' and '%s'", a->stem, b->stem, one.meaning, other.meaning);
        }
    }
}

static const struct metric {
    const char *name, *unit;
} metrics[] = {
    {"hits", NULL},        {"cache_hits", NULL}, {"queue_us", "us"},    {"queue_ms", "ms"},     {"queue_ns", "ns"},
    {"queue_s", "s"},      {"heap_kb", "KiB"},   {"heap_kib", "KiB"},   {"heap_mb", "MiB"},     {"heap_gb", "GiB"},
    {"heap_bytes", "B"},   {"heap_b", "B"},      {"busy_percent", "%"}, {"busy_pct", "%"},      {"retries_count", "count"},
    {"cpu_percent", "%"},  {"Plugin", NULL},     {"WALL_MS", NULL},     {"wall_minutes", NULL}, {"wall_", NULL},
    {"walls", NULL},       {"wallms", NULL},     {"p75", NULL},         {"p90_ms", "ms"},       {"run_id2", NULL},
    {"runs", NULL},        {"started", NULL},    {"_ms", NULL},         {"ms", NULL},           {"10", NULL},
    {"\xc3\xbc_ms", "ms"}, {"plugin ", NULL},    {"max_age_ms", "ms"},  {"cpu_wait_ms", "ms"},  {"peak_mem_free_kb", "KiB"},
};

static void unknown_names_are_metrics(void **state)
{
    const struct metric *row;
    (void)state;
    EACH(row, metrics)
    {
        struct tm_column column = {0};
        int result = tm_column_understand(&column, row->name);
        if (result != 0 || column.kind != TM_COLUMN_METRIC || strcmp(column.meaning, row->name) != 0)
            fail_msg("%s: returned %d, kind %d", row->name, result, column.kind);
        if ((column.unit == NULL) != (row->unit == NULL) || (row->unit && strcmp(column.unit, row->unit) != 0))
            fail_msg("%s: unit %s", row->name, column.unit ? column.unit : "none");
    }
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What is written of a metric is read back. */
static void described_metrics(void **state)
{
    static const struct {
        const char *column, *name, *unit, *better;
    } rows[] = {
        {"metric[better=higher unit=MB/s] throughput", "throughput", "MB/s", "higher"},
        {"metric[better=both] x", "x", NULL, "both"},
        {"metric[unit=ms] wall_ms", "wall_ms", "ms", NULL},
        {"metric[] metric[] a] b", "metric[] a] b", NULL, NULL},
        {"metric[better=lower unit=a\\]b\\\\\\ better=x]  c", " c", "a]b\\ better=x", "lower"},
        {"metric[unit=better=both] c", "c", "better=both", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_reading metric;
        char *text = tm_metric_column(rows[i].name, rows[i].unit, rows[i].better);
        assert_string_equal(text, rows[i].column);
        if (tm_metric_column_read(text, &metric) != 1 || !same(metric.metric, rows[i].name) || !same(metric.unit, rows[i].unit) ||
            !same(metric.better, rows[i].better))
            fail_msg("%s: not read as it was written", rows[i].column);
        free(text);
    }
}

static void undescribed_metrics(void **state)
{
    static const struct {
        const char *column;
        int result;
    } rows[] = {
        {"throughput", 0},
        {"metric", 0},
        {"metric x", 0},
        {"metric[", -1},
        {"metric[]", -1},
        {"metric[] ", -1},
        {"metric[]x", -1},
        {"metric[unit=x", -1},
        {"metric[unit=x\\] y", -1},
        {"metric[better=up] x", -1},
        {"metric[better=lowerunit=x] y", -1},
        {"metric[unit=ms better=lower] x", -1},
        {"metric[ms] x", -1},
        {"metric[unit=\\", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_reading metric;
        char text[64];
        snprintf(text, sizeof text, "%s", rows[i].column);
        if (tm_metric_column_read(text, &metric) != rows[i].result)
            fail_msg("%s: expected %d", rows[i].column, rows[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_names),       cmocka_unit_test(measurements),
                                       cmocka_unit_test(meanings),          cmocka_unit_test(unknown_names_are_metrics),
                                       cmocka_unit_test(described_metrics), cmocka_unit_test(undescribed_metrics)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
