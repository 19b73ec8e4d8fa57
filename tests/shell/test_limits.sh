#!/usr/bin/env bash
# Limits of tidemark.ini: a value beyond its limit fails the night, whatever its past says, and is told as what it is.
set -u
failures=0
cd "$TMPDIR" || exit 1
suite=limits
# shellcheck source=tests/shell/gate_nights.sh
source "$TM_SOURCE_DIR/tests/shell/gate_nights.sh"

ini() { printf '%s\n' "$@" >tidemark.ini; }

beyond() { store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 50 ms' && gate 1 && says '^over limit c  wall_per_call_ms .*, over its limit of 50 ms' && says '7 pass, 1 over limit'; }
within() { store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 70' && gate 0; }
first_night() { store 1 1 && ini '[plugin c]' 'limit wall_per_call_ms = 50' && gate 1 && says '^over limit c' && gate 1 --allow-unjudged; }
last_one_counts() { store 1 30 && ini '[plugin *]' 'limit wall_per_call_ms = 10' '[plugin c]' 'limit wall_per_call_ms = 70' && gate 1 && says_not 'limit c' && says '7 over limit'; }
of_all_plugins() { store 1 30 && ini '[metric peak_mem_kb]' 'limit = 75 MiB' && gate 1 && says '^over limit h  peak_mem_kb' && says '7 pass, 1 over limit'; }
units() {
  local limit
  store 1 30 && for limit in '0.05 s' '50000 us' '50 ms' 50 '5e7 ns'; do
    ini '[plugin c]' "limit wall_per_call_ms = $limit" && gate 1 && says 'over its limit of 50 ms' || return 1
  done
  ini '[plugin c]' 'limit error_rate = 5 %' && nights 31 31 'if (p == "c") errors = 6' >in.csv && gate 1 in.csv && says '^over limit c  error_rate.*over its limit of 5'
}
wrong() {
  store 1 30 && for line in 'limit wall_per_call_ms = 50 MB' 'limit wall_per_call_ms = fast' 'limit wall_per_call_ms =' 'limit no_such = 5' 'limit = 5' 'limit wall_per_call_ms = 1e999' 'limit peak_mem_kb = 5 %' \
    'limit error_rate = 200 %' 'limit error_rate = 2' 'limit wall_per_call_ms = -1'; do
    ini '[plugin c]' "$line" && gate 2 || return 1
  done
}
unjudged_metric() {
  store 1 30 && ini '[plugin c]' 'limit calls = 99' && gate 1 && says '^over limit c  calls 100' && says 'judged 8 of 8 plugins: 7 pass, 1 over limit' && tm gate --format json | grep -q '"over_limit": 1' &&
    cp t.db limited.db && rm tidemark.ini && gate 0 && says '8 pass'
}
# What is judged is judged as without the limit.
others_unmoved() {
  store 1 33 'if (p == "a" && n >= 31) wall *= 1.3' && cp t.db other.db && ini '[plugin c]' 'limit calls = 99' 'limit wall_per_call_ms = 50' && gate 1 --run n032 && gate 1 &&
    one "SELECT run.key, plugin_id, metric, class, evidence, needed FROM verdict JOIN run USING (run_id) WHERE class NOT IN ('over limit', 'not judged') ORDER BY 1, 2, 3" >with && rm tidemark.ini &&
    TIDEMARK_DB=other.db tm gate --run n032 >/dev/null; TIDEMARK_DB=other.db tm gate >/dev/null
  TIDEMARK_DB=other.db one "SELECT run.key, plugin_id, metric, class, evidence, needed FROM verdict JOIN run USING (run_id) WHERE class <> 'not judged' ORDER BY 1, 2, 3" | diff with -
}
regressed_stays() {
  store 1 31 'if (p == "c" && n >= 30) wall *= 1.5' && ini '[plugin c]' 'limit wall_per_call_ms = 70' && gate 1 && says '^regressed  c .*over its limit of 70 ms.*since .*n030' &&
    store 32 33 'if (p == "c") wall *= 1.5' && gate 1 && says '^open       c .*over its limit'
}
no_waiver() {
  store 1 33 'if (p == "c" && n >= 30) wall *= 1.5' && ini '[plugin c]' 'limit wall_per_call_ms = 70' && gate 1 && tm waive c --metric wall_per_call_ms --ceiling 100% --until 2099-01-01 --reason soon >/dev/null &&
    gate 1 && says 'c  wall_per_call_ms .*over its limit' && rm tidemark.ini && gate 0 && says '^waived'
}
least() {
  nights 1 30 | awk -F, -v OFS=, 'NR == 1 { print $0, "hits"; next } { print $0, 100 + NR % 3 }' >in.csv && tm ingest in.csv --better hits=higher >/dev/null &&
    ini '[plugin c]' 'limit hits = 200' && gate 1 && says '^over limit c  hits .*under its limit of 200' && ini '[plugin c]' 'limit hits = 50' && gate 0
}
at_the_limit() { nights 1 8 'wall = 50; cpu = 40' >in.csv && tm ingest in.csv >/dev/null && ini '[metric wall_per_call_ms]' 'limit = 50' && gate 0 && ini '[metric wall_per_call_ms]' 'limit = 49.999' && gate 1; }
ignored() { store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 50' 'ignore = yes' && gate 0; }
pull_request() { store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 62' && gate 0 && BRANCH=fix AT=1 store 30 30 'if (p == "c") wall *= 1.1' && gate 1 --pr --branch fix && says '^over limit c'; }
# What the base is beyond as well is not the branch's fault; what it kept to is.
base_beyond() {
  store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 50' && BRANCH=fix AT=1 store 30 30 && gate 0 --pr --branch fix && says_not 'over limit' && gate 1 --branch main && ini '[plugin c]' 'limit wall_per_call_ms = 50' 'limit error_rate = 5 %' &&
    BRANCH=fix AT=2 store 31 31 'if (p == "c") errors = 6' && gate 1 --pr --branch fix && says 'c  error_rate .*over its limit of 5' && says_not 'limit of 50 ms'
}
# with_p99 FIRST LAST VALUE: stores them with that percentile; where it is empty, c has none
with_p99() { nights "${@:1:2}" | awk -F, -v OFS=, -v value="$3" '{ print $0, NR == 1 ? "p99_ms" : $6 == "c" ? value : 70 }' >in.csv && tm ingest in.csv >/dev/null; }
# Its newest value counts, also of a metric that is not judged; one at the limit is not beyond it.
base_beyond_unjudged() {
  with_p99 1 30 90 && with_p99 31 31 '' && BRANCH=fix AT=1 with_p99 31 31 95 && ini '[plugin c]' 'limit wall_p99_ms = 80' && gate 0 --pr --branch fix && says_not 'over limit' &&
    ini '[plugin c]' 'limit wall_p99_ms = 90' && gate 1 --pr --branch fix && says '^over limit c  wall_p99_ms 95 ms, over its limit of 90 ms'
}
# Each limit is told, whatever else the plugin has.
each_metric() {
  store 1 33 'if (p == "c" && n >= 30) { wall *= 1.5; cpu *= 1.5 }' && ini '[plugin c]' 'limit peak_mem_kb = 20 MiB' && gate 1 --run n033 && says '^over limit c  peak_mem_kb' && says '1 open|1 regressed' && tm gate --format github | grep -q '^::error.*peak_mem_kb' &&
    tm gate --format markdown | grep -q 'peak.*over its limit' && tm gate --format codequality | grep -q 'peak_mem_kb'
}
# News is what the night before kept to.
told_once() {
  store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 62' && gate 0 && store 31 31 'if (p == "c") wall *= 1.05' && gate 1 --format text-short=new.txt --format slack=new.json --format text && grep -q 'c .*over its limit of 62 ms' new.txt && [[ -s new.json ]] &&
    store 32 32 'if (p == "c") wall *= 1.05' && gate 1 --format text-short=new.txt --format slack=new.json --format text && says '^over limit c' && [[ ! -s new.txt && ! -s new.json ]]
}
everywhere() {
  store 1 30 && ini '[plugin c]' 'limit wall_per_call_ms = 50' && gate 1 && tm findings | grep -q 'to at most 50 ms' && tm findings --format json >found.json && tm report -o page >/dev/null 2>&1 &&
    grep -q 'over-limit' page/index.html && tm gate --format junit | grep -q 'over its limit' && tm gate --format markdown | grep -q 'over limit' && tm gate --format github | grep -q '^::error.*over its limit' &&
    tm gate --format csv | head -1 | grep -q ',limit$' &&
    tm trend c | grep -q ' limit' || return 1
  tm check && tm replay | grep -q 'over limit' && tm rebuild >/dev/null && gate 1 && tm show c --format table | grep -q 'over limit'
}
old_verdicts() { store 1 30 && gate 0 && ini '[plugin c]' 'limit wall_per_call_ms = 50' && gate 1 && rm tidemark.ini && gate 0; }

check 'fails what is beyond one' beyond
check 'passes what is within one' within
check 'holds on the first night' first_night
check 'takes the last one that fits' last_one_counts
check 'holds for all plugins' of_all_plugins
check 'reads units' units
check 'refuses what is none' wrong
check 'holds for metrics that are not judged' unjudged_metric
check 'changes no other verdict' others_unmoved
check 'leaves a regression what it is' regressed_stays
check 'cannot be waived' no_waiver
check 'is the least where higher is better' least
check 'allows its own value' at_the_limit
check 'leaves out what is ignored' ignored
check 'holds in a pull request' pull_request
check 'is not told to a branch whose base is beyond it' base_beyond
check 'is not told to a branch whose base is beyond it, judged or not' base_beyond_unjudged
check 'is told beside what leads' each_metric
check 'is news once' told_once
check 'is told in every form' everywhere
check 'comes and goes with the file' old_verdicts
[[ $failures == 0 ]]
