/* What measure prints: for people a few lines a command, else a row. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/plural.h"
#include "cli/measure.h"
#include "report/amount.h"

static const double NS_PER_MS = 1e6, BYTES_PER_KB = 1024;

void tm_measuring_put_end(FILE *out, const struct tm_timing *timing)
{
    if (timing->timed_out)
        fputs("its time was over", out);
    else if (WIFSIGNALED(timing->status))
        fprintf(out, "signal %d (%s)", WTERMSIG(timing->status), strsignal(WTERMSIG(timing->status)));
    else
        fprintf(out, "exit code %d", WEXITSTATUS(timing->status));
}

/* ---- text ---- */

static void put_time(FILE *out, double ns)
{
    static const struct tm_report_metric time = {.name = "", .unit = "ms", .kind = TM_METRIC_RATIO};
    tm_put_amount(out, &time, ns / NS_PER_MS);
}

static void put_memory(FILE *out, double bytes)
{
    static const struct tm_report_metric memory = {.name = "", .unit = "KiB", .kind = TM_METRIC_RATIO};
    tm_put_amount(out, &memory, bytes / BYTES_PER_KB);
}

static bool same_end(const struct tm_timing *a, const struct tm_timing *b)
{
    return a->timed_out == b->timed_out && (a->timed_out || a->status == b->status);
}

/* "exit code 1 (3), signal 9 (Killed) (1)": each way to fail, with its number, in the order in which they came. */
static void put_failures(FILE *out, const struct tm_subject *subject)
{
    const char *between = "";
    for (size_t i = 0; i < subject->n; i++) {
        const struct tm_timing *timing = &subject->timings[i];
        size_t earlier = 0, all = 0;
        for (size_t k = 0; k < subject->n && tm_timing_failed(timing); k++) {
            earlier += k < i && same_end(&subject->timings[k], timing) ? 1 : 0;
            all += same_end(&subject->timings[k], timing) ? 1 : 0;
        }
        if (!tm_timing_failed(timing) || earlier > 0)
            continue;
        fputs(between, out);
        tm_measuring_put_end(out, timing);
        fprintf(out, " (%zu)", all);
        between = ", ";
    }
}

static void put_warnings(FILE *out, const struct tm_subject *subject, const struct tm_summary *summary)
{
    if (summary->first_is_out)
        fputs("  note    the first run was much slower than the others: --warmup 3 fills caches first\n", out);
    else if (summary->outliers > 0)
        fprintf(out, "  note    %zu of %zu runs lie far off: other programs may disturb this machine\n", summary->outliers,
                subject->n);
}

static void put_text(FILE *out, const struct tm_subject *subject, const struct tm_summary *summary)
{
    tm_put_safe_first(out, subject->name);
    fputs("\n  time    ", out);
    put_time(out, summary->mean);
    fputs(isnan(summary->stdev) ? "" : " +- ", out);
    if (!isnan(summary->stdev))
        put_time(out, summary->stdev);
    fputs(", of which user ", out);
    put_time(out, summary->user);
    fputs(", system ", out);
    put_time(out, summary->system);
    fputs("\n  range   ", out);
    put_time(out, summary->min);
    fputs(" to ", out);
    put_time(out, summary->max);
    fputs(", median ", out);
    put_time(out, summary->median);
    fprintf(out, ", %zu run%s\n  memory  ", subject->n, TM_PLURAL(subject->n));
    put_memory(out, summary->peak_bytes);
    fputs(" at the peak\n", out);
    if (summary->failed > 0) {
        fprintf(out, "  failed  %zu of %zu: ", summary->failed, subject->n);
        put_failures(out, subject);
        putc('\n', out);
    }
    put_warnings(out, subject, summary);
}

/* ---- a row ---- */

enum column { NAME, RUNS, MEAN, STDEV, MEDIAN, MIN, MAX, USER, SYSTEM, PEAK, ERRORS, TIMEOUTS, OUTLIERS, FAILURES, COLUMNS };

static const char *const names[COLUMNS] = {
    [NAME] = "name",     [RUNS] = "runs",         [MEAN] = "mean_ms",      [STDEV] = "stdev_ms",    [MEDIAN] = "median_ms",
    [MIN] = "min_ms",    [MAX] = "max_ms",        [USER] = "user_ms",      [SYSTEM] = "system_ms",  [PEAK] = "peak_mem_kb",
    [ERRORS] = "errors", [TIMEOUTS] = "timeouts", [OUTLIERS] = "outliers", [FAILURES] = "failures",
};

struct row {
    const struct tm_subject *subject;
    struct tm_summary summary;
    char *failures; /* owned */
};

struct list {
    const struct row *rows;
    size_t n, next; /* the row in hand is the one before `next` */
};

static int next(void *of)
{
    struct list *list = of;
    return list->next < list->n ? (list->next++, 1) : 0;
}

static int width(const void *of)
{
    (void)of;
    return COLUMNS;
}

static const char *name(const void *of, int column)
{
    (void)of;
    return names[column];
}

static struct tm_value text(const char *of)
{
    return (struct tm_value){.type = *of ? TM_TEXT : TM_NULL, .text = of, .size = strlen(of)};
}

static struct tm_value number(double value)
{
    return isfinite(value) ? (struct tm_value){.type = TM_REAL, .real = value} : (struct tm_value){.type = TM_NULL};
}

static struct tm_value count(size_t value)
{
    return (struct tm_value){.type = TM_INTEGER, .integer = (int64_t)value};
}

static struct tm_value value(const void *of, int column)
{
    const struct list *list = of;
    const struct row *row = &list->rows[list->next - 1];
    const struct tm_summary *s = &row->summary;
    switch ((enum column)column) {
    case NAME:
        return text(row->subject->name);
    case RUNS:
        return count(row->subject->n);
    case MEAN:
        return number(s->mean / NS_PER_MS);
    case STDEV:
        return number(s->stdev / NS_PER_MS);
    case MEDIAN:
        return number(s->median / NS_PER_MS);
    case MIN:
        return number(s->min / NS_PER_MS);
    case MAX:
        return number(s->max / NS_PER_MS);
    case USER:
        return number(s->user / NS_PER_MS);
    case SYSTEM:
        return number(s->system / NS_PER_MS);
    case PEAK:
        return number(s->peak_bytes / BYTES_PER_KB);
    case ERRORS:
        return count(s->failed);
    case TIMEOUTS:
        return count(s->timed_out);
    case OUTLIERS:
        return count(s->outliers);
    default:
        return text(row->failures);
    }
}

/* ---- all ---- */

static int fill(struct row *row, const struct tm_subject *subject)
{
    struct tm_builder builder;
    row->subject = subject;
    if (tm_summarize(subject, &row->summary) != 0 || !tm_build(&builder))
        return -1;
    put_failures(builder.out, subject);
    row->failures = tm_built(&builder);
    return row->failures ? 0 : -1;
}

int tm_measuring_print(const struct tm_measuring *measuring)
{
    struct row *rows = calloc(measuring->n, sizeof *rows);
    int result = rows ? 0 : -1;
    for (size_t i = 0; i < measuring->n && result == 0; i++)
        result = fill(&rows[i], &measuring->subjects[i]);
    struct list list = {rows, measuring->n, 0};
    const struct tm_listing listing = {&list, next, width, name, value};
    if (result == 0 && measuring->format)
        result = measuring->format->write(stdout, &listing);
    for (size_t i = 0; i < measuring->n && result == 0 && !measuring->format; i++)
        put_text(stdout, rows[i].subject, &rows[i].summary);
    for (size_t i = 0; rows && i < measuring->n; i++)
        free(rows[i].failures);
    free(rows);
    return result == 0 ? 0 : tm_trouble("out of memory");
}
