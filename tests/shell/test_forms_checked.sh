#!/usr/bin/env bash
# The forms of the verdict before those who know best: xmllint with a schema, awk with a grammar, promtool where it is there, sqlite3
# for JSON and CSV. The reports are those of tests/stage.h, and one for each hostile name.
set -u
failures=0
data=$TM_SOURCE_DIR/tests/data
mkdir "$TMPDIR/reports" && cd "$TMPDIR/reports" || exit 1
export LC_ALL=C

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok forms $name"
  else
    echo "not ok forms $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

reports_are_there() { "$TM_BUILD/tests/unit/test_forms" . && [[ $(find . -name '*.junit' | wc -l) -gt 100 && -s every-class.svg ]]; }

junit_is_valid() { xmllint --noout --nonet --schema "$data/junit.xsd" ./*.junit; }
badges_are_svg() { xmllint --noout --nonet ./*.svg; }

# The schema is worth something only if it refuses what is wrong.
schema_refuses() {
  local change
  for change in 's/<testsuites>/<testsuites tests="1">/' 's/T02:00:00"/T02:00:00Z"/' 's/ hostname="[^"]*"//' 's/ failures="[0-9]*"//' \
    's/ time="0.210000"/ time="2.1e-1"/' 's/ time="0.642/&0/' 's/<skipped message="[^"]*"/<skipped/' 's/ type="regressed"//' '/<system-err>/d' '/<properties>/,/<.properties>/d' \
    's/ classname="[^"]*"//'; do
    sed "$change" every-class.junit >changed.xml
    cmp -s changed.xml every-class.junit && echo "changes nothing: $change" && return 1
    xmllint --noout --nonet --schema "$data/junit.xsd" changed.xml && echo "not refused: $change" && return 1
  done
  return 0
}

openmetrics_is_valid() { awk -f "$data/openmetrics.awk" ./*.openmetrics; }

grammar_refuses() {
  local change
  for change in '$d' '2d' '1d' 's/"fail"} 1$/"fail"}  1/' 's/"fail"} 1$/"fail"} null/' 's/"fail"/"pass"/' 's/host="ci-1"/host="ci"1"/' \
    's/host="ci-1"/host="ci\\x"/' 's/,branch/ branch/' 's/,branch=/,project=/' 's/ gauge$/ counter/' 's/_timestamp_seconds seconds/_timestamp_seconds bytes/' '$p' \
    's/} 1$/} 1 5/' 's/^# UNIT.*/&\n/' '/slowdown/{h;d};/^tidemark_judged/{p;x}'; do
    sed "$change" every-class.openmetrics >changed.prom
    cmp -s changed.prom every-class.openmetrics && echo "changes nothing: $change" && return 1
    awk -f "$data/openmetrics.awk" changed.prom && echo "not refused: $change" && return 1
  done
  return 0
}

prometheus_takes_it() {
  local file
  for file in ./*.openmetrics; do
    promtool check metrics <"$file" || { echo "$file" && return 1; }
  done
}

# Each document is one JSON text in UTF-8; a badge is what shields.io's endpoint wants, Code Quality what GitLab does.
json_is_valid() {
  cat ./*.json | iconv -f UTF-8 -t UTF-8 >/dev/null || return
  sqlite3 :memory: "SELECT name FROM fsdir('.') WHERE name GLOB '*.json' AND NOT json_valid(data);
    SELECT name FROM fsdir('.') WHERE name GLOB '*.badge' AND (json_extract(data, '\$.schemaVersion') <> 1
      OR json_type(data, '\$.label') <> 'text' OR json_type(data, '\$.message') <> 'text' OR json_type(data, '\$.color') <> 'text');
    SELECT f.name FROM fsdir('.') AS f WHERE f.name GLOB '*.codequality' AND json_type(data) IS NOT 'array';
    SELECT f.name, e.value FROM fsdir('.') AS f, json_each(f.data) AS e WHERE f.name GLOB '*.codequality' AND (json_type(e.value, '\$.description') IS NOT 'text'
      OR json_type(e.value, '\$.check_name') IS NOT 'text' OR json_type(e.value, '\$.fingerprint') IS NOT 'text' OR json_type(e.value, '\$.location.path') IS NOT 'text'
      OR json_type(e.value, '\$.location.lines.begin') IS NOT 'integer' OR json_extract(e.value, '\$.severity') NOT IN ('info', 'minor', 'major', 'critical', 'blocker'));
    SELECT 'no issue in any ' WHERE NOT EXISTS (SELECT 1 FROM fsdir('.') AS f, json_each(f.data) AS e WHERE f.name GLOB '*.codequality')" >faults
  [[ ! -s faults ]] || { cat faults && return 1; }
}

# What the standard and GitHub ask of a result.
sarif_is_valid() {
  sqlite3 :memory: "CREATE TABLE f AS SELECT name, data FROM fsdir('.') WHERE name GLOB '*.sarif';
    SELECT name, 'no JSON' FROM f WHERE NOT json_valid(data);
    SELECT name, 'head' FROM f WHERE json_extract(data, '\$.version') <> '2.1.0' OR json_array_length(data, '\$.runs') <> 1 OR json_extract(data, '\$.runs[0].tool.driver.name') <> 'Tidemark'
      OR json_type(data, '\$.runs[0].results') IS NOT 'array';
    SELECT name, value FROM f, json_each(data, '\$.runs[0].results') WHERE value ->> '\$.level' NOT IN ('error', 'warning') OR json_type(value, '\$.message.text') IS NOT 'text'
      OR coalesce(value ->> '\$.locations[0].physicalLocation.artifactLocation.uri', '') = '' OR (value ->> '\$.locations[0].physicalLocation.region.startLine') <> 1
      OR json_type(value, '\$.partialFingerprints.tidemark/v1') IS NOT 'text'
      OR (value ->> '\$.ruleId') NOT IN (SELECT rule.value ->> '\$.id' FROM json_each(data, '\$.runs[0].tool.driver.rules') AS rule);
    SELECT 'no result in any' WHERE NOT EXISTS (SELECT 1 FROM f, json_each(data, '\$.runs[0].results'))" >faults
  [[ ! -s faults ]] || { cat faults && return 1; }
}

# What the two services ask for, by their references: sizes, kinds of blocks, and a text in each. A form without news is empty.
chats_are_valid() {
  cat ./*.slack ./*.teams | iconv -f UTF-8 -t UTF-8 >/dev/null || return
  sqlite3 :memory: "CREATE TABLE f AS SELECT name, data FROM fsdir('.') WHERE (name GLOB '*.slack' OR name GLOB '*.teams') AND length(data) > 0;
    SELECT name, 'no JSON' FROM f WHERE NOT json_valid(data);
    SELECT name, 'message' FROM f WHERE name GLOB '*.slack' AND (json_type(data, '\$.text') <> 'text' OR json_array_length(data, '\$.blocks') NOT BETWEEN 3 AND 50);
    SELECT name, value FROM f, json_each(f.data, '\$.blocks') WHERE name GLOB '*.slack' AND
      (value ->> 'type' <> 'section' OR value ->> '\$.text.type' <> 'plain_text' OR length(value ->> '\$.text.text') NOT BETWEEN 1 AND 3000);
    SELECT name, 'card' FROM f WHERE name GLOB '*.teams' AND (length(CAST(data AS BLOB)) > 28 * 1024 OR json_extract(data, '\$.type') <> 'message' OR json_array_length(data, '\$.attachments') <> 1
      OR json_extract(data, '\$.attachments[0].contentType') <> 'application/vnd.microsoft.card.adaptive' OR json_extract(data, '\$.attachments[0].content.type') <> 'AdaptiveCard'
      OR json_array_length(data, '\$.attachments[0].content.body') NOT BETWEEN 3 AND 43);
    SELECT name, i.value FROM f, json_each(f.data, '\$.attachments[0].content.body') AS b, json_each(b.value, '\$.inlines') AS i WHERE name GLOB '*.teams' AND
      (b.value ->> 'type' <> 'RichTextBlock' OR i.value ->> 'type' <> 'TextRun' OR json_type(i.value, '\$.text') <> 'text');
    SELECT 'few files' WHERE (SELECT count(*) FROM f) < 200" >faults
  [[ ! -s faults ]] || { cat faults && return 1; }
}

csv_is_read() {
  local file
  for file in ./*.csv; do
    printf '.import %s "%s"\n' "$file" "$file"
  done >import
  sqlite3 :memory: '.mode csv' '.read import' "SELECT m.name FROM sqlite_schema AS m
    WHERE (SELECT group_concat(name) FROM pragma_table_info(m.name)) NOT GLOB 'plugin,metric,class,*,why,decision_id,earliest,*'" >faults 2>&1
  [[ ! -s faults ]] || { cat faults && return 1; }
}

every_form_ends_its_line() {
  local file
  for file in ./*.*; do
    [[ ! -s $file || -z $(tail -c 1 "$file") ]] || { echo "$file" && return 1; }
  done
}

check 'are written' reports_are_there
check 'every form ends its last line' every_form_ends_its_line
check 'junit obeys the schema' junit_is_valid
check 'the schema refuses what is wrong' schema_refuses
check 'badges are well-formed' badges_are_svg
check 'openmetrics obeys the grammar' openmetrics_is_valid
check 'the grammar refuses what is wrong' grammar_refuses
if command -v promtool >/dev/null; then check 'promtool has nothing to say' prometheus_takes_it; fi
check 'json and badges are JSON' json_is_valid
check 'SARIF is what code scanning takes' sarif_is_valid
check 'slack and teams take the messages' chats_are_valid
check 'csv has its columns' csv_is_read
[[ $failures == 0 ]]
