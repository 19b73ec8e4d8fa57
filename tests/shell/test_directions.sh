#!/usr/bin/env bash
# Units and directions of metrics between files and the store: what is converted, what contradicts, and how a metric is judged of which
# nobody knows which direction is better.
set -u
failures=0
unset TIDEMARK_CONFIG TIDEMARK_BUDGET TIDEMARK_BASE TIDEMARK_STRICT TIDEMARK_MAX_AGE
export TIDEMARK_DB=t.db TIDEMARK_USER=anna
tm() { "$TIDEMARK" "$@"; }

# check NAME COMMAND...: ok if the command succeeds; each begins in an empty directory
check() {
  local name=$1
  shift
  rm -rf "$TMPDIR/case" && mkdir "$TMPDIR/case"
  if (cd "$TMPDIR/case" && "$@") >"$TMPDIR/log" 2>&1; then
    echo "ok directions $name"
  else
    echo "not ok directions $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

says() { grep -qF -- "$1" said || { echo "does not say: $1" && cat said && return 1; }; }
equal() { [[ $1 == "$2" ]] || { echo "expected '$1', found '$2'" && return 1; }; }
one() { tm sql --format csv "$1" | tail -n +2; }

# jmh VALUE UNIT: a night with that value of metric 'm', on day DAY
jmh() {
  printf '[{"benchmark":"b","primaryMetric":{"score":1,"scoreUnit":"ops/s"},"secondaryMetrics":{"m":{"score":%s,"scoreUnit":"%s"}}}]\n' "$1" "$2" >in.json
  tm ingest in.json --host h --run "n$DAY" --at "2026-03-0${DAY}T00:00:00Z" "${@:3}" >said 2>&1
}

units_are_converted() {
  DAY=1 jmh 2048 KiB && DAY=2 jmh 3 MiB && DAY=3 jmh 1048576 B &&
    equal '2048 3072 1024' "$(one "select group_concat(value, ' ') from (select cast(value as int) as value from reading join metric using (metric_id)
      where name = 'm' order by run_id)")" &&
    equal KiB "$(one "select unit from metric where name = 'm'")" && tm check
}
# A number that is none in the store's unit is no reading.
too_large_in_the_unit() {
  DAY=1 jmh 1 B || return 1
  DAY=2 jmh 1e308 KiB && return 1
  says "metric 'm' is too large in the unit 'B'" && equal 1 "$(one 'select count(*) from run')"
}
# What cannot be converted names both units, and nothing of it is stored.
units_of_another_kind() {
  DAY=1 jmh 2048 KiB || return 1
  DAY=2 jmh 3 ms && return 1
  says "metric 'm' has the unit 'ms' in the input and 'KiB' in the store" && says 'nothing was stored' && equal 1 "$(one 'select count(*) from run')"
}
# A unit that comes later describes the metric.
a_unit_that_comes_later() {
  printf 'plugin,wall_ms,m\nb,5,7\n' >in.csv && tm ingest in.csv --host h --run n1 --at 2026-03-01T00:00:00Z &&
    equal '' "$(one "select unit from metric where name = 'm'")" && DAY=2 jmh 8 KiB &&
    equal 'KiB lower' "$(one "select unit || ' ' || better from metric where name = 'm'")"
}
directions_that_contradict() {
  DAY=1 jmh 5 widgets --better m=higher || return 1
  DAY=2 jmh 6 widgets --better m=lower && return 1
  says "metric 'm' is better lower in the input and better higher in the store" && equal 1 "$(one 'select count(*) from run')" &&
    DAY=2 jmh 6 widgets && tm metric m --better lower && DAY=3 jmh 7 widgets --better m=lower
}
# The same name in two projects is two metrics.
metrics_belong_to_projects() {
  DAY=1 jmh 5 widgets --better m=higher --project one && DAY=2 jmh 6 bits --better m=lower --project two &&
    equal 'higher widgets; lower bits' "$(one "select group_concat(better || ' ' || unit, '; ') from (select better, unit from metric where name = 'm' order by metric_id)")"
}

# In one input, too: the one is known by the time the other comes.
projects_of_one_input() {
  printf 'run,started_at,project,plugin,wall_ms,m\na,2026-03-01,one,b,5,7\nb,2026-03-02,two,b,5,8\nc,2026-03-03,one,b,5,9\n' >in.csv && tm ingest in.csv --host h &&
    equal 'one 7,one 9,two 8' "$(one "select group_concat(t, ',') from (select project.name || ' ' || cast(value as int) t from reading join metric using (metric_id) join project using (project_id) order by 1)" | tr -d '"')" &&
    equal 2 "$(one 'select count(*) from metric')" && tm check
}

# nights FIRST LAST VALUE [OPTION...]: of Otava's dialect, whose numbers have neither unit nor direction; the noise is under 1 %
nights() {
  awk -v first="$1" -v last="$2" -v value="$3" 'BEGIN {
    print "time,commit,depth"
    for (n = first; n <= last; n++) printf "%d,c%d,%.4f\n", 1760000000 + 86400 * n, n, value * (1 + 0.002 * ((n * 7919) % 7 - 3))
  }' >in.csv
  tm ingest in.csv --host h --plugin engine "${@:4}" >said 2>&1 || { cat said && return 1; }
}
gate() {
  local code
  tm gate >said 2>&1
  code=$?
  [[ $code == "$1" ]] || { echo "exit code $code, expected $1" && cat said && return 1; }
}
# Both ways: a rise is an alarm, a fall is one, and it closes when the values are back.
judged_both_ways() {
  nights 1 30 100 && gate 0 && nights 31 36 60 && gate 1 && says depth && nights 37 60 100 && gate 0 || return 1
  rm t.db && nights 1 30 100 && gate 0 && nights 31 36 160 && gate 1 && says depth
}
# Once it is said which direction is better, all nights are judged by it.
judged_anew() {
  nights 1 30 100 && nights 31 36 60 && gate 1 && tm metric depth --better lower && gate 3 && says 'since its level changed' && tm metric depth --better higher && gate 1 && says depth
}

# Nor is it where a night's own input says the direction that nobody knew: what fell had not got worse.
judged_anew_by_an_input() {
  nights 1 30 100 && nights 31 36 60 && gate 1 && nights 37 37 60 --better depth=lower && gate 0 && equal 0 "$(one "select count(*) from verdict where class in ('open', 'regressed')")"
}

check 'units are converted' units_are_converted
check 'too large in the unit' too_large_in_the_unit
check 'units of another kind' units_of_another_kind
check 'a unit that comes later' a_unit_that_comes_later
check 'directions that contradict' directions_that_contradict
check 'metrics belong to projects' metrics_belong_to_projects
check 'metrics of several projects in one input' projects_of_one_input
check 'judged both ways' judged_both_ways
check 'judged anew' judged_anew
check 'judged anew by an input' judged_anew_by_an_input
[[ $failures == 0 ]]
