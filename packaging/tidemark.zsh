#compdef tidemark
# Completion for zsh, by what the one for bash lists; where that is nothing, files. Without bash it is files alone.
_tidemark() {
  local list=$_tidemark_place/../../bash-completion/completions/tidemark tab=$'\t' colon='\:' line
  local -a lines
  for line in "${(@f)$(bash $list "${(@Q)words[1,CURRENT]}" 2>/dev/null)}"; do
    # A colon would part a word from what it means.
    case $line in
      '') ;;
      *$tab*) lines+=("${${line%%$tab*}//:/$colon}:${line#*$tab}") ;;
      *) lines+=("${line//:/$colon}") ;;
    esac
  done
  if (( $#lines )); then _describe tidemark lines; else _files; fi
}
_tidemark_place=${funcsourcetrace[1]:h}
_tidemark "$@"
