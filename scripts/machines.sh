#!/usr/bin/env bash
# Other machines: builds for arm64 and for s390x, which has its bytes the other way round, with Debian's cross compilers, and runs there, by
# qemu's user mode, the unit tests of base, schema, analyze and store. Then stores: one is written there and one here from the same files,
# both are judged there and here, and all must say the same and hold the same rows and bytes. The last line is 'N passed, N failed'.
#
# Debian's libraries for those machines are unpacked below build/MACHINE, and not installed. Needs scripts/setup.sh machines.
# usage: scripts/machines.sh [MACHINE...]     arm64 s390x
set -u
export LC_ALL=C.UTF-8 TZ=UTC
cd "$(dirname "$0")/.." || exit 2
top=$PWD
for var in ${!TIDEMARK_@}; do unset "$var"; done
unset CI GITHUB_ACTIONS GITLAB_CI TF_BUILD TEAMCITY_VERSION CC CFLAGS
libraries='libsqlite3-0 libsqlite3-dev libexpat1 libexpat1-dev zlib1g zlib1g-dev libcsv3 libcsv-dev libinih1 libinih-dev libcmocka0 libcmocka-dev libjansson4 libjansson-dev'
tests='advice base replace json gather units outcome settings bottlenecks climb columns counts csv_split dating detector evaluation fields formats gate_library memory moments nearest noise
  number ordered population repeats rules samples sketch sketch_blob sqlext stats store_guards store_open store_order store_queries
  store_refusals store_rows store_upkeep tails timestamp valid commit_fails'
passed=0 failed=0

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$scratch/log" 2>&1; then
    echo "ok machines $name" && passed=$((passed + 1))
  else
    echo "not ok machines $name" && failed=$((failed + 1))
    tail -n 20 "$scratch/log" | sed 's/^/  /'
  fi
}

# A triplet of gcc's and qemu's name for it
triplet() { case $1 in arm64) echo aarch64-linux-gnu ;; *) echo "$1-linux-gnu" ;; esac; }
emulator() { case $1 in arm64) echo qemu-aarch64 ;; *) echo "qemu-$1" ;; esac; }

# The libraries of a machine, unpacked
get_libraries() {
  local root=$top/build/$1/root deb
  [[ -e $root/usr/include/sqlite3.h ]] && return
  mkdir -p "$root/packages" && cd "$root/packages" || return
  dpkg --print-foreign-architectures | grep -qx "$1" || { dpkg --add-architecture "$1" && apt-get -q update; } || return
  # shellcheck disable=SC2046,SC2086 # lists
  apt-get -q download $(printf "%s:$1 " $libraries) || return
  for deb in *.deb; do dpkg-deb -x "$deb" "$root" || return; done
}

build_for() {
  local machine=$1 name root=$top/build/$1/root three
  three=$(triplet "$machine")
  # shellcheck disable=SC2046
  make -j"$(nproc)" CC="$three-gcc" AR="$three-ar" LD="$three-ld" B="build/$machine/tree" CFLAGS='-O2 -g' \
    CPPFLAGS="-I$root/usr/include -I$root/usr/include/$three" LDFLAGS="-L$root/usr/lib/$three -Wl,-rpath-link,$root/usr/lib/$three" \
    "build/$machine/tree/tidemark" $(for name in $tests; do [[ ! -e tests/unit/test_$name.c ]] || echo "build/$machine/tree/tests/unit/test_$name"; done) || return
  # What runs a program of that machine here
  printf '#!/bin/sh\nexec %s -L /usr/%s -E LD_LIBRARY_PATH=%s/usr/lib/%s:/usr/%s/lib "$@"\n' "$(emulator "$machine")" "$three" "$root" "$three" "$three" >"build/$machine/run"
  printf '#!/bin/sh\nexec "%s/build/%s/run" "%s/build/%s/tree/tidemark" "$@"\n' "$top" "$machine" "$top" "$machine" >"build/$machine/tidemark"
  chmod +x "build/$machine/run" "build/$machine/tidemark"
}

unit_tests() {
  local name bad=0
  for name in $tests; do
    [[ -e build/$1/tree/tests/unit/test_$name ]] || continue
    TMPDIR=$scratch CMOCKA_MESSAGE_OUTPUT=TAP TM_SOURCE_DIR=$top "build/$1/run" "build/$1/tree/tests/unit/test_$name" >"$scratch/$name.out" 2>&1 ||
      { bad=1 && echo "test_$name" && grep -A 3 '^not ok' "$scratch/$name.out" | head -n 20; }
  done
  return $bad
}

# ---- stores ----

nights() {
  awk 'BEGIN { print "run,started_at,host,commit,plugin,calls,errors,wall_ms,cpu_ms,peak_mem_kb,hits"
    for (n = 1; n <= 40; n++)
      for (i = 1; i <= 12; i++) printf "n%03d,%d,ci,c%d,p%d,%d,%d,%.3f,%.3f,%d,%d\n", n, 1760000000 + 86400 * n, n, i, 90 + n % 7, n % 3,
        (1000 + i * 37.7 + n * 7919 % 97) * (i == 3 && n > 35 ? 1.6 : 1), 800 + i * 31.1 + n * 104729 % 53, 50000 + (i == 5 && n > 37) * 30000 + n * 31 % 11, n }'
}
calls() { awk 'BEGIN { print "plugin,wall_ms,errors"; for (i = 0; i < 3000; i++) printf "p%d,%.6f,%d\n", i % 5, 0.01 * exp(i * 7919 % 1009 / 101), i % 50 == 0 }'; }

# write PROGRAM STORE
write() {
  "$1" --db "$2" ingest nights.csv && "$1" --db "$2" ingest calls.csv --calls --run calls --at 1763600000 --host other --commit c && "$1" --db "$2" gate --host ci
  [[ $? -le 1 ]]
}

# What a store says: rows, verdicts, findings, SQL with floating point, the check
said() {
  local program=$1 store=$2
  sqlite3 "$store" .dump
  for form in json csv text junit openmetrics; do "$program" --db "$store" gate --host ci --dry-run --format "$form"; done
  "$program" --db "$store" replay --host ci
  "$program" --db "$store" audit --host ci
  "$program" --db "$store" findings --host ci
  "$program" --db "$store" sql --format csv 'SELECT plugin, avg(wall_ms), median(wall_ms), mad(cpu_ms), stddev(wall_ms), percentile(wall_ms, 95) FROM profiles GROUP BY plugin'
  "$program" --db "$store" sql --format csv "SELECT plugin, wall_p50_ms, wall_p95_ms, wall_p99_ms, hex(latency) FROM profiles WHERE run = 'calls'"
  "$program" --db "$store" check
}

# A judgement notes when it was made, which is the only thing that may differ.
same_stores() {
  write "$top/build/$1/tidemark" there.db && write "$top/build/tidemark" here.db || return
  cmp <(sqlite3 here.db .dump) <(sqlite3 there.db .dump)
}
same_bytes() { cmp here.db there.db; }
judged_alike() {
  said "$top/build/tidemark" "$2" >by_here 2>&1
  said "$top/build/$1/tidemark" "$2" >by_there 2>&1
  [[ $(wc -l <by_here) -gt 500 ]] && diff by_here by_there | head -n 20 && cmp -s by_here by_there
}
goes_on() { # a night that is added and gated by the other machine
  printf 'plugin,calls,wall_ms,cpu_ms,peak_mem_kb\np1,90,1000,800,50000\np3,90,2000,800,50000\n' >next.csv
  for pair in "build/tidemark there.db" "build/$1/tidemark here.db"; do
    "$top/${pair% *}" --db "${pair#* }" gate next.csv --run n041 --at 1763700000 --host ci --commit c41 >"${pair#* }.said"
    [[ $? == 1 ]] || return
  done
  cmp there.db.said here.db.said && cmp <(sqlite3 here.db .dump) <(sqlite3 there.db .dump)
}

make -s all || exit 2
[[ $# -gt 0 ]] || set -- arm64 s390x
for machine in "$@"; do
  scratch=$(mktemp -d) || exit 2
  check "$machine: libraries" get_libraries "$machine"
  check "$machine: is built" build_for "$machine"
  check "$machine: unit tests" unit_tests "$machine"
  nights >"$scratch/nights.csv" && calls >"$scratch/calls.csv" && cd "$scratch" || exit 2
  check "$machine: a store written there has the rows of one written here" same_stores "$machine"
  check "$machine: and its bytes" same_bytes
  check "$machine: that store is judged alike" judged_alike "$machine" there.db
  check "$machine: one written here is judged alike" judged_alike "$machine" here.db
  check "$machine: either goes on with the other's" goes_on "$machine"
  cd "$top" && rm -rf "$scratch"
done
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
