#!/usr/bin/env bash
# tidemark measure: commands executed, counted, ended and compared. Times are not tested, but where one must be twice another.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_PROJECT
export TIDEMARK_DB=t.db
tm() { "$TIDEMARK" "$@"; }

# check NAME COMMAND...: ok if the command succeeds; each begins in an empty directory
check() {
  local name=$1
  shift
  rm -rf "$TMPDIR/case" && mkdir -p "$TMPDIR/case"
  if (cd "$TMPDIR/case" && "$@") >"$TMPDIR/log" 2>&1; then
    echo "ok measure $name"
  else
    echo "not ok measure $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# measure CODE [ARGUMENT...]: what it prints is in said, what it warns of in warned
measure() {
  local code
  tm measure "${@:2}" >said 2>warned
  code=$?
  cat said warned
  [[ $code == "$1" ]] || { echo "exit code $code, expected $1" && return 1; }
}
says() { grep -qE -- "$1" said || { echo "does not say: $1" && return 1; }; }
says_not() { ! grep -E -- "$1" said || { echo "should not say: $1" && return 1; }; }
warns() { grep -qE -- "$1" warned || { echo "does not warn: $1" && return 1; }; }
one() { tm sql --format csv "$1" | tail -n +2; }
equal() { [[ $1 == "$2" ]] || { echo "expected '$1', found '$2'" && return 1; }; }
runs() { equal "$1" "$(wc -l <ran)"; }
no_store() { [[ ! -e t.db ]] || { echo 'there is a store' && return 1; }; }

# Works for some milliseconds of CPU time, times the number.
cat >"$TMPDIR/busy.c" <<'END'
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void work(long n)
{
    volatile unsigned long x = 1;
    for (long i = 0; i < n * 1000000; i++)
        x = x * 3 + 1;
}
/* busy N; busy N child: by a child that is waited for; busy N orphan: by one that is not; busy N memory: holds N MiB */
int main(int argc, char **argv)
{
    long n = atol(argv[1]);
    const char *how = argc > 2 ? argv[2] : "";
    if (!strcmp(how, "memory"))
        for (volatile char *all = malloc((size_t)n << 20), *at = all; at < all + ((size_t)n << 20); at += 1024)
            *at = 1;
    pid_t child = !strcmp(how, "child") || !strcmp(how, "orphan") ? fork() : 0;
    if (child == 0 && strcmp(how, "memory"))
        work(n);
    if (child > 0 && !strcmp(how, "child"))
        waitpid(child, NULL, 0);
    return 0;
}
END
"${CC:-cc}" -O1 -o "$TMPDIR/busy" "$TMPDIR/busy.c" || exit 1
busy=$TMPDIR/busy

# ---- what is stored ----

stored() {
  measure 0 p --run r --at 2026-11-20T02:00:00Z --branch b --host h --commit c --version 1 -n 4 -- sh -c 'echo run >>ran' && runs 4 && says '^p$' && says '4 runs$' && says "^run 'r' stored: 1 plugin$" &&
    equal 'p,4,0,rusage,h,b,c' "$(one 'SELECT plugin, calls, errors, clock, host, branch, commit_id FROM profiles')" && equal '1,tidemark measure' "$(one 'SELECT version, tool FROM run')" &&
    equal 1 "$(one 'SELECT wall_ms > 0 AND cpu_ms >= 0 AND peak_mem_kb > 300 AND wall_p50_ms <= wall_p95_ms AND wall_p95_ms <= wall_max_ms AND wall_max_ms <= wall_ms FROM profiles')" &&
    tm check >/dev/null
}
failures_are_errors() {
  measure 0 p --ignore-failure -n 6 -- sh -c 'echo run >>ran; case $(wc -l <ran) in 1) exit 3 ;; 2) exit 3 ;; 4) kill -9 $$ ;; esac' &&
    says '^  failed  3 of 6: exit code 3 \(2\), signal 9 \(Killed\) \(1\)$' && equal '6,3' "$(one 'SELECT calls, errors FROM profiles')"
}
warm_ups_do_not_count() { measure 0 p -n 3 --warmup 2 -- sh -c 'echo run >>ran' && runs 5 && equal 3 "$(one 'SELECT calls FROM profiles')"; }
ten_at_least() { measure 0 p --min-time 0.000001 -- sh -c 'echo run >>ran' && runs 10; }
for_so_long() { measure 0 p --min-time 0.5 -- sleep 0.02 && equal 1 "$(one 'SELECT calls > 10 AND wall_ms >= 500 FROM profiles')"; }
printed_only() { measure 0 p --no-store -n 2 -- true && says_not 'stored' && no_store; }
several_in_turns() {
  printf '%s\n' '# plugins' '' "a -- sh -c 'printf a >>ran'" "'b b' -- sh -c 'printf b >>ran'" "  c -- sh -c 'printf c >>ran'" >list
  measure 0 --file list -n 3 --run r && equal abccbaabc "$(cat ran)" && says "^run 'r' stored: 3 plugins$" && equal $'a,3\nb b,3\nc,3' "$(one 'SELECT plugin, calls FROM profiles ORDER BY 1')"
}
enough_is_enough() { printf 'a -- sleep 0.1\nb -- sleep 0.01\n' >list && measure 0 --file list --min-time 0.4 && equal '10,1' "$(one "SELECT (SELECT calls FROM profiles WHERE plugin = 'a'), (SELECT calls > 10 FROM profiles WHERE plugin = 'b')")"; }
parts_and_more() {
  measure 0 a --run r --part one -n 2 -- true && says "run 'r' stored" && measure 0 a --run r --part two -n 3 -- true && equal 5 "$(one 'SELECT calls FROM profiles')" &&
    measure 0 a --run s -n 2 -- true && measure 0 b --run s --append -n 2 -- true && equal 2 "$(one "SELECT count(*) FROM profiles WHERE run = 's'")" &&
    measure 0 a --run t --repeat-of s -n 2 -- true && equal 1 "$(one 'SELECT count(*) FROM run WHERE repeat_of IS NOT NULL')"
}
not_measured_in_vain() { measure 0 a --run s -n 2 -- true && measure 2 a --run s -n 2 -- sh -c 'echo run >>ran' && [[ ! -e ran ]] && warns "run 's' is stored already" && warns '^tidemark: hint: --append adds'; }
not_measured_twice() { measure 0 a --run s -n 2 -- true && measure 2 a --run s --append -n 3 -- sh -c 'echo run >>ran' && runs 3 && warns 'other rows' && equal 2 "$(one 'SELECT calls FROM profiles')"; }
machine_readable() {
  measure 0 p -n 3 --format csv --run r -- true && equal name,runs,mean_ms,stdev_ms,median_ms,min_ms,max_ms,user_ms,system_ms,peak_mem_kb,errors,timeouts,outliers,failures "$(head -n 1 said)" && equal 2 "$(wc -l <said)" && warns "run 'r' stored" &&
    measure 0 p -n 1 --format json --no-store -- true && says '"stdev_ms": null' && measure 0 p -n 1 --format table --no-store -- true && measure 0 p -n 1 --format markdown --no-store -- true && measure 2 p --format xml -- true
}
judged() {
  local night
  for night in 1 2 3; do measure 0 p -n 2 --run "n$night" --at "2026-11-0${night}T02:00:00Z" -- true || return; done
  tm gate --allow-unjudged >/dev/null
}

check 'stores a run' stored
check 'counts failures as errors' failures_are_errors
check 'does not count what warms up' warm_ups_do_not_count
check 'runs ten times at least' ten_at_least
check 'runs for so long' for_so_long
check 'makes no store where nothing is stored' printed_only
check 'measures several in turns' several_in_turns
check 'measures each as often as it needs' enough_is_enough
check 'adds parts and plugins to a run' parts_and_more
check 'does not measure what cannot be stored' not_measured_in_vain
check 'does not measure again what cannot be stored' not_measured_twice
check 'has forms for programs' machine_readable
check 'feeds the gate' judged

# ---- what is measured ----

cpu_of() { tm measure x --no-store --format csv -n 3 -- "$@" | awk -F, 'NR == 2 { print $8 + $9 }'; }
# at_least A B: A is more than 0.3 of B: machines have threads that share a core
at_least() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0.3 * b) }' || { echo "$1 is less than $2" && return 1; }; }
children_count() {
  local alone
  alone=$(cpu_of "$busy" 60) && at_least "$alone" 5 && at_least "$(cpu_of "$busy" 60 child)" "$alone" && at_least "$(cpu_of "$busy" 60 orphan)" "$alone" && at_least "$(cpu_of sh -c "$busy 60; true")" "$alone"
}
waits_for_the_group() { measure 0 p --no-store -n 1 -- sh -c '(sleep 0.3; echo late >late) &' && equal late "$(cat late)"; }
memory() {
  local mib
  mib=$(tm measure x --no-store --format csv -n 2 -- "$busy" 40 memory | awk -F, 'NR == 2 { print int($10 / 1024) }') && ((mib >= 40 && mib < 48)) || { echo "40 MiB are $mib" && return 1; }
  mib=$(tm measure x --no-store --format csv -n 2 -- sh -c "$busy 40 memory; true" | awk -F, 'NR == 2 { print int($10 / 1024) }') && ((mib >= 40 && mib < 48)) || { echo "40 MiB of a child are $mib" && return 1; }
}
shell_is_taken_off() {
  local with without
  without=$(tm measure x --no-store --format csv -n 10 -- /bin/sh -c 'sleep 0.1' | awk -F, 'NR == 2 { print $5 }')
  with=$(tm measure x --no-store --format csv -n 10 --shell 'sleep 0.1; :' | awk -F, 'NR == 2 { print $5 }')
  awk -v a="$with" -v b="$without" 'BEGIN { exit !(a > 90 && a < b + 20) }' && measure 0 x --no-store -n 2 --shell 'echo "$((1 + 1))" | grep -q 2' && measure 2 x --no-store -n 2 --shell 'exit 1'
}
prepared() { measure 0 p --no-store -n 3 --prepare 'echo p >>ran' -- sh -c 'echo r >>ran' && equal prprpr "$(tr -d '\n' <ran)"; }
nothing_to_read() { echo in | tm measure p --no-store -n 1 -- sh -c 'cat >got' && [[ ! -s got ]]; }
printing() {
  measure 0 p --no-store -n 2 -- echo hello && says_not hello && measure 0 p --no-store -n 2 --output null -- echo hello && says_not hello &&
    measure 0 p --no-store -n 2 --output inherit -- sh -c 'echo hello; echo oh >&2' && equal 2 "$(grep -c hello said)" && warns oh &&
    measure 0 p --no-store -n 3 --output out -- sh -c 'echo hello; echo oh >&2' && equal hello "$(cat out)"
}
not_over_the_store() { measure 0 p -n 1 -- true && measure 2 p -n 1 --output t.db -- true && warns 'would write over the store' && tm check >/dev/null; }
talkative() { measure 0 p --no-store -n 2 -- sh -c 'head -c 3000000 /dev/zero | tr "\\0" x >&2' && equal '' "$(cat warned)"; }
environment() { measure 0 p --no-store -n 20 -- sh -c 'printf "%s\n" "${#TIDEMARK_SHIFT}" >>ran' && equal 20 "$(sort -u ran | wc -l)" && MARK=here measure 0 p --no-store -n 1 -- sh -c '[ "$MARK" = here ]'; }
signals_are_usual() { measure 0 p --no-store -n 1 -- sh -c 'yes | head -n 1 >/dev/null; (sleep 9 & kill $!; wait $!); exit 0'; }

check "counts children's CPU time" children_count
check 'waits for what is left of the group' waits_for_the_group
check 'tells the peak of memory' memory
check "takes the shell's start off" shell_is_taken_off
check 'prepares each run' prepared
check 'gives nothing to read' nothing_to_read
check 'prints where it is told to' printing
check 'prints nothing over the store' not_over_the_store
check 'is not held up by standard error' talkative
check 'shifts the environment, and keeps it' environment
check 'leaves signals as they are' signals_are_usual

# ---- trouble ----

refused() {
  local words=$1
  shift
  measure 2 "$@" && warns "$words" && no_store
}
fails() { refused "'p' failed in run 3: exit code 3" p -- sh -c 'echo run >>ran; [ $(wc -l <ran) -lt 3 ] || { echo why it fails >&2; exit 3; }' && warns '^  why it fails$' && warns 'nothing was stored' && runs 3; }
fails_at_once() { refused "failed in warm-up run 1: exit code 1" p --warmup 1 -- false; }
is_killed() { refused 'signal 9 \(Killed\)' p -- sh -c 'kill -9 $$'; }
last_words() { refused 'exit code 1' p -- sh -c 'for i in $(seq 1 5000); do echo "line $i" >&2; done; exit 1' && warns '^  line 5000$' && warns '^  line 4991$' && ! grep 'line 4990' warned; }
is_not_there() { refused "cannot run 'no-such-command': no such command" p -- no-such-command -x; }
may_not_run() { : >plain && refused "cannot run './plain': Permission denied" p -- ./plain; }
prepare_fails() { refused 'the command of --prepare failed: exit code 4' p --prepare 'exit 4' -- sh -c 'echo run >>ran' && [[ ! -e ran ]]; }
takes_too_long() { refused 'its time was over' p --timeout 0.1 -- sh -c 'sleep 60 & echo $! >child; sleep 60' && ! kill -0 "$(cat child)" 2>/dev/null; }
all_are_asked_to_end() { refused 'its time was over' p --timeout 0.2 -- sh -c '(trap "echo asked >asked; exit" TERM; while :; do sleep 0.01; done) & wait' && equal asked "$(cat asked)"; }
does_not_obey() { measure 0 p --timeout 0.1 --ignore-failure -n 1 -- sh -c 'trap "" TERM; while :; do sleep 0.01; done' && says 'its time was over \(1\)' && equal '1,1' "$(one 'SELECT errors, timeouts FROM profile JOIN recording USING (run_id, plugin_id)')"; }
usage() {
  refused 'NAME -- COMMAND' && refused 'NAME -- COMMAND' p && refused 'NAME -- COMMAND' -- && refused 'exclude each other' p -n 3 --min-time 1 -- true && refused 'whole number' p -n 0 -- true && refused 'whole number' p --warmup -1 -- true &&
    refused 'seconds' p --timeout 0 -- true && refused 'seconds' p --min-time x -- true && refused 'needs --run' p --part a -- true && refused 'needs --run' p --append -- true && refused 'one line' p --shell -- echo a &&
    refused '--fail-above is for --pair' p --fail-above 10% -- true && refused 'exclude' --pair --file x && refused 'takes two commands' --pair true && refused 'takes two commands' --pair true true true && refused 'is not a time' p --at x -- true &&
    refused 'cannot write' p --output /nowhere/x -- true && refused "the name ''" '' -- true && refused "run key '' is empty" p --run '' -- sh -c 'touch ran' && refused "branch '' is empty" p --branch '' -- sh -c 'touch ran' && [[ ! -e ran ]] && refused 'control character' $'a\nb' -- true && refused "no command behind the name 'p'" p -- '' && refused 'no format' --pair --format xml true true
}
bad_files() {
  printf 'a -- true\nb true\n' >list && refused "list:2: expected NAME -- COMMAND, found 'b true'" --file list && printf 'a b -- true\n' >list && refused 'list:1: expected one word as the name' --file list &&
    printf "a -- 'true\n" >list && refused 'list:1: a quote is left open' --file list && printf 'a -- true | true\n' >list && refused "list:1: a shell would act on '\\| true'" --file list &&
    printf 'a -- true\na -- true\n' >list && refused "'a' stands there twice" --file list && : >list && refused 'names no command' --file list && refused 'cannot open' --file nowhere &&
    printf 'a -- tr\0ue\n' >list && refused 'NUL byte' --file list && refused 'no command stands on the line' --file list p && printf 'a -- true | true\n' >list && measure 0 --shell --file list -n 1 --no-store
}
# killed_by SIGNAL: while the command runs, which ends with all that it started
killed_by() {
  local id tries=0 code began=$SECONDS
  "$TIDEMARK" measure p -n 1 -- sh -c 'sleep 60 & echo $! >child; echo $$ >running; sleep 60' >said 2>warned &
  id=$!
  until [[ -s running ]]; do sleep 0.05 && ((++tries < 200)) || return 1; done
  kill -s "$1" "$id"
  wait "$id"
  code=$?
  ((SECONDS - began < 40)) || { echo 'the command was not ended' && return 1; }
  [[ $code == $((128 + $(kill -l "$1"))) ]] || { echo "exit code $code" && return 1; }
  until ! kill -0 "$(cat running)" 2>/dev/null && ! kill -0 "$(cat child)" 2>/dev/null; do sleep 0.05 && ((++tries < 200)) || { echo 'they live' && return 1; }; done
  no_store
}
store_is_free() { measure 0 p -n 2 --run r -- sh -c "printf 'plugin,wall_ms\nq,1\n' | \"$TIDEMARK\" ingest - --run \$\$" && equal 3 "$(one 'SELECT count(*) FROM run')"; }

check 'a command that fails' fails
check 'a command that fails before it counts' fails_at_once
check 'a command that is killed' is_killed
check 'the last words of a command' last_words
check 'a command that is not there' is_not_there
check 'a file that is no command' may_not_run
check 'a preparation that fails' prepare_fails
check 'a command that takes too long' takes_too_long
check 'a command that takes too long, and its children' all_are_asked_to_end
check 'a command that does not obey' does_not_obey
check 'lines that make no sense' usage
check 'files that make no sense' bad_files
check 'a signal' killed_by TERM
check 'a hang-up' killed_by HUP
check 'a kill' killed_by KILL
check 'the store is free while commands run' store_is_free

# ---- pairs ----

slower() { measure 1 --pair "$busy 20" "$busy 40" -n 15 --fail-above 10% && says '^B is [0-9.]* times slower than A \(95 % interval ' && says '^worse +command +cpu_per_call_ms' && says '^FAIL' && no_store; }
faster() { measure 0 --pair "$busy 40" "$busy 20" -n 15 --fail-above 10% && says '^B is [0-9.]* times faster than A' && says '^better +command +cpu_per_call_ms'; }
# A busy machine may make a difference, but not twice.
same_command() { measure 0 --pair "$busy 10" "$busy 10" --fail-above 10% || measure 0 --pair "$busy 10" "$busy 10" -n 30 --fail-above 10%; }
thirty_percent() { measure 1 --pair "$busy 30" "$busy 39" -n 20 --fail-above 10% || measure 1 --pair "$busy 30" "$busy 39" -n 60 --fail-above 10%; }
in_turns() { measure 0 --pair "sh -c 'printf a >>ran'" "sh -c 'printf b >>ran'" -n 3 --warmup 1 && equal ababbaab "$(cat ran)"; }
pair_fails() { measure 2 --pair true false && warns "'false' failed in run 1" && measure 1 --pair true "sh -c 'exit 1'" -n 15 --ignore-failure --fail-above 10% && says 'worse +command +error_rate'; }
pair_forms() { measure 0 --pair true true -n 5 --format json-long --format text=out.txt && says '"name": "true"' && grep -q '^B is' out.txt || { cat out.txt; grep -q '^A  true, measured 5 times' out.txt; }; }

check 'a pair of which one is slower' slower
check 'a pair of which one is faster' faster
check 'a pair of the same' same_command
check 'a pair that differs by 30 %' thirty_percent
check 'a pair takes turns' in_turns
check 'a pair of which one fails' pair_fails
check 'a pair has forms' pair_forms

# ---- names ----

hostile_names() {
  local name
  while IFS= read -r name; do
    rm -f t.db ran && measure 0 -n 1 --run r -- "$name" true && [[ ! -e ran ]] && equal "$name" "$(tm sql --format json 'SELECT plugin FROM profiles' | jq -r '.[].plugin')" || { echo "name: $name" && return 1; }
  done <<'NAMES'
$(touch ran)
'; touch ran; '
%s%n%n
-rf /
::error::x
NAMES
  measure 2 p --no-store -- sh -c 'printf "\033[31mred\n::error::x\n" >&2; exit 1' && ! grep -q $'\033' warned && ! grep -q '^::' warned
}
check 'shows names and words as what they are' hostile_names
[[ $failures == 0 ]]
