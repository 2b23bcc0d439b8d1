-- The second fence (docs/adr/0006): what holds when a statement forgets its scope. Rows cannot tie two
-- workspaces together, and the application's role owns nothing.

-- The two people of a Single are of its workspace.
ALTER TABLE chats
  ADD CONSTRAINT chats_single_low_fkey
    FOREIGN KEY (single_low, workspace_id) REFERENCES users (id, workspace_id),
  ADD CONSTRAINT chats_single_high_fkey
    FOREIGN KEY (single_high, workspace_id) REFERENCES users (id, workspace_id);

-- A ticket is of a session of its workspace, and goes with it.
ALTER TABLE sessions ADD UNIQUE (id, workspace_id);
CREATE INDEX idx_event_tickets_session ON event_tickets (session_id);
ALTER TABLE event_tickets
  ADD CONSTRAINT event_tickets_session_fkey FOREIGN KEY (session_id, workspace_id)
    REFERENCES sessions (id, workspace_id) ON DELETE CASCADE;

-- A reply outlives what it answers: the messages of a deleted chat go in slices, in any order. The
-- index is for these deletions; messages that answer nothing are not in it.
CREATE INDEX idx_messages_reply_to ON messages (reply_to) WHERE reply_to IS NOT NULL;
ALTER TABLE messages
  ADD CONSTRAINT messages_reply_to_fkey FOREIGN KEY (reply_to, workspace_id)
    REFERENCES messages (id, workspace_id) ON DELETE SET NULL (reply_to);

-- The application calls these two, so they run with the owner's rights, and take no wild number.
CREATE OR REPLACE FUNCTION outbox_make_partitions(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  day date;
  made integer := 0;
BEGIN
  IF days IS NULL OR days NOT BETWEEN 0 AND 366 THEN
    RAISE EXCEPTION 'partitions for % days', days USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR day IN SELECT generate_series((now() AT TIME ZONE 'UTC')::date,
                                    (now() AT TIME ZONE 'UTC')::date + days, '1 day')::date LOOP
    CONTINUE WHEN to_regclass('outbox_' || to_char(day, 'YYYYMMDD')) IS NOT NULL;
    CONTINUE WHEN EXISTS (SELECT FROM outbox_default
                          WHERE created_at >= day::timestamp AT TIME ZONE 'UTC'
                            AND created_at < (day + 1)::timestamp AT TIME ZONE 'UTC');
    EXECUTE format('CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
                   'outbox_' || to_char(day, 'YYYYMMDD'), day::timestamp AT TIME ZONE 'UTC',
                   (day + 1)::timestamp AT TIME ZONE 'UTC');
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION outbox_drop_partitions(keep_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  partition text;
  waiting boolean;
  dropped integer := 0;
BEGIN
  IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 3660 THEN
    RAISE EXCEPTION 'keeping events for % days', keep_days
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR partition IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'outbox'::regclass AND c.relname ~ '^outbox_[0-9]{8}$'
      AND to_date(substr(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - keep_days
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE stream_seq IS NULL)', partition) INTO waiting;
    CONTINUE WHEN waiting;
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

-- Gives `application` the rights that both servers need, and takes away all others. fechatter_server
-- calls it after each migration, so a new table is covered; a table that is to have other rights than
-- most is named here, by a migration that replaces this function. Whoever owns the schema may call it.
CREATE FUNCTION grant_application_rights(application name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  item record;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
  -- Partitions have no rights of their own: they are reached through their table.
  FOR item IN
    SELECT c.oid::regclass AS name, c.relkind,
           -- What a row belongs to is written once.
           (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attname NOT IN ('id', 'workspace_id', 'chat_id', 'user_id', 'sender_id',
                                    'session_id', 'created_by')) AS changeable,
           c.relname <> 'relay_state' AS grows,
           c.relname NOT IN ('relay_state', 'outbox', 'workspaces', 'users') AS shrinks
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
    CONTINUE WHEN item.relkind = 'v' OR item.name = 'schema_migrations'::regclass;
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
  EXECUTE format('REVOKE EXECUTE ON FUNCTION grant_application_rights(name) FROM %I', application);
END $$;
