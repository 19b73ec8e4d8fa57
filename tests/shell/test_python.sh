#!/usr/bin/env bash
# The CPython extension: builds it for PYTHON (python3), and runs tests/python/test_*.py, each in an interpreter of its own. With
# sanitizers, the interpreter gets their runtime first, and takes its memory from malloc so that they see it.
set -u
python=${PYTHON:-python3}
cd "$TMPDIR" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T SAN PLUGIN_PROFILING

header='import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
if ! command -v "$python" >/dev/null; then
  echo 'ok python: skipped, no Python'
  exit 0
fi
if ! "$python" -c "$header" 2>/dev/null; then
  echo 'ok python: skipped, no Python.h'
  exit 0
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
  echo 'ok python: skipped, older than 3.9'
  exit 0
fi

sanitized=
if nm "$TM_BUILD/libtidemark.a" 2>/dev/null | grep -q __asan_init; then sanitized=1; fi
# A path from there, since make takes no blanks.
if ! make -C "$TM_SOURCE_DIR" "B=$(realpath --relative-to="$TM_SOURCE_DIR" "$TM_BUILD")" ${sanitized:+SAN=1} "PYTHON=$python" python >make.log 2>&1; then
  echo 'not ok python is built'
  tail -n 40 make.log
  exit 1
fi
echo 'ok python is built'
built=$TM_BUILD/python/tidemark$("$python" -c 'import sysconfig as s; print(s.get_config_var("EXT_SUFFIX"))')
if "$TM_SOURCE_DIR/scripts/hardened.sh" "$built" "$TM_BUILD"/python/of*/record/python/*.o; then echo 'ok python is hardened'; else echo 'not ok python is hardened'; fi

[[ ! -e $TM_BUILD/libtidemark_malloc.so ]] || cp "$TM_BUILD/libtidemark_malloc.so" .
export PYTHONPATH=$TM_BUILD/python PYTHONDONTWRITEBYTECODE=1 PYTHONNOUSERSITE=1
preload=()
if [[ $sanitized ]]; then
  export ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc TM_SANITIZED=1
  preload=(env "LD_PRELOAD=$("${CC:-cc}" -print-file-name=libasan.so) $("${CC:-cc}" -print-file-name=libubsan.so)")
fi

failed=0
for file in "$TM_SOURCE_DIR"/tests/python/test_*.py; do
  "${preload[@]}" "$python" "$TM_SOURCE_DIR/tests/python/run.py" "$(basename "$file" .py)" </dev/null
  code=$?
  [[ $code -le 1 ]] || echo "not ok python $(basename "$file" .py) ended with $code"
  [[ $code == 0 ]] || failed=1
done
exit $failed
