/* Names that other programs write, as names that the store takes: a benchmark that is told by its command line shall not keep the
 * rest of its file out. */
#include <string.h>

#include "base/text.h"
#include "ingest/gather.h"
#include "schema/valid.h"

const char *tm_gather_name(struct tm_gather *gather, const char *name, size_t *size, uint64_t line)
{
    static const char NONE[] = "(no name)", DIGITS[] = "0123456789abcdef";
    const char *fault = tm_plugin_name_fault(name, *size);
    const struct tm_place place = {gather->file, line, 0};
    char shown[TM_SHOWN_SIZE];
    if (!fault)
        return name;
    char *spelt = tm_arena_take(&gather->texts, TM_NAME_MAX + 1);
    size_t n = 0;
    if (!spelt) {
        tm_sink_no_memory(gather->sink, gather->file);
        return NULL;
    }
    if (*size == 0)
        n = sizeof NONE - 1, memcpy(spelt, NONE, n);
    bool star = *size == 1 && *name == '*';
    for (size_t at = 0, step; at < *size; at += step) {
        bool showable;
        step = tm_next_character(name + at, *size - at, &showable);
        if (showable && !star && n + step > TM_NAME_MAX)
            break;
        if (showable && !star) {
            memcpy(spelt + n, name + at, step);
            n += step;
        } else {
            if (n + 4 > TM_NAME_MAX)
                break;
            spelt[n++] = '\\', spelt[n++] = 'x';
            spelt[n++] = DIGITS[(unsigned char)name[at] >> 4], spelt[n++] = DIGITS[(unsigned char)name[at] & 15];
        }
    }
    spelt[n] = '\0';
    tm_diag_notice(gather->sink->diag, &place, "the name '%s' %s: it is spelt '%.*s'", tm_shown(name, *size, shown), fault,
                   n < TM_SHOWN ? (int)n : TM_SHOWN, spelt);
    *size = n;
    return spelt;
}
