/* Text of unknown origin, made harmless for each kind of reader. A plugin's name may be markup, a
 * terminal's command, or a line that a CI runner obeys; every form of output goes through the
 * function for its reader, and there is no way to write text past it.
 *
 * All of them walk the text by one decoder, so that what is broken or invisible is met, and spelt
 * out, in every form alike. */
#include "base/escape.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/builder.h"
#include "base/text.h"

/* What the next character of a text is. */
enum kind { PLAIN, CONTROL, BROKEN, DIRECTION };

struct character {
    enum kind kind;
    const char *at;
    size_t size;
    unsigned code; /* the code point; of what is broken the byte */
};

/* Marks that turn the direction of what follows (embeddings, overrides, isolates), the byte order
 * mark, and the two separators that break a line in some readers: text that looks other than it
 * is. */
static bool turns(unsigned code)
{
    return code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/* The next character before `end`; false there. Of what is broken one byte at a time, so that no
 * good character behind it is lost. */
static bool next_within(const char **text, const char *end, struct character *c)
{
    if (*text == end)
        return false;
    uint32_t code = 0;
    size_t size = tm_utf8_character(*text, (size_t)(end - *text), &code);
    *c = (struct character){PLAIN, *text, size > 0 ? size : 1, size > 0 ? code : (unsigned char)**text};
    if (size == 0)
        c->kind = BROKEN;
    else if (tm_is_control(code))
        c->kind = CONTROL;
    else if (turns(code))
        c->kind = DIRECTION;
    *text += c->size;
    return true;
}

/* The same for a text that ends with a NUL; no UTF-8 character is longer than four bytes. */
static bool next_character(const char **text, struct character *c)
{
    return next_within(text, *text + strnlen(*text, 4), c);
}

/* What no reader should meet, spelt out; the backslash as the form writes one. The characters that
 * were written, but for those of the backslash. */
static size_t spell(FILE *out, const char *backslash, const struct character *c)
{
    return (size_t)fprintf(out, c->kind == DIRECTION ? "%su{%04X}" : "%sx%02x", backslash, c->code) - strlen(backslash);
}

/* As it is, or spelt out with a plain backslash. */
static void put_character(FILE *out, const struct character *c)
{
    if (c->kind == PLAIN)
        fwrite(c->at, 1, c->size, out);
    else
        spell(out, "\\", c);
}

/* Two of '#' begin a command to those who run CI jobs, wherever they stand in a line:
 * "##[error]", "##vso[task.setvariable]". `text` is behind the character. */
static bool begins_command(const struct character *c, const char *text, const char *end)
{
    return c->code == '#' && text != end && *text == '#';
}

/* What a runner strips off a line before it looks for a command, or what nobody sees there: blanks
 * of all kinds, and marks without a width. */
static bool is_blank(unsigned code)
{
    return code == ' ' || code == 0xa0 || code == 0xad || code == 0x1680 || code == 0x180e || (code >= 0x2000 && code <= 0x200d) ||
           code == 0x202f || (code >= 0x205f && code <= 0x2064) || code == 0x3000;
}

/* Letters, digits and most signs: written as a block, since a value may be as long as a store
 * lets it. */
static size_t plain_bytes(const char *text, const char *end)
{
    const char *at = text;
    while (at != end && *at >= ' ' && *at < 0x7f && *at != '#')
        at++;
    return (size_t)(at - text);
}

/* Two colons begin a command where a line begins: "::stop-commands::". */
size_t tm_put_shown(FILE *out, const char *text, size_t size, enum tm_position position)
{
    const char *end = text + size;
    bool first = position == TM_FIRST_IN_LINE;
    size_t width = 0;
    for (struct character c; next_within(&text, end, &c); first = first && (c.kind != PLAIN || is_blank(c.code))) {
        size_t plain = first ? 0 : plain_bytes(c.at, end);
        if (plain > 0) {
            fwrite(c.at, 1, plain, out);
            text = c.at + plain;
            width += plain;
            continue;
        }
        if (c.kind != PLAIN || begins_command(&c, text, end) || (first && c.code == ':')) {
            width += 1 + spell(out, "\\", &c);
        } else {
            fwrite(c.at, 1, c.size, out);
            width++;
        }
    }
    return width;
}

void tm_put_safe(FILE *out, const char *text)
{
    tm_put_shown(out, text, strlen(text), TM_WITHIN_LINE);
}

void tm_put_safe_first(FILE *out, const char *text)
{
    tm_put_shown(out, text, strlen(text), TM_FIRST_IN_LINE);
}

bool tm_is_safe(const char *text)
{
    for (struct character c; next_character(&text, &c);)
        if (c.kind != PLAIN || (c.code == '#' && *text == '#'))
            return false;
    return true;
}

/* Both quotes too, so that the text may stand in an attribute. Characters that XML forbids even
 * as references are spelt out. */
void tm_put_xml(FILE *out, const char *text)
{
    for (struct character c; next_character(&text, &c);)
        switch (c.code) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        case 0xfffe:
        case 0xffff: /* no XML characters */
            fprintf(out, "\\u{%04X}", c.code);
            break;
        case '#':
            fputs(*text == '#' ? "&#35;" : "#", out);
            break;
        default:
            put_character(out, &c);
        }
}

/* < > & too: then the string is safe inside <script>, where the HTML parser looks for tags before
 * any JSON is read. What is broken becomes U+FFFD, since JSON has no bytes. */
void tm_put_json_text(FILE *out, const char *text, size_t size)
{
    const char *end = text + size;
    putc('"', out);
    for (struct character c; next_within(&text, end, &c);)
        if (c.kind == BROKEN)
            fputs("\\ufffd", out);
        else if (c.kind != PLAIN || c.code == '<' || c.code == '>' || c.code == '&' || begins_command(&c, text, end))
            fprintf(out, "\\u%04x", c.code);
        else if (c.code == '"' || c.code == '\\')
            fprintf(out, "\\%c", c.code);
        else
            put_character(out, &c);
    putc('"', out);
}

void tm_put_json(FILE *out, const char *text)
{
    tm_put_json_text(out, text, strlen(text));
}

/* Slack takes <!channel> and its like for commands, and reads three references. Before that it reads JSON: what is spelt out has
 * two backslashes there. */
void tm_put_slack(FILE *out, const char *text)
{
    putc('"', out);
    for (struct character c; next_character(&text, &c);)
        if (c.kind != PLAIN || begins_command(&c, text, text + strlen(text)))
            spell(out, "\\\\", &c);
        else if (c.code == '&' || c.code == '<' || c.code == '>')
            fputs(c.code == '&' ? "&amp;" : c.code == '<' ? "&lt;" : "&gt;", out);
        else if (c.code == '"' || c.code == '\\')
            fprintf(out, "\\%c", c.code);
        else
            put_character(out, &c);
    putc('"', out);
}

/* Punctuation becomes a character reference: that never is markup, not even inside a table's
 * cell. A host's name that begins with "www." becomes a link without any punctuation. */
void tm_put_markdown(FILE *out, const char *text)
{
    for (struct character c; next_character(&text, &c);)
        if (c.kind != PLAIN) {
            spell(out, "&#92;", &c);
        } else if ((c.code < 0x80 && strchr("&<>|`*_[]()#~$@\\!{}:", (int)c.code)) || strncasecmp(c.at, "www.", 4) == 0) {
            fprintf(out, "&#%u;", c.code);
        } else {
            put_character(out, &c);
        }
}

/* What a reader of CSV gets back is text for people then, and no longer the bytes. */
static void put_csv_shown(FILE *out, const char *text, size_t size)
{
    const char *end = text + size;
    bool quote = tm_csv_needs_quotes(text, size), first = true;
    fputs(quote ? "\"" : "", out);
    for (struct character c; next_within(&text, end, &c); first = first && (c.kind != PLAIN || is_blank(c.code)))
        if (begins_command(&c, text, end) || (first && c.code == ':'))
            spell(out, "\\", &c);
        else if (c.code == '"')
            fputs("\"\"", out);
        else
            put_character(out, &c);
    fputs(quote ? "\"" : "", out);
}

/* GitHub, GitLab and most others set CI; Azure Pipelines and TeamCity do not. */
bool tm_in_ci_job(void)
{
    static const char *const names[] = {"CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value && strcasecmp(value, "false") != 0 && strcmp(value, "0") != 0)
            return true;
    }
    return false;
}

/* A pipe of a CI job may lead to its log or to another program; nobody can tell, so it is the
 * log. */
bool tm_is_read_by_people(FILE *out)
{
    struct stat facts;
    int file = out == stdout ? STDOUT_FILENO : fileno(out); /* a stdout that is held back has no descriptor of its own */
    if (file < 0 || fstat(file, &facts) != 0)
        return false;
    return isatty(file) || (!S_ISREG(facts.st_mode) && tm_in_ci_job());
}

tm_csv_writer *tm_csv_writer_for(FILE *out)
{
    return tm_is_read_by_people(out) ? put_csv_shown : tm_csv_field;
}

char *tm_safe_text(const char *text)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return NULL;
    tm_put_safe(builder.out, text);
    return tm_built(&builder);
}

/* The runner knows %25, %0D and %0A in messages, and %3A and %2C in properties. */
static void put_github(FILE *out, const char *text, const char *hot)
{
    for (struct character c; next_character(&text, &c);)
        if (c.code < 0x80 && c.kind != BROKEN && strchr(hot, (int)c.code))
            fprintf(out, "%%%02X", c.code);
        else if (c.code == '#' && *text == '#')
            spell(out, "\\", &c);
        else
            put_character(out, &c);
}

void tm_put_github_data(FILE *out, const char *text)
{
    put_github(out, text, "%\r\n");
}

void tm_put_github_property(FILE *out, const char *text)
{
    put_github(out, text, "%\r\n:,");
}

/* Marks that turn the direction stay where programs read: two plugins must not become one by how
 * they are spelt. */
static void put_label(FILE *out, const char *text, bool for_people)
{
    for (struct character c; next_character(&text, &c);)
        if (c.code == '\n')
            fputs("\\n", out);
        else if (c.code == '"' || c.code == '\\')
            fprintf(out, "\\%c", c.code);
        else if (c.kind == CONTROL || c.kind == BROKEN || (for_people && (c.kind == DIRECTION || (c.code == '#' && *text == '#'))))
            spell(out, "\\\\", &c);
        else
            fwrite(c.at, 1, c.size, out);
}

static void put_label_as_it_is(FILE *out, const char *text)
{
    put_label(out, text, false);
}

static void put_label_shown(FILE *out, const char *text)
{
    put_label(out, text, true);
}

tm_escape *tm_label_writer_for(FILE *out)
{
    return tm_is_read_by_people(out) ? put_label_shown : put_label_as_it_is;
}

void tm_put_number(FILE *out, double value)
{
    char text[TM_NUMBER_SIZE];
    fputs(isfinite(value) ? tm_exact_number(value, text) : "null", out);
}
