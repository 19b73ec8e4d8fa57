/* A decision a line, in words that people write and review:
 *
 *     accept pdf-parser wall_per_call_ms since=2026-11-20 -- OCR is on now
 *     waive "image *" peak_mem_kb ceiling=+30% until=2027-01-31 issue=https://... -- the fix is in review
 *     retire font-loader -- part of the renderer now
 *
 * A slip of the pen in one line keeps the gate from judging by any: a decision that is not heeded
 * would look like a regression, and one that means more than it says like a pass. */
#include "cli/decision_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/builder.h"
#include "base/replace.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "schema/valid.h"

enum { LINE_MOST = 8192, DAY = 86400 }; /* bytes: names and a reason have 1 KiB each; seconds */

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

/* A line in hand. */
struct parsing {
    struct tm_decision_file *file;
    struct tm_decision_line line;
    const char *until, *ceiling; /* as written */
    bool wrong;                  /* one of the lines was */
};

__attribute__((format(printf, 2, 3))) static void fault(struct parsing *p, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    tm_say(stderr, "%s:%" PRIu64 ": %s", p->file->path, p->line.number, text);
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
    const char *copy = tm_arena_text(&p->file->texts, text, strlen(text));
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
    if (p->until && tm_time_parse(p->until, strlen(p->until), &line->until) != 0)
        fault(p, "until=%s is no date", p->until);
    else if (p->until && strlen(p->until) == strlen("2027-01-31"))
        line->until += DAY - 1; /* a date means its whole day */
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

static void add_line(struct parsing *p)
{
    for (size_t i = 0; i < p->file->n; i++)
        if (strcmp(p->file->lines[i].id, p->line.id) == 0) {
            fault(p, "line %" PRIu64 " says the same", p->file->lines[i].number);
            return;
        }
    struct tm_decision_line *added = tm_array_add(&p->file->lines, &p->file->n, sizeof *added);
    if (added)
        *added = p->line;
    else
        fault(p, "out of memory");
}

/* The reason is what stands behind " -- ". */
static void parse_line(struct parsing *p, char *text)
{
    bool wrong = p->wrong, quoted;
    char *reason = cut_reason(text), *rest = text;
    p->line = (struct tm_decision_line){.number = p->line.number};
    p->until = p->ceiling = NULL;
    p->wrong = false;
    const char *kind = next_word(&rest, &quoted);
    int known = kind ? tm_decision_kind_named(kind) : -1;
    if (known < 0) {
        fault(p, "expected accept, waive or retire, found '%s'", kind ? kind : text);
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
    check_name(p, "issue", p->line.issue);
    check_name(p, "reason", p->line.reason);
    check_times(p);
    check_kind(p);
    if (!p->wrong) {
        identify(p);
        add_line(p);
    }
    p->wrong = p->wrong || wrong;
}

static int read_lines(struct parsing *p, FILE *in)
{
    char text[LINE_MOST];
    while (fgets(text, sizeof text, in)) {
        size_t size = strlen(text);
        p->line.number++;
        if (size + 1 == sizeof text && text[size - 1] != '\n')
            return tm_trouble("%s:%" PRIu64 ": longer than %d bytes", p->file->path, p->line.number, LINE_MOST - 2);
        if (size > 0 && text[size - 1] != '\n' && !feof(in))
            return tm_trouble("%s:%" PRIu64 ": holds a NUL", p->file->path, p->line.number);
        while (size > 0 && isspace((unsigned char)text[size - 1]))
            text[--size] = '\0';
        size_t begin = p->line.number == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte order mark */
        begin += strspn(text + begin, " \t");
        if (text[begin] && text[begin] != '#')
            parse_line(p, text + begin);
    }
    if (ferror(in))
        return tm_trouble("cannot read '%s': %s", p->file->path, strerror(errno));
    return p->wrong ? TM_EXIT_TROUBLE : 0;
}

int tm_decision_file_read(const struct tm_context *context, struct tm_decision_file *file)
{
    static const char usual[] = "tidemark.decisions";
    const char *named = tm_option_value(context->arguments, "decisions");
    *file = (struct tm_decision_file){.path = named ? named : tm_config_value(context->config, "store", "decisions")};
    if (!file->path && access(usual, F_OK) != 0)
        return 0;
    file->path = file->path ? file->path : usual;
    struct parsing parsing = {.file = file};
    FILE *in = fopen(file->path, "re");
    if (!in)
        return tm_trouble("cannot open '%s': %s", file->path, strerror(errno));
    int code = read_lines(&parsing, in);
    fclose(in);
    return code;
}

void tm_decision_file_free(struct tm_decision_file *file)
{
    free(file->lines);
    tm_arena_free(&file->texts);
    *file = (struct tm_decision_file){0};
}

/* ---- writing ---- */

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

/* NULL: no memory. */
static char *line_of(const struct tm_decision_words *words)
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

/* What was there, with an end to its last line, and the new one. Returns errno, or 0. */
static int write_with(const char *path, const char *line)
{
    struct tm_replacement replacement = {0};
    char chunk[4096], last = '\n';
    FILE *old = fopen(path, "re");
    int error = old || errno == ENOENT ? tm_replacement_begin(&replacement, path) : errno;
    if (error) {
        if (old)
            fclose(old);
        return error;
    }
    for (size_t n; old && (n = fread(chunk, 1, sizeof chunk, old)) > 0; last = chunk[n - 1])
        fwrite(chunk, 1, n, replacement.out);
    bool read = !old || !ferror(old);
    if (old)
        fclose(old);
    fprintf(replacement.out, "%s%s\n", last == '\n' ? "" : "\n", line);
    error = tm_replacement_end(&replacement, read);
    return read ? error : EIO;
}

/* Parsed before it is written: what cannot be read again must not be there. */
int tm_decision_file_append(const char *path, const struct tm_decision_words *words)
{
    struct tm_decision_file scratch = {.path = path};
    struct parsing parsing = {.file = &scratch};
    char *line = line_of(words), *copy = line ? strdup(line) : NULL;
    int code = copy ? 0 : tm_trouble("out of memory");
    if (code == 0) {
        parse_line(&parsing, copy);
        code = parsing.wrong ? TM_EXIT_TROUBLE : 0;
    }
    int error = code == 0 ? write_with(path, line) : 0;
    if (error)
        code = tm_trouble("cannot write '%s': %s", path, strerror(error));
    free(line);
    free(copy);
    tm_decision_file_free(&scratch);
    return code;
}

/* ---- following ---- */

/* Older runs are judged by what was decided up to them. */
static int is_newest(const struct tm_context *context)
{
    const struct tm_scope scope = {.project = context->scope.project, .branch = context->run.branch, .host = context->scope.host};
    struct tm_judged_run newest;
    int found = tm_judged_run_find(context->store, &scope, NULL, &newest);
    bool is = found == 1 && newest.id == context->run.id;
    tm_judged_run_free(&newest);
    return found < 0 ? -1 : is;
}

static void tell(const struct tm_decision_file *file, const struct tm_lines_told *told)
{
    if (told->added > 0)
        tm_hint("'%s': %zu decision%s made", file->path, told->added, told->added == 1 ? " was" : "s were");
    if (told->removed > 0)
        tm_hint("'%s': %zu decision%s not in it any more, and taken back", file->path, told->removed,
                told->removed == 1 ? " is" : "s are");
    if (told->waiting > 0)
        tm_hint("'%s': %zu line%s nothing to decide yet; the first is line %" PRIu64, file->path, told->waiting,
                told->waiting == 1 ? " has" : "s have", told->first_waiting);
}

int tm_decision_file_follow(const struct tm_context *context, bool *changed, bool *unfinished)
{
    struct tm_decision_file file;
    struct tm_lines_told told = {0};
    int code = tm_decision_file_read(context, &file), newest = code == 0 && file.path ? is_newest(context) : 0;
    if (newest < 0 ||
        (newest == 1 && tm_decide_lines(context->store, &context->scope, &context->run, file.lines, file.n, &told) != 0))
        code = tm_store_trouble(context->store);
    if (code == 0)
        tell(&file, &told);
    *changed = told.added + told.removed > 0;
    *unfinished = told.removed > 0;
    tm_decision_file_free(&file);
    return code;
}
