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

# Every format that ingest reads
format_store() {
  local file n=0 label
  for file in "$data"/formats/*/*; do
    n=$((n + 1)) label=()
    [[ $file != */openmetrics/* ]] || label=(--label plugin)
    [[ $file == *.expect ]] || tm in ingest "$file" "${label[@]}" --host "h$n" --project "p$n" || return
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
[[ $failures == 0 ]]
