-- Messages; outcomes as in chats.sql.

-- A row of message_rows for a message that is just being stored. Called with named arguments.
CREATE OR REPLACE FUNCTION message_row(
    id bigint, workspace_id bigint, chat_id bigint, sender_id bigint, sender_fullname text,
    sender_avatar_url text, seq bigint, content text, files text[], mentions bigint[],
    reply_to bigint, idempotency_key uuid, created_at timestamptz,
    edited_at timestamptz DEFAULT NULL, deleted_at timestamptz DEFAULT NULL)
RETURNS message_rows LANGUAGE sql STABLE AS $$
  SELECT ROW(id, workspace_id, chat_id, sender_id, sender_fullname, sender_avatar_url, seq, content,
             array_to_json(files)::text, array_to_json(mentions)::text, reply_to, idempotency_key,
             unix_micros(created_at), unix_micros(edited_at), unix_micros(deleted_at))::message_rows
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
-- 'busy', and the `over_quota` of a request that would create. REQUIRES: no two requests of a batch
-- share chat, sender and key. With `waits` it waits for a chat's lock, 2 s at most, and then raises
-- lock_not_available for the whole batch; without, a locked chat is 'busy'.
--
-- The id, the seq and the time of a message are drawn before the message is stored, under the
-- chat's lock, so that its event and its answer are made from the row that is being inserted: to
-- join them with the stored rows takes time in the square of the batch. message_row,
-- new_message_json and the functions that they call are inlined: no function is called for a row.
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
BEGIN
  SELECT coalesce(array_agg(DISTINCT r.chat_id), '{}') INTO wanted
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
  RETURN QUERY WITH judged AS (
    SELECT r.*, old.id AS old_id, u.fullname, u.avatar_url,
      CASE
        WHEN r.chat_id <> ALL (locked) THEN
          CASE WHEN NOT waits AND r.chat_id = ANY (wanted) AND EXISTS (
                 SELECT FROM chats c WHERE c.id = r.chat_id AND c.deleted_at IS NULL)
               THEN 'busy' ELSE 'not_a_member' END
        WHEN m.user_id IS NULL OR u.status <> 'active' THEN 'not_a_member'
        WHEN old.id IS NOT NULL THEN
          -- After an edit or the deletion a key is taken for that of a late retry.
          CASE WHEN old.request_hash <> r.request_hash THEN 'key_reused' ELSE 'replayed' END
        WHEN r.over_quota IS NOT NULL THEN r.over_quota
        WHEN r.reply_to IS NOT NULL AND NOT EXISTS (
         SELECT FROM messages t WHERE t.id = r.reply_to AND t.chat_id = r.chat_id)
          THEN 'unknown_reply_to'
        WHEN cardinality(r.mentions) > 0 AND EXISTS (
         SELECT FROM unnest(r.mentions) x WHERE NOT EXISTS (
           SELECT FROM chat_members o WHERE o.chat_id = r.chat_id AND o.user_id = x))
          THEN 'mention_outside'
        ELSE 'created'
      END AS verdict
    FROM unnest(requests) r
    LEFT JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.sender_id
                            AND m.workspace_id = r.workspace_id AND r.chat_id = ANY (locked)
    LEFT JOIN users u ON u.id = r.sender_id
    LEFT JOIN messages old ON old.chat_id = r.chat_id AND old.sender_id = r.sender_id
                          AND old.idempotency_key = r.idempotency_key
                          AND r.chat_id = ANY (locked)
  ), numbered AS (
    SELECT n.*, nextval('messages_id_seq') AS id, clock_timestamp() AS created_at
    FROM (SELECT j.*, c.type AS chat_type,
                 c.last_seq + row_number() OVER (PARTITION BY j.chat_id ORDER BY j.ord) AS seq
          FROM judged j JOIN chats c ON c.id = j.chat_id WHERE j.verdict = 'created'
          ORDER BY j.ord) n
  ), inserted AS (
    INSERT INTO messages (id, workspace_id, chat_id, sender_id, seq, content, files, mentions,
                          reply_to, idempotency_key, request_hash, created_at)
      SELECT n.id, n.workspace_id, n.chat_id, n.sender_id, n.seq, n.content, n.files, n.mentions,
             n.reply_to, n.idempotency_key, n.request_hash, n.created_at
      FROM numbered n
  ), counted AS (
    UPDATE chats c SET last_seq = n.last_seq, last_activity_at = clock_timestamp()
      FROM (SELECT chat_id, max(seq) AS last_seq FROM numbered GROUP BY chat_id) n
      WHERE c.id = n.chat_id
  ), read AS (
    -- A sender has read the earlier messages.
    UPDATE chat_members m SET last_read_seq = n.last_seq,
                              stored_bytes = m.stored_bytes + n.added_bytes
      FROM (SELECT chat_id, sender_id, max(seq) AS last_seq,
                   sum(stored_bytes(content, files))::bigint AS added_bytes
            FROM numbered GROUP BY chat_id, sender_id) n
      WHERE m.chat_id = n.chat_id AND m.user_id = n.sender_id
  ), created AS (
    SELECT n.ord, n.chat_type, message_row(
            id => n.id, workspace_id => n.workspace_id, chat_id => n.chat_id,
             sender_id => n.sender_id, sender_fullname => n.fullname,
             sender_avatar_url => n.avatar_url, seq => n.seq, content => n.content,
             files => n.files, mentions => n.mentions, reply_to => n.reply_to,
             idempotency_key => n.idempotency_key, created_at => n.created_at) AS message
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
END $$;

-- Gives a message that text; false when it would be too large with its files. The violation is
-- caught here, so that PostgreSQL does not log the text.
CREATE OR REPLACE FUNCTION set_content(in_message bigint, new_content text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messages SET content = new_content, request_hash = NULL, edited_at = clock_timestamp(),
                      version = version + 1
    WHERE id = in_message;
  RETURN true;
EXCEPTION WHEN check_violation THEN
  RETURN false;
END $$;

-- Further outcomes: 'no_such_message'; 'deleted'; 'empty' (neither text nor file would remain);
-- 'too_large' (as set_content).
CREATE OR REPLACE FUNCTION edit_message(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, new_content text)
RETURNS TABLE (outcome text, message message_rows) LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  old messages;
  verdict text;
BEGIN
  SELECT m.* INTO old FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND mine.role IS NOT NULL;
  verdict := CASE WHEN mine.role IS NULL THEN 'not_found'
                  WHEN old.id IS NULL THEN 'no_such_message'
                  WHEN old.sender_id <> caller THEN 'forbidden'
                  WHEN old.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN new_content = '' AND cardinality(old.files) = 0 THEN 'empty'
                  ELSE 'done' END;
  IF verdict = 'done' AND old.content <> new_content THEN
    IF set_content(in_message, new_content) THEN
      PERFORM add_stored_bytes(in_chat, caller, octet_length(new_content)::bigint
                                                - octet_length(old.content));
      INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)
        SELECT v.workspace_id, v.chat_id, 'MessageUpdated', v.seq, old.version + 1, '"chat"',
               message_json(v)
        FROM message_rows v WHERE v.id = in_message;
      PERFORM request_erasure(in_chat, old.seq, old.version + 1);
    ELSE
      verdict := 'too_large';
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
    PERFORM add_stored_bytes(in_chat, old.sender_id, -stored_bytes(old.content, old.files));
    UPDATE messages SET content = '', files = '{}', mentions = '{}', request_hash = NULL,
                        deleted_at = clock_timestamp(), version = version + 1
      WHERE id = in_message RETURNING * INTO old;
    INSERT INTO outbox (workspace_id, chat_id, type, seq, version, audience, data)
      VALUES (in_workspace, in_chat, 'MessageDeleted', old.seq, old.version, '"chat"',
              json_build_object('id', old.id, 'chat_id', in_chat, 'sender_id', old.sender_id,
                                'seq', old.seq, 'deleted_at', rfc3339(old.deleted_at)));
    PERFORM request_erasure(in_chat, old.seq, old.version);
  END IF;
  RETURN 'done';
END $$;
