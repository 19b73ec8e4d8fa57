/* What each form of the verdict says. With a directory as argument it writes all reports there in all forms, for the checkers of
 * tests/shell/test_forms_checked.sh. */
#include "report/words.h"
#include "tests/unit/hostile.h"

static size_t count_in(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

#define MUST_HAVE(text, part)                                                                                                      \
    do {                                                                                                                           \
        if (!strstr(text, part))                                                                                                   \
            fail_msg("no '%s' in\n%s", part, text);                                                                                \
    } while (0)

#define MUST_NOT_HAVE(text, part)                                                                                                  \
    do {                                                                                                                           \
        if (strstr(text, part))                                                                                                    \
            fail_msg("'%s' in\n%s", part, text);                                                                                   \
    } while (0)

/* ---- which form ---- */

static void forms_are_found(void **state)
{
    static const struct {
        const char *name, *file;
        tm_form_writer *write;
        bool document;
    } rows[] = {{"text", NULL, tm_write_text, false},
                {"text", "x.svg", tm_write_text, false},
                {"json", NULL, tm_write_json, true},
                {"csv", NULL, tm_write_csv, true},
                {"markdown", NULL, tm_write_markdown, true},
                {"junit", "junit.xml", tm_write_junit, true},
                {"github", NULL, tm_write_github, false},
                {"codequality", "gl.json", tm_write_codequality, true},
                {"sarif", "tidemark.sarif", tm_write_sarif, true},
                {"openmetrics", "tidemark.prom", tm_write_openmetrics, true},
                {"badge", NULL, tm_write_badge_json, true},
                {"badge", "x.json", tm_write_badge_json, true},
                {"badge", "x", tm_write_badge_json, true},
                {"badge", "svg", tm_write_badge_json, true},
                {"badge", "x.svg", tm_write_badge_svg, true},
                {"badge", "a.json/x.SVG", tm_write_badge_svg, true},
                {"slack", NULL, tm_write_slack, true},
                {"teams", NULL, tm_write_teams, true},
                {"text-short", NULL, tm_write_text_short, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tm_form *form = tm_form_find(tm_forms, rows[i].name, rows[i].file);
        if (!form || form->write != rows[i].write || form->document != rows[i].document)
            fail_msg("%s for %s", rows[i].name, rows[i].file ? rows[i].file : "standard output");
    }
    assert_null(tm_form_find(tm_forms, "pdf", NULL));
    assert_null(tm_form_find(tm_forms, "", NULL));
    assert_null(tm_form_find(tm_forms, "tex", "x.text"));
}

/* ---- text ---- */

static const struct said {
    const char *name;
    void (*make)(struct stage *stage);
    const char *text;
} said[] = {
    {"every class", every_class,
     "FAIL  run night-7 on main\n"
     "regressed  a-regressed  wall_per_call_ms 210 ms, was 150 ms: +40.0 %, since night-6, commits d3b130d..dafdebe, compute\n"
     "open       b-open  error_rate 5.00 % of calls, was 1.00 %, since night-6, commits d3b130d..dafdebe, failing fast\n"
     "missing    c-missing; last seen in night-5 on 2026-11-17, 2 runs ago\n"
     "suspect    d-suspect  queue_mb 210 MiB, was 150 MiB: +40.0 %, extreme\n"
     "waived     e-waived  wall_per_call_ms 210 ms, was 150 ms: +40.0 %, since night-6, commits d3b130d..dafdebe, compute\n"
     "improved   f-improved  wall_per_call_ms 90 ms, was 150 ms: -40.0 %, since night-6, commits "
     "d3b130d..dafdebe, compute\n"
     "not judged h-unjudged: too few runs to compare with\n"
     "judged 6 of 7 plugins: 2 pass, 1 regressed, 1 open, 1 missing, 1 suspect, 1 waived, 1 retired (1 improved); not judged: 1 "
     "(too few runs to compare with)\n"
     "a regression stays open until its level comes back or you run 'tidemark accept PLUGIN --reason ...' or 'tidemark waive "
     "PLUGIN ...'\n"
     "a missing plugin stays missing until it returns or you run 'tidemark retire PLUGIN --reason ...'\n"},
    {"run-wide", run_wide,
     "FAIL  run night-7 on main\n"
     "regressed  *  wall_per_call_ms +30.0 %, since night-3, run-wide; most plugins changed together\n"
     "judged 3 of 3 plugins: 3 pass, and a run-wide regression\n"
     "a regression stays open until its level comes back or you run 'tidemark accept PLUGIN --reason ...' or 'tidemark waive "
     "PLUGIN "
     "...'\n"},
    {"slow run", slow_run,
     "PASS  run night-7 on main\n"
     "the run was 18 % slower than usual on 94 % of plugins; the host caused that, and figures are corrected for it\n"
     "CPU time per call was 12 % higher than usual on 90 % of plugins: that is taken off too\n"
     "judged 1 of 1 plugin: 1 pass\n"},
    {"empty run", empty_run,
     "FAIL  run night-7 on main\n"
     "the run is empty: no plugin was called\n"
     "judged 0 of 0 plugins: 0 pass\n"},
    {"nothing judged", nothing_judged,
     "NOT JUDGED  run night-7 on main\n"
     "judged 0 of 2 plugins: 0 pass; not judged: 2 (only 2 runs to compare with, 6 are needed)\n"},
};

static void text_is_said(void **state)
{
    const struct said *row;
    (void)state;
    EACH(row, said)
    {
        char *text = written(tm_write_text, report_of(row->make));
        if (strcmp(text, row->text) != 0)
            fail_msg("%s:\n%s", row->name, text);
        free(text);
    }
}

/* A date that is not sure: the runs between which the change began, and the commits of these. */
static void unsure_date(struct stage *stage)
{
    struct tm_report_verdict *v = add_verdict(stage, add_plugin(stage, "a", true), WALL, TM_REGRESSED);
    v->interval = (struct tm_report_interval){.earliest = "night-4",
                                              .latest = "night-7",
                                              .sure_good = "night-3",
                                              .sure_good_commit = "0123456",
                                              .latest_commit = "fedcba9"};
}

static void unsure_dates_are_intervals(void **state)
{
    (void)state;
    const struct tm_report *report = report_of(unsure_date);
    char *text = written(tm_write_text, report);
    MUST_HAVE(text,
              "a  wall_per_call_ms 210 ms, was 150 ms: +40.0 %, since night-6 (at the earliest night-4, at the latest night-7), "
              "commits 0123456..fedcba9, compute\n");
    free(text);
    text = written(tm_write_markdown, report);
    MUST_HAVE(text, "| <code>night-6</code> (at the earliest <code>night-4</code>, at the latest <code>night-7</code>) | "
                    "<code>0123456..fedcba9</code> | compute |\n");
    free(text);
    text = written(tm_write_github, report);
    MUST_HAVE(text, "a takes 40 %25 longer per call since about night-6");
    free(text);
    text = written(tm_write_csv, report);
    MUST_HAVE(text, ",night-4,night-7,fedcba9,night-3,0123456,,0.98");
    free(text);
}

/* Of what is no change of level, and of counts, nothing is claimed. */
static void changes_are_probably_real(void **state)
{
    (void)state;
    assert_true(tm_verdict_probability(TM_REGRESSED, 1) > 0.6 && tm_verdict_probability(TM_REGRESSED, 1) < 0.7);
    assert_true(tm_verdict_probability(TM_IMPROVED, 10) > 0.95);
    assert_true(tm_verdict_probability(TM_SUSPECT, 0) < 0.5);
    assert_true(isnan(tm_verdict_probability(TM_OPEN, 5)) && isnan(tm_verdict_probability(TM_PASS, 5)));
    char *text = written(tm_write_text, report_of(every_class_explained));
    MUST_HAVE(text, "probability that it is real 0.98");
    MUST_HAVE(text, "probability that it is real 0.29");
    free(text);
}

/* The line of the whole run tells of those that rose with it, in its metric, and by no more than twice as much. */
static void parts_are_counted(void **state)
{
    static struct stage stage;
    (void)state;
    begin(&stage);
    struct tm_report_verdict *whole = add_unknown(&stage, TM_WHOLE_RUN, WALL, TM_OPEN);
    whole->effect = 0.3;
    static const struct {
        const char *name, *why;
        int metric;
        double effect;
    } rows[] = {{"a", TM_PART_OF_RUN, WALL, 0.3},
                {"b", TM_PART_OF_RUN, WALL, 0.59},
                {"c", TM_PART_OF_RUN, WALL, 0.7},
                {"d", TM_PART_OF_RUN, CPU, 0.3},
                {"e", NULL, WALL, 0.3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_report_verdict *v = add_verdict(&stage, add_plugin(&stage, rows[i].name, true), rows[i].metric, TM_OPEN);
        v->why = rows[i].why;
        v->effect = rows[i].effect;
    }
    char *text = written(tm_write_text, finish(&stage));
    MUST_HAVE(text, "\nopen       3 plugins since earlier nights; 'tidemark gate --all' lists them\n");
    MUST_NOT_HAVE(text, "\nopen       e ");
    free(text);
    stage.report.all = true;
    text = written(tm_write_text, &stage.report);
    MUST_HAVE(text, "\nopen       *  wall_per_call_ms +30.0 %");
    MUST_HAVE(text, "\nopen       2 plugins as part of the run-wide shift;");
    MUST_NOT_HAVE(text, "\nopen       a ");
    MUST_NOT_HAVE(text, "\nopen       b ");
    MUST_HAVE(text, "\nopen       c ");
    MUST_HAVE(text, "\nopen       d ");
    MUST_HAVE(text, "\nopen       e ");
    MUST_HAVE(text, "0 pass, 5 open, and a run-wide regression\n");
    free(text);
}

/* Where a lower value is worse, a whole run that fell is not better for it. */
static void whole_run_is_worse(void **state)
{
    static struct stage stage;
    (void)state;
    begin(&stage);
    struct tm_report_verdict *whole = add_unknown(&stage, TM_WHOLE_RUN, QUEUE, TM_OPEN);
    whole->effect = -0.3;
    stage.report.metrics[QUEUE].higher_is_better = true;
    const struct tm_report *report = finish(&stage);
    char *text = tm_verdict_sentence(report, report->by_weight[0]);
    MUST_HAVE(text, "the whole run is worse in queue_mb and stays so");
    free(text);
}

static void text_explains(void **state)
{
    (void)state;
    char *text = written(tm_write_text, report_of(every_class_explained));
    MUST_HAVE(text,
              "\n           wall_per_call_ms: tonight 210, without the run's factor 210, baseline 150, of runs 25, effect 0.4");
    MUST_HAVE(text, "\n           a rise of 12.0 % (18 ms, to 168 ms) that stays would be told by its 4th night, "
                    "one of 25.0 % (37.5 ms, to 187.5 ms) by its 2nd\n");
    MUST_HAVE(text, "\nopen       a-regressed  cpu_per_call_ms 210 ms");
    MUST_HAVE(text, "\n           nights without it: 2, last seen in run night-5\n");
    MUST_HAVE(text, "\nnot judged h-unjudged  wall_per_call_ms 12 ms; too few runs to compare with\n");
    free(text);
}

/* What the gate would see, of each sort of metric. */
static void reach_in_words(void **state)
{
    static struct stage stage;
    static const struct {
        int metric;
        bool higher_is_better;
        struct tm_reach reach;
        const char *words;
    } rows[] = {{WALL, false, {100, 110, 2, 110}, "a rise of 10.0 % (10 ms, to 110 ms) that stays would be told by its 2nd night"},
                {WALL,
                 false,
                 {100, 110, 6, NAN},
                 "a rise of 10.0 % (10 ms, to 110 ms) that stays would be told by its 6th night, none by its 2nd"},
                {WALL, false, {100, 1200, 2, 1200}, "a rise of 1.100 s (to 1.200 s) that stays would be told by its 2nd night"},
                {WALL, false, {100, NAN, 0, NAN}, "no rise would be told within 6 nights"},
                {QUEUE, true, {100, 80, 1, 80}, "a fall of 20.0 % (20 MiB, to 80 MiB) that stays would be told by its 1st night"},
                {ERRORS,
                 false,
                 {0, 0.01, 2, 0.01},
                 "a rise of 1.00 % of calls (to 1.00 % of calls) that stays would be told by its 2nd night"},
                {WALL, false, {NAN, NAN, 0, NAN}, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(&stage);
        stage.report.metrics[rows[i].metric].higher_is_better = rows[i].higher_is_better;
        add_verdict(&stage, add_plugin(&stage, "a", true), rows[i].metric, TM_PASS)->reach = rows[i].reach;
        const struct tm_report *report = finish(&stage);
        char *text = tm_verdict_reach(report, report->by_weight[0]);
        assert_string_equal(text, rows[i].words);
        free(text);
    }
}

/* ---- CSV ---- */

static void csv_has_a_row_per_verdict(void **state)
{
    (void)state;
    char *text = written(tm_write_csv, report_of(every_class));
    assert_int_equal(count_in(text, "\n"), 10);
    MUST_HAVE(text, "plugin,metric,class,leads,kind,value,");
    MUST_HAVE(text, "\na-regressed,wall_per_call_ms,regressed,1,step,210,210,150,0.4,13.5,8.5,2,25,17.9,100,0.5,75,night-6,night-5,"
                    "d3b130d,dafdebe,"
                    "compute,,,,,,,,,0.98");
    MUST_HAVE(text, "\nc-missing,\"\",missing,1,,,,,,,,2,30,,,,,,night-5,,,,,,,,,,,,,\n");
    MUST_HAVE(text, "\ng-retired,\"\",retired,1,,,,,,,,0,0,,,,,,,,,,,4,,,,,,,,\n");
    free(text);
}

/* Infinity has no number in CSV that everybody reads: the field is empty, like one that is not known. */
static void csv_has_finite_numbers(void **state)
{
    (void)state;
    char *text = written(tm_write_csv, report_of(extreme_numbers));
    MUST_HAVE(text, ",1.7976931348623157e+308,");
    MUST_NOT_HAVE(text, "null");
    MUST_NOT_HAVE(text, "inf");
    free(text);
}

/* ---- Markdown ---- */

static void markdown_shows_what_matters(void **state)
{
    (void)state;
    char *text = written(tm_write_markdown, report_of(every_class));
    MUST_HAVE(text, "## \u274c FAIL: run <code>night-7</code> on <code>main</code>\n\njudged 6 of 7 plugins");
    MUST_HAVE(text, "\n| **regressed** | <code>a-regressed</code> | <code>wall&#95;per&#95;call&#95;ms</code> | 210 ms, was 150 "
                    "ms&#58; +40.0 % | "
                    "<code>night-6</code> | <code>d3b130d..dafdebe</code> | compute |\n");
    MUST_HAVE(text, "\n| suspect | <code>d-suspect</code>");
    char *folded = strstr(text, "\n<details>");
    MUST_HAVE(folded, "<summary>3 waived, improved or retired</summary>");
    MUST_HAVE(folded, "| waived | <code>e-waived</code>");
    MUST_NOT_HAVE(folded, "a-regressed");
    MUST_NOT_HAVE(folded, "| <code>h-unjudged");
    MUST_HAVE(text, "\n- not judged: <code>h-unjudged</code>: too few runs to compare with\n");
    free(text);
}

/* Beyond 20 rows they are folded, and beyond what a comment may hold left out, the mildest first. */
static void markdown_is_bounded(void **state)
{
    (void)state;
    char *text = written(tm_write_markdown, report_of(twelve_of_each)), left[80];
    MUST_HAVE(text, "<summary>4 more</summary>");
    MUST_HAVE(text, "<summary>12 waived, improved or retired</summary>");
    MUST_NOT_HAVE(text, "left out");
    assert_int_equal(count_in(text, "\n| "), 36 + 3);
    free(text);
    text = written(tm_write_markdown, report_of(crowd));
    assert_true(strlen(text) < 60000);
    size_t shown = count_in(text, "\n| **open**");
    assert_true(shown > 200);
    snprintf(left, sizeof left, "\n%zu more rows are left out", 2 * PLUGINS_MOST - shown);
    MUST_HAVE(text, left);
    assert_int_equal(count_in(text, "<details>"), count_in(text, "</details>"));
    free(text);
}

/* ---- JUnit ---- */

static void junit_counts_its_cases(void **state)
{
    (void)state;
    char *text = written(tm_write_junit, report_of(every_class));
    MUST_HAVE(text, " tests=\"9\" failures=\"3\" errors=\"0\" skipped=\"3\" time=\"0.642\">");
    MUST_HAVE(text, " timestamp=\"2026-11-20T02:00:00\" hostname=\"ci-1\"");
    assert_int_equal(count_in(text, "<testcase "), 9);
    assert_int_equal(count_in(text, "<failure "), 3);
    assert_int_equal(count_in(text, "<skipped "), 3);
    MUST_HAVE(text, "<testcase name=\"i-pass\" classname=\"default.main\" time=\"0.000000\"/>");
    MUST_HAVE(text, "<testcase name=\"d-suspect\" classname=\"default.main\" time=\"0.000000\"/>");
    MUST_HAVE(text, "<failure message=\"a-regressed takes 40 % longer per call since night-6\" type=\"regressed\">regressed  "
                    "wall_per_call_ms 210 ms");
    MUST_HAVE(text, "\nopen  cpu_per_call_ms 210 ms");
    MUST_HAVE(text, "type=\"missing\"");
    MUST_HAVE(text, "<skipped message=\"h-unjudged is not judged; too few runs to compare with\"/>");
    MUST_HAVE(text, "<skipped message=\"g-retired is retired; decision 4\"/>");
    MUST_HAVE(strstr(text, "<system-out>"), "\nsuspect    d-suspect  queue_mb 210 MiB");
    free(text);
}

static void junit_tells_of_the_run(void **state)
{
    (void)state;
    char *text = written(tm_write_junit, report_of(run_wide));
    MUST_HAVE(text, " tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"0\"");
    MUST_HAVE(
        text,
        "<testcase name=\"*\" classname=\"default.main\" time=\"0.000000\">\n      <failure message=\"the whole run is slower");
    free(text);
    text = written(tm_write_junit, report_of(empty_run));
    MUST_HAVE(text, " tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\"");
    MUST_HAVE(text, "<failure message=\"the run is empty: no plugin was called\" type=\"empty run\">");
    free(text);
    text = written(tm_write_junit, report_of(nothing_recorded));
    MUST_HAVE(text, "<skipped message=\"nothing recorded that is judged\"/>");
    free(text);
}

static void junit_fits_names_and_times(void **state)
{
    static struct stage stage;
    (void)state;
    char *text = written(tm_write_junit, report_of(with_history));
    MUST_HAVE(text, "<testcase name=\"a\" classname=\"default.main\" time=\"1.250500\"/>");
    MUST_NOT_HAVE(text, "only-history");
    free(text);
    text = written(tm_write_junit, report_of(strict_suspect));
    MUST_HAVE(text, "failures=\"1\"");
    free(text);
    begin(&stage);
    stage.report.project = "my.app", stage.report.branch = "release/1.2", stage.report.host = "  ";
    add_plugin(&stage, "a", true);
    text = written(tm_write_junit, finish(&stage));
    MUST_HAVE(text, "classname=\"my_app.release/1_2\"");
    MUST_HAVE(text, "hostname=\"localhost\"");
    free(text);
}

/* ---- GitLab's Code Quality ---- */

static void codequality_has_what_fails(void **state)
{
    (void)state;
    char *text = written(tm_write_codequality, report_of(every_class));
    assert_int_equal(count_in(text, "\"fingerprint\": "), 4);
    MUST_HAVE(text, "[\n  {\"description\": \"a-regressed takes 40 % longer per call since night-6; wall_per_call_ms 210 ms");
    MUST_HAVE(text, "\"check_name\": \"regressed\", \"severity\": \"major\"");
    MUST_HAVE(text, "\"check_name\": \"open\", \"severity\": \"major\"");
    MUST_HAVE(text, "\"check_name\": \"missing\", \"severity\": \"critical\"");
    MUST_HAVE(text, "\"check_name\": \"suspect\", \"severity\": \"minor\"");
    MUST_HAVE(text, "\"location\": {\"path\": \"a-regressed\", \"lines\": {\"begin\": 1}}}");
    free(text);
    text = written(tm_write_codequality, report_of(empty_run));
    assert_int_equal(count_in(text, "\"fingerprint\": "), 1);
    MUST_HAVE(text, "\"description\": \"the run is empty: no plugin was called\",\n   \"check_name\": \"empty run\", \"severity\": "
                    "\"critical\"");
    free(text);
    text = written(tm_write_codequality, report_of(nothing_recorded));
    assert_string_equal(text, "[]\n");
    free(text);
}

/* What is regressed tonight and open tomorrow is one issue; another plugin's, or metric's, is another. */
static void codequality_knows_an_issue_again(void **state)
{
    static const struct {
        const char *name, *plugin;
        int metric;
        enum tm_class class;
        bool same;
    } rows[] = {{"the same", "a", WALL, TM_REGRESSED, true},
                {"another class", "a", WALL, TM_OPEN, true},
                {"another plugin", "b", WALL, TM_REGRESSED, false},
                {"another metric", "a", CPU, TM_REGRESSED, false}};
    static struct stage stage;
    char first[64] = "";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(&stage);
        add_plugin(&stage, rows[i].plugin, true);
        add_verdict(&stage, 0, rows[i].metric, rows[i].class);
        char *text = written(tm_write_codequality, finish(&stage)), *print = strstr(text, "\"fingerprint\": ");
        assert_non_null(print);
        if (i == 0)
            snprintf(first, sizeof first, "%.63s", print);
        if ((strncmp(print, first, strlen(first)) == 0) != rows[i].same)
            fail_msg("%s", rows[i].name);
        free(text);
    }
}

/* ---- SARIF ---- */

static void sarif_has_what_fails(void **state)
{
    (void)state;
    char *text = written(tm_write_sarif, report_of(every_class));
    assert_int_equal(count_in(text, "\"ruleId\": "), 4);
    MUST_HAVE(text,
              "{\"ruleId\": \"regressed\", \"level\": \"error\",\n     \"message\": {\"text\": \"a-regressed takes 40 % longer");
    MUST_HAVE(text, "{\"ruleId\": \"missing\", \"level\": \"error\"");
    MUST_HAVE(text, "{\"ruleId\": \"suspect\", \"level\": \"warning\"");
    MUST_HAVE(text, "{\"uri\": \"a-regressed\"}, \"region\": {\"startLine\": 1}");
    free(text);
    text = written(tm_write_sarif, report_of(empty_run));
    MUST_HAVE(text, "{\"ruleId\": \"empty-run\", \"level\": \"error\"");
    MUST_HAVE(text, "{\"uri\": \"%2A\"}");
    free(text);
    text = written(tm_write_sarif, report_of(nothing_recorded));
    MUST_HAVE(text, "\"results\": []\n  }]\n}\n");
    free(text);
}

/* Brackets would begin a link there, braces a placeholder, and an address a scheme or a way up. */
static void sarif_names_are_names(void **state)
{
    static const struct {
        const char *name, *message, *address;
    } rows[] = {{"[x](1)", "\\\\[x\\\\](1) ", "\"%5Bx%5D%281%29\""},
                {"{0}", "\"{{0}} ", "\"%7B0%7D\""},
                {"a\\b", "\"a\\\\\\\\b ", "\"a%5Cb\""},
                {"javascript:x", "\"javascript:x ", "\"javascript%3Ax\""},
                {"../etc/passwd", "\"../etc/passwd ", "\"..%2Fetc%2Fpasswd\""},
                {"..", "\".. ", "\"%2E%2E\""}};
    static struct stage stage;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(&stage);
        add_plugin(&stage, rows[i].name, true);
        add_verdict(&stage, 0, WALL, TM_REGRESSED);
        char *text = written(tm_write_sarif, finish(&stage));
        MUST_HAVE(text, rows[i].message);
        MUST_HAVE(text, rows[i].address);
        free(text);
    }
}

/* ---- GitHub ---- */

static void annotations_are_limited(void **state)
{
    static const struct {
        const char *name;
        void (*make)(struct stage *stage);
        size_t errors, warnings, notices;
        const char *last;
    } rows[] = {{"twelve of each", twelve_of_each, 10, 10, 10, "::error title=and more::3 more are not shown"},
                {"ten of each", ten_of_each, 10, 10, 0, "::error title=open%3A plugin-0009::"},
                {"every class", every_class, 3, 1, 1, "::error title=missing%3A c-missing::"},
                {"run-wide", run_wide, 1, 0, 0, "::error title=regressed%3A *::the whole run is slower"},
                {"slow run", slow_run, 0, 0, 1,
                 "::notice title=run%3A night-7::the run was 18 %25 slower than usual on 94 %25 of plugins; the host"},
                {"empty run", empty_run, 1, 0, 0, "::error title=empty run::the run is empty"},
                {"nothing judged", nothing_judged, 1, 0, 0, "::error title=not judged::judged 0 of 2 plugins"},
                {"strict", strict_suspect, 1, 0, 0, "::error title=suspect%3A a::"},
                {"nothing to say", with_history, 0, 0, 0, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = written(tm_write_github, report_of(rows[i].make));
        if (count_in(text, "::error ") != rows[i].errors || count_in(text, "::warning ") != rows[i].warnings ||
            count_in(text, "::notice ") != rows[i].notices || !strstr(text, rows[i].last))
            fail_msg("%s:\n%s", rows[i].name, text);
        assert_int_equal(count_in(text, "\n"), rows[i].errors + rows[i].warnings + rows[i].notices);
        free(text);
    }
}

/* ---- OpenMetrics ---- */

static void openmetrics_has_base_units(void **state)
{
    static const char scope[] = "{project=\"default\",branch=\"main\",host=\"ci-1\"";
    static const struct {
        const char *name, *rest;
    } rows[] = {{"tidemark_outcome", ",outcome=\"fail\"} 1\n"},
                {"tidemark_outcome", ",outcome=\"not judged\"} 0\n"},
                {"tidemark_run_info", ",run=\"night-7\",commit=\"9c77100626ac\",version=\"2.1\"} 1\n"},
                {"tidemark_run_timestamp_seconds", "} 1795140000\n"},
                {"tidemark_judged_plugins", "} 6\n"},
                {"tidemark_plugins", ",class=\"regressed\"} 1\n"},
                {"tidemark_plugins", ",class=\"pass\"} 1\n"},
                {"tidemark_plugin_state", ",plugin=\"c-missing\",class=\"missing\"} 1\n"},
                {"tidemark_plugin_value_seconds", ",plugin=\"a-regressed\",metric=\"wall_per_call_ms\"} 0.21\n"},
                {"tidemark_plugin_baseline_bytes", ",plugin=\"d-suspect\",metric=\"queue_mb\"} 157286400\n"},
                {"tidemark_plugin_value_ratio", ",plugin=\"b-open\",metric=\"error_rate\"} 0.05\n"},
                {"tidemark_plugin_change_ratio", ",plugin=\"e-waived\",metric=\"wall_per_call_ms\"} 0.4\n"}};
    (void)state;
    char *text = written(tm_write_openmetrics, report_of(every_class));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[256];
        snprintf(line, sizeof line, "\n%s%s%s", rows[i].name, scope, rows[i].rest);
        MUST_HAVE(text, line);
    }
    MUST_NOT_HAVE(text, "tidemark_plugin_value ");
    free(text);
}

/* ---- badges ---- */

static void badges_say_the_worst(void **state)
{
    static const struct {
        void (*make)(struct stage *stage);
        const char *message, *color;
    } rows[] = {{every_class, "1 regressed, 1 open, 1 missing, 1 suspect", "red"},
                {run_wide, "run-wide regression", "red"},
                {slow_run, "pass", "brightgreen"},
                {empty_run, "empty run", "red"},
                {nothing_judged, "not judged", "lightgrey"},
                {strict_suspect, "1 suspect", "red"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[200];
        const struct tm_report *report = report_of(rows[i].make);
        char *json = written(tm_write_badge_json, report), *svg = written(tm_write_badge_svg, report);
        snprintf(expected, sizeof expected,
                 "{\"schemaVersion\": 1, \"label\": \"plugins\", \"message\": \"%s\", \"color\": \"%s\"}\n", rows[i].message,
                 rows[i].color);
        assert_string_equal(json, expected);
        snprintf(expected, sizeof expected, "<title>plugins: %s</title>", rows[i].message);
        MUST_HAVE(svg, expected);
        MUST_HAVE(svg, "role=\"img\"");
        free(json);
        free(svg);
    }
}

static void suspects_colour_a_pass(void **state)
{
    static struct stage stage;
    (void)state;
    begin(&stage);
    many(&stage, 2, TM_SUSPECT);
    char *json = written(tm_write_badge_json, finish(&stage));
    MUST_HAVE(json, "\"message\": \"pass, 2 suspect\", \"color\": \"yellow\"");
    free(json);
    begin(&stage);
    nothing_judged(&stage);
    finish(&stage)->outcome = "pass"; /* --allow-unjudged */
    json = written(tm_write_badge_json, &stage.report);
    MUST_HAVE(json, "\"message\": \"not judged\", \"color\": \"lightgrey\"");
    free(json);
}

/* ---- for other checkers ---- */

static int write_report(const char *directory, const char *name, const struct tm_report *report)
{
    for (const struct tm_form *form = tm_forms; form->name; form++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s.%s", directory, name, form->ending ? form->ending : form->name);
        FILE *out = fopen(path, "w");
        if (!out)
            return -1;
        form->write(out, report);
        if (fclose(out) != 0)
            return -1;
    }
    return 0;
}

static int write_all(const char *directory)
{
    static struct hostile names[HOSTILE_MOST];
    static struct stage stage;
    const struct fixture *row;
    int result = 0;
    EACH(row, fixtures)
    {
        result |= write_report(directory, row->name, report_of(row->make));
    }
    for (size_t n = read_hostile(names); n-- > 0;) {
        char name[64];
        snprintf(name, sizeof name, "hostile-%s", names[n].label);
        result |= write_report(directory, name, hostile_report(&stage, names[n].name, n % 2 ? TM_REGRESSED : TM_WAIVED));
    }
    return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_found),
        cmocka_unit_test(text_is_said),
        cmocka_unit_test(changes_are_probably_real),
        cmocka_unit_test(text_explains),
        cmocka_unit_test(whole_run_is_worse),
        cmocka_unit_test(parts_are_counted),
        cmocka_unit_test(reach_in_words),
        cmocka_unit_test(csv_has_a_row_per_verdict),
        cmocka_unit_test(csv_has_finite_numbers),
        cmocka_unit_test(markdown_shows_what_matters),
        cmocka_unit_test(markdown_is_bounded),
        cmocka_unit_test(junit_counts_its_cases),
        cmocka_unit_test(junit_tells_of_the_run),
        cmocka_unit_test(junit_fits_names_and_times),
        cmocka_unit_test(codequality_has_what_fails),
        cmocka_unit_test(codequality_knows_an_issue_again),
        cmocka_unit_test(sarif_has_what_fails),
        cmocka_unit_test(sarif_names_are_names),
        cmocka_unit_test(annotations_are_limited),
        cmocka_unit_test(openmetrics_has_base_units),
        cmocka_unit_test(badges_say_the_worst),
        cmocka_unit_test(suspects_colour_a_pass),
        cmocka_unit_test(unsure_dates_are_intervals),
    };
    return argc > 1 ? write_all(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
