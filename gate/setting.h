/* What setting by name and the end of it share. Internal to gate/settings*.c. */
#ifndef TM_GATE_SETTING_H
#define TM_GATE_SETTING_H

#include "gate/settings.h"

/* A copy that lives as long as the settings. */
enum tm_setting_fault tm_setting_text(struct tm_settings *settings, const char *text, const char **value);

/* The rule of that metric; NULL: there is none yet. */
struct tm_metric_rule *tm_setting_metric(struct tm_settings *settings, const char *name);

/* The rule of that metric, made if it is new: the built-in one, or a project's own. Good until the next one is made. */
enum tm_setting_fault tm_setting_add_metric(struct tm_settings *settings, const char *name, struct tm_metric_rule **rule);

#endif
