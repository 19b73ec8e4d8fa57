#!/usr/bin/env bash
# Golden command sessions: tests/session/NAME.session holds lines '$ command' (continued by lines '> more'), each followed by what it
# prints, standard error included, and 'exit N' where that is not 0. Lines of '#' and blank lines before them are comments. Each session
# runs in an empty directory, in one shell, where tidemark is the program under test. UPDATE=1 rewrites the sessions from what happens.
# Arguments, or TM_SESSIONS, pick sessions by name.
set -u
# shellcheck disable=SC2086 # a list
[[ $# -gt 0 ]] || set -- ${TM_SESSIONS-}
[[ -x $TIDEMARK ]] || { echo "not ok session: no program at $TIDEMARK"; exit 1; }
failures=0
mkdir "$TMPDIR/bin" && ln -s "$TIDEMARK" "$TMPDIR/bin/tidemark" || exit 1
PATH=$TMPDIR/bin:$PATH
unset TIDEMARK_DB

# perform COMMAND: prints it as the session has it, runs it, prints what it prints
perform() {
  local code
  printf '$ %s\n' "${1//$'\n'/$'\n> '}"
  eval "$1" >"$TMPDIR/out" 2>&1 </dev/null 3<&-
  code=$?
  cat "$TMPDIR/out"
  [[ ! -s $TMPDIR/out || -z $(tail -c 1 "$TMPDIR/out") ]] || echo '(no newline at the end)'
  [[ $code == 0 ]] || echo "exit $code"
}

# replay SESSION: the session as it should read
replay() {
  local line command='' blank=''
  while IFS= read -r line <&3; do
    if [[ $line == '> '* && $command ]]; then
      command+=$'\n'${line:2}
      continue
    fi
    [[ -z $command ]] || perform "$command"
    command=''
    case $line in
    '$ '*) command=${line:2} ;;
    '#'*) printf '%s%s\n' "$blank" "$line" ;;
    esac
    blank=$'\n'
  done 3<"$1"
  [[ -z $command ]] || perform "$command"
}

for session in "$TM_SOURCE_DIR"/tests/session/*.session; do
  name=${session##*/} name=${name%.session}
  [[ $# == 0 || " $* " == *" $name "* ]] || continue
  mkdir "$TMPDIR/$name" || exit 1
  (cd "$TMPDIR/$name" && replay "$session") >"$TMPDIR/$name.actual" 2>&1
  [[ -z ${UPDATE-} ]] || cp "$TMPDIR/$name.actual" "$session"
  if cmp -s "$TMPDIR/$name.actual" "$session"; then
    echo "ok session $name"
  else
    echo "not ok session $name"
    diff -u --label expected --label actual "$session" "$TMPDIR/$name.actual" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
done
[[ $failures == 0 ]]
