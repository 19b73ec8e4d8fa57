#!/usr/bin/env bash
# Every single allocation of a command fails once. The command then says so and exits with 2, or it has done its work without; what it may not
# do is pass for another one: an 'accept' of one metric is no 'accept' of all, a metric that could not be copied is not left unjudged, a
# report does not lack what could not be allocated, and nothing crashes.
set -u
cd "$TMPDIR" || exit 1
cc=${CC:-cc}
if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
  echo 'ok short of memory: skipped, the sanitizer brings its own allocator'
  exit 0
fi
$cc -O1 -fno-builtin -shared -fPIC -o short.so "$TM_SOURCE_DIR/tests/data/faults/short_of_memory.c" -ldl || {
  echo 'not ok short of memory: no allocator'
  exit 1
}
# The loader splits LD_PRELOAD at blanks: a path without any.
short=$TMPDIR/short.so
if [[ $short == *[[:space:]]* ]]; then
  dir=$(mktemp -d /tmp/tidemark-short.XXXXXX) && cp short.so "$dir/" && short=$dir/short.so
  trap 'rm -rf "$dir"' EXIT
fi

# A store in which one metric of a plugin is accepted and another one, of another plugin, is open.
{
  echo run,started_at,plugin,calls,wall_ms,cpu_ms,peak_mem_kb,hits
  for ((night = 1; night <= 24; night++)); do
    for plugin in alpha beta gamma delta; do
      wall=$((1000 + (night * 7919 + ${#plugin} * 31) % 17)) memory=$((40000 + (night * 104729 + ${#plugin}) % 397))
      [[ $plugin == alpha && $night -gt 15 ]] && wall=$((wall * 2))
      [[ $plugin == beta && $night -gt 18 ]] && memory=$((memory * 2))
      printf 'n%02d,2026-11-%02dT02:00:00Z,%s,10,%d,%d,%d,%d\n' "$night" "$night" "$plugin" "$wall" $((wall / 2)) "$memory" $((night % 3 + 5))
    done
  done
} >nights.csv
head -n 93 nights.csv >before.csv
{ head -n 1 nights.csv && tail -n 4 nights.csv; } >night.csv
printf 'plugin,run,kind,end,metric\nalpha,n16,,,\n*,n15,gray,n15,\nbeta,n18,drift,n19,peak_mem_kb\n' >truth.csv
"$TIDEMARK" --db base.db ingest before.csv --host h >/dev/null 2>&1 && "$TIDEMARK" --db base.db gate >/dev/null 2>&1
"$TIDEMARK" --db base.db accept alpha --metric wall_per_call_ms --reason 'on purpose' >/dev/null || echo 'not ok short of memory: set-up'
"$TIDEMARK" --db base.db gate >/dev/null 2>&1

# try NAME STRIDE FINE WORDS...: fails the first FINE allocations one by one, of the rest every STRIDE-th. Without a failure the command's
# output and code are what they must be; with one they are the same, or the code is 2 with a message.
try() {
  local name=$1 stride=$2 fine=$3 total wanted code bad=0 at
  shift 3
  cp base.db try.db
  FAIL_COUNT=$PWD/count LD_PRELOAD=$short "$TIDEMARK" --db try.db "$@" >wanted.out 2>wanted.err </dev/null
  wanted=$?
  total=$(cat count)
  [[ $total -gt 5 && $wanted != 2 ]] || { echo "not ok short of memory: $name ($total allocations, exit $wanted)"; return; }
  for ((at = 1; at <= total; at += at < fine ? 1 : stride)); do
    cp base.db try.db
    FAIL_AT=$at LD_PRELOAD=$short "$TIDEMARK" --db try.db "$@" >found.out 2>found.err </dev/null
    code=$?
    if [[ $code == 2 && -s found.err ]] && ! grep -qE '^tidemark: *$' found.err; then continue; fi
    if [[ $code == "$wanted" ]] && cmp -s wanted.out found.out; then continue; fi
    [[ $bad == 0 ]] && { echo "  allocation $at of $total: exit $code, not $wanted or 2"; diff wanted.out found.out | head -n 5; head -n 3 found.err; } >>said
    bad=$((bad + 1))
  done
  if [[ $bad == 0 ]]; then echo "ok short of memory: $name ($total allocations)"; else
    echo "not ok short of memory: $name ($bad failures passed for something else)"
    cat said
  fi
  rm -f said
}

try 'the gate with an accepted metric' 5 120 gate night.csv --host h
try 'the gate judges all anew' 9 80 gate night.csv --host h --budget 0.4
{ head -n 1 nights.csv && tail -n 4 nights.csv | sed 's/^\(.*\),gamma,10,[0-9]*,/\1,gamma,10,1800,/'; } >suspect.csv
try 'the gate that measures again' 9 80 gate suspect.csv --host h --times 2 --confirm "LD_PRELOAD= sed -n '1p;/,gamma,/p' suspect.csv >{file}"
[[ ! $(find . -name 'tidemark-confirm.*') ]] || echo 'not ok short of memory: files of --confirm stay'
try 'the gate as JSON' 5 60 gate --format json
try 'findings' 9 60 findings
try 'show' 5 60 show beta --format table
try 'accept' 3 60 accept beta --reason why
try 'bottlenecks' 3 60 bottlenecks --all
try 'replay' 9 40 replay
try 'audit' 9 40 audit
try 'audit as text' 9 40 audit --format text
try 'audit as JSON' 9 40 audit --format json
try 'evaluate' 9 60 evaluate truth.csv
try 'evaluate as CSV' 9 60 evaluate truth.csv --format csv
try 'evaluate as JSON' 9 60 evaluate truth.csv --format json
try 'ingest' 5 60 ingest night.csv --host h
