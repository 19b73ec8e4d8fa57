/* All plugins that were ever registered, and those that the recording under way knows. Both functions with the lock held. */
#ifndef TM_RECORD_PLUGINS_H
#define TM_RECORD_PLUGINS_H

void tm_plugins_forget(void); /* at a stop: none is part of a recording, until it is registered again */
void tm_plugins_forked(void); /* in the child: they stay, with nothing recorded */

#endif
