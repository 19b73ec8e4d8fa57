/* One line for a README: as shields.io's endpoint wants it, or drawn. Holds words and counts of ours only, no name. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/forms/forms.h"
#include "report/verdict_fields.h"
#include "report/words.h"

enum { MESSAGE = 160 }; /* bytes: all classes with counts of 20 digits */

#define LABEL "plugins"

struct badge {
    char message[MESSAGE];
    const char *color, *rgb; /* shields.io's name of it; ours, with a contrast to white letters of 5 or more */
};

/* Puts the text behind those that are there, after a comma. */
static void append(struct badge *badge, const char *text)
{
    size_t used = strlen(badge->message);
    snprintf(badge->message + used, sizeof badge->message - used, "%s%s", used ? ", " : "", text);
}

/* The worst first: outcome, then classes that fail, then suspects. Green only where something was judged. */
static struct badge make_badge(const struct tm_report *report)
{
    const struct tm_tally *tally = &report->tally;
    bool failed = strcmp(report->outcome, "fail") == 0, passed = strcmp(report->outcome, "pass") == 0;
    struct badge badge = {.color = "lightgrey", .rgb = "#59636e"};
    passed = passed && tally->judged + tally->partly > 0; /* it may be allowed to have judged nothing */
    if (!failed)
        append(&badge, passed ? "pass" : "not judged");
    else if (tally->plugins == 0)
        append(&badge, "empty run");
    if (tm_fails_as_slow(report))
        append(&badge, "slow run");
    if (tally->run_wide)
        append(&badge, "run-wide regression");
    for (int class = TM_REGRESSED; class >= TM_SUSPECT; class --) {
        char text[40]; /* a count and a name */
        snprintf(text, sizeof text, "%" PRId64 " %s", tally->of[class], tm_class_name((enum tm_class) class));
        if (tally->of[class] > 0)
            append(&badge, text);
    }
    if (failed)
        badge.color = "red", badge.rgb = "#c4281c";
    else if (passed && tally->of[TM_SUSPECT] > 0)
        badge.color = "yellow", badge.rgb = "#8a6100";
    else if (passed)
        badge.color = "brightgreen", badge.rgb = "#1f7a34";
    return badge;
}

int tm_write_badge_json(FILE *out, const struct tm_report *report)
{
    struct badge badge = make_badge(report);
    fprintf(out, "{\"schemaVersion\": 1, \"label\": \"" LABEL "\", \"message\": \"%s\", \"color\": \"%s\"}\n", badge.message,
            badge.color);
    return 0;
}

/* Letters of 11 px in the fonts below are about 6.5 px wide; textLength makes them as wide as the room there is for them. */
static int width_of(const char *text)
{
    return (int)(strlen(text) * 13 / 2);
}

static void put_word(FILE *out, int x, int width, const char *word)
{
    fprintf(out, "    <text x=\"%d\" y=\"14\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\">%s</text>\n", x, width, word);
}

/* As shields.io draws them, so that it stands beside others: a grey label, a coloured message. */
int tm_write_badge_svg(FILE *out, const struct tm_report *report)
{
    struct badge badge = make_badge(report);
    int label = width_of(LABEL), message = width_of(badge.message), split = label + 12, whole = split + message + 12;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"20\" role=\"img\" aria-label=\"" LABEL ": %s\">\n",
            whole, badge.message);
    fprintf(out, "  <title>" LABEL ": %s</title>\n", badge.message);
    fprintf(out, "  <clipPath id=\"round\"><rect width=\"%d\" height=\"20\" rx=\"3\"/></clipPath>\n", whole);
    fprintf(out, "  <g clip-path=\"url(#round)\">\n    <rect width=\"%d\" height=\"20\" fill=\"#3d444d\"/>\n", split);
    fprintf(out, "    <rect x=\"%d\" width=\"%d\" height=\"20\" fill=\"%s\"/>\n  </g>\n", split, whole - split, badge.rgb);
    fputs("  <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,Geneva,sans-serif\" font-size=\"11\">\n", out);
    put_word(out, 6, label, LABEL);
    put_word(out, split + 6, message, badge.message);
    fputs("  </g>\n</svg>\n", out);
    return 0;
}
