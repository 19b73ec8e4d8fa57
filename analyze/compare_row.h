/* One row of a comparison. Internal to it. */
#ifndef TM_ANALYZE_COMPARE_ROW_H
#define TM_ANALYZE_COMPARE_ROW_H

#include "analyze/compare.h"
#include "analyze/rules.h"

/* First, of all series: scratch is room for the longest. */
void tm_compare_find_medians(struct tm_comparison *c, double *scratch);

/* Then of each series that is compared: the noise of its single values, if somebody has to know it. */
void tm_compare_find_noise(struct tm_comparison *c, struct tm_compare_series *series, double *scratch);

/* Then its row, but for q, class and what that decides. needed: with this p the row counts even if no other one does. scratch: room
 * for all values of a series, and once more. 0, or -1: no memory. */
int tm_compare_row(const struct tm_comparison *c, const struct tm_compare_series *series, double needed, double *scratch,
                   struct tm_compared *row, struct tm_shift *shift);

/* b's value, were it that far from a's. */
double tm_compare_value_at(const struct tm_metric_rule *rule, double a, double shift);

/* An amount as a share of a level; NAN where the level is none to speak of. */
double tm_compare_share_of(const struct tm_metric_rule *rule, double amount, double of);

#endif
