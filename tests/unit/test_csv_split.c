/* Lines without a quote are split by hand, all others by libcsv: both must see the same fields. Also throws mutated files at the
 * reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ingest/formats/csv_split.h"
#include "ingest/ingest.h"

static uint64_t random_state = 42;

static unsigned pick(unsigned n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

/* What a handler was told, as one text: fields between bars, rows between newlines. */
struct told {
    char text[1 << 16];
    size_t size;
};

static void on_field(void *context, const char *text, size_t size)
{
    struct told *told = context;
    told->size += (size_t)snprintf(told->text + told->size, sizeof told->text - told->size, "%.*s|", (int)size, text);
}

static void on_row(void *context)
{
    struct told *told = context;
    told->text[told->size++] = '\n';
}

static int file_of(const char *text, size_t size)
{
    int fd = memfd_create("csv", 0);
    assert_int_equal(write(fd, text, size), (ssize_t)size);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void read_text(const char *text, size_t size, struct told *told)
{
    struct tm_csv_handler handler = {told, on_field, on_row};
    struct tm_diag diag = {0};
    struct tm_csv *current;
    _Atomic uint64_t bytes = 0;
    struct tm_source source = {.name = "text", .fd = file_of(text, size), .bytes = &bytes};
    told->size = 0;
    assert_int_equal(tm_csv_read(&source, &handler, &diag, &current), 0);
    assert_int_equal(diag.n_errors, 0);
    told->text[told->size] = '\0';
    close(source.fd);
}

static size_t add_field(char *plain, char *quoted, size_t *quoted_size)
{
    static const char *const blanks[] = {"", " ", "\t", "  "};
    static const char letters[] = "abcxyz0123456789.-_\xc3\xa4 e";
    char field[24];
    size_t size = pick(12), at = 0;
    for (size_t i = 0; i < size; i++)
        field[at++] = letters[pick(sizeof letters - 1)];
    while (at > 0 && field[at - 1] == ' ')
        at--;
    const char *first = field;
    while (at > 0 && *first == ' ')
        first++, at--;
    const char *before = blanks[pick(4)], *behind = blanks[pick(4)];
    *quoted_size += (size_t)sprintf(quoted + *quoted_size, "%s\"%.*s\"%s", before, (int)at, first, behind);
    return (size_t)sprintf(plain, "%s%.*s%s", before, (int)at, first, behind);
}

static void both_ways_see_the_same(void **state)
{
    (void)state;
    static struct told by_hand, by_libcsv;
    for (int round = 0; round < 3000; round++) {
        char plain[8192], quoted[16384];
        size_t plain_size = 0, quoted_size = 0, rows = 1 + pick(8), fields = 2 + pick(14);
        for (size_t r = 0; r < rows; r++) {
            for (size_t f = 0; f < fields; f++) {
                if (f)
                    plain[plain_size++] = quoted[quoted_size++] = ',';
                plain_size += add_field(plain + plain_size, quoted, &quoted_size);
            }
            const char *end = r + 1 == rows && pick(2) ? "" : pick(2) ? "\n" : "\r\n";
            plain_size += (size_t)sprintf(plain + plain_size, "%s", end);
            quoted_size += (size_t)sprintf(quoted + quoted_size, "%s", end);
        }
        read_text(plain, plain_size, &by_hand);
        read_text(quoted, quoted_size, &by_libcsv);
        assert_string_equal(by_hand.text, by_libcsv.text);
    }
}

/* Whatever is in a file, the reader ends, says why, and hands out no run that the store would refuse. */
static void read_anything(const char *bytes, size_t size, bool per_call)
{
    char path[64];
    int fd = file_of(bytes, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *files[] = {path};
    struct tm_ingest_options options = {.files = files, .n_files = 1, .per_call = per_call};
    struct tm_run_content content;
    struct tm_place place;
    tm_reader *reader = tm_reader_open(&options);
    int next;
    assert_non_null(reader);
    while ((next = tm_reader_next(reader, &content, &place)) == 1)
        assert_true(!content.run.key || *content.run.key);
    assert_true(next == 0 || tm_reader_diag(reader)->n_errors > 0);
    tm_reader_close(reader);
    close(fd);
}

static void mutated_files_are_survived(void **state)
{
    (void)state;
    static const char seed[] = "run,started_at,plugin,calls,errors,wall_ms,cpu_us,peak_mem_mb,p50_ms,p95_ms,queue\n"
                               "r1,2026-11-01T02:00:00Z,pdf-parser,12,0,4947.6,4100000,8.5,400,410,3\n"
                               "r1,2026-11-01T02:00:00Z,\"web, search\",100,2,8000,300000,20,70,95,\n"
                               "r2,2026-11-02T02:00:00Z,pdf-parser,12,1,5000.25,4.1e6,8.5,400,410,4\n";
    static const char spice[] = "\",\n\r\0-+.eE9:Tz\xff\xc3;x";
    for (int round = 0; round < 4000; round++) {
        char bytes[sizeof seed + 64];
        size_t size = sizeof seed - 1;
        memcpy(bytes, seed, size);
        for (unsigned changes = 1 + pick(6); changes > 0; changes--) {
            size_t at = pick((unsigned)size);
            unsigned way = pick(3);
            if (way == 0) {
                bytes[at] = spice[pick(sizeof spice - 1)];
            } else if (way == 1 && size < sizeof bytes - 1) {
                memmove(bytes + at + 1, bytes + at, size++ - at);
                bytes[at] = spice[pick(sizeof spice - 1)];
            } else {
                memmove(bytes + at, bytes + at + 1, --size - at);
            }
        }
        read_anything(bytes, size, pick(4) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_see_the_same),
        cmocka_unit_test(mutated_files_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
