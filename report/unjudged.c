/* Who was not judged, by reason. In a lineage's first nights that is everybody, for one reason, which the tally has. */
#include <inttypes.h>
#include <string.h>

#include "analyze/detector.h"
#include "report/words.h"

/* So many names tell who it is; a hundred push the verdicts off the screen. */
enum { NAMED = 4 };

/* A line of those that the reason is true of; none of nobody. */
static void put_reason(FILE *out, const struct tm_report *report, const char *why, bool in_part,
                       const struct tm_unjudged_words *words)
{
    int64_t n = 0;
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_plugin *plugin = &report->plugins[i];
        const char *reason = plugin->partly == in_part ? tm_report_why_unjudged(report, plugin) : NULL;
        if (!reason || strcmp(reason, why) != 0 || n++ >= NAMED)
            continue;
        fputs(n > 1 ? ", " : in_part ? words->in_part : words->whole, out);
        words->put_name(out, plugin->name);
    }
    if (n == 0)
        return;
    if (n > NAMED)
        fprintf(out, " and %" PRId64 " more", n - NAMED);
    fputs(": ", out);
    words->put_reason(out, why);
    putc('\n', out);
}

void tm_put_unjudged(FILE *out, const struct tm_report *report, const struct tm_unjudged_words *words)
{
    const struct tm_tally *tally = &report->tally;
    for (size_t i = 0; i < tally->n_reasons && tally->comparable >= TM_DETECTOR_NEEDED; i++) {
        put_reason(out, report, tally->reasons[i].why, false, words);
        put_reason(out, report, tally->reasons[i].why, true, words);
    }
}
