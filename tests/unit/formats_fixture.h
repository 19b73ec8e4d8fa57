/* What tests of the formats' readers share: the fixtures of tests/data/formats, and reading any bytes as a reader would a file. */
#ifndef TM_TESTS_FORMATS_FIXTURE_H
#define TM_TESTS_FORMATS_FIXTURE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/formats/formats.h"
#include "ingest/formats/sniff.h"
#include "ingest/ingest.h"
#include "schema/valid.h"

enum { FIXTURE_SIZE = 8192, FIXTURES = 64 };

struct fixture {
    const char *format;
    char name[256];
    char bytes[FIXTURE_SIZE];
    size_t size;
};

/* Every file (no tree) of tests/data/formats; how many. */
static inline size_t read_fixtures(struct fixture *fixtures)
{
    const char *top = getenv("TM_SOURCE_DIR");
    char path[1024];
    size_t n = 0;
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++) {
        snprintf(path, sizeof path, "%s/tests/data/formats/%s", top ? top : ".", (*format)->name);
        DIR *directory = opendir(path);
        if (!directory) /* of csv, which has cases of its own */
            continue;
        for (struct dirent *entry; (entry = readdir(directory));) {
            struct fixture *fixture = &fixtures[n];
            snprintf(path, sizeof path, "%s/tests/data/formats/%s/%s", top ? top : ".", (*format)->name, entry->d_name);
            FILE *in = *entry->d_name != '.' && !strstr(entry->d_name, ".expect") ? fopen(path, "rb") : NULL;
            if (!in)
                continue;
            assert_true(n < FIXTURES);
            fixture->format = (*format)->name;
            snprintf(fixture->name, sizeof fixture->name, "%s", entry->d_name);
            fixture->size = fread(fixture->bytes, 1, FIXTURE_SIZE, in);
            assert_true(fixture->size < FIXTURE_SIZE);
            n += !ferror(in) && fixture->size > 0; /* a tree cannot be read */
            fclose(in);
        }
        closedir(directory);
    }
    return n;
}

/* Whatever is in a file, the reader ends, says what is wrong with it by its name, and hands out no run that the store would refuse.
 * Returns the number of runs; -1: it had errors. */
static inline int read_bytes(const char *bytes, size_t size, const char *format, const char *what)
{
    char path[64];
    const char *field;
    int fd = memfd_create("input", MFD_CLOEXEC), runs = 0, next;
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *files[] = {path};
    struct tm_ingest_options options = {
        .files = files, .n_files = 1, .format = format, .label = format && strcmp(format, "otlp") == 0 ? NULL : "plugin"};
    options.run.started_at = 1772359200;
    options.run.host = "lab";
    struct tm_run_content content;
    struct tm_place place;
    tm_reader *reader = tm_reader_open(&options);
    assert_non_null(reader);
    for (; (next = tm_reader_next(reader, &content, &place)) == 1; runs++)
        for (size_t i = 0; i < content.n_profiles; i++) {
            const struct tm_profile *profile = &content.profiles[i];
            const char *fault = tm_plugin_name_fault(profile->plugin, strlen(profile->plugin));
            field = "name";
            fault = fault ? fault : tm_profile_fault(profile, &field);
            if (fault)
                fail_msg("%s as %s: '%s' has a %s that %s", what, format ? format : "what it is", profile->plugin, field, fault);
        }
    const struct tm_diag *diag = tm_reader_diag(reader);
    if ((next < 0) != (diag->n_errors > 0))
        fail_msg("%s as %s: %d with %d errors", what, format, next, (int)diag->n_errors);
    if (next < 0 && strncmp(diag->errors[0], path, strlen(path)) != 0)
        fail_msg("%s as %s: the message does not begin with the file: %s", what, format, diag->errors[0]);
    tm_reader_close(reader);
    close(fd);
    return next < 0 ? -1 : runs;
}

#endif
