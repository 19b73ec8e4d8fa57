/* The decisions file is read whole, or nothing of it counts. A slip of the pen in one line keeps the
 * gate from judging by any: a decision that is not heeded would look like a regression, and one that
 * means more than it says like a pass. */
#include "cli/decision_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/replace.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "gate/gate.h"

enum {
    LINE_MOST = 8192,    /* bytes: names and a reason have 1 KiB each */
    FILE_MOST = 4 << 20, /* bytes: tens of thousands of lines, which nobody reviews */
    WRONG_MOST = 20      /* lines: of a file that is something else, more say nothing more */
};

/* ---- reading ---- */

static int add_line(struct tm_decision_file *file, const struct tm_decision_line *line)
{
    uint64_t id = strtoull(line->id, NULL, 16); /* all of it, so nothing need be compared */
    size_t there = tm_hash_find(&file->by_id, id, NULL, NULL);
    if (there)
        return tm_trouble("%s:%" PRIu64 ": line %" PRIu64 " says the same", file->path, line->number,
                          file->lines[there - 1].number);
    struct tm_decision_line *added = tm_array_add(&file->lines, &file->n, sizeof *added);
    if (!added || tm_hash_add(&file->by_id, id, file->n) != 0)
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
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    if (size > LINE_MOST)
        return tm_trouble("%s:%" PRIu64 ": longer than %d bytes", file->path, number, LINE_MOST);
    text += number == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte order mark */
    text += strspn(text, " \t");
    if (!*text || *text == '#')
        return 0;
    int code = tm_decision_line_read(text, file->path, number, &file->texts, &line);
    return code ? code : add_line(file, &line);
}

/* All lines, whatever is wrong with one, so that all that is wrong is told. *number: of the last line. */
static int read_lines(struct tm_decision_file *file, FILE *in, uint64_t *number)
{
    char *text = NULL;
    size_t room = 0, wrong = 0;
    int code = 0;
    ssize_t size;
    for (*number = 0; (size = getline(&text, &room, in)) >= 0 && wrong < WRONG_MOST;)
        wrong += take_line(file, text, (size_t)size, ++*number) != 0;
    if (wrong > 0)
        code = TM_EXIT_TROUBLE;
    if (size >= 0)
        tm_hint("'%s' has %d wrong lines: the rest was not looked at", file->path, WRONG_MOST);
    else if (!feof(in))
        code = tm_trouble("cannot read '%s': %s", file->path, strerror(errno));
    free(text);
    return code;
}

/* A file, and no large one: a pull request may have brought anything of that name. A link of the usual name is not followed, since
 * what stands in the file that it points to would be shown as a line that is wrong. NULL after a message. */
static FILE *open_file(const char *path, bool follow)
{
    struct stat facts;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
    FILE *in = NULL;
    if (descriptor < 0)
        tm_trouble(errno == ELOOP && !follow ? "cannot open '%s': it is a link, which --decisions follows" : "cannot open '%s': %s",
                   path, strerror(errno));
    else if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode))
        tm_trouble("'%s' is no regular file", path);
    else if (facts.st_size > FILE_MOST)
        tm_trouble("'%s' has more than %d bytes", path, FILE_MOST);
    else if (!(in = fdopen(descriptor, "r")))
        tm_trouble("cannot open '%s': %s", path, strerror(errno));
    if (descriptor >= 0 && !in)
        close(descriptor);
    return in;
}

static int read_file(struct tm_decision_file *file, bool follow, uint64_t *number)
{
    FILE *in = open_file(file->path, follow);
    if (!in)
        return TM_EXIT_TROUBLE;
    int code = read_lines(file, in, number);
    fclose(in);
    return code;
}

int tm_decision_file_read(const struct tm_context *context, struct tm_decision_file *file)
{
    static const char usual[] = "tidemark.decisions";
    const char *named = tm_option_value(context->arguments, "decisions");
    struct stat facts;
    uint64_t number;
    *file = (struct tm_decision_file){.path = named ? named : tm_config_value(context->config, "store", "decisions")};
    if (file->path)
        return read_file(file, true, &number);
    if (lstat(usual, &facts) != 0)
        return 0;
    file->path = usual;
    return read_file(file, false, &number);
}

void tm_decision_file_free(struct tm_decision_file *file)
{
    free(file->lines);
    tm_hash_free(&file->by_id);
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

/* Reads what is there, and the new lines behind it, before anything is written: what cannot be read again must not be there, and
 * what is no decisions file gets no line. */
static int make_lines(struct tm_decision_file *file, const struct tm_decision_words *words, size_t n, char **lines)
{
    uint64_t number = 0;
    int code = access(file->path, F_OK) == 0 ? read_file(file, true, &number) : 0;
    for (size_t i = 0; i < n && code == 0; i++) {
        lines[i] = tm_decision_line_text(&words[i]);
        char *copy = lines[i] ? strdup(lines[i]) : NULL;
        code = copy ? take_line(file, copy, strlen(copy), ++number) : tm_trouble("out of memory");
        free(copy);
    }
    return code;
}

int tm_decision_file_append(const char *path, const struct tm_decision_words *words, size_t n)
{
    struct tm_decision_file file = {.path = path};
    char **lines = calloc(n, sizeof *lines);
    if (!lines)
        return tm_trouble("out of memory");
    int code = make_lines(&file, words, n, lines);
    int error = code == 0 ? write_with(path, lines, n) : 0;
    if (error)
        code = tm_trouble("cannot write '%s': %s", path, strerror(error));
    for (size_t i = 0; i < n; i++)
        free(lines[i]);
    free(lines);
    tm_decision_file_free(&file);
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

/* What is taken back changes what is open, so new lines are decided behind the next judging. */
int tm_decision_file_follow(struct tm_context *context, const struct tm_decision_file *file, const char *key)
{
    struct tm_lines_told told = {.removed = 1};
    size_t judged;
    int newest = file->path ? is_newest(context) : 0;
    while (newest == 1 && told.removed > 0) {
        if (tm_decide_lines(context->store, &context->scope, &context->run, file->lines, file->n, &told) != 0)
            return tm_store_trouble(context->store);
        tell(file, &told);
        if (told.added + told.removed == 0)
            break;
        tm_judged_run_free(&context->run);
        if (tm_gate_judge(context->store, &context->settings, &context->scope, key, &tm_terminal_watcher, &context->run, &judged) !=
            0)
            newest = -1;
    }
    return newest < 0 ? tm_store_trouble(context->store) : 0;
}
