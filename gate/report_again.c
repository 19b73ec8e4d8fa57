/* What is not stored is had by judging the run once more: the passes, which most verdicts are and
 * few readers want, and what the gate would see from here on. */
#include <string.h>

#include "gate/report_reader.h"
#include "gate/session.h"
#include "gate/verdict_row.h"

/* Is every number of it wanted? */
static bool is_explained(const struct tm_report_wish *wish, const char *plugin)
{
    return wish->explain && (!wish->explained || strcmp(wish->explained, plugin) == 0);
}

/* Verdicts that only a fresh judgement has: of young plugins, and of class pass all of them, those of a plugin that is to be
 * explained, or those that say why they pass. */
static int add_unstored(struct tm_report_reader *reader, const struct tm_verdict *verdicts, size_t n,
                        const struct tm_report_wish *wish)
{
    for (size_t i = 0; i < n; i++) {
        const struct tm_verdict *judged = &verdicts[i];
        size_t plugin = tm_report_reader_plugin(reader, judged->plugin_id);
        if ((judged->class != TM_PASS && !judged->young) || plugin == TM_WHOLE_RUN)
            continue;
        bool asked_for = wish->passes || (wish->explained && is_explained(wish, reader->report.plugins[plugin].name));
        if (!asked_for && !judged->young && !judged->why)
            continue;
        struct tm_report_verdict *verdict = tm_report_add_verdict(reader);
        if (!verdict)
            return -1;
        tm_verdict_from_judge(judged, plugin, verdict);
    }
    return 0;
}

/* The session stands behind the run. A plugin that is not in it has no value to start from. */
static void explain(struct tm_report_reader *reader, const struct tm_report_wish *wish, const struct tm_session *session,
                    const struct tm_judgement *judgement)
{
    for (size_t i = 0; i < reader->report.n_verdicts; i++) {
        struct tm_report_verdict *verdict = &reader->report.verdicts[i];
        const struct tm_report_plugin *plugin = verdict->plugin == TM_WHOLE_RUN ? NULL : &reader->report.plugins[verdict->plugin];
        verdict->explained = is_explained(wish, plugin ? plugin->name : "*");
        /* What is judged by itself has no later nights to be told by. */
        if (verdict->explained && plugin && plugin->present && !tm_session_judges_alone(session) && verdict->metric >= 0 &&
            (size_t)verdict->metric < session->rules->n_metrics)
            verdict->reach = tm_reach_of(&session->lineage, session->rules, judgement->metrics_present, judgement->fine_clock,
                                         plugin->id, (size_t)verdict->metric);
    }
}

/* Has the run passes that have a reason, and that are to be told? */
static bool says_why(const struct tm_report_reader *reader, const struct tm_report_wish *wish, bool repeated)
{
    return repeated || (wish->held && reader->report.tally.held > 0);
}

bool tm_report_judges_again(const struct tm_report_reader *reader, const struct tm_report_wish *wish, bool repeated)
{
    bool noted = reader->run->noted.run_id == reader->run->id;
    return wish->passes || wish->explain || (!noted && says_why(reader, wish, repeated));
}

int tm_report_judge_again(struct tm_report_reader *reader, const struct tm_report_wish *wish, bool repeated)
{
    struct tm_session session;
    struct tm_judgement judgement = {0};
    const struct tm_judged_run *run = reader->run;
    if (!tm_report_judges_again(reader, wish, repeated))
        return says_why(reader, wish, repeated) ? add_unstored(reader, run->noted.verdicts, run->noted.n, wish) : 0;
    int result = tm_session_open(&session, reader->store, &reader->settings->rules, run->project_id, run->host_id, run->branch,
                                 reader->settings->base);
    session.threads = reader->settings->threads;
    if (result == 0)
        result = tm_session_judge_again(&session, run->id, run->started_at, &judgement);
    if (result == 0)
        result = add_unstored(reader, judgement.verdicts, judgement.n_verdicts, wish);
    if (result == 0)
        explain(reader, wish, &session, &judgement);
    tm_judgement_free(&judgement);
    tm_session_close(&session);
    return result;
}
