#!/usr/bin/env bash
# The job descriptions that come with the program do what they say: the GitHub action's script and the GitLab job's are taken out and run.
set -u
failures=0
cd "$TMPDIR" || exit 1
mkdir bin && ln -s "$TIDEMARK" bin/tidemark && PATH=$TMPDIR/bin:$PATH || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY GITHUB_OUTPUT
action=$TM_SOURCE_DIR/packaging/github-action/action.yml job=$TM_SOURCE_DIR/packaging/gitlab-ci.yml

# check NAME COMMAND...: ok if the command succeeds; each begins in a directory with 29 nights stored, and the 30th in night.csv
check() {
  local name=$1
  shift
  rm -rf case && cp -r nights case
  if (cd case && "$@") >log 2>&1; then
    echo "ok ci $name"
  else
    echo "not ok ci $name"
    head -n 40 log | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

nights() {
  awk -v first="$1" -v last="$2" 'BEGIN { print "run,started_at,host,plugin,calls,wall_ms"
    for (n = first; n <= last; n++)
      for (i = 1; i <= 6; i++) printf "n%03d,%d,ci,p%d,100,%d\n", n, 1760000000 + 86400 * n, i, (1000 + n * 7919 % 23) * (i == 3 && n >= 29 ? 2 : 1)
  }'
}

block() { awk '/^ *run: \|$/ { on = 1; next } on' "$action"; }
variables() { sed -n 's/^ *\(TM_[A-Z]*\): .*/\1/p' "$action"; }

# run_action CODE [VARIABLE=VALUE...]: as GitHub does it
run_action() {
  local code
  block >step.sh && [[ $(wc -l <step.sh) -gt 5 ]] || return
  env TM_FILE=night.csv TM_DB=t.db TM_COMMIT=abc TM_RUN=n030 TM_JUNIT=j.xml TM_ARGUMENTS= TM_PROGRAM=tidemark GITHUB_OUTPUT=output GITHUB_STEP_SUMMARY=summary "${@:2}" \
    bash --noprofile --norc -e -o pipefail step.sh >said 2>errors
  code=$?
  cat said errors
  [[ $code == "$1" ]] || { echo "exit code $code" && return 1; }
}

script_has_no_expression() { block | grep -q TM_FILE && ! block | grep -F '${{'; }
script_knows_its_variables() { diff <(variables | sort -u) <(block | grep -o 'TM_[A-Z]*' | sort -u); }
action_fails() {
  run_action 1 && grep -q '^FAIL  run n030' said && grep -q '^::error title=regressed' said && grep -qx 'exit-code=1' output && grep -q FAIL summary && grep -q '<failure' j.xml &&
    [[ $(sqlite3 t.db "SELECT commit_id FROM run WHERE key = 'n030'") == abc ]]
}
action_judges_what_is_stored() { run_action 0 TM_FILE= 'TM_ARGUMENTS=--run=n028' && grep -q '^PASS  run n028' said; }
action_takes_a_word_a_line() { run_action 1 $'TM_ARGUMENTS=--version=1 2  3\n\n--explain\n' && grep -q 'without the run' said && [[ $(sqlite3 t.db "SELECT version FROM run WHERE key = 'n030'") == '1 2  3' ]]; }
action_runs_no_input() {
  run_action 2 TM_FILE='x.csv"; touch pwned; "' && run_action 2 TM_ARGUMENTS='$(touch pwned) `touch pwned`' && run_action 1 TM_COMMIT='"; touch pwned #$(touch pwned)' && [[ ! -e pwned ]]
}
# nights_alone N: night.csv without times and hosts, as a host writes it; each time a little different
nights_alone() { nights 30 30 | cut -d, -f4- | sed "s/,\([0-9]*\)$/,\1.$1/" >night.csv; }
runs_stored() { sqlite3 "$1" "SELECT count(*) || ' ' || sum(key = 'n030') FROM run"; }
action_counts_a_night_once() {
  nights_alone 1 && run_action 1 TM_ARGUMENTS=--host=ci && touch -d tomorrow night.csv && run_action 1 TM_ARGUMENTS=--host=ci && nights_alone 2 && run_action 1 TM_ARGUMENTS=--host=ci &&
    [[ $(runs_stored t.db) == '30 1' ]]
}

# The lines of the GitLab job's script
run_job() {
  local code
  awk '/^  script:/ { on = 1; next } /^  [a-z]/ { on = 0 } on { sub(/^    - /, ""); print }' "$job" >job.sh && [[ $(wc -l <job.sh) == 2 ]] || return
  TIDEMARK_DB=$(sed -n 's/^    TIDEMARK_DB: //p' "$job") CI_COMMIT_SHA=abc CI_PIPELINE_IID=n030 CI_COMMIT_REF_NAME=main bash -e job.sh >said 2>errors
  code=$?
  cat said errors
  [[ $code == "$1" ]] || { echo "exit code $code" && return 1; }
}
first_nights() { run_job 3 && grep -q '^NOT JUDGED' said && grep -q "exit_codes: 3" "$job"; }
job_fails() {
  mkdir .tidemark && mv t.db .tidemark/tidemark.db && run_job 1 && grep -q '<failure' tidemark.xml && grep -q FAIL tidemark.md && [[ $(tail -n 1 tidemark.metrics.txt) == '# EOF' ]]
}
job_counts_a_night_once() {
  mkdir .tidemark && mv t.db .tidemark/tidemark.db # of another host: nothing to compare with
  nights_alone 1 && run_job 3 && nights_alone 2 && run_job 3 && [[ $(runs_stored .tidemark/tidemark.db) == '30 1' ]]
}
job_keeps_what_it_writes() {
  local file
  for file in tidemark.xml tidemark.md tidemark.metrics.txt; do [[ $(grep -c "$file" "$job") == 2 ]] || { echo "$file" && return 1; }; done
}

mkdir nights && nights 1 29 >nights/history.csv && nights 30 30 | cut -d, -f2- >nights/night.csv && (cd nights && tidemark --db t.db ingest history.csv >/dev/null)
check 'the action puts no input into its script' script_has_no_expression
check 'the action sets the variables that its script reads' script_knows_its_variables
check 'the action fails on a regression, and says so everywhere' action_fails
check 'the action judges what is stored' action_judges_what_is_stored
check 'the action takes an argument a line' action_takes_a_word_a_line
check 'the action runs nothing of its inputs' action_runs_no_input
check 'the GitLab job waits for nights to compare with' first_nights
check 'the GitLab job fails on a regression' job_fails
check 'the action counts a repeated night once' action_counts_a_night_once
check 'the GitLab job counts a repeated night once' job_counts_a_night_once
check 'the GitLab job keeps what it writes' job_keeps_what_it_writes
[[ $failures == 0 ]]
