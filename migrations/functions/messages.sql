-- Messages; outcomes as in chats.sql.

-- A row of message_rows for a message that is just being stored. Called with named arguments.
CREATE OR REPLACE FUNCTION message_row(
    id bigint, workspace_id bigint, chat_id bigint, sender_id bigint, sender_fullname text,
    sender_avatar_url text, seq bigint, content text, files text[], mentions bigint[],
    reply_to bigint, idempotency_key uuid, created_at timestamptz,
    edited_at timestamptz DEFAULT NULL, deleted_at timestamptz DEFAULT NULL,
    thread_root_id bigint DEFAULT NULL, also_to_chat boolean DEFAULT true,
    mention_ranges json DEFAULT '[]')
RETURNS message_rows LANGUAGE sql STABLE AS $$
  SELECT ROW(id, workspace_id, chat_id, sender_id, sender_fullname, sender_avatar_url, seq, content,
             array_to_json(files)::text, array_to_json(mentions)::text, reply_to, idempotency_key,
             unix_micros(created_at), unix_micros(edited_at), unix_micros(deleted_at), NULL,
             NULL, false, thread_root_id, also_to_chat, mention_ranges::text, NULL, NULL,
             NULL)::message_rows
$$;

-- The data of NewMessage: the fields of the API's Message, with what a client needs to announce it.
CREATE OR REPLACE FUNCTION new_message_json(message message_rows, in_chat chat_type)
RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'type', 'new_message', 'id', message.id, 'chat_id', message.chat_id,
    'sender_id', message.sender_id,
    'sender', json_build_object('id', message.sender_id, 'fullname', message.sender_fullname,
                                'avatar_url', message.sender_avatar_url),
    'seq', message.seq, 'content', message.content, 'files', message.files::json,
    'mentions', message.mentions::json, 'reply_to', message.reply_to,
    'idempotency_key', message.idempotency_key,
    'created_at', rfc3339(from_unix_micros(message.created_at)),
    'edited_at', rfc3339(from_unix_micros(message.edited_at)),
    'deleted_at', rfc3339(from_unix_micros(message.deleted_at)),
    'reactions', CASE WHEN message.reactions IS NULL THEN '[]'
                      ELSE reactions_json(message.reactions) END, 'pinned', message.pinned,
    'thread_root_id', message.thread_root_id, 'also_to_chat', message.also_to_chat,
    'mention_ranges', message.mention_ranges::json,
    'thread', CASE WHEN message.reply_count IS NOT NULL THEN
      json_build_object('reply_count', message.reply_count,
                        'last_reply_at', rfc3339(from_unix_micros(message.last_reply_at)),
                        'repliers', message.repliers::json) END,
    'chat_type', chat_type_name(in_chat), 'sender_name', message.sender_fullname)
$$;

-- The fields of the API's Message alone, for MessageUpdated. They are taken out of the larger object
-- and not the other way round, because JSON is checked when it is put together: a tenth of the work
-- of appending a message.
CREATE OR REPLACE FUNCTION message_json(message message_rows) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_object_agg(field.key, field.value)
  FROM json_each(new_message_json(message, NULL)) AS field
  WHERE field.key NOT IN ('type', 'chat_type', 'sender_name')
$$;

-- Appends a batch of messages, each with its own outcome: 'created', 'replayed' (same key, same
-- request), 'key_reused', 'not_a_member' (or no such chat), 'unknown_reply_to', 'mention_outside',
-- 'busy', those of write_refusal, the `over_quota` of a request that would create, and the refusals
-- of resolve_mentions. REQUIRES: no two requests of a batch share chat, sender and key. With `waits`
-- it waits for a chat's lock, 2 s at most, and then raises lock_not_available for the whole batch;
-- without, a locked chat is 'busy'.
--
-- The id, the seq and the time of a message are drawn before the message is stored, under the
-- chat's lock, so that its event and its answer are made from the row that is being inserted: to
-- join them with the stored rows takes time in the square of the batch. message_row,
-- new_message_json and the functions that they call are inlined: no function is called for a row.
--
-- What only replies and messages with mentions need is done before and behind the one statement, and
-- not at all for a batch that has neither.
--
-- The settings: a batch is small beside the tables that it touches, and the planner does not know
-- that. It expects ten or a hundred rows of an array, and on a young table a scan looks cheaper
-- than so many look-ups; the plan stays for as long as the connection. It would also plan again for
-- each array, which is half of all the work of a busy database; one plan serves all of them.
CREATE OR REPLACE FUNCTION append_messages(batch json, waits boolean)
RETURNS TABLE (ord integer, outcome text, message message_rows) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  requests append_request[] := ARRAY(SELECT json_populate_recordset(NULL::append_request, batch));
  wanted bigint[];
  locked bigint[];
  some_candidates boolean;
  some_related boolean;  -- messages with replies or mentions
  heads bigint[];  -- parallel to `locked`: the chats' newest messages before these
BEGIN
  SELECT coalesce(array_agg(DISTINCT r.chat_id), '{}'), bool_or(r.candidates IS NOT NULL),
         bool_or(r.reply_to IS NOT NULL OR r.mentions <> '{}' OR r.candidates IS NOT NULL)
    INTO wanted, some_candidates, some_related
    FROM unnest(requests) r
    JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.sender_id
                       AND m.workspace_id = r.workspace_id;
  -- First lock, in id order …
  IF waits THEN
    PERFORM set_config('lock_timeout', '2s', true);
    SELECT coalesce(array_agg(l.id), '{}') INTO locked FROM (
     SELECT c.id FROM chats c WHERE c.id = ANY (wanted) AND c.deleted_at IS NULL
      ORDER BY c.id FOR NO KEY UPDATE) l;
  ELSE
    SELECT coalesce(array_agg(l.id), '{}') INTO locked FROM (
     SELECT c.id FROM chats c WHERE c.id = ANY (wanted) AND c.deleted_at IS NULL
      ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED) l;
  END IF;
  -- … then look, with a fresh snapshot, and only at what was locked.
  IF some_candidates THEN
    FOR i IN 1..cardinality(requests) LOOP
      IF requests[i].candidates IS NOT NULL AND requests[i].chat_id = ANY (locked) THEN
        requests[i].found := resolve_mentions(
          requests[i].workspace_id, requests[i].chat_id, requests[i].mentions,
          requests[i].candidates, coalesce(requests[i].confirm_everyone, false));
        requests[i].mentions := all_mentions(requests[i].mentions,
                                             (requests[i].found).user_ids);
      END IF;
    END LOOP;
  END IF;
  IF some_related THEN
    SELECT array_agg(c.id), array_agg(c.last_seq) INTO locked, heads
      FROM chats c WHERE c.id = ANY (locked);
    locked := coalesce(locked, '{}');
  END IF;
  RETURN QUERY WITH judged AS (
    SELECT r.*, old.id AS old_id, u.fullname, u.avatar_url, c.type AS chat_type,
      c.last_seq AS chat_last_seq,
      CASE
        WHEN r.chat_id <> ALL (locked) THEN
          CASE WHEN NOT waits AND r.chat_id = ANY (wanted) AND EXISTS (
                 SELECT FROM chats c WHERE c.id = r.chat_id AND c.deleted_at IS NULL)
               THEN 'busy' ELSE 'not_a_member' END
        WHEN m.user_id IS NULL OR u.status <> 'active' THEN 'not_a_member'
        WHEN old.id IS NOT NULL THEN
          CASE WHEN old.request_hash = r.request_hash THEN 'replayed' ELSE 'key_reused' END
        WHEN write_refusal(c.archived_at, c.who_may_write, m.role) IS NOT NULL
          THEN write_refusal(c.archived_at, c.who_may_write, m.role)
        WHEN r.over_quota IS NOT NULL THEN r.over_quota
        WHEN r.reply_to IS NOT NULL AND NOT EXISTS (
         SELECT FROM messages t WHERE t.id = r.reply_to AND t.chat_id = r.chat_id)
          THEN 'unknown_reply_to'
        WHEN cardinality(r.mentions) > 0 AND EXISTS (
         SELECT FROM unnest(r.mentions) x WHERE NOT EXISTS (
           SELECT FROM chat_members o WHERE o.chat_id = r.chat_id AND o.user_id = x))
          THEN 'mention_outside'
        WHEN (r.found).refusal IS NOT NULL THEN (r.found).refusal
        ELSE 'created'
      END AS verdict
    FROM unnest(requests) r
    LEFT JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.sender_id
                            AND m.workspace_id = r.workspace_id AND r.chat_id = ANY (locked)
    LEFT JOIN chats c ON c.id = m.chat_id
    LEFT JOIN users u ON u.id = r.sender_id
    LEFT JOIN messages old ON old.chat_id = r.chat_id AND old.sender_id = r.sender_id
                          AND old.idempotency_key = r.idempotency_key
                          AND r.chat_id = ANY (locked)
  ), numbered AS (
    SELECT n.*, nextval('messages_id_seq') AS id, clock_timestamp() AS created_at
    FROM (SELECT j.*,
                 coalesce((j.found).ranges, '[]') AS mention_ranges,
                 (j.found).everyone AS mentions_everyone,
                 coalesce(j.also_to_chat, true) AS is_shown,
                 CASE WHEN j.reply_to IS NOT NULL THEN
                   (SELECT coalesce(t.thread_root_id, t.id) FROM messages t WHERE t.id = j.reply_to)
                 END AS thread_root_id,
                 j.chat_last_seq + row_number() OVER (PARTITION BY j.chat_id ORDER BY j.ord) AS seq
          FROM judged j WHERE j.verdict = 'created'
          ORDER BY j.ord) n
  ), inserted AS (
    INSERT INTO messages (id, workspace_id, chat_id, sender_id, seq, content, files, mentions,
                          reply_to, idempotency_key, request_hash, created_at, thread_root_id,
                          also_to_chat, mention_ranges, mentions_everyone)
      SELECT n.id, n.workspace_id, n.chat_id, n.sender_id, n.seq, n.content, n.files,
             n.mentions, n.reply_to, n.idempotency_key, n.request_hash, n.created_at,
             n.thread_root_id, n.is_shown, n.mention_ranges, n.mentions_everyone
      FROM numbered n
  ), counted AS (
    UPDATE chats c SET last_seq = n.last_seq, shown_seq = coalesce(n.shown_seq, c.shown_seq),
                       last_activity_at = CASE WHEN n.shown_seq IS NULL THEN c.last_activity_at
                                               ELSE clock_timestamp() END
      FROM (SELECT chat_id, max(seq) AS last_seq, max(seq) FILTER (WHERE is_shown) AS shown_seq
            FROM numbered GROUP BY chat_id) n
      WHERE c.id = n.chat_id
  ), read AS (
    -- A sender has read the earlier messages, but for a sender in a thread alone, and for one whose
    -- message had waited for its time.
    UPDATE chat_members m SET last_read_seq = coalesce(n.last_seq, m.last_read_seq),
                              own_unread = CASE WHEN n.last_seq IS NULL THEN m.own_unread + n.shown
                                                ELSE 0 END,
                              read_at = CASE WHEN n.last_seq IS NULL THEN m.read_at
                                             ELSE clock_timestamp() END,
                              stored_bytes = m.stored_bytes + n.added_bytes
      FROM (SELECT chat_id, sender_id, count(*) FILTER (WHERE is_shown) AS shown,
                   CASE WHEN bool_or(is_shown AND is_scheduled IS NOT TRUE)
                        THEN max(seq) FILTER (WHERE is_shown) END AS last_seq,
                   sum(stored_bytes(content, files))::bigint AS added_bytes
            FROM numbered GROUP BY chat_id, sender_id) n
      WHERE m.chat_id = n.chat_id AND m.user_id = n.sender_id
  ), created AS (
    SELECT n.ord, n.chat_type, message_row(
            id => n.id, workspace_id => n.workspace_id, chat_id => n.chat_id,
             sender_id => n.sender_id, sender_fullname => n.fullname,
             sender_avatar_url => n.avatar_url, seq => n.seq, content => n.content,
             files => n.files, mentions => n.mentions, reply_to => n.reply_to,
             idempotency_key => n.idempotency_key, created_at => n.created_at,
             thread_root_id => n.thread_root_id, also_to_chat => n.is_shown,
             mention_ranges => n.mention_ranges) AS message
    FROM numbered n
  ), emitted AS (
    INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)
      SELECT (c.message).workspace_id, (c.message).chat_id, 'NewMessage', (c.message).seq, 1,
             '"chat"', new_message_json(c.message, c.chat_type)
      FROM created c
  )
  SELECT c.ord, 'created', c.message FROM created c
  UNION ALL
  SELECT j.ord, j.verdict, v FROM judged j
    LEFT JOIN message_rows v ON v.id = j.old_id AND j.verdict = 'replayed'
    WHERE j.verdict <> 'created';
  IF some_related THEN
    PERFORM relate_messages(locked, heads);
  END IF;
END $$;

-- Gives a message that text and what it mentions; false when it would be too large with its files.
-- The violation is caught here, so that PostgreSQL does not log the text.
CREATE OR REPLACE FUNCTION set_content(
    in_message bigint, new_content text, new_mentions bigint[], said found_mentions)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messages SET content = new_content, edited_at = clock_timestamp(), version = version + 1,
                      mentions = new_mentions, mention_ranges = coalesce((said).ranges, '[]'),
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
  WITH removed AS (
    DELETE FROM message_edits WHERE message_id = in_message RETURNING octet_length(content) AS bytes
  )
  SELECT coalesce(sum(bytes), 0)::bigint FROM removed
$$;

-- What a text mentions that a message is to have. `named`: the members that the request names;
-- NULL: those that the message names without a place in its text.
CREATE OR REPLACE FUNCTION mentions_of_edit(
    old messages, named bigint[], candidates json, confirmed boolean,
    OUT said found_mentions, OUT mentions bigint[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF candidates IS NOT NULL THEN
    -- What the message has already said to all may be said again.
    said := resolve_mentions(old.workspace_id, old.chat_id, coalesce(named, old.mentions),
                             candidates, confirmed OR old.mentions_everyone IS NOT NULL);
  END IF;
  mentions := coalesce(named, ARRAY(
    SELECT x FROM unnest(old.mentions) x
    WHERE NOT EXISTS (SELECT FROM json_array_elements(old.mention_ranges) r
                      WHERE r->>'user_id' = x::text)));
  IF EXISTS (SELECT FROM unnest(named) x WHERE NOT EXISTS (
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
    WHERE m.id = in_message AND m.chat_id = in_chat AND mine.role IS NOT NULL;
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
      INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)
        SELECT v.workspace_id, v.chat_id, 'MessageUpdated', v.seq, old.version + 1, '"chat"',
               message_json(v)
        FROM message_rows v WHERE v.id = in_message;
      PERFORM request_erasure(in_chat, old.seq, old.version + 1);
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
    WHERE m.id = in_message AND m.chat_id = in_chat AND mine.type IS NOT NULL;
  IF mine.type IS NULL THEN
    RETURN 'not_found';
  ELSIF old.id IS NULL THEN
    RETURN 'no_such_message';
  ELSIF old.sender_id <> caller AND verdict IS NOT NULL THEN
    RETURN verdict;
  ELSIF old.deleted_at IS NULL THEN
    freed := stored_bytes(old.content, old.files);
    -- First the message: reactions to it wait from here on.
    UPDATE messages SET content = '', files = '{}', mentions = '{}', mention_ranges = '[]',
                        mentions_everyone = NULL, deleted_at = clock_timestamp(),
                        version = version + 1
      WHERE id = in_message RETURNING * INTO old;
    PERFORM add_stored_bytes(in_chat, old.sender_id, -freed - remove_annotations(in_message));
    PERFORM exclude_tombstone(old);
    DELETE FROM message_mentions x WHERE x.message_id = in_message;
    INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)
      VALUES (in_workspace, in_chat, 'MessageDeleted', old.seq, old.version, '"chat"',
              json_build_object('id', old.id, 'chat_id', in_chat, 'sender_id', old.sender_id,
                                'seq', old.seq, 'deleted_at', rfc3339(old.deleted_at)));
    PERFORM request_erasure(in_chat, old.seq, old.version);
    IF old.thread_root_id IS NOT NULL THEN
      PERFORM uncount_reply(old.thread_root_id);
    END IF;
  END IF;
  RETURN 'done';
END $$;
