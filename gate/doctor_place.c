/* Checks of where the store lies, and of what the job has at hand. */
#include <inttypes.h>

#include "gate/doctor_checks.h"

/* Runs from which on a store is worth more than the file it lies in. */
enum { WORTH_A_COPY = 30 };

/* A run of a thousand plugins takes 100 KB; what is less than this is full tomorrow. */
static const int64_t LITTLE = (int64_t)64 << 20, ALMOST_NOTHING = (int64_t)4 << 20;

static double megabytes(int64_t bytes)
{
    return (double)bytes / (1 << 20);
}

void tm_check_store(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    const struct tm_doctor_place *place = &doctor->place;
    const char *mend = !place->is_file ? "tidemark migrate, for tables that are older; docs/postgresql.md has the rest"
                       : !place->there ? "tidemark gate night.csv --db FILE makes it"
                       : place->in_wal ? "sqlite3 FILE 'PRAGMA journal_mode = DELETE'"
                                       : "tidemark check says what is damaged; another version is mended by the newest Tidemark";
    if (place->trouble)
        tm_problem_add(problems, TM_TROUBLE, mend, NULL, NULL, "%s", place->trouble);
}

void tm_check_writable(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    const struct tm_doctor_place *place = &doctor->place;
    if (place->is_file && !place->writable)
        tm_problem_add(problems, TM_WARNING, "chmod u+w FILE, or run the gate as the user who owns it", NULL, NULL,
                       "the store's file cannot be written by this user: no gate can store its night");
    else if (place->is_file && !place->journalable)
        tm_problem_add(problems, TM_WARNING, "chmod u+w the directory, or move the store to one of its own", NULL, NULL,
                       "the store's directory cannot be written by this user, and SQLite's journal comes there");
}

/* What SQLite writes before it commits is as large as what changes, and a vacuum as large as the file. */
void tm_check_space(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    const struct tm_doctor_place *place = &doctor->place;
    if (!place->is_file || place->free_bytes == TM_UNKNOWN)
        return;
    bool none = place->free_bytes < ALMOST_NOTHING;
    if (none || place->free_bytes < LITTLE || place->free_bytes < place->bytes)
        tm_problem_add(problems, none ? TM_TROUBLE : TM_WARNING, "tidemark prune --keep-days 400 --rollup week", NULL, NULL,
                       "the store's file system has %.0f MiB left, and the store takes %.0f MiB", megabytes(place->free_bytes),
                       megabytes(place->bytes));
}

void tm_check_remote(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->place.is_file && doctor->place.remote)
        tm_problem_add(problems, TM_WARNING, "keep it on a local disk, or use a server: --db postgresql://USER@HOST/DATABASE", NULL,
                       NULL, "the store lies on %s, where locks may not hold: two jobs at once can damage it",
                       doctor->place.remote);
}

void tm_check_leftover(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->place.leftover)
        tm_problem_add(problems, TM_NOTE, "rm %s", doctor->place.leftover, "FILE-making",
                       "a command that was killed while it made the store has left '%s'", doctor->place.leftover);
}

void tm_check_gnuplot(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->place.no_gnuplot)
        tm_problem_add(problems, TM_NOTE, "apt-get install gnuplot-nox", NULL, NULL,
                       "gnuplot is not installed: 'report' makes its page without charts, and 'trend' draws none");
}

void tm_check_reader(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->place.no_reader)
        tm_problem_add(problems, TM_WARNING, "CREATE ROLE tidemark_reader NOLOGIN, as docs/scaling.md has it", NULL, NULL,
                       "the server has no role tidemark_reader: 'tidemark sql' runs only for logins that may do no more than read");
}

/* A cache that was not found gives an empty store, and the gate says "nothing to compare with" night after night. */
void tm_check_lost_cache(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->place.in_ci && doctor->place.is_file && doctor->n_runs == 1)
        tm_problem_add(problems, TM_WARNING, "cache: {key: tidemark, paths: [tidemark.db], when: always}", NULL, NULL,
                       "this CI job sees a store with one run: unless it is the first night, the cache was lost or never saved");
}

/* Elsewhere nobody can tell whether the file is copied; a cache is not. Decisions cannot be measured again. */
void tm_check_copy(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->place.in_ci && doctor->place.is_file && (doctor->n_runs >= WORTH_A_COPY || doctor->n_decisions > 0))
        tm_problem_add(problems, TM_NOTE, "tidemark dump -o tidemark.jsonl, as an artifact or in version control", NULL, NULL,
                       "a CI system may drop its caches: %zu runs and %zu decisions are then gone", doctor->n_runs,
                       doctor->n_decisions);
}
