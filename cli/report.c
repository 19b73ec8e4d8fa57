/* report: a page with charts, in a folder of its own. The folder may hold an older report and
 * nothing else: whatever is not a report's is left alone, and refused with a message, before
 * anything is drawn.
 *
 * Charts are drawn into a second folder and take the old ones' place when all are there; the page
 * is written last, so that it never points to charts that are not there yet. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "gate/report_reader.h"
#include "report/chart/chart.h"
#include "report/page/page.h"

enum {
    A_YEAR = 366,    /* runs shown: a year of nights, and that night a year ago */
    PATH_SIZE = 4096 /* Linux's PATH_MAX */
};

/* Where the report goes: DIR/index.html and DIR/charts/. */
struct site {
    const char *directory;
    char page[PATH_SIZE], charts[PATH_SIZE], drawing[PATH_SIZE]; /* drawing: becomes charts when it is complete */
};

static int make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    return tm_trouble("cannot make the directory '%s': %s", path, strerror(errno));
}

/* "p12.svg", "heatmap.svg": what report/chart/ makes. Anything else in the folder is somebody's. */
static bool is_chart(const char *name)
{
    if (strcmp(name, "heatmap.svg") == 0)
        return true;
    size_t digits = *name == 'p' ? strspn(name + 1, "0123456789") : 0;
    return digits > 0 && strcmp(name + 1 + digits, ".svg") == 0;
}

/* NULL where there is no such directory; a link to one is none of ours. */
static DIR *open_charts(const char *path)
{
    int file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = file >= 0 ? fdopendir(file) : NULL;
    if (file >= 0 && !directory)
        close(file);
    return directory;
}

/* What a report did not make stays as it is. */
static int check_charts(const struct site *site)
{
    struct stat facts;
    if (lstat(site->charts, &facts) != 0)
        return 0;
    DIR *directory = open_charts(site->charts);
    struct dirent *entry;
    int code = directory ? 0 : tm_trouble("'%s' is not a directory of charts; choose another directory", site->charts);
    while (directory && code == 0 && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !is_chart(entry->d_name))
            code = tm_trouble("'%s' holds '%s', which was not written by tidemark; choose another directory", site->charts,
                              entry->d_name);
    if (directory)
        closedir(directory);
    return code;
}

/* A page that is not ours is somebody's work. */
static int check_page(const struct site *site)
{
    char head[512] = ""; /* the page says who made it within its first lines */
    struct stat facts;
    if (stat(site->page, &facts) == 0 && !S_ISREG(facts.st_mode))
        return tm_trouble("'%s' is not a file; choose another directory", site->page);
    FILE *page = fopen(site->page, "re");
    if (!page)
        return errno == ENOENT ? 0 : tm_trouble("cannot open '%s': %s", site->page, strerror(errno));
    head[fread(head, 1, sizeof head - 1, page)] = '\0';
    fclose(page);
    if (strstr(head, "content=\"Tidemark"))
        return 0;
    return tm_trouble("'%s' was not written by tidemark; choose another directory", site->page);
}

/* Names the parts and checks that all of them are ours, or not there. 0, or TM_EXIT_TROUBLE after
 * a message. */
static int open_site(struct site *site, const char *directory)
{
    site->directory = directory;
    if (snprintf(site->page, PATH_SIZE, "%s/index.html", directory) >= PATH_SIZE ||
        snprintf(site->charts, PATH_SIZE, "%s/charts", directory) >= PATH_SIZE ||
        snprintf(site->drawing, PATH_SIZE, "%s/charts.%ld", directory, (long)getpid()) >= PATH_SIZE)
        return tm_trouble("the path '%s' is too long", directory);
    int code = make_directory(directory);
    if (code == 0)
        code = check_page(site);
    return code ? code : check_charts(site);
}

/* Removes a directory of charts, and only charts. */
static void remove_charts(const char *path)
{
    DIR *directory = open_charts(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (is_chart(entry->d_name))
            unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        closedir(directory);
    rmdir(path);
}

/* Draws beside the old charts and then takes their place. Without charts *why says why not: a page without them is right where
 * there is no gnuplot, but not for want of memory. */
static int draw_charts(const struct site *site, const struct tm_report *report, const char **why)
{
    static char message[TM_CHART_MESSAGE];
    if (make_directory(site->drawing) != 0)
        return TM_EXIT_TROUBLE;
    int drawn = tm_charts_of_report(report, site->drawing, message);
    *why = drawn == 0 ? NULL : message;
    if (drawn == TM_CHARTS_NO_MEMORY) {
        remove_charts(site->drawing);
        return tm_trouble("%s", message);
    }
    /* Without new charts the old ones go as well: they are of another night than the page. */
    remove_charts(site->charts);
    if (!*why && rename(site->drawing, site->charts) == 0)
        return 0;
    int failed = errno;
    remove_charts(site->drawing);
    return *why ? 0 : tm_trouble("cannot put the charts into '%s': %s", site->charts, strerror(failed));
}

/* Findings are computed before the file is opened: what cannot be made leaves the old page. */
static int write_page(const struct site *site, const struct tm_report *report, const char *no_charts)
{
    struct tm_findings findings = {0};
    struct tm_output output;
    int code = tm_findings_find(report, &findings) == 0 ? 0 : tm_trouble("out of memory");
    if (code == 0)
        code = tm_output_open(&output, site->page);
    if (code == 0) {
        bool whole = tm_page_write(output.out, report, &findings, no_charts) == 0;
        code = tm_output_close(&output, whole);
        if (code == 0 && !whole)
            code = tm_trouble("cannot write '%s': out of memory", site->page);
    }
    tm_findings_free(&findings);
    return code;
}

/* All of the report: 0, or TM_EXIT_TROUBLE after a message. */
static int write_site(const char *directory, const struct tm_report *report)
{
    struct site site;
    const char *no_charts = NULL;
    int code = open_site(&site, directory);
    if (code == 0)
        code = draw_charts(&site, report, &no_charts);
    if (code == 0)
        code = write_page(&site, report, no_charts);
    if (code == 0 && no_charts)
        tm_say(stderr, "tidemark: the page has no charts: %s", no_charts);
    if (code == 0)
        tm_say(stdout, "%s: %zu plugin%s, %zu run%s", site.page, report->n_plugins, report->n_plugins == 1 ? "" : "s",
               report->n_runs, report->n_runs == 1 ? "" : "s");
    return code;
}

static int prepare(struct tm_context *context)
{
    const char *directory = tm_option_value(context->arguments, "output");
    int64_t runs;
    if (!directory || !*directory)
        return tm_trouble("report needs -o DIR: it writes DIR/index.html");
    return tm_option_count(context->arguments, "last", 1, &runs) == 0 ? 0 : TM_EXIT_TROUBLE;
}

static int run_report(struct tm_context *context)
{
    struct tm_report_reader reader = {0};
    struct tm_report_wish wish = {.runs = A_YEAR, .passes = true};
    int code = tm_option_count(context->arguments, "last", 1, &wish.runs) == 0 ? 0 : TM_EXIT_TROUBLE;
    if (code == 0 && tm_report_read(&reader, context->store, &context->settings, &context->run, &wish) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0)
        code = write_site(tm_option_value(context->arguments, "output"), &reader.report);
    tm_report_reader_free(&reader);
    return code;
}

const struct tm_command tm_command_report = {
    .name = "report",
    .usage = "-o DIR [options]",
    .summary = "make a page of the newest run: what regressed, a table of all plugins, a chart of each",
    .more = "DIR/index.html needs nothing but the charts beside it: no network, no server. The same store gives the same bytes. "
            "Without\n"
            "gnuplot the page has no charts. Like findings, report writes nothing to the store.",
    .example = "  tidemark report -o site\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_JUDGED_RUN,
    .prepare = prepare,
    .run = run_report,
    .options = {{"output", "DIR", "write to this directory, which is made if it does not exist"},
                {"last", "N", "show the newest N runs (default: 366)"},
                {"run", "KEY", "report on that run instead of the newest"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
