/* The runs of one plugin's metric, taken out of a report. Internal to the symptoms. */
#ifndef TM_REPORT_FINDINGS_EXCERPT_H
#define TM_REPORT_FINDINGS_EXCERPT_H

#include "analyze/report.h"

enum { TM_EXCERPT_MOST = 100 };

struct tm_excerpt {
    double x[TM_EXCERPT_MOST];
    size_t run[TM_EXCERPT_MOST], n; /* indices of the report's runs, rising */
};

/* The newest `most` values, TM_EXCERPT_MOST or fewer, in the runs from..to-1. */
struct tm_excerpt tm_excerpt(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t from,
                             size_t to, size_t most);

/* The same, times without what their run had in common with all plugins, as far as that explains their distance from the usual
 * value: a plugin that a slow run did not slow keeps what it has. usual NAN: the median of the excerpt. */
struct tm_excerpt tm_excerpt_own(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t from,
                                 size_t to, size_t most, double usual);

double tm_excerpt_median(const struct tm_excerpt *excerpt);
double tm_excerpt_scale(const struct tm_excerpt *excerpt);       /* 1.4826 MAD */
double tm_excerpt_middle_half(const struct tm_excerpt *excerpt); /* between the quartiles, as a share of the median */

/* Natural logarithms of all values. false, and nothing done, where one is not positive or there is none. */
bool tm_excerpt_logarithms(struct tm_excerpt *excerpt);

#endif
