#!/usr/bin/env bash
# Hostile and unusual CSV files: what ingest says of each, its exit code, and what the store holds afterwards.
#
# A case is tests/data/csv/NAME.csv; or NAME.printf, text for printf %b where bytes are ones that editors change, in which {N*TEXT} stands for
# N times TEXT. NAME.expect beside it begins with
#   # why the case is there
#   args: OPTIONS         of ingest, for printf %b (default: --run r --at 2026-11-20T02:00:00Z --host h)
#   first: OPTIONS FILE   ingested before, from tests/data/csv; must succeed
#   input: FILES          instead of the case's own: '-' for that on standard input, others of tests/data/csv, or a path
#   sql: QUERY            asked afterwards
# and goes on with the exit code and what must come out. Whatever fails must leave the store empty, or byte for byte as it was.
# UPDATE=1 rewrites the expectations from what happens. Arguments pick cases by name.
set -u
cases=$TM_SOURCE_DIR/tests/data/csv
failures=0
empty="select (select count(*) from project) + (select count(*) from host) + (select count(*) from plugin) + (select count(*) from run)
  + (select count(*) from profile) + (select count(*) from metric) + (select count(*) from reading) + (select count(*) from recording)"

# make_file NAME: the case's bytes as ./NAME.csv
make_file() {
  if [[ -e $cases/$1.csv ]]; then
    cp "$cases/$1.csv" .
  elif grep -q '{[0-9]*[*]' "$cases/$1.printf"; then
    printf '%b\n' "$(awk '
      function times(n, text, all) { for (all = ""; n > 0; n = int(n / 2)) { if (n % 2) all = all text; text = text text } return all }
      { while (match($0, /[{][0-9]+[*][^{}]*[}]/)) {
          piece = substr($0, RSTART + 1, RLENGTH - 2); star = index(piece, "*")
          $0 = substr($0, 1, RSTART - 1) times(substr(piece, 1, star - 1) + 0, substr(piece, star + 1)) substr($0, RSTART + RLENGTH)
        } print }' "$cases/$1.printf")" >"$1.csv"
  else
    printf '%b\n' "$(<"$cases/$1.printf")" >"$1.csv"
  fi
}

# read_head NAME: what the expectation says up to the exit code; sets the arrays of words
read_head() {
  local line
  head='' args=(--run r --at 2026-11-20T02:00:00Z --host h) first=() input=("$1.csv") sql=''
  while IFS= read -r line && [[ $line != exit:* ]]; do
    head+=$line$'\n'
    case $line in
    'args:'*) read -ra args <<<"$(printf '%b' "${line#args:}")" ;;
    'first:'*) read -ra first <<<"${line#first:}" ;;
    'input:'*) read -ra input <<<"${line#input:}" ;;
    'sql: '*) sql=${line#sql: } ;;
    esac
  done <"$cases/$1.expect"
}

# section TITLE FILE: its lines, if there are any
section() { [[ ! -s $2 ]] || { printf '%s:\n' "$1" && cat "$2"; }; }

# left_alone: nothing of what failed is in the store
left_alone() {
  [[ ! -e tidemark.db-journal ]] || echo 'left: a journal'
  if [[ ${#first[@]} -gt 0 ]]; then
    cmp before.db tidemark.db
  elif [[ -e tidemark.db && $("$TIDEMARK" sql "$empty" --format csv 2>&1 | tail -n 1) != 0 ]]; then
    echo 'left: rows in the store'
  fi
}

# happens NAME: the expectation as it should read
happens() {
  local code
  if [[ ${#first[@]} -gt 0 ]]; then
    local file=${first[-1]}
    make_file "${file%.csv}"
    "$TIDEMARK" ingest "${first[@]}" >first.out 2>&1 || cat first.out
    cp tidemark.db before.db
  fi
  make_file "$1"
  for file in "${input[@]}"; do
    [[ $file == - || $file == */* || -e $file ]] || make_file "${file%.csv}"
  done
  "$TIDEMARK" ingest ${args[@]+"${args[@]}"} "${input[@]}" <"$1.csv" >out 2>err
  code=$?
  [[ $code == 0 ]] || left_alone >>err
  [[ $code != 0 ]] || "$TIDEMARK" check >check.out 2>&1 || cat check.out >>err
  printf '%sexit: %d\n' "$head" $code
  section stderr err
  section stdout out
  if [[ $sql ]]; then
    "$TIDEMARK" sql "$sql" --format csv >rows 2>&1
    section rows rows
  fi
}

for expectation in "$cases"/*.expect; do
  name=${expectation##*/} name=${name%.expect}
  [[ $# == 0 || " $* " == *" $name "* ]] || continue
  mkdir "$TMPDIR/$name" && cd "$TMPDIR/$name" || exit 1
  read_head "$name"
  happens "$name" >actual 2>&1
  [[ -z ${UPDATE-} ]] || cp actual "$expectation"
  if cmp -s actual "$expectation"; then
    echo "ok csv $name"
  else
    echo "not ok csv $name"
    diff -u --label expected --label actual "$expectation" actual | sed 's/^/  /'
    failures=$((failures + 1))
  fi
  cd "$TMPDIR" && rm -r "${TMPDIR:?}/$name"
done
[[ $failures == 0 ]]
