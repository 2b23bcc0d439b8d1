-- Edits and deletions of messages; outcomes as in chats.sql.
--
-- A change of what a message shows draws the id of its event under the lock of the message's row,
-- and stores it as the event_id of what it changes: the message, its annotations or its thread. So
-- the greatest of the three (message_rows) is never an event that lacks an earlier one.

-- Gives a message that text and what it mentions; false when it would be too large with its files.
-- The violation is caught here, so that PostgreSQL does not log the text. REQUIRES: this
-- transaction holds the lock of the message's row.
CREATE OR REPLACE FUNCTION set_content(
    in_message bigint, new_content text, new_mentions bigint[], said found_mentions)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messages SET content = new_content, request_hash = NULL, edited_at = clock_timestamp(),
                      version = version + 1, event_id = next_event_id(),
                      mentions = new_mentions,
                      mention_ranges = coalesce((said).ranges, '[]'),
                      mentions_everyone = (said).everyone
    WHERE id = in_message;
  RETURN true;
EXCEPTION WHEN check_violation THEN
  RETURN false;
END $$;

-- Keeps the text that an edit has replaced, the newest 50 of a message. Returns by how many bytes
-- the texts kept have grown. REQUIRES: this transaction holds the chat's lock.
CREATE OR REPLACE FUNCTION keep_former_text(old messages) RETURNS bigint LANGUAGE sql AS $$
  WITH kept AS (
    INSERT INTO message_edits (message_id, version, workspace_id, content, edited_at)
      SELECT old.id, old.version, old.workspace_id, old.content, m.edited_at
      FROM messages m WHERE m.id = old.id
  ), dropped AS (
    DELETE FROM message_edits e WHERE e.message_id = old.id AND e.version <= (
      SELECT o.version FROM message_edits o WHERE o.message_id = old.id
      ORDER BY o.version DESC OFFSET 49 LIMIT 1)
    RETURNING octet_length(e.content) AS bytes
  )
  SELECT octet_length(old.content) - coalesce(sum(bytes), 0)::bigint FROM dropped
$$;

-- Removes what hangs on a message besides its text; returns the bytes of its former texts.
CREATE OR REPLACE FUNCTION remove_annotations(in_message bigint) RETURNS bigint LANGUAGE sql AS $$
  DELETE FROM reactions WHERE message_id = in_message;
  DELETE FROM message_annotations WHERE message_id = in_message;
  DELETE FROM saved_messages WHERE message_id = in_message;
  DELETE FROM message_files WHERE message_id = in_message;
  WITH removed AS (
    DELETE FROM message_edits WHERE message_id = in_message RETURNING octet_length(content) AS bytes
  )
  SELECT coalesce(sum(bytes), 0)::bigint FROM removed
$$;

-- What a text mentions that a message is to have. It may name again those that the message mentions
-- already, former members too. `named`: the members that the request names;
-- NULL: those that the message names without a place in its text.
CREATE OR REPLACE FUNCTION mentions_of_edit(
    old messages, named bigint[], candidates json, confirmed boolean,
    OUT said found_mentions, OUT mentions bigint[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF candidates IS NOT NULL THEN
    -- What the message has already said to all may be said again.
    said := resolve_mentions(old.workspace_id, old.chat_id, coalesce(named, old.mentions),
                             candidates, confirmed OR old.mentions_everyone IS NOT NULL, old.mentions);
  END IF;
  mentions := coalesce(named, ARRAY(
    SELECT x FROM unnest(old.mentions) x
    WHERE NOT EXISTS (SELECT FROM json_array_elements(old.mention_ranges) r
                      WHERE r->>'user_id' = x::text)));
  IF EXISTS (SELECT FROM unnest(named) x WHERE x <> ALL (old.mentions) AND NOT EXISTS (
       SELECT FROM chat_members m WHERE m.chat_id = old.chat_id AND m.user_id = x)) THEN
    said.refusal := 'mention_outside';
  END IF;
  mentions := all_mentions(mentions, (said).user_ids);
END $$;

-- `keeps_history`: the former text is kept. Further outcomes: 'no_such_message'; 'deleted';
-- 'archived', 'read_only' (as write_refusal); 'empty' (neither text nor file would remain);
-- 'too_large' (as set_content); 'mention_outside', and the refusals of resolve_mentions.
CREATE OR REPLACE FUNCTION edit_message(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, new_content text,
    keeps_history boolean DEFAULT true, named bigint[] DEFAULT NULL, candidates json DEFAULT NULL,
    confirmed boolean DEFAULT false)
RETURNS TABLE (outcome text, message message_rows) LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  old messages;
  barred text := (SELECT write_refusal(c.archived_at, c.who_may_write, mine.role)
                  FROM chats c WHERE c.id = in_chat);
  now_mentions record;
  verdict text;
BEGIN
  SELECT m.* INTO old FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND mine.role IS NOT NULL FOR NO KEY UPDATE;
  verdict := CASE WHEN mine.role IS NULL THEN 'not_found'
                  WHEN old.id IS NULL THEN 'no_such_message'
                  WHEN old.sender_id <> caller THEN 'forbidden'
                  WHEN old.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN barred IS NOT NULL THEN barred
                  WHEN new_content = '' AND cardinality(old.files) = 0 THEN 'empty'
                  ELSE 'done' END;
  IF verdict = 'done' AND old.content <> new_content THEN
    SELECT * INTO now_mentions FROM mentions_of_edit(old, named, candidates, confirmed);
    verdict := coalesce((now_mentions.said).refusal, CASE
      WHEN set_content(in_message, new_content, now_mentions.mentions, now_mentions.said)
      THEN 'done' ELSE 'too_large' END);
    IF verdict = 'done' THEN
      PERFORM add_stored_bytes(
        in_chat, caller, octet_length(new_content)::bigint - octet_length(old.content)
                         + CASE WHEN keeps_history THEN keep_former_text(old) ELSE 0 END);
      INSERT INTO outbox (id, workspace_id, chat_id, type, seq, version, audience, data)
        SELECT v.event_id, v.workspace_id, v.chat_id, 'MessageUpdated', v.seq, old.version + 1,
               '"chat"', message_json(v)
        FROM message_rows v WHERE v.id = in_message;
      PERFORM request_text_erasure(in_chat, old.seq, old.version + 1);
      PERFORM change_mentions(old);
    END IF;
  END IF;
  RETURN QUERY SELECT verdict, v FROM (SELECT) one
    LEFT JOIN message_rows v ON verdict = 'done' AND v.id = in_message;
END $$;

-- Leaves a tombstone. Further outcome: 'no_such_message'.
CREATE OR REPLACE FUNCTION delete_message(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  verdict text := refusal(mine, 'delete_message');
  old messages;
  freed bigint;
BEGIN
  SELECT m.* INTO old FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND mine.type IS NOT NULL FOR NO KEY UPDATE;
  IF mine.type IS NULL THEN
    RETURN 'not_found';
  ELSIF old.id IS NULL THEN
    RETURN 'no_such_message';
  ELSIF old.sender_id <> caller AND verdict IS NOT NULL THEN
    RETURN verdict;
  ELSIF old.deleted_at IS NULL THEN
    freed := stored_bytes(old.content, old.files);
    UPDATE messages SET content = '', files = '{}', mentions = '{}', mention_ranges = '[]',
                        mentions_everyone = NULL, request_hash = NULL,
                        deleted_at = clock_timestamp(), version = version + 1,
                        event_id = next_event_id()
      WHERE id = in_message RETURNING * INTO old;
    PERFORM add_stored_bytes(in_chat, old.sender_id, -freed - remove_annotations(in_message));
    PERFORM exclude_tombstone(old);
    DELETE FROM message_mentions x WHERE x.message_id = in_message;
    INSERT INTO outbox (id, workspace_id, chat_id, type, seq, version, audience, data)
      VALUES (old.event_id, in_workspace, in_chat, 'MessageDeleted', old.seq, old.version, '"chat"',
              json_build_object('id', old.id, 'chat_id', in_chat, 'sender_id', old.sender_id,
                                'seq', old.seq, 'deleted_at', rfc3339(old.deleted_at),
                                'thread_root_id', old.thread_root_id,
                                'also_to_chat', old.also_to_chat,
                                'idempotency_key', old.idempotency_key,
                                'version', old.event_id));
    PERFORM request_text_erasure(in_chat, old.seq, old.version);
    IF old.thread_root_id IS NOT NULL THEN
      PERFORM uncount_reply(old.thread_root_id);
    END IF;
  END IF;
  RETURN 'done';
END $$;
