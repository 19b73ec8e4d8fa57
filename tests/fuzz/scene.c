/* Where inputs are tried: a folder in memory where there is one, a store that is made once, and the program's own main(), which the
 * Makefile renames. */
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

int tm_program(int argc, char **argv);

enum { WORDS_MOST = 64 };

static char folder[512];

static void must(bool well, const char *what)
{
    if (well)
        return;
    fprintf(stderr, "fuzz: cannot %s: %s\n", what, strerror(errno));
    abort();
}

void tm_scene_begin(void)
{
    const char *place = getenv("TMPDIR");
    struct stat status;
    if (stat("/dev/shm", &status) == 0 && access("/dev/shm", W_OK) == 0)
        place = "/dev/shm"; /* each input makes files anew, with a sync */
    snprintf(folder, sizeof folder, "%s/tidemark-fuzz.XXXXXX", place ? place : "/tmp");
    must(mkdtemp(folder) && chdir(folder) == 0, "make a folder");
    clearenv();
    must(setenv("PATH", "/nonexistent", 1) == 0 && setenv("TMPDIR", folder, 1) == 0, "set the environment");
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type;
    if (place->level > 0)
        remove(path);
    return 0;
}

void tm_scene_clear(void)
{
    must(chdir(folder) == 0 && nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, "clear the folder");
}

void tm_scene_end(void)
{
    tm_scene_clear();
    rmdir(folder);
}

void tm_scene_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "we");
    must(file && (size == 0 || fwrite(bytes, 1, size, file) == size) && fclose(file) == 0, "write a file");
}

int tm_scene_run(const char *const *words)
{
    char *copies[WORDS_MOST + 2] = {strdup("tidemark")};
    int n = 1, code;
    for (; words[n - 1] && n <= WORDS_MOST; n++)
        must((copies[n] = strdup(words[n - 1])), "copy a word");
    optind = 0; /* getopt's own state, which a process has for one command line */
    code = tm_program(n, copies);
    /* What `sql` sets for a process that does nothing else. */
    alarm(0);
    sqlite3_hard_heap_limit64(0);
    for (int i = 0; i < n; i++)
        free(copies[i]);
    return code;
}

/* Fourteen nights of five plugins, of which one got slower, one is waived, and one has a metric of its own. */
static void write_nights(void)
{
    FILE *out = fopen("nights.csv", "we");
    must(out, "write nights");
    fputs("run,started_at,host,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb,wall_p95_ms,cache_hits\n", out);
    for (int night = 1; night <= 14; night++)
        for (int plugin = 1; plugin <= 5; plugin++)
            fprintf(out, "n%02d,%d,ci,c%d,p%d,100,%d,%d,%d,%d,%d,%d\n", night, 1760000000 + 86400 * night, night, plugin,
                    plugin == 4, (1000 + night * 7919 % 23) * (plugin == 3 && night > 11 ? 2 : 1), 900 + night % 5, 5000 + plugin,
                    20 + night % 3, night);
    must(fclose(out) == 0, "write nights");
}

static void read_store(struct tm_scene_store *store)
{
    struct stat status;
    FILE *in = fopen("t.db", "re");
    must(in && fstat(fileno(in), &status) == 0, "read the store");
    store->size = (size_t)status.st_size;
    store->bytes = malloc(store->size);
    must(store->bytes && fread(store->bytes, 1, store->size, in) == store->size && fclose(in) == 0, "read the store");
}

const struct tm_scene_store *tm_scene_store(void)
{
    static struct tm_scene_store store;
    if (store.bytes)
        return &store;
    write_nights();
    must(tm_scene_run((const char *[]){"--db", "t.db", "ingest", "nights.csv", NULL}) == 0, "store nights");
    tm_scene_run((const char *[]){"--db", "t.db", "gate", NULL});
    must(tm_scene_run((const char *[]){"--db", "t.db", "accept", "p3", "--metric", "wall_per_call_ms", "--from", "n12", "--reason",
                                       "new model", NULL}) == 0,
         "accept");
    must(tm_scene_run((const char *[]){"--db", "t.db", "waive", "p2", "--metric", "wall_per_call_ms", "--ceiling", "30", "--until",
                                       "2100-01-01", "--reason", "known", NULL}) == 0,
         "waive");
    tm_scene_run((const char *[]){"--db", "t.db", "gate", NULL});
    read_store(&store);
    return &store;
}

uint64_t tm_piece(struct tm_pieces *pieces, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | (pieces->at < pieces->end ? *pieces->at++ : 0);
    return value;
}

size_t tm_piece_text(struct tm_pieces *pieces, char *text, size_t room)
{
    size_t length = 0;
    while (length + 1 < room && pieces->at < pieces->end && *pieces->at)
        text[length++] = (char)*pieces->at++;
    pieces->at += pieces->at < pieces->end && !*pieces->at;
    text[length] = '\0';
    return length;
}
