#!/usr/bin/env bash
# Stores for the gate, and what it says of them: sourced by tests, which count `failures`. Stores are made of eight plugins a..h, whose
# nights differ by 2 % unless told otherwise.
unset TIDEMARK_CONFIG TIDEMARK_BUDGET TIDEMARK_BASE TIDEMARK_STRICT TIDEMARK_MAX_AGE GITHUB_ACTOR GITLAB_USER_LOGIN
export TIDEMARK_DB=t.db TIDEMARK_USER=anna
tm() { "$TIDEMARK" "$@"; }

# check NAME COMMAND...: of the test named $suite; ok if the command succeeds; each begins in an empty directory
check() {
  local name=$1
  shift
  rm -rf "$TMPDIR/case" && mkdir "$TMPDIR/case"
  if (cd "$TMPDIR/case" && "$@") >"$TMPDIR/log" 2>&1; then
    echo "ok ${suite:?} $name"
  else
    echo "not ok ${suite:?} $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# nights FIRST LAST ['AWK']: rows of these nights; AWK may change wall, cpu, errors, calls, peak (of one call, for calls: in all) of plugin p
# in night n, or leave one out by `gone = 1`. HOST, BRANCH and AT (hour) are taken from the environment.
nights() {
  awk -v first="$1" -v last="$2" -v host="${HOST:-ci}" -v branch="${BRANCH:-main}" -v at="${AT:-0}" 'BEGIN {
    print "run,started_at,host,branch,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb"
    for (n = first; n <= last; n++)
      for (i = 1; i <= 8; i++) {
        p = substr("abcdefgh", i, 1)
        calls = 100; errors = gone = 0
        noise = ((n * 7919 + i * 104729) * (n + 13 * i) % 9973) / 9973 - 0.5
        wall = 20 * i * (1 + 0.04 * noise); cpu = wall * 0.9; peak = 10000 * i * (1 + 0.01 * noise)
        '"${3:-}"'
        if (!gone) printf "%s%03d,%d,%s,%s,c%03d,%s,%d,%d,%.6f,%.6f,%.3f\n", branch == "main" ? host == "ci" ? "n" : host "-" : branch "-", n,
          1760000000 + 86400 * n + 3600 * at, host, branch, n, p, calls, errors, wall * calls, cpu * calls, peak
      }
  }'
}

store() { nights "${@:1:3}" >in.csv && tm ingest in.csv "${@:4}" >/dev/null; }

# gate CODE [ARGUMENT...]: what it says is in said
gate() {
  local code
  tm gate --all "${@:2}" >said 2>&1
  code=$?
  cat said
  [[ $code == "$1" ]] || { echo "exit code $code, expected $1" && return 1; }
}

says() { grep -qE -- "$1" said || { echo "does not say: $1" && return 1; }; }
says_not() { ! grep -E -- "$1" said || { echo "should not say: $1" && return 1; }; }
# one SQL: a single value
one() { tm sql --format csv "$1" | tail -n +2; }
equal() { [[ $1 == "$2" ]] || { echo "expected '$1', found '$2'" && return 1; }; }
