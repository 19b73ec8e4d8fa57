#!/usr/bin/env bash
# A store that version 0.1.0 wrote and judged (tests/data/stores/0.1.0.db.gz, with decisions, a metric of its own, a branch) opens, is brought
# up to date, and is judged: tests/data/stores/0.1.0.expect is what this program prints then. It is written anew only where a change of
# verdicts is the purpose. So far: since then two and three runs must lie beyond all before them, a budget's threshold is lower, and a change
# is dated by its likeliest split, with the interval in which it lies; an open regression is led by the metric that raised it; evidence is divided
# by more where runs resemble each other, and the end of a young improvement is no alarm; --explain says how small a rise would be told. The decisions, the exit codes and the plugins that fail
# stayed as they were.
set -u
data=$TM_SOURCE_DIR/tests/data/stores
cd "$TMPDIR" || exit 1

# ask DB: every question, with the exit codes
ask() {
  for words in 'gate --branch main --format csv' 'gate --branch topic --format csv' 'gate --branch main --all' 'replay' 'decisions --format csv' \
    'show web-search --format csv' 'gate next.csv --host ci --format csv' 'gate --branch main --explain' 'replay --summary'; do
    printf '$ tidemark %s\n' "$words"
    read -ra split <<<"$words"
    "${TIDEMARK:-tidemark}" --db "$1" "${split[@]}" 2>/dev/null
    printf 'exit %d\n' $?
  done
}

if [[ ${1:-} == write ]]; then # with TIDEMARK set to the program
  cp "$data/next.csv" . && gunzip -c "$data/0.1.0.db.gz" >old.db && ask old.db >"$data/0.1.0.expect"
  exit
fi

check() {
  if "${@:2}" >said 2>&1; then echo "ok old store: $1"; else
    echo "not ok old store: $1"
    sed 's/^/  /' said | head -n 40
  fi
}

# The advice below the verdicts is left out: its words may get better.
without_advice() { grep -vE "^a (regression stays open|missing plugin stays missing) until " "$1"; }
same_verdicts() { ask "$1" >found && diff <(without_advice "$data/0.1.0.expect") <(without_advice found); }
sound() { "$TIDEMARK" --db "$1" check; }
anew() {
  gunzip -c "$data/0.1.0.db.gz" >anew.db && "$TIDEMARK" --db anew.db rebuild && "$TIDEMARK" --db anew.db rebuild --base main &&
    same_verdicts anew.db
}

cp "$data/next.csv" . && gunzip -c "$data/0.1.0.db.gz" >old.db
check 'the same verdicts as before' same_verdicts old.db
check 'the store is sound afterwards' sound old.db
check 'the same verdicts when all is judged anew' anew
