#!/usr/bin/env bash
# The demonstration of the recorder ends with the verdicts that its plugins deserve, whatever else the machine does.
set -u
host=$TM_BUILD/scripts/demo_host hooks=$TM_BUILD/libtidemark_malloc.so
bad='mail-fetcher pdf-parser weather-feed web-search'
# Sanitizers have an allocator of their own.
if [[ -e $hooks ]] && ! grep -q __asan_init "$host"; then bad+=' page-cache'; else hooks=/nonexistent; fi

HOST=$host HOOKS=$hooks DEMO_DIR=$TMPDIR/demo "$TM_SOURCE_DIR/scripts/demo_recorder.sh" >"$TMPDIR/shown" 2>&1
code=$?
verdict=$TMPDIR/demo/verdict-14.txt

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if "$@" >"$TMPDIR/log" 2>&1; then
    echo "ok demo recorder $name"
  else
    echo "not ok demo recorder $name"
    cat "$TMPDIR/log" "$TMPDIR/shown" | sed 's/^/  /'
  fi
}

failing() { grep -E '^(regressed|open|missing) ' "$1" | awk '{ print $2 }' | sort; }

check "ends well" test $code = 0
check "passes while all is well" grep -q '^2026-11-09  exit 0 ' "$TMPDIR/shown"
check "fails in the end" grep -q '^2026-11-14  exit 1 ' "$TMPDIR/shown"
check "names those that got worse, and nobody else" diff <(printf '%s\n' $bad | sort) <(failing "$verdict")
check "says that errors are errors" grep -qE '^(regressed|open) +weather-feed  error_rate 50\.00 % .*failing fast$' "$verdict"
check "says that waiting is waiting" grep -qE '^(regressed|open) +web-search  wall_per_call_ms .*since 2026-11-1[01].* waiting$' "$verdict"
check "says that blocking is blocking" grep -qE '^(regressed|open) +mail-fetcher  blocked_per_call_ms .* blocking$' "$verdict"
# Where others take the processor, it may be too little for a spike.
check "says when the CPU was busy" grep -qE '^at [0-9]+ ms the CPU was busy \([0-9]+ %\) for [0-9]+ ms: |^the CPU was never busy for long$' "$TMPDIR/shown"
[[ $bad != *page-cache* ]] ||
  check "says that a leak is a leak" grep -qE '^(regressed|open) +page-cache  mem_delta_per_call_kb ' "$verdict"
check "reports the host's own view" test "$(grep -cE '^\[(BOTTLENECK|PLUGIN)\] ' "$TMPDIR/shown")" = 10
