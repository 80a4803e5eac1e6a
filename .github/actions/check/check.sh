#!/usr/bin/env bash
# Checks, tests and compares a policy. All three are run, whichever fails; the exit code is that of the first that did.
set -uo pipefail

mkdir -p "$INTO"
sarif=$INTO/corsgate.sarif
changes=$INTO/changes.md
failed=0

# Keeps the exit code of the first failure.
note() {
  if [ "$failed" -eq 0 ]; then failed=$1; fi
}

environment=()
at=
if [ -n "$ENVIRONMENT" ]; then
  environment=(--env "$ENVIRONMENT")
  at=@$ENVIRONMENT
fi

"$CORSGATE" check "$POLICY" ${environment[@]+"${environment[@]}"} --deny warnings --format github || note $?
# The same once more, for code scanning.
"$CORSGATE" check "$POLICY" ${environment[@]+"${environment[@]}"} --format sarif > "$sarif"
# Without a policy there is nothing to upload.
if [ -s "$sarif" ]; then echo "sarif=$sarif" >> "$GITHUB_OUTPUT"; fi

if [ -n "$CASES" ]; then
  "$CORSGATE" test "$POLICY" "$CASES" --coverage --deny uncovered --format github || note $?
fi

# Of the lists and other files beside it, `diff` needs none.
base=$INTO/base.toml
if ! git show "$BASE:./$POLICY" > "$base" 2> "$INTO/git.txt"; then
  if git rev-parse --verify --quiet "$BASE^{commit}" > "$INTO/git.txt"; then
    echo "There was no \`$POLICY\` before: there is nothing to compare with." | tee "$changes"
  else
    echo "::error title=corsgate::the commit \`$BASE\` to compare with is not here: check out with \`fetch-depth: 2\`"
    note 1
  fi
else
  deny=(--deny widens)
  if [ "$ALLOW_WIDENING" = true ]; then deny=(); fi
  # 10: they differ, which is no failure here.
  "$CORSGATE" diff "$base$at" "$POLICY$at" --format markdown > "$changes" || [ $? -eq 10 ] || rm -f "$changes"
  "$CORSGATE" diff "$base$at" "$POLICY$at" --format github ${deny[@]+"${deny[@]}"}
  code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne 10 ]; then note "$code"; fi
fi

if [ -s "$changes" ]; then
  cat "$changes" >> "$GITHUB_STEP_SUMMARY"
  echo "changes=$changes" >> "$GITHUB_OUTPUT"
fi
exit "$failed"
