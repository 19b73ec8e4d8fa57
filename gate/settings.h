/* How strictly to judge: the defaults, what somebody sets by name (as in tidemark.ini), and the store's own metrics. */
#ifndef TM_GATE_SETTINGS_H
#define TM_GATE_SETTINGS_H

#include "analyze/outcome.h"
#include "analyze/rules.h"
#include "base/arena.h"
#include "store/store.h"

enum { TM_PLUGIN_RULES_MAX = 256 }; /* far more than anybody writes by hand; a script that makes thousands wants globs */

/* What is known of a rule's metric while settings are read. */
struct tm_metric_mark {
    bool own_effect; /* its min-effect has been set by its name */
    bool stored;     /* the store has it */
};

struct tm_settings {
    struct tm_rules rules;
    struct tm_plugin_rule plugin_rules[TM_PLUGIN_RULES_MAX];
    struct tm_limit limits[TM_PLUGIN_RULES_MAX];
    const char *limit_units[TM_PLUGIN_RULES_MAX]; /* as written behind the numbers; "": the metric's own */
    struct tm_arena texts;
    char *given; /* what has been set, a line each: section, name and value between tabs; NULL: nothing */
    size_t given_size, given_room;
    const char *base; /* the branch that new branches take their history from */
    bool base_given;  /* somebody has named it; else it is the one of a usual name that the store has */
    struct tm_strictness strictness;
    size_t threads;               /* that judge; 0: as many as there are processors. No verdict depends on it */
    double max_age_days;          /* of the newest run; 0: any */
    double min_effect;            /* of metrics that have none of their own; NAN: as built in */
    const char *listed;           /* the metrics to judge; NULL: the usual ones, and the store's own */
    const char *unknown;          /* the name behind TM_SETTING_UNKNOWN_METRIC, the metric behind the two faults of limits */
    struct tm_metric_mark *marks; /* beside rules.metrics */
    size_t n_marks;
};

enum tm_setting_fault {
    TM_SETTING_DONE,
    TM_SETTING_BAD_VALUE,
    TM_SETTING_TOO_MANY, /* rules for plugins: TM_PLUGIN_RULES_MAX; metrics with limits: TM_LIMITED_METRICS */
    TM_SETTING_UNKNOWN_NAME,
    TM_SETTING_UNKNOWN_SECTION,
    TM_SETTING_UNKNOWN_METRIC, /* tm_settings_finish: a name that neither Tidemark nor the store knows, in settings->unknown */
    TM_SETTING_BAD_UNIT,       /* tm_settings_finish: a limit in a unit that the metric, settings->unknown, is not measured in */
    TM_SETTING_BAD_LIMIT,      /* the same: no value of that metric can be beyond it, or none within */
    TM_SETTING_TROUBLE,        /* no memory, or the store failed */
};

/* The defaults. Free in any case. */
enum tm_setting_fault tm_settings_init(struct tm_settings *settings);
void tm_settings_free(struct tm_settings *settings);

/* Sets one by its section ("gate" or "", "metric NAME", "plugin GLOB"), name and value, as tidemark.ini has them. */
enum tm_setting_fault tm_settings_set(struct tm_settings *settings, const char *section, const char *name, const char *value);

/* Sets all lines of such a text, as `given` is one. A line that is not understood is TM_SETTING_BAD_VALUE: another version has
 * written it. */
enum tm_setting_fault tm_settings_set_lines(struct tm_settings *settings, const char *lines);

/* After all of them: takes in the project's own metrics, and checks that every metric named is one, so that a slip of the pen does
 * not switch judging off. */
enum tm_setting_fault tm_settings_finish(struct tm_settings *settings, tm_store *store, const char *project);

#endif
