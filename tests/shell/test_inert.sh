#!/usr/bin/env bash
# All that the program prints, as a CI job's log gets it: each hostile name stands for every text of a store at once (project, host, branch, run,
# commit, version, plugin, metric, unit, reason, issue, author, clock, and what a verdict says), and no line of any command, on standard output or
# standard error, is a workflow command, a terminal's command, or turns the direction of what follows. The store comes by sqlite3, as it may come
# from anywhere. A new command is one more line of outputs() below.
set -u
cd "$TMPDIR" || exit 1
export LC_ALL=C.UTF-8 TIDEMARK_USER=anna CI=true
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY

# One of each kind that harms where people read; test_hostile.sh has them all, as plugins.
chosen=' command-error command-stop command-mask command-old command-azure no-break-space command-behind-zero-width command-behind-escape newline-command ansi-clear c1 bidi-override line-separator byte-order-mark latin-1 '
[[ ${TM_WHOLE-} ]] || chosen=' command-error command-behind-escape newline-command bidi-override latin-1 '
labels=() names=() hexes=()
while read -r label _ encoded; do
  [[ $chosen == *" $label "* ]] || continue
  printf -v name '%b' "${encoded//%/\\x}"
  labels+=("$label") names+=("$name") hexes+=("$(printf '%s' "$name" | od -An -v -tx1 | tr -d ' \n')")
done <"$TM_SOURCE_DIR/tests/data/hostile_names.txt"

awk 'BEGIN { print "run,started_at,host,commit,version,plugin,calls,errors,wall_ms,hits"
  for (n = 1; n <= 30; n++)
    for (i = 0; i < 6; i++)
      if (i != 5 || n < 29) printf "n%03d,%d,ci,c,v,p%d,100,0,%d,%d\n", n, 1760000000 + 86400 * n, i, (1000 + n * 7919 % 23) * (i == 0 && n >= 28 ? 2 : 1), (100 + n % 3) * (i == 2 && n >= 28 ? 3 : 1)
}' >in.csv
tm() { "$TIDEMARK" --db one.db "$@"; }
"$TIDEMARK" --db base.db ingest in.csv >/dev/null 2>&1 && "$TIDEMARK" --db base.db gate >/dev/null 2>&1
"$TIDEMARK" --db base.db waive p0 --metric wall_per_call_ms --ceiling +300% --until 2030-01-01 --reason x --issue y >/dev/null && "$TIDEMARK" --db base.db retire p5 --reason x >/dev/null && "$TIDEMARK" --db base.db gate >/dev/null 2>&1

# hostile HEX: every text of the store is that name; what must differ from its like has a number behind it, but for one
hostile() {
  cp base.db one.db && sqlite3 one.db "PRAGMA ignore_check_constraints = ON; BEGIN; CREATE TEMP TABLE n AS SELECT CAST(X'$1' AS TEXT) AS x;
    UPDATE project SET name = (SELECT x FROM n); UPDATE host SET key = (SELECT x FROM n);
    UPDATE plugin SET name = (SELECT x FROM n) || CASE plugin_id WHEN 1 THEN '' ELSE plugin_id END;
    UPDATE run SET key = (SELECT x FROM n) || CASE run_id WHEN 30 THEN '' ELSE run_id END, branch = (SELECT x FROM n), commit_id = (SELECT x FROM n), version = (SELECT x FROM n);
    UPDATE lineage SET branch = (SELECT x FROM n), base = (SELECT x FROM n);
    UPDATE verdict SET metric = (SELECT x FROM n) WHERE metric = 'hits'; UPDATE OR IGNORE series SET metric = (SELECT x FROM n) WHERE metric = 'hits';
    UPDATE verdict SET kind = (SELECT x FROM n), signal = (SELECT x FROM n), why = (SELECT x FROM n);
    UPDATE metric SET name = (SELECT x FROM n), unit = (SELECT x FROM n);
    UPDATE decision SET reason = (SELECT x FROM n), issue = (SELECT x FROM n), made_by = (SELECT x FROM n), branch = NULL;
    COMMIT;" >/dev/null
}

# outputs NAME: everything that is printed of such a store. GitHub's form is made of commands, and its own are left out.
outputs() {
  local form p=$1
  for form in table csv json markdown; do
    echo "= $form"
    tm runs --format $form
    tm plugins --format $form
    tm decisions --format $form
    tm compare "${p}28" "${p}29" --format $form
    tm sql "select * from history limit 40" --format $form
    tm show -- "$p" --format $form
  done
  for form in text comment junit openmetrics csv-long json-long; do tm compare "${p}20,${p}21,${p}22" "${p}27,${p}28,${p}29" --format $form --all; done
  tm compare "${p}28" "${p}29" --format github | grep -av '^::\(error\|warning\|notice\) title='
  tm compare "branch:$p~3" "no $p"
  tm compare "file:$file" "${p}29" --metric "$p"
  tm compare "${p}28" "${p}29" --plugin "no $p"
  echo '= export'
  for form in csv ndjson data.js openmetrics otlp; do tm export --format $form --last 3; done
  tm export --run "no $p"
  tm export --project "no $p"
  tm export --snapshot "$file"
  echo '= gate'
  for form in text markdown junit codequality sarif openmetrics csv json badge slack teams text-short; do tm gate --explain --format $form; done
  tm gate --format github | grep -av '^::\(error\|warning\|notice\) title='
  for form in text markdown json; do tm findings --format $form; done
  echo '= others'
  tm bottlenecks --all
  tm replay --all
  for form in text csv json; do tm audit --format $form; done
  tm evaluate truth.csv --format csv
  tm evaluate truth.csv
  tm check
  for form in text json; do tm doctor --format $form; done
  tm doctor --project "no $p"
  tm doctor --format "$p"
  tm trend -- "$p"
  tm rename -- "$p" "$p"
  tm accept --reason x -- "$p"
  tm undo 1
  tm adopt --at "$p" --reason "$p"
  tm adopt --at "${p}29" --reason x
  tm decisions --format table
  tm undo 3
  tm retire --reason x "*$p*" "no $p?"
  tm ingest "$file" --run "$p"
  tm ingest clash.csv
  tm dump
  tm dump --project "$p" >dumped.jsonl
  "$TIDEMARK" --db again.db restore dumped.jsonl
  "$TIDEMARK" --db again.db restore "$file"
  sed "s/\"run\":\"/\"run\":\"x/" dumped.jsonl | tail -n +3 | "$TIDEMARK" --db again.db restore -
  tm restore dumped.jsonl
  tm push --to again.db
  tm push --to again.db --project "$p"
  tm push --to "$file"
  "$TIDEMARK" --db again.db pull --from "$file"
  "$TIDEMARK" --db home.db pull --from "${db:-all.db}" --project "$p"
  "$TIDEMARK" --db home.db ingest "$file" --spool "$file"
  rm -f again.db home.db
  echo '= measure'
  for form in text table csv json markdown; do tm measure --run "$p" --format $form -n 1 -- "$p" true; done
  tm measure --no-store -n 2 -- "no $p" sh -c 'printf "%s\n" "$0" >&2; exit 1' "$p"
  tm measure --no-store -- "$p" "$p"
  printf '%s -- true\n' "$p" >list && tm measure --no-store --file list
  tm measure --no-store --file "$file"
  for form in text json-long csv-long junit comment openmetrics; do tm measure --pair "true '$p'" true -n 3 --format $form; done
  tm measure --pair "$p" true
  tm rm -- "$p"
  tm rm -- "no $p"
  tm "$p"
  tm gate "--$p"
  tm gate "--budget=$p"
}

# What a runner or a terminal obeys: a control character, a mark that turns text, two "#" before a word anywhere, a colon that is the first thing to be seen.
inert() {
  local bad
  bad=$(LC_ALL=C grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xef\xbb\xbf|##[^ #]' "$1" | head -n 3
    iconv -c -f UTF-8 -t UTF-8 "$1" | grep -nP '^[\s\p{Z}\p{Cf}]*:' | head -n 3
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || echo 'not UTF-8')
  [[ ! $bad ]] || { cat -v <<<"$bad" | cut -c 1-200 && return 1; }
}

failures=0
for i in "${!names[@]}"; do
  name=${names[i]}
  hostile "${hexes[i]}"
  file=${name//\//_}.csv
  printf 'plugin,wall_ms\nalpha,x\n' >"./$file" 2>/dev/null || file=missing
  { echo plugin,run && sqlite3 -csv one.db 'SELECT name, (SELECT key FROM run WHERE run_id = 28) FROM plugin'; } >truth.csv
  { echo run,started_at,plugin,wall_ms && sqlite3 -csv one.db "SELECT key, started_at, (SELECT name FROM plugin WHERE plugin_id = 1), 7 FROM run WHERE run_id = 29"; } >clash.csv
  outputs "$name" 2>&1 </dev/null | cat >log # by a pipe, as in a CI job
  if said=$(inert log); then
    echo "ok inert: ${labels[i]}"
  else
    echo "not ok inert: ${labels[i]}"
    sed 's/^/  /' <<<"$said"
    failures=$((failures + 1))
  fi
  rm -f -- "./$file"
done

# To a file CSV has the bytes of the store, in a CI job too, and by a pipe where there is none.
exact() {
  sqlite3 one.db "UPDATE plugin SET name = '::stop-commands::x' || char(8238) || '##[error]' WHERE plugin_id = 1" && tm plugins --format csv >file.csv && CI='' tm plugins --format csv | cat >pipe.csv &&
    cmp file.csv pipe.csv && grep -q $'^::stop-commands::x\u202e##\[error\],' file.csv && ! tm plugins --format csv | grep -q $'^::\|\u202e\|##'
}
cp base.db one.db
if exact; then echo 'ok inert: csv in a file has the bytes of the store'; else echo 'not ok inert: csv in a file has the bytes of the store' && failures=1; fi
[[ $failures == 0 ]]
