#!/usr/bin/env bash
# Installs what 'make' has built. usage: packaging/install.sh BUILD DESTDIR PREFIX VERSION     (DESTDIR may be empty)
set -eu
build=$1 prefix=$3 version=$4 to=$2$3
cd "$(dirname "$0")/.."
install -d "$to"/{bin,include,lib/pkgconfig,lib/sqlite3,share/man/man1,share/tidemark,share/bash-completion/completions}
install -m 755 "$build/tidemark" "$to/bin/"
for header in schema/tidemark.h record/tidemark_{record,loader}.h; do
  sed 's|^#include ".*/\(tidemark[a-z_]*\.h\)"|#include "\1"|' "$header" >"$to/include/${header##*/}"
  chmod 644 "$to/include/${header##*/}"
done
install -m 644 "$build/libtidemark.a" "$to/lib/"
install -m 755 "$build/tidemark_sql.so" "$to/lib/sqlite3/"
packages=(tidemark)
if [[ -e $build/libtidemark_malloc.so ]]; then
  packages+=(tidemark-wrap)
  install -m 755 "$build/libtidemark_malloc.so" "$to/lib/"
  install -m 644 "$build/libtidemark_wrap.a" "$to/lib/"
fi
for package in "${packages[@]}"; do
  while IFS= read -r line; do
    line=${line//@PREFIX@/"$prefix"}
    printf '%s\n' "${line//@VERSION@/"$version"}"
  done <"packaging/$package.pc.in" >"$to/lib/pkgconfig/$package.pc"
  chmod 644 "$to/lib/pkgconfig/$package.pc"
done
# The extension, for every Python that it was built for: the file's name says which.
for module in "$build"/python/tidemark.*.so; do
  [[ -e $module ]] || continue
  install -d "$to/lib/tidemark/python"
  install -m 755 "$module" "$to/lib/tidemark/python/"
done
install -m 644 docs/tidemark.1 "$to/share/man/man1/"
install -m 644 docs/{gate,findings}.schema.json "$to/share/tidemark/"
install -m 644 packaging/tidemark.bash "$to/share/bash-completion/completions/tidemark"
