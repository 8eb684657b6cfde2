-- A database of somebody else, of which a good dump is no use here.
CREATE TABLE invoices (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE,
  amount numeric(12, 2) NOT NULL
);
INSERT INTO invoices (number, amount) SELECT 'R-' || n, n * 7.5 FROM generate_series(1, 1000) n;
