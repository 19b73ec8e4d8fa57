/* Checks of what is judged: metrics, noise, what is open, what was decided, and what tidemark.ini says of it. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "gate/doctor_checks.h"
#include "schema/units.h"

enum {
    LONG = 14,     /* runs for which something fails and nobody has decided: two weeks of nights */
    UNIT_SIZE = 32 /* no known unit is longer */
};

static const double PERCENT = 100;

void tm_check_noise(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    const struct tm_doctor_noise *noise = &doctor->noise;
    static const char mend[] =
        "tidemark gate FILE --confirm COMMAND, or more calls a run; 'tidemark audit' lists what each would tell";
    /* A few noisy plugins are the nature of plugins. */
    enum tm_problem_severity severity = 4 * noise->hidden >= noise->asked ? TM_WARNING : TM_NOTE;
    if (noise->hidden == 0)
        return;
    if (isnan(noise->least))
        tm_problem_add(problems, severity, mend, NULL, NULL,
                       "a rise of %.0f %% would not be told in %zu of %zu series: of %s %s none would, whatever its size",
                       PERCENT * TM_DOCTOR_RISE, noise->hidden, noise->asked, noise->plugin, noise->metric);
    else
        tm_problem_add(problems, severity, mend, NULL, NULL,
                       "a rise of %.0f %% would not be told in %zu of %zu series: the worst is %s %s, where it takes %.0f %%",
                       PERCENT * TM_DOCTOR_RISE, noise->hidden, noise->asked, noise->plugin, noise->metric, PERCENT * noise->least);
}

void tm_check_clocks(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->clocks > 0)
        tm_problem_add(problems, TM_WARNING, "record all runs with one version of the recorder, on one system", NULL, NULL,
                       "the CPU time of %" PRId64
                       " plugin%s was taken by several clocks in the newest runs, and these are not compared",
                       doctor->clocks, TM_PLURAL(doctor->clocks));
}

void tm_check_directions(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    size_t n = 0;
    const char *first = NULL;
    for (size_t i = 0; i < doctor->n_metrics; i++)
        if (!doctor->metrics[i].directed) {
            first = first ? first : doctor->metrics[i].name;
            n++;
        }
    if (n > 0)
        tm_problem_add(problems, TM_NOTE, "tidemark metric %s --better lower, or higher", first, "NAME",
                       "nobody has said which direction of %zu metric%s is worse, so that a fall alarms like a rise: %s%s", n,
                       TM_PLURAL(n), first, n == 1 ? "" : " and others");
}

/* One that is a unit but for its capitals is judged as a number without one, and does not convert. */
static bool is_misspelt(const char *unit)
{
    char lower[UNIT_SIZE];
    size_t size = strlen(unit);
    if (size == 0 || size >= sizeof lower || tm_unit_named(unit, size))
        return false;
    for (size_t i = 0; i <= size; i++)
        lower[i] = (char)tolower((unsigned char)unit[i]);
    return tm_unit_named(lower, size) != NULL;
}

void tm_check_units(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    for (size_t i = 0; i < doctor->n_metrics; i++)
        if (is_misspelt(doctor->metrics[i].unit))
            tm_problem_add(problems, TM_NOTE, "tidemark metric %s --unit UNIT", doctor->metrics[i].name, "NAME",
                           "metric %s is in '%s', which is no unit but for its capitals: values in others do not convert to it",
                           doctor->metrics[i].name, doctor->metrics[i].unit);
}

/* The longest of those that have failed for long, missing plugins or not; *n: how many there are. */
static const struct tm_doctor_open *longest(const struct tm_doctor *doctor, bool missing, size_t *n)
{
    const struct tm_doctor_open *found = NULL;
    *n = 0;
    for (size_t i = 0; i < doctor->n_open; i++) {
        const struct tm_doctor_open *open = &doctor->open[i];
        if (open->runs <= LONG || !*open->metric != missing)
            continue;
        found = !found || open->runs > found->runs ? open : found;
        (*n)++;
    }
    return found;
}

void tm_check_open(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    size_t n;
    const struct tm_doctor_open *open = longest(doctor, false, &n);
    if (open)
        tm_problem_add(
            problems, TM_WARNING, "tidemark accept %s --reason WHY, or waive; or mend it", open->plugin, "PLUGIN",
            "%zu regression%s open for more than %d runs, and nobody has decided: the oldest is %s %s on branch '%s', %" PRId64
            " runs",
            n, n == 1 ? " is" : "s are", LONG, open->plugin, open->metric, open->branch, open->runs);
}

void tm_check_missing(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    size_t n;
    const struct tm_doctor_open *open = longest(doctor, true, &n);
    if (open)
        tm_problem_add(
            problems, TM_WARNING, "tidemark retire %s --reason WHY", open->plugin, "PLUGIN",
            "%zu plugin%s missing for more than %d runs, and nobody has decided: the longest is %s on branch '%s', %" PRId64
            " runs",
            n, n == 1 ? " is" : "s are", LONG, open->plugin, open->branch, open->runs);
}

typedef bool is_wrong(const struct tm_doctor *doctor, const struct tm_doctor_decision *decision);

/* The first of those that are wrong, and how many others are. Those that were made at once have one number. */
static void tell_decisions(const struct tm_doctor *doctor, struct tm_problems *problems, is_wrong *wrong, const char *why)
{
    const struct tm_doctor_decision *first = NULL, *last = NULL;
    char number[24], others[40] = ""; /* a count of 20 digits */
    size_t n = 0;
    for (size_t i = 0; i < doctor->n_decisions; i++) {
        const struct tm_doctor_decision *decision = &doctor->decisions[i];
        if (!wrong(doctor, decision) || (last && last->number == decision->number))
            continue;
        first = first ? first : decision;
        last = decision;
        n++;
    }
    if (!first)
        return;
    snprintf(number, sizeof number, "%" PRId64, first->number);
    if (n > 1)
        snprintf(others, sizeof others, "; %zu other%s like it", n - 1, n == 2 ? "" : "s");
    tm_problem_add(problems, TM_NOTE, "tidemark undo %s", number, "N", "decision %s (%s %s%s%s) %s%s", number, first->kind,
                   first->plugin, first->metric ? " " : "", first->metric ? first->metric : "", why, others);
}

static bool has_ended(const struct tm_doctor *doctor, const struct tm_doctor_decision *decision)
{
    return decision->until && decision->until <= doctor->now;
}

static bool has_no_metric(const struct tm_doctor *doctor, const struct tm_doctor_decision *decision)
{
    return !has_ended(doctor, decision) && !decision->known_metric;
}

/* Who retires a plugin knows that it is gone. */
static bool has_no_plugin(const struct tm_doctor *doctor, const struct tm_doctor_decision *decision)
{
    return !has_ended(doctor, decision) && decision->known_metric && !decision->seen && strcmp(decision->kind, "retire") != 0;
}

void tm_check_expired(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    tell_decisions(doctor, problems, has_ended, "has ended, and tolerates nothing any more");
}

void tm_check_gone(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    tell_decisions(doctor, problems, has_no_metric, "is about a metric that there is not");
    tell_decisions(doctor, problems, has_no_plugin, "is about a plugin that the newest runs do not have");
}

void tm_check_lines(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    char others[60] = "";
    if (doctor->place.wrong_lines)
        tm_problem_add(problems, TM_TROUBLE, "mend what was told of it on standard error", NULL, NULL,
                       "the decisions file cannot be read, and no gate judges anything until it can");
    if (doctor->n_lines == 0)
        return;
    if (doctor->n_lines > 1)
        snprintf(others, sizeof others, "; %zu other line%s like it", doctor->n_lines - 1, doctor->n_lines == 2 ? "" : "s");
    tm_problem_add(problems, TM_NOTE, "mend or remove that line", NULL, NULL,
                   "line %" PRIu64 " of the decisions file is about '%s', and no plugin of the project has such a name%s",
                   doctor->lines[0].number, doctor->lines[0].plugin, others);
}

void tm_check_settings(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    for (size_t i = 0; i < doctor->n_settings; i++)
        tm_problem_add(problems, TM_WARNING, "mend or remove that section", NULL, NULL, "[%s] in tidemark.ini changes nothing: %s",
                       doctor->settings[i].section, doctor->settings[i].why);
}
