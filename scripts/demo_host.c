/* A plugin host as a demonstration: ten plugins, of which five get worse on night BAD_NIGHT, each in its own way. The work is made
 * up, the measurements are not: plugins that compute are called through the loader, those that wait are asynchronous and give their
 * thread back meanwhile, and what the recorder saw is flushed for `tidemark gate`.
 *
 *     demo_host NIGHT CSV            plays one night, in less than a second
 *     demo_host NIGHT CSV report     and says who was slow, and when the CPU was busy */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/tidemark_loader.h"
#include "record/tidemark_record.h"

enum { CALLS = 16, BAD_NIGHT = 10, PAGE = 48 * 1024 };

static int night;

/* A few percent more or less from night to night, as anywhere. */
static double varied(double ms)
{
    return ms * (0.97 + 0.06 * ((night * 7919 + (int)(ms * 100)) % 101) / 100.0);
}

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Until the thread has used so much CPU time since `from`. */
static void compute(double from, double ms)
{
    double now;
    do
        now = cpu_ms();
    while (now - from < varied(ms));
}

/* An event loop would run others meanwhile; unless the plugin keeps the thread. */
static void wait_for_answer(struct tm_rec_call *call, double ms, int keeps_thread)
{
    long ns = (long)(varied(ms) * 1e6);
    if (!keeps_thread)
        tm_rec_suspend(call);
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
    if (!keeps_thread)
        tm_rec_resume(call);
}

/* What a plugin does in a call before and after it got worse. */
struct habit {
    double compute_ms, wait_ms;
    int keeps_pages;  /* all of them, not only the newest, as a cache does */
    int calls_failed; /* of 2 */
    int keeps_thread; /* while it waits */
};

struct plugin {
    const char *name;
    struct habit good, bad;
    char *page;
    unsigned calls;
};

static struct plugin plugins[] = {
    {.name = "pdf-parser", .good = {.compute_ms = 2}, .bad = {.compute_ms = 20}},
    {.name = "web-search", .good = {.wait_ms = 5}, .bad = {.wait_ms = 40}},
    {.name = "page-cache", .good = {.compute_ms = 0.3}, .bad = {.compute_ms = 0.3, .keeps_pages = 1}},
    {.name = "weather-feed", .good = {.wait_ms = 2}, .bad = {.wait_ms = 2, .calls_failed = 1}},
    {.name = "word-counter", .good = {.compute_ms = 0.4}, .bad = {.compute_ms = 0.4}},
    {.name = "image-resizer", .good = {.compute_ms = 1.5}, .bad = {.compute_ms = 1.5}},
    {.name = "spell-checker", .good = {.compute_ms = 0.6}, .bad = {.compute_ms = 0.6}},
    {.name = "zip-extractor", .good = {.compute_ms = 0.8}, .bad = {.compute_ms = 0.8}},
    {.name = "mail-fetcher", .good = {.wait_ms = 8}, .bad = {.wait_ms = 8, .keeps_thread = 1}},
    {.name = "translator", .good = {.compute_ms = 0.2, .wait_ms = 1.5}, .bad = {.compute_ms = 0.2, .wait_ms = 1.5}},
};

enum { PLUGINS = sizeof plugins / sizeof *plugins };

static const struct habit *habit_of(const struct plugin *plugin)
{
    return night < BAD_NIGHT ? &plugin->good : &plugin->bad;
}

/* Every plugin fetches a page, and drops the one before, unless it has learnt to leak: then it hangs the new one before the others.
 */
static int work(struct plugin *plugin, struct tm_rec_call *call)
{
    const struct habit *habit = habit_of(plugin);
    double from = cpu_ms();
    char *page = malloc(PAGE);
    if (!page)
        return 500;
    memset(page, 'x', PAGE);
    if (habit->keeps_pages)
        memcpy(page, &plugin->page, sizeof plugin->page);
    else
        free(plugin->page);
    plugin->page = page;
    compute(from, habit->compute_ms);
    if (habit->wait_ms > 0)
        wait_for_answer(call, habit->wait_ms, habit->keeps_thread);
    return plugin->calls++ % 2 < (unsigned)habit->calls_failed ? 503 : 0;
}

static int compute_only(void *context, const void *input, void *output)
{
    (void)input, (void)output;
    return work(context, NULL);
}

static void call_asynchronously(struct plugin *plugin)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(plugin->name, NULL));
    int code = work(plugin, &call);
    if (code != 0)
        tm_rec_error(&call, "HttpError", "503 service unavailable");
    tm_rec_end(&call, code == 0 ? TM_REC_OK : TM_REC_ERROR);
}

static int start(void)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.clock = TM_REC_CLOCK_SYSCALL; /* the same on every night */
    config.memory = TM_REC_MEMORY_OWNER;
    config.spike_interval = 0.04;
    config.spike_percent = 60;
    if (tm_rec_start(&config) == 0)
        return 0;
    config.memory = TM_REC_MEMORY_OFF; /* the allocator's hooks are not there */
    return tm_rec_start(&config);
}

static void play(tm_loader *loader)
{
    for (int i = 0; i < PLUGINS; i++)
        for (int call = 0; call < CALLS; call++)
            if (plugins[i].good.wait_ms > 0)
                call_asynchronously(&plugins[i]);
            else
                tm_loader_invoke(loader, plugins[i].name, NULL, NULL);
}

/* What the leaking one has hung away stays. */
static void let_go(void)
{
    for (int i = 0; i < PLUGINS; i++)
        if (!habit_of(&plugins[i])->keeps_pages)
            free(plugins[i].page);
}

static void report(tm_loader *loader)
{
    struct tm_rec_snapshot *taken = tm_rec_take();
    tm_loader_report(loader, stdout);
    if (taken && taken->n_spikes == 0)
        puts("the CPU was never busy for long");
    for (size_t i = 0; taken && i < taken->n_spikes; i++)
        printf("at %.0f ms the CPU was busy (%.0f %%) for %.0f ms: %s\n", taken->spikes[i].at_ms, taken->spikes[i].cpu_percent,
               taken->spikes[i].duration_ms, taken->spikes[i].plugin ? taken->spikes[i].plugin : "no plugin");
    tm_rec_snapshot_free(taken);
}

int main(int argc, char **argv)
{
    tm_loader *loader = tm_loader_new();
    night = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    int failed = night < 1 || !loader || start() != 0;
    for (int i = 0; i < PLUGINS && !failed; i++)
        failed = tm_loader_register_function(loader, plugins[i].name, compute_only, &plugins[i]) != 0;
    if (!failed) {
        play(loader);
        let_go();
        if (argc > 3)
            report(loader);
        failed = tm_rec_flush_csv(argv[2]) != 0;
    }
    if (failed)
        fprintf(stderr, "demo_host: %s\n", night < 1 ? "usage: demo_host NIGHT CSV [report]" : tm_rec_message());
    tm_loader_free(loader);
    tm_rec_stop();
    return failed;
}
