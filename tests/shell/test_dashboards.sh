#!/usr/bin/env bash
# The Grafana dashboard and the Datasette metadata of docs/: each query of both gives rows on a store of generated nights, with variables put in, by
# the sqlite3 shell, which has none of our functions; it asks views alone; and all that is said of columns and facets is of columns that are there.
# sqlite3 reads the JSON, too.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY
dashboard=$TM_SOURCE_DIR/docs/grafana-dashboard.json metadata=$TM_SOURCE_DIR/docs/datasette-metadata.json

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >log 2>&1; then
    echo "ok dashboards: $name"
  else
    echo "not ok dashboards: $name"
    head -n 20 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}
# json FILE SQL: of json_tree's rows of the file, as the table `tree`
json() { sqlite3 :memory: "CREATE TEMP TABLE tree AS SELECT * FROM json_tree(CAST(readfile('$1') AS TEXT)); $2"; }

# Thirty nights of which one plugin got slower and another had a two bad nights, with a metric of their own, and moments of a busy CPU
awk 'BEGIN { print "run,started_at,host,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb,wall_p95_ms,cache_hits"
  for (n = 1; n <= 30; n++)
    for (i = 1; i <= 5; i++)
      printf "n%02d,%d,ci-1,c%d,it'"'"'s p%d,100,%d,%d,%d,%d,%d,%d\n", n, 1795140000 + 86400 * (n - 30), n, i, i == 4, (1000 + n * 7919 % 23) * (i == 3 && n > 25 || i == 2 && n > 12 && n < 15 ? 2 : 1), 900 + n % 5, 5000 + i, 20 + n % 3, 70 + n % 4
}' >nights.csv
make_store() {
  "$TIDEMARK" --db tidemark.db ingest nights.csv && "$TIDEMARK" --db tidemark.db gate >/dev/null
  [[ $? == 1 ]] && sqlite3 tidemark.db "INSERT INTO spike SELECT run_id, 0, 12.5, 30, 97, min(plugin_id) FROM profile GROUP BY run_id"
}
check 'a store' make_store

# asks_views SQL: the tables of the statement's FROMs and JOINs are views
asks_views() {
  local name
  grep -oE '(FROM|JOIN) +[a-z_]+' <<<"$1" | sed 's/.* //' | sort -u >names
  [[ -s names ]] || { echo "$1: asks nothing" && return 1; }
  while read -r name; do
    [[ $(sqlite3 tidemark.db "SELECT type FROM sqlite_schema WHERE name = '$name'") == view ]] || { echo "$1: $name is no view" && return 1; }
  done <names
}
# gives_rows SQL [PARAMETER VALUE]...: some, and in some column of the last ones there is something
gives_rows() {
  local sql=$1
  asks_views "$sql" || return
  { while [[ $# -gt 1 ]]; do printf '.parameter set %s "%s"\n' "$2" "$3" && set -- "$1" "${@:4}"; done && printf '%s;\n' "$sql"; } >asked.sql
  sqlite3 -bail -readonly tidemark.db <asked.sql >rows || return
  [[ -s rows && $(tail -n 1 rows) =~ [^|0] ]] || { echo "$sql: no rows" && return 1; }
}

# ---- Grafana ----

# What Grafana puts in: values in quotes, one or a list, and the time in milliseconds
values="('project', '''default'''), ('branch', '''main'''), ('host', '''ci-1'''), ('plugin', '''it''''s p1'',''it''''s p2'',''it''''s p3'',''it''''s p4'''), ('metric', '''cache_hits''')"
grafana_queries() {
  json "$dashboard" "SELECT value FROM tree WHERE key = 'rawQueryText' OR key = 'definition' ORDER BY id" >queries
  [[ $(wc -l <queries) -ge 15 ]] || return
  while IFS= read -r query; do
    printf '%s' "$query" >query
    sqlite3 :memory: "CREATE TABLE v (name, value); INSERT INTO v VALUES $values;
      WITH RECURSIVE n AS (SELECT row_number() OVER () AS at, name, value FROM v), put (at, text) AS (SELECT 0, CAST(readfile('query') AS TEXT) UNION ALL
        SELECT n.at, replace(text, '\${' || name || ':sqlstring}', value) FROM put JOIN n ON n.at = put.at + 1)
      SELECT replace(replace(text, '\$__from', '0'), '\$__to', '4102444800000') FROM put ORDER BY at DESC LIMIT 1" >put || return
    cat put
    ! grep -q '\$' put || { echo 'a variable is left' && return 1; }
    gives_rows "$(<put)" || return
  done <queries
}
check 'every query of the Grafana dashboard' grafana_queries

# What the plugin runs is rawQueryText with variables put in; files that differ in both mislead who reads them. A series has a time, rising.
grafana_targets() {
  [[ $(json "$dashboard" "SELECT count(*) FROM tree AS raw JOIN tree AS text ON text.parent = raw.parent AND text.key = 'queryText' WHERE raw.key = 'rawQueryText' AND raw.value IS text.value") == \
    "$(json "$dashboard" "SELECT count(*) FROM tree WHERE key = 'rawQueryText'")" ]] &&
    [[ $(json "$dashboard" "SELECT count(*) FROM tree AS kind JOIN tree AS text ON text.parent = kind.parent AND text.key = 'queryText'
      WHERE kind.key = 'queryType' AND kind.value = 'time series' AND NOT (text.value LIKE 'SELECT started_at AS time, %' AND text.value LIKE '%ORDER BY 1')") == 0 ]]
}
check 'queries are there as they run, and series have a time' grafana_targets

grafana_panels() {
  local wanted
  json "$dashboard" "SELECT value FROM tree WHERE key = 'title'" >titles
  for wanted in 'Newest verdicts' 'Wall time per call' 'CPU time per call' 'Peak memory' Errors Calls 'Open findings' 'Custom metrics'; do grep -qx "$wanted" titles || { echo "no $wanted" && return 1; }; done
  json "$dashboard" "SELECT value FROM tree WHERE key = 'name' AND path LIKE '\$.templating.list%'" >names
  for wanted in project branch host plugin; do grep -qx "$wanted" names || { echo "no variable $wanted" && return 1; }; done
  # a panel's place is its own
  [[ $(json "$dashboard" "SELECT count(*) = count(DISTINCT value) FROM tree WHERE key = 'gridPos'") == 1 ]]
}
check 'the dashboard has its panels and variables' grafana_panels

# The usual metrics are left out of the custom ones: all that history offers by itself
grafana_usual() {
  sqlite3 tidemark.db "SELECT DISTINCT metric FROM history WHERE metric <> 'cache_hits'" >usual
  awk '/^Metrics that are always offered/ { on = 1 } /^$/ { on = 0 } on' "$TM_SOURCE_DIR/docs/schema.md" | sed 's/The metrics of.*//' | grep -o "\`[a-z0-9_]*\`" | tr -d "\`" >>usual
  json "$dashboard" "SELECT value FROM tree WHERE key = 'definition' AND value LIKE '%NOT IN%'" >definition
  while read -r metric; do grep -q "'$metric'" definition || { echo "$metric is no custom metric" && return 1; }; done <usual
}
check 'custom metrics are those beyond the usual ones' grafana_usual

# ---- Datasette ----

datasette_queries() {
  local name sql n=0
  while IFS='|' read -r name sql; do
    n=$((n + 1))
    gives_rows "$sql" :project "'default'" :plugin "'it''s p3'" :metric "'cache_hits'" :first "'n25'" :second "'n26'" || { echo "$name" && return 1; }
  done < <(json "$metadata" "SELECT parent.key, tree.value FROM tree JOIN tree AS parent ON parent.id = tree.parent WHERE tree.key = 'sql' ORDER BY tree.id")
  [[ $n -ge 6 ]]
}
check 'every query of the Datasette metadata' datasette_queries

# All views, and of each all columns that people read, in the metadata; facets and orders are columns
datasette_columns() {
  sqlite3 tidemark.db "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1" >expected
  json "$metadata" "SELECT key FROM tree WHERE path = '\$.databases.tidemark.tables' ORDER BY 1" | diff expected - || return
  sqlite3 tidemark.db "SELECT m.name || ' ' || c.name FROM sqlite_schema AS m, pragma_table_xinfo(m.name) AS c WHERE m.type = 'view' ORDER BY 1" >columns
  grep -vE ' (run_id|plugin_id|raised_run|closed_run)$' columns | grep -vE '^spikes started_at$' >expected
  json "$metadata" "SELECT view.key || ' ' || name.key FROM tree AS view JOIN tree AS list ON list.parent = view.id AND list.key = 'columns' JOIN tree AS name ON name.parent = list.id ORDER BY 1" | diff expected - || return
  json "$metadata" "SELECT view.key || ' ' || named.value FROM tree AS view JOIN tree AS list ON list.parent = view.id AND list.key IN ('facets', 'sort_desc')
    JOIN tree AS named ON named.parent = list.id OR named.id = list.id AND list.key = 'sort_desc' WHERE named.type = 'text' ORDER BY 1" >named
  [[ $(wc -l <named) -ge 10 ]] && ! sort -u named | comm -23 - <(sort columns) | grep .
}
check 'the metadata has every view and column, and no other' datasette_columns

# What a query names that is not there gives no rows: this test can fail.
fails() { ! gives_rows 'SELECT nothing FROM profiles' && ! gives_rows "SELECT run FROM profiles WHERE run = 'x'" && ! gives_rows 'SELECT * FROM run' && ! gives_rows 'SELECT 1'; }
check 'a query without rows, of a table, or of a column that is not there is told' fails
[[ $failures == 0 ]]
