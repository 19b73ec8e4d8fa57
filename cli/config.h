/* tidemark.ini: read once, then asked by section. */
#ifndef TM_CLI_CONFIG_H
#define TM_CLI_CONFIG_H

#include "base/arena.h"
#include "cli/command.h"

struct tm_config_line {
    const char *section, *name, *value;
};

struct tm_config {
    const char *path;
    struct tm_config_line *lines;
    size_t n;
    struct tm_arena texts;
};

/* The file that --config or TIDEMARK_CONFIG names, which must be there, or tidemark.ini, which need not. 0, or TM_EXIT_TROUBLE
 * after a message. Free in any case. */
int tm_config_read(struct tm_config *config, const struct tm_arguments *arguments);
void tm_config_free(struct tm_config *config);

/* The last value of a name; NULL: none. */
const char *tm_config_value(const struct tm_config *config, const char *section, const char *name);

/* Which runs of the project are kept, as its section [project NAME] says: days and runs TM_UNKNOWN where that is not said. False:
 * it says nothing of it. */
struct tm_kept_runs {
    int64_t days, runs;
    bool rollup;
};
bool tm_config_kept(const struct tm_config *config, const char *project, struct tm_kept_runs *kept);

/* Sets what the file says of judging. 0, or TM_EXIT_TROUBLE after a message. */
int tm_config_apply(const struct tm_config *config, struct tm_settings *settings);

#endif
