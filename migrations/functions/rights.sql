-- Gives `application` the rights that fechatter_server needs, and revokes all others. Called with
-- every change of the schema, so a new table is covered; a table that needs other rights than most
-- is named here. The caller must own the schema. What makes an account, and who may sign in as it
-- and rule what, is written by functions with the owner's rights only, which check the caller's.
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
                                    'session_id', 'created_by', 'blocked_id', 'message_id',
                                    'root_id', 'file_id')
              AND (c.relname, a.attname) NOT IN (('users', 'password_hash'),
                    ('users', 'password_version'), ('users', 'role'), ('users', 'status'),
                    ('workspaces', 'owner_id'))) AS changeable,
           c.relname ~ '^schema_' AS is_schema,
           c.relname <> 'audit_log' AS changes,
           c.relname NOT IN ('relay_state', 'workspaces', 'users') AS grows,
           c.relname NOT IN ('relay_state', 'relay_workspaces', 'outbox', 'workspaces', 'users',
                             'audit_log') AS shrinks
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
    IF item.changes AND item.changeable IS NOT NULL THEN
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
    SELECT p.oid::regprocedure AS name, p.proname ~ '^operator_' AS is_operators FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
      AND pg_has_role(p.proowner, 'USAGE')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %I', item.name, application);
    CONTINUE WHEN item.is_operators;
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', item.name, application);
  END LOOP;
  EXECUTE format('REVOKE EXECUTE ON FUNCTION grant_application_rights(name),'
                 ' grant_notify_rights(name), advance_identities(bigint, timestamptz) FROM %I',
                 application);
END $$;

-- Gives `notify` what the statements of notify_server read and delete, and revokes all others.
-- Called with every change of the schema, likewise. A further read is one more line here.
CREATE OR REPLACE FUNCTION grant_notify_rights(notify name)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  item record;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', notify);
  FOR item IN
    SELECT format(CASE c.relkind WHEN 'S' THEN 'SEQUENCE %s' ELSE '%s' END, c.oid::regclass) AS name
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
      AND pg_has_role(c.relowner, 'USAGE')
    UNION ALL
    SELECT format('FUNCTION %s', p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
      AND pg_has_role(p.proowner, 'USAGE')
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %I', item.name, notify);
  END LOOP;
  FOR item IN
    SELECT * FROM (VALUES
      ('SELECT (version)', 'schema_migrations'),
      ('SELECT (fan_out_member_limit)', 'relay_state'),
      ('SELECT (id, workspace_id, fullname, email, status)', 'users'),
      ('SELECT (id, expires_at, revoked_at)', 'sessions'),
      ('SELECT (id, member_event_id, member_count, deleted_at)', 'chats'),
      ('SELECT (chat_id, user_id)', 'chat_members'),
      ('SELECT, DELETE', 'event_tickets'),
      ('SELECT (chat_id, seq, version)', 'messages'),
      ('SELECT (epoch, stream_seq, event_id, asked_at, of_workspace, previous_seq)',
       'stream_erasures'),
      ('SELECT (user_id, last_seen, away, said_at)', 'user_presence'),
      ('EXECUTE', 'FUNCTION erasures_between(bigint, bigint, bigint, bigint)'),
      ('EXECUTE', 'FUNCTION store_presence(bigint[], bigint[], boolean[], bigint[])'),
      ('EXECUTE', 'FUNCTION unix_micros(timestamptz)')
    ) AS needed (rights, name)
  LOOP
    EXECUTE format('GRANT %s ON %s TO %I', item.rights, item.name, notify);
  END LOOP;
END $$;
