#!/usr/bin/env bash
# A store on PostgreSQL guards itself: somebody's SQL changes nothing and ends in time, whatever the login may do; and nobody sees a
# password. A server of its own (postgres.sh).
set -u
failures=0
cd "$TMPDIR" || exit 1
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
pg_use 'postgres_guard'

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok postgres_guard $name"
  else
    echo "not ok postgres_guard $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}
equal() { [[ $1 == "$2" ]] || { echo "expected $1, found $2" && return 1; }; }

"$NIGHTS" --nights 12 --plugins 6 >nights.csv && "$TIDEMARK" --db "$PG_URL" ingest nights.csv >said || exit 1
"$TIDEMARK" --db "$PG_URL" gate >said 2>&1

"$TIDEMARK" --db nights.db ingest nights.csv >said && cp nights.db other.db || exit 1

# A writer of the store that is no superuser, somebody who only reads, and somebody with a store of his own whom nobody has given anything.
pg_sql "CREATE ROLE writer LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE owner LOGIN; GRANT tidemark_reader TO writer, reader;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO writer;
        CREATE TABLE private (secret text); INSERT INTO private VALUES ('hush'); GRANT SELECT ON private TO writer;
        CREATE SEQUENCE counter; GRANT ALL ON SEQUENCE counter TO writer, reader, tidemark_reader; CREATE EXTENSION IF NOT EXISTS dblink" >said 2>&1 ||
  pg_sql "CREATE FUNCTION dblink(text, text) RETURNS SETOF record LANGUAGE sql AS 'SELECT 1'" >said 2>&1
createdb -h "$pg_dir" -U tm -O owner owned && pg_sql owned 'GRANT ALL ON SCHEMA public TO owner' &&
  "$TIDEMARK" --db "$(pg_url owner owned)" ingest nights.csv >said 2>&1 || { cat said && exit 1; }

# All that an attack could have changed.
state_of() {
  "$TIDEMARK" --db "$(pg_url tm "$1")" dump | sha256sum
  pg_sql "$1" 'SELECT count(*) FROM pg_class' && pg_sql "$1" 'SELECT count(*), sum(value) FROM verdict'
  pg_sql "$1" "SELECT rolname, rolsuper FROM pg_roles ORDER BY 1" && pg_sql "$1" 'SELECT count(*) FROM pg_largeobject_metadata'
  [[ $1 != tm ]] || pg_sql tm 'SELECT last_value, is_called FROM counter'
  ls "$pg_dir/loot" 2>&1 | sed 's/.*: //'
}

# Values never become a part of the query, whatever the quotes about them; a number takes the type of what it stands beside.
values() {
  local sql=("$TIDEMARK" --db "$PG_URL" sql --format csv)
  equal "$("${sql[@]}" "SELECT :v AS v" --param "v=it's'; DROP TABLE run; -- \\")" $'v\n'"it's'; DROP TABLE run; -- \\" || return
  equal "$("${sql[@]}" "SELECT E'\\' :v' AS a, \$\$:v\$\$ AS b, \$t\$ \$\$ :v \$t\$ AS c, ':v' AS d, '1'::text AS e /* :v /* :v */ :v */, :v AS v" --param v=7)" $'a,b,c,d,e,v\n'"' :v,:v,\" \$\$ :v \",:v,1,7" || return
  equal "$("${sql[@]}" "SELECT count(*) AS n FROM run WHERE key = :key" --param key=8123)" $'n\n0' && equal "$("${sql[@]}" "SELECT :n::int + 1 AS n WHERE :x < 1" --param n=-2 --param x=0.5)" $'n\n-1' || return
  pg_sql "ALTER ROLE reader SET standard_conforming_strings = off" && equal "$("$TIDEMARK" --db "$(pg_url reader tm)" sql --format csv "SELECT :v AS v" --param 'v=\')" $'v\n\\'
}

# As when a newer version opens the store: all of them are made anew.
views_again() {
  local listed="SELECT count(*), md5(string_agg(viewname || definition, '' ORDER BY viewname)) FROM pg_views WHERE schemaname = 'public'"
  pg_sql "$listed" >before && pg_sql "$(<"$TM_SOURCE_DIR/schema/postgres/views.sql")" && pg_sql "$listed" | diff before - && [[ $(cut -d '|' -f 1 before) -ge 11 ]]
}

attacks=(
  "COPY run TO PROGRAM 'touch $pg_dir/loot'"
  "COPY run TO '$pg_dir/loot'"
  "COPY run FROM PROGRAM 'touch $pg_dir/loot'"
  "SELECT pg_read_file('/etc/passwd')"
  "SELECT lo_export(lo_from_bytea(0, 'x'), '$pg_dir/loot')"
  "SELECT set_config('role', 'none', true), query_to_xml('SELECT lo_export(lo_from_bytea(0, ''x''), ''$pg_dir/loot'')', true, true, '')::text"
  "DO 'BEGIN DELETE FROM run; END'"
  "SET ROLE NONE; DELETE FROM run; COMMIT"
  "SET ROLE NONE"
  "RESET ROLE"
  "SET SESSION AUTHORIZATION DEFAULT"
  "COMMIT"
  "SELECT set_config('role', 'none', false)"
  "SELECT set_config('session_authorization', 'tm', false)"
  "SELECT set_config('transaction_read_only', 'off', true)"
  "SELECT * FROM dblink('$(pg_url tm tm)', 'DELETE FROM run RETURNING 1') AS t(x int)"
  "SELECT nextval('counter')"
  "SELECT setval('counter', 99)"
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tm'"
  "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
  "SELECT pg_reload_conf()"
  "CREATE TEMP TABLE mine AS SELECT 1"
  "SELECT 1 INTO mine"
  "EXPLAIN ANALYZE DELETE FROM run"
  "WITH gone AS (DELETE FROM run RETURNING run_id) SELECT * FROM gone"
  "INSERT INTO run SELECT * FROM run RETURNING 1"
  "UPDATE pg_settings SET setting = 'none' WHERE name = 'role' RETURNING 1"
  "SELECT * FROM run FOR UPDATE"
  "SELECT 1; DROP TABLE run"
  "CREATE ROLE thief SUPERUSER"
  "ALTER ROLE tidemark_reader SUPERUSER"
  "SELECT * FROM pg_authid"
  "SELECT * FROM private"
  "SELECT query_to_xml('DELETE FROM run', true, true, '')::text"
  "SELECT * FROM tm_read('DELETE FROM run RETURNING 1::int') AS t(x int)"
  "SELECT 1 FROM pg_sleep(60)"
  "SELECT set_config('statement_timeout', '0', false) FROM generate_series(1, 2) UNION ALL SELECT 'x' FROM pg_sleep(60)"
  "SELECT count(*) FROM generate_series(1, 1000000000000)"
  "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 0 FROM r) SELECT count(*) FROM r"
  "SELECT sum(length(repeat('x', 100000000 + n))) FROM generate_series(1, 100000) AS n"
)

# attack LOGIN DATABASE: none of them succeeds, changes anything, or takes long
attack() {
  local sql code begin before
  before=$(state_of "$2")
  for sql in "${attacks[@]}"; do
    [[ $1 == reader && $sql == *"'none', false"* ]] && continue # of that login nothing is held back: it may do no more anyway
    begin=$SECONDS
    timeout 20 "$TIDEMARK" --db "$(pg_url "$1" "$2")" sql --timeout 1 "$sql" >said 2>&1
    code=$?
    equal 2 $code && [[ $((SECONDS - begin)) -lt 6 ]] || { echo "$1: $sql: $((SECONDS - begin)) s" && cat said && return 1; }
  done
  diff <(echo "$before") <(state_of "$2") && equal 0 "$(pg_sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tidemark'")"
}

questions() {
  local login
  for login in tm writer reader; do
    diff <("$TIDEMARK" --db "$(pg_url $login tm)" sql "SELECT plugin, median(wall_per_call_ms) AS ms, count(*) AS n, '1'::numeric(5,2) AS x, 'a'::char(3) AS y, NULL AS z
      FROM profiles GROUP BY plugin ORDER BY plugin LIMIT 1") <(printf 'plugin,ms,n,x,y,z\n%s,1,"a  ",\n' \
      "$(pg_sql "SELECT plugin || ',' || median(wall_per_call_ms) || ',' || count(*) FROM profiles GROUP BY plugin ORDER BY plugin LIMIT 1")") || return 1
    "$TIDEMARK" --db "$(pg_url $login tm)" sql "EXPLAIN SELECT * FROM run" >said 2>&1 && grep -q "Seq Scan" said || { cat said && return 1; }
    "$TIDEMARK" --db "$(pg_url $login tm)" sql "SELECT 1 AS one -- and no more" | grep -qx 1 || return 1
    "$TIDEMARK" --db "$(pg_url $login tm)" sql "SELECT plugin AS a, plugin AS a FROM profiles LIMIT 1" | grep -qx a,a || return 1
  done
  "$TIDEMARK" --db "$PG_URL" sql --timeout 999999999 "SELECT 1 AS one" | grep -qx 1 && "$TIDEMARK" --db "$PG_URL" sql --timeout 0 "SELECT 1 AS one" | grep -qx 1 &&
    ! "$TIDEMARK" --db "$PG_URL" sql --timeout 0.0001 "SELECT 1 FROM pg_sleep(1)"
}

# One superuser in a database whose role is lost is refused.
without_role() {
  createdb -h "$pg_dir" -U tm bare && "$TIDEMARK" --db "$(pg_url tm bare)" ingest nights.csv &&
    pg_sql bare 'DROP FUNCTION tm_read' || return 1
  "$TIDEMARK" --db "$(pg_url tm bare)" sql 'SELECT 1' >said 2>&1
  equal 2 $? && grep -q 'does not run as a superuser' said || { cat said && return 1; }
}

writes() {
  "$TIDEMARK" --db "$(pg_url "$1" tm)" ingest --run "by-$1" --at 1800000000 nights-part.csv >said 2>&1
}
roles_as_described() {
  cut -d, -f5- nights.csv | sed -n '1p;2,3p' >nights-part.csv
  writes writer || { cat said && return 1; }
  "$TIDEMARK" --db "$(pg_url writer tm)" gate >said 2>&1
  [[ $? != 2 ]] || { cat said && return 1; }
  "$TIDEMARK" --db "$(pg_url reader tm)" runs >said 2>&1 && "$TIDEMARK" --db "$(pg_url reader tm)" findings >said 2>&1 || { cat said && return 1; }
  ! writes reader && grep -q 'permission denied' said && "$TIDEMARK" --db "$(pg_url writer tm)" rm by-writer
}

# ---- the password ----
secret='t1de-secret'
sed -i "1i local all keeper scram-sha-256" "$pg_data/pg_hba.conf"
pg_sql "CREATE ROLE keeper LOGIN PASSWORD '$secret'; GRANT tidemark_reader TO keeper; SELECT pg_reload_conf()" >said
keeper() { echo "postgresql://keeper$1@/tm?host=$pg_dir$2"; }

# shown COMMAND...: runs it; 1 if the password is in what it prints, as a whole or a half
hides() {
  "$@" >hides-said 2>&1 </dev/null
  ! grep -E "t1de|secret" hides-said || { echo "$*" && return 1; }
}

passes_through() {
  "$TIDEMARK" --db "$(keeper ":$secret" "")" runs >said 2>&1 && "$TIDEMARK" --db "$(keeper "" "&password=$secret")" runs >said 2>&1 &&
    PGPASSWORD=$secret "$TIDEMARK" --db "$(keeper "" "")" runs >said 2>&1 && "$TIDEMARK" --db "$(keeper ":t1de%2Dsecret" "&sslmode=prefer")" runs >said 2>&1 || { cat said && return 1; }
  echo "*:*:*:keeper:$secret" >pgpass && chmod 600 pgpass
  PGPASSFILE=$PWD/pgpass "$TIDEMARK" --db "$(keeper "" "")" runs >said 2>&1 && PGHOST=$pg_dir PGUSER=keeper PGPASSWORD=$secret "$TIDEMARK" --db postgresql:///tm runs >said 2>&1 || { cat said && return 1; }
  "$TIDEMARK" --db "$(keeper ":wrong" "")" runs >said 2>&1
  equal 2 $?
}

hidden() {
  local good address
  good=$(keeper ":$secret" "")
  for address in "$(keeper ":x$secret" "")" "$(keeper "" "&password=x$secret")" "postgresql://keeper:t1de/secret@/tm?host=$pg_dir" \
    "postgresql://keeper:t1de@secret@/tm?host=$pg_dir" "postgresql://keeper:%zz$secret@/tm" "postgres://keeper:$secret@nowhere.invalid/tm" \
    "postgresql://keeper:t1de?secret@nowhere.invalid/tm" "postgres://keeper:x$secret@/tm?host=$pg_dir" "postgresql://keeper:$secret@/none?host=$pg_dir" \
    "postgresql://keeper:t1de:secret@127.0.0.1:1/tm" "postgresql://keeper:$secret@/tm?host=$pg_dir&nonsense=1"; do
    hides "$TIDEMARK" --db "$address" runs && equal 2 "$("$TIDEMARK" --db "$address" runs >said 2>&1; echo $?)" || return 1
  done
  hides "$TIDEMARK" "$good" && hides "$TIDEMARK" runs "$good" && hides "$TIDEMARK" --dbb "$good" runs && hides "$TIDEMARK" "--dbb=$good" runs &&
    hides "$TIDEMARK" runs --project "$good" --db "$good" && hides "$TIDEMARK" show "$good" --db "$good" && hides "$TIDEMARK" ingest nights.csv --db "$good" &&
    hides "$TIDEMARK" gate --explain --dry-run --db "$good" && hides "$TIDEMARK" report --db "$good" && hides "$TIDEMARK" dump --db "$good" &&
    hides "$TIDEMARK" check --db "$good" && hides env TIDEMARK_DB="$good" "$TIDEMARK" rm nothing || return 1
  for address in "$good" "$(keeper ":x$secret" "")" "postgresql://keeper:t1de@secret@/tm?host=$pg_dir" "postgresql://keeper:$secret@nowhere.invalid/tm"; do
    hides "$TIDEMARK" push --to "$address" --db nights.db && hides "$TIDEMARK" push --from nights.db "--to=$address" &&
      hides "$TIDEMARK" pull --from "$address" --db home.db && hides "$TIDEMARK" pull --from nights.db --db "$address" &&
      hides "$TIDEMARK" push --project "$address" --from nights.db --to nights.db && hides "$TIDEMARK" ingest nights.csv --spool "$address" --db "$address" ||
      return 1
  done
}

# Of a process that works: its line for ps, and what would become of it when it crashes.
process() {
  local pid line core
  mkfifo query
  "$TIDEMARK" --db "$(keeper ":$secret" "")" sql --file query >said 2>&1 &
  pid=$!
  exec 9>query
  line=$(tr '\0' ' ' </proc/$pid/cmdline)
  echo "SELECT 1 FROM pg_sleep(2)" >&9
  exec 9>&-
  sleep 1
  core=$(awk '/^Max core file size/ { print $5 }' /proc/$pid/limits)
  [[ $line == *"postgresql://keeper:***@/tm?host=$pg_dir"* && $line != *secret* ]] || { echo "$line" && return 1; }
  equal 0 "$core" && wait $pid
}

# of_line COMMAND...: what ps and a crash would show of a command that waits for the project's row
of_line() {
  local pid line core tries=0
  "$@" >said 2>&1 &
  pid=$!
  until [[ $(pg_sql "SELECT count(*) FROM pg_stat_activity WHERE usename = 'keeper'") != 0 ]]; do
    sleep 0.05
    [[ $((tries += 1)) -lt 200 ]] || { cat said && return 1; }
  done
  line=$(tr '\0' ' ' </proc/$pid/cmdline)
  core=$(awk '/^Max core file size/ { print $5 }' /proc/$pid/limits)
  kill $pid
  wait $pid
  [[ $line == *"postgresql://keeper:***@/tm?host=$pg_dir"* && $line != *secret* ]] && equal 0 "$core" || { echo "$line: $core" && return 1; }
}
# The tables are locked meanwhile, so that the commands are seen at work.
process_of_two_stores() {
  local holder code=0 command
  pg_sql "BEGIN; LOCK TABLE tidemark_schema IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)" &
  holder=$!
  sleep 0.5
  for command in "push --to" "pull --from"; do
    # shellcheck disable=SC2086
    of_line "$TIDEMARK" $command "$(keeper ":$secret" "")" --db other.db || code=1
    [[ $command != push* ]] || of_line "$TIDEMARK" push "--to=$(keeper ":$secret" "")" --db nights.db || code=1
  done
  pg_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
  wait $holder
  return $code
}

check "questions of all logins are answered" questions
check "${#attacks[@]} attacks by a superuser change nothing" attack tm tm
check "attacks by a writer change nothing" attack writer tm
check "attacks by a reader change nothing" attack reader tm
check "a superuser without the role is refused" without_role
check "a writer writes, a reader reads" roles_as_described
check "passwords reach the server in each way of libpq's" passes_through
check "no message holds a password" hidden
check "the process's line and core hold no password" process
check "nor do those of push and pull" process_of_two_stores
check 'the views can be made again' views_again
check 'values are no part of a query' values
[[ $failures == 0 ]]
