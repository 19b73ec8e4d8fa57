#!/usr/bin/env bash
# What a nightly gate reads on a server: as many measurements, states and verdicts after 25 nights as after 100, and beside many other projects as
# alone. The server's own counters say so, and its plan that they are found by an index. A server of its own (postgres.sh).
set -u
cd "$TMPDIR" || exit 1
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
pg_use 'postgres_reads' 'fsync = off'
plugins=60

# check NAME COMMAND...: ok if the command succeeds
check() {
  if ("${@:2}") >"$TMPDIR/log" 2>&1; then echo "ok postgres_reads $1"; else echo "not ok postgres_reads $1" && head -n 30 "$TMPDIR/log" | sed 's/^/  /'; fi
}

# store DATABASE NIGHTS: a history of so many nights, judged, and the next one in night.csv
store() {
  local last
  "$NIGHTS" --nights $(($2 + 1)) --plugins $plugins >all.csv && last=$(tail -n 1 all.csv | cut -d, -f1) && createdb -h "$pg_dir" -U tm "$1" &&
    grep -v "^$last," all.csv >history.csv && { head -n 1 all.csv && grep "^$last," all.csv; } >night.csv &&
    "$TIDEMARK" --db "$(pg_url tm "$1")" gate history.csv --project one --host h >said
  [[ $? != 2 ]]
}

# read_by_gate DATABASE: a line for each table: its name, and the rows that a gate of the night reads of it
read_by_gate() {
  local db
  db=$(pg_url tm "$1")
  pg_sql "$1" 'VACUUM ANALYZE' && pg_sql "$1" 'SELECT pg_stat_reset()' >reset || return
  "$TIDEMARK" --db "$db" gate night.csv --project one --host h >said
  [[ $? != 2 ]] || return
  # Counters come when the session has ended.
  while [[ $(pg_sql "$1" "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tidemark'") != 0 ]]; do sleep 0.1; done
  pg_sql "$1" "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname IN ('profile', 'recording', 'reading', 'series', 'verdict') ORDER BY relname"
}
rows_of() { sed -n "s/^$2|//p" "$1"; }

# A night's rows, some times: they are stored, compared, judged and told. A plugin has a state for each of its metrics, seven here, which is read and
# written anew. Verdicts are of what alarmed.
bounded() {
  local table
  store few 25 && read_by_gate few >few && store many 100 && read_by_gate many >many || return
  paste few many
  [[ $(rows_of few profile) -gt 0 ]] || return
  for table in profile recording reading series; do [[ $(rows_of many $table) -le $((16 * plugins)) && $(rows_of many $table) -le $((2 * $(rows_of few $table))) ]] || { echo "$table grows" && return 1; }; done
  [[ $(rows_of many verdict) -le $((8 * plugins)) ]]
}

# The same night of a store in which 30 others have as much.
beside_others() {
  local i
  store crowd 25 && for ((i = 0; i < 30; i++)); do "$TIDEMARK" --db "$(pg_url tm crowd)" ingest history.csv --project "other $i" --host h >said || return; done
  read_by_gate crowd >crowd || return
  paste few crowd
  for table in profile recording reading series verdict; do [[ $(rows_of crowd $table) -le $(($(rows_of few $table) + plugins)) ]] || { echo "$table: others are read" && return 1; }; done
}

# The plan of the statement that reads a night's measurements.
by_index() {
  local sql plan night
  night=$(pg_sql crowd 'SELECT max(run_id) FROM run') && sql=$(awk '/^-- name: / { on = $3 == "night_samples" } on && !/^--/' "$TM_SOURCE_DIR/schema/postgres/queries.sql")
  plan=$(pg_sql crowd "PREPARE q AS $sql EXPLAIN (COSTS OFF) EXECUTE q($night, 0, 9223372036854775807)")
  echo "$plan"
  [[ $plan == *'profile_pkey'* && $plan != *'Seq Scan on profile'* ]]
}

check 'a gate reads as much of 100 nights as of 25' bounded
check 'a gate reads as much beside 30 projects as alone' beside_others
check "a night's measurements are found by the key" by_index
