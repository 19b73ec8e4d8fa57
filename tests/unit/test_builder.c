/* Text made in memory is whole or none, and what GitHub's runner reads is one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/builder.h"
#include "base/escape.h"

static void all_that_was_written(void **state)
{
    enum { MORE_THAN_A_BUFFER = 100000 };
    struct tm_builder builder;
    (void)state;
    assert_non_null(tm_build(&builder));
    for (int i = 0; i < MORE_THAN_A_BUFFER; i++)
        putc('a' + i % 26, builder.out);
    char *text = tm_built(&builder);
    assert_non_null(text);
    assert_int_equal(builder.size, MORE_THAN_A_BUFFER);
    assert_int_equal(strlen(text), MORE_THAN_A_BUFFER);
    free(text);
    assert_non_null(tm_build(&builder));
    text = tm_built(&builder);
    assert_string_equal(text, "");
    free(text);
}

/* Whatever the stream has met: what was written then may not be all. */
static void an_error_of_the_stream_leaves_no_text(void **state)
{
    struct tm_builder builder;
    (void)state;
    assert_non_null(tm_build(&builder));
    fputs("some", builder.out);
    fflush(builder.out);
    assert_int_equal(getc(builder.out), EOF); /* it cannot be read */
    assert_null(tm_built(&builder));
    tm_build_drop(&builder); /* harmless */
}

static void is(void (*put)(FILE *, const char *), const char *text, const char *expected)
{
    struct tm_builder builder;
    assert_non_null(tm_build(&builder));
    put(builder.out, text);
    char *found = tm_built(&builder);
    assert_string_equal(found, expected);
    free(found);
}

static void what_json_undoes(void **state)
{
    (void)state;
    is(tm_put_json, "a\\b\"c\n<", "\"a\\\\b\\\"c\\u000a\\u003c\"");
}

static void what_a_runner_undoes(void **state)
{
    (void)state;
    is(tm_put_github_data, "a\nb\rc%d:e,f", "a%0Ab%0Dc%25d:e,f");
    is(tm_put_github_property, "a\nb\rc%d:e,f", "a%0Ab%0Dc%25d%3Ae%2Cf");
    is(tm_put_github_data, "##[x]\x1b", "\\x23#[x]\\x1b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_was_written),
        cmocka_unit_test(an_error_of_the_stream_leaves_no_text),
        cmocka_unit_test(what_json_undoes),
        cmocka_unit_test(what_a_runner_undoes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
