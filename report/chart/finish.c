/* gnuplot's SVG is made fit for a page: it gets our style, for light and dark, and loses what the style replaces and what nobody
 * can see. It is read line by line, in the shape in which gnuplot writes it; a line of another shape is copied. */
#include "report/chart/finish.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"

enum { BASELINE = 4 }; /* pixels, of a text of 12 below its middle */

/* "rgb(  0, 114, 178)" as #0072b2: where it ends, or NULL. */
static const char *read_colour(const char *text, char colour[8])
{
    unsigned long parts[3];
    const char *at = text + strlen("rgb(");
    for (int i = 0; i < 3; i++) {
        char *end;
        parts[i] = strtoul(at, &end, 10);
        if (end == at || parts[i] > 255 || *end != (i < 2 ? ',' : ')'))
            return NULL;
        at = end + 1;
    }
    snprintf(colour, 8, "#%02lx%02lx%02lx", parts[0], parts[1], parts[2]);
    return at;
}

/* gnuplot spells colours with blanks that differ from place to place; styles want one spelling, which is never longer. */
static void plain_colours(char *line)
{
    for (char *at = line; (at = strstr(at, "rgb("));) {
        char colour[8];
        const char *end = read_colour(at, colour);
        if (!end)
            return;
        memcpy(at, colour, 7);
        memmove(at + 7, end, strlen(end) + 1);
    }
}

/* Takes what begins and ends so out of a line. */
static void take_out(char *line, const char *begin, const char *end)
{
    char *from = strstr(line, begin), *to = from ? strstr(from + strlen(begin), end) : NULL;
    if (to)
        memmove(from, to + strlen(end), strlen(to + strlen(end)) + 1);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A tenth of a pixel is enough, and what follows a point is a line anyway: "L30.50,252.88" becomes "30.5,252.8". Most of a chart is
 * such numbers: each byte is looked at once. */
static void short_numbers(char *line)
{
    char *to = line, before = ' ';
    for (const char *at = line; *at; before = *at++) {
        if (*at == '.' && is_digit(at[1]) && is_digit(at[2]) && !is_digit(at[3])) {
            *to++ = '.';
            *to++ = at[1];
            at += 2;
        } else if (*at != 'L' || !isspace((unsigned char)before) || !is_digit(at[1])) {
            *to++ = *at;
        }
    }
    *to = '\0';
}

/* Fonts are the style's business. */
static void plain_tags(char *line)
{
    bool has_tags = strchr(line, '<') != NULL;
    if (!has_tags || !strstr(line, "<text>"))
        short_numbers(line);
    if (!has_tags)
        return; /* coordinates */
    take_out(line, "<title>", "</title>");
    take_out(line, "<desc>", "</desc>");
    take_out(line, " font-family=\"", "\"");
    take_out(line, " font-size=\"", "\"");
    plain_colours(line);
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t\r\n")] == '\0';
}

/* One line of the body. A group's head is held back until it is known whether there is anything in the group. false: no memory
 * to hold it. */
static bool put_line(FILE *out, char *line, char **head)
{
    bool opens = strncmp(line, "<g fill=", 8) == 0, closes = strcmp(line, "</g>\n") == 0;
    plain_tags(line);
    if (is_blank(line))
        return true;
    if (*head && closes) {
        free(*head);
        *head = NULL;
        return true;
    }
    if (*head)
        fputs(*head, out);
    free(*head);
    *head = NULL;
    if (opens)
        return (*head = strdup(line)) != NULL;
    fputs(line, out);
    return true;
}

enum tm_finish tm_finish_of_lines(FILE *in, bool whole)
{
    if (!feof(in) && !ferror(in))
        return TM_FINISH_NO_MEMORY;
    return whole && !ferror(in) ? TM_FINISH_WHOLE : TM_FINISH_CUT_SHORT;
}

/* Over everything else; cut where it would meet what else is in its line. */
static void put_name(FILE *out, const struct tm_name *name)
{
    static const char *const anchors[TM_ALIGNS] = {"start", "middle", "end"};
    const char *text = name->text;
    size_t left = strlen(text);
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">", name->x, name->y + BASELINE, anchors[name->align],
            tm_pen_colour(name->pen));
    for (int i = 0; i < TM_NAME_SHOWN && left > 0; i++) {
        bool showable;
        size_t size = tm_next_character(text, left, &showable);
        char one[8] = "";
        memcpy(one, text, size < sizeof one ? size : sizeof one - 1);
        tm_put_xml(out, one);
        text += size, left -= size;
    }
    fputs(left > 0 ? "\u2026</text>\n" : "</text>\n", out);
}

/* The head ends with the first line that is ">" alone; there our attributes and style go in. */
enum tm_finish tm_finish_svg(FILE *in, FILE *out, const char *title, const struct tm_name *names, size_t n_names)
{
    char *line = NULL, *head = NULL;
    size_t size = 0;
    bool is_svg = false, in_body = false, whole = false, kept = true;
    while (kept && getline(&line, &size, in) > 0) {
        bool ends_tag = strcmp(line, ">\n") == 0;
        is_svg |= strncmp(line, "<svg", 4) == 0;
        whole = strncmp(line, "</svg>", 6) == 0 || (whole && is_blank(line));
        if (is_svg && !in_body && ends_tag) {
            in_body = true;
            fputs(" role=\"img\">\n", out);
            fputs("<title>", out);
            tm_put_xml(out, title);
            fputs("</title>\n", out);
            tm_picture_style(out);
        } else {
            for (size_t i = 0; i < n_names && strncmp(line, "</svg>", 6) == 0; i++)
                put_name(out, &names[i]);
            kept = put_line(out, line, &head);
        }
    }
    free(line);
    free(head);
    return kept ? tm_finish_of_lines(in, in_body && whole) : TM_FINISH_NO_MEMORY;
}

/* The first and last eight bytes are kept while the rest passes through. */
enum tm_finish tm_finish_png(FILE *in, FILE *out)
{
    /* The signature of PNG, and its last chunk with its checksum: a file that lacks either is cut short. */
    static const char start[] = "\x89PNG\r\n\x1a\n", end[] = "IEND\xae\x42\x60\x82";
    char bytes[65536], first[8] = "", last[8] = "";
    size_t n, total = 0;
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0) {
        if (total == 0)
            memcpy(first, bytes, n < 8 ? n : 8);
        if (n >= 8)
            memcpy(last, bytes + n - 8, 8);
        else {
            memmove(last, last + n, 8 - n);
            memcpy(last + 8 - n, bytes, n);
        }
        total += n;
        fwrite(bytes, 1, n, out);
    }
    bool whole = memcmp(first, start, 8) == 0 && memcmp(last, end, 8) == 0 && !ferror(in);
    return whole ? TM_FINISH_WHOLE : TM_FINISH_CUT_SHORT;
}

/* The date is a line of its own: its digits become those of a day that says nothing. */
enum tm_finish tm_finish_pdf(FILE *in, FILE *out)
{
    static const char start[] = "%PDF-", end[] = "%%EOF\n", date[] = "   /CreationDate (D:", day[] = "20000101000000";
    bool begun = false, whole = false;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, in)) > 0) {
        size_t at = strlen(date);
        begun = begun || strncmp(line, start, strlen(start)) == 0;
        whole = strcmp(line, end) == 0;
        if ((size_t)length > at + strlen(day) && strncmp(line, date, at) == 0)
            memcpy(line + at, day, strlen(day));
        fwrite(line, 1, (size_t)length, out);
    }
    free(line);
    return tm_finish_of_lines(in, begun && whole);
}
