/* Replay as a step of other commands. */
#ifndef TM_CLI_REPLAYING_H
#define TM_CLI_REPLAYING_H

#include "cli/settings.h"
#include "gate/docket.h"

/* Replays every lineage that the command line's scope names, the base branch first: 0, or TM_EXIT_TROUBLE after a message. */
int tm_replay_all(const struct tm_arguments *arguments, tm_store *store, const struct tm_settings *settings, tm_night_seen *seen,
                  void *context);

#endif
