#!/usr/bin/env bash
# A network that fails: what stands between 8 clients and the server hangs up after any number of bytes, in either direction, again and again. What
# was acknowledged is there, whole and once; what was not is there whole or not at all. A server of its own (postgres.sh).
# TM_CUTS=N: so many, not 30, and a machine that is gone without a word. TM_SEED=N: of the places
set -u
failures=0
cd "$TMPDIR" || exit 1
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
if ! command -v python3 >/dev/null; then
  echo 'ok postgres_cuts # skipped: no python3'
  exit 0
fi
cuts=${TM_CUTS:-30} clients=8

# Another machine, which a network namespace is: it needs root, and half a minute.
net=tmfar$$ here=10.231.7.1 far=10.231.7.2
make_far_machine() {
  ip netns add $net && ip link add $net type veth peer name far netns $net && ip addr add $here/30 dev $net && ip link set $net up && ip -n $net addr add $far/30 dev far && ip -n $net link set far up
}
missing='only with TM_CUTS' listens=''
if [[ ${TM_CUTS-} ]]; then
  make_far_machine >far-said 2>&1 && missing='' listens=$here || missing=$(tail -n 1 far-said)
fi
pg_use 'postgres_cuts' "listen_addresses = '$listens'"
end() {
  pg_end
  [[ $missing ]] || { ip link del $net && ip netns del $net; } 2>/dev/null
}
trap end EXIT

# check NAME COMMAND...: ok if the command succeeds
check() {
  if ("${@:2}") >"$TMPDIR/log" 2>&1; then
    echo "ok postgres_cuts $1"
  else
    echo "not ok postgres_cuts $1"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# Two of three connections are cut where their limit is: half by what a dead machine's kernel sends (RST), half by an orderly end. A conversation has
# some thousand bytes each way. A line of 'cuts' is one: the direction, the bytes until then, how. When there are enough, all get through.
cat >cut.py <<'PY'
import random, socket, struct, sys, threading
server, cuts, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
draw, lock, done = random.Random(seed), threading.Lock(), open("cuts", "w")
def close(sock, hard):
    try:
        if hard and sock.family == socket.AF_INET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.shutdown(socket.SHUT_RD) # sends nothing, and ends the other thread's recv
            sock.close()
        else: sock.shutdown(socket.SHUT_RDWR)
    except OSError: pass
def pump(source, target, limit, way, hard):
    passed = 0
    try:
        while data := source.recv(min(65536, limit - passed)):
            target.sendall(data)
            passed += len(data)
            if passed == limit:
                with lock: print(way, passed, "hard" if hard else "soft", file=done, flush=True)
                break
    except OSError: pass
    close(source, hard and passed == limit)
    close(target, hard and passed == limit)
door = socket.create_server(("127.0.0.1", 0), backlog=64)
with open("port", "w") as file: print(door.getsockname()[1], file=file)
counted = 0
while True:
    client, behind = door.accept()[0], socket.socket(socket.AF_UNIX)
    try: behind.connect(server)
    except OSError: client.close(); continue
    way, limit, hard = draw.choice(["to", "from", "none"]), draw.randint(1, 6000), draw.random() < 0.5
    with lock: enough = sum(1 for line in open("cuts")) >= cuts
    if enough: way = "none"
    for source, target, name in (client, behind, "to"), (behind, client, "from"):
        threading.Thread(target=pump, args=(source, target, limit if way == name else 1 << 60, name, hard), daemon=True).start()
PY

"$NIGHTS" --nights 40 --plugins 12 >all.csv || exit 1
for ((i = 1; i <= 40; i++)); do { head -n 1 all.csv && grep "^$(tail -n +2 all.csv | cut -d, -f1 | uniq | sed -n "${i}p")," all.csv; } >"night-$i.csv"; done
awk 'BEGIN { print "plugin,wall_ms,cpu_ms"; for (i = 0; i < 240; i++) print "p" i % 12 "," i * 7 % 31 "," i % 5 }' >calls.csv
awk 'BEGIN { print "plugin,calls,wall_ms,hits,size_kb"; for (i = 0; i < 150; i++) print "p" i "," i + 1 "," i * 7 % 31 "," i "," 2 * i }' >readings.csv

# write STORE CLIENT N: the N-th thing that a client stores, named by its time: a run that a name tells, one that only its rows tell, one of calls, one
# with readings, one of two parts
write() {
  local at=$((1790000000 + $2 * 100000 + $3)) run=(--run "$2-$3")
  case $(($3 % 5)) in
  0) run+=(readings.csv) ;;
  1) run+=(--calls calls.csv) ;;
  2) run=(--version "$2-$3" --calls calls.csv) ;;
  3) run+=(--part a readings.csv) && at=$((at + 1)) ;;
  4) run=(--run "$2-$(($3 - 1))" --part b --calls calls.csv) ;;
  esac
  "$TIDEMARK" --db "$1" ingest --project p --host h --at $at "${run[@]}"
}
judge() { "$TIDEMARK" --db "$1" gate --project judged --host h "night-$3.csv"; }
decide() { "$TIDEMARK" --db "$1" retire p1 --project decided --reason "decision $3"; }
# Of a decision or a judgement, too, 2 is trouble, and all else is done.
acknowledged() { [[ $1 != 2 && $1 -lt 4 ]]; }

# client WHAT CLIENT MOST: until there are enough cuts; every other thing that failed is tried again, as a job of CI's is, but no decision: that is
# to be looked for first
client() {
  local n code tries
  for ((n = 1; n <= $3; n++)); do
    for ((tries = 0; tries < 1 || (n % 2 && tries < 20 && $2 < 8); tries++)); do
      "$1" "$through" "$2" $n >"said-$2" 2>&1
      code=$?
      grep -q 'trying again' "said-$2" && echo "$2 $n" >>"again-$2"
      if acknowledged $code; then echo "$2 $n" >>"acknowledged-$2" && break; fi
      echo "$1 $2 $n: exit $code: $(grep -v 'nothing was stored$\|trying again$' "said-$2" | tail -n 1)" >>"failed-$2"
    done
    [[ $(wc -l <cuts) -lt $cuts ]] || break
  done
}

under_cuts() {
  local c proxy pids=()
  python3 cut.py "$pg_dir/.s.PGSQL.5432" "$cuts" "${TM_SEED:-7}" >proxy-said 2>&1 &
  proxy=$!
  while [[ ! -s port ]]; do sleep 0.02; done
  through="postgresql://tm@127.0.0.1:$(<port)/tm?sslmode=disable"
  for ((c = 1; c <= clients - 2; c++)); do client write $c 100000 & pids+=($!); done
  client judge 7 40 & pids+=($!)
  client decide 8 100000 & pids+=($!)
  wait "${pids[@]}"
  kill $proxy
  wait $proxy 2>/dev/null
  cat proxy-said
  [[ ! -s proxy-said && $(wc -l <cuts) -ge $cuts ]]
}

# The reasons are a connection's, whoever it was that lost it.
said_why() { ! grep -hEv 'connection|could not (receive|send)|cannot open|SSL|closed' failed-? /dev/null; }

# The keys of what is there, as 'client n': of a run its own number, of its parts each one's.
there() {
  pg_sql "SELECT key, started_at, NULL FROM run JOIN project USING (project_id) WHERE name = 'p' AND NOT EXISTS (SELECT FROM part WHERE part.project_id = run.project_id AND part.run_id = run.run_id)
    UNION ALL SELECT run.key, run.started_at, part.name FROM part JOIN run USING (project_id, run_id)" |
    awk -F'|' '{ split($1, of, "-"); n = $2 - 1790000000; print $3 == "" ? int(n / 100000) " " n % 100000 : of[1] " " of[2] + ($3 == "b") }' | sort
}
all_there_and_whole() {
  local c n
  there >there
  [[ -z $(uniq -d there) ]] || { echo "twice:" && uniq -d there && return 1; }
  cat acknowledged-[1-6] | sort | comm -23 - there >missing
  [[ ! -s missing ]] || { echo 'acknowledged and not there:' && cat missing && return 1; }
  while read -r c n; do write one.db "$c" "$n" >said 2>&1 || { cat said && return 1; }; done <there
  diff <("$TIDEMARK" --db one.db export --project p | sort) <("$TIDEMARK" --db "$PG_URL" export --project p | sort) >differ || { head differ && return 1; }
  [[ -s there ]]
}
decided_once() {
  pg_sql "SELECT reason FROM decision" | sed 's/decision /8 /' | sort >decided
  [[ -z $(uniq -d decided) ]] || { echo "twice:" && uniq -d decided && return 1; }
  [[ -s acknowledged-8 && -z $(sort acknowledged-8 | comm -23 - decided) ]]
}
judged_alike() {
  local n key said
  for ((n = 1; n <= 40; n++)); do
    key=$(sed -n '2s/,.*//p' "night-$n.csv")
    [[ $(pg_sql "SELECT count(*) FROM run JOIN project USING (project_id) WHERE project.name = 'judged' AND key = '$key'") == 1 ]] && "$TIDEMARK" --db one.db ingest --project judged --host h "night-$n.csv" ||
      ! grep -qx "7 $n" acknowledged-7 || { echo "night $n is not there" && return 1; }
  done
  for said in one.db "$PG_URL"; do "$TIDEMARK" --db "$said" gate --project judged --host h --format json >"judged.${said%%[.:]*}"; done
  diff judged.one judged.postgresql
}

# Its client holds a project's lock and waits for input when the network goes, and never hears of it. The server finds that out, long before the
# writers behind it give up.
gone_machine() {
  local pid begun=$SECONDS waited
  echo "host all all $far/32 trust" >>"$pg_data/pg_hba.conf" && pg_sql 'SELECT pg_reload_conf()' && mkfifo input || return 1
  ip netns exec $net "$TIDEMARK" --db "postgresql://tm@$here/tm" ingest --project far - <input >far-said 2>&1 &
  pid=$!
  exec 8>input
  awk 'BEGIN { print "run,started_at,plugin,calls,wall_ms"; for (i = 0; i < 20000; i++) print "far-" int(i / 100) ",1790000000,p" i % 100 ",1,2" }' >&8
  until [[ $(pg_sql "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE client_addr = '$far' AND state = 'idle in transaction' AND locktype = 'advisory'") == 1 ]]; do
    ((SECONDS - begun < 10)) || { cat far-said && return 1; }
    sleep 0.1
  done
  ip link set $net down
  kill -9 $pid
  exec 8>&-
  begun=$SECONDS
  "$TIDEMARK" --db "$PG_URL" ingest --project far --host h calls.csv --calls || return 1
  waited=$((SECONDS - begun))
  echo "waited $waited s"
  ((waited >= 1 && waited < 60))
}

"$TIDEMARK" --db "$PG_URL" ingest --project decided --host h --calls calls.csv >said 2>&1 || cat said
check "$cuts connections are cut" under_cuts
check 'who fails says why' said_why
check 'what was acknowledged is there, once, and everything that is there is whole' all_there_and_whole
check 'a decision is made once at most, and once if it was acknowledged' decided_once
check 'nights that were judged meanwhile are judged as elsewhere' judged_alike
check 'the store is sound' "$TIDEMARK" --db "$PG_URL" check
if [[ $missing ]]; then echo "ok postgres_cuts a machine that is gone # skipped: $missing"; else check 'a machine that is gone without a word frees its lock' gone_machine && grep waited log | sed 's/^/# /'; fi
echo "# $(wc -l <cuts) cuts; $(cat acknowledged-? | wc -l) acknowledged, $(cat again-? 2>/dev/null | wc -l) of them after another try of the program's own, $(cat failed-? 2>/dev/null | wc -l) failed"
[[ $failures == 0 ]]
