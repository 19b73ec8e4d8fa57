/* The tokenizer against a table: what is a document and what is none, what each token is and where it stands, and what happens
 * where a buffer of the file ends within a token. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/json.h"

static struct tm_json json; /* used again and again, as readers do */
static struct tm_diag diag;
static struct tm_source source;
static _Atomic uint64_t bytes_read;

static void begin(const void *bytes, size_t size)
{
    tm_diag_clear(&diag);
    source = (struct tm_source){.name = "f", .fd = memfd_create("json", MFD_CLOEXEC), .owned = true, .bytes = &bytes_read};
    assert_int_equal(write(source.fd, bytes, size), (ssize_t)size);
    lseek(source.fd, 0, SEEK_SET);
    assert_int_equal(tm_source_peek(&source), 0);
    tm_json_begin(&json, &source, &diag);
}

static void add(char *told, const char *text)
{
    strcat(told, *told ? " " : "");
    strcat(told, text);
}

static void read_all(void)
{
    enum tm_json_token token;
    do
        token = tm_json_next(&json);
    while (token != TM_JSON_END && token != TM_JSON_FAILED);
}

/* The document's tokens as a text: keys with ':', texts in quotes, numbers as doubles. */
static bool tell(const void *bytes, size_t size, bool lines, char told[4096])
{
    static const char *const words[] = {
        [TM_JSON_OBJECT] = "{",       [TM_JSON_OBJECT_END] = "}", [TM_JSON_ARRAY] = "[",     [TM_JSON_ARRAY_END] = "]",
        [TM_JSON_NO_NUMBER] = "none", [TM_JSON_TRUE] = "true",    [TM_JSON_FALSE] = "false", [TM_JSON_NULL] = "null"};
    char word[2048];
    *told = '\0';
    begin(bytes, size);
    json.lines = lines;
    while (tm_json_next(&json) != TM_JSON_END && json.token != TM_JSON_FAILED) {
        if (json.token == TM_JSON_NUMBER)
            snprintf(word, sizeof word, "%.17g", json.number);
        else if (json.token == TM_JSON_KEY)
            snprintf(word, sizeof word, "%s:", json.text);
        else if (json.token == TM_JSON_TEXT_VALUE)
            snprintf(word, sizeof word, "'%s'", json.text);
        else
            snprintf(word, sizeof word, "%s", words[json.token]);
        add(told, word);
    }
    tm_source_close(&source);
    return json.token == TM_JSON_END;
}

static void what_is_a_document(void **state)
{
    static const struct {
        const char *text, *tokens;
    } rows[] = {
        {"null", "null"},
        {" \t\r\n true \n", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"12.5e-1", "1.25"},
        {"1E+2", "100"},
        {"0.1", "0.10000000000000001"},
        {"123456789012345678901234567890", "1.2345678901234568e+29"},
        {"9007199254740993", "9007199254740992"},
        {"5e-324", "4.9406564584124654e-324"},
        {"1e999", "none"},
        {"NaN", "none"},
        {"[NaN,Infinity , -Infinity]", "[ none none none ]"},
        {"[]", "[ ]"},
        {"{}", "{ }"},
        {"[[],{}]", "[ [ ] { } ]"},
        {"{\"a\":1,\"b\":{\"a\":2}}", "{ a: 1 b: { a: 2 } }"},
        {"{\"\":\"\"}", "{ : '' }"},
        {"[{\"a\":1},{\"a\":2}]", "[ { a: 1 } { a: 2 } ]"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t'"},
        {"\"\\u0041\\u00e9\\u20AC\"", "'A\xc3\xa9\xe2\x82\xac'"},
        {"\"\\ud83d\\ude00\"", "'\xf0\x9f\x98\x80'"},
        {"\"\\ud83d\"", "'\xef\xbf\xbd'"},
        {"\"\\ude00x\"", "'\xef\xbf\xbdx'"},
        {"\"\\ud83d\\n\"", "'\xef\xbf\xbd\n'"},
        {"\"\\ud83d\\ud83d\\ude00\"", "'\xef\xbf\xbd\xf0\x9f\x98\x80'"},
        {"\"\\ud83d\\u0041\"", "'\xef\xbf\xbd"
                               "A'"},
        {"\"\x7f\xc2\x80\"", "'\x7f\xc2\x80'"},
        {"\xef\xbb\xbf[1]", "[ 1 ]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char told[4096];
        if (!tell(rows[i].text, strlen(rows[i].text), false, told) || strcmp(told, rows[i].tokens) != 0)
            fail_msg("%s is '%s', should be '%s' (%s)", rows[i].text, told, rows[i].tokens,
                     diag.n_errors ? diag.errors[0] : "no error");
    }
}

/* Where it is wrong, and how that is said. */
static void what_is_none(void **state)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "f:1:1: found the end of the file, expected a value"},
        {"  \n ", "f:2:2: found the end of the file, expected a value"},
        {"[1,]", "f:1:4: found ']', expected a value"},
        {"[,1]", "f:1:2: found ',', expected a value"},
        {"[1 2]", "f:1:4: found something else, expected ',' or ']'"},
        {"[1", "f:1:3: found the end of the file, expected ',' or ']'"},
        {"[1}", "f:1:3: found something else, expected ',' or ']'"},
        {"{\"a\":1", "f:1:7: found the end of the file, expected ',' or '}'"},
        {"{\"a\":1,}", "f:1:8: found something else, expected a key in quotes"},
        {"{\"a\":1,", "f:1:8: found the end of the file, expected a key"},
        {"{\"a\" 1}", "f:1:2: found no ':' behind a key"},
        {"{\"a\"}", "f:1:2: found no ':' behind a key"},
        {"{\"a\":}", "f:1:6: found '}', expected a value"},
        {"{a:1}", "f:1:2: found something else, expected a key in quotes"},
        {"{1:1}", "f:1:2: found something else, expected a key in quotes"},
        {"{\"a\":1,\n \"b\":2,\n  \"a\":3}", "f:3:3: found the key 'a' twice in an object"},
        {"{\"\\u0061\":1,\"a\":1}", "f:1:13: found the key 'a' twice in an object"},
        {"1 2", "f:1:3: found something behind the end of the document"},
        {"]", "f:1:1: found ']', expected a value"},
        {"01", "f:1:1: found '01', expected a value"},
        {"+1", "f:1:1: found '+1', expected a value"},
        {".5", "f:1:1: found '.5', expected a value"},
        {"5.", "f:1:1: found '5.', expected a value"},
        {"-", "f:1:1: found '-', expected a value"},
        {"1e", "f:1:1: found '1e', expected a value"},
        {"1e+", "f:1:1: found '1e+', expected a value"},
        {"0x10", "f:1:1: found '0x10', expected a value"},
        {"1_000", "f:1:1: found '1_000', expected a value"},
        {"nul", "f:1:1: found 'nul', expected a value"},
        {"True", "f:1:1: found 'True', expected a value"},
        {"nan", "f:1:1: found 'nan', expected a value"},
        {"-NaN", "f:1:1: found '-NaN', expected a value"},
        {"+Infinity", "f:1:1: found '+Infinity', expected a value"},
        {"'a'", "f:1:1: found ''a'', expected a value"},
        {"// c\n1", "f:1:1: found '//', expected a value"},
        {"\"a", "f:1:1: found the end of the file within a text"},
        {"\"\\", "f:1:1: found the end of the file within a text"},
        {"\"\\x\"", "f:1:1: found '\\' in a text before a character that it does not escape"},
        {"\"\\u12g4\"", "f:1:1: found a text with '\\u' and no four hexadecimal digits"},
        {"\"\\ud83d\\u1\"", "f:1:1: found a text with '\\u' and no four hexadecimal digits"},
        {"[\n\"a\nb\"]", "f:2:3: found a control character (0x0a) in a text"},
        {"[\"a\tb\"]", "f:1:4: found a control character (0x09) in a text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char told[4096];
        bool good = tell(rows[i].text, strlen(rows[i].text), false, told);
        if (good || diag.n_errors != 1 || strcmp(diag.errors[0], rows[i].error) != 0)
            fail_msg("%s: %s", rows[i].text, diag.n_errors ? diag.errors[0] : "is a document");
        assert_int_equal(tm_json_next(&json), TM_JSON_FAILED); /* and stays so */
        assert_int_equal(diag.n_errors, 1);
    }
}

static void bytes_that_are_no_text(void **state)
{
    char told[4096];
    (void)state;
    assert_false(tell("[1\0]", 4, false, told));
    assert_false(tell("\"a\0b\"", 5, false, told));
    assert_string_equal(diag.errors[0], "f:1:3: found a control character (0x00) in a text");
    assert_false(tell("\xff\xfe[\0]\0", 6, false, told));
    assert_int_equal(diag.n_errors, 1);
    /* What is no UTF-8 is handed on, for the reader of a name to spell out. */
    assert_true(tell("\"\xff\xc3\"", 4, false, told));
    assert_string_equal(told, "'\xff\xc3'");
    begin("\"a\\u0000b\"", 10);
    assert_int_equal(tm_json_next(&json), TM_JSON_TEXT_VALUE);
    assert_int_equal(json.size, 3);
    assert_memory_equal(json.text, "a\0b", 4);
    tm_source_close(&source);
}

static void lines_are_documents(void **state)
{
    char told[4096];
    (void)state;
    assert_true(tell("{\"a\":1}\n{\"a\":2}\n\n[3]\n", 21, true, told));
    assert_string_equal(told, "{ a: 1 } { a: 2 } [ 3 ]");
    assert_true(tell("", 0, true, told));
    assert_false(tell("{\"a\":1}\n{\"a\":", 13, true, told));
    assert_string_equal(diag.errors[0], "f:2:6: found the end of the file, expected a value");
}

static void nested(size_t depth, char *text, const char *open, const char *close)
{
    *text = '\0';
    for (size_t i = 0; i < depth; i++)
        strcat(text, open);
    strcat(text, "1");
    for (size_t i = 0; i < depth; i++)
        strcat(text, close);
}

static void depth_has_a_bound(void **state)
{
    static char text[8 * TM_JSON_DEPTH], told[4096];
    (void)state;
    nested(TM_JSON_DEPTH, text, "[", "]");
    assert_true(tell(text, strlen(text), false, told));
    nested(TM_JSON_DEPTH + 1, text, "[", "]");
    assert_false(tell(text, strlen(text), false, told));
    assert_string_equal(diag.errors[0], "f:1:129: found more than 128 objects and arrays in one another");
    nested(TM_JSON_DEPTH, text, "{\"a\":", "}");
    assert_true(tell(text, strlen(text), false, told));
    nested(TM_JSON_DEPTH + 1, text, "{\"a\":", "}");
    assert_false(tell(text, strlen(text), false, told));
}

static size_t write_keys(char *text, int keys, int twice)
{
    size_t size = 0;
    text[size++] = '{';
    for (int i = 0; i < keys; i++)
        size += (size_t)sprintf(text + size, "%s\"key%d\":{\"key%d\":[%d]}", i ? "," : "", i, i, i);
    if (twice >= 0)
        size += (size_t)sprintf(text + size, ",\n\"key%d\":1", twice);
    text[size++] = '}';
    return size;
}

/* Few keys are compared, many are in a table: both see each one that comes again, and no other. */
static void keys_twice_in_small_and_large_objects(void **state)
{
    static char text[1 << 16], told[1 << 16];
    static const int counts[] = {1, 2, TM_JSON_KEYS - 1, TM_JSON_KEYS, TM_JSON_KEYS + 1, TM_JSON_KEYS + 2, 200};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        begin(text, write_keys(text, counts[i], -1));
        read_all();
        tm_source_close(&source);
        assert_int_equal(json.token, TM_JSON_END);
        for (int twice = 0; twice < counts[i]; twice++) {
            begin(text, write_keys(text, counts[i], twice));
            read_all();
            tm_source_close(&source);
            snprintf(told, sizeof told, "f:2:1: found the key 'key%d' twice in an object", twice);
            if (json.token != TM_JSON_FAILED || strcmp(diag.errors[0], told) != 0)
                fail_msg("key %d of %d comes twice: %s", twice, counts[i], diag.n_errors ? diag.errors[0] : "not seen");
        }
    }
}

/* Two large objects in one another, and one behind another, have keys of their own. */
static void large_objects_have_their_own_keys(void **state)
{
    static char one[1 << 14], text[1 << 16];
    (void)state;
    size_t size = write_keys(one, 60, -1);
    one[size] = '\0';
    sprintf(text, "[%s,%s,{\"key0\":%s,\"key1\":%s,\"key2\":0}]", one, one, one, one);
    begin(text, strlen(text));
    read_all();
    tm_source_close(&source);
    assert_int_equal(json.token, TM_JSON_END);
}

/* The end of a large object is not the end of the one around it: what comes behind is compared with all that came before. */
static void a_large_object_around_a_large_one(void **state)
{
    static char one[1 << 14], text[1 << 16];
    (void)state;
    for (int again = 0; again < 2; again++) {
        one[write_keys(one, 60, -1)] = '\0';
        int size =
            snprintf(text, sizeof text, "%.*s,\"inner\":%s,\n\"%s\":1}", (int)strlen(one) - 1, one, one, again ? "key7" : "new");
        begin(text, (size_t)size);
        read_all();
        tm_source_close(&source);
        assert_int_equal(json.token, again ? TM_JSON_FAILED : TM_JSON_END);
        if (again)
            assert_string_equal(diag.errors[0], "f:2:1: found the key 'key7' twice in an object");
    }
}

/* A disk that cannot be read on is no end of the document: not within a number, and not behind one. */
static void what_cannot_be_read_is_no_end(void **state)
{
    static const char *const texts[] = {"", " ", "1", "1 ", "\"a\"", "\"a", "true", "[]", "{}\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        begin(texts[i], strlen(texts[i])); /* and reads all of it, as the head */
        int fd = source.fd;
        source.fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* of which no byte can be read */
        read_all();
        close(fd);
        tm_source_close(&source);
        if (json.token != TM_JSON_FAILED || !strstr(diag.errors[0], "cannot read: "))
            fail_msg("'%s': %s", texts[i], json.token == TM_JSON_END ? "is a document" : diag.errors[0]);
    }
}

/* Whatever token the buffer of 64 KiB ends in, it is the same token, and stands where it did. */
static void tokens_across_the_buffers_end(void **state)
{
    static const char tail[] = "[{\"k\\u00e9y\": -12.5e1, \"b\\ud83d\\ude00\": \"te\\\"xt\"},\n true, NaN, -Infinity, {}]";
    static char text[2 * TM_JSON_BUFFER], told[4096];
    (void)state;
    for (size_t shift = 0; shift <= sizeof tail; shift++) {
        size_t blanks = TM_JSON_BUFFER - shift;
        memset(text, ' ', blanks);
        text[10] = '\n';
        memcpy(text + blanks, tail, sizeof tail - 1);
        assert_true(tell(text, blanks + sizeof tail - 1, false, told));
        assert_string_equal(told, "[ { k\xc3\xa9y: -125 b\xf0\x9f\x98\x80: 'te\"xt' } true none none { } ]");
        assert_int_equal(json.line, 3);
        begin(text, blanks + sizeof tail - 1);
        assert_int_equal(tm_json_next(&json), TM_JSON_ARRAY);
        assert_int_equal(json.line, 2);
        assert_int_equal(json.column, blanks - 10);
        tm_json_next(&json);
        assert_int_equal(tm_json_next(&json), TM_JSON_KEY);
        assert_int_equal(json.column, blanks - 10 + 2);
        assert_int_equal(tm_json_next(&json), TM_JSON_NUMBER);
        assert_int_equal(json.column, blanks - 10 + 14);
        tm_source_close(&source);
    }
}

static void texts_have_a_bound(void **state)
{
    static char text[TM_JSON_TEXT + 16];
    (void)state;
    for (int more = 0; more < 2; more++) {
        size_t size = (size_t)TM_JSON_TEXT + (size_t)more;
        memset(text, 'x', sizeof text);
        text[0] = text[size + 1] = '"';
        begin(text, size + 2);
        assert_int_equal(tm_json_next(&json), more ? TM_JSON_FAILED : TM_JSON_TEXT_VALUE);
        if (more)
            assert_string_equal(diag.errors[0], "f:1:1: found a text of more than 1048576 bytes");
        else
            assert_int_equal(json.size, size);
        tm_source_close(&source);
    }
}

static void a_value_is_passed_over_whole(void **state)
{
    static const char text[] = "{\"a\": [1, {\"b\": [[]]}], \"c\": {}, \"d\": 4, \"e\": \"x\"}";
    (void)state;
    begin(text, sizeof text - 1);
    assert_int_equal(tm_json_next(&json), TM_JSON_OBJECT);
    for (const char *key = "aced"; *key; key++) {
        assert_int_equal(tm_json_next(&json), TM_JSON_KEY);
        tm_json_next(&json);
        tm_json_skip(&json);
    }
    assert_int_equal(tm_json_next(&json), TM_JSON_OBJECT_END);
    assert_int_equal(tm_json_next(&json), TM_JSON_END);
    tm_source_close(&source);
}

static int close_all(void **state)
{
    (void)state;
    tm_json_free(&json);
    tm_diag_clear(&diag);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_document),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(lines_are_documents),
        cmocka_unit_test(depth_has_a_bound),
        cmocka_unit_test(keys_twice_in_small_and_large_objects),
        cmocka_unit_test(large_objects_have_their_own_keys),
        cmocka_unit_test(a_large_object_around_a_large_one),
        cmocka_unit_test(what_cannot_be_read_is_no_end),
        cmocka_unit_test(tokens_across_the_buffers_end),
        cmocka_unit_test(texts_have_a_bound),
        cmocka_unit_test(a_value_is_passed_over_whole),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, close_all);
}
