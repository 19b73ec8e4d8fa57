#!/usr/bin/env bash
# What becomes of other programs' files: runs, profiles and readings of each fixture.
#
# A case is tests/data/formats/FORMAT/INPUT, a file or a tree, with INPUT.expect beside it, which begins with
#   # what the fixture is there for
#   args: OPTIONS         of ingest
# and goes on with the exit code, what was said, and what is in the store. UPDATE=1 rewrites that from what happens: read it.
# Arguments pick cases by FORMAT.
set -u
cases=$TM_SOURCE_DIR/tests/data/formats
failures=0
runs="select r.key, strftime('%Y-%m-%dT%H:%M:%SZ', started_at, 'unixepoch') as start, commit_id as 'commit', branch, h.key as host, version, tool
  from run r join host h using (host_id) order by run_id"
profiles="select r.run_id as run, p.name as plugin, calls, errors, round(wall_ns / nullif(calls, 0), 6) as wall,
    round(cpu_ns / nullif(calls, 0), 6) as cpu, peak_mem_bytes as peak, round(wall_p50_ns, 6) as p50, round(wall_p95_ns, 6) as p95,
    round(wall_p99_ns, 6) as p99, round(wall_max_ns, 6) as max,
    (select group_concat(name || '=' || printf('%.12g', value) || ' ' || ifnull(unit, '-') || ' ' || ifnull(better, '-'), '; ')
      from (select m.name, g.value, m.unit, m.better from reading g join metric m using (metric_id)
        where g.run_id = q.run_id and g.plugin_id = q.plugin_id order by m.name)) as readings
  from profile q join run r using (run_id) join plugin p on p.plugin_id = q.plugin_id order by r.run_id, p.name"

# happens CASE: the expectation as it should read
happens() {
  local line head='' code
  local -a args=()
  while IFS= read -r line && [[ $line == '#'* || $line == args:* ]]; do
    head+=$line$'\n'
    [[ $line != args:* ]] || read -ra args <<<"${line#args:}"
  done <"$1.expect"
  (cd "${1%/*}" && "$TIDEMARK" ingest --db "$TMPDIR/$id/db" ${args[@]+"${args[@]}"} "${1##*/}") >out 2>err
  code=$?
  printf '%sexit: %d\n' "$head" $code
  [[ ! -s err ]] || { echo stderr: && cat err; }
  [[ $code == 0 ]] || return
  "$TIDEMARK" check --db db >check.out 2>&1 || cat check.out
  echo runs: && "$TIDEMARK" sql --db db "$runs" --format csv 2>&1
  echo profiles: && "$TIDEMARK" sql --db db "$profiles" --format csv 2>&1
}

for expectation in "$cases"/*/*.expect; do
  input=${expectation%.expect} format=${expectation%/*} format=${format##*/}
  [[ $# == 0 || " $* " == *" $format "* ]] || continue
  id=$format.${input##*/}
  mkdir "$TMPDIR/$id" && cd "$TMPDIR/$id" || exit 1
  happens "$input" >actual 2>&1
  [[ -z ${UPDATE-} ]] || cp actual "$expectation"
  if cmp -s actual "$expectation"; then
    echo "ok formats $format/${input##*/}"
  else
    echo "not ok formats $format/${input##*/}"
    diff -u --label expected --label actual "$expectation" actual | sed 's/^/  /'
    failures=$((failures + 1))
  fi
  cd "$TMPDIR" && rm -r "${TMPDIR:?}/$id"
done
for input in "$cases"/*/*; do
  [[ $input == *.expect || -e $input.expect ]] || { echo "not ok formats $input has no expectation" && failures=$((failures + 1)); }
done
[[ $failures == 0 ]]
