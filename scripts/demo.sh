#!/usr/bin/env bash
# A short session with a store of generated nights. TIDEMARK and NIGHTS are the programs, DEMO_DIR is where the files are kept.

set -eu
program=$(realpath "${TIDEMARK:-build/tidemark}")
nights=$(realpath "${NIGHTS:-build/nights}")
dir=${DEMO_DIR:-build/demo}
bold='' plain=''
[ -t 1 ] && bold=$'\033[1m' plain=$'\033[0m'

tidemark() { "$program" "$@"; }
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Shows a command as one would type it in that directory, and runs it. Nobody minds that `head` reads no further.
show() {
    local status=0
    printf '$ %s\n' "$*"
    (set -o pipefail && eval "$*") || status=$?
    [ $status -eq 0 ] || [ $status -eq 141 ] || {
        echo "demo: that ended with exit code $status" >&2
        exit $status
    }
}

mkdir -p "$dir"
cd "$dir"
rm -f tidemark.db* ./*.csv
export TIDEMARK_DB=tidemark.db
"$nights" --nights 90 --plugins 40 --truth truth.csv | grep -v '^2026-11-20,' >history.csv
"$nights" --nights 90 --plugins 40 --only-night 90 | cut -d, -f5- >night.csv

say '89 nights of a plugin host with 40 plugins are in a CSV file, a row per night and plugin:'
show head -n 3 history.csv
show tidemark ingest history.csv

say 'Every morning one more night comes, without any run columns:'
show tidemark ingest night.csv --run 2026-11-20 --at 2026-11-20T02:00:00Z --commit 9c77100626ac --branch main
say 'The same file again changes nothing:'
show tidemark ingest night.csv --run 2026-11-20 --at 2026-11-20T02:00:00Z --commit 9c77100626ac --branch main

say 'What is in the store:'
show 'tidemark runs --format table | head -n 6'
show 'tidemark plugins --format table | head -n 8'
show 'tidemark show pdf-parser --format table | tail -n 6'

say 'Any question in SQL. Which plugins were furthest from their usual time last night?'
show "tidemark sql --format table \"
    WITH usual AS (SELECT plugin, median(wall_per_call_ms) AS ms, mad(wall_per_call_ms) AS spread
                     FROM profiles WHERE run BETWEEN '2026-10-20' AND '2026-11-18' GROUP BY plugin)
    SELECT plugin, round(ms, 1) AS usual_ms, round(wall_per_call_ms, 1) AS last_night_ms,
           round(robust_z(wall_per_call_ms, ms, spread), 1) AS z
      FROM latest JOIN usual USING (plugin) ORDER BY z DESC LIMIT 5\""

say 'Is the store sound?'
show tidemark check

say "The files are in $dir; truth.csv there lists what the generator did to which plugin."
