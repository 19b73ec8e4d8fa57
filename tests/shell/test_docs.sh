#!/usr/bin/env bash
# The documents against the program: sessions of README.md, docs/analyst.md, docs/schema.md, docs/compare.md, docs/measure.md and docs/sql.md are run, the schema reference and the manual page are
# compared with the real schema and the real options, links and versions with what is there.
# UPDATE=1 writes the sessions' real output into them.
set -u
top=$TM_SOURCE_DIR
failures=0
mkdir "$TMPDIR/bin" "$TMPDIR/session" && ln -s "$TIDEMARK" "$TMPDIR/bin/tidemark" || exit 1
PATH=$TMPDIR/bin:$PATH
cd "$TMPDIR" || exit 1

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok docs $name"
  else
    echo "not ok docs $name"
    head -n 60 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# same EXPECTED ACTUAL: two files
same() { diff -u --label expected --label actual "$1" "$2"; }

# ---- sessions ----

# play FILE: the document as it should read. Blocks whose first line begins with '$ ' are run, line by line ('> ' goes on with a line).
play() {
  local line fence='' command='' session=''
  while IFS= read -r line; do
    if [[ $command && $line == '> '* ]]; then
      command+=$'\n'${line#> }
      echo "$line"
      continue
    fi
    if [[ $command ]]; then
      (cd session && eval "$command") </dev/null 2>&1
      command=''
    fi
    if [[ $line == '```'* ]]; then
      if [[ $fence ]]; then fence='' session=''; else fence="first"; fi
      echo "$line"
    elif [[ $fence == first && $line == '$ '* || $session && $line == '$ '* ]]; then
      fence="more" session=yes command=${line#'$ '}
      echo "$line"
    elif [[ ! $session ]]; then
      [[ ! $fence ]] || fence="more"
      echo "$line"
    fi
  done <"$1"
}

# sessions FILE: compares the document with itself played
sessions() {
  play "$top/$1" >played || return
  grep -q '^\$ ' played || { echo "no session in $1" && return 1; }
  if [[ ${UPDATE-} ]]; then cp played "$top/$1"; fi
  same "$top/$1" played
}

make_files() {
  DEMO_DIR=$TMPDIR/demo "$top/scripts/demo.sh" && cp demo/history.csv demo/night.csv session/
}

unset TIDEMARK_DB
check 'demo makes the files of the README' make_files
check 'sessions of README.md' sessions README.md
check 'sessions of docs/analyst.md' sessions docs/analyst.md
check 'sessions of docs/schema.md' sessions docs/schema.md
check 'sessions of docs/compare.md' sessions docs/compare.md
check 'sessions of docs/measure.md' sessions docs/measure.md
check 'sessions of docs/sql.md' sessions docs/sql.md

# ---- docs/schema.md ----

# Lines 'NAME COLUMN TYPE' from the headings and tables of the reference; a cell may offer several types: 'REAL or INTEGER'.
documented_columns() {
  awk '/^##/ { name = "" }
    /^### `[^`]+`$/ { gsub(/[#` ]/, ""); name = $0 }
    name && /^\| `/ { split($0, cell, /[`|]/); gsub(/^ +| +$/, "", cell[5]); print name, cell[3], cell[5] }' "$top/docs/schema.md"
}

# A store in which each column of each view has a value
make_store() {
  rm -f whole.db
  cat >whole.csv <<END
plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,peak_mem_kb,p50_ms,p95_ms,p99_ms,max_ms,occupied_ms,longest_step_ms,cancelled,timeouts,clock,plugin_version,cache_hits
a,5,1,7.5,3.5,12.5,100.5,1.5,2.5,3.5,4.5,2.5,1.5,1,2,thread,1.0,7
END
  printf 'plugin,call,wall_ms\nb,1,2.5\n' >calls.csv
  tidemark --db whole.db ingest whole.csv --run w --at 2026-11-20T02:00:00Z --commit c --version 1 --host h &&
    tidemark --db whole.db ingest calls.csv --run v --at 2026-11-20T02:00:00Z --commit c --version 1 --host i &&
    tidemark --db whole.db ingest whole.csv --run p --part one --at 2026-11-19T02:00:00Z --host i &&
    sqlite3 whole.db "UPDATE part_profile SET latency = x'00'" &&
    sqlite3 whole.db "INSERT INTO spike SELECT run_id, 0, 12.5, 1000.0, 97.5, plugin_id FROM profile LIMIT 1" &&
    sqlite3 whole.db "INSERT INTO week SELECT 1, project_id, host_id, branch, 1763337600 FROM run WHERE key = 'w'; INSERT INTO week_run VALUES (1, 'x');
      INSERT INTO week_total SELECT 1, plugin_id, 5, 1, 7.5, 3.5, 1.5, 2.5, x'00' FROM plugin WHERE name = 'a'; INSERT INTO week_metric VALUES (1, 'wall_per_call_ms');
      INSERT INTO week_value SELECT 1, plugin_id, 1, 2, 1.5, 0.5, 1.0, 2.0 FROM plugin WHERE name = 'a'" &&
    sqlite3 whole.db "INSERT INTO run SELECT 99, project_id, 'u', started_at - 1, host_id, branch, 'c', '1', NULL, NULL FROM run WHERE key = 'w';
      INSERT INTO verdict (run_id, plugin_id, metric, class, leads, kind, baseline, effect, evidence, since_run, value, needed, z_history, pct_history,
        allowed, good_run, earliest_run, latest_run, signal, why, decision_id)
        SELECT 99, plugin_id, 'wall_per_call_ms', 'regressed', 1, 'step', 1.5, 0.5, 9.5, 99, 2.5, 1.5, 2.5, 99.5, 2.0, 99, 99, 99, 'waiting', 'so', 1
        FROM plugin WHERE name = 'a';
      INSERT INTO decision (project_id, plugin_id, kind, metric, host_id, branch, from_run, from_at, made_run, made_run_at, ceiling, until, reason, issue,
        made_by, made_at, source)
        SELECT run.project_id, plugin_id, 'waive', 'calls', host_id, branch, run_id, started_at, run_id, started_at, 0.5, started_at, 'r', 'i', 'b', started_at, 's'
        FROM run, plugin WHERE key = 'w' AND name = 'a';
      INSERT INTO alarm_end SELECT run_id, plugin_id, 'wall_per_call_ms', 'returned', 99, NULL FROM run, plugin WHERE key = 'w' AND name = 'a'"
}

tables_agree() {
  sqlite3 -separator ' ' whole.db "SELECT m.name, c.name, c.type FROM sqlite_schema AS m, pragma_table_xinfo(m.name) AS c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'" | sort >expected
  sqlite3 whole.db "SELECT name FROM sqlite_schema WHERE type = 'view'" >views
  documented_columns | grep -vE "^($(paste -sd '|' views)) " | sort >actual
  same expected actual
}

views_agree() {
  local view
  sqlite3 -separator ' ' whole.db "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_xinfo(m.name) AS c
    WHERE m.type = 'view' ORDER BY m.name, c.cid" >expected
  while read -r view; do documented_columns | grep "^$view " | cut -d ' ' -f 1,2; done < <(cut -d ' ' -f 1 expected | uniq) >actual
  same expected actual
}

# The types that the values of a view's column really have must be the documented ones, and there must be a value.
view_types_agree() {
  local name column types bad=0
  while read -r name column types; do
    sqlite3 whole.db "SELECT DISTINCT upper(typeof($column)) FROM $name WHERE $column IS NOT NULL ORDER BY 1" >types
    printf '%s\n' "$types" | sed 's/ or /\n/' | sort >wanted
    cmp -s wanted types || { echo "$name.$column: documented $types, found $(paste -sd ' ' types)" && bad=1; }
  done < <(documented_columns | grep -E "^($(paste -sd '|' views)) ")
  return $bad
}

indexes_agree() {
  sqlite3 whole.db "SELECT name || ' ' || tbl_name || ' (' || (SELECT group_concat(name, ', ') FROM pragma_index_info(m.name)) || ')'
    FROM sqlite_schema AS m WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1" >expected
  awk -F '`' '/^## Indexes/ { on = 1 } /^## Rules/ { on = 0 } on && /^\| `/ { print $2, $4 }' "$top/docs/schema.md" | sort >actual
  same expected actual
}

metrics_agree() {
  sqlite3 whole.db "SELECT DISTINCT metric FROM history WHERE metric <> 'cache_hits' ORDER BY 1" >expected
  awk '/^Metrics that are always offered/ { on = 1 } /^$/ { on = 0 } on' "$top/docs/schema.md" | sed 's/The metrics of.*//' |
    awk -F "\`" '{ for (i = 2; i <= NF; i += 2) print $i }' | sort >actual
  same expected actual
}

check 'a store with every column' make_store
check 'schema.md has every table and column with its type, and no other' tables_agree
check 'schema.md has every view and column in order, and no other' views_agree
check 'schema.md says what types the columns of views have' view_types_agree
check 'schema.md has every index' indexes_agree
check 'schema.md has every metric of history' metrics_agree

# ---- the manual page ----

commands() { tidemark --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'; }

# Lines 'COMMAND OPTION' of all commands, with those common to all under '*'
real_options() {
  local command
  for command in $(commands); do
    tidemark "$command" --help | sed -n '/^options:/,/^$/s/^  --\([a-z-]*\).*/\1/p' | sed "s/^/$command /; s/.* \(db\|help\)$/* \1/"
  done | sort -u
}

manual_options() {
  awk '/^\.Sh / { section = $2; command = section == "OPTIONS" ? "*" : "" } /^\.Ss / && section == "COMMANDS" { command = $2 }
    command && /^\.It Fl -/ { sub(/^-/, "", $3); print command, $3 }' "$top/docs/tidemark.1" | grep -v '^\* version$' | sort
}

commands_agree() {
  commands | sort >expected
  sed -n '/^\.Sh COMMANDS/,/^\.Sh INPUT/s/^\.Ss //p' "$top/docs/tidemark.1" | sort >actual
  same expected actual
}

options_agree() {
  real_options >expected
  manual_options >actual
  [[ -s expected ]] && same expected actual
}

check 'the manual page has every command, and no other' commands_agree
check 'the manual page has every option of every command, and no other' options_agree

# ---- links and versions ----

# A link leads to a file of the repository; an anchor to a heading.
links_resolve() {
  local file target bad=0
  cd "$top" || return
  for file in *.md docs/*.md; do
    while IFS= read -r target; do
      [[ $target != *://* && $target != '#'* ]] || continue
      [[ -e $(dirname "$file")/${target%%#*} ]] || { echo "$file: '$target' is not there" && bad=1; }
    done < <(grep -o '](\([^)]*\))' "$file" | sed 's/^](//; s/)$//')
  done
  return $bad
}

versions_agree() {
  local version
  version=$(tidemark --version) && version=${version#tidemark }
  printf '%s\n' "$version" "$version" "$version" >expected
  {
    sed -n 's/^#define TM_VERSION "\(.*\)"/\1/p' "$top/schema/tidemark.h"
    sed -n 's/^## \([0-9.]*\).*/\1/p' "$top/CHANGELOG.md" | head -n 1
    sed -n 's/^\.Os "Tidemark \(.*\)"/\1/p' "$top/docs/tidemark.1"
  } >actual
  same expected actual
}

check 'relative links lead somewhere' links_resolve
check 'the version is the same in header, program, CHANGELOG and manual page' versions_agree
[[ $failures == 0 ]]
