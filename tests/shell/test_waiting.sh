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

long=$(sed -n '2s/[^,]*,[^,]*,\([^,]*\),.*/\1/p' nights.csv) # a plugin

# stop WORDS...: a command whose reader does not read, and whose pipe is full before it begins; in $paused
n=0 paused=() pipe_holds=65536
stop() {
  n=$((n + 1))
  mkfifo "fifo.$n"
  exec 9<>"fifo.$n"
  head -c $pipe_holds /dev/zero >&9
  "$TIDEMARK" --db wait.db "$@" >"fifo.$n" 2>"err.$n" 9<&- &
  paused+=($!)
  eval "exec $((20 + n))<fifo.$n" # stays open, and is read later
}

# All of them are waiting to write: seconds in which none reads on.
beside_stopped_readers() {
  cp wait.db saved.db
  stop plugins --format json
  stop plugins --format table
  stop sql "SELECT * FROM profiles" --format csv
  stop sql "SELECT * FROM profiles" --format table
  stop replay --all
  stop gate night.csv --dry-run --explain --format json
  stop findings --format json
  stop show "$long" --format json
  stop export
  stop trend "$long"
  stop dump
  exec 9<&-
  sleep 3
  local from=$SECONDS code pid
  : >wrong
  timeout 60 "$TIDEMARK" --db wait.db gate night.csv --host h >gate.out 2>gate.err 9<&-
  code=$?
  for ((pid = 0; pid < n; pid++)); do
    kill -0 "${paused[pid]}" 2>/dev/null || echo "command $((pid + 1)) was not waiting: $(head -c 100 "err.$((pid + 1))")" >>wrong
    tail -c +$((pipe_holds + 1)) <&$((21 + pid)) >"out.$((pid + 1))"
    wait "${paused[pid]}" || [[ $? == 3 ]] || echo "command $((pid + 1)) failed: $(head -c 100 "err.$((pid + 1))")" >>wrong
  done
  [[ $code == 0 && ! -s wrong && $((SECONDS - from)) -lt 60 ]] || { echo "gate: exit $code after $((SECONDS - from)) s" && cat gate.err wrong && return 1; }
  # Nothing of what was held back is lost.
  "$TIDEMARK" --db saved.db plugins --format json >plugins.json && cmp plugins.json out.1
}

# A gnuplot that draws until it is told to stop, or fails: meanwhile another run is stored.
beside_drawing() {
  local pid code
  mkdir bin && printf '#!/bin/sh\n: >"%s/drawing"\nwhile ! [ -e "%s/stored" ]; do sleep 0.05; done\nexit 3\n' "$PWD" "$PWD" >bin/gnuplot && chmod +x bin/gnuplot || return
  PATH=$PWD/bin:$PATH "$TIDEMARK" --db wait.db report -o page >page.out 2>page.err &
  pid=$!
  while ! [[ -e drawing ]] && kill -0 $pid; do sleep 0.05; done
  sed 's/^n10,2026-11-10/n11,2026-11-11/' night.csv >next.csv && timeout 60 "$TIDEMARK" --db wait.db ingest next.csv --host h
  code=$?
  kill -0 $pid || { cat page.err && return 1; }
  : >stored
  wait $pid
  [[ $code == 0 && -e drawing ]]
}

# What a writer has not committed is in its memory, whatever its size: others read on. This one has stored 300,000 plugins, 40 MB, and waits for more.
beside_large_run() {
  local pid code=0 used before=-1 words
  mkfifo large
  "$TIDEMARK" --db wait.db ingest - --project large --host h <large >large.out 2>&1 &
  pid=$!
  exec 8>large
  awk 'BEGIN { print "run,started_at,plugin,calls,wall_ms"; for (i = 0; i < 600000; i++) printf "r%d,1790000000,plugin-%d,1,%d\n", i / 300000, i % 300000, i % 977 }' >&8
  while used=$(cut -d ' ' -f 14 /proc/$pid/stat) && ((used != before)); do before=$used && sleep 0.5; done # it has done what it can
  [[ -e wait.db-journal ]] || { echo 'nothing was written yet' && return 1; }
  for words in 'sql "SELECT count(*) FROM run"' 'findings --project default' 'report --project default -o page2' 'show "$long"' export plugins runs; do
    eval "timeout 20 \"\$TIDEMARK\" --db wait.db $words" >said 2>&1 || { code=$? && echo "$words: exit $code" && head -n 3 said; }
  done
  exec 8>&-
  wait $pid || cat large.out
  grep 'runs stored' large.out && return $code
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
check 'a run is stored while a page is drawn' beside_drawing
check 'others read beside a run that is not committed yet' beside_large_run
check 'what is more than memory holds is printed whole' large_output
if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init' || [[ $PWD == *[[:space:]]* ]]; then
  echo 'ok waiting: skipped, nothing can be preloaded here'
else
  check 'a lock is waited for by the clock' two_minutes
fi
