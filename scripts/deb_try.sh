#!/usr/bin/env bash
# Debian's packages in a root that has nothing else, as somebody would use them: installed by apt, run, linked against, and taken away again.
# The root comes from mmdebstrap; that needs to be root and a mirror, and says so where there is none. Of another suite than this machine's,
# such as trixie, the packages are built in that root, which is a try of the build as well.
#
# usage: scripts/deb_try.sh [SUITE]     MIRROR: where packages come from (http://deb.debian.org/debian)
# Exit 0: tried, or skipped with a line that says why. 1: something does not work.
set -eu
cd "$(dirname "$0")/.."
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
suite=${1:-$here} mirror=${MIRROR:-http://deb.debian.org/debian}
version=$(sed -n 's/^#define TM_VERSION "\(.*\)"/\1/p' schema/tidemark.h)

skip() {
  echo "deb_try: skipped: $*"
  exit 0
}
[[ $EUID == 0 ]] || skip 'a root is made and entered as root'
command -v mmdebstrap >/dev/null || skip 'no mmdebstrap'

work=$(mktemp -d /var/tmp/tidemark-root.XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

# make_root PACKAGES: with commas between them
make_root() {
  echo "a root of $suite with $1"
  rm -rf "$root"
  mmdebstrap --quiet --variant=apt ${1:+--include="$1"} "$suite" "$root" "$mirror" >"$work/log" 2>&1 && return
  tail -n 3 "$work/log"
  skip "no root of $suite from $mirror"
}

# Built from the sources as they are released, with what debian/control asks for and no more.
build_inside() {
  local needs
  needs=$(sed -n 's/^Build-Depends: //p' packaging/debian/control | sed 's/ ([^)]*)//g; s/debhelper-compat/debhelper/; s/dh-sequence-python3/dh-python/; s/, */,/g')
  make_root "build-essential,git,lintian,$needs"
  git clone -q --no-hardlinks . "$root/src"
  inside git config --global --add safe.directory /src
  inside sh -c "cd /src && scripts/deb.sh $version" || exit 1
  mkdir -p "$work/packages"
  cp "$root"/src/build/deb/*.deb "$work/packages/"
}

if [[ $suite == "$here" ]]; then
  scripts/setup.sh deb
  scripts/deb.sh "$version"
  mkdir -p "$work/packages"
  cp build/deb/*.deb "$work/packages/"
else
  build_inside
fi

make_root gcc,libc6-dev,pkg-config,python3,sqlite3
mkdir "$root/try"
cp /etc/resolv.conf "$root/etc/" # for apt, inside
cp "$work"/packages/*.deb tests/data/external.c "$root/try/"
cat >"$root/try/run" <<'END'
set -eux
cd /try
{ apt-get update && apt-get install -y --no-install-recommends ./*.deb; } >/try/log 2>&1 || { cat /try/log; exit 1; }
tidemark --version
printf 'plugin,calls,wall_ms\na,10,100\n' >night.csv
tidemark gate night.csv --run n1 --host h --allow-unjudged
gcc -Wall -Werror external.c $(pkg-config --cflags --libs tidemark) -o external
./external t.db
test "$(sqlite3 tidemark.db -cmd ".load $(dpkg -L libsqlite3-mod-tidemark | grep '\.so$')" 'SELECT median(1.0)')" = 1.0
LD_PRELOAD=libtidemark_malloc.so true
python3 -c 'import tidemark, tidemark_pstats; print(tidemark.__name__)'
test -e /usr/share/man/man1/tidemark.1.gz || grep -q path-exclude /etc/dpkg/dpkg.cfg.d/*
apt-get purge -y $(for p in *.deb; do dpkg-deb -f "$p" Package; done) >/try/log 2>&1 || { cat /try/log; exit 1; }
left=$(find / -xdev -name '*tidemark*' -not -path '/try/*' -not -path '/proc/*' -not -path '/var/log/*' -not -path '/var/cache/*')
test -z "$left"
END
inside sh /try/run || exit 1
echo "deb_try: the packages of $suite are installed, used and removed"
