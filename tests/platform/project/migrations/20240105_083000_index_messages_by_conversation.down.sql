DROP INDEX messages_by_conversation;
