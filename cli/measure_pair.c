/* Two commands, compared as compare does it. The timings of a side are its measurements: they were taken in turns, so what differs
 * between the sides is no slow spell of the machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/compare_forms.h"
#include "cli/forms.h"
#include "cli/measure.h"

enum { EXIT_WORSE = 1 };

#define WALL "wall_per_call_ms"

/* The one thing on both sides that is compared. */
#define THING "command"

static int add_value(struct tm_comparison *c, enum tm_compare_of of, size_t plugin, const char *metric, double value)
{
    size_t place;
    if (!tm_compare_find_metric(c, metric, &place))
        return -1;
    return tm_compare_add(c, of, plugin, place, value);
}

/* Failures are counted, once a side; who may not fail has none. */
static int add_side(struct tm_comparison *c, enum tm_compare_of of, size_t plugin, const struct tm_subject *subject, bool may_fail)
{
    struct tm_compare_plugin *p = &c->plugins[plugin];
    int result = 0;
    for (size_t i = 0; i < subject->n && result == 0; i++) {
        const struct tm_timing *s = &subject->timings[i];
        result = add_value(c, of, plugin, WALL, s->wall_ns / 1e6) |
                 add_value(c, of, plugin, "cpu_per_call_ms", (s->user_ns + s->system_ns) / 1e6) |
                 add_value(c, of, plugin, "peak_mem_kb", s->peak_bytes / 1024);
        p->errors[of] += tm_timing_failed(s) ? 1 : 0;
    }
    if (may_fail && result == 0)
        result = add_value(c, of, plugin, "error_rate", p->errors[of] / (double)subject->n);
    p->measured[of] = subject->n;
    p->told_errors[of] = 1;
    p->calls[of] = (double)subject->n;
    c->sides[of] = (struct tm_compared_side){
        .name = subject->name, .first = subject->name, .last = subject->name, .host = "", .measurements = subject->n};
    return result;
}

/* What people ask first: how many times slower, and how sure is that. */
static void say_ratio(const struct tm_comparison *c)
{
    for (size_t i = 0; i < c->n_rows; i++) {
        const struct tm_compared *row = &c->rows[i];
        if (strcmp(c->metrics[row->metric].rule.name, WALL) != 0 || isnan(row->change))
            continue;
        bool slower = row->change > 0;
        double times = slower ? 1 + row->change : 1 / (1 + row->change);
        double low = slower ? 1 + row->change_low : 1 / (1 + row->change_high);
        double high = slower ? 1 + row->change_high : 1 / (1 + row->change_low);
        tm_say(stdout, "B is %.3f times %s than A (95 %% interval %.3f to %.3f)%s", times, slower ? "slower" : "faster", low, high,
               row->class <= TM_CHANGE_NONE ? ", which is no more than noise" : "");
    }
}

int tm_measuring_choose_forms(const struct tm_context *context, struct tm_chosen_forms *forms)
{
    return tm_forms_choose(context, tm_compare_forms_all, "text", forms);
}

static int print(const struct tm_chosen_forms *forms, const struct tm_comparison *c)
{
    for (size_t i = 0; i < forms->n; i++)
        if (!forms->list[i].file && strcmp(forms->list[i].form->name, "text") == 0)
            say_ratio(c);
    if (tm_forms_compare(forms, c) != 0)
        return TM_EXIT_TROUBLE;
    return c->failing > 0 ? EXIT_WORSE : TM_EXIT_DONE;
}

int tm_measuring_compare(const struct tm_measuring *measuring)
{
    struct tm_comparison c;
    size_t plugin;
    bool done = tm_comparison_init(&c) == 0;
    c.fail_above = measuring->fail_above;
    done = done && tm_compare_add_plugin(&c, THING, &plugin) == 0 &&
           add_side(&c, TM_COMPARE_A, plugin, &measuring->subjects[0], measuring->turns.may_fail) == 0 &&
           add_side(&c, TM_COMPARE_B, plugin, &measuring->subjects[1], measuring->turns.may_fail) == 0 && tm_compare(&c) == 0;
    int code = done ? print(&measuring->forms, &c) : tm_trouble("out of memory");
    tm_comparison_free(&c);
    return code;
}
