# What a branch changed in runbooks: checked, compared with what was, planned, and told in one
# comment. BASE is the commit to compare with, COMMENT_LIMIT the characters that a comment may have.
# It wants git, jq, curl and runbook. Nothing of a runbook is run, and no name or text of the branch
# is taken for code.
set -euo pipefail
export LC_ALL=C.UTF-8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
marker='<!-- runbook: the comment that is updated -->'

# Those at hand, each behind a NUL; what a link leads to is not the branch's.
runbooks() {
  local file
  while IFS= read -r -d '' file; do
    if [ -f "$file" ] && [ ! -L "$file" ] && grep -qE '^(runbook|monitor):' -- "$file"; then
      printf '%s\0' "$file"
    fi
  done < <(git ls-files -z -- '*.yaml' '*.yml')
}

# Is FILE changed, does it lie beside a library that is, or does it name a file that is?
is_touched() {
  local file=$1 folder='' changed
  [[ $file == */* ]] && folder=${file%/*}/
  for changed in "${changes[@]}"; do
    [[ $changed == "$file" || $changed == "${folder}library/"* ]] && return
  done
  grep -qFf "$work/names" -- "$file"
}

since=$(git merge-base "$BASE" HEAD)
changes=()
while IFS= read -r -d '' file; do
  changes+=("$file")
  [[ ${file##*/} == *$'\n'* ]] || printf '%s\n' "${file##*/}"
done < <(git diff --name-only -z "$since" HEAD -- '*.yaml' '*.yml') >"$work/names"
files=()
if [ ${#changes[@]} -gt 0 ]; then
  while IFS= read -r -d '' file; do
    is_touched "$file" && files+=("$file")
  done < <(runbooks)
fi

# Puts the section TEXT below the comment, where it still fits.
body="$marker"$'\n## Runbooks\n'
left_out=0
add() {
  if [ $((${#body} + ${#1})) -lt $((COMMENT_LIMIT - 300)) ]; then
    body+=$'\n'"$1"$'\n'
  else
    left_out=$((left_out + 1))
  fi
}

# As text in HTML, whatever it holds.
escaped() { jq -Rrs '@html'; }

code=0
report=runbook.sarif
rm -f -- "$report"
if [ ${#files[@]} -eq 0 ]; then
  echo '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "runbook"}}, "results": []}]}' >"$report"
  add 'This branch changes no runbook.'
else
  runbook check --format sarif -- "${files[@]}" >"$report" || code=$?
  findings=$(runbook check -- "${files[@]}" 2>&1 >/dev/null | escaped) || true
  if [ "$code" -eq 0 ]; then
    add "\`runbook check\` finds no error; looked at: ${#files[@]}."
  else
    add "**\`runbook check\` refuses what this branch makes of them** (exit code $code); looked at: ${#files[@]}."
  fi
  if [ -n "$findings" ]; then
    add "<details><summary>Findings</summary>"$'\n\n<pre>'"$findings"$'</pre>\n\n</details>'
  fi
  add "$(runbook diff --git "$since" --format markdown 2>/dev/null || true)"
  waiting=${#files[@]}
  for file in "${files[@]}"; do
    name=$(printf %s "$file" | escaped)
    room=$(((COMMENT_LIMIT - 800 - ${#body}) / waiting)) # each has its share
    waiting=$((waiting - 1))
    plan=$(runbook plan --format markdown --room "$((room > 2000 ? room : 2000))" -- "$file" 2>/dev/null) || continue
    add "<details><summary>Plan of <code>$name</code></summary>"$'\n\n'"$plan"$'\n\n</details>'
  done
fi
if [ "$left_out" -gt 0 ]; then
  body+=$'\n'"$left_out more would not fit into a comment: \`runbook diff --git\` and \`runbook plan\` show them."$'\n'
fi
printf %s "$body" >"$work/body"
jq -n --rawfile body "$work/body" '{body: $body}' >"$work/payload"

# METHOD URL [FILE]: asks the forge; HEADER, which holds the token, is on no command line. Sets
# status; the answer is in $work/answer.
ask() {
  status=$(printf 'header = "%s"\n' "$HEADER" | curl --config - --silent --show-error --max-time 60 \
    --request "$1" --header 'Content-Type: application/json' ${3:+--data-binary "@$3"} \
    --output "$work/answer" --write-out '%{http_code}' -- "$2") || status=000
}

# COMMENTS MINE: sets id to that of our comment, "" when there is none; MINE is jq's, of the author.
find_comment() {
  local page
  for ((page = 1; page <= 100; page++)); do
    ask GET "$1?per_page=100&page=$page"
    [ "$status" = 200 ] || return
    id=$(jq -r --arg marker "$marker" "[.[] | select((.body | startswith(\$marker)) and ($2))][0].id // empty" "$work/answer")
    if [ -n "$id" ] || [ "$(jq length "$work/answer")" -lt 100 ]; then
      return
    fi
  done
}

# COMMENTS MINE METHOD ONE: makes the comment, or updates it by METHOD at ONE/ID.
tell() {
  local id=''
  find_comment "$1" "$2"
  if [ "$status" != 200 ]; then
    echo "runbook: the comments can't be read (status $status), so none is written" >&2
    return
  fi
  if [ -n "$id" ]; then
    ask "$3" "$4/$id" "$work/payload"
  elif [ ${#files[@]} -gt 0 ]; then
    ask POST "$1" "$work/payload"
  fi
  case $status in
    2??) ;;
    *) echo "runbook: the comment can't be written (status $status): the branch of a fork may not" >&2 ;;
  esac
}
