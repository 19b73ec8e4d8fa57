#!/usr/bin/env bash
# tidemark trend: what it prints and writes, and that no gnuplot, however it fails, does more than cost the chart.
set -u
failures=0
mkdir "$TMPDIR/stores" "$TMPDIR/scratch" "$TMPDIR/fake" && cd "$TMPDIR/stores" || exit 1
export LC_ALL=C TERM=xterm
unset COLUMNS NO_COLOR TIDEMARK_GNUPLOT_SECONDS

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok trend $name"
  else
    echo "not ok trend $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# 60 nights; 'slow' takes half as long again from the 41st on, 'odd' has a name that turns the direction of text
awk 'BEGIN { print "run,started_at,commit,plugin,calls,wall_ms,cpu_ms,hits"
  for (i = 1; i <= 60; i++) {
    night = sprintf("2026-%02d-%02d", 8 + int((i - 1) / 30), (i - 1) % 30 + 1)
    wall = 1000 + (i * 37) % 29
    printf "%s,%sT02:00:00Z,c%07d,steady,10,%d,%d,%d\n", night, night, i, wall, wall / 2, i
    printf "%s,%sT02:00:00Z,c%07d,slow,10,%d,%d,%d\n", night, night, i, (i > 40 ? 1.5 : 1) * wall, wall / 2, i
    printf "%s,%sT02:00:00Z,c%07d,odd\342\200\256name,10,%d,%d,%d\n", night, night, i, wall, wall / 2, i
  } }' >history.csv
"$TIDEMARK" ingest history.csv --host ci >/dev/null && "$TIDEMARK" gate >/dev/null
rm history.csv && cp tidemark.db "$TMPDIR/copy.db"

# trend OPTION...: leaves out, err and code; gnuplot is that of $path, its directory would be in the scratch directory
path=$PATH scratch=$TMPDIR/scratch
trend() {
  PATH=$path TMPDIR=$scratch "$TIDEMARK" trend "$@" >"$TMPDIR/out" 2>"$TMPDIR/err" </dev/null
  code=$?
  cat "$TMPDIR/out" "$TMPDIR/err"
}

# nothing is left, and the store is as it was
untouched() {
  [[ -z $(ls -A "$TMPDIR/scratch") ]] && cmp tidemark.db "$TMPDIR/copy.db" && [[ $(echo *) == tidemark.db ]]
}

# refused MESSAGE OPTION...
refused() {
  trend "${@:2}"
  [[ $code == 2 && $(head -n 1 "$TMPDIR/err") == "tidemark: $1" && ! -s $TMPDIR/out ]] && untouched
}

# hinted HINT OPTION...
hinted() {
  trend "${@:2}"
  [[ $code == 2 ]] && grep -qxF "tidemark: hint: $1" "$TMPDIR/err" && untouched
}

# ---- on the terminal ----

shown() {
  trend slow && [[ $code == 0 && ! -s $TMPDIR/err ]] || return
  head -n 1 "$TMPDIR/out" | grep -qxF 'slow  wall time per call, 60 runs on main, 2026-08-01 to 2026-09-30' &&
    grep -q '1: Sep 11' "$TMPDIR/out" && grep -q '\^ regressed .* | worse since' "$TMPDIR/out" &&
    tail -n 1 "$TMPDIR/out" | grep -q '^1: worse since 2026-09-11, commits c0000040..c0000041, wall_per_call_ms 15[0-9.]* ms, was 10[0-9.]* ms: +[45][0-9.]* %$' &&
    ! grep -q $'\033' "$TMPDIR/out" && ! LC_ALL=C grep -q '[^ -~]' "$TMPDIR/out" && untouched
}

in_utf8() { LC_ALL=C.UTF-8 trend slow && grep -q '▲ regressed' "$TMPDIR/out" && ! grep -q $'\033' "$TMPDIR/out"; }
width() { COLUMNS=60 trend slow && [[ $(head -n -1 "$TMPDIR/out" | tail -n +2 | wc -L) -le 60 ]] && trend slow && [[ $(tail -n +2 "$TMPDIR/out" | wc -L) -gt 90 ]]; }
other_metric() { trend slow --metric cpu_per_call_ms && [[ $code == 0 ]] && grep -q 'CPU time per call' "$TMPDIR/out" && ! grep -q 'worse since' "$TMPDIR/out"; }
own_metric() { trend slow --metric hits && [[ $code == 0 ]] && grep -qx 'custom 1: hits' "$TMPDIR/out"; }
no_wall_time() {
  printf 'run,started_at,plugin,metric[better=higher unit=op/s] rate\na,2026-01-01,copy,1700000\nb,2026-01-02,copy,1800000\n' >"$TMPDIR/rates.csv" &&
    "$TIDEMARK" --db "$TMPDIR/rates.db" ingest "$TMPDIR/rates.csv" --host h >/dev/null && "$TIDEMARK" --db "$TMPDIR/rates.db" trend copy >"$TMPDIR/out" &&
    head -n 1 "$TMPDIR/out" | grep -q '^copy  rate, 2 runs' && grep -qE ' 1[.]7[0-9]* M$' "$TMPDIR/out"
}
fewer_runs() { trend slow --last 15 && grep -q '15 runs on main, 2026-09-16 to' "$TMPDIR/out" && trend slow --last 0 && grep -q '60 runs' "$TMPDIR/out"; }
odd_name() { trend $'odd\342\200\256name' && [[ $code == 0 ]] && grep -qF 'odd\u{202E}name' "$TMPDIR/out" && ! grep -q $'\342\200\256' "$TMPDIR/out"; }

coloured() {
  command -v script >/dev/null || return 0
  script -qec "'$TIDEMARK' trend slow" /dev/null </dev/null >colours && NO_COLOR=1 script -qec "'$TIDEMARK' trend slow" /dev/null </dev/null >plain
  local found=0
  grep -q $'\033\[1;31m' colours && ! grep -q $'\033' plain || found=1
  rm -f colours plain
  return $found
}

# What nobody has judged is drawn all the same.
unjudged() {
  printf 'run,started_at,plugin,wall_ms\nn1,2026-11-01,p,10\nn2,2026-11-02,p,12\n' >few.csv
  "$TIDEMARK" --db few.db ingest few.csv --host ci && trend --db few.db p --last 1 && [[ $code == 0 ]] || return
  trend --db few.db p && grep -q '^p  wall time per call, 2 runs on main, 2026-11-01 to 2026-11-02$' "$TMPDIR/out" && rm few.db few.csv && untouched
}

check 'a chart, and what changed' shown
check 'nights that were not judged' unjudged
check 'signs of UTF-8 where the locale has it' in_utf8
check 'as wide as it may be' width
check 'another metric' other_metric
check 'a metric of the project' own_metric
check 'a plugin without a wall time' no_wall_time
check 'the newest runs' fewer_runs
check 'a name that turns the direction of text' odd_name
check 'colours on a terminal, and NO_COLOR' coloured
# ---- several plugins, and another branch ----

# Titles of charts, in their order
titles() { grep -o '^[^ ]*  [^,]*, [0-9]* runs on [^;]*' "$TMPDIR/out" | cut -d, -f1 | tr '\n' '|'; }
several() { trend slow steady && [[ $code == 0 && $(titles) == 'slow  wall time per call|steady  wall time per call|' ]]; }
glob() { trend 's*' slow && [[ $code == 0 && $(titles) == 'slow  wall time per call|steady  wall time per call|' ]]; }
metrics() {
  trend 's*' --metric hits --metric cpu_per_call_ms && [[ $(titles) == 'slow  hits|slow  CPU time per call|steady  hits|steady  CPU time per call|' ]] &&
    [[ $(grep -cx 'custom 1: hits' "$TMPDIR/out") == 2 ]]
}
since() {
  trend slow --since 2026-09-16 && grep -q '15 runs on main, 2026-09-16 to 2026-09-30' "$TMPDIR/out" && trend slow --since 2026-09-29T02:00:01Z && grep -q ' 1 run on main' "$TMPDIR/out" &&
    trend slow --since 1970-01-02 && grep -q ' 60 runs on main' "$TMPDIR/out"
}
small_multiples() {
  trend 's*' $'odd\342\200\256name' -o x.svg && [[ $code == 0 ]] && grep -qx '<title>3 plugins</title>' x.svg && grep -q '>slow</text>' x.svg && grep -q '>steady</text>' x.svg &&
    ! grep -q $'\342\200\256' x.svg && [[ $(grep -c 'wall time per call, ms' x.svg) == 3 ]] || return
  if command -v xmllint >/dev/null; then xmllint --noout x.svg || return; fi
  [[ $(grep -c ' runs on main' "$TMPDIR/out") == 3 ]] && grep -q '^1: worse since 2026-09-11' "$TMPDIR/out" && rm x.svg && untouched
}
# 20 plugins, and a branch with a name of HTML, whose runs are newer
branch='a<b>&"c'
many() {
  awk 'BEGIN { print "run,started_at,plugin,wall_ms"; for (n = 1; n <= 9; n++) for (p = 0; p < 20; p++) printf "n%d,2026-10-%02d,p%02d,%d\n", n, n, p, 100 + n }' >"$TMPDIR/many.csv"
  awk -v b='"a<b>&""c"' 'BEGIN { print "run,started_at,branch,plugin,wall_ms"; for (n = 1; n <= 9; n++) printf "f%d,2026-10-%02dT12:00:00Z,%s,p03,%d\n", n, n + 4, b, 80 + n }' >"$TMPDIR/branch.csv"
  "$TIDEMARK" --db "$TMPDIR/many.db" ingest "$TMPDIR/many.csv" --host h --branch main && "$TIDEMARK" --db "$TMPDIR/many.db" ingest "$TMPDIR/branch.csv" --host h
}
beside() {
  trend --db "$TMPDIR/many.db" --branch main p03 p04 --compare "$branch" -o x.svg && [[ $code == 0 ]] && grep -q '>a&lt;b&gt;&amp;&quot;c</text>' x.svg && rm x.svg &&
    grep -qxF 'p03  wall time per call, 9 runs on main, 2026-10-01 to 2026-10-09; beside 9 runs on a<b>&"c' "$TMPDIR/out" &&
    grep -qxF 'p04  wall time per call, 9 runs on main, 2026-10-01 to 2026-10-09; beside no run on a<b>&"c' "$TMPDIR/out" &&
    trend --db "$TMPDIR/many.db" --branch main p03 --compare "$branch" && grep -q '+ the other branch' "$TMPDIR/out" && [[ $(sed -n 2p "$TMPDIR/out" | wc -L) -lt 101 ]]
}
# What lies between two plugins is not read: their two profiles of each night, and no third.
few_are_read() {
  trend --db "$TMPDIR/many.db" --branch main p00 p19 && [[ $(titles) == 'p00  wall time per call|p19  wall time per call|' ]] &&
    trend --db "$TMPDIR/many.db" --branch main p19 p00 --last 4 && [[ $(titles) == 'p19  wall time per call|p00  wall time per call|' ]]
}
no_values() {
  printf 'run,started_at,plugin,wall_ms,metric[better=lower] queue\na,2026-01-01,x1,1,5\na,2026-01-01,x2,1,\n' >"$TMPDIR/part.csv" && "$TIDEMARK" --db "$TMPDIR/part.db" ingest "$TMPDIR/part.csv" --host h &&
    trend --db "$TMPDIR/part.db" 'x*' --metric queue && [[ $code == 0 && $(titles) == '' ]] && grep -qx 'x2 has no values of queue in these runs' "$TMPDIR/out" && grep -q '^x1  queue, 1 run on' "$TMPDIR/out"
}

check 'several plugins' several
check 'a glob and a name, each plugin once' glob
check 'several metrics of several plugins' metrics
check 'runs since a time' since
check 'small multiples in one file' small_multiples
check 'a store of many plugins, and a branch' many
check "another branch's values" beside
check 'plugins far from one another' few_are_read
check 'a plugin without values of the metric' no_values
check 'too many plugins' refused "that is 20 plugins, and a picture holds 16" --db "$TMPDIR/many.db" 'p*'
check 'too many charts' refused "20 plugins and 2 metrics are more charts than a picture holds, which is 16" --db "$TMPDIR/many.db" 'p*' --metric wall_per_call_ms --metric cpu_per_call_ms
check 'a glob that meets nothing' refused "'x*' meets no plugin in project 'default'" slow 'x*'
check 'no run since' refused 'there is no run since 2027-01-01: the newest began at 2026-09-30T02:00:00Z' slow --since 2027-01-01
check 'no time' refused "--since 'soon' is not a time: expected ISO 8601, like 2026-11-20T02:00:00Z, or epoch seconds" slow --since soon
check 'no such branch' refused "there is no run on branch 'x' of host 'ci'" slow --compare x
check 'the same branch' refused "--compare 'main': that is the branch itself" slow --compare main
check 'unknown plugin' hinted "did you mean 'steady'?" staedy
check 'unknown metric' hinted "did you mean 'wall_per_call_ms'?" slow --metric wall_per_cal_ms
check 'unknown host' refused "no host 'x' in the store" slow --host x
check 'no number' refused "--last 'x' is not a whole number from 0 up" slow --last x

# ---- in files ----

svg() {
  trend slow -o x.svg && [[ $code == 0 ]] && head -n 2 x.svg | grep -q '<svg' && tail -n 1 x.svg | grep -qx '</svg>' || return
  if command -v xmllint >/dev/null; then xmllint --noout x.svg || return; fi
  grep -q 'custom 1' x.svg && grep -qx 'custom 1: hits' "$TMPDIR/out" && grep -qx '<title>slow</title>' x.svg && grep -q '>slow</text>' x.svg && ! grep -qE 'hits|c00000' x.svg && mv x.svg first &&
    trend slow --output x.svg && cmp first x.svg && rm first x.svg && untouched
}

png() { trend slow -o x.png && [[ $code == 0 && $(head -c 4 x.png | tail -c 3) == PNG ]] && rm x.png && untouched; }

# Of the same bytes, whenever it is drawn
pdf() {
  trend slow -o x.pdf && [[ $code == 0 && $(head -c 5 x.pdf) == %PDF- && $(tail -n 1 x.pdf) == %%EOF ]] && mv x.pdf first && sleep 1 && trend slow -o x.pdf && cmp first x.pdf && rm first x.pdf && untouched
}

# A file that is there stays as it was when the new one cannot be drawn.
kept() {
  path=/nowhere && echo old >x.svg && trend slow -o x.svg
  [[ $code == 2 && $(<x.svg) == old ]] && rm x.svg && untouched
}

check 'an SVG' svg
check 'a PNG' png
check 'a PDF' pdf
check 'an old file stays when drawing fails' kept
check 'another ending' refused "--output 'x.gif': a chart's file ends in .svg, .png or .pdf" slow -o x.gif
check 'no ending' refused "--output '.svg': a chart's file ends in .svg, .png or .pdf" slow -o .svg
check 'a place that is not there' refused "cannot write 'nowhere/x.svg': No such file or directory" slow -o nowhere/x.svg

# ---- gnuplot in all its moods ----

# fake NAME SCRIPT: a gnuplot in a directory of its own
fake() {
  mkdir -p "$TMPDIR/fake/$1" && printf '%s\n' "$2" >"$TMPDIR/fake/$1/gnuplot" && chmod +x "$TMPDIR/fake/$1/gnuplot"
}

# fails NAME MESSAGE: with that gnuplot there is that message, exit 2, and nothing left
fails() { path=$TMPDIR/fake/$1:/usr/bin:/bin && refused "$2" slow; }

sh='#!/bin/sh'
fake exits "$sh
exit 1"
fake complains "$sh
echo; echo '\"script\", line 3: bad'; exit 4"
fake silent "$sh"
fake garbage "$sh
head -c 5000 /dev/urandom; head -c 1000 /dev/urandom >said.too"
fake empty "$sh
: >chart"
fake killed "$sh
kill -9 \$\$"
fake hangs "$sh
sleep 600"
fake stubborn "$sh
trap '' TERM INT HUP; while :; do sleep 600; done"
fake large "$sh
exec head -c 80000000 /dev/zero >chart"
fake nonsense 'no program'
mkdir -p "$TMPDIR/fake/locked" "$TMPDIR/fake/nothing" "$TMPDIR/fake/folder/gnuplot" && : >"$TMPDIR/fake/locked/gnuplot"

not_there() { path=$TMPDIR/fake/nothing && refused 'gnuplot is not installed' slow; }
not_usable() { path=$TMPDIR/fake/locked:$TMPDIR/fake/folder && refused 'gnuplot is not installed' slow; }
no_relative_place() { path=.::bin && cd "$TMPDIR/fake/exits" && trend --db "$TMPDIR/stores/tidemark.db" slow && grep -qx 'tidemark: gnuplot is not installed' "$TMPDIR/err"; }

check 'gnuplot is not there' not_there
check 'gnuplot is no program' not_usable
check 'gnuplot is not looked for in the current directory' no_relative_place
check 'gnuplot exits with 1' fails exits 'gnuplot failed with exit code 1'
check 'gnuplot says why' fails complains 'gnuplot failed with exit code 4: "script", line 3: bad'
check 'gnuplot draws nothing' fails silent 'gnuplot has not drawn all charts: No such file or directory'
check 'gnuplot prints garbage' fails garbage 'gnuplot has not drawn all charts: No such file or directory'
check 'gnuplot leaves an empty file' fails empty 'gnuplot has not drawn all charts: one is cut short'
check 'gnuplot is killed' fails killed 'gnuplot was ended by signal 9 (Killed)'
check 'gnuplot writes without end' fails large 'gnuplot was ended by signal 25 (File size limit exceeded)'
check 'gnuplot cannot be started' fails nonsense 'cannot start gnuplot: Exec format error'

in_time() { export TIDEMARK_GNUPLOT_SECONDS=1 && fails "$1" 'gnuplot took longer than 1 seconds and was stopped'; }
check 'gnuplot hangs' in_time hangs
check 'gnuplot hangs and does not listen' in_time stubborn

# half a file, of each kind
fake half_svg "$sh
printf '<svg\n>\n<g>\n' >chart"
fake half_png "$sh
printf '\\211PNG\\r\\n\\032\\nIHDR' >chart"
fake half_pdf "$sh
printf '%%PDF-1.5\n%%%%EO' >chart"
half() {
  path=$TMPDIR/fake/$1:/usr/bin:/bin
  trend slow -o "x.$2"
  [[ $code == 2 && $(<"$TMPDIR/err") == 'tidemark: gnuplot has not drawn all charts: one is cut short' ]] && untouched
}
check 'half an SVG' half half_svg svg
check 'half a PNG' half half_png png
check 'half a PDF' half half_pdf pdf

# What gnuplot has started ends with it.
fake parent "$sh
sleep 600 &
echo \$! >'$TMPDIR/child'"
# gone PID: within ten seconds
gone() {
  local i
  for ((i = 0; i < 100; i++)); do
    [[ -e /proc/$1/status ]] && ! grep -q '^State:.*Z' "/proc/$1/status" || return 0
    sleep 0.1
  done
  echo "process $1 is still there"
  return 1
}
with_children() { fails parent 'gnuplot has not drawn all charts: No such file or directory' && gone "$(<"$TMPDIR/child")"; }
check 'what gnuplot starts ends with it' with_children

# signalled SIGNAL CODE: sent while gnuplot draws, it ends both, and puts everything away
fake waits "$sh
echo \$\$ >'$TMPDIR/pid.new'; mv '$TMPDIR/pid.new' '$TMPDIR/pid'; exec sleep 600"
signalled() {
  local i got path
  ulimit -c 0
  path=$TMPDIR/fake/waits:/usr/bin:/bin
  rm -f "$TMPDIR/pid"
  set -m # else the shell ignores SIGINT for what runs beside it
  PATH=$path TMPDIR=$scratch "$TIDEMARK" trend slow >"$TMPDIR/out" 2>"$TMPDIR/err" &
  for ((i = 0; i < 200; i++)); do [[ -e $TMPDIR/pid ]] && break || sleep 0.1; done
  kill "-$1" $!
  wait $!
  got=$?
  gone "$(<"$TMPDIR/pid")" || return
  [[ $got == "$2" ]] && { [[ $1 == KILL ]] || untouched; }
}
check 'SIGTERM' signalled TERM 143
check 'SIGINT' signalled INT 130
check 'SIGHUP' signalled HUP 129
check 'SIGQUIT' signalled QUIT 131
check 'SIGKILL takes gnuplot along' signalled KILL 137
rm -rf "$TMPDIR/scratch" && mkdir "$TMPDIR/scratch"

# ---- what gnuplot reads ----

settings_unread() {
  mkdir "$TMPDIR/home" && echo "set print '$TMPDIR/read'; print 1; exit" >"$TMPDIR/home/.gnuplot" && cp "$TMPDIR/home/.gnuplot" "$TMPDIR/home/gnuplotrc"
  HOME=$TMPDIR/home GNUPLOT_LIB=$TMPDIR/home XDG_CONFIG_HOME=$TMPDIR/home trend slow
  [[ $code == 0 && ! -e $TMPDIR/read ]] && untouched
}
check "gnuplot's settings are not read" settings_unread
[[ $failures == 0 ]]
