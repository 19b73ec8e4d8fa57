/* A plugin that crashes while it is loaded takes the process with it; standard error then says which one it was. */
#ifndef TM_RECORD_LAST_WORDS_H
#define TM_RECORD_LAST_WORDS_H

/* Around the loading, which a thread may do inside of another loading, of its own. Other threads wait for its end. path: fit to be
 * shown. Signal handlers that the plugin installs meanwhile stay. */
void tm_last_words_begin(const char *plugin, const char *path);
void tm_last_words_end(void);

void tm_last_words_forked(void); /* in the child: only what its thread loads is being loaded there */

#endif
