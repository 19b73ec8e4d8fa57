#!/usr/bin/env bash
# What `make install` puts in place, used as somebody would use it who has nothing else: a C program, a C++ compiler, the sqlite3 shell,
# man, bash. Programs that are not there are named and passed over.
set -u
failures=0
cd "$TMPDIR" || exit 1
root=$TMPDIR/root
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T SAN

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok install $name"
  else
    echo "not ok install $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# with PROGRAM NAME COMMAND...: the check, where the program is there
with() {
  if command -v "$1" >/dev/null; then check "${@:2}"; else echo "ok install $2 # skipped: no $1"; fi
}

same() { diff -u --label expected --label actual "$1" "$2"; }

version=$(sed -n 's/^#define TM_VERSION "\(.*\)"/\1/p' "$TM_SOURCE_DIR/schema/tidemark.h")
export LD_LIBRARY_PATH=$root/usr/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} # where ldconfig has not been

# The tree that is tested, so that nothing is compiled anew; its path from the source tree, since make takes no blanks.
tree=$(realpath --relative-to="$TM_SOURCE_DIR" "$TM_BUILD")
install_it() { make -C "$TM_SOURCE_DIR" "B=$tree" "DESTDIR=$root" PREFIX=/usr "$@" install; }

# Without the hooks where there is no glibc
expected_files() {
  local without='^$'
  [[ -e $TM_BUILD/libtidemark_malloc.so ]] || without='_malloc|wrap'
  grep -vE "$without" <<END
/usr/bin/tidemark
/usr/include/tidemark.h
/usr/include/tidemark_loader.h
/usr/include/tidemark_record.h
/usr/lib/libtidemark.a
/usr/lib/libtidemark.so
/usr/lib/libtidemark.so.0
/usr/lib/libtidemark.so.$version
/usr/lib/libtidemark_malloc.so
/usr/lib/libtidemark_record.a
/usr/lib/libtidemark_record.so
/usr/lib/libtidemark_record.so.0
/usr/lib/libtidemark_record.so.$version
/usr/lib/libtidemark_wrap.a
/usr/lib/pkgconfig/tidemark-record.pc
/usr/lib/pkgconfig/tidemark-wrap.pc
/usr/lib/pkgconfig/tidemark.pc
/usr/lib/sqlite3/tidemark_sql.so
/usr/share/bash-completion/completions/tidemark
/usr/share/fish/vendor_completions.d/tidemark.fish
/usr/share/man/man1/tidemark.1
/usr/share/tidemark/datasette-metadata.json
/usr/share/tidemark/findings.schema.json
/usr/share/tidemark/gate.schema.json
/usr/share/tidemark/grafana-dashboard.json
/usr/share/tidemark/grafana-postgresql.json
/usr/share/zsh/site-functions/_tidemark
END
}

# files_in DIRECTORY: without the extension for Python, which another test may be building just now
files_in() { (cd "$1" && find . ! -type d -not -path '*/lib/tidemark/python/*' | sed 's/^\.//' | sort); }

installed_files() {
  files_in "$root" >files
  expected_files | same - files
}

# A tree like the one that is tested, with an extension for two Pythons.
installed_python() {
  mkdir -p tree/python && ln -s "$TM_BUILD"/*tidemark* tree/ || return
  touch tree/python/tidemark.cpython-39-x86_64-linux-gnu.so tree/python/tidemark.cpython-313-x86_64-linux-gnu.so
  "$TM_SOURCE_DIR/packaging/install.sh" "$TMPDIR/tree" "$TMPDIR/with python" /usr "$version" &&
    (cd 'with python/usr/lib/tidemark/python' && printf '%s\n' *) >files && (cd tree/python && printf '%s\n' tidemark * tidemark_pstats.py) | same - files
}

# Each command of the installation that writes names a place below DESTDIR.
only_below_destdir() {
  grep -E '^ *install |>' "$TM_SOURCE_DIR/packaging/install.sh" | grep -v '^#' >writing
  grep -vE '"\$(to|place)|/dev/null' writing | sed 's/^/not below DESTDIR: /' >outside
  [[ -s writing ]] && grep -qx '  local place=\$to/.*' "$TM_SOURCE_DIR/packaging/install.sh" && cat outside && [[ ! -s outside ]]
}

spaces_in_destdir() {
  make -C "$TM_SOURCE_DIR" "B=$tree" "DESTDIR=$TMPDIR/with a space" PREFIX='/opt/a|b' install &&
    [[ -x "with a space/opt/a|b/bin/tidemark" ]] && grep -xF 'prefix=/opt/a|b' "with a space/opt/a|b/lib/pkgconfig/tidemark.pc"
}

other_prefix() {
  make -C "$TM_SOURCE_DIR" "B=$tree" "DESTDIR=$TMPDIR/other" PREFIX=/opt/tm install || return
  files_in other >files
  expected_files | sed 's,^/usr,/opt/tm,' | same - files && grep -x 'prefix=/opt/tm' other/opt/tm/lib/pkgconfig/tidemark.pc
}

multiarch() {
  make -C "$TM_SOURCE_DIR" "B=$tree" "DESTDIR=$TMPDIR/multi" PREFIX=/usr LIBDIR=lib/here install || return
  files_in multi >files
  expected_files | sed 's,^/usr/lib/,/usr/lib/here/,' | same - files && grep -x 'libdir=${prefix}/lib/here' multi/usr/lib/here/pkgconfig/tidemark.pc
}

# Nothing stays of another version or of an extension, even where the tree that was installed is gone; directories of the system do.
uninstalled_without_a_tree() {
  local place
  ln -s "libtidemark.so.$version" tree/libtidemark.so.0.0.9 && ln -s "libtidemark_record.so.$version" tree/libtidemark_record.so.0.0.9 || return
  for place in /opt/tm /usr/local; do
    "$TM_SOURCE_DIR/packaging/install.sh" "$TMPDIR/tree" "$TMPDIR/gone" $place 0.0.9 && "$TM_SOURCE_DIR/packaging/install.sh" "$TM_BUILD" "$TMPDIR/gone" $place "$version" &&
      "$TM_SOURCE_DIR/packaging/install.sh" "$TMPDIR/none" "$TMPDIR/gone" $place "$version" remove || return
  done
  (cd gone && find . ! -type d -o -type d -empty | sort) >files && printf '%s\n' ./opt ./usr/local/bin ./usr/local/include ./usr/local/lib ./usr/local/share/man/man1 | same - files
}

# What was there before, and what others put beside it, stays.
uninstalled() {
  mkdir -p other/opt/tm/lib other/opt/tm/share/man/man1 && touch other/opt/tm/lib/libother.so other/opt/tm/share/man/man1/other.1 &&
    make -C "$TM_SOURCE_DIR" "B=$TM_BUILD" "DESTDIR=$TMPDIR/other" PREFIX=/opt/tm uninstall || return
  (cd other && find . ! -type d | sed 's/^\.//' | sort) >files && printf '%s\n' /opt/tm/lib/libother.so /opt/tm/share/man/man1/other.1 | same - files
}

runs_from_there() {
  same <(sed -n 's/^#define TM_VERSION "\(.*\)"/tidemark \1/p' "$root/usr/include/tidemark.h") <("$root/usr/bin/tidemark" --version)
}

check 'make install' install_it
check 'the files, and no others' installed_files
check 'the extension for Python, where it was built' installed_python
check 'nothing is written outside DESTDIR' only_below_destdir
check 'spaces and bars in the places' spaces_in_destdir
check 'another prefix' other_prefix
check 'make uninstall' uninstalled
check 'libraries in another place' multiarch
check 'nothing stays, even of another version' uninstalled_without_a_tree
check 'the program runs from there' runs_from_there

# ---- C and C++ ----

cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null || cc=gcc
# A library with sanitizers links only with them.
sanitize=()
if nm "$root/usr/lib/libtidemark.a" 2>/dev/null | grep -q __asan_init; then sanitize=(-fsanitize=address -fsanitize=undefined); fi

# installed ARGUMENT...: what pkg-config says of the installation
installed() {
  PKG_CONFIG_PATH=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
    command pkg-config "$@"
}

flags() { installed "$@" tidemark; }

package_version() { same <("$root/usr/bin/tidemark" --version | sed 's/^tidemark //') <(flags --modversion); }

build_external() {
  local words
  cp "$TM_SOURCE_DIR/tests/data/external.c" . && read -ra words <<<"$(flags --cflags --libs)" || return
  [[ " ${words[*]} " == *" -I$root/usr/include "* ]] || { echo "no -I of the installation: ${words[*]}" && return 1; }
  $cc -std=c11 -Wall -Wextra -Wpedantic -Werror ${sanitize[@]+"${sanitize[@]}"} external.c "${words[@]}" -o external
}

# What the program says, the command says of the same store.
gates_a_night() {
  local words code=0
  cp "$TM_SOURCE_DIR/tests/examples/gate_night.c" . && read -ra words <<<"$(flags --cflags --libs)" || return
  $cc -std=c11 -Wall -Wextra -Wpedantic -Werror ${sanitize[@]+"${sanitize[@]}"} gate_night.c "${words[@]}" -o gate_night || return
  rm -f night.db && ./gate_night night.db >said || code=$?
  same <(printf '%s\n' 'fail: run night-29, 3 of 3 plugins judged' 'regressed thumbnailer wall_per_call_ms: +50 % since night-28') said || return
  [[ $code == 1 ]] && "$root/usr/bin/tidemark" --db night.db gate >of_command
  [[ $? == 1 ]] && grep -q '^regressed  thumbnailer  wall_per_call_ms .*since [0-9-]* (night-28)' of_command
}

# -ltidemark_record alone, and no word of a database in what is linked.
records_alone() {
  local words
  read -ra words <<<"$(installed --cflags --libs tidemark-record)" || return
  cp "$TM_SOURCE_DIR/tests/data/record_alone.c" alone.c || return
  $cc -std=c11 -Wall -Wextra -Wpedantic -Werror ${sanitize[@]+"${sanitize[@]}"} alone.c "${words[@]}" -o alone &&
    PLUGIN_PROFILING=1 ./alone alone.csv && grep -q '^echo,3,' alone.csv && ! ldd ./alone | grep -E 'sqlite|libtidemark\.so'
}

# A plugin that brings libtidemark.so into a host of libtidemark_record.so adds to the host's recording.
one_recorder() {
  local words
  read -ra words <<<"$(installed --cflags --libs tidemark-record)" || return
  cat >late.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include "tidemark_record.h"
int main(void)
{
    void *library = dlopen("libtidemark.so.0", RTLD_NOW | RTLD_LOCAL);
    void *register_there = library ? dlsym(library, "tm_rec_register") : NULL;
    if (!register_there)
        return fprintf(stderr, "%s\n", dlerror()), 1;
    return register_there == (void *)(size_t)tm_rec_register ? 0 : 2;
}
END
  $cc -std=c11 ${sanitize[@]+"${sanitize[@]}"} late.c "${words[@]}" -ldl -o late && ./late
}

external_appends() {
  rm -f ext.db
  same <(echo stored) <(./external ext.db) && same <(echo 'already stored') <(./external ext.db) || return
  "$root/usr/bin/tidemark" --db ext.db check || return
  "$root/usr/bin/tidemark" --db ext.db sql --format csv 'SELECT run, host, branch, commit_id, plugin, calls, errors, wall_ms, peak_mem_kb, clock,
    occupied_ms, timeouts FROM profiles ORDER BY plugin' >rows || return
  same - rows <<END
run,host,branch,commit_id,plugin,calls,errors,wall_ms,peak_mem_kb,clock,occupied_ms,timeouts
external,ci-1,main,3f2a91c,ocr-reader,1,,512,,,,
external,ci-1,main,3f2a91c,pdf-parser,12,1,4947.6,98304,thread,4500,0
END
}

external_adds_to_a_store() {
  rm -f both.db && printf 'plugin,wall_ms\nocr-reader,500\n' >night.csv &&
    "$root/usr/bin/tidemark" --db both.db ingest night.csv --run night --at 2026-11-19 --host ci-1 && ./external both.db &&
    same <(echo 2) <("$root/usr/bin/tidemark" --db both.db sql 'SELECT count(*) FROM run' --format csv | tail -n 1)
}

external_fails_well() {
  ./external "$TMPDIR/none/there.db" 2>err
  [[ $? == 2 ]] && grep -F "'$TMPDIR/none/there.db'" err
}

# header LANGUAGE COMPILER...: alone, twice, and with warnings as errors
header() {
  printf '#include <tidemark.h>\n#include <tidemark.h>\nint use(tm_store *store); int use(tm_store *store) { tm_close(store); return TM_NAME_MAX; }\n' >header.c
  "${@:2}" -x "$1" -I"$root/usr/include" -Wall -Wextra -Wpedantic -Werror -c header.c -o header.o || return
  for name in record loader; do
    printf '#include <tidemark_%s.h>\n#include <tidemark_%s.h>\n' "$name" "$name" >header.c
    "${@:2}" -x "$1" -I"$root/usr/include" -Wall -Wextra -Wpedantic -Werror -c header.c -o header.o || return
  done
}

# recorded_by PROGRAM: off it leaves no file, on one that can be taken in; a tenth of its calls fails
recorded_by() {
  rm -f recorded.csv recorded.db
  env -u PLUGIN_PROFILING "./$1" recorded.csv && [[ ! -e recorded.csv ]] && PLUGIN_PROFILING=1 "./$1" recorded.csv || return
  "$root/usr/bin/tidemark" --db recorded.db ingest recorded.csv --run night --at 2026-11-19 &&
    same <(printf 'plugin,calls,errors,plugin_version\ncounter,100,10,2.0\n') \
      <("$root/usr/bin/tidemark" --db recorded.db sql --format csv 'SELECT plugin, calls, errors, plugin_version FROM profiles')
}

# Without SQLite: nothing of the store is needed for a CSV file.
recorder_alone() {
  $cc -std=c11 -Wall -Wextra -Wpedantic -Werror ${sanitize[@]+"${sanitize[@]}"} "$TM_SOURCE_DIR/tests/data/host.c" -I"$root/usr/include" \
    -L"$root/usr/lib" -ltidemark -lm -pthread -o host && recorded_by host
}

recorder_in_cpp() {
  local words
  cp "$TM_SOURCE_DIR/tests/data/host.c" host.cpp && read -ra words <<<"$(flags --cflags --libs)" || return
  g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror ${sanitize[@]+"${sanitize[@]}"} host.cpp "${words[@]}" -o hostpp && recorded_by hostpp
}

# What docs/loader.md says, typed: the example's host and its plugins are built from nothing but their sources and the installation.
# shellcheck disable=SC2317,SC2294
type_loader_md() {
  sed -n '/^    mkdir plugins$/,/^$/s/^    //p' "$TM_SOURCE_DIR/docs/loader.md" >lines && [[ $(grep -c '^cc ' lines) == 4 ]] || return
  cc() { command $cc -Wall -Wextra -Werror ${sanitize[@]+"${sanitize[@]}"} "$@"; }
  pkg-config() { installed "$@"; }
  eval "$(sed 's/$/ \&\&/' lines) true"
}

example_host() {
  mkdir stranger && cp -r "$TM_SOURCE_DIR/tests" stranger/ && (cd stranger && type_loader_md) || return
  cd stranger && rm -r tests
  PLUGIN_PROFILING=1 ./host plugins night.csv >report && [[ $(grep -cE '^\[(PLUGIN|BOTTLENECK)\] ' report) == 3 ]]
}

# The answer on the first night, as docs/loader.md has it
first_night() {
  cd stranger || return
  sed -n '/^\$ tidemark gate night/,/^exit code/p' "$TM_SOURCE_DIR/docs/loader.md" >expected
  {
    echo '$ tidemark gate night.csv --run 2026-11-20 --host ci-1; echo "exit code $?"'
    "$root/usr/bin/tidemark" gate night.csv --run 2026-11-20 --host ci-1
    echo "exit code $?"
  } >actual 2>&1
  same expected actual
}

with pkg-config 'pkg-config knows the version' package_version
with pkg-config 'a C program is built against it' build_external
with pkg-config 'a program gates a night without the command line' gates_a_night
with pkg-config 'a host that only records needs no SQLite' records_alone
with pkg-config 'a process has one recorder, whichever libraries it loads' one_recorder
with pkg-config 'that program adds a run, and finds it the second time' external_appends
with pkg-config 'that program adds a run to what the command stored' external_adds_to_a_store
with pkg-config 'that program hears what failed' external_fails_well
check 'the header alone, as C99' header c "$cc" -std=c99
check 'the header alone, as C11' header c "$cc" -std=c11
with g++ 'the header alone, as C++11' header c++ g++ -std=c++11
with clang++ 'the header alone, as C++17' header c++ clang++ -std=c++17

check 'a host that records itself' recorder_alone
with pkg-config 'the example of docs/loader.md is built as it says' example_host
with pkg-config 'the gate answers on the first night as docs/loader.md says' first_night
with g++ 'a host in C++ whose plugins throw' recorder_in_cpp

# ---- the allocator's hooks ----

hooks_linked_in() {
  local words
  printf '#include <stdlib.h>\nint main(int n, char **v) { (void)v; void *volatile p = malloc((size_t)n); free(p); return 0; }\n' >hooked.c
  read -ra words <<<"$(installed --libs tidemark-wrap)" &&
    $cc ${sanitize[@]+"${sanitize[@]}"} hooked.c "${words[@]}" -o hooked && ./hooked && nm hooked | grep -w __wrap_malloc && nm hooked | grep -w tm_memory_hooks
}

# Both orders: a host that allocates nothing itself has no use for the hooks when the linker sees them first.
hooks_in_any_order() {
  local packages words
  for packages in 'tidemark tidemark-wrap' 'tidemark-wrap tidemark'; do
    # shellcheck disable=SC2086 # two words
    read -ra words <<<"$(installed --cflags --libs $packages)"
    $cc ${sanitize[@]+"${sanitize[@]}"} "$TM_SOURCE_DIR/tests/data/host.c" "${words[@]}" -o ordered && recorded_by ordered &&
      nm ordered | grep -w tm_memory_hooks || return
  done
}

hooks_preloaded() { same <(echo preloaded) <(LD_PRELOAD=$root/usr/lib/libtidemark_malloc.so sh -c 'echo preloaded' 2>&1); }

if [[ -e $TM_BUILD/libtidemark_malloc.so ]]; then
  with pkg-config 'the hooks linked in' hooks_linked_in
  # A sanitizer takes the same functions for itself, and its linker then finds ours hidden.
  if ((${#sanitize[@]})); then
    echo "ok install the hooks and the library in any order # skipped: built with sanitizers"
  else
    with pkg-config 'the hooks and the library in any order' hooks_in_any_order
  fi
  if [[ ${#sanitize[@]} == 0 ]]; then check 'the hooks preloaded' hooks_preloaded; fi
fi

# ---- the SQL functions ----

module_works() {
  sqlite3 mod.db -cmd ".load $root/usr/lib/sqlite3/tidemark_sql" 'CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (10), (NULL);' \
    'SELECT median(x), percentile(x, 25), mad(x) FROM t;' >out && same <(echo '2.0|1.5|1.0') out
}

module_reads_store() {
  sqlite3 -readonly ext.db -cmd ".load $root/usr/lib/sqlite3/tidemark_sql" "SELECT median(wall_per_call_ms) FROM profiles WHERE plugin = 'pdf-parser'" >out &&
    same <(echo 412.3) out
}

if [[ ${#sanitize[@]} -gt 0 ]]; then
  echo 'ok install the module in the sqlite3 shell # skipped: built with sanitizers'
else
  with sqlite3 'the module in the sqlite3 shell' module_works
  with sqlite3 'the module on a store' module_reads_store
fi

# ---- the manual page ----

page=$root/usr/share/man/man1/tidemark.1
page_shown() { MANWIDTH=80 man -l "$page" >shown 2>err && [[ ! -s err ]] && grep -q 'keep performance profiles' shown; }
page_clean() { mandoc -T lint -W warning "$page"; }
with man 'the manual page is shown' page_shown
with mandoc 'the manual page is clean' page_clean

[[ $failures == 0 ]]
