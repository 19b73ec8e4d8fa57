#!/usr/bin/env bash
# Says of each object, archive, program and shared library what it lacks of the flags of scripts/harden.sh; nothing, and 0, if nothing.
# What a compiler leaves no trace of, or a machine does not have, is not looked for: producers need -g and gcc, FORTIFY no sanitizer.
#
# usage: scripts/hardened.sh FILE...
set -u
export LC_ALL=C
bad=0
objects=() linked=()
for file in "$@"; do
  if [[ $file == *.[oa] ]]; then objects+=("$file"); else linked+=("$file"); fi
done

lacks() {
  echo "$1: no $2"
  bad=1
}

# each PROGRAM FILE...: 'FILE<tab>line' of what readelf or nm says of each; of one file they do not say its name
each() { "$@" /dev/null 2>/dev/null | awk '/^File: / { file = substr($0, 7); next } file { print file "\t" $0 }'; }

# without PATTERN FILE...: of the lines on standard input, the files of which no line matches
without() {
  awk -F'\t' -v pattern="$1" '$2 ~ pattern { found[$1] = 1 } { files[$1] = 1 } END { for (file in files) if (!(file in found)) print file }' | sort
}

case $(readelf -h "${1:?a file}" | sed -n 's/ *Machine: *//p' | head -n 1) in
*X86-64) jumps='x86 feature: IBT, SHSTK' ;;
AArch64) jumps='AArch64 feature: BTI, PAC' ;;
*) jumps= ;;
esac

if [[ ${#objects[@]} -gt 0 ]]; then
  while read -r file; do lacks "$file" 'landing places of indirect jumps (-fcf-protection, -mbranch-protection)'; done \
    < <([[ -z $jumps ]] || each readelf -nh "${objects[@]}" | without "$jumps")
  for flag in -fstack-protector-strong -fstack-clash-protection; do
    while read -r file; do lacks "$file" "$flag"; done < <(each readelf -hp.debug_str "${objects[@]}" | grep -P '\t.*(GNU C|ELF Header)' |
      awk -F'\t' -v flag="$flag" '/GNU C/ && index($0, flag) == 0 { print $1 }' | sort -u)
  done
  # With FORTIFY all formatted output goes by checked names, but into room of unknown size.
  while read -r file; do lacks "$file" '-D_FORTIFY_SOURCE'; done < <(nm -A "${objects[@]}" /dev/null 2>/dev/null |
    awk '{ file = $0; sub(/:[^:]*$/, "", file) } / U __asan_init$| U __tsan_init$/ { other[file] = 1 }
      / U (v?f?printf|v?sprintf|v?dprintf|v?asprintf)$/ { plain[file] = 1 } END { for (file in plain) if (!(file in other)) print file }' | sort)
fi

if [[ ${#linked[@]} -gt 0 ]]; then
  each readelf -hldW "${linked[@]}" >"${TMPDIR:-/tmp}/linked.$$"
  while read -r pattern flag; do
    while read -r file; do lacks "$file" "$flag"; done < <(without "${pattern//_/ +}" <"${TMPDIR:-/tmp}/linked.$$")
  done <<'END'
_Type:_DYN position-independent code
_GNU.RELRO_ RELRO (-z relro)
(FLAGS.1).*NOW binding at the start (-z now)
_GNU.STACK.*_RW_ stack that is not executable
END
  while read -r file; do lacks "$file" 'read-only code (TEXTREL)'; done < <(grep -P '\t.*TEXTREL' "${TMPDIR:-/tmp}/linked.$$" | cut -f 1 | sort -u)
  rm -f "${TMPDIR:-/tmp}/linked.$$"
fi
exit "$bad"
