#!/usr/bin/env bash
# What is left when something goes wrong at the worst moment: the power fails, a process is killed, a call to the system fails, and jobs get in
# each other's way. Here a slice of a minute; TM_TORTURE=short (make torture) and long (make torture-long) try more.
# tests/data/faults/power_loss.c and each_call.c have the rules.
set -u
cd "$TMPDIR" || exit 1
top=$PWD cc=${CC:-cc} faults=$TM_SOURCE_DIR/tests/data/faults
case ${TM_TORTURE:-} in
'') images=6 stride=61 schedules=2 kills=24 nights=24 ;;
short) images=230 stride=5 schedules=200 kills=4000 nights=24 ;;
long) images=9100 stride=1 schedules=20000 kills=100000 nights=60 ;;
esac
if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
  echo 'ok torture: skipped, a sanitizer watches the process already'
  exit 0
fi
for program in power_loss each_call; do
  $cc -O1 -std=c11 -o $program "$faults/$program.c" "$faults/calls.c" "$faults/digest.c" -lsqlite3 || { echo 'not ok torture: no program' && exit 1; }
done

# report NAME CODE: 'ok' with the last line of `said`, or all of it
report() {
  if [[ $2 == 77 ]]; then
    echo "ok torture, $1: skipped, no process can be watched here"
  elif [[ $2 == 0 ]]; then
    echo "ok torture, $1 ($(tail -n 1 said))"
  else
    echo "not ok torture, $1 ($(tail -n 1 said))"
    sed '$d' said
  fi
}

# Ten plugins, of which one has become slower.
"$NIGHTS" --nights $nights --plugins 10 >all.csv
last=$(tail -n 1 all.csv | cut -d, -f1)
grep -v "^$last," all.csv >history.csv
{ head -n 1 all.csv && grep "^$last," all.csv; } >night.csv
tm() { "$TIDEMARK" "$@" >/dev/null 2>&1; }
tm --db base.db ingest history.csv --host h
tm --db base.db gate
gzip -dc "$TM_SOURCE_DIR/tests/data/stores/0.1.0.db.gz" >old.db
plugin=$(sed -n '2s/^\([^,]*,\)\{4\}\([^,]*\),.*/\2/p' all.csv)
mkdir -p old && echo old | tee old/v.json old/v.xml old/v.md old/p.svg >old/rec.csv
"$TIDEMARK" --db base.db dump -o all.jsonl
tm --db base.db report -o old/site || echo 'not ok torture: set-up'
cat >recorder.c <<'END'
#include <stdio.h>
#include "record/tidemark_record.h"
int main(int argc, char **argv)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    if (argc == 2 && tm_rec_start(&config) == 0 && tm_rec_register("echo", "1.0") && tm_rec_flush_csv(argv[1]) == 0)
        return 0;
    fprintf(stderr, "recorder: %s\n", tm_rec_message());
    return 2;
}
END
$cc -std=c11 ${TM_LINK-} -I"$TM_SOURCE_DIR" -I"$TM_SOURCE_DIR/record" -o recorder recorder.c "$TM_BUILD/libtidemark_record.a" -lm -pthread -ldl || echo 'not ok torture: no recorder'

# ---- eight at a time, killed ----

# What a writer was told is stored, or removed, is so; whatever else, runs are whole. Gates and prunes go on beside them.
seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }
writer() {
  local w=$1 i=0 key code span=60 # ms: follows what happens, so that about half are killed however fast this machine is today
  RANDOM=$w
  while ((i < kills / 8)); do
    i=$((i + 1)) key=w$w-$i
    timeout -s KILL "$(seconds $((RANDOM % span + 1)))" "$TIDEMARK" --db kill.db ingest night.csv --run "$key" --host "h$w" --at $((1795140000 + i * 60)) >"said.$w" 2>&1
    code=$?
    case $code in
    0) echo "$key" >>"acknowledged.$w" && span=$((span * 7 / 8 + 1)) ;;
    137) echo "$key" >>"killed.$w" && span=$((span * 8 / 7 + 1)) ;;
    *) echo "ingest: exit $code: $(head -c 200 "said.$w")" >>surprises ;;
    esac
    [[ $((i % 4)) == 0 ]] || continue
    case $((RANDOM % 5)) in
    0) set -- gate --host "h$w" ;;
    1) set -- accept "$plugin" --reason "$key" --host "h$w" ;;
    2) set -- rm "w$w-$((i - 3))" ;;
    3) set -- metric hits --unit "u$i" ;;
    4) set -- rebuild ;;
    esac
    [[ $1 != rm ]] || echo "w$w-$((i - 3))" >>"removed.$w"
    timeout -s KILL "$(seconds $((RANDOM % (2 * span) + 1)))" "$TIDEMARK" --db kill.db "$@" >"said.$w" 2>&1
    code=$?
    case $code in 0 | 1 | 3 | 137) ;; *) grep -qE "no run|no metric|no host|nothing open" "said.$w" || echo "$*: exit $code: $(head -c 200 "said.$w")" >>surprises ;; esac
  done
}
killed() {
  local w
  tail -n +2 night.csv | cut -d, -f5- | sort >rows && { head -n 1 night.csv && tail -n +2 night.csv; } | cut -d, -f5- >one.csv && mv one.csv night.csv
  : >surprises && touch removed.0 killed.0 acknowledged.0
  tm --db kill.db ingest night.csv --run first --host h0 --at 1795139000
  for w in 1 2 3 4 5 6 7 8; do writer $w & done
  wait
  sqlite3 -cmd '.timeout 60000' kill.db 'PRAGMA integrity_check' | grep -qx ok || echo 'the store is damaged' >>surprises
  "$TIDEMARK" --db kill.db check >checked 2>&1 || cat checked >>surprises
  sqlite3 kill.db "SELECT key FROM run LEFT JOIN profile USING (run_id) GROUP BY run_id HAVING count(plugin_id) = $(wc -l <rows)" | sort >whole
  sqlite3 kill.db 'SELECT key FROM run' | sort | comm -23 - whole | sed 's/^/in part: /' >>surprises
  comm -23 <(sort acknowledged.* | comm -23 - <(sort removed.*)) whole | sed 's/^/lost: /' >>surprises
  cat surprises
  echo "$(cat killed.* | wc -l) killed, $(cat acknowledged.* | wc -l) acknowledged, $(wc -l <whole) stored, $(wc -l <surprises) wrong"
  [[ ! -s surprises ]]
}

# ---- schedules ----

# In whatever order jobs come, twice or side by side: the same end. Ids follow the order of coming, so rows are named by their keys.
end_state() {
  sqlite3 "$1" "SELECT 'run', run.key, started_at, count(*), sum(calls), sum(wall_ns) FROM run JOIN profile USING (run_id) GROUP BY run_id ORDER BY 2;
    SELECT 'verdict', run.key, plugin.name, metric, class, leads, value, baseline, effect, evidence, since.key FROM verdict JOIN run USING (run_id)
      JOIN plugin ON plugin.plugin_id = verdict.plugin_id LEFT JOIN run AS since ON since.run_id = verdict.since_run ORDER BY 2, 3, 4;
    SELECT 'judgement', run.key, plugins, judged, passed, comparable FROM judgement JOIN run USING (run_id) ORDER BY 2"
}
# In a process of its own: what fails leaves a file
job() {
  local said=job.$BASHPID
  "$TIDEMARK" --db s.db "$@" >/dev/null 2>"$said"
  case $? in 0 | 1 | 3) rm "$said" ;; *) echo "$*" >>"$said" ;; esac
}
schedule() {
  local i job jobs=(1 2 3 3 gate gate report prune)
  cp -f base.db s.db
  for ((i = ${#jobs[@]} - 1; i > 0; i--)); do
    job=$((RANDOM % (i + 1)))
    set -- "${jobs[i]}" "${jobs[job]}"
    jobs[i]=$2 jobs[job]=$1
  done
  for job in "${jobs[@]}"; do
    case $job in
    gate) job gate & ;;
    report) job report -o "site" & ;;
    prune) job prune --before 2025-01-01 & ;;
    *) job ingest "late.$job.csv" --host h & ;;
    esac
    ((RANDOM % 3)) || wait -n
  done
  wait
  tm --db s.db gate
  end_state s.db
}
scheduled() {
  local i wrong=0 night
  RANDOM=11
  for i in 1 2 3; do
    night=$(cut -d, -f1 history.csv | tail -n +2 | sort -u | tail -n $((3 * i)) | head -n 1)
    { head -n 1 history.csv && grep "^$night," history.csv; } >late.$i.csv
    grep -v "^$night," history.csv >rest.csv && mv rest.csv history.csv
  done
  rm -f base.db s.db && tm --db base.db ingest history.csv --host h
  cp base.db serial.db
  for i in 1 2 3; do tm --db serial.db ingest late.$i.csv --host h; done
  tm --db serial.db gate
  end_state serial.db >wanted
  for ((i = 0; i < schedules; i++)); do
    schedule >found
    cat job.* 2>/dev/null && wrong=$((wrong + 1)) && rm job.*
    cmp -s wanted found || { wrong=$((wrong + 1)) && diff wanted found | head -n 6; }
  done
  echo "$schedules schedules, $wrong ended otherwise"
  [[ $wrong == 0 ]]
}

# Both go on beside the tries, in folders of their own.
beside() {
  mkdir "$1" && cd "$1" && cp ../*.csv . && "$1" >../"said.$1" 2>&1
  echo $? >"$top/code.$1"
}
(beside scheduled) &
(beside killed) &

# ---- one command at a time ----

n=0
# try NAME BASE WORDS...: in a folder with try.db, a copy of BASE, and out/
try() {
  local name=$1 base=$2 mode code
  shift 2
  n=$((n + 1))
  mkdir "$n" && cd "$n" && cp -r ../old . || exit 1
  # shellcheck disable=SC2016
  ../power_loss "$images" "$n" "../$base" /bin/sh -c 'cd work && exec "$@"' sh "$@" >said 2>&1
  report "power fails: $name" $?
  for mode in kill once sticky interrupted short; do
    ../each_call $mode "$stride" $((1 + RANDOM % stride)) "../$base" "$@" >said 2>&1
    code=$?
    report "$mode: $name" $code
  done
  cd "$top" && rm -rf "${top:?}/$n"
}
tell() { try "$1" base.db "$TIDEMARK" --db try.db "${@:2}"; }
RANDOM=7
try 'ingest into a new store' none.db "$TIDEMARK" --db try.db ingest "$top/night.csv" --host h
stride=$((stride < 7 ? stride : 7)) tell 'ingest' ingest "$top/night.csv" --host h
tell 'gate with files' gate "$top/night.csv" --host h --format json=out/v.json --format junit=out/v.xml --format markdown=out/v.md
stride=$((stride < 29 ? stride : 29)) tell 'report' report -o out/site --last 5
tell 'trend' trend "$plugin" -o out/p.svg
tell 'prune' prune --keep-days 9
tell 'rm and all that rests on it' rm "$(sed -n '2s/,.*//p' all.csv)"
tell 'accept' accept "$plugin" --metric wall_per_call_ms --reason why
tell 'rebuild' rebuild
tell 'dump' dump -o out/v.json
try 'restore into a new store' none.db "$TIDEMARK" --db try.db restore "$top/all.jsonl"
try 'upgrade of an old store' old.db "$TIDEMARK" --db try.db runs
try "the recorder's file" none.db "$top/recorder" out/rec.csv

wait
cp said.scheduled said && report 'retries and jobs side by side' "$(<code.scheduled)"
cp said.killed said && report 'eight writers, killed' "$(<code.killed)"
