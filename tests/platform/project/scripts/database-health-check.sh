#!/bin/bash
# Is the database whole? One question, so that one start of the client is paid for.
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"

# Each row: a name, and what is wrong (empty when nothing is). The sums read every row's content:
# counting alone can pass over a damaged page.
problems=$(query "
  SELECT 'tables', string_agg(t, ' ') FROM unnest(ARRAY['schema_versions', 'customers', 'models',
    'conversations', 'messages', 'feedback', 'model_ratings']) t WHERE to_regclass(t) IS NULL
  UNION ALL
  SELECT 'indexes', string_agg(i, ' ') FROM unnest(ARRAY['conversations_by_customer',
    'messages_by_conversation', 'feedback_by_message']) i WHERE to_regclass(i) IS NULL
  UNION ALL
  SELECT 'valid indexes', string_agg(indexrelid::regclass::text, ' ') FROM pg_index WHERE NOT indisvalid
  UNION ALL
  SELECT 'valid constraints', string_agg(conname, ' ') FROM pg_constraint WHERE NOT convalidated
  UNION ALL
  SELECT 'foreign keys', CASE WHEN count(*) < 4 THEN 'only ' || count(*) END
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'schema version', CASE WHEN count(*) = 0 THEN 'none' END FROM schema_versions
  UNION ALL
  SELECT 'messages without a conversation', CASE WHEN count(*) > 0 THEN count(*) || ' rows' END
    FROM messages m LEFT JOIN conversations c ON c.id = m.conversation_id WHERE c.id IS NULL
  UNION ALL
  SELECT 'customers and models have conversations', CASE WHEN count(*) = 0 THEN 'no rows' END
    FROM conversations JOIN customers ON customers.id = customer_id JOIN models ON models.id = model_id
  UNION ALL
  SELECT 'content can be read', CASE WHEN coalesce(sum(length(body)), 0) = 0 THEN 'empty' END FROM messages
" 2>&1)
check "the database answers" test $? = 0
[ "$failed" = 0 ] || { echo "$problems"; finish; }
nothing() { echo "$1"; [ -z "$1" ]; }
while IFS='|' read -r name problem; do
  check "$name" nothing "$problem"
done <<<"$problems"
finish
