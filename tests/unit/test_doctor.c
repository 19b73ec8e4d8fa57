/* What the doctor finds in series, decisions and around the store: a row for each check that finds something, and for the nearest
 * that does not. */
#include "tests/unit/doctor_fixture.h"

/* ---- series ---- */

static void noisy(struct healthy *h)
{
    h->doctor.noise = (struct tm_doctor_noise){40, 10, "ocr-reader", "wall_per_call_ms", 0.85};
}

static void one_is_noisy(struct healthy *h)
{
    h->doctor.noise = (struct tm_doctor_noise){40, 9, "ocr-reader", "wall_per_call_ms", NAN};
}

static void clocks(struct healthy *h)
{
    h->doctor.clocks = 3;
}

static void add_metric(struct healthy *h, const char *name, const char *unit, bool directed)
{
    h->metrics[h->doctor.n_metrics++] = (struct tm_doctor_metric){name, unit, directed};
}

static void undirected(struct healthy *h)
{
    add_metric(h, "hits", "", true);
    add_metric(h, "queue", "", false);
}

static void undirected_hostile(struct healthy *h)
{
    add_metric(h, "$(touch x)", "count", false);
    add_metric(h, "--unit", "count", false);
}

static void undirected_option(struct healthy *h)
{
    add_metric(h, "--unit", "count", false);
}

static void odd_units(struct healthy *h)
{
    add_metric(h, "a", "ms", true);
    add_metric(h, "b", "furlongs", true);
    add_metric(h, "c", "MS", true);
}

static void add_open(struct healthy *h, const char *plugin, const char *metric, int64_t runs)
{
    h->open[h->doctor.n_open++] = (struct tm_doctor_open){plugin, metric, "main", runs};
}

static void long_open(struct healthy *h)
{
    add_open(h, "a", "wall_per_call_ms", 15);
    add_open(h, "b", "error_rate", 40);
    add_open(h, "c", "peak_mem_kb", 14);
    add_open(h, "d", "", 20);
}

static void short_open(struct healthy *h)
{
    add_open(h, "a", "wall_per_call_ms", 14);
    add_open(h, "d", "", 14);
}

static void add_decision(struct healthy *h, int64_t number, const char *kind, bool seen, bool known, int64_t until)
{
    h->decisions[h->doctor.n_decisions++] = (struct tm_doctor_decision){number, until, kind, "x", "hits", seen, known};
}

static void sound_decisions(struct healthy *h)
{
    add_decision(h, 1, "accept", true, true, 0);
    add_decision(h, 2, "waive", true, true, now + 1);
    add_decision(h, 3, "retire", false, true, 0);
}

static void expired(struct healthy *h)
{
    add_decision(h, 4, "waive", true, true, now);
    add_decision(h, 6, "waive", false, false, now - 1);
}

/* Three of them were made at once. */
static void gone(struct healthy *h)
{
    add_decision(h, 5, "accept", false, true, 0);
    add_decision(h, 5, "accept", false, true, 0);
    add_decision(h, 7, "accept", true, false, 0);
    add_decision(h, 8, "accept", false, true, 0);
}

static void idle_settings(struct healthy *h)
{
    h->settings[h->doctor.n_settings++] = (struct tm_doctor_setting){"plugin ocr-*", "no plugin of the project has such a name"};
}

static void add_line(struct healthy *h, uint64_t number)
{
    h->lines[h->doctor.n_lines++] = (struct tm_doctor_line){number, "ocr-*"};
}

static void idle_line(struct healthy *h)
{
    add_line(h, 3);
}

static void idle_lines(struct healthy *h)
{
    for (uint64_t number = 3; number < 6; number++)
        add_line(h, number);
}

static void wrong_lines(struct healthy *h)
{
    h->doctor.place.wrong_lines = true;
}

/* ---- the place ---- */

static void cannot_open(struct healthy *h)
{
    h->doctor.n_runs = 0;
    h->doctor.place.trouble = "cannot open 't.db': not a database";
}

static void wal(struct healthy *h)
{
    cannot_open(h);
    h->doctor.place.in_wal = true;
}

static void nothing_there(struct healthy *h)
{
    cannot_open(h);
    h->doctor.place.there = false;
}

static void server_away(struct healthy *h)
{
    cannot_open(h);
    h->doctor.place.is_file = false;
}

static void read_only(struct healthy *h)
{
    h->doctor.place.writable = h->doctor.place.journalable = false;
}

static void no_journal(struct healthy *h)
{
    h->doctor.place.journalable = false;
}

static void nearly_full(struct healthy *h)
{
    h->doctor.place.free_bytes = (int64_t)63 << 20;
}

static void full(struct healthy *h)
{
    h->doctor.place.free_bytes = 1 << 20;
}

static void large_store(struct healthy *h)
{
    h->doctor.place.bytes = (int64_t)200 << 20, h->doctor.place.free_bytes = (int64_t)100 << 20;
}

static void on_nfs(struct healthy *h)
{
    h->doctor.place.remote = "NFS";
}

static void leftover(struct healthy *h)
{
    h->doctor.place.leftover = "t.db-making";
}

static void leftover_hostile(struct healthy *h)
{
    h->doctor.place.leftover = "a b;c-making";
}

static void no_gnuplot(struct healthy *h)
{
    h->doctor.place.no_gnuplot = true;
}

static void no_reader(struct healthy *h)
{
    h->doctor.place.is_file = false, h->doctor.place.no_reader = true;
}

static void lost_cache(struct healthy *h)
{
    h->doctor.n_runs = 0;
    add_nights(h, 1, "main", "ci");
    h->doctor.place.in_ci = true;
}

static void in_ci(struct healthy *h)
{
    h->doctor.place.in_ci = true;
}

static void young_in_ci(struct healthy *h)
{
    h->doctor.n_runs = 0;
    add_nights(h, 7, "main", "ci");
    in_ci(h);
}

/* Notes, warnings and trouble at once, of which the worst come first. */
static void several(struct healthy *h)
{
    no_gnuplot(h);
    on_nfs(h);
    full(h);
    h->doctor.unjudged = 2;
}

static const struct doctor_row rows[] = {
    {"noise", noisy,
     "warning noise: a rise of 20 % would not be told in 10 of 40 series: the worst is ocr-reader wall_per_call_ms, where it takes "
     "85 % | tidemark gate FILE --confirm COMMAND, or more calls a run; 'tidemark audit' lists what each would tell\n"},
    {"noise in few", one_is_noisy,
     "note noise: a rise of 20 % would not be told in 9 of 40 series: of ocr-reader wall_per_call_ms none would, whatever its size "
     "| tidemark gate FILE --confirm COMMAND, or more calls a run; 'tidemark audit' lists what each would tell\n"},
    {"clocks", clocks,
     "warning clocks: the CPU time of 3 plugins was taken by several clocks in the newest runs, and these are not compared | "
     "record all runs with one version of the recorder, on one system\n"},
    {"no direction", undirected,
     "note directions: nobody has said which direction of 1 metric is worse, so that a fall alarms like a rise: queue | tidemark "
     "metric queue --better lower, or higher\n"},
    {"a name that is no word", undirected_hostile,
     "note directions: nobody has said which direction of 2 metrics is worse, so that a fall alarms like a rise: $(touch x) and "
     "others | tidemark metric NAME --better lower, or higher\n"},
    {"a name that is an option", undirected_option,
     "note directions: nobody has said which direction of 1 metric is worse, so that a fall alarms like a rise: --unit | tidemark "
     "metric NAME --better lower, or higher\n"},
    {"odd units", odd_units,
     "note units: metric c is in 'MS', which is no unit but for its capitals: values in others do not convert to it | tidemark "
     "metric c --unit UNIT\n"},
    {"open for long", long_open,
     "warning open: 2 regressions are open for more than 14 runs, and nobody has decided: the oldest is b error_rate on branch "
     "'main', 40 runs | tidemark accept b --reason WHY, or waive; or mend it\n"
     "warning missing: 1 plugin is missing for more than "
     "14 runs, and nobody has decided: the longest is d on branch 'main', 20 runs | tidemark retire d --reason WHY\n"},
    {"open for two weeks", short_open, ""},
    {"decisions that stand", sound_decisions, ""},
    {"expired waivers", expired,
     "note expired waivers: decision 4 (waive x hits) has ended, and tolerates nothing any more; 1 other like it | tidemark undo "
     "4\n"},
    {"decisions on what is gone", gone,
     "note decisions: decision 7 (accept x hits) is about a metric that there is not | tidemark undo 7\n"
     "note decisions: decision 5 "
     "(accept x hits) is about a plugin that the newest runs do not have; 1 other like it | tidemark undo 5\n"},
    {"idle settings", idle_settings,
     "warning settings: [plugin ocr-*] in tidemark.ini changes nothing: no plugin of the project has such a name | mend or remove "
     "that section\n"},
    {"an idle line", idle_line,
     "note decisions file: line 3 of the decisions file is about 'ocr-*', and no plugin of the project has such a name | mend or "
     "remove that line\n"},
    {"idle lines", idle_lines,
     "note decisions file: line 3 of the decisions file is about 'ocr-*', and no plugin of the project has such a name; 2 other "
     "lines like it | mend or remove that line\n"},
    {"wrong lines", wrong_lines,
     "trouble decisions file: the decisions file cannot be read, and no gate judges anything until it can | mend what was told of "
     "it on standard error\n"},
    {"no database", cannot_open,
     "trouble store: cannot open 't.db': not a database | tidemark check says what is damaged; another version is mended by the "
     "newest Tidemark\n"},
    {"WAL mode", wal, "trouble store: cannot open 't.db': not a database | sqlite3 FILE 'PRAGMA journal_mode = DELETE'\n"},
    {"no store", nothing_there, "trouble store: cannot open 't.db': not a database | tidemark gate night.csv --db FILE makes it\n"},
    {"no server", server_away,
     "trouble store: cannot open 't.db': not a database | tidemark migrate, for tables that are older; docs/postgresql.md has the "
     "rest\n"},
    {"read-only", read_only,
     "warning writable: the store's file cannot be written by this user: no gate can store its night | chmod u+w FILE, or run the "
     "gate as the user who owns it\n"},
    {"a directory read-only", no_journal,
     "warning writable: the store's directory cannot be written by this user, and SQLite's journal comes there | chmod u+w the "
     "directory, or move the store to one of its own\n"},
    {"nearly full", nearly_full,
     "warning space: the store's file system has 63 MiB left, and the store takes 10 MiB | tidemark prune --keep-days 400 --rollup "
     "week\n"},
    {"full", full,
     "trouble space: the store's file system has 1 MiB left, and the store takes 10 MiB | tidemark prune --keep-days 400 --rollup "
     "week\n"},
    {"less room than the store takes", large_store,
     "warning space: the store's file system has 100 MiB left, and the store takes 200 MiB | tidemark prune --keep-days 400 "
     "--rollup week\n"},
    {"a network file system", on_nfs,
     "warning network file system: the store lies on NFS, where locks may not hold: two jobs at once can damage it | keep it on a "
     "local disk, or use a server: --db postgresql://USER@HOST/DATABASE\n"},
    {"a leftover", leftover,
     "note leftover: a command that was killed while it made the store has left 't.db-making' | rm t.db-making\n"},
    {"a leftover that is no word", leftover_hostile,
     "note leftover: a command that was killed while it made the store has left 'a b;c-making' | rm FILE-making\n"},
    {"no gnuplot", no_gnuplot,
     "note gnuplot: gnuplot is not installed: 'report' makes its page without charts, and 'trend' draws none | apt-get install "
     "gnuplot-nox\n"},
    {"no reader", no_reader,
     "warning reader role: the server has no role tidemark_reader: 'tidemark sql' runs only for logins that may do no more than "
     "read | CREATE ROLE tidemark_reader NOLOGIN, as docs/scaling.md has it\n"},
    {"a lost cache", lost_cache,
     "warning lost cache: this CI job sees a store with one run: unless it is the first night, the cache was lost or never saved | "
     "cache: {key: tidemark, paths: [tidemark.db], when: always}\n"
     "note first nights: branch 'main' on host 'ci' has 1 run of the 6 "
     "that a verdict compares with: the first comes with the 7th | tidemark gate FILE --allow-unjudged, until then\n"},
    {"a store in a CI job", in_ci,
     "note copy: a CI system may drop its caches: 30 runs and 0 decisions are then gone | tidemark dump -o tidemark.jsonl, as an "
     "artifact or in version control\n"},
    {"a young one", young_in_ci, ""},
    {"the worst first", several,
     "trouble space: the store's file system has 1 MiB left, and the store takes 10 MiB | tidemark prune --keep-days 400 --rollup "
     "week\n"
     "warning network file system: the store lies on NFS, where locks may not hold: two jobs at once can damage it | keep it "
     "on a local disk, or use a server: --db postgresql://USER@HOST/DATABASE\n"
     "note not judged: no gate has judged the newest run "
     "of 2 branches and hosts | tidemark gate --all-lineages\n"
     "note gnuplot: gnuplot is not installed: 'report' makes its page "
     "without charts, and 'trend' draws none | apt-get install gnuplot-nox\n"},
};

static void series_and_places_are_looked_at(void **state)
{
    (void)state;
    each_finds(rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(series_and_places_are_looked_at)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
