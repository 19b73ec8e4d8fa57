#!/usr/bin/env bash
# Measures Tidemark beside the sqlite3 shell on the same data, in one run, and prints the ratios. Timings never fail it.
#
#   scripts/bench.sh                 all sections; about 5 GB of scratch space and ten minutes
#   scripts/bench.sh SECTION...      some of: ingest calls formats night sql gate report writers postgres record monitor malloc python commands
#
#   TIDEMARK, NIGHTS   the programs (default build/tidemark, build/nights)
#   BENCH_DIR          where data is made, kept and used again (default: a new directory, removed at the end)
#   BENCH_RUNS         nights of the big store (5000)       BENCH_PLUGINS  plugins of each (1000)
#   BENCH_CALLS        rows of the per-call input (20000000)
#   BENCH_REPEATS      whole processes per median (21)
#
# CPU is user + system time of the process and its threads; memory is its peak resident set, where /proc tells it.

set -u
export LC_ALL=C
TIMEFORMAT='%3U %3S %3R'
tidemark=${TIDEMARK:-build/tidemark}
nights=${NIGHTS:-build/nights}
runs=${BENCH_RUNS:-5000} plugins=${BENCH_PLUGINS:-1000} calls=${BENCH_CALLS:-20000000} repeats=${BENCH_REPEATS:-21}
night_plugins=$((plugins < 200 ? plugins : 200))
stamp=$(date +%s)

die() {
    echo "bench: $*" >&2
    exit 2
}

# ---- measuring ----

# Prints the peak resident set of the process whose id comes to be in file $1, in KiB, until that process ends.
watch_peak() {
    local pid='' line peak=''
    until [ -s "$1" ]; do sleep 0.01; done
    read -r pid <"$1"
    while line=$(grep VmHWM "/proc/$pid/status" 2>/dev/null); do
        peak=${line//[!0-9]/}
        sleep 0.05
    done
    echo "$peak"
}

# measure COMMAND...: sets cpu (s), wall (s), peak (MiB or '-') and failed; standard output is thrown away
measure() {
    local user sys watcher times
    rm -f "$dir/pid" && : >"$dir/peak"
    if [ -r /proc/self/status ]; then
        watch_peak "$dir/pid" >"$dir/peak" &
        watcher=$!
    fi
    # shellcheck disable=SC2016 # expanded by the inner shell
    times=$( { time sh -c 'echo $$ >"$0"; exec "$@" 2>>"$LOG"' "$dir/pid" "$@" >/dev/null; } 2>&1 && echo ok) && failed='' || failed=' FAILED'
    read -r user sys wall _ <<<"$times"
    [ "${watcher-}" ] && wait "$watcher"
    cpu=$(awk "BEGIN { print $user + $sys }")
    peak=$(awk 'NF { printf "%.1f", $1 / 1024 }' "$dir/peak")
    [ "$failed" ] && tail -n 2 "$LOG" >&2
    : "${peak:=-}"
}

# clocked COMMAND...: wall milliseconds of one process
clocked() {
    local from=$EPOCHREALTIME to
    "$@" >/dev/null 2>>"$LOG" || echo failed >"$dir/failed"
    to=$EPOCHREALTIME
    awk "BEGIN { print ($to - $from) * 1000 }"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.4g\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
divide() { awk "BEGIN { if ($2 > 0) printf \"${3:-%.2f}\", $1 / $2; else printf \"-\" }"; }
size_of() { wc -c <"$1" | tr -d ' '; }

# ---- printing ----

title() { printf '\n%s\n' "$*"; }
row() { printf '  %-42s %10s %10s %10s%s\n' "$@" "${failed-}"; }
line() { printf '  %-42s %10s   goal %s\n' "$1" "$2" "$3"; }

# ---- data ----

make_csv() {
    csv=$dir/bench-$runs-$plugins.csv
    [ -s "$csv" ] || "$nights" --bench --nights "$runs" --plugins "$plugins" -o "$csv" || die "cannot generate $csv"
}

shell_columns='run_id TEXT, started_at TEXT, "commit" TEXT, plugin TEXT, calls INTEGER, errors INTEGER, wall_ms REAL, cpu_ms REAL,
mem_delta_kb REAL, peak_mem_kb REAL, p50_ms REAL, p95_ms REAL, p99_ms REAL'

ours=tidemark.db theirs=shell.db indexed=shell-indexed.db

import_ours() { measure "$tidemark" --db "$dir/$ours" ingest "$csv"; }

import_theirs() {
    rm -f "$dir/$theirs"
    sqlite3 "$dir/$theirs" "CREATE TABLE profile($shell_columns, PRIMARY KEY(run_id, plugin)) WITHOUT ROWID;" || die "no sqlite3 shell"
    measure sqlite3 "$dir/$theirs" ".import --csv --skip 1 '$csv' profile"
}

need_stores() {
    make_csv
    [ -s "$dir/$ours" ] || import_ours
    [ -s "$dir/$theirs" ] || import_theirs
}

need_index() {
    [ -s "$dir/$indexed" ] && return
    sqlite3 "$dir/$indexed" "ATTACH '$dir/$theirs' AS big; CREATE TABLE profile($shell_columns);
        INSERT INTO profile SELECT * FROM big.profile; CREATE INDEX by_plugin ON profile(plugin, run_id);"
}

# ---- sections ----

bench_duckdb() {
    command -v duckdb >/dev/null || { echo '  duckdb: not on the PATH, left out' && return; }
    rm -f "$dir/duck.db"
    measure duckdb "$dir/duck.db" "CREATE TABLE profile AS SELECT * FROM read_csv('$csv')"
    row "duckdb read_csv" "$cpu" "$wall" "$peak"
    rm -f "$dir/duck.db"
}

bench_ingest() {
    local rows=$((runs * plugins)) our_cpu our_wall our_peak
    make_csv
    cat "$csv" >/dev/null
    title "Whole file: $runs runs x $plugins plugins, $(($(size_of "$csv") / 1000000)) MB"
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    rm -f "$dir/$ours"
    import_ours
    row 'tidemark ingest' "$cpu" "$wall" "$peak"
    our_cpu=$cpu our_wall=$wall our_peak=$peak
    [ -s "$dir/$ours" ] || return
    import_theirs
    row 'sqlite3 .import' "$cpu" "$wall" "$peak"
    line 'CPU, ours / shell' "$(divide "$our_cpu" "$cpu")" '0.40 at most'
    line 'peak memory, MiB' "$our_peak" 'under 64'
    line 'bytes a row, ours' "$(divide "$(size_of "$dir/$ours")" "$rows" %.1f)" '80 at most'
    line 'bytes a row, shell' "$(divide "$(size_of "$dir/$theirs")" "$rows" %.1f)" '-'
    line 'million rows a second' "$(awk "BEGIN { printf \"%.2f\", $rows / 1e6 / $our_wall }")" '1.7 (aim)'
    bench_duckdb
}

bench_calls() {
    local input=$dir/calls-$calls.csv
    [ -s "$input" ] || "$nights" --bench-calls "$calls" -o "$input" || die "cannot generate $input"
    cat "$input" >/dev/null
    title "A row per call: $calls calls of 1000 plugins, $(($(size_of "$input") / 1000000)) MB"
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    rm -f "$dir/calls.db"
    measure "$tidemark" --db "$dir/calls.db" ingest --calls --run calls --at 2026-01-01T00:00:00Z "$input"
    row 'tidemark ingest --calls' "$cpu" "$wall" "$peak"
    line 'MB a second' "$(divide "$(size_of "$input")/1e6" "$wall" %.0f)" '150 at least'
    line 'peak memory, MiB' "$peak" 'under 64'
    rm -f "$dir/calls.db"
}

# Whole histories of other tools, and how fast JSON is read as such.
bench_formats() {
    local input size python=${PYTHON:-python3}
    command -v "$python" >/dev/null || { echo '  formats: no Python to write them, left out' && return; }
    [ -e "$dir/formats/asv" ] || { mkdir -p "$dir/formats" && "$python" scripts/bench_formats.py "$dir/formats"; } || die 'cannot write formats'
    title 'Formats of other tools'
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    for input in data.js skipped.json junit.xml asv; do
        size=$(du -sb "$dir/formats/$input" | cut -f1)
        rm -f "$dir/formats.db"
        measure "$tidemark" --db "$dir/formats.db" ingest --at mtime "$dir/formats/$input"
        row "$input ($((size / 1000000)) MB)" "$cpu" "$wall" "$peak"
        case $input in
        data.js)
            line 'million profiles a CPU second' "$(divide 0.36 "$cpu")" '-'
            line 'peak memory / file' "$(divide "$peak*1048576" "$size")" '2 at most'
            ;;
        skipped.json)
            line 'JSON, MB a CPU second' "$(divide "$size/1e6" "$cpu" %.0f)" '150 at least'
            measure "$python" -c 'import json, sys; json.load(open(sys.argv[1]))' "$dir/formats/$input"
            row "Python's json.load, the same" "$cpu" "$wall" "$peak"
            ;;
        junit.xml) line '12,000 JUnit tests, CPU s' "$cpu" '0.2 at most' ;;
        asv) line 'asv tree of 1,059 files, CPU s' "$cpu" '1 at most' ;;
        esac
    done
    rm -f "$dir/formats.db"
}

# Each night as tidemark takes it, without a run's columns, and as the shell does, with another key every time.
make_nights() {
    local full=$dir/night-full.csv
    for i in $(seq 0 "$repeats"); do
        "$nights" --bench --nights 1 --plugins "$night_plugins" --seed "$((stamp + i))" -o "$full" || die "cannot generate $full"
        cut -d, -f4- "$full" >"$dir/night-$i.csv"
        sed "s/^r[0-9]*,/night-$stamp-$i,/" "$full" >"$dir/night-keyed-$i.csv"
    done
    sync
}

ingest_night() {
    local at
    printf -v at '%(%Y-%m-%dT%H:%M:%SZ)T' "$((stamp + $2))"
    "$tidemark" --db "$1" ingest --run "night-$stamp-$2" --at "$at" "$dir/night-$2.csv"
}

bench_night() {
    local big small shell new
    need_stores
    need_index
    title "One night of $night_plugins plugins, whole process, median of $repeats"
    rm -f "$dir"/*.ms "$dir/failed" "$dir/small.db"
    make_nights
    ingest_night "$dir/small.db" 0 >/dev/null 2>>"$LOG"
    ingest_night "$dir/$ours" 0 >/dev/null 2>>"$LOG"
    for i in $(seq "$repeats"); do
        rm -f "$dir/new.db"
        clocked ingest_night "$dir/$ours" "$i" >>"$dir/big.ms"
        clocked sqlite3 "$dir/$indexed" ".import --csv --skip 1 '$dir/night-keyed-$i.csv' profile" >>"$dir/shell.ms"
        clocked ingest_night "$dir/small.db" "$i" >>"$dir/small.ms"
        clocked ingest_night "$dir/new.db" "$i" >>"$dir/new.ms"
    done
    big=$(median "$dir/big.ms") small=$(median "$dir/small.ms") shell=$(median "$dir/shell.ms") new=$(median "$dir/new.ms")
    report_night
}

report_night() {
    [ -e "$dir/failed" ] && echo "  SOME FAILED: $(tail -n 1 "$LOG")"
    line 'tidemark, into the big store, ms' "$big" '6 where the shell takes 13'
    line 'sqlite3 .import, indexed table, ms' "$shell" '-'
    line 'ours / shell' "$(divide "$big" "$shell")" '0.46 at most'
    line 'tidemark, into a nearly empty store, ms' "$small" '-'
    line 'big / nearly empty' "$(divide "$big" "$small")" '1.20 at most'
    line 'tidemark, making the store as well, ms' "$new" '-'
    rm -f "$dir"/*.ms "$dir"/night-*.csv "$dir/new.db" "$dir/small.db"
}

# median_of_5 COMMAND...: as measure, but the medians
median_of_5() {
    local some=''
    rm -f "$dir/cpu.s" "$dir/wall.s"
    for _ in 1 2 3 4 5; do
        measure "$@"
        echo "$cpu" >>"$dir/cpu.s"
        echo "$wall" >>"$dir/wall.s"
        some=$some$failed
    done
    cpu=$(median "$dir/cpu.s") wall=$(median "$dir/wall.s") failed=${some:+ FAILED}
    rm -f "$dir/cpu.s" "$dir/wall.s"
}

sql_row() {
    local name=$1
    shift
    median_of_5 "$@"
    row "$name" "$cpu" "$wall" "$peak"
}

bench_sql() {
    local query='FROM profiles GROUP BY plugin' avg_wall avg_cpu scan_cpu
    need_stores
    title "SQL over $((runs * plugins)) rows, median of 5, warm"
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    cat "$dir/$ours" "$dir/$theirs" >/dev/null
    sql_row 'tidemark sql, avg() of all' "$tidemark" --db "$dir/$ours" sql --timeout 600 'SELECT avg(wall_per_call_ms) FROM profiles'
    scan_cpu=$cpu
    sql_row 'tidemark sql, avg() by plugin' "$tidemark" --db "$dir/$ours" sql --timeout 600 "SELECT plugin, avg(wall_per_call_ms) $query"
    avg_wall=$wall avg_cpu=$cpu
    sql_row 'tidemark sql, median() by plugin' "$tidemark" --db "$dir/$ours" sql --timeout 600 "SELECT plugin, median(wall_per_call_ms) $query"
    line 'wall, median / avg' "$(divide "$wall" "$avg_wall")" '1.50 at most'
    line 'CPU, avg by plugin / of all' "$(divide "$avg_cpu" "$scan_cpu")" '1.50 at most'
    line 'CPU, median / avg' "$(divide "$cpu" "$avg_cpu")" '-'
    failed='' sql_row 'sqlite3 shell, avg() by plugin' sqlite3 "$dir/$theirs" 'SELECT plugin, avg(wall_ms / calls) FROM profile GROUP BY plugin'
    bench_history
}

bench_history() {
    local name one shell
    need_index
    name=$(sed -n 2p "$csv" | cut -d, -f4)
    rm -f "$dir"/*.ms "$dir/failed"
    for _ in $(seq "$repeats"); do
        clocked "$tidemark" --db "$dir/$ours" sql "SELECT run, ts, wall_per_call_ms FROM profiles WHERE plugin = '$name'" >>"$dir/one.ms"
        clocked sqlite3 "$dir/$indexed" "SELECT run_id, started_at, wall_ms / calls FROM profile WHERE plugin = '$name'" >>"$dir/shell.ms"
    done
    one=$(median "$dir/one.ms") shell=$(median "$dir/shell.ms")
    [ -e "$dir/failed" ] && echo "  SOME FAILED: $(tail -n 1 "$LOG")"
    line "one plugin's $runs runs, tidemark sql, ms" "$one" '12 at most'
    line 'the same, sqlite3 shell, indexed table, ms' "$shell" '-'
    rm -f "$dir"/*.ms
}

# gate_nights DB RUNS FILE: judges what is there, then $gate_repeats more nights, one at a time; milliseconds of each go to FILE
gate_nights() {
    measure "$tidemark" --db "$1" gate --config "$dir/gate.ini"
    for i in $(seq "$gate_repeats"); do
        "$nights" --bench --nights "$((runs + gate_repeats))" --plugins "$plugins" --only-night "$((runs + i))" -o "$dir/next.csv"
        "$tidemark" --db "$1" ingest "$dir/next.csv" >/dev/null 2>>"$LOG"
        clocked gate_status "$1" "$dir/gate.ini" >>"$3"
    done
}

# A failing gate (1) is as good a measurement as a passing one; trouble (2) is none.
gate_status() {
    "$tidemark" --db "$1" gate ${2:+--config "$2"} || [ $? -ne 2 ]
}

bench_gate() {
    local csv_short=$dir/bench-short.csv verdicts
    gate_repeats=7
    make_csv
    printf '[gate]\nmetrics = wall_per_call_ms cpu_per_call_ms wall_p95_ms peak_mem_kb\n' >"$dir/gate.ini"
    rm -f "$dir"/gate-*.db "$dir"/*.ms "$dir/failed"
    title "The gate: $plugins plugins, 4 judged metrics"
    "$tidemark" --db "$dir/gate-long.db" ingest "$csv" >/dev/null
    head -n "$((runs / 10 * plugins + 1))" "$csv" >"$csv_short"
    "$tidemark" --db "$dir/gate-short.db" ingest "$csv_short" >/dev/null
    verdicts=$(count_verdicts "$dir/gate-short.db" "$dir/gate.ini")
    measure "$tidemark" --db "$dir/gate-short.db" replay --summary --config "$dir/gate.ini"
    line 'replay, verdicts a CPU second' "$(divide "$verdicts" "$cpu" %.0f)" '400000 at least'
    line 'one verdict, microseconds' "$(divide "$cpu*1e6" "$verdicts")" '2.5 at most (Apache Otava: 10 a point of its 100)'
    gate_nights "$dir/gate-short.db" "$((runs / 10))" "$dir/short.ms"
    gate_nights "$dir/gate-long.db" "$runs" "$dir/long.ms"
    line "first gate over $runs nights, CPU s" "$cpu" '-'
    line "gate on a new night after $runs nights, ms" "$(median "$dir/long.ms")" '150 at most'
    line "the same after $((runs / 10)) nights, ms" "$(median "$dir/short.ms")" '-'
    line 'ten times the nights / one time' "$(divide "$(median "$dir/long.ms")" "$(median "$dir/short.ms")")" '1.20 at most'
    [ -e "$dir/failed" ] && echo "  SOME FAILED: $(tail -n 1 "$LOG")"
    rm -f "$dir"/*.ms "$dir"/gate-*.db "$csv_short" "$dir/next.csv"
    bench_judge
    bench_many
}

# A verdict is on one metric of a plugin in a night; whatever is said of a plugin as such, or of the run, is none.
count_verdicts() { "$tidemark" --db "$1" replay --all --config "$2" 2>>"$LOG" | awk -F, 'NR > 1 && $3 != ""' | wc -l; }

judge_figure() { sed -n "s/^$2 //p" "$dir/judge-$1"; }

# The judge alone, without a store.
bench_judge() {
    local build threads instructions
    build=$(cd "$(dirname "$tidemark")" && pwd)
    title 'The judge without a store: 5000 plugins x 60 nights, 4 metrics'
    for threads in 1 2; do "$build/bench_judge" 5000 60 "$threads" >"$dir/judge-$threads" 2>>"$LOG" || echo "  FAILED: $(tail -n 1 "$LOG")"; done
    line 'one verdict, CPU microseconds' "$(divide "$(judge_figure 1 cpu-us)" "$(judge_figure 1 verdicts)")" '1.5 at most'
    [ "$(nproc)" -lt 2 ] || line 'wall, one thread / two' "$(divide "$(judge_figure 1 wall-us)" "$(judge_figure 2 wall-us)")" '1.80 at least'
    line 'CPU, two threads / one' "$(divide "$(judge_figure 2 cpu-us)" "$(judge_figure 1 cpu-us)")" '1.10 at most'
    if command -v valgrind >/dev/null; then
        instructions=$(valgrind --tool=callgrind --toggle-collect=tm_judge --callgrind-out-file=/dev/null "$build/bench_judge" 200 100 1 2>&1 >"$dir/judge-counted" |
            sed -n 's/.*Collected : //p')
        line 'one verdict, instructions' "$(divide "${instructions:-0}" "$(judge_figure counted verdicts)" %.0f)" '12000 at most'
    fi
    rm -f "$dir"/judge-*
}

# Many plugins and a young store, where memory is what runs out first.
bench_many() {
    local many=${BENCH_MANY:-100000} bytes
    title "The gate: $many plugins, all metrics"
    "$nights" --bench --nights 9 --plugins "$many" -o "$dir/many.csv" || die "cannot generate $dir/many.csv"
    rm -f "$dir/many.db"
    head -n "$((8 * many + 1))" "$dir/many.csv" | "$tidemark" --db "$dir/many.db" ingest - >/dev/null 2>>"$LOG"
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    many_gate 'first gate over 8 nights'
    line 'CPU of a million plugins, s' "$(divide "$cpu*1e6" "$many" %.1f)" '60 at most'
    line 'peak memory of a million plugins, MiB' "$(divide "$peak*1e6" "$many" %.0f)" '1100 at most'
    { head -n 1 "$dir/many.csv" && tail -n "$many" "$dir/many.csv"; } | "$tidemark" --db "$dir/many.db" ingest - >/dev/null 2>>"$LOG"
    many_gate 'gate on the next night'
    line 'CPU of 100000 plugins, s' "$(divide "$cpu*1e5" "$many" %.1f)" '4 at most'
    line 'peak memory of 100000 plugins, MiB' "$(divide "$peak*1e5" "$many" %.0f)" '250 at most'
    "$nights" --bench --nights 101 --plugins 1000 -o "$dir/many.csv" && rm -f "$dir/many.db"
    "$tidemark" --db "$dir/many.db" ingest "$dir/many.csv" >/dev/null 2>>"$LOG"
    gate_status "$dir/many.db" >/dev/null 2>>"$LOG"
    bytes=$(sqlite3 "$dir/many.db" "SELECT sum(pgsize) FROM dbstat WHERE name = 'series'" 2>>"$LOG")
    [ -z "$bytes" ] || line 'memory stored after 100 nights, bytes a series' \
        "$(divide "$bytes" "$(sqlite3 "$dir/many.db" "SELECT count(*) FROM series WHERE metric <> ''")" %.0f)" '485 at most'
    rm -f "$dir/many.db" "$dir/many.csv"
}

# A gate that fails is no failed measurement.
many_gate() {
    measure "$tidemark" --db "$dir/many.db" gate
    failed='' row "$1" "$cpu" "$wall" "$peak"
}

# What recording adds to a call of a plugin, beside that call itself.
bench_record() {
    local build name value goals
    build=$(cd "$(dirname "$tidemark")" && pwd)
    title 'The recorder, CPU'
    "$build/bench_record" "$dir/flush.csv" >"$dir/record" 2>>"$LOG" || echo "  FAILED: $(tail -n 1 "$LOG")"
    while IFS=: read -r name goals; do
        value=$(sed -n "s/^$name //p" "$dir/record")
        line "${goals%:*}" "${value:--}" "${goals##*:}"
    done <<'END'
bare:an indirect call, ns:-
off:begin and end, off, ns added:6 at most
pair-rseq:begin and end, rseq clock, ns added:65 at most
pair-syscall:begin and end, syscall clock, ns added:900 at most
apart-rseq:the same around some microseconds of work, rseq clock:-
apart-syscall:the same around some microseconds of work, syscall clock:-
step-rseq:suspend and resume, rseq clock, ns:-
step-syscall:suspend and resume, syscall clock, ns:-
flush:flush of 64 plugins as CSV, ms:0.5 at most
failures-kb:memory that a million failing calls take, KiB:none
END
    rm -f "$dir/record"
}

# The spike monitor: a hundred threads in plugins, of which none, one or all work.
bench_monitor() {
    local build name value goals
    build=$(cd "$(dirname "$tidemark")" && pwd)
    title 'The spike monitor, CPU of an interval at 100 threads (beside it: to wake up and do nothing)'
    "$build/bench_monitor" >"$dir/monitor" 2>>"$LOG" || echo "  FAILED: $(tail -n 1 "$LOG")"
    while IFS=: read -r name goals; do
        value=$(sed -n "s/^$name //p" "$dir/monitor")
        line "${goals%:*}" "${value:--}" "${goals##*:}"
    done <<'END'
idle-us:all wait, us:25 at most
idle-bare-us:to wake up, us:-
one-us:one blocks its thread, us:25 at most
one-bare-us:to wake up, us:-
one-named:named, % of the time:98 at least
all-us:all work, us:-
all-bare-us:to wake up, us:-
all-named:named, % of the time:98 at least
END
    rm -f "$dir/monitor"
}

# A year of a thousand plugins as a page with charts.
bench_report() {
    local charts
    title 'report of 1000 plugins x 365 nights'
    rm -rf "$dir/report.db" "$dir/site"
    "$nights" --nights 365 --plugins 1000 -o "$dir/year.csv" || die "cannot generate $dir/year.csv"
    "$tidemark" --db "$dir/report.db" ingest "$dir/year.csv" >/dev/null 2>>"$LOG"
    clocked gate_status "$dir/report.db" >/dev/null
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    measure "$tidemark" --db "$dir/report.db" report -o "$dir/site"
    row 'tidemark report' "$cpu" "$wall" "$peak"
    line 'wall, s' "$wall" '6 at most'
    line 'peak memory, MiB' "$peak" 'under 256'
    line 'index.html, MB' "$(divide "$(size_of "$dir/site/index.html")" 1e6)" 'under 3'
    charts=$(find "$dir/site/charts" -name 'p*.svg' -size +0 | wc -l)
    line 'charts' "$((charts))" '-'
    line 'the largest chart, KB' "$(find "$dir/site/charts" -name 'p*.svg' -exec wc -c {} + | awk '$2 != "total" && $1 > most { most = $1 } END { printf "%.0f", most / 1000 }')" 'under 80'
    line 'heat map, KB' "$(divide "$(size_of "$dir"/site/charts/*/heatmap.svg)" 1e3 %.0f)" 'under 1500'
    line 'CPU, gnuplot included, s' "$cpu" '3 at most'
    bench_one_plugin
    bench_audit
    rm -rf "$dir/report.db" "$dir/site" "$dir/year.csv"
}

# Views of one plugin cost one plugin, and what is told of it is verified.
bench_one_plugin() {
    local plugin show
    plugin=$(sed -n 2p "$dir/year.csv" | cut -d, -f5)
    title "One plugin of that store, median of 5"
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    sql_row 'tidemark show' "$tidemark" --db "$dir/report.db" show "$plugin" --last 0
    show=$cpu
    sql_row 'tidemark trend' "$tidemark" --db "$dir/report.db" trend "$plugin" --last 0
    line 'CPU, trend / show' "$(divide "$cpu" "$show")" '12 at most (a gnuplot, and 365 check values)'
}

bench_audit() {
    local replay
    title 'audit of that store: 4000 series'
    failed='' row '' 'CPU s' 'wall s' 'peak MiB'
    measure "$tidemark" --db "$dir/report.db" replay --summary
    row 'tidemark replay' "$cpu" "$wall" "$peak"
    replay=$cpu
    measure "$tidemark" --db "$dir/report.db" audit
    row 'tidemark audit' "$cpu" "$wall" "$peak"
    line 'CPU, s' "$cpu" '4 at most'
    line 'CPU, audit / replay' "$(divide "$cpu" "$replay")" '1.8 at most'
}

# One malloc and its free: with the allocator's hooks beside without, in one process. In turn: 512 blocks live, each is replaced in turn.
bench_malloc() {
    local build name without added goal
    build=$(cd "$(dirname "$tidemark")" && pwd)
    title "A pair of malloc and free of a small block, CPU ns (goals: where it is 10 without)"
    failed='' row '' without added ''
    LD_PRELOAD=$build/libtidemark_malloc.so "$build/bench_malloc" >"$dir/malloc.ns" 2>>"$LOG" || echo "  FAILED: $(tail -n 1 "$LOG")"
    while read -r name without added; do
        case $name in net) goal='   goal 8 at most' ;; owner) goal='   goal 14 at most' ;; *) goal='' ;; esac
        row "$name" "$without" "$added" "$goal"
    done <"$dir/malloc.ns"
    rm -f "$dir/malloc.ns"
}

# What recording adds to a call of a Python plugin, beside that call and beside the usual decorator; whom it credits with CPU.
bench_python() {
    local build name value goals python=${PYTHON:-python3}
    build=$(cd "$(dirname "$tidemark")" && pwd)
    title "The recorder in Python, CPU ($("$python" --version 2>&1))"
    if ! PYTHONPATH=$build/python "$python" -c 'import tidemark' 2>>"$LOG"; then
        echo '  no extension module: make python'
        return
    fi
    PYTHONPATH=$build/python "$python" scripts/bench_python.py >"$dir/python" 2>>"$LOG" || echo "  FAILED: $(tail -n 1 "$LOG")"
    while IFS=: read -r name goals; do
        value=$(sed -n "s/^$name //p" "$dir/python")
        line "${goals%:*}" "${value:--}" "${goals##*:}"
    done <<'END'
plain-bare:a call of a function, ns:-
plain-off:recording off, ns added:-
plain-rseq:rseq clock, ns added:100 at most
plain-syscall:syscall clock, ns added:-
async-bare:a call of a coroutine function, ns:-
async-off:recording off, ns added:-
async-rseq:rseq clock, ns added:150 at most
async-syscall:syscall clock, ns added:-
step-bare:a step of a coroutine, ns:-
step-off:recording off, ns added:-
step-rseq:rseq clock, ns added:80 at most
step-syscall:syscall clock, ns added:-
task-bare:a task, ns:-
task-outside:one that no plugin starts, ns added:-
task-followed:one that a plugin starts, ns added:250 at most
usual:the usual decorator, ns added:-
usual-ratio:ours / the usual decorator:0.00333 at most
burner-ms:credited to a burner of 200 ms, ms:198 to 202
sleeper-ms:credited to a sleeper beside it, ms:0.5 at most
interleaved-percent:ten at once of 20 ms: credited of all CPU, %:98.5 to 100.5
END
    rm -f "$dir/python"
}

# write_at_once WRITERS: so many processes that store runs of 300 rows one after the other, 1280 in all; sets cpu, wall, and the middle and
# longest time in ms that one took
write_at_once() {
    local writers=$1 w i began times user sys
    rm -f "$dir/writers.db" "$dir"/took.*
    "$tidemark" --db "$dir/writers.db" ingest "$dir/run.csv" --run first --at 1795000000 --host h >/dev/null 2>>"$LOG"
    times=$({
        time (
            for ((w = 0; w < writers; w++)); do
                for ((i = 0; i < 1280 / writers; i++)); do
                    began=$(date +%s%N)
                    "$tidemark" --db "$dir/writers.db" ingest "$dir/run.csv" --run "w$w-$i" --at $((1795140000 + w * 1000 + i)) --host h >/dev/null 2>>"$LOG"
                    echo $((($(date +%s%N) - began) / 1000000))
                done >"$dir/took.$w" &
            done
            wait
        )
    } 2>&1)
    read -r user sys wall _ <<<"$times"
    cpu=$(awk "BEGIN { print $user + $sys }")
    cat "$dir"/took.* | sort -n >"$dir/took"
    middle=$(median "$dir/took") longest=$(tail -n 1 "$dir/took")
    failed=''
    [ "$(sqlite3 "$dir/writers.db" 'SELECT count(*) FROM run')" = 1281 ] || failed=' FAILED'
}

bench_writers() {
    local writers few_cpu='' few_wall='' many_cpu many_wall cpu wall middle longest failed
    title 'Many writers, one store: 1280 runs of 300 rows, a process each'
    awk 'BEGIN { print "plugin,calls,wall_ms,cpu_ms"; for (i = 0; i < 300; i++) print "plugin-" i ",10," 100 + i "," 50 + i }' >"$dir/run.csv"
    row writers 'CPU ms/run' 'runs/s' 'longest/middle wait'
    for writers in 1 16 64; do
        write_at_once $writers
        row "$writers" "$(divide "1000 * $cpu" 1280 %.1f)" "$(divide 1280 "$wall" %.1f)" "$(divide "$longest" "$middle" %.1f)"
        [ $writers = 16 ] && few_cpu=$cpu few_wall=$wall
        many_cpu=$cpu many_wall=$wall
    done
    line 'CPU of 64 writers / of 16' "$(divide "$many_cpu" "$few_cpu")" '1.3 at most'
    line 'runs/s of 64 writers / of 16' "$(divide "$few_wall" "$many_wall")" '1 or more'
    line 'longest wait of 64 / the middle one' "$(divide "$longest" "$middle")" '5 at most'
    rm -f "$dir/writers.db" "$dir"/took*
}

bench_postgres() {
    local name of
    title 'PostgreSQL: 64 clients that store 20 runs of 300 rows each, in 8 projects, beside psql \copy of the same rows; a process a run'
    scripts/bench_postgres.sh "$tidemark" 64 20 8 >"$dir/postgres" 2>>"$LOG"
    if ! grep -q '^ratio:' "$dir/postgres"; then
        echo '  no PostgreSQL'
        return
    fi
    while IFS=: read -r name of; do
        line "${of%:*}" "$(sed -n "s/^$name: //p" "$dir/postgres")" "${of##*:}"
    done <<'END'
stored:stored:all of them
ours:runs/s:-
bare:runs/s of psql \copy:-
ratio:runs/s of ours / of psql:0.67 or more
middle:ms a run takes, the middle one:-
longest:ms a run takes, the longest:-
bytes:bytes of the table a profile:-
END
    rm -f "$dir/postgres"
}

# One command executed many times, by us and by hyperfine in turn: what each says it took, and what the whole cost.
# theirs COMMAND..., ours COMMAND...: 'median stdev' of executions, in ms; cpu and wall of all
theirs() {
    measure hyperfine -N -w 5 -r "$executions" --export-json "$dir/theirs.json" "$*"
    awk -F'[:,]' '/"(median|stddev)"/ { gsub(/[" ]/, "", $1); v[$1] = 1000 * $2 } END { print v["median"], v["stddev"] }' "$dir/theirs.json"
}
ours() {
    measure sh -c 'out=$0; exec "$@" >"$out"' "$dir/ours.csv" "$tidemark" measure --no-store --warmup 5 -n "$executions" --format csv x -- "$@"
    awk -F, 'NR == 2 { print $5, $4 }' "$dir/ours.csv"
}

bench_commands() {
    local executions name tool of
    title 'Commands, tidemark measure beside hyperfine -N, medians of 7 in turn    ours     theirs      ratio'
    if ! command -v hyperfine >/dev/null; then
        echo '  no hyperfine'
        return
    fi
    while read -r executions name; do
        rm -f "$dir"/took.*
        for _ in 1 2 3 4 5 6 7; do
            for tool in ours theirs; do
                # shellcheck disable=SC2086 # words
                $tool $name >"$dir/said"
                read -r median stdev <"$dir/said"
                echo "$median" >>"$dir/took.$tool.median"
                echo "$stdev" >>"$dir/took.$tool.stdev"
                awk "BEGIN { print 1000 * $cpu / $executions }" >>"$dir/took.$tool.cpu"
                awk "BEGIN { print 1000 * $wall / $executions }" >>"$dir/took.$tool.wall"
            done
        done
        while IFS=: read -r of said; do
            row "$name, ms: $said" "$(median "$dir/took.ours.$of")" "$(median "$dir/took.theirs.$of")" \
                "$(divide "$(median "$dir/took.ours.$of")" "$(median "$dir/took.theirs.$of")")"
        done <<'END'
median:the median said
stdev:the standard deviation said
cpu:CPU of all, an execution
wall:time of all, an execution
END
    done <<'END'
1000 true
1000 sh -c :
100 sleep 0.01
END
    rm -f "$dir"/took.* "$dir/theirs.json" "$dir/ours.csv" "$dir/said"
}

# ---- which sections ----

[ $# -gt 0 ] || set -- ingest calls formats night sql gate report writers postgres record monitor malloc python commands
for section in "$@"; do
    case $section in
    ingest | calls | formats | night | sql | gate | report | writers | postgres | record | monitor | malloc | python | commands) ;;
    -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) die "unknown section '$section': ingest, calls, formats, night, sql, gate, report, writers, postgres, record, monitor, malloc, python or commands" ;;
    esac
done
for program in "$tidemark" "$nights" sqlite3; do
    command -v "$program" >/dev/null || die "no program '$program'"
done

if [ "${BENCH_DIR-}" ]; then
    dir=$BENCH_DIR
    mkdir -p "$dir" || die "cannot make '$dir'"
else
    dir=$(mktemp -d) || die "cannot make a directory"
    trap 'rm -rf "$dir"' EXIT
fi
export LOG=$dir/bench.log
: >"$LOG"

echo "tidemark beside sqlite3 $(sqlite3 --version | cut -d' ' -f1), $(getconf _NPROCESSORS_ONLN) processors, load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null)"
for section in "$@"; do
    "bench_$section"
done
