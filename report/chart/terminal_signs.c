/* The lines that gnuplot has written are read again: each sign gets its colour, or its place in ASCII, and the key names those that
 * occurred. */
#include "report/chart/terminal_signs.h"

#include <stdlib.h>
#include <string.h>

enum {
    USUAL_WIDTH = 100, /* where nobody says how large the terminal is */
    USUAL_HEIGHT = 20,
    LEAST_WIDTH = 40, /* labels and 17 columns of a chart */
    LEAST_HEIGHT = 8, /* flags, dates and three rows */
    MOST = 500,       /* wider and higher only to gnuplot's harm */
};

static const struct {
    const char *sign, *ascii, *colour, *words;
} signs[TM_SIGNS] = {
    [TM_SIGN_WEEKS] = {"\u2591", ",", "2", "a week's nights"},                  /* a light shade */
    [TM_SIGN_WEEK] = {"\u00b7", ".", "34", "a week's mean"},                    /* a dot at half height */
    [TM_SIGN_LEVEL] = {"\u2500", "-", "1", "level (median)"},                   /* a line */
    [TM_SIGN_ACCEPTED] = {"\u2550", "#", "1;32", "accepted level"},             /* a double line */
    [TM_SIGN_CEILING] = {"\u2504", "=", "35", "waived up to"},                  /* a dashed line */
    [TM_SIGN_LIMIT] = {"\u2508", "_", "31", "limit"},                           /* a dotted line */
    [TM_SIGN_WORSE_SINCE] = {"\u2502", "|", "31", "worse since"},               /* an upright line */
    [TM_SIGN_BETTER_SINCE] = {"\u2506", ":", "32", "better since"},             /* a dashed one */
    [TM_SIGN_BESIDE] = {"\u25aa", "+", "36", "the other branch"},               /* a small square */
    [TM_SIGN_NIGHT] = {"\u2022", "*", "34", "night"},                           /* a bullet */
    [TM_SIGN_RAW] = {"\u25cb", "o", "34", "as measured in a slow or fast run"}, /* a circle */
    [TM_SIGN_BEYOND] = {"\u00d7", "x", "34", "beyond the scale"},
    [TM_SIGN_SUSPECT] = {"\u25c7", "?", "33", "suspect"}, /* a diamond */
    [TM_SIGN_BETTER] = {"\u25bc", "v", "32", "improved"}, /* triangles */
    [TM_SIGN_WORSE] = {"\u25b2", "^", "1;31", "regressed"},
};

const char *tm_sign(enum tm_sign sign)
{
    return signs[sign].sign;
}

static int clamped(int value, int usual, int least)
{
    return value <= 0 ? usual : value < least ? least : value > MOST ? MOST : value;
}

int tm_terminal_width(const struct tm_chart_wish *wish)
{
    return clamped(wish->width, USUAL_WIDTH, LEAST_WIDTH);
}

int tm_terminal_height(const struct tm_chart_wish *wish)
{
    return clamped(wish->height, USUAL_HEIGHT, LEAST_HEIGHT);
}

static void put_shown(FILE *out, int sign, const struct tm_chart_wish *wish)
{
    const char *shown = wish->ascii ? signs[sign].ascii : signs[sign].sign;
    if (wish->colour)
        fprintf(out, "\033[%sm%s\033[0m", signs[sign].colour, shown);
    else
        fputs(shown, out);
}

/* Signs are found as gnuplot wrote them, and replaced by what this terminal shows. */
static void put_line(FILE *out, const char *line, const struct tm_chart_wish *wish, bool used[TM_SIGNS])
{
    while (*line) {
        int sign = 0; /* that the line goes on with; TM_SIGNS: none */
        while (sign < TM_SIGNS && strncmp(line, signs[sign].sign, strlen(signs[sign].sign)) != 0)
            sign++;
        if (sign == TM_SIGNS) {
            putc(*line++, out);
            continue;
        }
        put_shown(out, sign, wish);
        used[sign] = true;
        line += strlen(signs[sign].sign);
    }
    putc('\n', out);
}

/* The key of the signs that occurred, as many in a line as fit. */
static void put_key(FILE *out, const struct tm_chart_wish *wish, const bool used[TM_SIGNS])
{
    int width = tm_terminal_width(wish), taken = 0;
    for (int sign = TM_SIGNS - 1; sign >= 0; sign--) {
        int size = (int)strlen(signs[sign].words) + 4;
        if (!used[sign])
            continue;
        if (taken > 0 && taken + size > width)
            putc('\n', out), taken = 0;
        if (taken > 0)
            fputs("  ", out);
        put_shown(out, sign, wish);
        fprintf(out, " %s", signs[sign].words);
        taken += size;
    }
    if (taken > 0)
        putc('\n', out);
}

/* Blank lines are held back, so that none stand at the beginning and the end. */
enum tm_finish tm_finish_terminal(FILE *in, FILE *out, const struct tm_chart_wish *wish)
{
    bool used[TM_SIGNS] = {false};
    char *line = NULL;
    size_t size = 0, blank = 0, lines = 0;
    ssize_t length;
    while ((length = getline(&line, &size, in)) > 0) {
        while (length > 0 && strchr(" \r\n\f", line[length - 1]))
            line[--length] = '\0';
        if (length == 0) {
            blank++;
            continue;
        }
        for (; blank > 0; blank--)
            if (lines > 0)
                putc('\n', out);
        put_line(out, line + strspn(line, "\f"), wish, used);
        lines++;
    }
    put_key(out, wish, used);
    free(line);
    return tm_finish_of_lines(in, lines > 0);
}
