/* Where commits can be looked at: addresses with %s for a commit. Text of unknown origin goes into them percent-encoded. */
#ifndef TM_REPORT_LINKS_H
#define TM_REPORT_LINKS_H

#include <stdbool.h>
#include <stdio.h>

struct tm_links {
    const char *commit;  /* with %s once: https://example.org/c/%s; NULL: nobody has said where */
    const char *compare; /* with %s twice, the older commit and the newer: https://example.org/compare/%s...%s; NULL: likewise */
};

/* Does the text consist of an address of http(s) in which "%s" stands `holes` times, and nothing else? */
bool tm_link_is_valid(const char *address, int holes);

/* The address of a commit, or of what lies between two. `link` is one of the above. */
void tm_put_link(FILE *out, const char *link, const char *first, const char *second);

#endif
