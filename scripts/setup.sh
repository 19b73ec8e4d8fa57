#!/bin/sh
# Finds out what is missing to build and test, and installs only that. Quiet when nothing is.
#
#   scripts/setup.sh compile  C compiler and the libraries that the Makefile links: what `make` itself needs
#   scripts/setup.sh build    that and make, pkg-config
#   scripts/setup.sh demo     that and gnuplot
#   scripts/setup.sh test     what building needs, and cmocka, jansson, the sqlite3 shell, gnuplot, xmllint (the default); with what is missing
#                             it installs libpq, PostgreSQL, jq, fish and zsh, too, but does without
#   scripts/setup.sh python   what building needs, and the headers of PYTHON (python3)
#   scripts/setup.sh browser  what testing needs, and Chromium, Node.js, npm, for the test of the report page (its modules: npm ci in tests/browser)
#   scripts/setup.sh lint     what testing needs, and clang, clang-tidy, clang-format, cppcheck
#   scripts/setup.sh checkers what testing needs, and clang, valgrind
#   scripts/setup.sh fuzz     what building needs, and clang with its fuzzer
#   scripts/setup.sh machines what testing needs, and compilers for arm64 and s390x and their emulators (Debian alone)
#   scripts/setup.sh deb      what building needs, and what makes and checks Debian's packages (Debian and Ubuntu alone)
#   scripts/setup.sh -n MODE  only says what is missing, and what it is called where: exit 1 if anything is
#
# CC, CPPFLAGS, LDFLAGS and PYTHON are respected by the search. Exit 0: all is there. 2: something is missing and could not be installed.

set -u
LC_ALL=C
export LC_ALL
cc=${CC:-cc}
# A compiler that was asked for by name is not replaced by another.
[ "${CC-}" ] || command -v cc >/dev/null 2>&1 || cc=gcc

# item, then what it is called by: Debian and Ubuntu, Fedora, Arch, Alpine, Homebrew; '-' is no package
packages='
compiler     gcc,libc6-dev   gcc,glibc-devel      gcc         gcc,musl-dev       gcc
make         make            make                 make        make               make
pkg-config   pkg-config      pkgconf-pkg-config   pkgconf     pkgconf            pkgconf
sqlite       libsqlite3-dev  sqlite-devel         sqlite      sqlite-dev         sqlite
csv          libcsv-dev      libcsv-devel         -           libcsv-dev         libcsv
expat        libexpat1-dev   expat-devel          expat       expat-dev          expat
zlib         zlib1g-dev      zlib-devel           zlib        zlib-dev           zlib
jansson      libjansson-dev  jansson-devel        jansson     jansson-dev        jansson
inih         libinih-dev     inih-devel           libinih     inih-dev           inih
cmocka       libcmocka-dev   libcmocka-devel      cmocka      cmocka-dev         cmocka
libpq        libpq-dev       libpq-devel          postgresql-libs libpq-dev    libpq
postgres     postgresql      postgresql-server    postgresql  postgresql         postgresql
jq           jq              jq                   jq          jq                 jq
fish         fish            fish                 fish        fish               fish
zsh          zsh             zsh                  zsh         zsh                zsh
sqlite3      sqlite3         sqlite               sqlite      sqlite             sqlite
gnuplot      gnuplot-nox     gnuplot-minimal      gnuplot     gnuplot            gnuplot
xmllint      libxml2-utils   libxml2              libxml2     libxml2-utils      libxml2
chromium     chromium        chromium             chromium    chromium           chromium
node         nodejs          nodejs               nodejs      nodejs             node
npm          npm             nodejs-npm           npm         npm                node
clang        clang           clang                clang       clang              llvm
clang-tidy   clang-tidy      clang-tools-extra    clang       clang-extra-tools  llvm
clang-format clang-format    clang-tools-extra    clang       clang-extra-tools  clang-format
fuzzer       libclang-rt-dev compiler-rt          compiler-rt compiler-rt        llvm
cppcheck     cppcheck        cppcheck             cppcheck    cppcheck           cppcheck
aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu,libc6-dev-arm64-cross - - - -
s390x-linux-gnu-gcc gcc-s390x-linux-gnu,libc6-dev-s390x-cross - - - -
qemu-aarch64 qemu-user - - - -
qemu-s390x qemu-user - - - -
valgrind     valgrind        valgrind             valgrind    valgrind           -
dpkg-buildpackage dpkg-dev - - - -
dh           debhelper - - - -
dh_python3   dh-python - - - -
lintian      lintian - - - -
shellcheck   shellcheck      ShellCheck           shellcheck  shellcheck         shellcheck
python       python3-dev     python3-devel        python      python3-dev        python
'

# library: item, what -l calls it, a function, headers
libraries_known='
sqlite   sqlite3  sqlite3_open               sqlite3.h
csv      csv      csv_init                   csv.h
expat    expat    XML_ParserCreate           expat.h
zlib     z        zlibVersion                zlib.h
inih     inih     ini_parse_file             ini.h
jansson  jansson  json_object                jansson.h
cmocka   cmocka   cmocka_set_message_output  stdarg.h stddef.h stdint.h setjmp.h cmocka.h
'

say() { echo "setup: $*" >&2; }

# ---- is it there? ----

# library ITEM: sets flag, function and headers to what is known of it
library() {
    while read -r item flag function headers; do
        [ "$item" = "$1" ] && return 0
    done <<END
$libraries_known
END
    return 1
}

# Those that the Makefile links
linked_libraries() {
    linked=" $(sed -n 's/^LIBS := //p' "${0%/*}/../Makefile") "
    while read -r item flag function headers; do
        case $linked in *" -l$flag "*) printf '%s ' "$item" ;; esac
    done <<END
$libraries_known
END
}

# A program that links against the libraries named, for those without a .pc file as for those with one.
source_of() {
    for lib in "$@"; do
        library "$lib"
        # shellcheck disable=SC2086 # a list
        printf '#include <%s>\n' $headers
    done
    echo '#include <stdlib.h>'
    echo 'int main(void) { void *volatile used = NULL;'
    for lib in "$@"; do
        library "$lib" && echo "used = (void *)$function;"
    done
    echo 'return used != NULL; }'
}

flags_of() {
    for lib in "$@"; do
        library "$lib" && echo "-l$flag"
    done
}

links() {
    # shellcheck disable=SC2046,SC2086 # lists of flags
    source_of "$@" | $cc ${CPPFLAGS:-} -x c - -o /dev/null ${LDFLAGS:-} $(flags_of "$@") >/dev/null 2>&1
}

# One link says that all libraries are there; only if it fails is each tried alone.
missing_libraries() {
    links "$@" && return
    for lib in "$@"; do
        links "$lib" || echo "$lib"
    done
}

missing_programs() {
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 || echo "$program"
    done
}

missing_headers() {
    header='import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
    for item in "$@"; do
        "${PYTHON:-python3}" -c "$header" >/dev/null 2>&1 || echo "$item"
    done
}

# Which item it is that would bring it; 'other' is a name that no list of packages knows.
missing_compiler() {
    case ${CC-} in
    '' | cc | gcc) echo compiler ;;
    clang) echo clang ;;
    *) if command -v "${cc%% *}" >/dev/null 2>&1; then echo compiler; else echo other; fi ;;
    esac
}

missing_fuzzer() {
    for item in "$@"; do
        echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
            clang -fsanitize=fuzzer,address,undefined -x c - -o /dev/null >/dev/null 2>&1 || echo "$item"
    done
}

missing() {
    if links; then
        # shellcheck disable=SC2086 # a list
        missing_libraries $libraries
    else
        missing_compiler # without one nothing can be said of libraries
    fi
    # shellcheck disable=SC2086
    missing_programs $programs
    # shellcheck disable=SC2086
    missing_headers $headers
    # shellcheck disable=SC2086
    missing_fuzzer $fuzzer
}

# Of what tests use where it is there
missing_wished() {
    case " $wished " in
    *' libpq '*) [ -e /usr/include/libpq-fe.h ] || pkg-config --exists libpq 2>/dev/null || echo libpq ;;
    esac
    for item in jq fish zsh; do
        case " $wished " in
        *" $item "*) command -v "$item" >/dev/null 2>&1 || echo "$item" ;;
        esac
    done
    case " $wished " in
    *' postgres '*) command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgres ;;
    esac
}

# ---- saying it ----

# why ITEM: what exactly is not there
why() {
    case $1 in
    other | compiler | clang)
        if command -v "${cc%% *}" >/dev/null 2>&1; then
            echo "the compiler '$cc' builds no program: $(source_of | $cc ${CPPFLAGS:-} -x c - -o /dev/null ${LDFLAGS:-} 2>&1 | grep . | head -n 1)"
        else
            echo "there is no compiler '$cc'${CC:+, which the variable CC names}"
        fi
        return
        ;;
    fuzzer)
        echo "clang builds nothing with -fsanitize=fuzzer"
        return
        ;;
    python)
        echo "there is no Python.h for '${PYTHON:-python3}'"
        return
        ;;
    esac
    if ! library "$1"; then
        echo "there is no program '$1'"
        return
    fi
    # shellcheck disable=SC2086 # a list
    if source_of "$1" | $cc ${CPPFLAGS:-} -fsyntax-only -x c - >/dev/null 2>&1; then
        echo "library '$1' cannot be linked with -l$flag"
    else
        echo "there is no header '${headers##* }' of library '$1'"
    fi
}

say_missing() {
    for item in "$@"; do
        case $item in
        other) say "$(why "$item"); leave CC away for the system's own, or install the package that has it" ;;
        *) say "$(why "$item"); Debian and Ubuntu have it in: $(names 2 "$item")" ;;
        esac
    done
}

# ---- getting it ----

# names COLUMN ITEM...: the packages of one system
names() {
    column=$1
    shift
    for item in "$@"; do
        echo "$packages" | awk -v item="$item" -v column="$column" '$1 == item && $column != "-" { gsub(",", "\n", $column); print $column }'
    done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

print_others() {
    say "missing: $*; no apt-get here, so please install:"
    cat >&2 <<END
  Fedora    sudo dnf install $(names 3 "$@")
  Arch      sudo pacman -S --needed $(names 4 "$@")
  Alpine    doas apk add $(names 5 "$@")
  Homebrew  brew install $(names 6 "$@")
END
    case " $* " in
    *" csv "*) echo "  Where libcsv is no package (on Arch it is in the AUR): https://github.com/rgamble/libcsv" >&2 ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 && return
    tail -n 20 "$log" >&2
    return 1
}

install_with_apt() {
    list=$(names 2 "$@")
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        say "missing: $*; not root and no sudo, so please run as root: apt-get install --no-install-recommends $list"
        return 1
    fi
    say "installing $list"
    log=$(mktemp) || return 1
    apt update || say "apt-get update failed; trying with the lists that are there"
    # shellcheck disable=SC2086 # a list
    apt install --no-install-recommends $list
    status=$?
    [ $status = 0 ] || say_failed "$list"
    rm -f "$log"
    return $status
}

# say_failed PACKAGES: in words, from what apt-get said
say_failed() {
    if grep -qiE 'resolv|connect|network|timed out|failed to fetch' "$log"; then
        say "no network: the servers of packages do not answer; without them, install by other means: $1"
    elif grep -q 'Unable to locate package\|has no installation candidate' "$log"; then
        say "no such package in the lists of this machine: $(sed -n "s/.*Unable to locate package \(.*\)/\1/p; s/.*Package '\(.*\)' has no installation candidate.*/\1/p" "$log" | tr '\n' ' ')"
    else
        say "apt-get could not install: $1"
    fi
}

# ---- what is asked for ----

dry=
if [ "${1-}" = -n ]; then
    dry=1
    shift
fi
programs='make pkg-config' libraries=$(linked_libraries) headers='' fuzzer='' wished=''
case ${1-test} in
compile) programs= ;;
build) ;;
demo) programs="$programs gnuplot" ;;
test) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot xmllint" wished='libpq postgres jq fish zsh' ;;
python) headers=python ;;
browser) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot xmllint chromium node npm" ;;
lint) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot xmllint clang clang-tidy clang-format cppcheck" ;;
fuzz) programs="$programs clang" fuzzer=fuzzer ;;
machines)
    libraries="$libraries cmocka jansson"
    programs="$programs sqlite3 aarch64-linux-gnu-gcc s390x-linux-gnu-gcc qemu-aarch64 qemu-s390x"
    ;;
deb)
    programs="$programs dpkg-buildpackage dh dh_python3 lintian" headers=python wished=libpq
    PYTHON=/usr/bin/python3 # the one that the package is for
    ;;
checkers) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot clang valgrind" ;;
-h | --help)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*)
    say "unknown mode '$1'; see 'setup.sh --help'"
    exit 2
    ;;
esac
mode=${1-test}

# shellcheck disable=SC2046 # a list of words
set -- $(missing)
[ $# = 0 ] && exit 0
say_missing "$@"
[ "$1" != other ] || exit "${dry:-2}"
if [ "$dry" ]; then
    if command -v apt-get >/dev/null 2>&1; then say "'scripts/setup.sh $mode' installs it"; else print_others "$@"; fi
    exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
    print_others "$@"
    exit 2
fi
# What is only wished for comes along, if it can.
# shellcheck disable=SC2046
[ -z "$(missing_wished)" ] || install_with_apt "$@" $(missing_wished) || say "without them, then"
# With a compiler the libraries can be looked for: a second round.
for round in first second; do
    # shellcheck disable=SC2046
    set -- $(missing)
    [ $# = 0 ] && exit 0
    install_with_apt "$@" || exit 2
    hash -r
    # shellcheck disable=SC2046
    set -- $(missing)
    [ $# = 0 ] && exit 0
    [ "$round $1" != "first compiler" ] || break
done
say_missing "$@"
say "still missing after the installation: $*"
exit 2
