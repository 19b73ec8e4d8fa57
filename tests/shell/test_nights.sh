#!/bin/sh
# The generator of nights: the same bytes always, one night alone as in the whole, rows that hold together, hostile options.
# NIGHTS is the program (default build/nights).

set -u
nights=${NIGHTS:-build/nights}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
failures=0

# check NAME COMMAND...: ok if the command succeeds
check() {
    name=$1
    shift
    if "$@" >"$dir/log" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/  /' "$dir/log"
        failures=$((failures + 1))
    fi
}

# equal EXPECTED ACTUAL
equal() {
    [ "$1" = "$2" ] && return
    printf 'expected: %s\nactual:   %s\n' "$1" "$2"
    return 1
}

# refused TEXT OPTION...: exit 2, nothing on standard output, and the text on standard error
refused() {
    text=$1
    shift
    "$nights" "$@" >"$dir/out" 2>"$dir/err"
    equal 2 $? && equal '' "$(cat "$dir/out")" && equal 1 "$(wc -l <"$dir/err" | tr -d ' ')" || return
    grep -qF -- "$text" "$dir/err" || equal "$text" "$(cat "$dir/err")"
}

# same OPTIONS OPTIONS: both write the same bytes
same() {
    # shellcheck disable=SC2086 # lists of options
    "$nights" $1 >"$dir/a" && "$nights" $2 >"$dir/b" && [ -s "$dir/a" ] && cmp "$dir/a" "$dir/b"
}

differ() { ! same "$1" "$2"; }

# header OPTIONS TEXT
header() {
    # shellcheck disable=SC2086
    "$nights" $1 >"$dir/a" && equal "$2" "$(head -n 1 "$dir/a")"
}

# rows OPTIONS N: that many besides the header
rows() {
    # shellcheck disable=SC2086
    "$nights" $1 >"$dir/a" && equal "$2" "$(($(wc -l <"$dir/a") - 1))"
}

# sum_of OPTIONS SUM: the bytes that every machine must write
sum_of() {
    # shellcheck disable=SC2086
    equal "$2" "$("$nights" $1 | cksum)"
}

# alone OPTIONS N: nights 1 to N written one by one are the whole
alone() {
    # shellcheck disable=SC2086
    "$nights" $1 --nights "$2" >"$dir/a" || return
    head -n 1 "$dir/a" >"$dir/b"
    night=1
    while [ $night -le "$2" ]; do
        # shellcheck disable=SC2086
        "$nights" $1 --nights "$2" --only-night $night | sed 1d >>"$dir/b" || return
        night=$((night + 1))
    done
    cmp "$dir/a" "$dir/b"
}

# every OPTIONS CONDITION: true in awk of every row, with the fields by their names
every() {
    # shellcheck disable=SC2086
    "$nights" $1 | awk -F, -v OFS=, "
        NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i; n = NF; next }
        function f(name) { return \$at[name] }
        function digits(v) { sub(/[.]/, \"\", v); sub(/^0+/, \"\", v); return length(v) }
        function is_number(v) { return v ~ /^-?[0-9]+(\.[0-9]+)?\$/ }
        !(NF == n && ($2)) { print; bad = 1 }
        END { exit bad || NR < 2 }"
}

# calls_add_up: the rows per call are those that the rows per plugin sum up (to the last of six digits)
calls_add_up() {
    "$nights" --nights 3 >"$dir/a" && "$nights" --nights 3 --calls >"$dir/b" || return
    awk -F, '
        function differ(x, y) { return (x > y ? x - y : y - x) > 2e-5 * y }
        FNR == 1 { file++; next }
        file == 1 { calls[$1, $5] = $6; errors[$1, $5] = $7; wall[$1, $5] = $8; cpu[$1, $5] = $9; next }
        { calls[$1, $3]--; errors[$1, $3] -= $6; w[$1, $3] += $4; c[$1, $3] += $5 }
        END { for (k in calls) if (calls[k] || errors[k] || differ(w[k], wall[k]) || differ(c[k], cpu[k])) { print k; bad = 1 } exit bad }
    ' "$dir/a" "$dir/b"
}

# truth_holds: the level of each plugin listed moves that night as the listing says, and no other plugin's does
truth_holds() {
    "$nights" --truth "$dir/truth" >"$dir/a" || return
    awk -F, '
        FNR == 1 { file++; next }
        file == 1 { if ($1 != "*") { kind[$1] = $2; first[$1] = $5; effect[$1] = $7 } else slow[$5] = 1; next }
        !($1 in slow) { late = ($5 in first) && $1 >= first[$5]; n[$5, late]++; wall[$5, late] += $8 / $6; errors[$5, late] += $7 / $6 }
        END {
            for (p in first) {
                k = kind[p]; before = n[p, 0]; after = n[p, 1]
                if (k == "appears" ? before || !after : k == "vanishes" ? !before || after : !before || !after) { print p, k; bad = 1 }
                if (k == "compute" || k == "wait" || k == "improves") {
                    moved = wall[p, 1] / after / (wall[p, 0] / before) - 1
                    if (moved - effect[p] > .12 || effect[p] - moved > .12) { print p, k, effect[p], moved; bad = 1 }
                }
                if (k == "failing" && errors[p, 1] / after < effect[p] / 2) { print p, k, effect[p], errors[p, 1] / after; bad = 1 }
            }
            exit bad
        }' "$dir/truth" "$dir/a"
}

fresh_is_last() {
    "$nights" --truth "$dir/truth" -o /dev/null && grep -q '^pdf-parser,compute,89,90,2026-11-19,wall_ms,0\.[45]' "$dir/truth"
}

only_slow_nights() {
    "$nights" --noise-only --truth "$dir/truth" -o /dev/null && [ "$(wc -l <"$dir/truth")" -gt 1 ] && ! sed 1d "$dir/truth" | grep -v '^[*],slow-night,'
}

names_differ() {
    "$nights" --plugins 5000 --nights 1 --calls-per-plugin 1 --noise-only | sed 1d | cut -d, -f5 | sort >"$dir/a"
    equal 5000 "$(uniq "$dir/a" | wc -l | tr -d ' ')" && ! grep -v '^[a-z0-9]*\(-[a-z0-9]*\)*$' "$dir/a"
}

to_file() {
    "$nights" --nights 2 -o "$dir/file" >"$dir/out" && "$nights" --nights=2 >"$dir/a" && equal '' "$(cat "$dir/out")" && cmp "$dir/a" "$dir/file"
}

helps() {
    "$nights" --help >"$dir/a" && grep -q '^Example' "$dir/a" || return
    for option in --nights --plugins --start --seed --only-night --noise-only --calls --truth -o --bench --bench-calls; do
        grep -q -- "^  $option " "$dir/a" || equal "$option" 'is not in the help'
    done
}

full_disk() { [ ! -c /dev/full ] || refused "cannot write '/dev/full'" "$@" -o /dev/full; }

profile=run,started_at,commit,branch,plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,peak_mem_kb,wall_p50_ms,wall_p95_ms,wall_p99_ms
bench=run_id,started_at,commit,plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,peak_mem_kb,wall_p50_ms,wall_p95_ms,wall_p99_ms
sane='f("errors") <= f("calls") && f("calls") > 0 && f("wall_ms") > 0 && f("cpu_ms") >= 0 && f("peak_mem_kb") > 0 &&
  f("wall_p50_ms") > 0 && f("wall_p50_ms") <= f("wall_p95_ms") && f("wall_p95_ms") <= f("wall_p99_ms") && f("wall_p99_ms") <= 1.00001 * f("wall_ms") &&
  is_number(f("wall_ms")) && is_number(f("cpu_ms")) && is_number(f("mem_delta_kb")) && is_number(f("wall_p99_ms")) &&
  f("started_at") ~ /^[0-9-]*T0[0-9]:[0-9][0-9]:[0-9][0-9]Z$/ && f("commit") ~ /^[0-9a-f]+$/'

check columns_of_profiles header '--nights 1' $profile
check columns_of_calls header '--nights 1 --calls' run,started_at,plugin,wall_ms,cpu_ms,error
check columns_of_bench header '--bench --nights 1' $bench
check columns_of_bench_calls header '--bench-calls 1' plugin,wall_ms,error
check size_of_history rows '--nights 20 --plugins 30 --noise-only' 600
check size_of_bench rows '--bench --nights 7 --plugins 50' 350
check size_of_bench_calls rows '--bench-calls 1234' 1234
check calls_per_plugin rows '--nights 2 --plugins 3 --calls --calls-per-plugin 5' 30
check same_again same '--nights 30' '--nights 30'
check default_seed same '' '--seed 1 --nights 90 --plugins 40 --start 2026-08-23'
check other_seed differ '--nights 5' '--nights 5 --seed 2'
check other_start differ '--nights 5' '--nights 5 --start 2024-02-28'
check bytes_of_profiles sum_of '' '627658737 411788'
check bytes_of_calls sum_of '--nights 3 --calls --seed 18446744073709551615' '1214313645 643521'
check bytes_of_bench sum_of '--bench --nights 20' '2936189942 2781196'
check bytes_of_bench_calls sum_of '--bench-calls 20000' '2623108539 417876'
check one_by_one_profiles alone '--plugins 60' 12
check one_by_one_calls alone '--calls --plugins 20' 4
check one_by_one_bench alone '--bench --plugins 10' 12
check calls_add_up calls_add_up
check sane_profiles every '--plugins 200 --nights 40' "$sane"' && f("run") == substr(f("started_at"), 1, 10)'
check sane_bench every '--bench --plugins 200 --nights 40' "$sane"
check sane_calls every '--calls --nights 3' 'f("wall_ms") > 0 && f("cpu_ms") > 0 && f("error") ~ /^[01]$/'
check six_digits every '--bench --nights 5' 'digits(f("wall_p50_ms")) <= 6 && digits(f("wall_ms")) <= 6 && digits(f("cpu_ms")) <= 6'
check leap_day every '--nights 1 --start 2024-02-29' 'f("run") == "2024-02-29"'
check truth_holds truth_holds
check fresh_regression fresh_is_last
check noise_only_has_no_event only_slow_nights
check names_differ names_differ
check to_file to_file
check help helps

check unknown_option refused "unknown option '--nigths'" --nigths 5
check stray_argument refused "unexpected argument 'x.csv'" x.csv
check empty_argument refused "unexpected argument ''" ''
check missing_value refused "must follow '--nights'" --nights
check zero_nights refused "not '0'" --nights 0
check negative_nights refused "not '-5'" --nights -5
check nights_with_unit refused "not '5d'" --nights 5d
check nights_too_many refused "not '100001'" --nights 100001
check seed_beyond_64_bits refused "not '18446744073709551616'" --seed 18446744073709551616
check empty_value refused "not ''" --seed=
check flag_with_value refused "no value is taken by '--calls'" --calls=yes
check no_such_day refused "'2026-02-29'" --start 2026-02-29
check no_date refused "'tomorrow'" --start tomorrow
check date_too_early refused "'1969-12-31'" --start 1969-12-31
check date_with_sign refused "'2026-1--01'" --start 2026-1--01
check night_outside refused "'--only-night'" --nights 5 --only-night 6
check bench_has_no_truth refused "'--bench'" --bench --truth "$dir/t"
check one_bench_only refused "'--bench-calls'" --bench --bench-calls 5
check no_such_directory refused "cannot open '$dir/no/x.csv'" -o "$dir/no/x.csv"
check full_disk full_disk --nights 50
check full_disk_at_close full_disk --nights 1 --plugins 1

[ $failures = 0 ]
