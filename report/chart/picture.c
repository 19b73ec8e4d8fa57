/* A picture is collected in layers, one for each ink, and written as a single plot command with an element for each layer: gnuplot
 * then has no more to do for many panels than for one. */
#include "report/chart/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum ink_kind { AREA, LINE, MARK };

/* Colours are Okabe and Ito's, darkened where they are thin; no two inks differ by colour alone. The second colour is that on a
 * dark ground. The style of an SVG recolours by the first one, so no two inks may share it: neighbours differ by one in the last
 * digit. Widths (lw), sizes (ps), dashes (dt) and shapes (pt) are gnuplot's, chosen by eye. */
static const struct {
    enum ink_kind kind;
    const char *style, *light, *dark;
} inks[TM_INKS] = {
    [TM_INK_SHADE] = {AREA, "filledcurves", "#ececec", "#2f2f33"},
    [TM_INK_BAND] = {AREA, "filledcurves", "#d5e5f1", "#1d3a50"},
    [TM_INK_WEEKS] = {AREA, "filledcurves", "#e6eef5", "#1b2e3d"},
    [TM_INK_GRID] = {LINE, "lines lw 0.6 dt 1", "#d9d9d9", "#3c3c42"},
    [TM_INK_AXIS] = {LINE, "lines lw 0.8 dt 1", "#8c8c8c", "#77777f"},
    [TM_INK_CEILING] = {LINE, "lines lw 1.6 dt (6,3)", "#a8508c", "#e39ccb"},
    [TM_INK_LIMIT] = {LINE, "lines lw 1.6 dt (2,2)", "#b42318", "#ff8f85"},
    [TM_INK_WORSE_SINCE] = {LINE, "lines lw 1.4 dt 1", "#d55e01", "#ff8f45"},
    [TM_INK_BETTER_SINCE] = {LINE, "lines lw 1.4 dt (8,4)", "#008a64", "#35cf9f"},
    [TM_INK_BRIDGE] = {LINE, "lines lw 0.9 dt (1.5,3)", "#7c9bb0", "#7d99ad"},
    [TM_INK_P50] = {LINE, "lines lw 0.9 dt (1.5,2.5)", "#3d7f96", "#7fc4da"},
    [TM_INK_P95] = {LINE, "lines lw 0.9 dt (5,2.5)", "#3d7f97", "#7fc4db"},
    [TM_INK_BESIDE] = {LINE, "lines lw 1.3 dt 1", "#7a5cc0", "#b79cf2"},
    [TM_INK_VALUE] = {LINE, "lines lw 0.7 dt 1", "#0072b2", "#5cb8ee"},
    [TM_INK_WEEK] = {LINE, "lines lw 0.9 dt 1", "#7db3d8", "#3f7ea8"},
    [TM_INK_VALUES] = {LINE, "lines lw 0.6 dt 1", "#2f86bd", "#4a9fd0"},
    [TM_INK_LEVEL] = {LINE, "lines lw 1.5 dt 1", "#1a1a1b", "#f2f2f3"},
    [TM_INK_ACCEPTED] = {LINE, "lines lw 4 dt 1", "#008a65", "#35cf9e"},
    [TM_INK_RAW] = {MARK, "points pt 6 ps 0.75 lw 1.2", "#0072b1", "#5cb8ed"},
    [TM_INK_BEYOND] = {MARK, "points pt 2 ps 0.7 lw 1.2", "#0072b0", "#5cb8ec"},
    [TM_INK_SUSPECT] = {MARK, "points pt 12 ps 0.85 lw 1.2", "#8a5a00", "#f0b840"},
    [TM_INK_BETTER] = {MARK, "points pt 11 ps 1", "#008a66", "#35cf9d"},
    [TM_INK_WORSE] = {MARK, "points pt 9 ps 1", "#d55e00", "#ff8f44"},
};

static const struct {
    const char *light, *dark;
} pens[TM_PENS] = {
    [TM_PEN_TITLE] = {"#1a1a1a", "#f2f2f2"},  [TM_PEN_FAINT] = {"#636363", "#a9a9b0"}, [TM_PEN_WORSE] = {"#b34f00", "#ff9d5c"},
    [TM_PEN_BETTER] = {"#00704f", "#4fd8ae"}, [TM_PEN_VALUE] = {"#00639b", "#7cc6f2"}, [TM_PEN_BESIDE] = {"#6344a8", "#c4aef5"},
};

static const char ground_light[] = "#ffffff", ground_dark[] = "#1b1f24";

bool tm_ink_is_area(enum tm_ink ink)
{
    return inks[ink].kind == AREA;
}

bool tm_ink_is_mark(enum tm_ink ink)
{
    return inks[ink].kind == MARK;
}

void tm_picture_clear(struct tm_picture *picture)
{
    for (int i = 0; i < TM_INKS; i++)
        picture->layers[i].n = 0;
    picture->n_texts = 0;
    picture->n_names = 0;
    picture->n_images = 0;
}

void tm_picture_free(struct tm_picture *picture)
{
    for (int i = 0; i < TM_INKS; i++)
        free(picture->layers[i].strokes);
    free(picture->texts);
    *picture = (struct tm_picture){0};
}

/* z: the other end of an edge, for areas. */
static void stroke(struct tm_picture *picture, enum tm_ink ink, double x, double y, double z)
{
    struct tm_layer *layer = &picture->layers[ink];
    if (tm_array_reserve(&layer->strokes, &layer->room, layer->n + 1, sizeof *layer->strokes) != 0)
        picture->failed = true;
    else
        layer->strokes[layer->n++] = (struct tm_stroke){(float)x, (float)y, (float)z};
}

/* A point of NAN, which gnuplot does not connect: what follows is another line. */
static void lift_pen(struct tm_picture *picture, enum tm_ink ink)
{
    if (picture->layers[ink].n > 0)
        stroke(picture, ink, NAN, NAN, NAN);
}

void tm_picture_point(struct tm_picture *picture, enum tm_ink ink, double x, double y)
{
    stroke(picture, ink, x, y, y);
}

void tm_picture_line(struct tm_picture *picture, enum tm_ink ink, double x, double y, double to_x, double to_y)
{
    lift_pen(picture, ink);
    stroke(picture, ink, x, y, y);
    stroke(picture, ink, to_x, to_y, to_y);
}

void tm_picture_area(struct tm_picture *picture, enum tm_ink ink, double x, double y, double to_x, double to_y)
{
    lift_pen(picture, ink);
    stroke(picture, ink, x, y, to_y);
    stroke(picture, ink, to_x, y, to_y);
}

void tm_picture_edge(struct tm_picture *picture, enum tm_ink ink, double x, double y, double to_y, bool first)
{
    if (first)
        lift_pen(picture, ink);
    stroke(picture, ink, x, y, to_y);
}

void tm_picture_path(struct tm_picture *picture, enum tm_ink ink, const struct tm_point *points, size_t n)
{
    lift_pen(picture, ink);
    for (size_t i = 0; i < n; i++)
        stroke(picture, ink, points[i].x, points[i].y, points[i].y);
}

void tm_picture_text(struct tm_picture *picture, enum tm_pen pen, enum tm_align align, double x, double y, const char *text)
{
    if (tm_array_reserve(&picture->texts, &picture->text_room, picture->n_texts + 1, sizeof *picture->texts) != 0) {
        picture->failed = true;
        return;
    }
    struct tm_text *one = &picture->texts[picture->n_texts++];
    *one = (struct tm_text){.x = (float)x, .y = (float)y, .pen = pen, .align = align};
    snprintf(one->text, sizeof one->text, "%s", text);
}

void tm_picture_name(struct tm_picture *picture, const struct tm_name *name)
{
    if (picture->n_names < TM_NAMES_MOST)
        picture->names[picture->n_names++] = *name;
}

/* In pixels, of a rather wide font at 12 px: better too much room than too little. */
double tm_text_width(const char *text)
{
    double width = 0;
    for (; *text; text++)
        width += strchr("mwMW%", *text) ? 11 : strchr("ijlt.,:;|()[] -fr", *text) ? 4.5 : *text >= 'A' && *text <= 'Z' ? 8.5 : 7.5;
    return width;
}

const char *tm_pen_colour(enum tm_pen pen)
{
    return pens[pen].light;
}

static bool has_text(const struct tm_picture *picture, int pen, int align)
{
    for (size_t i = 0; i < picture->n_texts; i++)
        if ((int)picture->texts[i].pen == pen && (int)picture->texts[i].align == align)
            return true;
    return false;
}

/* One element of the plot command for each layer and for each kind of text. */
static void write_plot(FILE *script, const struct tm_picture *picture, bool svg)
{
    static const char *const aligns[TM_ALIGNS] = {"left", "center", "right"};
    const bool dotted = !svg; /* the style of an SVG makes dots, and titles bold */
    const char *before = "plot ";
    for (size_t i = 0; i < picture->n_images; i++) {
        const struct tm_image *image = &picture->images[i];
        fprintf(script, "%s'%s' binary array=(%zu,%zu) dx=%.9g dy=%.9g origin=(%.9g,%.9g) format='%%uchar' with rgbalpha", before,
                image->file, image->columns, image->rows, image->cell_width, image->cell_height,
                image->left + image->cell_width / 2, image->top + image->cell_height / 2);
        before = ", ";
    }
    for (int ink = 0; ink < TM_INKS; ink++) {
        if (picture->layers[ink].n == 0)
            continue;
        bool area = inks[ink].kind == AREA;
        fprintf(script, "%s'-' binary record=%zu format='%%float%%float%s' using 1:2%s with %s%s lc rgb '%s'", before,
                picture->layers[ink].n, area ? "%float" : "", area ? ":3" : "",
                ink == TM_INK_VALUE && dotted ? "linespoints pt 7 ps 0.3 " : "",
                ink == TM_INK_VALUE && dotted ? strchr(inks[ink].style, ' ') : inks[ink].style, inks[ink].light);
        before = ", ";
    }
    for (int pen = 0; pen < TM_PENS; pen++)
        for (int align = 0; align < TM_ALIGNS; align++)
            if (has_text(picture, pen, align)) {
                fprintf(script, "%s'-' using 1:2:3 with labels %s tc rgb '%s'%s", before, aligns[align], pens[pen].light,
                        pen == TM_PEN_TITLE && !svg ? " font 'sans-serif:Bold,9'" : "");
                before = ", ";
            }
    putc('\n', script);
}

/* What the elements of the plot command read, in the same order. */
static void write_data(FILE *script, const struct tm_picture *picture)
{
    for (int ink = 0; ink < TM_INKS; ink++)
        for (size_t i = 0; i < picture->layers[ink].n; i++)
            fwrite(&picture->layers[ink].strokes[i], sizeof(float), inks[ink].kind == AREA ? 3 : 2, script);
    for (int pen = 0; pen < TM_PENS; pen++)
        for (int align = 0; align < TM_ALIGNS; align++) {
            if (!has_text(picture, pen, align))
                continue;
            for (size_t i = 0; i < picture->n_texts; i++) {
                const struct tm_text *text = &picture->texts[i];
                if ((int)text->pen == pen && (int)text->align == align)
                    fprintf(script, "%.1f %.1f \"%s\"\n", (double)text->x, (double)text->y, text->text);
            }
            fputs("e\n", script);
        }
}

/* PNG is drawn at twice the size, for screens that have the pixels; of a PDF a pixel is a 96th of an inch, as on screens. */
static void write_terminal(FILE *script, const struct tm_picture *picture, enum tm_chart_medium medium)
{
    int width = picture->width, height = picture->height;
    if (medium == TM_CHART_PNG)
        fprintf(script, "set terminal pngcairo size %d,%d noenhanced font 'sans-serif,9' fontscale 2 linewidth 2 pointscale 2.4",
                2 * width, 2 * height);
    else if (medium == TM_CHART_PDF)
        fprintf(
            script,
            "set terminal pdfcairo size %.4fin,%.4fin noenhanced font 'sans-serif,9' fontscale 0.75 linewidth 1.3 pointscale 0.9",
            width / 96.0, height / 96.0);
    else
        fprintf(script, "set terminal svg size %d,%d noenhanced font 'sans-serif,12'", width, height);
    fprintf(script, " background '%s'\n", ground_light);
}

/* gnuplot gets an empty frame in pixels, with y downwards. */
void tm_picture_write(FILE *script, const struct tm_picture *picture, enum tm_chart_medium medium, const char *file)
{
    write_terminal(script, picture, medium);
    fprintf(script,
            "set output '%s'\nunset key\nunset border\nunset tics\n"
            "set lmargin at screen 0\nset rmargin at screen 1\nset bmargin at screen 0\nset tmargin at screen 1\n"
            "set xrange [0:%d]\nset yrange [%d:0]\n",
            file, picture->width, picture->height);
    write_plot(script, picture, medium == TM_CHART_SVG);
    write_data(script, picture);
}

static void recolour(FILE *out, const char *attribute, const char *light, const char *dark)
{
    fprintf(out, "[%s='%s']{%s:%s}\n", attribute, light, attribute, dark);
}

void tm_picture_style(FILE *out)
{
    static const char *const attributes[] = {[AREA] = "fill", [LINE] = "stroke", [MARK] = "color"};
    fprintf(out,
            "<style>\n"
            "text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif}\n"
            "[fill='%s']{font-weight:600}text{font-weight:inherit}\n"
            "image{image-rendering:pixelated}\n"
            "path[stroke='%s']{marker:url(#dot)}#dot{fill:%s}\n"
            "@media screen and (prefers-color-scheme:dark){\n#dot{fill:%s}\n",
            pens[TM_PEN_TITLE].light, inks[TM_INK_VALUE].light, inks[TM_INK_VALUE].light, inks[TM_INK_VALUE].dark);
    recolour(out, "fill", ground_light, ground_dark);
    for (int ink = 0; ink < TM_INKS; ink++)
        recolour(out, attributes[inks[ink].kind], inks[ink].light, inks[ink].dark);
    for (int pen = 0; pen < TM_PENS; pen++)
        recolour(out, "fill", pens[pen].light, pens[pen].dark);
    fputs("}\n</style>\n"
          "<defs><marker id='dot' markerUnits='userSpaceOnUse' markerWidth='4' markerHeight='4' refX='2' refY='2'>"
          "<circle cx='2' cy='2' r='1.5'/></marker></defs>\n",
          out);
}
