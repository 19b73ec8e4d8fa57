/* A decision a line, in words that people write and review:
 *
 *     accept pdf-parser wall_per_call_ms since=2026-11-20 -- OCR is on now
 *     waive "image *" peak_mem_kb ceiling=+30% until=2027-01-31 issue=https://... -- the fix is in review
 *     retire font-loader -- part of the renderer now
 */
#include "cli/decision_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cli/message.h"
#include "schema/valid.h"

enum { DAY = 86400, WORD_SHOWN = 20 }; /* seconds; bytes of a word that is none of ours, for it may be a secret of another file */

/* From 1000 times on it is no ceiling. */
int tm_read_ceiling(const char *text, double *ceiling)
{
    char *end;
    *ceiling = strtod(text, &end);
    if (*end == '%') {
        *ceiling /= 100;
        end++;
    }
    return end > text && !*end && *ceiling > 0 && *ceiling < 1000 ? 0 : -1;
}

/* A date means its whole day. */
int tm_read_last_second(const char *text, int64_t *seconds)
{
    if (tm_time_parse(text, strlen(text), seconds) != 0)
        return -1;
    if (strlen(text) == strlen("2027-01-31"))
        *seconds += DAY - 1;
    return 0;
}

/* A line in hand. */
struct parsing {
    const char *path;
    struct tm_arena *texts;
    struct tm_decision_line line;
    const char *until, *ceiling; /* as written */
    bool wrong;
};

__attribute__((format(printf, 2, 3))) static void fault(struct parsing *p, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    tm_say(stderr, "%s:%" PRIu64 ": %s", p->path, p->line.number, text);
    p->wrong = true;
}

/* The next word of *at, cut off in place: up to a blank that stands outside of quotes; within them \" and \\ stand for themselves.
 * *quoted: it begins with one, so it is no key. NULL: there is none, or (*at is NULL then) a quote has no end. */
static char *next_word(char **at, bool *quoted)
{
    char *from = *at + strspn(*at, " \t"), *word = from, *to = from;
    bool inside = false;
    *quoted = *from == '"';
    *at = from;
    if (!*from)
        return NULL;
    for (; *from && (inside || !strchr(" \t", *from)); from++) {
        if (*from == '"') {
            inside = !inside;
            continue;
        }
        if (inside && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        *to++ = *from;
    }
    *at = inside ? NULL : from + (*from != '\0');
    *to = '\0';
    return inside ? NULL : word;
}

/* Where the reason begins: behind the first " -- " that stands outside of quotes, which is cut off. NULL: there is none. */
static char *cut_reason(char *text)
{
    bool inside = false;
    for (char *at = text; *at; at++) {
        if (inside && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            inside = !inside;
        else if (!inside && strncmp(at, " -- ", strlen(" -- ")) == 0) {
            *at = '\0';
            at += strlen(" -- ");
            return at + strspn(at, " \t");
        }
    }
    return NULL;
}

static const char *keep(struct parsing *p, const char *text)
{
    const char *copy = tm_arena_text(p->texts, text, strlen(text));
    if (!copy)
        fault(p, "out of memory");
    return copy;
}

/* since=, until=, ceiling=, issue=. false: it is no such word. */
static bool take_key(struct parsing *p, const char *word)
{
    const struct {
        const char *key, **value;
    } keys[] = {{"since=", &p->line.since}, {"until=", &p->until}, {"ceiling=", &p->ceiling}, {"issue=", &p->line.issue}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t size = strlen(keys[i].key);
        if (strncmp(word, keys[i].key, size) != 0)
            continue;
        if (*keys[i].value || !word[size])
            fault(p, *keys[i].value ? "'%s' stands there twice" : "'%s' has no value", keys[i].key);
        *keys[i].value = keep(p, word + size);
        return true;
    }
    return false;
}

/* "PLUGIN [METRIC] KEY=VALUE..." */
static void take_words(struct parsing *p, char *rest)
{
    bool quoted;
    for (char *word; rest && (word = next_word(&rest, &quoted));) {
        if (!quoted && take_key(p, word))
            continue;
        if (!p->line.plugin)
            p->line.plugin = keep(p, word);
        else if (!p->line.metric)
            p->line.metric = keep(p, word);
        else
            fault(p, "'%s' is too much: expected PLUGIN [METRIC] KEY=VALUE... -- REASON", word);
    }
    if (!rest)
        fault(p, "a quote has no end");
}

static void check_name(struct parsing *p, const char *what, const char *name)
{
    const char *wrong = name ? tm_name_fault(name, strlen(name)) : NULL;
    if (wrong)
        fault(p, "the %s %s", what, wrong);
}

static void check_times(struct parsing *p)
{
    struct tm_decision_line *line = &p->line;
    line->since_at = line->until = TM_UNKNOWN;
    /* Digits alone are a run's key, or a commit. */
    if (line->since && (strlen(line->since) < 10 || line->since[4] != '-' ||
                        tm_time_parse(line->since, strlen(line->since), &line->since_at) != 0))
        line->since_at = TM_UNKNOWN;
    if (p->until && tm_read_last_second(p->until, &line->until) != 0)
        fault(p, "until=%s is no date", p->until);
    else if (p->until && line->since_at != TM_UNKNOWN && line->until < line->since_at)
        fault(p, "until=%s lies before since=%s", p->until, line->since);
}

/* What each kind needs, and what it cannot have. */
static void check_kind(struct parsing *p)
{
    struct tm_decision_line *line = &p->line;
    if (!line->plugin)
        fault(p, "expected PLUGIN behind '%s'", tm_decision_kind_name(line->kind));
    if (line->kind == TM_WAIVE && (!line->metric || !p->ceiling || !p->until))
        fault(p, "'waive' needs METRIC, ceiling=SHARE and until=DATE");
    if (line->kind == TM_ACCEPT && !line->since)
        fault(p, "'accept' needs since=RUN, since=COMMIT or since=DATE: what comes later is another change");
    if (line->kind != TM_ACCEPT && line->since)
        fault(p, "since= is for 'accept'");
    if (line->kind != TM_WAIVE && p->ceiling)
        fault(p, "ceiling= is for 'waive'");
    if (line->kind == TM_RETIRE && (line->metric || p->until))
        fault(p, "'retire' takes PLUGIN alone, and issue=");
    if (line->kind != TM_ACCEPT && line->plugin && strcmp(line->plugin, "*") == 0)
        fault(p, "'*' stands for the whole run, of which only a level can be accepted");
    if (p->ceiling && tm_read_ceiling(p->ceiling, &line->ceiling) != 0)
        fault(p, "ceiling=%s: expected a share above zero, like +30%% or 0.3", p->ceiling);
}

/* Of its fields, so that blanks and its place in the file are no other line. */
static void identify(struct parsing *p)
{
    struct tm_decision_line *line = &p->line;
    const char *const fields[] = {tm_decision_kind_name(line->kind),
                                  line->plugin,
                                  line->metric,
                                  line->since,
                                  p->until,
                                  p->ceiling,
                                  line->issue,
                                  line->reason};
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a, which stores hold: it stays as it is */
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        for (const char *at = fields[i] ? fields[i] : ""; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3;
        hash = (hash ^ 0xff) * 0x100000001b3; /* a byte that is in no text: fields do not run together */
    }
    snprintf(line->id, sizeof line->id, "%016" PRIx64, hash);
}

/* The reason is what stands behind " -- ". */
static void parse(struct parsing *p, char *text)
{
    bool quoted;
    char *reason = cut_reason(text), *rest = text;
    const char *kind = next_word(&rest, &quoted);
    int known = kind ? tm_decision_kind_named(kind) : -1;
    if (known < 0) {
        char shown[TM_SHOWN_SIZE];
        const char *found = kind ? kind : text;
        fault(p, "expected accept, waive or retire, found '%s'", tm_shown(found, strnlen(found, WORD_SHOWN), shown));
        return;
    }
    p->line.kind = (enum tm_decision_kind)known;
    take_words(p, rest);
    if (!reason || !*reason)
        fault(p, "expected ' -- REASON' at the end: others will ask why");
    else
        p->line.reason = keep(p, reason);
    check_name(p, "plugin", p->line.plugin);
    check_name(p, "metric", p->line.metric);
    check_name(p, "since", p->line.since);
    check_name(p, "issue", p->line.issue);
    check_name(p, "reason", p->line.reason);
    check_times(p);
    check_kind(p);
    if (!p->wrong)
        identify(p);
}

int tm_decision_line_read(char *text, const char *path, uint64_t number, struct tm_arena *texts, struct tm_decision_line *line)
{
    struct parsing parsing = {.path = path, .texts = texts, .line = {.number = number}};
    parse(&parsing, text);
    *line = parsing.line;
    return parsing.wrong ? TM_EXIT_TROUBLE : 0;
}

/* In quotes where it has a blank, a quote, or what would be a key. */
static void put_word(FILE *out, const char *key, const char *word)
{
    if (!word)
        return;
    fprintf(out, " %s", key);
    bool plain = *word && !strpbrk(word, " \t\"\\=");
    if (!plain)
        putc('"', out);
    for (; *word; word++) {
        if (!plain && (*word == '"' || *word == '\\'))
            putc('\\', out);
        putc(*word, out);
    }
    if (!plain)
        putc('"', out);
}

char *tm_decision_line_text(const struct tm_decision_words *words)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    fputs(tm_decision_kind_name(words->kind), out);
    put_word(out, "", words->plugin);
    put_word(out, "", words->metric);
    put_word(out, "since=", words->since);
    put_word(out, "ceiling=", words->ceiling);
    put_word(out, "until=", words->until);
    put_word(out, "issue=", words->issue);
    fprintf(out, " -- %s", words->reason);
    return tm_built(&builder);
}
