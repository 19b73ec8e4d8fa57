/* Every form with names that would be markup, commands or line ends to its readers. Each name stands for every text of a report at
 * once; what is written must have the lines, rows and columns that a harmless name gives, and hold the name as text. */
#include "tests/unit/hostile.h"

#include <ctype.h>

#include "base/escape.h"
#include "schema/valid.h"

static struct hostile names[HOSTILE_MOST];
static size_t n_names;

static const enum tm_class classes[] = {TM_REGRESSED, TM_OPEN,     TM_MISSING,    TM_SUSPECT, TM_WAIVED,
                                        TM_RETIRED,   TM_IMPROVED, TM_NOT_JUDGED, TM_PASS};

/* ---- reading ---- */

/* The next character's code point, 0x110000 for bytes that are none. */
static unsigned take_character(const unsigned char **at)
{
    unsigned first = *(*at)++, size = first < 0x80   ? 0
                                      : first < 0xc2 ? 9
                                      : first < 0xe0 ? 1
                                      : first < 0xf0 ? 2
                                      : first < 0xf5 ? 3
                                                     : 9;
    static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
    if (size == 9)
        return 0x110000;
    unsigned code = size ? first & (0x3fu >> size) : first;
    for (unsigned i = 0; i < size; i++, (*at)++) {
        if ((**at & 0xc0) != 0x80)
            return 0x110000;
        code = code << 6 | (**at & 0x3f);
    }
    return code < least[size] || (code >= 0xd800 && code < 0xe000) ? 0x110000 : code;
}

static bool turns_direction(unsigned code)
{
    return code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

/* Valid UTF-8, no control characters but line ends, and where people read it nothing that breaks or turns a line. */
static void characters_are_clean(const char *label, const char *text, bool for_people)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        unsigned code = take_character(&at);
        bool control = (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0);
        bool breaks = code == 0x2028 || code == 0x2029 || code == 0xfeff || turns_direction(code);
        if (code == 0x110000 || control || (for_people && breaks))
            fail_msg("%s: character %X", label, code);
    }
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Calls back for each line, without its end. */
static void each_line(const char *label, const char *text, void (*check)(const char *label, char *line))
{
    char *copy = strdup(text), *rest = NULL;
    assert_non_null(copy);
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        check(label, line);
    free(copy);
}

/* A copy of what stands behind `before` and ahead of the next `after`. */
static char *between(const char *label, const char *text, const char *before, const char *after)
{
    const char *start = strstr(text, before), *end = start ? strstr(start + strlen(before), after) : NULL;
    if (!start || !end) {
        fail_msg("%s: no %s", label, before);
        return NULL;
    }
    start += strlen(before);
    return strndup(start, (size_t)(end - start));
}

/* Replaces what begins with a mark by what `read` makes of it: a character, and in *size what it was read from. */
static char *unescape(char *text, char mark, char (*read)(const char *at, size_t *size))
{
    char *to = text;
    for (char *from = text; *from; to++) {
        size_t size = 1;
        *to = *from;
        if (*from == mark)
            *to = read(from, &size);
        from += size;
    }
    *to = '\0';
    return text;
}

/* ---- text ---- */

/* No runner takes it for a command: not "::" behind blanks or what is not seen, not "##" anywhere. */
static void line_is_no_command(const char *label, char *line)
{
    const char *first = line + strspn(line, " ");
    if (strstr(line, "##") || (*first && !isalnum((unsigned char)*first)))
        fail_msg("%s: %s", label, line);
}

static void check_text(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, true);
    each_line(row->label, text, line_is_no_command);
    assert_int_equal(count_lines(text), count_lines(harmless));
    if (row->kind == PLAIN && !strstr(text, row->name))
        fail_msg("%s is not there", row->label);
}

/* ---- CSV ---- */

/* Takes a field of RFC 4180 and what ends it: ',' or '\n'. */
static char take_field(const char *label, const char **at, char *field)
{
    bool quoted = **at == '"';
    *at += quoted;
    while (**at && (quoted || !strchr(",\n", **at))) {
        if (**at == '"') {
            if (!quoted || (*at)[1] != '"')
                break;
            (*at)++;
        }
        *field++ = *(*at)++;
    }
    *field = '\0';
    *at += quoted && **at == '"';
    char end = *(*at)++;
    if (end != ',' && end != '\n')
        fail_msg("%s: a field is followed by '%c'", label, end);
    return end;
}

static void check_csv(const struct hostile *row, const char *text, const char *harmless)
{
    static char fields[32][HOSTILE_SIZE];
    size_t rows = 0;
    for (const char *at = text; *at; rows++) {
        size_t n = 0;
        while (take_field(row->label, &at, fields[n]) == ',')
            assert_true(++n < 32);
        assert_int_equal(n, 31);
        if (rows == 0)
            assert_string_equal(fields[29], "group");
        else if (strcmp(fields[0], row->name) != 0 && strcmp(fields[0], "*") != 0)
            fail_msg("%s became %s", row->label, fields[0]);
    }
    assert_int_equal(rows, count_lines(harmless));
    assert_string_equal(fields[22], row->name); /* why, of the last one */
}

/* ---- Markdown ---- */

static const char *const own_tags[] = {"<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"};

static size_t tag_at(const char *text)
{
    const char *const *tag;
    EACH(tag, own_tags)
    {
        if (strncmp(text, *tag, strlen(*tag)) == 0)
            return strlen(*tag);
    }
    return 0;
}

/* In <code> there is no markup at all, and elsewhere no more of it than a harmless name has. */
static void check_code(const char *label, const char *text)
{
    for (const char *at = text; (at = strstr(at, "<code>"));) {
        const char *end = strstr(at += strlen("<code>"), "</code>");
        assert_non_null(end);
        for (; at < end; at++) {
            bool reference = at[0] == '&' && at[1] == '#' && isdigit((unsigned char)at[2]);
            if (!reference && strchr("<>&|`*_[]()\\~$@!:\n", *at))
                fail_msg("%s: '%c' in %.40s", label, *at, at);
            if (strncasecmp(at, "www.", 4) == 0 || strncmp(at, "{{", 2) == 0)
                fail_msg("%s: a link in %.40s", label, at);
            at = reference ? strchr(at, ';') : at;
        }
    }
}

static size_t count_of(const char *text, const char *set)
{
    size_t n = 0;
    for (; *text; text++)
        n += strchr(set, *text) != NULL;
    return n;
}

static char read_reference(const char *at, size_t *size)
{
    static const struct {
        const char *name;
        char character;
    } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(at, known[i].name, strlen(known[i].name)) == 0) {
            *size = strlen(known[i].name);
            return known[i].character;
        }
    char *end = NULL;
    long code = strncmp(at, "&#", 2) == 0 ? strtol(at + 2, &end, 10) : 0;
    if (!end || *end != ';' || code <= 0 || code > 127)
        fail_msg("no reference: %.20s", at);
    *size = (size_t)(end - at) + 1;
    return (char)code;
}

static void row_has_its_cells(const char *label, char *line)
{
    size_t cells = *line == '|' ? count_of(line, "|") : 8;
    if (cells != 8 && cells != 4)
        fail_msg("%s: %zu cells: %s", label, cells, line);
}

static void check_markdown(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, true);
    check_code(row->label, text);
    each_line(row->label, text, row_has_its_cells);
    for (const char *at = text; (at = strchr(at, '<')); at++)
        if (!tag_at(at))
            fail_msg("%s: %.20s", row->label, at);
    assert_true(strlen(text) < 65536);
    if (strlen(row->name) < 200) { /* with longer ones there may be no room for all rows */
        assert_int_equal(count_lines(text), count_lines(harmless));
        assert_int_equal(count_of(text, "`*_[]\\~$@!"), count_of(harmless, "`*_[]\\~$@!"));
    }
    char *run = unescape(between(row->label, text, "run <code>", "</code>"), '&', read_reference);
    if (row->kind == PLAIN)
        assert_string_equal(run, row->name);
    free(run);
}

/* ---- GitHub ---- */

static char read_percent(const char *at, size_t *size)
{
    unsigned byte = 0;
    if (sscanf(at, "%%%2X", &byte) != 1) /* NOLINT(cert-err34-c): two digits do not overflow */
        fail_msg("not escaped: %.10s", at);
    *size = 3;
    return (char)byte;
}

static void line_is_an_annotation(const char *label, char *line)
{
    size_t name = strcspn(line + 2, " ") + 2;
    bool known = strncmp(line, "::error ", name + 1) == 0 || strncmp(line, "::warning ", name + 1) == 0 ||
                 strncmp(line, "::notice ", name + 1) == 0;
    if (!known || strncmp(line + name, " title=", 7) != 0)
        fail_msg("%s: %s", label, line);
    char *title = line + name + 7, *data = strstr(title, "::");
    assert_non_null(data);
    for (char *at = title; at < data; at++)
        if (strchr(":,\r", *at))
            fail_msg("%s: '%c' in the title of %s", label, *at, line);
    free(unescape(strdup(line), '%', read_percent));
}

static void check_github(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, true);
    each_line(row->label, text, line_is_an_annotation);
    assert_int_equal(count_lines(text), count_lines(harmless));
    if (row->kind != PLAIN || !strstr(harmless, "%3A x::"))
        return;
    char *all = unescape(strdup(text), '%', read_percent), *wanted = NULL;
    assert_true(asprintf(&wanted, ": %s::%s", row->name, row->name) > 0);
    if (!strstr(all, wanted))
        fail_msg("%s: no %s in %s", row->label, wanted, all);
    free(wanted);
    free(all);
}

/* ---- JUnit ---- */

static const char *const elements[] = {"?xml version=",    "testsuites>",  "/testsuites>",     "testsuite ",     "/testsuite>",
                                       "properties>",      "/properties>", "property name=",   "testcase name=", "/testcase>",
                                       "failure message=", "/failure>",    "skipped message=", "system-out>",    "/system-out>",
                                       "system-err>",      "/system-err>"};

static bool is_element(const char *text)
{
    const char *const *element;
    EACH(element, elements)
    {
        if (strncmp(text, *element, strlen(*element)) == 0)
            return true;
    }
    return false;
}

static void check_junit(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, true);
    for (const char *at = text; (at = strchr(at, '<')); at++)
        if (!is_element(at + 1))
            fail_msg("%s: %.20s", row->label, at);
    assert_int_equal(count_of(text, "<"), count_of(harmless, "<"));
    assert_int_equal(count_of(text, ">"), count_of(harmless, ">"));
    assert_int_equal(count_of(text, "\""), count_of(harmless, "\""));
    free(unescape(strdup(text), '&', read_reference));
    const char *behind_run = strstr(text, "</testcase>"); /* the case of the whole run comes first */
    char *name = unescape(between(row->label, behind_run, "<testcase name=\"", "\""), '&', read_reference);
    if (row->kind == PLAIN)
        assert_string_equal(name, row->name);
    free(name);
}

/* ---- Code Quality ---- */

static char read_json_escape(const char *at, size_t *size)
{
    char *end = NULL, digits[5] = "";
    *size = 2;
    if (at[1] != 'u')
        return at[1];
    memcpy(digits, at + 2, 4);
    long code = strtol(digits, &end, 16);
    if (*end || code <= 0 || code > 127)
        fail_msg("no escape: %.10s", at);
    *size = 6;
    return (char)code;
}

static void check_codequality(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, true);
    assert_int_equal(count_lines(text), count_lines(harmless));
    if (!strstr(harmless, "{\"path\": \"x\""))
        return;
    const char *of_run = strstr(text, "{\"path\": \"*\""), *first = strstr(text, "{\"path\": ");
    char *path = between(row->label, of_run && of_run == first ? of_run + 1 : text, "{\"path\": \"", "\", \"lines\": "),
         *end = path;
    for (; *end; end += *end == '\\' ? 2 : 1)
        if (*end == '"')
            fail_msg("%s: a quote ends its text", row->label);
    if (row->kind == PLAIN && tm_is_safe(row->name))
        assert_string_equal(unescape(path, '\\', read_json_escape), row->name);
    free(path);
}

/* ---- SARIF ---- */

static void check_sarif(const struct hostile *row, const char *text, const char *harmless)
{
    static const char before[] = "{\"uri\": \"";
    characters_are_clean(row->label, text, true);
    assert_int_equal(count_lines(text), count_lines(harmless));
    for (const char *at = text; (at = strstr(at, before)); at++) {
        const char *address = at + strlen(before);
        size_t size = strspn(address, "%-_~.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        if (address[size] != '"')
            fail_msg("%s: an address holds %.10s", row->label, address + size);
    }
}

/* ---- OpenMetrics ---- */

static char read_backslash(const char *at, size_t *size)
{
    if (!strchr("n\"\\", at[1]) || !at[1])
        fail_msg("no escape: %.10s", at);
    *size = 2;
    return (char)(at[1] == 'n' ? '\n' : at[1]);
}

/* Quotes that are not escaped: two per label. */
static size_t count_quotes(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        n += *text == '"';
        text += *text == '\\' && text[1];
    }
    return n;
}

static void check_openmetrics(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, false);
    assert_int_equal(count_lines(text), count_lines(harmless));
    assert_int_equal(count_quotes(text), count_quotes(harmless));
    char *name = unescape(between(row->label, text, ",plugin=\"", "\",class="), '\\', read_backslash);
    if (row->kind != REFUSED)
        assert_string_equal(name, row->name);
    free(name);
}

/* ---- chats ---- */

/* The text of the first item: the plugin is regressed, or the whole run is. */
static char *first_item(const char *label, const char *text, const char *before)
{
    const char *item = strstr(text, before), *end;
    if (!item) {
        fail_msg("%s: nothing is new", label);
        return NULL;
    }
    item += strlen(before);
    for (end = item; *end && *end != '"'; end++)
        end += *end == '\\' && end[1];
    return unescape(strndup(item, (size_t)(end - item)), '\\', read_json_escape);
}

static void check_lines(const struct hostile *row, const char *text, const char *harmless)
{
    characters_are_clean(row->label, text, true);
    assert_int_equal(count_lines(text), count_lines(harmless));
}

/* Nothing in plain text is markup, and no command of Slack's is left. */
static void check_slack(const struct hostile *row, const char *text, const char *harmless)
{
    check_lines(row, text, harmless);
    assert_int_equal(count_quotes(text), count_quotes(harmless));
    char *item = first_item(row->label, text, "\"text\": \"regressed: ");
    if (strpbrk(item, "<>"))
        fail_msg("%s: %s", row->label, item);
    item = unescape(item, '&', read_reference);
    if (row->kind == PLAIN && strlen(row->name) < 100 && !strstr(item, row->name))
        fail_msg("%s is not in %s", row->label, item);
    free(item);
}

/* No run of a card has two braces, and a name is as many runs as that takes. */
static void check_teams(const struct hostile *row, const char *text, const char *harmless)
{
    check_lines(row, text, harmless);
    for (const char *at = text; (at = strstr(at, "\"text\": \"")); at++) {
        char *item = first_item(row->label, at, "\"text\": \"");
        if (strstr(item, "{{"))
            fail_msg("%s: %s", row->label, item);
        free(item);
    }
    if (!strstr(row->name, "{{"))
        assert_int_equal(count_quotes(text), count_quotes(harmless));
    assert_true(strstr(text, "TextBlock") == NULL || strstr(text, "RichTextBlock") + 4 == strstr(text, "TextBlock"));
}

static void check_text_short(const struct hostile *row, const char *text, const char *harmless)
{
    check_lines(row, text, harmless);
    each_line(row->label, text, line_is_no_command);
}

/* ---- all of them ---- */

/* A badge holds no name at all. */
static void check_badge(const struct hostile *row, const char *text, const char *harmless)
{
    if (strcmp(text, harmless) != 0)
        fail_msg("%s is in a badge: %s", row->label, text);
}

static void try_form(tm_form_writer *write, void (*check)(const struct hostile *row, const char *text, const char *harmless))
{
    static struct stage stage;
    for (size_t c = 0; c < sizeof classes / sizeof *classes; c++) {
        char *harmless = written(write, hostile_report(&stage, "x", classes[c]));
        for (size_t i = 0; i < n_names; i++) {
            char *text = written(write, hostile_report(&stage, names[i].name, classes[c]));
            check(&names[i], text, harmless);
            free(text);
        }
        free(harmless);
    }
}

static void text_is_inert(void **state)
{
    (void)state;
    try_form(tm_write_text, check_text);
}

/* Without its colours it is the text, and it has no other escape sequence. */
static void colours_are_all_that_differs(void **state)
{
    static struct stage stage;
    (void)state;
    for (size_t i = 0; i < n_names * (sizeof classes / sizeof *classes); i++) {
        const struct tm_report *report = hostile_report(&stage, names[i % n_names].name, classes[i / n_names]);
        char *plain = written(tm_write_text, report), *text = written(tm_write_coloured, report), *to = text;
        for (const char *at = text; *at; at++) {
            size_t size = strspn(at, "\033");
            if (size == 0)
                *to++ = *at;
            else if (size != 1 || at[1] != '[' || at[size = 2 + strspn(at + 2, "0123456789")] != 'm')
                fail_msg("%s: an escape sequence", names[i % n_names].label);
            at += size;
        }
        *to = '\0';
        assert_string_equal(text, plain);
        free(plain);
        free(text);
    }
}

static void csv_reads_back(void **state)
{
    (void)state;
    try_form(tm_write_csv, check_csv);
}

static void markdown_is_inert(void **state)
{
    (void)state;
    try_form(tm_write_markdown, check_markdown);
}

static void github_is_inert(void **state)
{
    (void)state;
    try_form(tm_write_github, check_github);
}

static void junit_is_inert(void **state)
{
    (void)state;
    try_form(tm_write_junit, check_junit);
}

static void codequality_is_inert(void **state)
{
    (void)state;
    try_form(tm_write_codequality, check_codequality);
}

static void sarif_is_inert(void **state)
{
    (void)state;
    try_form(tm_write_sarif, check_sarif);
}

static void openmetrics_reads_back(void **state)
{
    (void)state;
    try_form(tm_write_openmetrics, check_openmetrics);
}

static void badges_hold_no_name(void **state)
{
    (void)state;
    try_form(tm_write_badge_json, check_badge);
    try_form(tm_write_badge_svg, check_badge);
}

static void chats_are_inert(void **state)
{
    (void)state;
    try_form(tm_write_slack, check_slack);
    try_form(tm_write_teams, check_teams);
    try_form(tm_write_text_short, check_text_short);
}

/* The corpus says of each name whether the store takes it. */
static void the_corpus_is_what_it_says(void **state)
{
    (void)state;
    assert_true(n_names >= 100);
    for (size_t i = 0; i < n_names; i++) {
        bool refused = tm_plugin_name_fault(names[i].name, strlen(names[i].name)) != NULL;
        if (refused != (names[i].kind == REFUSED))
            fail_msg("%s is %s", names[i].label, refused ? "refused" : "stored");
    }
}

static int read_corpus(void **state)
{
    (void)state;
    n_names = read_hostile(names);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_is_what_it_says),
        cmocka_unit_test(text_is_inert),
        cmocka_unit_test(csv_reads_back),
        cmocka_unit_test(markdown_is_inert),
        cmocka_unit_test(github_is_inert),
        cmocka_unit_test(junit_is_inert),
        cmocka_unit_test(codequality_is_inert),
        cmocka_unit_test(sarif_is_inert),
        cmocka_unit_test(colours_are_all_that_differs),
        cmocka_unit_test(openmetrics_reads_back),
        cmocka_unit_test(badges_hold_no_name),
        cmocka_unit_test(chats_are_inert),
    };
    return cmocka_run_group_tests(tests, read_corpus, NULL);
}
