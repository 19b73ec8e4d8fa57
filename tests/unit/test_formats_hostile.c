/* Every fixture cut off, changed, of wrong types, in another encoding, and as another format: no reader may crash, hand out what
 * the store would refuse, or fail without a message. */
#include "tests/unit/formats_fixture.h"

static struct fixture fixtures[FIXTURES];
static size_t n_fixtures;
static uint64_t random_state = 42;

static unsigned pick(unsigned n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

static int load(void **state)
{
    (void)state;
    n_fixtures = read_fixtures(fixtures);
    return n_fixtures > 20 ? 0 : -1;
}

static bool is_json(const struct fixture *fixture)
{
    const char *end, *at = tm_sniff_start((const unsigned char *)fixture->bytes, fixture->size, &end);
    return at && (*at == '{' || *at == '[' || *at == 'w');
}

/* What is left of a document is none; of lines it is what they say. */
static void cut_off_at_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_fixtures; i++) {
        const struct fixture *fixture = &fixtures[i];
        bool lines = !is_json(fixture) || strstr(fixture->name, "lines") || strstr(fixture->name, "jsonl") ||
                     strstr(fixture->name, "nd") || strstr(fixture->name, "events");
        const char *last = memrchr(fixture->bytes,
                                   fixture->bytes[0] == '<' ? '>'
                                   : *fixture->bytes == '[' ? ']'
                                                            : '}',
                                   fixture->size);
        for (size_t size = 0; size < fixture->size; size++) {
            int runs = read_bytes(fixture->bytes, size, fixture->format, fixture->name);
            if ((!lines || *fixture->bytes == '<') && last && size <= (size_t)(last - fixture->bytes) && runs >= 0)
                fail_msg("%s/%s of %zu bytes is read as if it were whole", fixture->format, fixture->name, size);
            if (size % 37 == 0)
                read_bytes(fixture->bytes, size, NULL, fixture->name);
        }
    }
}

/* Behind the value that begins at `at`, by its brackets and quotes. */
static size_t value_end(const struct fixture *fixture, size_t at)
{
    int depth = 0;
    bool text = false;
    for (; at < fixture->size; at++) {
        char c = fixture->bytes[at];
        if (text) {
            at += c == '\\';
            text = c != '"';
        } else if (c == '"') {
            text = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (--depth < 0)
                return at;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
    return at;
}

/* Each value of each document in turn is one of another type, or of another size. */
static void wrong_types(void **state)
{
    static const char *const others[] = {"null",
                                         "true",
                                         "-1",
                                         "1e308",
                                         "1e999",
                                         "NaN",
                                         "9007199254740993e3",
                                         "-1e300",
                                         "\"\"",
                                         "\"x\"",
                                         "[]",
                                         "[[1]]",
                                         "[null]",
                                         "{}",
                                         "{\"a\": [1]}",
                                         "[{\"name\": 3}]",
                                         "\"\\u0000\\ud800\""};
    static char bytes[FIXTURE_SIZE + 64];
    (void)state;
    for (size_t i = 0; i < n_fixtures; i++) {
        const struct fixture *fixture = &fixtures[i];
        bool text = false;
        for (size_t at = 0; is_json(fixture) && at < fixture->size; at++) {
            char c = fixture->bytes[at];
            if (text) {
                at += c == '\\';
                text = c != '"';
                continue;
            }
            text = c == '"';
            if (c != ':' && c != '[' && c != ',')
                continue;
            size_t from = at + 1, end = value_end(fixture, from);
            for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
                size_t size = strlen(others[k]);
                memcpy(bytes, fixture->bytes, from);
                memcpy(bytes + from, others[k], size);
                memcpy(bytes + from + size, fixture->bytes + end, fixture->size - end);
                read_bytes(bytes, from + size + fixture->size - end, fixture->format, fixture->name);
            }
        }
    }
}

static void changed_at_random(void **state)
{
    static const char spice[] = "\",\n\r\0-+.eE9:;[]{}<>/=&|\\ \t\xff\xc3x";
    static char bytes[FIXTURE_SIZE + 64];
    (void)state;
    for (size_t i = 0; i < n_fixtures; i++)
        for (int round = 0; round < 100; round++) {
            size_t size = fixtures[i].size;
            memcpy(bytes, fixtures[i].bytes, size);
            for (unsigned changes = 1 + pick(6); changes > 0; changes--) {
                size_t at = pick((unsigned)size);
                unsigned way = pick(3);
                if (way == 0) {
                    bytes[at] = spice[pick(sizeof spice - 1)];
                } else if (way == 1) {
                    memmove(bytes + at + 1, bytes + at, size++ - at);
                    bytes[at] = spice[pick(sizeof spice - 1)];
                } else {
                    memmove(bytes + at, bytes + at + 1, --size - at);
                }
            }
            read_bytes(bytes, size, fixtures[i].format, fixtures[i].name);
        }
}

static void as_any_other_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_fixtures; i++)
        for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
            read_bytes(fixtures[i].bytes, fixtures[i].size, (*format)->name, fixtures[i].name);
}

/* Every other byte is NUL. Nobody reads it but XML's parser, by its byte order mark. */
static void in_another_encoding(void **state)
{
    static char bytes[2 * FIXTURE_SIZE + 2];
    (void)state;
    for (size_t i = 0; i < n_fixtures; i++)
        for (int big = 0; big < 2; big++) {
            size_t size = 0;
            bytes[size++] = (char)(big ? 0xfe : 0xff), bytes[size++] = (char)(big ? 0xff : 0xfe);
            for (size_t at = 0; at < fixtures[i].size; at++) {
                if (big)
                    bytes[size++] = 0;
                bytes[size++] = fixtures[i].bytes[at];
                if (!big)
                    bytes[size++] = 0;
            }
            int named = read_bytes(bytes, size, fixtures[i].format, fixtures[i].name),
                sniffed = read_bytes(bytes, size, NULL, fixtures[i].name);
            if (strcmp(fixtures[i].format, "junit") != 0 && (named >= 0 || sniffed >= 0))
                fail_msg("%s in UTF-16 is read", fixtures[i].name);
        }
}

static void deep_and_endless(void **state)
{
    static char bytes[1 << 21];
    static const char *const begins[] = {
        "[", "{\"a\":", "{\"results\":[", "<testsuite>", "{\"benchmarks\":[{\"a\":", "[{\"name\":\"", "{\"entries\":{\"s\":[["};
    (void)state;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t size = 0, length = strlen(begins[i]);
        while (size + length <= 200000)
            memcpy(bytes + size, begins[i], length), size += length;
        for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
            assert_int_equal(read_bytes(bytes, size, (*format)->name, begins[i]), -1);
        read_bytes(bytes, size, NULL, begins[i]);
    }
    memset(bytes, 'x', sizeof bytes); /* one line, one word */
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        assert_int_equal(read_bytes(bytes, sizeof bytes, (*format)->name, "a long line"), -1);
    memset(bytes, 0, sizeof bytes);
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        assert_int_equal(read_bytes(bytes, sizeof bytes, (*format)->name, "NUL bytes"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_off_at_every_byte), cmocka_unit_test(wrong_types),         cmocka_unit_test(changed_at_random),
        cmocka_unit_test(as_any_other_format),   cmocka_unit_test(in_another_encoding), cmocka_unit_test(deep_and_endless),
    };
    return cmocka_run_group_tests_name("formats_hostile", tests, load, NULL);
}
