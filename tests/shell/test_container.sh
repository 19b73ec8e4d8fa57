#!/usr/bin/env bash
# What can be held of packaging/Containerfile and compose.yaml where no container runs: every package is known, every file is there, the commands run as
# they stand in a copy of the tree that has no more than they take along, what is installed finds its libraries in the packages, and the compose file's
# check and address work. TM_LONG=1: the copy is built from nothing; otherwise it takes what is built here.
set -u
cd "$TMPDIR" || exit 1
container=$TM_SOURCE_DIR/packaging/Containerfile compose=$TM_SOURCE_DIR/packaging/compose.yaml
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"

# check NAME COMMAND...: ok if the command succeeds
check() {
  if ("${@:2}") >"$TMPDIR/log" 2>&1; then echo "ok container: $1"; else echo "not ok container: $1" && head -n 30 "$TMPDIR/log" | sed 's/^/  /'; fi
}
skip() { echo "ok container: $1 # skipped: $2"; }

# instructions STAGE: of that stage, a line each, without what continues them
instructions() {
  awk -v stage="$1" '/^#/ { next } /\\$/ { sub(/\\$/, ""); line = line $0; next } { line = line $0 } line { if (line ~ /^FROM /) on = line ~ (" AS " stage "$"); else if (on) print line; line = "" }' "$container"
}
packages() { instructions "$1" | sed -n 's/^RUN .*--no-install-recommends *\([^&]*\).*/\1/p' | tr -s ' ' '\n' | grep .; }

known_packages() {
  local stage package n=0
  for stage in build tidemark tidemark-report; do
    for package in $(packages $stage); do
      n=$((n + 1))
      apt-cache show "$package" >said 2>&1 || { echo "$package is not known" && return 1; }
    done
  done
  ((n > 14))
}

# What building takes, as set-up knows it.
same_as_setup() {
  sed -n "s/^linked_libraries//; /^packages='/,/^'/p" "$TM_SOURCE_DIR/scripts/setup.sh" | awk '/^(compiler|make|pkg-config|sqlite|csv|expat|zlib|inih|libpq) / { print $2 }' | tr ',' '\n' | sort >wanted
  packages build | sort | diff wanted -
}

# Into $TMPDIR/src what the stage copies to /src, and its commands with that, and $TMPDIR/out, for their places.
copied_and_built() {
  local what from to command
  mkdir src out
  while read -r what from to; do
    [[ $what == COPY ]] || continue
    [[ -e $TM_SOURCE_DIR/$from ]] || { echo "$from is not there" && return 1; }
    cp -a "$TM_SOURCE_DIR/$from" ".$to" || return
  done < <(instructions build)
  [[ ${TM_LONG-} ]] || { mkdir -p src/build && cp -a "$TM_BUILD"/{gen,base,schema,analyze,gate,ingest,record,report,store,cli,module,wrap} src/build/; }
  while read -r what command; do
    [[ $what == RUN && $command == *make* && $command != apt-get* ]] || continue
    (cd src && eval "${command//\/out/$TMPDIR/out}") || return
  done < <(instructions build)
  while read -r what from to; do
    [[ $what != COPY ]] || [[ -e $TMPDIR${from%% *} ]] || { echo "$from is not there" && return 1; }
  done < <(instructions tidemark | sed 's/--from=build //')
  out/usr/local/bin/tidemark --version
}

# Each library that the program is linked with is of a package that the stage installs, or of the C library.
libraries() {
  local library package
  ldd out/usr/local/bin/tidemark | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' >libraries && [[ -s libraries ]] || return
  while read -r library; do
    package=$({ dpkg -S "$library" || dpkg -S "$(readlink -f "$library")" || dpkg -S "${library#/usr}" || dpkg -S "/usr$library"; } 2>/dev/null)
    package=${package%%:*}
    [[ $package == libc6 ]] || packages tidemark | grep -qx "$package" || { echo "$library is of $package" && return 1; }
  done <libraries
  packages tidemark | grep -qx libpq5 && packages tidemark-report | grep -qx gnuplot-nox
}

documented() {
  local name
  for name in TIDEMARK_DB PGPASSWORD TIDEMARK_PASSWORD packaging/compose.yaml packaging/Containerfile tidemark-report; do
    grep -q "$name" "$TM_SOURCE_DIR/docs/postgresql.md" || { echo "$name is not in docs/postgresql.md" && return 1; }
  done
  for name in TIDEMARK_DB PGPASSWORD TIDEMARK_PASSWORD; do grep -q "$name" "$compose" || return; done
}

# The whole file as its readers take it: what it refers to is in it.
valid_yaml() {
  python3 - "$compose" "$container" <<'PY'
import sys, yaml
compose = yaml.safe_load(open(sys.argv[1]))
services = compose["services"]
assert set(compose) == {"services", "volumes"} and set(services) == {"db", "tidemark"}
assert "test" in services["db"]["healthcheck"] and services["tidemark"]["depends_on"]["db"]["condition"] == "service_healthy"
build = services["tidemark"]["build"]
assert build["dockerfile"] == "packaging/Containerfile" and " AS %s\n" % build["target"] in open(sys.argv[2]).read()
assert [volume.split(":")[0] for volume in services["db"]["volumes"]] == list(compose["volumes"])
database = services["db"]["environment"]
assert services["tidemark"]["environment"]["TIDEMARK_DB"] == "postgresql://%s@db/%s" % (database["POSTGRES_USER"], database["POSTGRES_DB"])
PY
}

# The server's image makes such a login and such a database; then its check passes, and the address serves.
serves() {
  local address ready
  address=$(sed -n 's/^ *TIDEMARK_DB: //p' "$compose") ready=$(sed -n 's/^ *test: \[CMD-SHELL, \(.*\)\]$/\1/p' "$compose")
  pg_sql postgres 'CREATE ROLE tidemark SUPERUSER LOGIN' && PGHOST=$pg_dir PGUSER=tm createdb -O tidemark tidemark || return
  export TIDEMARK_DB="${address/@db\//@/}?host=$pg_dir" PATH=$pg_bin:$PATH
  [[ $ready == pg_isready* ]] && PGHOST=$pg_dir $ready && printf 'plugin,calls,wall_ms\na,1,2\n' | "$TIDEMARK" ingest - && [[ $("$TIDEMARK" sql 'SELECT count(*) AS n FROM profiles' --format csv) == $'n\n1' ]] && "$TIDEMARK" check
}

if grep -qs 'VERSION_CODENAME=bookworm' /etc/os-release && apt-cache show libc6-dev >said 2>&1; then check 'apt knows every package' known_packages; else skip packages 'no lists of Debian 12'; fi
check 'building takes the packages that set-up names' same_as_setup
if [[ $TM_BUILD == */san ]]; then
  skip build 'another tree'
else
  check 'the commands run in a copy of what they take along' copied_and_built
  if command -v dpkg >/dev/null; then check 'every library is of a package that is installed' libraries; else skip libraries 'no dpkg'; fi
fi
check 'what they are given is documented' documented
if python3 -c 'import yaml' 2>/dev/null; then check 'the compose file refers to what is there' valid_yaml; else skip 'compose file' 'no yaml of Python'; fi
pg_use 'container: the compose file serves' 'fsync = off'
check 'the compose file serves' serves
