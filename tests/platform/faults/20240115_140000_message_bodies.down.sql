ALTER TABLE messages ADD COLUMN body text;
UPDATE messages SET body = message_bodies.body FROM message_bodies WHERE message_id = messages.id;
ALTER TABLE messages ALTER COLUMN body SET NOT NULL;
DROP TABLE message_bodies;
