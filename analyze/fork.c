/* A branch starts with its base's levels, so that its first run can be judged at all, and with a
 * clean record: what the base owes is not the branch's fault. */
#include "analyze/fork.h"

int tm_lineage_fork(struct tm_lineage *lineage, const struct tm_rules *rules, int64_t first_at, bool alone)
{
    for (size_t i = 0; i < lineage->n_plugins; i++) {
        struct tm_plugin *plugin = &lineage->plugins[i];
        /* Not only the count goes: with `seen` left, the plugin would be missing again on the
         * branch's first night. */
        if (plugin->presence.missing > 0) {
            plugin->presence.missing = 0;
            plugin->presence.seen = 0;
        }
        for (size_t m = 0; m < rules->n_metrics; m++) {
            if (!tm_series_at(plugin, m))
                continue;
            tm_kept_forgive(tm_series_at(plugin, m), rules->metrics[m].kind);
            if (alone && tm_kept_settle(&plugin->series[m], rules->metrics[m].kind) != 0)
                return -1;
        }
    }
    tm_lineage_forget_run_wide(lineage);
    /* As if the base's last run were just before the branch's first: decisions from then on
     * count for it. */
    lineage->previous_at = first_at - 1;
    lineage->previous_run = 0;
    return 0;
}
