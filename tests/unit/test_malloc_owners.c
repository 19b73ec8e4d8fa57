/* Whose memory it is: one after the other, and many at once. */
#include "tests/unit/hooks.h"

/* ---- by owner ---- */

/* The usual way, tracing the process, blames whoever runs: one plugin's 50 MB are another's. */
static void test_another_one_frees(void **state)
{
    struct tm_memory_owner big = {0}, innocent = {0};
    void *blocks[50];
    (void)state;

    NEEDS_OWNERS;
    for (size_t i = 0; i < LENGTH(blocks); i++) {
        own(&big);
        blocks[i] = allocate(MB);
        own(&innocent);
    }
    assert_in_range(live(&big), 50 * MB, 50 * MB + 50 * 4096);
    for (size_t i = 0; i < LENGTH(blocks); i++)
        free(blocks[i]);
    own(NULL);
    assert_int_equal(live(&big), 0);
    assert_in_range(peak(&big), 50 * MB, 50 * MB + 50 * 4096);
    assert_int_equal(live(&innocent), 0);
    assert_int_equal(peak(&innocent), 0);
}

static void test_peak_is_exact(void **state)
{
    struct tm_memory_owner owner = {0};
    void *blocks[64];
    int64_t held = 0, most = 0;
    (void)state;

    NEEDS_OWNERS;
    memset(blocks, 0, sizeof blocks);
    own(&owner);
    for (size_t i = 0; i < 10000; i++) {
        size_t at = i * 7919 % 64, size = i * 104729 % 5000;
        held -= blocks[at] ? size_of(blocks[at]) : 0;
        free(blocks[at]);
        blocks[at] = allocate(size);
        held += size_of(blocks[at]);
        most = held > most ? held : most;
        assert_int_equal(live(&owner), held);
        assert_int_equal(peak(&owner), most);
    }
    for (size_t i = 0; i < LENGTH(blocks); i++)
        free(blocks[i]);
    atomic_store(&owner.peak, live(&owner)); /* set back, as a flush does */
    void *block = allocate(100);
    assert_int_equal(peak(&owner), size_of(block));
    free(block);
    assert_int_equal(live(&owner), 0);
}

static void test_cache_and_leak(void **state)
{
    struct tm_memory_owner caching = {0}, leaking = {0};
    void *cache = NULL, *leak[100];
    int64_t settled = 0;
    (void)state;

    NEEDS_OWNERS;
    for (size_t i = 0; i < LENGTH(leak); i++) {
        own(&caching);
        void *newer = allocate(100000);
        free(cache);
        cache = newer;
        settled = i == 0 ? live(&caching) : settled;
        own(&leaking);
        leak[i] = allocate(1000);
    }
    own(NULL);
    assert_int_equal(live(&caching), settled);
    assert_in_range(live(&leaking), 100 * 1000, 100 * 1016);
    free(cache);
    for (size_t i = 0; i < LENGTH(leak); i++)
        free(leak[i]);
}

static void test_nobodys_blocks(void **state)
{
    struct tm_memory_owner owner = {0};
    (void)state;

    NEEDS_OWNERS;
    hooks->mode(TM_REC_MEMORY_OFF, 0);
    own(&owner);
    void *before = allocate(1000);
    assert_int_equal(live(&owner), 0);
    hooks->mode(TM_REC_MEMORY_OWNER, 0);
    own(NULL);
    void *without = allocate(2000);
    own(&owner);
    free(before);
    free(without);
    assert_int_equal(live(&owner), 0);
    before = allocate(1000);
    hooks->mode(TM_REC_MEMORY_NET, 0);
    void *meanwhile = allocate(1000);
    hooks->mode(TM_REC_MEMORY_OWNER, 0);
    owner = (struct tm_memory_owner){0};
    free(before);
    free(meanwhile);
    assert_int_equal(live(&owner), 0);
    assert_int_equal(peak(&owner), 0);
}

/* ---- many at once ---- */

enum { THREADS = 8, SLOTS = 256, ROUNDS = 20000 };
static _Atomic(unsigned char *) slots[SLOTS];
static struct tm_memory_owner owners[THREADS];
static atomic_bool stop;

static uint32_t next(uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random;
}

/* A block says how long it is, and in its last byte the same once more. */
static unsigned char *marked(unsigned char *block, uint32_t size)
{
    memcpy(block, &size, sizeof size);
    block[size - 1] = (unsigned char)size;
    return block;
}

static void *check_mark(unsigned char *block)
{
    uint32_t size = 0;

    if (block == NULL)
        return NULL;
    memcpy(&size, block, sizeof size);
    if (size < 5 || size > 70000 || block[size - 1] != (unsigned char)size)
        abort();
    return block;
}

/* Blocks go from thread to thread through the slots, in all ways; whoever finds one frees it, or makes it another size. */
static void *hammer(void *number)
{
    size_t me = (size_t)(uintptr_t)number;
    uint32_t random = (uint32_t)me * 2654435769u + 1;

    own(&owners[me]);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t size = 5 + next(&random) % (next(&random) % 64 ? 300 : 60000);
        unsigned char *mine, *found = atomic_exchange(&slots[next(&random) % SLOTS], NULL);
        if (check_mark(found) && next(&random) % 4 == 0) {
            mine = realloc(found, size);
        } else {
            mine = ways[next(&random) % LENGTH(ways)].allocate(size);
            free(found);
        }
        free(check_mark(atomic_exchange(&slots[next(&random) % SLOTS], marked(mine, size))));
    }
    own(NULL);
    return NULL;
}

static void hammer_all(void)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void free_slots(void)
{
    for (size_t i = 0; i < SLOTS; i++)
        free(check_mark(atomic_exchange(&slots[i], NULL)));
}

static void test_threads(void **state)
{
    struct tm_memory_site sites[8];
    (void)state;

    if (!sanitized)
        hooks->mode(TM_REC_MEMORY_OWNER, 1000);
    memset(owners, 0, sizeof owners);
    hammer_all();
    free_slots();
    for (size_t i = 0; i < THREADS && !sanitized; i++) {
        assert_int_equal(live(&owners[i]), 0);
        assert_true(peak(&owners[i]) > 1000);
    }
    assert_int_equal(hooks->sites(sites, LENGTH(sites)), 0);
}

static void *switch_modes(void *unused)
{
    uint32_t random = 1;

    while (!atomic_load(&stop))
        hooks->mode((int)(next(&random) % 3), next(&random) % 3 * 500);
    return unused;
}

static void test_modes_change_meanwhile(void **state)
{
    struct tm_memory_owner after = {0};
    pthread_t switching;
    (void)state;

    atomic_store(&stop, false);
    assert_int_equal(pthread_create(&switching, NULL, switch_modes, NULL), 0);
    hammer_all();
    atomic_store(&stop, true);
    pthread_join(switching, NULL);
    NEEDS_OWNERS;
    hooks->mode(TM_REC_MEMORY_OWNER, 0);
    memset(owners, 0, sizeof owners);
    free_slots();
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(live(&owners[i]), 0);
    own(&after);
    free(allocate(100));
    assert_int_equal(live(&after), 0);
}

static void *start_and_end(void *owner)
{
    own(owner);
    free(allocate(1000));
    return allocate(500);
}

static void test_threads_start_and_end(void **state)
{
    struct tm_memory_owner owner = {0};
    (void)state;

    NEEDS_OWNERS;
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        void *left = NULL;
        assert_int_equal(pthread_create(&thread, NULL, start_and_end, &owner), 0);
        pthread_join(thread, &left);
        assert_int_equal(live(&owner), size_of(left));
        free(left);
    }
    assert_int_equal(live(&owner), 0);
}

/* The child goes on with what it has inherited; the parent does not notice. */
static void test_fork(void **state)
{
    struct tm_memory_owner owner = {0};
    int status = 0;
    (void)state;

    NEEDS_OWNERS;
    own(&owner);
    void *block = allocate(1000);
    int64_t size = size_of(block);
    pid_t child = fork();
    if (child == 0) {
        void *mine = allocate(2000);
        bool right = live(&owner) == size + size_of(mine);
        free(mine);
        free(block);
        right = right && live(&owner) == 0 && hooks->mode(TM_REC_MEMORY_OWNER, 0) == 0;
        free(allocate(300));
        _exit(right && live(&owner) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(live(&owner), size);
    free(block);
}

static void test_dlopen(void **state)
{
    struct tm_memory_owner owner = {0};
    (void)state;

    NEEDS_OWNERS;
    hooks->mode(TM_REC_MEMORY_OWNER, 1);
    own(&owner);
    for (int i = 0; i < 20; i++) {
        void *library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
        assert_null(dlsym(RTLD_DEFAULT, "tm_no_such_symbol"));
        assert_non_null(dlerror());
        if (library)
            dlclose(library);
    }
    own(NULL);
    assert_in_range(live(&owner) + 65536, 0, 2 * 65536);
}

static void once_through_the_modes(void)
{
    struct tm_memory_owner owner = {0};

    hooks->mode(TM_REC_MEMORY_OWNER, 100);
    own(&owner);
    for (size_t size = 0; size < 1000; size++)
        free(allocate(size));
    own(NULL);
    hooks->mode(TM_REC_MEMORY_OFF, 0);
}

/* What the hooks need is beside the heap. */
static void test_hooks_take_no_heap(void **state)
{
    (void)state;

    NEEDS_OWNERS;
    once_through_the_modes();
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < 20; i++)
        once_through_the_modes();
    assert_int_equal(mallinfo2().uordblks + mallinfo2().hblkhd, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_another_one_frees, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_peak_is_exact, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_cache_and_leak, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_nobodys_blocks, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_threads, NULL, end),
        cmocka_unit_test_setup_teardown(test_modes_change_meanwhile, NULL, end),
        cmocka_unit_test_setup_teardown(test_threads_start_and_end, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_fork, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_dlopen, begin_owners, end),
        cmocka_unit_test_setup_teardown(test_hooks_take_no_heap, NULL, end),
    };

    return cmocka_run_group_tests(tests, find_hooks, NULL);
}
