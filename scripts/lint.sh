#!/usr/bin/env bash
# Format, static analysis, shell scripts, and a build with clang in which every warning is an error. Tools that are not there are named.
# Each section prints its findings; the last line is their sum. usage: scripts/lint.sh [SECTION...]   (build format tidy cppcheck shell)
# Slower ones run only if they are named, by 'make checkers': analyzer (gcc -fanalyzer), scan (clang --analyze), valgrind (on the sessions).
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.." || exit 2
build=build/clang
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
failed=() skipped=() passed=()

mapfile -t sources < <(git ls-files -co --exclude-standard '*.c' | sort)
mapfile -t headers < <(git ls-files -co --exclude-standard '*.h' | sort)
mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run packaging/tidemark.bash | sort)

# The extension is looked at where its headers are.
python=$("${PYTHON:-python3}" -c 'import os, sysconfig; p = sysconfig.get_path("include"); print(p if os.path.exists(p + "/Python.h") else "")' 2>/dev/null)
if [[ -z $python ]]; then
  mapfile -t sources < <(printf '%s\n' "${sources[@]}" | grep -v '^record/python/')
  echo 'lint: record/python left out: no Python.h'
fi

# So is the engine of PostgreSQL.
postgres=$(pkg-config --variable=includedir libpq 2>/dev/null)
if [[ ! -e $postgres/libpq-fe.h ]]; then
  mapfile -t sources < <(printf '%s\n' "${sources[@]}" | grep -v '^store/postgres/')
  postgres=
  echo 'lint: store/postgres left out: no libpq-fe.h'
fi
includes=(${python:+-isystem "$python"} ${postgres:+-isystem "$postgres" -DTM_POSTGRES})

# section NAME PROGRAM FUNCTION: runs the function if the program is there, and shows what it says if it fails
section() {
  if ! command -v "$2" >/dev/null; then
    echo "lint: $1 skipped: no $2"
    skipped+=("$1")
  elif "$3" >"$out" 2>&1; then
    echo "lint: $1 ok"
    passed+=("$1")
  else
    cat "$out"
    echo "lint: $1 FAILED"
    failed+=("$1")
  fi
}

lint_build() {
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -j "$jobs" CC=clang B=$build CFLAGS='-O1 -g -Werror' all ${python:+python}
}

lint_format() { clang-format --dry-run --Werror "${sources[@]}" "${headers[@]}" 2>&1 | grep -E '(error|warning): ' && return 1 || return 0; }

# Without clang's analyser, which takes four times as long as all the rest: 'scan' is that. One file at a time: so each is told apart.
lint_tidy() {
  make -s B=$build $build/gen/schema/sql.h || return
  printf '%s\0' "${sources[@]}" |
    xargs -0 -P "$jobs" -I '{}' clang-tidy --quiet --checks='-clang-analyzer-*' '{}' -- -std=c11 -D_GNU_SOURCE -DSQLITE_CORE -I. "-I$build/gen" -Ischema -Irecord "${includes[@]}" 2>/dev/null
}

# Off: opinions on scopes, casts between pointers to fields, types that have the same size on this machine, and two rules that misread correct code.
lint_cppcheck() {
  cppcheck --quiet --std=c11 -j "$jobs" --enable=warning,performance,portability,style --inline-suppr --error-exitcode=1 \
    --suppress=variableScope --suppress=invalidPointerCast --suppress=identicalInnerCondition --suppress=unpreciseMathCall \
    --suppress=duplicateValueTernary -D_GNU_SOURCE -DSQLITE_CORE -DPY_VERSION_HEX=0x030B0000 -I. "${sources[@]}"
}

# each_source COMMAND...: with its flags and each source behind; fails where anything is said
each_source() {
  make -s B=$build $build/gen/schema/sql.h || return
  printf '%s\0' "${sources[@]}" |
    xargs -0 -P "$jobs" -I '{}' "$@" -std=c11 -D_GNU_SOURCE -DSQLITE_CORE -I. "-I$build/gen" -Ischema -Irecord "${includes[@]}" '{}' 2>&1 | grep . && return 1
  return 0
}

# Not the tests: there it tells of each NULL that would end the test, which is what a test does. Not malloc-leak: what hangs at a struct that
# the caller has passed, or is SQLite's by a pointer to its first member, is lost to it; valgrind looks for leaks that are some.
lint_analyzer() {
  local sources
  mapfile -t sources < <(git ls-files -co --exclude-standard '*.c' | grep -v -e '^tests/' -e '^record/python/')
  each_source gcc -O1 -fanalyzer -Wno-analyzer-malloc-leak -Wno-overlength-strings -S -o /dev/null
}

lint_scan() { each_source clang --analyze --analyzer-output text -Wno-unused-command-line-argument; }

# The sessions with a program that runs the program in valgrind: what that finds is printed, and no session has it.
lint_valgrind() {
  make -s all units || return
  local scratch
  scratch=$(mktemp -d) || return
  printf '#!/bin/sh\nexec valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "%s" "$@"\n' "$PWD/build/tidemark" >"$scratch/tidemark"
  chmod +x "$scratch/tidemark"
  TIDEMARK=$scratch/tidemark NIGHTS=$PWD/build/nights TM_SOURCE_DIR=$PWD TM_BUILD=$PWD/build TMPDIR=$scratch LC_ALL=C.UTF-8 TZ=UTC bash tests/shell/test_sessions.sh
  local code=$?
  rm -rf "$scratch"
  return $code
}

lint_shell() { shellcheck -S warning "${scripts[@]}"; }

[[ $# -gt 0 ]] || set -- build format tidy cppcheck shell
for wanted in "$@"; do
  case $wanted in
  build) section build clang lint_build ;;
  format) section format clang-format lint_format ;;
  tidy) section tidy clang-tidy lint_tidy ;;
  cppcheck) section cppcheck cppcheck lint_cppcheck ;;
  shell) section shell shellcheck lint_shell ;;
  analyzer) section analyzer gcc lint_analyzer ;;
  scan) section scan clang lint_scan ;;
  valgrind) section valgrind valgrind lint_valgrind ;;
  *) echo "lint: unknown section '$wanted'" >&2 && exit 2 ;;
  esac
done
echo "lint: ${#passed[@]} passed, ${#failed[@]} failed, ${#skipped[@]} skipped"
[[ ${#failed[@]} == 0 ]]
