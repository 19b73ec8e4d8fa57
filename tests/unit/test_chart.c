/* Charts drawn by gnuplot from made-up reports, and what gnuplot gets to see of them. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/escape.h"
#include "report/chart/chart.h"

enum { DAY = 86400, START = 1795140000, CHART_MOST = 80 * 1024, MAP_MOST = 1536 * 1024, PATH_SIZE = 1200 };

/* ---- places ---- */

static char scratch[512], saved_path[4096];

static const char *in(const char *directory, const char *name)
{
    static char paths[4][PATH_SIZE];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_SIZE, "%s/%s/%s", scratch, directory, name);
    return path;
}

static void empty(const char *directory)
{
    DIR *dir = opendir(in(directory, ""));
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        unlink(in(directory, entry->d_name));
    if (dir)
        closedir(dir);
}

static size_t count(const char *directory)
{
    size_t n = 0;
    DIR *dir = opendir(in(directory, ""));
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

/* out: charts; again: charts once more; tmp: $TMPDIR; bin: gnuplots of ours; kept: what they have kept. */
static const char *const places[] = {"out", "again", "tmp", "bin", "kept"};
enum { N_PLACES = sizeof places / sizeof *places };

static int make_places(void **state)
{
    const char *parent = getenv("TMPDIR"), *path = getenv("PATH");
    (void)state;
    snprintf(scratch, sizeof scratch, "%s/charts.XXXXXX", parent ? parent : "/tmp");
    snprintf(saved_path, sizeof saved_path, "%s", path ? path : "/usr/bin:/bin");
    if (!mkdtemp(scratch))
        return -1;
    for (size_t i = 0; i < N_PLACES; i++)
        if (mkdir(in(places[i], ""), 0700) != 0)
            return -1;
    return setenv("TMPDIR", in("tmp", ""), 1);
}

static int remove_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PLACES; i++) {
        empty(places[i]);
        rmdir(in(places[i], ""));
    }
    return rmdir(scratch);
}

static int clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PLACES; i++)
        empty(places[i]);
    return setenv("PATH", saved_path, 1);
}

/* From now on gnuplot is this shell script. */
static void play_gnuplot(const char *script)
{
    char path[sizeof saved_path + PATH_SIZE];
    FILE *out = fopen(in("bin", "gnuplot"), "w");
    assert_non_null(out);
    fprintf(out, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(in("bin", "gnuplot"), 0700), 0);
    snprintf(path, sizeof path, "%s:%s", in("bin", ""), saved_path);
    assert_int_equal(setenv("PATH", path, 1), 0);
}

static char *read_all(const char *path, size_t *size)
{
    char *bytes = NULL;
    char chunk[65536];
    size_t n, room = 0;
    FILE *file = fopen(path, "r"), *out = open_memstream(&bytes, &room);
    if (!file)
        fail_msg("no '%s'", path);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        fwrite(chunk, 1, n, out);
    fclose(file);
    fclose(out);
    *size = room;
    return bytes;
}

/* ---- a report ---- */

#define HOSTILE "evil\"'`%s\\n\";system('touch owned');"

static const char *const metric_names[] = {
    "wall_per_call_ms", "cpu_per_call_ms", "wall_p50_ms", "wall_p95_ms", "peak_mem_kb", "mem_delta_per_call_kb",
    "error_rate",       HOSTILE "1",       HOSTILE "2",   HOSTILE "3",   HOSTILE "4",   HOSTILE "5"};
enum { N_METRICS = sizeof metric_names / sizeof *metric_names, OWN = 7 };

static double next_random(void)
{
    static uint64_t state = 11;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static void make_metrics(struct tm_report *report, size_t n)
{
    static struct tm_report_metric metrics[N_METRICS];
    report->metrics = metrics, report->n_metrics = n;
    for (size_t m = 0; m < n; m++)
        report->metrics[m] = (struct tm_report_metric){
            .name = metric_names[m], .unit = HOSTILE, .kind = m == 6 ? TM_METRIC_ERRORS : TM_METRIC_RATIO, .judged = true};
}

/* Noise, a step in the middle, every fiftieth night suspect, every hundredth slow. */
static void make_plugin(struct tm_report *report, size_t p)
{
    struct tm_report_plugin *plugin = &report->plugins[p];
    size_t n = report->n_runs, middle = n / 2;
    *plugin = (struct tm_report_plugin){
        .id = (int64_t)p + 1, .number = (int64_t)p + 1, .name = HOSTILE, .present = true, .first_event = report->n_events};
    plugin->values = calloc(report->n_metrics * n, sizeof *plugin->values);
    for (size_t m = 0; m < report->n_metrics; m++)
        for (size_t r = 0; r < n; r++)
            plugin->values[m * n + r] = (double)(10 * (m + 1)) * (1 + next_random()) * (r < middle ? 1 : 3);
    for (size_t m = 0; m < report->n_metrics; m++)
        for (size_t r = 0; r < n; r++) {
            bool step = r == middle + 1;
            if (r % 50 == 7 || step)
                report->events[report->n_events++] = (struct tm_report_event){.plugin = p,
                                                                              .metric = (int)m,
                                                                              .run = (int)r,
                                                                              .since_run = step ? (int)middle : -1,
                                                                              .class = step ? TM_REGRESSED : TM_SUSPECT,
                                                                              .kind = "step",
                                                                              .since = HOSTILE,
                                                                              .since_commit = HOSTILE,
                                                                              .good_commit = HOSTILE,
                                                                              .signal = HOSTILE,
                                                                              .baseline = (double)(15 * (m + 1)),
                                                                              .effect = 2};
        }
    plugin->n_events = report->n_events - plugin->first_event;
}

static struct tm_report *make_report(size_t n_plugins, size_t n_runs, size_t n_metrics)
{
    struct tm_report *report = calloc(1, sizeof *report);
    report->project = report->branch = report->host = report->version = HOSTILE;
    report->n_runs = n_runs;
    report->runs = calloc(n_runs, sizeof *report->runs);
    for (size_t r = 0; r < n_runs; r++)
        report->runs[r] = (struct tm_report_run){.id = (int64_t)r + 1,
                                                 .started_at = START + (int64_t)r * DAY,
                                                 .key = HOSTILE,
                                                 .commit = HOSTILE,
                                                 .factor = r % 100 == 30 ? 0.25 : NAN};
    report->run = &report->runs[n_runs - 1];
    make_metrics(report, n_metrics);
    report->n_plugins = n_plugins;
    report->plugins = calloc(n_plugins, sizeof *report->plugins);
    report->events = calloc(n_plugins * n_metrics * (n_runs / 50 + 3), sizeof *report->events);
    for (size_t p = 0; p < n_plugins; p++)
        make_plugin(report, p);
    report->decisions = calloc(2, sizeof *report->decisions);
    report->n_decisions = 2;
    report->decisions[0] = (struct tm_report_decision){
        .kind = TM_WAIVE, .ceiling = 1.5, .made_run = (int)(n_runs / 2), .reason = HOSTILE, .issue = HOSTILE, .made_by = HOSTILE};
    report->decisions[1] = (struct tm_report_decision){
        .kind = TM_ACCEPT, .metric = 1, .from_run = (int)(n_runs / 2), .made_run = (int)n_runs - 1, .reason = HOSTILE};
    return report;
}

static void free_report(struct tm_report *report)
{
    for (size_t p = 0; p < report->n_plugins; p++)
        free(report->plugins[p].values);
    free(report->plugins);
    free(report->events);
    free(report->decisions);
    free(report->runs);
    free(report);
}

/* The folder is open, as the page's is. */
static int charts_in(const char *place, const struct tm_report *report, struct tm_chart_extent *extents, char *message)
{
    int folder = open(in(place, ""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = tm_charts_of_report(report, TM_CHARTS_ALL, folder, extents, message);
    if (folder >= 0)
        close(folder);
    return result;
}

static void draw(const struct tm_report *report, const char *place)
{
    char message[TM_CHART_MESSAGE] = "";
    if (charts_in(place, report, NULL, message) != 0)
        fail_msg("%s", message);
    assert_int_equal(count("tmp"), 0);
}

/* ---- what comes out ---- */

static void expect_svg(const char *name, size_t most, int width, int height, const char *title)
{
    char head[64];
    size_t size;
    char *bytes = read_all(in("out", name), &size);
    if (size > most)
        fail_msg("%s: %zu bytes", name, size);
    assert_true(size > 8 && strcmp(bytes + size - 7, "</svg>\n") == 0);
    snprintf(head, sizeof head, "width=\"%d\" height=\"%d\"", width, height);
    if (!strstr(bytes, head) || !strstr(bytes, title) || !strstr(bytes, "screen and (prefers-color-scheme:dark)"))
        fail_msg("%s: %.400s", name, bytes);
    assert_null(strstr(bytes, "evil\""));
    assert_null(strcasestr(bytes, "produced by"));
    assert_null(strstr(bytes, "rgb("));
    free(bytes);
}

static void whole_and_small(size_t n_runs)
{
    struct tm_report *report = make_report(3, n_runs, N_METRICS);
    struct tm_chart_extent extents[3] = {{0}};
    char message[TM_CHART_MESSAGE];
    struct tm_chart_extent drawn;
    assert_int_equal(charts_in("out", report, extents, message), 0);
    assert_int_equal(count("out"), 4);
    for (size_t p = 0; p < 3; p++) {
        char name[32], title[256] = "";
        tm_chart_file(&report->plugins[p], name);
        assert_true(tm_chart_size(report, &report->plugins[p], &drawn));
        assert_memory_equal(&extents[p], &drawn, sizeof drawn);
        FILE *out = fmemopen(title, sizeof title, "w");
        fputs("<title>", out);
        tm_put_xml(out, report->plugins[p].name);
        fputs("</title>", out);
        fclose(out);
        expect_svg(name, CHART_MOST, drawn.width, drawn.height, title);
    }
    struct tm_heatmap map = tm_heatmap_of(report);
    expect_svg("heatmap.svg", MAP_MOST, map.width, map.height, "<title>Heat map</title>");
    free_report(report);
}

static void charts_of_few_nights(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        whole_and_small(n);
        empty("out");
    }
}

static void charts_of_a_year(void **state)
{
    (void)state;
    whole_and_small(365);
}

static void charts_of_5000_nights(void **state)
{
    (void)state;
    whole_and_small(5000);
}

static void the_same_bytes_twice(void **state)
{
    static const char *const names[] = {"p1.svg", "p2.svg", "heatmap.svg"};
    struct tm_report *report = make_report(2, 90, N_METRICS);
    (void)state;
    draw(report, "out");
    draw(report, "again");
    for (size_t i = 0; i < 3; i++) {
        size_t size, size_again;
        char *bytes = read_all(in("out", names[i]), &size), *again = read_all(in("again", names[i]), &size_again);
        assert_int_equal(size, size_again);
        assert_memory_equal(bytes, again, size);
        free(bytes);
        free(again);
    }
    free_report(report);
}

static void a_plugin_without_values_has_no_chart(void **state)
{
    struct tm_report *report = make_report(2, 30, 2);
    struct tm_chart_extent drawn;
    (void)state;
    for (size_t i = 0; i < 60; i++)
        report->plugins[0].values[i] = NAN;
    assert_false(tm_chart_size(report, &report->plugins[0], &drawn));
    draw(report, "out");
    assert_int_equal(count("out"), 2);
    free(report->plugins[0].values);
    report->plugins[0].values = NULL;
    assert_false(tm_chart_size(report, &report->plugins[0], &drawn));
    free_report(report);
}

static void extreme_values(void **state)
{
    static const double rows[] = {0, -1, 1e-300, 1e300, -1e300, INFINITY, 1.7e308};
    struct tm_report *report = make_report(sizeof rows / sizeof *rows, 40, N_METRICS);
    (void)state;
    for (size_t p = 0; p < report->n_plugins; p++)
        for (size_t i = 0; i < N_METRICS * report->n_runs; i++)
            report->plugins[p].values[i] = i % 3 == 0 ? rows[p] : i % 3 == 1 ? rows[p] / 2 : NAN;
    draw(report, "out");
    assert_true(count("out") >= report->n_plugins);
    free_report(report);
}

static void a_large_heat_map(void **state)
{
    struct tm_report *report = make_report(400, 365, 1);
    struct tm_heatmap map = tm_heatmap_of(report);
    (void)state;
    assert_true(map.n_rows == 400 && map.n_columns == 365 && map.first_run == 0);
    assert_true(map.left + map.cell_width * 365 < map.width && map.top + map.cell_height * 400 < map.height);
    draw(report, "out");
    expect_svg("heatmap.svg", MAP_MOST * 400 / 1000, map.width, map.height, "image/png");
    free_report(report);
}

/* Of a longer history the newest nights. */
static void a_long_heat_map(void **state)
{
    struct tm_report *report = make_report(2, 1000, 1);
    struct tm_heatmap map = tm_heatmap_of(report);
    (void)state;
    assert_int_equal(map.n_columns, TM_HEATMAP_NIGHTS_MOST);
    assert_int_equal(map.first_run + map.n_columns, 1000);
    free_report(report);
}

static void rows_of_the_heat_map(void **state)
{
    struct tm_report *report = make_report(4, 10, 1);
    struct tm_report_verdict verdicts[] = {{.plugin = 2, .class = TM_REGRESSED}, {.plugin = 0, .class = TM_SUSPECT}};
    struct tm_report_verdict whole = {.plugin = TM_WHOLE_RUN, .class = TM_REGRESSED};
    const struct tm_report_verdict *ranked[] = {&whole, &verdicts[0], &verdicts[1]};
    const struct tm_report_plugin *rows[4];
    (void)state;
    report->ranked = ranked;
    report->n_ranked = 3;
    report->plugins[2].leader = &verdicts[0];
    report->plugins[0].leader = &verdicts[1];
    tm_heatmap_rows(report, rows);
    const size_t expected[] = {2, 0, 1, 3};
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(rows[i], &report->plugins[expected[i]]);
    free_report(report);
}

/* ---- one chart ---- */

static char *draw_one(const struct tm_chart_wish *wish, int metric, size_t *size)
{
    struct tm_report *report = make_report(1, 90, N_METRICS);
    char message[TM_CHART_MESSAGE] = "", *bytes = NULL;
    FILE *out = open_memstream(&bytes, size);
    if (tm_chart_draw(report, &(struct tm_chart_of){&report->plugins[0], metric}, 1, wish, out, message) != 0)
        fail_msg("%s", message);
    fclose(out);
    free_report(report);
    assert_int_equal(count("tmp"), 0);
    return bytes;
}

static void a_png(void **state)
{
    size_t size;
    char *bytes = draw_one(&(struct tm_chart_wish){.medium = TM_CHART_PNG}, -1, &size);
    (void)state;
    assert_true(size > 2000 && memcmp(bytes, "\x89PNG", 4) == 0);
    free(bytes);
}

static void one_metric_alone(void **state)
{
    size_t size, size_of_all;
    char *bytes = draw_one(&(struct tm_chart_wish){.medium = TM_CHART_SVG}, OWN, &size);
    char *all = draw_one(&(struct tm_chart_wish){.medium = TM_CHART_SVG}, -1, &size_of_all);
    (void)state;
    assert_non_null(strstr(bytes, "custom 1"));
    assert_null(strstr(bytes, "wall time"));
    assert_true(strstr(all, "custom 4") && strstr(all, "wall time per call") && strstr(all, "95th percentile of wall time"));
    assert_null(strstr(all, "custom 5"));
    free(bytes);
    free(all);
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* Several plugins in one picture, and the last runs of another branch after theirs; as often as there are sizes. */
static void draw_several(enum tm_chart_medium medium, char *bytes[], size_t sizes[], size_t n)
{
    struct tm_report *report = make_report(3, 90, N_METRICS), *beside = make_report(2, 20, N_METRICS);
    const struct tm_chart_of charts[] = {{&report->plugins[0], 0}, {&report->plugins[2], 0}, {&report->plugins[2], OWN}};
    const struct tm_chart_wish wish = {.medium = medium, .beside = beside};
    char message[TM_CHART_MESSAGE] = "";
    for (size_t run = 0; run < beside->n_runs; run++)
        beside->runs[run].started_at += 80 * DAY;
    for (size_t i = 0; i < n; i++) {
        FILE *out = open_memstream(&bytes[i], &sizes[i]);
        if (i > 0)
            sleep(1); /* a PDF says when it was made */
        if (tm_chart_draw(report, charts, 3, &wish, out, message) != 0)
            fail_msg("%s", message);
        fclose(out);
    }
    free_report(beside);
    free_report(report);
}

static void several_plugins(void **state)
{
    size_t size;
    char *bytes;
    (void)state;
    draw_several(TM_CHART_SVG, &bytes, &size, 1);
    assert_non_null(strstr(bytes, "<title>2 plugins</title>"));
    assert_int_equal(occurrences(bytes, ">evil&quot;"), 4); /* three panels, and the branch in the key */
    assert_int_equal(occurrences(bytes, "wall time per call"), 2);
    assert_int_equal(occurrences(bytes, "custom 1"), 1);
    assert_null(strstr(bytes, "evil\""));
    free(bytes);
}

static void a_pdf_of_the_same_bytes(void **state)
{
    size_t sizes[2];
    char *bytes[2];
    (void)state;
    draw_several(TM_CHART_PDF, bytes, sizes, 2);
    assert_true(sizes[0] > 2000 && memcmp(bytes[0], "%PDF-", 5) == 0);
    assert_true(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0);
    free(bytes[0]);
    free(bytes[1]);
}

static size_t widest(const char *text)
{
    size_t most = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
        size_t width = 0;
        for (const char *at = line; *at && *at != '\n'; at++)
            width += ((unsigned char)*at & 0xc0) != 0x80;
        most = width > most ? width : most;
    }
    return most;
}

static void a_terminal(void **state)
{
    size_t size;
    struct tm_chart_wish wish = {.medium = TM_CHART_TERMINAL, .width = 70, .ascii = true};
    char *text = draw_one(&wish, -1, &size);
    (void)state;
    assert_true(widest(text) <= 70 && widest(text) > 50);
    for (size_t i = 0; i < size; i++)
        assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
    assert_true(strstr(text, "^ regressed") && strstr(text, "? suspect") && strstr(text, "1: Jan 4"));
    free(text);
    wish.ascii = false;
    text = draw_one(&wish, -1, &size);
    assert_true(widest(text) <= 70 && strstr(text, "\u25b2 regressed") && !strchr(text, '\033'));
    free(text);
    wish.colour = true;
    text = draw_one(&wish, -1, &size);
    assert_non_null(strstr(text, "\033[1;31m\u25b2\033[0m regressed"));
    free(text);
}

/* ---- what gnuplot sees ---- */

/* Every file that is there when gnuplot begins, for all media; the second gnuplot keeps files of the same names apart. */
static void no_text_from_the_data(void **state)
{
    static const enum tm_chart_medium media[] = {TM_CHART_SVG, TM_CHART_PNG, TM_CHART_PDF, TM_CHART_TERMINAL};
    struct tm_report *report = make_report(2, 90, N_METRICS);
    const struct tm_chart_of charts[] = {{&report->plugins[0], -1}, {&report->plugins[1], 0}};
    char message[TM_CHART_MESSAGE], keep[PATH_SIZE];
    struct dirent *entry;
    size_t looked = 0;
    (void)state;
    snprintf(keep, sizeof keep, "for f in *; do cp \"$f\" '%s'$$-\"$f\"; done; exit 3", in("kept", ""));
    play_gnuplot(keep);
    assert_int_equal(charts_in("out", report, NULL, message), -1);
    assert_non_null(strstr(message, "exit code 3"));
    for (size_t i = 0; i < 4; i++)
        for (size_t n = 1; n <= (media[i] == TM_CHART_TERMINAL ? 1 : 2); n++)
            assert_int_equal(
                tm_chart_draw(report, charts, n, &(struct tm_chart_wish){.medium = media[i], .beside = report}, stderr, message),
                -1);
    DIR *dir = opendir(in("kept", ""));
    while ((entry = readdir(dir))) {
        size_t size;
        if (entry->d_name[0] == '.')
            continue;
        char *bytes = read_all(in("kept", entry->d_name), &size);
        assert_null(memmem(bytes, size, "evil\"",
                           5)); /* of a PNG or PDF the script has the name's letters, and no mark that means something */
        assert_null(memmem(bytes, size, "system(", 7));
        looked += strstr(entry->d_name, "script") != NULL && size > 1000;
        free(bytes);
    }
    closedir(dir);
    assert_int_equal(looked, 8);
    assert_int_equal(count("out") + count("tmp"), 0);
    free_report(report);
}

static void a_clean_environment(void **state)
{
    struct tm_report *report = make_report(1, 9, 1);
    char message[TM_CHART_MESSAGE], keep[PATH_SIZE];
    size_t size;
    (void)state;
    snprintf(keep, sizeof keep, "{ env; echo arguments: \"$@\"; ls -ld .; cat; } >'%s'; exit 3", in("kept", "seen"));
    play_gnuplot(keep);
    setenv("GNUPLOT_LIB", "/evil", 1);
    setenv("GDFONTPATH", "/evil", 1);
    setenv("LD_PRELOAD", "", 1);
    assert_int_equal(charts_in("out", report, NULL, message), -1);
    unsetenv("GNUPLOT_LIB");
    unsetenv("GDFONTPATH");
    unsetenv("LD_PRELOAD");
    char *seen = read_all(in("kept", "seen"), &size);
    assert_null(strstr(seen, "evil"));
    assert_null(strstr(seen, "LD_PRELOAD"));
    assert_non_null(strstr(seen, "arguments: -d script\ndrwx------"));
    assert_non_null(strstr(seen, "LC_ALL=C\n"));
    char home[PATH_SIZE];
    snprintf(home, sizeof home, "HOME=%s", in("tmp", ""));
    assert_non_null(strstr(seen, home));
    free(seen);
    free_report(report);
}

/* One is drawn well, the other not at all. */
static void a_chart_that_is_not_there(void **state)
{
    struct tm_report *report = make_report(2, 9, 1);
    char message[TM_CHART_MESSAGE];
    (void)state;
    play_gnuplot("printf '<svg\\n>\\n</svg>\\n' >heatmap.svg; cp heatmap.svg p1.svg");
    assert_int_equal(charts_in("out", report, NULL, message), -1);
    assert_non_null(strstr(message, "not drawn all charts"));
    assert_int_equal(count("tmp"), 0);
    free_report(report);
}

static void a_place_that_is_not_there(void **state)
{
    struct tm_report *report = make_report(1, 9, 1);
    char message[TM_CHART_MESSAGE];
    (void)state;
    assert_int_equal(charts_in("nowhere", report, NULL, message), TM_CHARTS_NOT_WRITTEN);
    assert_string_equal(message, "cannot write a chart: Bad file descriptor");
    setenv("TMPDIR", in("tmp", "nowhere"), 1);
    assert_int_equal(charts_in("out", report, NULL, message), -1);
    assert_non_null(strstr(message, "$TMPDIR"));
    setenv("TMPDIR", in("tmp", ""), 1);
    assert_int_equal(count("tmp"), 0);
    free_report(report);
}

/* Until it is there, for a minute at most. */
static void wait_for_file(const char *path)
{
    for (int i = 0; i < 6000 && access(path, F_OK) != 0; i++)
        usleep(10000);
    assert_int_equal(access(path, F_OK), 0);
}

/* Of what was half done nothing stays: neither charts nor the directory of gnuplot. */
static void a_signal_while_drawing(void **state)
{
    struct tm_report *report = make_report(2, 9, 1);
    char message[TM_CHART_MESSAGE], script[2 * PATH_SIZE];
    int status;
    (void)state;
    snprintf(script, sizeof script, "printf '<svg\\n>\\n</svg>\\n' >p1.svg; cp p1.svg p2.svg; : >'%s'; exec sleep 600",
             in("kept", "begun"));
    play_gnuplot(script);
    pid_t child = fork();
    if (child == 0)
        _exit(charts_in("again", report, NULL, message) == 0);
    wait_for_file(in("kept", "begun"));
    wait_for_file(in("again", "p1.svg"));
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(count("tmp"), 0);
    assert_int_equal(count("again"), 0);
    free_report(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(charts_of_few_nights, clean),
        cmocka_unit_test_teardown(charts_of_a_year, clean),
        cmocka_unit_test_teardown(charts_of_5000_nights, clean),
        cmocka_unit_test_teardown(the_same_bytes_twice, clean),
        cmocka_unit_test_teardown(a_plugin_without_values_has_no_chart, clean),
        cmocka_unit_test_teardown(extreme_values, clean),
        cmocka_unit_test_teardown(a_large_heat_map, clean),
        cmocka_unit_test_teardown(a_long_heat_map, clean),
        cmocka_unit_test_teardown(rows_of_the_heat_map, clean),
        cmocka_unit_test_teardown(a_png, clean),
        cmocka_unit_test_teardown(one_metric_alone, clean),
        cmocka_unit_test_teardown(several_plugins, clean),
        cmocka_unit_test_teardown(a_pdf_of_the_same_bytes, clean),
        cmocka_unit_test_teardown(a_terminal, clean),
        cmocka_unit_test_teardown(no_text_from_the_data, clean),
        cmocka_unit_test_teardown(a_clean_environment, clean),
        cmocka_unit_test_teardown(a_chart_that_is_not_there, clean),
        cmocka_unit_test_teardown(a_place_that_is_not_there, clean),
        cmocka_unit_test_teardown(a_signal_while_drawing, clean),
    };
    return cmocka_run_group_tests(tests, make_places, remove_places);
}
