/* Passwords in addresses, and in messages that hold one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static const struct text {
    const char *name, *given, *hidden;
} texts[] = {
    {"a password", "postgresql://u:secret@h/db", "postgresql://u:***@h/db"},
    {"the short scheme", "postgres://u:secret@h/db", "postgres://u:***@h/db"},
    {"a short one", "postgresql://u:s@h/db", "postgresql://u:*@h/db"},
    {"two letters", "postgresql://u:se@h/db", "postgresql://u:**@h/db"},
    {"an empty one", "postgresql://u:@h/db", "postgresql://u:@h/db"},
    {"none", "postgresql://u@h:5432/db", "postgresql://u@h:5432/db"},
    {"no user", "postgresql://h:5432/db?sslmode=require", "postgresql://h:5432/db?sslmode=require"},
    {"an option", "postgresql://u@h/db?password=secret&sslmode=require", "postgresql://u@h/db?password=***&sslmode=require"},
    {"both, and another one", "postgresql://u:secret@h/db?sslpassword=secret2&password=s",
     "postgresql://u:***@h/db?sslpassword=***&password=*"},
    {"an '@' that ought to be %40", "postgresql://u:se@cret@h/db", "postgresql://u:***@h/db"},
    {"a '/' that ought to be %2F", "postgresql://u:se/cret@h/db", "postgresql://u:***@h/db"},
    {"a ':' in it", "postgresql://u:se:cret@h/db", "postgresql://u:***@h/db"},
    {"in a message", "unknown command 'postgresql://u:secret@h/db'", "unknown command 'postgresql://u:***@h/db'"},
    {"an option in a message", "no run 'postgresql:///db?password=secret' there", "no run 'postgresql:///db?password=***' there"},
    {"behind another word", "postgres and postgresql://u:secret@h/", "postgres and postgresql://u:***@h/"},
    {"no address", "plugin 'a:b@c' in project 'postgres'", "plugin 'a:b@c' in project 'postgres'"},
    {"a file", "/var/db/a:b@c?password=x", "/var/db/a:b@c?password=x"},
    {"nothing", "", ""},
};

/* What is left over is zero: nothing of it stays in memory. */
static void hidden(void **state)
{
    const struct text *row;
    (void)state;
    EACH(row, texts)
    {
        char text[100] = "";
        size_t size = strlen(row->given);
        memcpy(text, row->given, size);
        tm_hide_passwords(text);
        if (strcmp(text, row->hidden) != 0)
            fail_msg("%s: expected %s, found %s", row->name, row->hidden, text);
        for (size_t i = strlen(text); i <= size; i++)
            if (text[i])
                fail_msg("%s: byte %zu is left over", row->name, i);
    }
}

static void addresses(void **state)
{
    (void)state;
    assert_true(tm_is_address("postgresql://h/db"));
    assert_true(tm_is_address("postgres://"));
    assert_false(tm_is_address("postgresql:/h"));
    assert_false(tm_is_address("postgresqlx://h"));
    assert_false(tm_is_address("./postgresql://h"));
    assert_false(tm_is_address(""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(hidden), cmocka_unit_test(addresses)};
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
