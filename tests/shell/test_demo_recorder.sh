#!/usr/bin/env bash
# The demonstration of the recorder ends with the verdicts that its plugins deserve. It measures real time: where other work leaves it too
# little of that, it is played again.
set -u
host=$TM_BUILD/scripts/demo_host hooks=$TM_BUILD/libtidemark_malloc.so
bad='mail-fetcher pdf-parser weather-feed web-search'
# Sanitizers have an allocator of their own.
if [[ -e $hooks ]] && ! grep -q __asan_init "$host"; then bad+=' page-cache'; else hooks=/nonexistent; fi
shown=$TMPDIR/shown verdict=$TMPDIR/demo/verdict-14.txt

play() {
  HOST=$host HOOKS=$hooks DEMO_DIR=$TMPDIR/demo "$TM_SOURCE_DIR/scripts/demo_recorder.sh" >"$shown" 2>&1
  code=$?
}

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if "$@" >"$TMPDIR/log" 2>&1; then
    echo "ok demo recorder $name"
  else
    cat "$TMPDIR/log" "$shown" | sed 's/^/  /'
    echo "not ok demo recorder $name"
  fi
}

# try NAME COMMAND...: notes that the command fails
try() { "${@:2}" >/dev/null 2>&1 || well=; }

failing() { grep -E '^(regressed|open|missing) ' "$1" | awk '{ print $2 }' | sort; }
names_the_bad() { diff <(printf '%s\n' $bad | sort) <(failing "$verdict"); }
reports_all() { [[ $(grep -cE '^\[(BOTTLENECK|PLUGIN)\] ' "$shown") == 10 ]]; }

# all WITH: each of the checks, by `check` or by `try`
all() {
  $1 "ends well" test $code = 0
  $1 "passes while all is well" grep -q '^2026-11-09  exit 0 ' "$shown"
  $1 "fails in the end" grep -q '^2026-11-14  exit 1 ' "$shown"
  $1 "names those that got worse, and nobody else" names_the_bad
  $1 "says that errors are errors" grep -qE '^(regressed|open) +weather-feed  error_rate 50\.00 % .*failing fast$' "$verdict"
  $1 "says that waiting is waiting" grep -qE '^(regressed|open) +web-search  wall_per_call_ms .*since 2026-11-1[01].* waiting$' "$verdict"
  $1 "says that blocking is blocking" grep -qE '^(regressed|open) +mail-fetcher  blocked_per_call_ms .* blocking$' "$verdict"
  # Where others take the processor, it may be too little for a spike.
  $1 "says when the CPU was busy" grep -qE '^at [0-9]+ ms the CPU was busy \([0-9]+ %\) for [0-9]+ ms: |^the CPU was never busy for long$' "$shown"
  [[ $bad != *page-cache* ]] ||
    $1 "says that a leak is a leak" grep -qE '^(regressed|open) +page-cache  mem_delta_per_call_kb ' "$verdict"
  $1 "reports the host's own view" reports_all
}

for _ in 1 2 3 4; do
  play
  well=yes
  all try
  [[ ! $well ]] || break
done
all check
