/* Others may write while a history is judged, and then it is judged once more, before it is done under the lock: by then the store
 * is busy, and each of them waits once. */
#include "cli/ahead.h"

#include "cli/command.h"

enum { ATTEMPTS = 2 };

int tm_begin_ahead(tm_store *store, const struct tm_settings *settings, const struct tm_ahead_wish *wish, struct tm_ahead *ahead)
{
    for (int attempt = 1;; attempt++) {
        tm_ahead_judge(store, settings, wish, &tm_terminal_watcher, ahead);
        if (tm_begin(store) != 0)
            return -1;
        int stands = tm_ahead_stands(store, ahead);
        if (stands != 0 || !ahead->stands || attempt == ATTEMPTS)
            return stands;
        tm_rollback(store);
        tm_ahead_free(ahead);
    }
}
