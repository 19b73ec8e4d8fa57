#!/usr/bin/env bash
# Completion in bash, fish and zsh, from where 'make install' puts it: what is offered at the end of a line. A shell that is not there is
# named and passed over.
set -u
failures=0
cd "$TMPDIR" || exit 1
root=$TMPDIR/root
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T SAN

# check NAME COMMAND...: ok if the command succeeds
check() {
  local name=$1
  shift
  if ("$@") >"$TMPDIR/log" 2>&1; then
    echo "ok $name"
  else
    echo "not ok $name"
    head -n 40 "$TMPDIR/log" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

# with PROGRAM NAME COMMAND...: the check, where the program is there
with() {
  if command -v "$1" >/dev/null; then check "${@:2}"; else echo "ok $2 # skipped: no $1"; fi
}

same() { diff -u --label expected --label actual "$1" "$2"; }

install_it() { make -C "$TM_SOURCE_DIR" "B=$(realpath --relative-to="$TM_SOURCE_DIR" "$TM_BUILD")" "DESTDIR=$root" PREFIX=/usr install; }

# complete LINE: what bash would offer at the end of that line, a line each
complete_line() {
  PATH=$root/usr/bin:$PATH bash -uc '
    source "$1" || exit
    COMP_LINE=$2 COMP_POINT=${#2}
    read -r -a COMP_WORDS <<<"$2"
    [[ $2 != *" " ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    function=$(complete -p tidemark) && function=${function##*-F } && function=${function%% *}
    $function tidemark "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
    [[ ${#COMPREPLY[@]} == 0 ]] || printf "%s\n" "${COMPREPLY[@]}"
  ' bash "$root/usr/share/bash-completion/completions/tidemark" "$1"
}

# offers LINE WORD...: exactly these
offers() {
  local line=$1
  shift
  complete_line "$line" >offered 2>err
  cat err
  [[ ! -s err ]] && { [[ $# == 0 ]] || printf '%s\n' "$@"; } | same - offered
}

# includes LINE WORD...: these and maybe more
includes() {
  local line=$1 word
  shift
  complete_line "$line" >offered 2>err
  cat err offered
  for word in "$@"; do grep -qxF -- "$word" offered || { echo "no $word" && return 1; }; done
  [[ ! -s err ]]
}

completion_store() {
  printf 'plugin,wall_ms,cache_hits\npdf-parser,1,2\npdf reader,1,2\n"odd ""name""",1,2\n' >names.csv
  tidemark=$root/usr/bin/tidemark
  "$tidemark" --db tidemark.db ingest names.csv --run 2026-11-20T02:00:00Z --at 2026-11-20 --host h && "$tidemark" --db other.db ingest night.csv --run o-1 --at 1
}

no_store() { rm -rf nowhere && mkdir nowhere && cd nowhere && offers 'tidemark show ' && [[ ! -e tidemark.db ]]; }
commands() { offers 'tidemark r' report retire runs replay rebuild rename rm restore && includes 'tidemark ' ingest sql check help && offers 'tidemark help pr' prune; }
options() { offers 'tidemark --' --db --help --version && includes 'tidemark ingest --' --run --at --replace --db --help && offers 'tidemark runs --la' --last; }
values() { offers 'tidemark ingest --format o' otlp otava openmetrics && offers 'tidemark gate --input-format j' junit jmh && offers 'tidemark runs --format ' table csv json markdown && offers 'tidemark runs --format=j' json && offers 'tidemark metric cache_hits --better h' higher; }
plugins() { offers 'tidemark show pdf' 'pdf\ reader' pdf-parser && offers 'tidemark show pdf\ r' 'pdf\ reader' && offers 'tidemark rename odd' 'odd\ \"name\"'; }
runs() { offers 'tidemark rm 2' 2026-11-20T02:00:00Z && offers 'tidemark rm 2026-11-20T02:' 00:00Z && offers 'tidemark metric ' cache_hits; }
other_store() { offers 'tidemark --db other.db show ' ocr-reader && offers 'tidemark rm --db other.db ' o-1 && offers 'tidemark --db=other.db rm ' o-1; }
files() { offers 'tidemark ingest na' && offers 'tidemark --db ot'; }

# in_fish LINE, in_zsh WORD...: what these would offer, with what it means behind a tab, or a colon
in_fish() { PATH=$root/usr/bin:$PATH HOME=$PWD fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$root/usr/share/fish/vendor_completions.d/tidemark.fish" "$1"; }
in_zsh() {
  PATH=$root/usr/bin:$PATH zsh -f -c '
    _describe() { print -rl -- "${(@P)2}"; }
    _files() { print FILES; }
    fpath=($1) && autoload -U _tidemark && words=("${(@)@[2,-1]}") && CURRENT=$#words && _tidemark' zsh "$root/usr/share/zsh/site-functions" "$@"
}
fish_offers() {
  in_fish 'tidemark gate --dry' | grep -x -- $'--dry-run\tjudge without storing anything' && in_fish 'tidemark ga' | grep -x $'gate\tjudge the newest run, .*' &&
    in_fish 'tidemark runs --format=m' | grep -x -- '--format=markdown' && in_fish 'tidemark show pdf' | grep -x 'pdf reader' && in_fish 'tidemark rm 2026' | grep -x '2026-11-20T02:00:00Z' &&
    in_fish 'tidemark ingest names.c' | grep -x names.csv
}
zsh_offers() {
  in_zsh tidemark gate --dry | grep -x -- '--dry-run:judge without storing anything' && in_zsh tidemark '' | grep -x 'gate:judge the newest run, .*' && in_zsh tidemark runs --format=m | grep -x -- '--format=markdown' &&
    in_zsh tidemark show pdf | grep -x 'pdf reader' && in_zsh tidemark rm 2026 | grep -xF '2026-11-20T02\:00\:00Z' && [[ $(in_zsh tidemark ingest names.c) == FILES ]]
}
# What all three offer is one list, and it is whole: each command and each option of the program's.
lists_everything() {
  local command
  list() { PATH=$root/usr/bin:$PATH bash "$root/usr/share/bash-completion/completions/tidemark" tidemark "$@" | cut -f 1; }
  tidemark=$root/usr/bin/tidemark
  "$tidemark" --help | sed -n 's/^  \([a-z][a-z-]*\)  *.*/\1/p' | { cat && echo help; } >expected
  [[ $(wc -l <expected) -gt 20 ]] && list '' | same expected - || return
  while read -r command; do
    [[ $command != help ]] || continue
    "$tidemark" "$command" --help | grep -oE '^  (-[a-z], )?--[a-z-]+' | grep -o -- '--.*' >options
    list "$command" -- | same options - || return
  done <expected
}

printf 'plugin,wall_ms\nocr-reader,500\n' >night.csv
check 'completion: it is installed' install_it
check 'completion: a store to ask' completion_store
check 'completion: commands' commands
check 'completion: options' options
check 'completion: values' values
check 'completion: plugins' plugins
check 'completion: runs and metrics' runs
check 'completion: the store that the line names' other_store
check 'completion: files are left to bash' files
check 'completion: every command and option' lists_everything
with fish 'completion: fish' fish_offers
with zsh 'completion: zsh' zsh_offers
check 'completion: without a store, and without making one' no_store
[[ $failures == 0 ]]
