#!/usr/bin/env bash
# The program for GitHub's action.
#
# usage: program.sh find     the one that TM_PROGRAM names or PATH has: output 'program'; else outputs 'folder' and 'key', the cache's
#        program.sh make     into TM_FOLDER, unless one is there that runs: of the release TM_REF of TM_REPOSITORY, or from the sources
#
# Later steps find it in PATH as 'tidemark', whatever it is called. What is said to them is absolute, for they may work elsewhere.
set -eu
workspace=$PWD
cd "$(dirname "$0")/../.."

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# whole PATH: beginning at the root
whole() { if [[ $1 == /* ]]; then echo "$1"; else echo "$workspace/${1#./}"; fi; }

# A program of another name gets the name by a link, in a folder of its own.
into_path() {
  local folder=${1%/*}
  if [[ ${1##*/} != tidemark ]]; then
    folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/tidemark.XXXXXX")
    ln -s "$1" "$folder/tidemark"
  fi
  echo "${folder:-/}" >>"$GITHUB_PATH"
}

runs() { "$1" --version >/dev/null 2>&1; }

# Of all that it is built from, and of what it must find where it runs.
key() {
  local sources
  sources=$(find Makefile scripts schema base analyze gate ingest record store report cli -type f ! -path '*/.*' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  printf 'tidemark-program-%s-%s-%s' "$(uname -m)" "$(getconf GNU_LIBC_VERSION 2>/dev/null | tr -c 'a-z0-9.\n' -)" "${sources:0:32}"
}

# The program of that path, or of that name in PATH. One that cannot be executed is a slip of the pen in the action's input.
named() {
  local program
  program=$(cd "$workspace" && command -v -- "$TM_PROGRAM") || {
    echo "::error title=tidemark::the input 'program' is '$TM_PROGRAM', which is no program" && return 1
  }
  program=$(whole "$program")
  output program "$program"
  into_path "$program"
}

find_it() {
  local program
  if [[ ${TM_PROGRAM-} ]]; then
    named
  elif program=$(cd "$workspace" && command -v tidemark); then
    output program "$(whole "$program")"
  else
    output program ''
    output folder "${RUNNER_TOOL_CACHE:-$HOME/.cache}/tidemark"
    output key "$(key)"
  fi
}

# A release has the program as tidemark-linux-MACHINE, and SHA256SUMS beside it. A branch or a commit is none.
download() {
  local name
  name=tidemark-linux-$(uname -m)
  [[ ${TM_REF-} == v[0-9]* && ${TM_REPOSITORY-} ]] && command -v gh >/dev/null || return
  gh release download "$TM_REF" --repo "$TM_REPOSITORY" --dir "$1" --pattern "$name" --pattern SHA256SUMS || return
  (cd "$1" && grep " $name\$" SHA256SUMS | sha256sum --check --strict) || return
  chmod +x "$1/$name" && runs "$1/$name" && mv "$1/$name" "$TM_FOLDER/tidemark"
}

build() {
  local tree=$1/tree
  scripts/setup.sh build && make B="$tree" static && mv "$tree/static/tidemark" "$TM_FOLDER/tidemark"
}

make_it() {
  local work
  if ! runs "$TM_FOLDER/tidemark"; then
    work=$(mktemp -d) && mkdir -p "$TM_FOLDER"
    download "$work" || build "$work" >&2
    rm -rf "$work"
  fi
  output program "$TM_FOLDER/tidemark"
  into_path "$TM_FOLDER/tidemark"
}

case ${1-} in
find) find_it ;;
make) make_it ;;
*)
  echo "usage: program.sh find|make" >&2
  exit 2
  ;;
esac
