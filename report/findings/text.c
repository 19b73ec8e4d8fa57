/* Findings for a terminal: numbered, wrapped, nothing in colour. Lines are filled word by word; what may not begin a line sticks to
 * the word before it. */
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "report/findings/findings.h"
#include "report/notes.h"
#include "report/words.h"

enum {
    MARGIN = 3,       /* columns: "1. " */
    LABEL = 11,       /* "diagnosis" and two blanks */
    LEAST_WIDTH = 40, /* a label and some words; a narrower terminal breaks the lines itself */
};

/* ---- lines ---- */

/* In characters: bytes that do not continue one. */
static size_t columns(const char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* No line begins with a unit; nor with what GitHub's runner takes for a command at the beginning of a line: "::" and "##[". */
static bool sticks_to_word_before(const char *word)
{
    static const char *const units[] = {"%", "ms", "s", "KiB", "MiB"};
    size_t size = strcspn(word, " .,;:)");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (size == strlen(units[i]) && strncmp(word, units[i], size) == 0)
            return true;
    return *word == ':' || *word == '#';
}

/* The bytes up to the next blank where a line may end. */
static size_t unbroken(const char *text)
{
    size_t size = strcspn(text, " ");
    while (text[size] && sticks_to_word_before(text + size + strspn(text + size, " "))) {
        size += strspn(text + size, " ");
        size += strcspn(text + size, " ");
    }
    return size;
}

/* Words from column `at` on; further lines begin at `indent`. A word that is too long for a line has it to itself. */
static void put_words(FILE *out, const char *text, size_t at, size_t indent, size_t width)
{
    for (bool first = true; *text; first = false) {
        size_t size = unbroken(text), wide = columns(text, size);
        enum tm_position position = TM_WITHIN_LINE;
        if (!first && at + 1 + wide > width) {
            position = TM_FIRST_IN_LINE; /* behind blanks that nobody sees, two colons are a command too */
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            putc(' ', out);
            at++;
        }
        tm_put_shown(out, text, size, position);
        at += wide;
        text += size + strspn(text + size, " ");
    }
    putc('\n', out);
}

/* The same of a text that may hold anything. 0, or -1: no memory; so do all below. */
static int put_wrapped(FILE *out, const char *text, size_t at, size_t indent, size_t width)
{
    char *safe = tm_safe_text(text);
    if (!safe)
        return -1;
    put_words(out, safe, at, indent, width);
    free(safe);
    return 0;
}

static int put_labelled(FILE *out, const char *label, const char *text, size_t width)
{
    if (!text)
        return 0;
    fprintf(out, "%*s%-*s", MARGIN, "", LABEL, label);
    return put_wrapped(out, text, MARGIN + LABEL, MARGIN + LABEL, width);
}

/* ---- the parts ---- */

static int put_finding(FILE *out, const struct tm_finding *finding, size_t number, size_t width)
{
    int result = 0;
    fprintf(out, "\n%zu. ", number);
    result |= put_wrapped(out, finding->title, MARGIN, MARGIN, width);
    result |= put_labelled(out, "where", finding->where, width);
    result |= put_labelled(out, "evidence", finding->evidence, width);
    result |= put_labelled(out, "diagnosis", finding->diagnosis, width);
    result |= put_labelled(out, "next", finding->next_step, width);
    result |= put_labelled(out, "", finding->command, SIZE_MAX); /* in one line: that can be copied */
    result |= put_labelled(out, "goal", finding->goal, width);
    return result;
}

static void put_head(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    size_t all = findings->n + findings->left_out;
    tm_put_outcome(out, report);
    fputs("  run ", out);
    tm_put_safe(out, report->run->key);
    fputs(" on ", out);
    tm_put_safe(out, report->branch);
    if (all == 0)
        fprintf(out, ": %s\n", tm_nothing_found(report));
    else if (findings->left_out == 0)
        fprintf(out, ": %zu finding%s\n", all, TM_PLURAL(all));
    else
        fprintf(out, ": the first %zu of %zu findings\n", findings->n, all);
}

/* Remarks come as lines. */
static int put_conclusion(FILE *out, const struct tm_report *report, size_t width)
{
    char *remarks = tm_run_remarks(report), *tally = tm_tally_words(&report->tally), *rest = NULL;
    int result = remarks && tally ? 0 : -1;
    for (size_t i = 0; i < tm_notes(report) && result == 0; i++) {
        if (!tm_note_is_wanted(report, i, TM_NOTES_OF_ENDS))
            continue;
        char *note = tm_note_text(report, i);
        result |= note ? put_wrapped(out, note, 0, 0, width) : -1;
        free(note);
    }
    for (char *line = remarks ? strtok_r(remarks, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
        result |= put_wrapped(out, line, 0, 0, width);
    if (tally)
        result |= put_wrapped(out, tally, 0, 0, width);
    free(remarks);
    free(tally);
    return result;
}

int tm_findings_text(FILE *out, const struct tm_report *report, const struct tm_findings *findings, size_t width)
{
    int result = 0;
    width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
    put_head(out, report, findings);
    for (size_t i = 0; i < findings->n; i++)
        result |= put_finding(out, &findings->list[i], i + 1, width);
    if (findings->left_out > 0)
        fprintf(out, "\n%zu more: 'tidemark gate' lists them all\n", findings->left_out);
    if (findings->n_gaps > 0)
        fputs("\nwhat the data lack\n", out);
    for (size_t i = 0; i < findings->n_gaps; i++) {
        fputs(" - ", out);
        result |= put_wrapped(out, findings->gaps[i], MARGIN, MARGIN, width);
    }
    if (findings->n > 0 || findings->n_gaps > 0)
        putc('\n', out);
    return result | put_conclusion(out, report, width);
}
