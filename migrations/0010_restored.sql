-- A restored database knows nothing of the epochs that began after its backup. What it had already written
-- by then, up to `told_until`, those epochs or earlier ones have told: where, it cannot know, but no later than at
-- the end of the last one. So it is told again as such, and nobody who has followed that far hears it twice.
DROP FUNCTION relay_raise_epoch(bigint, bigint, bigint, text, bigint, bigint, boolean, interval);
CREATE FUNCTION relay_raise_epoch(mine bigint, next_epoch bigint, first_seq bigint,
                                  stream_created text, highest_in_stream bigint,
                                  newest_micros bigint, restored boolean, told_until bigint,
                                  republish interval)
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
    PERFORM move_identities_on(
      highest_in_stream, 'epoch'::timestamptz + newest_micros * interval '1 microsecond');
  END IF;
  UPDATE outbox SET epoch = next_epoch - 1, stream_seq = first_seq - 1, published_at = clock_timestamp()
    WHERE stream_seq IS NULL AND id <= told_until;
  after := outbox_published_before(since - interval '1 minute');
  SELECT max(id) INTO until FROM outbox WHERE id > after;
  RETURN QUERY
    UPDATE relay_state s SET epoch = next_epoch, epoch_first_seq = first_seq,
                             last_stream_seq = first_seq - 1, last_event_id = 0,
                             stream_created_at = stream_created, covers_since = since,
                             republish_after = after, republish_until = coalesce(until, 0)
    RETURNING s.*;
END $$;
