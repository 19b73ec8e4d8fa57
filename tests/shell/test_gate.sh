#!/usr/bin/env bash
# The gate as a job sees it: exit codes, words, settings.
set -u
failures=0
cd "$TMPDIR" || exit 1
suite=gate
# shellcheck source=tests/shell/gate_nights.sh
source "$TM_SOURCE_DIR/tests/shell/gate_nights.sh"

# ---- exit codes ----

passes() { store 1 30 && gate 0 && says '^PASS  run n030 on main$' && says 'judged 8 of 8 plugins: 8 pass$'; }
regresses() {
  store 1 30 'if (p == "c" && n >= 29) { wall *= 1.5; cpu *= 1.5 }' && gate 1 && says '^FAIL  run n030 on main$' &&
    says '^regressed  c  wall_per_call_ms 8[89]\..* ms, was (59|60).* ms: \+(4[5-9]|5[0-4])\.. %, since [0-9-]* \(n029\), commits c028\.\.c029, compute' &&
    says '7 pass, 1 regressed' && says 'accept PLUGIN'
}
stays_open() {
  store 1 33 'if (p == "c" && n >= 29) wall *= 1.5' && gate 1 && says '^open       c  wall_per_call_ms.*since [0-9-]* \(n029\)' && says_not '^regressed' &&
    gate 1 --run n030 && says '^regressed  c' && says_not '^open'
}
returns() { store 1 50 'if (p == "c" && n >= 29 && n < 40) wall *= 1.5' && gate 1 --run n039 && says '^open       c' && gate 0 && says_not '^open' ; }
one_alert() {
  store 1 31 'if (p == "c" && n >= 29) { wall *= 1.5; cpu *= 1.5; peak *= 2 }' && gate 1 --run n030 && equal 1 "$(grep -c '^regressed' said)" && says_not '^open' &&
    equal 1 "$(one "SELECT count(*) FROM verdict WHERE class = 'regressed'")" && gate 1 --run n031 && says_not '^regressed' && says '1 open'
}
misses() {
  store 1 20 'if (p == "d" && n >= 19) gone = 1' && gate 1 && says '^missing    d' && says 'retire PLUGIN' && says 'judged 7 of 7' &&
    gate 1 --run n019 && says '^missing    d'
}
misses_until_it_returns() {
  store 1 40 'if (p == "d" && n >= 19 && n <= 36) gone = 1' && gate 1 --run n036 && says '^missing    d' && gate 0 && says_not missing && says 'judged 8 of 8'
}
misses_until_retired() {
  store 1 20 'if (p == "d" && n >= 19) gone = 1' && gate 1 && tm retire d --reason 'part of e now' && gate 0 && says '^retired    d' &&
    nights 21 21 'if (p == "d") gone = 1' >in.csv && gate 0 in.csv && says '^retired    d' && store 22 22 && gate 0 && says_not retired &&
    nights 23 23 'if (p == "d") gone = 1' >in.csv && gate 1 in.csv && says '^missing    d'
}
rare_is_not_missing() { store 1 30 'if (p == "d" && n % 3 == 0) gone = 1' && gate 0 && says_not missing; }
empty_night() { store 1 20 && nights 21 21 'calls = wall = cpu = 0' >in.csv && gate 1 in.csv && says 'empty' && says '^missing    a'; }
empty_first_night() { nights 1 1 'calls = wall = cpu = 0' >in.csv && gate 1 in.csv --allow-unjudged && says 'empty'; }

trouble() {
  gate 2 && says 'tidemark:.*t.db' && [[ ! -e t.db ]] || return
  printf 'plugin,wall_ms\n' >empty.csv
  gate 2 empty.csv && gate 2 no-such-file.csv && : >nothing.csv && gate 2 nothing.csv || return
  store 1 3 && gate 2 --run nosuch && says "'nosuch'" && gate 2 --budget none && gate 2 --budget 0 && gate 2 --host other && gate 2 --branch other &&
    gate 2 --project other && gate 2 --nosuch && gate 2 --format pdf && gate 2 --max-age x
}
bad_file_changes_nothing() {
  store 1 20 && cp t.db before.db && nights 21 21 | sed 's/,100,0,/,many,0,/' >in.csv && gate 2 in.csv && says 'in.csv:2' && cmp t.db before.db
}
max_age() {
  store 1 20 && gate 2 --max-age 2 && says "'n020'.*days old.*max-age 2" && gate 0 --max-age 100000 &&
    nights 21 21 | awk -F, -v OFS=, -v now="$(date +%s)" 'NR > 1 { $2 = now - 3600 } 1' >in.csv && gate 0 in.csv --max-age 2 &&
    nights 22 22 | awk -F, -v OFS=, -v now="$(date +%s)" 'NR > 1 { $2 = now + 5 * 86400 } 1' >in.csv && gate 2 in.csv --max-age 9 && says "'n022' starts 5.0 days in the future"
}
unjudged() {
  store 1 6 && gate 3 && says '^NOT JUDGED' && says 'judged 0 of 8' && says '5 runs to compare with, 6 are needed' && gate 0 --allow-unjudged &&
    store 7 7 && gate 0 && says 'judged 8 of 8'
}
judged_in_part() {
  store 1 20 'if (p == "h" && n < 18) gone = 1' && gate 0 && says 'judged 7 of 8 plugins: 7 pass; not judged: 1'
}

check 'passes' passes
check 'fails on what regressed, with where, how much and since when' regresses
check 'stays red while it is open' stays_open
check 'is green when the level came back' returns
check 'raises one alert for several metrics of a plugin' one_alert
check 'fails on a missing plugin' misses
check 'forgets a missing plugin that came back' misses_until_it_returns
check 'lets a plugin retire, until it comes back' misses_until_retired
check 'does not miss a plugin that comes two nights of three' rare_is_not_missing
check 'fails on an empty night' empty_night
check 'fails on an empty first night' empty_first_night
check 'says what trouble there is' trouble
check 'stores nothing of a bad file' bad_file_changes_nothing
check 'minds the age of the newest run' max_age
check 'tells when nothing can be judged' unjudged
check 'tells how many of how many it judged' judged_in_part

# ---- one bad night ----

one_bad='if (p == "c" && n == 30) wall *= 1.5'
suspects() { store 1 30 "$one_bad" && gate 0 && says '^suspect    c  wall_per_call_ms' && says '7 pass, 1 suspect' && says '^PASS'; }
strict() { store 1 30 "$one_bad" && gate 1 --strict && says '^suspect    c' && gate 0 && gate 1 --strict && gate 0; }
spike_passes() { store 1 33 "$one_bad" && gate 0 && says_not 'suspect|regressed' && equal 0 "$(one "SELECT count(*) FROM verdict WHERE class IN ('regressed', 'open')")"; }
extreme() {
  store 1 30 'if (p == "c" && n == 30) wall *= 9' && gate 0 && says '^suspect    c' && gate 1 --extreme 10 && says '^(regressed|suspect)  *c.*extreme' &&
    gate 0 --extreme 1000 && gate 1 --strict && says '^(regressed|suspect)  *c.*extreme' && gate 1 --strict --extreme 0 && says '^suspect    c' && says_not extreme
}
extreme_then_usual() { store 1 30 'if (p == "c" && n == 30) wall *= 9' && gate 1 --strict && gate 0 && says '^suspect    c'; }
confirmed() {
  store 1 30 "$one_bad" && gate 0 && says '^suspect    c' && nights 30 30 | sed 's/^n030/again/' >in.csv && tm ingest in.csv --repeat-of n030 >/dev/null &&
    gate 0 && says 'run n030' && says 'c  wall_per_call_ms 7[45]'
}
confirmed_by_the_gate() { store 1 30 "$one_bad" && nights 30 30 | sed 's/^n030/again/' >in.csv && gate 0 in.csv --repeat-of n030 && says 'run n030'; }

check 'only suspects one bad night' suspects
check 'fails on a suspect when strict' strict
check 'never alarms for a spike' spike_passes
check 'fails at once on an extreme run when asked to' extreme
check 'a strict gate leaves nothing behind for a usual one' extreme_then_usual
check 'pools a confirming run' confirmed
check 'pools a confirming run that it stores' confirmed_by_the_gate

# ---- the whole run ----

slow_night() {
  store 1 30 'if (n == 30) { wall *= 1.3; cpu *= 1.3 }' && gate 0 && says 'the run was (2[89]|3[01]) % slower than usual on 100 % of plugins' && says '8 pass' &&
    equal 1 "$(one "SELECT count(*) FROM judgement WHERE factor > 0.28 AND factor < 0.32 AND factor_share = 1")"
}
slow_night_hides_nothing() {
  store 1 30 'if (n == 30) wall *= 1.3; if (p == "c" && n >= 29) wall *= 1.5' && gate 1 && says '^regressed  c.*\+(4[6-9]|5[0-4])\.. %' && says '1 regressed$'
}
run_wide() {
  store 1 38 'if (n >= 30) { wall *= 1.3; cpu *= 1.3 }' && gate 1 --run n034 && says '^regressed  \*.*run-wide' && equal 1 "$(grep -c '^regressed' said)" &&
    equal 1 "$(one "SELECT count(DISTINCT run_id) FROM verdict WHERE class = 'regressed'")" && gate 1 && says '^open       \*' && says_not '^regressed'
}
# The run's alarm says by how much on every night, and speaks for its plugins, but for one that rose by far more.
run_wide_tells_of_its_parts() {
  store 1 38 'if (n >= 30) { wall *= 1.3; cpu *= 1.3; if (p == "c") wall *= 1.5 }' && gate 1 --run n034 && says '^regressed  \*  wall_per_call_ms \+(2[789]|3[0-4])' && says '^open       7 plugins as part of the run-wide shift' || return
  gate 1 && says '^open       \*  wall_per_call_ms \+(2[789]|3[0-4])\.. %, since [0-9-]* \(n030\)' && says '^open       7 plugins as part of the run-wide shift' && says '^(open|regressed) +c ' && says_not '^open +[abd-h] ' &&
    says 'judged 8 of 8 plugins: 0 pass, 8 open, and a run-wide regression$' && gate 1 --explain && equal 8 "$(grep -cE '^open +[a-h]  wall_per_call_ms' said)" || return
  tm show d --format table >said && grep -A 6 '^changes of level' said | grep -qE '^wall_per_call_ms +n030 .* open +run-wide' || { cat said && return 1; }
}
run_wide_accepted() {
  run_wide && tm accept '*' --reason 'new machine room' && gate 0 && says_not 'open' && store 39 46 'wall *= 1.3; cpu *= 1.3' && gate 0 && says 'judged 8 of 8 plugins: 8 pass'
}
run_wide_returns() { store 1 50 'if (n >= 30 && n < 40) { wall *= 1.3; cpu *= 1.3 }' && gate 1 --run n039 && gate 0 && says_not 'open'; }
# Three plugins of eight at once are told on their second night like one, with the right beginning.
crowd_at_once() {
  store 1 29 'if (i <= 3 && n >= 29) wall *= 1.5' && gate 0 && equal 3 "$(grep -c '^suspect' said)" || return
  store 30 30 'if (i <= 3) wall *= 1.5' && gate 1 && equal 3 "$(grep -cE '^regressed .*since [0-9-]* \(n029\)' said)"
}
# Memory is nothing that a host slows: all plugins at once are an alarm of the run on the second night, and nothing is corrected.
memory_of_all() {
  store 1 28 '' && gate 0 && store 29 29 'peak *= 1.3' && gate 0 && says_not 'slower than usual' && equal 8 "$(grep -c '^suspect .*peak_mem_kb' said)" || return
  gate 1 --strict && store 30 30 'peak *= 1.3' && gate 1 && says '^regressed  \*  peak_mem_kb .*since [0-9-]* \(n029\)' &&
    equal 0 "$(one 'SELECT count(*) FROM run_factor')"
}
# Another event in what another cause moves: an alarm of its own, dated by itself; and one is accepted without the other.
memory_then_time() {
  store 1 28 '' && gate 0 && store 29 33 'peak *= 1.5' && gate 1 && says '^(regressed|open)  *\*' &&
    store 34 46 'peak *= 1.5; if (n >= 40) { wall *= 2; cpu *= 2 }' && gate 1 && says '^open  *\*  wall_per_call_ms \+.*, since [0-9-]* \(n040\)' &&
    tm replay >said && says '^n030,\*,peak_mem_kb,regressed' && says '^n044,\*,wall_per_call_ms,regressed' || return
  tm accept '*' --reason 'new machine' && gate 1 && says 'open .*peak_mem_kb' && says_not 'wall_per_call_ms'
}
memory_accepted_alone() {
  store 1 28 '' && gate 0 && store 29 33 'peak *= 1.5' && gate 1 && tm findings >said && says '^1. the whole run is worse in peak memory' && says 'build, a library or the data' &&
    says_not '^2\.' && says_not 'longer per call' && tm accept '*' --reason 'larger input' >said && says "accept \* peak_mem_kb" || return
  store 34 40 'peak *= 1.5; if (p == "c" && n >= 39) wall *= 1.5' && gate 1 && says '^regressed  c  wall_per_call_ms'
}
# Red is what fails, and no colour comes where nobody looks at it.
in_a_terminal() { env TERM=xterm "$@" script -qec "'$TIDEMARK' --db '$PWD/t.db' gate" /dev/null </dev/null | tr -d '\r'; }
has_colours() {
  local esc=$'\033'
  store 1 30 "$open_c" && tm gate >plain
  tm gate --color always >said
  says "^$esc\[1m$esc\[31mFAIL$esc\[0m$esc\[1m  run" && says "^$esc\[31mregressed$esc\[0m " && sed "s/$esc\[[0-9]*m//g" said | diff plain - || return
  tm gate --color always --format text=file >/dev/null
  diff plain file && ! grep "$esc" plain && tm gate --color never >said
  diff plain said && { tm gate --color red 2>err; [[ $? == 2 ]]; } && grep -q -- "--color 'red': expected auto, always or never" err || return
  ! command -v script >/dev/null || { in_a_terminal env >said && says "$esc\[31mFAIL" && in_a_terminal NO_COLOR=1 >said && says_not "$esc" && in_a_terminal TERM=dumb >said && says_not "$esc"; }
}
# On a terminal the text has a line of blocks below what is new, and is else the same; a pipe, another locale and who says no get none.
shows_history() {
  store 1 30 'if (p == "c" && n >= 29) wall *= 1.5' && tm gate >plain
  on_terminal() { LC_ALL=$1 NO_COLOR=1 script -qec "'$TIDEMARK' gate $2" /dev/null </dev/null | tr -d '\r'; }
  on_terminal C.UTF-8 '' >said && grep -q '^           ▁[▁▂]*██$' said && diff plain <(grep -v '▁' said) && ! grep -q '▁' plain &&
    on_terminal C.UTF-8 --no-sparkline >said && diff plain said && on_terminal C '' >said && diff plain said
}
# So has 'show', below its table: a line for each metric; a pipe, another form, another locale and who says no get none.
show_has_blocks() {
  command -v script >/dev/null || return 0
  store 1 70 'if (p == "c" && n >= 69) wall *= 1.5' && tm gate >/dev/null
  tm show c --format table >plain
  on_terminal() { LC_ALL=$1 script -qec "'$TIDEMARK' show $2" /dev/null </dev/null | tr -d '\r'; }
  on_terminal C.UTF-8 c >said && says '^the newest 60 runs on main of ' && says '^wall_per_call_ms       [0-9.]* ms *▁[▁▂]*██$' && says '^peak_mem_kb ' &&
    [[ $(grep '^wall_per_call_ms  *[0-9.]* ms' said | grep -o '[▁▂▃▄▅▆▇█]' | wc -l) == 60 ]] && diff plain <(sed '/^the newest/,/^$/d' said | sed '/^[a-z_0-9]* *[-0-9.]* .*[▁▂▃▄▅▆▇█]$/d' | cat -s) &&
    ! grep -q '▁' plain && on_terminal C.UTF-8 'c --no-sparkline' >said && diff plain said && on_terminal C c >said && diff plain said &&
    on_terminal C.UTF-8 'c --format csv' >said && says_not '▁'
}
strict_says_why() {
  local form
  store 1 30 'if (n == 30) { wall *= 1.2; cpu *= 1.2 }' && gate 1 --strict && says 'slow for all plugins, which fails with --strict' || return
  for form in junit github badge; do
    tm gate --strict --format $form >said
    says 'slow' || return
  done
  tm gate --strict --format junit >said
  says 'failures="1"' && tm findings --strict >said
  says 'slow for all' && says_not 'nothing to look into'
}
# Throughput: higher is better, and a slow host lowers it.
lower_is_worse() {
  ini '[metric per_s]' 'better = higher' 'run-wide = yes' && nights 1 30 'if (n == 30) { wall *= 1.25; cpu *= 1.25 }' |
    awk -F, -v OFS=, 'NR == 1 { print $0, "per_s"; next } { print $0, 1e6 / $9 }' >in.csv && tm ingest in.csv >/dev/null && gate 0 && says 'per_s was 20 % lower than usual' &&
    equal 1 "$(one "SELECT factor BETWEEN -0.22 AND -0.18 FROM run_factor WHERE metric = 'per_s'")" && gate 1 --strict || return
  ini '[metric error_rate]' 'run-wide = yes' && gate 2 && says run-wide
}
half_of_all() {
  store 1 28 '' && gate 0 && store 29 29 'if (i <= 4) { wall *= 2; cpu *= 2 }' && gate 0 && says_not 'host caused' || return
  store 30 30 'if (i <= 4) { wall *= 2; cpu *= 2 }' && gate 1 && equal 4 "$(grep -c '^regressed' said)" && says_not 'host caused'
}
slow_is_suspect() {
  store 1 30 'if (n == 30) { wall *= 1.2; cpu *= 1.2 }' && gate 0 && says 'CPU time per call was .* higher than usual' && gate 1 --strict &&
    equal 2 "$(one 'SELECT count(*) FROM run_factor')"
}

check 'reports a slow night and passes it' slow_night
check 'sees a regression behind a slow night' slow_night_hides_nothing
check 'alarms once for a shift of the whole run' run_wide
check 'tells of the parts of a shift in one line' run_wide_tells_of_its_parts
check 'lets a shift of the whole run be accepted' run_wide_accepted
check 'ends a shift of the whole run that returned' run_wide_returns
check 'tells a crowd on its second night' crowd_at_once
check 'tells a shift of times from one of memory before it' memory_then_time
check 'accepts a shift of memory alone' memory_accepted_alone
check 'says why a slow night fails with --strict' strict_says_why
check 'takes nothing off memory, whatever all plugins do' memory_of_all
check 'takes half of the plugins for plugins, not for the host' half_of_all
check 'takes a run that is slow for all for suspect where strict' slow_is_suspect

# ---- decisions ----

open_c='if (p == "c" && n >= 29) wall *= 1.5'
accepts() {
  store 1 36 "$open_c" && gate 1 && tm accept c --reason 'on purpose' | grep -qx 'decision 1: accept c wall_per_call_ms' && gate 0 && says_not 'open|regressed' && says 'judged 8 of 8' &&
    store 37 44 "$open_c"'; if (p == "c" && n >= 40) wall *= 1.3' && gate 1 && says '^(regressed|open)  *c.*was (8[89]|9[01])'
}
accepts_after_long() {
  store 1 110 "$open_c" && gate 1 && says '^open       c' && tm accept c --reason 'on purpose' && gate 0 && says 'judged 8 of 8' && equal 0 "$(one "SELECT count(*) FROM verdict JOIN run USING (run_id) WHERE key = 'n110'")" &&
    store 111 112 "$open_c"'; if (p == "c") wall *= 1.3' && gate 1 && says '^regressed  c'
}
accepts_here_only() {
  store 1 36 "$open_c" && HOST=other store 1 36 "$open_c" && gate 1 --host ci && gate 1 --host other && tm accept c --host ci --reason 'on purpose' && gate 0 --host ci &&
    gate 1 --host other && says '^open       c'
}
accepts_what_is_open() {
  store 1 30 && gate 0 && ! tm accept a --reason fine && ! tm accept nosuch --reason fine && ! tm accept a && ! tm accept a --metric wall_per_call_ms --from nosuch --reason x &&
    equal 0 "$(one 'SELECT count(*) FROM decision')"
}
waives() {
  store 1 30 "$open_c" && gate 1 && tm waive c --metric wall_per_call_ms --ceiling +60% --until 2025-11-20 --reason 'fix in review' --issue https://e.org/7 && gate 0 &&
    says '^waived     c' && store 31 34 "$open_c" && gate 0 && says '^waived     c' && gate 0 --explain && says 'decision 1'
}
waiver_ends() {
  waives && equal 2025-11-20 "$(one "SELECT date(max(until), 'unixepoch') FROM decision")" && store 35 45 "$open_c" && gate 0 --run n042 && says '^waived     c' && gate 1 --run n043 &&
    says '^open       c.*expired' && gate 1 && says 'expired'
}
waiver_has_a_ceiling() { waives && store 35 36 "$open_c"'; if (p == "c") wall *= 1.2' && gate 1 && says 'c  .*ceiling'; }
undoes() { waives && tm undo 1 && gate 1 && says '^open       c' && ! tm undo 1 && equal 0 "$(tm decisions --format csv | tail -n +2 | wc -l)"; }
needs_a_reason() {
  store 1 30 "$open_c" && gate 1 || return
  for words in 'accept c' 'retire c' 'waive c --metric wall_per_call_ms --ceiling 1 --until 2030-01-01' 'accept c --reason=' \
    'waive c --metric nosuch --ceiling 1 --until 2030-01-01 --reason r' 'waive c --metric wall_per_call_ms --ceiling -1 --until 2030-01-01 --reason r' \
    'waive c --metric wall_per_call_ms --ceiling 1 --until soon --reason r' 'waive c --metric wall_per_call_ms --ceiling 1 --reason r' "retire * --reason r" \
    'undo x' 'undo 7'; do
    set -f
    # shellcheck disable=SC2086
    tm $words
    [[ $? == 2 ]] || { echo "not refused: $words" && return 1; }
    set +f
  done
}
lists() {
  waives && tm decisions --format csv >said && says '^number,kind,plugin,metric' && says '^1,waive,c,wall_per_call_ms,,0.6,2025-11-20,fix in review,https://e.org/7,anna,'
}

check 'has colours for a terminal alone' has_colours
check 'ends what was accepted, and judges the new level' accepts
check 'ends what was accepted after many nights' accepts_after_long
check 'accepts on one host only' accepts_here_only
check 'accepts only what is open' accepts_what_is_open
check 'tolerates what was waived' waives
check 'ends a waiver after its date' waiver_ends
check 'ends a waiver beyond its ceiling' waiver_has_a_ceiling
check 'takes decisions back' undoes
check 'refuses decisions without what they need' needs_a_reason
check 'lists decisions' lists

# ---- like with like ----

hosts_apart() {
  store 1 30 && HOST=slow store 1 30 'wall *= 3; cpu *= 3' && gate 0 --host ci && gate 0 --host slow && equal 0 "$(one "SELECT count(*) FROM verdict WHERE class = 'regressed'")"
}
feature() {
  store 1 30 && BRANCH=feature AT=1 store 30 30 && gate 0 --branch feature && says 'on feature' && says 'judged 8 of 8' && BRANCH=feature AT=2 store 31 31 'if (p == "c") wall *= 1.5' &&
    gate 0 --branch feature && says '^suspect    c' && BRANCH=feature AT=3 store 32 32 'if (p == "c") wall *= 1.5' && gate 1 --branch feature && says '^regressed  c' && gate 0 --branch main
}
feature_of_another_base() {
  BRANCH=v1 store 1 30 && BRANCH=feature AT=1 store 30 30 && gate 3 --branch feature && gate 0 --branch feature --base v1 && says 'judged 8 of 8'
}
feature_of_a_base_of_a_usual_name() {
  BRANCH=trunk store 1 30 && BRANCH=feature AT=1 store 30 30 && gate 0 --branch feature && says 'judged 8 of 8' && gate 0 --branch trunk &&
    equal trunk,feature "$(one "SELECT group_concat(branch) FROM (SELECT branch FROM lineage ORDER BY branch DESC)" | tr -d '"')"
}
feature_not_blamed() {
  store 1 33 "$open_c"'; if (p == "e" && n >= 29) errors = 20' && gate 1 --branch main && says '^open       c' && says '^open       e' &&
    BRANCH=feature AT=1 store 33 34 'if (p == "c") wall *= 1.5; if (p == "e") errors = 20' && gate 0 --branch feature && says_not 'open|regressed'
}
feature_not_blamed_for_missing() {
  store 1 33 'if (p == "d" && n >= 30) gone = 1' && gate 1 --branch main && BRANCH=feature AT=1 store 33 33 'if (p == "d") gone = 1' && gate 0 --branch feature
}
projects_apart() {
  store 1 30 && sed "1s/\$/,x/; 2,\$s/\$/,1/" in.csv >/dev/null && nights 1 30 | sed 's/^n/o/' >other.csv && tm ingest other.csv --project other >/dev/null && gate 0 --project other &&
    says 'run o030' && gate 0 && says 'run n030'
}

check 'keeps hosts apart' hosts_apart
check 'judges a feature branch by the history of main' feature
check 'judges a feature branch by another base' feature_of_another_base
check 'finds a base of another usual name' feature_of_a_base_of_a_usual_name
check 'does not hold against a branch what is open on main' feature_not_blamed
check 'does not hold against a branch what is missing on main' feature_not_blamed_for_missing
check 'keeps projects apart' projects_apart

# ---- tidemark.ini ----

# ini 'LINES': writes it
ini() { printf '%s\n' "$@" >tidemark.ini; }

small='if (p == "c" && n >= 26) { wall *= 1.065; cpu *= 1.065 }'
key_budget() { store 1 28 "$small" && gate 0 && ini '[gate]' 'budget = 20' && gate 1 && says '^regressed  c' && gate 0 --budget 0.01 && TIDEMARK_BUDGET=0.01 gate 0 && TIDEMARK_BUDGET=0.01 gate 1 --budget 20; }
key_metrics() {
  store 1 30 'if (p == "c" && n >= 29) peak *= 2' && gate 1 && says '^regressed  c  peak_mem_kb' && ini '[gate]' 'metrics = wall_per_call_ms, cpu_per_call_ms' && gate 0 &&
    equal 0 "$(one "SELECT count(*) FROM verdict WHERE metric NOT IN ('wall_per_call_ms', 'cpu_per_call_ms')")" && ini '[gate]' 'metrics = calls' && gate 0
}
key_base() { BRANCH=trunk store 1 30 && BRANCH=feature AT=1 store 30 30 && ini '[gate]' 'base = trunk' && gate 0 --branch feature && gate 3 --branch feature --base main && TIDEMARK_BASE=main gate 3 --branch feature; }
key_strict() { store 1 30 "$one_bad" && ini '[gate]' 'strict = yes' && gate 1 && ini '[gate]' 'strict = no' && gate 0 && TIDEMARK_STRICT=yes gate 1 && gate 1 --strict; }
key_floors() {
  store 1 30 'wall /= 1000; cpu /= 1000; if (p == "c" && n >= 29) wall *= 1.5' && gate 0 && gate 1 --no-floors && ini '[gate]' 'floors = no' && gate 1 && says '^regressed  c'
}
key_extreme() { store 1 30 'if (p == "c" && n == 30) wall *= 9' && ini '[gate]' 'extreme = 10' && gate 1 && says extreme && gate 0 --extreme 0; }
key_allow_unjudged() { store 1 3 && gate 3 && ini '[gate]' 'allow-unjudged = yes' && gate 0; }
key_max_age() { store 1 20 && ini '[gate]' 'max-age = 2' && gate 2 && gate 0 --max-age 100000 && TIDEMARK_MAX_AGE=100000 gate 0; }
key_min_effect() {
  store 1 30 "$open_c" && gate 1 && ini '[gate]' 'min-effect = 80%' && gate 0 && gate 1 --min-effect 5% && ini '[gate]' 'min-effect = 80%' 'metrics = wall_per_call_ms' && gate 0 &&
    ini '[gate]' 'metrics = wall_per_call_ms' 'min-effect = 80%' && gate 0
}
key_metric() {
  store 1 30 "$open_c" && ini '[metric wall_per_call_ms]' 'min-effect = 0.8' && gate 0 && ini '[metric wall_per_call_ms]' 'floor = 100' && gate 0 &&
    ini '[metric wall_per_call_ms]' 'floor = 1' && gate 1 && ini '[metric wall_per_call_ms]' 'better = higher' && gate 0
}
key_metric_adds_nothing() {
  store 1 30 'if (p == "c" && n >= 29) peak *= 2' && ini '[gate]' 'metrics = wall_per_call_ms' '[metric peak_mem_kb]' 'floor = 1' && gate 0
}
key_plugin() {
  store 1 30 "$open_c" && ini '[plugin c]' 'ignore = yes' && gate 0 && ini '[plugin c*]' 'min-effect = 80%' && gate 0 && ini '[plugin ?]' 'floor = 100' && gate 0 &&
    ini '[plugin x*]' 'ignore = yes' && gate 1 && ini '[plugin *]' 'ignore = yes' '[plugin c]' 'ignore = no' && gate 1 && says 'judged 1 of 8' &&
    ini '[plugin c]' 'metric = cpu_per_call_ms' 'ignore = yes' && gate 1
}
# Section names end at the first bracket: a set of letters in a glob must work, or be refused.
key_plugin_brackets() { store 1 30 "$open_c" && ini '[plugin [a-c]]' 'ignore = yes' && { gate 0 || gate 2; }; }
key_plugin_twice() {
  store 1 30 "$open_c" && ini '[plugin c]' 'metric = wall_per_call_ms' 'min-effect = 80%' '[plugin c]' 'metric = cpu_per_call_ms' 'min-effect = 1%' && gate 0
}
too_many_rules() {
  local i
  store 1 10 && for i in {1..257}; do printf '[plugin p%d]\nfloor = 1\n' "$i"; done >tidemark.ini && gate 2 && says 'plugin p257.* 256 rules'
}
wrong_settings() {
  store 1 10 || return
  while IFS=';' read -r section line; do
    ini "$section" "$line"
    gate 2 && says "tidemark.ini" || { echo "of: $section $line" && return 1; }
  done <<'END'
[gate];colour = red
[gate];budget = -1
[gate];budget = 0
[gate];budget = many
[gate];strict = maybe
[gate];metrics =
[gate];max-age = soon
[gate];extreme = -1
[gates];budget = 1
[metric];floor = 1
[metric wall_per_call_ms];ceiling = 1
[metric wall_per_call_ms];better = smaller
[plugin];ignore = yes
[plugin c];ignore = perhaps
[plugin c];budget = 1
[gate];just a line
END
  rm tidemark.ini && gate 2 --config nosuch.ini && says nosuch.ini && printf '[gate]\nbudget = x\n' >other.ini && gate 2 --config other.ini && says other.ini &&
    TIDEMARK_CONFIG=other.ini gate 2 && says other.ini && printf '[gate]\n# a remark\n; another\n\nbudget = 5\n' >other.ini && gate 0 --config other.ini &&
    TIDEMARK_BUDGET=x gate 2 && says TIDEMARK_BUDGET
}
file_of_other_commands() {
  store 1 28 "$small" && ini '[gate]' 'budget = 20' && tm replay | grep -q '^n028,c,wall_per_call_ms,regressed' && ! tm replay --budget 0.01 | grep -q ',regressed,' && ini '[gate]' 'x = 1' &&
    for command in replay audit rebuild; do
      tm $command >said 2>&1
      [[ $? == 2 ]] && says tidemark.ini || return
    done
}

# Who reads takes what the gate has stored, or judges in memory, in whatever folder and with whatever settings: the store stays as it is.
reading() {
  local words
  store 1 30 'if (p == "c" && n >= 29) { wall *= 1.3; cpu *= 1.3 }' && ini '[gate]' 'budget = 5' 'metrics = wall_per_call_ms' && gate 1 && nights 31 31 >in.csv &&
    tm ingest in.csv >/dev/null && sqlite3 t.db .dump >before && mkdir -p elsewhere || return
  for words in findings 'findings --budget 0.01' 'report -o ../page' 'report --budget 9 -o ../page' 'trend c' 'show c' plugins runs replay audit decisions; do
    (cd elsewhere && "$TIDEMARK" --db ../t.db $words) >said 2>&1 || { echo "$words" && cat said && return 1; }
    sqlite3 t.db .dump | cmp before - || { echo "$words has changed the store" && return 1; }
  done
}

check 'is the only one that writes verdicts' reading
check 'knows that less may be worse' lower_is_worse
check 'room for rules' too_many_rules
check 'budget' key_budget
check 'metrics' key_metrics
check 'base' key_base
check 'strict' key_strict
check 'floors' key_floors
check 'extreme' key_extreme
check 'allow-unjudged' key_allow_unjudged
check 'max-age' key_max_age
check 'min-effect' key_min_effect
check '[metric NAME]' key_metric
check '[metric NAME] of a metric that is not judged' key_metric_adds_nothing
check '[plugin GLOB]' key_plugin
check '[plugin GLOB] with brackets' key_plugin_brackets
check '[plugin GLOB] twice, for two metrics' key_plugin_twice
check 'wrong settings are trouble, and the file is named' wrong_settings
check 'settings count for replay, audit and rebuild' file_of_other_commands

# ---- metrics ----

own_metric() {
  nights 1 30 | awk -F, -v OFS=, 'NR == 1 { print $0, "hit_pct" } NR > 1 { print $0, (90 + (NR * 7919 % 100) / 100) * ($6 == "c" && $1 >= "n029" ? 0.8 : 1) }' >in.csv && tm ingest in.csv >/dev/null &&
    gate 1 && says "^regressed  c  hit_pct" && tm metric hit_pct --better lower && gate 0 && tm metric hit_pct --better higher && gate 1 && says '^regressed  c  hit_pct 72.* was 90.*: -(19|20)' && ini '[metric hit_pct]' 'min-effect = 50%' && gate 0 &&
    rm tidemark.ini && gate 0 --min-effect 50%
}
errors() { store 1 30 'if (p == "c" && n >= 29) errors = 20' && gate 1 && says '^regressed  c  error_rate 20.00 % of calls, was 0.00 %.*failing fast'; }
first_error() { store 1 30 'if (p == "c" && n >= 29) errors = 1' && gate 0 && says_not 'regressed|suspect'; }
calls() { store 1 30 'if (p == "c" && n >= 29) { calls = 300 }' && gate 0 && ini '[gate]' 'metrics = wall_per_call_ms calls' && gate 1 && says '^regressed  c  calls 300'; }
signals() {
  store 1 30 'if (p == "a" && n >= 29) wall *= 1.5' && gate 1 && says ' a .*, waiting$' && store 31 38 && store 39 40 'if (p == "d") cpu *= 2' && gate 1 && says ' d .*, tight loop$' &&
    store 41 50 && store 51 52 'if (p == "g") peak *= 2' && gate 1 && says ' g .*, memory spike$'
}
explains() {
  store 1 30 "$open_c"'; if (p == "d" && n >= 29) gone = 1' && gate 1 --explain || return
  for word in tonight "run's factor" baseline 'of runs' effect evidence needed 'newest runs' 'z in history' 'percentile in history' 'z in population' 'percentile in population' \
    'last good run n028' 'commits c028..c029'; do
    says "$word" || return
  done
  grep -A 1 '^missing' said | grep -q n028 || { echo 'does not say when the missing plugin was last seen' && return 1; }
}
# What it says that it would see, it sees: two nights a little above the rise of plugin c fail, two a little below it do not.
explains_one() {
  local rise wall="said ->> '\$.verdicts[0].reach"
  store 1 60 && gate 0 --explain=c && says '^pass       c  wall_per_call_ms' && says '^pass       c  peak_mem_kb' && says_not ' [abd-h]  ' && says 'told by its 2nd$|by its 2nd$' || return
  tm gate --explain=c --format json >out.json && json_says out.json "$wall.second_night.nights' = 2 AND $wall.least.value' <= $wall.second_night.value'" || return
  rise=$(sqlite3 :memory: "SELECT json_extract(CAST(readfile('out.json') AS TEXT), '\$.verdicts[0].reach.second_night.value')")
  store 61 62 "if (p == \"c\") wall = 0.995 * $rise" && gate 0 --run n062 && store 61 62 "if (p == \"c\") wall = 1.002 * $rise" --replace && gate 1 --run n062 && says '^regressed  c' &&
    gate 1 --explain=b && says_not '^           wall_per_call_ms: tonight (8|9)' || return
  tm gate --explain=cc >said 2>&1
  [[ $? == 2 ]] && says "no plugin 'cc' in the store"
}
# json_says FILE CONDITION: the file is one JSON document, and the condition holds in SQL, where the document is called said
json_says() {
  [[ $(sqlite3 :memory: "SELECT json_valid(said) AND ($2) FROM (SELECT CAST(readfile('$1') AS TEXT) AS said)" 2>&1) == 1 ]] || { echo "not so: $2" && cat "$1" && return 1; }
}
formats() {
  store 1 30 "$open_c" && tm gate --format csv >out.csv
  [[ $? == 1 ]] && head -n 1 out.csv | grep -q '^plugin,metric,class,' &&
    equal "$(sqlite3 :memory: '.mode csv' '.import out.csv v' 'SELECT plugin, class, CAST(evidence AS REAL) > CAST(needed AS REAL) FROM v LIMIT 1' | tr -d '\r')" c,regressed,1 || return
  tm gate --format json >out.json
  [[ $? == 1 ]] && json_says out.json "said ->> 'outcome' = 'fail' AND said ->> 'exit_code' = 1" &&
    json_says out.json "said ->> '$.verdicts[0].plugin' = 'c' AND said ->> '$.verdicts[0].effect' BETWEEN 0.45 AND 0.55" || return
  tm gate --format markdown >out.md
  [[ $? == 1 ]] && grep -q '^|[ :|-]*|$' out.md && grep -q '<code>c</code>' out.md && grep -q FAIL out.md
}
none_unfinished() { ! compgen -G '*.xml.*' && ! compgen -G '*.json.*'; }
many_formats() {
  store 1 30 "$open_c" && tm gate --format text --format github --format junit=j.xml --format json=j.json --format badge=b.svg --format badge=b.json >out
  [[ $? == 1 ]] && grep -q '^FAIL' out && grep -q '^::error title=regressed' out && grep -q '<failure' j.xml && grep -q '"outcome": "fail"' j.json &&
    grep -q '<svg' b.svg && grep -q '"schemaVersion": 1' b.json && none_unfinished
}
compare_summary() {
  store 1 30 && GITHUB_STEP_SUMMARY=summary tm compare n029 n030 --format github >/dev/null && grep -q '^A: run n029 ' summary && rm summary &&
    GITHUB_STEP_SUMMARY=summary tm measure --pair -n 5 true true --format github >/dev/null && grep -q '^A: true' summary
}
step_summary() {
  store 1 30 "$open_c" && echo before >summary && GITHUB_STEP_SUMMARY=summary tm gate --format github >/dev/null
  [[ $? == 1 ]] && head -n 1 summary | grep -qx before && grep -q 'FAIL' summary && ! GITHUB_STEP_SUMMARY=no/such/summary tm gate --format github >/dev/null 2>err && grep -q 'step summary' err
}
# usage_fails MESSAGE ARGUMENT...: the gate refuses them before it does anything
usage_fails() {
  local message=$1
  shift
  tm gate "$@" >out 2>err
  [[ $? == 2 && ! -s out ]] && grep -qF -- "$message" err || { cat err && return 1; }
}
wrong_formats() {
  store 1 30 && usage_fails "no format 'pdf': expected text, json, csv, markdown, junit, codequality, sarif, github, openmetrics, badge, slack, teams or text-short" --format pdf &&
    usage_fails 'would mix on standard output' --format text --format json && usage_fails 'names no file' --format json= &&
    usage_fails "would go to the file 'x'" --format json=x --format csv=x && [[ ! -e x ]] &&
    usage_fails "would write over the store './t.db'" --format json=./t.db && usage_fails "cannot write 'no/such/x'" --format json=no/such/x &&
    nights 31 31 >in.csv && usage_fails "would write over its input 'in.csv'" in.csv --format json=in.csv
}
formats_with_a_file() {
  store 1 29 "$open_c" && nights 30 30 "$open_c" >in.csv && tm gate in.csv --format json >out.json
  [[ $? == 1 ]] && json_says out.json 1
}
formats_of_nothing() { store 1 30 && tm gate --format json >out.json && json_says out.json "said ->> 'outcome' = 'pass' AND json_array_length(said, '$.verdicts') = 0"; }
min_effect() { store 1 30 'if (p == "c" && n >= 25) wall *= 1.5' && gate 0 --min-effect 80% && gate 1 --min-effect 10%; }

check 'judges a metric of one'\''s own, in its direction' own_metric
check 'judges errors' errors
check 'does not mind a first error' first_error
check 'judges calls when asked to' calls
check 'tells waiting, a tight loop and memory apart' signals
check 'explains every number' explains
check 'explains one plugin, and what it would see of it' explains_one
check 'prints csv, json and markdown' formats
check 'prints many formats at once, to files and standard output' many_formats
check 'appends the step summary that GitHub asks for' step_summary
check 'appends a comparison to the step summary' compare_summary
check 'refuses formats that make no sense' wrong_formats
check 'prints nothing else with --format and a file' formats_with_a_file
check 'prints an empty list when all pass' formats_of_nothing
check '--min-effect' min_effect

# ---- what keeps a thread ----

# occupied FIRST LAST NIGHT: plugin c waits; from that night on it keeps its thread meanwhile. It takes as long as ever.
occupied() {
  nights "$1" "$2" 'if (p == "c") cpu = 6 * (1 + 0.01 * noise)' |
    awk -F, -v OFS=, -v from="$3" 'NR == 1 { print $0, "occupied_ms,longest_step_ms"; next }
      { keeps = $6 != "c" || substr($1, 2) + 0 >= from; print $0, keeps ? $9 : $10, (keeps ? $9 : $10) / $7 }' >in.csv && tm ingest in.csv >/dev/null
}
blocks() {
  occupied 1 30 29 && gate 1 && says '^regressed  c  blocked_per_call_ms 5[0-9]\..* ms, was 0 ms, since [0-9-]* \(n029\), commits c028\.\.c029, blocking$' && says '7 pass, 1 regressed' &&
    tm findings >said && says 'keeps its thread without computing for 5[0-9].* ms of a call \(was 0' && says 'Sample the stack of its thread' &&
    equal 54 "$(one "SELECT round(blocked_per_call_ms) FROM profiles WHERE run = 'n030' AND plugin = 'c'")"
}
does_not_block() { occupied 1 30 99 && gate 0 && says '8 pass$'; }
longest_step() {
  ini '[gate]' 'metrics = longest_step_ms' && occupied 1 30 29 && gate 1 && says '^regressed  c  longest_step_ms .* since [0-9-]* \(n029\)' && says '7 pass, 1 regressed'
}

check 'names a plugin that begins to keep its thread' blocks
check 'passes one that waits elsewhere' does_not_block
check 'judges the longest step when asked to' longest_step

# ---- CPU clocks ----

# clocked FIRST LAST CLOCK ['AWK']: nights whose CPU time was taken with that clock
clocked() { nights "$1" "$2" "${4:-}" | awk -v clock="$3" '{ print $0 "," (NR == 1 ? "clock" : clock) }' >in.csv && tm ingest in.csv >/dev/null; }
# of_cpu RUN: what was said of c's CPU time
of_cpu() { one "SELECT class || ': ' || coalesce(why, '') FROM verdict JOIN run USING (run_id) JOIN plugin USING (plugin_id)
  WHERE key = '$1' AND plugin.name = 'c' AND metric = 'cpu_per_call_ms'"; }

more='if (p == "c") cpu *= 1.5'
other_clock() {
  clocked 1 20 rseq && gate 0 && says 'judged 8 of 8' && clocked 21 21 thread_cputime "$more" && gate 0 && says 'judged in part: 8 .another CPU clock' &&
    equal 'not judged: another CPU clock than before' "$(of_cpu n021)" && clocked 22 22 thread_cputime "$more" && gate 0 &&
    equal 'not judged: another CPU clock than before: its history begins anew' "$(of_cpu n022)" && clocked 23 30 thread_cputime "$more" && gate 0 &&
    says 'judged 8 of 8 plugins: 8 pass' && clocked 31 32 thread_cputime 'if (p == "c") cpu *= 3' && gate 1 && says '^regressed  c  cpu_per_call_ms'
}
one_night_of_another_clock() {
  clocked 1 20 rseq && clocked 21 21 thread_cputime "$more" && gate 0 && clocked 22 22 rseq && gate 0 && says 'judged 8 of 8 plugins: 8 pass' &&
    clocked 23 24 rseq "$more" && gate 1 && says '^regressed  c  cpu_per_call_ms'
}
clocks_unknown() {
  clocked 1 10 '' && clocked 11 20 rseq && store 21 22 && clocked 23 24 rseq && gate 0 && says 'judged 8 of 8 plugins: 8 pass' && clocked 25 25 other && gate 0
}
open_with_another_clock() {
  local worse='if (p == "c" && n > 20) cpu *= 1.5'
  clocked 1 22 rseq "$worse" && gate 1 && says '^regressed  c  cpu_per_call_ms' && clocked 23 23 thread_cputime "$worse" && gate 1 &&
    says '^open       c  cpu_per_call_ms.*since [0-9-]* \(n021\).*another CPU clock' && clocked 24 24 thread_cputime "$worse" && gate 0 &&
    equal 'not judged: another CPU clock than before: its history begins anew' "$(of_cpu n024)"
}
repeats_of_two_clocks() {
  clocked 1 20 rseq && AT=1 clocked 21 21 rseq && nights 21 21 'if (p == "c") cpu *= 10' | sed 's/^n021,[0-9]*/again,1762000000/' |
    awk '{ print $0 "," (NR == 1 ? "clock" : "thread_cputime") }' >again.csv && tm ingest again.csv --repeat-of n021 >/dev/null &&
    gate 0 --run n021 && says 'judged 8 of 8' && equal '' "$(of_cpu n021)"
}

check 'does not compare CPU times of different clocks' other_clock
check 'gets over one night of another clock' one_night_of_another_clock
check 'compares with a clock that is not known' clocks_unknown
check 'keeps a regression open until the new clock stays' open_with_another_clock
check 'does not add up CPU times of different clocks' repeats_of_two_clocks

# ---- the other commands ----

bottlenecks() {
  store 1 10 'if (i == 8) wall *= 40' && tm bottlenecks >said && says '^\[BOTTLENECK\] h \| avg 6[0-9]{3}\.[0-9]ms \| z=2\.4[0-9] \| mem=[0-9]+\.[0-9]KB \| robust z=[0-9.]+ \| rank 100% \| share of cpu [0-9]+%' &&
    equal 1 "$(wc -l <said)" && tm bottlenecks --all >said && equal '1 7' "$(grep -c '^\[BOTTLENECK\] ' said) $(grep -c '^\[PLUGIN\] ' said)" && ! tm bottlenecks --z 7 2>said && says '1.5, 2.0 or 3.0'
}
two_hide_each_other() { store 1 10 'wall = 20 + i; if (i >= 7) wall *= 40' && tm bottlenecks >said; says '^\[BOTTLENECK\] [gh] .*z=1' && says '2 of the outliers lie below z = 2.0'; }
few_plugins() {
  store 1 10 'if (i > 5) gone = 1; if (i == 5) wall *= 40' && tm bottlenecks >said && says 'with 5 plugins the classic z cannot exceed 1.79' && says '^\[BOTTLENECK\] e' &&
    store 11 11 'if (i > 1) gone = 1' && tm bottlenecks --all >said && says_not nan
}
compares() { store 1 30 "$open_c" && tm compare n028 n030 --format csv >said && says '^c,100,100,(59|60|61)' && sed -n 2p said | grep -q ^c && ! tm compare n028 nosuch; }
shows() { store 1 30 "$open_c" && gate 1 && tm show c --format table >said && says 'changes of level' && says 'verdicts' && says regressed; }
audits() {
  store 1 60 && tm audit >audit.csv 2>said && says '60 nights, [0-9]+ judgements, 0 alarms: 0.00 per 1000 \(budget 0.5\)' && cp audit.csv said &&
    says '^plugin,metric,runs,caught_within_2,caught_within_3,caught_within_5$' && says '^a,wall_per_call_ms,60,[0-9.]+%,[0-9.]+%,[0-9.]+%$' && equal 24 "$(($(wc -l <audit.csv) - 1))"
}
replays() { store 1 30 "$open_c" && tm replay --summary >said && says '^30 nights, [0-9]+ judgements, 1 alarm' && ! tm replay --format json; }
rebuilds() { store 1 30 "$open_c" && gate 1 && tm rebuild | grep -qx '30 nights judged anew' && gate 1 && says '^regressed  c'; }

# The alarm keeps the words of the metric that raised it, whatever joins it: of c first p95 is up, then wall time; memory of d stays,
# while its wall time has been open for long.
store_with_tails() {
  nights "$1" "$2" 'if (p == "c" && n > 32) { wall *= 1.25; cpu *= 1.25 } if (p == "d" && n > 22) { wall *= 1.5; cpu *= 1.5 }' |
    awk -F, 'NR == 1 { print $0 ",p95_ms,mem_delta_kb"; next }
      { n = substr($1, 2) + 0; noise = (n * 37 % 11) / 11 - 0.5; p95 = ($6 == "c" ? 60 : $9 / $7) * 1.5 * (1 + 0.02 * noise); kept = 100 * (1 + 0.1 * noise)
        if ($6 == "c" && n > 30) p95 *= 2; if ($6 == "d" && n > 30) kept *= 200; printf "%s,%.6f,%.3f\n", $0, p95, kept }' >in.csv && tm ingest in.csv >/dev/null
}
words_fit_the_metric() {
  store_with_tails 1 34 && gate 1 --explain && says '^open       c  wall_p95_ms [0-9.]+ ms, was (89|90)[0-9.]* ms: \+(99|10[0-9])' &&
    says 'c  wall_per_call_ms .*told by another metric' && tm findings >said && says 'c has (99|10[0-9]) % higher 95th percentile of wall time since [0-9-]*$' &&
    gate 1 --format markdown && says '<code>c</code> \| <code>wall&#95;p95&#95;ms' && gate 1 --run n032 &&
    says '^regressed  c  wall_p95_ms' && says '^regressed  d  mem_delta_per_call_kb 19[0-9.]+ KiB.*, leak$'
}
not_judged_for_a_reason() {
  store 1 20 'if (p == "h" && n < 18) gone = 1; if (p == "g" && n < 17) gone = 1' && gate 0 && says 'not judged: 2 \(too few runs to compare with\)$' &&
    tm show h --format table >said && says 'not judged .*too few runs to compare with'
}
missing_since() {
  store 1 30 'if (p == "c" && n > 20) gone = 1' && gate 1 && says '^missing    c; last seen in n020 on 2025-10-29, 10 runs ago$' && tm findings >said &&
    says 'c is missing: last seen in n020 on 2025-10-29, 10 runs ago' && tm show c --format table >said && says 'last seen in n020 on 2025-10-29, 10 runs ago' &&
    gate 1 --run n030 --format markdown && says "last seen in <code>n020</code> on 2025-10-29, 10 runs ago"
}

check 'words: those of the metric that raised the alarm' words_fit_the_metric
check 'words: why plugins are not judged' not_judged_for_a_reason
if command -v script >/dev/null; then check 'shows the history of what is new on a terminal' shows_history; fi
check 'show has blocks of the newest runs on a terminal' show_has_blocks
check 'words: since when a plugin is missing' missing_since

# Four of the five plugins of a family, and one that has nothing to do with them.
family='if (n > 29 && (i > 1 && i < 6)) { wall *= 1.5 + i / 10; cpu *= 1.5 + i / 10 } if (n > 29 && p == "a") wall *= 1.3'
store_family() { nights 1 "$1" "$family" | sed -E 's/,([b-eg]),100/,parse.\1,100/' >in.csv && tm ingest in.csv >/dev/null; }
one_event_of_many() {
  store_family 32 && gate 1 --run n031 &&
    says "^together   4 plugins whose names begin with 'parse\.' are slower since [0-9-]* \(n030\): parse\.b \+[67][0-9] %, parse\.c \+[78][0-9] %, parse\.d .*, parse\.e \+(9|10)[0-9] %$" &&
    gate 1 --run n031 --format json && equal 4 "$(grep -c '"group": "parse\."' said)" && says '"note": "together", "plugins": \["parse.b", "parse.c", "parse.d", "parse.e"\]' &&
    gate 1 --run n031 --format markdown && says '^- together: 4 plugins whose names begin with' && tm findings --run n031 >said && says '2 findings$' && says "^1\. 4 plugins whose names begin with 'parse\.'"
}
# Without a name in common, or with one that all plugins share, there is no family.
no_event() {
  store 1 32 "$family" && gate 1 --run n031 && says_not together && rm t.db && nights 1 32 "$family" | sed -E 's/,([a-h]),100/,all.\1,100/' >in.csv && tm ingest in.csv >/dev/null &&
    gate 1 --run n031 && says '^regressed  all\.b' && says_not together
}
moved_cost() {
  store 1 32 'if (n > 29 && p == "h") { wall -= 40; cpu -= 36 } if (n > 29 && p == "f") { wall += 40; cpu += 36 }' && gate 1 --run n031 &&
    says '^moved      cost moved from h to f: (3\.9|4\.[0-2])[0-9]* s a run, since [0-9-]* \(n030\)$' && says_not '^improved' && says '^regressed  f' &&
    tm findings --run n031 >said && says '1 finding$' && says '^1\. cost moved from h to f' && gate 1 --run n031 --format json &&
    says '"note": "moved", "plugins": \["h", "f"\], "metric": "wall_per_call_ms", "run": "n030"'
}
not_moved() {
  store 1 32 'if (n > 29 && p == "h") wall -= 40; if (n > 29 && p == "f") wall += 80' && gate 1 --run n031 && says '^improved   h' && says_not 'moved'
}

check 'events: plugins of one family' one_event_of_many
# Families that are part of what the whole run did: the run's alarm tells of them.
whole_run() {
  nights 1 31 'if (n > 29) peak *= 1.5' | sed -E 's/,([b-e]),100/,parse.\1,100/; s/,([f-h]),100/,io.\1,100/' >in.csv && tm ingest in.csv >/dev/null &&
    gate 1 --run n031 && says '^regressed  \*  peak_mem_kb' && says_not '^together'
}
check 'events: no family' no_event
check 'events: the whole run is no family' whole_run
check 'events: cost that moved' moved_cost
check 'events: cost that did not move' not_moved

# alarms: what the view says, a line each
alarms() { tm sql "SELECT plugin, metric, raised, since, closed, ended, runs_open FROM alarms ORDER BY raised_at, plugin" --format csv | tail -n +2; }

closes_by_itself() {
  store 1 36 'if (p == "c" && (n == 30 || n == 31)) wall *= 2' && gate 0 && gate 0 --run n035 && says '^closed     c: wall_per_call_ms is back at its level: the alarm of n031 closed by itself after 4 runs$' &&
    equal 'c,wall_per_call_ms,n031,n030,n035,returned,4' "$(alarms)" && tm findings --run n035 >said && says 'closed by itself after 4 runs' &&
    tm gate --run n035 --format json >said && says '"note": "closed", "plugins": \["c"\], "metric": "wall_per_call_ms", "run": "n031", "runs_open": 4' &&
    tm show c --format table >said && says '^wall_per_call_ms  n031    n030   n035    returned          4' && tm rebuild >/dev/null &&
    equal 'c,wall_per_call_ms,n031,n030,n035,returned,4' "$(alarms)" && gate 0 --run n036 && says_not 'closed'
}
ends_as_decided() {
  store 1 31 "$open_c" && gate 1 && alarms >said && says '^c,wall_per_call_ms,n0[0-9]+,n0[0-9]+,,open,[0-9]+$' &&
    tm waive c --metric wall_per_call_ms --ceiling 400% --until 2030-01-01 --reason known >/dev/null && gate 0 && alarms >said && says ',,waived,' &&
    store 32 32 "$open_c" && gate 0 && tm accept c --reason fine >/dev/null && gate 0 && alarms >said && says ',n032,accepted,[0-9]+$'
}
whole_run_ends() {
  store 1 40 'if (n > 29 && n < 33) peak *= 2' && gate 0 && alarms >said && says '^\*,peak_mem_kb,n031,n030,n0[0-9]+,returned,[0-9]+$' && equal 1 "$(wc -l <said)"
}
older_run_after_an_end() {
  store 1 36 'if (p == "c" && (n == 30 || n == 31)) wall *= 2' && gate 0 && tm report -o site --run n032 >said && says 'site/index.html' && grep -q n032 site/index.html
}

check 'alarms: one closes by itself' closes_by_itself
check 'alarms: a run before an end is judged again' older_run_after_an_end
check 'alarms: accepted and waived ones' ends_as_decided
check 'alarms: of the whole run' whole_run_ends
check 'bottlenecks: in the form people know' bottlenecks
check 'bottlenecks: two slow plugins do not hide' two_hide_each_other
check 'bottlenecks: says when the classic z cannot fire' few_plugins
check 'compare: two runs' compares
check 'show: levels and verdicts of a plugin' shows
check 'audit: rate and sensitivity' audits
check 'replay: counts' replays
check 'rebuild' rebuilds
# A project has as many metrics as it likes, and each costs alike: what looks through all of them for each takes ten times as long.
thousands_of_metrics() {
  awk 'BEGIN {
    printf "run,started_at,host,plugin,calls,wall_ms"; for (m = 0; m < 12000; m++) printf ",m%d", m
    for (n = 0; n < 4; n++) for (p = 0; p < 2; p++) { printf "\nr%d,%d,h,p%d,1,%d", n, 1700000000 + 86400 * n, p, 100 + n; for (m = 0; m < 12000; m++) printf ",%d", m + n }
    print "" }' >m.csv
  ulimit -t 12 # seconds of CPU time of each
  tm ingest m.csv && tm gate --allow-unjudged && tm findings
}
check 'thousands of metrics' thousands_of_metrics
[[ $failures == 0 ]]
