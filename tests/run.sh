#!/usr/bin/env bash
# Runs every test of the build tree $1, two at a time, each in a directory of its own that goes away, and ends with 'N passed, N failed'.
# Before that it repeats which cases were skipped, and why.
#
#   tests/unit/test_*.c       functions: a program of cmocka for each concept; headers beside them are what several share. test_malloc_*
#                             are linked with the allocator's hooks, and as preload_malloc_* without, for test_malloc.sh
#   tests/shell/test_*.sh     programs as they are used: a script prints 'ok NAME' or 'not ok NAME' for each case
#   tests/session/*.session   commands and what they print, run by test_sessions.sh; UPDATE=1 writes them anew
#   tests/python, browser     the extension, run by test_python.sh; the report page in Chromium, run by test_browser.sh
#   tests/plugins, examples   plugins and hosts that tests load and run
#   tests/data                inputs with what is expected of them (csv/, by test_csv.sh), stores of old versions, grammars, what to preload
#
# usage: tests/run.sh BUILD [NAME...]     NAME picks tests whose name contains it     TM_FIRST=1: a test ends at its first case that fails
#                                         TM_TIMES=1: which tests took the most seconds of the processor
#                                         TM_WHOLE=1: tests that do the same to many commands, names or versions leave none out
set -u
build=$(cd "$1" && pwd) && shift
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tidemark-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export TM_SOURCE_DIR=$top TM_BUILD=$build TIDEMARK=$build/tidemark NIGHTS=$build/nights SCRATCH=$scratch
export LC_ALL=C.UTF-8 TZ=UTC CMOCKA_MESSAGE_OUTPUT=TAP
# What is too large to allocate is NULL for sanitizers, too, and no fault of the program that asks.
export ASAN_OPTIONS=allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS} TSAN_OPTIONS=allocator_may_return_null=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}
for var in ${!TIDEMARK_@}; do unset "$var"; done # settings of whoever runs this
for var in ${!GIT_@}; do unset "$var"; done
unset CI GITHUB_ACTIONS GITLAB_CI TF_BUILD TEAMCITY_VERSION # there names in CSV are made safe, see base/escape.h

# shellcheck disable=SC2317
run_test() {
  if [[ $1 == *.sh ]]; then bash "$1"; else "$1"; fi 2>&1 </dev/null | if [[ ${TM_FIRST-} ]]; then sed '/^not ok/q'; else cat; fi >"$SCRATCH/$name.out"
  echo "${PIPESTATUS[0]}" >"$SCRATCH/$name.code"
}
# shellcheck disable=SC2317
run_one() {
  local TIMEFORMAT='%U %S'
  name=$(basename "$1" .sh)
  mkdir "$SCRATCH/$name" && export TMPDIR=$SCRATCH/$name
  { time run_test "$1"; } 2>"$SCRATCH/$name.time"
}
export -f run_test run_one

tests=()
for source in tests/unit/test_*.c tests/shell/test_*.sh; do
  test=$source
  [[ $source == *.sh ]] || test=$build/${source%.c}
  [[ -x $test || $test == *.sh ]] || continue
  # What is about files that were built, or about a browser's view of them, has nothing for sanitizers to see.
  [[ $build == */san && $test =~ /test_(install|completion|packages|browser|symbols|setup|docs|mutants|hardened)\.sh$|/test_noise$ && $# == 0 ]] && continue
  for wanted in "${@:-}"; do [[ $(basename "$test") == *"$wanted"* ]] && tests+=("$test") && break; done
done
[[ ${#tests[@]} -gt 0 ]] || { echo "no test matches"; echo "0 passed, 1 failed"; exit 1; }
printf '%s\0' "${tests[@]}" | xargs -0 -n 1 -P 2 bash -c 'run_one "$0"'

passed=0 failed=0
for test in "${tests[@]}"; do
  name=$(basename "$test" .sh)
  ok=$(grep -c '^ok ' "$scratch/$name.out")
  bad=$(grep -c '^not ok ' "$scratch/$name.out")
  code=$(cat "$scratch/$name.code" 2>/dev/null || echo none)
  [[ $code != 0 && $bad == 0 || $ok == 0 && $bad == 0 ]] && bad=1
  passed=$((passed + ok)) failed=$((failed + bad))
  if [[ $bad -gt 0 ]]; then
    echo "--- $name (exit code $code)"
    if grep -q '^not ok ' "$scratch/$name.out"; then grep -v '^ok ' "$scratch/$name.out" | tail -n 60; else tail -n 60 "$scratch/$name.out"; fi
  fi
done
for test in "${tests[@]}"; do grep -hE '^ok .*\bskipped\b' "$scratch/$(basename "$test" .sh).out"; done
if [[ ${TM_TIMES-} ]]; then
  for test in "${tests[@]}"; do awk -v name="$(basename "$test" .sh)" '{ printf "%7.1f s  %s\n", $1 + $2, name }' "$scratch/$(basename "$test" .sh).time"; done | sort -rn | head -n 20
fi
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
