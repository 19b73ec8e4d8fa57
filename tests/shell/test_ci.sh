#!/usr/bin/env bash
# The job descriptions that come with the program do what they say: the scripts of the GitHub action are run as it runs them, with a program
# 'gh' that writes down what it is told, and the lines of the GitLab job and of docs/ci.md's for Jenkins are taken out and run.
set -u
failures=0
cd "$TMPDIR" || exit 1
mkdir bin && ln -s "$TIDEMARK" bin/tidemark && PATH=$TMPDIR/bin:$PATH || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY GITHUB_OUTPUT GITHUB_PATH
action=$TM_SOURCE_DIR/action.yml scripts=$TM_SOURCE_DIR/packaging/ci job=$TM_SOURCE_DIR/packaging/gitlab-gate.yml

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

# ---- GitHub ----

# run_action CODE [VARIABLE=VALUE...]: the gate's step
run_action() {
  local code
  env TM_FILE=night.csv TM_DB=t.db TM_COMMIT=abc TM_RUN=n030 TM_BRANCH= TM_FORK= TM_BASE= TM_HOST= TM_PARTS= TM_PR=false TM_ALLOW_UNJUDGED=true TM_MARKDOWN=m.md TM_JUNIT=j.xml TM_ARGUMENTS= \
    TM_PROGRAM=tidemark RUNNER_TEMP="$TMPDIR" GITHUB_OUTPUT=output GITHUB_STEP_SUMMARY=summary "${@:2}" "$scripts/gate.sh" >said 2>errors
  code=$?
  cat said errors
  # shellcheck disable=SC2053 # a pattern
  [[ $code == $1 ]] || { echo "exit code $code" && return 1; }
}

# Of the whole repository: what has no reader or no writer is a slip of the pen.
action_has_no_expression() { [[ $(grep -c ' run: ' "$action") == 4 ]] && ! grep ' run: ' "$action" | grep -F '${{'; }
action_sets_the_variables() { diff <(grep -o 'TM_[A-Z_]*' "$action" | sort -u) <(grep -oh 'TM_[A-Z_]*' "$scripts"/*.sh | sort -u); }
action_uses_its_inputs() {
  diff <(sed -n '/^inputs:/,/^outputs:/s/^  \([a-z-]*\):$/\1/p' "$action" | sort) <(sed -n '/^runs:/,$p' "$action" | grep -o 'inputs\.[a-z-]*' | cut -d. -f2 | sort -u)
}
# A cache is written once under its key: a job that is started again needs another one, and any that begins so will do to read.
action_keeps_the_store() {
  [[ $(grep -c 'key: ${{ inputs.cache-key }}/${{ github.run_id }}-${{ github.run_attempt }}' "$action") == 2 ]] && grep -q 'restore-keys: ${{ inputs.cache-key }}/$' "$action" &&
    [[ $(grep -B 1 'cache/save@' "$action") == *always\(\)*"inputs.pr != 'true'"* ]]
}
action_only_sets_up() { [[ $(grep -A 1 'id: gate' "$action" | tail -n 1) == "      if: inputs.setup-only != 'true'" ]]; }
action_fails() {
  run_action 1 && grep -q '^FAIL  run n030' said && grep -q '^::error title=regressed' said && grep -qx 'exit-code=1' output && grep -qx 'store=true' output && grep -qx 'news=true' output &&
    grep -q FAIL summary && grep -q FAIL m.md && grep -q '<failure' j.xml && [[ $(sqlite3 t.db "SELECT commit_id FROM run WHERE key = 'n030'") == abc ]]
}
action_judges_what_is_stored() { run_action 0 TM_FILE= 'TM_ARGUMENTS=--run=n028' && grep -q '^PASS  run n028' said && grep -qx 'news=false' output; }
action_takes_a_word_a_line() { run_action 1 $'TM_ARGUMENTS=--version=1 2  3\n\n--explain\n' && grep -q 'without the run' said && [[ $(sqlite3 t.db "SELECT version FROM run WHERE key = 'n030'") == '1 2  3' ]]; }
action_runs_no_input() {
  local name
  for name in FILE ARGUMENTS DB BRANCH BASE HOST PARTS MARKDOWN JUNIT COMMIT RUN FORK; do
    rm -f output && run_action '[012]' "TM_$name=x\$(touch pwned)\`touch pwned\`\";touch pwned;'" && [[ ! -e pwned ]] || { echo "$name" && return 1; }
  done
  run_action 2 TM_FILE=--version && nights_alone 1 && run_action 0 TM_HOST=--version
}
# nights_alone N: night.csv without times and hosts, as a host writes it; each time a little different
nights_alone() { nights 30 30 | cut -d, -f4- | sed "s/,\([0-9]*\)$/,\1.$1/" >night.csv; }
runs_stored() { sqlite3 "$1" "SELECT count(*) || ' ' || sum(key = 'n030') FROM run"; }
action_counts_a_night_once() {
  nights_alone 1 && run_action 1 TM_HOST=ci && touch -d tomorrow night.csv && run_action 1 TM_HOST=ci && nights_alone 2 && run_action 1 TM_HOST=ci && [[ $(runs_stored t.db) == '30 1' ]]
}
action_waits_for_nights() {
  rm t.db && run_action 0 && grep -q '^::warning title=tidemark::nothing could be judged' said && grep -qx 'news=false' output && run_action 3 TM_ALLOW_UNJUDGED=false
}
action_says_trouble() { echo 'FAIL of yesterday' >m.md && run_action 2 TM_FILE=none.csv && grep -q 'exit-code=2' output && grep -qx news= output && [[ ! -e m.md ]]; }
action_takes_patterns() {
  head -n 4 night.csv >night-1.csv && { head -n 1 night.csv && tail -n +5 night.csv; } >night-2.csv && run_action 1 'TM_FILE=night-*.csv' 'TM_ARGUMENTS=--part={stem}' TM_PARTS=2 &&
    [[ $(sqlite3 t.db 'SELECT count(*) FROM part') == 2 ]] && run_action 2 TM_FILE= TM_PARTS=3 && grep -q 'has 2 of 3 parts' errors
}
# Three times as slow at once is the branch's own doing; a fork's main is not main.
pull_request_fails_at_once() {
  nights_alone 1 && sed -i 's/^p5,100,/p5,100,9/' night.csv && run_action 1 TM_PR=true TM_HOST=ci GITHUB_HEAD_REF=faster GITHUB_BASE_REF=main && grep -q '^FAIL  run n030 on faster, against main' said &&
    grep -q '^regressed  p5' said
}
fork_is_no_base() {
  nights_alone 1 && run_action 0 TM_PR=true TM_HOST=ci GITHUB_HEAD_REF=main GITHUB_BASE_REF=main TM_FORK=stranger:main && [[ $(sqlite3 t.db "SELECT branch FROM run WHERE key = 'n030'") == stranger:main ]]
}

# ---- the comment ----

# What of 'gh' is used: a list through --jq, and calls that it writes down. Comments are files comments/ID, 'AUTHOR' and the body behind it.
fake_gh() {
  mkdir -p comments fake && cat >fake/gh <<'END'
#!/usr/bin/env bash
echo "gh $*" >>calls
[[ ! -e refuse ]] || { echo 'HTTP 403: Resource not accessible by integration' >&2; exit 1; }
while [[ $# -gt 0 ]]; do
  case $1 in
  --jq) filter=$2; shift ;;
  --method) method=$2; shift ;;
  --field) file=${2#body=@}; shift ;;
  repos/*) path=$1 ;;
  esac
  shift
done
case ${method-} in
'')
  for id in $(ls comments); do
    jq -n --argjson id "$id" --arg login "$(head -n 1 "comments/$id")" --arg body "$(tail -n +2 "comments/$id")" '[{$id, user: {$login}, $body}]'
  done | jq -r "$filter"
  ;;
POST) { echo 'github-actions[bot]'; cat "$file"; } >"comments/$((100 + $(ls comments | wc -l)))" ;;
PATCH) { head -n 1 "comments/${path##*/}"; cat "$file"; } >new && mv new "comments/${path##*/}" ;;
esac
END
  chmod +x fake/gh
}
comment() {
  env PATH="$PWD/fake:$PATH" TM_REPOSITORY=o/r TM_NUMBER=7 TM_KEY= 'TM_AUTHOR=github-actions[bot]' TM_NEWS=true TM_MARKDOWN=m.md GITHUB_SERVER_URL=https://github.test GITHUB_RUN_ID=99 "$@" \
    "$scripts/comment.sh" >said 2>&1 || return
  cat said
}
comment_is_edited() {
  fake_gh && echo first >m.md && comment && [[ $(ls comments) == 100 ]] && diff - comments/100 <<'END' || return
github-actions[bot]
<!-- tidemark -->
first

[log](https://github.test/o/r/actions/runs/99)
END
  echo second >m.md && comment && [[ $(ls comments) == 100 ]] && grep -qx second comments/100 && ! grep -q first comments/100
}
quiet_run_says_nothing() { fake_gh && echo all well >m.md && comment TM_NEWS=false && [[ -z $(ls comments) ]] && ! grep -q method calls; }
quiet_run_corrects() { fake_gh && echo red >m.md && comment && echo all well >m.md && comment TM_NEWS=false && [[ $(ls comments) == 100 ]] && grep -qx 'all well' comments/100 && ! grep -q red comments/100; }
others_stay() {
  fake_gh && printf 'somebody\n<!-- tidemark -->\nnot ours\n' >comments/1 && printf 'github-actions[bot]\n> <!-- tidemark -->\nquoted\n' >comments/2 &&
    printf 'github-actions[bot]\n<!-- tidemark arm -->\nof another job\n' >comments/3 && cp -r comments before && echo mine >m.md && comment && comment && rm comments/103 && diff -r before comments
}
jobs_have_their_own() {
  fake_gh && echo arm >m.md && comment TM_KEY=arm && echo x86 >m.md && comment TM_KEY=x86 && comment TM_KEY=arm && [[ $(paste -sd " " <(ls comments)) == '100 101' && $(sed -n 2p comments/101) == '<!-- tidemark x86 -->' ]] &&
    comment 'TM_KEY=x --> y' && grep -q '^::warning .*comment-key may have' said && [[ $(paste -sd " " <(ls comments)) == '100 101' ]]
}
comment_of_the_web() { fake_gh && printf 'github-actions[bot]\n<!-- tidemark -->\r\nold\r\n' >comments/1 && echo new >m.md && comment && [[ $(ls comments) == 1 ]] && grep -qx new comments/1; }
fork_may_not_write() { fake_gh && echo x >m.md && touch refuse && comment && grep -q '^::warning title=tidemark::the pull request got no comment' said; }
comment_runs_no_name() {
  local name
  fake_gh && { echo '$(touch pwned) `touch pwned` @somebody'; cat "$TM_SOURCE_DIR/tests/data/hostile_names.txt"; } >m.md && for name in NUMBER KEY AUTHOR NEWS MARKDOWN REPOSITORY; do
    comment "TM_$name=7\$(touch pwned)\`touch pwned\`\";touch pwned;'" && [[ ! -e pwned ]] || { echo "$name" && return 1; }
  done
  rm -f comments/* && comment && [[ ! -e pwned ]] && diff m.md <(tail -n +3 comments/100 | head -n -2)
}
# The verdict of a gate over hostile names, all the way: the marker is the comment's first line, and stands nowhere else.
hostile_names_are_inert() {
  fake_gh && nights_alone 1 && sed -i 's/^p2,100,/"<!-- tidemark -->](javascript:alert(1)) @team $(touch pwned)",100,/' night.csv && run_action 1 TM_HOST=ci && comment && cat comments/100 && [[ ! -e pwned ]] &&
    [[ $(grep -c '<!-- tidemark' comments/100) == 1 && $(sed -n 2p comments/100) == '<!-- tidemark -->' ]] && ! grep -F '@team' comments/100 | grep -vF '<code>'
}

# ---- the program ----

program() { env TM_PROGRAM= RUNNER_TOOL_CACHE="$PWD/cache" GITHUB_OUTPUT="$PWD/output" GITHUB_PATH="$PWD/path" TM_FOLDER="$PWD/cache/tidemark" TM_REPOSITORY=o/tidemark TM_REF=v1.2 "$@" 2>&1; }
# A step that comes later and works elsewhere: what it finds in PATH
later_step() { (cd / && PATH=$(cat "$OLDPWD/path"):/usr/bin:/bin && tidemark --version); }
stand_in() { mkdir -p "$1" && printf '#!/bin/sh\necho stand-in\n' >"$1/$2" && chmod +x "$1/$2"; }
program_in_path() { program "$scripts/program.sh" find && [[ $(cat output) == "program=$TMPDIR/bin/tidemark" && ! -e path ]]; }
program_in_relative_path() { stand_in tools tidemark && program PATH=tools:/usr/bin:/bin "$scripts/program.sh" find && [[ $(cat output) == "program=$PWD/tools/tidemark" && ! -e path ]]; }
program_is_named() { stand_in 'a b' tidemark && program TM_PROGRAM="$PWD/a b/tidemark" "$scripts/program.sh" find && [[ $(cat output) == "program=$PWD/a b/tidemark" && $(cat path) == "$PWD/a b" ]]; }
program_of_another_name() { stand_in 'a b' tm-1.0 && program TM_PROGRAM='./a b/tm-1.0' "$scripts/program.sh" find && [[ $(cat output) == "program=$PWD/a b/tm-1.0" && $(cat path) == /* && $(later_step) == stand-in ]]; }
program_by_name() { stand_in tools tm-1.0 && program TM_PROGRAM=tm-1.0 PATH="$PWD/tools:$PATH" "$scripts/program.sh" find && [[ $(cat output) == "program=$PWD/tools/tm-1.0" && $(later_step) == stand-in ]]; }
program_is_none() {
  program TM_PROGRAM=tools/tm "$scripts/program.sh" find >told && return 1
  grep -q "^::error title=tidemark::the input 'program' is 'tools/tm', which is no program$" told && [[ ! -s output && ! -e path ]]
}
program_is_cached() {
  program PATH=/usr/bin:/bin "$scripts/program.sh" find && grep -qx program= output && grep -qx "folder=$PWD/cache/tidemark" output && grep -qE '^key=tidemark-program-[^-]+-.*-[0-9a-f]{32}$' output &&
    mkdir -p cache/tidemark && cp "$TIDEMARK" cache/tidemark/ && [[ ! -s path ]] && rm output && program PATH=/usr/bin:/bin "$scripts/program.sh" make && [[ $(cat output) == "program=$PWD/cache/tidemark/tidemark" && $(cat path) == $PWD/cache/tidemark ]]
}
# A shelf of what a release has, and a program 'gh' that takes it from there.
release() {
  mkdir -p fake shelf && cp "$TIDEMARK" "shelf/tidemark-linux-$(uname -m)" && (cd shelf && sha256sum tidemark-* >SHA256SUMS) && cat >fake/gh <<END
#!/bin/sh
echo "gh \$*" >>"$PWD/calls"
while [ "\$1" != --dir ]; do shift; done
cp "$PWD"/shelf/* "\$2/"
END
  chmod +x fake/gh
}
# The scripts beside a set-up that fails: a build would begin with it.
without_setup() {
  mkdir -p copy/packaging copy/scripts && cp -r "$scripts" copy/packaging/ && printf '#!/bin/sh\necho a build begins\nexit 2\n' >copy/scripts/setup.sh && chmod +x copy/scripts/setup.sh
}
program_of_a_release() {
  release && program PATH="$PWD/fake:/usr/bin:/bin" "$scripts/program.sh" make && grep -q '^gh release download v1.2 --repo o/tidemark ' calls && cmp cache/tidemark/tidemark "$TIDEMARK" &&
    [[ $(tail -n 1 output) == "program=$PWD/cache/tidemark/tidemark" ]]
}
broken_release() {
  release && echo broken >>"shelf/tidemark-linux-$(uname -m)" && without_setup || return
  program PATH="$PWD/fake:/usr/bin:/bin" copy/packaging/ci/program.sh make >told && return 1
  cat told && grep -q 'did NOT match' told && grep -q 'a build begins' told && [[ ! -e cache/tidemark/tidemark && ! -s output ]]
}
branch_is_no_release() {
  release && without_setup || return
  program TM_REF=main PATH="$PWD/fake:/usr/bin:/bin" copy/packaging/ci/program.sh make >told && return 1
  cat told && grep -q 'a build begins' told && [[ ! -e calls ]]
}

# ---- GitLab ----

# run_job CODE [VARIABLE=VALUE...]: the lines of the job's script, with its inputs as they are by default
run_job() {
  local code
  awk '/^  script:/ { on = 1; next } /^  [a-z]/ { on = 0 } on { sub(/^    - /, ""); gsub(/ \$\[\[ inputs\.arguments ]]/, ""); print }' "$job" >job.sh && [[ $(wc -l <job.sh) == 4 ]] || return
  env TIDEMARK_DB="$(sed -n 's/^    TIDEMARK_DB: //p' "$job")" TM_FILE=night.csv TM_HOST= CI_COMMIT_SHA=abc CI_PIPELINE_IID=n030 CI_PROJECT_PATH=us/host CI_COMMIT_REF_NAME=main "${@:2}" sh -e job.sh >said 2>errors
  code=$?
  cat said errors
  [[ $code == "$1" ]] || { echo "exit code $code" && return 1; }
}
kept() { mkdir .tidemark && mv t.db .tidemark/tidemark.db; }
first_nights() { run_job 3 && grep -q '^NOT JUDGED' said && grep -q "exit_codes: 3" "$job"; }
job_fails() {
  kept && run_job 1 && grep -q '<failure' tidemark.xml && grep -q '"check_name": "regressed"' tidemark.codequality.json && grep -q FAIL tidemark.md && [[ $(tail -n 1 tidemark.metrics.txt) == '# EOF' ]]
}
job_of_a_merge_request() {
  kept && nights_alone 1 && sed -i 's/^p5,100,/p5,100,9/' night.csv && run_job 1 TM_HOST=ci CI_MERGE_REQUEST_IID=5 CI_COMMIT_REF_NAME='a $(touch pwned)' CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main &&
    grep -q 'against main$' said && grep -q '"path": "p5"' tidemark.codequality.json && [[ ! -e pwned ]]
}
job_of_a_fork() {
  kept && nights_alone 1 && run_job 0 TM_HOST=ci CI_MERGE_REQUEST_IID=5 CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main CI_MERGE_REQUEST_SOURCE_PROJECT_PATH=them/host &&
    grep -q '^PASS  run n030 on them/host:main, against main$' said
}
job_counts_a_night_once() {
  kept # of another host: nothing to compare with
  nights_alone 1 && run_job 3 && nights_alone 2 && run_job 3 && [[ $(runs_stored .tidemark/tidemark.db) == '30 1' ]]
}
job_keeps_what_it_writes() {
  local file
  for file in tidemark.xml tidemark.md tidemark.metrics.txt tidemark.codequality.json; do [[ $(grep -c "$file" "$job") == 2 ]] || { echo "$file" && return 1; }; done
}
job_knows_its_inputs() {
  diff <(sed -n '/^  inputs:/,/^---/s/^    \([a-z-]*\):$/\1/p' "$job" | sort) <(grep -o '\$\[\[ inputs\.[a-z-]* ]]' "$job" | sed 's/.*inputs\.//; s/ .*//' | sort -u)
}

# ---- Jenkins ----

# The shell's lines of the stage in docs/ci.md, as Jenkins hands them to it
jenkins_fails() {
  awk '/^pipeline \{/ { on = 1 } on && /^```/ { exit } on' "$TM_SOURCE_DIR/docs/ci.md" >Jenkinsfile && sed -n "s/.*sh(returnStatus: true, script: '\(.*\)')$/\1/p" Jenkinsfile >job.sh && [[ $(wc -l <job.sh) == 1 ]] || return
  TIDEMARK_DB=t.db BUILD_TAG=n030 GIT_COMMIT=abc sh -e job.sh >said
  [[ $? == 1 ]] && grep -q '^FAIL' said && grep -q '<failure' tidemark.xml
}

# ---- a channel that is told ----

# A server for one request: its address goes to the file address, then what it was sent, with the header, to the file told.
channel() {
  cat >channel.py <<'END'
import http.server

class Channel(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open("told", "wb") as told:
            told.write(self.headers["Content-Type"].encode() + b"\n" + self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Channel)
server.timeout = 60
with open("address.new", "w") as address:
    address.write("http://127.0.0.1:%d/hook" % server.server_port)
__import__("os").rename("address.new", "address")
server.handle_request()
END
  rm -f address told && { python3 channel.py & } && for _ in {1..300}; do
    [[ ! -e address ]] || return 0
    sleep 0.1
  done
  return 1
}
# The three lines of docs/ci.md that post what is new: once, and nothing where nothing is. Where nobody listens, the verdict stands. curl leaves the ends of lines out, which JSON can spare.
channel_is_told() {
  awk '/^tidemark gate night.csv .*slack=new.json/ { on = 1 } on && /^```/ { exit } on' "$TM_SOURCE_DIR/docs/ci.md" >post.sh && [[ $(wc -l <post.sh) == 3 ]] || return
  sed -i 's/--host nightly/--host ci/; s/--retry 3/--retry 0/' post.sh && nights_alone 1 && cp t.db unheard.db && channel || return
  local -x no_proxy='*'
  SLACK_WEBHOOK=http://127.0.0.1:1/ TIDEMARK_DB=unheard.db sh post.sh
  [[ $? == 1 && -s new.json ]] || return
  SLACK_WEBHOOK=$(cat address) TIDEMARK_DB=t.db sh post.sh
  [[ $? == 1 && $(head -n 1 told) == application/json && $(tail -n +2 told) == "$(tr -d '\n' <new.json)" ]] && grep -q '"text"' told && rm told && nights_alone 2 && touch -d tomorrow night.csv || return
  SLACK_WEBHOOK=$(cat address) TIDEMARK_DB=t.db sh post.sh
  [[ $? == 1 && ! -e told && ! -s new.json ]]
}

# ---- a decision that a job proposes ----

# The lines of docs/ci.md's job that is started by hand, in a clone whose store the action has brought.
decision_is_proposed() {
  awk '/^  workflow_dispatch:/ { on = 1 } on && /^```/ { exit } on && lines { sub(/^ +/, ""); print } on && /run: \|/ { lines = 1 }' "$TM_SOURCE_DIR/docs/ci.md" >accept.sh && [[ $(wc -l <accept.sh) == 6 ]] || return
  git init -q -b main --bare origin && git clone -q origin clone 2>clone.log && mkdir fake && printf '#!/bin/sh\necho "gh $*"\n' >fake/gh && chmod +x fake/gh || return
  tidemark --db t.db gate night.csv --run n030 >gate.log
  (cd clone && cp ../t.db tidemark.db && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m begin && git push -q origin HEAD &&
    PATH="$OLDPWD/fake:$PATH" PLUGIN=p3 REASON='twice the work' GITHUB_RUN_ID=8 GITHUB_RUN_ATTEMPT=1 bash -e ../accept.sh) >said 2>&1 || { cat said && return 1; }
  grep -q '^gh pr create --fill$' said && [[ $(git -C origin show accept-8-1:tidemark.decisions) == accept\ p3\ *'-- twice the work' ]]
}

# ---- the files as such ----

# What a parser of YAML says of each; several documents in one file are fine.
yaml_is_read() { "$python" -c 'import sys, yaml; [list(yaml.safe_load_all(open(f))) for f in sys.argv[1:]]' "$action" "$job"; }
python=
for candidate in python3 /usr/bin/python3; do "$candidate" -c 'import yaml' 2>/dev/null && python=$candidate && break; done

mkdir nights && nights 1 29 >nights/history.csv && nights 30 30 | cut -d, -f2- >nights/night.csv && (cd nights && tidemark --db t.db ingest history.csv >/dev/null)
check 'the action puts no input into its scripts' action_has_no_expression
check 'the action sets the variables that its scripts read' action_sets_the_variables
check 'the action uses each of its inputs' action_uses_its_inputs
check 'the action keeps the store when it is run again' action_keeps_the_store
check 'the action can set up alone' action_only_sets_up
check 'the action fails on a regression, and says so everywhere' action_fails
check 'the action judges what is stored' action_judges_what_is_stored
check 'the action takes an argument a line' action_takes_a_word_a_line
check 'the action takes patterns and parts' action_takes_patterns
check 'the action runs nothing of its inputs' action_runs_no_input
check 'the action counts a repeated night once' action_counts_a_night_once
check 'the action waits for nights to compare with, and says so' action_waits_for_nights
check 'the action leaves no old verdict after trouble' action_says_trouble
check 'a pull request fails for what it has made slow' pull_request_fails_at_once
check 'a branch of a fork is none of the base' fork_is_no_base
if command -v jq >/dev/null; then
  check 'a comment is written once, and edited' comment_is_edited
  check 'a quiet run posts nothing' quiet_run_says_nothing
  check 'a quiet run corrects what was said' quiet_run_corrects
  check 'comments of others stay' others_stay
  check 'jobs have comments of their own' jobs_have_their_own
  check 'a comment that was edited on the page is known again' comment_of_the_web
  check 'a token that may not write is a warning' fork_may_not_write
  check 'a comment runs no name' comment_runs_no_name
  check 'hostile names are inert in a comment' hostile_names_are_inert
else
  echo 'ok ci the comment # skipped: no jq'
fi
check 'the program in PATH' program_in_path
check 'the program in a part of PATH that is not absolute' program_in_relative_path
check 'the program that is named' program_is_named
check 'the program of another name is tidemark to later steps' program_of_another_name
check 'the program that is named as PATH has it' program_by_name
check 'the input program names none' program_is_none
check 'the program that is kept' program_is_cached
check 'the program of a release' program_of_a_release
check 'a release with another sum is not taken' broken_release
check 'a branch has no release' branch_is_no_release
check 'the GitLab job waits for nights to compare with' first_nights
check 'the GitLab job fails on a regression' job_fails
check 'the GitLab job judges a merge request against its target' job_of_a_merge_request
check 'the GitLab job takes no fork for its base' job_of_a_fork
check 'the GitLab job counts a repeated night once' job_counts_a_night_once
check 'the GitLab job keeps what it writes' job_keeps_what_it_writes
check 'the GitLab job uses each of its inputs' job_knows_its_inputs
check 'the stage for Jenkins fails on a regression' jenkins_fails
if command -v curl python3 >/dev/null; then check 'a channel is told what is new' channel_is_told; else echo 'ok ci a channel is told # skipped: no curl, or no Python'; fi
check 'a job proposes a decision' decision_is_proposed
if [[ $python ]]; then check 'action and job are YAML' yaml_is_read; else echo 'ok ci action and job are YAML # skipped: no YAML for Python'; fi
[[ $failures == 0 ]]
