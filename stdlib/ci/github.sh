
# The findings stand beside the lines; the comment is the one that this workflow's own user made.
if [ ${#files[@]} -gt 0 ]; then
  runbook check --format github -- "${files[@]}" || true
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  printf '%s\n' "$body" >>"$GITHUB_STEP_SUMMARY"
fi
HEADER="Authorization: Bearer $GITHUB_TOKEN"
repository=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY
tell "$repository/issues/$PULL/comments" '.user.login == "github-actions[bot]"' PATCH "$repository/issues/comments"
exit "$code"
