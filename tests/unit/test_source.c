/* One input's bytes: what a signal or the disk does to reading them. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/source.h"

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

/* Signals come while nothing does: reading waits on. */
static void a_signal_is_no_error(void **state)
{
    enum { EVERY_US = 2000, SILENCE_US = 100000 }; /* so that dozens come within the silence */
    struct sigaction action = {.sa_handler = on_alarm}, old;
    struct itimerval every = {{0, EVERY_US}, {0, EVERY_US}}, never = {{0, 0}, {0, 0}};
    _Atomic uint64_t bytes = 0;
    struct tm_source source;
    int ends[2];
    char name[32], found[8] = "";
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        usleep(SILENCE_US);
        _exit(write(ends[1], "late", 4) != 4);
    }
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(tm_source_open(&source, name, &bytes), 0);
    assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
    setitimer(ITIMER_REAL, &every, NULL);
    int peeked = tm_source_peek(&source);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
    assert_int_equal(peeked, 0);
    assert_true(alarms > 0);
    assert_int_equal(tm_source_read(&source, found, sizeof found), 4);
    assert_string_equal(found, "late");
    assert_int_equal(tm_source_read(&source, found, sizeof found), 0);
    tm_source_close(&source);
    close(ends[0]);
    pid_t ended;
    do
        ended = waitpid(writer, NULL, 0);
    while (ended < 0 && errno == EINTR);
}

/* A head that cannot be read is no empty file. */
static void a_head_that_cannot_be_read(void **state)
{
    _Atomic uint64_t bytes = 0;
    struct tm_source source;
    (void)state;
    assert_int_equal(tm_source_open(&source, "/", &bytes), 0); /* a folder has no bytes */
    assert_int_equal(tm_source_peek(&source), EISDIR);
    assert_string_equal(tm_source_fault(&source), strerror(EISDIR));
    tm_source_close(&source);
    assert_int_equal(tm_source_open(&source, "/no/such", &bytes), ENOENT);
    tm_source_close(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_no_error),
        cmocka_unit_test(a_head_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
