#!/usr/bin/env bash
# Hostile names through the whole program. The store gets them by sqlite3, those too that ingest refuses: it may come from anywhere.
# A new output is tried by one more line 'prints KIND NAME COMMAND...' below.
set -u
failures=0
data=$TM_SOURCE_DIR/tests/data
cd "$TMPDIR" || exit 1
export LC_ALL=C TIDEMARK_USER=anna
unset TIDEMARK_CONFIG TIDEMARK_DB GITHUB_STEP_SUMMARY
tm() { "$TIDEMARK" --db "${db:-all.db}" "$@"; }

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok hostile $name"
  else
    echo "not ok hostile $name"
    head -n 40 "$TMPDIR/log" | cat -v | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

labels=() names=() hexes=()
while read -r label _ encoded; do
  [[ $label != '#' ]] || continue
  printf -v name '%b' "${encoded//%/\\x}"
  labels+=("$label") names+=("$name") hexes+=("$(printf '%s' "$name" | od -An -v -tx1 | tr -d ' \n')")
done <"$data/hostile_names.txt"

# ---- is it inert? a function per kind of output, given its files ----

none() { ! grep -n "$@" | head -n 5 | grep .; }
is_utf8() { cat "$@" | iconv -f UTF-8 -t UTF-8 >/dev/null; }

# What people read in a terminal or a log: no control character, nothing that turns or breaks a line
inert_list() { is_utf8 "$@" && none -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$@"; }
inert_text() { inert_list "$@" && none -P '\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xef\xbb\xbf|##|^ *(:|[\x80-\xff])' "$@"; }
inert_github() {
  local file level
  inert_list "$@" && none -vE '^::(error|warning|notice) title=[^:,]*::' "$@" || return
  for file in "$@"; do
    for level in error warning notice; do [[ $(grep -c "^::$level " "$file") -le 10 ]] || { echo "$file: too many" && return 1; }; done
  done
}
inert_markdown() {
  inert_list "$@" || return
  sed -E 's/\\[<>]//g; s/<\/?(code|details|summary)>//g' "$@" | none '[<>]'
}
inert_junit() { xmllint --noout --nonet --schema "$data/junit.xsd" "$@"; }
inert_svg() { xmllint --noout --nonet "$@"; }
# Of a feed each element is its own, and none of a name's.
inert_xml() { inert_list "$@" && xmllint --noout --nonet "$@" && [[ $(xmllint --xpath 'count(//*[not(contains(" feed generator id title updated author name link entry category content ", concat(" ", local-name(), " ")))])' "$@") == 0 ]]; }
# Markup of a page is its own, and what of it that may be is for tests/unit/test_page.c to say: here only that no name's is.
inert_html() { inert_list "$@" && none -E '<(img|a)[^>"]* (src|href)="?(x|javascript|http:)|<script>alert|<!(--|\[|ENTITY|DOCTYPE x)' "$@"; }
inert_openmetrics() { is_utf8 "$@" && awk -f "$data/openmetrics.awk" "$@"; }
inert_json() {
  local file
  is_utf8 "$@" || return
  for file in "$@"; do printf "SELECT '%s' WHERE NOT json_valid(readfile('%s'));\n" "$file" "$file"; done | sqlite3 :memory: | none .
}
inert_codequality() { inert_list "$@" && inert_json "$@"; }
inert_sarif() { inert_codequality "$@" && none '"uri": "[^"]*[^"A-Za-z0-9%~._-]' "$@"; }
inert_lines() {
  local line
  is_utf8 "$@" && while IFS= read -r line; do printf '%s' "$line" >line.json && inert_json line.json || return; done < <(cat "$@")
}
inert_script() { sed '1s/.*/{/' "$@" >script.json && inert_json script.json && none '[<>]' "$@"; }
inert_times() { is_utf8 "$@" && awk -v times=1 -f "$data/openmetrics.awk" "$@"; }
inert_csv() {
  local file
  for file in "$@"; do printf '.import %s t%s\n' "$file" "${file//[^a-z0-9]/}"; done >import.sql
  sqlite3 :memory: '.mode csv' '.read import.sql' 2>&1 | none .
}

# run_into FILE COMMAND...: whatever the gate says, but no trouble
run_into() {
  local code
  "${@:2}" >"$1" 2>errors
  code=$?
  [[ $code == 0 || $code == 1 || $code == 3 ]] && [[ ! -s errors ]] || { echo "exit code $code" && cat errors && return 1; }
}

tries() { run_into out "${@:2}" && [[ -s out ]] && "inert_$1" out; }

# prints KIND NAME COMMAND...: the command's output is inert
prints() { check "$2 is inert as $1" tries "$1" "${@:3}"; }

# ---- all names as plugins of one store ----

# Nights of as many plugins as there are names: of five one has regressed since a while, one is missing, one suspect, one accepted
nights() {
  awk -v plugins="${#names[@]}" 'BEGIN {
    print "run,started_at,host,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb"
    for (n = 1; n <= 30; n++)
      for (i = 0; i < plugins; i++) {
        noise = ((n * 7919 + i * 104729) * (n + 13 * i) % 9973) / 9973 - 0.5
        wall = (20 + i) * (1 + 0.04 * noise)
        if (i % 5 == 0 && n >= 18 + i / 5 % 11) wall *= 1.6
        if (i % 5 == 1 && n >= 29) continue
        if (i % 5 == 2 && n == 30) wall *= 1.8
        printf "n%03d,%d,ci,c%03d,p%d,100,0,%.6f,%.6f,%.3f\n", n, 1760000000 + 86400 * n, n, i, 100 * wall, 90 * wall, 1000 + i
      }
  }'
}

# Every name takes the place of p0, p1, ...
rename_plugins() {
  local i
  {
    echo 'PRAGMA ignore_check_constraints = ON; BEGIN;'
    for i in "${!hexes[@]}"; do echo "UPDATE plugin SET name = CAST(X'${hexes[i]}' AS TEXT) WHERE name = 'p$i';"; done
    echo 'COMMIT;'
  } | sqlite3 all.db
}

make_store() {
  nights >in.csv && tm ingest in.csv >/dev/null && tm gate >/dev/null
  [[ $? == 1 ]] || return
  tm retire p1 --reason "${names[19]}" && tm waive p0 --metric wall_per_call_ms --ceiling +99% --until 2030-01-01 --reason "${names[25]}" && rename_plugins &&
    [[ $(sqlite3 all.db 'SELECT count(DISTINCT name) FROM plugin') == "${#names[@]}" ]]
}

# What stands in a machine's form is the name, byte by byte.
csv_has_every_name() {
  run_into gate.csv tm gate --format csv && sqlite3 :memory: '.mode csv' '.import gate.csv t' "SELECT DISTINCT hex(plugin) FROM t" | tr -d '\r' | sort >found
  sqlite3 all.db "SELECT DISTINCT hex(name) FROM verdict JOIN plugin USING (plugin_id) JOIN run USING (run_id) WHERE key = 'n030'" | sort >expected
  [[ $(wc -l <expected) -gt 70 ]] && diff expected found
}
json_has_every_name() {
  run_into gate.json tm gate --format json && sqlite3 :memory: "SELECT hex(json_extract(value, '\$.name')) FROM json_each(readfile('gate.json'), '\$.plugins')" | sort >found
  sqlite3 all.db "SELECT hex(name) FROM plugin" | sort >expected
  local i
  for i in "${!hexes[@]}"; do
    printf '%s' "${names[i]}" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || echo "${hexes[i]^^}"
  done | sort >broken
  [[ $(wc -l <broken) -ge 8 ]] && diff <(comm -23 expected broken) <(grep -v EFBFBD found | cat - <(printf 'EFBFBD\n') | sort)
}
junit_has_every_case() {
  run_into gate.junit tm gate --format junit &&
    [[ $(xmllint --xpath 'count(//testcase)' gate.junit) == "${#names[@]}" && $(xmllint --xpath 'string(//testsuite/@tests)' gate.junit) == "${#names[@]}" ]]
}

drawn_badge() {
  local code
  tm gate --format badge=badge.svg
  code=$?
  cat badge.svg && return $code
}
# The list of known changes has every name, in a run, and as one that is unknown.
make_truth() {
  sqlite3 -csv all.db "SELECT 'plugin' AS plugin, 'run' AS run UNION ALL SELECT name, 'n021' FROM plugin" | grep -avE '^,' >truth.csv
  sed 's/n021/n999/' truth.csv >unknown.csv
  sqlite3 -csv all.db "SELECT 'plugin', 'run' UNION ALL SELECT name, 'n001' FROM (SELECT name FROM plugin LIMIT 1)" >false.csv
}
evaluates_nothing() {
  tm evaluate unknown.csv >out 2>errors
  [[ $? == 2 && ! -s out ]] && grep -q ':[0-9]*: no run .n999. was judged' errors && inert_list errors
}
audit() { tm audit --format csv 2>/dev/null; }
audit_totals() { { tm audit --format csv >/dev/null; } 2>&1; }
page() { tm report -o site >/dev/null && cat site/index.html; }
feed() { tm report -o site >/dev/null && cat site/feed.atom; }
drawn_trend() { tm trend "${names[20]}" -o trend.svg >/dev/null && cat trend.svg; }

# What begins like an option is taken for one; nothing of a name is run.
trends() {
  local i
  mkdir -p trends
  for i in "${!names[@]}"; do
    [[ ${names[i]} == -* ]] || run_into "trends/${labels[i]}" tm trend "${names[i]}" --last 12 || { echo "${labels[i]}" && return 1; }
  done
  inert_list trends/* && [[ ! -e pwned ]]
}

check 'a store of hostile plugins' make_store
prints text 'the gate' tm gate
prints text 'the gate, explained,' tm gate --explain
prints json 'the gate' tm gate --format json
prints csv 'the gate' tm gate --format csv
prints markdown 'the gate' tm gate --format markdown --explain
prints junit 'the gate' tm gate --format junit
prints codequality 'the gate' tm gate --format codequality
prints sarif 'the gate' tm gate --format sarif
prints github 'the gate' tm gate --format github
prints openmetrics 'the gate' tm gate --format openmetrics
prints json 'the badge' tm gate --format badge
prints json 'the message for slack' tm gate --strict --format slack
prints json 'the message for teams' tm gate --strict --format teams
prints text 'the short text' tm gate --strict --format text-short
prints svg 'the badge' drawn_badge
for form in json csv markdown; do
  for list in plugins runs decisions; do
    prints $form "the list of $list" tm $list --format $form
  done
done
prints csv 'the export' tm export --last 1
prints lines 'the export' tm export --last 1 --format ndjson
prints lines 'the export as otlp' tm export --last 1 --format otlp
prints script 'the export' tm export --format data.js
prints times 'the export' tm export --format openmetrics
prints text 'what the doctor finds' tm doctor
prints json 'what the doctor finds' tm doctor --format json
prints list 'the list of plugins' tm plugins --format table
prints list 'the list of decisions' tm decisions --format table
prints list 'the list of bottlenecks' tm bottlenecks --all
for form in text markdown json; do prints $form 'the findings' tm findings --format $form; done
prints html 'the report' page
prints xml 'the feed' feed
prints list 'a trend' tm trend "${names[20]}"
prints svg 'a drawn trend' drawn_trend
check 'trends of all names' trends
prints list 'a comparison' tm compare n029 n030 --format table
for form in json csv markdown; do prints $form 'the list of a comparison' tm compare n029 n030 --format $form; done
prints text 'a comparison' tm compare n029 n030 --format text
prints text 'all of a comparison' tm compare n020,n021,n022 n028,n029,n030 --format text --all
prints csv 'a comparison' tm compare n029 n030 --format csv-long
prints json 'a comparison' tm compare n029 n030 --format json-long
prints markdown 'a comparison' tm compare n020,n021,n022 n028,n029,n030 --format comment
prints junit 'a comparison' tm compare n029 n030 --format junit
prints github 'a comparison' tm compare n020,n021,n022 n028,n029,n030 --format github
prints openmetrics 'a comparison' tm compare n029 n030 --format openmetrics
prints csv 'the replay' tm replay
prints csv 'the audit' audit
prints text 'the totals of an audit' audit_totals
for form in text json; do prints $form 'the audit' tm audit --format $form; done
check 'a truth of hostile names' make_truth
for form in text csv json; do prints $form 'the evaluation' tm evaluate truth.csv --format $form; done
for form in text csv json; do prints $form 'the list of false alarms' tm evaluate false.csv --format $form; done
check 'the list of false alarms has names' grep -q '"run_wide"' out
check 'an evaluation of what is not there is inert' evaluates_nothing
check 'csv has every name as it is' csv_has_every_name
check 'json has every name as it is' json_has_every_name
check 'junit has a case for every name' junit_has_every_case

# ---- each name as run, project, branch, host, commit and version ----

# facts DB HEX: all that a store tells of a run is that name; the newest run stays apart from the others by its number
facts() {
  sqlite3 "$1" "PRAGMA ignore_check_constraints = ON; BEGIN;
    UPDATE project SET name = CAST(X'$2' AS TEXT); UPDATE host SET key = CAST(X'$2' AS TEXT);
    UPDATE run SET key = CAST(X'$2' AS TEXT) || CASE run_id WHEN 30 THEN '' ELSE run_id END, branch = CAST(X'$2' AS TEXT),
      commit_id = CAST(X'$2' AS TEXT), version = CAST(X'$2' AS TEXT);
    COMMIT;"
}

few_nights() {
  awk 'BEGIN { print "run,started_at,host,commit,plugin,calls,errors,wall_ms"
    for (n = 1; n <= 30; n++)
      for (i = 0; i < 6; i++)
        if (i != 5 || n < 29) printf "n%03d,%d,ci,c,p%d,100,0,%d\n", n, 1760000000 + 86400 * n, i, (1000 + n * 7919 % 23) * (i == 0 && n >= 28 ? 2 : 1)
  }'
}

kinds=(text json csv markdown junit codequality sarif github openmetrics)
write_all_forms() {
  local i form wishes db=run.db code
  few_nights >in.csv && tm ingest in.csv >/dev/null || return
  for i in "${!hexes[@]}"; do
    [[ ${TM_WHOLE-} || $((i % 4)) == 0 ]] || continue
    wishes=()
    for form in "${kinds[@]}"; do wishes+=(--format "$form=forms/${labels[i]}.$form"); done
    cp run.db one.db && facts one.db "${hexes[i]}" && db=one.db
    run_into "forms/${labels[i]}.list" tm gate --explain "--project=${names[i]}" "${wishes[@]}" || return
    grep -q '"regressed"' "forms/${labels[i]}.json" || { echo "${labels[i]}: nothing regressed" && return 1; }
    run_into "forms/${labels[i]}.list" tm runs --format table || return
    db=run.db
  done
}

mkdir forms
check 'a store of hostile runs for each name' write_all_forms
for kind in "${kinds[@]}" list; do check "the gate on them is inert as $kind" "inert_$kind" forms/*."$kind"; done
[[ $failures == 0 ]]
