#!/usr/bin/env bash
# Decisions in a file of the repository: the gate heeds its lines beside what the store has, on every branch those of that branch's
# file, and a store that was lost has them again.
set -u
failures=0
cd "$TMPDIR" || exit 1
suite=decision_file
# shellcheck source=tests/shell/gate_nights.sh
source "$TM_SOURCE_DIR/tests/shell/gate_nights.sh"

# lines [LINE...]: they are the file
lines() { printf '%s\n' "$@" >tidemark.decisions; }
open_c() { store 1 31 'if (p == "c" && n >= 29) { wall *= 1.5; cpu *= 1.5 }'; }
n029=2025-11-07

accepts() {
  open_c && gate 1 && lines '# reviewed' '' "accept c wall_per_call_ms since=$n029 issue=https://example.org/7 -- OCR is on now" && gate 1 && says '1 decision was made' &&
    lines "accept c since=$n029 -- OCR is on now" && gate 0 && says 'is not in it any more' && gate 0 && says_not 'decision' && equal 'OCR is on now' "$(one 'SELECT DISTINCT reason FROM decision')"
}
by_run() { open_c && lines 'accept c since=n029 -- wanted' && gate 0 && gate 0; }
by_commit() { nights 1 31 'if (p == "c" && n >= 29) wall *= 1.5' | sed 's/,c0\([0-9]*\),/,0abcdef\1,/' >in.csv && tm ingest in.csv >/dev/null && lines 'accept c since=0abcdef29 -- wanted' && gate 0 && lines 'accept c since=0abcdef99 -- wanted' && gate 1 && says 'line 1'; }
before_the_judge() { store 1 28 && lines 'accept c wall_per_call_ms since=n028 -- wanted' && gate 0 && says 'decision was made' && equal 1 "$(one 'SELECT count(*) FROM decision')"; }
not_of_another_time() { open_c && lines 'accept c since=2025-11-20 -- another change' && gate 1 && says '1 line has nothing to decide yet; the first is line 1' && lines 'accept c since=2025-09-01 -- an older one' && gate 1 && lines 'accept c since=2025-09-01 until=2025-12-01 -- for long' && gate 0; }
once() {
  open_c && lines "accept c since=$n029 -- wanted" && gate 0 && store 32 50 'if (p == "c") { wall *= n >= 45 ? 2.4 : 1.5; cpu *= n >= 45 ? 2.4 : 1.5 }' && gate 1 && says '^open       c' && says_not 'decision'
}
waives() {
  open_c && lines 'waive c wall_per_call_ms ceiling=+60% until=2099-01-01 -- soon' && gate 0 && says '^waived     c' && lines 'waive c wall_per_call_ms ceiling=+20% until=2099-01-01 -- soon' && gate 1 && says 'beyond the ceiling' &&
    lines 'waive "?" wall_per_call_ms ceiling=60% until=2025-11-01 -- soon' && gate 1 && says 'waiver has expired'
}
retires() { store 1 30 'if (p == "d" && n >= 29) gone = 1' && gate 1 && lines 'retire d -- part of c now' && gate 0 && says '^retired    d' && rm tidemark.decisions && gate 0 && lines && gate 1; }
globs() { store 1 31 'if (p >= "c" && p < "e" && n >= 29) { wall *= 1.5; cpu *= 1.5 }' && gate 1 && lines "accept \"[cd]\" since=$n029 -- both" && gate 0 && [[ $(one "SELECT count(DISTINCT plugin_id) FROM decision") == 2 ]]; }
lost_store() { open_c && lines "accept c since=$n029 -- wanted" && gate 0 && cp in.csv all.csv && rm t.db && tm ingest all.csv >/dev/null && gate 0; }
stored_beside() {
  open_c && gate 1 && tm accept c --reason here >/dev/null && gate 0 && lines "waive e wall_per_call_ms ceiling=10% until=2099-01-01 -- x" && gate 0 && lines && gate 0 &&
    equal here "$(one 'SELECT DISTINCT reason FROM decision')"
}
branches() {
  store 1 30 && BRANCH=fix AT=1 store 30 30 'if (p == "c") { wall *= 3; cpu *= 3 }' && gate 1 --pr --branch fix && lines "accept c since=2025-11-01 -- wanted" && gate 0 --pr --branch fix && says '^waived     c' &&
    lines && gate 0 --branch main && equal 1 "$(one 'SELECT count(DISTINCT source) FROM decision')" && gate 1 --pr --branch fix && equal 0 "$(one 'SELECT count(*) FROM decision')"
}
waiver_of_a_branch() { open_c && BRANCH=other store 1 2 && tm waive c --metric wall_per_call_ms --ceiling 100% --until 2099-01-01 --reason x --branch other >/dev/null && gate 1 --branch main && tm waive c --metric wall_per_call_ms --ceiling 100% --until 2099-01-01 --reason x --branch main >/dev/null && gate 0 --branch main; }
named_file() { open_c && mkdir ci && kept=$(printf 'accept c since=n029 -- wanted\n') && echo "$kept" >ci/d && gate 1 && gate 0 --decisions ci/d && : >ci/d && gate 1 --decisions ci/d && echo "$kept" >ci/d && printf '[store]\ndecisions = ci/d\n' >tidemark.ini && gate 0 && gate 2 --decisions none && says "cannot open 'none'"; }
older_runs() { open_c && gate 1 && lines "accept c since=$n029 -- wanted" && gate 1 --run n030 && equal 0 "$(one 'SELECT count(*) FROM decision')"; }
dry() { open_c && lines 'accept c since=n029 -- wanted' && gate 0 --dry-run && equal 0 "$(one 'SELECT count(*) FROM decision')"; }

# Each is told with its line, and nothing is stored.
wrong() {
  local line
  open_c && while IFS= read -r line; do
    lines '' "$line" && gate 2 && says '^tidemark.decisions:2: ' || { echo "$line" && return 1; }
    equal 0 "$(one 'SELECT count(*) FROM decision')" || return 1
  done <<'END'
acept c since=n029 -- x
accept
accept c -- x
accept c since= -- x
accept c since=n029
accept c since=n029 --
accept c since=n029 -- 
accept c since=n029 until=later -- x
accept c wall_per_call_ms much since=n029 -- x
accept c since=n029 since=n030 -- x
accept c since=n029 ceiling=3% -- x
accept "c since=n029 -- x
waive c wall_per_call_ms ceiling=3% -- x
waive c wall_per_call_ms until=2099-01-01 -- x
waive c ceiling=3% until=2099-01-01 -- x
waive c wall_per_call_ms ceiling=much until=2099-01-01 -- x
waive c wall_per_call_ms ceiling=-3% until=2099-01-01 -- x
waive * wall_per_call_ms ceiling=3% until=2099-01-01 -- x
retire c wall_per_call_ms -- x
retire c since=n029 -- x
END
  lines 'accept c since=n029 -- x' 'retire d' 'accept  c  since=n029 -- x' && gate 2 && says ':2: expected' && says ':3: line 1 says the same'
}
# A night is not stored where the file is wrong: a second try would find it there.
stores_no_night() { open_c && nights 32 32 >in.csv && lines 'accept' && gate 2 in.csv && equal 31 "$(one 'SELECT count(*) FROM run')" && lines && gate 1 in.csv && equal 32 "$(one 'SELECT count(*) FROM run')"; }
# What a pull request may have brought under that name. Of a file elsewhere nothing is shown.
no_plain_file() {
  open_c && ln -s /etc/passwd tidemark.decisions && gate 2 && says 'it is a link' && says_not 'root' && rm tidemark.decisions && mkdir tidemark.decisions && gate 2 && says 'no regular file' && rmdir tidemark.decisions &&
    mkfifo tidemark.decisions && gate 2 && says 'no regular file' && rm tidemark.decisions && truncate -s 5M tidemark.decisions && gate 2 && says 'more than 4194304 bytes' && rm tidemark.decisions &&
    seq 1000 >tidemark.decisions && gate 2 && equal 20 "$(grep -c '^tidemark.decisions:' said)" && says 'the rest was not looked at' && rm tidemark.decisions && ln -s d tidemark.decisions && echo 'accept c since=n029 -- x' >d && gate 0 --decisions tidemark.decisions
}
# A name may look like a glob.
named_like_a_glob() {
  nights 1 31 'if (p == "c" && n >= 29) { wall *= 1.5; cpu *= 1.5 }' | sed 's/,c,/,c[1],/; s/,d,/,c1,/' >in.csv && tm ingest in.csv >/dev/null && lines 'accept c[1] since=n029 -- x' && gate 0 && equal 'c[1]' "$(one 'SELECT DISTINCT plugin.name FROM decision JOIN plugin USING (plugin_id)')"
}
# A store that begins anew does not know the metrics of its hosts yet.
metric_waits() { open_c && lines 'waive c no_such_yet ceiling=10% until=2099-01-01 -- x' && gate 1 && says '1 line has nothing to decide yet' && equal 0 "$(one 'SELECT count(*) FROM decision')"; }
hostile() {
  open_c && for _ in 1 2 3 4 5 6 7 8; do
    head -c 3000 /dev/urandom >tidemark.decisions && gate 2 || return 1
  done
  printf 'accept c since=n029 -- a\0b\n' >tidemark.decisions && gate 2 && printf 'accept c since=n029 -- a\0b' >tidemark.decisions && gate 2 && says 'holds a NUL' && printf 'accept %09000d since=n029 -- a\n' 0 >tidemark.decisions && gate 2 && says 'longer than' && lines "retire \$(touch got) -- \`touch got\`" && gate 2
  [[ ! -e got ]] && printf '\xef\xbb\xbfaccept c since=n029 -- wanted\r\n' >tidemark.decisions && gate 0 && : >tidemark.decisions && gate 1
}

# accept --to writes the line that the gate then reads.
appends() {
  open_c && gate 1 && printf '# ours' >d && tm accept c --reason 'OCR "is" on' --issue 'https://example.org/a b' --to d && cat d && equal 2 "$(wc -l <d)" && equal 0 "$(one 'SELECT count(*) FROM decision')" && gate 0 --decisions d &&
    equal 'OCR "is" on' "$(tm sql --format json "SELECT DISTINCT reason FROM decision" | sed -n 's/.*"reason": *"\(.*\)".*/\1/p' | sed 's/\\"/"/g')" && tm retire 'a "b" =*' --reason gone --to d && tail -1 d | grep -qF 'retire "a \"b\" =*" -- gone' &&
    tm waive c --metric wall_per_call_ms --ceiling +60% --until 2099-01-01 --reason soon --to d && gate 0 --decisions d
}
appends_nothing_wrong() {
  open_c && cp in.csv x && ! tm accept e --reason x --to d && [[ ! -e d ]] && ! tm waive c --reason x --to d && [[ ! -e d ]] && tm accept e --from 2025-11-01 --reason x --to d && cp d before && ! tm accept c e --reason x --to d && diff before d && ! tm accept e --from 2025-11-01 --reason x --to no/such/d &&
    ! tm accept e --from 2025-11-01 --to d && equal 1 "$(wc -l <d)" && ! tm accept e --from 2025-11-01 --reason x --to d && diff before d && ! tm accept e --from 2025-11-01 --reason x --to in.csv && diff in.csv x &&
    ! tm retire nobody --reason x --to d && ! tm waive c --metric no_such --ceiling 3% --until 2099-01-01 --reason x --to d && ! tm accept 'c*' --reason x --to d && diff before d && tm accept 'c*' --from n029 --reason x --to d
}
# The doctor names what is about nobody, and what no gate can read.
doctored() {
  open_c && lines '# x' 'retire nobody -- gone' 'accept "c*" since=n029 -- x' && tm doctor >said && says "line 2 of the decisions file is about 'nobody'" && says_not 'line 3' && lines 'accept' && ! tm doctor >said 2>err && says '^trouble  the decisions file cannot be read' && grep -q '^tidemark.decisions:1:' err &&
    rm tidemark.decisions && printf '[plugin nobody]\nlimit wall_per_call_ms = 5\n[plugin ?]\nlimit calls = 1000\n' >tidemark.ini && tm doctor >said && says 'warning  .plugin nobody. in tidemark.ini changes nothing' && says_not 'plugin [?]'
}
dumped() { open_c && lines "accept c since=$n029 -- wanted" && gate 0 && tm dump >d1 && grep -q '"source":"[0-9a-f]\{16\}"' d1 && tm --db two.db restore d1 && tm --db two.db dump | diff d1 - && TIDEMARK_DB=two.db gate 0 && says_not 'decision'; }
# As many lines as a file may have take seconds: twice the lines, twice the time. Whoever compares every two needs a minute and more.
many_lines() {
  open_c && seq -f 'retire p%.0f -- gone' 120000 >tidemark.decisions && echo "accept c since=$n029 -- wanted" >>tidemark.decisions && (ulimit -t 25 && gate 0 && says '120000 lines have nothing to decide yet' && tm doctor >said) &&
    says 'line 1 of the decisions file.*119999 other lines like it' && sed -n 7p tidemark.decisions >>tidemark.decisions && gate 2 && says 'tidemark.decisions:120002: line 7 says the same'
}

check 'accepts by a date' accepts
check 'accepts by a run' by_run
check 'accepts by a commit' by_commit
check 'accepts before the judge has seen it' before_the_judge
check 'accepts nothing of another time' not_of_another_time
check 'accepts once' once
check 'waives' waives
check 'retires' retires
check 'takes globs' globs
check 'survives a lost store' lost_store
check 'leaves what the store has' stored_beside
check 'is each branch its own' branches
check 'waives on the branch that was named' waiver_of_a_branch
check 'may have another name' named_file
check 'is not for older runs' older_runs
check 'stores nothing in a dry run' dry
check 'is told by line where it is wrong' wrong
check 'is read before a night is stored' stores_no_night
check 'is a plain file of some size' no_plain_file
check 'takes a name before a glob' named_like_a_glob
check 'waits for a metric' metric_waits
check 'takes no harm' hostile
check 'is appended to' appends
check 'is appended nothing that is wrong' appends_nothing_wrong
check 'is looked at by the doctor' doctored
check 'is dumped and restored' dumped
check 'takes long files in its stride' many_lines
[[ $failures == 0 ]]
