CREATE TABLE conversations (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  model_id    bigint NOT NULL REFERENCES models (id),
  title       text NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE INDEX conversations_by_customer ON conversations (customer_id, created_at);
CREATE TABLE messages (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id bigint NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  author          text NOT NULL CHECK (author IN ('customer', 'model')),
  created_at      timestamptz NOT NULL,
  body            text NOT NULL
);
