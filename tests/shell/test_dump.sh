#!/usr/bin/env bash
# Dump and restore: the dump of a restored store is the same, byte for byte, and so is what it says: verdicts, exit codes, alarms, decisions. Tried
# on random stores (fixed seeds) of several projects, branches and hosts, with runs of one second, repeats, recordings, spikes, decisions of every
# kind, and upkeep; on an old store; and on dumps that were cut off at every line or mangled, of which nothing may be stored.
set -u
failures=0
cd "$TMPDIR" || exit 1
export LC_ALL=C.UTF-8 TIDEMARK_USER=anna
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY
seeds=${TM_SEEDS:-6}

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >log 2>&1; then
    echo "ok dump: $name"
  else
    echo "not ok dump: $name"
    head -n 30 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}
tm() { "$TIDEMARK" --db one.db "$@"; }

# shellcheck source=tests/shell/random_store.sh
. "$TM_SOURCE_DIR/tests/shell/random_store.sh"

try() { tm "$@" >>quiet 2>&1; }

# What a recorder tells
recorded() {
  sqlite3 one.db "INSERT INTO spike SELECT run_id, 0, 12.5, NULL, 1.0 / 3, min(plugin_id) FROM profile GROUP BY run_id LIMIT 3; INSERT INTO spike SELECT run_id, 1, 1e-9, 7, 90, NULL FROM spike;
    UPDATE host SET cpu_model = 'CPU (R)', cores = 8, memory_gib = 16, os = 'Linux' WHERE key = 'h1';
    UPDATE run SET tool = 'go' WHERE key = 'calls'"
}

# said STORE: all that is said of each project, by names
said() {
  local project form how
  read -ra how <<<"${settings[seed % 3]}"
  for project in alpha beta; do
    for form in text csv json; do
      "$TIDEMARK" --db "$1" gate --project $project --all-lineages --all --format $form "${how[@]}"
      echo "gate: $?"
    done
    "$TIDEMARK" --db "$1" findings --project $project
    "$TIDEMARK" --db "$1" decisions --project $project --format csv
    "$TIDEMARK" --db "$1" audit --project $project --format json
    "$TIDEMARK" --db "$1" replay --project $project --all "${how[@]}" | sort
    "$TIDEMARK" --db "$1" bottlenecks --project $project --all
  done
  sqlite3 "$1" "SELECT run.key, coalesce(plugin.name, '*'), metric, class, leads, kind, value, corrected, baseline, effect, evidence, needed, runs, baseline_runs, z_history, pct_history, z_population,
      pct_population, since.key, good.key, signal, why, decision_id, earliest.key, latest.key, sure.key
    FROM verdict JOIN run USING (run_id) LEFT JOIN plugin ON plugin.plugin_id = verdict.plugin_id LEFT JOIN run AS since ON since.run_id = since_run LEFT JOIN run AS good ON good.run_id = good_run
      LEFT JOIN run AS earliest ON earliest.run_id = earliest_run LEFT JOIN run AS latest ON latest.run_id = latest_run LEFT JOIN run AS sure ON sure.run_id = sure_good_run
    ORDER BY run.project_id, run.key, 2, 3;
    SELECT project, plugin, metric, raised, since, closed, ended, runs_open, branch, host, evidence FROM alarms ORDER BY 1, 2, 3, 4, 9, 10;
    SELECT run.key, plugins, judged, passed, comparable, factor, factor_share, held FROM judgement JOIN run USING (run_id) ORDER BY run.project_id, run.key;
    SELECT project, run, ts, host, branch, commit_id, version, plugin, calls, errors, wall_ms, cpu_ms, mem_delta_kb, clock, plugin_version, occupied_ms, hex(latency) FROM profiles ORDER BY 1, 2, 8;
    SELECT project, run, plugin, at_ms, duration_ms, cpu_percent FROM spikes ORDER BY 1, 2, at_ms;
    SELECT project, run, part, ts, host, plugins, calls FROM parts ORDER BY 1, 2, 3; SELECT * FROM host ORDER BY key"
}

# round_trip: one.db and what is made of its dump
round_trip() {
  rm -f two.db
  tm dump -o one.jsonl && cat one.jsonl >>all.jsonl && "$TIDEMARK" --db two.db restore one.jsonl && "$TIDEMARK" --db two.db dump >two.jsonl && diff one.jsonl two.jsonl && "$TIDEMARK" --db two.db check
}
random_store() {
  seed=$1
  make_store "$seed" && round_trip || return
  said one.db >one.said 2>&1 && said two.db >two.said 2>&1
  # host ids follow the order of coming
  diff <(sed 's/^[0-9]*|\(h[01]|\)/\1/' one.said) <(sed 's/^[0-9]*|\(h[01]|\)/\1/' two.said) && [[ $(wc -l <one.said) -gt 300 ]]
}
same_again_after_the_gate() { tm dump | cmp - <("$TIDEMARK" --db two.db dump); }
for ((s = 1; s <= seeds; s++)); do
  check "a random store, seed $s" random_store "$s"
  check "and after its gate, seed $s" same_again_after_the_gate
done

# Each kind of fact, and each kind of decision, is in some of them, or this tries nothing.
whole() {
  local type
  for type in '"type":"host"' '"type":"metric"' '"repeat_of":' '"type":"spike"' '"part":"m:1"' '"kind":"accept"' '"kind":"waive"' '"kind":"retire"' '"adoption":' '"type":"decisions"' '"latency":' '"settings":"gate' '"readings":{' '"plugin_version":' '"type":"week"' '"type":"weekly"' '"values":{' \
    '"branch":"topic"'; do
    grep -q -- "$type" all.jsonl || { echo "none has $type" && return 1; }
  done
}
check 'the random stores have every kind of fact' whole

# Every column of what was measured and decided is in a dump: one that a new version adds must be, too (CONTRIBUTING.md). Numbers of rows are not, names
# stand for them; a reading's value stands behind its metric, a week's values without their names, and its percentiles follow from the sketch.
every_column() {
  local column
  sqlite3 one.db "SELECT m.name || '.' || c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT IN ('judgement', 'verdict', 'unjudged', 'run_factor', 'alarm_end', 'lineage', 'lineage_settings', 'series')" |
    grep -vE '^((part_)?spike.seq|(part_)?reading.value)$|[.](project|host|plugin|run|metric|decision|part|week|week_metric)_id$|^(project|plugin|metric|part|week_metric).name$|^(host|run|week_run).key$|^week_value[.]|^week_total.wall_p[59]' >columns
  [[ $(wc -l <columns) -gt 40 ]] || return
  while read -r column; do grep -q "\"${column#*.}\":" all.jsonl || { echo "$column is in no dump" && return 1; }; done <columns
}
check 'dumps have every column of what cannot be made again' every_column

one_project() {
  make_store 3 && tm dump --project beta >one.jsonl && rm -f two.db && "$TIDEMARK" --db two.db restore one.jsonl && "$TIDEMARK" --db two.db dump | diff one.jsonl - &&
    tm dump --project alpha >rest.jsonl && grep '"decision"' rest.jsonl && "$TIDEMARK" --db two.db restore rest.jsonl && "$TIDEMARK" --db two.db dump | grep -v '"type":"host"' | diff <(tm dump | grep -v '"type":"host"') -
}
check 'one project, then the other' one_project

# It counted from the second of two runs of one second: not for the first, and not for another run than that.
decision_on_a_run_that_is_gone() {
  local run
  history 2 alpha 1 9 | awk -F, 'NR == 1 || $1 ~ /^alpha-1-/' >h.csv && rm -f one.db && tm ingest h.csv || return
  for run in first second; do tm ingest calls.csv --run $run --at 1765000000 --host h1 || return; done
  tm retire p1 --reason gone && tm rm second && round_trip && ! grep -q '"made_run":' one.jsonl &&
    tm ingest calls.csv --run third --at 1765000000 --host h1 && "$TIDEMARK" --db two.db ingest calls.csv --run third --at 1765000000 --host h1 && tm dump | grep '"made_run":"third"' &&
    "$TIDEMARK" --db two.db dump | diff <(tm dump) -
}
check 'a decision on a run that is gone' decision_on_a_run_that_is_gone

old_store() { gunzip -c "$TM_SOURCE_DIR/tests/data/stores/0.1.0.db.gz" >one.db && tm gate >/dev/null 2>&1; [[ $? != 2 ]] && round_trip && [[ $(wc -l <one.jsonl) -gt 100 ]]; }
check 'a store of an older version' old_store

# A night adds lines, and takes none: also one that starts in the second of another, and one that comes late.
adds_only() {
  local at
  make_store 4 && tm dump >one.jsonl || return
  for at in 1762000000 1761036800 1755000000; do
    printf 'plugin,calls,wall_ms\np0,5,7\np1,5,7\n' >late.csv && tm ingest late.csv --project beta --run "late $at" --at $at --host h1 && tm dump >two.jsonl || return
    [[ $(diff one.jsonl two.jsonl | grep -c '^<') == 0 && $(diff one.jsonl two.jsonl | grep -c '^>') == 3 ]] || { diff one.jsonl two.jsonl && return 1; }
    mv two.jsonl one.jsonl
  done
}
check 'a night adds lines and changes none' adds_only

# Equal stores that were filled in another order have equal dumps, where no two runs start in the same second.
other_order() {
  history 5 alpha 1 9 | sed 's/,h1,/,h0,/' | awk -F, 'NR == 1 || $1 ~ /^alpha-1-/' >h.csv
  rm -f one.db two.db
  tm ingest h.csv && { head -n 1 h.csv && tail -n +2 h.csv | sort -t, -k1,1r -s; } >r.csv && "$TIDEMARK" --db two.db ingest r.csv && tm dump >one.jsonl && "$TIDEMARK" --db two.db dump | diff one.jsonl -
}
check 'the order of coming does not matter' other_order

# ---- dumps that are none ----

# nothing_of FILE: refused with a place, and nothing of it is stored
nothing_of() {
  local code
  rm -f two.db
  "$TIDEMARK" --db two.db restore "$1" >out 2>err
  code=$?
  [[ $code == 2 && ! -s out ]] && grep -Eq "^$1:[0-9]+:[0-9]+: .*(found|expected|there|nothing before|twice|again|no number)" err && grep -qx 'tidemark: nothing was stored' err && [[ ! -e two.db ]] ||
    { echo "exit code $code" && cat out err && ls two.db && return 1; }
}
stride=$([[ ${TM_WHOLE-} ]] && echo 1 || echo 4) # of what is damaged in turn
small() {
  rm -f one.db
  history 2 alpha 1 10 | awk -F, 'NR == 1 || $1 ~ /^alpha-1-(01|10)/' >h.csv
  tm ingest h.csv && tm ingest calls.csv --run calls --at 1750000000 --host h1 && tm accept p1 --metric wall_per_call_ms --from calls --reason why && tm gate >/dev/null 2>&1
  sqlite3 one.db "INSERT INTO spike SELECT run_id, 0, 12.5, NULL, 1.0 / 3, NULL FROM run LIMIT 1" && tm dump -o one.jsonl
}
cut_off() {
  local n=0 lines
  lines=$(wc -l <one.jsonl)
  while ((n < lines)); do
    head -n $n one.jsonl >cut.jsonl && nothing_of cut.jsonl || { echo "cut after line $n" && return 1; }
    n=$((n + stride))
    head -n $n one.jsonl | head -c -$((n % 11 + 2)) >cut.jsonl && nothing_of cut.jsonl || { echo "cut within line $n" && return 1; }
  done
}
# In the first line of each type: values of another type, members unknown, doubled or gone
mangled() {
  local n try at=0
  for n in $(awk -F '[,}]' '!seen[$1]++ { print NR }' one.jsonl); do
    for try in 's/:"[^"]*"/:[]/' 's/:"[^"]*"/:null/' 's/:[0-9]\{1,\}\([,}]\)/:"x"\1/' 's/:[0-9]\{1,\}\([,}]\)/:-1e999\1/' 's/,"\([a-z_]*\)":/,"\1x":/' 's/{"\([a-z]*\)":/{"\1":1,"\1":/' 's/}$//' 's/^{/[/' 's/^/x/' 's/}$/}}/' \
      's/"\(wall_ns\|at_ms\)":[0-9.e-]*/"\1":NaN/' 's/"\(wall_ns\|at_ms\)":[0-9.e-]*/"\1":1e999/' 's/,"run":"[^"]*"//' 's/"run":"/"run":"\\u0000/' 's/"plugin":"/"plugin":"\\n/' 's/"started_at":"/"started_at":"yester/' 's/"type":"[a-z]*"/"type":"type"/'; do
      ((at++ % stride == 0)) || continue
      sed "$n$try" one.jsonl >cut.jsonl
      cmp -s one.jsonl cut.jsonl || nothing_of cut.jsonl || { echo "line $n: $try" && return 1; }
    done
  done
}
twice() {
  local n lines
  lines=$(wc -l <one.jsonl)
  for ((n = 1; n <= lines; n += stride)); do
    sed -n "${n}p" one.jsonl | grep -q '"type":"spike"' && continue # two may be alike
    sed "${n}p" one.jsonl >cut.jsonl && nothing_of cut.jsonl || { echo "line $n" && return 1; }
  done
}
# One byte another: refused, or a store that is sound and has as many rows
flipped() {
  local i size=0
  RANDOM=9
  size=$(stat -c %s one.jsonl)
  for ((i = 0; i < 100; i += stride)); do
    cp one.jsonl cut.jsonl && printf '%b' "\\x$(printf %02x $((RANDOM % 256)))" | dd of=cut.jsonl bs=1 seek=$(((RANDOM * 32768 + RANDOM) % size)) conv=notrunc 2>/dev/null
    rm -f two.db
    "$TIDEMARK" --db two.db restore cut.jsonl >out 2>err
    case $? in
    0) "$TIDEMARK" --db two.db check >out 2>&1 && "$TIDEMARK" --db two.db dump >/dev/null || { cat out && return 1; } ;;
    2) [[ ! -e two.db && -s err ]] || { cat err && return 1; } ;;
    *) cat err && return 1 ;;
    esac
  done
}
# A decision that counts from another time than it was made for would make a gate pass that failed.
doctored() {
  local try n
  n=$(grep -n '"type":"decision"' one.jsonl | cut -d : -f 1) && [[ -n $n ]] || return
  for try in 's/,"from_at":"[^"]*"//' 's/,"from_run":"[^"]*","from_at":"[^"]*"//' 's/"made_run_at":"[^"]*"/"made_run_at":"2001-01-01T00:00:00Z"/' 's/"made_run":"[^"]*"/"made_run":"calls"/' 's/}$/,"adoption":99}/'; do
    sed "$n$try" one.jsonl >cut.jsonl
    ! cmp -s one.jsonl cut.jsonl && nothing_of cut.jsonl || { echo "$try" && return 1; }
  done
}

# What nobody can decide is refused; what no version knows, or another one, has no effect and is told of.
impossible() {
  local try n
  n=$(grep -n '"type":"decision"' one.jsonl | cut -d : -f 1) && [[ -n $n ]] || return
  for try in 's/}$/,"ceiling":0.3}/' 's/}$/,"until":"2030-01-01T00:00:00Z"}/' 's/"kind":"accept"/"kind":"retire"/' 's/"kind":"accept"/"kind":"like"/' 's/"kind":"accept"/"kind":"waive"/' 's/"number":1/"number":0/' \
    's/"kind":"accept","plugin":"[^"]*"/"kind":"retire"/; s/"from_run":"[^"]*","from_at":"[^"]*",//' 's/"from_run":"[^"]*"/"from_run":"nosuch"/' '$i{"type":"decisions","last":0}'; do
    [[ $try != '$i'* ]] || { sed "$try" one.jsonl >cut.jsonl && nothing_of cut.jsonl || { echo "$try" && return 1; }; continue; }
    sed "$n$try" one.jsonl >cut.jsonl
    ! cmp -s one.jsonl cut.jsonl && nothing_of cut.jsonl || { echo "$try" && return 1; }
  done
}
odd() {
  rm -f two.db && sed '/"type":"decision"/s/"metric":"[^"]*"/"metric":"odd"/; /"type":"judged"/s/"settings":"[^"]*"/"settings":"gate\\u0009like\\u0009it was"/' one.jsonl >cut.jsonl &&
    "$TIDEMARK" --db two.db restore cut.jsonl >out 2>err && cat out err && grep -q "decision 1 is about metric 'odd', which there is not: it has no effect" err &&
    grep -q 'the settings with which 1 branch has been judged are not understood: the next gate judges all nights anew' err && grep -q '; 0 nights judged' out &&
    "$TIDEMARK" --db two.db dump | cmp - cut.jsonl && rm two.db && "$TIDEMARK" --db two.db restore one.jsonl >out 2>err && ! grep . err
}
# Of a store that was not there yet, or is another one
without_a_run() {
  rm -f two.db && grep -E '"(format|end)"' one.jsonl >cut.jsonl && ! "$TIDEMARK" --db two.db restore cut.jsonl >out 2>err && grep -q 'the dump has no run; nothing was stored' err &&
    grep -E '"(format|metric|end)"' one.jsonl >cut.jsonl && ! "$TIDEMARK" --db two.db restore cut.jsonl >out 2>err && [[ ! -s out ]]
}

check 'a small store' small
check 'decisions doctored' doctored
check 'decisions that nobody can make' impossible
check 'what has no effect is told of' odd
check 'a dump without a run' without_a_run
check 'cut off at every line, and within' cut_off
check 'every member mangled' mangled
check 'every line twice' twice
check 'a byte flipped' flipped

# A store that is damaged gives no dump that passes for one.
damaged() {
  local sql
  for sql in "UPDATE profile SET wall_ns = 9e999" "UPDATE run SET commit_id = CAST(X'ff' AS TEXT)" "UPDATE run SET started_at = -5" "UPDATE plugin SET name = 'a' || char(0) || 'b' WHERE plugin_id = 1" "UPDATE run SET key = replace(hex(zeroblob(600000)), '0', 'x') WHERE run_id = 1"; do
    small && sqlite3 one.db "PRAGMA ignore_check_constraints = 1; $sql" && echo old >out.jsonl && ! tm dump -o out.jsonl && grep -qx old out.jsonl && ! tm dump >cut.jsonl && ! tail -n 1 cut.jsonl | grep -q '"end"' || { echo "$sql" && return 1; }
  done
}
check 'a damaged store has no dump' damaged

# Nor by another name of it
spares_the_store() {
  local name
  rm -f one.db && history 1 alpha 1 3 >h.csv && try ingest h.csv && cp one.db was.db && ln -f one.db hard.db && ln -sf one.db soft.db || return
  for name in one.db ./one.db hard.db soft.db; do
    ! tm dump -o $name 2>errors && grep -q "output would write over the store" errors && cmp one.db was.db || return
  done
}
check 'not over the store' spares_the_store
[[ $failures == 0 ]]
