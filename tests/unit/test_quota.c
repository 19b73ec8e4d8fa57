/* How many CPUs may be used: made-up /proc and /sys trees, of the systems there are and of hostile ones. */
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/quota.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

/* mountinfo's lines: version 2; version 1 with the CPU controller; with another one. Arguments: top, mount point. */
#define V2(top, at)    "30 24 0:26 " top " " at " rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1(top, at)    "31 24 0:27 " top " " at " ro,nosuid master:11 - cgroup cgroup rw,cpu,cpuacct\n"
#define OTHER(top, at) "32 24 0:28 " top " " at " rw - cgroup cgroup rw,cpuset,cpuacct\n"
#define ROOTFS         "24 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
#define FS             "/sys/fs/cgroup"

static const struct tree {
    const char *name, *cgroup, *mountinfo;
    struct {
        const char *path, *text;
    } files[6];
    double affinity, expected;
} trees[] = {
    {"nothing there at all", NULL, NULL, {{0}}, 4, 4},
    {"no quota files", "0::/a\n", ROOTFS V2("/", FS), {{0}}, 4, 4},
    {"v2: none", "0::/a\n", ROOTFS V2("/", FS), {{FS "/a/cpu.max", "max 100000\n"}}, 4, 4},
    {"v2: half a CPU", "0::/a\n", ROOTFS V2("/", FS), {{FS "/a/cpu.max", "50000 100000\n"}}, 4, 0.5},
    {"v2: more than there are", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "900000 100000\n"}}, 4, 4},
    {"v2: another period", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "30000 20000\n"}}, 4, 1.5},
    {"v2: no period", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "250000\n"}}, 4, 2.5},
    {"v2: no line end", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "50000 100000"}}, 4, 0.5},
    {"v2: a parent's is less",
     "0::/a/b/c\n",
     V2("/", FS),
     {{FS "/a/cpu.max", "70000 100000"}, {FS "/a/b/cpu.max", "max 100000"}, {FS "/a/b/c/cpu.max", "200000 100000"}},
     4,
     0.7},
    {"v2: a parent's is more",
     "0::/a/b\n",
     V2("/", FS),
     {{FS "/a/cpu.max", "200000 100000"}, {FS "/a/b/cpu.max", "30000 100000"}},
     4,
     0.3},
    {"v2: a sibling's does not count", "0::/a/b\n", V2("/", FS), {{FS "/a/c/cpu.max", "10000 100000"}}, 4, 4},
    {"v2: the controller is off below", "0::/a/b/c\n", V2("/", FS), {{FS "/a/cpu.max", "150000 100000"}}, 4, 1.5},
    {"v2: a namespace whose root is ours", "0::/\n", V2("/", FS), {{FS "/cpu.max", "50000 100000\n"}}, 4, 0.5},
    {"v2: a mount of our part", "0::/docker/1f\n", V2("/docker/1f", FS), {{FS "/cpu.max", "50000 100000\n"}}, 4, 0.5},
    {"v2: a mount of a part above", "0::/docker/1f/x\n", V2("/docker", FS), {{FS "/1f/cpu.max", "50000 100000\n"}}, 4, 0.5},
    {"v2: a mount of somebody else's part", "0::/docker/1f\n", V2("/docker/1", FS), {{FS "/cpu.max", "50000 100000\n"}}, 4, 4},
    {"v2: two mounts, one of another part",
     "0::/a/b\n",
     V2("/c", "/other") V2("/", FS),
     {{"/other/cpu.max", "10000 100000"}, {FS "/a/b/cpu.max", "60000 100000"}},
     4,
     0.6},
    {"v2: two mounts of ours",
     "0::/a\n",
     V2("/a", "/one") V2("/", FS),
     {{FS "/cpu.max", "60000 100000"}, {"/one/cpu.max", "80000 100000"}},
     4,
     0.6},
    {"v2: a mount from outside the namespace", "0::/\n", V2("/../..", FS), {{FS "/cpu.max", "50000 100000"}}, 4, 0.5},
    {"v2: outside its namespace's root", "0::/../x\n", V2("/", FS), {{FS "/cpu.max", "50000 100000"}}, 4, 4},
    {"v2: mounted elsewhere", "0::/a\n", V2("/", "/mnt/groups"), {{"/mnt/groups/a/cpu.max", "50000 100000"}}, 4, 0.5},
    {"v2: mounted at a name with a blank",
     "0::/a\n",
     V2("/", "/my\\040groups"),
     {{"/my groups/a/cpu.max", "50000 100000"}},
     4,
     0.5},
    {"v2: mounted at a name with a backslash",
     "0::/a\n",
     V2("/", "/my\\134040g"),
     {{"/my\\040g/a/cpu.max", "50000 100000"}},
     4,
     0.5},
    {"v2: a group's name with colons", "0::/a:b:c\n", V2("/", FS), {{FS "/a:b:c/cpu.max", "50000 100000"}}, 4, 0.5},
    {"v2: a group's name with a blank", "0::/a b\n", V2("/", FS), {{FS "/a b/cpu.max", "50000 100000"}}, 4, 0.5},
    {"v2: a group that is gone", "0::/a/b (deleted)\n", V2("/", FS), {{FS "/a/cpu.max", "50000 100000"}}, 4, 0.5},
    {"v1: none",
     "4:cpu,cpuacct:/a\n",
     V1("/", FS "/cpu"),
     {{FS "/cpu/a/cpu.cfs_quota_us", "-1\n"}, {FS "/cpu/a/cpu.cfs_period_us", "100000\n"}},
     4,
     4},
    {"v1: one and a half",
     "4:cpu,cpuacct:/a\n",
     V1("/", FS "/cpu"),
     {{FS "/cpu/a/cpu.cfs_quota_us", "150000\n"}, {FS "/cpu/a/cpu.cfs_period_us", "100000\n"}},
     4,
     1.5},
    {"v1: a parent's is less",
     "4:cpuacct,cpu:/a/b\n",
     V1("/", FS "/cpu"),
     {{FS "/cpu/a/cpu.cfs_quota_us", "50000\n"},
      {FS "/cpu/a/cpu.cfs_period_us", "100000\n"},
      {FS "/cpu/a/b/cpu.cfs_quota_us", "-1\n"},
      {FS "/cpu/a/b/cpu.cfs_period_us", "100000\n"}},
     4,
     0.5},
    {"v1: a container that sees its part",
     "4:cpu,cpuacct:/docker/1f\n0::/system.slice/docker.service\n",
     V1("/docker/1f", FS "/cpu,cpuacct"),
     {{FS "/cpu,cpuacct/cpu.cfs_quota_us", "20000"}, {FS "/cpu,cpuacct/cpu.cfs_period_us", "100000"}},
     4,
     0.2},
    {"v1: no period", "4:cpu:/a\n", V1("/", FS "/cpu"), {{FS "/cpu/a/cpu.cfs_quota_us", "50000\n"}}, 4, 4},
    {"v1: a controller whose name begins alike",
     "4:cpuacct:/a\n5:cpuset:/a\n",
     OTHER("/", FS "/cpuset") V1("/", FS "/cpu"),
     {{FS "/cpu/a/cpu.cfs_quota_us", "50000"}, {FS "/cpu/a/cpu.cfs_period_us", "100000"}},
     4,
     4},
    {"v1: a mount without the controller",
     "4:cpu:/a\n",
     OTHER("/", FS),
     {{FS "/a/cpu.cfs_quota_us", "50000"}, {FS "/a/cpu.cfs_period_us", "100000"}},
     4,
     4},
    {"hybrid: v1 limits",
     "4:cpu,cpuacct:/a\n1:name=systemd:/u\n0::/u\n",
     V1("/", FS "/cpu") V2("/", FS "/unified"),
     {{FS "/cpu/a/cpu.cfs_quota_us", "50000"}, {FS "/cpu/a/cpu.cfs_period_us", "100000"}, {FS "/unified/u/cgroup.procs", "1"}},
     4,
     0.5},
    {"hybrid: v2 limits",
     "1:name=systemd:/u\n0::/u\n",
     V2("/", FS "/unified"),
     {{FS "/unified/u/cpu.max", "50000 100000"}},
     4,
     0.5},
    {"hybrid: the least of both",
     "4:cpu:/a\n0::/u\n",
     V1("/", FS "/cpu") V2("/", FS "/unified"),
     {{FS "/cpu/a/cpu.cfs_quota_us", "250000"},
      {FS "/cpu/a/cpu.cfs_period_us", "100000"},
      {FS "/unified/u/cpu.max", "190000 100000"}},
     4,
     1.9},
    {"hybrid: a hierarchy that is named cpu",
     "4:name=cpu:/a\n",
     V1("/", FS),
     {{FS "/a/cpu.cfs_quota_us", "50000"}, {FS "/a/cpu.cfs_period_us", "100000"}},
     4,
     4},
    {"hostile: nothing in the file", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", ""}}, 4, 4},
    {"hostile: words", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "lots of it\n"}}, 4, 4},
    {"hostile: zero quota", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "0 100000\n"}}, 4, 4},
    {"hostile: zero period", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "50000 0\n"}}, 4, 4},
    {"hostile: negative", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "-50000 -100000\n"}}, 4, 4},
    {"hostile: too large", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "50000 99999999999999999999999\n"}}, 4, 4},
    {"hostile: a fraction", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "0.5 1\n"}}, 4, 4},
    {"hostile: infinite", "0::/a\n", V2("/", FS), {{FS "/a/cpu.max", "inf nan\n"}}, 4, 4},
    {"hostile: v1 words", "4:cpu:/a\n", V1("/", FS), {{FS "/a/cpu.cfs_quota_us", "many"}, {FS "/a/cpu.cfs_period_us", "1"}}, 4, 4},
    {"hostile: v1 zero period",
     "4:cpu:/a\n",
     V1("/", FS),
     {{FS "/a/cpu.cfs_quota_us", "5"}, {FS "/a/cpu.cfs_period_us", "0"}},
     4,
     4},
    {"hostile: lines of groups",
     "\n:\n::\n0:\n0::\n0::a\n4:cpu\n4:cpu:\n::/a\n",
     V2("/", FS),
     {{FS "/a/cpu.max", "50000 100000"}},
     4,
     4},
    {"hostile: lines of mounts",
     "0::/a\n",
     "\n-\n - \n - cgroup2\n - cgroup2 x\n1 2 3 4 - cgroup2 x y\n1 2 3 / x - cgroup2 x y\n" V2("/", FS) "cut - cgroup2",
     {{FS "/a/cpu.max", "50000 100000"}},
     4,
     0.5},
    {"hostile: a group that climbs", "0::/a/../../../../..\n", V2("/", FS), {{FS "/cpu.max", "50000 100000"}}, 4, 4},
};

static char root[512];

static bool is(double found, double expected)
{
    return fabs(found - expected) < 1e-9;
}

static void write_file(const char *path, const char *text)
{
    char full[1024];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void make_root(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/tidemark-quota.XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(root));
    write_file("/sys/fs/cgroup/cgroup.procs", "1\n");
}

static void remove_root(void)
{
    assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void trees_by_name(void **state)
{
    const struct tree *row;
    (void)state;
    EACH(row, trees)
    {
        make_root();
        if (row->cgroup)
            write_file("/proc/self/cgroup", row->cgroup);
        if (row->mountinfo)
            write_file("/proc/self/mountinfo", row->mountinfo);
        for (int i = 0; i < 6 && row->files[i].path; i++)
            write_file(row->files[i].path, row->files[i].text);
        double found = tm_rec_usable_cpus_at(root, row->affinity);
        if (!is(found, row->expected))
            fail_msg("%s: found %g CPUs, expected %g", row->name, found, row->expected);
        remove_root();
    }
}

/* Out of file descriptors, nobody knows what limits there are: that is not 'none'. */
static void no_descriptors(void **state)
{
    struct rlimit before, none;
    (void)state;
    make_root();
    write_file("/proc/self/mountinfo", V2("/", FS));
    write_file("/proc/self/cgroup", "0::/a\n");
    write_file(FS "/a/cpu.max", "50000 100000");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    double found = tm_rec_usable_cpus_at(root, 3);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(isnan(found));
    assert_true(is(tm_rec_usable_cpus_at(root, 3), 0.5));
    remove_root();
}

/* Names as long as they get, and files that are directories or without end. */
static void large_trees(void **state)
{
    static char line[20000], dir[5000];
    (void)state;
    make_root();
    write_file("/proc/self/mountinfo", V2("/", FS));
    memset(line, 'x', sizeof line - 1);
    line[0] = '0', line[1] = line[2] = ':', line[3] = '/';
    write_file("/proc/self/cgroup", line);
    assert_true(is(tm_rec_usable_cpus_at(root, 3), 3));

    for (int i = 0; i < 1000; i++)
        memcpy(dir + 4L * i, "/abc", 5);
    snprintf(line, sizeof line, "0::%s\n", dir);
    write_file("/proc/self/cgroup", line);
    write_file(FS "/abc/abc/cpu.max", "50000 100000");
    assert_true(is(tm_rec_usable_cpus_at(root, 3), 0.5));

    memset(line, '7', sizeof line - 1);
    write_file(FS "/abc/abc/cpu.max", line);
    write_file(FS "/abc/cpu.max/in", "");
    assert_true(is(tm_rec_usable_cpus_at(root, 3), 3));
    remove_root();
}

static const struct {
    const char *said;
    double expected; /* 0: as if nothing was said */
} environment[] = {
    {"0.5", 0.5}, {"2", 2},  {"1.25", 1.25}, {"3.", 3},     {"", 0},    {"0", 0},
    {"-1", 0},    {".5", 0}, {"inf", 0},     {"2 CPUs", 0}, {"1e3", 0}, {"9999999999", 0},
};

static void said_by_the_environment(void **state)
{
    (void)state;
    unsetenv("TIDEMARK_CPUS");
    double here = tm_rec_usable_cpus();
    assert_true(here > 0 && here <= (double)sysconf(_SC_NPROCESSORS_ONLN));
    for (size_t i = 0; i < sizeof environment / sizeof *environment; i++) {
        setenv("TIDEMARK_CPUS", environment[i].said, 1);
        double found = tm_rec_usable_cpus(), expected = environment[i].expected > 0 ? environment[i].expected : here;
        if (!is(found, expected))
            fail_msg("TIDEMARK_CPUS='%s': found %g, expected %g", environment[i].said, found, expected);
    }
    unsetenv("TIDEMARK_CPUS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_by_name),
        cmocka_unit_test(no_descriptors),
        cmocka_unit_test(large_trees),
        cmocka_unit_test(said_by_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
