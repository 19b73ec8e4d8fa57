#!/usr/bin/env bash
# The gate for GitHub's action: what the inputs say, as arguments, and the gate's exit code. Outputs: 'exit-code'; 'store', whether there is
# one to keep; 'news', whether the verdict is worth a comment ('' after trouble, when there is none).
set -eu
words=() files=()

# option NAME VALUE: the option where there is a value. One word: a value that begins with a dash is a value.
option() { if [[ $2 ]]; then words+=("--$1=$2"); fi; }

# Each line of TM_FILE names a file, or is a pattern for some; of a pattern that fits nothing the gate says so.
while IFS= read -r line; do
  [[ $line ]] || continue
  mapfile -t found < <(compgen -G "$line")
  files+=("${found[@]:-$line}")
done <<<"$TM_FILE"

option base "$TM_BASE"
option host "$TM_HOST"
option parts "$TM_PARTS"
if [[ ${#files[@]} -gt 0 ]]; then
  option commit "$TM_COMMIT"
  if [[ $TM_RUN ]]; then words+=("--run=$TM_RUN" --replace); fi
elif [[ $TM_PARTS ]]; then
  option run "$TM_RUN"
fi
# A fork may call its branch main, too: with its owner's name in front it is no branch of this repository.
option branch "${TM_BRANCH:-$TM_FORK}"
[[ $TM_PR != true ]] || words+=(--pr)
[[ $TM_ALLOW_UNJUDGED != true ]] || words+=(--allow-unjudged)
option format "markdown=$TM_MARKDOWN"
option format "junit=$TM_JUNIT"
while IFS= read -r line; do
  if [[ $line ]]; then words+=("$line"); fi
done <<<"$TM_ARGUMENTS"

said=$(mktemp)
code=0
rm -f "$TM_MARKDOWN" # a comment must not tell of an earlier verdict
"$TM_PROGRAM" --db "$TM_DB" gate "${words[@]}" --format text --format github --format "text=$said" -- ${files[@]+"${files[@]}"} || code=$?
news=
if [[ $code != 2 ]]; then
  news=false
  if [[ $code == 1 ]] || grep -qE '^(regressed|open|missing|over limit|suspect|improved) ' "$said"; then news=true; fi
  if [[ $code == 0 ]] && grep -q '^judged 0 of [1-9]' "$said"; then echo '::warning title=tidemark::nothing could be judged yet; the job passes all the same (allow-unjudged)'; fi
fi
rm -f "$said"
{
  echo "exit-code=$code"
  echo "news=$news"
  if [[ -s $TM_DB ]]; then echo store=true; else echo store=false; fi
} >>"$GITHUB_OUTPUT"
exit "$code"
