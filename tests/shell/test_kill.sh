#!/usr/bin/env bash
# What is left when an ingest is killed, at random moments and at every step, or runs into a full disk, a directory it may not write, a lock, or an output nobody reads.
# TM_KILLS=N: so many.
# A run is acknowledged when the program has printed its line and ended with exit code 0. Acknowledged runs must be in the store, whole;
# of all others either everything or nothing.
set -u
failures=0
kills=${TM_KILLS:-30} stride=4 # every fourth step
[[ ! ${TM_WHOLE-} ]] || kills=${TM_KILLS:-80} stride=1
cd "$TMPDIR" || exit 1
mkfifo pause || exit 1
RANDOM=1

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok kill $name"
  else
    echo "not ok kill $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# A run in a line: key, plugins, calls, errors, nanoseconds. From the store, past Tidemark, and from CSV files with a run column.
runs_in_store() {
  sqlite3 -separator ' ' "$1" "SELECT key, count(plugin_id), sum(calls), sum(errors), sum(CAST(round(wall_ns) AS INTEGER))
    FROM run LEFT JOIN profile USING (run_id) GROUP BY run_id" | sort
}

runs_in_csv() {
  awk -F, 'FNR > 1 { n[$1]++; calls[$1] += $6; errors[$1] += $7; ns[$1] += int($8 * 1e6 + 0.5) }
    END { for (run in n) printf "%s %d %d %d %.0f\n", run, n[run], calls[run], errors[run], ns[run] }' "$@" | sort
}

sound() {
  [[ $(sqlite3 "$1" 'PRAGMA integrity_check') == ok ]] || { echo 'integrity_check finds damage' && return 1; }
  "$TIDEMARK" --db "$1" check
}

# ---- kill -9 ----

"$NIGHTS" --nights 30 >history.csv && "$NIGHTS" --only-night 30 --nights 30 >night.csv || exit 1
nights_of_history=$(runs_in_csv history.csv | wc -l)

# A moment between 0 and $1 microseconds
nap() {
  local us=$(((RANDOM * 32768 + RANDOM) % $1))
  read -rt "$((us / 1000000)).$(printf %06d $((us % 1000000)))" _ <>pause
}

# attempt NUMBER FILE: ingests the file with run keys of its own and kills that on the way. The span of the moments follows what happens, so
# that four of five are killed however fast this machine is today; until one has come to its end, it grows by a quarter.
declare -A span=([night.csv]=10000 [history.csv]=20000) ended=()
attempt() {
  local code
  sed "s/^2026/k$1-&/" "$2" >attempt.csv
  runs_in_csv attempt.csv >attempt.runs
  "$TIDEMARK" --db kill.db ingest attempt.csv >attempt.out 2>attempt.err &
  local pid=$!
  nap "${span[$2]}"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  code=$?
  cat attempt.runs >>tried
  if [[ $code == 0 ]]; then
    [[ -s attempt.out ]] || echo "attempt $1: exit 0 without a word" >>surprises
    cat attempt.runs >>acknowledged
    finished=$((finished + 1)) ended[$2]=1 span[$2]=$((span[$2] * 7 / 8 + 1))
  elif [[ $code == 137 ]]; then
    killed=$((killed + 1)) span[$2]=$((${ended[$2]:-0} ? span[$2] * 32 / 31 + 1 : span[$2] * 5 / 4))
  else
    { echo "attempt $1: exit $code" && cat attempt.err; } >>surprises
  fi
  [[ ! -s kill.db-journal ]] || journals=$((journals + 1))
}

compare() {
  sort tried >tried.sorted && sort acknowledged >acknowledged.sorted
  runs_in_store kill.db >stored
  comm -23 acknowledged.sorted stored | sed 's/^/acknowledged, but not there as it was: /' >lost
  comm -13 tried.sorted stored | sed 's/^/there, but not as in the file: /' >partial
  sed -n 's/^\(k[0-9]*-\).*/\1/p' stored | sort | uniq -c |
    awk -v all="$nights_of_history" '{ i = $2; gsub(/[^0-9]/, "", i); if ($1 != (i % 4 ? 1 : all)) print }' >torn
  sed -i 's/^/a file stored in part: /' torn
}

killed_ingests() {
  local i
  : >tried && : >acknowledged && : >surprises && : >unsound
  finished=0 killed=0 journals=0
  for ((i = 1; killed < kills && i <= 5 * kills; i++)); do
    if ((i % 4)); then attempt $i night.csv; else attempt $i history.csv; fi
    if ((i % 20 == 0)) && [[ -s kill.db ]]; then sound kill.db >sound.log 2>&1 || { echo "after $i:" && cat sound.log; } >>unsound; fi
  done
  compare
  echo "# $killed killed, $finished finished, $journals left a journal, $(wc -l <stored) runs stored, $(wc -l <acknowledged) acknowledged"
}

none_in() { cat "$1" && [[ ! -s $1 ]]; }

killed_ingests
check "$kills ingests are killed, others succeed" none_in surprises
check 'acknowledged runs are there, whole' none_in lost
check 'no run is there in part' none_in partial
check 'no file is there in part' none_in torn
check 'the store was sound all the time' none_in unsound
check 'the store is sound at the end' sound kill.db

# ---- every step of the file system, one after the other ----

# A library that comes before libc. At call number STEP of those that change files it ends the program (kill: before the call; tear: in the
# middle of it), or lets that call fail (EIO, ENOSPC).
make_stepper() {
  local cc=${CC:-cc}
  command -v "${cc%% *}" >/dev/null || cc=gcc
  cat >step.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int reached(void)
{
    static long count;
    const char *step = getenv("STEP");
    return step && __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == atol(step);
}

static const char *way(void)
{
    const char *text = getenv("WAY");
    return text ? text : "kill";
}

static int fails(void)
{
    if (strcmp(way(), "kill") == 0 || strcmp(way(), "tear") == 0)
        raise(SIGKILL);
    errno = strcmp(way(), "EIO") == 0 ? EIO : ENOSPC;
    return -1;
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
#define WRITE(name, offset_type)                                                                                                 \
    ssize_t name(int fd, const void *data, size_t size, offset_type at)                                                          \
    {                                                                                                                            \
        ssize_t (*real)(int, const void *, size_t, offset_type) = REAL(ssize_t, name, int, const void *, size_t, offset_type);     \
        if (!reached())                                                                                                          \
            return real(fd, data, size, at);                                                                                     \
        if (strcmp(way(), "tear") == 0 && real(fd, data, size / 2, at) < 0)                                                      \
            return -1;                                                                                                           \
        return fails();                                                                                                          \
    }
#define CALL(name, parameters, ...)                                                                                              \
    int name parameters                                                                                                          \
    {                                                                                                                            \
        int(*real) parameters = (int(*) parameters)dlsym(RTLD_NEXT, #name);                                                      \
        return reached() ? fails() : real(__VA_ARGS__);                                                                          \
    }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)
CALL(fsync, (int fd), fd)
CALL(fdatasync, (int fd), fd)
CALL(unlink, (const char *path), path)
CALL(ftruncate, (int fd, off_t size), fd, size)
CALL(ftruncate64, (int fd, off64_t size), fd, size)

ssize_t write(int fd, const void *data, size_t size)
{
    ssize_t (*real)(int, const void *, size_t) = REAL(ssize_t, write, int, const void *, size_t);
    if (fd < 3 || !reached())
        return real(fd, data, size);
    if (strcmp(way(), "tear") == 0 && real(fd, data, size / 2) < 0)
        return -1;
    return fails();
}
END
  $cc -O1 -shared -fPIC -o step.so step.c -ldl
}

content() { sqlite3 "$1" .dump 2>/dev/null; }

# one_step WAY STEP BASE FILE: ingests the file into a copy of the base ('' is no store). 1: it went wrong, 2: the program has no such step
one_step() {
  local way=$1 step=$2 base=$3 file=$4 code
  rm -f step.db step.db-journal
  [[ ! $base ]] || cp "$base" step.db
  WAY=$way STEP=$step LD_PRELOAD=./step.so "$TIDEMARK" --db step.db ingest --host h "$file" >step.out 2>step.err
  code=$?
  content step.db >now
  if [[ $code == 0 ]]; then
    cmp -s now after || { echo "$way $step: exit 0, but the store is not as it should be" && return 1; }
    [[ $way == E* ]] || return 2
  elif [[ $way == E* && $code != 2 || $way != E* && $code != 137 ]]; then
    echo "$way $step: exit $code" && cat step.err && return 1
  elif [[ $base ]] && ! cmp -s now before && ! cmp -s now after; then
    echo "$way $step: neither before nor after" && return 1
  fi
  [[ $way != E* || $code == 0 || -s step.err ]] || { echo "$way $step: no word of what failed" && return 1; }
  "$TIDEMARK" --db step.db ingest --host h "$file" >step.out 2>&1 || { echo "$way $step: cannot be repeated" && cat step.out && return 1; }
  content step.db >now
  cmp -s now after || { echo "$way $step: other content when repeated" && return 1; }
}

# all_steps WAY BASE FILE
all_steps() {
  local step bad=0 last=400
  rm -f before.db after.db
  [[ ! $2 ]] || cp "$2" after.db
  "$TIDEMARK" --db after.db ingest --host h "$3" >after.out || return
  content after.db >after
  [[ ! $2 ]] || content "$2" >before
  # After a step that fails others follow, so it is the killing ways, which come first, that count the steps.
  [[ $1 != E* ]] || last=$(<steps)
  for ((step = 1; step <= last; step += stride)); do
    one_step "$1" $step "$2" "$3"
    case $? in 1) bad=1 ;; 2) break ;; esac
  done
  echo $((step - 1)) >steps
  [[ $step -gt 5 ]] || { echo "only $step steps" && bad=1; }
  return $bad
}

# every_step BASE FILE WAY...
every_step() {
  local way
  for way in "${@:3}"; do all_steps "$way" "$1" "$2" || return; done
}

if nm "$TIDEMARK" 2>/dev/null | grep -q __asan_init || ! make_stepper 2>step.log; then
  echo 'ok kill at every step # skipped: cannot load a library before libc here'
else
  "$TIDEMARK" --db base.db ingest --host h history.csv >/dev/null
  sed 's/^2026/next-&/' night.csv >next.csv
  sed 's/^2026/more-&/' history.csv >more.csv
  check 'at every step of making a store' every_step '' night.csv tear ENOSPC
  check 'at every step of storing a night' every_step base.db next.csv kill tear EIO ENOSPC
  check 'at every step of storing a history' every_step base.db more.csv kill ENOSPC
fi

# ---- faults ----

# trouble TEXT COMMAND...: exit 2, nothing on standard output, and the text in what it says
trouble() {
  local text=$1 code
  shift
  "$@" >out 2>err
  code=$?
  cat out err
  [[ $code == 2 ]] || { echo "exit code $code, expected 2" && return 1; }
  [[ ! -s out ]] || { echo "expected no output" && return 1; }
  grep -qF -- "$text" err || { echo "expected: $text" && return 1; }
}

# A store with one run, and what it holds
fresh_store() { rm -rf "$1" && "$TIDEMARK" --db "$1" ingest night.csv && sqlite3 "$1" .dump >before; }
unchanged() { [[ ! -s $1-journal ]] && sqlite3 "$1" .dump | cmp before - && sound "$1"; }

# Runs a command that gets "File too large" where a disk would be full.
with_little_room() {
  local kib=$1
  shift
  (ulimit -f "$kib" && trap '' XFSZ && exec "$@")
}

limited_file() {
  fresh_store limited.db &&
    trouble "'limited.db'" with_little_room $(($(wc -c <limited.db) / 1024 + 24)) "$TIDEMARK" --db limited.db ingest --project big history.csv &&
    unchanged limited.db &&
    "$TIDEMARK" --db limited.db ingest --project big history.csv
}

limited_first_file() {
  rm -f first.db
  trouble "'first.db'" with_little_room 24 "$TIDEMARK" --db first.db ingest history.csv || return
  "$TIDEMARK" --db first.db ingest history.csv && sound first.db &&
    cmp <(runs_in_store first.db) <(runs_in_csv history.csv)
}

# Inside a mount namespace of its own: the small file system is gone when its last process is.
full_disk_inside() {
  mkdir -p disk && mount -t tmpfs -o size=600k tidemark-test disk || exit 77
  fresh_store disk/full.db || return
  head -c 1000000 /dev/zero >disk/filler 2>filler.err
  trouble "'disk/full.db'" "$TIDEMARK" --db disk/full.db ingest --project big history.csv || return
  rm disk/filler
  unchanged disk/full.db && "$TIDEMARK" --db disk/full.db ingest --project big history.csv && sound disk/full.db
}

# 77 where this system does not allow that
on_full_disk() {
  local options=-m code
  [[ $(id -u) == 0 ]] || options=-rm
  unshare $options true || return 77
  export TIDEMARK NIGHTS TMPDIR
  export -f full_disk_inside fresh_store unchanged sound trouble
  unshare $options bash -uc full_disk_inside >namespace.out 2>&1
  code=$?
  cat namespace.out
  return $code
}

# Root may write everywhere, unless that capability is dropped.
without_privilege() {
  if [[ $(id -u) == 0 ]]; then setpriv --bounding-set=-dac_override,-dac_read_search "$@"; else "$@"; fi
}

read_only_directory() {
  fresh_store closed.db && mkdir closed && mv closed.db closed/ && chmod 555 closed
  trouble "'closed/closed.db'" without_privilege "$TIDEMARK" --db closed/closed.db ingest --project big history.csv &&
    unchanged closed/closed.db &&
    without_privilege "$TIDEMARK" --db closed/closed.db runs &&
    trouble "'closed/new.db'" without_privilege "$TIDEMARK" --db closed/new.db ingest night.csv
}

read_only_file() {
  fresh_store fixed.db && chmod 444 fixed.db
  trouble "'fixed.db'" without_privilege "$TIDEMARK" --db fixed.db ingest --project big history.csv &&
    unchanged fixed.db &&
    without_privilege "$TIDEMARK" --db fixed.db runs
}

# Waits until the process has the file open, as far as this system shows that.
until_open() {
  for _ in {1..500}; do
    [[ -d /proc/$1/fd ]] && find "/proc/$1/fd" -lname "*/$2" 2>/dev/null | grep -q . && return
    read -rt 0.01 _ <>pause
  done
}

# waits_for_lock COMMAND...: the command succeeds after another program lets go of the store
waits_for_lock() {
  local pid
  coproc HOLDER { exec sqlite3 locked.db; }
  local holder=$HOLDER_PID to=${HOLDER[1]} from=${HOLDER[0]}
  echo "BEGIN EXCLUSIVE; SELECT 'locked';" >&"$to"
  read -r _ <&"$from" || return
  "$TIDEMARK" --db locked.db "$@" >locked.out 2>&1 &
  pid=$!
  until_open $pid locked.db
  kill -0 $pid || { cat locked.out && return 1; }
  echo 'COMMIT;' >&"$to"
  echo '.quit' >&"$to"
  wait "$holder"
  wait $pid || { cat locked.out && return 1; }
}

locked_store() {
  fresh_store locked.db || return
  waits_for_lock ingest --project big history.csv && waits_for_lock runs && sound locked.db
}

# full_output COMMAND...: the output goes to a full device, and to nowhere at all
full_output() {
  local code
  for target in full closed; do
    if [[ $target == full ]]; then "$TIDEMARK" --db output.db "$@" >/dev/full 2>err; else "$TIDEMARK" --db output.db "$@" >&- 2>err; fi
    code=$?
    cat err
    [[ $code == 2 ]] || { echo "$target: $*: exit code $code, expected 2" && return 1; }
    grep -qF 'cannot write the output' err || { echo "$target: $*: no word of the output" && return 1; }
  done
}

full_outputs() {
  local form
  fresh_store output.db || return
  for form in table csv json markdown; do
    full_output runs --format $form && full_output sql 'SELECT * FROM profiles' --format $form || return
  done
  full_output plugins && full_output show pdf-parser && full_output check && full_output help && full_output ingest --help &&
    full_output --version && full_output prune --keep-days 0 --dry-run && unchanged output.db
}

# What was stored before the output failed is there, and the same again is success.
full_output_of_ingest() {
  fresh_store output.db && full_output ingest --project big history.csv && "$TIDEMARK" --db output.db ingest --project big history.csv &&
    sound output.db
}

# optional NAME COMMAND...: as check, but 77 says that this system cannot do that
optional() {
  local code
  ("${@:2}") >"$TMPDIR/log" 2>&1
  code=$?
  if [[ $code == 77 ]]; then echo "ok kill $1 # skipped: $(tail -n 1 "$TMPDIR/log")"; else check "$@"; fi
}

can_drop_privilege() { without_privilege true || return 77; }
in_closed_directory() { can_drop_privilege && read_only_directory; }
with_closed_file() { can_drop_privilege && read_only_file; }

check 'a file that may not grow: nothing is stored, nothing lost' limited_file
check 'a file that may not grow: the first ingest can be repeated' limited_first_file
optional 'a full disk: nothing is stored, nothing lost' on_full_disk
optional 'a read-only directory is said, and can be read' in_closed_directory
optional 'a read-only file is said, and can be read' with_closed_file
check 'a locked store is waited for' locked_store
check 'an output that cannot be written is exit 2' full_outputs
check 'an ingest that cannot say so is stored, and may be repeated' full_output_of_ingest
chmod -R u+w . 2>/dev/null
[[ $failures == 0 ]]
