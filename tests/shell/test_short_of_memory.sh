#!/usr/bin/env bash
# Every single allocation of a command fails, once, or from there on: the program's own, SQLite's, the C library's. The command then says so
# and exits with 2, or it has done its work without: the same bytes, the same rows. What it may not do is pass for another one: an 'accept' of
# one metric is no 'accept' of all, a report does not lack what could not be allocated, and nothing crashes. tests/data/faults/each_allocation.c
# has the rules. Here a slice of them fails; with TM_LONG=N (make torture-memory) every N-th, and each that is the first by its way, of every
# command and of every call of the library.
set -u
cd "$TMPDIR" || exit 1
cc=${CC:-cc}
if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
  echo 'ok short of memory: skipped, the sanitizer brings its own allocator'
  exit 0
fi
faults=$TM_SOURCE_DIR/tests/data/faults
$cc -O1 -fno-builtin -shared -fPIC -o short.so "$faults/short_of_memory.c" -ldl && $cc -O1 -o each_allocation "$faults/each_allocation.c" "$faults/digest.c" -lsqlite3 || {
  echo 'not ok short of memory: no allocator'
  exit 1
}
# The loader splits LD_PRELOAD at blanks: a path without any.
short=$TMPDIR/short.so
if [[ $short == *[[:space:]]* ]]; then
  dir=$(mktemp -d /tmp/tidemark-short.XXXXXX) && cp short.so "$dir/" && short=$dir/short.so
  trap 'rm -rf "$dir"' EXIT
fi

# A store in which one metric of a plugin is accepted and another one, of another plugin, is open.
{
  echo run,started_at,plugin,calls,wall_ms,cpu_ms,peak_mem_kb,hits
  for ((night = 1; night <= 24; night++)); do
    for plugin in alpha beta gamma delta; do
      wall=$((1000 + (night * 7919 + ${#plugin} * 31) % 17)) memory=$((40000 + (night * 104729 + ${#plugin}) % 397))
      [[ $plugin == alpha && $night -gt 15 ]] && wall=$((wall * 2))
      [[ $plugin == beta && $night -gt 18 ]] && memory=$((memory * 2))
      printf 'n%02d,2026-11-%02dT02:00:00Z,%s,10,%d,%d,%d,%d\n' "$night" "$night" "$plugin" "$wall" $((wall / 2)) "$memory" $((night % 3 + 5))
    done
  done
} >nights.csv
head -n 93 nights.csv >before.csv
{ head -n 1 nights.csv && tail -n 4 nights.csv; } >night.csv
{ head -n 1 nights.csv && tail -n 4 nights.csv | sed 's/^\(.*\),gamma,10,[0-9]*,/\1,gamma,10,1800,/'; } >suspect.csv
printf 'plugin,run,kind,end,metric\nalpha,n16,,,\n*,n15,gray,n15,\nbeta,n18,drift,n19,peak_mem_kb\n' >truth.csv
{ head -n 1 nights.csv && echo n23,2026-11-23T02:00:00Z,epsilon,10,900,450,40000,5; } >append.csv
printf 'plugin,calls,wall_ms\nalpha,10,1000\nalpha,x,1\nbeta,,\n' >bad.csv
"$TIDEMARK" --db base.db ingest before.csv --host h --commit abc --branch main >/dev/null 2>&1 && "$TIDEMARK" --db base.db gate >/dev/null 2>&1
"$TIDEMARK" --db base.db accept alpha --metric wall_per_call_ms --reason 'on purpose' >/dev/null || echo 'not ok short of memory: set-up'
"$TIDEMARK" --db base.db gate >/dev/null 2>&1
# A part of a run of another branch, that others may come to.
printf 'plugin,call,wall_ms,hits\nalpha,1,10,3\nalpha,2,12,\nbeta,1,5,4\n' >calls.csv
"$TIDEMARK" --db base.db ingest calls.csv --run parted --at 2026-10-01 --host h --branch parts --part m:1 >/dev/null 2>&1 ||
  echo 'not ok short of memory: no part'
# What an export has that other files lack: described metrics, sketches, other projects.
"$TIDEMARK" --db made.db ingest calls.csv --run c1 --at 2026-12-01 --host h --project other --better hits=higher >/dev/null 2>&1 &&
  "$TIDEMARK" --db made.db ingest night.csv --host h >/dev/null 2>&1 && "$TIDEMARK" --db made.db export -o history.csv &&
  "$TIDEMARK" --db made.db export --format ndjson -o history.ndjson || echo 'not ok short of memory: no export'
"$TIDEMARK" --db base.db dump | sed 's/"project":"default"/"project":"other"/; s/"number":/"number":7/' >other.jsonl
head -n 20 other.jsonl >cut.jsonl
# More nights than are needed, the first of them rolled up.
awk 'BEGIN {
  print "run,started_at,plugin,calls,wall_ms,hits"
  for (n = 0; n < 70; n++) for (p = 1; p < 3; p++) printf "w%02d,%d,p%d,10,%d,%d\n", n, 1780000000 + 86400 * n, p, 100 * p + n % 7, n
}' >weeks.csv
"$TIDEMARK" --db weeks.db ingest weeks.csv --host h >/dev/null 2>&1 && for i in 1 2; do
  "$TIDEMARK" --db weeks.db ingest calls.csv --calls --host h --run "c$i" --at $((1780000000 + 86400 * 3 * i)) >/dev/null 2>&1
done
"$TIDEMARK" --db weeks.db prune --keep-runs 66 --rollup week >/dev/null && "$TIDEMARK" --db weeks.db dump | sed 's/"project":"default"/"project":"old"/' >weeks.jsonl &&
  grep -q '"type":"weekly".*"latency"' weeks.jsonl || echo 'not ok short of memory: no weeks'

# try NAME DEPTH STRIDE BASE WORDS...: in the slice every STRIDE-th allocation fails, and each that is the first by its way of DEPTH calls.
n=0
try() {
  local name=$1 depth=$2 stride=$3 base=$4 mode
  shift 4
  n=$((n + 1))
  [[ -n ${TM_LONG:-} ]] && depth=12 stride=$TM_LONG
  for mode in once sticky; do
    (
      mkdir -p "$n.$mode" && cd "$n.$mode" && cp ../*.csv ../*.ndjson . || exit 1
      if ../each_allocation "$short" "../$base" $mode "$depth" "$stride" "$@" >said 2>&1; then
        echo "ok short of memory, $mode: $name ($(tail -n 1 said))"
      else
        echo "not ok short of memory, $mode: $name ($(tail -n 1 said))"
        sed '$d' said
      fi
    ) >"said.$mode" &
  done
  wait
  cat said.once said.sticky
}
# tell NAME DEPTH STRIDE WORDS...: a command of the program, on the store.
tell() {
  local name=$1 depth=$2 stride=$3
  shift 3
  try "$name" "$depth" "$stride" base.db "$TIDEMARK" --db try.db "$@"
}
# all NAME WORDS...: only in the long run.
all() {
  local name=$1
  shift
  [[ -z ${TM_LONG:-} ]] || tell "$name" 1 1 "$@"
}

$cc -O1 ${TM_LINK-} -I"$TM_SOURCE_DIR" -o entry_points "$faults/entry_points.c" "$TM_BUILD/libtidemark.a" -lsqlite3 -lm -pthread -ldl || echo 'not ok short of memory: no program'
export PLUGIN=$TM_BUILD/tests/plugins/words.so
for part in host take csv loader; do
  try "a program's $part" 12 1 base.db ../entry_points $part try.db
done
try "a program's store" 3 499 base.db ../entry_points store try.db
tell 'ingest' 3 499 ingest night.csv --host h --branch b --commit c
tell 'ingest of a part' 3 499 ingest calls.csv --host h --branch parts --run parted --at 2026-10-01 --part m:2
# What is measured differs from run to run, so nothing of it is stored.
printf "a -- true\n'b c' -- true\n" >list.csv
VARIES=1 tell 'measure' 3 499 measure --no-store -n 2 --timeout 9 p -- true
VARIES=1 tell 'measure of a file' 3 499 measure --no-store -n 1 --file list.csv --format csv
VARIES=1 tell 'measure of a pair' 3 499 measure --pair -n 3 --ignore-failure true true
REFUSED=1 tell 'measure for a run that is another' 3 499 measure -n 1 --run n20 --append --ignore-failure beta -- false
REFUSED=1 tell 'measure of what fails' 3 499 measure -n 1 p -- sh -c 'echo why >&2; exit 1'
REFUSED=1 all 'measure without a command' measure p
all 'the plan of a migration' migrate --plan
all 'ingest of files as parts' ingest calls.csv calls.csv --host h --run new --at 2026-12-02 --part 'm:{stem}'
all 'the gate of all parts' gate calls.csv --host h --branch parts --run parted --at 2026-10-01 --part m:2 --parts 2 --allow-unjudged
formats=$TM_SOURCE_DIR/tests/data/formats
tell 'ingest of a history in JSON' 3 499 ingest "$formats/data.js/data.js" --host h
tell 'ingest of a tree' 3 499 ingest "$formats/asv/tree"
for file in "$formats"/*/*; do
  case $file in
  */data.js | */asv/tree | *.expect) ;;
  *)
    grep -qx 'exit: 0' "$file.expect" || continue # one that is refused stores nothing anyway
    read -ra options < <(sed -n 's/^args: *//p' "$file.expect")
    all "ingest of ${file#"$formats"/}" ingest "$file" ${options[@]+"${options[@]}"}
    ;;
  esac
done
tell 'the gate with an accepted metric' 3 499 gate night.csv --host h
tell 'the gate as JSON' 3 499 gate --format json
tell 'findings' 3 499 findings
try 'prune with a rollup' 3 499 weeks.db "$TIDEMARK" --db try.db prune --keep-runs 58 --rollup week
try 'dump of weeks' 3 499 weeks.db "$TIDEMARK" --db try.db dump
try 'restore of weeks' 3 499 base.db "$TIDEMARK" --db try.db restore "$TMPDIR/weeks.jsonl"
try 'push of weeks' 3 499 weeks.db "$TIDEMARK" --db try.db push --to out/other.db
try 'the trend of weeks' 6 499 weeks.db "$TIDEMARK" --db try.db trend p1
tell 'accept' 3 499 accept beta --reason why
tell 'waive' 3 499 waive beta --metric peak_mem_kb --ceiling +300% --until 2030-01-01 --reason why
tell 'adopt' 3 499 adopt --reason why
all 'retire of several' retire alpha gamma --reason why
all 'accept by glob' accept 'b*' '?eta' --reason why
tell 'decisions' 3 499 decisions --format table
tell 'compare in text' 3 499 compare n20 n22 --format text
tell 'compare of a branch with a file' 3 499 compare branch:main~8 night.csv --format csv-long --better lower
tell 'export as csv' 3 499 export -o out/all.csv
tell 'export as a snapshot' 3 499 export --snapshot out/copy.db
for form in csv ndjson data.js openmetrics otlp; do all "export as $form" export --format $form; done
tell 'ingest of an export' 3 499 ingest history.csv
all 'ingest of JSON lines of an export' ingest history.ndjson
REFUSED=1 all 'ingest of bad rows' ingest bad.csv --host h
all 'ingest as append' ingest append.csv --host h --commit abc --branch main --append
all 'ingest again' ingest before.csv --host h --commit abc --branch main
if [[ -n ${TM_LONG:-} ]]; then
  gzip -dc "$TM_SOURCE_DIR/tests/data/stores/0.1.0.db.gz" >old.db
  try 'ingest into a new store' 1 1 none.db "$TIDEMARK" --db try.db ingest nights.csv --host h
  try 'the upgrade of an old store' 1 1 old.db "$TIDEMARK" --db try.db runs
  for part in open abort gate gate_options store_gate flush_store; do
    try "a program's $part" 1 1 base.db ../entry_points $part try.db
  done
  try "a program's create" 1 1 none.db ../entry_points create try.db
fi
all 'the gate that measures again' gate suspect.csv --host h --times 2 --confirm "sed -n '1p;/,gamma,/p' suspect.csv >{file}"
[[ ! $(find . -name 'tidemark-confirm.*') ]] || echo 'not ok short of memory: files of --confirm stay'
all 'the gate judges all anew' gate night.csv --host h --budget 0.4
all 'the gate without a change' gate night.csv --host h --dry-run
all 'the gate explains one plugin' gate --explain=alpha
for form in text json markdown junit codequality sarif csv github openmetrics badge slack teams text-short; do all "the gate as $form" gate --format $form; done
all 'the gate in colours' gate --color always
all 'the gate into files' gate --format json=out/v.json --format junit=out/v.xml --format markdown=out/v.md --format text
for form in text json markdown; do all "findings as $form" findings --format $form; done
all 'report' report -o out/site
for form in table csv json markdown; do
  all "runs as $form" runs --format $form
  all "plugins as $form" plugins --format $form
  all "show as $form" show beta --format $form
  all "decisions as $form" decisions --format $form
  all "bottlenecks as $form" bottlenecks --all --format $form
  all "compare as $form" compare n20 n22 --format $form
  all "sql as $form" sql 'select plugin, median(wall_per_call_ms) m, percentile(wall_ms, 90) p, mad(wall_ms) d, slope(started_at, wall_ms) s, mann_kendall(started_at, wall_ms) z, corr(wall_ms, cpu_ms) r from profiles group by plugin order by m desc' --format $form
done
for form in text comment junit github openmetrics csv-long json-long; do all "compare as $form" compare n20 n22 --format $form; done
all 'compare in text, all of it' compare n12,n13,n14 n20,n21,n22 --format text --all
all 'compare of files' compare append.csv before.csv --format json-long --metric wall_per_call_ms --plugin '*'
all 'compare into files' compare n20 n22 --format junit=out/c.xml --format text
all 'replay' replay
all 'sql with values' sql 'select plugin from profiles where plugin <> :p and calls > :n order by plugin' --param 'p=it''s' --param n=1
all 'sql --tables' sql --tables
all 'sql of texts' sql 'select plugin, run, host, branch, cast(wall_ms as text) from profiles order by random() * 0, plugin, run' --format csv
all 'show without a form' show beta
all 'trend' trend beta
all 'trend of a metric' trend alpha --metric wall_per_call_ms
all 'trend as a picture' trend beta -o out/beta.svg
for form in text csv json; do
  all "audit as $form" audit --format $form
  all "evaluate as $form" evaluate truth.csv --format $form
done
all 'retire' retire gamma --reason why
all 'undo' undo 1
all 'check' check
tell 'doctor' 3 499 doctor
all 'doctor as json' doctor --format json
all 'rebuild' rebuild
tell 'dump' 3 499 dump
tell 'restore' 3 499 restore "$TMPDIR/other.jsonl"
tell 'push' 3 499 push --to out/other.db
tell 'pull' 3 499 pull --from "$TMPDIR/made.db" --project other
all 'push of another run of the same name' push --from "$TMPDIR/made.db" --to try.db --project other
all 'dump to a file' dump -o out/all.jsonl
REFUSED=1 all 'restore of no dump' restore "$TMPDIR/cut.jsonl"
all 'rename' rename gamma gamma2
all 'rm' rm n20
all 'prune' prune --before 2026-11-05
all 'metric' metric hits --better higher --unit 1
all 'help' gate --help
