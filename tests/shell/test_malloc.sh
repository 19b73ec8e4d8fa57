#!/usr/bin/env bash
# The allocator's hooks preloaded: the tests that are linked with them, without that, and programs of this system, which must not notice.
set -u
failures=0
cd "$TMPDIR" || exit 1
hooks=$TM_BUILD/libtidemark_malloc.so
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null || cc=gcc

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok malloc $name"
  else
    echo "not ok malloc $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# with PROGRAM NAME COMMAND...: the check, where the program is there
with() {
  if command -v "$1" >/dev/null; then check "${@:2}"; else echo "ok malloc $2 # skipped: no $1"; fi
}

if [[ ! -e $hooks ]]; then
  echo 'ok malloc preloaded hooks # skipped: not built, there is no glibc here'
  exit 0
fi
if nm "$hooks" 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
  echo 'ok malloc preloaded hooks # skipped: built with sanitizers, which bring an allocator of their own'
  exit 0
fi

# The loader cuts LD_PRELOAD at blanks: libraries are preloaded from a directory whose path has none.
preloads=$TMPDIR
if [[ $preloads == *[[:space:]]* ]]; then
  preloads=$(mktemp -d /tmp/tidemark-preloads.XXXXXX) || exit 1
  trap 'rm -rf "$preloads"' EXIT
fi
cp "$hooks" "$preloads/hooks.so" && hooks=$preloads/hooks.so

for program in "$TM_BUILD"/tests/unit/preload_malloc_*; do
  [[ $program != *.d ]] || continue
  LD_PRELOAD=$hooks "$program" || failures=$((failures + 1))
done

# ---- programs of this system ----

# Turns the hooks on in a program that knows nothing of them: MODE is net, owner, sites, or changing, which is all of them in turn.
make_switch() {
  cat >switch.c <<'END'
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "record/memory.h"
static struct tm_memory_owner owner;
static const struct tm_memory_hooks *hooks;
static void *change(void *unused)
{
    for (int i = 0;; i++) {
        hooks->mode(i % 3, i % 2 * 1000);
        usleep(500);
    }
    return unused;
}
__attribute__((constructor)) static void on(void)
{
    const char *mode = getenv("MODE");
    pthread_t thread;
    hooks = dlsym(RTLD_DEFAULT, "tm_memory_hooks");
    if (!hooks || !mode)
        abort();
    hooks->thread()->owner = &owner;
    if (strcmp(mode, "changing") == 0)
        pthread_create(&thread, NULL, change, NULL);
    else if (hooks->mode(strcmp(mode, "net") == 0 ? 1 : 2, strcmp(mode, "sites") == 0 ? 512 : 0) != 0)
        abort();
}
END
  $cc -O1 -shared -fPIC -pthread -D_GNU_SOURCE -I "$TM_SOURCE_DIR" -o "$preloads/switch.so" switch.c -ldl
}

# unnoticed COMMAND...: the same output and exit code in every mode as without
unnoticed() {
  local mode code expected
  rm -rf place && mkdir place && cd place || return
  ("$@") >../expected 2>&1
  expected=$?
  for mode in net owner sites changing; do
    cd .. && rm -rf place && mkdir place && cd place || return
    (export MODE=$mode LD_PRELOAD="$hooks $preloads/switch.so" && "$@") >../found 2>&1
    code=$?
    [[ $code == "$expected" ]] || { echo "$mode: exit code $code, expected $expected" && tail -n 5 ../found && return 1; }
    diff ../expected ../found | head -n 20
    cmp -s ../expected ../found || { echo "$mode: other output" && return 1; }
  done
  [[ -s ../expected ]] || { echo 'no output to compare' && return 1; }
}

in_sh() {
  # shellcheck disable=SC2016 # expanded by the shell that is tested
  sh -c 'for i in 1 2 3 4 5; do printf "%s\n" "$(ls /usr/bin | grep -c "$i")"; done; (exit 3) || echo $?; cat <<X
$(seq 2000 | tr "\n" ",")
X'
}
in_bash() { bash -c 'declare -A a; for i in {1..3000}; do a[$i]=$((i * i)); done; echo ${#a[@]} ${a[77]}; mapfile -t l < <(seq 5000); echo "${l[@]: -3}"'; }
in_sort() { seq 60000 | sort -R --random-source=/dev/zero | sort --parallel=4 -S 1M -n | cksum; }
in_awk() { seq 30000 | awk '{ v[$1 % 700] = v[$1 % 700] "-" $1 } END { for (k in v) n += length(v[k]); print n; gsub(/1/, "one", v[7]); print v[7] }'; }
in_sqlite3() {
  sqlite3 s.db 'CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO t SELECT i, printf("%05d-%d", i * 7919 % 20011, i) FROM n; CREATE INDEX x ON t(b); SELECT group_concat(b) FROM (SELECT b FROM t
    ORDER BY b DESC LIMIT 50); PRAGMA integrity_check;'
}
in_python() {
  python3 -c '
import hashlib, json, threading, subprocess, zlib
data = {str(i): list(range(i % 50)) for i in range(5000)}
text = json.dumps(data, sort_keys=True)
found = []
def work(n): found.append(hashlib.sha256(zlib.compress((text + str(n)).encode())).hexdigest())
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(found)); print(subprocess.run(["echo", "child"], capture_output=True).stdout)'
}
in_git() {
  export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z
  git init -q -b main r && cd r && seq 5000 >a && cp a b && git add . && git -c user.name=n -c user.email=e@e commit -qm first &&
    sed -i 's/7/seven/' a && git diff --stat && git -c user.name=n -c user.email=e@e commit -qam second && git log --format=%H -p -- a | cksum && git gc -q && git fsck
}
in_tidemark() {
  "$NIGHTS" --nights 20 >n.csv && "$TIDEMARK" --db s.db ingest n.csv && "$TIDEMARK" --db s.db runs --format csv && "$TIDEMARK" --db s.db gate
}

if make_switch 2>switch.log; then
  with sh 'sh does not notice' unnoticed in_sh
  with bash 'bash does not notice' unnoticed in_bash
  with sort 'sort with threads does not notice' unnoticed in_sort
  with awk 'awk does not notice' unnoticed in_awk
  with sqlite3 'sqlite3 does not notice' unnoticed in_sqlite3
  with python3 'python3 with threads and children does not notice' unnoticed in_python
  with git 'git does not notice' unnoticed in_git
  check 'tidemark does not notice' unnoticed in_tidemark
else
  echo 'ok malloc programs of this system # skipped: cannot compile'
  exit $((failures > 0))
fi

little_room() {
  (ulimit -v 150000 && MODE=owner LD_PRELOAD="$hooks $preloads/switch.so" sort -n <(seq 20000 -1 1) | tail -n 1) >found && grep -x 20000 found
}
check 'little address space' little_room

# ---- other allocators ----

# An allocator that never frees, with the size in front of a block.
other_allocator() {
  cat <<'END'
#include <stddef.h>
#include <string.h>
static char room[1 << 24] __attribute__((aligned(16)));
static size_t used;
static void *get(size_t size)
{
    size_t at = __atomic_fetch_add(&used, (size + 31) & ~(size_t)15, __ATOMIC_RELAXED);
    if (at + size + 16 > sizeof room)
        return NULL;
    memcpy(room + at, &size, sizeof size);
    return room + at + 16;
}
size_t malloc_usable_size(void *block) { size_t size = 0; if (block) memcpy(&size, (char *)block - 16, sizeof size); return size; }
void *malloc(size_t size) { return get(size); }
void *calloc(size_t count, size_t size) { return get(count * size); }
void *realloc(void *block, size_t size)
{
    size_t had = malloc_usable_size(block);
    void *to = get(size);
    return to && block ? memcpy(to, block, had < size ? had : size) : to;
}
void *memalign(size_t alignment, size_t size)
{
    char *at = get(size + alignment + 16);
    at += alignment - (size_t)at % alignment;
    memcpy(at - 16, &size, sizeof size);
    return at;
}
void free(void *block) { (void)block; }
END
}

# Says which modes it gets, and whether its thread is counted.
asking_program() {
  cat >asking.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "record/memory.h"
int main(void)
{
    const struct tm_memory_hooks *hooks = dlsym(RTLD_DEFAULT, "tm_memory_hooks");
    void *(*volatile get)(size_t) = malloc;
    int owner = hooks->mode(2, 0), net = hooks->mode(1, 0);
    long before = hooks->thread()->net;
    void *block = get(1000);
    printf("owner %d net %d counted %d\n", owner, net, hooks->thread()->net - before >= 1000);
    free(block);
}
END
  other_allocator >other.c
  $cc -O1 -I "$TM_SOURCE_DIR" asking.c -o asking -ldl && $cc -O1 -fno-builtin -rdynamic -I "$TM_SOURCE_DIR" asking.c other.c -o asking_other -ldl &&
    $cc -O1 -fno-builtin -shared -fPIC other.c -o "$preloads/other.so"
}

says() { echo "$1" | diff - <(LD_PRELOAD=$2 "$3"); }

check 'programs with other allocators' asking_program
check 'over the allocator of the C library' says 'owner 0 net 0 counted 1' "$hooks" ./asking
check 'a program that brings its own is not measured' says 'owner -1 net -1 counted 0' "$hooks" ./asking_other
check 'after another one they are not measured' says 'owner -1 net -1 counted 0' "$preloads/other.so $hooks" ./asking
check 'over another one there are no owners' says 'owner -1 net 0 counted 1' "$hooks $preloads/other.so" ./asking

# ---- linked in ----

wrapped() {
  local flags
  read -ra flags <<<"$(sed -n 's/^wrap=//p' "$TM_SOURCE_DIR/packaging/tidemark-wrap.pc.in")"
  $cc -O1 -I "$TM_SOURCE_DIR" "$@" asking.c "${flags[@]}" "$TM_BUILD/libtidemark_wrap.a" -rdynamic -ldl -o wrapped && says 'owner 0 net 0 counted 1' '' ./wrapped
}

check 'linked in' wrapped
check 'linked in, at a fixed address' wrapped -no-pie
[[ $failures == 0 ]]
