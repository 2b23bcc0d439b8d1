-- Erasure of the texts of messages that were edited or deleted (docs/adr/0013).

-- Requests the erasure of the text in the events that show the message's versions before that one.
CREATE OR REPLACE FUNCTION request_text_erasure(
    in_chat bigint, of_seq bigint, before_version integer)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO erasure_requests (chat_id, seq, through_version)
    VALUES (in_chat, of_seq, before_version - 1)
$$;

-- The events of these requests that were never published, by one pass through all such events.
CREATE OR REPLACE FUNCTION waiting_texts(requests erasure_requests[])
RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_seqscan = off SET enable_hashjoin = on
SET enable_nestloop = off AS $$
  SELECT o.id FROM outbox o JOIN unnest(requests) r
    ON o.chat_id = r.chat_id AND o.seq = r.seq AND o.version <= r.through_version
  WHERE o.stream_seq IS NULL AND o.erased_at IS NULL AND o.type <> 'MessageDeleted'
$$;

-- A chore of the cleanup: takes requests, removes the text from the outbox and records the messages
-- of the stream that hold it. What the relay has read and not marked yet, the marks request again.
-- The relay's row is locked for the changes, so that no deadlock with its marks is possible; what
-- takes long, the look through events that were never published, comes before that.
CREATE OR REPLACE FUNCTION cleanup_erasures(slice integer) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  taken erasure_requests[];
  waiting bigint[];
  epoch_before bigint := (SELECT s.epoch FROM relay_state s);
BEGIN
  taken := ARRAY(SELECT r FROM erasure_requests r ORDER BY r.id LIMIT slice
                 FOR UPDATE SKIP LOCKED);
  IF cardinality(taken) = 0 THEN
    RETURN 0;
  END IF;
  waiting := ARRAY(SELECT waiting_texts(taken));
  PERFORM FROM relay_state s WHERE s.epoch = epoch_before FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 0;  -- the waiting events may have got other ids
  END IF;
  WITH found AS (
    DELETE FROM stream_texts t USING unnest(taken) r
      WHERE t.chat_id = r.chat_id AND t.seq = r.seq AND t.version <= r.through_version
      RETURNING t.event_id, t.epoch, t.stream_seq
  ), recorded AS (
    INSERT INTO stream_erasures (epoch, stream_seq, event_id)
      SELECT DISTINCT f.epoch, f.stream_seq, f.event_id FROM found f
      ON CONFLICT DO NOTHING
  )
  UPDATE outbox o SET data = '{}', erased_at = clock_timestamp()
    FROM (SELECT f.event_id FROM found f UNION SELECT unnest(waiting)) e
    WHERE o.id = e.event_id AND o.erased_at IS NULL;
  DELETE FROM erasure_requests r USING unnest(taken) t WHERE r.id = t.id;
  RETURN cardinality(taken);
END $$;

-- Messages of the stream that are still to be erased, the longest waiting first. `asked`: JetStream
-- was asked before, with an unknown outcome.
CREATE OR REPLACE FUNCTION open_erasures(slice bigint)
RETURNS TABLE (epoch bigint, stream_seq bigint, event_id bigint, asked boolean)
LANGUAGE sql STABLE AS $$
  SELECT e.epoch, e.stream_seq, e.event_id, e.asked_at IS NOT NULL FROM stream_erasures e
  WHERE e.done_at IS NULL ORDER BY e.requested_at, e.stream_seq LIMIT slice
$$;

-- Records that JetStream is asked from now on; the arrays are parallel. Returns the sequences that
-- may be erased: an epoch uses all from its first one on again, after the stream has lost them.
CREATE OR REPLACE FUNCTION ask_erasures(
    epochs bigint[], stream_seqs bigint[], workspaces bigint[], previous bigint[])
RETURNS SETOF bigint LANGUAGE sql AS $$
  UPDATE stream_erasures e SET asked_at = coalesce(e.asked_at, clock_timestamp()),
                               of_workspace = a.of_workspace, previous_seq = a.previous_seq
    FROM unnest(epochs, stream_seqs, workspaces, previous)
      AS a (epoch, stream_seq, of_workspace, previous_seq), relay_state s
    WHERE e.epoch = a.epoch AND e.stream_seq = a.stream_seq AND e.done_at IS NULL
      AND (e.epoch = s.epoch OR e.stream_seq < s.epoch_first_seq)
    RETURNING e.stream_seq
$$;

-- Settles erasures: `done` says for each whether the message was erased; otherwise the stream holds
-- no text there. A record stays when JetStream was asked, by whichever instance: it may explain why
-- the stream lacks the message. A record that was never asked for goes.
CREATE OR REPLACE FUNCTION settle_erasures(epochs bigint[], stream_seqs bigint[], done boolean[])
RETURNS void LANGUAGE sql AS $$
  UPDATE stream_erasures e SET done_at = clock_timestamp()
    FROM unnest(epochs, stream_seqs) AS s (epoch, stream_seq)
    WHERE e.epoch = s.epoch AND e.stream_seq = s.stream_seq AND e.asked_at IS NOT NULL;
  DELETE FROM stream_erasures e
    USING unnest(epochs, stream_seqs, done) AS s (epoch, stream_seq, done)
    WHERE e.epoch = s.epoch AND e.stream_seq = s.stream_seq AND NOT s.done AND e.asked_at IS NULL
$$;

-- Removes records of messages that have left the stream by age; returns how many.
CREATE OR REPLACE FUNCTION forget_erasures(days integer, slice bigint)
RETURNS bigint LANGUAGE sql AS $$
  WITH old AS (
    DELETE FROM stream_erasures WHERE (stream_seq, epoch) IN (
      SELECT e.stream_seq, e.epoch FROM stream_erasures e
      WHERE e.requested_at < now() - days * interval '1 day'
      ORDER BY e.requested_at LIMIT slice FOR UPDATE SKIP LOCKED)
    RETURNING 1
  )
  SELECT count(*) FROM old
$$;

-- What was erased, or may have been, from one sequence of the stream to another, in that epoch (0:
-- in any); in the order of the stream. The relay, the consumers and replays read it.
CREATE OR REPLACE FUNCTION erasures_between(
    in_epoch bigint, first_seq bigint, last_seq bigint, rows_max bigint)
RETURNS TABLE (epoch bigint, stream_seq bigint, event_id bigint, of_workspace bigint,
               previous_seq bigint)
LANGUAGE sql STABLE AS $$
  SELECT e.epoch, e.stream_seq, e.event_id, e.of_workspace, e.previous_seq
  FROM stream_erasures e
  WHERE e.stream_seq BETWEEN first_seq AND last_seq AND e.asked_at IS NOT NULL
    AND (in_epoch = 0 OR e.epoch = in_epoch)
  ORDER BY e.stream_seq LIMIT rows_max
$$;
