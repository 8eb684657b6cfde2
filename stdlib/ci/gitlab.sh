
# The findings as GitLab's code quality, which shows them beside the lines; the same finding has the
# same fingerprint also when lines move.
rm -f -- codequality.json
if [ ${#files[@]} -gt 0 ]; then
  runbook check --format json -- "${files[@]}" >"$work/findings" 2>/dev/null || true
else
  echo '{"findings": []}' >"$work/findings"
fi
jq --arg here "$PWD/" '[.findings | map(select(.file)) | group_by([.code, .file, .message])[] | to_entries[]
  | .key as $number | .value | (.file | ltrimstr($here)) as $path
  | {description: "\(.code): \(.message)", check_name: .code,
     severity: (if .severity == "error" then "major" else "minor" end),
     fingerprint: ([.code, $path, .message, $number] | map(tostring) | join("\n") | @base64),
     location: {path: $path, lines: {begin: .line}}}]' "$work/findings" >codequality.json
if [ -n "${RUNBOOK_TOKEN:-}" ]; then
  HEADER="PRIVATE-TOKEN: $RUNBOOK_TOKEN"
  request=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID
  ask GET "$CI_API_V4_URL/user"
  if [ "$status" = 200 ]; then
    me=$(jq .id "$work/answer")
    tell "$request/notes" ".author.id == $me" PUT "$request/notes"
  else
    echo "runbook: RUNBOOK_TOKEN is not taken (status $status), so no comment is written" >&2
  fi
else
  printf '%s\n' "$body"
  echo 'runbook: no comment is written, since RUNBOOK_TOKEN is not set' >&2
fi
exit "$code"
