# Random stores, for tests to source, which define
#   tm ARG...    the program, with the store
#   try ARG...   that, quietly: what a decision or a repeat of this seed finds nothing for is no matter
#   recorded     adds to it what comes from no file
# shellcheck shell=bash

# history SEED PROJECT FIRST LAST: nights of some branches and hosts, several of them in the same second; levels that change, plugins that come and go
history() {
  awk -v seed="$1" -v project="$2" -v first="$3" -v last="$4" 'BEGIN {
    srand(seed); n_lines = 1 + int(rand() * 3); plugins = 3 + int(rand() * 3)
    print "run,started_at,host,branch,commit,version,plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,peak_mem_kb,p50_ms,p95_ms,occupied_ms,clock,plugin_version,hits,size_kb,longest_step_ms,cancelled,timeouts"
    for (l = 1; l <= n_lines; l++)
      for (i = 1; i <= plugins; i++) { from[l, i] = 8 + int(rand() * 14); by[l, i] = rand() < 0.5 ? 1 : 1.2 + rand(); gone[l, i] = rand() < 0.2 ? 14 + int(rand() * 8) : 99 }
    for (n = 1; n <= last; n++)
      for (l = 1; l <= n_lines; l++)
        for (i = plugins; i >= 1; i--) {
          wall = (100 + 900 * i + 40 * rand()) * (n >= from[l, i] ? by[l, i] : 1); x = rand(); y = rand()
          if (n < first || n >= gone[l, i]) continue
          printf "%s-%d-%02d,%d,h%d,%s,c%d,v%d,%s,%d,%d,%.17g,%.17g,%.3f,%d,%.17g,%.17g,%s,%s,%s,%.17g,%s,%s,%s,%s\n", project, l, n, 1760000000 + 86400 * n, l % 2, l == 3 ? "topic" : "main", n, n % 3,
            i == 2 ? "p 2 \"q\"" : i == 3 ? "##[group]<p>" : "p" i, 90 + int(20 * x), int(2 * y), wall, wall * (0.7 + 0.1 * x), 8 * (x - 0.5), 4000 + 100 * i + int(50 * y), wall / 110, wall / 80,
            i == 1 ? wall : "", i == 1 ? "thread" : "", i == 1 ? "2." n : "", 60 + 10 * y, i == 1 ? 100 + int(3 * x) : "",
            i == 1 ? x : "", i == 1 ? int(9 * x) : "", i == 1 ? int(9 * y) : ""
        }
  }' | sed 's/"q"/""q""/; s/,p 2 \(""q""\),/,"p 2 \1",/'
}

# rolled_up PROJECT: more nights of a branch than the judge needs, the first of them with repeats and call by call, rolled up in two goes; the nights of one
# week come again in between
rolled_up() {
  local i
  awk -v seed=$RANDOM 'BEGIN {
    srand(seed)
    print "run,started_at,plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,p95_ms,hits"
    for (n = 1; n <= 75; n++) {
      at = 1740000000 + 86400 * n + int(9999 * rand())
      for (i = 1; i <= 2; i++) printf "o%d,%d,old%d,%d,%s,%.17g,%s,%.9g,%.17g,%s\n", n, at, i, 5 + int(3 * rand()), i == 1 ? int(2 * rand()) : "", 100 * rand(), i == 1 ? 90 * rand() : "", rand() - 0.5, 30 * rand(), n % 3 ? rand() : ""
    }
  }' >old.csv
  try ingest old.csv --project "$1" --branch old --host h0
  for i in 1 2 3; do try ingest calls.csv --calls --project "$1" --branch old --host h0 --run "sketched $i" --at $((1740000000 + 86400 * 3 * i)); done
  tail -n 2 old.csv | cut -d, -f3- | sed '1i plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,p95_ms,hits' >again.csv
  for i in 1 2; do try ingest again.csv --project "$1" --branch old --host h0 --run "old again $i" --repeat-of o2 --at $((1740300000 + i)); done
  ((RANDOM % 2)) && try gate --project "$1" --branch old
  ((RANDOM % 2)) && try accept old1 --project "$1" --from o4 --reason 'needed'
  try prune --project "$1" --before 2025-02-26T12:00 --rollup week
  ((RANDOM % 2)) && try ingest old.csv --project "$1" --branch old --host h0
  try prune --project "$1" --keep-runs $((RANDOM % 20 + 50)) --rollup week
}

# In the order in which the store has them: the newest run of a random lineage
make_store() {
  local seed=$1 project night part how
  read -ra how <<<"${settings[seed % 3]}"
  rm -f one.db quiet
  RANDOM=$seed
  for project in alpha beta; do
    history "$seed" $project 1 15 >h.csv && try ingest h.csv --project $project --better hits=higher || return 1
    try gate --project $project --all-lineages "${how[@]}"
    try accept p1 --project $project --reason 'new model: "fast" <b>' --issue https://example.org/1
    history "$seed" $project 16 19 >h.csv && try ingest h.csv --project $project || return 1
    try gate --project $project --all-lineages "${how[@]}"
    try waive 'p 2 "q"' --project $project --metric wall_per_call_ms --ceiling +$((RANDOM % 90 + 10))% --until 2025-11-0$((RANDOM % 9 + 1)) --reason ü
    ((RANDOM % 2)) && try accept 'p*' --project $project --reason globbed --host h1
    echo 'waive "p*" peak_mem_kb ceiling=40% until=2099-01-01 -- of a file' >"$project.decisions"
    try gate --project $project --decisions "$project.decisions"
    try retire '##[group]<p>' --project $project --reason "gone"
    ((RANDOM % 2)) && try undo $((RANDOM % 3 + 1)) --project $project
    ((RANDOM % 2)) && try adopt --project $project --reason 'as it is'
    history "$seed" $project 20 24 >h.csv && try ingest h.csv --project $project || return 1
    history "$seed" $project 24 24 | sed -n '1p;2,4p' | cut -d, -f7- >again.csv
    for night in 1 2; do try ingest again.csv --project $project --run "again $night" --at 17620${night}0000 --repeat-of "$project-1-24" --host h1; done
    printf 'plugin,call,wall_ms\np1,1,2.5\np1,2,0.1\nsketched,1,1e-3\n' >calls.csv && try ingest calls.csv --project $project --run calls --at 1750000000 --host h1
    for part in m:2 m:1 other; do
      sed "s/^p1,2/p $part,2/" calls.csv >part.csv && try ingest part.csv --project $project --run parted --part $part --at $((1755000000 + ${#part})) --host h$((${#part} % 2))
    done
    ((RANDOM % 2)) && try rename p1 'p1 renamed' --project $project
    ((RANDOM % 2)) && try rm "$project-1-19" --project $project
    ((RANDOM % 2)) && try metric size_kb --project $project --unit MB
    ((RANDOM % 3)) || try prune --project $project --before 2025-10-12
    rolled_up $project
  done
  recorded
  try retire p4 --project beta --reason 'and taken back' && try undo "$(tm decisions --project beta --format csv | tail -n 1 | cut -d, -f1)" --project beta
  if ((seed % 2)); then for project in alpha beta; do try gate --project $project --all-lineages "${how[@]}"; done; fi
  return 0
}
settings=('' '--budget 0.1' '--no-floors --min-effect 2%')

