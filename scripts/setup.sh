#!/bin/sh
# Finds out what is missing to build and test, and installs only that. Quiet when nothing is.
#
#   scripts/setup.sh build    C compiler, make, pkg-config, libraries
#   scripts/setup.sh demo     that and gnuplot
#   scripts/setup.sh test     that and cmocka, jansson, the sqlite3 shell, gnuplot, xmllint (the default)
#   scripts/setup.sh python   what building needs, and the headers of PYTHON (python3)
#   scripts/setup.sh browser  what testing needs, and Chromium, Node.js, npm, for the test of the report page (its modules: npm ci in tests/browser)
#   scripts/setup.sh lint     what testing needs, and clang, clang-tidy, clang-format, cppcheck
#   scripts/setup.sh -n MODE  only says what is missing: exit 1 if anything is
#
# CC, CPPFLAGS, LDFLAGS and PYTHON are respected by the search. Exit 0: all is there. 2: something is missing and could not be installed.

set -u
LC_ALL=C
export LC_ALL
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null 2>&1 || cc=gcc

# item, then what it is called by: Debian and Ubuntu, Fedora, Arch, Alpine, Homebrew; '-' is no package
packages='
compiler     gcc,libc6-dev   gcc,glibc-devel      gcc         gcc,musl-dev       gcc
make         make            make                 make        make               make
pkg-config   pkg-config      pkgconf-pkg-config   pkgconf     pkgconf            pkgconf
sqlite       libsqlite3-dev  sqlite-devel         sqlite      sqlite-dev         sqlite
csv          libcsv-dev      libcsv-devel         -           libcsv-dev         libcsv
jansson      libjansson-dev  jansson-devel        jansson     jansson-dev        jansson
inih         libinih-dev     inih-devel           libinih     inih-dev           inih
cmocka       libcmocka-dev   libcmocka-devel      cmocka      cmocka-dev         cmocka
sqlite3      sqlite3         sqlite               sqlite      sqlite             sqlite
gnuplot      gnuplot-nox     gnuplot-minimal      gnuplot     gnuplot            gnuplot
xmllint      libxml2-utils   libxml2              libxml2     libxml2-utils      libxml2
chromium     chromium        chromium             chromium    chromium           chromium
node         nodejs          nodejs               nodejs      nodejs             node
npm          npm             nodejs-npm           npm         npm                node
clang        clang           clang                clang       clang              llvm
clang-tidy   clang-tidy      clang-tools-extra    clang       clang-extra-tools  llvm
clang-format clang-format    clang-tools-extra    clang       clang-extra-tools  clang-format
cppcheck     cppcheck        cppcheck             cppcheck    cppcheck           cppcheck
python       python3-dev     python3-devel        python      python3-dev        python
'

say() { echo "setup: $*" >&2; }

# ---- is it there? ----

# A program that links against the libraries named, for those without a .pc file as for those with one.
source_of() {
    for lib in "$@"; do
        case $lib in
        sqlite) echo '#include <sqlite3.h>' ;;
        csv) echo '#include <csv.h>' ;;
        jansson) echo '#include <jansson.h>' ;;
        inih) echo '#include <ini.h>' ;;
        cmocka) printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h ;;
        esac
    done
    echo '#include <stdlib.h>'
    echo 'int main(void) { void *volatile used = NULL;'
    for lib in "$@"; do
        case $lib in
        sqlite) echo 'used = (void *)sqlite3_open;' ;;
        csv) echo 'used = (void *)csv_init;' ;;
        jansson) echo 'used = (void *)json_object;' ;;
        inih) echo 'used = (void *)ini_parse_file;' ;;
        cmocka) echo 'used = (void *)cmocka_set_message_output;' ;;
        esac
    done
    echo 'return used != NULL; }'
}

flags_of() {
    for lib in "$@"; do
        case $lib in
        sqlite) echo -lsqlite3 ;;
        *) echo "-l$lib" ;;
        esac
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

missing() {
    if links; then
        # shellcheck disable=SC2086 # a list
        missing_libraries $libraries
    else
        # shellcheck disable=SC2086
        printf '%s\n' compiler $libraries
    fi
    # shellcheck disable=SC2086
    missing_programs $programs
    # shellcheck disable=SC2086
    missing_headers $headers
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
    rm -f "$log"
    return $status
}

# ---- what is asked for ----

dry=
if [ "${1-}" = -n ]; then
    dry=1
    shift
fi
programs='make pkg-config' libraries='sqlite csv inih' headers=
case ${1-test} in
build) ;;
demo) programs="$programs gnuplot" ;;
test) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot xmllint" ;;
python) headers=python ;;
browser) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot xmllint chromium node npm" ;;
lint) libraries="$libraries cmocka jansson" programs="$programs sqlite3 gnuplot xmllint clang clang-tidy clang-format cppcheck" ;;
-h | --help)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*)
    say "unknown mode '$1'; see 'setup.sh --help'"
    exit 2
    ;;
esac

# shellcheck disable=SC2046 # a list of words
set -- $(missing)
[ $# = 0 ] && exit 0
if [ "$dry" ]; then
    say "missing: $*"
    exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
    print_others "$@"
    exit 2
fi
install_with_apt "$@" || exit 2
hash -r
command -v "${cc%% *}" >/dev/null 2>&1 || cc=gcc
# shellcheck disable=SC2046
set -- $(missing)
[ $# = 0 ] && exit 0
say "still missing after the installation: $*"
exit 2
