#!/usr/bin/env bash
# Stores of every older schema version are brought up to date by the first command, with all rows; what is newer or foreign is not touched.
# tests/data/schema.golden is the final schema; UPDATE=1 writes it anew. A migration that adds tables adds rows for them to rows_of.
set -u
schema=$TM_SOURCE_DIR/schema
golden=$TM_SOURCE_DIR/tests/data/schema.golden
application_id=$((0x54696465))
failures=0
cd "$TMPDIR" || exit 1
migrations=("$schema"/[0-9]*.sql)
newest=${#migrations[@]}

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok migrate $name"
  else
    echo "not ok migrate $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

same() { diff -u --label expected --label actual "$1" "$2"; }

# Rows for every table of a version. Later versions add theirs to those of the versions before.
rows_of() {
  case $1 in
  1) cat <<'END'
INSERT INTO project VALUES (1, 'default'), (2, 'other');
INSERT INTO host VALUES (1, 'h', 'CPU', 8, 16, 'Linux'), (2, 'i', NULL, NULL, NULL, NULL);
INSERT INTO plugin VALUES (1, 1, 'pdf-parser'), (2, 1, 'ocr-reader'), (3, 2, 'pdf-parser');
INSERT INTO run VALUES (1, 1, '2026-11-19', 1795053600, 1, 'main', 'c1', '1.0', NULL),
  (2, 1, '2026-11-20', 1795140000, 1, 'main', NULL, NULL, 1), (3, 2, '2026-11-20', 1795140000, 2, 'dev', NULL, NULL, NULL);
INSERT INTO profile VALUES (1, 1, 12, 1, 4947600000, 4e9, -4096, 1048576, 4e8, 5e8, 6e8, 7e8),
  (1, 2, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (2, 1, 13, 0, 5e9, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 3, 1, 0, 0.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO recording VALUES (1, 1, '2.1', 'thread', 1e9, 2e8, 1, 2, NULL);
INSERT INTO spike VALUES (1, 0, 12.5, 3.5, 97, 1), (1, 1, 20, NULL, 99, NULL);
INSERT INTO metric VALUES (1, 'cache_hits', 'count', 'higher'), (2, 'queue_ms', 'ms', 'lower');
INSERT INTO reading VALUES (1, 1, 1, 77), (1, 1, 2, 0.25);
END
    ;;
  2) cat <<'END'
INSERT INTO decision VALUES (1, 1, 1, 'accept', 'wall_per_call_ms', 1, 'main', 2, 1795140000, 2, 1795140000, NULL, NULL, 'new parser',
  'https://example.org/1', 'me', 1795140000);
INSERT INTO lineage VALUES (1, 1, 1, 'main', 'main', 'budget 0.5', 2, 1795140000, 0, x'00');
INSERT INTO series VALUES (1, 1, 'wall_per_call_ms', x'00');
INSERT INTO judgement VALUES (2, 1, 1, 0, 1, 1.1, 0.8, 0);
INSERT INTO verdict VALUES (2, 1, 'wall_per_call_ms', 'regressed', 1, 'level', 2, 2, 1, 0.5, 9.5, 7, 2, 12, 3, 99, 2, 95, 2, 1, 'waiting', NULL, NULL);
END
    ;;
  6) echo "INSERT INTO alarm_end VALUES (2, 1, 'wall_per_call_ms', 'accepted', 1, 1);" ;;
  esac
}

# make_version VERSION FILE: a store as a program of that version left it, but for the views
make_version() {
  local i
  rm -f "$2"
  for ((i = 1; i <= $1; i++)); do cat "${migrations[i - 1]}" && rows_of "$i"; done >make.sql
  echo "PRAGMA application_id = $application_id; PRAGMA user_version = $1; CREATE VIEW latest AS SELECT name FROM plugin; CREATE VIEW mine AS SELECT name FROM plugin;" >>make.sql
  sqlite3 -bail "$2" <make.sql
}

# Every row of every table of the older store, table by table, in the columns that it had
rows_in() {
  local table columns
  while read -r table; do
    echo "-- $table"
    columns=$(sqlite3 "$2" "SELECT group_concat(name) FROM pragma_table_info('$table')")
    sqlite3 -quote "$1" "SELECT $columns FROM $table ORDER BY 1, 2"
  done < <(sqlite3 "$2" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
}

# The schema in an order that does not depend on the file's history, without the view that is the user's own
schema_of() {
  echo "-- application_id $(sqlite3 "$1" 'PRAGMA application_id'), user_version $(sqlite3 "$1" 'PRAGMA user_version')"
  sqlite3 "$1" "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT IN ('mine') AND name NOT LIKE 'sqlite_%'
    ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, name"
}

# ---- the final schema ----

new_store() {
  printf 'plugin,wall_ms\na,1\n' >night.csv && "$TIDEMARK" --db new.db ingest night.csv --run r --at 2026-11-20 --host h && schema_of new.db >new.schema
}

golden_schema() {
  [[ ! ${UPDATE-} ]] || cp new.schema "$golden"
  same "$golden" new.schema
}

new_version() { same <(echo "$newest") <(sqlite3 new.db 'PRAGMA user_version'); }

check 'a new store is made' new_store
check 'a new store has the version of the last migration' new_version
check 'the schema is the golden one' golden_schema

# ---- older stores ----

# brought_up VERSION COMMAND...: the command succeeds, and the store is then as a new one with all its rows
brought_up() {
  local version=$1
  shift
  make_version "$version" old.db && cp old.db old.copy || return
  "$TIDEMARK" --db old.db "$@" || return
  schema_of old.db >old.schema && same new.schema old.schema && [[ $(sqlite3 old.db 'SELECT count(*) FROM mine') -gt 0 ]] || return
  rows_in old.copy old.copy >before && rows_in old.db old.copy >after && same before after || return
  [[ $(wc -l <before) -gt 20 ]] || { echo 'no rows to compare' && return 1; }
  "$TIDEMARK" --db old.db check
}

# The command after which nothing is left to do leaves the file alone.
second_command() {
  make_version "$1" old.db && "$TIDEMARK" --db old.db runs && cp old.db once.db && "$TIDEMARK" --db old.db runs && cmp old.db once.db
}

# Also through the views, which the old store did not have
readable() {
  make_version "$1" old.db || return
  same <(printf 'run,wall_per_call_ms\n2026-11-19,412.3\n') \
    <("$TIDEMARK" --db old.db sql "SELECT run, wall_per_call_ms FROM profiles WHERE plugin = 'pdf-parser' AND run LIKE '%19'" --format csv)
}

writable() {
  make_version "$1" old.db && "$TIDEMARK" --db old.db ingest night.csv --run new --at 2026-11-21 --host h &&
    schema_of old.db >old.schema && same new.schema old.schema && same <(echo 4) <(sqlite3 old.db 'SELECT count(*) FROM run')
}

# Eight at once find the old store; each succeeds, and it is migrated once.
at_once() {
  local i pids=() bad=0
  make_version "$1" old.db || return
  for i in 1 2 3 4 5 6 7 8; do
    "$TIDEMARK" --db old.db runs >"at-once-$i" 2>&1 &
    pids+=($!)
  done
  for i in "${!pids[@]}"; do wait "${pids[i]}" || { cat "at-once-$((i + 1))" && bad=1; }; done
  schema_of old.db >old.schema && same new.schema old.schema && return $bad
}

# Root may write everywhere, unless that capability is dropped.
drop=()
if [[ $(id -u) == 0 ]] && setpriv --bounding-set=-dac_override,-dac_read_search true 2>/dev/null; then
  drop=(setpriv "--bounding-set=-dac_override,-dac_read_search")
fi

# refused PATTERN FILE COMMAND...: exit 2 with words like that and the file's name, not a byte of it changed and nothing beside it
refused() {
  local text=$1 file=$2 code
  shift 2
  sha256sum "$file" >sum && find . | sort >beside
  ${drop[@]+"${drop[@]}"} "$TIDEMARK" --db "$file" "$@" </dev/null >out 2>err
  code=$?
  cat out err
  [[ $code == 2 ]] || { echo "exit code $code, expected 2" && return 1; }
  grep -F "'$file'" err | grep -qE -- "$text" || { echo "expected: '$file' ... $text" && return 1; }
  sha256sum -c --quiet sum && find . | sort | same beside -
}

old_in_read_only_directory() {
  mkdir -p closed && chmod u+w closed && make_version "$1" closed/old.db && chmod 555 closed || return
  : >sum && : >beside && : >out && : >err
  refused 'older|read-?only' closed/old.db runs && refused 'older|read-?only' closed/old.db sql 'SELECT 1'
}

for ((version = 1; version < newest; version++)); do
  [[ ${TM_WHOLE-} || $version == 1 || $((newest - version)) == 1 || $((version % 5)) == 0 ]] || continue
  check "version $version: ingest" writable $version
  for command in runs plugins check 'show pdf-parser' 'sql SELECT(1)' 'metric queue_ms --better lower' 'prune --before 1970-01-02'; do
    read -ra words <<<"$command"
    check "version $version: $command" brought_up $version "${words[@]}"
  done
  check "version $version: views" readable $version
  check "version $version: the next command changes nothing" second_command $version
  check "version $version: eight at once" at_once $version
  if [[ ${#drop[@]} -gt 0 || $(id -u) != 0 ]]; then
    check "version $version: in a read-only directory" old_in_read_only_directory $version
  else
    echo "ok migrate version $version: in a read-only directory # skipped"
  fi
done

# ---- newer and foreign files ----

newer_store() { cp new.db newer.db && sqlite3 newer.db "PRAGMA user_version = $1"; }
foreign_store() { rm -f foreign.db && sqlite3 foreign.db "CREATE TABLE profile (x); INSERT INTO profile VALUES (1); $1"; }
no_database() { head -c 20000 /dev/zero | tr '\0' "$1" >none.db; }

# refused_by_all PATTERN FILE: by reading and writing commands
refused_by_all() {
  : >sum && : >beside && : >out && : >err
  refused "$1" "$2" runs && refused "$1" "$2" sql 'SELECT 1' && refused "$1" "$2" check &&
    refused "$1" "$2" ingest night.csv && refused "$1" "$2" rm r && refused "$1" "$2" prune --keep-days 1
}

newer() { newer_store "$1" && refused_by_all 'newer' newer.db; }
foreign() { foreign_store "$1" && refused_by_all 'not a Tidemark store' foreign.db; }
empty() {
  : >empty.db && : >sum && : >beside && : >out && : >err
  refused 'empty' empty.db runs && refused 'empty' empty.db check && "$TIDEMARK" --db empty.db ingest night.csv && "$TIDEMARK" --db empty.db runs
}
no_sqlite() { no_database "$1" && refused_by_all 'not a Tidemark store' none.db; }

check 'a store of the next version is refused' newer $((newest + 1))
check 'a store of a far version is refused' newer 2147483647
check "a database of another program is refused" foreign 'PRAGMA application_id = 252006673; PRAGMA user_version = 1'
check 'a database without an application id is refused' foreign ''
check 'a database without an application id, but with our version, is refused' foreign "PRAGMA user_version = $newest"
check 'a file that is no database is refused' no_sqlite x
check 'an empty file is no store to read, and may become one' empty
chmod -R u+w . 2>/dev/null
[[ $failures == 0 ]]
