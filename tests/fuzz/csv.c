/* The CSV reader, without a store. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/ingest.h"
#include "tests/fuzz/fuzz.h"

void tm_fuzz_csv(const uint8_t *bytes, size_t size)
{
    char path[64];
    int fd = memfd_create("csv", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *files[] = {path};
    struct tm_ingest_options options = {.files = files, .n_files = 1, .per_call = size % 2};
    struct tm_run_content content;
    struct tm_place place;
    tm_reader *reader = tm_reader_open(&options);
    for (int next = 1; reader && next == 1;)
        next = tm_reader_next(reader, &content, &place);
    tm_reader_close(reader);
    close(fd);
}
