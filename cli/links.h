/* Where commits are seen: as tidemark.ini says, else as the repository's origin does, if that is a known host. */
#ifndef TM_CLI_LINKS_H
#define TM_CLI_LINKS_H

#include <limits.h>

#include "cli/config.h"
#include "report/links.h"

struct tm_link_room {
    char commit[PATH_MAX + 64], compare[PATH_MAX + 64];
};

/* The links may point into the room, or into the configuration. */
struct tm_links tm_links_find(const struct tm_config *config, struct tm_link_room *room);

#endif
