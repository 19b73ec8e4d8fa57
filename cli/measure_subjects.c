/* Which commands are measured: one behind its name, a file of them, or a pair. Each is a list of words for the system; a line
 * becomes one by record/command/words.h, or is left to a shell. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "cli/arguments.h"
#include "cli/measure.h"
#include "record/command/words.h"
#include "schema/valid.h"

/* `words` is freed with the rest, also where there is no room to remember it: NULL then. */
static char **own(struct tm_measuring *measuring, char **words)
{
    void **place = words ? tm_array_add(&measuring->owned, &measuring->n_owned, sizeof *place) : NULL;
    if (!place) {
        free(words);
        return NULL;
    }
    *place = words;
    return words;
}

char **tm_measuring_shell(struct tm_measuring *measuring, const char *line)
{
    static char shell[] = "/bin/sh", option[] = "-c";
    size_t size = strlen(line) + 1;
    char **words = malloc(4 * sizeof *words + size);
    if (!words)
        return NULL;
    words[0] = shell;
    words[1] = option;
    words[2] = memcpy(words + 4, line, size);
    words[3] = NULL;
    return own(measuring, words);
}

/* Where a line stands, for messages: "FILE:3: ", or nothing. */
struct place {
    const char *file;
    size_t line;
};

static int trouble_at(const struct place *place, const char *what, const char *of)
{
    return place->file ? tm_trouble("%s:%zu: %s '%s'", place->file, place->line, what, of) : tm_trouble("%s '%s'", what, of);
}

/* The line's words; NULL after a message. */
static char **split(struct tm_measuring *measuring, const struct place *place, const char *line, size_t *n)
{
    char **words = NULL;
    size_t at = 0;
    switch (tm_words_split(line, &words, n, &at)) {
    case TM_WORDS_NO_MEMORY:
        break;
    case TM_WORDS_OPEN:
        trouble_at(place, "a quote is left open in", line + at);
        return NULL;
    case TM_WORDS_SPECIAL:
        trouble_at(place, "a shell would act on", line + at);
        tm_hint("put it into single quotes, or let a shell run the line: --shell");
        return NULL;
    case TM_WORDS_TAKEN:
        words = own(measuring, words);
        break;
    }
    if (!words)
        tm_trouble("out of memory");
    return words;
}

/* A name is checked before anything is measured: the store would refuse it when all is done. */
static int add(struct tm_measuring *measuring, const struct place *place, const char *name, char *const *words)
{
    const char *fault = tm_plugin_name_fault(name, strlen(name));
    if (fault)
        return place->file ? tm_trouble("%s:%zu: the name '%s' %s", place->file, place->line, name, fault)
                           : tm_trouble("the name '%s' %s", name, fault);
    if (!words || !words[0] || !*words[0])
        return trouble_at(place, "there is no command behind the name", name);
    struct tm_subject *subject = tm_array_add(&measuring->subjects, &measuring->n, sizeof *subject);
    if (!subject)
        return tm_trouble("out of memory");
    subject->name = name;
    subject->words = words;
    return 0;
}

/* A line as a command of that name; NULL: the line itself is the name. */
static int add_line(struct tm_measuring *measuring, const struct place *place, const char *name, const char *line)
{
    size_t n;
    bool shell = measuring->turns.by_shell;
    char **words = shell ? tm_measuring_shell(measuring, line) : split(measuring, place, line, &n);
    if (!words)
        return shell ? tm_trouble("out of memory") : TM_EXIT_TROUBLE;
    return add(measuring, place, name ? name : line, words);
}

/* ---- a file: NAME -- COMMAND... ---- */

/* The line is cut in two: before " -- " a word, which is the name, and behind it the command. */
static int add_file_line(struct tm_measuring *measuring, const struct place *place, char *line)
{
    size_t n;
    line += strspn(line, " \t");
    if (!*line || *line == '#')
        return 0;
    char *mark = strstr(line, " -- ");
    if (!mark)
        return trouble_at(place, "expected NAME -- COMMAND, found", line);
    *mark = '\0';
    char **words = split(measuring, place, line, &n);
    if (!words)
        return TM_EXIT_TROUBLE;
    if (n != 1)
        return trouble_at(place, "expected one word as the name, found", line);
    return add_line(measuring, place, words[0], mark + strlen(" -- "));
}

/* A name, and where to look for it. */
struct wanted {
    const struct tm_subject *subjects;
    const char *name;
};

static bool has_name(uintptr_t item, const void *key)
{
    const struct wanted *wanted = key;
    return strcmp(wanted->subjects[item - 1].name, wanted->name) == 0;
}

/* Two profiles of one name are none of a run. */
static int check_names(const struct tm_measuring *measuring, const char *file)
{
    struct tm_hash names = {0};
    int code = 0;
    for (size_t i = 0; i < measuring->n && code == 0; i++) {
        const struct wanted wanted = {measuring->subjects, measuring->subjects[i].name};
        uint64_t hash = tm_hash_text(wanted.name, strlen(wanted.name));
        if (tm_hash_find(&names, hash, has_name, &wanted))
            code = tm_trouble("%s: the name '%s' stands there twice", file, wanted.name);
        else if (tm_hash_add(&names, hash, i + 1) != 0)
            code = tm_trouble("out of memory");
    }
    tm_hash_free(&names);
    return code;
}

static int read_file(struct tm_measuring *measuring, const char *path)
{
    struct place place = {.file = path};
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int code = 0;
    FILE *in = fopen(path, "re");
    if (!in)
        return tm_trouble("cannot open '%s': %s", path, strerror(errno));
    while (code == 0 && (errno = 0, length = getline(&line, &room, in)) >= 0) {
        place.line++;
        if (length > 0 && line[length - 1] == '\n')
            line[--length] = '\0';
        code = strlen(line) == (size_t)length ? add_file_line(measuring, &place, line)
                                              : tm_trouble("%s:%zu: found a NUL byte, expected text", path, place.line);
    }
    if (code == 0 && errno)
        code = tm_trouble("cannot read '%s': %s", path, strerror(errno));
    free(line);
    fclose(in);
    if (code == 0 && measuring->n == 0)
        code = tm_trouble("'%s' names no command", path);
    return code == 0 ? check_names(measuring, path) : code;
}

/* ---- the line ---- */

static int read_one(const struct tm_arguments *arguments, struct tm_measuring *measuring)
{
    const struct place here = {0};
    if (arguments->n_words < 2)
        return tm_trouble("expected NAME -- COMMAND: the name under which it is stored, and what is measured");
    if (!measuring->turns.by_shell)
        return add(measuring, &here, arguments->words[0], arguments->words + 1);
    if (arguments->n_words > 2)
        return tm_trouble("--shell takes one line as one word, found '%s' behind it", arguments->words[2]);
    return add_line(measuring, &here, arguments->words[0], arguments->words[1]);
}

int tm_measuring_read_subjects(const struct tm_arguments *arguments, struct tm_measuring *measuring)
{
    const struct place here = {0};
    const char *file = tm_option_value(arguments, "file");
    if (!file && !measuring->pair)
        return read_one(arguments, measuring);
    if (file)
        return arguments->n_words ? tm_trouble("with --file no command stands on the line, found '%s'", arguments->words[0])
                                  : read_file(measuring, file);
    if (arguments->n_words != 2)
        return tm_trouble("--pair takes two commands, each a line in quotes, found %d words", arguments->n_words);
    int code = add_line(measuring, &here, NULL, arguments->words[0]);
    return code == 0 ? add_line(measuring, &here, NULL, arguments->words[1]) : code;
}
