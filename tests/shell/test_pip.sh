#!/usr/bin/env bash
# `pip install .` without a network: what is installed is imported, runs programs, and is typed.
set -u
cd "$TMPDIR" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T SAN PYTHONPATH

python=
for try in "${PYTHON:-python3}" /usr/bin/python3; do
  if "$try" -c 'import setuptools, os, pip, wheel, sysconfig as s; assert os.path.exists(s.get_path("include") + "/Python.h")' 2>/dev/null; then python=$try && break; fi
done
if [[ ! $python ]]; then
  echo 'ok pip: skipped, no Python with pip, setuptools, wheel and Python.h'
  exit 0
fi
if nm "$TM_BUILD/libtidemark.a" 2>/dev/null | grep -q __asan_init; then
  echo 'ok pip: skipped, with sanitizers'
  exit 0
fi

# A copy, for pip leaves build/ and *.egg-info in the folder; with the objects that there are.
mkdir source && (cd "$TM_SOURCE_DIR" && git ls-files -z 2>/dev/null | xargs -0 cp -p --parents -t "$TMPDIR/source" 2>/dev/null)
cp -a "$TM_BUILD" source/objects && rm -rf source/objects/tests
if TIDEMARK_BUILD=objects "$python" -m pip install -q --no-index --no-build-isolation --no-deps --target installed ./source >pip.log 2>&1; then
  echo 'ok pip: installs'
else
  echo 'not ok pip: installs' && tail -n 20 pip.log | sed 's/^/  /'
fi
if PYTHONPATH=installed "$python" -c 'import tidemark, tidemark.guide, tidemark_pstats; assert tidemark.__file__.startswith("'"$TMPDIR"'")'; then
  echo 'ok pip: is imported'
else
  echo 'not ok pip: is imported'
fi
echo 'import tidemark; tidemark.wrap("p", len)("abc")' >app.py
PYTHONPATH=installed "$python" -m tidemark run app.py
if grep -q '^p,1,' night.csv && [[ -e installed/tidemark/py.typed && -e installed/tidemark/__init__.pyi ]]; then
  echo 'ok pip: runs a program'
else
  echo 'not ok pip: runs a program'
fi
