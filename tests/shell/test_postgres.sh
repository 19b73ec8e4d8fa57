#!/usr/bin/env bash
# PostgreSQL says what SQLite says: random sequences of commands run on a file and on a schema of a server of the test's own, and each command's
# output, messages and exit code are the same, byte for byte, but for the store's name and the clock. The server's files are in a directory that goes.
# TM_LONG=N: so many sequences, not 2. TM_SEED=N: the first one
set -u
failures=0
cd "$TMPDIR" || exit 1
export LC_ALL=C.UTF-8 TIDEMARK_USER=anna
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY
# shellcheck source=tests/shell/postgres.sh
. "$TM_SOURCE_DIR/tests/shell/postgres.sh"
# shellcheck source=tests/shell/random_store.sh
. "$TM_SOURCE_DIR/tests/shell/random_store.sh"

# As one who is no superuser, whom 'tidemark sql' refuses.
pg_use 'postgres: every command' 'fsync = off' 'full_page_writes = off'
pg_sql 'CREATE ROLE plain LOGIN' && pg_sql 'CREATE DATABASE plain OWNER plain' && postgres=$(pg_url plain plain)

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >log 2>&1; then
    echo "ok postgres: $name"
  else
    echo "not ok postgres: $name"
    head -n 60 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# ---- the same of both ----

compared=0
tm() { "$TIDEMARK" --db one.db "$@"; }
postgres_tm() { "$TIDEMARK" --db "$other" "$@"; }
# plain FILE: without what differs: the store's name, and when decisions were made
plain() { sed -i -E "s#one\\.db|postgresql:///plain#STORE#g; s#($today|$tomorrow)T[0-9:]{8}Z#NOW#g; s#\"made_at\":[0-9]+#\"made_at\":NOW#g" "$1"; }
# The numbers of runs, which 'show' has in the last column of its history
shown() { [[ $1 == show ]] && sed -i -E 's#"run_id": ?[0-9]+##; s#(,| +[|] *|  +)(run_id|[0-9]+|-+:?)( [|])?$##' one.out two.out; }
# From 3.43 on SQLite sums doubles with more digits: then the last ones of averages are left out.
newer_sqlite() { [[ $("$TIDEMARK" --db version.db sql 'SELECT sqlite_version()' | tail -n 1) =~ ^3\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 43)); }
summed() { [[ $newer && $1 =~ ^(plugins|runs|bottlenecks)$ ]] && sed -i -E 's/([0-9][.][0-9]{9})[0-9]+/\1/g' one.out two.out; }
# Tables that somebody has made from the plan have no role for readers, which the doctor tells; files never have one.
roleless() { [[ $1 == doctor ]] && sed -i -e '/role tidemark_reader/,+1d' -e '/^[0-9]* \(trouble\|warning\|note\)/d' one.out two.out; }
# PostgreSQL does not say in a moment how much a store uses.
sized() { [[ $1 == prune ]] && sed -i '/^the store uses /d' one.out; }
printf 'plugin,calls,wall_ms\na,1,2\n' >version.csv && "$TIDEMARK" --db version.db ingest version.csv >version.out 2>&1
newer=$(newer_sqlite && echo yes)
today=$(date -u +%F) tomorrow=$(date -u -d tomorrow +%F)

# both ARG...: the exit code; a difference is told in the file differences
both() {
  local code code2
  tm "$@" >one.out 2>one.err </dev/null
  code=$?
  postgres_tm "$@" >two.out 2>two.err </dev/null
  code2=$?
  compared=$((compared + 1))
  if ! { [[ $code == "$code2" ]] && cmp -s one.out two.out && cmp -s one.err two.err; }; then
    plain one.out && plain one.err && plain two.out && plain two.err
    shown "$1" || summed "$1" || sized "$1" || roleless "$1"
    if ! { [[ $code == "$code2" ]] && cmp -s one.out two.out && cmp -s one.err two.err; }; then
      { echo "command $compared: $*: exit codes $code, $code2"; diff -U 0 one.err two.err; diff -U 0 one.out two.out; } | cut -c1-400 | head -n 20 >>differences
    fi
  fi
  return $code
}
try() { both "$@"; }
# What comes from no file: a dump brings it to both.
recorded() { :; }

odd_names() {
  printf 'plugin,calls,wall_ms,errors,mem_delta_kb\n' >odd.csv
  printf '%s,%s,%s,%s,%s\n' 'back\slash\x41' 9223372036854775807 1e300 9223372036854775807 -1e-300 '50%_' 9007199254740993 0.1 1 1e15 'ü€😀' 0 0 0 0 "'; DROP TABLE run; --" 1 5e-324 0 -0 \
    "$(printf 'n%.0s' {1..1024})" 3 1e-310 0 7 ' $1 ?1 ' 1 1 1 1 >>odd.csv
}

# more_facts PROJECT: what make_store does not try: inputs that are refused or stored already, runs that are replaced, added to, removed, settings
more_facts() {
  local project=$1 n=$((RANDOM % 4)) text
  head -n 12 h.csv >some.csv
  both ingest h.csv --project "$project"
  both ingest h.csv some.csv --project "$project"
  sed '2s/,[0-9]*,/,9,/' h.csv >other.csv && both ingest other.csv --project "$project"
  sed 's/,main,/,topic,/; s/^[a-z]*-/late-/' some.csv >late.csv && both ingest late.csv --project "$project"
  for text in '' --append --replace; do
    printf 'plugin,calls,wall_ms,odd\nnew %s,5,7.25,%s\n' "$RANDOM" "$n" >new.csv
    # shellcheck disable=SC2086 # none or one
    both ingest new.csv --project "$project" --run "calls" $text --host h1
    # shellcheck disable=SC2086
    both ingest new.csv --project "$project" --run "$project-1-22" $text --host h1
    # shellcheck disable=SC2086
    both ingest calls.csv --calls --project "$project" --run "by call" --at 1761500000 $text --host h0 --version "v$n" --commit c9
  done
  both ingest new.csv --project "$project" --run parted --part m:2 --replace --host h1
  both ingest new.csv --project "$project" --at 17619${n}0000 --commit abc --host h1 && both ingest new.csv --project "$project" --at 17619${n}0000 --commit abc --host h1
  both ingest new.csv --project "$project" --run broken --repeat-of nothing
  both ingest h.csv --project "gamma $n"
  both rm nothing --project "$project"
  both rm parted --project "$project" --part "m:$n"
  both rename nothing else --project "$project"
  both rename 'p 2 "q"' p1 --project "$project"
  both metric hits --better lower --project "$project"
  both metric size_kb --unit KiB
  both metric nothing --unit KiB
  both accept nothing --reason x --project "$project"
  both accept '*' --reason shift --project "$project"
  both accept p1 --from "$project-1-2$n" --metric wall_per_call_ms --reason x --project "$project"
  both waive 'p*' --metric nothing --ceiling +30% --until 2025-12-01 --reason x --project "$project"
  both waive p1 --metric cpu_per_call_ms --ceiling +30% --until 2025-12-01 --reason x --project "$project" --host h1 --branch main
  both retire 'p*' --reason glob --project "$project"
  both undo 99 --project "$project"
  both undo $n --project "$project"
  both prune --project "$project" --before 2025-10-1$n --dry-run
  ((RANDOM % 3)) || both prune --project "$project" --keep-days 20
  both prune --project "$project" --merged '*' --dry-run
  ((RANDOM % 3)) || both prune --project "$project" --merged '*' none
  ((RANDOM % 3)) || both adopt --at "$project-1-2$n" --reason 'as it was' --project "$project"
  ((RANDOM % 2)) || both rebuild --project "$project"
  odd_names && both ingest odd.csv --project "$project" --run odd --at 1762300000 --host "h'\\" --branch 'b"%_' && both ingest odd.csv --project "$project" --run odd2 --at 1762300001 --host "h'\\" --branch 'b"%_'
  both gate new.csv --project "$project" --run "gated $n" --at 2025-11-03 --host h1
  both gate h.csv --project "$project"
  both rm "gated $n" --project "$project" && both ingest new.csv --project "$project" --run "gated again" --at 2025-11-03 --host h1
  both restore some.csv
}

# asked PROJECT: all that can be asked of it
asked() {
  local project=$1 form how n=$((RANDOM % 4))
  read -ra how <<<"${settings[seed % 3]}"
  both gate --project "$project" --dry-run --format json "${how[@]}"
  both gate --project "$project" --run "$project-1-2$n"
  for form in text csv json markdown junit codequality sarif github openmetrics badge slack teams text-short; do both gate --project "$project" --all-lineages --all --format $form "${how[@]}"; done
  both gate --project "$project" --explain
  both gate --project "$project" --explain=p1 --host h1
  both gate --project "$project" --strict --branch topic
  both gate --project "$project" --pr --branch topic --dry-run
  printf '[plugin p1]\nlimit wall_per_call_ms = 1 us\nlimit calls = 1\n' >limits.ini && both gate --project "$project" --config limits.ini --dry-run
  both gate --project "$project" --parts 2 --min-effect 20%
  for form in text markdown json; do both findings --project "$project" --format $form; done
  both findings --project "$project" --run "$project-1-2$n" --strict
  for form in table csv json markdown; do
    both decisions --project "$project" --format $form
    both show p1 --project "$project" --format $form
    both plugins --project "$project" --format $form
    both runs --project "$project" --format $form --last $((n * 5 + 1))
    both compare "$project-1-20" "$project-1-2$n" --project "$project" --format $form
  done
  for form in 'p 2 "q"' '##[group]<p>' p4 'p m:1' '*' nothing p_; do both show "$form" --project "$project" --host h1; done
  both compare "$project-1-20" nothing --project "$project"
  for form in text comment junit github openmetrics csv-long json-long; do
    both compare "$project-1-20" "$project-1-2$n" --project "$project" --format $form --all
    both compare "branch:main~$((n + 4))" branch:topic~3 --project "$project" --format $form --fail-above 10%
  done
  both compare "$project-1-18,$project-1-19,$project-1-20" branch:main~3 --host h0 --project "$project" --format csv-long
  both bottlenecks --project "$project" --all
  both bottlenecks --project "$project" --run calls
  both bottlenecks --project "$project" --z 1.5 --branch main --host h0
  both audit --project "$project" --format json
  both doctor --project "$project"
  both replay --project "$project" --all "${how[@]}"
  both replay --project "$project" --summary --until 2025-10-30
  for form in csv ndjson data.js openmetrics otlp; do both export --project "$project" --format $form; done
  both export --project "$project" --run "$project-1-24"
  both export --project "$project" --last 3 --branch main --host h1
  both dump --project "$project"
  printf 'plugin,run\np1,%s-1-12\np 2 ""q"",%s-1-15\n' "$project" "$project" >truth.csv && both evaluate truth.csv --project "$project"
}

# Where gnuplot draws: slow, so of some
drawn() {
  both trend p1 --project "$1"
  both trend 'p 2 "q"' --project "$1" --metric cpu_per_call_ms --last 9
  rm -rf one.page two.page
  tm report --project "$1" -o one.page >one.out 2>&1
  postgres_tm report --project "$1" -o two.page >two.out 2>&1
  sed -i 's/two\.page/one.page/g' two.out && plain one.out && plain two.out && numbered one.page && numbered two.page
  { cmp one.out two.out; diff -r one.page two.page | cut -c1-400; } >>differences 2>&1
}
# numbered PAGE: its charts, and the places in it, are named by the numbers of plugins, which each engine has its own; here by their order in it
numbered() {
  local id n=0 charts
  charts=$(basename "$1"/charts/*)
  mv "$1/charts/$charts" "$1/charts/drawn" && sed -i "s/$charts/drawn/g" "$1/index.html" && plain "$1/index.html" && plain "$1/feed.atom" || return
  sed -i -E 's@"rows":\[[0-9,]*\]@@' "$1/index.html"
  for id in $(grep -oE '["#/=]p[0-9]+' "$1/index.html" | tr -dc '0-9\n' | awk '!seen[$0]++'); do
    n=$((n + 1))
    sed -i -E "s@([\"#/=])p$id\\b@\\1plugin$n@g" "$1/index.html" "$1/feed.atom"
    [[ ! -e $1/charts/drawn/p$id.svg ]] || { sed "s@<title>Chart $id<@<title>Chart $n<@" "$1/charts/drawn/p$id.svg" >"$1/charts/drawn/plugin$n.svg" && rm "$1/charts/drawn/p$id.svg"; }
  done
}

views() {
  both runs
  both plugins
  both export
  both dump
  both check
  both gate --all-lineages
  both bottlenecks
  both sql 'SELECT project, run, ts, started_at, host, branch, commit_id, version, plugin, calls, errors, wall_ms, cpu_ms, mem_delta_kb, peak_mem_kb, wall_p50_ms, wall_p95_ms, wall_p99_ms, wall_max_ms,
    wall_per_call_ms, cpu_per_call_ms, mem_delta_per_call_kb, error_rate, plugin_version, clock, occupied_ms, longest_step_ms, blocked_per_call_ms, cancelled, timeouts FROM profiles ORDER BY 1, 2, 9'
  both sql 'SELECT project, run, plugin, wall_ms FROM latest ORDER BY 1, 2, 3'
  both sql 'SELECT project, plugin, metric, ts, value, run, branch, host, started_at FROM history WHERE value < 9e15 ORDER BY 1, 2, 3, 4, 6'
  both sql 'SELECT project, run, ts, host, branch, plugin, at_ms, duration_ms, cpu_percent FROM spikes ORDER BY 1, 2, at_ms'
  both sql 'SELECT project, run, part, ts, host, plugins, calls, started_at FROM parts ORDER BY 1, 2, 3'
  both sql 'SELECT project, run, part, plugin, calls, errors, wall_ms, cpu_ms, wall_per_call_ms, error_rate, plugin_version, clock, timeouts FROM part_profiles ORDER BY 1, 2, 3, 4'
  both sql 'SELECT project, run, ts, branch, host, commit_id, plugin, metric, class, leads, kind, value, baseline, effect, evidence, needed, z_history, pct_history, allowed, since, since_ts, since_commit, last_good,
    good_commit, signal, why, decision FROM verdicts ORDER BY 1, 2, 7, 8, 4, 5'
  both sql 'SELECT project, branch, host, plugin, metric, class, kind, before, effect, since, since_ts, since_commit, last_good, good_commit, earliest, latest, told, told_ts, evidence FROM levels ORDER BY 1, 2, 3, 4, 5, 17'
  both sql 'SELECT project, number, kind, plugin, metric, branch, host, from_run, made_on, counts_from, ceiling, until, reason, issue, made_by, source FROM decisions ORDER BY 1, 2, 4, 5, 6, 7, 8'
  both sql "SELECT count(*) AS n, :p AS p, :n + 1 AS m FROM profiles WHERE plugin <> :p AND calls > :n" --param "p=it's \\'; --" --param n=-1
  both sql 'SELECT project, plugin, metric, raised, raised_at, since, closed, closed_at, ended, runs_open, branch, host, kind, baseline, effect, evidence FROM alarms ORDER BY 1, 2, 3, 4, host, branch'
  both sql "SELECT run.key, coalesce(plugin.name, '*') AS plugin, metric, class, leads, kind, value, corrected, baseline, effect, evidence, needed, runs, baseline_runs, z_history, pct_history, z_population,
      pct_population, since.key, good.key, signal, why, decision_id, earliest.key, latest.key, sure.key
    FROM verdict JOIN run USING (run_id) JOIN project ON project.project_id = run.project_id LEFT JOIN plugin ON plugin.plugin_id = verdict.plugin_id LEFT JOIN run AS since ON since.run_id = since_run LEFT JOIN run AS good ON good.run_id = good_run
      LEFT JOIN run AS earliest ON earliest.run_id = earliest_run LEFT JOIN run AS latest ON latest.run_id = latest_run LEFT JOIN run AS sure ON sure.run_id = sure_good_run
    ORDER BY project.name, run.key, 2, 3"
  both sql 'SELECT run.key, plugins, judged, passed, comparable, factor, factor_share, held FROM judgement JOIN run USING (run_id) JOIN project ON project.project_id = run.project_id ORDER BY project.name, run.key'
}

# new_schema NAME: empty, and $other is a store in it
new_schema() {
  pg_sql plain "DROP SCHEMA IF EXISTS $1 CASCADE" 2>/dev/null
  pg_sql plain "CREATE SCHEMA $1 AUTHORIZATION plain" && other="$postgres&options=-csearch_path%3D$1"
}

projects=(alpha beta)
# planned: rows come in another order where plans are others, unless a statement says the order
planned() {
  local setting
  for setting in mergejoin hashjoin hashagg; do
    pg_sql "ALTER ROLE plain SET enable_$setting = $((RANDOM % 2))" || return
  done
}

# sequence SEED
sequence() {
  local seed=$1 project
  compared=0
  RANDOM=$seed
  rm -f differences && touch differences && planned && new_schema one || return
  make_store "$seed" || return
  project=${projects[seed % 2]}
  more_facts "$project"
  asked "${projects[(seed + seed / 2) % 2]}"
  views
  ((seed % 7)) || drawn "$project"
  # What a recorder tells comes by a dump, into both.
  with_recordings && new_schema two && both restore facts.jsonl || return
  more_facts "${projects[(seed + 1) % 2]}"
  both gate --all-lineages --project beta
  views
  both dump
  echo "$compared commands" && cat differences
  [[ ! -s differences ]] && ((compared > 180))
}
with_recordings() {
  sqlite3 one.db "INSERT INTO spike SELECT run_id, 0, 12.5, NULL, 1.0 / 3, min(plugin_id) FROM profile GROUP BY run_id LIMIT 3; INSERT INTO spike SELECT run_id, 1, 1e-9, 7, 90, NULL FROM spike;
    UPDATE host SET cpu_model = 'CPU (R)', cores = 8, memory_gib = 16, os = 'Linux' WHERE key = 'h1'; UPDATE run SET tool = 'go' WHERE key = 'calls'" && tm dump >facts.jsonl && rm -f one.db
}
# ---- statistics ----

# near FILE FILE: the same CSV, numbers within 1e-12
near() {
  [[ $(wc -l <"$1") == "$(wc -l <"$2")" ]] && paste -d '\n' "$1" "$2" | awk -F, 'function abs(x) { return x < 0 ? -x : x }
    NR % 2 { split($0, here, ","); n = NF; line = $0; next }
    { for (i = 1; i <= NF || i <= n; i++) if (here[i] != $i && (here[i] == "" || $i == "" || abs(here[i] - $i) > 1e-12 * abs(here[i]))) { print line "\n" $0; bad++; break } } END { exit bad > 0 }'
}
# sql_near QUERY LINES: the rows of both engines, so many of them
sql_near() {
  echo "$1" >query.sql
  tm sql --file query.sql --format csv >one.csv && postgres_tm sql --file query.sql --format csv >two.csv && [[ $(wc -l <one.csv) == $(($2 + 1)) ]] && near one.csv two.csv
}
statistics() {
  local sets
  sets=$(awk 'BEGIN { srand(7); for (g = 1; g <= 1000; g++) { n = 1 + int(rand() * 12); scale = 10 ^ int(rand() * 9 - 4); for (i = 1; i <= n; i++)
    printf "%s(%d, %s)", (g + i > 2 ? ", " : ""), g, rand() < 0.1 ? "NULL" : sprintf("%.17g", (rand() < 0.2 ? 3 : rand() * 100 - 30) * scale) } }')
  new_schema statistics && rm -f one.db && printf 'plugin,calls,wall_ms\na,1,2\n' >a.csv && both ingest a.csv &&
    sql_near "WITH raw (g, x) AS (VALUES $sets), v AS (SELECT g, CAST(x AS double precision) AS x FROM raw)
      SELECT g, median(x) AS median, mad(x) AS mad, percentile(x, 0) AS p0, percentile(x, 12.5) AS p12, percentile(x, 95) AS p95, percentile(x, 100) AS p100, stddev(x) AS stddev,
        stddev_samp(x) AS stddev_samp, stddev_pop(x) AS stddev_pop, variance(x) AS variance, var_samp(x) AS var_samp, var_pop(x) AS var_pop,
        zscore(max(x), avg(x), stddev(x)) AS z, robust_z(max(x), median(x), mad(x)) AS robust FROM v GROUP BY g ORDER BY g" 1000
}
# A row is a set of pairs with ties of both, NULLs, x or y alone, lines that rise and fall.
pairs() {
  local sets
  sets=$(awk 'BEGIN { srand(11); for (g = 1; g <= 500; g++) { n = 1 + int(rand() * 25); scale = 10 ^ int(rand() * 9 - 4); few = rand() < 0.3
    for (i = 1; i <= n; i++) { x = g % 7 == 0 ? 3 : few ? int(rand() * 4) : 1.7e9 + 86400 * i; y = g % 11 == 0 ? 0.5 : few ? int(rand() * 4) : g % 5 == 0 ? i * scale : rand() * scale
      printf "%s(%d, %s, %s)", (g + i > 2 ? ", " : ""), g, rand() < 0.05 ? "NULL" : sprintf("%.17g", x), rand() < 0.05 ? "NULL" : sprintf("%.17g", y) } } }')
  new_schema statistics && rm -f one.db && both ingest a.csv &&
    sql_near "WITH raw (g, x, y) AS (VALUES $sets), v AS (SELECT g, CAST(x AS double precision) AS x, CAST(y AS double precision) AS y FROM raw)
    SELECT g, slope(x, y) AS slope, mann_kendall(x, y) AS z, mann_kendall(y, x) AS back FROM v GROUP BY g ORDER BY g" 500 &&
    sql_near "WITH raw (g, x, y) AS (VALUES $sets), v AS (SELECT g, CAST(x AS double precision) AS x, CAST(y AS double precision) AS y FROM raw)
    SELECT g, abs(corr(x, y) - corr(y, x)) < 1e-9 AS either, round(CAST(corr(x, y) AS numeric), 8) AS r FROM v WHERE g % 11 > 0 GROUP BY g ORDER BY g" 455 &&
    sql_near "WITH RECURSIVE i (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM i WHERE v < 1500) SELECT slope(v, v * v % 1009) AS slope, mann_kendall(v, v * v % 1009) AS z FROM i" 1
}
sketches() {
  awk 'BEGIN { srand(9); print "plugin,call,wall_ms"; for (p = 1; p <= 1000; p++) { n = 1 + int(rand() * 40); scale = 10 ^ int(rand() * 12 - 6)
    for (i = 1; i <= n; i++) printf "%s%d,%d,%.17g\n", p % 10 ? "p" : "q", p, i, rand() < 0.1 ? 0 : rand() < 0.2 ? scale : rand() * rand() * scale } }' >calls.csv
  new_schema statistics && rm -f one.db && both ingest calls.csv --calls --run first &&
    sql_near 'SELECT plugin, sketch_percentile(latency, 0) AS p0, sketch_percentile(latency, 37.5) AS p37, sketch_percentile(latency, 50) AS p50, sketch_percentile(latency, 99) AS p99,
      sketch_percentile(latency, 100) AS p100 FROM profiles ORDER BY plugin' 1000 &&
    sql_near 'SELECT substr(plugin, 1, 3) AS p, length(sketch_merge(latency)) AS size, sketch_percentile(sketch_merge(latency), 50) AS p50, sketch_percentile(sketch_merge(latency), 95) AS p95,
      length(sketch_merge(CASE WHEN calls > 20 THEN latency END)) AS some FROM profiles GROUP BY 1 ORDER BY 1' 189
}
# What is refused, in the store that is there
wrong_arguments() {
  local call other="$postgres&options=-csearch_path%3Dstatistics"
  for call in "percentile(wall_ms, 101)" "percentile(wall_ms, calls)" "slope(1, 1e76)" "slope(-1e76, 1)" "sketch_percentile(latency, -1)"; do
    tm sql "SELECT $call AS x FROM profiles" >one.out 2>one.err && return 1
    postgres_tm sql "SELECT $call AS x FROM profiles" >two.out 2>two.err && return 1
    diff one.err two.err || return
  done
  for call in slope mann_kendall; do
    postgres_tm sql "SELECT $call(CAST('NaN' AS double precision), NULL) AS x" 2>two.err || grep "$call(): argument is infinite" two.err || return
    postgres_tm sql "SELECT $call(1, CAST('-infinity' AS double precision)) AS x" 2>two.err || grep "$call(): argument is infinite" two.err || return
  done
  # At the first row too many, whatever follows: a million would take hours.
  for call in slope mann_kendall; do
    timeout 120 "$TIDEMARK" --db "$other" sql "SELECT $call(v, v) AS x FROM generate_series(1, 1000000) AS v" 2>two.err && return 1
    grep "$call(): more than 5000 rows" two.err || return
  done
  postgres_tm sql 'SELECT mann_kendall(v, v) > 100 AS rises FROM generate_series(1, 5000) AS v' | grep -x 1 || return
  postgres_tm sql "SELECT sketch_percentile('\x5453', 50)" 2>two.err || grep 'sketch_percentile(): argument is not a sketch, or is damaged' two.err || return
  for call in 5453010001 54530100 5453018000 '54530100010000000000000000000000000000000000' 5453010000ff; do
    postgres_tm sql "SELECT sketch_percentile('\x$call', 50)" 2>two.err && echo "$call is taken" && return 1
  done
  return 0
}
check 'statistics of 1,000 sets are those of SQLite' statistics
check 'trends and correlations of 500 sets of pairs' pairs
check 'percentiles of 1,000 sketches, and sketches merged' sketches
check 'arguments that are wrong are refused in the same words' wrong_arguments

# ---- commands ----

check "every statement is prepared, and has SQLite's columns" env TM_POSTGRES_STORE="$postgres" "$TM_BUILD/tests/unit/test_postgres_statements"
first=${TM_SEED:-1}
for ((s = first; s < first + ${TM_LONG:-2}; s++)); do check "the same as SQLite, seed $s" sequence "$s"; done

[[ $failures == 0 ]]
