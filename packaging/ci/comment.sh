#!/usr/bin/env bash
# One comment on a pull request for GitHub's action: written when there is something to say (TM_NEWS is true), and edited from then on, so
# that it never tells of an earlier push. It is known again by its first line and its author: others may write such a line, too.
# A token without the right to write, as in pull requests from forks, is a warning: the job has its verdict without a comment.
set -u

trouble() {
  echo "::warning title=tidemark::the pull request got no comment: $*"
  exit 0
}

[[ $TM_NUMBER =~ ^[0-9]+$ ]] || trouble 'it has no number'
[[ $TM_KEY =~ ^[A-Za-z0-9._-]*$ ]] || trouble "comment-key may have letters, digits, '.', '_' and '-'"
command -v gh >/dev/null || trouble "there is no program 'gh'"
[[ -s $TM_MARKDOWN ]] || trouble 'the gate has written no Markdown'
marker="<!-- tidemark${TM_KEY:+ $TM_KEY} -->"

comments=$(gh api --paginate "repos/$TM_REPOSITORY/issues/$TM_NUMBER/comments?per_page=100" \
  --jq '.[] | [.id, .user.login, (.body | split("\n")[0] | rtrimstr("\r"))] | @tsv') || trouble 'its comments could not be read'
former=$(awk -F '\t' -v author="$TM_AUTHOR" -v marker="$marker" '$2 == author && $3 == marker { print $1; exit }' <<<"$comments")
[[ $former || $TM_NEWS == true ]] || exit 0

body=$(mktemp) || trouble 'no temporary file'
trap 'rm -f "$body"' EXIT
{
  printf '%s\n' "$marker"
  cat "$TM_MARKDOWN"
  if [[ ${GITHUB_SERVER_URL-} && ${GITHUB_RUN_ID-} ]]; then printf '\n[log](%s/%s/actions/runs/%s)\n' "$GITHUB_SERVER_URL" "$TM_REPOSITORY" "$GITHUB_RUN_ID"; fi
} >"$body" || trouble 'no temporary file'
if [[ $former ]]; then
  gh api --silent --method PATCH "repos/$TM_REPOSITORY/issues/comments/$former" --field "body=@$body" || trouble "the token may not write; it needs 'permissions: {pull-requests: write}'"
else
  gh api --silent --method POST "repos/$TM_REPOSITORY/issues/$TM_NUMBER/comments" --field "body=@$body" || trouble "the token may not write; it needs 'permissions: {pull-requests: write}'"
fi
