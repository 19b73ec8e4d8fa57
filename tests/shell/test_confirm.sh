#!/usr/bin/env bash
# The gate's --confirm: suspects are measured again by a command, and the same night is judged by all of it. Stores have four plugins
# whose nights differ by 2 %; the newest has one bad value.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_BUDGET TIDEMARK_BASE TIDEMARK_STRICT TIDEMARK_MAX_AGE TIDEMARK_PLUGINS TIDEMARK_REPEAT
export TIDEMARK_DB=t.db TIDEMARK_USER=anna
tm() { "$TIDEMARK" "$@"; }

# check NAME COMMAND...: ok if the command succeeds and leaves no temporary file; each begins in an empty directory
check() {
  local name=$1
  shift
  rm -rf "$TMPDIR/case" && mkdir -p "$TMPDIR/case/tmp"
  if (cd "$TMPDIR/case" && export TMPDIR=$PWD/tmp && "$@" && no_files) >"$TMPDIR/log" 2>&1; then
    echo "ok confirm $name"
  else
    echo "not ok confirm $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

no_files() { [[ ! $(ls -A tmp) ]] || { echo "left behind: $(find tmp)" && return 1; }; }

# nights FIRST LAST ['AWK']: rows of these nights; AWK may change wall, calls and errors of plugin p in night n
nights() {
  awk -v first="$1" -v last="$2" 'BEGIN {
    print "run,started_at,host,commit,plugin,calls,errors,wall_ms"
    for (n = first; n <= last; n++)
      for (i = 1; i <= 4; i++) {
        p = substr("abcd", i, 1); calls = 100; errors = 0
        noise = ((n * 7919 + i * 104729) * (n + 13 * i) % 9973) / 9973 - 0.5
        wall = 20 * i * (1 + 0.04 * noise)
        '"${3:-}"'
        printf "n%03d,%d,ci,c%03d,%s,%d,%d,%.6f\n", n, 1760000000 + 86400 * n, n, p, calls, errors, wall * calls
      }
  }'
}

# A store whose night 30 has c at one and a half times its level; again: the row of c in a repeat, with its wall time
bad_night='if (p == "c" && n == 30) wall = 90'
store() { nights 1 30 "${1:-$bad_night}" >in.csv && tm ingest in.csv >/dev/null; }
again() { printf 'printf "plugin,calls,errors,wall_ms\\nc,100,0,%s\\n" >{file}' "$1"; }

# gate CODE [ARGUMENT...]: what it prints is in said, what it warns of in warned
gate() {
  local code
  tm gate "${@:2}" >said 2>warned
  code=$?
  cat said warned
  [[ $code == "$1" ]] || { echo "exit code $code, expected $1" && return 1; }
}
says() { grep -qE -- "$1" said || { echo "does not say: $1" && return 1; }; }
says_not() { ! grep -E -- "$1" said || { echo "should not say: $1" && return 1; }; }
warns() { grep -qE -- "$1" warned || { echo "does not warn: $1" && return 1; }; }
one() { tm sql --format csv "$1" | tail -n +2; }
equal() { [[ $1 == "$2" ]] || { echo "expected '$1', found '$2'" && return 1; }; }

# ---- what repeats make of a suspect ----

not_confirmed() {
  store && gate 0 --confirm "$(again 6050)" && warns '1 suspect, measured again 3 times' && says '^PASS' && says_not '^suspect' &&
    says '^pass       c  wall_per_call_ms .*; not confirmed: with 3 more measurements it is within its usual range' && says 'judged 4 of 4 plugins: 4 pass$' &&
    gate 0 --strict && says 'not confirmed' && equal 3 "$(one "SELECT count(*) FROM run WHERE repeat_of = (SELECT run_id FROM run WHERE key = 'n030')")"
}
overwhelming() {
  store && gate 1 --confirm "$(again 9010)" && says '^FAIL' && says '^regressed  c  wall_per_call_ms .*since [0-9-]* \(n030\), commits c029\.\.c030.*; confirmed by 3 more measurements' &&
    gate 1 && says '^regressed  c' && nights 31 31 'if (p == "c") wall = 90' >in.csv && gate 1 in.csv && says '^open       c .*since [0-9-]* \(n030\)' && says_not '^regressed'
}
# Beyond all that was, but not by enough: it stays what it is, and is said to be confirmed.
confirmed() {
  store 'if (p == "c" && n == 30) wall = 66' && gate 0 --confirm "$(again 6610)" && says '^suspect    c .*; confirmed by 3 more measurements' && gate 1 --strict && says '^suspect    c'
}
# What falls back by more than a quarter was chance for a good part, however far out it still lies.
fallen_back() { store 'if (p == "c" && n == 30) wall = 180' && gate 0 --confirm "$(again 9000)" && says '^suspect    c .*; confirmed by 3 more measurements'; }
two_measurements_are_few() { store && gate 0 --confirm "$(again 9010)" --times 1 && says '^suspect    c .*; confirmed by 1 more measurement$'; }
one_usual_repeat_is_enough_doubt() {
  store && gate 0 --confirm 'printf "plugin,calls,wall_ms\nc,100,%s\n" $((TIDEMARK_REPEAT == 2 ? 6000 : 9010)) >{file}' && says '^suspect    c .*confirmed by 3'
}
# A night that is confirmed is one night: an alarm of two nights still needs the second.
one_night() { confirmed && nights 31 31 >in.csv && gate 0 in.csv && says_not 'regressed|open'; }
returns() { overwhelming && nights 32 45 >in.csv && tm ingest in.csv >/dev/null && gate 0 && says_not 'open'; }
no_suspects() { store ' ' && gate 0 --confirm 'touch ran; exit 1; {file}' && [[ ! -e ran ]] && equal '' "$(cat warned)"; }
with_a_file() {
  nights 1 29 >in.csv && tm ingest in.csv >/dev/null && nights 30 30 "$bad_night" >night.csv && gate 1 night.csv --confirm "$(again 9010)" && says '^regressed  c' &&
    gate 1 night.csv --confirm 'touch ran; {file}' && [[ ! -e ran ]]
}
measured_already() { confirmed && gate 0 --confirm 'touch ran; {file}' && [[ ! -e ran ]] && warns "run 'n030' has 3 repeats already" && says 'confirmed by 3'; }
same_again() { overwhelming && cp said first && tm rebuild >/dev/null && gate 1 --run n030 && says '^regressed  c .*confirmed by 3' && tm replay >said && says '^n030,c,wall_per_call_ms,regressed'; }
errors_of_repeats() {
  store 'if (p == "c" && n == 30) errors = 20' && gate 0 && says '^suspect    c  error_rate' || return
  gate 0 --confirm 'printf "plugin,calls,errors,wall_ms\nc,100,0,6000\n" >{file}' && says_not '^suspect'
}
own_metrics() {
  nights 1 30 "$bad_night" | awk -F, -v OFS=, 'NR == 1 { print $0, "bytes_kb"; next } { print $0, 100 + NR % 3 + ($1 == "n030" && $5 == "d" ? 60 : 0) }' >in.csv && tm ingest in.csv >/dev/null 2>&1 &&
    gate 0 && says '^suspect    d  bytes' && gate 1 --confirm 'printf "plugin,calls,wall_ms,bytes_kb\nc,100,9010,101\nd,100,8000,101\n" >{file}' && says '^pass       d  bytes.*not confirmed'
}
all_forms() {
  local form
  not_confirmed && for form in json csv markdown junit codequality sarif github openmetrics badge slack teams text-short; do gate 0 --format "$form" || return; done && gate 0 --format json && says 'not confirmed: with 3'
}

check 'passes what repeats do not bear out, and says so' not_confirmed
check 'fails the same night when all of them are far beyond the past' overwhelming
check 'keeps a suspect that repeats, and says so' confirmed
check 'keeps a suspect that falls back by a part of its distance' fallen_back
check 'asks for three measurements to fail a night' two_measurements_are_few
check 'does not fail a night with one usual measurement' one_usual_repeat_is_enough_doubt
check 'takes a confirmed night for one night' one_night
check 'is green when a confirmed level came back' returns
check 'measures nothing without suspects' no_suspects
check 'measures the night of a file, and once only' with_a_file
check 'does not measure again what was measured again' measured_already
check 'says the same when the nights are judged anew' same_again
check 'takes errors of repeats for those of one night' errors_of_repeats
check "takes repeats of a project's own metrics" own_metrics
check 'has a form for each' all_forms

# ---- the command ----

environment() {
  store 'if ((p == "c" || p == "a") && n == 30) wall *= 1.5' &&
    gate 0 --times 2 --confirm 'printf "%s|%s\n" "$TIDEMARK_REPEAT" "$TIDEMARK_PLUGINS" >>seen; echo told; printf "plugin,calls,wall_ms\na,100,2000\nc,100,6000\n" >{file}' &&
    warns '^told$' && says_not told && equal $'1|a\nc\n2|a\nc' "$(cat seen)"
}
strange_directory() { mkdir "tmp/it's \$(touch x) here" && store && TMPDIR="$TMPDIR/it's \$(touch x) here" gate 1 --confirm "$(again 9010)" && rmdir "tmp/it's \$(touch x) here" && [[ ! -e x ]]; }
hostile_names() {
  local name
  while IFS= read -r name; do
    rm -f t.db ran
    nights 1 30 "$bad_night" | NAME=$name awk -F, -v OFS=, 'NR > 1 && $5 == "c" { $5 = ENVIRON["NAME"]; gsub(/"/, "\"\"", $5); $5 = "\"" $5 "\"" } 1' >in.csv &&
      tm ingest in.csv >/dev/null && gate 1 --confirm 'sed -n "1p;/^n030,.*,c030,\"/p" in.csv >{file}' && says '^regressed .*confirmed by 3' && [[ ! -e ran ]] || { echo "name: $name" && return 1; }
  done <<'NAMES'
$(touch ran)
`touch ran`
'; touch ran; '
"; touch ran; "
{file}; touch ran
a b && touch ran
%s%n%n
-rf /
NAMES
}
other_facts_in_the_file() {
  store && gate 1 --confirm 'sed -n "1p;/^n030,.*,c,/p" in.csv >{file}' && equal 3 "$(one "SELECT count(*) FROM run JOIN run AS first ON first.run_id = run.repeat_of WHERE first.key = 'n030' AND run.host_id = first.host_id")"
}

check 'gets the suspects by its environment' environment
check 'gets a file wherever it lies' strange_directory
check 'never runs the name of a plugin' hostile_names
check 'writes a repeat, whatever run its file names' other_facts_in_the_file

# ---- trouble ----

# in_trouble WORDS COMMAND: it fails, nothing more is stored, and the night is judged as it was before
in_trouble() {
  local words=$1
  store && gate 0 && cp said before && gate 2 --confirm "$2" && warns "$words" && warns "verdict stands as it was" && equal '' "$(cat said)" &&
    equal 30 "$(one 'SELECT count(*) FROM run')" && equal 4 "$(one 'SELECT count(*) FROM plugin')" && gate 0 && cmp said before && tm check >/dev/null || return
}
fails() { in_trouble 'exit code 3' 'exit 3; {file}'; }
not_there() { in_trouble 'exit code 127 \(no such command\)' 'no-such-command-anywhere {file}'; }
killed() { in_trouble 'ended by signal 9' 'kill -9 $$; {file}'; }
writes_nothing() { in_trouble 'wrote no \{file\}' 'true {file}'; }
writes_empty() { in_trouble 'is empty' ': >{file}'; }
writes_header() { in_trouble 'no rows' 'echo plugin,wall_ms >{file}'; }
writes_pipe() { in_trouble 'is no file' 'mkfifo {file}'; }
writes_rubbish() { in_trouble 'cannot be read' 'printf "plugin,wall_ms\nc,many\n" >{file}'; }
writes_two_runs() { in_trouble 'more than one run' 'printf "run,started_at,plugin,wall_ms\nx,1770000000,c,90\ny,1770000001,c,90\n" >{file}'; }
writes_others() { in_trouble "measured 'z', which is not in the run" 'printf "plugin,calls,wall_ms\nc,100,9010\nz,100,9010\n" >{file}'; }
forgets() { in_trouble "did not measure the suspect 'c'" 'printf "plugin,calls,wall_ms\na,100,2000\n" >{file}'; }
fails_later() { in_trouble 'exit code 1' "$(again 9010); [ \$TIDEMARK_REPEAT -lt 3 ]"; }
leaves_files() { in_trouble 'exit code 1' 'mkdir {file}.d; touch {file}.d/x {file}; exit 1'; }
usage() {
  store && gate 2 --confirm 'true' && warns '\{file\}' && gate 2 --times 3 && warns -- '--confirm' && gate 2 --confirm 'x {file}' --times 0 &&
    gate 2 --confirm 'x {file}' --times 11 && gate 2 --confirm 'x {file}' --dry-run && warns 'exclude' && gate 2 --confirm 'x {file}' --times many
}
older_night() { store && nights 31 31 >in.csv && gate 0 in.csv && gate 2 --run n030 --confirm "$(again 9010)" && warns 'not the newest'; }
# killed_by SIGNAL: while the command runs, which ends with it; nothing is left but the night as it was
killed_by() {
  local gate_pid tries=0
  store && gate 0 && cp said before || return
  "$TIDEMARK" gate --confirm 'echo $$ >running; exec sleep 60; {file}' >said 2>warned &
  gate_pid=$!
  until [[ -s running ]]; do sleep 0.05 && ((++tries < 200)) || return 1; done
  kill -s "$1" "$gate_pid"
  wait "$gate_pid"
  [[ $? -gt 128 ]] || return
  until ! kill -0 "$(cat running)" 2>/dev/null; do sleep 0.05 && ((++tries < 200)) || return 1; done
  gate 0 && cmp said before && tm check >/dev/null
}
killed_hard() { killed_by KILL && rm -rf tmp/tidemark-confirm.*; }
no_directory() { store && TMPDIR=/nowhere gate 2 --confirm "$(again 9010)" && warns 'cannot make a directory'; }
# Others may write while the command runs.
store_is_free() { store && gate 1 --confirm "\"\$TIDEMARK\" ingest in.csv --db t.db >/dev/null && $(again 9010)"; }

check 'a command that fails' fails
check 'a command that is not there' not_there
check 'a command that is killed' killed
check 'a command that writes nothing' writes_nothing
check 'an empty file' writes_empty
check 'a file without rows' writes_header
check 'a pipe in place of the file' writes_pipe
check 'a file that cannot be read' writes_rubbish
check 'a file of two runs' writes_two_runs
check 'a plugin that the run does not have' writes_others
check 'a suspect that was not measured' forgets
check 'a command that fails the third time' fails_later
check 'files beside the file' leaves_files
check 'options that make no sense' usage
check 'a night that is not the newest' older_night
check 'a signal while the command runs' killed_by TERM
check 'an interrupt while the command runs' killed_by HUP
check 'a kill while the command runs' killed_hard
check 'no place for the file' no_directory
check 'the store is free while the command runs' store_is_free
[[ $failures == 0 ]]
