-- What members have read; outcomes as in chats.sql, and 'no_such_message'. No function here locks a
-- chat: the row of the member is enough. Numbers move under its lock, and what is counted is
-- counted by a VOLATILE function, which sees what was committed while the statement waited for that
-- lock.

-- How many messages a member has not read, from numbers: without own ones, tombstones, and replies
-- that are in their thread alone. One row, inlined by the planner where it stands in FROM.
CREATE OR REPLACE FUNCTION unread_messages(
    in_chat bigint, last_seq bigint, last_excluded_seq bigint, last_read_seq bigint,
    own_unread integer)
RETURNS TABLE (unread bigint) LANGUAGE sql STABLE AS $$
  SELECT greatest(0, last_seq - last_read_seq - own_unread - coalesce(sum(
           CASE WHEN e.page = last_read_seq / 4096
                THEN bit_count(substring(e.seqs FROM (last_read_seq % 4096)::integer + 2))::integer
                ELSE e.excluded END), 0))::bigint
  FROM unread_exclusions e
  WHERE last_excluded_seq > last_read_seq AND e.chat_id = in_chat
    AND e.page >= last_read_seq / 4096
$$;

-- From now on these messages count as unread for no member. REQUIRES: this transaction holds the
-- locks of their chats; they counted until now.
CREATE OR REPLACE FUNCTION exclude_from_unread(ids bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO unread_exclusions AS e (chat_id, page, workspace_id, excluded, seqs)
    SELECT m.chat_id, m.seq / 4096, m.workspace_id, count(*),
           bit_or(set_bit(B'0'::bit(4096), (m.seq % 4096)::integer, 1))
    FROM messages m WHERE m.id = ANY (ids) GROUP BY 1, 2, 3
    ON CONFLICT (chat_id, page) DO UPDATE
      SET excluded = e.excluded + excluded.excluded, seqs = e.seqs | excluded.seqs;
  UPDATE chats c SET last_excluded_seq = n.seq
    FROM (SELECT m.chat_id, max(m.seq) AS seq FROM messages m WHERE m.id = ANY (ids) GROUP BY 1) n
    WHERE c.id = n.chat_id AND c.last_excluded_seq < n.seq;
$$;

-- The same for a message that has just been deleted. A reply in its thread alone was never counted.
-- REQUIRES: this transaction holds the chat's lock.
CREATE OR REPLACE FUNCTION exclude_tombstone(old messages) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF old.also_to_chat THEN
    PERFORM exclude_from_unread(ARRAY[old.id]);
    PERFORM FROM chat_members WHERE chat_id = old.chat_id AND user_id = old.sender_id
      FOR NO KEY UPDATE;
    UPDATE chat_members SET own_unread = own_unread - 1
      WHERE chat_id = old.chat_id AND user_id = old.sender_id AND last_read_seq < old.seq
        AND own_unread > 0;
  END IF;
END $$;

-- The member's own messages in a range, for own_unread; of more than 10,000 messages only the
-- newest are looked at.
CREATE OR REPLACE FUNCTION own_messages(
    in_chat bigint, member bigint, after_seq bigint, through_seq bigint)
RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT count(*) FROM messages m
          WHERE m.chat_id = in_chat AND m.sender_id = member AND m.deleted_at IS NULL
            AND m.also_to_chat AND m.seq <= through_seq
            AND m.seq > greatest(after_seq, through_seq - 10000));
END $$;

-- Emits a MessageRead for each of these members: durable for the member's own sessions, and
-- ephemeral for the other members up to the fan-out member limit, with a receipt, unless it is no
-- `news`, or workspace or member hide it; never for members that hide theirs. REQUIRES: this
-- transaction holds the locks of the members' rows, and their read_event_id is new: that of these
-- events. For the settings see append_messages.
CREATE OR REPLACE FUNCTION emit_message_reads(
    in_chats bigint[], readers bigint[], news boolean[])
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  WITH reads AS MATERIALIZED (
    SELECT m.read_event_id AS event_id, m.chat_id, m.user_id, m.workspace_id, m.last_read_seq,
           m.read_at, c.last_seq,
           w.read_receipts AND r.is_news AND NOT m.hides_read
             AND c.member_count <= s.fan_out_member_limit AS shows
    FROM unnest(in_chats, readers, news) AS r (chat_id, user_id, is_news)
    JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.user_id
    JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
    JOIN workspaces w ON w.id = c.workspace_id CROSS JOIN relay_state s
  ), noted AS (
    -- In the order of store_deliveries, which locks the same receipts.
    INSERT INTO chat_receipts AS r (chat_id, user_id, read_seqs, read_times)
      SELECT x.chat_id, x.user_id, ARRAY[x.last_read_seq], ARRAY[x.read_at]
      FROM reads x WHERE x.shows ORDER BY x.chat_id, x.user_id
      ON CONFLICT (chat_id, user_id) DO UPDATE
        SET read_seqs = with_room(r.read_seqs) || excluded.read_seqs,
            read_times = with_room(r.read_times) || excluded.read_times, updated_on = current_date
        WHERE coalesce(r.read_seqs[cardinality(r.read_seqs)], 0) < excluded.read_seqs[1]
  )
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT x.event_id, x.workspace_id, x.chat_id, 'MessageRead',
           CASE WHEN x.shows
                THEN json_build_object(
                       'users', json_build_array(x.user_id),
                       'ephemeral', json_build_object(
                         'chats', json_build_array(x.chat_id),
                         'except', ARRAY(SELECT h.user_id FROM chat_members h
                                         WHERE h.chat_id = x.chat_id AND h.hides_read)))
                ELSE json_build_object('users', json_build_array(x.user_id)) END,
           json_build_object(
             'user_id', x.user_id,
             'message_id', (SELECT n.id FROM messages n
                            WHERE n.chat_id = x.chat_id AND n.seq = x.last_read_seq),
             'seq', x.last_read_seq, 'last_seq', x.last_seq, 'read_at', rfc3339(x.read_at))
    FROM reads x ORDER BY x.chat_id, x.user_id;
END $$;

-- Notes how far the member has read, as emit_message_reads does: an own message moves the number
-- without a point of the receipts, and what others have seen in these stays when it moves back.
-- REQUIRES: this transaction holds the lock of the member's row.
CREATE OR REPLACE FUNCTION note_last_read(in_chat bigint, member bigint) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO chat_receipts AS r (chat_id, user_id, read_seqs, read_times)
    SELECT m.chat_id, m.user_id, ARRAY[m.last_read_seq], ARRAY[m.read_at]
    FROM chat_members m JOIN chats c ON c.id = m.chat_id JOIN workspaces w ON w.id = c.workspace_id
    CROSS JOIN relay_state s
    WHERE m.chat_id = in_chat AND m.user_id = member AND m.read_at IS NOT NULL
      AND w.read_receipts AND NOT m.hides_read AND c.member_count <= s.fan_out_member_limit
    ON CONFLICT (chat_id, user_id) DO UPDATE
      SET read_seqs = with_room(r.read_seqs) || excluded.read_seqs,
          read_times = with_room(r.read_times) || excluded.read_times, updated_on = current_date
      WHERE coalesce(r.read_seqs[cardinality(r.read_seqs)], 0) < excluded.read_seqs[1]
$$;

-- Moves last_read_seq of an active member to `to_seq`, forward or back, unless it is there or
-- beyond already, or `to_seq` is beyond the chat's end, which is `end_seq`: then `moved` is false.
-- The first MessageRead is emitted at once; within a second after it the next one becomes due
-- (emit_due_read_events).
CREATE OR REPLACE FUNCTION move_last_read(
    in_workspace bigint, member bigint, in_chat bigint, to_seq bigint, forward boolean,
    OUT moved boolean, OUT emitted boolean, OUT end_seq bigint)
LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  updated record;
  mine chat_members;
BEGIN
  -- First lock, then look, with a fresh snapshot.
  PERFORM FROM chat_members m
    WHERE m.chat_id = in_chat AND m.user_id = member AND m.workspace_id = in_workspace
    FOR NO KEY UPDATE;
  IF NOT forward THEN
    PERFORM note_last_read(in_chat, member)
      FROM chat_members m JOIN users u ON u.id = m.user_id AND u.status = 'active'
      WHERE m.chat_id = in_chat AND m.user_id = member AND m.workspace_id = in_workspace
        AND m.last_read_seq > to_seq;
  END IF;
  UPDATE chat_members m
    SET last_read_seq = to_seq,
        own_unread = CASE WHEN forward AND (m.own_unread = 0 OR to_seq = c.last_seq) THEN 0
                          WHEN forward THEN greatest(0, m.own_unread - own_messages(
                            in_chat, member, m.last_read_seq, to_seq))
                          ELSE m.own_unread + own_messages(
                            in_chat, member, to_seq, m.last_read_seq) END,
        read_at = CASE WHEN forward THEN moment ELSE m.read_at END,
        read_event_at = CASE WHEN m.read_event_at > moment - interval '1 second'
                             THEN m.read_event_at ELSE moment END,
        moves_since_event = CASE WHEN m.read_event_at > moment - interval '1 second'
                                 THEN m.moves_since_event + 1 ELSE 0 END,
        shown_read_seq = CASE WHEN m.read_event_at > moment - interval '1 second'
                              THEN m.shown_read_seq ELSE greatest(m.shown_read_seq, to_seq) END,
        read_event_id = CASE WHEN m.read_event_at > moment - interval '1 second'
                             THEN m.read_event_id ELSE next_event_id() END
    FROM chats c, users u
    WHERE m.chat_id = in_chat AND m.user_id = member AND m.workspace_id = in_workspace
      AND c.id = in_chat AND c.deleted_at IS NULL AND c.last_seq >= to_seq
      AND u.id = member AND u.status = 'active'
      AND CASE WHEN forward THEN m.last_read_seq < to_seq ELSE m.last_read_seq > to_seq END
    RETURNING c.last_seq, m AS member INTO updated;
  moved := FOUND;
  IF moved THEN
    end_seq := updated.last_seq;
    mine := updated.member;
  END IF;
  emitted := moved AND mine.moves_since_event = 0;
  IF emitted THEN
    PERFORM emit_message_reads(ARRAY[in_chat], ARRAY[member],
                               ARRAY[mine.shown_read_seq = to_seq]);
  ELSIF mine.moves_since_event = 1 THEN
    INSERT INTO due_read_events (chat_id, user_id, due_at)
      VALUES (in_chat, member, mine.read_event_at + interval '1 second') ON CONFLICT DO NOTHING;
  END IF;
END $$;

-- Emits the MessageRead of at most `slice` members whose turn has come. Returns how many. A member
-- whose row is locked has to wait for the next call; a second server skips what this one has.
CREATE OR REPLACE FUNCTION emit_due_read_events(slice integer) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  in_chats bigint[];
  readers bigint[];
  moved boolean[];  -- else a read has emitted one since then
  news boolean[];
  emitted integer;
BEGIN
  SELECT array_agg(t.chat_id), array_agg(t.user_id), array_agg(t.moves_since_event > 0),
         array_agg(t.last_read_seq > t.shown_read_seq)
    INTO in_chats, readers, moved, news
    FROM (SELECT m.* FROM due_read_events d
          JOIN chat_members m ON m.chat_id = d.chat_id AND m.user_id = d.user_id
          WHERE d.due_at <= now() ORDER BY d.due_at LIMIT slice
          FOR NO KEY UPDATE OF d, m SKIP LOCKED) t;
  IF in_chats IS NULL THEN
    RETURN 0;
  END IF;
  SELECT count(*) INTO emitted FROM unnest(moved) v WHERE v;
  IF emitted > 0 THEN
    UPDATE chat_members m SET read_event_at = clock_timestamp(), moves_since_event = 0,
                              shown_read_seq = greatest(m.shown_read_seq, m.last_read_seq),
                              read_event_id = next_event_id()
      FROM unnest(in_chats, readers, moved) AS t (chat_id, user_id, has_moved)
      WHERE m.chat_id = t.chat_id AND m.user_id = t.user_id AND t.has_moved;
    PERFORM emit_message_reads(array_agg(t.chat_id), array_agg(t.user_id), array_agg(t.is_news))
      FROM unnest(in_chats, readers, moved, news) AS t (chat_id, user_id, has_moved, is_news)
      WHERE t.has_moved;
  END IF;
  DELETE FROM due_read_events d USING unnest(in_chats, readers) AS t (chat_id, user_id)
    WHERE d.chat_id = t.chat_id AND d.user_id = t.user_id;
  RETURN emitted;
END $$;

-- The chat's last_seq, for an active member; NULL for all others.
CREATE OR REPLACE FUNCTION chat_end(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT c.last_seq FROM chat_members m
          JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
          JOIN users u ON u.id = m.user_id AND u.status = 'active'
          WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace);
END $$;

-- A member's numbers in a chat.
CREATE OR REPLACE FUNCTION read_state(in_chat bigint, member bigint)
RETURNS TABLE (last_read_seq bigint, unread bigint, mentions bigint) LANGUAGE sql STABLE AS $$
  SELECT m.last_read_seq, u.unread, n.mentions
  FROM chat_members m JOIN chats c ON c.id = m.chat_id
  CROSS JOIN LATERAL unread_messages(m.chat_id, c.last_seq, c.last_excluded_seq, m.last_read_seq,
                                     m.own_unread) u
  CROSS JOIN LATERAL unread_mentions(m.chat_id, m.user_id, c.last_mention_seq,
                                     c.last_everyone_seq, m.last_read_seq) n
  WHERE m.chat_id = in_chat AND m.user_id = member
$$;

-- Up to which message the caller has read: `in_message`, or else `in_seq`. Never moves back.
-- Further outcome: 'beyond_end'. One plan serves all calls: to plan takes longer than to run.
CREATE OR REPLACE FUNCTION read_chat(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, in_seq bigint,
    OUT outcome text, OUT last_read_seq bigint, OUT unread bigint, OUT mentions bigint,
    OUT emitted boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  to_seq bigint := in_seq;
  end_seq bigint;
  done boolean;
BEGIN
  IF in_message IS NOT NULL THEN
    SELECT x.seq INTO to_seq FROM messages x WHERE x.id = in_message AND x.chat_id = in_chat;
  END IF;
  SELECT v.* INTO done, emitted, end_seq
    FROM move_last_read(in_workspace, caller, in_chat, to_seq, true) v;
  IF NOT done THEN
    end_seq := chat_end(in_workspace, caller, in_chat);
  END IF;
  outcome := CASE WHEN end_seq IS NULL THEN 'not_found'
                  WHEN to_seq IS NULL THEN 'no_such_message'
                  WHEN to_seq > end_seq THEN 'beyond_end' ELSE 'done' END;
  IF done AND to_seq = end_seq THEN
    last_read_seq := end_seq;
    unread := 0;
    mentions := 0;
  ELSIF outcome = 'done' THEN
    SELECT s.* INTO last_read_seq, unread, mentions FROM read_state(in_chat, caller) s;
  END IF;
END $$;

-- As read_chat, of a batch: parallel arrays, with 0 in `in_messages` for a number. Outcome 'alone':
-- the row of the member is locked, or its own messages are to be counted; then read_chat does it.
-- REQUIRES: no two requests of a batch share chat and reader. It waits for no lock of a member; for
-- the settings see append_messages.
CREATE OR REPLACE FUNCTION read_chats(
    in_workspaces bigint[], readers bigint[], in_chats bigint[], in_messages bigint[],
    in_seqs bigint[])
RETURNS TABLE (ord bigint, outcome text, last_read_seq bigint, unread bigint, mentions bigint,
               emitted boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  moment timestamptz := clock_timestamp();
  held bigint[];  -- the requests whose rows are locked by now
  verdicts text[];
  first_chats bigint[];  -- of those that emit their event at once
  first_readers bigint[];
  news boolean[];
BEGIN
  -- First lock …
  held := ARRAY(
    SELECT r.ord FROM unnest(in_chats, readers) WITH ORDINALITY AS r (chat_id, user_id, ord)
    JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.user_id
    FOR NO KEY UPDATE OF m SKIP LOCKED);
  -- … then look, with a fresh snapshot.
  WITH asked AS MATERIALIZED (
    SELECT r.ord, r.chat_id, r.user_id, t.to_seq,
      CASE WHEN u.id IS NULL OR c.id IS NULL THEN 'not_found'
           WHEN t.to_seq IS NULL THEN 'no_such_message'
           WHEN t.to_seq > c.last_seq THEN 'beyond_end'
           WHEN t.to_seq <= m.last_read_seq THEN 'done'
           WHEN r.ord <> ALL (held) OR (m.own_unread > 0 AND t.to_seq < c.last_seq) THEN 'alone'
           ELSE 'moves' END AS verdict
    FROM unnest(in_workspaces, readers, in_chats, in_messages, in_seqs) WITH ORDINALITY
           AS r (workspace_id, user_id, chat_id, message_id, seq, ord)
    LEFT JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.user_id
                            AND m.workspace_id = r.workspace_id
    LEFT JOIN users u ON u.id = m.user_id AND u.status = 'active'
    LEFT JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
    CROSS JOIN LATERAL (
      SELECT CASE WHEN r.message_id = 0 THEN r.seq
                  ELSE (SELECT x.seq FROM messages x
                        WHERE x.id = r.message_id AND x.chat_id = r.chat_id) END AS to_seq) t
  ), moved AS (
    UPDATE chat_members m
      SET last_read_seq = a.to_seq, own_unread = 0, read_at = moment,
          read_event_at = CASE WHEN m.read_event_at > moment - interval '1 second'
                               THEN m.read_event_at ELSE moment END,
          moves_since_event = CASE WHEN m.read_event_at > moment - interval '1 second'
                                   THEN m.moves_since_event + 1 ELSE 0 END,
          shown_read_seq = CASE WHEN m.read_event_at > moment - interval '1 second'
                                THEN m.shown_read_seq
                                ELSE greatest(m.shown_read_seq, a.to_seq) END,
          read_event_id = CASE WHEN m.read_event_at > moment - interval '1 second'
                               THEN m.read_event_id ELSE next_event_id() END
      FROM asked a
      WHERE a.verdict = 'moves' AND m.chat_id = a.chat_id AND m.user_id = a.user_id
      RETURNING m.chat_id, m.user_id, m.moves_since_event, m.read_event_at,
                m.shown_read_seq = m.last_read_seq AS is_news
  ), due AS (
    INSERT INTO due_read_events (chat_id, user_id, due_at)
      SELECT v.chat_id, v.user_id, v.read_event_at + interval '1 second'
      FROM moved v WHERE v.moves_since_event = 1
      ON CONFLICT DO NOTHING
  )
  SELECT (SELECT array_agg(a.verdict ORDER BY a.ord) FROM asked a), array_agg(v.chat_id),
         array_agg(v.user_id), array_agg(v.is_news)
    INTO verdicts, first_chats, first_readers, news
    FROM moved v WHERE v.moves_since_event = 0;
  IF first_chats IS NOT NULL THEN
    PERFORM emit_message_reads(first_chats, first_readers, news);
  END IF;
  RETURN QUERY
    SELECT r.ord, CASE r.verdict WHEN 'moves' THEN 'done' ELSE r.verdict END, s.last_read_seq,
           s.unread, s.mentions, first_chats IS NOT NULL
    FROM unnest(verdicts, in_chats, readers) WITH ORDINALITY AS r (verdict, chat_id, user_id, ord)
    LEFT JOIN LATERAL read_state(r.chat_id, r.user_id) s ON r.verdict IN ('done', 'moves');
END $$;

-- Marks a message and those after it as unread. Never moves forward.
CREATE OR REPLACE FUNCTION unread_chat(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint,
    OUT outcome text, OUT last_read_seq bigint, OUT unread bigint, OUT mentions bigint,
    OUT emitted boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  of_seq bigint;
BEGIN
  SELECT x.seq INTO of_seq FROM messages x WHERE x.id = in_message AND x.chat_id = in_chat;
  SELECT v.emitted INTO emitted
    FROM move_last_read(in_workspace, caller, in_chat, of_seq - 1, false) v;
  outcome := CASE WHEN chat_end(in_workspace, caller, in_chat) IS NULL THEN 'not_found'
                  WHEN of_seq IS NULL THEN 'no_such_message' ELSE 'done' END;
  IF outcome = 'done' THEN
    SELECT s.* INTO last_read_seq, unread, mentions FROM read_state(in_chat, caller) s;
  END IF;
END $$;
