/* The decisions file is read whole, or nothing of it counts. A slip of the pen in one line keeps the
 * gate from judging by any: a decision that is not heeded would look like a regression, and one that
 * means more than it says like a pass. */
#include "cli/decision_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/replace.h"
#include "cli/arguments.h"
#include "cli/config.h"

enum { LINE_MOST = 8192 }; /* bytes: names and a reason have 1 KiB each */

/* ---- reading ---- */

static int add_line(struct tm_decision_file *file, const struct tm_decision_line *line)
{
    for (size_t i = 0; i < file->n; i++)
        if (strcmp(file->lines[i].id, line->id) == 0)
            return tm_trouble("%s:%" PRIu64 ": line %" PRIu64 " says the same", file->path, line->number, file->lines[i].number);
    struct tm_decision_line *added = tm_array_add(&file->lines, &file->n, sizeof *added);
    if (!added)
        return tm_trouble("out of memory");
    *added = *line;
    return 0;
}

/* Blanks at either end, an empty line and a remark say nothing. */
static int take_line(struct tm_decision_file *file, char *text, size_t size, uint64_t number)
{
    struct tm_decision_line line;
    if (memchr(text, '\0', size))
        return tm_trouble("%s:%" PRIu64 ": holds a NUL", file->path, number);
    if (size > LINE_MOST)
        return tm_trouble("%s:%" PRIu64 ": longer than %d bytes", file->path, number, LINE_MOST);
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    text += number == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte order mark */
    text += strspn(text, " \t");
    if (!*text || *text == '#')
        return 0;
    int code = tm_decision_line_read(text, file->path, number, &file->texts, &line);
    return code ? code : add_line(file, &line);
}

/* All lines, whatever is wrong with one, so that all that is wrong is told. */
static int read_lines(struct tm_decision_file *file, FILE *in)
{
    char *text = NULL;
    size_t room = 0;
    uint64_t number = 0;
    int code = 0;
    ssize_t size;
    while ((size = getline(&text, &room, in)) >= 0)
        if (take_line(file, text, (size_t)size, ++number) != 0)
            code = TM_EXIT_TROUBLE;
    if (!feof(in))
        code = tm_trouble("cannot read '%s': %s", file->path, strerror(errno));
    free(text);
    return code;
}

int tm_decision_file_read(const struct tm_context *context, struct tm_decision_file *file)
{
    static const char usual[] = "tidemark.decisions";
    const char *named = tm_option_value(context->arguments, "decisions");
    *file = (struct tm_decision_file){.path = named ? named : tm_config_value(context->config, "store", "decisions")};
    if (!file->path && access(usual, F_OK) != 0)
        return 0;
    file->path = file->path ? file->path : usual;
    FILE *in = fopen(file->path, "re");
    if (!in)
        return tm_trouble("cannot open '%s': %s", file->path, strerror(errno));
    int code = read_lines(file, in);
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

/* What was there, with an end to its last line, and the new lines. Returns errno, or 0. */
static int write_with(const char *path, char *const *lines, size_t n)
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
    for (size_t size; old && (size = fread(chunk, 1, sizeof chunk, old)) > 0; last = chunk[size - 1])
        fwrite(chunk, 1, size, replacement.out);
    bool read = !old || !ferror(old);
    if (old)
        fclose(old);
    fputs(last == '\n' ? "" : "\n", replacement.out);
    for (size_t i = 0; i < n; i++)
        fprintf(replacement.out, "%s\n", lines[i]);
    error = tm_replacement_end(&replacement, read);
    return read ? error : EIO;
}

/* Read before it is written: what cannot be read again must not be there. */
static int check_line(const char *path, const char *text)
{
    struct tm_arena texts = {0};
    struct tm_decision_line line;
    char *copy = strdup(text);
    int code = copy ? tm_decision_line_read(copy, path, 1, &texts, &line) : tm_trouble("out of memory");
    free(copy);
    tm_arena_free(&texts);
    return code;
}

int tm_decision_file_append(const char *path, const struct tm_decision_words *words, size_t n)
{
    char **lines = calloc(n, sizeof *lines);
    int code = 0;
    if (!lines)
        return tm_trouble("out of memory");
    for (size_t i = 0; i < n && code == 0; i++) {
        lines[i] = tm_decision_line_text(&words[i]);
        code = lines[i] ? check_line(path, lines[i]) : tm_trouble("out of memory");
    }
    int error = code == 0 ? write_with(path, lines, n) : 0;
    if (error)
        code = tm_trouble("cannot write '%s': %s", path, strerror(error));
    for (size_t i = 0; i < n; i++)
        free(lines[i]);
    free(lines);
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
