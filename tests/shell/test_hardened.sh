#!/usr/bin/env bash
# Every object, archive, program and library of the build tree is hardened as scripts/harden.sh says, and the check that says so sees
# each flag that is taken away.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null || cc=gcc

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >log 2>&1; then
    echo "ok hardened $name"
  else
    echo "not ok hardened $name"
    head -n 20 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

hardened() { "$TM_SOURCE_DIR/scripts/hardened.sh" "$@"; }

# Trees of other compilers lie below this one; the extension for Python is built beside this test, and test_python looks at it.
everything() {
  local files
  mapfile -t files < <(find "$TM_BUILD" -mindepth 1 -type d \( -name python -o -name mutate -o -exec test -d '{}/gen' \; -o -exec test -d '{}/tree' \; \) -prune -o \
    -type f \( -name '*.[oa]' -o -name '*.so*' -o -perm -100 \) -print)
  echo "${#files[@]} files; if your tree is older than these flags: make clean"
  [[ ${#files[@]} -gt 250 ]] && hardened "${files[@]}"
}

# Something for each flag to do: a frame that grows, a buffer, a jump by table, formatted output.
sample() {
  cat >sample.c <<'END'
#include <stdio.h>
#include <string.h>
int main(int n, char **v)
{
    char room[n * 100];
    int (*jump)(const char *) = n > 1 ? puts : remove;
    strcpy(room, v[0]);
    return printf("%d %s\n", jump(room), room);
}
END
  # shellcheck disable=SC2086 # lists of flags
  $cc -g -O2 "$@" -c sample.c -o sample.o && $cc -O2 "$@" sample.o -o sample && hardened sample.o sample
}

# without LACK FLAG: the sample built without a flag, and otherwise with all, lacks that
without() {
  local flags=() flag
  for flag in "${all[@]}" -fPIC -pie; do flags+=("${flag/$2/$3}"); done
  [[ " ${flags[*]} " != " ${all[*]} -fPIC -pie " ]] || { echo "no flag $2" && return 1; }
  [[ $(sample "${flags[@]}") == *"no "*"$1"* ]] || { echo "nothing found without $2" && return 1; }
}

bare_tree() {
  make -s -C "$TM_SOURCE_DIR" "B=$TMPDIR/bare" HARDEN= "$TMPDIR/bare/scripts/nights_out.o" && ! hardened bare/scripts/nights_out.o
}

check 'everything that is built' everything
check 'what the Makefile builds without the flags is found' bare_tree
read -ra all <<<"$("$TM_SOURCE_DIR/scripts/harden.sh" "$cc" -g -O2)"
check 'a sample with all flags' sample "${all[@]}" -fPIC -pie
if [[ $($cc -dM -E -x c /dev/null) == *__clang__* ]]; then
  echo 'ok hardened the sample without a flag # skipped: clang leaves no trace of some'
else
  check 'the stack protector' without stack-protector -fstack-protector-strong -fno-stack-protector
  check 'stack clashes' without stack-clash -fstack-clash-protection -fno-stack-clash-protection
  check 'FORTIFY' without FORTIFY '-D_FORTIFY_SOURCE=?' -U_FORTIFY_SOURCE
  check 'position-independent code' without position-independent -pie -no-pie
  check 'RELRO' without RELRO relro norelro
  check 'binding at the start' without 'binding at the start' 'now' lazy
  check 'an executable stack' without 'not executable' noexecstack execstack
  case $($cc -dumpmachine) in
  x86_64*) check 'landing places' without 'landing places' -fcf-protection=full -fcf-protection=none ;;
  aarch64*) check 'landing places' without 'landing places' -mbranch-protection=standard -mbranch-protection=none ;;
  esac
fi
[[ $failures == 0 ]]
