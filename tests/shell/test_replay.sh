#!/usr/bin/env bash
# One judge: what replay says of a night, what the gate says when the night arrives, and what a rebuild says afterwards are the same, row
# for row, whatever order runs and decisions came in. Replay never looks ahead. SEED=N tries another series of random stores.
set -u
seed=${SEED:-1}
failures=0
cd "$TMPDIR" || exit 1
export TIDEMARK_USER=anna
tm() { "$TIDEMARK" --db "$db" "$@"; }

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok replay $name"
  else
    echo "not ok replay $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

same() { diff -U 0 --label expected --label actual "$1" "$2" | head -n 16 && cmp -s "$1" "$2"; }

# A random whole number from 0 to $1 - 1, the same on every machine
state=$((seed * 2654435761 % 2147483647 + 1))
random() { state=$((state * 48271 % 2147483647)) && drawn=$((state / 7 % $1)); }

# judged [DB]: all that is stored of verdicts, by the names of runs and plugins
judged() {
  "$TIDEMARK" --db "${1:-$db}" sql --format csv "SELECT run.key, coalesce(plugin.name, '*') AS plugin, verdict.metric, class, leads, kind, value,
      corrected, baseline, effect, evidence, needed, runs, baseline_runs, z_history, pct_history, z_population, pct_population,
      since.key AS since, good.key AS good, signal, why, decision_id
    FROM verdict JOIN run USING (run_id) LEFT JOIN plugin USING (plugin_id) LEFT JOIN run AS since ON since.run_id = since_run
      LEFT JOIN run AS good ON good.run_id = good_run ORDER BY 1, 2, 3" &&
    "$TIDEMARK" --db "${1:-$db}" sql --format csv "SELECT run.key, judgement.* FROM judgement JOIN run USING (run_id) ORDER BY 1" | cut -d, -f1,3-
}

# The same in replay's columns, in no order; but for what is not judged, which the store lists by plugin and replay tells by metric
as_replay() {
  tm sql --format csv "SELECT run.key AS run, coalesce(plugin.name, '*') AS plugin, nullif(verdict.metric, '') AS metric, class AS verdict, leads, effect, evidence,
      needed, z_history, pct_history, z_population, pct_population, value, corrected, baseline, kind, signal
    FROM verdict JOIN run USING (run_id) LEFT JOIN plugin USING (plugin_id) WHERE class <> 'not judged'" | sort
}
replayed() { tm replay --format csv | awk -F, '$4 != "not judged"'; }

# Every host and branch of the store is brought before the gate; 1 is a verdict like 0 and 3, 2 is trouble.
gate_all() {
  local host branch
  while IFS=, read -r host branch; do
    tm gate --host "$host" --branch "$branch" >said 2>&1
    [[ $? != 2 ]] || { cat said && return 1; }
  done < <(tm sql --format csv "SELECT DISTINCT host.key, branch FROM run JOIN host USING (host_id) ORDER BY branch <> 'main', 1" | tail -n +2)
}

# What the gate has stored equals what a rebuild of the same store says, and what replay says.
settled() {
  gate_all || return
  judged >stored
  as_replay >stored.rows
  replayed | sort >replayed
  cp "$db" anew.db && "$TIDEMARK" --db anew.db rebuild >/dev/null || return
  judged anew.db >anew
  same anew stored && same replayed stored.rows
}

# ---- replay does not look ahead ----

# cut_history SEED NIGHTS PLUGINS CUT: the first CUT nights of a history, alone, say what they say within the whole
cut_history() {
  local last
  db=whole-$1.db
  [[ -e $db ]] || { "$NIGHTS" --seed "$1" --nights "$2" --plugins "$3" >whole.csv && tm ingest --host ci whole.csv >/dev/null; } || return
  [[ -e whole-$1.replay ]] || tm replay --all >"whole-$1.replay" || return
  mapfile -t runs < <(cut -d, -f1 whole.csv | tail -n +2 | uniq)
  last=${runs[$4 - 1]}
  awk -F, -v last="$last" 'NR == 1 || $1 <= last' whole.csv >cut.csv
  awk -F, -v last="$last" 'NR == 1 || $1 <= last' "whole-$1.replay" >expected
  db=cut-$1-$4.db
  tm ingest --host ci cut.csv >/dev/null && tm replay --all >actual || return
  same expected actual && [[ $(cut -d, -f1 actual | tail -n +2 | uniq | wc -l) == "$4" ]]
}

cut_everywhere() {
  local s nights plugins i
  for s in 1 ${TM_WHOLE:+2 3 4}; do
    random 31 && nights=$((60 + drawn))
    random 29 && plugins=$((12 + drawn))
    for i in 1 2 3 4; do
      random $((nights - 8))
      cut_history $((seed * 100 + s)) "$nights" "$plugins" $((8 + drawn)) || { echo "seed $s, $nights nights cut at $((8 + drawn))" && return 1; }
    done
  done
}

# --until ends a replay where a cut would
until_is_a_cut() {
  local day
  db=whole-$((seed * 100 + 1)).db
  for day in $(tm sql --format csv "SELECT started_at FROM run ORDER BY 1 LIMIT 3 OFFSET 31" | tail -n +2); do
    tm replay --all --until "$day" >actual || return
    head -n "$(wc -l <actual)" "whole-$((seed * 100 + 1)).replay" >expected
    same expected actual || return
    tm sql --format csv "SELECT key FROM run WHERE started_at <= $day ORDER BY started_at DESC LIMIT 1" | tail -n 1 >expected
    tail -n 1 actual | cut -d, -f1 >last
    same expected last || return
  done
}

check 'of a history cut at random nights says the same up to the cut' cut_everywhere
check '--until is a cut' until_is_a_cut

# ---- the gate, night by night ----

# one_by_one SEED: every night through 'gate FILE' in turn; what was stored when it arrived is kept apart and compared with replay
one_by_one() {
  local file code previous
  db=feed-$1.db
  rm -rf nights && mkdir nights && rm -f stored.rows
  "$NIGHTS" --seed "$1" --nights 70 --plugins 25 | awk -F, 'NR == 1 { head = $0; next } { file = "nights/" $1 ".csv" }
    file != open { if (open) close(open); print head >file; open = file } { print >file }'
  for file in nights/*.csv; do
    "$TIDEMARK" --db "$db" gate "$file" --host ci >said 2>&1
    code=$?
    [[ $code != 2 ]] || { cat said && return 1; }
    previous=$(basename "$file" .csv)
    [[ $1 != "$seed" ]] || "$TIDEMARK" --db "$db" gate --format csv >"nights/$previous.verdicts"
  done
  as_replay >stored.rows
  replayed | sort >replayed
  same replayed stored.rows || return
  [[ $1 != "$seed" ]] || said_then_is_said_now
}

# What the gate printed each night: plugin, metric, class and most of the numbers, in replay's order
said_then_is_said_now() {
  local file
  for file in nights/*.verdicts; do
    awk -F, -v run="$(basename "$file" .verdicts)" -v OFS=, 'NR > 1 && $3 != "not judged" { print run, $1, $2, $3, $4, $9, $10, $11, $14, $15, $6, $7, $8, $5 }' "$file"
  done | sed 's/,"",/,,/' | sort >said
  replayed | tail -n +2 | awk -F, -v OFS=, '{ print $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $13, $14, $15, $16 }' | sort >replayed
  same replayed said
}

check 'says what the gate said, night by night' one_by_one "$seed"
[[ ! ${TM_WHOLE-} ]] || check 'says what the gate said, another history' one_by_one $((seed + 50))

# ---- late and changed runs ----

# history DB: a store with two hosts and 60 nights of 18 plugins each, a feature branch of main on the first, all judged
history() {
  db=$1
  rm -f "$db"
  "$NIGHTS" --seed $((seed + 7)) --nights 60 --plugins 18 >ci-1.csv
  "$NIGHTS" --seed $((seed + 8)) --nights 60 --plugins 18 | sed 's/^2026/b2026/' >ci-2.csv
  "$NIGHTS" --seed $((seed + 7)) --nights 60 --plugins 18 | awk -F, -v OFS=, 'NR == 1 || $1 >= "2026-10-12" {
    if (NR > 1) { $1 = "f" $1; $4 = "feature"; sub("T02", "T12", $2); $8 *= $5 == "git-blame" && $1 >= "f2026-10-15" ? 1.4 : 1.01 } print }' >feature.csv
  tm ingest --host ci-1 ci-1.csv >/dev/null && tm ingest --host ci-2 ci-2.csv >/dev/null && tm ingest --host ci-1 feature.csv >/dev/null &&
    gate_all
}

# night KEY AT [FACTOR]: a file of one run, like those of history, by default slow in pdf-parser
night() {
  "$NIGHTS" --seed 99 --nights 30 --plugins 18 --only-night 9 | cut -d, -f5- | awk -F, -v OFS=, -v f="${3:-1.5}" '{
    if ($1 == "pdf-parser") { $4 *= f; $5 *= f } print }' >"$1.csv"
  file=("$1.csv" --run "$1" --at "$2")
}

late_run() { history "${FUNCNAME[0]}.db" && night late 2026-09-20T11:00:00Z && tm ingest "${file[@]}" --host ci-1 >/dev/null && settled; }
late_by_the_gate() { history "${FUNCNAME[0]}.db" && night late 2026-10-05T11:00:00Z && ! tm gate "${file[@]}" --host ci-2 >said && settled; }
late_at_the_end() { history "${FUNCNAME[0]}.db" && night late 2026-10-21T01:00:00Z && tm ingest "${file[@]}" --host ci-1 >/dev/null && settled; }
same_second() {
  history "${FUNCNAME[0]}.db" || return
  night twin "$(tm sql --format csv "SELECT max(started_at) FROM run WHERE branch = 'main'" | tail -n 1)"
  tm ingest "${file[@]}" --host ci-1 >/dev/null && settled
}
replace_old() { history "${FUNCNAME[0]}.db" && night 2026-09-30 2026-09-30T02:00:00Z 3 && tm ingest "${file[@]}" --host ci-1 --replace >/dev/null && settled; }
replace_newest() { history "${FUNCNAME[0]}.db" && night 2026-10-21 2026-10-21T02:00:30Z 3 && tm gate "${file[@]}" --host ci-1 --replace >said; settled; }
replace_moves() {
  history "${FUNCNAME[0]}.db" && night 2026-09-30 2026-10-03T05:00:00Z && tm ingest "${file[@]}" --host ci-2 --replace >/dev/null && settled
}
remove_old() { history "${FUNCNAME[0]}.db" && tm rm 2026-09-15 && settled; }
remove_newest() { history "${FUNCNAME[0]}.db" && tm rm 2026-10-21 && settled && tm rm 2026-10-20 && settled; }
remove_branch() { history "${FUNCNAME[0]}.db" && for run in $(tm runs --branch feature --format csv | tail -n +2 | cut -d, -f1); do tm rm "$run" || return; done && settled; }
prune_old() { history "${FUNCNAME[0]}.db" && tm prune --before 2026-09-12 >/dev/null && settled; }
append_newest() {
  history "${FUNCNAME[0]}.db" || return
  printf 'plugin,calls,wall_ms\nlatecomer,10,55\n' >late.csv
  tm ingest late.csv --run 2026-10-21 --at "$(tm sql --format csv "SELECT started_at FROM run WHERE key = '2026-10-21'" | tail -n 1)" \
    --host ci-1 --append >/dev/null && settled
}
append_old() {
  history "${FUNCNAME[0]}.db" || return
  printf 'plugin,calls,wall_ms\nlatecomer,10,55\n' >late.csv
  tm ingest late.csv --run 2026-10-01 --at "$(tm sql --format csv "SELECT started_at FROM run WHERE key = '2026-10-01'" | tail -n 1)" \
    --host ci-1 --append >/dev/null && settled
}
repeat_newest() {
  history "${FUNCNAME[0]}.db" && night again 2026-10-21T05:00:00Z 1 && tm ingest "${file[@]}" --host ci-1 --repeat-of 2026-10-21 >/dev/null &&
    gate_all && [[ $(tm sql --format csv "SELECT count(*) FROM judgement JOIN run USING (run_id) WHERE key = 'again'" | tail -n 1) == 0 ]] && settled
}
repeat_old() { history "${FUNCNAME[0]}.db" && night again 2026-10-21T05:00:00Z 2 && tm ingest "${file[@]}" --host ci-1 --repeat-of 2026-10-02 >/dev/null && settled; }
remove_repeat() { repeat_old && tm rm again && settled && tm rm 2026-10-02 && settled; }
rename_plugin() { history "${FUNCNAME[0]}.db" && tm rename pdf-parser pdf-reader && settled; }
new_metric() {
  history "${FUNCNAME[0]}.db" && night 2026-10-22 2026-10-22T02:00:00Z 1 && awk -v OFS=, '{ print $0, NR == 1 ? "cache_hits" : 100 + NR }' "${file[0]}" >metric.csv &&
    tm ingest metric.csv "${file[@]:1}" --host ci-1 >/dev/null && settled && tm metric cache_hits --better higher && settled
}
other_settings() {
  history "${FUNCNAME[0]}.db" && printf '[gate]\nbudget = 5\n[plugin web-*]\nmin-effect = 50%%\n' >tidemark.ini && settled
  local code=$?
  rm tidemark.ini
  return $code && settled
}
strict_leaves_no_trace() {
  history "${FUNCNAME[0]}.db" && night 2026-10-22 2026-10-22T02:00:00Z 40 && tm ingest "${file[@]}" --host ci-1 >/dev/null && ! tm gate --strict --host ci-1 --branch main >said &&
    settled
}

check 'a late run' late_run
check 'a late run, judged as it comes' late_by_the_gate
check 'a run an hour before the newest' late_at_the_end
check 'a run in the same second as the newest' same_second
check 'an old run replaced' replace_old
check 'the newest run replaced' replace_newest
check 'an old run replaced by one of another time and host' replace_moves
check 'an old run removed' remove_old
check 'the newest runs removed' remove_newest
check 'a whole branch removed' remove_branch
check 'pruned' prune_old
check 'a plugin appended to the newest run' append_newest
check 'a plugin appended to an old run' append_old
check 'the newest run confirmed by another' repeat_newest
check 'an old run confirmed by another' repeat_old
check 'a confirming run removed, and the confirmed one' remove_repeat
check 'a plugin renamed' rename_plugin
check 'a metric of one'\''s own, and its direction' new_metric
check 'with other settings' other_settings
check 'a strict gate before a usual one' strict_leaves_no_trace

# ---- decisions ----

# feed FROM TO: nights of history() that come after it
feed() {
  local night
  for ((night = $1; night <= $2; night++)); do
    "$NIGHTS" --seed $((seed + 7)) --nights 90 --plugins 18 --only-night "$night" >one.csv
    tm gate one.csv --host ci-1 >said 2>&1
    [[ $? != 2 ]] || { cat said && return 1; }
  done
}

# decided COMMAND...: a store, the decision, and some nights behind it
decided() {
  history decided.db && tm "$@" && settled && feed 61 63 && settled
}
accepted() { decided accept calendar-sync --host ci-1 --branch main --reason 'as wanted'; }
accepted_from() { decided accept web-search --metric wall_per_call_ms --from 2026-10-15 --host ci-1 --branch main --reason 'as wanted'; }
waived() { decided waive code-formatter --metric wall_per_call_ms --ceiling +80% --until 2026-10-22 --host ci-1 --branch main --reason later; }
retired() { decided retire font-loader --host ci-1 --branch main --reason gone; }
undone() { accepted && tm undo 1 && settled && waived && tm undo 1 && settled; }
accepted_on_one_host() { history decided.db && tm accept calendar-sync --host ci-2 --branch main --reason here && settled && feed 61 62 && settled; }
accepted_on_a_branch() { history decided.db && tm accept git-blame --branch feature --reason there && settled && feed 61 62 && settled; }
from_run_replaced() { accepted_from && night 2026-10-15 2026-10-15T02:00:00Z 1 && tm ingest "${file[@]}" --host ci-1 --replace >/dev/null && settled; }
from_run_removed() { accepted_from && tm rm 2026-10-15 && settled; }
decided_before_late_run() { waived && night late 2026-10-20T11:00:00Z && tm ingest "${file[@]}" --host ci-1 >/dev/null && settled; }

# The other host, and the feature branch, are two nights ahead of the one that is decided on.
accepted_behind_others() {
  history decided.db && night b2026-10-22 2026-10-22T03:00:00Z 1 && tm gate "${file[@]}" --host ci-2 >said
  night b2026-10-23 2026-10-23T03:00:00Z 1 && tm gate "${file[@]}" --host ci-2 >said
  night f2026-10-22 2026-10-22T13:00:00Z 1 && tm gate "${file[@]}" --host ci-1 --branch feature >said
  night f2026-10-23 2026-10-23T13:00:00Z 1 && tm gate "${file[@]}" --host ci-1 --branch feature >said
  tm accept calendar-sync --host ci-1 --branch main --reason here && settled && feed 61 62 && settled
}
accepted_in_one_second() { same_second && tm accept calendar-sync --host ci-1 --branch main --reason here && settled && feed 61 62 && settled; }
retired_too_early() { decided retire git-blame --host ci-1 --branch main --reason soon; }

check 'an accepted level' accepted
check 'a level accepted on a host behind others' accepted_behind_others
check 'a level accepted at two runs of one second' accepted_in_one_second
check 'a plugin retired while it is there' retired_too_early
check 'a level accepted from a run on' accepted_from
check 'a waiver' waived
check 'a retired plugin' retired
check 'decisions undone' undone
check 'a level accepted on one of two hosts' accepted_on_one_host
check 'a level accepted on a feature branch' accepted_on_a_branch
check 'a level accepted from a run that is replaced' from_run_replaced
check 'a level accepted from a run that is removed' from_run_removed
check 'a late run before a decision' decided_before_late_run

# ---- anything, in any order ----

# One random change of a store
change() {
  local host=ci-1 at key plugin
  random 2 && [[ $drawn == 0 ]] || host=ci-2
  random 60 && at=$((1793000000 - 86400 * drawn))
  key=$(tm sql --format csv "SELECT key FROM run ORDER BY started_at" | tail -n +2 | awk -v n="$((RANDOM * 0 + at / 86400 % 97))" 'NR == n + 1')
  plugin=$(tm plugins --format csv | tail -n +2 | cut -d, -f1 | awk -v n="$((at / 86400 % 11))" 'NR == n + 1')
  random 10
  echo "change $drawn $host $at $key $plugin"
  case $drawn in
  0 | 1) night "x$state" "$at" && tm ingest "${file[@]}" --host $host ;;
  2) night "x$state" $((1793000000 + state % 300000)) && tm gate "${file[@]}" --host $host ;;
  3) [[ ! $key ]] || tm rm "$key" ;;
  4) night "y$state" "$at" && [[ ! $key ]] || tm ingest "${file[@]}" --host $host --repeat-of "$key" ;;
  5) tm waive "$plugin" --metric wall_per_call_ms --ceiling 0.5 --until 2026-10-30 --host $host --branch main --reason r ;;
  6 | 7) tm accept "$plugin" --host $host --branch main --reason r ;;
  8) tm retire "$plugin" --host $host --branch main --reason r ;;
  9) tm undo "$(tm decisions --format csv | tail -n 1 | cut -d, -f1)" ;;
  esac
}

anything() {
  local i
  history anything.db || return
  for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    change >>changes 2>&1
    [[ $((i % 2)) == 1 ]] || gate_all || return
    [[ $((i % 4)) != 0 ]] || settled || { tail -n 12 changes && return 1; }
  done
}

check 'random changes' anything

# ---- a dry run ----

dry_run_changes_nothing() {
  history dry.db && night dry 2026-10-22T02:00:00Z 3 || return
  cp dry.db before.db
  tm gate "${file[@]}" --host ci-1 --dry-run >first
  [[ $? != 2 ]] && cmp before.db dry.db || return
  tm gate --host ci-2 --budget 5 --dry-run >said
  [[ $? != 2 ]] && cmp before.db dry.db || return
  tm gate "${file[@]}" --host ci-1 --replace --dry-run >second
  [[ $? != 2 ]] && cmp before.db dry.db && same first second || return
  tm gate "${file[@]}" --host ci-1 >real
  same real first
}

dry_run_makes_no_store() { db=none.db && night dry 2026-10-02T02:00:00Z && tm gate "${file[@]}" --dry-run --allow-unjudged; [[ ! -e none.db ]]; }

# Nights large enough for threads to be begun: what is stored, and what is told, byte for byte.
any_threads_say_the_same() {
  "${NIGHTS:-$TM_BUILD/nights}" --bench --nights 9 --plugins 900 --seed "$seed" -o many.csv && db=many.db && tm ingest many.csv || return
  for threads in 1 2 5; do
    cp many.db "many-$threads.db" && db=many-$threads.db
    tm gate --threads "$threads" >"gate-$threads"
    [[ $? == 2 ]] && return 1
    tm dump >"dump-$threads" && judged >"judged-$threads" && tm replay --all --threads "$threads" >"replay-$threads" &&
      tm sql --format csv 'SELECT plugin_id, metric, hex(state), seal FROM series ORDER BY 1, 2' >"memory-$threads" || return
    for part in gate dump judged replay memory; do cmp "$part-1" "$part-$threads" || return; done
  done
  [[ -s judged-5 && $(wc -l <replay-5) -gt 40000 ]] && ! tm gate --threads 0
}

check 'any number of threads says the same' any_threads_say_the_same
check 'a dry run says what a real one says and changes no byte' dry_run_changes_nothing
check 'a dry run makes no store' dry_run_makes_no_store
[[ $failures == 0 ]]
