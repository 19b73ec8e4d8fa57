/* A picture in pixels, from its upper left corner: lines, areas, marks and short texts of our own, which gnuplot only has to draw.
 * So many panels are one plot command, and the same picture fits every image format. */
#ifndef TM_REPORT_CHART_PICTURE_H
#define TM_REPORT_CHART_PICTURE_H

#include <stdio.h>

#include "report/chart/chart.h"
#include "report/chart/thin.h"

/* In the order in which they are drawn. */
enum tm_ink {
    TM_INK_SHADE, /* areas */
    TM_INK_WEEKS,
    TM_INK_BAND,
    TM_INK_GRID, /* lines */
    TM_INK_AXIS,
    TM_INK_CEILING,
    TM_INK_LIMIT,
    TM_INK_WORSE_SINCE,
    TM_INK_BETTER_SINCE,
    TM_INK_BRIDGE,
    TM_INK_P50,
    TM_INK_P95,
    TM_INK_BESIDE, /* another branch's values */
    TM_INK_WEEK,   /* a line of means, lighter than one of nights */
    TM_INK_VALUES, /* a line of many nights, below their level */
    TM_INK_LEVEL,
    TM_INK_ACCEPTED,
    TM_INK_VALUE, /* a line with a dot for each night */
    TM_INK_RAW,   /* marks */
    TM_INK_BEYOND,
    TM_INK_SUSPECT,
    TM_INK_BETTER,
    TM_INK_WORSE,
    TM_INKS
};

enum tm_pen { TM_PEN_TITLE, TM_PEN_FAINT, TM_PEN_WORSE, TM_PEN_BETTER, TM_PEN_VALUE, TM_PEN_BESIDE, TM_PENS };
enum tm_align { TM_LEFT, TM_CENTER, TM_RIGHT, TM_ALIGNS };

struct tm_stroke {
    float x, y, z; /* z: the other end of an area's edge */
};

struct tm_layer {
    struct tm_stroke *strokes;
    size_t n, room;
};

enum { TM_TEXT_SIZE = 48 }; /* bytes: the longest title and unit */

struct tm_text {
    float x, y;
    enum tm_pen pen;
    enum tm_align align;
    char text[TM_TEXT_SIZE];
};

/* A text from the data; it may be anything, and must outlive the picture. */
struct tm_name {
    double x, y;
    enum tm_pen pen;
    enum tm_align align;
    const char *text;
};

enum {
    TM_NAMES_MOST = TM_PANELS_MOST + 1, /* of panels, and of another branch */
    TM_NAME_SHOWN = 60,                 /* characters, beside a title of 30 */
};

/* A file beside the script: columns x rows cells of four bytes, red, green, blue, alpha. */
struct tm_image {
    const char *file;
    size_t columns, rows;
    double left, top, cell_width, cell_height;
};

enum { TM_IMAGES_MOST = 2 }; /* of a heat map: its cells and its bar of colours */

struct tm_picture {
    int width, height;
    struct tm_layer layers[TM_INKS];
    struct tm_text *texts;
    size_t n_texts, text_room;
    struct tm_name names[TM_NAMES_MOST];
    size_t n_names;
    struct tm_image images[TM_IMAGES_MOST];
    size_t n_images;
    bool failed; /* no memory */
};

/* Drawing adds to the picture. Where there is no memory it sets picture->failed and adds nothing: to be looked at once, at the end.
 * All zero is an empty picture. */

void tm_picture_clear(struct tm_picture *picture); /* keeps its memory for the next one */
void tm_picture_free(struct tm_picture *picture);

/* A mark; a straight line; a rectangle between two of its corners; a line through n points. The ink must be of that kind. */
void tm_picture_point(struct tm_picture *picture, enum tm_ink ink, double x, double y);
void tm_picture_line(struct tm_picture *picture, enum tm_ink ink, double x, double y, double to_x, double to_y);
void tm_picture_area(struct tm_picture *picture, enum tm_ink ink, double x, double y, double to_x, double to_y);
/* An area that goes on from the edge before: between two points, one above the other. `first`: it begins here. */
void tm_picture_edge(struct tm_picture *picture, enum tm_ink ink, double x, double y, double to_y, bool first);
void tm_picture_path(struct tm_picture *picture, enum tm_ink ink, const struct tm_point *points, size_t n);

/* A text beside, on or before a point, at half its height; cut after TM_TEXT_SIZE - 1 bytes. It goes into the script:
 * ours alone, or what chart.c has sifted. */
void tm_picture_text(struct tm_picture *picture, enum tm_pen pen, enum tm_align align, double x, double y, const char *text);

/* A text from the data, at such a point; there is room for TM_NAMES_MOST. It never goes into the script as it is. */
void tm_picture_name(struct tm_picture *picture, const struct tm_name *name);

/* What kind of ink it is; one that is neither draws lines. */
bool tm_ink_is_area(enum tm_ink ink);
bool tm_ink_is_mark(enum tm_ink ink);

/* How wide a text is in pixels, about. */
double tm_text_width(const char *text);

/* The commands that draw it into the file of that name. */
void tm_picture_write(FILE *script, const struct tm_picture *picture, enum tm_chart_medium medium, const char *file);

/* The colour of a text, which the style knows in the dark, too. */
const char *tm_pen_colour(enum tm_pen pen);

/* What browsers need to show the picture in light and dark: elements for the head of an SVG. */
void tm_picture_style(FILE *out);

#endif
