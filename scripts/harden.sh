#!/bin/sh
# Prints the flags that harden what is built, as far as this compiler and machine know them; nothing if there is no compiler.
#
# usage: scripts/harden.sh COMPILER [FLAG...]     with the other flags it will get: FORTIFY needs -O, and sanitizers do its work better
set -u
LC_ALL=C
export LC_ALL

# FORTIFY: checked copies and formats, 3 where the compiler can compute sizes. Full RELRO: no table of addresses stays writable.
# CET and BTI: an indirect jump ends only where one may. Each group is tried in its order, and the first that is taken counts.
groups='
-fstack-protector-strong
-fstack-clash-protection
-fcf-protection=full -mbranch-protection=standard
-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=2
-Wl,-z,relro,-z,now,-z,noexecstack
'

# With warnings as errors: a flag that is ignored with a warning is none.
takes() {
    printf '#include <stdio.h>\nint main(int n, char **v) { char b[64]; return n > 1 && snprintf(b, sizeof b, "%%s", v[1]) > n; }\n' |
        "$@" -Werror -x c - -o /dev/null >/dev/null 2>&1
}

words() {
    case $1 in
    -Wl,*) echo "$1" ;;
    *) echo "$1" | tr , ' ' ;;
    esac
}

takes "$@" || exit 0
case " $* " in
*' -fsanitize='*) groups=$(echo "$groups" | grep -v FORTIFY) ;;
esac
# One run says that the first of each group is taken, which saves all others.
# shellcheck disable=SC2046 # lists of words
first=$(for flag in $(echo "$groups" | awk '{ print $1 }'); do words "$flag"; done)
# shellcheck disable=SC2086
if takes "$@" $first; then
    echo $first
    exit 0
fi
echo "$groups" | while read -r group; do
    for flag in $group; do
        # shellcheck disable=SC2046
        takes "$@" $(words "$flag") && words "$flag" && break
    done
done | tr '\n' ' '
