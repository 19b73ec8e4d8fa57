/* Every function of the allocator, and what a thread is counted. */
#include "tests/unit/hooks.h"

static const size_t sizes[] = {0, 1, 7, 16, 24, 25, 1000, 4095, 4097, 100000, 200000, 3000000};

static void check_block(const struct way *way, size_t size)
{
    int64_t net = hooks->thread()->net;
    unsigned char *block = kept(way->allocate(size));

    assert_non_null(block);
    if ((uintptr_t)block % way->alignment != 0 || malloc_usable_size(block) < size)
        fail_msg("%s(%zu): block %p of %zu bytes", way->name, size, (void *)block, malloc_usable_size(block));
    if (hooks->thread()->net - net != size_of(block))
        fail_msg("%s(%zu): %lld counted, not %lld", way->name, size, (long long)(hooks->thread()->net - net),
                 (long long)size_of(block));
    for (size_t i = 0; way->allocate == by_calloc && i < size; i++)
        assert_int_equal(block[i], 0);
    memset(block, 0xa5, malloc_usable_size(block));
    free(block);
    assert_int_equal(hooks->thread()->net, net);
}

static void test_every_function(void **state)
{
    (void)state;

    for (int mode = TM_REC_MEMORY_NET; mode <= (sanitized ? TM_REC_MEMORY_NET : TM_REC_MEMORY_OWNER); mode++) {
        assert_int_equal(hooks->mode(mode, 0), 0);
        for (size_t i = 0; i < LENGTH(ways) * LENGTH(sizes); i++)
            check_block(&ways[i / LENGTH(sizes)], sizes[i % LENGTH(sizes)]);
    }
}

static void check_owned_block(const struct way *way, size_t size)
{
    struct tm_memory_owner owner = {0};

    own(&owner);
    void *block = kept(way->allocate(size));
    own(NULL);
    if (live(&owner) != size_of(block) || peak(&owner) != size_of(block))
        fail_msg("%s(%zu): live %lld, peak %lld, not %lld", way->name, size, (long long)live(&owner), (long long)peak(&owner),
                 (long long)size_of(block));
    free(block);
    assert_int_equal(live(&owner), 0);
}

static void test_owned_by_every_function(void **state)
{
    (void)state;

    NEEDS_OWNERS;
    for (size_t i = 0; i < LENGTH(ways) * LENGTH(sizes); i++)
        check_owned_block(&ways[i / LENGTH(sizes)], sizes[i % LENGTH(sizes)]);
}

static void fill(unsigned char *block, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        block[i] = (unsigned char)(i * 31 % 251);
}

static void assert_filled(const unsigned char *block, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (block[i] != (unsigned char)(i * 31 % 251))
            fail_msg("byte %zu of %zu is lost", i, size);
}

static void test_realloc_keeps_content(void **state)
{
    static const size_t steps[] = {10, 500, 60, 5000, 4 * MB, 9 * MB, 100, 30, 200000, 1};
    struct tm_memory_owner owner = {0};
    unsigned char *block = NULL;
    size_t had = 0;
    (void)state;

    NEEDS_OWNERS;
    own(&owner);
    for (size_t i = 0; i < LENGTH(steps); i++) {
        block = kept(i % 2 ? realloc(block, steps[i]) : reallocarray(block, steps[i], 1));
        assert_filled(block, had < steps[i] ? had : steps[i]);
        fill(block, 0, steps[i]);
        had = steps[i];
        assert_int_equal(live(&owner), size_of(block));
    }
    assert_in_range(peak(&owner), 9 * MB, 9 * MB + 8192);
    assert_null(realloc(block, 0));
    assert_int_equal(live(&owner), 0);
}

/* Who makes a block larger has allocated it. */
static void test_realloc_by_another(void **state)
{
    struct tm_memory_owner first = {0}, second = {0};
    (void)state;

    NEEDS_OWNERS;
    own(&first);
    void *block = allocate(100);
    own(&second);
    block = resize(block, 20000);
    assert_int_equal(live(&first), 0);
    assert_int_equal(live(&second), size_of(block));
    own(NULL);
    block = resize(block, 40000);
    assert_int_equal(live(&second), 0);
    free(block);
    assert_int_equal(live(&first), 0);
}

static void assert_no_room(void *block)
{
    bool none = block == NULL;
    int fault = errno;

    free(block);
    assert_true(none);
    assert_int_equal(fault, ENOMEM);
    errno = 0;
}

static void test_what_fails_changes_nothing(void **state)
{
    volatile size_t huge = SIZE_MAX / 2, most = SIZE_MAX;
    struct tm_memory_owner owner = {0};
    void *untouched = &owner;
    (void)state;

    NEEDS_OWNERS;
    own(&owner);
    unsigned char *volatile block = allocate(1000);
    int64_t net = hooks->thread()->net, size = size_of(block);
    fill(block, 0, 1000);
    errno = 0;
    assert_no_room(allocate(most));
    assert_no_room(calloc(huge, 3));
    assert_no_room(reallocarray(NULL, huge, 3));
    assert_no_room(reallocarray(block, huge, 3));
    assert_no_room(resize(block, most - 100));
    assert_no_room(memalign(64, most - 100));
    assert_no_room(aligned_alloc(64, most - 100));
    assert_no_room(valloc(most - 100));
    assert_no_room(pvalloc(most - 100));
    assert_int_equal(posix_memalign(&untouched, 64, most - 100), ENOMEM);
    assert_int_equal(posix_memalign(&untouched, 0, 8), EINVAL);
    assert_int_equal(posix_memalign(&untouched, 4, 8), EINVAL);
    assert_int_equal(posix_memalign(&untouched, 24, 8), EINVAL);
    assert_ptr_equal(untouched, &owner);
    assert_filled(block, 1000);
    assert_int_equal(hooks->thread()->net, net);
    assert_int_equal(live(&owner), size);
    free(block);
    assert_int_equal(live(&owner), 0);
}

static void test_free_keeps_errno(void **state)
{
    void *blocks[] = {NULL, allocate(10), allocate(3 * MB), allocate(70000)};
    (void)state;

    for (size_t i = 0; i < LENGTH(blocks); i++) {
        errno = ERANGE;
        free(blocks[i]);
        assert_int_equal(errno, ERANGE);
    }
}

/* ---- by thread ---- */

static void test_net(void **state)
{
    volatile struct tm_memory_thread *thread = hooks->thread();
    (void)state;

    assert_int_equal(hooks->mode(TM_REC_MEMORY_NET, 0), 0);
    int64_t net = thread->high = thread->net;
    void *first = allocate(10000), *second = allocate(20000);
    int64_t both = size_of(first) + size_of(second);
    assert_int_equal(thread->net - net, both);
    free(first);
    free(second);
    assert_int_equal(thread->net, net);
    assert_int_equal(thread->high - net, both);
    thread->high = thread->net;
    free(allocate(5000));
    assert_in_range(thread->high - net, 5000, 5016);
}

static void *hand_over(void *handed)
{
    void **block = handed;
    int64_t before = hooks->thread()->net;

    free(block[0]);
    block[1] = allocate(30000);
    return (void *)(intptr_t)(hooks->thread()->net - before); /* NOLINT(performance-no-int-to-ptr) */
}

static void test_net_of_another_thread(void **state)
{
    void *blocks[2] = {0}, *theirs = NULL;
    pthread_t thread;
    (void)state;

    assert_int_equal(hooks->mode(TM_REC_MEMORY_NET, 0), 0);
    blocks[0] = allocate(10000);
    int64_t first = size_of(blocks[0]), net = hooks->thread()->net;
    assert_int_equal(pthread_create(&thread, NULL, hand_over, blocks), 0);
    pthread_join(thread, &theirs);
    assert_int_equal((intptr_t)theirs, size_of(blocks[1]) - first);
    int64_t second = size_of(blocks[1]), since = hooks->thread()->net;
    assert_in_range(since - net + 4096, 0, 8192); /* what starting a thread takes */
    free(blocks[1]);
    assert_int_equal(hooks->thread()->net, since - second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_function, NULL, end),
        cmocka_unit_test_setup_teardown(test_owned_by_every_function, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_realloc_keeps_content, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_realloc_by_another, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_what_fails_changes_nothing, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_free_keeps_errno, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_net, NULL, end),
        cmocka_unit_test_setup_teardown(test_net_of_another_thread, NULL, end),
    };

    return cmocka_run_group_tests(tests, find_hooks, NULL);
}
