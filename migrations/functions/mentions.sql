-- Members that messages mention by name, and @all and @here. Called under the chat's lock.

-- What the candidates of a text mention. At each place the longest full name of an active member
-- counts; where several members have it, the one that `named` has, or none. What the sender says is
-- meant counts first, where the name is right. OFFSET 0 and the sub-selects make each name one
-- look-up: a plan that begins with the members of the chat reads all of them. Users of `known` need
-- be no members any more: the message mentions them already. Refusals:
-- 'range_outside' (the sender means no member of the chat), 'everyone_forbidden',
-- 'everyone_unconfirmed' (the chat has more than 50 members).
CREATE OR REPLACE FUNCTION resolve_mentions(
    in_workspace bigint, in_chat bigint, named bigint[], candidates json, confirmed boolean,
    known bigint[] DEFAULT '{}')
RETURNS found_mentions LANGUAGE plpgsql STABLE AS $$
DECLARE
  said found_mentions;
  ranges json[] := '{}';
  place record;
  free_from integer := 0;  -- the text before it is taken
  person bigint;
BEGIN
  said.user_ids := '{}';
  FOR place IN
    SELECT c."offset" AS begins, c.length, c.everyone, c.user_id IS NOT NULL AS given,
           array_agg(p.id) AS people
    FROM json_populate_recordset(NULL::mention_candidate, candidates) c
    LEFT JOIN LATERAL (
      SELECT u.id FROM users u
      WHERE u.workspace_id = in_workspace AND u.fullname_key = c.key AND u.status = 'active'
        AND (c.user_id IS NULL OR u.id = c.user_id)
        AND (u.id = ANY (known)
             OR (SELECT true FROM chat_members m WHERE m.chat_id = in_chat AND m.user_id = u.id))
      OFFSET 0) p ON true
    GROUP BY c."offset", c.length, c.everyone, given
    HAVING c.everyone IS NOT NULL OR count(p.id) > 0
    ORDER BY begins, given DESC, length DESC, everyone
  LOOP
    CONTINUE WHEN place.begins < free_from;
    EXIT WHEN cardinality(ranges) = 100;
    free_from := place.begins + place.length;
    person := CASE WHEN place.everyone IS NOT NULL THEN NULL
                   WHEN cardinality(place.people) = 1 THEN place.people[1]
                   ELSE (SELECT CASE WHEN count(*) = 1 THEN min(x) END
                         FROM unnest(place.people) x WHERE x = ANY (named)) END;
    CONTINUE WHEN person IS NULL AND place.everyone IS NULL;
    ranges := ranges || json_build_object(
      'user_id', coalesce(to_json(person), to_json(place.everyone)),
      'offset', place.begins, 'length', place.length);
    IF place.everyone IS NOT NULL THEN
      said.everyone := least(said.everyone, place.everyone);
    ELSIF person <> ALL (said.user_ids) THEN
      said.user_ids := said.user_ids || person;
    END IF;
  END LOOP;
  said.ranges := array_to_json(ranges);
  -- Most senders name no member themselves, and a look at the text takes less than a statement.
  IF strpos(candidates::text, '"user_id"') > 0 THEN
    said.refusal := (
      SELECT 'range_outside' FROM json_populate_recordset(NULL::mention_candidate, candidates) c
      WHERE c.user_id IS NOT NULL AND c.user_id <> ALL (known) AND (
        SELECT true FROM chat_members m
        WHERE m.chat_id = in_chat AND m.user_id = c.user_id) IS NULL
      LIMIT 1);
  END IF;
  IF said.refusal IS NULL AND said.everyone IS NOT NULL THEN
    said.refusal := everyone_refusal(in_chat, confirmed);
  END IF;
  RETURN said;
END $$;

-- Why a message may not mention all members; NULL when it may.
CREATE OR REPLACE FUNCTION everyone_refusal(in_chat bigint, confirmed boolean)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN NOT c.everyone_mentions THEN 'everyone_forbidden'
              WHEN c.member_count > 50 AND NOT confirmed THEN 'everyone_unconfirmed' END
  FROM chats c WHERE c.id = in_chat
$$;

-- The members that the sender names and those that the text names, each once; 100 at most, as a
-- message may have.
CREATE OR REPLACE FUNCTION all_mentions(named bigint[], found bigint[])
RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN found IS NULL OR found <@ named THEN named ELSE
    ARRAY(SELECT DISTINCT x FROM unnest(named || found[1:100 - cardinality(named)]) x ORDER BY x)
  END
$$;

-- Stores the mentions of these messages that are not stored yet, with one Mentioned for each
-- message that has any: to the members that were added, or to all for those of `to_all`. A thread
-- is followed by the members that its replies mention. A mention of the sender is none.
CREATE OR REPLACE FUNCTION record_mentions(ids bigint[], to_all bigint[])
RETURNS void LANGUAGE sql AS $$
  WITH these AS MATERIALIZED (
    SELECT m.* FROM messages m WHERE m.id = ANY (ids)
  ), added AS (
    INSERT INTO message_mentions (message_id, user_id, workspace_id, chat_id, seq, also_to_chat,
                                  to_everyone)
      SELECT m.id, x.user_id, m.workspace_id, m.chat_id, m.seq, m.also_to_chat,
             m.mentions_everyone IS NOT NULL
      FROM these m, unnest(m.mentions) x (user_id) WHERE x.user_id <> m.sender_id
      ON CONFLICT DO NOTHING RETURNING message_id, user_id
  ), noted AS (
    UPDATE chats c SET last_mention_seq = greatest(c.last_mention_seq, n.seq),
                       last_everyone_seq = greatest(c.last_everyone_seq, n.everyone_seq)
      FROM (SELECT m.chat_id, max(m.seq) AS seq,
                   max(m.seq) FILTER (WHERE m.mentions_everyone IS NOT NULL) AS everyone_seq
            FROM these m GROUP BY 1) n
      WHERE c.id = n.chat_id
        AND (c.last_mention_seq < n.seq OR c.last_everyone_seq < n.everyone_seq)
  ), followed AS (
    INSERT INTO thread_follows (root_id, user_id, workspace_id, chat_id, following, last_read_seq)
      SELECT m.thread_root_id, a.user_id, m.workspace_id, m.chat_id, true, min(m.seq) - 1
      FROM added a JOIN these m ON m.id = a.message_id AND m.thread_root_id IS NOT NULL
      JOIN chat_members o ON o.chat_id = m.chat_id AND o.user_id = a.user_id
      GROUP BY m.thread_root_id, a.user_id, m.workspace_id, m.chat_id
      ON CONFLICT DO NOTHING
  )
  INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
    SELECT m.workspace_id, m.chat_id, 'Mentioned',
           CASE WHEN m.id = ANY (to_all) THEN '"chat"'::json
                ELSE json_build_object('users', a.users) END,
           json_build_object(
             'message_id', m.id, 'sender_id', m.sender_id,
             'reason', CASE WHEN m.id = ANY (to_all) THEN m.mentions_everyone ELSE 'mention' END)
    FROM these m
    LEFT JOIN (SELECT message_id, array_agg(user_id ORDER BY user_id) AS users
               FROM added GROUP BY message_id) a ON a.message_id = m.id
    WHERE m.id = ANY (to_all) OR a.users IS NOT NULL
    ORDER BY m.id
$$;

-- After an edit: forgets the mentions that the message does not have any more, and stores and
-- announces those that it did not have. `before` is the message as it was.
CREATE OR REPLACE FUNCTION change_mentions(before messages) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  after messages;
BEGIN
  SELECT m.* INTO after FROM messages m WHERE m.id = before.id;
  IF before.mentions IS DISTINCT FROM after.mentions
     OR before.mentions_everyone IS DISTINCT FROM after.mentions_everyone THEN
    DELETE FROM message_mentions x
      WHERE x.message_id = after.id AND x.user_id <> ALL (after.mentions);
    UPDATE message_mentions x SET to_everyone = after.mentions_everyone IS NOT NULL
      WHERE x.message_id = after.id
        AND x.to_everyone <> (after.mentions_everyone IS NOT NULL);
    PERFORM record_mentions(
      ARRAY[after.id],
      CASE WHEN before.mentions_everyone IS NULL AND after.mentions_everyone IS NOT NULL
           THEN ARRAY[after.id] ELSE '{}' END);
  END IF;
END $$;

-- Whether a mention is read, by the numbers up to which the chat and the thread are (NULL: none).
-- One of before the member joined is.
CREATE OR REPLACE FUNCTION is_mention_read(
    also_to_chat boolean, seq bigint, chat_read bigint, thread_read bigint,
    created_at timestamptz, joined_at timestamptz)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT created_at < joined_at
      OR seq <= coalesce(CASE WHEN also_to_chat THEN greatest(chat_read, thread_read)
                              ELSE thread_read END, 0)
$$;

-- How many unread messages mention the member, by name or with all; of each kind 1,000 at most are
-- counted. It reads two indexes and no message, and neither index where the member has read the
-- chat's newest mention of the kind. One row, inlined by the planner where it stands in FROM.
CREATE OR REPLACE FUNCTION unread_mentions(
    in_chat bigint, member bigint, last_mention_seq bigint, last_everyone_seq bigint,
    last_read_seq bigint)
RETURNS TABLE (mentions bigint) LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN last_mention_seq <= last_read_seq THEN 0 ELSE
         (SELECT count(*) FROM (
            SELECT FROM message_mentions x
            WHERE x.chat_id = in_chat AND x.user_id = member AND x.seq > last_read_seq
              AND x.also_to_chat AND NOT x.to_everyone
            LIMIT 1000) named) END
       + CASE WHEN last_everyone_seq <= last_read_seq THEN 0 ELSE
         (SELECT count(*) FROM (
            SELECT FROM messages m
            WHERE m.chat_id = in_chat AND m.mentions_everyone IS NOT NULL AND m.seq > last_read_seq
              AND m.also_to_chat AND m.sender_id <> member
            LIMIT 1000) to_all) END
$$;

-- The functions below are of the list of mentions, inlined where they stand in FROM. `before`: only
-- messages with a lower id; NULL: all.

-- The chats of a user, with the numbers that decide what is read there.
CREATE OR REPLACE FUNCTION mentioned_chats(in_workspace bigint, caller bigint)
RETURNS TABLE (chat_id bigint, user_id bigint, last_read_seq bigint, joined_at timestamptz,
               last_mention_seq bigint, last_everyone_seq bigint) LANGUAGE sql STABLE AS $$
  SELECT m.chat_id, m.user_id, m.last_read_seq, m.joined_at, c.last_mention_seq, c.last_everyone_seq
  FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
  WHERE m.user_id = caller AND m.workspace_id = in_workspace
$$;

-- The newest messages of a chat that mention all its members, since the member joined.
CREATE OR REPLACE FUNCTION newest_to_all(
    in_chat bigint, member bigint, joined_at timestamptz, before bigint, most bigint)
RETURNS TABLE (message_id bigint) LANGUAGE sql STABLE AS $$
  SELECT e.id FROM messages e
  WHERE e.chat_id = in_chat AND e.mentions_everyone IS NOT NULL AND e.sender_id <> member
    AND e.created_at >= joined_at AND e.id < coalesce(before, 9223372036854775807)
  ORDER BY e.id DESC LIMIT most
$$;

-- The newest messages in the list of a chat, after that number, that mention the member by name or
-- with all, and are not read in their thread either.
CREATE OR REPLACE FUNCTION newest_unread_mentions(
    in_chat bigint, member bigint, after_seq bigint, joined_at timestamptz, before bigint,
    most bigint)
RETURNS TABLE (message_id bigint) LANGUAGE sql STABLE AS $$
  SELECT u.id FROM (
    (SELECT e.id FROM message_mentions x JOIN messages e ON e.id = x.message_id
     LEFT JOIN thread_follows f ON f.root_id = e.thread_root_id AND f.user_id = member
     WHERE x.chat_id = in_chat AND x.user_id = member AND x.seq > after_seq AND x.also_to_chat
       AND x.message_id < coalesce(before, 9223372036854775807) AND e.created_at >= joined_at
       AND coalesce(f.last_read_seq, 0) < x.seq
     ORDER BY x.seq DESC LIMIT most)
    UNION
    (SELECT e.id FROM messages e
     LEFT JOIN thread_follows f ON f.root_id = e.thread_root_id AND f.user_id = member
     WHERE e.chat_id = in_chat AND e.mentions_everyone IS NOT NULL AND e.seq > after_seq
       AND e.also_to_chat AND e.sender_id <> member
       AND e.id < coalesce(before, 9223372036854775807) AND e.created_at >= joined_at
       AND coalesce(f.last_read_seq, 0) < e.seq
     ORDER BY e.seq DESC LIMIT most)) u
  ORDER BY u.id DESC LIMIT most
$$;

-- The newest unread mentions in threads alone: of the newest 1,000 that name the caller, and of the
-- newest 20 with all of each chat.
CREATE OR REPLACE FUNCTION newest_thread_mentions(
    in_workspace bigint, caller bigint, before bigint, most bigint)
RETURNS TABLE (message_id bigint) LANGUAGE sql STABLE AS $$
  SELECT e.id FROM (
    (SELECT x.message_id FROM message_mentions x
     WHERE x.user_id = caller AND NOT x.also_to_chat
       AND x.message_id < coalesce(before, 9223372036854775807)
     ORDER BY x.message_id DESC LIMIT 1000)
    UNION
    SELECT n.message_id FROM mentioned_chats(in_workspace, caller) m
    CROSS JOIN LATERAL newest_to_all(m.chat_id, m.user_id, m.joined_at, before, 20) n
    WHERE m.last_everyone_seq > 0) t
  JOIN messages e ON e.id = t.message_id AND NOT e.also_to_chat
  JOIN mentioned_chats(in_workspace, caller) m ON m.chat_id = e.chat_id
  LEFT JOIN thread_follows f ON f.root_id = e.thread_root_id AND f.user_id = caller
  WHERE NOT is_mention_read(false, e.seq, 0, f.last_read_seq, e.created_at, m.joined_at)
  ORDER BY e.id DESC LIMIT most
$$;
