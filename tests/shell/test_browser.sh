#!/usr/bin/env bash
# The report page in a headless Chromium: tests/browser/page.mjs says what is looked at. Chromium and the modules that 'npm ci' puts
# into tests/browser are not asked of everybody; without them this is skipped. CI has them (.ci/run).
set -u
here=$TM_SOURCE_DIR/tests/browser
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB
export HOME=$TMPDIR

skip() {
  echo "ok browser # skipped: $1"
  exit 0
}

chromium=$(command -v chromium chromium-browser google-chrome | head -n 1)
[[ $chromium ]] || skip 'no chromium'
command -v node >/dev/null || skip 'no node'
[[ -d $here/node_modules/playwright-core ]] || skip "no modules: run 'npm ci' in tests/browser"

tm() { "$TIDEMARK" --db "$1.db" "${@:2}" >log 2>&1; }

# The demo's store, as its gate leaves it
make_site() {
  "$NIGHTS" --nights 90 --plugins 40 | awk -F, -v OFS=, 'NR == 1 || $1 != "2026-11-20"' >history.csv
  "$NIGHTS" --nights 90 --plugins 40 --only-night 90 | cut -d, -f5- >night.csv
  tm site ingest history.csv --host ci-1 || return
  tm site ingest night.csv --run 2026-11-20 --at 2026-11-20T02:00:00Z --commit 9c77100626ac --host ci-1 && tm site report -o site
}
printf '[report]\ncommit-url = https://example.org/c/%%s\ncompare-url = https://example.org/d/%%s...%%s\n' >tidemark.ini

# Twelve nights of each name that can be stored; in the last ones some are slow, so that they are spoken of everywhere.
make_hostile_site() {
  local night label kind encoded n names=()
  while read -r label kind encoded; do
    [[ $label != '#' && $kind != refused ]] && names+=("${encoded//%22/%22%22}")
  done <"$TM_SOURCE_DIR/tests/data/hostile_names.txt"
  {
    echo 'run,started_at,commit,plugin,calls,wall_ms,cpu_ms'
    for night in {10..21}; do
      for n in "${!names[@]}"; do
        printf '2026-11-%s,2026-11-%sT02:00:00Z,c0ffee%s,"%b",10,%d,%d\n' $night $night $night "${names[n]//%/\\x}" \
          $((1000 + n + night % 3 + (night > 18 && n % 10 == 0 ? 900 : 0))) $((500 + n + night % 3))
      done
    done
  } >hostile.csv
  tm hostile ingest hostile.csv --host ci-1 && tm hostile report -o hostile
}

# More plugins than have a row and a section of their own.
make_large_site() {
  "$NIGHTS" --nights 9 --plugins 1000 >large.csv && tm large ingest large.csv --host ci-1 && { tm large gate || true; } && tm large report -o large
}

# Values that are written in many ways, each in rows of both kinds.
make_alike_site() {
  awk 'BEGIN {
    split("0 0.00004 1e-310 0.04 3 3.25 9.996 123456 987654321 5e14 0.5 1 250 60000", wall); split("0 0.5 1024 20480 3e9", memory)
    print "run,started_at,commit,plugin,calls,errors,wall_ms,peak_mem_kb,share[unit=%]"
    for (n = 1; n <= 9; n++) for (i = 0; i < 700; i++) { k = i % 14
      printf "n%d,%d,c0ffee%d,p%03d,1,%d,%s,%s,%s\n", n, 1780000000 + 86400 * n, n, i, k == 5, wall[k + 1], memory[k % 5 + 1], k * 12345.5 }
  }' >alike.csv && tm alike ingest alike.csv --host ci-1 && { tm alike gate || true; } && tm alike report -o alike
}

for made in make_site make_hostile_site make_large_site make_alike_site; do
  $made || { echo "not ok browser $made" && sed 's/^/  /' log && exit 1; }
done
exec timeout --kill-after=10 600 node "$here/page.mjs" "$chromium" site hostile "$TM_SOURCE_DIR/tests/data/hostile_names.txt" large alike
