# A PostgreSQL of the test's own, in a directory that goes and on a Unix socket only: for scripts to source.
#   pg_use TEST [CONFIG-LINE...]   starts one, with $PG_URL as its superuser's address; where there is none, says so as a skipped case of TEST and
#                                  ends the script; one that does not start is a case that fails
#   pg_url USER DATABASE           an address of it
#   pg_sql [DATABASE] SQL          runs SQL as the superuser, and prints rows bare
#   pg_stop [SIGNAL]               stops it: INT (fast), QUIT (as if it crashed); pg_restart starts it again; pg_kill: kill -9
# A server does not run as root: then nobody runs it. It ends with the script, even with one that is killed.
# shellcheck shell=bash
# The newest one's programs: where Debian puts them, where its own installation does, or in PATH.
pg_bin=$(find /usr/lib/postgresql/*/bin /usr/local/pgsql/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
pg_bin=${pg_bin:-$(command -v initdb)}
pg_bin=${pg_bin:+$(dirname "$(readlink -f "$pg_bin")")}
# A socket's name has 107 bytes at most, so not below $TMPDIR.
pg_dir=$(mktemp -d /tmp/tm-pg.XXXXXX)
pg_data=$pg_dir/data
chmod 755 "$pg_dir"

pg_as_user() {
  if [[ $(id -u) == 0 ]]; then
    exec setpriv --reuid=nobody --regid=nogroup --clear-groups --pdeathsig INT env HOME="$pg_dir" "$@"
  else
    exec setpriv --pdeathsig INT "$@"
  fi
}

pg_url() { echo "postgresql://$1@/$2?host=$pg_dir"; }

pg_sql() {
  local database=tm
  [[ $# -gt 1 ]] && database=$1 && shift
  psql -XAtq -v ON_ERROR_STOP=1 -F '|' -d "$(pg_url tm "$database")" -c "$1"
}

pg_answers() { pg_sql postgres 'SELECT 1' >"$pg_dir/answer" 2>&1; }
pg_restart() {
  local tries
  (cd / && pg_as_user "$pg_bin/postgres" -D "$pg_data") >>"$pg_dir/log" 2>&1 </dev/null &
  pg_pid=$!
  for ((tries = 0; tries < 600; tries++)); do
    ! pg_answers || return 0
    kill -0 "$pg_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$pg_dir/log"
  return 1
}
# INT: without waiting for those who are connected.
pg_stop() {
  [[ ${pg_pid-} ]] || return 0
  kill -"${1:-INT}" "$pg_pid" 2>/dev/null
  wait "$pg_pid" 2>/dev/null
  pg_pid=''
}
# Its children end by themselves, and none starts again before: the memory that they share is in use.
pg_kill() {
  local child children tries=0
  read -ra children < <(cat "/proc/$pg_pid/task/$pg_pid/children")
  pg_stop KILL
  for child in "${children[@]}"; do
    while kill -0 "$child" 2>/dev/null && ((tries++ < 500)); do sleep 0.02; done
  done
}

# A pooler before it, that gives a session of the server to whoever has a transaction: 1 where there is none. pg_pool_url USER DATABASE
pg_pool_url() { echo "postgresql://$1@/$2?host=$pg_dir/pool"; }
pg_pool_start() {
  command -v pgbouncer >/dev/null || return 1
  mkdir -p "$pg_dir/pool" && echo '"tm" ""' >"$pg_dir/pool/users"
  printf '%s\n' '[databases]' "* = host=$pg_dir" '[pgbouncer]' "unix_socket_dir = $pg_dir/pool" 'listen_addr =' 'listen_port = 5432' 'auth_type = trust' \
    "auth_file = $pg_dir/pool/users" 'pool_mode = transaction' "default_pool_size = $1" "pidfile = $pg_dir/pool/pid" >"$pg_dir/pool/ini"
  [[ $(id -u) != 0 ]] || chown -R nobody "$pg_dir/pool"
  (pg_as_user pgbouncer "$pg_dir/pool/ini") >"$pg_dir/pool.log" 2>&1 </dev/null &
  local i
  for ((i = 0; i < 100; i++)); do
    [[ ! -S $pg_dir/pool/.s.PGSQL.5432 ]] || return 0
    sleep 0.05
  done
  cat "$pg_dir/pool.log"
  return 1
}

pg_end() {
  [[ ! -s $pg_dir/pool/pid ]] || kill "$(<"$pg_dir/pool/pid")"
  pg_stop QUIT
  rm -rf "$pg_dir"
}
trap pg_end EXIT

pg_make() {
  [[ $(id -u) != 0 ]] || chown nobody "$pg_dir"
  (cd / && pg_as_user "$pg_bin/initdb" -D "$pg_data" -U tm -A trust --no-sync -E UTF8 --locale=C) >"$pg_dir/log" 2>&1 || { cat "$pg_dir/log" && return 1; }
  printf '%s\n' "unix_socket_directories = '$pg_dir'" "listen_addresses = ''" 'shared_buffers = 32MB' 'deadlock_timeout = 200ms' "$@" >>"$pg_data/postgresql.conf"
  pg_restart && pg_sql postgres 'CREATE DATABASE tm'
}

pg_use() {
  local test=$1 none=''
  shift
  "$TIDEMARK" --db "$(pg_url tm none)" runs 2>&1 | grep -q 'built without PostgreSQL\|library is not here' && none='built without'
  [[ $pg_bin ]] && command -v psql >/dev/null || none='no server here'
  if [[ $none ]]; then
    echo "ok $test # skipped: no PostgreSQL ($none)"
    exit 0
  fi
  if ! pg_make "$@"; then
    echo "not ok $test: a server starts"
    exit 1
  fi
  PG_URL=$(pg_url tm tm)
  export PG_URL
}
