#!/usr/bin/env bash
# From a call to a verdict: a host with ten plugins is recorded on 14 nights, each night is judged, and on the tenth five plugins get worse.
# TIDEMARK is the program, HOST the host, HOOKS the allocator's hooks (may be missing: then memory is not measured), DEMO_DIR is where the
# files are kept.
set -eu
export LC_ALL=C
program=$(realpath "${TIDEMARK:-build/tidemark}")
host=$(realpath "${HOST:-build/scripts/demo_host}")
hooks=$(realpath -e "${HOOKS:-build/libtidemark_malloc.so}" 2>/dev/null || :)
dir=${DEMO_DIR:-build/demo-recorder}
bold='' plain=''
[ -t 1 ] && bold=$'\033[1m' plain=$'\033[0m'

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# One night of the host; further arguments are the host's.
record() {
    if [ -n "$hooks" ]; then LD_PRELOAD=./hooks.so "$host" "$@"; else "$host" "$@"; fi
}

# judge NIGHT: stores and judges it, and keeps what the gate says. Exit 3 is no failure here: the first nights have nothing to compare with.
judge() {
    local code=0
    "$program" gate --all "night-$1.csv" --run "2026-11-$1" --at "2026-11-$1T02:00:00Z" --commit "$(printf '%07x' $((0xb0a7000 + 10#$1)))" \
        --host demo >"verdict-$1.txt" || code=$?
    [ $code -ne 2 ] || exit 2
    echo "2026-11-$1  exit $code  $(grep '^judged' "verdict-$1.txt")"
}

mkdir -p "$dir"
cd "$dir"
rm -f tidemark.db* night-*.csv verdict-*.txt hooks.so
# The loader cuts LD_PRELOAD at blanks, which the whole path may have.
[ -z "$hooks" ] || ln -s "$hooks" hooks.so
export TIDEMARK_DB=tidemark.db TIDEMARK_CPUS=1 # as in a container with one CPU: 100 % is one thread's
cat >tidemark.ini <<'END'
[gate]
metrics = wall_per_call_ms, cpu_per_call_ms, mem_delta_per_call_kb, error_rate, blocked_per_call_ms

[metric wall_per_call_ms]
floor = 12                       ; ms: the machine of a demonstration has other things to do

[metric cpu_per_call_ms]
floor = 1

[metric blocked_per_call_ms]
floor = 4
END

say 'A host with ten plugins runs once a night. Every call is recorded, and the gate judges each night.'
cat <<'END'
From the tenth night on, pdf-parser computes more, web-search waits longer for its answers, mail-fetcher keeps its thread
while it waits (and so the event loop), page-cache never lets go of a page, and weather-feed fails in every second call.
END
echo
for night in 01 02 03 04 05 06 07 08 09 10 11 12 13; do
    record $((10#$night)) "night-$night.csv"
    judge $night
done

say 'The last night, as the host itself reports it: who is slow, and when the CPU was busy.'
record 14 night-14.csv report

say 'What it wrote for Tidemark:'
cut -d, -f1-7,12-13 night-14.csv

say 'And the verdict. The gate stays red until the plugins are repaired, or somebody accepts what they do now:'
judge 14
grep -E '^(regressed|open|missing|suspect)' verdict-14.txt || :

say 'When it was said first: after a second bad night, or as soon as the evidence is enough.'
grep -E '^regressed' verdict-*.txt | sed 's/^verdict-\(..\)\.txt:/2026-11-\1  /' || :

[ -n "$hooks" ] || say 'Memory was not measured: there are no hooks for the allocator here.'
say "The files are in $dir."
