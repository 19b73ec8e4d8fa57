#!/usr/bin/env bash
# Many processes and one store: 8 writers with many runs each, beginning where there is no store, while others read.
set -u
writers=8 runs=15 races=8
[[ ! ${TM_WHOLE-} ]] || runs=50 races=20
failures=0
cd "$TMPDIR" || exit 1

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok concurrent $name"
  else
    echo "not ok concurrent $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

none_in() { cat "$@" && ! cat "$@" | grep -q .; }
equal() { [[ $1 == "$2" ]] || { echo "expected $1, found $2" && return 1; }; }

# Writer w stores night 1 + w % 5 of one history, cut so that the command line names the run.
for night in 1 2 3 4 5; do
  "$NIGHTS" --nights 5 --only-night $night | cut -d, -f5- >night-$night.csv || exit 1
done

# write_all WRITER: all that is unexpected goes to standard output
write_all() {
  local i code
  for ((i = 1; i <= runs; i++)); do
    "$TIDEMARK" --db all.db ingest --run "w$1-$i" --at $((1795140000 + i * 86400 + $1)) --host "h$1" night-$((1 + $1 % 5)).csv >"said-$1" 2>&1
    code=$?
    [[ $code == 0 && $(<"said-$1") == "run 'w$1-$i' stored"* ]] || { echo "w$1-$i: exit $code" && cat "said-$1"; }
  done
}

# A reader sees whole runs only. It begins when there is a store, and ends when the writers have.
read_all() {
  local n=0 torn
  until [[ -s all.db ]] && "$TIDEMARK" --db all.db runs >/dev/null 2>&1; do
    [[ ! -e finished ]] || break
  done
  while [[ ! -e finished || $n == 0 ]]; do
    n=$((n + 1))
    "$TIDEMARK" --db all.db runs --format csv >"read-$1" 2>&1 || { echo "runs: exit $?" && cat "read-$1"; }
    torn=$("$TIDEMARK" --db all.db sql "SELECT run.key, count(plugin_id) AS n FROM run LEFT JOIN profile USING (run_id)
      GROUP BY run_id HAVING n NOT IN ($sizes)" --format csv 2>&1) || echo "sql: exit $?"
    [[ $torn == key,n ]] || echo "$torn"
    sqlite3 -cmd '.timeout 120000' all.db 'SELECT count(*) FROM profiles' >/dev/null || echo "sqlite3: exit $?"
  done
  echo "$n" >"reads-$1"
}

sizes=$(for night in 1 2 3 4 5; do wc -l <night-$night.csv; done | awk '{ print $1 - 1 }' | sort -u | paste -sd ,)

write_and_read() {
  local w pids=() readers=()
  for ((w = 1; w <= writers; w++)); do
    write_all $w >"writer-$w" 2>&1 &
    pids+=($!)
  done
  for w in 1 2; do
    read_all $w >"reader-$w" 2>&1 &
    readers+=($!)
  done
  wait "${pids[@]}"
  : >finished
  wait "${readers[@]}"
}

# In the store, past Tidemark, and as the files say: writer, run, plugins, calls, nanoseconds
all_whole() {
  local w i
  sqlite3 -separator ' ' all.db "SELECT run.key, host.key, count(*), sum(calls), sum(CAST(round(wall_ns) AS INTEGER))
    FROM run JOIN host USING (host_id) JOIN profile USING (run_id) GROUP BY run_id" | sort >stored
  for ((w = 1; w <= writers; w++)); do
    for ((i = 1; i <= runs; i++)); do
      echo "w$w-$i h$w $(<"sums-$((1 + w % 5))")"
    done
  done | sort >expected
  diff -u expected stored
}

for night in 1 2 3 4 5; do
  awk -F, 'NR > 1 { n++; calls += $2; ns += int($4 * 1e6 + 0.5) } END { printf "%d %d %.0f\n", n, calls, ns }' night-$night.csv >sums-$night
done

write_and_read
echo "# $writers writers, $((writers * runs)) runs; readers read $(cat reads-* | paste -sd +) times"
check 'no writer meets an error' none_in writer-*
check 'no reader meets an error or half a run' none_in reader-*
check "all $((writers * runs)) runs are there, whole" all_whole
check 'the store is sound' "$TIDEMARK" --db all.db check
check 'integrity_check' equal ok "$(sqlite3 all.db 'PRAGMA integrity_check')"
check 'no journal is left' equal '' "$(find . -name 'all.db-*')"

# All at once make the store, and store one and the same run: one stores it, the others find it.
race() {
  local w pids=()
  rm -f race.db
  for ((w = 1; w <= writers; w++)); do
    "$TIDEMARK" --db race.db ingest --run same --at 1795140000 --host h night-1.csv >"race-$w" 2>&1 &
    pids+=($!)
  done
  for w in "${!pids[@]}"; do wait "${pids[w]}" || cat "race-$((w + 1))"; done
  equal 1 "$(cat race-* | grep -c "'same' stored")"
  equal $((writers - 1)) "$(cat race-* | grep -c "'same' already stored")"
  [[ $("$TIDEMARK" --db race.db check 2>&1) == 'the store is sound'* ]] || echo 'not sound'
}

# All at once store their part of one run, and each part twice.
parts() {
  local w pids=()
  rm -f parts.db
  for ((w = 1; w <= writers; w++)); do
    for again in 1 2; do
      "$TIDEMARK" --db parts.db ingest --run all --part "m:$w" --at 1795140000 --host h "night-$((1 + w % 5)).csv" >"part-$w-$again" 2>&1 &
      pids+=($!)
    done
  done
  for w in "${!pids[@]}"; do wait "${pids[w]}" || echo "exit $?"; done
  equal $writers "$(cat part-*-* | grep -c "' stored: ")"
  equal $writers "$(cat part-*-* | grep -c 'already stored')"
  "$TIDEMARK" --db parts.db dump >parts.jsonl
  [[ -e first.jsonl ]] || cp parts.jsonl first.jsonl
  cmp parts.jsonl first.jsonl
  equal "$(for ((w = 1; w <= writers; w++)); do cat "sums-$((1 + w % 5))"; done | awk '{ calls += $2 } END { print calls }')" \
    "$(sqlite3 parts.db 'SELECT sum(calls) FROM profiles')"
  [[ $("$TIDEMARK" --db parts.db check 2>&1) == 'the store is sound'* ]] || echo 'not sound'
}
for ((i = 1; i <= races / 4; i++)); do parts; done >parts.out 2>&1
check "$((races / 4)) times $((2 * writers)) processes store $writers parts of one run, each once" none_in parts.out

for ((i = 1; i <= races; i++)); do race; done >races.out 2>&1
check "$races times $writers processes make one store and one run" none_in races.out

# Half of them find nothing to store: they take no run of the others away, and alone they leave nothing.
printf 'plugin,wall_ms\nalpha,none\n' >bad.csv
contest() {
  local w pids=()
  rm -f contest.db
  for ((w = 1; w <= writers; w++)); do
    if ((w % 2)); then
      "$TIDEMARK" --db contest.db ingest bad.csv --host h >"contest-$w" 2>&1 && echo 'stored what is nothing' &
    else
      "$TIDEMARK" --db contest.db ingest --run "n$w" --at 1795140000 --host h night-1.csv >"contest-$w" 2>&1 || cat "contest-$w" &
    fi
    pids+=($!)
  done
  wait "${pids[@]}"
  equal $((writers / 2)) "$("$TIDEMARK" --db contest.db runs --format csv 2>&1 | grep -c '^n')"
}
for ((i = 1; i <= races; i++)); do contest; done >contests.out 2>&1
check "$races times $writers processes of which half fail make one store, and lose no run" none_in contests.out

all_fail() {
  local w pids=()
  for ((w = 1; w <= writers; w++)); do
    "$TIDEMARK" --db none.db ingest bad.csv --host h >/dev/null 2>&1 &
    pids+=($!)
  done
  wait "${pids[@]}"
  "$TIDEMARK" --db none.db restore bad.csv 2>/dev/null
  "$TIDEMARK" --db none.db gate bad.csv --host h 2>/dev/null
  find . -name 'none.db*'
}
check 'what fails leaves no store' equal '' "$(all_fail)"
[[ $failures == 0 ]]
