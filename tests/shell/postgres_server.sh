# A PostgreSQL server of a test's own, for tests to source: its cluster, which nothing outlives, is in a short directory, for the path of a socket
# has some 100 bytes. As root it runs as nobody, for the server refuses root; commands reach it as the role tm, which is no superuser.
# shellcheck shell=bash

# The newest server's programs: where Debian puts them, or in PATH. 1: there are none.
postgres_programs() {
  local at
  for at in $(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null | sort -rV) "$(command -v initdb)"; do
    postgres_bin=$(dirname "$(readlink -f "$at")")
    [[ -x $postgres_bin/initdb && -x $postgres_bin/postgres && -x $postgres_bin/psql ]] && return
  done
  return 1
}

as_server() {
  if [[ $(id -u) == 0 ]]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}

# postgres_start [SETTING...]: 0, and $postgres is the address of an empty database; 1 with what the server said on standard output
postgres_start() {
  local setting settings=() tries
  postgres_dir=$(mktemp -d /tmp/tm-pg.XXXXXX) || return
  trap postgres_stop EXIT
  trap 'exit 1' HUP INT TERM
  [[ $(id -u) != 0 ]] || chown nobody "$postgres_dir"
  (cd / && as_server env HOME="$postgres_dir" "$postgres_bin/initdb" -D "$postgres_dir/data" -U postgres -A trust --no-sync -E UTF8 --locale=C) >"$TMPDIR/initdb.log" 2>&1 ||
    { cat "$TMPDIR/initdb.log" && return 1; }
  for setting in listen_addresses= "unix_socket_directories=$postgres_dir" fsync=off full_page_writes=off "$@"; do settings+=(-c "$setting"); done
  # It ends with the test, even one that is killed.
  (cd / && exec 2>"$TMPDIR/server.log" >&2 && if [[ $(id -u) == 0 ]]; then
    exec setpriv --reuid=nobody --regid=nogroup --clear-groups --pdeathsig INT "$postgres_bin/postgres" -D "$postgres_dir/data" "${settings[@]}"
  else
    exec setpriv --pdeathsig INT "$postgres_bin/postgres" -D "$postgres_dir/data" "${settings[@]}"
  fi) &
  postgres_pid=$!
  for ((tries = 0; tries < 600; tries++)); do
    if postgres_sql postgres 'SELECT 1' >/dev/null 2>&1; then
      # shellcheck disable=SC2034 # for those who source this
      postgres_sql postgres 'CREATE ROLE tm LOGIN' && postgres_sql postgres 'CREATE DATABASE tm OWNER tm' && postgres="postgresql://tm@/tm?host=$postgres_dir"
      return
    fi
    kill -0 "$postgres_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$TMPDIR/server.log"
  return 1
}

# postgres_sql DATABASE SQL: as the superuser; values alone
postgres_sql() { "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 -h "$postgres_dir" -U postgres -d "$1" -c "$2"; }

# SIGINT: without waiting for those who are connected.
postgres_stop() {
  if [[ ${postgres_pid-} ]]; then
    kill -INT "$postgres_pid" 2>/dev/null
    wait "$postgres_pid" 2>/dev/null
  fi
  rm -rf "$postgres_dir"
}
