/* A file behind a link is replaced where it lies, and the link stays: also where memory is short, for a link that could not be read
 * is none that is not there. Every allocation on the way fails once. What lies beside the file is left alone, and nothing is left
 * beside it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
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

static int numbers; /* so many times chance says 7 */

int getentropy(void *buffer, size_t size)
{
    const uint32_t seven = 7; /* wherever its byte stands */
    memcpy(buffer, &seven, sizeof seven);
    if (numbers-- > 0)
        return 0;
    numbers = 0;
    return getrandom(buffer, size, 0) == (ssize_t)size ? 0 : -1;
}

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
    assert_int_equal(tm_replacement_begin(&replacement, "there"), ELOOP);
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void is_file(const char *path, const char *text)
{
    char found[8] = "";
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    assert_ptr_equal(fgets(found, sizeof found, in), *text ? found : NULL);
    fclose(in);
    assert_string_equal(found, text);
}

/* How many files there are in a folder. */
static int files_in(const char *folder)
{
    int n = 0;
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open));)
        n += *entry->d_name != '.';
    closedir(open);
    return n;
}

/* 0, or errno. */
static int replace(const char *path, bool keep)
{
    struct tm_replacement replacement;
    int error = tm_replacement_begin(&replacement, path);
    if (error)
        return error;
    fputs("new", replacement.out);
    return tm_replacement_end(&replacement, keep);
}

static void what_is_not_kept_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir("given-up", 0777), 0);
    write_file("given-up/a", "old");
    assert_int_equal(replace("given-up/a", false), 0);
    is_file("given-up/a", "old");
    assert_int_equal(files_in("given-up"), 1);
    assert_int_equal(replace("given-up/b", true), 0);
    is_file("given-up/b", "new");
    assert_int_equal(files_in("given-up"), 2);
}

/* A link with a relative target leads to beside itself, not to beside whoever writes. */
static void a_link_in_another_folder(void **state)
{
    (void)state;
    assert_int_equal(mkdir("far", 0777), 0);
    assert_int_equal(symlink("it", "far/link"), 0);
    assert_int_equal(replace("far/link", true), 0);
    is_file("far/it", "new");
    assert_int_equal(files_in("far"), 2);
    assert_int_not_equal(access("it", F_OK), 0);
}

static void the_old_mode_stays(void **state)
{
    struct stat facts;
    (void)state;
    mode_t mask = umask(077);
    write_file("shared", "old");
    assert_int_equal(chmod("shared", 0664), 0);
    assert_int_equal(replace("shared", true), 0);
    assert_int_equal(replace("own", true), 0);
    umask(mask);
    assert_int_equal(stat("shared", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0664);
    assert_int_equal(stat("own", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

/* A pipe is written to, and still one afterwards. */
static void a_pipe_stays(void **state)
{
    struct stat facts;
    char found[8] = "";
    (void)state;
    assert_int_equal(mkfifo("pipe", 0666), 0);
    int end = open("pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(replace("pipe", true), 0);
    assert_int_equal(read(end, found, sizeof found - 1), 3);
    close(end);
    assert_string_equal(found, "new");
    assert_int_equal(lstat("pipe", &facts), 0);
    assert_true(S_ISFIFO(facts.st_mode));
}

/* A file of the name that chance has made is somebody's: another name is made, and after a hundred it is an error. */
static void a_name_that_is_taken(void **state)
{
    (void)state;
    assert_int_equal(mkdir("taken", 0777), 0);
    write_file("taken/a.000007", "theirs");
    numbers = 1; /* the second name is another one */
    assert_int_equal(replace("taken/a", true), 0);
    is_file("taken/a.000007", "theirs");
    is_file("taken/a", "new");
    assert_int_equal(files_in("taken"), 2);
    numbers = 1000000; /* and here none is */
    assert_int_equal(replace("taken/a", true), EEXIST);
    numbers = 0;
    is_file("taken/a.000007", "theirs");
    assert_int_equal(files_in("taken"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_stays),
        cmocka_unit_test(a_link_stays_without_memory),
        cmocka_unit_test(a_ring_of_links_ends),
        cmocka_unit_test(what_is_not_kept_leaves_nothing),
        cmocka_unit_test(a_link_in_another_folder),
        cmocka_unit_test(the_old_mode_stays),
        cmocka_unit_test(a_pipe_stays),
        cmocka_unit_test(a_name_that_is_taken),
    };
    const char *room = getenv("TMPDIR");
    if (chdir(room ? room : "/tmp") != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
