/* How strictly to judge: flags over environment over tidemark.ini over defaults. */
#ifndef TM_CLI_SETTINGS_H
#define TM_CLI_SETTINGS_H

#include "analyze/rules.h"
#include "cli/command.h"

enum { TM_PLUGIN_RULES_MAX = 256 };

struct tm_settings {
    struct tm_rules rules;
    struct tm_plugin_rule plugin_rules[TM_PLUGIN_RULES_MAX];
    char *texts[2 * TM_PLUGIN_RULES_MAX + TM_METRICS_MAX + 8]; /* owned */
    size_t n_texts;
    const char *base;    /* branch that new branches take their history from */
    bool strict;         /* suspects fail */
    bool allow_unjudged; /* nothing judged is no failure */
    double max_age_days; /* of the newest run; 0: any */
    bool extreme_given;  /* extreme suspects fail without --strict */
    double min_effect;   /* of metrics that have none of their own; NAN: as built in */
    const char *listed;  /* the metrics to judge; NULL: the usual ones, and the store's own */
    bool own_effect[TM_METRICS_MAX], stored[TM_METRICS_MAX];
};

#define TM_JUDGE_OPTIONS                                                                                                           \
    {"budget", "N", "false alarms per 1000 judgements that may be borne (default: 0.5)"},                                          \
        {"base", "BRANCH", "the branch whose history a new branch begins with (default: main)"},                                   \
        {"config", "FILE", "settings (default: tidemark.ini, if there is one)"},                                                   \
    {                                                                                                                              \
        "no-floors", NULL, "no absolute floors: values of any unit"                                                                \
    }

/* Reads them all; also takes the store's own metrics in. 0, or TM_EXIT_TROUBLE after a message. Free in any case. */
int tm_settings_read(struct tm_settings *settings, const struct tm_arguments *arguments, tm_store *store);
void tm_settings_free(struct tm_settings *settings);

#endif
