/* The page as a document: whole, bounded, inert, and the same for the same data. What it does in a browser is tests/browser. */
#include "tests/unit/hostile.h"
#include "tests/unit/html.h"

#include "base/sha256.h"
#include "report/page/sections.h"

/* ---- writing ---- */

/* To be freed. */
static char *page_of(const struct tm_report *report, const char *no_charts)
{
    static char *text;
    static size_t size;
    struct tm_findings findings = {0};
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(tm_findings_find(report, &findings), 0);
    assert_int_equal(tm_page_write(out, report, &findings, &(struct tm_page_wish){.charts = "charts/of", .no_charts = no_charts}),
                     0);
    tm_findings_free(&findings);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

/* ---- the document ---- */

enum { IDS_MOST = 20000 };

struct ids {
    char *list[IDS_MOST];
    size_t n;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(struct ids *ids, const char *text, size_t size)
{
    assert_true(ids->n < IDS_MOST);
    ids->list[ids->n++] = strndup(text, size);
}

static void forget(struct ids *ids)
{
    for (size_t i = 0; i < ids->n; i++)
        free(ids->list[i]);
    ids->n = 0;
}

static void collect_ids(const char *page, struct ids *ids, struct ids *references)
{
    struct tag tag;
    struct attribute attribute;
    for (const char *at = page; next_tag(&at, &tag);)
        for (const char *rest = tag.attributes; next_attribute(&rest, &attribute);)
            if (strcmp(attribute.name, "id") == 0)
                collect(ids, attribute.value, attribute.size);
            else if (strcmp(attribute.name, "aria-labelledby") == 0)
                collect(references, attribute.value, attribute.size);
            else if (strcmp(attribute.name, "href") == 0 && *attribute.value == '#')
                collect(references, attribute.value + 1, attribute.size - 1);
}

/* No id twice, and nothing that leads nowhere. */
static void ids_are_sound(const char *name, const char *page)
{
    static struct ids ids, references;
    collect_ids(page, &ids, &references);
    qsort(ids.list, ids.n, sizeof *ids.list, by_text);
    for (size_t i = 1; i < ids.n; i++)
        if (strcmp(ids.list[i - 1], ids.list[i]) == 0)
            fail_msg("%s: id '%s' twice", name, ids.list[i]);
    for (size_t i = 0; i < references.n; i++)
        if (!bsearch(&references.list[i], ids.list, ids.n, sizeof *ids.list, by_text))
            fail_msg("%s: no id '%s'", name, references.list[i]);
    forget(&ids);
    forget(&references);
}

static bool may_stay_open(const char *name)
{
    static const char *const names[] = {"meta", "link", "img", "input", "path",  "circle", "!doctype",
                                        "tr",   "td",   "th",  "thead", "tbody", "li",     NULL};
    for (const char *const *known = names; *known; known++)
        if (strcmp(*known, name) == 0)
            return true;
    return false;
}

/* Elements close in the order they opened in; of those that need not close at all only the end of others is looked at. */
static void elements_are_nested(const char *name, const char *page)
{
    char open[64][16];
    size_t depth = 0;
    struct tag tag;
    for (const char *at = page; next_tag(&at, &tag);) {
        const char *ends = *tag.name == '/' ? tag.name + 1 : NULL;
        if (may_stay_open(ends ? ends : tag.name))
            continue;
        if (ends && (depth == 0 || strcmp(open[--depth], ends) != 0))
            fail_msg("%s: </%s> ends <%s>", name, ends, open[depth]);
        if (!ends) {
            assert_true(depth < 64);
            memcpy(open[depth++], tag.name, sizeof open[0]);
        }
    }
    assert_int_equal(depth, 0);
}

static size_t count_tags(const char *page, const char *name, const char *class)
{
    size_t n = 0;
    struct tag tag;
    struct attribute attribute;
    for (const char *at = page; next_tag(&at, &tag);)
        n +=
            strcmp(tag.name, name) == 0 && (!class || (attribute_of(&tag, "class", &attribute) && attribute.size == strlen(class) &&
                                                       memcmp(attribute.value, class, attribute.size) == 0));
    return n;
}

/* Headings go down one step at a time. */
static void headings_are_in_order(const char *name, const char *page)
{
    int level = 0;
    struct tag tag;
    for (const char *at = page; next_tag(&at, &tag);) {
        if (tag.name[0] != 'h' || !isdigit((unsigned char)tag.name[1]) || tag.name[2])
            continue;
        if (tag.name[1] - '0' > level + 1)
            fail_msg("%s: <%s> below <h%d>", name, tag.name, level);
        level = tag.name[1] - '0';
    }
    assert_int_equal(count_tags(page, "h1", NULL), 1);
}

/* Nothing that a policy would have to allow, and no address but within the page, of its charts and, once, of the feed. */
static void is_inert(const char *name, const char *page)
{
    struct tag tag;
    struct attribute a;
    size_t feeds = 0;
    for (const char *at = page; next_tag(&at, &tag);)
        for (const char *rest = tag.attributes; next_attribute(&rest, &a);) {
            bool address = strcmp(a.name, "src") == 0 || strcmp(a.name, "href") == 0;
            if (strcmp(a.name, "style") == 0 || strncmp(a.name, "on", 2) == 0 || strcmp(a.name, "srcdoc") == 0)
                fail_msg("%s: attribute %s", name, a.name);
            bool feed = strcmp(tag.name, "link") == 0 && address && a.size == 9 && strncmp(a.value, "feed.atom", 9) == 0;
            feeds += feed;
            if (address && !feed && *a.value != '#' && strncmp(a.value, "charts/of/", 10) != 0)
                fail_msg("%s: %s of %.*s", name, a.name, (int)a.size, a.value);
        }
    assert_int_equal(feeds, 1);
}

static size_t count_rows(const char *page)
{
    const char *table = strstr(page, "id=\"all\""), *body = table ? strstr(table, "<tbody>") : NULL;
    assert_non_null(body);
    size_t n = 0;
    struct tag tag;
    for (const char *at = body; next_tag(&at, &tag) && strcmp(tag.name, "/tbody") != 0;)
        n += strcmp(tag.name, "tr") == 0;
    return n;
}

/* Rows that the script makes: a line each. */
static size_t count_brief(const char *page)
{
    const char *at = strstr(page, "id=\"brief\">"), *end = at ? strstr(at, "</script>") : NULL;
    size_t n = 0;
    for (; at && (at = strstr(at, ",\n[")) && at < end; at++)
        n++;
    return n;
}

static void check_document(const char *name, const struct tm_report *report, const char *page)
{
    bool whole = report->n_verdicts > 0 && report->verdicts[report->n_verdicts - 1].plugin == TM_WHOLE_RUN;
    ids_are_sound(name, page);
    elements_are_nested(name, page);
    headings_are_in_order(name, page);
    is_inert(name, page);
    size_t in_full = report->n_plugins < TM_PAGE_WHOLE ? report->n_plugins : TM_PAGE_WHOLE;
    assert_int_equal(count_tags(page, "section", "plugin"), in_full + whole);
    assert_int_equal(count_rows(page), in_full);
    assert_int_equal(count_brief(page), report->n_plugins - in_full);
    const char *const slips[] = {"(null)", ">nan", " nan", ">inf"}, *const * slip;
    EACH(slip, slips)
    {
        if (strstr(strstr(page, "<section id=\"plugins\""), *slip))
            fail_msg("%s: '%s' in the page", name, *slip);
    }
}

static void test_documents(void **state)
{
    const struct fixture *row;
    (void)state;
    EACH(row, fixtures)
    {
        const struct tm_report *report = report_of(row->make);
        char *page = page_of(report, NULL), *again = page_of(report, NULL), *bare = page_of(report, "no 'gnuplot' <here>");
        check_document(row->name, report, page);
        check_document(row->name, report, bare);
        assert_string_equal(page, again);
        assert_int_equal(count_tags(bare, "img", NULL), 0);
        assert_non_null(strstr(bare, "no &#39;gnuplot&#39; &lt;here&gt;"));
        free(page);
        free(again);
        free(bare);
    }
}

/* ---- the policy ---- */

/* The hashes of what stands in the elements of that name and without a type, in their order. */
static void policy_names(const char *page, const char *element, const char *directive)
{
    char wanted[512], base64[TM_SHA256_BASE64] = "";
    size_t length = (size_t)snprintf(wanted, sizeof wanted, "; %s", directive), n = 0;
    struct tag tag;
    struct attribute type;
    for (const char *at = page; next_tag(&at, &tag);)
        if (strcmp(tag.name, element) == 0 && !attribute_of(&tag, "type", &type)) {
            const char *content = tag.end;
            tm_sha256_base64(content, (size_t)(at - content), base64);
            length += (size_t)snprintf(wanted + length, sizeof wanted - length, " 'sha256-%s'", base64);
            n++;
        }
    assert_true(n > 0);
    snprintf(wanted + length, sizeof wanted - length, ";");
    if (!strstr(page, wanted))
        fail_msg("the policy does not have%s", wanted + 1);
}

static void test_policy(void **state)
{
    char *page = page_of(report_of(every_class), NULL);
    (void)state;
    policy_names(page, "style", "style-src");
    policy_names(page, "script", "script-src");
    assert_non_null(strstr(page, "content=\"default-src 'none'; img-src 'self'; style-src"));
    assert_non_null(strstr(page, "; base-uri 'none'; form-action 'none'\">"));
    assert_true(strstr(page, "Content-Security-Policy") < strstr(page, "<style"));
    assert_null(strstr(page, "unsafe"));
    free(page);
}

/* ---- names ---- */

static size_t count_all_tags(const char *page)
{
    size_t n = 0;
    struct tag tag;
    for (const char *at = page; next_tag(&at, &tag);)
        n++;
    return n;
}

/* The name of the first plugin as its row has it. */
static char *name_in_row(const char *page)
{
    const char *table = strstr(page, "id=\"all\""), *from = table ? strstr(table, "<bdi>") : NULL,
               *to = from ? strstr(from, "</bdi>") : NULL;
    assert_non_null(to);
    return text_between(from, to);
}

/* A name that finds its way into a title is a link there: not every name does, so those are left out of the count. */
static void test_names(void **state)
{
    static struct hostile names[HOSTILE_MOST];
    static struct stage stage;
    size_t n = read_hostile(names);
    (void)state;
    char *harmless = page_of(hostile_report(&stage, "Harmless-Name", TM_REGRESSED), NULL);
    size_t tags = count_all_tags(harmless);
    free(harmless);
    for (size_t i = 0; i < n; i++) {
        struct tm_report *report = hostile_report(&stage, names[i].name, TM_REGRESSED);
        char *page = page_of(report, NULL), *name = name_in_row(page);
        check_document(names[i].label, report, page);
        if (count_all_tags(page) != tags)
            fail_msg("%s: %zu tags instead of %zu", names[i].label, count_all_tags(page), tags);
        if (names[i].kind == PLAIN && strcmp(name, names[i].name) != 0)
            fail_msg("%s: shown as '%s'", names[i].label, name);
        free(page);
        free(name);
    }
}

/* ---- size ---- */

enum { PLUGINS = 1000, RUNS = 365, METRICS = 6, NIGHTS = 20 };

static double noise(size_t i)
{
    uint32_t x = (uint32_t)i * 2654435761u;
    x ^= x >> 15;
    return (double)(x * 2246822519u >> 8) / (1 << 24);
}

static void fill_verdicts(struct tm_report *report, size_t p)
{
    for (size_t m = 0; m < METRICS; m++) {
        double x = noise(p * METRICS + m);
        report->verdicts[p * METRICS + m] = (struct tm_report_verdict){p,
                                                                       (int)m,
                                                                       p % 7 == 0 ? TM_OPEN : TM_PASS,
                                                                       m == 0,
                                                                       NULL,
                                                                       100 * x,
                                                                       100 * x,
                                                                       90 * x,
                                                                       0.11,
                                                                       3.21 * x,
                                                                       13.2,
                                                                       3,
                                                                       50,
                                                                       9 * x,
                                                                       97 * x,
                                                                       -x,
                                                                       40,
                                                                       NAN,
                                                                       p % 7 == 0 ? "2026-10-21" : NULL,
                                                                       NULL,
                                                                       "0a90c4984ecb",
                                                                       "92981008ce0b",
                                                                       p % 7 == 0 ? 300 : -1,
                                                                       NULL,
                                                                       NULL,
                                                                       0,
                                                                       {.earliest = NULL},
                                                                       0,
                                                                       0,
                                                                       0,
                                                                       NULL,
                                                                       false,
                                                                       false,
                                                                       TM_NO_REACH};
    }
}

static void fill_plugin(struct tm_report *report, size_t p)
{
    static char names[PLUGINS][32];
    struct tm_report_plugin *plugin = &report->plugins[p];
    snprintf(names[p], sizeof names[p], "document-converter-%04zu", p);
    *plugin = (struct tm_report_plugin){.id = (int64_t)p + 1,
                                        .number = (int64_t)p + 1,
                                        .name = names[p],
                                        .present = true,
                                        .first_verdict = p * METRICS,
                                        .n_verdicts = METRICS,
                                        .first_event = p * NIGHTS,
                                        .n_events = NIGHTS};
    plugin->values = calloc(METRICS * RUNS, sizeof *plugin->values);
    for (size_t i = 0; i < METRICS * RUNS; i++)
        plugin->values[i] = 100 + 40 * noise(p * METRICS * RUNS + i);
    fill_verdicts(report, p);
    for (size_t i = 0; i < NIGHTS; i++)
        report->events[p * NIGHTS + i] = (struct tm_report_event){.plugin = p,
                                                                  .metric = 0,
                                                                  .run = (int)(10 * i),
                                                                  .since_run = (int)(10 * i),
                                                                  .class = TM_SUSPECT,
                                                                  .value = 130,
                                                                  .baseline = 110,
                                                                  .effect = 0.2,
                                                                  .signal = "compute"};
    plugin->leader = &report->verdicts[p * METRICS];
    plugin->class = plugin->leader->class;
    if (plugin->class != TM_PASS)
        report->ranked[report->n_ranked++] = plugin->leader;
}

/* A thousand plugins over a year stay below 3 MB. */
static void test_size(void **state)
{
    static struct tm_report_plugin plugins[PLUGINS];
    static struct tm_report_verdict verdicts[PLUGINS * METRICS];
    static struct tm_report_event events[PLUGINS * NIGHTS];
    static const struct tm_report_verdict *ranked[PLUGINS];
    static struct tm_report_run runs[RUNS];
    static struct tm_report_metric metrics[METRICS];
    static struct stage stage;
    (void)state;
    begin(&stage);
    struct tm_report *report = &stage.report;
    report->metrics = metrics, report->plugins = plugins, report->verdicts = verdicts, report->events = events,
    report->ranked = ranked, report->runs = runs;
    report->run = &runs[RUNS - 1], report->n_runs = RUNS, report->n_metrics = 0, report->outcome = "fail";
    report->n_plugins = PLUGINS, report->n_verdicts = PLUGINS * METRICS, report->n_events = PLUGINS * NIGHTS;
    for (size_t m = 0; m < METRICS; m++) {
        const struct tm_metric_rule *rule = &tm_metrics[m].rule;
        report->metrics[report->n_metrics++] = (struct tm_report_metric){rule->name, rule->unit, rule->kind, false, true};
    }
    for (size_t r = 0; r < RUNS; r++)
        runs[r] = (struct tm_report_run){
            (int64_t)r + 1, 1795140000 - 86400 * (int64_t)(RUNS - 1 - r), "2026-11-20", "9c77100626ac", NAN, NAN};
    for (size_t p = 0; p < PLUGINS; p++)
        fill_plugin(report, p);
    char *page = page_of(report, NULL);
    check_document("large", report, page);
    assert_in_range(strlen(page), 1000000, 3000000);
    free(page);
    for (size_t p = 0; p < PLUGINS; p++)
        free(plugins[p].values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
