/* The file is read as a list of lines; what each means is left to who asks. [store] names the store and the project,
 * [report] where commits are seen, [project NAME] says which runs it keeps, everything else how to judge. */
#include "cli/config.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/arguments.h"
#include "report/links.h"

enum { LONGEST_SECTION = 49 }; /* libinih cuts what is longer */

struct reading {
    struct tm_config *config;
    bool failed; /* and that has been said */
};

/* libinih calls it for each line; 0 stops with that line's number. */
static int on_line(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    struct tm_config *config = reading->config;
    if (strchr(section, '[') || strlen(section) >= LONGEST_SECTION) {
        tm_trouble("%s: section [%s: its name is too long (48 bytes at most) or holds a '['; globs use '?' and '*'", config->path,
                   section);
        reading->failed = true;
        return 0;
    }
    struct tm_config_line *line = tm_array_add(&config->lines, &config->n, sizeof *line);
    if (line)
        *line = (struct tm_config_line){tm_arena_text(&config->texts, section, strlen(section)),
                                        tm_arena_text(&config->texts, name, strlen(name)),
                                        tm_arena_text(&config->texts, value, strlen(value))};
    if (line && line->section && line->name && line->value)
        return 1;
    tm_trouble("out of memory");
    reading->failed = true;
    return 0;
}

/* Addresses of pages, with holes for commits. */
static int check_report_section(const struct tm_config *config)
{
    for (size_t i = 0; i < config->n; i++) {
        const struct tm_config_line *line = &config->lines[i];
        bool commit = strcmp(line->name, "commit-url") == 0, compare = strcmp(line->name, "compare-url") == 0;
        if (strcmp(line->section, "report") != 0)
            continue;
        if (!commit && !compare)
            return tm_trouble("%s: unknown key '%s' in [report], expected commit-url or compare-url", config->path, line->name);
        if (!tm_link_is_valid(line->value, commit ? 1 : 2))
            return tm_trouble("%s: '%s = %s' in [report]: expected an address of http or https with %%s %s", config->path,
                              line->name, line->value, commit ? "for the commit" : "for the older commit and again for the newer");
    }
    return 0;
}

/* A slip of the pen here would send a run to another store or project, whatever the command. */
static int check_store_section(const struct tm_config *config)
{
    for (size_t i = 0; i < config->n; i++) {
        const struct tm_config_line *line = &config->lines[i];
        if (strcmp(line->section, "store") != 0)
            continue;
        if (strcmp(line->name, "db") != 0 && strcmp(line->name, "project") != 0 && strcmp(line->name, "decisions") != 0)
            return tm_trouble("%s: unknown key '%s' in [store], expected db, project or decisions", config->path, line->name);
        if (!*line->value)
            return tm_trouble("%s: '%s =' in [store] has no value", config->path, line->name);
    }
    return 0;
}

static const char project_section[] = "project ";

static bool is_of_project(const struct tm_config_line *line)
{
    return strncmp(line->section, project_section, strlen(project_section)) == 0;
}

/* A whole number from `least` up. */
static bool read_count(const char *text, int64_t least, int64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return *text && !*end && errno == 0 && *value >= least;
}

static enum tm_setting_fault read_kept(const struct tm_config_line *line, struct tm_kept_runs *kept)
{
    bool good = true;
    if (strcmp(line->name, "keep-days") == 0)
        good = read_count(line->value, 0, &kept->days);
    else if (strcmp(line->name, "keep-runs") == 0)
        good = read_count(line->value, 1, &kept->runs);
    else if (strcmp(line->name, "rollup") == 0)
        good = (kept->rollup = strcmp(line->value, "week") == 0) || strcmp(line->value, "no") == 0;
    else
        return TM_SETTING_UNKNOWN_NAME;
    return good ? TM_SETTING_DONE : TM_SETTING_BAD_VALUE;
}

/* Whatever the project: a slip of the pen here would remove runs, or keep them all. */
static int check_project_sections(const struct tm_config *config)
{
    struct tm_kept_runs kept;
    for (size_t i = 0; i < config->n; i++) {
        const struct tm_config_line *line = &config->lines[i];
        enum tm_setting_fault fault = is_of_project(line) ? read_kept(line, &kept) : TM_SETTING_DONE;
        if (fault == TM_SETTING_UNKNOWN_NAME)
            return tm_trouble("%s: unknown key '%s' in [%s], expected keep-days, keep-runs or rollup", config->path, line->name,
                              line->section);
        if (fault == TM_SETTING_BAD_VALUE)
            return tm_trouble("%s: '%s = %s' in [%s] is not a valid value", config->path, line->name, line->value, line->section);
    }
    return 0;
}

bool tm_config_kept(const struct tm_config *config, const char *project, struct tm_kept_runs *kept)
{
    *kept = (struct tm_kept_runs){.days = TM_UNKNOWN, .runs = TM_UNKNOWN};
    for (size_t i = 0; i < config->n; i++)
        if (is_of_project(&config->lines[i]) && strcmp(config->lines[i].section + strlen(project_section), project) == 0)
            read_kept(&config->lines[i], kept);
    return kept->days != TM_UNKNOWN || kept->runs != TM_UNKNOWN;
}

int tm_config_read(struct tm_config *config, const struct tm_arguments *arguments)
{
    const char *path = tm_option_value(arguments, "config"), *named = getenv("TIDEMARK_CONFIG");
    /* A file that was asked for must be there; tidemark.ini need not. */
    bool asked = path || (named && *named);
    *config = (struct tm_config){.path = path ? path : named};
    if (!config->path || !*config->path)
        config->path = "tidemark.ini";
    if (!asked && access(config->path, F_OK) != 0)
        return 0;
    struct reading reading = {config, false};
    int line = ini_parse(config->path, on_line, &reading);
    if (line == 0 && check_store_section(config) != 0)
        return TM_EXIT_TROUBLE;
    if (line == 0 && check_report_section(config) != 0)
        return TM_EXIT_TROUBLE;
    if (line == 0)
        return check_project_sections(config);
    if (line < 0)
        return tm_trouble("cannot open '%s': %s", config->path, strerror(errno));
    return reading.failed ? TM_EXIT_TROUBLE : tm_trouble("%s:%d: expected [section] or key = value", config->path, line);
}

void tm_config_free(struct tm_config *config)
{
    free(config->lines);
    tm_arena_free(&config->texts);
}

/* From the end: the last one counts, as with options. */
const char *tm_config_value(const struct tm_config *config, const char *section, const char *name)
{
    for (size_t i = config->n; i-- > 0;)
        if (strcmp(config->lines[i].section, section) == 0 && strcmp(config->lines[i].name, name) == 0)
            return config->lines[i].value;
    return NULL;
}

int tm_config_apply(const struct tm_config *config, struct tm_settings *settings)
{
    for (size_t i = 0; i < config->n; i++) {
        const struct tm_config_line *line = &config->lines[i];
        if (strcmp(line->section, "store") == 0 || strcmp(line->section, "report") == 0 || is_of_project(line))
            continue; /* these were seen when the file was read, before any store was open */
        enum tm_setting_fault fault = tm_settings_set(settings, line->section, line->name, line->value);
        if (fault == TM_SETTING_UNKNOWN_SECTION)
            return tm_trouble("%s: unknown section [%s], expected [store], [report], [gate], [project NAME], [metric NAME] or "
                              "[plugin GLOB]",
                              config->path, line->section);
        if (fault == TM_SETTING_UNKNOWN_NAME)
            return tm_trouble("%s: unknown key '%s' in [%s]", config->path, line->name, line->section);
        if (fault == TM_SETTING_BAD_VALUE)
            return tm_trouble("%s: '%s = %s' in [%s] is not a valid value", config->path, line->name, line->value, line->section);
        if (fault == TM_SETTING_TOO_MANY)
            return tm_trouble("%s: [%s] is one too many, there may be %d rules for plugins, and limits of %d metrics", config->path,
                              line->section, TM_PLUGIN_RULES_MAX, TM_LIMITED_METRICS);
        if (fault != TM_SETTING_DONE)
            return tm_trouble("out of memory");
    }
    return 0;
}
