-- The first migration makes the table, too, in which each notes itself.
CREATE TABLE schema_versions (
  version     text PRIMARY KEY,
  description text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
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
