/* The JSON form of the verdict against docs/gate.schema.json, and whether every name comes back as it was. */
#include "tests/unit/hostile.h"
#include "tests/unit/json_schema.h"

static json_t *schema;
static struct hostile names[HOSTILE_MOST];
static size_t n_names;

static int read_files(void **state)
{
    const char *top = getenv("TM_SOURCE_DIR");
    char path[1024];
    json_error_t error;
    (void)state;
    snprintf(path, sizeof path, "%s/docs/gate.schema.json", top ? top : ".");
    schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    n_names = read_hostile(names);
    return schema ? 0 : -1;
}

static int forget_files(void **state)
{
    (void)state;
    json_decref(schema);
    return 0;
}

static json_t *load(const char *name, const struct tm_report *report)
{
    json_error_t error;
    char *text = written(tm_write_json, report);
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!document)
        fail_msg("%s: line %d: %s: %s", name, error.line, error.text, text);
    free(text);
    return document;
}

static void must_conform(const char *name, json_t *document)
{
    struct schema against = {.whole = schema};
    if (!conforms(&against, schema, document, ""))
        fail_msg("%s: %s", name, against.fault);
}

static void fixtures_conform(void **state)
{
    const struct fixture *row;
    (void)state;
    EACH(row, fixtures)
    {
        json_t *document = load(row->name, report_of(row->make));
        must_conform(row->name, document);
        json_decref(document);
    }
}

/* ---- the checker itself, and the schema ---- */

static bool conforms_now(json_t *document)
{
    struct schema against = {.whole = schema};
    return conforms(&against, schema, document, "");
}

static void checker_sees_faults(void **state)
{
    (void)state;
    json_t *document = load("every class", report_of(every_class)),
           *verdict = json_array_get(json_object_get(document, "verdicts"), 0);
    assert_true(conforms_now(document));
    json_object_set_new(verdict, "class", json_string("bad"));
    assert_false(conforms_now(document));
    json_object_set_new(verdict, "class", json_string("open"));
    json_object_set_new(verdict, "runs", json_real(1.5));
    assert_false(conforms_now(document));
    json_object_set_new(verdict, "runs", json_integer(-1));
    assert_false(conforms_now(document));
    json_object_set_new(verdict, "runs", json_integer(1));
    json_object_set_new(verdict, "extra", json_null());
    assert_false(conforms_now(document));
    json_object_del(verdict, "extra");
    assert_true(conforms_now(document));
    json_object_del(verdict, "since");
    assert_false(conforms_now(document));
    json_decref(document);
}

/* Each object says of all its keys that they are there, and takes no other. */
static size_t objects_are_closed(const char *name, json_t *rules)
{
    const char *key;
    json_t *below, *properties = json_object_get(rules, "properties");
    size_t i, objects = 0;
    if (json_is_object(properties) && json_object_get(rules, "additionalProperties")) {
        objects = 1;
        assert_true(json_is_false(json_object_get(rules, "additionalProperties")));
        json_object_foreach(properties, key, below)
        {
            json_t *name_of = json_string(key);
            if (!is_among(name_of, json_object_get(rules, "required")))
                fail_msg("%s: %s is not required", name, key);
            json_decref(name_of);
        }
    }
    json_object_foreach(rules, key, below) objects += objects_are_closed(key, below);
    json_array_foreach(rules, i, below) objects += objects_are_closed(name, below);
    return objects;
}

static void schema_is_closed(void **state)
{
    (void)state;
    assert_int_equal(objects_are_closed("", schema), 10);
}

/* ---- what it says ---- */

static const json_t *member_of(json_t *document, const char *key, const char *member)
{
    return json_object_get(json_object_get(document, key), member);
}

static void every_class_is_told(void **state)
{
    (void)state;
    json_t *document = load("every class", report_of(every_class)), *verdicts = json_object_get(document, "verdicts");
    json_t *first = json_array_get(verdicts, 0), *errors = json_array_get(verdicts, 2);
    assert_string_equal(json_string_value(json_object_get(document, "outcome")), "fail");
    assert_int_equal(json_integer_value(json_object_get(document, "exit_code")), 1);
    assert_string_equal(json_string_value(member_of(document, "run", "key")), "night-7");
    assert_string_equal(json_string_value(member_of(document, "run", "started_at")), "2026-11-20T02:00:00Z");
    assert_int_equal(json_integer_value(member_of(document, "counts", "regressed")), 1);
    assert_int_equal(json_integer_value(member_of(document, "counts", "not_judged")), 1);
    assert_int_equal(json_array_size(verdicts), 9);
    assert_int_equal(json_array_size(json_object_get(document, "plugins")), 9);
    assert_string_equal(json_string_value(json_object_get(first, "plugin")), "a-regressed");
    assert_true(json_is_true(json_object_get(first, "fails")));
    assert_float_equal(json_number_value(json_object_get(first, "change")), 0.4, 1e-9);
    assert_string_equal(json_string_value(json_object_get(first, "effect_is")), "share");
    assert_float_equal(json_number_value(json_object_get(errors, "change")), 4, 1e-9);
    assert_string_equal(json_string_value(json_object_get(errors, "effect_is")), "amount");
    assert_non_null(strstr(json_string_value(json_object_get(first, "words")), "wall_per_call_ms 210 ms, was 150 ms: +40.0 %"));
    json_decref(document);
}

/* A number only where it was asked for. */
static void reach_is_told_on_demand(void **state)
{
    (void)state;
    json_t *asked = load("every class", report_of(every_class_explained)), *not_asked = load("every class", report_of(every_class));
    json_t *reach = json_object_get(json_array_get(json_object_get(asked, "verdicts"), 0), "reach");
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(not_asked, "verdicts"), 0), "reach")));
    must_conform("every class, explained", asked);
    assert_float_equal(json_number_value(json_object_get(reach, "level")), 150, 0);
    assert_int_equal(json_integer_value(member_of(reach, "least", "nights")), 4);
    assert_float_equal(json_number_value(member_of(reach, "least", "change")), 0.12, 1e-9);
    assert_int_equal(json_integer_value(member_of(reach, "second_night", "nights")), 2);
    assert_float_equal(json_number_value(member_of(reach, "second_night", "amount")), 37.5, 1e-9);
    json_decref(asked);
    json_decref(not_asked);
}

static void remarks_are_a_list(void **state)
{
    (void)state;
    json_t *document = load("slow run", report_of(slow_run));
    assert_int_equal(json_array_size(json_object_get(document, "remarks")), 2);
    assert_float_equal(json_number_value(member_of(document, "run_wide", "factor")), 0.18, 1e-12);
    json_t *factors = json_object_get(json_object_get(document, "run_wide"), "factors");
    assert_int_equal(json_array_size(factors), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(factors, 1), "metric")), "cpu_per_call_ms");
    json_decref(document);
}

static void history_alone_is_not_told(void **state)
{
    (void)state;
    json_t *document = load("history", report_of(with_history));
    assert_int_equal(json_array_size(json_object_get(document, "plugins")), 1);
    json_decref(document);
}

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text);
    json_decref(string);
    return string != NULL;
}

static void names_come_back(void **state)
{
    static struct stage stage;
    (void)state;
    for (size_t i = 0; i < n_names; i++) {
        const char *name = names[i].name;
        json_t *document = load(names[i].label, hostile_report(&stage, name, TM_REGRESSED));
        must_conform(names[i].label, document);
        const json_t *plugin = json_array_get(json_object_get(document, "plugins"), 0);
        const json_t *verdict = json_array_get(json_object_get(document, "verdicts"), 0);
        const char *const told[] = {
            json_string_value(json_object_get(plugin, "name")), json_string_value(member_of(document, "run", "branch")),
            json_string_value(json_object_get(verdict, "metric")), json_string_value(json_object_get(verdict, "why"))};
        for (size_t j = 0; j < sizeof told / sizeof *told; j++)
            if (is_utf8(name) ? strcmp(told[j], name) != 0 : !strstr(told[j], "\xef\xbf\xbd"))
                fail_msg("%s became %s", names[i].label, told[j]);
        json_decref(document);
    }
}

/* So that it may stand in a page's <script>, and that no terminal obeys it. */
static void bytes_are_harmless(void **state)
{
    static struct stage stage;
    (void)state;
    for (size_t i = 0; i < n_names; i++) {
        char *text = written(tm_write_json, hostile_report(&stage, names[i].name, TM_OPEN));
        for (const char *c = text; *c; c++)
            if (strchr("<>&\x7f", *c) || ((unsigned char)*c < ' ' && *c != '\n'))
                fail_msg("%s: %.20s", names[i].label, c);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixtures_conform),          cmocka_unit_test(checker_sees_faults),
        cmocka_unit_test(schema_is_closed),          cmocka_unit_test(every_class_is_told),
        cmocka_unit_test(reach_is_told_on_demand),   cmocka_unit_test(remarks_are_a_list),
        cmocka_unit_test(history_alone_is_not_told), cmocka_unit_test(names_come_back),
        cmocka_unit_test(bytes_are_harmless),
    };
    return cmocka_run_group_tests(tests, read_files, forget_files);
}
