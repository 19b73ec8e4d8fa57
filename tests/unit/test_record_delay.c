/* Waiting for a processor, told apart from being blocked: whose it is. */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/clock.h"
#include "record/delay.h"
#include "tests/unit/one_thread.h"

/* Another process wants the processor that this one is confined to. */
static pid_t compete(void)
{
    cpu_set_t all, one;
    CPU_ZERO(&one);
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    pid_t child = fork();
    if (child == 0) {
        alarm(60); /* it ends in any case */
        for (volatile unsigned i = 0;; i++)
            ;
    }
    assert_true(child > 0);
    return child;
}

static void end_competition(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* A call below it on the stack gives the thread back first, as with tasks that are stepped by hand: what that one was kept waiting
 * before is not this one's. */
static void test_each_step_has_its_own_beginning(void **state)
{
    struct tm_rec_call lower, upper;
    (void)state;
    if (tm_run_delay() == 0)
        skip();
    pid_t child = compete();
    tm_rec_begin(&lower, tm_rec_register("lower", NULL));
    burn_ms(150);
    tm_rec_begin(&upper, tm_rec_register("upper", NULL));
    end_competition(child);
    tm_rec_suspend(&lower);
    wait_ms(50);
    tm_rec_end(&upper, TM_REC_OK);
    tm_rec_end(&lower, TM_REC_OK);
    assert_true(seen("upper")->profile.occupied_ns > 30e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_each_step_has_its_own_beginning),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
