# A PostgreSQL of the test's own, below $TMPDIR and on a Unix socket only: for scripts to source.
#   pg_start [CONFIG-LINE...]   starts one, with $PG_URL as its superuser's address; 1 where there is none (said as a skipped case of $1's)
#   pg_url USER DATABASE        an address of it
#   pg_sql [DATABASE] SQL       runs SQL as the superuser, and prints rows bare
#   pg_stop [MODE]              stops it (fast, immediate); pg_restart starts it again;  pg_kill: kill -9 of all of it
# A server does not run as root: then nobody runs it.
# shellcheck shell=bash
pg_bin=$(find /usr/lib/postgresql/*/bin /usr/local/pgsql/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1)
# A socket's name has 107 bytes at most, so not below $TMPDIR.
pg_dir=$(mktemp -d /tmp/tm-pg.XXXXXX)
pg_data=$pg_dir/data
chmod 755 "$pg_dir"

pg_as_user() {
  if [[ $(id -u) == 0 ]]; then
    setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$pg_dir" "$@"
  else
    "$@"
  fi
}

pg_url() { echo "postgresql://$1@/$2?host=$pg_dir"; }

pg_sql() {
  local database=tm
  [[ $# -gt 1 ]] && database=$1 && shift
  psql -XAtq -v ON_ERROR_STOP=1 -F '|' -d "$(pg_url tm "$database")" -c "$1"
}

pg_restart() { pg_as_user "$pg_bin/pg_ctl" -D "$pg_data" -w -t 60 -l "$pg_dir/log" start >"$pg_dir/started" 2>&1 </dev/null; }
pg_stop() { [[ ! -d $pg_data ]] || pg_as_user "$pg_bin/pg_ctl" -D "$pg_data" -w -m "${1:-immediate}" stop >"$pg_dir/stopped" 2>&1; }

# The postmaster is killed, and with it its children end by themselves: all that counts is on the disk.
pg_kill() {
  local pid
  pid=$(head -n 1 "$pg_data/postmaster.pid")
  kill -9 "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
}

# A pooler before it, that gives a session of the server to whoever has a transaction: 1 where there is none. pg_pool_url USER DATABASE
pg_pool_url() { echo "postgresql://$1@/$2?host=$pg_dir/pool"; }
pg_pool_start() {
  command -v pgbouncer >/dev/null || return 1
  mkdir -p "$pg_dir/pool" && echo '"tm" ""' >"$pg_dir/pool/users"
  printf '%s\n' '[databases]' "* = host=$pg_dir" '[pgbouncer]' "unix_socket_dir = $pg_dir/pool" 'listen_addr =' 'listen_port = 5432' 'auth_type = trust' \
    "auth_file = $pg_dir/pool/users" 'pool_mode = transaction' "default_pool_size = $1" "pidfile = $pg_dir/pool/pid" >"$pg_dir/pool/ini"
  [[ $(id -u) != 0 ]] || chown -R nobody "$pg_dir/pool"
  pg_as_user pgbouncer "$pg_dir/pool/ini" >"$pg_dir/pool.log" 2>&1 </dev/null &
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
  pg_stop immediate
  rm -rf "$pg_dir"
}
trap pg_end EXIT

pg_start() {
  local line
  if [[ -z $pg_bin ]] || ! command -v psql >/dev/null || [[ $("$TIDEMARK" --db "$(pg_url tm none)" runs 2>&1) == *"built without"* ]]; then
    return 1
  fi
  [[ $(id -u) != 0 ]] || chown nobody "$pg_dir"
  pg_as_user "$pg_bin/initdb" -D "$pg_data" -U tm -A trust --no-sync -E UTF8 --locale=C >"$pg_dir/made" 2>&1 || return 1
  {
    echo "unix_socket_directories = '$pg_dir'"
    echo "listen_addresses = ''"
    echo "shared_buffers = 32MB"
    echo "deadlock_timeout = 200ms"
    for line in "$@"; do echo "$line"; done
  } >>"$pg_data/postgresql.conf"
  pg_restart || return 1
  createdb -h "$pg_dir" -U tm tm && export PG_URL && PG_URL=$(pg_url tm tm)
}
