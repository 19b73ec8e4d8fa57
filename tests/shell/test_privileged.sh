#!/usr/bin/env bash
# A host with more rights than its user has (set-user-ID) takes nothing from that user's environment. Needs root, to make such a host, and a
# place that honours the bit.
set -u
cd "$TMPDIR" || exit 1
reason=''
if nm "$TIDEMARK" 2>/dev/null | grep -qE '__(asan|tsan)_init'; then reason='a sanitizer refuses such a program'; fi
[[ $(id -u) == 0 ]] || reason='only root can make such a program'
place=$(mktemp -d /tmp/tidemark-privileged.XXXXXX) && trap 'rm -rf "$place"' EXIT
if [[ ! $reason ]]; then
  ${CC:-cc} -std=c11 -I"$TM_SOURCE_DIR" -I"$TM_SOURCE_DIR/record" -o "$place/host" "$TM_SOURCE_DIR/tests/data/record_alone.c" "$TM_BUILD/libtidemark_record.a" -lm -pthread -ldl || echo 'not ok privileged: no host'
  chmod 1777 "$place"
  # The file is written in either case; it has a row where the host has recorded.
  PLUGIN_PROFILING=1 setpriv --reuid=65534 --clear-groups "$place/host" "$place/plain.csv"
  if grep -q '^echo,3,' "$place/plain.csv"; then echo 'ok privileged: a plain host records'; else echo 'not ok privileged: a plain host records'; fi
  chmod u+s "$place/host"
  cp "$(command -v id)" "$place/id" && chmod u+s "$place/id"
  [[ $(setpriv --reuid=65534 --clear-groups "$place/id" -un) == root ]] || reason='this place does not honour the bit'
fi
if [[ $reason ]]; then
  echo "ok privileged: skipped, $reason"
else
  PLUGIN_PROFILING=1 setpriv --reuid=65534 --clear-groups "$place/host" "$place/privileged.csv"
  if grep -qs '^echo,3,' "$place/privileged.csv"; then echo 'not ok privileged: a privileged host does not record for its user'; else echo 'ok privileged: a privileged host does not record for its user'; fi
fi
