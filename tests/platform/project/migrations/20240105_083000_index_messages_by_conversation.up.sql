CREATE INDEX messages_by_conversation ON messages (conversation_id, created_at);
