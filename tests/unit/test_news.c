/* What is new tonight, and the forms that tell only that. */
#include "report/news.h"
#include "report/words.h"
#include "tests/unit/hostile.h"

#define MUST_HAVE(text, part)                                                                                                      \
    do {                                                                                                                           \
        if (!strstr(text, part))                                                                                                   \
            fail_msg("no '%s' in\n%s", part, text);                                                                                \
    } while (0)

static size_t count_in(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

static void newly_missing(struct stage *stage)
{
    struct tm_report_verdict *gone = add_unknown(stage, add_plugin(stage, "a", false), -1, TM_MISSING);
    add_plugin(stage, "b", true);
    gone->last_good = "night-6", gone->good_at = 1795053600, gone->runs = 1;
}

static void only_suspect(struct stage *stage)
{
    add_verdict(stage, add_plugin(stage, "a", true), WALL, TM_SUSPECT);
}

/* Of the family two members regressed tonight, and one is open since the night before. */
static void family(struct stage *stage)
{
    static const char *const names[] = {"parse.a", "parse.b", "parse.c", "x", "y"};
    for (size_t i = 0; i < 5; i++)
        add_plugin(stage, names[i], true);
    for (size_t i = 0; i < 3; i++)
        add_verdict(stage, i, WALL, i < 2 ? TM_REGRESSED : TM_OPEN);
    add_verdict(stage, 3, WALL, TM_REGRESSED)->since = "night-7";
}

static void moved(struct stage *stage)
{
    size_t from = add_plugin(stage, "giver", true), to = add_plugin(stage, "taker", true);
    stage->plugins[from].calls = stage->plugins[to].calls = 10;
    add_verdict(stage, to, WALL, TM_REGRESSED);
    struct tm_report_verdict *giver = add_verdict(stage, from, WALL, TM_IMPROVED);
    giver->value = giver->corrected = 90;
}

static void closed(struct stage *stage)
{
    static struct tm_report_end ends[3];
    size_t a = add_plugin(stage, "a", true);
    ends[0] = (struct tm_report_end){a, WALL, "returned", "night-3", 4, 0};
    ends[1] = (struct tm_report_end){a, CPU, "accepted", "night-3", 4, 1};
    ends[2] = (struct tm_report_end){TM_WHOLE_RUN, -1, "returned", "night-5", 1, 0};
    stage->report.ends = ends, stage->report.n_ends = 3;
}

static void strict_slow_run(struct stage *stage)
{
    stage->report.strict = true;
    stage->report.tally.slow = true;
    add_plugin(stage, "a", true);
}

static const struct news_row {
    const char *name;
    void (*make)(struct stage *stage);
    const char *text;
} news_told[] = {
    {"not what is open or missing since earlier", every_class,
     "FAIL, 1 new: run night-7 on main of default\n"
     "regressed  a-regressed takes 40 % longer per call since night-6, commits d3b130d..dafdebe\n"},
    {"run-wide is one", run_wide,
     "FAIL, 1 new: run night-7 on main of default\n"
     "regressed  the whole run is slower and stays so: most plugins changed together since night-3\n"},
    {"missing for the first time", newly_missing,
     "FAIL, 1 new: run night-7 on main of default\n"
     "missing    a is missing: last seen in night-6 on 2026-11-19, 1 run ago\n"},
    {"a suspect is none", only_suspect, ""},
    {"but with --strict", strict_suspect,
     "FAIL, 1 new: run night-7 on main of default\n"
     "suspect    a takes 40 % longer per call in this one run, which proves nothing yet\n"},
    {"an empty run", empty_run,
     "FAIL, 1 new: run night-7 on main of default\n"
     "empty run  the run is empty: no plugin was called\n"},
    {"a slow run fails with --strict", strict_slow_run,
     "PASS, 1 new: run night-7 on main of default\n"
     "slow run   the run was slow for all plugins, which fails with --strict\n"},
    {"and else is none", slow_run, ""},
    {"open is none", ten_of_each, ""},
    {"the first nights", nothing_judged, ""},
    {"a family is one", family,
     "FAIL, 2 new: run night-7 on main of default\n"
     "regressed  3 plugins whose names begin with 'parse.' are slower since night-6: parse.a +40 %, parse.b +40 %, parse.c +40 %, "
     "commits d3b130d..dafdebe\n"
     "regressed  x takes 40 % longer per call since night-7, commits d3b130d..dafdebe\n"},
    {"what moved is one", moved,
     "FAIL, 1 new: run night-7 on main of default\n"
     "regressed  cost moved from giver to taker: 600 ms a run, since night-6, commits d3b130d..dafdebe\n"},
    {"what closed by itself", closed,
     "PASS, 2 closed: run night-7 on main of default\n"
     "closed     a: wall_per_call_ms is back at its level: the alarm of night-3 closed by itself after 4 runs\n"
     "closed     the whole run is back at its level: the alarm of night-5 closed by itself after 1 run\n"},
};

static struct tm_report *whole_report_of(void (*make)(struct stage *stage))
{
    struct tm_report *report = report_of(make);
    if (make == family || make == moved)
        assert_int_equal(tm_report_find_events(report), 0);
    return report;
}

static void what_is_new_is_told(void **state)
{
    const struct news_row *row;
    (void)state;
    EACH(row, news_told)
    {
        struct tm_report *report = whole_report_of(row->make);
        char *text = written(tm_write_text_short, report), *slack = written(tm_write_slack, report),
             *teams = written(tm_write_teams, report);
        if (strcmp(text, row->text) != 0)
            fail_msg("%s:\n%s", row->name, text);
        /* All three, or none of them. */
        if (!*slack != !*text || !*teams != !*text)
            fail_msg("%s: only some forms have news", row->name);
        assert_int_equal(count_in(slack, "\"section\""), *text ? count_in(text, "\n") + 1 : 0);
        assert_int_equal(count_in(teams, "\"RichTextBlock\""), *text ? count_in(text, "\n") + 1 : 0);
        free(text);
        free(slack);
        free(teams);
        tm_report_free_events(report);
    }
}

static void slack_is_blocks_of_plain_text(void **state)
{
    (void)state;
    char *text = written(tm_write_slack, report_of(every_class));
    assert_string_equal(text,
                        "{\n  \"text\": \"FAIL, 1 new: run night-7 on main of default\",\n  \"mrkdwn\": false,\n  \"blocks\": [\n"
                        "    {\"type\": \"section\", \"text\": {\"type\": \"plain_text\", \"emoji\": false, \"text\": "
                        "\"FAIL, 1 new: run night-7 on main of default\"}},\n"
                        "    {\"type\": \"section\", \"text\": {\"type\": \"plain_text\", \"emoji\": false, \"text\": "
                        "\"regressed: a-regressed takes 40 % longer per call since night-6, commits d3b130d..dafdebe\"}},\n"
                        "    {\"type\": \"section\", \"text\": {\"type\": \"plain_text\", \"emoji\": false, \"text\": "
                        "\"judged 6 of 7 plugins: 2 pass, 1 regressed, 1 open, 1 missing, 1 suspect, 1 waived, 1 retired (1 "
                        "improved); not judged: 1 "
                        "(too few runs to compare with)\"}}\n"
                        "  ]\n}\n");
    free(text);
}

static void teams_is_a_card(void **state)
{
    (void)state;
    char *text = written(tm_write_teams, report_of(every_class));
    MUST_HAVE(text, "\"contentType\": \"application/vnd.microsoft.card.adaptive\"");
    MUST_HAVE(text, "{\"type\": \"RichTextBlock\", \"inlines\": [{\"type\": \"TextRun\", \"weight\": \"Bolder\", \"text\": "
                    "\"FAIL, 1 new: run night-7 on main of default\"}]},\n");
    MUST_HAVE(text, "{\"type\": \"RichTextBlock\", \"inlines\": [{\"type\": \"TextRun\", \"text\": "
                    "\"regressed: a-regressed takes 40 % longer per call since night-6, commits d3b130d..dafdebe\"}]},\n");
    free(text);
}

/* ---- limits ---- */

/* Ten times as many as any chat takes, with names of which each byte becomes six. */
static void make_crowd(struct stage *stage, const char *name)
{
    begin(stage);
    for (size_t i = 0; i < 400; i++)
        add_verdict(stage, add_plugin(stage, name, true), WALL, TM_REGRESSED)->since_commit = NULL;
}

static void chats_have_limits(void **state)
{
    static struct stage stage;
    static char name[1001];
    static const struct {
        const char *letter;
        size_t slack, teams;
    } rows[] = {{"a", 40, 40}, {"<", 40, 9}, {"\xe2\x82\xac", 40, 17}, {"\"", 40, 25}, {"\x01", 40, 30}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char more[80];
        for (size_t at = 0; at + strlen(rows[i].letter) < sizeof name; at += strlen(rows[i].letter))
            memcpy(name + at, rows[i].letter, strlen(rows[i].letter) + 1);
        make_crowd(&stage, name);
        const struct tm_report *report = finish(&stage);
        char *slack = written(tm_write_slack, report), *teams = written(tm_write_teams, report),
             *text = written(tm_write_text_short, report);
        assert_int_equal(count_in(slack, "regressed: "), rows[i].slack);
        assert_true(count_in(slack, "\"section\"") <= 50);
        size_t shown = count_in(teams, "regressed: ");
        if (shown + 1 < rows[i].teams || shown > 40)
            fail_msg("%zu of '%s' in a card", shown, rows[i].letter);
        assert_true(strlen(teams) < 28 * 1024);
        snprintf(more, sizeof more, "and %zu more; 'tidemark gate' lists them all", 400 - shown);
        MUST_HAVE(teams, more);
        MUST_HAVE(slack, "and 360 more; 'tidemark gate' lists them all");
        MUST_HAVE(text, "\nand 390 more; 'tidemark gate' lists them all\n");
        /* What stands between two quotes is a text of a block. */
        for (const char *at = slack; (at = strstr(at, "\"text\": \""));) {
            at += strlen("\"text\": \"");
            assert_true(strcspn(at, "\n") < 3000);
        }
        free(slack);
        free(teams);
        free(text);
    }
}

/* Cut between characters, and only what is too long. */
static void sentences_are_cut(void **state)
{
    static struct stage stage;
    static char name[1200];
    static const struct {
        size_t letters;
        bool cut;
    } rows[] = {{10, false}, {TM_NEWS_CHARACTERS - 22, false}, {TM_NEWS_CHARACTERS - 21, true}, {399, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_news news;
        size_t characters = 0;
        *name = '\0';
        for (size_t n = 0; n < rows[i].letters; n++)
            memcpy(name + 2 * n, "\u00e9", 3);
        begin(&stage);
        struct tm_report_verdict *v = add_unknown(&stage, add_plugin(&stage, name, true), WALL, TM_REGRESSED);
        v->since = "n1";
        assert_int_equal(tm_news_find(finish(&stage), &news), 0);
        assert_int_equal(news.n, 1);
        for (const char *at = news.items[0].text; *at; at++)
            characters += (*at & 0xc0) != 0x80;
        const char *text = news.items[0].text, *end = text + strlen(text) - strlen("\u2026");
        if ((strcmp(end, "\u2026") == 0) != rows[i].cut || characters > TM_NEWS_CHARACTERS ||
            (rows[i].cut && characters != TM_NEWS_CHARACTERS))
            fail_msg("%zu letters: %zu characters: %s", rows[i].letters, characters, text);
        tm_news_free(&news);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_new_is_told), cmocka_unit_test(slack_is_blocks_of_plain_text),
        cmocka_unit_test(teams_is_a_card),     cmocka_unit_test(chats_have_limits),
        cmocka_unit_test(sentences_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
