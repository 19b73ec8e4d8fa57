/* Each sort of note has a list of its own in the report; here they are one list. Of alarms that ended, those are told that nobody
 * ended: who accepts a level knows that. */
#include "report/notes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/json_members.h"
#include "report/prose.h"
#include "report/words.h"

static bool is_told(const struct tm_report_end *end)
{
    return end->ended && end->raised && strcmp(end->ended, "returned") == 0;
}

/* The note-th alarm that closed by itself. */
static const struct tm_report_end *end_of(const struct tm_report *report, size_t note)
{
    for (size_t i = 0; i < report->n_ends; i++)
        if (is_told(&report->ends[i]) && note-- == 0)
            return &report->ends[i];
    return NULL;
}

size_t tm_notes(const struct tm_report *report)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_ends; i++)
        n += is_told(&report->ends[i]);
    return n;
}

const char *tm_note_word(const struct tm_report *report, size_t note)
{
    (void)report, (void)note;
    return "closed";
}

static void put_end(FILE *out, const struct tm_report *report, const struct tm_report_end *end)
{
    if (end->plugin == TM_WHOLE_RUN)
        fprintf(out, "the whole run is back at its level: the alarm of %s closed by itself after %" PRId64 " run%s", end->raised,
                end->runs_open, end->runs_open == 1 ? "" : "s");
    else
        fprintf(out, "%s: %s is back at its level: the alarm of %s closed by itself after %" PRId64 " run%s",
                report->plugins[end->plugin].name, report->metrics[end->metric].name, end->raised, end->runs_open,
                end->runs_open == 1 ? "" : "s");
}

char *tm_note_text(const struct tm_report *report, size_t note)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    put_end(out, report, end_of(report, note));
    return tm_close_text(out, &text);
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

int tm_put_notes_markdown(FILE *out, const struct tm_report *report)
{
    int result = 0;
    for (size_t i = 0; i < tm_notes(report); i++) {
        char *text = tm_note_text(report, i);
        fprintf(out, "%s- %s: ", i == 0 ? "\n" : "", tm_note_word(report, i));
        result |= text ? tm_put_prose(out, text) : -1;
        putc('\n', out);
        free(text);
    }
    return result;
}

static int put_json(FILE *out, const struct tm_report *report, size_t note)
{
    const struct tm_report_end *end = end_of(report, note);
    tm_json_text(out, "\n    {\"note\": ", tm_note_word(report, note));
    fputs(", \"plugins\": [", out);
    tm_put_json(out, end->plugin == TM_WHOLE_RUN ? "*" : report->plugins[end->plugin].name);
    putc(']', out);
    tm_json_text(out, ", \"metric\": ", end->metric < 0 ? NULL : report->metrics[end->metric].name);
    tm_json_text(out, ", \"run\": ", end->raised);
    tm_json_count(out, ", \"runs_open\": ", end->runs_open);
    int result = tm_json_owned(out, ",\n     \"text\": ", tm_note_text(report, note));
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
