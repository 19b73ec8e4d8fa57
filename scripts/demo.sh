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

# The same for a gate: 1 is its verdict, not a failure of the demo.
judge() {
    local status=0
    printf '$ %s\n' "$*"
    (set -o pipefail && eval "$*") || status=$?
    [ $status -le 1 ] || {
        echo "demo: that ended with exit code $status" >&2
        exit $status
    }
    echo "exit code $status"
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

say 'Every morning one more night comes, without any run columns. The gate stores and judges it; its exit code fails the job:'
judge tidemark gate night.csv --run 2026-11-20 --at 2026-11-20T02:00:00Z --commit 9c77100626ac --branch main

say 'Why? Every number behind the verdict that is new, and the nights around it:'
judge "tidemark gate --explain | grep -A 1 '^regressed' | fold -s -w 130"
show "tidemark sql --format table \"
    SELECT run, commit_id, calls, round(wall_per_call_ms, 1) AS wall, round(cpu_per_call_ms, 1) AS cpu
      FROM profiles WHERE plugin = 'pdf-parser' AND run >= '2026-11-17'\""

say 'What to look into first, with a diagnosis and one next step:'
show "tidemark findings | sed '/^   goal/q'"

say 'Who stands out among all plugins of that night?'
show tidemark bottlenecks

say 'What people know and the gate cannot: the old regressions are accepted (not shown), and a plugin is gone.'
for plugin in backup-agent cache-warmer calendar-sync code-formatter image-resizer markdown-renderer secret-scanner ticket-tracker translator \
    video-thumbnailer web-search; do
    tidemark accept $plugin --reason 'known for weeks' >/dev/null 2>&1 || :
done
show 'tidemark retire font-loader --reason "part of the renderer now"'

say 'Any question in SQL. What were the last alarms?'
show "tidemark sql --format table \"
    SELECT run.key AS run, plugin.name AS plugin, metric, round(100 * effect) AS percent, signal
      FROM verdict JOIN run USING (run_id) JOIN plugin USING (plugin_id)
     WHERE class = 'regressed' AND metric LIKE 'wall%' ORDER BY run.started_at DESC LIMIT 3\""

say 'And so the night fails for one reason, which somebody should look at:'
judge tidemark gate

say 'All of that as a page with charts, for a browser:'
show tidemark report -o site

say "The page is $dir/site/index.html. The files are in $dir; truth.csv there lists what the generator did to which plugin."
