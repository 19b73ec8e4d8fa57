# Completion for bash: commands, options and their values; names of plugins, runs and metrics from the store that the line speaks of.
# All of it comes from the program itself, so this file knows no command. shellcheck shell=bash
#
# Those for fish and zsh run this file, with the words of their line: it prints what may stand in place of the last one, a line each, and
# behind a tab what it means.

# Offers those of the lines on standard input that begin with the word, quoted for the shell where that is needed.
_tidemark_offer() {
  local line word=$1 done=''
  word=${word#[\"\']}
  # bash replaces only what is behind the last colon
  if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then done=${word%:*}:; fi
  while IFS= read -r line; do
    [[ $line && $line == "$word"* ]] || continue
    printf -v line %q "${line#"$done"}"
    COMPREPLY+=("$line")
  done
}

# _tidemark_names QUERY: one column of the store, which is not made by asking
_tidemark_names() {
  "$program" ${db[@]+"${db[@]}"} sql --timeout 2 --format csv "$1" </dev/null 2>/dev/null |
    sed -e 1d -e 's/^"\(.*\)"$/\1/' -e 's/""/"/g'
}

_tidemark_options() {
  "$program" "$1" --help 2>/dev/null | sed -n '/^options:/,/^$/{s/^  \(-[a-z], \)\{0,1\}\(--[a-z-]*\)/\2\t/; s/\t[^ ]*\( [^ ]*\)\{0,1\}   */\t/; s/^\(--.*\)/\1/p}'
}

# Does the option take a value?
_tidemark_takes_value() {
  "$program" "$1" --help 2>/dev/null | sed -n '/^options:/,/^$/p' | grep -qE "^  (-[a-z], )?$2 [^ ]"
}

_tidemark_inputs() {
  "$program" formats 2>/dev/null | sed '/^$/,$d; s/ .*//'
}

# What may stand behind an option; 1: a file, or anything
_tidemark_value() {
  case $1 in
  --format)
    case $command in
    gate) printf '%s\n' text json csv markdown junit codequality sarif github openmetrics badge slack teams text-short ;;
    findings) printf '%s\n' text markdown json ;;
    measure) printf '%s\n' text table csv json markdown comment junit github openmetrics csv-long json-long ;;
    compare) printf '%s\n' text comment junit github openmetrics csv-long json-long csv json table markdown ;;
    export) printf '%s\n' csv ndjson data.js openmetrics otlp ;;
    ingest) _tidemark_inputs ;;
    replay) echo csv ;;
    evaluate | audit) printf '%s\n' text csv json ;;
    doctor) printf '%s\n' text json ;;
    *) printf '%s\n' table csv json markdown ;;
    esac
    ;;
  --input-format) _tidemark_inputs ;;
  --output)
    [[ $command == measure ]] || return 1
    printf '%s\n' null inherit
    ;;
  --color) printf '%s\n' auto always never ;;
  --charts) printf '%s\n' all changed ;;
  --times) printf '%s\n' 2 3 5 ;;
  --z) printf '%s\n' 1.5 2.0 3.0 ;;
  --metric) _tidemark_names "SELECT DISTINCT metric FROM verdict WHERE metric <> '' ORDER BY 1" ;;
  --rollup) echo week ;;
  --better) printf '%s\n' lower higher ;;
  --project) _tidemark_names 'SELECT name FROM project ORDER BY 1' ;;
  --compare | --branch | --base) _tidemark_names 'SELECT DISTINCT branch FROM run ORDER BY 1' ;;
  --host) _tidemark_names 'SELECT key FROM host ORDER BY 1' ;;
  --at)
    [[ $command == adopt ]] || return 1
    _tidemark_names 'SELECT key FROM run ORDER BY started_at DESC LIMIT 200'
    ;;
  --from)
    [[ $command != push && $command != pull ]] || return 1
    _tidemark_names 'SELECT key FROM run ORDER BY started_at DESC LIMIT 200'
    ;;
  --repeat-of | --run) _tidemark_names 'SELECT key FROM run ORDER BY started_at DESC LIMIT 200' ;;
  *) return 1 ;;
  esac
}

# What a command's words are
_tidemark_word() {
  case $1 in
  show | trend | rename | accept | waive | retire) _tidemark_names 'SELECT DISTINCT name FROM plugin ORDER BY 1' ;;
  rm) _tidemark_names 'SELECT key FROM run ORDER BY started_at DESC LIMIT 200' ;;
  compare)
    _tidemark_names 'SELECT key FROM run ORDER BY started_at DESC LIMIT 200'
    _tidemark_names "SELECT DISTINCT 'branch:' || branch FROM run ORDER BY 1"
    ;;
  metric) _tidemark_names 'SELECT name FROM metric ORDER BY 1' ;;
  undo) _tidemark_names 'SELECT DISTINCT coalesce(adoption, decision_id) FROM decision ORDER BY 1' ;;
  help) "$program" --help | sed -n 's/^  \([a-z][a-z-]*\)  */\1\t/p' ;;
  *) return 1 ;;
  esac
}

# _tidemark_list PROGRAM WORD...: what may stand in place of the last word
_tidemark_list() {
  local program=$1 word=${!#} before command='' i words=("$@") db=()
  unset 'words[-1]'
  before=${words[-1]}
  if [[ $word == --*=* ]]; then before=${word%%=*} word=${word#*=}; fi
  for ((i = 1; i < ${#words[@]}; i++)); do
    case ${words[i]} in
    --db) db=(--db "${words[++i]-}") ;;
    --db=*) db=("${words[i]}") ;;
    -*) ;;
    *) [[ $command ]] || command=${words[i]} ;;
    esac
  done
  if [[ $before == --db || $before == --file || $before == --config ]]; then
    return
  elif [[ ! $command && $word == -* ]]; then
    printf '%s\n' --db --help --version
  elif [[ ! $command ]]; then
    _tidemark_word help
    printf 'help\texplain a command\n'
  elif [[ $before == --* ]] && _tidemark_takes_value "$command" "$before"; then
    _tidemark_value "$before"
  elif [[ $word == -* ]]; then
    _tidemark_options "$command"
  else
    _tidemark_word "$command"
  fi
}

_tidemark() {
  local word words=() line=${COMP_LINE:0:COMP_POINT}
  COMPREPLY=()
  # Words as the shell will see them, but for quotes: bash's own array is cut at colons and equal signs.
  # shellcheck disable=SC2162 # a backslash before a blank is to be obeyed
  read -a words <<<"$line"
  [[ $line != *[[:space:]] || $line == *\\[[:space:]] ]] || words+=('')
  word=${words[-1]}
  if [[ $word == --*=* ]]; then word=${word#*=}; fi
  _tidemark_offer "$word" < <(_tidemark_list "$1" "${words[@]:1}" | cut -f 1)
}

if [[ ${BASH_SOURCE[0]} != "$0" ]]; then
  complete -o default -F _tidemark tidemark
elif [[ $# -gt 1 ]]; then
  lead=
  if [[ ${!#} == --*=* ]]; then lead=${!#} lead=${lead%%=*}=; fi
  _tidemark_list "$@" | while IFS= read -r line; do printf '%s\n' "$lead$line"; done
fi
