#!/usr/bin/env bash
# Runs the tests on a tree that counts, and prints how many of each folder's lines and branches they have reached: the files, then the sums.
# A branch counts once it was taken. What it counts for a build that optimizes nothing.
#
# usage: scripts/coverage.sh BUILD [TEST...]      BUILD: a tree made with --coverage      FOLDERS: "store ingest gate analyze"
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.." || exit 2
build=$1
shift
find "$build" -name '*.gcda' -delete
export FAIL_SPARE_EXIT=1 # what gcov needs to write its counts does not fail
export TM_LINK=--coverage # of programs that tests build with the libraries
# What tests how the tree is built, or preloads and embeds it, is for another tree, and reaches nothing here.
not_here='hardened|install|malloc|privileged|python'
if [[ $# == 0 ]]; then
  mapfile -t tests < <(printf '%s\n' tests/unit/test_*.c tests/shell/test_*.sh | sed 's,.*/\(.*\)\.[a-z]*$,\1,' | grep -vE "_($not_here)(_|$)")
  set -- "${tests[@]}"
fi
TM_WHOLE=1 tests/run.sh "$build" "$@"
code=$?
for folder in ${FOLDERS:-store ingest gate analyze}; do
  while read -r source; do
    object=$build/${source%.c}.o
    [[ -e ${object%.o}.gcda ]] || { echo "$folder $source 0 $(grep -c ';$' "$source") 0 0" && continue; }
    gcov -n -b -o "$object" "$source" 2>/dev/null | awk -v folder="$folder" -v source="$source" '
      /^File / { own = $0 == "File \047" source "\047" }
      own && /^Lines executed/ { split($0, part, /[:% ]+/); lines = part[5]; done = part[3] * lines / 100 }
      own && /^Taken at least once/ { split($0, part, /[:% ]+/); branches = part[7]; taken = part[5] * branches / 100; own = 0 }
      END { printf "%s %s %.0f %d %.0f %d\n", folder, source, done, lines, taken, branches }'
  done < <(git ls-files "$folder/*.c")
done | awk '
  function share(part, all) { return all ? sprintf("%.1f", 100 * part / all) : "-" }
  { printf "  %-36s lines %5s %% of %4d, branches %5s %% of %4d\n", $2, share($3, $4), $4, share($5, $6), $6
    if (!($1 in lines)) order[++n] = $1
    done[$1] += $3; lines[$1] += $4; taken[$1] += $5; branches[$1] += $6 }
  END { for (i = 1; i <= n; i++) { f = order[i]; printf "%-10s lines %s %%, branches %s %%\n", f, share(done[f], lines[f]), share(taken[f], branches[f]) } }'
exit $code
