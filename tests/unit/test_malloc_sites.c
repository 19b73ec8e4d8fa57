/* Who allocates, by sample; and the recorder with the hooks, from a start to what is stored. */
#include "tests/unit/hooks.h"

enum { MANY = 100000 };
static void *first_blocks[MANY], *second_blocks[MANY];

/* Two places. */
static __attribute__((noinline)) void *at_first(size_t size)
{
    return kept(malloc(size));
}

static __attribute__((noinline)) void *at_second(size_t size)
{
    return kept(calloc(1, size));
}

static __attribute__((noinline)) char *through_the_library(const char *text)
{
    char *made = NULL;

    return asprintf(&made, "%s and %s", text, text) > 0 ? kept(made) : NULL;
}

static bool within(const void *address, void *function)
{
    uintptr_t at = (uintptr_t)address, from = (uintptr_t)function;

    return at >= from && at < from + 160;
}

#define FROM(site, function) within((site).address, (void *)(uintptr_t)(function))

static void test_each_block(void **state)
{
    struct tm_memory_owner first = {0}, second = {0};
    struct tm_memory_site sites[4];
    (void)state;

    NEEDS_OWNERS;
    hooks->mode(TM_REC_MEMORY_OWNER, 1);
    for (int i = 0; i < 10; i++) {
        own(&first);
        first_blocks[i] = at_first(100);
        own(&second);
        second_blocks[i] = at_second(100000);
    }
    own(&first);
    first_blocks[10] = at_second(50);
    own(NULL);
    assert_int_equal(hooks->sites(sites, 4), 3);
    assert_true(FROM(sites[0], at_second) && sites[0].owner == &second);
    assert_int_equal(sites[0].bytes, live(&second));
    assert_int_equal(sites[0].blocks, 10);
    assert_true(FROM(sites[1], at_first) && sites[1].owner == &first);
    assert_int_equal(sites[1].blocks, 10);
    assert_true(FROM(sites[2], at_second) && sites[2].owner == &first);
    assert_int_equal(sites[1].bytes + sites[2].bytes, live(&first));
    assert_int_equal(hooks->sites(sites, 1), 1);
    assert_true(sites[0].owner == &second);
    assert_int_equal(hooks->sites(sites, 0), 0);
    for (int i = 0; i < 11; i++)
        free(first_blocks[i]);
    first_blocks[0] = realloc(second_blocks[0], 10);
    assert_int_equal(hooks->sites(sites, 4), 1);
    assert_int_equal(sites[0].blocks, 9);
    for (int i = 1; i < 10; i++)
        free(second_blocks[i]);
    assert_int_equal(hooks->sites(sites, 4), 0);
    free(first_blocks[0]);
}

/* One small block after ten others, always the same way: a step that does not vary would see only some of them. */
static void test_estimates(void **state)
{
    struct tm_memory_owner owner = {0};
    struct tm_memory_site sites[2];
    int64_t bytes[2] = {0};
    (void)state;

    NEEDS_OWNERS;
    hooks->mode(TM_REC_MEMORY_OWNER, 4096);
    own(&owner);
    for (int i = 0; i < MANY; i++) {
        first_blocks[i] = at_first(40);
        bytes[0] += size_of(first_blocks[i]);
        if (i % 10 == 0) {
            second_blocks[i] = at_second(216);
            bytes[1] += size_of(second_blocks[i]);
        }
    }
    own(NULL);
    assert_int_equal(hooks->sites(sites, 2), 2);
    assert_true(FROM(sites[0], at_first) && FROM(sites[1], at_second));
    assert_in_range(sites[0].bytes, bytes[0] * 95 / 100, bytes[0] * 105 / 100);
    assert_in_range(sites[1].bytes, bytes[1] * 90 / 100, bytes[1] * 110 / 100);
    assert_in_range(sites[0].blocks, MANY * 95 / 100, MANY * 105 / 100);
    assert_in_range(sites[1].blocks, MANY / 10 * 90 / 100, MANY / 10 * 110 / 100);
    for (int i = 0; i < MANY; i++) {
        free(first_blocks[i]);
        if (i % 10 == 0)
            free(second_blocks[i]);
    }
    assert_int_equal(hooks->sites(sites, 2), 0);
    assert_int_equal(live(&owner), 0);
}

/* More than there is room for: what is noted is right, the rest is not noted, and all is accounted for. */
static void test_no_room(void **state)
{
    struct tm_memory_owner owner = {0};
    struct tm_memory_site sites[2];
    int64_t bytes = 0;
    (void)state;

    NEEDS_OWNERS;
    hooks->mode(TM_REC_MEMORY_OWNER, 1);
    own(&owner);
    for (int i = 0; i < MANY; i++) {
        first_blocks[i] = at_first(24);
        bytes += size_of(first_blocks[i]);
    }
    own(NULL);
    assert_int_equal(hooks->sites(sites, 2), 1);
    assert_in_range(sites[0].blocks, 30000, 40000);
    assert_int_equal(live(&owner), bytes);
    for (int i = 0; i < MANY; i++)
        free(first_blocks[i]);
    assert_int_equal(hooks->sites(sites, 2), 0);
    assert_int_equal(live(&owner), 0);
}

static bool linked_in(void)
{
    Dl_info of_hooks = {0}, of_test = {0};

    dladdr(hooks, &of_hooks);
    dladdr(first_blocks, &of_test);
    return of_hooks.dli_fbase == of_test.dli_fbase;
}

static void test_who_calls_the_library(void **state)
{
    struct tm_memory_owner owner = {0};
    struct tm_memory_site sites[2];
    (void)state;

    NEEDS_OWNERS;
    if (linked_in()) /* then what the library allocates is not seen */
        return;
    hooks->mode(TM_REC_MEMORY_OWNER, 1);
    own(&owner);
    char *text = through_the_library("a text that is not short");
    own(NULL);
    assert_int_equal(hooks->sites(sites, 2), 1);
    assert_true(FROM(sites[0], through_the_library));
    free(text);
}

/* ---- the recorder ---- */

static int start(enum tm_rec_memory memory, int64_t site_bytes)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;

    config.on = 1;
    config.spike_interval = 0;
    config.memory = memory;
    config.site_bytes = site_bytes;
    return tm_rec_start(&config);
}

static int stop_recorder(void **state)
{
    (void)state;
    tm_rec_stop();
    return 0;
}

static const struct tm_profile *profile_of(const struct tm_rec_snapshot *snapshot, const char *name)
{
    for (size_t i = 0; snapshot && i < snapshot->n_entries; i++)
        if (strcmp(snapshot->entries[i].profile.plugin, name) == 0)
            return &snapshot->entries[i].profile;
    fail_msg("'%s' is not in the snapshot", name);
    return NULL;
}

/* Called by turns, the two of them, and a third that frees what the first allocates. */
static void test_recorded_by_owner(void **state)
{
    tm_rec_plugin *big, *innocent, *freeing;
    struct tm_rec_call first, second;
    void *blocks[50];
    (void)state;

    if (sanitized) {
        assert_int_equal(start(TM_REC_MEMORY_OWNER, 0), -1);
        assert_non_null(strstr(tm_rec_message(), "allocator"));
        return;
    }
    assert_int_equal(start(TM_REC_MEMORY_OWNER, 0), 0);
    big = tm_rec_register("big", NULL), innocent = tm_rec_register("innocent", NULL), freeing = tm_rec_register("freeing", NULL);
    tm_rec_begin(&first, big);
    tm_rec_suspend(&first);
    tm_rec_begin(&second, innocent);
    tm_rec_suspend(&second);
    for (size_t i = 0; i < LENGTH(blocks); i++) {
        tm_rec_resume(&first);
        blocks[i] = allocate(MB);
        tm_rec_suspend(&first);
        tm_rec_resume(&second);
        memset(blocks[i], 1, 100);
        tm_rec_suspend(&second);
    }
    tm_rec_end(&second, TM_REC_OK);
    tm_rec_end(&first, TM_REC_OK);
    tm_rec_begin(&first, freeing);
    for (size_t i = 0; i < LENGTH(blocks); i++)
        free(blocks[i]);
    tm_rec_end(&first, TM_REC_OK);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_in_range((int64_t)profile_of(snapshot, "big")->peak_mem_bytes, 50 * MB, 50 * MB + 50 * 4096);
    assert_int_equal((int64_t)profile_of(snapshot, "big")->mem_delta_bytes, 0);
    assert_int_equal((int64_t)profile_of(snapshot, "innocent")->peak_mem_bytes, 0);
    assert_int_equal((int64_t)profile_of(snapshot, "innocent")->mem_delta_bytes, 0);
    assert_int_equal((int64_t)profile_of(snapshot, "freeing")->peak_mem_bytes, 0);
    assert_int_equal((int64_t)profile_of(snapshot, "freeing")->mem_delta_bytes, 0);
    tm_rec_snapshot_free(snapshot);
}

static void *cache;

static void call_all(tm_rec_plugin *caching, tm_rec_plugin *leaking, int from, int to)
{
    struct tm_rec_call call;

    for (int i = from; i < to; i++) {
        tm_rec_begin(&call, caching);
        void *newer = at_second(100000);
        free(cache);
        cache = newer;
        tm_rec_end(&call, TM_REC_OK);
        tm_rec_begin(&call, leaking);
        first_blocks[i] = at_first(1000);
        tm_rec_end(&call, TM_REC_OK);
    }
}

/* One by one: the allocator may give one of them a few bytes more than it gives the others. */
static int64_t size_of_blocks(size_t from, size_t to)
{
    int64_t bytes = 0;
    for (size_t i = from; i < to; i++)
        bytes += size_of(first_blocks[i]);
    return bytes;
}

static void test_recorded_leak(void **state)
{
    (void)state;

    assert_null(tm_rec_sites_take());
    assert_non_null(strstr(tm_rec_message(), "memory by owner"));
    NEEDS_OWNERS;
    assert_int_equal(start(TM_REC_MEMORY_OWNER, 1), 0);
    tm_rec_plugin *caching = tm_rec_register("caching", NULL), *leaking = tm_rec_register("leaking", NULL);
    call_all(caching, leaking, 0, 10);
    struct tm_rec_sites *before = tm_rec_sites_take();
    tm_rec_snapshot_free(tm_rec_take());
    call_all(caching, leaking, 10, 60);
    struct tm_rec_sites *after = tm_rec_sites_take(), *grown = tm_rec_sites_growth(before, after);
    assert_int_equal(before->n_sites, 2);
    assert_int_equal(after->n_sites, 2);
    assert_int_equal(grown->n_sites, 1);
    assert_string_equal(grown->sites[0].plugin, "leaking");
    assert_true(FROM(grown->sites[0], at_first));
    assert_int_equal(grown->sites[0].blocks, 50);
    assert_int_equal(grown->sites[0].bytes, size_of_blocks(10, 60));
    assert_non_null(strstr(grown->sites[0].place, "malloc_sites+0x"));
    if (system("addr2line --version >/dev/null 2>&1") == 0) { /* NOLINT(cert-env33-c) */
        assert_int_equal(tm_rec_sites_locate(grown), 0);
        assert_ptr_equal(strstr(grown->sites[0].place, "test_malloc_sites.c:"), grown->sites[0].place);
        assert_non_null(strstr(grown->sites[0].place, "(at_first)"));
    }
    tm_rec_sites_free(before);
    tm_rec_sites_free(after);
    tm_rec_sites_free(grown);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal((int64_t)profile_of(snapshot, "leaking")->mem_delta_bytes, size_of_blocks(0, 60));
    assert_int_equal((int64_t)profile_of(snapshot, "caching")->mem_delta_bytes, size_of(cache));
    tm_rec_snapshot_free(snapshot);
    free(cache);
    for (int i = 0; i < 60; i++)
        free(first_blocks[i]);
}

/* As a host's code stands while recording is off. */
static void test_nothing_to_compare(void **state)
{
    struct tm_rec_sites some = {0};
    (void)state;

    struct tm_rec_sites *before = tm_rec_sites_take(), *after = tm_rec_sites_take();
    struct tm_rec_sites *grown = tm_rec_sites_growth(before, after);
    assert_null(grown);
    assert_non_null(strstr(tm_rec_message(), "no places are noted"));
    assert_int_equal(tm_rec_sites_locate(grown), 0);
    assert_null(tm_rec_sites_growth(NULL, &some));
    assert_null(tm_rec_sites_growth(&some, NULL));
    tm_rec_sites_free(grown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_block, NULL, end),
        cmocka_unit_test_setup_teardown(test_estimates, NULL, end),
        cmocka_unit_test_setup_teardown(test_no_room, NULL, end),
        cmocka_unit_test_setup_teardown(test_who_calls_the_library, NULL, end),
        cmocka_unit_test_setup_teardown(test_recorded_by_owner, NULL, stop_recorder),
        cmocka_unit_test_setup_teardown(test_recorded_leak, NULL, stop_recorder),
        cmocka_unit_test(test_nothing_to_compare),
    };

    return cmocka_run_group_tests(tests, find_hooks, NULL);
}
