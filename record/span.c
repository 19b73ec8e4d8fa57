/* Writing a span. All sizes are bounded beforehand (the assertions), so that nothing is checked on the way and nothing allocated.
 */
#include "record/span.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

enum {
    ERROR_TYPE_MOST = 256,
    SERVICE_MOST = 256, /* bytes; what is longer is cut, for a line must fit */
    LONGEST_ESCAPE = 6, /* \\u0000 for a byte */
};

/* The rest of a head is some 250 bytes, that of a line some 700. */
_Static_assert(512 + SERVICE_MOST * LONGEST_ESCAPE <= TM_SPAN_HEAD_SIZE, "a head may not fit");
_Static_assert(TM_SPAN_HEAD_SIZE + 1024 + (2 * TM_NAME_MAX + ERROR_TYPE_MOST) * LONGEST_ESCAPE <= TM_SPAN_LINE_SIZE,
               "a line may not fit");

/* A JSON string's inside. Bytes that are no UTF-8 become U+FFFD. */
static char *put_escaped(char *to, const char *text, size_t most)
{
    for (size_t left = strnlen(text, most); left > 0;) {
        bool showable;
        size_t size = tm_next_character(text, left, &showable);
        if (!showable && (unsigned char)*text >= 0x80) {
            to = stpcpy(to, "\\ufffd");
        } else if (!showable) {
            to += sprintf(to, "\\u%04x", (unsigned)*text);
        } else {
            if (*text == '"' || *text == '\\')
                *to++ = '\\';
            memcpy(to, text, size);
            to += size;
        }
        text += size;
        left -= size;
    }
    return to;
}

/* An attribute, of which everything up to its text is in `before`. */
static char *put_text(char *to, const char *before, const char *text, size_t most)
{
    return stpcpy(put_escaped(stpcpy(to, before), text, most), "\"}}");
}

/* A number in units of `parts`, say of nanoseconds in milliseconds. Without a locale's decimal comma. */
static char *put_number(char *to, const char *key, int64_t value, int64_t parts)
{
    return to + sprintf(to, ",{\"key\":\"%s\",\"value\":{\"doubleValue\":%" PRId64 ".%06" PRId64 "}}", key, value / parts,
                        value % parts * 1000000 / parts);
}

/* So many lower-case hex digits at *at, which moves behind them. */
static bool read_hex(const char **at, int digits, uint64_t *value)
{
    static const char known[] = "0123456789abcdef";
    for (*value = 0; digits > 0; digits--, ++*at) {
        const char *digit = **at ? strchr(known, **at) : NULL;
        if (!digit)
            return false;
        *value = *value << 4 | (uint64_t)(digit - known);
    }
    return true;
}

/* Later versions may have more behind the flags. */
bool tm_place_read(const char *text, struct tm_place *place)
{
    uint64_t version, flags;
    if (!read_hex(&text, 2, &version) || version == 0xff || *text++ != '-' || !read_hex(&text, 16, &place->trace[0]) ||
        !read_hex(&text, 16, &place->trace[1]) || *text++ != '-' || !read_hex(&text, 16, &place->span) || *text++ != '-' ||
        !read_hex(&text, 2, &flags) || (*text && (version == 0 || *text != '-')))
        return false;
    return (place->trace[0] || place->trace[1]) && place->span;
}

void tm_place_write(const struct tm_place *place, char text[TM_REC_SPAN_SIZE])
{
    snprintf(text, TM_REC_SPAN_SIZE, "00-%016" PRIx64 "%016" PRIx64 "-%016" PRIx64 "-01", place->trace[0], place->trace[1],
             place->span);
}

/* What all lines of a process begin with, made once. */
void tm_span_head(char head[TM_SPAN_HEAD_SIZE], const char *service, long long process)
{
    char *to =
        put_text(head, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"",
                 service, SERVICE_MOST);
    sprintf(to,
            ",{\"key\":\"process.pid\",\"value\":{\"intValue\":\"%lld\"}}]},\"scopeSpans\":[{\"scope\":{\"name\":\"tidemark\","
            "\"version\":\"" TM_VERSION "\"},\"spans\":[",
            process);
}

/* What went wrong; NULL: nothing. Cancelled calls and timeouts are not the plugin's errors, but did not succeed either. */
static const char *error_of(const struct tm_span *span)
{
    switch (span->status) {
    case TM_REC_OK:
        return NULL;
    case TM_REC_CANCELLED:
        return "cancelled";
    case TM_REC_TIMEOUT:
        return "timeout";
    default:
        return span->error_type && *span->error_type ? span->error_type : "_OTHER";
    }
}

/* One line of OTLP JSON: a whole document with a single span, so that a reader can stop after any
 * of them. Returns its length. */
size_t tm_span_line(char line[TM_SPAN_LINE_SIZE], const char *head, const struct tm_span *span)
{
    const char *error = error_of(span);
    char *to = stpcpy(line, head);
    to += sprintf(to, "{\"traceId\":\"%016" PRIx64 "%016" PRIx64 "\",\"spanId\":\"%016" PRIx64 "\",\"parentSpanId\":\"",
                  span->trace[0], span->trace[1], span->id);
    if (span->parent)
        to += sprintf(to, "%016" PRIx64, span->parent);
    to = put_escaped(stpcpy(to, "\",\"name\":\"plugin."), span->plugin, TM_NAME_MAX);
    to += sprintf(to, "\",\"kind\":1,\"startTimeUnixNano\":\"%" PRId64 "\",\"endTimeUnixNano\":\"%" PRId64 "\"", span->start_ns,
                  span->start_ns + span->wall_ns);
    to = put_text(to, ",\"attributes\":[{\"key\":\"plugin.name\",\"value\":{\"stringValue\":\"", span->plugin, TM_NAME_MAX);
    to = put_number(to, "plugin.wall_ms", span->wall_ns, 1000000);
    if (span->cpu_ns >= 0)
        to = put_number(to, "plugin.cpu_ms", span->cpu_ns, 1000000);
    if (span->peak_bytes >= 0)
        to = put_number(to, "plugin.peak_mem_kb", span->peak_bytes, 1024);
    if (error)
        to = put_text(to, ",{\"key\":\"error.type\",\"value\":{\"stringValue\":\"", error, ERROR_TYPE_MOST);
    to = stpcpy(to, error ? "],\"status\":{\"code\":2}}]}]}]}\n" : "],\"status\":{}}]}]}]}\n");
    return (size_t)(to - line);
}
