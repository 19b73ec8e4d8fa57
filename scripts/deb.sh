#!/usr/bin/env bash
# Debian's packages of what is committed, in build/deb, and what lintian says of them: an error or a warning fails. Times in them are the
# commit's, so that the same commit gives the same bytes on the same system. usage: scripts/deb.sh VERSION
set -eu
cd "$(dirname "$0")/.."
version=$1
export LC_ALL=C.UTF-8
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CFLAGS CPPFLAGS LDFLAGS CC B
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

archive=$PWD/$(scripts/dist.sh "$version")
rm -rf build/deb && mkdir -p build/deb && cd build/deb
tar -xzf "$archive"
cd "tidemark-$version"
cp -r packaging/debian debian
cat >debian/changelog <<END
tidemark ($version-1) unstable; urgency=medium

  * What has changed is in the changelog of the program.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
# The licence's text, as Debian writes it: indented, a dot for a line without a word.
{
  printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: tidemark\n\nFiles: *\n'
  sed -n 's/^Copyright (c) /Copyright: /p' LICENSE
  echo 'License: Expat'
  sed '1,/^Permission/{/^Permission/!d}; s/^$/./; s/^/ /' LICENSE
} >debian/copyright

echo "building; the log is build/deb/build.log"
# Symbols of what is stripped would go into packages of their own, which nobody has asked for.
DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS-}" dpkg-buildpackage -b -uc -us >../build.log 2>&1 || {
  tail -n 30 ../build.log >&2
  exit 1
}
cd ..
rm -rf "tidemark-$version"
# They are the project's own: no bug asks Debian for them.
lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs ./*.changes
printf 'build/deb/%s\n' *.deb
