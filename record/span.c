/* Writing a span. All sizes are bounded beforehand (the assertions), so that nothing is checked on the way and nothing allocated.
 */
#include "record/span.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    ERROR_TYPE_MOST = 256,
    SERVICE_MOST = 256, /* bytes; what is longer is cut, for a line must fit */
    PAIRS_MOST = 32,
    PAIRS_BYTES = 512,  /* of all keys and values; each pair takes 48 beside them */
    LONGEST_ESCAPE = 6, /* \\u0000 for a byte */
};

/* The rest of a head is some 250 bytes, that of a line some 700. */
_Static_assert(512 + (SERVICE_MOST + PAIRS_BYTES) * LONGEST_ESCAPE + 48 * PAIRS_MOST <= TM_SPAN_HEAD_SIZE, "a head may not fit");
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

/* Without blanks around it, %41 decoded. false: it is empty, or does not fit. */
static bool decode(const char *from, size_t size, char to[TM_SPAN_PAIR_SIZE])
{
    char *end = to;
    for (; size > 0 && *from == ' '; size--)
        from++;
    while (size > 0 && from[size - 1] == ' ')
        size--;
    for (size_t i = 0; i < size && end < to + TM_SPAN_PAIR_SIZE; i++, end++) {
        char hex[3] = "";
        if (from[i] == '%' && size - i > 2)
            memcpy(hex, from + i + 1, 2);
        bool coded = strspn(hex, "0123456789abcdefABCDEF") == 2 && strcmp(hex, "00") != 0;
        *end = from[i];
        if (coded) {
            *end = (char)strtoul(hex, NULL, 16);
            i += 2;
        }
    }
    bool fits = end > to && end < to + TM_SPAN_PAIR_SIZE;
    *(fits ? end : to) = '\0';
    return fits;
}

bool tm_span_pair(const char **pairs, char key[TM_SPAN_PAIR_SIZE], char value[TM_SPAN_PAIR_SIZE])
{
    while (**pairs) {
        const char *pair = *pairs;
        size_t size = strcspn(pair, ","), name = strcspn(pair, "=,");
        *pairs += size + (pair[size] == ',');
        if (name < size && decode(pair, name, key) && decode(pair + name + 1, size - name - 1, value))
            return true;
    }
    return false;
}

static char *put_pairs(char *to, const char *pairs)
{
    char key[TM_SPAN_PAIR_SIZE], value[TM_SPAN_PAIR_SIZE];
    size_t left = PAIRS_BYTES;
    for (int i = 0; i < PAIRS_MOST && tm_span_pair(&pairs, key, value); i++) {
        size_t bytes = strlen(key) + strlen(value);
        if (bytes > left || strcmp(key, "service.name") == 0)
            continue;
        to = put_escaped(stpcpy(to, ",{\"key\":\""), key, TM_SPAN_PAIR_SIZE);
        to = put_text(to, "\",\"value\":{\"stringValue\":\"", value, TM_SPAN_PAIR_SIZE);
        left -= bytes;
    }
    return to;
}

/* What all lines of a process begin with, made once. */
void tm_span_head(char head[TM_SPAN_HEAD_SIZE], const char *service, long long process, const char *pairs)
{
    char *to =
        put_text(head, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"",
                 service, SERVICE_MOST);
    to = put_pairs(to, pairs);
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
