/* How good are the alarms of histories of which somebody knows what happened in them? docs/methods.md says it in words.
 *
 * A history is one plugin's runs on one host and branch, counted from 0. Its first runs are warm-up and its last ones have too
 * little after them: nothing counts there. */
#ifndef TM_ANALYZE_EVALUATION_H
#define TM_ANALYZE_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/rules.h"

enum {
    TM_EVALUATION_WARM_UP = 20, /* runs of a history, its first ones */
    TM_EVALUATION_TAIL = 8,     /* and its last ones */
    TM_EVALUATION_PATIENT = 12, /* runs within which patience catches, given beside the bound that was asked for */
};

enum tm_event_kind {
    TM_EVENT_STEP,  /* the level rose at `start` and stayed, at least up to `end` */
    TM_EVENT_DRIFT, /* it climbed from `start` to `end` */
    TM_EVENT_GRAY,  /* debatable: an alarm there counts neither way */
};

/* What happened to one history. */
struct tm_event {
    enum tm_event_kind kind;
    int metric;     /* alarms of that one alone catch it; -1: of any */
    int start, end; /* positions, both included */
    size_t known;   /* which of the known changes it is a part of */
};

enum tm_alarm_worth {
    TM_ALARM_ASIDE, /* counts for nothing: where nothing counts, or an alarm of the run that does not speak for this plugin */
    TM_ALARM_HIT,   /* catches an event */
    TM_ALARM_GRAY,
    TM_ALARM_LATE,    /* comes late, or a little early, for a change that was there */
    TM_ALARM_FOLLOWS, /* would be false, but follows another one closely */
    TM_ALARM_FALSE,
};

/* Two to four values in a row that all lie beyond everything in the (20 to) 50 before them, and then one that does not: something
 * that did happen, and went away. Beyond is more than 5 %, of a count more at all. */
struct tm_short_event {
    bool over;    /* it was one */
    int left;     /* further values to look at before it is known; 0: it is */
    double bound; /* one of these must lie at this or below */
};

enum {
    TM_SHORT_EVENT_LONGEST = 4,
    TM_SHORT_EVENT_MEMORY = 50,
    TM_SHORT_EVENT_VALUES = TM_SHORT_EVENT_MEMORY + TM_SHORT_EVENT_LONGEST + 1
};

/* Is there one at the newest of the values, or just before it? y: as tm_to_y gives them, oldest first; of n the newest
 * TM_SHORT_EVENT_VALUES are enough. Then each further value is told to tm_short_event_go_on, which is harmless once it is known. */
void tm_short_event_begin(struct tm_short_event *event, const double *y, int n, enum tm_metric_kind kind);
void tm_short_event_go_on(struct tm_short_event *event, double y);

/* "After this run, the plugin was called regressed." */
struct tm_alarm {
    int position, metric;
    size_t whole_run; /* an alarm of the whole run: its number from 1, the same in all its plugins; 0: the plugin's own */
    struct tm_short_event event;
    enum tm_alarm_worth worth;
};

struct tm_history {
    int runs;
    struct tm_event *events;
    size_t n_events;
    struct tm_alarm *alarms; /* in the order of their positions */
    size_t n_alarms;
};

/* A known change: one event in one history, or of a whole run one in each of its plugins. */
struct tm_known {
    enum tm_event_kind kind;
    size_t counted, caught; /* its events where something counts, and those that were caught; gray ones never count */
    bool is_caught;         /* at half of them, or more */
    int delay;              /* runs from the start to the alarm at which it was half */
    size_t history, alarm;  /* that alarm */
};

struct tm_score {
    size_t regressions, caught; /* known changes that count */
    size_t judged;              /* runs of histories at which an alarm would have been false */
    size_t false_alarms, short_events;
    int median_delay; /* of the steps that were caught; -1: none was */
};

/* Scores the alarms: fills in their worth, and counted to alarm of the known changes, whose kind is given. An event is caught by
 * an alarm at most `within` runs after its end, and a step's end is its start. n_whole_run: the highest number of an alarm of the
 * whole run. 0, or -1 without memory. */
int tm_evaluate(const struct tm_history *histories, size_t n, struct tm_known *known, size_t n_known, size_t n_whole_run,
                int within, struct tm_score *score);

#endif
