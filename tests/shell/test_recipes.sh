#!/usr/bin/env bash
# The queries of docs/sql.md are one text for both engines: each gives the same rows of a SQLite file and of a PostgreSQL store of the same nights, and one row at
# least. What they print is held by test_docs.sh. A server of its own (postgres.sh).
set -u
cd "$TMPDIR" || exit 1
# shellcheck source=tests/shell/postgres.sh
source "$TM_SOURCE_DIR/tests/shell/postgres.sh"
pg_use 'recipes: both engines' 'fsync = off'
pg_sql 'CREATE ROLE plain LOGIN' && pg_sql 'CREATE DATABASE plain OWNER plain' && server=$(pg_url plain plain)
export TIDEMARK_USER=anna

same() { # NAME COMMAND...
  if ("${@:2}") >log 2>&1; then echo "ok recipes: $1"; else echo "not ok recipes: $1" && head -n 30 log | sed 's/^/  /'; fi
}

# A night under a waiver, so that it has cost something.
make_store() {
  tm() { "$TIDEMARK" --db "$1" "${@:2}"; }
  tm "$1" ingest demo/history.csv --host ci-1 && tm "$1" gate demo/night.csv --run last --at 2026-11-20T02:00:00Z --commit 9c77100626ac --host ci-1
  [[ $? -le 1 ]] && tm "$1" waive pdf-parser --metric wall_per_call_ms --ceiling +60% --until 2026-12-01 --reason "in review" &&
    tm "$1" gate demo/night.csv --run next --at 2026-11-21T02:00:00Z --host ci-1
  [[ $? -le 1 ]]
}
DEMO_DIR=$TMPDIR/demo "$TM_SOURCE_DIR/scripts/demo.sh" >demo.out 2>&1
same 'a store on SQLite' make_store one.db
same 'a store on PostgreSQL' make_store "$server"

# A file for each query, and one for its options: it ends with the quote that no more text follows.
awk '/^## [0-9]+\. / { title = $2 + 0 }
  /^\$ tidemark sql / { line = $0; sub(/^\$ tidemark sql /, "", line); sub(/--format table /, "", line); sub(/"$/, "", line); print line >("options." title); inside = 1; next }
  inside && /^> / { line = substr($0, 3); if (sub(/"$/, "", line)) inside = 0; print line >("query." title) }' "$TM_SOURCE_DIR/docs/sql.md"

# Numbers alike, whatever digits each engine prints of them.
alike() {
  awk -F, 'NR == FNR { row[FNR] = $0; n = FNR; next } { split(row[FNR], here, ","); for (i = 1; i <= NF; i++) if (here[i] != $i && (here[i] "" $i !~ /^[-0-9.]+$/ || here[i] - $i != 0)) { print row[FNR] "\n" $0; bad = 1 } }
    END { exit bad || FNR != n || n < 2 }' "$1" "$2"
}
recipe() {
  local options
  read -r -a options <"options.$1"
  "$TIDEMARK" --db one.db sql --file "query.$1" --format csv "${options[@]}" >one.csv && "$TIDEMARK" --db "$server" sql --file "query.$1" --format csv "${options[@]}" >two.csv &&
    { alike one.csv two.csv || { cat one.csv && cat two.csv && return 1; }; }
}
for number in 1 2 3 4 5 6 7 8 9 10; do same "question $number" recipe "$number"; done
same 'no more than ten' test ! -e query.11
