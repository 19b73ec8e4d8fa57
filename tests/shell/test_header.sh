#!/usr/bin/env bash
# The recorder's header compiles without a warning in every C and C++ that a host may be written in.
set -u
cd "$TMPDIR" || exit 1

cat >host.c <<'END'
#include "tidemark_record.h"
#include "tidemark_loader.h"
int host(void);
int host(void)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    struct tm_rec_call call;
    int failed;
    config.memory = TM_REC_MEMORY_NET;
    failed = tm_rec_start(&config);
    tm_rec_begin(&call, tm_rec_register("p", NULL));
    tm_rec_end(&call, TM_REC_OK);
    return failed + (config.on != -1) + (config.spike_interval < 1) + (config.spike_percent < 80) + (config.trace_share < 1);
}
END
cp host.c host.cc

# compiles NAME COMMAND...
compiles() {
  if "${@:2}" -c -o host.o -I"$TM_SOURCE_DIR" -I"$TM_SOURCE_DIR/record" -Wall -Wextra -pedantic -Werror >log 2>&1; then
    echo "ok header: $1"
  else
    echo "not ok header: $1" && head -n 5 log | sed 's/^/  /'
  fi
}

for standard in c99 c11 c17 gnu17; do compiles "$standard" "${CC:-cc}" "-std=$standard" host.c; done
if command -v "${CXX:-c++}" >/dev/null; then
  for standard in c++11 c++14 c++17 c++20; do compiles "$standard" "${CXX:-c++}" "-std=$standard" host.cc; done
else
  echo 'ok header: C++ skipped, there is no compiler of it'
fi
