#!/usr/bin/env bash
# Stores that somebody else wrote to. Whatever stands in them, a command refuses them with a message, or says what is right; it never
# says that rows were stored which are not there, nor that a night passes which does not, and it takes neither long nor much memory.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB
tm() { timeout 60 "$TIDEMARK" --db t.db "$@"; }

# check NAME COMMAND...: ok if the command succeeds; each begins with a copy of the store as t.db. TM_CASES picks them by name.
check() {
  local name=$1
  shift
  [[ $name =~ ${TM_CASES:-.} ]] || return 0
  asked=$((asked + 1))
  rm -f t.db* && cp bad.db t.db
  if ("$@") >log 2>&1; then
    echo "ok doctored $name"
  else
    echo "not ok doctored $name"
    head -n 20 log | cut -c -300 | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# A newer shell protects the schema by itself.
doctor() { sqlite3 -bail -cmd '.dbconfig defensive off' t.db "PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; PRAGMA writable_schema = ${writable:-0}; $1"; }

# refused TEXT COMMAND...: exit code 2, with TEXT in the message
refused() {
  local text=$1 code
  shift
  tm "$@" >out 2>err
  code=$?
  [[ $code == 2 && $(<err) == *"$text"* ]] || { echo "$* gives $code" && head -n 5 out err && return 1; }
}

# all_refuse TEXT: every command that opens the store; in the slice every seventh, in the next case each time the one behind
asked=0 stride=$([[ ${TM_WHOLE-} ]] && echo 1 || echo 7)
commands=(gate 'gate night.csv --host ci --commit c' 'ingest night.csv --host ci' findings 'report -o page' 'trend p3' runs plugins 'show p3' bottlenecks replay audit decisions rebuild
  'prune --keep-days 9' dump 'restore all.jsonl' 'rm n001' 'accept p3 --reason r' 'rename p3 p9' 'metric x --unit u')
all_refuse() {
  local command words
  for command in "${commands[@]}" 'sql SELECT(1)'; do
    asked=$((asked + 1))
    [[ $((asked % stride)) == 0 ]] || continue
    read -ra words <<<"$command"
    refused "$1" "${words[@]}" || return
  done
}

# fails: the gate does not pass
gate_fails() {
  local code
  tm gate >out 2>err
  code=$?
  [[ $code == 1 ]] && grep -q '^FAIL' out && grep -q '^regressed  p3' out || { echo "gate gives $code" && cat out err && return 1; }
}

nights() {
  awk -v first="$1" -v last="$2" 'BEGIN { print "run,started_at,host,commit,plugin,calls,wall_ms"
    for (n = first; n <= last; n++)
      for (i = 1; i <= 6; i++) printf "n%03d,%d,ci,c%d,p%d,100,%d\n", n, 1760000000 + 86400 * n, n, i, (1000 + n * 7919 % 23) * (i == 3 && n >= 29 ? 2 : 1)
  }'
}
nights 1 30 >history.csv && "$TIDEMARK" --db bad.db ingest history.csv >/dev/null && "$TIDEMARK" --db bad.db gate >/dev/null
nights 31 31 | cut -d, -f5- >night.csv

# ---- another schema ----

trigger() {
  doctor "CREATE TRIGGER t $1"
  all_refuse "trigger 't' is on a table of Tidemark's" && refused '1 finding' check && grep -q "trigger 't'" out
}
view_for_table() {
  doctor 'ALTER TABLE verdict RENAME TO v; CREATE VIEW verdict AS SELECT * FROM v; CREATE TRIGGER t INSTEAD OF INSERT ON verdict BEGIN SELECT 1; END;'
  all_refuse "table 'verdict' is missing" && refused 'finding' check && grep -q "table 'verdict' is missing" out
}
dropped() {
  doctor "DROP $1 $2"
  all_refuse "$1 '$2' is missing" && refused 'finding' check && grep -q "$1 '$2' is missing" out
}
other_view() {
  doctor 'DROP VIEW latest; CREATE VIEW latest AS SELECT * FROM profiles WHERE 0'
  all_refuse "view 'latest' is another" && refused '1 finding' check
}
weaker_table() {
  writable=1 doctor "UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (calls >= 0)', '') WHERE name = 'profile'"
  all_refuse "table 'profile' is another" && refused '1 finding' check
}
# Of the user's own: kept, and usable
own_views() {
  doctor 'CREATE VIEW mine AS SELECT plugin, count(*) AS nights FROM profiles GROUP BY plugin; CREATE TABLE notes (night, note); CREATE INDEX by_calls ON profile (calls)
    ; CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END'
  tm check && gate_fails && [[ $(tm sql 'SELECT nights FROM mine LIMIT 1' | tail -n 1) == 30 ]]
}
# What happens between the look at the schema and the transaction
while_open() {
  local before
  mkfifo night.pipe
  tm ingest night.pipe --host ci >out 2>err &
  exec 9>night.pipe
  head -n 2 night.csv >&9
  before=$(date +%s)
  # The writer has its lock as soon as it began: nobody changes the schema then
  sleep 0.3
  sqlite3 -cmd '.timeout 100' t.db 'CREATE TRIGGER t AFTER INSERT ON profile BEGIN DELETE FROM profile; END' 2>/dev/null && echo 'made a trigger under the lock' && return 1
  exec 9>&-
  wait $! && rm night.pipe && [[ $(sqlite3 t.db 'SELECT count(*) FROM profile') == 181 && $(($(date +%s) - before)) -lt 10 ]]
}

check 'a trigger on verdicts' trigger 'AFTER INSERT ON verdict BEGIN DELETE FROM verdict; END'
check 'a trigger on profiles' trigger 'BEFORE INSERT ON profile BEGIN SELECT RAISE(IGNORE); END'
check 'a trigger on runs' trigger 'AFTER UPDATE ON run BEGIN SELECT 1; END'
check 'a view in the place of a table' view_for_table
check 'a dropped view' dropped view latest
check 'a dropped index' dropped index run_series
check 'a dropped table' dropped table lineage_settings
check 'another view' other_view
check 'a table without its check' weaker_table
check 'views, tables and indexes of somebody else stay' own_views
check 'nobody changes the schema under a writer' while_open

# ---- hostile values ----

# A value that is refused by everything that reads it, at once
waive_all() {
  doctor "INSERT INTO decision SELECT 1, 1, plugin_id, 'waive', $1, NULL, NULL, NULL, NULL, run_id, started_at, $2, 4e9, 'r', NULL, NULL, 1, NULL, NULL
    FROM plugin, run WHERE name = 'p3' AND key = 'n030'; UPDATE lineage SET stale = 2"
  refused 'decision 1 waives without' gate && refused 'decision 1 waives without' findings && refused 'decision 1 waives without' rebuild
}
large_ids() {
  local id
  for id in 67108864 9007199254740993 4611686018427387904 9223372036854775807 -5; do
    cp bad.db t.db && doctor "UPDATE plugin SET plugin_id = $id WHERE name = 'p3'; UPDATE profile SET plugin_id = $id WHERE plugin_id = 3;
      UPDATE verdict SET plugin_id = $id WHERE plugin_id = 3; UPDATE series SET plugin_id = $id WHERE plugin_id = 3; UPDATE lineage SET stale = 2" || return
    gate_fails && tm replay >/dev/null && tm audit >/dev/null && tm report -o page >/dev/null && tm findings >/dev/null
    [[ $? -le 1 ]] || return
  done
}
long_name() {
  doctor "UPDATE $1 SET $2 = CAST(zeroblob(60000000) AS TEXT) || replace(hex(zeroblob(30000000)), '0', 'x') WHERE rowid = 1" 2>/dev/null ||
    doctor "UPDATE $1 SET $2 = replace(hex(zeroblob(30000000)), '0', 'x') WHERE plugin_id = 3"
  doctor 'UPDATE lineage SET stale = 2'
  refused 'name or text of more than a MiB' "${@:3}"
}
odd_time() {
  doctor "UPDATE run SET started_at = $1 WHERE key = 'n030'; UPDATE lineage SET stale = 2"
  refused 'a time that is not between' gate --run n030 && refused 'a time that is not between' report --run n030 -o page && refused 'a time that is not between' rebuild &&
    refused '1 finding' check
}
# Safe from SQLite 3.51.3 on
wal() {
  sqlite3 t.db 'PRAGMA journal_mode = WAL' >/dev/null
  if printf '3.51.3\n%s\n' "$(sqlite3 --version | cut -d' ' -f1)" | sort -VC; then gate_fails; else all_refuse 'it is in WAL mode'; fi
}

check 'a waiver without a metric' waive_all NULL 0.5
check 'a waiver without a ceiling' waive_all "'wall_per_call_ms'" NULL
check 'ids of any size' large_ids
check 'a name of 60 MB: a plugin' long_name plugin name gate
check 'a name of 60 MB: a run' long_name run key runs
check 'a name of 60 MB: a branch' long_name run branch rebuild
check 'a time at the beginning of integers' odd_time -9223372036854775808
check 'a time at the end of integers' odd_time 9223372036854775807
check 'a store in WAL mode' wal

# ---- doctored verdicts ----

verdicts() {
  doctor "$1"
  refused "the stored verdicts of run 'n030' are not what its rows say" gate && tm rebuild && gate_fails
}
# A new night judges what stands before it as well
nothing_doctored() { gate_fails && sqlite3 t.db .dump >before && gate_fails && cmp <(sqlite3 t.db .dump) before; }

check 'what nobody changed is judged as before, and every row stays' nothing_doctored
check 'verdicts that are gone' verdicts 'DELETE FROM verdict'
check 'a verdict that is gone' verdicts "DELETE FROM verdict WHERE plugin_id = 3"
check 'a verdict of another class' verdicts "UPDATE verdict SET class = 'improved' WHERE class = 'regressed'"
check 'one bit of a number' verdicts "UPDATE verdict SET value = value * (1 + 2e-16) WHERE plugin_id = 3"
check 'a judgement with more passes' verdicts 'UPDATE judgement SET passed = 6'
check 'a judgement that is gone' verdicts 'DELETE FROM judgement'

# ---- of an older run, which no gate judges again ----

# By every command that tells of it, and by check; a new judgement makes it right.
older() {
  rm -rf page && doctor "$1" || return
  for command in 'gate --run n029' 'findings --run n029' 'report --run n029 -o page' 'trend p3' 'report -o page'; do
    read -ra words <<<"$command"
    [[ $1 == *'FROM judgement'* && $command != *n029* ]] && continue # what it told is gone; others tell of the run by its verdicts
    refused "the stored verdicts of run 'n029' are not what the gate stored" "${words[@]}" || return
  done
  refused 'finding' check && [[ ! -e page ]] && tm rebuild && tm check && tm findings --run n029 >/dev/null
}
# The sum of the classes, by somebody who has made the check value anew
sum_of_classes() {
  doctor "UPDATE judgement SET seal = NULL; $1"
  refused 'are not what the gate stored' gate --run n029 && refused '1 finding' check && grep -q 'are all that were judged' out
}
# Whatever the memory says, the rows decide
memory() {
  local code
  doctor "$1"
  refused 'finding' check && grep -q "the judge's memory is what the gate stored" out && cp t.db copy.db && gate_fails && tm check && cp copy.db t.db || return
  tm gate night.csv --host ci >out
  code=$?
  [[ $code == 1 ]] || { echo "gate gives $code" && return 1; }
  cmp out of_sound && tm check
}
"$TIDEMARK" --db sound.db ingest history.csv >/dev/null && "$TIDEMARK" --db sound.db gate >/dev/null
"$TIDEMARK" --db sound.db gate night.csv --host ci >of_sound
bit_of="CAST(substr(state, 1, 40) || x'5a' || substr(state, 42) AS BLOB)"

# A run whose plugins had too few runs before them
young() {
  doctor "$1" && refused "the stored verdicts of run 'n003' are not what the gate stored" gate --run n003 && refused 'finding' check && tm rebuild && tm check
}
young_run="run_id = (SELECT run_id FROM run WHERE key = 'n003')"
check 'young: the list is gone' young "DELETE FROM unjudged WHERE $young_run"
check 'young: one less is listed' young "UPDATE unjudged SET plugin_ids = replace(plugin_ids, ',2', '') WHERE $young_run"
check 'older verdicts that are gone' older "DELETE FROM verdict WHERE run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'older: one bit of a number' older "UPDATE verdict SET effect = effect * (1 + 3e-16) WHERE plugin_id = 3 AND run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'older: another baseline' older "UPDATE verdict SET baseline_runs = baseline_runs + 1 WHERE plugin_id = 3 AND run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'older: one pass more' older "UPDATE judgement SET passed = passed + 1 WHERE run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'older: a judgement that is gone' older "DELETE FROM judgement WHERE run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'older: the check value itself' older "UPDATE judgement SET seal = seal + 1 WHERE run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'classes that do not add up: a pass more' sum_of_classes "UPDATE judgement SET passed = passed + 1 WHERE run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'classes that do not add up: a verdict less' sum_of_classes "DELETE FROM verdict WHERE plugin_id = 3 AND leads AND run_id = (SELECT run_id FROM run WHERE key = 'n029')"
check 'memory: one bit of a series' memory "UPDATE series SET state = $bit_of WHERE plugin_id = 3 AND metric = 'wall_per_call_ms'"
check 'memory: a series that is gone' memory "DELETE FROM series WHERE plugin_id = 3 AND metric = 'wall_per_call_ms'"
check 'memory: one of another plugin' memory "UPDATE series SET state = (SELECT state FROM series WHERE plugin_id = 2 AND metric = 'wall_per_call_ms') WHERE plugin_id = 3 AND metric = 'wall_per_call_ms'"
check "memory: the lineage's own" memory "UPDATE lineage SET state = CAST(substr(state, 1, length(state) - 1) || x'07' AS BLOB)"
[[ $failures == 0 ]]
