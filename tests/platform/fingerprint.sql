-- One line that changes when anything in the database does: schema, indexes, constraints, views, the rows of
-- whatever tables there are, and whether a sequence would give out a number a second time.
WITH relations AS (
  SELECT c.oid, c.relname, c.relkind, format('%I.%I', n.nspname, c.relname) AS place
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
), contents AS ( -- asked of each table by its name, for which plain SQL has no way
  SELECT relname, query_to_xml('SELECT count(*), sum(hashtextextended(t::text, 0)) FROM ' || place || ' t',
                               true, true, '')::text AS rows
  FROM relations WHERE relkind IN ('r', 'p', 'm')
), sequences AS (
  SELECT relname, query_to_xml(format('SELECT coalesce(max(%I), 0) <= (SELECT last_value FROM %s) FROM %s', attname,
                                      pg_get_serial_sequence(place, attname), place), true, true, '')::text AS ahead
  FROM relations JOIN pg_attribute ON attrelid = relations.oid AND attidentity <> ''
)
SELECT md5(concat_ws('/',
  (SELECT string_agg(relname || relkind::text, ',' ORDER BY relname) FROM relations),
  (SELECT string_agg(concat(table_name, column_name, data_type, is_nullable, column_default, identity_generation), ','
                     ORDER BY table_name, ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public'),
  (SELECT string_agg(indexdef, ',' ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'public'),
  (SELECT string_agg(indexrelid::regclass::text, ',' ORDER BY indexrelid::regclass::text)
    FROM pg_index WHERE NOT indisvalid),
  (SELECT string_agg(conname || convalidated::text || pg_get_constraintdef(oid), ',' ORDER BY conname)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
  (SELECT string_agg(pg_get_viewdef(oid), ',' ORDER BY relname) FROM relations WHERE relkind IN ('v', 'm')),
  (SELECT string_agg(pg_get_triggerdef(oid), ',' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal),
  (SELECT string_agg(pg_get_functiondef(oid), ',' ORDER BY proname) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace),
  (SELECT string_agg(relname || rows, ',' ORDER BY relname) FROM contents),
  (SELECT string_agg(relname || ahead, ',' ORDER BY relname) FROM sequences)));
