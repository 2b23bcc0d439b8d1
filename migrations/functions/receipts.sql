-- Receipts: which member has received and read a message, and when (chat_receipts).

-- 128 points without every second one of the older half. So the older a point, the later it may
-- be; its message counts as received or read by the next one.
CREATE OR REPLACE FUNCTION thinned(points anyarray) RETURNS anyarray LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN ARRAY(SELECT p FROM unnest(points) WITH ORDINALITY AS u (p, place)
               WHERE place > 64 OR place % 2 = 0 ORDER BY place);
END $$;

-- Makes room for one more point: there are 128 at most. Inlined, which a query in it would prevent.
CREATE OR REPLACE FUNCTION with_room(points anyarray) RETURNS anyarray LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN cardinality(points) < 128 THEN points ELSE thinned(points) END
$$;

-- When the points have reached that number; NULL: not yet, or more than 30 days ago.
CREATE OR REPLACE FUNCTION time_of(seqs bigint[], times timestamptz[], seq bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT t FROM (SELECT times[width_bucket(seq - 1, seqs) + 1] AS t) point
  WHERE t > now() - interval '30 days'
$$;

-- Stores what notify_server has written to users, `[{"chat_id", "user_id", "seq", "at"}]`, with
-- times as unix_micros; no pair twice. Lower numbers than before, former members, chats above the
-- fan-out member limit and numbers beyond a chat's end are left out. Returns how many were stored.
CREATE OR REPLACE FUNCTION store_deliveries(batch json) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  stored bigint;
BEGIN
  -- The memberships stay until the receipts are stored; one that is being removed is left out.
  WITH held AS MATERIALIZED (
    SELECT m.chat_id, m.user_id, d.seq, from_unix_micros(d.at) AS at
    FROM json_to_recordset(batch) AS d (chat_id bigint, user_id bigint, seq bigint, at bigint)
    JOIN chat_members m ON m.chat_id = d.chat_id AND m.user_id = d.user_id
    JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL AND c.last_seq >= d.seq
    WHERE c.member_count <= (SELECT fan_out_member_limit FROM relay_state)
    ORDER BY m.chat_id, m.user_id FOR KEY SHARE OF m SKIP LOCKED
  )
  INSERT INTO chat_receipts AS r (chat_id, user_id, delivered_seqs, delivered_times)
    SELECT h.chat_id, h.user_id, ARRAY[h.seq], ARRAY[h.at] FROM held h
    ORDER BY h.chat_id, h.user_id
    ON CONFLICT (chat_id, user_id) DO UPDATE
      SET delivered_seqs = with_room(r.delivered_seqs) || excluded.delivered_seqs,
          delivered_times = with_room(r.delivered_times) || excluded.delivered_times,
          updated_on = current_date
      WHERE coalesce(r.delivered_seqs[cardinality(r.delivered_seqs)], 0)
            < excluded.delivered_seqs[1];
  GET DIAGNOSTICS stored = ROW_COUNT;
  RETURN stored;
END $$;

-- The members that have received or read a message, without its sender: one row without a user when
-- the outcome is 'done' and there is none. Times of reading are hidden from and of members that
-- hide theirs, and where the workspace hides them. A member that has written since has read it at
-- that time at the latest. A member that has joined since has not. Further outcome:
-- 'no_such_message'.
CREATE OR REPLACE FUNCTION message_receipts(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint)
RETURNS TABLE (outcome text, user_id bigint, delivered_at timestamptz, read_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT CASE WHEN x.id IS NULL THEN 'no_such_message' ELSE 'done' END,
           t.user_id, t.delivered_at, t.read_at
    FROM chat_members me JOIN chats c ON c.id = me.chat_id AND c.deleted_at IS NULL
    JOIN workspaces w ON w.id = c.workspace_id
    LEFT JOIN messages x ON x.id = in_message AND x.chat_id = me.chat_id
    LEFT JOIN LATERAL (
      SELECT o.user_id, r.read_at,
             least(time_of(p.delivered_seqs, p.delivered_times, x.seq), r.read_at) AS delivered_at
      FROM chat_members o LEFT JOIN chat_receipts p
        ON p.chat_id = o.chat_id AND p.user_id = o.user_id
      CROSS JOIN LATERAL (
        SELECT CASE WHEN w.read_receipts AND NOT me.hides_read AND NOT o.hides_read
                    THEN coalesce(time_of(p.read_seqs, p.read_times, x.seq),
                                  CASE WHEN o.last_read_seq >= x.seq THEN o.read_at END) END
                 AS read_at) r
      WHERE o.chat_id = me.chat_id AND o.user_id <> x.sender_id
        AND x.created_at > now() - interval '30 days' AND x.created_at >= o.joined_at
        AND c.member_count <= (SELECT fan_out_member_limit FROM relay_state)
      ) t ON t.delivered_at IS NOT NULL
    WHERE me.chat_id = in_chat AND me.user_id = caller AND me.workspace_id = in_workspace
    ORDER BY t.user_id;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'not_found', NULL::bigint, NULL::timestamptz, NULL::timestamptz;
  END IF;
END $$;
