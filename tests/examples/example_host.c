/* A host with three plugins, which knows nothing of profiling but to start, report and flush it. How it is built:
 * docs/loader.md.
 *
 *     PLUGIN_PROFILING=1 ./host PLUGINS night.csv */
#include <stdio.h>
#include <stdlib.h>
#include <tidemark_loader.h>
#include <tidemark_record.h>

#include "../plugins/plugins.h"

static const struct {
    const char *name, *file, *symbol;
} plugins[] = {
    {"image-resizer", "resize.so", "resize"},
    {"web-search", "search.so", NULL}, /* its function is web_search */
    {"word-counter", "words.so", "count_words"},
};

static int load(tm_loader *loader, const char *directory)
{
    char path[4096];
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, plugins[i].file);
        if (tm_loader_register(loader, plugins[i].name, path, plugins[i].symbol) != 0)
            return -1;
    }
    return 0;
}

static void resize_images(tm_loader *loader)
{
    static unsigned char pixels[1024 * 1024];
    for (size_t size = 1; size <= 1024; size *= 2) {
        struct image from = {.width = size, .height = size, .pixels = pixels}, to = {.pixels = NULL};
        if (tm_loader_invoke(loader, "image-resizer", &from, &to) != 0)
            fprintf(stderr, "host: %s\n", tm_rec_message());
        free(to.pixels);
    }
}

static void search_and_count(tm_loader *loader)
{
    static const char *const words[] = {"tide", "mark", "tidemark"};
    for (int i = 0; i < 12; i++) {
        const char *page = "";
        long counts[2];
        if (tm_loader_invoke(loader, "web-search", words[i % 3], &page) == 0)
            tm_loader_invoke(loader, "word-counter", page, counts);
    }
}

int main(int argc, char **argv)
{
    tm_loader *loader = tm_loader_new();
    int failed = argc != 3 || !loader || tm_rec_start(NULL) != 0 || load(loader, argv[1]) != 0;
    if (!failed) {
        resize_images(loader);
        search_and_count(loader);
        if (tm_rec_is_on)
            failed = tm_loader_report(loader, stdout) != 0 || tm_rec_flush_csv(argv[2]) != 0;
    }
    if (failed)
        fprintf(stderr, "host: %s\n", argc == 3 ? tm_rec_message() : "usage: host PLUGINS CSV");
    tm_loader_free(loader);
    tm_rec_stop();
    return failed;
}
