/* Findings for merge requests and step summaries. No name in them may call a person or link an issue: sentences are taken apart
 * where such a sign meets a word. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings/findings.h"
#include "report/notes.h"
#include "report/prose.h"
#include "report/words.h"

/* 0, or -1: no memory; so do all below. */
static int put_item(FILE *out, const char *label, const char *text)
{
    if (!text)
        return 0;
    fprintf(out, "- %s%s", label, *label ? " " : "");
    int result = tm_put_prose(out, text);
    putc('\n', out);
    return result;
}

static int put_finding(FILE *out, const struct tm_finding *finding, size_t number)
{
    int result = 0;
    fprintf(out, "\n### %zu. ", number);
    result |= tm_put_prose(out, finding->title);
    fputs("\n\n", out);
    result |= put_item(out, "**Where:**", finding->where);
    result |= put_item(out, "**Evidence:**", finding->evidence);
    result |= put_item(out, "**Diagnosis:**", finding->diagnosis);
    result |= put_item(out, "**Next:**", finding->next_step);
    if (finding->command) {
        fputs("  <br><code>", out);
        result |= tm_put_prose(out, finding->command);
        fputs("</code>\n", out);
    }
    result |= put_item(out, "**Goal:**", finding->goal);
    return result;
}

static int put_head(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    int result = 0;
    fputs("## Findings: run ", out);
    result |= tm_put_prose(out, report->run->key);
    fputs(" on ", out);
    result |= tm_put_prose(out, report->branch);
    putc('\n', out);
    if (findings->n == 0)
        fprintf(out, "\n%c%s.\n", toupper((unsigned char)*tm_nothing_found(report)), tm_nothing_found(report) + 1);
    else if (findings->left_out > 0)
        fprintf(out, "\nThe first %zu of %zu.\n", findings->n, findings->n + findings->left_out);
    return result;
}

/* Each remark is a paragraph, and so is the tally. */
static int put_conclusion(FILE *out, const struct tm_report *report)
{
    char *remarks = tm_run_remarks(report), *rest = NULL;
    int result = remarks ? tm_put_notes_markdown(out, report, TM_NOTES_OF_ENDS) : -1;
    for (char *line = remarks ? strtok_r(remarks, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
        putc('\n', out);
        tm_put_markdown(out, line);
        putc('\n', out);
    }
    putc('\n', out);
    result |= tm_put_owned(out, tm_put_markdown, tm_tally_words(&report->tally));
    putc('\n', out);
    free(remarks);
    return result;
}

int tm_findings_markdown(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    int result = put_head(out, report, findings);
    for (size_t i = 0; i < findings->n; i++)
        result |= put_finding(out, &findings->list[i], i + 1);
    if (findings->n_gaps > 0)
        fputs("\n### What the data lack\n\n", out);
    for (size_t i = 0; i < findings->n_gaps; i++)
        result |= put_item(out, "", findings->gaps[i]);
    return result | put_conclusion(out, report);
}
