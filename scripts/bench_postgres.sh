#!/usr/bin/env bash
# Many clients that store runs of 300 rows on a PostgreSQL of its own, beside psql's bare \copy of the same rows, and what a profile takes there.
# Called by scripts/bench.sh postgres; prints 'NAME: VALUE' lines, none where there is no server.
# usage: scripts/bench_postgres.sh TIDEMARK [CLIENTS [RUNS [PROJECTS]]]
set -u
TIDEMARK=$1 clients=${2:-64} runs=${3:-20} projects=${4:-8}
export TMPDIR=${TMPDIR:-/tmp}
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/shell/postgres.sh
source tests/shell/postgres.sh
pg_use bench 'max_connections = 200'
scratch=$(mktemp -d) || exit 1
trap 'pg_end; rm -rf "$scratch"' EXIT
TIMEFORMAT=%R

awk 'BEGIN { print "plugin,calls,wall_ms,cpu_ms"; for (i = 0; i < 300; i++) print "plugin-" i ",10," 100 + i "," 50 + i }' >"$scratch/run.csv"
awk -F, -v OFS='\t' 'NR > 1 { print 1, "RUN", NR, $2, "\\N", $3 * 1e6, $4 * 1e6, "\\N", "\\N", "\\N", "\\N", "\\N", "\\N" }' "$scratch/run.csv" >"$scratch/run.tsv"

at_once() {
  local client
  for ((client = 0; client < clients; client++)); do "$1" $client & done
  wait
}
ours() {
  local run began
  for ((run = 0; run < runs; run++)); do
    began=$(date +%s%N)
    "$TIDEMARK" --db "$PG_URL" ingest "$scratch/run.csv" --project p$(($1 % projects)) --run "w$1-$run" --at $((1795140000 + $1 * 1000 + run)) --host h >/dev/null 2>&1 || echo failed >>"$scratch/failed"
    echo $((($(date +%s%N) - began) / 1000000))
  done >"$scratch/took.$1"
}
bare() {
  local run
  for ((run = 0; run < runs; run++)); do sed "s/RUN/$(($1 * 1000 + run))/" "$scratch/run.tsv" | psql -Xq -d "$PG_URL" -c '\copy bare FROM STDIN'; done
}

"$TIDEMARK" --db "$PG_URL" migrate >/dev/null
our_time=$({ time at_once ours; } 2>&1)
pg_sql 'CREATE TABLE bare AS TABLE profile WITH NO DATA; ALTER TABLE bare ADD PRIMARY KEY (project_id, run_id, plugin_id)'
bare_time=$({ time at_once bare; } 2>&1)
cat "$scratch"/took.* | sort -n >"$scratch/took"
echo "stored: $(pg_sql 'SELECT count(*) FROM run') of $((clients * runs)) runs, $(pg_sql 'SELECT count(*) FROM profile') profiles"
echo "ours: $(awk "BEGIN { printf \"%.1f\", $clients * $runs / $our_time }")"
echo "bare: $(awk "BEGIN { printf \"%.1f\", $clients * $runs / $bare_time }")"
echo "ratio: $(awk "BEGIN { printf \"%.2f\", $bare_time / $our_time }")"
echo "middle: $(awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }' "$scratch/took")"
echo "longest: $(tail -n 1 "$scratch/took")"
echo "bytes: $(pg_sql "SELECT round(pg_total_relation_size('profile')::numeric / (SELECT count(*) FROM profile), 1)")"
