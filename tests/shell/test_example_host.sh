#!/usr/bin/env bash
# The example's host: its report, and that what it records can be stored. Without PLUGIN_PROFILING=1 it records nothing.
set -u
host=$TM_BUILD/tests/examples/example_host plugins=$TM_BUILD/tests/plugins
cd "$TMPDIR" || exit 1

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if "$@" >log 2>&1; then
    echo "ok example host $name"
  else
    echo "not ok example host $name"
    sed 's/^/  /' log
  fi
}

has() { grep -qE -- "$1" "$2" || { echo "'$1' is not in $2:"; cat "$2"; return 1; }; }

PLUGIN_PROFILING=1 "$host" "$plugins" night.csv >report 2>errors
check "ends well" test $? = 0
check "says what failed" has "plugin 'image-resizer' failed with code 1" errors
check "reports what failed" has '^\[(PLUGIN|BOTTLENECK)\] web-search \| avg [0-9.]+ms \| z=.* \| errors 4 of 12 \(code [0-9]+\) \| failing$' report
check "reports all" test "$(grep -cE '^\[(PLUGIN|BOTTLENECK)\] ' report)" = 3
check "can be ingested" "$TIDEMARK" --db t.db ingest night.csv --run r --at 2026-11-20T02:00:00Z
# Where a hypervisor takes the processor away, a quarter of a millisecond may be misplaced.
"$TIDEMARK" --db t.db sql --format csv \
  "SELECT plugin, calls, errors, cpu_ms <= wall_ms * 1.01 + 0.5 AS plausible FROM profiles ORDER BY plugin" >stored 2>&1
check "stores what it did" diff stored - <<'END'
plugin,calls,errors,plausible
image-resizer,11,1,1
web-search,12,4,1
word-counter,8,0,1
END

rm -f night.csv
"$host" "$plugins" night.csv >report 2>errors
check "runs without recording" test $? = 0 -a ! -s report -a ! -e night.csv
PLUGIN_PROFILING=1 "$host" /nonexistent night.csv >report 2>errors
check "fails without its plugins" test $? = 1
check "names the one that is missing" has "^host: cannot load plugin 'image-resizer': /nonexistent/resize.so: cannot open shared object file" errors

# A host with more rights than who starts it takes no orders from his environment.
as_nobody() { setpriv --reuid 65533 --clear-groups "$@"; }
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null && cp "$host" other && chown 65534 other && chmod 4755 . other &&
  as_nobody ./other "$plugins" /dev/null; then
  PLUGIN_PROFILING=1 as_nobody ./other "$plugins" /dev/null >report 2>errors
  check "of another user ignores the environment" test $? = 0 -a ! -s report
else
  echo 'ok example host of another user # skipped: only root can make one'
fi
