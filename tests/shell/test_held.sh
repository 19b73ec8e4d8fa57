#!/usr/bin/env bash
# One plugin that blocks the event loop is one event: the others' wall time is judged without what it held them.
set -u
cd "$TMPDIR" || exit 1

# nights TO [held]: seven plugins; from night 31 on `blocker` keeps the loop for 14 ms a call, and six others wait for it
nights() {
  awk -v to="$1" -v with="${2:-}" 'BEGIN {
    print "run,started_at,plugin,calls,errors,wall_ms,cpu_ms,p95_ms,occupied_ms,longest_step_ms" (with != "" ? ",held_ms,held_others_ms" : "")
    for (n = 1; n <= to; n++)
      for (i = 0; i < 7; i++) {
      srand(97 * n + i); noise = 1 + (rand() + rand() + rand() - 1.5) * 0.04
      block = n > 30 ? 14 : 0; wall = 16 * noise; blocked = 0.1
      if (i == 0) { wall += block; blocked += block } else wall += block * (0.9 + 0.2 * rand())
      held = i ? wall - 16 * noise : 0
      printf "n%d,%d,%s,200,0,%.6f,%.6f,%.6f,%.6f,%.6f", n, 1790000000 + 86400 * n, (i ? "healthy" i : "blocker"), 200 * wall, 200 * 2 * noise, 1.2 * wall, \
        200 * (2 * noise + blocked), blocked + 2
      if (with) printf ",%s,%s", (held > 0.2 ? 200 * held : ""), (!i && block ? 6 * 200 * 13.5 : "")
      print "" } }'
}

# gates NAME [held]: the gate's text of night 33
gates() {
  nights 32 "${2:-}" >"$1.csv"
  "$TIDEMARK" --db "$1.db" ingest "$1.csv" --host h >/dev/null 2>&1 && nights 33 "${2:-}" | awk -F, 'NR == 1 || $1 == "n33"' >"$1.night" &&
    "$TIDEMARK" --db "$1.db" gate "$1.night" --host h >"$1.out" 2>"$1.err"
  echo "exit $?" >>"$1.out"
}

gates raw
if [[ $(grep -c '^ *[a-z ]* *healthy' raw.out) -gt 0 || $(grep -c 'slower\|the host' raw.out) -gt 0 ]]; then
  echo 'ok held: without it everybody is slow'
else
  echo 'not ok held: without it everybody is slow' && sed 's/^/  /' raw.out
fi
gates net held
if ! grep -q healthy net.out && grep -q blocker net.out && grep -q 'exit 1' net.out; then
  echo 'ok held: the blocker alone is told'
else
  echo 'not ok held: the blocker alone is told' && sed 's/^/  /' net.out
fi
printf '[gate]\nmetrics = wall_p95_ms\n' >listed.ini && TIDEMARK_CONFIG=listed.ini gates listed held
if ! grep -q healthy listed.out && grep -q 'exit [01]' listed.out; then
  echo 'ok held: whichever metrics are judged'
else
  echo 'not ok held: whichever metrics are judged' && sed 's/^/  /' listed.out
fi
if [[ -s net.err ]]; then echo 'not ok held: the recorder'"'"'s columns are known' && cat net.err; else echo 'ok held: the recorder'"'"'s columns are known'; fi
"$TIDEMARK" --db net.db findings >findings.out
if tr -s ' \n' '  ' <findings.out | grep -q 'kept others from the event loop for 81 ms a call'; then
  echo 'ok held: its finding says what others waited'
else
  echo 'not ok held: its finding says what others waited' && sed 's/^/  /' findings.out
fi

# A night that was measured three times, in one of them with a blocker: healthy1 is slower by half in each, the others in none.
for i in 1 2 3; do
  nights 30 held | awk -F, -v OFS=, -v i="$i" '$1 == "n30" {
    own = $6 * ($3 == "healthy1" ? 1.5 : 1); held = i == 3 && $3 != "blocker" ? 200 * 14 : 0
    print "n31" (i > 1 ? "-" i : ""), $2 + 86400 + 60 * i, $3, $4, $5, own + held, $7, 1.2 * (own + held) / 200, $9, $10, (held ? held : ""), "", (i > 1 ? "n31" : "") }'
done >repeats.rows
nights 30 held | awk -F, -v OFS=, '{ print $0, (NR == 1 ? "repeat_of" : "") }' | cat - repeats.rows >repeats.csv
"$TIDEMARK" --db repeats.db ingest repeats.csv --host h >repeats.err 2>&1 && "$TIDEMARK" --db repeats.db gate >repeats.out
if grep -q '^regressed *healthy1' repeats.out && [[ $(grep -c healthy repeats.out) == 1 ]]; then
  echo 'ok held: each of the measurements is judged without what it was held'
else
  echo 'not ok held: each of the measurements is judged without what it was held' && sed 's/^/  /' repeats.err repeats.out
fi
