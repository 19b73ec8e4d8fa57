#!/usr/bin/env bash
# 'gate --pr': a branch's run against its base as it is now. It fails for what the branch changed and for nothing else, and what it
# measured never becomes a part of the base's history.
set -u
failures=0
cd "$TMPDIR" || exit 1
suite=pull_request
# shellcheck source=tests/shell/gate_nights.sh
source "$TM_SOURCE_DIR/tests/shell/gate_nights.sh"
for variable in GITHUB_HEAD_REF GITHUB_BASE_REF CI_MERGE_REQUEST_SOURCE_BRANCH_NAME CI_MERGE_REQUEST_TARGET_BRANCH_NAME CHANGE_BRANCH CHANGE_TARGET \
  SYSTEM_PULLREQUEST_SOURCEBRANCH SYSTEM_PULLREQUEST_TARGETBRANCH BUILDKITE_BRANCH BUILDKITE_PULL_REQUEST_BASE_BRANCH DRONE_SOURCE_BRANCH \
  DRONE_TARGET_BRANCH CI_COMMIT_BRANCH CI_DEFAULT_BRANCH; do
  unset "$variable"
done
export GIT_CEILING_DIRECTORIES=$TMPDIR GIT_CONFIG_GLOBAL=/dev/null

# pull NIGHT ['AWK']: stores the run of a branch named fix, an hour after that night of the base
pull() { BRANCH=fix AT=1 store "$1" "$1" "${2:-}"; }
# judged CODE [ARGUMENT...]: of the newest run of fix
judged() { gate "$1" --pr --branch fix "${@:2}"; }

nothing_changed() { store 1 30 && pull 30 && judged 0 && says '^PASS  run fix-030 on fix, against main$' && says 'judged 8 of 8 plugins: 8 pass$'; }
three_times() {
  store 1 30 && pull 30 'if (p == "c") { wall *= 3; cpu *= 3 }' && judged 1 && says '^regressed  c  wall_per_call_ms .* since [0-9-]* \(fix-030\).*, extreme, compute' &&
    says '7 pass, 1 regressed' && says_not suspect && says "accept PLUGIN --branch"
}
suspects_do_not_fail() { store 1 30 && pull 30 'if (p == "c") wall *= 1.5' && judged 0 && says '^suspect    c' && judged 1 --strict; }
known_value_passes() { store 1 30 'if (p == "c" && n % 7 == 0) wall *= 3' && pull 30 'if (p == "c") wall *= 3' && judged 0 && says_not regressed; }
short_history() { store 1 8 && pull 8 'if (p == "c") wall *= 3' && judged 0 && says '^suspect    c'; }
no_bound() { store 1 30 && pull 30 'if (p == "c") wall *= 3' && judged 0 --extreme 0 && says '^suspect    c' && judged 0 --extreme 30 && judged 1 --extreme 2; }

# What is wrong on the base is not the branch's.
not_blamed_for_open() { store 1 30 'if (p == "c" && n >= 26) wall *= 3' && gate 1 && pull 30 'if (p == "c") wall *= 3' && judged 0 && says_not 'open|regressed|suspect'; }
not_blamed_for_suspect() {
  store 1 30 'if (p == "c" && n == 30) wall *= 1.5' && gate 0 && says '^suspect    c' && pull 30 'if (p == "c") wall *= 1.5' && judged 0 && says_not 'suspect|regressed'
}
without_pr_it_completes() {
  store 1 30 'if (p == "c" && n == 30) wall *= 1.5' && pull 30 'if (p == "c") wall *= 1.5' && gate 1 --branch fix && says '^regressed  c' && judged 0
}
not_blamed_for_missing() { store 1 30 'if (p == "d" && n >= 29) gone = 1' && gate 1 && pull 30 'if (p == "d") gone = 1' && judged 0; }
blamed_for_missing() { store 1 30 && pull 30 'if (p == "d") gone = 1' && judged 1 && says '^missing    d'; }
not_blamed_for_drift() { store 1 40 'if (p == "c" && n > 20) wall *= 1 + 0.008 * (n - 20)' && pull 40 'if (p == "c") wall *= 1.17' && judged 0 && says_not regressed; }
errors_fail_at_once() { store 1 30 'if (n % 5 == 0) errors = 1' && pull 30 'if (p == "e") errors = 60' && judged 1 && says '^regressed  e  error_rate .*extreme, failing fast'; }
few_errors_wait() { store 1 30 'if (n % 5 == 0) errors = 1' && pull 30 'if (p == "e") errors = 3' && judged 0 && says_not regressed; }
slow_host_passes() { store 1 30 && pull 30 'wall *= 1.4; cpu *= 1.4' && judged 0 && says 'of plugins'; }

a_night_waits() { store 1 30 'if (p == "c" && n == 30) wall *= 3' && gate 0 && says '^suspect    c' && gate 0 --pr --branch main && says '^suspect    c'; }
# What a slow host did to the base's last night is no value that the plugin has had.
slow_night_before() { store 1 30 'if (n == 30) { wall *= 1.4; cpu *= 1.4 }' && pull 30 'if (p == "c") wall *= 1.4' && judged 0 && says '^suspect    c'; }

# The base of now: what came there after the branch began counts.
base_of_now() {
  store 1 30 && pull 30 && judged 0 && store 31 50 'if (p == "c") wall *= 3' && gate 1 && pull 50 'if (p == "c") wall *= 3' && judged 0 && says_not 'open|regressed|suspect' &&
    pull 51 && judged 0
}
each_push_by_itself() {
  store 1 30 && pull 30 'if (p == "c") wall *= 3' && judged 1 && BRANCH=fix AT=2 store 31 31 && judged 0 && says_not 'open|regressed' &&
    BRANCH=fix AT=2 store 32 32 'if (p == "c") wall *= 1.5' && BRANCH=fix AT=2 store 33 33 'if (p == "c") wall *= 1.5' && judged 0 && says '^suspect    c'
}
repeats_tell() {
  store 1 30 && pull 30 'if (p == "c") wall *= 1.5' && for again in 1 2 3; do
    nights 30 30 'if (p == "c") wall *= 1.5' | cut -d, -f6- >again.csv && tm ingest again.csv --run "again$again" --repeat-of fix-030 --host ci --branch fix --at 2026-11-0$again || return 1
  done >/dev/null && judged 1 && says '^regressed  c .*confirmed by 3 more'
}

# The base's history stays the base's, and what was said is said again by whoever judges anew.
base_untouched() {
  store 1 30 && tm gate >/dev/null && cp t.db before.db && pull 30 'wall *= 3' && judged 0 && gate 0 --branch main &&
    equal "$(TIDEMARK_DB=before.db tm replay --branch main --format csv | sha256sum)" "$(tm replay --branch main --format csv | sha256sum)"
}
replay_says_the_same() {
  local alarms="SELECT run.key, plugin_id, value, evidence FROM verdict JOIN run USING (run_id) WHERE class = 'regressed' AND branch = 'fix' ORDER BY 1, 2"
  store 1 40 'if (p == "c" && n >= 36) wall *= 1.4' && for night in 20 28 34 36 38 40; do
    BRANCH=fix AT=1 store $night $night "if (p == \"c\" && n % 4 == 0) wall *= 3; if (p == \"a\") wall *= 1 + n / 60" && tm gate --pr --branch fix >/dev/null
  done
  printf '[gate]\npr = yes\n' >tidemark.ini
  tm sql "$alarms" >stored && [[ $(wc -l <stored) -ge 4 ]] && tm replay --branch fix >replayed && tm rebuild >/dev/null && tm sql "$alarms" | diff stored - && tm replay --branch fix | diff replayed - &&
    tm check >/dev/null && gate 0 --branch fix --explain=c && [[ $(grep -c regressed replayed) -ge 3 ]]
}
known_again() { store 1 30 && pull 30 'if (p == "c") wall *= 3' && judged 1 && cp said first && judged 1 && diff first said && tm findings --branch fix | grep -q ' c ' && tm gate --pr --branch fix --format json | grep -q '"base": "main"'; }

# Decisions on the branch hold on the branch.
accepted_here() {
  store 1 30 && pull 30 'if (p == "c") { wall *= 3; cpu *= 3 }' && judged 1 && tm accept c --branch fix --reason 'wanted' >/dev/null && judged 0 && says '^waived     c .*accepted on this branch' &&
    BRANCH=fix AT=2 store 31 31 'if (p == "c") { wall *= 3; cpu *= 3 }' && judged 0 && says '^waived     c' && BRANCH=other AT=3 store 31 31 'if (p == "c") wall *= 3' &&
    gate 1 --pr --branch other && says '^regressed  c'
}
accepted_on_the_base() {
  store 1 30 'if (p == "c" && n >= 27) wall *= 3' && tm gate >/dev/null; tm accept c --reason wanted >/dev/null && gate 0 && store 31 31 'if (p == "c") wall *= 3' && gate 0 && pull 31 'if (p == "c") wall *= 3' && judged 0
}
waived_here() { store 1 30 && pull 30 'if (p == "c") wall *= 3' && judged 1 && tm waive c --metric wall_per_call_ms --ceiling 250% --until 2099-01-01 --reason soon --branch fix >/dev/null && judged 0 && says '^waived     c'; }

# Which branch, which base.
row() { nights 31 31 | cut -d, -f6- >row.csv; }
branch_by_variable() { store 1 30 && row && GITHUB_HEAD_REF=fix/a gate 0 --pr row.csv --host ci --at 2025-11-09T00:00:00Z && says 'on fix/a, against main'; }
branch_by_git() { store 1 30 && row && git init -q . && git symbolic-ref HEAD refs/heads/topic/b && gate 0 --pr row.csv --host ci --at 2025-11-09T00:00:00Z && says 'on topic/b, against main'; }
# A submodule's, and a worktree's, repository stands where a file says, seen from where that file is.
branch_by_submodule() {
  store 1 30 && row && mkdir -p .git/modules/part && echo 'gitdir: ../.git/modules/part' >part.git && echo 'ref: refs/heads/topic/m' >.git/modules/part/HEAD && mkdir part && mv part.git part/.git && mv row.csv part &&
    cd part && TIDEMARK_DB=../t.db gate 0 --pr row.csv --host ci --at 2025-11-09T00:00:00Z && says 'on topic/m, against main'
}
base_by_worktree() {
  BRANCH=v1 store 1 30 && store 1 20 && pull 30 && mkdir -p repository/worktrees/w repository/refs/remotes/origin && echo "gitdir: repository/worktrees/w" >.git && echo ../.. >repository/worktrees/w/commondir &&
    echo 'ref: refs/heads/fix' >repository/worktrees/w/HEAD && echo 'ref: refs/remotes/origin/v1' >repository/refs/remotes/origin/HEAD && gate 0 --pr && says 'on fix, against v1'
}
# A worktree that has checked out a commit is on no branch, whatever the repository itself has checked out.
branch_by_detached() {
  store 1 30 && row && mkdir -p repository/worktrees/w && echo "gitdir: repository/worktrees/w" >.git && echo ../.. >repository/worktrees/w/commondir && echo 'ref: refs/heads/topic' >repository/HEAD &&
    printf '%040d\n' 1 >repository/worktrees/w/HEAD && gate 2 --pr row.csv --host ci && says_not topic && says '--branch'
}
# Its main is not ours.
fork_is_told() {
  store 1 30 && row && GITHUB_HEAD_REF=main gate 2 --pr row.csv --host ci && says "it is a fork's" && says 'branch OWNER:main' && equal 30 "$(one 'SELECT count(*) FROM run')" &&
    GITHUB_HEAD_REF=main gate 0 --pr row.csv --host ci --at 2025-11-09T00:00:00Z --branch them:main && says 'on them:main, against main' && CI_COMMIT_BRANCH=main gate 0 --pr row.csv --host ci --at 2025-11-10T00:00:00Z --run n031 && says 'on main$'
}
takes_no_run_of_the_base() {
  store 1 30 && nights 31 31 'wall *= 9' | cut -d, -f6- >row.csv && gate 2 --pr row.csv --host ci --branch fix --run n030 --replace && says "run 'n030' is one of branch 'main'" && gate 0 --branch main && equal 30 "$(one "SELECT count(*) FROM run WHERE branch = 'main'")" &&
    gate 0 --pr row.csv --host ci --branch fix --run r --replace --at 2025-11-09T00:00:00Z && gate 0 --pr row.csv --host ci --branch fix --run r --replace --at 2025-11-10T00:00:00Z
}
branch_by_column() { store 1 30 && nights 31 31 >in.csv && sed -i 's/,main,/,from-file,/' in.csv && GITHUB_HEAD_REF=fix gate 0 --pr in.csv && says 'on from-file, against main'; }
branch_unknown() { store 1 30 && row && gate 2 --pr row.csv --host ci && says 'nothing says of which branch' && equal 30 "$(one 'SELECT count(*) FROM run')"; }
base_itself() { store 1 30 && gate 0 --pr --branch main && says "'main' is the base" && says 'on main$'; }
base_by_variable() {
  store 1 30 && BRANCH=v1 AT=2 store 1 30 'if (p == "c") wall *= 3' && pull 30 'if (p == "c") wall *= 3' && judged 1 && GITHUB_BASE_REF=v1 judged 0 && says 'against v1' &&
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME=v1 judged 0 && SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/v1 judged 0 && GITHUB_BASE_REF=gone judged 1 && says 'against main' &&
    GITHUB_BASE_REF=v1 judged 1 --base main
}
base_by_git() {
  BRANCH=v1 store 1 30 && store 1 20 && pull 30 && git init -q . && git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/v1 && judged 0 && says 'against v1'
}
base_by_store() { BRANCH=v1 store 1 30 && pull 30 && judged 0 && says 'against v1'; }
base_master() { BRANCH=master store 1 30 && BRANCH=v1 AT=3 store 1 30 && pull 30 && judged 0 && says 'against master'; }
no_base() { pull 30 && judged 3 && gate 2 --pr --branch nowhere; }
hostile_names() { store 1 30 && row && GITHUB_HEAD_REF='$(touch got)`touch got`' gate 0 --pr row.csv --host ci --at 2025-11-09T00:00:00Z && GITHUB_BASE_REF=$'a\tb' judged 2; [[ ! -e got ]]; }

check 'passes a branch that changed nothing' nothing_changed
check 'fails at once what is three times slower' three_times
check 'suspects less, and fails it with --strict' suspects_do_not_fail
check 'passes what the history has seen' known_value_passes
check 'fails nothing at once by a short history' short_history
check 'takes another bound' no_bound
check 'does not blame for what is open' not_blamed_for_open
check 'does not blame for what is suspect' not_blamed_for_suspect
check 'differs there from a branch that is followed' without_pr_it_completes
check 'does not blame for what is missing' not_blamed_for_missing
check 'blames for what it took away' blamed_for_missing
check 'does not blame for a climb' not_blamed_for_drift
check 'fails at once what fails mostly' errors_fail_at_once
check 'waits with a few errors' few_errors_wait
check 'passes a slow host' slow_host_passes
check 'leaves the nights of the base to the next one' a_night_waits
check 'knows a slow night of the base' slow_night_before
check 'takes the base as it is now' base_of_now
check 'judges each push by itself' each_push_by_itself
check 'judges repeats together' repeats_tell
check 'leaves the base alone' base_untouched
check 'says in a replay what it said' replay_says_the_same
check 'says again what it said' known_again
check 'heeds an accept on the branch' accepted_here
check 'heeds an accept on the base' accepted_on_the_base
check 'heeds a waiver' waived_here
check 'finds the branch in a variable' branch_by_variable
check 'finds the branch in git' branch_by_git
check 'finds the branch of a submodule' branch_by_submodule
check 'finds the base of a worktree' base_by_worktree
check 'takes the branch of another worktree for none of its own' branch_by_detached
check "takes no fork's branch for the base" fork_is_told
check 'takes no run of the base' takes_no_run_of_the_base
check 'believes a column first' branch_by_column
check 'stores nothing of an unknown branch' branch_unknown
check 'judges the base as nights' base_itself
check 'finds the base in a variable' base_by_variable
check 'finds the base in git' base_by_git
check 'finds the base in the store' base_by_store
check 'prefers a usual name' base_master
check 'judges nothing without a base' no_base
check 'runs nothing that a name says' hostile_names
[[ $failures == 0 ]]
