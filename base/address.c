/* A password stands before the last '@' of an address, or behind "password=" in its options. */
#include "base/address.h"

#include <string.h>

bool tm_is_address(const char *path)
{
    return strncmp(path, "postgresql://", 13) == 0 || strncmp(path, "postgres://", 11) == 0;
}

/* Stars from `begin` up to `end`; what follows moves up. Where it stands then. */
static char *hide(char *begin, char *end)
{
    size_t stars = end - begin < 3 ? (size_t)(end - begin) : 3, rest = strlen(end);
    memset(begin, '*', stars);
    memmove(begin + stars, end, rest + 1);
    memset(begin + stars + rest, 0, (size_t)(end - begin) - stars);
    return begin + stars;
}

/* Of "USER:PASSWORD@HOST"; a password may hold what ought to be written in another way. */
static void hide_user_password(char *from)
{
    char *at = strrchr(from, '@');
    char *colon = strchr(from, ':');
    if (at && colon && colon < at)
        hide(colon + 1, at);
}

void tm_hide_passwords(char *text)
{
    static const char option[] = "password="; /* "sslpassword=" ends so, too */
    char *scheme = strstr(text, "postgres");
    while (scheme && !tm_is_address(scheme))
        scheme = strstr(scheme + 1, "postgres");
    if (!scheme)
        return;
    char *from = strstr(scheme, "://") + 3;
    hide_user_password(from);
    while ((from = strstr(from, option))) {
        from += strlen(option);
        from = hide(from, from + strcspn(from, "& \t\n'\""));
    }
}
