-- Gives `application` the rights that both servers need, and revokes all others. Called with every
-- change of the schema, so a new table is covered; a table that needs other rights than most is
-- named here. The caller must own the schema.
CREATE OR REPLACE FUNCTION grant_application_rights(application name)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  item record;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
  -- Partitions get no rights of their own: they are accessed through their table.
  FOR item IN
    SELECT c.oid::regclass AS name, c.relkind,
           -- The columns that say where a row belongs are never changed.
           (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attname NOT IN ('id', 'workspace_id', 'chat_id', 'user_id', 'sender_id',
                                    'session_id', 'created_by', 'blocked_id')) AS changeable,
           c.relname ~ '^schema_' AS is_schema,
           c.relname <> 'relay_state' AS grows,
           c.relname NOT IN ('relay_state', 'relay_workspaces', 'outbox', 'workspaces', 'users')
             AS shrinks
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
      AND NOT c.relispartition AND pg_has_role(c.relowner, 'USAGE')
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %I', item.name, application);
    IF item.relkind = 'S' THEN
      EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', item.name, application);
      CONTINUE;
    END IF;
    EXECUTE format('GRANT SELECT ON %s TO %I', item.name, application);
    CONTINUE WHEN item.relkind = 'v' OR item.is_schema;
    IF item.changeable IS NOT NULL THEN
      EXECUTE format('GRANT UPDATE (%s) ON %s TO %I', item.changeable, item.name, application);
    END IF;
    IF item.grows THEN
      EXECUTE format('GRANT INSERT ON %s TO %I', item.name, application);
    END IF;
    IF item.shrinks THEN
      EXECUTE format('GRANT DELETE ON %s TO %I', item.name, application);
    END IF;
  END LOOP;
  FOR item IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
      AND pg_has_role(p.proowner, 'USAGE')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', item.name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', item.name, application);
  END LOOP;
  EXECUTE format('REVOKE EXECUTE ON FUNCTION grant_application_rights(name),'
                 ' advance_identities(bigint, timestamptz) FROM %I', application);
END $$;
