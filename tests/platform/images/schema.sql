-- The schema of the platform's database, as the migrations in schema_versions left it.
CREATE TABLE schema_versions (
  version     text PRIMARY KEY,
  description text NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE TABLE customers (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL,
  email      text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL
);
CREATE TABLE models (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  name     text NOT NULL,
  enabled  boolean NOT NULL DEFAULT true,
  UNIQUE (provider, name)
);
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
  body            text NOT NULL,
  created_at      timestamptz NOT NULL
);
CREATE INDEX messages_by_conversation ON messages (conversation_id, created_at);
