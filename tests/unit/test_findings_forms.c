/* The three forms of the findings: layout, the JSON schema, and names that mean harm, in reports without any history. */
#include <ctype.h>

#include "report/findings/findings.h"
#include "tests/unit/hostile.h"
#include "tests/unit/json_schema.h"

static struct stage scene;
static struct tm_findings found;
static json_t *schema;
static struct hostile corpus[HOSTILE_MOST];
static size_t n_corpus;

static int read_files(void **state)
{
    char path[1024];
    json_error_t error;
    const char *top = getenv("TM_SOURCE_DIR");
    (void)state;
    snprintf(path, sizeof path, "%s/docs/findings.schema.json", top ? top : ".");
    schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    n_corpus = read_hostile(corpus);
    return schema ? 0 : -1;
}

static int forget_files(void **state)
{
    (void)state;
    json_decref(schema);
    return 0;
}

static size_t width = 100;

static int put_text(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    return tm_findings_text(out, report, findings, width);
}

static char *form_of(int (*put)(FILE *, const struct tm_report *, const struct tm_findings *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    put(out, &scene.report, &found);
    fclose(out);
    return text;
}

static void find(void)
{
    assert_int_equal(tm_findings_find(&scene.report, &found), 0);
}

static void find_one(void)
{
    begin(&scene);
    add_verdict(&scene, add_plugin(&scene, "ocr", true), WALL, TM_REGRESSED);
    finish(&scene);
    find();
}

static void find_one_of_each(void)
{
    begin(&scene);
    add_verdict(&scene, add_plugin(&scene, "ocr", true), WALL, TM_REGRESSED);
    add_verdict(&scene, add_plugin(&scene, "spell", true), CPU, TM_OPEN);
    add_verdict(&scene, add_plugin(&scene, "mail", true), QUEUE, TM_SUSPECT);
    add_verdict(&scene, add_plugin(&scene, "index", true), ERRORS, TM_OPEN);
    add_unknown(&scene, add_plugin(&scene, "fonts", false), -1, TM_MISSING)->last_good = "night-5";
    add_unknown(&scene, TM_WHOLE_RUN, WALL, TM_OPEN)->since = "night-3";
    scene.report.tally.factor = scene.run.factor = 0.2;
    scene.report.tally.factor_share = 0.9;
    scene.report.factors[scene.report.n_factors++] = (struct tm_report_factor){WALL, 0.2, 0.9};
    finish(&scene);
    find();
}

/* ---- text ---- */

static void text_is_laid_out(void **state)
{
    static const char *const lines[] = {
        "FAIL  run night-7 on main: 1 finding\n\n1. ocr takes 40 % longer per call since night-6\n   where      wall_per_call_ms, ",
        "regressed since run night-6 (run night-5 was good), commits\n",
        "\n              d3b130d..dafdebe\n   evidence   210 ms, was 150 ms: +40.0 %;",
        "\n   diagnosis  It computes more: CPU time rose with wall time.\n",
        "\n   next       Profile one call with a CPU profiler at d3b130d and at dafdebe, and compare where the\n",
        "\n              git log --oneline d3b130d..dafdebe\n   goal       wall_per_call_ms, from 210 ms to about 150 ms\n\njudged",
    };
    (void)state;
    find_one();
    width = 100;
    char *text = form_of(put_text);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(text, lines[i]))
            fail_msg("no '%s' in\n%s", lines[i], text);
    free(text);
    tm_findings_free(&found);
}

static void check_widths(char *text)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (strlen(line) > width && !strstr(line, " git log ") && !strstr(line, " tidemark "))
            fail_msg("wider than %zu: '%s'", width, line);
}

static void drop_blanks(char *text)
{
    size_t kept = 0;
    for (const char *c = text; *c; c++)
        if (!isspace((unsigned char)*c))
            text[kept++] = *c;
    text[kept] = '\0';
}

/* Only commands are wider than asked for; the words are always the same. */
static void text_is_wrapped(void **state)
{
    char *words = NULL;
    (void)state;
    find_one_of_each();
    for (width = 40; width <= 200; width += 20) {
        char *text = form_of(put_text), *bare = strdup(text);
        drop_blanks(bare);
        check_widths(text);
        if (words)
            assert_string_equal(bare, words);
        free(words);
        words = bare;
        free(text);
    }
    free(words);
    tm_findings_free(&found);
}

/* ---- JSON ---- */

static json_t *must_conform(const char *label)
{
    json_error_t error;
    struct schema against = {.whole = schema};
    char *text = form_of(tm_findings_json);
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!document)
        fail_msg("%s: line %d: %s: %s", label, error.line, error.text, text);
    if (!conforms(&against, schema, document, ""))
        fail_msg("%s: %s", label, against.fault);
    free(text);
    return document;
}

static void json_is_as_the_schema_says(void **state)
{
    (void)state;
    find_one_of_each();
    assert_int_equal(found.n, 6);
    json_t *document = must_conform("one of each"), *second = json_array_get(json_object_get(document, "findings"), 1);
    assert_string_equal(json_string_value(json_object_get(second, "plugin")), "ocr");
    assert_string_equal(json_string_value(json_object_get(second, "cause")), "compute");
    assert_string_equal(json_string_value(json_object_get(second, "since_commit")), "dafdebe");
    assert_int_equal(json_array_size(json_object_get(document, "remarks")), 1);
    json_object_set_new(second, "cause", json_string("sunspots"));
    struct schema against = {.whole = schema};
    assert_false(conforms(&against, schema, document, ""));
    json_decref(document);
    tm_findings_free(&found);
    begin(&scene);
    finish(&scene);
    find();
    json_decref(must_conform("nothing"));
    tm_findings_free(&found);
}

/* ---- hostile names ---- */

static void text_is_inert(const struct hostile *row, const char *text)
{
    for (const char *c = text; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f)
            fail_msg("%s: a control character: %s", row->label, text);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, "\n \t");
        if (strncmp(line, "::", 2) == 0 || strncmp(line, "##[", 3) == 0)
            fail_msg("%s: a line that commands: %s", row->label, line);
    }
}

static void markdown_is_inert(const struct hostile *row, const char *text)
{
    static const char *const tags[] = {"<span>", "</span>", "<br>", "<code>", "</code>"};
    for (const char *c = text; (c = strchr(c, '<')); c++) {
        bool ours = false;
        for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
            ours = ours || strncmp(c, tags[i], strlen(tags[i])) == 0;
        if (!ours)
            fail_msg("%s: a tag: %s", row->label, c);
    }
    for (const char *c = text; (c = strchr(c, '#')); c++)
        if (!(c > text && c[-1] == '&') && strncmp(c, "## ", 3) != 0 && strncmp(c, "# ", 2) != 0 && strncmp(c, "### ", 4) != 0)
            fail_msg("%s: a reference: %s", row->label, c);
    if (strpbrk(text, "`@|[]_~"))
        fail_msg("%s: markup: %s", row->label, strpbrk(text, "`@|[]_~"));
    for (const char *c = text; (c = strstr(c, "&#64;")); c += 5)
        if (strncmp(c + 5, "</span>", 7) != 0 && isalnum((unsigned char)c[5]))
            fail_msg("%s: somebody is called: %s", row->label, c);
}

/* The shell gives the name back as it was, or it was left out. */
static void command_is_inert(const struct hostile *row, const char *command, size_t word)
{
    static const char *const instead[] = {"PLUGIN", "KEY"};
    char script[8 * HOSTILE_SIZE], got[HOSTILE_SIZE];
    int size = snprintf(script, sizeof script, "tidemark() { shift %zu; printf %%s \"$1\"; }\n%s", word, command);
    assert_true(size > 0 && (size_t)size < sizeof script);
    FILE *shell = popen(script, "r"); /* NOLINT(cert-env33-c): that is what is tested */
    assert_non_null(shell);
    got[fread(got, 1, sizeof got - 1, shell)] = '\0';
    bool same = strcmp(got, row->name) == 0 || strcmp(got, instead[0]) == 0 || strcmp(got, instead[1]) == 0;
    if (pclose(shell) != 0 || !same)
        fail_msg("%s: the shell makes '%s' of %s", row->label, got, command);
}

static void try_name(const struct hostile *row, enum tm_class class)
{
    hostile_report(&scene, row->name, class);
    find();
    assert_int_equal(found.n, 2);
    width = 40;
    char *text = form_of(put_text), *markdown = form_of(tm_findings_markdown);
    text_is_inert(row, text);
    text_is_inert(row, markdown);
    markdown_is_inert(row, markdown);
    json_decref(must_conform(row->label));
    if (class == TM_MISSING)
        command_is_inert(row, found.list[1].command, 1);
    else if (class == TM_SUSPECT)
        command_is_inert(row, found.list[1].command, 5);
    else
        assert_null(found.list[1].command); /* its commits are no commits */
    free(text);
    free(markdown);
    tm_findings_free(&found);
}

static void hostile_names_are_inert(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_corpus; i++) {
        try_name(&corpus[i], TM_REGRESSED);
        try_name(&corpus[i], TM_SUSPECT);
        try_name(&corpus[i], TM_MISSING);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_laid_out),
        cmocka_unit_test(text_is_wrapped),
        cmocka_unit_test(json_is_as_the_schema_says),
        cmocka_unit_test(hostile_names_are_inert),
    };
    return cmocka_run_group_tests(tests, read_files, forget_files);
}
