-- The same rows each time: a test can count and sum them.
INSERT INTO schema_versions VALUES
  ('20231104_101500', 'customers and models',        '2023-11-04 10:15:00Z'),
  ('20231201_120000', 'conversations and messages',  '2023-12-01 12:00:00Z'),
  ('20240105_083000', 'index messages by conversation', '2024-01-05 08:30:00Z');
INSERT INTO customers (name, email, created_at)
  SELECT 'Customer ' || n, 'customer' || n || '@example.com',
         timestamptz '2023-11-05 00:00:00Z' + n * interval '7 hours'
  FROM generate_series(1, 100) n;
INSERT INTO models (provider, name) VALUES
  ('alpha', 'large'), ('alpha', 'small'), ('beta', 'chat'), ('gamma', 'code');
INSERT INTO conversations (customer_id, model_id, title, created_at)
  SELECT 1 + n % 100, 1 + n % 4, 'Conversation ' || n,
         timestamptz '2023-12-02 00:00:00Z' + n * interval '50 minutes'
  FROM generate_series(1, 1000) n;
INSERT INTO messages (conversation_id, author, body, created_at)
  SELECT 1 + n % 1000, CASE n % 2 WHEN 0 THEN 'customer' ELSE 'model' END,
         'Message ' || n || ': ' || repeat(md5(n::text), 4),
         timestamptz '2023-12-02 00:00:00Z' + n * interval '5 minutes'
  FROM generate_series(1, 10000) n;
ANALYZE;
