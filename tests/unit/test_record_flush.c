/* Where a flush writes, what it leaves alone, and that none ends the host. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "schema/fields.h"
#include "tests/unit/recording.h"

static int start_recorder(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_SYSCALL);
}

static int stop_recorder(void **state)
{
    (void)state;
    tm_rec_stop();
    return 0;
}

static void call_once(const char *plugin)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(plugin, NULL));
    tm_rec_end(&call, TM_REC_OK);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode;
}

static void write_old(const char *path, mode_t mode)
{
    FILE *old = fopen(path, "w");
    assert_non_null(old);
    fputs("an older night\n", old);
    fclose(old);
    assert_int_equal(chmod(path, mode), 0);
}

/* The header names each field as the views do. */
static bool holds_profiles(const char *path)
{
    char line[1000] = "", names[1000] = "plugin";
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    bool read = fgets(line, sizeof line, in);
    fclose(in);
    for (size_t i = 0; i < tm_n_fields; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), ",%s", tm_fields[i].name);
    return read && strncmp(line, names, strlen(names)) == 0;
}

/* ---- modes and links ---- */

static void test_modes(void **state)
{
    (void)state;
    mode_t before = umask(027);
    write_old(file("secret.csv"), 0600);
    write_old(file("shared.csv"), 0666);
    assert_int_equal(tm_rec_flush_csv(file("secret.csv")), 0);
    assert_int_equal(tm_rec_flush_csv(file("shared.csv")), 0);
    assert_int_equal(tm_rec_flush_csv(file("new.csv")), 0);
    umask(before);
    assert_true(holds_profiles(file("secret.csv")) && holds_profiles(file("shared.csv")));
    assert_int_equal(mode_of(file("secret.csv")) & 0777, 0600);
    assert_int_equal(mode_of(file("shared.csv")) & 0777, 0666);
    assert_int_equal(mode_of(file("new.csv")) & 0777, 0640);
}

/* A link to a link, beside it and by a whole path; and one to nothing yet. */
static void test_links(void **state)
{
    (void)state;
    write_old(file("real.csv"), 0644);
    assert_int_equal(symlink("real.csv", file("first.csv")), 0);
    assert_int_equal(symlink(file("first.csv"), file("second.csv")), 0);
    assert_int_equal(symlink("later.csv", file("dangling.csv")), 0);
    assert_int_equal(tm_rec_flush_csv(file("second.csv")), 0);
    assert_int_equal(tm_rec_flush_csv(file("dangling.csv")), 0);
    assert_true(S_ISLNK(mode_of(file("first.csv"))) && S_ISLNK(mode_of(file("second.csv"))));
    assert_true(S_ISREG(mode_of(file("real.csv"))) && holds_profiles(file("real.csv")));
    assert_true(S_ISLNK(mode_of(file("dangling.csv"))) && holds_profiles(file("later.csv")));
    assert_int_equal(symlink("round.csv", file("round.csv")), 0);
    assert_int_equal(tm_rec_flush_csv(file("round.csv")), -1);
    assert_non_null(strstr(tm_rec_message(), "Too many levels of symbolic links"));
}

static int umasks;

/* In the place of libc's. */
mode_t umask(mode_t mask)
{
    umasks++;
    return (mode_t)syscall(SYS_umask, mask);
}

/* The process has one umask, which other threads need: it cannot be looked at without changing it. */
static void test_umask_is_left_alone(void **state)
{
    (void)state;
    umasks = 0;
    write_old(file("again.csv"), 0644);
    assert_int_equal(tm_rec_flush_csv(file("again.csv")), 0);
    assert_int_equal(tm_rec_flush_csv(file("anew.csv")), 0);
    assert_int_equal(umasks, 0);
}

/* ---- what would end the host ---- */

static void limit_size(void)
{
    signal(SIGXFSZ, SIG_DFL);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
}

/* A reader that goes away when somebody has come to write. */
static void pipe_without_reader(void)
{
    signal(SIGPIPE, SIG_DFL);
    if (mkfifo(file("pipe.csv"), 0600) != 0)
        _exit(9);
    if (fork() == 0) {
        close(open(file("pipe.csv"), O_RDONLY));
        _exit(0);
    }
}

static const struct obstacle {
    const char *name;
    void (*prepare)(void);
    const char *path, *message;
} obstacles[] = {
    {"size limit", limit_size, "limited.csv", "File too large"},
    {"pipe", pipe_without_reader, "pipe.csv", "Broken pipe"},
};

/* In a child: 0 if the flush failed as it should, and has not left a signal behind. */
static int meet(const struct obstacle *obstacle)
{
    char name[32];
    sigset_t mask, pending;
    for (int i = 0; i < 5000; i++) { /* more than a pipe takes */
        snprintf(name, sizeof name, "plugin-%d", i);
        call_once(name);
    }
    obstacle->prepare();
    if (tm_rec_flush_csv(file(obstacle->path)) != -1 || !strstr(tm_rec_message(), obstacle->message))
        return 1;
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    return sigismember(&pending, SIGPIPE) || sigismember(&pending, SIGXFSZ) || sigismember(&mask, SIGPIPE) ? 2 : 0;
}

static void test_no_flush_ends_the_host(void **state)
{
    const struct obstacle *row;
    int status;
    (void)state;
    EACH(row, obstacles)
    {
        pid_t child = fork();
        if (child == 0)
            _exit(meet(row));
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0)
            fail_msg("%s: ended by signal %d, exit code %d", row->name, WTERMSIG(status), WEXITSTATUS(status));
    }
}

/* ---- nowhere ---- */

static void test_nowhere(void **state)
{
    (void)state;
    call_once("alpha");
    tm_store *store = open_store("runs.db", TM_CREATE);
    assert_int_equal(tm_rec_flush_csv(NULL), -1);
    assert_string_equal(tm_rec_message(), "cannot write the profiles: no path");
    assert_int_equal(tm_rec_flush_csv("/nonexistent/\x1b[31m\n.csv"), -1);
    assert_string_equal(tm_rec_message(), "cannot write '/nonexistent/\\x1b[31m\\x0a.csv': No such file or directory");
    assert_int_equal(tm_rec_flush_store(NULL, &(struct tm_run){.key = "a"}), -1);
    assert_string_equal(tm_rec_message(), "cannot store the profiles: no store");
    assert_int_equal(tm_rec_flush_store(store, NULL), -1);
    assert_string_equal(tm_rec_message(), "cannot store the profiles: no run");
    tm_close(store);
    struct tm_rec_snapshot *kept = tm_rec_take();
    assert_int_equal(kept->n_entries, 1);
    tm_rec_snapshot_free(kept);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start_recorder, stop_recorder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_modes), ON(test_links), ON(test_umask_is_left_alone), ON(test_no_flush_ends_the_host), ON(test_nowhere),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
