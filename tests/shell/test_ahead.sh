#!/usr/bin/env bash
# The first gate of a long history, and a rebuild, judge before they lock the store: who writes meanwhile does not wait for them, and what is
# stored in the end is what it would be one after the other.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok ahead $name"
  else
    echo "not ok ahead $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

awk 'BEGIN { srand(7); print "run,started_at,plugin,calls,wall_ms,cpu_ms"
  for (n = 0; n < 800; n++) for (p = 0; p < 150; p++) {
    wall = (10000 + p * 100) * (1 + (rand() - 0.5) / 20) * (n > 300 + p && p % 9 == 0 ? 1.5 : 1)
    printf "r%d,%d,p%d,100,%.1f,%.1f\n", n, 1700000000 + n * 86400, p, wall, wall * 0.9
  } }' >history.csv
printf 'plugin,calls,wall_ms\np1,100,10000\n' >other.csv
printf 'plugin,calls,wall_ms,cpu_ms\np0,100,10000,9000\np1,100,10100,9090\n' >late.csv
"$TIDEMARK" --db history.db ingest history.csv --host h >/dev/null || echo 'not ok ahead: set-up'

now() { date +%s%3N; }
# beside STORE WORDS... -- WORDS...: the first command of the program runs beside the second one
beside() {
  local store=$1 words=() started ended last
  shift
  while [[ $1 != -- ]]; do words+=("$1") && shift; done
  "$TIDEMARK" --db "$store" "${words[@]}" >beside.out 2>&1 &
  sleep 0.1
  started=$(now)
  "$TIDEMARK" --db "$store" "${@:2}" >other.out 2>&1
  ended=$(now)
  wait $!
  last=$(now)
  cat beside.out other.out
  echo "waited $((ended - started)) ms, the other one took $((last - ended)) ms more"
  ((last - ended > ended - started))
}
# All that follows from the runs, and what the gate says.
verdicts() {
  "$TIDEMARK" --db "$1" gate --project default
  sqlite3 "$1" 'SELECT * FROM judgement ORDER BY 1; SELECT * FROM verdict ORDER BY 1, 2, 3; SELECT * FROM alarm_end ORDER BY 1, 2, 3; SELECT plugin_id, metric, hex(state) FROM series ORDER BY 1, 2; SELECT judged_run, hex(state), seal FROM lineage'
}
same() { verdicts "$1" >one && verdicts "$2" >two && [[ $(wc -l <one) -gt 5000 ]] && cmp one two && "$TIDEMARK" --db "$1" check; }

cp history.db gated.db
check 'an ingest beside the first gate does not wait for it' beside gated.db gate --project default -- ingest other.csv --host h --project other --run a --at 2026-11-01
cp history.db alone.db
"$TIDEMARK" --db alone.db ingest other.csv --host h --project other --run a --at 2026-11-01 >/dev/null && "$TIDEMARK" --db alone.db gate --project default >/dev/null
check 'says the same then' same gated.db alone.db
check 'an ingest beside a rebuild does not wait for it' beside gated.db rebuild --project default -- ingest other.csv --host h --project other --run b --at 2026-11-02
check 'says the same again' same gated.db alone.db

cp history.db gated.db
beside gated.db gate -- ingest late.csv --host h --run late --at 2023-12-01 >/dev/null
cp history.db alone.db
"$TIDEMARK" --db alone.db ingest late.csv --host h --run late --at 2023-12-01 >/dev/null && "$TIDEMARK" --db alone.db gate >/dev/null
check 'a night in the middle that comes meanwhile is judged' same gated.db alone.db

beside gated.db gate late.csv --host h --run last --at 2026-11-01 --budget 1 --strict -- accept p0 --metric wall_per_call_ms --reason why >beside.log
check 'a decision is made meanwhile' grep -q '^decision 1: accept p0' beside.log
"$TIDEMARK" --db alone.db accept p0 --metric wall_per_call_ms --reason why >/dev/null && "$TIDEMARK" --db alone.db gate late.csv --host h --run last --at 2026-11-01 --budget 1 --strict >/dev/null
check 'a decision that is made meanwhile counts, with other settings and a night' same gated.db alone.db
exit $((failures > 0))
