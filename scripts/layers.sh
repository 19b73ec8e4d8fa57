#!/usr/bin/env bash
# Fails on an include that a folder may not have: schema <- libc; analyze <- schema; ingest <- schema, libcsv, jansson;
# store <- schema, sqlite3, libpq (SQL functions also analyze/); cli <- all. Nobody includes cli/ or tests/. ingest/record, the library of
# hosts, takes schema/, store.h and, for the loader's report, analyze/report/bottlenecks.h. ingest/malloc is a library of its own: it
# knows what the recorder has said to it, and nobody includes it.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

# forbid FILES-REGEX INCLUDE-REGEX [EXCEPT-FILES-REGEX [EXCEPT-INCLUDE-REGEX]]
forbid() {
  found=$(git ls-files -co --exclude-standard '*.c' '*.h' | grep -E "$1" | grep -vE "${3:-^$}" | xargs -r grep -nE "^ *# *include *[<\"]($2)" /dev/null |
    grep -vE "[<\"](${4:-})[>\"]")
  [[ -z $found ]] || { printf 'forbidden include:\n%s\n' "$found"; bad=1; }
}

forbid '^schema/' '(store|ingest|analyze|cli|tests)/|sqlite3|csv\.h|jansson|libpq|ini\.h'
forbid '^analyze/' '(store|ingest|cli|tests)/|sqlite3|csv\.h|jansson|libpq|ini\.h'
forbid '^analyze/' 'stdio\.h|fcntl\.h|unistd\.h|sys/|pthread\.h' '^analyze/report/'
forbid '^ingest/' '(store|analyze|cli|tests)/|sqlite3|libpq' '^ingest/record/'
forbid '^ingest/record/' '(store|analyze|cli|tests)/|ingest/([^r]|r[^/]*")|sqlite3|libpq|csv\.h|jansson|ini\.h' '' 'store/store\.h|analyze/report/bottlenecks\.h'
forbid '^ingest/malloc/' 'schema/|ingest/[^/"]*"|ingest/record/record\.h|csv\.h|jansson'
forbid '.' 'ingest/malloc/' '^ingest/malloc/'
forbid '^store/' '(ingest|cli|tests)/|csv\.h|jansson'
forbid '^store/' 'analyze/' '^store/sql(ext|sketch)\.'
forbid '^cli/' 'sqlite3|csv\.h|libpq|tests/|store/(db|batch|content)\.h'
forbid '^(schema|analyze)/' 'sqlite3.*|libpq.*'
exit "$bad"
