#!/usr/bin/env bash
# Installs what 'make' has built, or removes what it would install. usage: packaging/install.sh BUILD DESTDIR PREFIX VERSION [remove]
# (DESTDIR may be empty). LIBDIR, below PREFIX, is where libraries go: lib, or lib64, or lib/x86_64-linux-gnu.
set -eu
build=$1 prefix=$3 version=$4 to=$2$3 remove=${5:-} lib=${LIBDIR:-lib}
cd "$(dirname "$0")/.."

# put MODE FILE DIRECTORY [NAME]: FILE '-' is standard input
put() {
  local place=$to/$3/${4:-${2##*/}}
  if [[ $remove ]]; then
    [[ $2 != - ]] || cat >/dev/null
    rm -f "$place"
    return
  fi
  install -d "$to/$3"
  if [[ $2 == - ]]; then
    cat >"$place"
    chmod "$1" "$place"
  else
    install -m "$1" "$2" "$place"
  fi
}

# link NAME TARGET DIRECTORY
link() {
  if [[ $remove ]]; then rm -f "$to/$3/$1"; else ln -sf "$2" "$to/$3/$1"; fi
}

put 755 "$build/tidemark" bin
for header in schema/tidemark.h record/tidemark_{record,loader}.h; do
  sed 's|^#include ".*/\(tidemark[a-z_]*\.h\)"|#include "\1"|' "$header" | put 644 - include "${header##*/}"
done
for library in libtidemark libtidemark_record; do
  put 644 "$build/$library.a" "$lib"
  put 755 "$build/$library.so.$version" "$lib"
  link "$library.so.0" "$library.so.$version" "$lib"
done
link libtidemark_record.so libtidemark_record.so.0 "$lib"
# A program that is linked with -ltidemark alone finds the recorder too: for the linker it is a text that names both.
echo 'INPUT(libtidemark.so.0 AS_NEEDED(libtidemark_record.so.0))' | put 644 - "$lib" libtidemark.so
put 755 "$build/tidemark_sql.so" "$lib/sqlite3"
packages=(tidemark tidemark-record)
if [[ $remove || -e $build/libtidemark_malloc.so ]]; then
  packages+=(tidemark-wrap)
  put 755 "$build/libtidemark_malloc.so" "$lib"
  put 644 "$build/libtidemark_wrap.a" "$lib"
fi
for package in "${packages[@]}"; do
  while IFS= read -r line; do
    line=${line//@PREFIX@/"$prefix"}
    line=${line//@LIBDIR@/"$lib"}
    printf '%s\n' "${line//@VERSION@/"$version"}"
  done <"packaging/$package.pc.in" | put 644 - "$lib/pkgconfig" "$package.pc"
done
# The extension, for every Python that it was built for: the file's name says which.
for module in "$build"/python/tidemark.*.so; do
  [[ -e $module ]] || continue
  put 755 "$module" lib/tidemark/python
  put 644 record/python/tidemark_pstats.py lib/tidemark/python
  suffix=${module##*/tidemark}
  put 755 "$module" lib/tidemark/python/tidemark "__init__$suffix"
  for file in record/python/tidemark/*; do put 644 "$file" lib/tidemark/python/tidemark; done
done
put 644 docs/tidemark.1 share/man/man1
for file in docs/{gate,findings}.schema.json docs/grafana-dashboard.json docs/grafana-postgresql.json docs/datasette-metadata.json; do put 644 "$file" share/tidemark; done
put 644 packaging/tidemark.bash share/bash-completion/completions tidemark
put 644 packaging/tidemark.fish share/fish/vendor_completions.d
put 644 packaging/tidemark.zsh share/zsh/site-functions _tidemark

[[ $remove ]] || { [[ $2 || $EUID != 0 ]] || ldconfig 2>/dev/null || true; exit 0; } # where nobody else tells the loader
# What another build or version has put there is ours as well; then directories go that are empty, but for those that a system has anyway.
rm -f "$to/$lib"/libtidemark{,_record}.so.[0-9]* "$to"/lib/tidemark/python/{tidemark.*.so,tidemark_pstats.py,tidemark/__init__.*.so,tidemark/*.py,tidemark/*.pyi,tidemark/py.typed}
directories=(lib/tidemark/python/tidemark lib/tidemark/python lib/tidemark "$lib/sqlite3" "$lib/pkgconfig" share/tidemark share/bash-completion/completions share/bash-completion
  share/fish/vendor_completions.d share/fish share/zsh/site-functions share/zsh)
if [[ $prefix != /usr && $prefix != /usr/local ]]; then directories+=("$lib" lib bin include share/man/man1 share/man share ''); fi
for directory in "${directories[@]}"; do rmdir "$to/$directory/" 2>/dev/null || true; done
