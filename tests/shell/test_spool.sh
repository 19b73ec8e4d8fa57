#!/usr/bin/env bash
# A night whose store is out of reach goes to the spool, and from there to the store the next time. Nobody listens on port 1; a machine without
# PostgreSQL's library, and a program that was built without it, cannot reach a server either.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB
away=postgresql://anna:secret@127.0.0.1:1/tidemark

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok spool $name"
  else
    echo "not ok spool $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# gives CODE LINE WORDS...: that exit code, that line among what is said, and no password
gives() {
  local code
  "$TIDEMARK" "${@:3}" >said 2>&1
  code=$?
  cat said
  echo "exit code $code"
  [[ $code == "$1" ]] && grep -qxF -- "$2" said && ! grep -q secret said
}
runs() { [[ $("$TIDEMARK" --db "$1" sql 'SELECT count(*) FROM run' --format csv | tail -n 1) == "$2" ]]; }
gone() { [[ ! -e $1 ]]; }

night() { awk -v n="$1" 'BEGIN { print "plugin,calls,wall_ms"; for (i = 1; i <= 3; i++) printf "p%d,100,%d\n", i, (1000 + n * 7919 % 23) * (i == 2 && n > 13 ? 2 : 1) }' >"$1.csv"; }
for n in {1..15}; do night "$n"; done
words() { printf '%s\n' "$1.csv" --host ci --run "n$1" --at "2026-11-$(printf %02d "$1")T02:00:00Z"; }
mapfile -t first < <(words 1)
for n in {1..12}; do
  mapfile -t next < <(words "$n")
  "$TIDEMARK" --db here.db ingest "${next[@]}" >/dev/null || echo 'not ok spool: set-up'
done
"$TIDEMARK" --db here.db gate >/dev/null

check 'takes no night without --spool' gives 2 "tidemark: $("$TIDEMARK" --db "$away" runs 2>&1 | sed 's/^tidemark: //')" ingest "${first[@]}" --db "$away"
mapfile -t thirteen < <(words 13)
check 'takes the night of an ingest' gives 0 "run 'n13' stored: 3 plugins" ingest "${thirteen[@]}" --db "$away" --spool s.db
check 'has it' runs s.db 1
check 'is made by no dry run' gives 2 "tidemark: the spool 'dry.db' has no past to judge by: the gate has judged nothing" gate "${thirteen[@]}" --db "$away" --spool dry.db --dry-run
check 'is not there after a dry run' gone dry.db
mapfile -t fourteen < <(words 14)
check 'without a past judges nothing' gives 2 "tidemark: the spool 's.db' has no past to judge by: the gate has judged nothing" gate "${fourteen[@]}" --db "$away" --spool s.db
check 'has the night all the same' runs s.db 2
check 'takes the night of a gate that ends in trouble' gives 2 "notice: what was given is in the spool 'old.db', to be sent from there" gate "${first[@]}" --db "$away" --spool old.db --max-age 1
check 'has that one' runs old.db 1
check 'with a past judges' gives 0 'PASS  run n12 on main' gate --db "$away" --spool here.db
check 'that is not there has nothing to judge' gives 2 "tidemark: no store at 'none.db': 'tidemark ingest' makes one, --db FILE or TIDEMARK_DB names another" gate --db "$away" --spool none.db
printf 'plugin,calls\nx' >bad.csv
"$TIDEMARK" --db "$away" --spool bad.db ingest bad.csv >/dev/null 2>&1
check 'takes no input that is refused' gone bad.db

mapfile -t fifteen < <(words 15)
cp here.db dry.db
check 'is not sent by a dry run' gives 0 "judged 3 of 3 plugins: 3 pass" gate --db dry.db --spool s.db --dry-run
check 'stays where it is then' runs dry.db 12
check 'is sent first when the store is there' gives 1 "notice: 2 runs sent from the spool 's.db'" gate "${fifteen[@]}" --db here.db --spool s.db
check 'is judged with what was there' grep -q '^regressed  p2 .* since [0-9-]* (n14)' said
check 'leaves nothing out' runs here.db 15
"$TIDEMARK" --db here.db gate --spool s.db >said 2>&1
check 'is not told of again' bash -c '! grep -q notice said'
printf 'plugin,calls,wall_ms\np1,100,7\n' | "$TIDEMARK" --db s.db ingest - --run n14 --replace >/dev/null 2>&1
other="run 'n14' is stored already with other rows: plugin 'p1' has wall_ms 7, stored is 1006"
check 'with another run of that name is told, and no hindrance' gives 1 "tidemark: run 'n14' of project 'default' was not sent from the spool: $other" gate --db here.db --spool s.db
check 'that is the store is refused' gives 2 'tidemark: --spool names the store itself' ingest "${first[@]}" --db here.db --spool here.db
check 'that is no file is refused' gives 2 "tidemark: --spool names no file: nothing would be kept" ingest "${first[@]}" --db here.db --spool :memory:
exit $((failures > 0))
