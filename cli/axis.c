#include "cli/axis.h"

#include <string.h>

int tm_option_axis(const struct tm_arguments *arguments, enum tm_report_axis *axis)
{
    const char *which = tm_option_value(arguments, "x");
    *axis = !which ? TM_AXIS_AUTO : strcmp(which, "run") == 0 ? TM_AXIS_RUN : TM_AXIS_TIME;
    return !which || *axis == TM_AXIS_RUN || strcmp(which, "time") == 0 ? 0 : tm_trouble("unknown --x '%s': run or time", which);
}
