/* A file behind a link is replaced where it lies, and the link stays: also where memory is short, for a link that could not be read
 * is none that is not there. Every allocation on the way fails once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/replace.h"

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define CAN_FAIL 1
#else
#define CAN_FAIL 0 /* a sanitizer has an allocator of its own */
#endif

#if CAN_FAIL
static size_t allocations, failing; /* since the last start; the one that fails, from 1; 0: none */

void *real_malloc(size_t size) __asm__("__libc_malloc");
void *real_realloc(void *old, size_t size) __asm__("__libc_realloc");

void *malloc(size_t size)
{
    return ++allocations == failing ? NULL : real_malloc(size);
}

void *realloc(void *old, size_t size)
{
    return ++allocations == failing ? NULL : real_realloc(old, size);
}
#endif

/* Writes "new" through the link `link` to a file that says "old": 0, or errno. */
static int replace_through_link(void)
{
    struct tm_replacement replacement;
    FILE *out = fopen("target", "we");
    fputs("old", out);
    fclose(out);
    unlink("link");
    assert_int_equal(symlink("target", "link"), 0);
#if CAN_FAIL
    allocations = 0;
#endif
    int error = tm_replacement_begin(&replacement, "link");
    if (error)
        return error;
    fputs("new", replacement.out);
    return tm_replacement_end(&replacement, true);
}

static void is_target(const char *text)
{
    char found[8] = "";
    struct stat facts;
    FILE *in = fopen("target", "re");
    assert_non_null(fgets(found, sizeof found, in));
    fclose(in);
    assert_string_equal(found, text);
    assert_int_equal(lstat("link", &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
}

static void a_link_stays(void **state)
{
    (void)state;
    assert_int_equal(replace_through_link(), 0);
    is_target("new");
}

static void a_link_stays_without_memory(void **state)
{
    (void)state;
#if CAN_FAIL
    assert_int_equal(replace_through_link(), 0);
    size_t n = allocations, refused = 0;
    assert_true(n >= 3); /* the path, what the link points to, the name beside it */
    for (size_t i = 1; i <= n; i++) {
        failing = i;
        int error = replace_through_link();
        failing = 0;
        is_target(error ? "old" : "new");
        refused += error != 0;
    }
    assert_true(refused >= 3);
#else
    print_message("skipped: no allocator of ours here\n");
#endif
}

static void a_ring_of_links_ends(void **state)
{
    struct tm_replacement replacement;
    (void)state;
    assert_int_equal(symlink("there", "back"), 0);
    assert_int_equal(symlink("back", "there"), 0);
    assert_int_not_equal(tm_replacement_begin(&replacement, "there"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_stays),
        cmocka_unit_test(a_link_stays_without_memory),
        cmocka_unit_test(a_ring_of_links_ends),
    };
    const char *room = getenv("TMPDIR");
    if (chdir(room ? room : "/tmp") != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
