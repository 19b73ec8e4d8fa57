/* The feed of alarms: what an entry says, and that no text in it is more than text. */
#include "report/feed.h"
#include "tests/unit/hostile.h"

static void two_entries(struct stage *stage, const char *name)
{
    static struct tm_report_entry entries[3];
    begin(stage);
    size_t plugin = add_plugin(stage, name, true);
    stage->plugins[plugin].number = 7;
    entries[0] = (struct tm_report_entry){.run = name, .at = 1795140000, .end = {plugin, WALL, "returned", name, 4, 0}};
    entries[0].verdict.plugin = plugin, entries[0].verdict.metric = WALL;
    entries[1] = (struct tm_report_entry){.run = name, .at = 1795053600, .end = {TM_WHOLE_RUN, -1, "accepted", name, 1, 3}};
    entries[1].verdict.plugin = TM_WHOLE_RUN, entries[1].verdict.metric = -1;
    entries[2] = (struct tm_report_entry){.run = name, .at = 1795053600, .raised = true};
    entries[2].verdict = *add_verdict(stage, plugin, WALL, TM_REGRESSED);
    entries[2].verdict.since = entries[2].verdict.since_commit = entries[2].verdict.good_commit = name;
    stage->report.project = stage->report.branch = stage->report.host = name;
    stage->report.entries = entries, stage->report.n_entries = 3;
}

static void an_entry_says_what_it_is(void **state)
{
    static struct stage stage;
    static const char *const parts[] = {
        "<title>Alarms of n on n</title>\n  <updated>2026-11-20T02:00:00Z</updated>",
        "<title>n: wall_per_call_ms is back at its level: the alarm of n closed by itself after 4 runs</title>\n"
        "    <updated>2026-11-20T02:00:00Z</updated>\n"
        "    <link rel=\"alternate\" type=\"text/html\" href=\"index.html#p7\"/>\n    <category term=\"ended\"/>\n",
        "<title>the whole run has a level that decision 3 accepts: the alarm of n ended after 1 run</title>\n"
        "    <updated>2026-11-19T02:00:00Z</updated>\n    <link rel=\"alternate\" type=\"text/html\" href=\"index.html\"/>\n",
        "<title>n takes 40 % longer per call since n</title>",
        "<content type=\"text\">run n: wall_per_call_ms 210 ms, was 150 ms: +40.0 %, since n, commits n..n, compute</content>"};
    (void)state;
    two_entries(&stage, "n");
    char *text = written(tm_feed_write, finish(&stage));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(text, parts[i]))
            fail_msg("no %s in\n%s", parts[i], text);
    free(text);
}

static size_t count(const char *text, char character)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == character;
    return n;
}

/* As many elements, attributes and lines as a harmless name gives; and another id for another name. */
static void names_are_text(void **state)
{
    static struct stage stage;
    static struct hostile names[HOSTILE_MOST];
    (void)state;
    two_entries(&stage, "x");
    char *harmless = written(tm_feed_write, finish(&stage));
    for (size_t n = read_hostile(names); n-- > 0;) {
        two_entries(&stage, names[n].name);
        char *text = written(tm_feed_write, finish(&stage));
        for (const char *at = "<>\"\n"; *at; at++)
            if (count(text, *at) != count(harmless, *at))
                fail_msg("%s: '%c' in\n%s", names[n].label, *at, text);
        const char *id = strstr(text, "<id>"), *of_x = strstr(harmless, "<id>");
        if (!id || !of_x || strcspn(id, "\n") != strcspn(of_x, "\n") || memcmp(id, of_x, strcspn(of_x, "\n")) == 0)
            fail_msg("%s has the id of x", names[n].label);
        free(text);
    }
    free(harmless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_entry_says_what_it_is), cmocka_unit_test(names_are_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
