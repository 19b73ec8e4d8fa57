/* Parsing in a thread of its own, a few chunks ahead of whoever stores the runs. */
#include "ingest/ingest.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/formats/csv_table.h"

enum { CHUNKS = 3 };

struct tm_reader {
    const struct tm_ingest_options *options;
    struct tm_diag diag;
    struct tm_table table;
    _Atomic uint64_t bytes;

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    /* Chunks given - taken of the ring are full. The parser fills number `given`, the consumer reads number `taken`. */
    struct tm_chunk ring[CHUNKS];
    unsigned given, taken;
    bool ended, abandoned;
    size_t run; /* the consumer's place in its chunk */
};

/* Gives the chunk away and waits for an empty one: 0, or -1 if nobody wants more. */
static int give_chunk(void *context)
{
    struct tm_reader *reader = context;
    pthread_mutex_lock(&reader->lock);
    reader->given++;
    pthread_cond_signal(&reader->moved);
    while (reader->given - reader->taken == CHUNKS && !reader->abandoned)
        pthread_cond_wait(&reader->moved, &reader->lock);
    bool abandoned = reader->abandoned;
    pthread_mutex_unlock(&reader->lock);
    reader->table.chunk = &reader->ring[reader->given % CHUNKS];
    tm_chunk_reset(reader->table.chunk);
    return abandoned ? -1 : 0;
}

static void read_file(struct tm_reader *reader, const char *file)
{
    bool is_input = strcmp(file, "-") == 0;
    const char *name = is_input ? "standard input" : file;
    struct tm_csv_handler handler = {&reader->table, tm_table_field, tm_table_row};
    int fd = is_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        struct tm_place place = {name, 0, 0};
        tm_diag_error(&reader->diag, &place, "cannot open: %s", strerror(errno));
        return;
    }
    tm_table_start_file(&reader->table, name);
    if (tm_csv_read(fd, name, &handler, &reader->diag, &reader->table.csv, &reader->bytes) == 0)
        tm_table_end_file(&reader->table);
    if (!is_input)
        close(fd);
}

static void *parse(void *context)
{
    struct tm_reader *reader = context;
    for (size_t i = 0; i < reader->options->n_files && !reader->table.failed; i++)
        read_file(reader, reader->options->files[i]);
    tm_table_finish(&reader->table);
    if (reader->table.failed && reader->diag.n_errors == 0)
        tm_diag_error(&reader->diag, &(struct tm_place){"input", 0, 0}, "out of memory");
    pthread_mutex_lock(&reader->lock);
    reader->given++;
    reader->ended = true;
    pthread_cond_signal(&reader->moved);
    pthread_mutex_unlock(&reader->lock);
    return NULL;
}

tm_reader *tm_reader_open(const struct tm_ingest_options *options)
{
    struct tm_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->options = options;
    reader->table = (struct tm_table){.options = options, .diag = &reader->diag, .chunk = &reader->ring[0], .full = give_chunk};
    reader->table.context = reader;
    pthread_mutex_init(&reader->lock, NULL);
    pthread_cond_init(&reader->moved, NULL);
    if (pthread_create(&reader->thread, NULL, parse, reader) == 0)
        return reader;
    free(reader);
    return NULL;
}

/* Waits for a chunk with a run that was not read yet: 1, or 0 at the end. */
static int wait_for_run(struct tm_reader *reader)
{
    pthread_mutex_lock(&reader->lock);
    for (;;) {
        bool full = reader->given != reader->taken;
        if (full && reader->run < reader->ring[reader->taken % CHUNKS].n_runs)
            break;
        if (full && !(reader->ended && reader->given - reader->taken == 1)) {
            reader->taken++;
            reader->run = 0;
            pthread_cond_signal(&reader->moved);
        } else if (full) {
            break;
        } else {
            pthread_cond_wait(&reader->moved, &reader->lock);
        }
    }
    pthread_mutex_unlock(&reader->lock);
    return reader->run < reader->ring[reader->taken % CHUNKS].n_runs;
}

int tm_reader_next(tm_reader *reader, struct tm_run_content *content, struct tm_place *place)
{
    if (!wait_for_run(reader))
        return reader->diag.n_errors > 0 ? -1 : 0;
    const struct tm_chunk *chunk = &reader->ring[reader->taken % CHUNKS];
    const struct tm_chunk_run *run = &chunk->runs[reader->run++];
    *content = (struct tm_run_content){.run = run->run, .profiles = chunk->profiles + run->first, .n_profiles = run->count};
    *place = (struct tm_place){run->file, run->line, 0};
    return 1;
}

const struct tm_diag *tm_reader_diag(const tm_reader *reader)
{
    return &reader->diag;
}

uint64_t tm_reader_bytes(const tm_reader *reader)
{
    return reader->bytes;
}

void tm_reader_close(tm_reader *reader)
{
    if (!reader)
        return;
    pthread_mutex_lock(&reader->lock);
    reader->abandoned = true;
    pthread_cond_signal(&reader->moved);
    pthread_mutex_unlock(&reader->lock);
    pthread_join(reader->thread, NULL);
    for (int i = 0; i < CHUNKS; i++)
        tm_chunk_free(&reader->ring[i]);
    tm_table_free(&reader->table);
    tm_diag_clear(&reader->diag);
    pthread_mutex_destroy(&reader->lock);
    pthread_cond_destroy(&reader->moved);
    free(reader);
}
