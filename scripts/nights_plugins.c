/* Who takes part, what is usual for each, and what happens to them. */
#include <stdio.h>

#include "nights.h"

struct trait {
    const char *name;
    double wall_ms, cpu_share;
    uint64_t calls;
    double heap_kb;
    enum kind kind;
};

/* clang-format off */
static const struct trait cast[] = {
    {"pdf-parser", 184, .91, 64, 96000, KIND_FRESH},
    {"web-search", 420, .06, 90, 24000, KIND_WAIT},
    {"code-formatter", 38, .95, 140, 31000, KIND_COMPUTE},
    {"spell-checker", 12, .97, 180, 44000, KIND_QUIET},
    {"image-resizer", 96, .93, 70, 128000, KIND_LEAK},
    {"sql-runner", 57, .35, 110, 36000, KIND_BIMODAL},
    {"markdown-renderer", 8.5, .96, 160, 18000, KIND_DRIFT},
    {"git-blame", 74, .62, 50, 22000, KIND_QUIET},
    {"calendar-sync", 260, .09, 40, 15000, KIND_FAILING},
    {"link-checker", 310, .07, 80, 19000, KIND_FLAKY},
    {"cache-warmer", 5.2, .55, 120, 52000, KIND_SPIN},
    {"log-viewer", 21, .88, 60, 27000, KIND_QUIET},
    {"ocr-reader", 640, .94, 36, 210000, KIND_RECOVERS},
    {"unit-converter", 1.4, .98, 200, 9000, KIND_QUIET},
    {"audio-transcriber", 880, .90, 30, 340000, KIND_APPEARS},
    {"font-loader", 6.3, .70, 90, 26000, KIND_VANISHES},
    {"vector-index", 145, .92, 56, 260000, KIND_IMPROVES},
    {"json-validator", 3.1, .97, 190, 12000, KIND_QUIET},
    {"weather-feed", 190, .05, 45, 11000, KIND_FLAKY},
    {"syntax-tree", 66, .96, 100, 87000, KIND_QUIET},
    {"mail-sender", 130, .08, 55, 16000, KIND_QUIET},
    {"csv-importer", 48, .86, 75, 40000, KIND_QUIET},
    {"translator", 510, .12, 48, 33000, KIND_BIMODAL},
    {"summarizer", 730, .10, 42, 38000, KIND_QUIET},
    {"secret-scanner", 88, .94, 65, 47000, KIND_DRIFT},
    {"license-audit", 34, .80, 40, 20000, KIND_QUIET},
    {"diff-viewer", 17, .93, 130, 25000, KIND_QUIET},
    {"chart-maker", 41, .91, 85, 58000, KIND_QUIET},
    {"video-thumbnailer", 390, .89, 32, 190000, KIND_COMPUTE},
    {"geo-lookup", 28, .15, 150, 30000, KIND_QUIET},
    {"currency-rates", 92, .06, 60, 10000, KIND_QUIET},
    {"ticket-tracker", 170, .10, 70, 21000, KIND_WAIT},
    {"chat-bridge", 110, .11, 95, 23000, KIND_QUIET},
    {"file-watcher", 2.6, .65, 170, 14000, KIND_QUIET},
    {"zip-extractor", 53, .92, 58, 64000, KIND_QUIET},
    {"test-runner", 960, .78, 30, 150000, KIND_FLAKY},
    {"build-notifier", 45, .20, 44, 13000, KIND_QUIET},
    {"metrics-exporter", 9.7, .75, 125, 17000, KIND_QUIET},
    {"auth-gateway", 15, .30, 175, 28000, KIND_BIMODAL},
    {"backup-agent", 270, .40, 34, 72000, KIND_LEAK},
};
/* clang-format on */

enum { CAST = sizeof cast / sizeof *cast };

static const char *const subjects[] = {
    "asset",  "bibliography", "changelog", "clipboard", "commit",   "cookie",   "dashboard", "dependency", "document", "email",
    "form",   "glossary",     "icon",      "invoice",   "keyword",  "locale",   "macro",     "notebook",   "palette",  "query",
    "recipe", "schema",       "session",   "table",     "template", "timezone", "token",     "tutorial",   "upload",   "webhook",
};
static const char *const duties[] = {
    "analyzer", "archiver",  "builder", "cleaner", "counter",  "exporter", "filter", "finder",  "generator", "grouper",
    "importer", "inspector", "linter",  "mapper",  "merger",   "packer",   "picker", "planner", "ranker",    "reader",
    "router",   "sampler",   "signer",  "sorter",  "splitter", "tagger",   "tracer", "viewer",  "watcher",   "writer",
};

enum { SUBJECTS = sizeof subjects / sizeof *subjects, DUTIES = sizeof duties / sizeof *duties };

static const struct {
    const char *name, *metric;
    double least, most; /* effect */
} kinds[] = {
    [KIND_QUIET] = {"quiet", "", 0, 0},
    [KIND_BIMODAL] = {"bimodal", "", .25, .55},
    [KIND_FLAKY] = {"flaky", "", .3, .6},
    [KIND_FRESH] = {"compute", "wall_ms", .45, .6},
    [KIND_COMPUTE] = {"compute", "wall_ms", .22, .5},
    [KIND_WAIT] = {"wait", "wall_ms", .35, .8},
    [KIND_SPIN] = {"spin", "cpu_ms", 1.5, 3},
    [KIND_DRIFT] = {"drift", "wall_ms", .18, .32},
    [KIND_LEAK] = {"leak", "mem_delta_kb", 40, 140},
    [KIND_FAILING] = {"failing", "error_rate", .08, .3},
    [KIND_RECOVERS] = {"recovers", "wall_ms", .35, .6},
    [KIND_IMPROVES] = {"improves", "wall_ms", -.4, -.2},
    [KIND_APPEARS] = {"appears", "presence", 1, 1},
    [KIND_VANISHES] = {"vanishes", "presence", 0, 0},
};

const char *kind_name(enum kind kind)
{
    return kinds[kind].name;
}

const char *kind_metric(enum kind kind)
{
    return kinds[kind].metric;
}

static void from_cast(struct plugin *p, const struct trait *t)
{
    snprintf(p->name, sizeof p->name, "%s", t->name);
    p->wall_ms = t->wall_ms;
    p->cpu_share = t->cpu_share;
    p->calls = t->calls;
    p->heap_kb = t->heap_kb;
    p->kind = t->kind;
}

/* No subject and duty make a name of the cast; neighbours differ in both words; from the 901st on a number follows. */
static void invent_name(struct plugin *p, uint64_t i)
{
    uint64_t lap = i / (SUBJECTS * DUTIES), turn = i / SUBJECTS;
    const char *subject = subjects[i % SUBJECTS], *duty = duties[(i + turn) % DUTIES];

    if (lap)
        snprintf(p->name, sizeof p->name, "%s-%s-%u", subject, duty, (unsigned)lap + 1);
    else
        snprintf(p->name, sizeof p->name, "%s-%s", subject, duty);
}

/* One in five has an event, one in ten two modes, one in twenty spikes. */
static enum kind invent_kind(struct rng *r)
{
    uint64_t draw = rng_next(r) % 100;

    if (draw < 20)
        return (enum kind)(KIND_COMPUTE + draw % (KIND_VANISHES - KIND_COMPUTE + 1));
    return draw < 30 ? KIND_BIMODAL : draw < 35 ? KIND_FLAKY : KIND_QUIET;
}

static void invent(struct plugin *p, struct rng *r, uint64_t i)
{
    bool remote = rng_next(r) % 3 == 0;

    invent_name(p, i);
    p->wall_ms = exp_of(rng_between(r, remote ? 3 : 0, 6.5));
    p->cpu_share = remote ? rng_between(r, .05, .35) : rng_between(r, .6, .98);
    p->calls = 30 + rng_next(r) % 150;
    p->heap_kb = exp_of(rng_between(r, 9.1, 12.2));
    p->kind = invent_kind(r);
}

/* Between 35 and 70 % of the history, so that there are nights before and after; the fresh regression is two nights old. */
static void schedule(struct plugin *p, const struct options *o, struct rng *r)
{
    uint64_t n = o->nights, span = n * 35 / 100 + 1;

    p->first = 2 + n * 35 / 100 + rng_next(r) % span;
    p->last = n;
    p->effect = rng_between(r, kinds[p->kind].least, kinds[p->kind].most);
    if (p->kind == KIND_FRESH)
        p->first = n > 2 ? n - 1 : 2;
    else if (p->kind == KIND_RECOVERS && p->first + 12 < n)
        p->last = p->first + 5 + rng_next(r) % 7;
    else if (p->kind <= KIND_FLAKY)
        p->first = 1;
}

void plugin_make(struct plugin *p, const struct options *o, uint64_t index)
{
    struct rng r = rng_at(o->seed, STREAM_PLUGIN, index, 0), event = rng_at(o->seed, STREAM_EVENT, index, 0);

    if (index < CAST)
        from_cast(p, &cast[index]);
    else
        invent(p, &r, index - CAST);
    if (o->noise_only && p->kind > KIND_FLAKY)
        p->kind = KIND_QUIET;
    p->night_sigma = p->cpu_share < .5 ? rng_between(&r, .02, .05) : rng_between(&r, .006, .02);
    p->call_sigma = p->cpu_share < .5 ? rng_between(&r, .25, .45) : rng_between(&r, .06, .2);
    p->error_rate = rng_next(&r) % 3 == 0 ? rng_between(&r, .0005, .006) : 0;
    schedule(p, o, &event);
}

/* Every 25 nights hold one slow night, but the last five nights hold none: the history ends on what happened to the plugins. */
double slow_factor(const struct options *o, uint64_t night)
{
    struct rng r = rng_at(o->seed, STREAM_SLOW, (night - 1) / 25, 0);
    uint64_t slow = (night - 1) / 25 * 25 + 1 + rng_next(&r) % 25;
    double factor = rng_between(&r, 1.12, 1.38);

    return night == slow && night + 5 <= o->nights ? factor : 1;
}
