#!/usr/bin/env bash
# What cannot be written is never said to be: a disk that takes no sync, so that no commit succeeds, a full disk behind the summary, a form
# or standard output. The command ends with 2, says it, prints no verdict that was not stored, and the store is as it was.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null || cc=gcc
tm() { "$TIDEMARK" --db t.db "$@"; }

# check NAME COMMAND...: ok if the command succeeds; each begins with a copy of the store
check() {
  local name=$1
  shift
  rm -f t.db* && cp base.db t.db
  if ("$@") >log 2>&1; then
    echo "ok write fails: $name"
  else
    echo "not ok write fails: $name"
    head -n 20 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

awk 'BEGIN { print "run,started_at,host,plugin,calls,wall_ms,hits"
  for (n = 1; n <= 20; n++) for (i = 1; i <= 3; i++) printf "n%02d,%d,ci,p%d,100,%d,%d\n", n, 1760000000 + 86400 * n, i, (1000 + n * 7919 % 23) * (i == 3 && n > 18 ? 2 : 1), n
}' >nights.csv
printf 'plugin,calls,wall_ms\np1,100,1000\np2,100,1000\np3,100,1000\n' >night.csv
"$TIDEMARK" --db base.db ingest nights.csv >/dev/null 2>&1 || exit 1
"$TIDEMARK" --db base.db dump | sed 's/"project":"default"/"project":"other"/' >other.jsonl

# ---- a disk that takes no sync ----

# untouched COMMAND...: fails with 2 and an error of the disk, says nothing on standard output, and changes nothing; without the fault it works
untouched() {
  local code
  sqlite3 t.db .dump >before
  LD_PRELOAD=$TMPDIR/sync_fails.so tm "$@" >out 2>err
  code=$?
  cat out err
  [[ $code == 2 && ! -s out ]] && grep -q 'disk I/O error' err && sqlite3 t.db .dump | cmp - before || { echo "exit code $code" && return 1; }
  tm "$@" >/dev/null 2>err
  [[ $? -le 1 ]] && ! sqlite3 t.db .dump | cmp -s - before
}
dry_run() { [[ $(sqlite3 t.db .dump | sha256sum; tm gate --dry-run >/dev/null; sqlite3 t.db .dump | sha256sum) == "$(sqlite3 base.db .dump | sha256sum | sed 'p')" ]]; }

if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init' || [[ $TMPDIR == *[[:space:]]* ]] ||
  ! $cc -shared -fPIC -o sync_fails.so "$TM_SOURCE_DIR/tests/data/faults/sync_fails.c"; then
  echo 'ok write fails: a disk that takes no sync # skipped: with sanitizers nothing is preloaded'
else
  check 'ingest' untouched ingest night.csv --run n21 --at 1761900000 --host ci
  check 'gate' untouched gate
  check 'gate, and a night' untouched gate night.csv --run n21 --at 1761900000 --host ci
  check 'accept' untouched accept p3 --metric wall_per_call_ms --from n19 --reason r
  check 'retire' untouched retire p1 --reason r
  check 'adopt' untouched adopt --reason r
  check 'rebuild' untouched rebuild
  check 'rename' untouched rename p1 p9
  check 'rm' untouched rm n03
  check 'prune' untouched prune --keep-days 5
  check 'restore' untouched restore other.jsonl
  check 'metric' untouched metric hits --unit n
fi
check 'a dry run changes nothing' dry_run

# ---- what is printed ----

# full COMMAND...: ends with 2 and a message of the full disk
full() {
  local code
  "$@" 2>err
  code=$?
  cat err
  [[ $code == 2 ]] && grep -q 'No space left on device' err || { echo "exit code $code" && return 1; }
}
to_full() { tm "$@" >/dev/full; }
summary() { GITHUB_STEP_SUMMARY=/dev/full tm gate --format github >/dev/null; }
if [[ -w /dev/full ]]; then
  for command in 'gate' 'gate --format json' 'runs' 'sql SELECT(1)' 'dump' 'findings' '--help'; do
    read -ra words <<<"$command"
    check "standard output of $command" full to_full "${words[@]}"
  done
  check 'the step summary' full summary
  check 'a form' full tm gate --format junit=/dev/full
else
  echo 'ok write fails: what is printed # skipped: no /dev/full'
fi
no_folder() { tm gate --format junit=no/such/file >/dev/null 2>err; [[ $? == 2 ]] && grep -q "cannot write 'no/such/file'" err; }
check 'a form without a folder' no_folder
[[ $failures == 0 ]]
