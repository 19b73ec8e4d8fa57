/* Fuzz targets: each takes bytes and must neither crash, leak, have undefined behaviour, nor need more than a second or 256 MB. The
 * same targets run under clang's fuzzer (main/libfuzzer.c) and over the stored inputs (main/replay.c).
 *
 * A new one is a file with one function, its line in targets.h, and a folder of small inputs, corpus/NAME. */
#ifndef TM_TESTS_FUZZ_FUZZ_H
#define TM_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TM_FUZZ_TARGET(name) void tm_fuzz_##name(const uint8_t *bytes, size_t size);
#include "tests/fuzz/targets.h"
#undef TM_FUZZ_TARGET

struct tm_fuzz_target {
    const char *name;
    void (*run)(const uint8_t *bytes, size_t size);
};

/* Ends with a row without a name. */
extern const struct tm_fuzz_target tm_fuzz_targets[];
const struct tm_fuzz_target *tm_fuzz_find(const char *name); /* NULL: none */

/* ---- scene.c: a folder of its own, which is the current one and away at the end, and the program as a function ---- */

/* Once; aborts where it cannot be made. Nothing outside is found by name: PATH is empty, and so is the rest of the environment. */
void tm_scene_begin(void);
void tm_scene_end(void);
/* Removes all files of the folder. */
void tm_scene_clear(void);
void tm_scene_write(const char *name, const void *bytes, size_t size);

/* A store of some nights, gates and decisions; the same bytes at every call. */
struct tm_scene_store {
    uint8_t *bytes;
    size_t size;
};
const struct tm_scene_store *tm_scene_store(void);

/* `tidemark WORDS...`, NULL at the end, in this process: its exit code. */
int tm_scene_run(const char *const *words);

/* What an input is read from, piece by piece; beyond its end all is 0. */
struct tm_pieces {
    const uint8_t *at, *end;
};
uint64_t tm_piece(struct tm_pieces *pieces, int bytes);
/* A text of at most `room` - 1 bytes, up to a NUL; its length. */
size_t tm_piece_text(struct tm_pieces *pieces, char *text, size_t room);

#endif
