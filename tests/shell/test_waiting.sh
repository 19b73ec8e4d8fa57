#!/usr/bin/env bash
# Who waits for whom: a reader of a command's output that has stopped keeps nobody from the store, whatever the command; and waiting for a lock
# ends by the clock.
set -u
cd "$TMPDIR" || exit 1

# check NAME COMMAND...: ok if the command succeeds
check() {
  if ("${@:2}") >"$TMPDIR/log" 2>&1; then echo "ok waiting: $1"; else echo "not ok waiting: $1" && head -n 20 "$TMPDIR/log" | sed 's/^/  /'; fi
}

# 400 plugins with long names: every list has more than a pipe holds (64 KiB).
{
  echo run,started_at,plugin,calls,wall_ms
  for ((night = 1; night <= 9; night++)); do
    awk -v night=$night 'BEGIN { for (i = 0; i < 400; i++) printf "n%d,2026-11-0%dT02:00:00Z,plugin-%0200d,10,%d\n", night, night, i, 1000 + (i * 7919 + night * 104729) % 97 }'
  done
} >nights.csv
{ head -n 1 nights.csv && tail -n 400 nights.csv | sed 's/^n9,2026-11-09/n10,2026-11-10/'; } >night.csv
"$TIDEMARK" --db wait.db ingest nights.csv --host h >/dev/null || echo 'not ok waiting: set-up'

# stop WORDS...: a command whose reader does not read; in $paused
n=0 paused=()
stop() {
  n=$((n + 1))
  mkfifo "fifo.$n"
  "$TIDEMARK" --db wait.db "$@" >"fifo.$n" 2>"err.$n" 9<&- &
  paused+=($!)
  exec 9<"fifo.$n"
  eval "exec $((20 + n))<&9" # stays open, and is read later
}

# All of them have written what the pipe takes, or are waiting to: a second in which none reads on.
beside_stopped_readers() {
  cp wait.db saved.db
  stop plugins --format json
  stop plugins --format table
  stop sql "SELECT * FROM profiles" --format csv
  stop sql "SELECT * FROM profiles" --format table
  stop replay --all
  stop gate night.csv --dry-run --explain --format json
  sleep 3
  local from=$SECONDS code pid
  : >wrong
  timeout 60 "$TIDEMARK" --db wait.db gate night.csv --host h >gate.out 2>gate.err 9<&-
  code=$?
  for ((pid = 0; pid < n; pid++)); do
    kill -0 "${paused[pid]}" 2>/dev/null || echo "command $((pid + 1)) was not waiting: $(head -c 100 "err.$((pid + 1))")" >>wrong
    cat <&$((21 + pid)) >"out.$((pid + 1))"
    wait "${paused[pid]}" || [[ $? == 3 ]] || echo "command $((pid + 1)) failed: $(head -c 100 "err.$((pid + 1))")" >>wrong
  done
  [[ $code == 0 && ! -s wrong && $((SECONDS - from)) -lt 60 ]] || { echo "gate: exit $code after $((SECONDS - from)) s" && cat gate.err wrong && return 1; }
  # Nothing of what was held back is lost.
  "$TIDEMARK" --db saved.db plugins --format json >plugins.json && cmp plugins.json out.1
}

# More than is held in memory goes through a file: 20 MB.
large_output() {
  local sql x=x
  while ((${#x} < 200)); do x=$x$x; done
  sql="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, '$x' AS text FROM n"
  "$TIDEMARK" --db wait.db sql "$sql" --format csv >of_file && "$TIDEMARK" --db wait.db sql "$sql" --format csv | cat >of_pipe && cmp of_file of_pipe && [[ $(wc -c <of_pipe) -gt 20000000 ]] &&
    TMPDIR=/nowhere "$TIDEMARK" --db wait.db sql "$sql" --format csv | cmp - of_file
}

two_minutes() {
  ${CC:-cc} -O1 -shared -fPIC -o fast.so "$TM_SOURCE_DIR/tests/data/faults/fast_clock.c" || return
  coproc HOLDER { exec sqlite3 wait.db; }
  local to=${HOLDER[1]} from=${HOLDER[0]} code begun
  echo "BEGIN IMMEDIATE; SELECT 'locked';" >&"$to"
  read -r _ <&"$from" || return
  begun=$(date +%s%N)
  LD_PRELOAD="${preload:+$preload:}$PWD/fast.so" timeout 30 "$TIDEMARK" --db wait.db rm n1 2>err
  code=$?
  echo "after $((($(date +%s%N) - begun) / 1000000)) ms: exit $code, $(cat err)"
  echo '.quit' >&"$to"
  [[ $code == 2 && $((($(date +%s%N) - begun) / 1000000)) -ge 1000 ]] && grep -q 'locked' err
}

check 'a gate beside readers that have stopped' beside_stopped_readers
check 'what is more than memory holds is printed whole' large_output
if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init' || [[ $PWD == *[[:space:]]* ]]; then
  echo 'ok waiting: skipped, nothing can be preloaded here'
else
  check 'a lock is waited for by the clock' two_minutes
fi
