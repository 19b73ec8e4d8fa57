/* --x: what charts are drawn along. */
#ifndef TM_CLI_AXIS_H
#define TM_CLI_AXIS_H

#include "analyze/report.h"
#include "cli/arguments.h"

#define TM_AXIS_OPTION                                                                                                             \
    {                                                                                                                              \
        "x", "WHICH", "charts have runs side by side ('run') or at their times ('time'; default: what suits the runs)"             \
    }

/* 0, or TM_EXIT_TROUBLE after a message. */
int tm_option_axis(const struct tm_arguments *arguments, enum tm_report_axis *axis);

#endif
