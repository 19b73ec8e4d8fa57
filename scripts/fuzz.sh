#!/usr/bin/env bash
# Runs clang's fuzzer on the targets of tests/fuzz/targets.h, or on those whose names are given, as many at a time as there are cores.
# What it has learned stays in build/fuzz/corpus; what it finds is put into build/fuzz/findings, and belongs into tests/fuzz/corpus once it is
# mended. The last line is 'N passed, N failed', a case each target.
#
# usage: scripts/fuzz.sh FUZZER [TARGET...]      FUZZ_SECONDS: wall time of all together (120)      FUZZ_KEEP=1: also adds the inputs that
#                                                reach most with the fewest bytes to tests/fuzz/corpus
set -u
export LC_ALL=C
fuzzer=$(realpath "$1") && shift
cd "$(dirname "$0")/.." || exit 2
build=$(dirname "$fuzzer")
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
[[ $# -gt 0 ]] || mapfile -t targets < <(sed -n 's/^TM_FUZZ_TARGET(\([a-z_]*\)).*/\1/p' tests/fuzz/targets.h)
[[ $# == 0 ]] || targets=("$@")
((jobs < ${#targets[@]})) || jobs=${#targets[@]}
seconds=$((${FUZZ_SECONDS:-120} * jobs / ${#targets[@]}))
export build fuzzer seconds ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1

# The files of tests/data/formats as inputs of the target `format`: '?' in front lets each be known by its beginning.
# shellcheck disable=SC2317
format_seeds() {
  local file
  rm -rf "$1" && mkdir -p "$1" || return
  for file in tests/data/formats/*/*; do
    [[ ! -f $file || $file == *.expect ]] || { printf '?' && cat "$file"; } >"$1/$(basename "$(dirname "$file")").$(basename "$file")"
  done
}
export -f format_seeds

# The fuzzer's code is some times slower, and sanitizers keep freed memory: the replay in tests/shell/test_fuzz.sh is what holds each
# stored input to a second and 256 MB.
# shellcheck disable=SC2317
fuzz_one() {
  # The targets change the current directory: all names are whole.
  local learned=$build/corpus/$1 log=$build/$1.log more=()
  mkdir -p "$learned" "$build/findings" && rm -f "$build/findings/$1-"*
  [[ $1 != csv ]] || more=("$PWD/tests/data/csv")
  [[ $1 != format ]] || { format_seeds "$build/seeds" && more=("$build/seeds"); }
  [[ ! -e tests/fuzz/$1.dict ]] || more+=("-dict=$PWD/tests/fuzz/$1.dict")
  TM_FUZZ=$1 "$fuzzer" -max_total_time="$seconds" -timeout=10 -malloc_limit_mb=256 -rss_limit_mb=1024 -max_len=4096 -close_fd_mask=1 \
    -artifact_prefix="$build/findings/$1-" -print_final_stats=1 "$learned" "$PWD/tests/fuzz/corpus/$1" "${more[@]}" >"$log" 2>&1 </dev/null
  code=$?
  tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [[ $code == 0 ]]; then
    echo "ok fuzz $1: ${tried:-0} inputs in $seconds s"
  else
    grep -a -m 1 -A 12 -E 'ERROR: |runtime error|: Assertion' "$log" | grep -av '^tidemark: ' || tail -n 5 "$log"
    echo "not ok fuzz $1: exit code $code after ${tried:-?} inputs, see $log and $build/findings"
  fi
}
export -f fuzz_one

out=$(printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'fuzz_one "$0"' | tee /dev/stderr) 2>&1
if [[ ${FUZZ_KEEP-} ]]; then
  for target in "${targets[@]}"; do
    mkdir -p "tests/fuzz/corpus/$target"
    TM_FUZZ=$target "$fuzzer" -merge=1 -close_fd_mask=3 "$PWD/tests/fuzz/corpus/$target" "$build/corpus/$target" >/dev/null 2>&1
  done
fi
passed=$(grep -c '^ok ' <<<"$out") failed=$(grep -c '^not ok ' <<<"$out")
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
