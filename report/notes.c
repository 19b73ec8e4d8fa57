/* Each sort of note has a place of its own in the report; here they are one list: groups, then
 * moves, then alarms that ended. Of these, those are told that nobody ended: who accepts a level
 * knows that. */
#include "report/notes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/plural.h"
#include "report/amount.h"
#include "report/json_members.h"
#include "report/prose.h"
#include "report/words.h"

enum { NAMED = 5 }; /* members of a group that are named: more make no sentence */

/* One of them is not NULL. */
struct note {
    const struct tm_report_group *group;
    const struct tm_report_verdict *taker; /* of a move */
    const struct tm_report_end *end;
};

static bool is_told(const struct tm_report_end *end)
{
    return end->ended && end->raised && strcmp(end->ended, "returned") == 0;
}

static bool is_taker(const struct tm_report_verdict *verdict)
{
    return verdict->moved_with && verdict->class != TM_IMPROVED;
}

/* The note of that number; all NULL, and *number is what is left of it: there are fewer. */
static struct note find_note(const struct tm_report *report, size_t *number)
{
    if (*number < report->n_groups)
        return (struct note){.group = &report->groups[*number]};
    *number -= report->n_groups;
    for (size_t i = 0; i < report->n_verdicts; i++)
        if (is_taker(&report->verdicts[i]) && (*number)-- == 0)
            return (struct note){.taker = &report->verdicts[i]};
    for (size_t i = 0; i < report->n_ends; i++)
        if (is_told(&report->ends[i]) && (*number)-- == 0)
            return (struct note){.end = &report->ends[i]};
    return (struct note){NULL, NULL, NULL};
}

static struct note note_of(const struct tm_report *report, size_t number)
{
    return find_note(report, &number);
}

size_t tm_notes(const struct tm_report *report)
{
    size_t number = SIZE_MAX;
    find_note(report, &number);
    return SIZE_MAX - number;
}

bool tm_note_is_wanted(const struct tm_report *report, size_t note, enum tm_notes_wanted wanted)
{
    return wanted == TM_ALL_NOTES || note_of(report, note).end;
}

const char *tm_note_word(const struct tm_report *report, size_t note)
{
    struct note n = note_of(report, note);
    return n.group ? "together" : n.taker ? "moved" : "closed";
}

/* ---- the sentences ---- */

static const struct tm_report_verdict *member(const struct tm_report *report, const struct tm_report_group *group, size_t plugin)
{
    const struct tm_report_verdict *leader = report->plugins[plugin].leader;
    return leader && leader->group == (int)(group - report->groups) + 1 ? leader : NULL;
}

/* "parse.a +98 %": by how much, where that is a share. */
static void put_member(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    double share = (tm_report_level(report, v) - v->baseline) / fabs(v->baseline);
    fputs(report->plugins[v->plugin].name, out);
    if (isfinite(share))
        fprintf(out, " %+.0f %%", 100 * share);
}

static bool are_times(const struct tm_report *report, const struct tm_report_group *group)
{
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_verdict *v = member(report, group, i);
        if (v && !tm_is_of_times(report, v))
            return false;
    }
    return true;
}

static void put_group(FILE *out, const struct tm_report *report, const struct tm_report_group *group)
{
    size_t named = 0;
    fprintf(out, "%zu plugins whose names begin with '%s' are %s since ", group->n, group->name,
            are_times(report, group) ? "slower" : "worse");
    tm_put_dated_run(out, group->since, group->since_at);
    for (size_t i = 0; i < report->n_plugins && named < NAMED; i++) {
        const struct tm_report_verdict *v = member(report, group, i);
        if (!v)
            continue;
        fputs(named++ == 0 ? ": " : ", ", out);
        put_member(out, report, v);
    }
    if (group->n > named)
        fprintf(out, ", and %zu more", group->n - named);
}

static void put_move(FILE *out, const struct tm_report *report, const struct tm_report_verdict *taker)
{
    fprintf(out, "cost moved from %s to %s: ", report->plugins[taker->moved_with->plugin].name,
            report->plugins[taker->plugin].name);
    tm_put_total_time(out, tm_report_moved_ms(report, taker));
    fputs(" a run, since ", out);
    tm_put_dated_run(out, taker->since, taker->since_at);
}

static void put_end(FILE *out, const struct tm_report *report, const struct tm_report_end *end)
{
    if (end->plugin == TM_WHOLE_RUN)
        fputs("the whole run", out);
    else
        fprintf(out, "%s: %s", report->plugins[end->plugin].name, report->metrics[end->metric].name);
    if (strcmp(end->ended, "returned") == 0)
        fprintf(out, " is back at its level: the alarm of %s closed by itself after ", end->raised);
    else
        fprintf(out, " has a level that decision %" PRId64 " accepts: the alarm of %s ended after ", end->decision, end->raised);
    fprintf(out, "%" PRId64 " run%s", end->runs_open, TM_PLURAL(end->runs_open));
}

char *tm_end_text(const struct tm_report *report, const struct tm_report_end *end)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    put_end(out, report, end);
    return tm_built(&builder);
}

char *tm_note_text(const struct tm_report *report, size_t number)
{
    struct note note = note_of(report, number);
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    if (note.group)
        put_group(out, report, note.group);
    else if (note.taker)
        put_move(out, report, note.taker);
    else if (note.end)
        put_end(out, report, note.end);
    return tm_built(&builder);
}

char *tm_event_text(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    if (verdict->moved_with)
        put_move(out, report, verdict->class == TM_IMPROVED ? verdict->moved_with : verdict);
    else
        put_group(out, report, &report->groups[verdict->group - 1]);
    return tm_built(&builder);
}

/* ---- in each form ---- */

int tm_put_notes(FILE *out, const struct tm_report *report)
{
    int result = 0;
    for (size_t i = 0; i < tm_notes(report); i++) {
        fprintf(out, "%-10s ", tm_note_word(report, i)); /* as wide as the classes of the verdicts above */
        result |= tm_put_owned(out, tm_put_safe, tm_note_text(report, i));
        putc('\n', out);
    }
    return result;
}

int tm_put_notes_markdown(FILE *out, const struct tm_report *report, enum tm_notes_wanted wanted)
{
    const char *before = "\n";
    int result = 0;
    for (size_t i = 0; i < tm_notes(report); i++) {
        if (!tm_note_is_wanted(report, i, wanted))
            continue;
        char *text = tm_note_text(report, i);
        fprintf(out, "%s- %s: ", before, tm_note_word(report, i));
        before = "";
        result |= text ? tm_put_prose(out, text) : -1;
        putc('\n', out);
        free(text);
    }
    return result;
}

static void put_name(FILE *out, const struct tm_report *report, size_t plugin, const char **comma)
{
    fputs(*comma, out);
    tm_put_json(out, plugin == TM_WHOLE_RUN ? "*" : report->plugins[plugin].name);
    *comma = ", ";
}

/* Whom the note is about; of a move, from whom to whom. */
static void put_names(FILE *out, const struct tm_report *report, const struct note *note)
{
    const char *comma = "";
    for (size_t i = 0; note->group && i < report->n_plugins; i++)
        if (member(report, note->group, i))
            put_name(out, report, i, &comma);
    if (note->taker) {
        put_name(out, report, note->taker->moved_with->plugin, &comma);
        put_name(out, report, note->taker->plugin, &comma);
    }
    if (note->end)
        put_name(out, report, note->end->plugin, &comma);
}

static int put_json(FILE *out, const struct tm_report *report, size_t number)
{
    struct note note = note_of(report, number);
    int metric = note.end ? note.end->metric : note.taker ? note.taker->metric : -1;
    const char *run = note.end ? note.end->raised : note.taker ? note.taker->since : note.group ? note.group->since : NULL;
    tm_json_text(out, "\n    {\"note\": ", tm_note_word(report, number));
    fputs(", \"plugins\": [", out);
    put_names(out, report, &note);
    putc(']', out);
    tm_json_text(out, ", \"metric\": ", metric < 0 ? NULL : report->metrics[metric].name);
    tm_json_text(out, ", \"run\": ", run);
    fputs(", \"runs_open\": ", out);
    if (note.end)
        tm_json_count(out, "", note.end->runs_open);
    else
        fputs("null", out);
    tm_json_number(out, ", \"moved_ms\": ", note.taker ? tm_report_moved_ms(report, note.taker) : NAN);
    int result = tm_json_owned(out, ",\n     \"text\": ", tm_note_text(report, number));
    putc('}', out);
    return result;
}

int tm_json_notes(FILE *out, const char *before, const struct tm_report *report)
{
    int result = 0;
    fprintf(out, "%s[", before);
    for (size_t i = 0; i < tm_notes(report); i++) {
        fputs(i ? "," : "", out);
        result |= put_json(out, report, i);
    }
    putc(']', out);
    return result;
}
