-- One line that changes when anything in the database does: schema, indexes, constraints, rows.
SELECT md5(concat_ws('/',
  (SELECT string_agg(c.relname || c.relkind::text, ',' ORDER BY c.relname) FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace),
  (SELECT string_agg(table_name || column_name || data_type || is_nullable, ',' ORDER BY table_name, ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public'),
  (SELECT string_agg(indexdef, ',' ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'public'),
  (SELECT string_agg(conname || convalidated::text || pg_get_constraintdef(oid), ',' ORDER BY conname)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
  (SELECT md5(string_agg(t::text, ',' ORDER BY version)) FROM schema_versions t),
  (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM customers t),
  (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM models t),
  (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM conversations t),
  (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM messages t)));
