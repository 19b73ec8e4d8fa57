#!/usr/bin/env bash
# What is missing to build is said in words, with the package that has it, by the set-up script and by make: each library (its header,
# then what is linked), the compiler, a program; and why it could not be installed: no network, no such package, no rights, no apt-get.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T SAN CC CPPFLAGS LDFLAGS
mkdir tree tree/scripts hidden bin || exit 1

# A tree that links one library at a time, and programs of its own in front of the machine's.
cp "$TM_SOURCE_DIR/scripts/setup.sh" tree/scripts/ && echo 'LIBS :=' >tree/Makefile || exit 1
for tool in sh awk grep sed tr head tail sort env mktemp rm dirname cat printf basename mkdir touch; do ln -s "$(command -v $tool)" bin/; done

# check NAME COMMAND...: ok if the command succeeds; each begins without fakes
check() {
  local name=$1
  shift
  rm -f hidden/* fake/* && mkdir -p fake && fake id 'echo 0'
  if ("$@") >log 2>&1; then
    echo "ok setup $name"
  else
    echo "not ok setup $name"
    head -n 20 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

fake() { printf '#!/bin/sh\n%s\n' "$2" >"fake/$1" && chmod +x "fake/$1"; }
# A compiler that has everything but that header, or that library
fake_cc() { fake cc "grep -q '<$1>' && exit 1; case \" \$* \" in *' -l$1 '*) exit 1 ;; esac"; }
setup() { PATH=$TMPDIR/fake:$TMPDIR/bin tree/scripts/setup.sh "$@" >out 2>&1; }

# says CODE TEXT... -- COMMAND...: that exit code, and each text in what it said
says() {
  local expected=$1 code texts=()
  shift
  while [[ $1 != -- ]]; do texts+=("$1") && shift; done
  shift
  "$@"
  code=$?
  cat out
  [[ $code == "$expected" ]] || { echo "exit code $code, expected $expected" && return 1; }
  for text in "${texts[@]}"; do grep -qF -- "$text" out || { echo "nothing says: $text" && return 1; }; done
}

# library ITEM HEADER FLAG PACKAGE MODE LINKED
library() {
  echo "LIBS := $6" >tree/Makefile
  fake_cc "$2"
  says 1 "there is no header '$2' of library '$1'" "Debian and Ubuntu have it in: $4" -- setup -n "$5" || return
  fake_cc "$3"
  says 1 "library '$1' cannot be linked with -l$3" "Debian and Ubuntu have it in: $4" -- setup -n "$5"
}

everything() { fake_cc none && for name in make pkg-config; do fake $name ''; done && says 0 -- setup -n build && [[ ! -s out ]]; }
check 'sqlite3' library sqlite sqlite3.h sqlite3 libsqlite3-dev compile -lsqlite3
check 'libcsv' library csv csv.h csv libcsv-dev compile -lcsv
check 'inih' library inih ini.h inih libinih-dev compile -linih
check 'cmocka' library cmocka cmocka.h cmocka libcmocka-dev test -lm
check 'jansson' library jansson jansson.h jansson libjansson-dev test -lm
check 'expat' library expat expat.h expat libexpat1-dev compile -lexpat
check 'zlib' library zlib zlib.h z zlib1g-dev compile -lz
echo 'LIBS := -lcsv -lsqlite3 -lexpat -lz -linih -lm' >tree/Makefile
check 'nothing, where all is there' everything
echo 'LIBS := -lcsv' >tree/Makefile

no_compiler() { says 1 "there is no compiler 'gcc'" 'Debian and Ubuntu have it in: gcc libc6-dev' -- setup -n compile; }
other_compiler() {
  fake apt-get 'echo "asked for a package" >&2; exit 1'
  CC=nothing says 1 "there is no compiler 'nothing', which the variable CC names" -- setup -n build &&
    CC=nothing says 2 "there is no compiler 'nothing'" 'leave CC away' -- setup build && ! grep -q asked out
}
broken_compiler() { fake cc 'echo "cc: no disk" >&2; exit 1' && says 1 "the compiler 'cc' builds no program: cc: no disk" 'libc6-dev' -- setup -n compile; }
no_program() { fake_cc none && says 1 "there is no program 'make'" "Debian and Ubuntu have it in: make" -- setup -n build; }
check 'no compiler' no_compiler
check 'no compiler of that name' other_compiler
check 'a compiler that builds nothing' broken_compiler
check 'no program' no_program

# ---- what could not be installed ----

missing_csv() { fake_cc csv; }
no_network() {
  missing_csv && fake apt-get 'echo "E: Failed to fetch http://deb.debian.org/x  Temporary failure resolving '"'deb.debian.org'"'" >&2; exit 100'
  says 2 'apt-get update failed' 'no network' 'libcsv-dev' -- setup compile
}
no_package() {
  missing_csv && fake apt-get 'case "$*" in *update*) exit 0 ;; esac; echo "E: Unable to locate package libcsv-dev" >&2; exit 100'
  says 2 'no such package in the lists of this machine: libcsv-dev' -- setup compile
}
no_rights() {
  missing_csv && fake apt-get 'exit 0' && fake id 'echo 1000' && says 2 'not root and no sudo' 'apt-get install --no-install-recommends libcsv-dev' -- setup compile
}
no_apt() { missing_csv && says 2 'no apt-get here' 'sudo dnf install libcsv-devel' 'libcsv is no package' -- setup compile; }
installed_in_vain() { missing_csv && fake apt-get 'exit 0' && says 2 'installing libcsv-dev' 'still missing after the installation: csv' -- setup compile; }
check 'no network' no_network
check 'no such package' no_package
check 'no rights' no_rights
check 'no apt-get' no_apt
check 'a package that does not help' installed_in_vain

# ---- make ----

# In a tree of its own, so that nothing is there yet
with_make() { (cd "$TM_SOURCE_DIR" && make "B=$TMPDIR/built" "$@" "$TMPDIR/built/base/hash.o") >out 2>&1; }
make_without_compiler() { says 2 "there is no compiler 'nothing', which the variable CC names" -- with_make CC=nothing && ! grep -q 'not found' out; }
make_without_library() {
  echo '#error hidden' >hidden/ini.h
  says 2 "there is no header 'ini.h' of library 'inih'" "Debian and Ubuntu have it in: libinih-dev" -- with_make "CPPFLAGS=-I$TMPDIR/hidden" && [[ ! -e built/base/hash.o ]]
}
make_with_all() { says 0 hash.o -- with_make V=1; }
check 'make without a compiler' make_without_compiler
check 'make without a library' make_without_library
check 'make with all of it' make_with_all
[[ $failures == 0 ]]
