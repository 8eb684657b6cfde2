#!/bin/bash
# A draft of what users are told, in both languages; a person reads it before it goes out.
#   prepare-user-notification.sh [LEVEL]
# shellcheck source=look.sh
. "$(dirname "$0")/look.sh"
level=${1:-}
log=${LOG_DIR:-/var/log/conea}/rollback-operations.log
began=$(grep -F '[INFO] Rollback initiated' "$log" 2>/dev/null | tail -n 1 | cut -c1-19)
case $level in
  2|3) en=$'What you entered shortly before may be missing; please look whether it is there.\n'
       ja=$'直前に入力された内容が失われている可能性があります。ご確認をお願いいたします。\n' ;;
  1) en=$'No data was lost.\n' ja=$'データの損失はありません。\n' ;;
  *) en='' ja='' ;;
esac
state=restored ja_state="復旧いたしました"
fetch "$base/health" >/dev/null 2>&1 || { state="not yet restored"; ja_state="まだ復旧しておりません"; }
cat <<TEXT
DRAFT of $(date -u +%FT%TZ) - not sent

Subject: Conea AI Platform: service disruption

The Conea AI Platform was disrupted${began:+ (our recovery began at $began)}. The service is $state.
${en}We apologise for the inconvenience.

件名: Conea AI Platform 障害のお知らせ

Conea AI Platform において障害が発生し${began:+（復旧作業の開始: $began）}、現在は$ja_state。
${ja}ご不便をおかけしましたことをお詫び申し上げます。
TEXT
