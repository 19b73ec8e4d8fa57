#!/usr/bin/env bash
# The export's OTLP by the protobuf definitions that OpenTelemetry publishes: tests/otlp/check.mjs reads it. The modules that 'npm ci' puts into
# tests/otlp are not asked of everybody; without them this is skipped, and test_export_forms looks at it by a schema of our own. CI has them
# (.ci/run).
set -u
here=$TM_SOURCE_DIR/tests/otlp
cd "$TMPDIR" || exit 1
unset TIDEMARK_CONFIG TIDEMARK_DB

skip() {
  echo "ok otlp # skipped: $1"
  exit 0
}

command -v node >/dev/null || skip 'no node'
[[ -d $here/node_modules/@opentelemetry ]] || skip "no modules: run 'npm ci' in tests/otlp"

check() {
  if "$@" >log 2>&1; then
    echo "ok otlp: $(tail -n 1 log)"
  else
    echo "not ok otlp: $*"
    head -n 20 log | cut -c 1-400
    failed=1
  fi
}

failed=0
tm() { "$TIDEMARK" --db in.db "$@"; }
for seed in 21 22; do
  for kind in profile call; do
    awk -v seed=$seed -v kind=$kind -f "$TM_SOURCE_DIR/tests/data/random_runs.awk" >$kind.csv
    check tm ingest $kind.csv --better hits=higher
  done
done
check tm ingest "$TM_SOURCE_DIR/tests/data/formats/data.js/data.js" --host h
check tm export --format otlp -o out.jsonl
check node "$here/check.mjs" out.jsonl
# It refuses what the definitions do not have.
sed 's/"asInt"/"asInteger"/' out.jsonl >wrong.jsonl
if node "$here/check.mjs" wrong.jsonl >log 2>&1; then
  echo 'not ok otlp: a wrong member passes' && failed=1
else
  echo 'ok otlp: a wrong member is refused'
fi
exit "$failed"
