/* What the parts of the judge share. Memory and verdicts are apart: a verdict lives one night, the series it
 * rests on is remembered. */
#include "analyze/judging.h"

struct tm_series *tm_series_of(const struct tm_lineage *lineage, const struct tm_verdict *verdict)
{
    struct tm_plugin *plugin = verdict->metric >= 0 ? tm_lineage_find(lineage, verdict->plugin_id) : NULL;
    return plugin ? plugin->series[verdict->metric] : NULL;
}
