#!/usr/bin/env bash
# Many writers of one project on a PostgreSQL, and what becomes of them when it goes: all that was acknowledged is there, once, and the
# store is what it would be had they come one after the other. A server of its own (postgres.sh).
set -u
failures=0
cd "$TMPDIR" || exit 1
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
pg_use 'postgres_writers'
kills=${TM_KILLS:-3}

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok postgres_writers $name"
  else
    echo "not ok postgres_writers $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

equal() { [[ $1 == "$2" ]] || { echo "expected $1, found $2" && return 1; }; }
store_of() { pg_url tm "$1"; }
new_store() { createdb -h "$pg_dir" -U tm "$1"; }

# What a store holds, without the numbers that depend on who came first.
facts_of() { "$TIDEMARK" --db "$(store_of "$1")" dump | sort; }

"$NIGHTS" --nights 16 --plugins 12 >all.csv || exit 1
for ((i = 1; i <= 16; i++)); do
  "$NIGHTS" --nights 16 --plugins 12 --only-night "$i" >"night-$i.csv" || exit 1
  "$NIGHTS" --nights 16 --plugins 12 --only-night "$i" | cut -d, -f5- >"part-$i.csv" || exit 1
done

store_night() { "$TIDEMARK" --db "$(store_of "$1")" ingest "night-$2.csv"; }
store_part() { "$TIDEMARK" --db "$(store_of "$1")" ingest --run whole --part "w:$2" --at 1790000000 --host h "part-$2.csv"; }

# all_at_once FUNCTION STORE N: N at once, all of which succeed
all_at_once() {
  local i pids=() bad=0
  for ((i = 1; i <= $3; i++)); do
    "$1" "$2" "$i" >"said-$i" 2>&1 &
    pids+=($!)
  done
  for i in "${!pids[@]}"; do
    wait "${pids[i]}" || { bad=1 && cat "said-$((i + 1))"; }
  done
  return $bad
}

# The first of them make the tables, the project and the host, too.
runs_at_once() {
  new_store runs_many && new_store runs_one && all_at_once store_night runs_many 16 &&
    ! cat said-* | grep "duplicate key\|trying" && "$TIDEMARK" --db "$(store_of runs_one)" ingest all.csv && equal 16 "$(pg_sql runs_many 'SELECT count(*) FROM run')" &&
    equal 192 "$(pg_sql runs_many 'SELECT count(*) FROM profile')" && diff <(facts_of runs_one) <(facts_of runs_many) &&
    "$TIDEMARK" --db "$(store_of runs_many)" check
}

same_run_at_once() {
  local i pids=()
  new_store runs_same || return 1
  for ((i = 1; i <= 8; i++)); do
    store_night runs_same 1 >"same-$i" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || { cat same-* && return 1; }; done
  equal 1 "$(pg_sql runs_same 'SELECT count(*) FROM run')" && equal 1 "$(cat same-* | grep -c "' stored")" &&
    equal 7 "$(cat same-* | grep -c "already stored")"
}

parts_at_once() {
  local i
  new_store parts_many && new_store parts_one && all_at_once store_part parts_many 16 || return 1
  ! cat said-* | grep "duplicate key\|trying" || return 1
  for ((i = 16; i >= 1; i--)); do store_part parts_one "$i" || return 1; done
  equal 16 "$(pg_sql parts_many 'SELECT count(*) FROM part')" && equal 1 "$(pg_sql parts_many 'SELECT count(*) FROM run')" &&
    diff <(facts_of parts_one) <(facts_of parts_many) &&
    diff <("$TIDEMARK" --db "$(store_of parts_one)" show whole) <("$TIDEMARK" --db "$(store_of parts_many)" show whole) &&
    "$TIDEMARK" --db "$(store_of parts_many)" check
}

gate() { "$TIDEMARK" --db "$(store_of "$1")" gate --format json="gate-$2.json" >/dev/null; }
fails_or_passes() { [[ $1 == 0 || $1 == 1 || $1 == 3 ]]; }

gates_at_once() {
  local pid1 pid2 code
  gate runs_many 1 2>said-1 & pid1=$!
  gate runs_many 2 2>said-2 & pid2=$!
  wait $pid1
  code=$?
  fails_or_passes $code || { cat said-1 && return 1; }
  wait $pid2 && equal 0 $code || { code=$? && fails_or_passes $code || { cat said-2 && return 1; }; }
  gate runs_one one
  diff gate-1.json gate-2.json && diff gate-1.json gate-one.json && "$TIDEMARK" --db "$(store_of runs_many)" check &&
    diff <(pg_sql runs_one 'SELECT count(*), sum(value) FROM verdict') <(pg_sql runs_many 'SELECT count(*), sum(value) FROM verdict')
}

# Nights are stored and judged, decided upon and taken out by many at once: whatever the order, the store is sound.
mixture() {
  local i pids=() db
  new_store mixed && db=$(store_of mixed) && "$TIDEMARK" --db "$db" ingest all.csv || return 1
  for ((i = 1; i <= 6; i++)); do
    "$TIDEMARK" --db "$db" gate "night-$i.csv" >"said-g$i" 2>&1 &
    pids+=($!)
    "$TIDEMARK" --db "$db" rm "$(sed -n "2s/,.*//p" "night-$((i + 6)).csv")" >"said-r$i" 2>&1 &
    pids+=($!)
    "$TIDEMARK" --db "$db" retire pdf-parser --reason "try $i" >"said-d$i" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    wait "$i"
    fails_or_passes $? || { cat said-* && return 1; }
  done
  equal 10 "$(pg_sql mixed 'SELECT count(*) FROM run')" && equal 6 "$(pg_sql mixed 'SELECT count(*) FROM decision')" &&
    equal 6 "$(pg_sql mixed 'SELECT count(DISTINCT decision_id) FROM decision')" && "$TIDEMARK" --db "$db" check
}

# First come, first served: whoever comes while a project is held waits in one queue, and not for the moment at which the row is free.
in_turn() {
  local holder i pids=()
  new_store turns && "$TIDEMARK" --db "$(store_of turns)" ingest night-16.csv || return 1
  (pg_sql turns "BEGIN; SELECT 1 FROM project FOR NO KEY UPDATE; SELECT pg_sleep(600)" >/dev/null 2>&1) & holder=$!
  for ((i = 0; i < 200; i++)); do [[ $(pg_sql turns "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != 1 ]] || break; sleep 0.02; done
  for ((i = 1; i <= 6; i++)); do
    store_night turns $i >"turn-$i" 2>&1 &
    pids+=($!)
    until [[ $(pg_sql turns "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "$i" ]]; do kill -0 "${pids[-1]}" || return 1; done
  done
  equal 5 "$(pg_sql turns "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")" || return 1
  pg_sql turns "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
  wait $holder
  for i in "${pids[@]}"; do wait "$i" || { cat turn-* && return 1; }; done
  equal "$(for i in 1 2 3 4 5 6; do sed -n '2s/,.*//p' night-$i.csv; done)" "$(pg_sql turns 'SELECT key FROM run ORDER BY run_id OFFSET 1')"
}

# Two who lock in another order than each other: one is made to give way, and tries again.
deadlock() {
  local pids=() i
  new_store dead || return 1
  { cat night-1.csv && tail -n +2 night-2.csv; } | sed '1s/^/project,/; 2,13s/^/a,/; 14,$s/^/b,/' >ab.csv
  { cat night-3.csv && tail -n +2 night-4.csv; } | sed '1s/^/project,/; 2,13s/^/b,/; 14,$s/^/a,/' >ba.csv
  "$TIDEMARK" --db "$(store_of dead)" ingest ab.csv || return 1
  for ((i = 1; i <= 8; i++)); do
    sed "2,\$s/^\(.\),/\1,$i-/" ab.csv >"ab-$i.csv" && sed "2,\$s/^\(.\),/\1,$i-/" ba.csv >"ba-$i.csv"
    "$TIDEMARK" --db "$(store_of dead)" ingest "ab-$i.csv" >"said-a$i" 2>&1 &
    pids+=($!)
    "$TIDEMARK" --db "$(store_of dead)" ingest "ba-$i.csv" >"said-b$i" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || { cat said-a* said-b* && return 1; }; done
  equal 34 "$(pg_sql dead 'SELECT count(*) FROM run')"
}

# A session that waits for the project's lock is ended by the server: it is begun again.
terminated() {
  local holder pid i
  new_store ended && "$TIDEMARK" --db "$(store_of ended)" ingest night-16.csv || return 1
  pg_sql ended "BEGIN; SELECT 1 FROM project FOR UPDATE; SELECT pg_sleep(2)" >/dev/null &
  holder=$!
  sleep 0.3
  store_night ended 1 >ended-1 2>&1 &
  pid=$!
  for ((i = 0; i < 100; i++)); do
    [[ $(pg_sql ended "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tidemark' AND wait_event_type = 'Lock'") == 0 ]] || break
    sleep 0.02
  done
  wait $pid || { cat ended-1 && return 1; }
  wait $holder
  grep -q 'trying again' ended-1 && grep -q "' stored" ended-1 && equal 2 "$(pg_sql ended 'SELECT count(*) FROM run')" || { cat ended-1 && return 1; }
  # And wherever it is: ended at random.
  for ((i = 2; i <= 9; i++)); do
    pg_sql ended "SELECT count(pg_terminate_backend(pid)) FROM generate_series(1, 400) AS n, pg_sleep(0.0005), pg_stat_activity
                  WHERE application_name = 'tidemark' AND state <> 'idle'" >/dev/null &
    store_night ended "$i" >"ended-$i" 2>&1 || grep -q "^tidemark: cannot open" "ended-$i" || { cat "ended-$i" && return 1; }
    wait
  done
  "$TIDEMARK" --db "$(store_of ended)" check
}

# Programs that store and judge by the library, while the server ends their sessions: each call does what it says.
library() {
  local pid1 pid2 i
  "${CC:-cc}" -std=c11 -I"$TM_SOURCE_DIR/schema" "$TM_SOURCE_DIR/tests/examples/gate_night.c" -L"$TM_BUILD" -ltidemark -ltidemark_record -o gate_night &&
    new_store linked || return 1
  LD_LIBRARY_PATH=$TM_BUILD ./gate_night "$(store_of linked)" >linked-1 2>&1 & pid1=$!
  LD_LIBRARY_PATH=$TM_BUILD ./gate_night "$(store_of linked)" >linked-2 2>&1 & pid2=$!
  for ((i = 0; i < 100; i++)); do [[ $(pg_sql linked 'SELECT count(*) FROM run' 2>&1) == [1-9]* ]] && break; sleep 0.02; done
  for ((i = 0; i < 8; i++)); do
    pg_sql linked "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tidemark' AND datname = 'linked'"
    sleep 0.05
  done >terminated
  wait $pid1
  equal 1 $? || { cat linked-1 && return 1; }
  wait $pid2
  equal 1 $? || { cat linked-2 && return 1; }
  [[ -s terminated ]] && equal 30 "$(pg_sql linked 'SELECT count(*) FROM run')" && equal 90 "$(pg_sql linked 'SELECT count(*) FROM profile')" && diff linked-1 linked-2 &&
    "$TIDEMARK" --db "$(store_of linked)" check
}

# What stands between a client and the server, and hangs up at the first COMMIT of whoever comes: before the server has it (early), or when
# it has been done (late). Whoever comes again gets through.
cat >hang-up.py <<'PY'
import os, socket, sys, threading
listen, server, when, once = sys.argv[1], sys.argv[2], sys.argv[3], [True]
def serve(client):
    behind = socket.socket(socket.AF_UNIX)
    behind.connect(server)
    def back():
        while data := behind.recv(65536):
            if not (once[0] and hung): client.sendall(data)
    hung = []
    threading.Thread(target=back, daemon=True).start()
    while data := client.recv(65536):
        if once[0] and data == b"Q\0\0\0\x0bCOMMIT\0":
            hung.append(1)
            if when == "late":
                behind.sendall(data)
                while b"COMMIT" not in (probe := os.popen(f"psql -XAtq -h {os.path.dirname(server)} -U tm -d tm -c \"SELECT 'COMMIT' WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'tidemark' AND state <> 'idle')\"").read().encode()): pass
            once[0] = False
            client.shutdown(socket.SHUT_RDWR)
            behind.shutdown(socket.SHUT_RDWR)
            return
        behind.sendall(data)
    behind.close()
door = socket.socket(socket.AF_UNIX)
door.bind(listen)
door.listen()
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(door.accept()[0],), daemon=True).start()
PY

# through WHEN COMMAND...: the command by way of that; its code
through() {
  local proxy code when=$1
  shift
  mkdir -p "$pg_dir/door" && rm -f "$pg_dir/door/.s.PGSQL.5432" door-said
  python3 hang-up.py "$pg_dir/door/.s.PGSQL.5432" "$pg_dir/.s.PGSQL.5432" "$when" >door-said 2>&1 &
  proxy=$!
  while ! grep -qs ready door-said; do sleep 0.02; done
  TIDEMARK_DB="postgresql://tm@/lost?host=$pg_dir/door" "$TIDEMARK" "$@" >through-said 2>&1
  code=$?
  kill $proxy
  wait $proxy 2>/dev/null
  return $code
}

# A COMMIT that no answer comes to: of a run the store is asked, of what is done once only it is told.
lost_commit() {
  new_store lost && "$TIDEMARK" --db "$(store_of lost)" ingest night-1.csv || return 1
  through early ingest night-2.csv && grep -q 'trying again' through-said && grep -q "' stored" through-said || { cat through-said && return 1; }
  through late ingest night-3.csv && grep -q 'trying again' through-said && grep -q "already stored" through-said || { cat through-said && return 1; }
  through late gate night-4.csv
  fails_or_passes $? && grep -q 'trying again' through-said || { cat through-said && return 1; }
  through late retire pdf-parser --reason once
  equal 2 $? && grep -q 'it is stored whole or not at all' through-said && ! grep -q 'trying again' through-said || { cat through-said && return 1; }
  equal 1 "$(pg_sql lost 'SELECT count(*) FROM decision')" && equal 4 "$(pg_sql lost 'SELECT count(*) FROM run')" &&
    "$TIDEMARK" --db "$(store_of lost)" check
}

# kill -9 of the server while a writer stores run after run: what it said is stored is stored, whole.
killed() {
  local kill pid
  new_store hurt && : >all-acknowledged || return 1
  for ((kill = 1; kill <= kills; kill++)); do
    : >acknowledged
    (for ((i = 1; i <= 60; i++)); do
      "$TIDEMARK" --db "$(store_of hurt)" ingest --run "k$kill-$i" --at $((1790000000 + kill * 1000 + i)) part-1.csv >said 2>&1 &&
        echo "k$kill-$i" >>acknowledged
    done) &
    pid=$!
    sleep "0.$((RANDOM % 9 + 1))"
    pg_kill
    pg_restart || { cat "$pg_dir/log" && return 1; }
    wait $pid
    cat acknowledged >>all-acknowledged
    equal "" "$(comm -23 <(sort acknowledged) <(pg_sql hurt "SELECT key FROM run" | sort))" || return 1
    equal "" "$(pg_sql hurt 'SELECT key FROM run LEFT JOIN profile USING (project_id, run_id) GROUP BY key HAVING count(plugin_id) <> 12')" || return 1
  done
  [[ -s all-acknowledged ]] && echo "$(wc -l <all-acknowledged) acknowledged" && "$TIDEMARK" --db "$(store_of hurt)" check
}

# 8 writers and 8 readers share two sessions: what one has prepared or set, another one does not meet.
pooled() {
  local i pids=() db
  new_store pooled && db=$(pg_pool_url tm pooled) && "$TIDEMARK" --db "$db" ingest night-16.csv || return 1
  for ((i = 1; i <= 8; i++)); do
    "$TIDEMARK" --db "$db" ingest "night-$i.csv" >"pooled-$i" 2>&1 &
    pids+=($!)
    { "$TIDEMARK" --db "$db" runs && "$TIDEMARK" --db "$db" bottlenecks && "$TIDEMARK" --db "$db" sql 'SELECT count(*) FROM profiles' &&
      "$TIDEMARK" --db "$db" trend pdf-parser && "$TIDEMARK" --db "$db" dump; } >"pooled-r$i" 2>&1 &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || { cat pooled-? && tail -n 3 pooled-r* && return 1; }; done
  "$TIDEMARK" --db "$db" gate --format json=gate-pooled.json >said 2>&1
  fails_or_passes $? || { cat said && return 1; }
  equal 9 "$(pg_sql pooled 'SELECT count(*) FROM run')" && "$TIDEMARK" --db "$db" check
}

# A server that is gone is said, and soon.
gone() {
  local begin=$SECONDS code
  pg_stop QUIT
  "$TIDEMARK" --db "$PG_URL" runs >said 2>&1
  code=$?
  equal 2 $code && grep -q "cannot open 'postgresql:///tm'" said && [[ $((SECONDS - begin)) -lt 10 ]] || { cat said && return 1; }
}

check "16 runs at once are the 16 of one after the other" runs_at_once
check "one run stored by 8 at once is stored once" same_run_at_once
check "16 parts of one run at once are those of one after the other" parts_at_once
check "two gates at once judge alike, and as one alone" gates_at_once
check "storing, judging, deciding and removing at once leave a sound store" mixture
check "writers of one project come in turn" in_turn
check "writers who lock in another order try again" deadlock
check "a session that the server ends is begun again" terminated
if [[ $TM_BUILD == */san ]]; then :; else check "the library tries again" library; fi
if command -v python3 >/dev/null; then check "a commit that no answer came to is asked about" lost_commit; else echo "ok postgres_writers lost commit # skipped: no python3"; fi
if pg_pool_start 2; then check "a pooler of transactions serves writers and readers" pooled; else echo "ok postgres_writers pooler # skipped: no pgbouncer"; fi
check "all that was acknowledged is there after $kills kills of the server" killed
check "a server that is gone is said" gone
[[ $failures == 0 ]]
