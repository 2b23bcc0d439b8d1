-- Reactions to messages; outcomes as in chats.sql. Each change holds the lock of the message's row,
-- which an edit and a deletion take as well.

-- message_annotations.reactions as its lines.
CREATE OR REPLACE FUNCTION reaction_kinds(reactions text)
RETURNS TABLE (place bigint, emoji text, total integer, first_users text)
LANGUAGE sql IMMUTABLE AS $$
  SELECT l.place, split_part(l.line, ' ', 1), split_part(l.line, ' ', 2)::integer,
         split_part(l.line, ' ', 3)
  FROM string_to_table(reactions, E'\n') WITH ORDINALITY AS l (line, place) WHERE l.line <> ''
$$;

-- The same as the events have it: without `me`, which depends on the viewer.
CREATE OR REPLACE FUNCTION reactions_json(reactions text) RETURNS json LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(json_agg(json_build_object('emoji', k.emoji, 'count', k.total,
                                             'user_ids', ('[' || k.first_users || ']')::json)
                           ORDER BY k.place), '[]')
  FROM reaction_kinds(reactions) k
$$;

-- The caller's reactions to a message, as JSON. Needed where reactions_cut: otherwise the lines
-- name all users.
CREATE OR REPLACE FUNCTION my_reactions(in_message bigint, caller bigint)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT array_to_json(ARRAY(SELECT r.emoji FROM reactions r
                             WHERE r.message_id = in_message AND r.user_id = caller
                             ORDER BY r.emoji))::text
$$;

-- Updates the annotations of the message after a reaction of that emoji was added (step 1) or
-- removed (-1), with the id of its event. REQUIRES: `reactions` has changed already.
CREATE OR REPLACE FUNCTION annotate_reaction(
    target messages, before text, wanted text, step integer, large boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  listed text := array_to_string(ARRAY(
    SELECT r.user_id FROM reactions r WHERE r.message_id = target.id AND r.emoji = wanted
    ORDER BY r.id LIMIT 50), ',');
  lines text;
  cut boolean;
BEGIN
  SELECT coalesce(string_agg(concat_ws(' ', n.emoji, n.total, n.first_users), E'\n'
                             ORDER BY n.place), ''),
         coalesce(bool_or(n.total > 50), false)
    INTO lines, cut
    FROM (SELECT k.place, k.emoji,
                 k.total + CASE WHEN k.emoji = wanted THEN step ELSE 0 END AS total,
                 CASE WHEN k.emoji = wanted THEN listed ELSE k.first_users END AS first_users
          FROM (SELECT * FROM reaction_kinds(before)
                UNION ALL
                SELECT 1000, wanted, 0, ''
                WHERE wanted NOT IN (SELECT b.emoji FROM reaction_kinds(before) b)) k) n
    WHERE n.total > 0;
  INSERT INTO message_annotations AS x (message_id, chat_id, workspace_id, reactions,
                                        reactions_cut, counts_changed_at, event_id)
    VALUES (target.id, target.chat_id, target.workspace_id, lines, cut,
            CASE WHEN large THEN clock_timestamp() END, next_event_id())
    ON CONFLICT (message_id) DO UPDATE
      SET reactions = excluded.reactions, reactions_cut = excluded.reactions_cut,
          event_id = excluded.event_id,
          counts_changed_at = coalesce(x.counts_changed_at, excluded.counts_changed_at);
END $$;

-- Stores or removes the caller's reaction to a message and emits the event. In a chat above the
-- fan-out member limit (`large`) the event goes to the caller's own sessions, and the others
-- receive the counts (cleanup_reaction_counts). Outcomes: 'done', also when nothing is to change;
-- 'full' (50 kinds, or 100,000 reactions, which bounds the work of deleting the message). REQUIRES:
-- this transaction holds the lock of the message's row, and of the chat unless `large`.
CREATE OR REPLACE FUNCTION change_reaction(
    target messages, caller bigint, wanted text, present boolean, large boolean)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce((SELECT x.reactions FROM message_annotations x
                           WHERE x.message_id = target.id), '');
BEGIN
  IF present = EXISTS (SELECT FROM reactions r WHERE r.message_id = target.id
                       AND r.user_id = caller AND r.emoji = wanted) THEN
    RETURN 'done';
  ELSIF present AND (SELECT coalesce(sum(k.total), 0) >= 100000
                            OR (count(*) >= 50 AND NOT coalesce(bool_or(k.emoji = wanted), false))
                     FROM reaction_kinds(before) k) THEN
    RETURN 'full';
  ELSIF present THEN
    INSERT INTO reactions (message_id, user_id, emoji, workspace_id)
      VALUES (target.id, caller, wanted, target.workspace_id);
  ELSE
    DELETE FROM reactions r
      WHERE r.message_id = target.id AND r.user_id = caller AND r.emoji = wanted;
  END IF;
  PERFORM annotate_reaction(target, before, wanted, CASE WHEN present THEN 1 ELSE -1 END, large);
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT x.event_id, target.workspace_id, target.chat_id,
           CASE WHEN present THEN 'ReactionAdded' ELSE 'ReactionRemoved' END,
           CASE WHEN large THEN json_build_object('users', ARRAY[caller]) ELSE '"chat"' END,
           json_build_object('message_id', target.id, 'seq', target.seq, 'user_id', caller,
                             'emoji', wanted)
    FROM message_annotations x WHERE x.message_id = target.id;
  RETURN 'done';
END $$;

-- Adds the caller's reaction, or removes it. In a chat above the fan-out member limit the chat is
-- not locked, so that many reactions hold up no message. Further outcomes: 'no_such_message';
-- 'archived'; 'deleted'; 'full' (as change_reaction).
CREATE OR REPLACE FUNCTION set_reaction(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, wanted text,
    present boolean, fan_out_member_limit integer)
RETURNS TABLE (outcome text, message message_rows, my_reactions text) LANGUAGE plpgsql AS $$
DECLARE
  large boolean := (SELECT c.member_count > fan_out_member_limit
                    FROM chats c JOIN chat_members m ON m.chat_id = c.id AND m.user_id = caller
                    WHERE c.id = in_chat AND c.workspace_id = in_workspace
                      AND c.deleted_at IS NULL);
  target messages;
  verdict text;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  IF NOT large THEN
    PERFORM lock_chat(in_workspace, caller, in_chat);
  END IF;
  SELECT m.* INTO target FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND large IS NOT NULL FOR NO KEY UPDATE;
  verdict := CASE WHEN NOT is_active_member(in_workspace, caller, in_chat) THEN 'not_found'
                  WHEN target.id IS NULL THEN 'no_such_message'
                  WHEN is_archived(in_chat) THEN 'archived'
                  WHEN target.deleted_at IS NULL
                    THEN change_reaction(target, caller, wanted, present, large)
                  WHEN present THEN 'deleted'
                  ELSE 'done' END;
  RETURN QUERY SELECT verdict, v, CASE WHEN v.reactions_cut THEN my_reactions(v.id, caller) END
    FROM (SELECT) one LEFT JOIN message_rows v ON verdict = 'done' AND v.id = in_message;
END $$;

-- A chore of the cleanup: emits the counts of reactions that have changed in chats above the
-- fan-out member limit, once a second at most for each message.
CREATE OR REPLACE FUNCTION cleanup_reaction_counts(slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  changed bigint[];
BEGIN
  changed := ARRAY(
    SELECT x.message_id FROM message_annotations x JOIN chats c ON c.id = x.chat_id
    JOIN messages m ON m.id = x.message_id
    WHERE x.counts_changed_at < now() - interval '1 second' AND c.deleted_at IS NULL
    ORDER BY x.counts_changed_at LIMIT slice FOR NO KEY UPDATE OF c, m, x SKIP LOCKED);
  UPDATE message_annotations x SET counts_changed_at = NULL, event_id = next_event_id()
    WHERE x.message_id = ANY (changed);
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT x.event_id, m.workspace_id, m.chat_id, 'ReactionsCounted', '"chat"',
           json_build_object('message_id', m.id, 'seq', m.seq, 'reactions', (
             SELECT coalesce(json_agg(json_build_object('emoji', k.emoji, 'count', k.total)
                                      ORDER BY k.place), '[]')
             FROM reaction_kinds(x.reactions) k))
    FROM message_annotations x JOIN messages m ON m.id = x.message_id
    WHERE x.message_id = ANY (changed) ORDER BY x.message_id;
  RETURN cardinality(changed);
END $$;
