#!/usr/bin/env bash
# The stored inputs of every fuzz target, without a fuzzer: those that reach new code, and those that once were faults.
set -u
cd "$TMPDIR" && exec "$TM_BUILD/tests/fuzz/main/replay" "$TM_SOURCE_DIR/tests/fuzz/corpus"
