/* Preloaded: the monotonic clock runs 100 times as fast, so that two minutes are soon over. Sleeps are as long as ever. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_MONOTONIC) {
        now->tv_sec = now->tv_sec * 100 + now->tv_nsec / 10000000;
        now->tv_nsec = now->tv_nsec % 10000000 * 100;
    }
    return result;
}
