-- The relay's marks and epochs (docs/adr/0001).

-- The oldest events that were never published: at most `rows_max`, and none after `bytes_max` bytes
-- of envelopes, but one at least. A loop, because it stops reading where the batch ends: an event
-- is large when it is read, not before. Without sorting, for the same reason: a planner that has
-- seen no unpublished event reads and sorts all of them for each batch, also when there are
-- a million.
CREATE OR REPLACE FUNCTION relay_unpublished(rows_max bigint, bytes_max bigint)
RETURNS SETOF outbox_rows LANGUAGE plpgsql STABLE SET enable_sort = off AS $$
DECLARE
  event outbox_rows;
  bytes bigint := 0;
BEGIN
  FOR event IN SELECT o.* FROM outbox_rows o WHERE o.stream_seq IS NULL
               ORDER BY o.id LIMIT rows_max LOOP
    RETURN NEXT event;
    bytes := bytes + octet_length(event.envelope);
    EXIT WHEN bytes >= bytes_max;
  END LOOP;
END $$;

-- The same for the events after one id, up to another, that `in_epoch` has not published yet.
CREATE OR REPLACE FUNCTION relay_to_republish(
    after bigint, until bigint, in_epoch bigint, rows_max bigint, bytes_max bigint)
RETURNS SETOF outbox_rows LANGUAGE plpgsql STABLE SET enable_sort = off AS $$
DECLARE
  event outbox_rows;
  bytes bigint := 0;
BEGIN
  FOR event IN SELECT o.* FROM outbox_rows o
               WHERE o.id > after AND o.id <= until AND (o.epoch IS NULL OR o.epoch < in_epoch)
               ORDER BY o.id LIMIT rows_max LOOP
    RETURN NEXT event;
    bytes := bytes + octet_length(event.envelope);
    EXIT WHEN bytes >= bytes_max;
  END LOOP;
END $$;

-- Marks events as published at their positions, if `mine` is still the lease's token and
-- `after_seq` is still the last position; false otherwise, and nothing is marked. The commit does
-- not wait for the disk: marks that a crash loses are read from the stream again, because no later
-- mark can be written over the gap. The settings are those of append_messages.
CREATE OR REPLACE FUNCTION relay_mark(
    mine bigint, in_epoch bigint, after_seq bigint, ids bigint[], created bigint[],
    stream_seqs bigint[])
RETURNS boolean LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM FROM relay_state WHERE token = mine AND epoch = in_epoch AND last_stream_seq = after_seq
    FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  WITH marked AS (
    UPDATE outbox o SET epoch = in_epoch, stream_seq = p.stream_seq,
                        published_at = clock_timestamp(),
                        first_epoch = coalesce(o.first_epoch, o.epoch),
                        first_seq = coalesce(o.first_seq, o.stream_seq)
      FROM unnest(ids, created, stream_seqs) AS p (id, created, stream_seq)
      WHERE o.id = p.id
        AND o.created_at = 'epoch'::timestamptz + p.created * interval '1 microsecond'
      RETURNING o.id, o.workspace_id, o.chat_id, o.seq, o.version, o.type, o.stream_seq, o.erased_at
  ), texts AS (
    INSERT INTO stream_texts (chat_id, seq, version, event_id, epoch, stream_seq)
      SELECT m.chat_id, m.seq, m.version, m.id, in_epoch, m.stream_seq FROM marked m
      WHERE m.seq IS NOT NULL AND m.type <> 'MessageDeleted'
  ), late AS (
    -- The relay may have read the text before it was erased, and published it since.
    INSERT INTO erasure_requests (chat_id, seq, through_version)
      SELECT m.chat_id, m.seq, m.version FROM marked m WHERE m.erased_at IS NOT NULL
  )
  INSERT INTO relay_workspaces AS w (workspace_id, epoch, stream_seq)
    SELECT m.workspace_id, in_epoch, max(m.stream_seq) FROM marked m GROUP BY m.workspace_id
    ON CONFLICT (workspace_id) DO UPDATE SET epoch = excluded.epoch,
                                             stream_seq = excluded.stream_seq;
  UPDATE relay_state SET last_stream_seq = stream_seqs[cardinality(stream_seqs)],
                         last_event_id = ids[cardinality(ids)],
                         published_at = clock_timestamp(),
                         republish_after = greatest(
                           republish_after, (SELECT max(i) FROM unnest(ids) i))
    WHERE cardinality(ids) > 0;
  RETURN true;
END $$;

-- The highest id up to which all events were published before that time, except for events of
-- transactions that took long: publication goes by id.
CREATE OR REPLACE FUNCTION outbox_published_before(moment timestamptz)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint;
  high bigint;
  middle bigint;
  found timestamptz;
BEGIN
  SELECT coalesce(min(id), 1) - 1, coalesce(max(id), 0) INTO low, high FROM outbox;
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    SELECT published_at INTO found FROM outbox WHERE id <= middle ORDER BY id DESC LIMIT 1;
    IF found < moment THEN
      low := middle;
    ELSE
      high := middle - 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;

-- Advances all sequences after a restore, so that no id is given twice of those that the restored
-- database has forgotten: as many as there can have been since its newest mark. Events that have
-- waited in the outbox since then (they are younger than all published ones) get new ids, because
-- clients have seen the old ones.
CREATE OR REPLACE FUNCTION advance_identities(beyond_event bigint, newest timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  item record;
  -- At 2,000 a second.
  since_mark bigint := coalesce((SELECT greatest(0, extract(
    epoch FROM clock_timestamp() - published_at) * 2000) FROM relay_state), 0);
BEGIN
  -- Transactions that have drawn an id have ended now, or draw one after this.
  LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE;
  PERFORM setval('outbox_id_seq', 100000 + since_mark + greatest(
            beyond_event, (SELECT last_value FROM outbox_id_seq)));
  FOR item IN
    SELECT s.schemaname, s.sequencename, s.last_value FROM pg_sequences s
    WHERE s.schemaname = 'public' AND s.sequencename <> 'outbox_id_seq'
  LOOP
    PERFORM setval(format('%I.%I', item.schemaname, item.sequencename)::regclass,
                   coalesce(item.last_value, 0) + 1000000 + since_mark);
  END LOOP;
  UPDATE outbox o SET id = n.id
    FROM (SELECT w.id AS old_id, w.created_at, nextval('outbox_id_seq') AS id
          FROM (SELECT id, created_at FROM outbox
                WHERE stream_seq IS NULL AND created_at > newest ORDER BY id) w) n
    WHERE o.id = n.old_id AND o.created_at = n.created_at;
END $$;

-- Which history of PostgreSQL this is: the cluster, and its timeline, which each restore to a point
-- in time and each promotion of a standby change. '' where PostgreSQL does not say.
CREATE OR REPLACE FUNCTION postgres_history()
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Not that of the control file, which is of the last checkpoint.
  RETURN (SELECT system_identifier FROM pg_control_system()) || '/'
         || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
EXCEPTION WHEN OTHERS THEN
  RETURN '';
END $$;

-- Begins a new epoch after a loss: the events that were published in the last `republish` are
-- published again, oldest first. `highest_in_stream` is the highest event id in the stream,
-- `newest_micros` the stream's newest time; `restored` says that the stream holds events that this
-- database has forgotten. A database restored to before the stream's last epoch does not know that
-- epoch: the events up to `republished_through` were published by it or by an earlier epoch, at a
-- position that is unknown but no later than its end. They are recorded as published there, and
-- republished as such, so that no client that has followed the stream so far receives them twice.
-- No row, and no change, when `mine` is no longer the lease's token. Runs with the owner's rights:
-- only through this function may the application advance identities.
CREATE OR REPLACE FUNCTION relay_raise_epoch(
    mine bigint, next_epoch bigint, starts_at_seq bigint, stream_created text,
    highest_in_stream bigint, newest_micros bigint, restored boolean,
    republished_through bigint, republish interval)
RETURNS SETOF relay_state LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  since timestamptz;
  after bigint;
  until bigint;
BEGIN
  SELECT coalesce(s.published_at, clock_timestamp()) - republish INTO since
    FROM relay_state s WHERE s.token = mine FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF restored OR highest_in_stream > (SELECT last_value FROM outbox_id_seq) THEN
    PERFORM advance_identities(
      highest_in_stream, 'epoch'::timestamptz + newest_micros * interval '1 microsecond');
  END IF;
  WITH known AS (
    UPDATE outbox SET epoch = next_epoch - 1, stream_seq = starts_at_seq - 1,
                      published_at = clock_timestamp()
      WHERE stream_seq IS NULL AND id <= republished_through
      RETURNING *
  )
  -- An erasure that is requested before they are published again finds them by these.
  INSERT INTO stream_texts (chat_id, seq, version, event_id, epoch, stream_seq)
    SELECT k.chat_id, k.seq, k.version, k.id, k.epoch, k.stream_seq FROM known k
    WHERE k.seq IS NOT NULL AND k.type <> 'MessageDeleted';
  after := outbox_published_before(since - interval '1 minute');
  SELECT max(id) INTO until FROM outbox WHERE id > after;
  RETURN QUERY
    UPDATE relay_state s SET epoch = next_epoch, epoch_first_seq = starts_at_seq,
                             last_stream_seq = starts_at_seq - 1, last_event_id = 0,
                             stream_created_at = stream_created, covers_since = since,
                             postgres_history = postgres_history(),
                             republish_after = after, republish_until = coalesce(until, 0)
    RETURNING s.*;
END $$;
