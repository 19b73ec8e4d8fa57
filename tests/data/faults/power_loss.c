/* Runs a command, and asks after each of its calls what would be on the disk if the power failed now.
 *
 *     power_loss IMAGES SEED BASE WORD...
 *
 * What was synced is there; of all else any part may be: each sector of a file (512 bytes) is the new or the synced one, its length
 * too, and each name of a folder, made, moved or removed, the new or the synced one. IMAGES such states are made of the whole run,
 * spread over its calls, and as many again after the command has ended: by then all of it must be there. In each, the store is
 * sound and either as before or as it should be, and so is each file of out/ that has its final name; a page goes with all of its
 * charts. BASE and old/ are as in each_call.c. It runs in a folder named work/, and states are made in image/. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls.h"
#include "digest.h"

enum { NODES_MOST = 2000, ENTRIES_MOST = 4000, SECTOR = 512, SECONDS = 600, SHOWN = 5 };

/* A file's bytes, or a folder's names, as they were when they were last synced and as they are now. */
struct content {
    bool there;
    char *bytes;
    size_t size;
};
struct entry {
    int folder, node;
    bool synced, now;
    char name[256];
};
static struct node {
    ino_t number;
    int hold; /* keeps the number from being given to another */
    bool is_folder;
    struct content synced, now;
} nodes[NODES_MOST];
static struct entry entries[ENTRIES_MOST];
static int n_nodes, n_entries;

static const char *base;
static long images_wanted, calls_expected, calls_seen, images, wrong;
static uint64_t random_state;
static struct tables tables_before, tables_after;

static void die(const char *what)
{
    perror(what);
    exit(3);
}

static void must(const char *command)
{
    if (system(command) != 0) /* NOLINT(cert-env33-c): a test's own words */
        die(command);
}

static unsigned chance(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u; /* Knuth's */
    return (unsigned)(random_state >> 33) % below;
}

/* ---- what there is ---- */

static void read_content(int file, struct content *content)
{
    struct stat facts;
    if (fstat(file, &facts) != 0)
        die("fstat");
    content->bytes = realloc(content->bytes, (size_t)facts.st_size + 1);
    ssize_t size = content->bytes ? pread(file, content->bytes, (size_t)facts.st_size, 0) : -1;
    content->size = size > 0 ? (size_t)size : 0;
    content->there = true;
}

static int node_of(int file)
{
    struct stat facts;
    if (fstat(file, &facts) != 0)
        die("fstat");
    for (int i = 0; i < n_nodes; i++)
        if (nodes[i].number == facts.st_ino)
            return i;
    if (n_nodes == NODES_MOST)
        die("too many files");
    nodes[n_nodes] = (struct node){.number = facts.st_ino, .hold = dup(file), .is_folder = S_ISDIR(facts.st_mode)};
    return n_nodes++;
}

static void note_entry(int folder, int node, const char *name)
{
    for (int i = 0; i < n_entries; i++)
        if (entries[i].folder == folder && entries[i].node == node && strcmp(entries[i].name, name) == 0) {
            entries[i].now = true;
            return;
        }
    if (n_entries == ENTRIES_MOST)
        die("too many names");
    entries[n_entries] = (struct entry){.folder = folder, .node = node, .now = true};
    snprintf(entries[n_entries++].name, sizeof entries->name, "%s", name);
}

/* All that is there now, from the folder on. */
static void scan(int folder)
{
    int node = node_of(folder);
    DIR *all = fdopendir(dup(folder));
    struct dirent *entry;
    nodes[node].now.there = true;
    if (!all)
        die("fdopendir");
    rewinddir(all);
    while ((entry = readdir(all))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int file = openat(folder, entry->d_name, O_RDONLY | O_NOFOLLOW);
        if (file < 0)
            die(entry->d_name);
        int found = node_of(file);
        note_entry(node, found, entry->d_name);
        if (nodes[found].is_folder)
            scan(file);
        else
            read_content(file, &nodes[found].now);
        close(file);
    }
    closedir(all);
}

static void scan_all(void)
{
    int folder = open("work", O_RDONLY | O_DIRECTORY);
    if (folder < 0)
        die("work");
    for (int i = 0; i < n_entries; i++)
        entries[i].now = false;
    for (int i = 0; i < n_nodes; i++)
        nodes[i].now.there = false;
    scan(folder);
    close(folder);
}

static void sync_node(int node)
{
    struct node *of = &nodes[node];
    for (int i = 0; i < n_entries && of->is_folder; i++)
        if (entries[i].folder == node)
            entries[i].synced = entries[i].now;
    of->synced.there = true;
    of->synced.size = of->now.size;
    of->synced.bytes = realloc(of->synced.bytes, of->now.size + 1);
    if (of->synced.bytes && of->now.size)
        memcpy(of->synced.bytes, of->now.bytes, of->now.size);
}

/* ---- a state of the disk ---- */

/* 0: all as synced, 1: all as now, 2: any; drawn for each file and folder. */
static bool take_new(unsigned way)
{
    return way == 2 ? chance(2) : way;
}

static void make_file(int folder, const char *name, const struct node *node)
{
    const struct content none = {0}, *synced = node->synced.there ? &node->synced : &none,
                         *now = node->now.there ? &node->now : synced;
    unsigned way = chance(3);
    size_t size = take_new(way) ? now->size : synced->size;
    char *bytes = calloc(1, size + 1);
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || !bytes)
        die(name);
    for (size_t at = 0; at < size; at += SECTOR) {
        const struct content *from = take_new(way) ? now : synced;
        size_t end = at + SECTOR < size ? at + SECTOR : size;
        if (from->size > at)
            memcpy(bytes + at, from->bytes + at, (from->size < end ? from->size : end) - at);
    }
    if (write(file, bytes, size) != (ssize_t)size)
        die(name);
    close(file);
    free(bytes);
}

static void make_folder(int folder, int node)
{
    unsigned way = chance(3);
    for (int i = 0; i < n_entries; i++) {
        const struct entry *entry = &entries[i];
        bool first = true, new;
        if (entry->folder != node || !(entry->now || entry->synced))
            continue;
        for (int k = 0; k < i && first; k++)
            first =
                entries[k].folder != node || strcmp(entries[k].name, entry->name) != 0 || !(entries[k].now || entries[k].synced);
        if (!first)
            continue; /* decided with the first of that name */
        new = take_new(way);
        for (int k = i; k < n_entries; k++) {
            const struct entry *one = &entries[k];
            if (one->folder != node || strcmp(one->name, entry->name) != 0 || !(new ? one->now : one->synced))
                continue;
            if (!nodes[one->node].is_folder) {
                make_file(folder, one->name, &nodes[one->node]);
                continue;
            }
            if (mkdirat(folder, one->name, 0755) != 0)
                die(one->name);
            int inside = openat(folder, one->name, O_RDONLY | O_DIRECTORY);
            make_folder(inside, one->node);
            close(inside);
        }
    }
}

/* ---- is it right? ---- */

static const char *look_at_store(bool ended)
{
    struct tables found;
    sqlite3 *db = NULL;
    sqlite3_stmt *check = NULL;
    const char *fault = NULL;
    if (access("image/try.db", F_OK) != 0)
        return ended && tables_after.n ? "the store is gone" : tables_before.n ? "the store is gone" : NULL;
    if (sqlite3_open_v2("image/try.db", &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &check, NULL) != SQLITE_OK || sqlite3_step(check) != SQLITE_ROW ||
        strcmp((const char *)sqlite3_column_text(check, 0), "ok") != 0)
        fault = "the store is damaged";
    sqlite3_finalize(check);
    sqlite3_close(db);
    if (fault)
        return fault;
    read_tables("image/try.db", &found);
    bool after = same_tables(&found, &tables_after), before = same_tables(&found, &tables_before);
    if (ended)
        return after ? NULL : "what was acknowledged is not in the store";
    /* A store that is made or brought up to date gets there by several transactions. */
    return after || before || tables_before.n != tables_after.n ? NULL : "half a change in the store";
}

/* All charts of the page in that folder, as they are in the state of out/ that the page is of. */
static bool has_charts(const char *of, const char *under)
{
    char command[1600];
    snprintf(command, sizeof command,
             "cd %s/%s && find charts -type f -exec cmp -s {} ../../image/out/%s/{} \\; -o -type f -print | grep -q .", of, under,
             under);
    return system(command) != 0; /* NOLINT(cert-env33-c): a test's own words */
}

static void each_file(const char *folder, const char *under, bool ended, const char **fault)
{
    char path[800];
    snprintf(path, sizeof path, "%s/%s", folder, under);
    DIR *all = opendir(path);
    struct dirent *entry;
    while (all && (entry = readdir(all))) {
        char name[600], was[700], is[700], found[700];
        struct stat facts;
        snprintf(name, sizeof name, "%s%s%s", under, *under ? "/" : "", entry->d_name);
        snprintf(was, sizeof was, "old/%s", name);
        snprintf(is, sizeof is, "new/%s", name);
        snprintf(found, sizeof found, "image/out/%s", name);
        if (*entry->d_name == '.' || strcmp(entry->d_name, "charts") == 0)
            continue; /* charts are looked at with their page */
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
            each_file(folder, name, ended, fault);
            continue;
        }
        unsigned long long digest = of_file(found);
        bool new = digest == of_file(is), old = digest == of_file(was);
        if (!new && (ended || !old))
            *fault = "an output file is neither the old one nor the new one";
        if (!*fault && strcmp(entry->d_name, "index.html") == 0 && digest && !has_charts(new ? "new" : "old", under))
            *fault = "a page without its charts";
    }
    if (all)
        closedir(all);
}

static void try_image(bool ended)
{
    const char *fault;
    of_folder("image", true);
    if (mkdir("image", 0755) != 0 && access("image", F_OK) != 0)
        die("image");
    int image = open("image", O_RDONLY | O_DIRECTORY), work = open("work", O_RDONLY | O_DIRECTORY);
    make_folder(image, node_of(work));
    close(image);
    close(work);
    fault = look_at_store(ended);
    if (!fault)
        each_file("new", "", ended, &fault);
    images++;
    if (fault && wrong++ < SHOWN)
        printf("  after call %ld of %ld%s: %s\n", calls_seen, calls_expected, ended ? ", and the end" : "", fault);
}

/* ---- the command ---- */

static void count_call(void *context, const struct tm_call *call)
{
    (void)context;
    calls_expected += call->kind > TM_CALL_OPEN;
}

static void after_call(void *context, const struct tm_call *call)
{
    (void)context;
    char link[64];
    if (call->kind == TM_CALL_READ)
        return;
    scan_all();
    snprintf(link, sizeof link, "/proc/%d/fd/%d", call->pid, call->fd);
    int file = call->kind == TM_CALL_SYNC ? open(link, O_RDONLY) : -1;
    if (file >= 0) {
        sync_node(node_of(file));
        close(file);
    }
    if (call->kind == TM_CALL_OPEN)
        return;
    calls_seen++;
    long due = images_wanted * calls_seen / calls_expected;
    while (images < due)
        try_image(false);
}

static void reset(void)
{
    char command[4600];
    snprintf(command, sizeof command,
             "rm -rf work && mkdir work && cp -r old work/out && { test ! -e '%s' || cp '%s' work/try.db; }", base, base);
    must(command);
}

int main(int argc, char **argv)
{
    char folder[4096];
    if (argc < 5 || !getcwd(folder, sizeof folder - sizeof "/work"))
        return 3;
    images_wanted = strtol(argv[1], NULL, 10), random_state = strtoull(argv[2], NULL, 10), base = argv[3];
    strcat(folder, "/work");
    struct tm_calls calls = {.folder = folder, .after = count_call, .out = "out.txt", .err = "err.txt", .seconds = SECONDS};
    reset();
    read_tables("work/try.db", &tables_before);
    int wanted = tm_calls_run(&calls, argv + 4);
    if (wanted == -1000 || calls_expected == 0)
        return 77;
    read_tables("work/try.db", &tables_after);
    must("rm -rf new && cp -r work/out new");
    reset();
    scan_all();
    for (int i = 0; i < n_nodes; i++)
        sync_node(i);
    calls.after = after_call;
    int code = tm_calls_run(&calls, argv + 4);
    scan_all();
    for (long i = images_wanted; i > 0; i--)
        try_image(true);
    printf("%ld images of %ld calls, %ld wrong\n", images, calls_seen, wrong + (code != wanted));
    return wrong > 0 || code != wanted;
}
