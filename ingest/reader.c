/* Parsing in a thread of its own, a few chunks ahead of whoever stores the runs: storing waits
 * for the disk, parsing for nothing. The chunks are a ring; `given` and `taken` only ever rise,
 * and their difference says how many are full.
 *
 * Only these two, `ended` and `abandoned` are shared. A chunk belongs to one side at a time, so
 * what it holds needs no lock. */
#include "ingest/ingest.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/builder.h"
#include "ingest/directory.h"
#include "ingest/formats/formats.h"

enum { CHUNKS = 3 }; /* one being filled, one being stored, one between them */

/* A format that has been met, and its reader. */
struct format_reader {
    const struct tm_input_format *format;
    void *reader;
};

struct tm_reader {
    const struct tm_ingest_options *options;
    struct tm_diag diag;
    struct tm_sink sink;
    struct format_reader *readers;
    size_t n_readers;
    struct tm_source source; /* the file in hand */
    _Atomic uint64_t bytes;
    struct tm_arena paths; /* of files in directories */

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    /* Chunks given - taken of the ring are full. The parser fills number `given`, the consumer
     * reads number `taken`. */
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
    /* The consumer has given it back, or was never at it: nobody else looks at it now. */
    reader->sink.chunk = &reader->ring[reader->given % CHUNKS];
    tm_chunk_reset(reader->sink.chunk);
    return abandoned ? -1 : 0;
}

/* The reader of a format, begun when the format is met first; NULL: no memory. */
static struct format_reader *reader_of(struct tm_reader *reader, const struct tm_input_format *format)
{
    for (size_t i = 0; i < reader->n_readers; i++)
        if (reader->readers[i].format == format)
            return &reader->readers[i];
    struct format_reader *added = tm_array_add(&reader->readers, &reader->n_readers, sizeof *added);
    if (added)
        *added = (struct format_reader){format, format->begin(&reader->sink)};
    return added && added->reader ? added : NULL;
}

/* What no format knows is told with what would do: a stranger has nothing else to go by. */
static void refuse_unknown(struct tm_reader *reader, const struct tm_place *place)
{
    struct tm_builder names;
    FILE *out = tm_build(&names);
    for (const struct tm_input_format *const *format = tm_input_formats; out && *format; format++)
        fprintf(out, "%s%s", format == tm_input_formats ? "" : ", ", (*format)->name);
    char *list = out ? tm_built(&names) : NULL;
    if (list)
        tm_diag_error(&reader->diag, place, "is of no format that Tidemark reads, which are %s ('tidemark formats' says more)",
                      list);
    else
        tm_sink_no_memory(&reader->sink, place->file);
    free(list);
}

/* Python alone reads its own files, and one of a stranger may run what it likes: so another program does. */
static void refuse_pstats(struct tm_reader *reader, const struct tm_place *place)
{
    tm_diag_error(
        &reader->diag, place,
        "is a profile of Python's cProfile, which Python alone can read: 'python3 -m tidemark_pstats %s | tidemark gate -'",
        strcmp(place->file, "standard input") == 0 ? "FILE" : place->file);
}

/* One input, by the format that its head shows. What is wrong with it is noted; reading goes on
 * with the next file, for what else is wrong. */
static void read_file(struct tm_reader *reader, const char *file)
{
    struct tm_source *source = &reader->source;
    int error = tm_source_open(source, file, &reader->bytes);
    const struct tm_place place = {source->name, 0, 0};
    if (error) {
        tm_diag_error(&reader->diag, &place, "cannot open: %s", strerror(error));
        return;
    }
    if (tm_source_peek(source) != 0) {
        tm_diag_error(&reader->diag, &place, "cannot read: %s", tm_source_fault(source));
    } else {
        const char *named = reader->options->format;
        const struct tm_input_format *format = named ? tm_input_format_named(named) : tm_input_format_of(source);
        const struct format_reader *chosen = format && format->read ? reader_of(reader, format) : NULL;
        if (tm_input_is_pstats(source))
            refuse_pstats(reader, &place);
        else if (chosen)
            chosen->format->read(chosen->reader, source);
        else if (!format || !format->read)
            refuse_unknown(reader, &place);
        else
            tm_sink_no_memory(&reader->sink, source->name);
    }
    tm_source_close(source);
}

static void read_path(struct tm_reader *reader, const char *path, bool top);

/* A tree of a format is one input; of any other directory the files are, in the order of their names. */
static void read_directory(struct tm_reader *reader, const char *path)
{
    const struct tm_input_format *format = tm_input_format_of_tree(path);
    const struct format_reader *chosen = format ? reader_of(reader, format) : NULL;
    struct tm_directory directory;
    const struct tm_place place = {path, 0, 0};
    if (format && !chosen) {
        tm_sink_no_memory(&reader->sink, path);
        return;
    }
    if (chosen) {
        chosen->format->read_tree(chosen->reader, path);
        return;
    }
    int error = tm_directory_list(&directory, path, &reader->paths);
    if (error)
        tm_diag_error(&reader->diag, &place, "cannot read the directory: %s", strerror(error));
    for (size_t i = 0; i < directory.n && !error; i++)
        read_path(reader, directory.entries[i].path, false);
}

/* Directories within a directory are passed over, unless they are trees: what lies beside measurements is anything. */
static void read_path(struct tm_reader *reader, const char *path, bool top)
{
    struct stat facts;
    if (reader->sink.failed)
        return;
    if (strcmp(path, "-") == 0 || stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode))
        read_file(reader, path);
    else if (top || tm_input_format_of_tree(path))
        read_directory(reader, path);
}

/* The thread. The last chunk is given away even if empty: the consumer waits for it. */
static void *parse(void *context)
{
    struct tm_reader *reader = context;
    for (size_t i = 0; i < reader->options->n_files && !reader->sink.failed; i++)
        read_path(reader, reader->options->files[i], true);
    tm_sink_end_run(&reader->sink);
    pthread_mutex_lock(&reader->lock);
    reader->given++;
    reader->ended = true;
    pthread_cond_signal(&reader->moved);
    pthread_mutex_unlock(&reader->lock);
    return NULL;
}

/* The thread starts at once: the first chunk is mostly full before anybody asks for a run. */
tm_reader *tm_reader_open(const struct tm_ingest_options *options)
{
    struct tm_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->options = options;
    reader->sink = (struct tm_sink){.options = options,
                                    .diag = &reader->diag,
                                    .bytes = &reader->bytes,
                                    .chunk = &reader->ring[0],
                                    .full = give_chunk,
                                    .context = reader};
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
        /* A chunk read to its end is given back, unless it is the last: that one stays, so that
         * later calls find the end again. */
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
    /* The run points into the chunk, which goes back only when the next one is asked for. */
    const struct tm_chunk *chunk = &reader->ring[reader->taken % CHUNKS];
    const struct tm_chunk_run *run = &chunk->runs[reader->run++];
    *content = (struct tm_run_content){.run = run->run,
                                       .assumed_start = run->assumed_start,
                                       .profiles = run->count > 0 ? chunk->profiles + run->first : NULL,
                                       .n_profiles = run->count};
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

/* Order: tell the thread, wait for it, then free what it used. */
void tm_reader_close(tm_reader *reader)
{
    if (!reader)
        return;
    pthread_mutex_lock(&reader->lock);
    /* The parser may wait for an empty chunk that nobody will give back. */
    reader->abandoned = true;
    pthread_cond_signal(&reader->moved);
    pthread_mutex_unlock(&reader->lock);
    pthread_join(reader->thread, NULL);
    for (int i = 0; i < CHUNKS; i++)
        tm_chunk_free(&reader->ring[i]);
    for (size_t i = 0; i < reader->n_readers; i++)
        if (reader->readers[i].reader)
            reader->readers[i].format->end(reader->readers[i].reader);
    free(reader->readers);
    tm_sink_free(&reader->sink);
    tm_arena_free(&reader->paths);
    tm_diag_clear(&reader->diag);
    pthread_mutex_destroy(&reader->lock);
    pthread_cond_destroy(&reader->moved);
    free(reader);
}
