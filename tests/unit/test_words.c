/* A line as a shell's words: what is taken, and what is refused and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/command/words.h"

/* The words, each behind a blank and in angle brackets. */
static void expect(const char *line, const char *wanted)
{
    char got[400] = "";
    char **words;
    size_t n, at;
    enum tm_words_result result = tm_words_split(line, &words, &n, &at);
    if (result != TM_WORDS_TAKEN)
        fail_msg("%s: refused at %zu", line, at);
    for (size_t i = 0; i < n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "<%s>", words[i]);
    assert_null(words[n]);
    free(words);
    assert_string_equal(got, wanted);
}

static void expect_refused(const char *line, enum tm_words_result wanted, size_t where)
{
    char **words;
    size_t n, at = 999;
    enum tm_words_result result = tm_words_split(line, &words, &n, &at);
    if (result != wanted || at != where)
        fail_msg("%s: %d at %zu, not %d at %zu", line, (int)result, at, (int)wanted, where);
}

static void plain_words(void **state)
{
    (void)state;
    expect("", "");
    expect("  \t\n ", "");
    expect("a", "<a>");
    expect(" a  bc\td\n", "<a><bc><d>");
    expect("a=b --c=d,e:f@g%h+i^j!k{l}m]", "<a=b><--c=d,e:f@g%h+i^j!k{l}m]>");
    expect("a#b c~d", "<a#b><c~d>");
}

static void quotes(void **state)
{
    (void)state;
    expect("'a b' c", "<a b><c>");
    expect("a' 'b\"c d\"e", "<a bc de>");
    expect("'' \"\" x''", "<><><x>");
    expect("''''", "<>");
    expect("'$x `y` \\ \"z\" | * # ~'", "<$x `y` \\ \"z\" | * # ~>");
    expect("\"a | b * ; 'c' # ~\"", "<a | b * ; 'c' # ~>");
    expect("\"\\\" \\\\ \\$ \\` \\n\"", "<\" \\ $ ` \\n>");
    expect("a\\ b \\$ \\' \\\" \\\\ \\a", "<a b><$><'><\"><\\><a>");
    expect("a\\\nb \"c\\\nd\" \\\n e", "<ab><cd><e>");
    expect("'#'a \\~b ''~", "<#a><~b><~>");
}

static void what_a_shell_acts_on(void **state)
{
    static const char special[] = "$`|&;<>()*?[";
    (void)state;
    for (const char *c = special; *c; c++) {
        char line[8];
        snprintf(line, sizeof line, "ab %c", *c);
        expect_refused(line, TM_WORDS_SPECIAL, 3);
        snprintf(line, sizeof line, "ab%c", *c);
        expect_refused(line, TM_WORDS_SPECIAL, 2);
    }
    expect_refused("a #b", TM_WORDS_SPECIAL, 2);
    expect_refused("a ~b", TM_WORDS_SPECIAL, 2);
    expect_refused("\"a$b\"", TM_WORDS_SPECIAL, 2);
    expect_refused("\"a`\"", TM_WORDS_SPECIAL, 2);
}

static void what_does_not_end(void **state)
{
    (void)state;
    expect_refused("a 'b", TM_WORDS_OPEN, 2);
    expect_refused("a \"b c", TM_WORDS_OPEN, 2);
    expect_refused("a \"b\\\"", TM_WORDS_OPEN, 2);
    expect_refused("ab\\", TM_WORDS_OPEN, 2);
    expect_refused("\"\\", TM_WORDS_OPEN, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words),
        cmocka_unit_test(quotes),
        cmocka_unit_test(what_a_shell_acts_on),
        cmocka_unit_test(what_does_not_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
