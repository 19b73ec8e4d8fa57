/* A head is a file's first four KiB, so what is looked for must stand near the beginning, and a
 * document is mostly cut off: no grammar is held against it. */
#include "ingest/formats/sniff.h"

#include <string.h>

const char *tm_sniff_start(const unsigned char *head, size_t size, const char **end)
{
    size_t at = size >= 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf ? 3 : 0;
    while (at < size && (head[at] == ' ' || head[at] == '\t' || head[at] == '\n' || head[at] == '\r'))
        at++;
    *end = (const char *)head + size;
    return at < size ? (const char *)head + at : NULL;
}

bool tm_sniff_json(const unsigned char *head, size_t size, char bracket)
{
    const char *end, *at = tm_sniff_start(head, size, &end);
    return at && *at == bracket;
}

/* Behind the closing quote of the text that begins at `at`; NULL: it does not end within the head. */
static const char *text_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : NULL;
}

/* A text is a key if a colon follows. */
bool tm_sniff_key(const unsigned char *head, size_t size, int depth, const char *key)
{
    const char *end, *at = tm_sniff_start(head, size, &end);
    int now = 0;
    while (at && at < end) {
        if (*at == '{' || *at == '[')
            now++;
        else if (*at == '}' || *at == ']')
            now--;
        if (*at != '"') {
            at++;
            continue;
        }
        const char *text = at + 1;
        at = text_end(at, end);
        if (!at || now != depth || (size_t)(at - 1 - text) != strlen(key) || memcmp(text, key, strlen(key)) != 0)
            continue;
        const char *behind = at;
        while (behind < end && (*behind == ' ' || *behind == '\t' || *behind == '\n' || *behind == '\r'))
            behind++;
        if (behind < end && *behind == ':')
            return true;
    }
    return false;
}

bool tm_sniff_plain(const unsigned char *head, size_t size)
{
    const char *end, *at = tm_sniff_start(head, size, &end);
    return at && *at != '{' && *at != '[' && *at != '<';
}

bool tm_sniff_line(const unsigned char *head, size_t size, const char *start)
{
    const char *end, *at = tm_sniff_start(head, size, &end);
    size_t length = strlen(start);
    while (at && (size_t)(end - at) >= length) {
        if (memcmp(at, start, length) == 0)
            return true;
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    return false;
}

bool tm_sniff_text(const unsigned char *head, size_t size, const char *text)
{
    return memmem(head, size, text, strlen(text));
}

/* The upper bit of a byte of a kind says only that others may refer to what follows. */
bool tm_sniff_pstats(const unsigned char *head, size_t size)
{
    enum { KIND = 0x7f };
    return size >= 3 && (head[0] & KIND) == '{' && ((head[1] & KIND) == '(' || (head[1] & KIND) == ')') && head[2] == 3;
}
