-- The same rows each time: a test can count and sum them. What a careless dump or restore spoils is
-- among them: other alphabets, quotes, tabs and line ends, a backslash, nothing and an empty text.
INSERT INTO customers (name, email, created_at)
  SELECT CASE n % 4 WHEN 0 THEN 'Zoë Müller ' WHEN 1 THEN '顧客 ' WHEN 2 THEN 'O''Neil ' ELSE 'Customer ' END || n,
         'customer' || n || '@example.com',
         timestamptz '2023-11-05 00:00:00Z' + n * interval '2 hours'
  FROM generate_series(1, 500) n;
INSERT INTO models (provider, name) VALUES
  ('alpha', 'large'), ('alpha', 'small'), ('beta', 'chat'), ('gamma', 'code');
INSERT INTO conversations (customer_id, model_id, title, created_at)
  SELECT 1 + n % 500, 1 + n % 4, 'Conversation ' || n,
         timestamptz '2023-12-02 00:00:00Z' + n * interval '10 minutes'
  FROM generate_series(1, 5000) n;
INSERT INTO messages (conversation_id, author, created_at, body)
  SELECT 1 + n % 5000, CASE n % 2 WHEN 0 THEN 'customer' ELSE 'model' END,
         timestamptz '2023-12-02 00:00:00Z' + n * interval '30 seconds',
         'Message ' || n || CASE n % 3 WHEN 0 THEN E':\n\t' WHEN 1 THEN ' "\N" ' ELSE ' 本文 ' END || repeat(md5(n::text), 2)
  FROM generate_series(1, 100000) n;
INSERT INTO feedback (message_id, rating, comment)
  SELECT n * 20 - n % 7, 1 + n % 5, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'Comment ' || n END
  FROM generate_series(1, 5000) n;
ANALYZE;
