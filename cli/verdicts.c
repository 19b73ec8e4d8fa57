#include "cli/verdicts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analyze/judge.h"
#include "cli/format.h"

/* The columns of verdicts_of. */
enum {
    PLUGIN,
    METRIC,
    CLASS,
    LEADS,
    KIND,
    VALUE,
    CORRECTED,
    BASELINE,
    EFFECT,
    EVIDENCE,
    NEEDED,
    RUNS,
    BASELINE_RUNS,
    Z_HISTORY,
    PCT_HISTORY,
    Z_POPULATION,
    PCT_POPULATION,
    SINCE,
    LAST_GOOD,
    GOOD_COMMIT,
    SINCE_COMMIT,
    SIGNAL,
    WHY,
    DECISION,
    SINCE_RUN,
    PLUGIN_ID
};

static double real(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

static const char *text(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_TEXT ? value.text : NULL;
}

/* An extreme suspect is as good as regressed for those who want it so. */
static enum tm_class class_of(const tm_rows *rows, bool extreme_fails)
{
    const char *name = text(rows, CLASS), *kind = text(rows, KIND);
    if (extreme_fails && kind && strcmp(kind, "extreme") == 0)
        return TM_REGRESSED;
    int class = TM_PASS;
    while (class < TM_REGRESSED && strcmp(tm_class_name((enum tm_class) class), name) != 0)
        class ++;
    return (enum tm_class) class;
}

static const struct tm_metric_rule *rule_of(const struct tm_rules *rules, const char *metric)
{
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (strcmp(rules->metrics[m].name, metric) == 0)
            return &rules->metrics[m];
    return tm_known_metric(metric);
}

int tm_tally_read(tm_store *store, int64_t run, bool extreme_fails, struct tm_tally *tally)
{
    *tally = (struct tm_tally){.factor = NAN, .factor_share = NAN};
    tm_rows *rows = tm_ask(store, TM_Q_JUDGEMENT_OF, "i", run);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        int64_t *counts[] = {&tally->plugins, &tally->judged, &tally->passed, &tally->comparable};
        for (int i = 0; i < 4; i++)
            *counts[i] = tm_rows_value(rows, i).integer;
        tally->factor = real(rows, 4);
        tally->factor_share = real(rows, 5);
        tally->held = tm_rows_value(rows, 6).integer;
    }
    tm_rows_close(rows);
    if (step < 0)
        return -1;
    rows = tm_ask(store, TM_Q_VERDICTS_OF, "i", run);
    while ((step = rows ? tm_rows_next(rows) : -1) == 1)
        if (tm_rows_value(rows, PLUGIN_ID).integer == 0)
            tally->run_wide = true;
        else
            tally->of[class_of(rows, extreme_fails)] += tm_rows_value(rows, LEADS).integer;
    tm_rows_close(rows);
    return step;
}

static void put_safe(FILE *out, const char *value)
{
    tm_write_safe(out, value, strlen(value));
}

/* What to compare with the baseline: of a change of level the level, else tonight's value without the run's own factor. */
static double level_of(const tm_rows *rows, bool amount)
{
    double baseline = real(rows, BASELINE), effect = real(rows, EFFECT);
    const char *class = text(rows, CLASS);
    if (isnan(effect) || (strcmp(class, "regressed") != 0 && strcmp(class, "open") != 0 && strcmp(class, "improved") != 0))
        return real(rows, CORRECTED);
    return amount ? baseline + effect : baseline * (1 + effect);
}

/* "412.3 ms, was 273.1 ms: +51.0 %" */
static void put_change(FILE *out, const tm_rows *rows, const struct tm_metric_rule *rule)
{
    bool amount = !rule || rule->kind == TM_METRIC_GROWTH || rule->kind == TM_METRIC_ERRORS;
    double value = real(rows, VALUE), corrected = real(rows, CORRECTED), baseline = real(rows, BASELINE),
           now = level_of(rows, amount);
    const char *unit = rule ? rule->unit : "", *gap = *unit ? " " : "";
    if (rule && rule->kind == TM_METRIC_ERRORS) {
        fprintf(out, "%.2f %% of calls, was %.2f %%", 100 * now, 100 * baseline);
        return;
    }
    fprintf(out, "%.4g%s%s", now, gap, unit);
    if (fabs(corrected - value) > 0.001 * fabs(value) && !(now < corrected || now > corrected))
        fprintf(out, " (measured %.4g in this %s run)", value, value > corrected ? "slow" : "fast");
    if (!isnan(baseline))
        fprintf(out, ", was %.4g%s%s", baseline, gap, unit);
    if (fabs(baseline) > 0 && fabs(now / baseline) < 10)
        fprintf(out, ": %+.1f %%", 100 * (now - baseline) / fabs(baseline));
}

static void put_since(FILE *out, const tm_rows *rows)
{
    const char *since = text(rows, SINCE), *good = text(rows, GOOD_COMMIT), *bad = text(rows, SINCE_COMMIT);
    if (!since)
        return;
    fputs(", since ", out);
    put_safe(out, since);
    if (good && bad) {
        fputs(", commits ", out);
        tm_write_safe(out, good, strnlen(good, 10));
        fputs("..", out);
        tm_write_safe(out, bad, strnlen(bad, 10));
    }
}

static void put_part(FILE *out, const char *before, const char *part)
{
    if (part) {
        fputs(before, out);
        put_safe(out, part);
    }
}

static void put_reason(FILE *out, const tm_rows *rows)
{
    const char *kind = text(rows, KIND);
    put_part(out, ", ", kind && strcmp(kind, "step") != 0 ? kind : NULL);
    put_part(out, ", ", text(rows, SIGNAL));
    put_part(out, "; ", text(rows, WHY));
}

static void put_verdict(FILE *out, const tm_rows *rows, const struct tm_rules *rules, bool extreme_fails)
{
    const char *metric = text(rows, METRIC);
    fprintf(out, "%-10s ", tm_class_name(class_of(rows, extreme_fails)));
    put_safe(out, text(rows, PLUGIN));
    if (*metric && !isnan(real(rows, VALUE))) {
        put_part(out, "  ", metric);
        putc(' ', out);
        put_change(out, rows, rule_of(rules, metric));
    } else if (!isnan(real(rows, EFFECT))) {
        put_part(out, "  ", metric);
        fprintf(out, " %+.1f %%", 100 * real(rows, EFFECT));
    }
    put_since(out, rows);
    put_reason(out, rows);
    putc('\n', out);
}

static void put_numbers(FILE *out, const tm_rows *rows)
{
    static const struct {
        int column;
        const char *name;
    } shown[] = {{VALUE, "tonight"},
                 {CORRECTED, "without the run's factor"},
                 {BASELINE, "baseline"},
                 {BASELINE_RUNS, "of runs"},
                 {EFFECT, "effect"},
                 {EVIDENCE, "evidence"},
                 {NEEDED, "needed"},
                 {RUNS, "newest runs"},
                 {Z_HISTORY, "z in history"},
                 {PCT_HISTORY, "percentile in history"},
                 {Z_POPULATION, "z in population"},
                 {PCT_POPULATION, "percentile in population"}};
    put_part(out, "           ", *text(rows, METRIC) ? text(rows, METRIC) : "nights without it");
    putc(':', out);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (*text(rows, METRIC) && !isnan(real(rows, shown[i].column)))
            fprintf(out, "%s %s %.6g", i ? "," : "", shown[i].name, real(rows, shown[i].column));
    if (!*text(rows, METRIC))
        fprintf(out, " %.0f", real(rows, RUNS));
    if (text(rows, LAST_GOOD)) {
        fputs(*text(rows, METRIC) ? ", last good run " : ", last seen in run ", out);
        put_safe(out, text(rows, LAST_GOOD));
    }
    if (tm_rows_value(rows, DECISION).type == TM_INTEGER)
        fprintf(out, ", decision %" PRId64, tm_rows_value(rows, DECISION).integer);
    putc('\n', out);
}

int tm_print_verdicts(FILE *out, tm_store *store, const struct tm_rules *rules, int64_t run, bool extreme_fails, bool explain)
{
    tm_rows *rows = tm_ask(store, TM_Q_VERDICTS_OF, "i", run);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        bool leads = tm_rows_value(rows, LEADS).integer, told = leads && class_of(rows, extreme_fails) != TM_NOT_JUDGED;
        if (told || explain)
            put_verdict(out, rows, rules, extreme_fails);
        if (explain)
            put_numbers(out, rows);
    }
    tm_rows_close(rows);
    return step;
}

static void put_not_judged(FILE *out, const struct tm_tally *tally)
{
    int64_t rest = tally->plugins - tally->judged;
    if (rest <= 0)
        return;
    if (tally->comparable < 6)
        fprintf(out, "; not judged: %" PRId64 " (only %" PRId64 " run%s to compare with, 6 are needed)", rest, tally->comparable,
                tally->comparable == 1 ? "" : "s");
    else
        fprintf(out, "; not judged: %" PRId64 " (too few runs at their level, or nothing recorded that is judged)", rest);
}

void tm_print_tally(FILE *out, const struct tm_tally *tally)
{
    if (!isnan(tally->factor))
        fprintf(out, "the run was %.0f %% %s on %.0f %% of plugins: the host, not the plugins; figures are compared without that\n",
                100 * fabs(tally->factor), tally->factor > 0 ? "slow" : "fast", 100 * tally->factor_share);
    if (tally->held > 0)
        fprintf(out,
                "%" PRId64
                " alarms came at once and wait until they have lasted five runs: rather one event than so many regressions\n",
                tally->held);
    fprintf(out, "judged %" PRId64 " of %" PRId64 " plugins: %" PRId64 " pass", tally->judged, tally->plugins, tally->passed);
    for (int class = TM_REGRESSED; class >= TM_RETIRED; class --)
        if (tally->of[class] > 0)
            fprintf(out, ", %" PRId64 " %s", tally->of[class], tm_class_name((enum tm_class) class));
    if (tally->of[TM_IMPROVED] > 0)
        fprintf(out, " (%" PRId64 " improved)", tally->of[TM_IMPROVED]);
    put_not_judged(out, tally);
    putc('\n', out);
}
