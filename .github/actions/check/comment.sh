#!/usr/bin/env bash
# Comments what a change of the policy means: one comment for each pull request, which is edited.
set -euo pipefail

# By this the comment is found again.
mark='<!-- corsgate check -->'
body=$(mktemp)
# GitHub takes 65,536 characters; the rest stands in the summary of the job.
{
  echo "$mark"
  echo '### What this changes for other origins'
  echo
  head --bytes=60000 "$CHANGES"
} > "$body"

comments=repos/$REPOSITORY/issues/$NUMBER/comments
# A pull request from a fork may only read: the summary of the job has the changes all the same.
if ! id=$(gh api --paginate "$comments" --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$mark\"))) | .id"); then
  echo '::notice title=corsgate::the comments cannot be read, so the changes stand in the summary of the job alone'
  exit 0
fi
id=${id%%$'\n'*}
if [ -n "$id" ]; then
  request=(--method PATCH "repos/$REPOSITORY/issues/comments/$id")
else
  request=(--method POST "$comments")
fi
if ! gh api "${request[@]}" --field "body=@$body" --silent; then
  echo "::notice title=corsgate::no comment could be written (pull-requests: write), so the changes stand in the summary of the job alone"
fi
