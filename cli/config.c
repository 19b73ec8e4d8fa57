/* The file is read as a list of lines; what each means is left to who asks. [store] names the store and the project, everything
 * else says how to judge. */
#include "cli/config.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/arguments.h"

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

/* A slip of the pen here would send a run to another store or project, whatever the command. */
static int check_store_section(const struct tm_config *config)
{
    for (size_t i = 0; i < config->n; i++) {
        const struct tm_config_line *line = &config->lines[i];
        if (strcmp(line->section, "store") != 0)
            continue;
        if (strcmp(line->name, "db") != 0 && strcmp(line->name, "project") != 0)
            return tm_trouble("%s: unknown key '%s' in [store], expected db or project", config->path, line->name);
        if (!*line->value)
            return tm_trouble("%s: '%s =' in [store] has no value", config->path, line->name);
    }
    return 0;
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
    if (line == 0)
        return check_store_section(config);
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
        if (strcmp(line->section, "store") == 0)
            continue; /* check_store_section() has seen it, before any store was open */
        enum tm_setting_fault fault = tm_settings_set(settings, line->section, line->name, line->value);
        if (fault == TM_SETTING_UNKNOWN_SECTION)
            return tm_trouble("%s: unknown section [%s], expected [store], [gate], [metric NAME] or [plugin GLOB]", config->path,
                              line->section);
        if (fault == TM_SETTING_UNKNOWN_NAME)
            return tm_trouble("%s: unknown key '%s' in [%s]", config->path, line->name, line->section);
        if (fault == TM_SETTING_BAD_VALUE)
            return tm_trouble("%s: '%s = %s' in [%s] is not a valid value", config->path, line->name, line->value, line->section);
        if (fault == TM_SETTING_TOO_MANY)
            return tm_trouble("%s: [%s] is one too many, there may be %d rules for plugins", config->path, line->section,
                              TM_PLUGIN_RULES_MAX);
        if (fault != TM_SETTING_DONE)
            return tm_trouble("out of memory");
    }
    return 0;
}
