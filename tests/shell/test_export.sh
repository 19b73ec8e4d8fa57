#!/usr/bin/env bash
# What the export writes. A store that is made from its CSV, or from its JSON lines, is the store that was exported: in all views and
# tables of what is measured, byte by byte, but for the numbers that rows have. The stores are random ones and the files of every format that
# ingest reads.
set -u
failures=0
cd "$TMPDIR" || exit 1
data=$TM_SOURCE_DIR/tests/data
unset TIDEMARK_CONFIG TIDEMARK_DB
tm() { "$TIDEMARK" --db "$1.db" "${@:2}"; }

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok export $name"
  else
    echo "not ok export $name"
    head -n 40 "$TMPDIR/log" | cat -v | cut -c 1-400 | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# Random runs in two projects, as profiles and as calls, with repeats, and with metrics that are described in several ways.
random_store() {
  local seed=$1 kind
  for kind in profile call; do
    awk -v seed="$seed" -v kind=$kind -f "$data/random_runs.awk" >$kind.csv
    tm in ingest $kind.csv || return
    [[ $((seed % 2)) == 0 ]] || tm in ingest $kind.csv --project "other, \"$kind\"" --better hits=higher || return
  done
  printf 'plugin,calls,wall_ms\na,1,%d\nb,2,%d\n' "$seed" 7 >night.csv
  tm in ingest night.csv --run first --at 2026-11-20 --host h && tm in ingest night.csv --run again --at 2026-11-20T01:00:00Z --host h --repeat-of first || return
  # A unit without the direction that it would say, and a metric of which nothing is known
  printf '{"plugin": "a", "wall_ms": 1, "metric[better=both unit=a\\\\]b] m, \\"x\\"": 5, "metric[] plain": 0.1, "metric[better=higher unit=ms] wall_ms": 3}\n' >described.ndjson
  tm in ingest described.ndjson --run described --at 2026-11-21 --host h
}

# Every format that ingest reads, but for the files that it refuses
format_store() {
  local file n=0 label
  for file in "$data"/formats/*/*; do
    n=$((n + 1)) label=()
    [[ $file != */openmetrics/* ]] || label=(--label plugin)
    [[ $file == *.expect ]] || grep -qs '^exit: 2' "$file.expect" || tm in ingest "$file" "${label[@]}" --host "h$n" --project "p$n" || return
  done
}

# dump STORE: all that is measured, without the numbers of rows
dump() {
  local view columns
  for view in profiles latest history spikes; do
    columns=$(sqlite3 "$1.db" "SELECT group_concat(name, ', ') FROM pragma_table_info('$view') WHERE name NOT IN ('run_id', 'plugin_id')")
    tm "$1" sql "SELECT $columns FROM $view ORDER BY $columns" --format csv
  done
  tm "$1" sql "SELECT p.name, m.name, m.unit, m.better FROM metric AS m JOIN project AS p USING (project_id) ORDER BY 1, 2" --format csv
  tm "$1" sql "SELECT p.name, run.key, run.tool, f.key AS first, run.started_at, h.key AS host FROM run JOIN project AS p USING (project_id) JOIN host AS h USING (host_id)
    LEFT JOIN run AS f ON f.run_id = run.repeat_of ORDER BY 1, 2" --format csv
}

# goes_round FORM MAKER...: exported, ingested into an empty store, and exported again
goes_round() {
  local form=$1
  shift
  rm -f in.db out.db && "$@" >/dev/null 2>made || { cat made && return 1; }
  tm in export --format "$form" -o first."$form" && tm out ingest first."$form" >said || return
  dump in >in.dump && dump out >out.dump && [[ $(wc -l <in.dump) -gt 100 ]] && cmp in.dump out.dump || { diff in.dump out.dump | head && return 1; }
  tm out export --format "$form" >second && cmp <(sort first."$form") <(sort second) && tm in ingest first."$form" | grep '^0 runs stored'
}

for seed in 1 2 3 4 5 6 7 8; do check "as csv and back, random store $seed" goes_round csv random_store $seed; done
check 'as csv and back, all formats' goes_round csv format_store
for seed in 11 12 13 14; do check "as JSON lines and back, random store $seed" goes_round ndjson random_store $seed; done
check "as JSON lines and back, all formats" goes_round ndjson format_store

# So many rows that the reader hands on what it has several times, each with texts of its own.
long_store() {
  awk 'BEGIN { print "run,started_at,host,plugin,calls,wall_ms,clock,plugin_version"
    for (run = 0; run < 40; run++) for (p = 0; p < 300; p++) printf "r%d,%d,h,p%d,1,%d,clock %d,v%d.%d\n", run, 1700000000 + 86400 * run, p, p, run, run, p }' >long.csv
  tm in ingest long.csv
}
texts_are_their_runs() {
  [[ $(sqlite3 in.db "SELECT count(*) FROM profiles WHERE clock = 'clock ' || substr(run, 2) AND plugin_version = 'v' || substr(run, 2) || '.' || substr(plugin, 2)") == 12000 ]]
}
check 'as csv and back, a long history' goes_round csv long_store
check 'texts of a long history are those of their runs' texts_are_their_runs

# ---- forms for other programs ----

# ask SQL: of the store in.db, and of the one that was made from its export, as `o`
ask() { sqlite3 in.db "ATTACH 'out.db' AS o" "$1"; }

# Each time per call, with its calls and CPU time, and each reading, is in the data.js under its suite, but for repeats; to the last digits that a
# double has. In the store that is made from it a suite is a host.
data_js_has_all() {
  rm -f in.db out.db && random_store 31 >/dev/null 2>&1 && tm in export --format data.js -o data.js && tm out ingest data.js >said || return
  ask "CREATE TEMP TABLE suite AS SELECT run_id, project.name || ' / ' || branch || ' / ' || host.key AS name FROM run JOIN project USING (project_id) JOIN host USING (host_id) WHERE repeat_of IS NULL;
    CREATE TEMP TABLE wanted AS SELECT suite.name, started_at, plugin, calls, wall_per_call_ms AS wall, cpu_per_call_ms AS cpu FROM profiles JOIN suite USING (run_id) WHERE wall_ms IS NOT NULL AND calls > 0;
    CREATE TEMP TABLE readings AS SELECT suite.name || CASE WHEN m.better = 'higher' THEN ', higher is better' ELSE '' END AS name, started_at, plugin || ': ' || m.name AS plugin, value
      FROM profiles JOIN suite USING (run_id) JOIN main.reading AS r ON r.run_id = profiles.run_id AND r.plugin_id = profiles.plugin_id JOIN main.metric AS m USING (metric_id)
      WHERE m.unit IS NULL OR m.unit <> 'ms';
    SELECT 'lost', count(*), min(name), min(plugin) FROM wanted LEFT JOIN o.profiles AS g ON g.host = wanted.name AND g.started_at = wanted.started_at AND g.plugin = wanted.plugin AND g.calls = wanted.calls
      WHERE g.run IS NULL OR NOT abs(g.wall_per_call_ms - wall) <= 1e-14 * wall OR (cpu IS NOT NULL AND NOT abs(g.cpu_per_call_ms - cpu) <= 1e-14 * cpu) HAVING count(*) > 0;
    SELECT 'lost reading', count(*), min(name), min(plugin) FROM readings LEFT JOIN (SELECT g.host, g.started_at, g.plugin, value FROM o.profiles AS g JOIN o.reading AS r ON r.run_id = g.run_id AND r.plugin_id = g.plugin_id) AS g
      ON g.host = readings.name AND g.started_at = readings.started_at AND g.plugin = readings.plugin AND g.value = readings.value
      WHERE g.host IS NULL HAVING count(*) > 0;
    SELECT 'nothing to look for' WHERE (SELECT count(*) FROM wanted) < 50 OR (SELECT count(*) FROM readings WHERE name LIKE '%is better') < 10;" >lost
  [[ ! -s lost ]] || { cat lost && return 1; }
}

# What the page of github-action-benchmark loads is a script with one value; each entry has what the page shows of it.
data_js_is_a_script() {
  [[ $(head -n 1 data.js) == 'window.BENCHMARK_DATA = {' ]] && sed '1s/.*/{/' data.js >data.json && none_of "SELECT 'no JSON' WHERE NOT json_valid(readfile('data.json'))" &&
    none_of "SELECT suite.key, entry.key FROM json_each(readfile('data.json'), '\$.entries') AS suite, json_each(suite.value) AS entry
      WHERE json_type(entry.value, '\$.commit.id') IS NOT 'text' OR json_type(entry.value, '\$.commit.message') IS NOT 'text' OR json_type(entry.value, '\$.commit.committer.username') IS NOT 'text'
        OR json_type(entry.value, '\$.date') IS NOT 'integer' OR json_array_length(entry.value, '\$.benches') = 0 OR json_extract(entry.value, '\$.tool') NOT IN ('customSmallerIsBetter', 'customBiggerIsBetter')" &&
    ! grep -q '<' data.js
}
none_of() { [[ ! $(sqlite3 :memory: "$1" 2>&1 | tee faults) ]] || { cat faults && return 1; }; }

# The newest run of each branch and host, and no other; by a strict grammar.
openmetrics_is_valid() {
  tm in export --format openmetrics -o out.prom && LC_ALL=C awk -v times=1 -f "$data/openmetrics.awk" out.prom || return
  [[ $(grep -c '^tidemark_run_info{' out.prom) == $(sqlite3 in.db "SELECT count(*) FROM (SELECT DISTINCT project_id, branch, host_id FROM run WHERE repeat_of IS NULL)") ]] &&
    [[ $(grep -c '^tidemark_profile_wall_seconds{' out.prom) == $(sqlite3 in.db "SELECT count(wall_ns) FROM profile WHERE run_id IN (SELECT run_id FROM run AS r WHERE repeat_of IS NULL AND NOT EXISTS
      (SELECT 1 FROM run AS n WHERE n.project_id = r.project_id AND n.branch = r.branch AND n.host_id = r.host_id AND n.repeat_of IS NULL AND (n.started_at, n.run_id) > (r.started_at, r.run_id)))") ]]
}
one_run_as_openmetrics() {
  tm in export --format openmetrics --run first >one.prom && [[ $(grep -c '^tidemark_run_info{.*run="first"' one.prom) == 1 && $(grep -c '^tidemark_run_info{' one.prom) == 1 ]]
}

check 'data.js has every time and reading' data_js_has_all
check 'data.js is a script that the page can show' data_js_is_a_script
check 'openmetrics obeys the grammar' openmetrics_is_valid
check 'openmetrics of one run' one_run_as_openmetrics
if command -v promtool >/dev/null; then check 'promtool has nothing to say' promtool check metrics <out.prom; fi

# ---- which runs, and where they go ----

runs_of() { tm in export "$@" | sqlite3 :memory: '.mode csv' '.import /dev/stdin t' 'SELECT DISTINCT run FROM t'; }
chooses_runs() {
  [[ $(runs_of --run again | paste -sd ' ') == 'first again' && $(runs_of --run first --project default | paste -sd ' ') == 'first again' ]] || return
  [[ $(runs_of --project default --host h --last 2 | paste -sd ' ') == 'first again described' ]] && [[ $(runs_of --project default --host h --last 1) == described ]]
}
# refuses MESSAGE OPTIONS...: says so, ends with 2, and writes nothing
refuses() {
  rm -f refused && tm in export -o refused "${@:2}" >out 2>errors
  [[ $? == 2 && ! -s out && ! -e refused ]] && grep -q "$1" errors || { cat errors && return 1; }
}
check 'chooses runs, with their repeats' chooses_runs
check 'no such run' refuses 'there is no run to export' --run nowhere
check 'no such branch' refuses 'there is no run to export' --branch nowhere
check 'no such host' refuses "no host 'nowhere' in the store" --host nowhere
check 'no such form' refuses "no format 'xml': expected csv, ndjson, data.js, openmetrics or otlp" --format xml
check 'a file that was there stays where nothing is exported' eval 'echo old >kept && ! tm in export --run nowhere -o kept 2>/dev/null && [[ $(cat kept) == old && $(ls kept*) == kept ]]'
check 'not over the store' eval '! tm in export -o in.db 2>errors && grep -q "would write over the store" errors && tm in check'

# A reader that stops is told of as trouble, a full disk too.
full_disk() {
  tm in export -o /dev/full 2>errors
  [[ $? == 2 ]] && grep -q "cannot write '/dev/full'" errors
}
[[ ! -w /dev/full ]] || check 'a full disk is trouble' full_disk

# ---- the snapshot ----

snapshot_is_the_store() {
  rm -f copy.db && tm in gate --project default >/dev/null 2>&1
  tm in export --snapshot copy.db && tm copy check && dump in >in.dump && dump copy >copy.dump && cmp in.dump copy.dump &&
    cmp <(sqlite3 in.db .dump) <(sqlite3 copy.db .dump) && [[ $(sqlite3 copy.db 'PRAGMA application_id; PRAGMA user_version') == $(sqlite3 in.db 'PRAGMA application_id; PRAGMA user_version') ]]
}
snapshot_spares_files() {
  echo mine >there && ! tm in export --snapshot there 2>errors && grep -q "'there' is there already" errors && [[ $(cat there) == mine ]] || return
  tm in export --snapshot there --replace && cp there there.db && tm there check && [[ ! $(find . -name 'there.*' ! -name there.db) ]]
}
snapshot_excludes() {
  ! tm in export --snapshot new.db --format csv 2>errors && grep -q 'exclude each other' errors && [[ ! -e new.db ]] &&
    ! tm in export --snapshot in.db --replace 2>errors && grep -q 'would write over the store' errors && tm in check
}
# A store is killed in the middle of a change; its journal, or its log, is no part of what takes its place. A new file has none either.
leave_behind() { # journal | wal
  rm -f left.db* && cp in.db left.db && sqlite3 left.db "PRAGMA journal_mode = $1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE run SET key = 'evil' || key;" \
    "CREATE TABLE junk AS WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT randomblob(500) AS b FROM n" \
    "$([[ $1 == wal ]] && echo COMMIT)" ".shell cp left.db killed.db && cp left.db-${1/delete/journal} killed.db-${1/delete/journal}" >/dev/null
}
journals_stay_out() {
  local mode file
  for mode in delete wal; do
    rm -f killed.db* && file=killed.db-${mode/delete/journal} && leave_behind $mode && [[ -s $file ]] || return
    cp killed.db was.db && ln -sf killed.db link.db
    ! tm in export --snapshot killed.db --replace 2>errors && grep -q "'killed.db-.*' is beside it" errors && cmp killed.db was.db && [[ -s $file ]] || return
    ! tm in export --snapshot link.db --replace 2>errors && cmp killed.db was.db && rm killed.db || return
    ! tm in export --snapshot killed.db 2>errors && [[ ! -e killed.db ]] || return
  done
}
check 'a snapshot has nothing of the journal beside it' journals_stay_out
check 'a snapshot is the store, verdicts too' snapshot_is_the_store
check 'a snapshot spares what is there' snapshot_spares_files
check 'a snapshot is the whole store, and another file' snapshot_excludes
[[ $failures == 0 ]]
