/* Any bytes as any format: the first byte says as which one (or none: as it is sniffed), the others are the file. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/formats/formats.h"
#include "ingest/ingest.h"
#include "tests/fuzz/fuzz.h"

void tm_fuzz_format(const uint8_t *bytes, size_t size)
{
    char path[64];
    size_t n = 0;
    if (size == 0)
        return;
    while (tm_input_formats[n])
        n++;
    /* A letter, so that the corpus can be read: 'A' is the first format, '?' none. */
    size_t format = (size_t)bytes[0] - 'A';
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, bytes + 1, size - 1) == (ssize_t)size - 1) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        const char *files[] = {path};
        struct tm_ingest_options options = {.files = files,
                                            .n_files = 1,
                                            .format = format < n ? tm_input_formats[format]->name : NULL,
                                            .label = size % 2 ? "plugin" : NULL};
        struct tm_run_content content;
        struct tm_place place;
        tm_reader *reader = tm_reader_open(&options);
        for (int next = 1; reader && next == 1;)
            next = tm_reader_next(reader, &content, &place);
        tm_reader_close(reader);
    }
    close(fd);
}
