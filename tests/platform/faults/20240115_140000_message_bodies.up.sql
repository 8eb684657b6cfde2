-- Long texts apart, so that lists of messages are quick to read. No release reads them there.
CREATE TABLE message_bodies (
  message_id bigint PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  body       text NOT NULL
);
INSERT INTO message_bodies SELECT id, body FROM messages;
ALTER TABLE messages DROP COLUMN body;
