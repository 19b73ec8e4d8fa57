#!/bin/sh
# Links the program with as much of it inside as there is: every library of the list whose archive the compiler finds, and libc as ever,
# since what loads libpq or looks up a user's home needs the machine's own. What comes out runs on machines that have none of the others.
#
# usage: scripts/static.sh COMPILER OUTPUT "FLAGS" "LIBRARIES" OBJECT...     LIBRARIES: as they would be linked, -lNAME each
set -eu
cc=$1 output=$2 flags=$3 libraries=$4
shift 4

# In order, since the linker takes them so. libc's own parts have archives too, and stay as they are.
words=
for library in $libraries; do
    archive=
    case $library in
    -lm | -lpthread | -ldl | -lc) ;;
    -l*)
        name=lib${library#-l}.a
        # shellcheck disable=SC2086 # a command of several words; it prints the name alone where it finds none
        archive=$($cc -print-file-name="$name")
        [ "$archive" != "$name" ] || archive=
        [ "$archive" ] || echo "static: no archive of $library here, so it stays a shared library" >&2
        ;;
    esac
    words="$words ${archive:-$library}"
done
mkdir -p "$(dirname "$output")"
# shellcheck disable=SC2086 # lists of words
$cc -static-libgcc -pie -o "$output" $flags "$@" $words
${STRIP:-strip} "$output"
