#!/usr/bin/env bash
# What the libraries show to who links against them: the functions of the public headers, and nothing else.
set -u
cd "$TMPDIR" || exit 1
top=$TM_SOURCE_DIR

check() {
  if "${@:2}" >said 2>&1; then echo "ok symbols: $1"; else
    echo "not ok symbols: $1"
    sed 's/^/  /' said | head -n 30
  fi
}

# functions HEADER...: those that the headers declare, but for inline ones and types of functions
functions() {
  grep -hv '^#' "$@" | tr '\n' ' ' | sed 's|/\*|\n&|g; s|\*/|\n|g' | grep -v '^/\*' | tr '\n' ' ' | sed 's/[;{}]/\n/g' | grep -vE 'typedef|static inline|#define' |
    grep -oE '\btm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u
}
shown() { nm -D --defined-only "$1" | awk '$2 ~ /[TDBR]/ { sub(/@.*/, "", $3); if ($3 ~ /^tm_/) print $3 }' | sort -u; }
archived() { nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 && $3 ~ /^tm_/ { print $3 }' | sort -u; }
private() { sed -n '/PRIVATE/,$s/^ *\(tm_[a-z_]*\);/\1/p' "$top/packaging/libtidemark_record.map" | sort; }

headers=("$top"/schema/tidemark.h "$top"/record/tidemark_{record,loader}.h)
functions "${headers[0]}" >tidemark
functions "${headers[1]}" "${headers[2]}" >recorder
printf 'tm_loader_report\ntm_rec_flush_store\n' >upper # these need a report, or a store
comm -23 recorder upper >host && echo tm_rec_is_on >>host && sort -o host host
sort -u tidemark upper >library

check 'the headers declare some forty functions' test "$(cat library host | wc -l)" -gt 35
check 'libtidemark.so shows its headers' diff library <(shown "$TM_BUILD/libtidemark.so")
check 'libtidemark_record.so shows its headers, and what libtidemark.so needs' diff <(sort host <(private)) <(shown "$TM_BUILD/libtidemark_record.so")
check 'libtidemark.a shows its headers' diff <(sort -u library host <(private)) <(archived "$TM_BUILD/libtidemark.a")
check 'libtidemark_record.a shows its headers' diff <(sort host <(private)) <(archived "$TM_BUILD/libtidemark_record.a")

needed() { readelf -d "$TM_BUILD/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
alone() { ! needed libtidemark_record.so | grep -E 'sqlite|tidemark'; }
check 'the recorder alone needs no SQLite' alone
check 'libtidemark.so needs the recorder instead of holding one' grep -qx 'libtidemark_record.so.0' <(needed libtidemark.so)
check 'both have a soname' diff <(printf '%s\n' libtidemark.so.0 libtidemark_record.so.0) \
  <(for so in libtidemark libtidemark_record; do readelf -d "$TM_BUILD/$so.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p'; done)

# A symbol that nothing refers to is dead code, but for what the headers promise and what the tables of formats and commands hold by name.
unused() {
  git -C "$top" ls-files '*.c' | grep -vE '^(tests|scripts)/' | (
    cd "$TM_BUILD" && while read -r source; do
      for object in "${source%.c}.o" python/of*/"${source%.c}.o"; do [[ -e $object ]] && nm -A -g "$object"; done
    done
  ) >all
  awk '$(NF-1) == "U" { print $NF }' all | sort -u >used
  # a function that its own file uses as well is not unused: look for a second mention there
  awk '$(NF-1) ~ /^[TDBR]$/ { split($1, at, ":"); print $NF, at[1] }' all | sort -u | while read -r symbol object; do
    grep -qx "$symbol" used && continue
    grep -qx "$symbol" library host tidemark upper 2>/dev/null && continue
    [[ $symbol == tm_command_* || $symbol == main || $symbol == sqlite3_* || $symbol == PyInit_* || $symbol == tm_memory_hooks || $symbol != tm_* ]] && continue
    source=${object#python/of*/}
    [[ $(grep -cw "$symbol" "$top/${source%.o}.c" 2>/dev/null) -gt 1 ]] && continue
    echo "$symbol in ${source%.o}.c is used by nobody, or by tests alone"
  done >found
  cat found
  [[ ! -s found ]]
}
if git -C "$top" rev-parse 2>/dev/null; then check 'every function is used' unused; fi
