#!/usr/bin/env bash
# The documents against the program: sessions of README.md and docs/schema.md are run, the schema reference and the manual page are
# compared with the real schema and the real options, links and versions with what is there.
# UPDATE=1 writes the sessions' real output into README.md and docs/schema.md.
set -u
shopt -s extglob
top=$TM_SOURCE_DIR
failures=0
mkdir "$TMPDIR/bin" "$TMPDIR/session" && ln -s "$TIDEMARK" "$TMPDIR/bin/tidemark" || exit 1
PATH=$TMPDIR/bin:$PATH
cd "$TMPDIR" || exit 1

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if "$@" >log 2>&1; then
    echo "ok docs $name"
  else
    echo "not ok docs $name"
    head -n 60 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# same EXPECTED ACTUAL: two files
same() { diff -u --label expected --label actual "$1" "$2"; }

# ---- sessions ----

# play FILE: the document as it should read. Blocks whose first line begins with '$ ' are run, line by line ('> ' goes on with a line).
play() {
  local line fence='' command='' session=''
  while IFS= read -r line; do
    if [[ $command && $line == '> '* ]]; then
      command+=$'\n'${line#> }
      echo "$line"
      continue
    fi
    if [[ $command ]]; then
      (cd session && eval "$command") </dev/null 2>&1
      command=''
    fi
    if [[ $line == '```'* ]]; then
      if [[ $fence ]]; then fence='' session=''; else fence=first; fi
      echo "$line"
    elif [[ $fence == first && $line == '$ '* || $session && $line == '$ '* ]]; then
      fence=more session=yes command=${line#'$ '}
      echo "$line"
    elif [[ ! $session ]]; then
      [[ ! $fence ]] || fence=more
      echo "$line"
    fi
  done <"$1"
}

# sessions FILE: compares the document with itself played
sessions() {
  play "$top/$1" >played || return
  grep -q '^\$ ' played || { echo "no session in $1" && return 1; }
  if [[ ${UPDATE-} ]]; then cp played "$top/$1"; fi
  same "$top/$1" played
}

make_files() {
  DEMO_DIR=$TMPDIR/demo "$top/scripts/demo.sh" && cp demo/history.csv demo/night.csv session/
}

unset TIDEMARK_DB
check 'demo makes the files of the README' make_files
check 'sessions of README.md' sessions README.md
[[ ! -e $top/docs/schema.md ]] || check 'sessions of docs/schema.md' sessions docs/schema.md
