#!/usr/bin/env bash
# The Grafana dashboard for PostgreSQL's data source asks what the one for SQLite asks, and each of its queries gives rows on a server.
set -u
cd "$TMPDIR" || exit 1
dashboard=$TM_SOURCE_DIR/docs/grafana-postgresql.json

# check NAME COMMAND...: ok if the command succeeds
check() {
  if ("${@:2}") >"$TMPDIR/log" 2>&1; then echo "ok postgres dashboard: $1"; else echo "not ok postgres dashboard: $1" && head -n 20 "$TMPDIR/log" | sed 's/^/  /'; fi
}
# json FILE SQL: of json_tree's rows of the file, as the table `tree`
json() { sqlite3 :memory: "CREATE TEMP TABLE tree AS SELECT * FROM json_tree(CAST(readfile('$1') AS TEXT)); $2"; }

same_questions() {
  json "$TM_SOURCE_DIR/docs/grafana-dashboard.json" "SELECT value FROM tree WHERE key IN ('rawQueryText', 'definition', 'title') ORDER BY id" >one
  json "$dashboard" "SELECT value FROM tree WHERE key IN ('rawSql', 'definition', 'title') ORDER BY id" >two
  [[ $(wc -l <one) -gt 20 ]] && cmp one two && ! grep -qi sqlite "$dashboard"
}
check 'it asks what the one for SQLite asks' same_questions

# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
pg_use 'postgres dashboard' 'fsync = off'
awk 'BEGIN { print "run,started_at,host,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb,wall_p95_ms,cache_hits"
  for (n = 1; n <= 30; n++)
    for (i = 1; i <= 5; i++)
      printf "n%02d,%d,ci-1,c%d,it'"'"'s p%d,100,%d,%d,%d,%d,%d,%d\n", n, 1795140000 + 86400 * (n - 30), n, i, i == 4, (1000 + n * 7919 % 23) * (i == 3 && n > 25 ? 2 : 1), 900 + n % 5, 5000 + i, 20 + n % 3, 70 + n % 4
}' >nights.csv
"$TIDEMARK" --db "$PG_URL" ingest nights.csv >/dev/null 2>&1 && "$TIDEMARK" --db "$PG_URL" gate >/dev/null

# What Grafana puts in: values in quotes, one or a list, and the time in milliseconds
each_gives_rows() {
  local query n=0
  json "$dashboard" "SELECT value FROM tree WHERE key = 'rawSql' OR key = 'definition' ORDER BY id" >queries
  while IFS= read -r query; do
    n=$((n + 1))
    query=${query//'${project:sqlstring}'/"'default'"}
    query=${query//'${branch:sqlstring}'/"'main'"}
    query=${query//'${host:sqlstring}'/"'ci-1'"}
    query=${query//'${plugin:sqlstring}'/"'it''s p1','it''s p3','it''s p4'"}
    query=${query//'${metric:sqlstring}'/"'cache_hits'"}
    query=${query//'$__from'/0}
    query=${query//'$__to'/4102444800000}
    [[ $query != *'$'* && $(pg_sql "$query" | wc -l) -gt 0 ]] || { echo "$query: no rows" && return 1; }
  done <queries
  [[ $n -ge 15 ]]
}
check 'every query gives rows' each_gives_rows
