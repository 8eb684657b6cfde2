CREATE TABLE feedback (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id bigint NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  rating     smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment    text
);
CREATE UNIQUE INDEX feedback_by_message ON feedback (message_id);
CREATE VIEW model_ratings AS
  SELECT models.provider, models.name, count(*) AS answers, round(avg(feedback.rating), 2) AS rating
  FROM feedback
  JOIN messages ON messages.id = feedback.message_id
  JOIN conversations ON conversations.id = messages.conversation_id
  JOIN models ON models.id = conversations.model_id
  GROUP BY models.id;
