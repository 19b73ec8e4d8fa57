#!/usr/bin/env bash
# What is handed to others: the archive of the sources is the same bytes each time, and whole; the program with its libraries inside needs
# nothing but libc; and the lists of Debian's packages name each file that is installed, once. scripts/deb_try.sh builds the packages.
set -u
failures=0
cd "$TMPDIR" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T SAN
version=$(sed -n 's/^#define TM_VERSION "\(.*\)"/\1/p' "$TM_SOURCE_DIR/schema/tidemark.h")

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok packages $name"
  else
    echo "not ok packages $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# ---- the archive ----

dist() { "$TM_SOURCE_DIR/scripts/dist.sh" "$version" "$1"; }
same_bytes() {
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=tar.umask
  (umask 022 && GIT_CONFIG_VALUE_0=0022 dist "$TMPDIR/one") && sleep 1 && (umask 077 && GIT_CONFIG_VALUE_0=0077 dist "$TMPDIR/two") && cmp one/*.gz two/*.gz
}
archive_is_whole() {
  mkdir -p sources && tar -xzf one/*.gz -C sources && [[ $(ls sources) == "tidemark-$version" ]] &&
    diff <(git -C "$TM_SOURCE_DIR" ls-tree -r --name-only HEAD | sort) <(cd sources/* && find . ! -type d | cut -c3- | sort) && [[ -x sources/tidemark-$version/scripts/dist.sh ]]
}

# ---- the program with its libraries inside ----

libraries=$(sed -n 's/^LIBS := //p' "$TM_SOURCE_DIR/Makefile")
# static COMPILER: linked from the objects of the tree
static() {
  local objects
  mapfile -t objects < <(find "$TM_BUILD/ingest" "$TM_BUILD/cli" "$TM_BUILD/record/command" -name '*.o')
  "$TM_SOURCE_DIR/scripts/static.sh" "$1" "$TMPDIR/inside/tidemark" '' "$libraries" "${objects[@]}" "$TM_BUILD/inside.a"
}
needs_libc_alone() {
  static "${CC:-cc}" 2>said && [[ ! -s said ]] && readelf -d inside/tidemark | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' >needed && cat needed && [[ -s needed ]] && ! grep -vE '^(libc|libm|libpthread|libdl|ld-linux.*)\.so' needed &&
    printf 'plugin,calls,wall_ms\na,10,100\n' >night.csv && inside/tidemark gate night.csv --allow-unjudged | grep '^PASS'
}
# A compiler that finds no archive of libcsv
says_what_stays() {
  printf '#!/bin/sh\ncase $1 in -print-file-name=libcsv.a) echo libcsv.a ;; *) exec %s "$@" ;; esac\n' "${CC:-cc}" >no_csv && chmod +x no_csv && static "$TMPDIR/no_csv" 2>said &&
    [[ $(cat said) == 'static: no archive of -lcsv here, so it stays a shared library' ]] && readelf -d inside/tidemark | grep 'NEEDED.*libcsv'
}

# ---- Debian's lists ----

listed() { sed 's/ .*//' "$TM_SOURCE_DIR"/packaging/debian/*.install; }
every_file_has_a_package() {
  local file pattern n
  DESTDIR=root && mkdir -p tree/python && ln -sf "$TM_BUILD"/*tidemark* tree/ && touch tree/python/tidemark.cpython-313-x86_64-linux-gnu.so &&
    LIBDIR=lib/multi "$TM_SOURCE_DIR/packaging/install.sh" "$TMPDIR/tree" "$TMPDIR/$DESTDIR" /usr "$version" || return
  [[ $(find root ! -type d | wc -l) -gt 20 ]] || return
  while read -r file; do
    n=0
    while read -r pattern; do
      # shellcheck disable=SC2053 # patterns, or folders
      if [[ $file == $pattern || $file == $pattern/* ]]; then n=$((n + 1)); fi
    done < <(listed)
    [[ $n == 1 ]] || { echo "$file is in $n packages" && return 1; }
  done < <(cd root && find usr ! -type d)
}

if git -C "$TM_SOURCE_DIR" rev-parse -q --verify HEAD >/dev/null 2>&1; then
  check 'the archive is the same bytes each time' same_bytes
  check 'the archive is whole' archive_is_whole
else
  echo 'ok packages the archive # skipped: no git here'
fi
check 'the program with its libraries inside needs libc alone' needs_libc_alone
check 'a library without an archive is named' says_what_stays
check 'every file is in one of the packages' every_file_has_a_package
[[ $failures == 0 ]]
