#!/bin/sh
# The released sources from what is committed: build/tidemark-VERSION.tar.gz, the same bytes each time. Times are the commit's, owners and
# modes git's, and gzip keeps neither name nor time. usage: scripts/dist.sh VERSION [DIRECTORY]
set -eu
cd "$(dirname "$0")/.."
archive=${2:-build}/tidemark-$1.tar.gz
mkdir -p "${2:-build}"
# In steps: the first of a pipe could fail unseen.
git -c tar.umask=0022 archive --format=tar --prefix="tidemark-$1/" -o "$archive.tar" HEAD
gzip -9n <"$archive.tar" >"$archive.new"
rm "$archive.tar"
mv "$archive.new" "$archive"
echo "$archive"
