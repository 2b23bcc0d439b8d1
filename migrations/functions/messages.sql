-- Messages; outcomes as in chats.sql.

-- A row of message_rows for a message that is just being stored. Called with named arguments.
-- Release 1 gave no event_id: its append_messages ends here (migrations/README.md).
CREATE OR REPLACE FUNCTION message_row(
    id bigint, workspace_id bigint, chat_id bigint, sender_id bigint, sender_fullname text,
    sender_avatar_url text, seq bigint, content text, files text[], mentions bigint[],
    reply_to bigint, idempotency_key uuid, created_at timestamptz, event_id bigint,
    edited_at timestamptz DEFAULT NULL, deleted_at timestamptz DEFAULT NULL,
    thread_root_id bigint DEFAULT NULL, also_to_chat boolean DEFAULT true,
    mention_ranges json DEFAULT '[]', attachments json DEFAULT NULL)
RETURNS message_rows LANGUAGE sql STABLE AS $$
  SELECT ROW(id, workspace_id, chat_id, sender_id, sender_fullname, sender_avatar_url, seq, content,
             array_to_json(files)::text, array_to_json(mentions)::text, reply_to, idempotency_key,
             unix_micros(created_at), unix_micros(edited_at), unix_micros(deleted_at), NULL,
             NULL, false, thread_root_id, also_to_chat, mention_ranges::text, NULL, NULL,
             NULL, event_id, attachments::text)::message_rows
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
    'attachments', coalesce(message.attachments, '[]')::json,
    'thread', CASE WHEN message.reply_count IS NOT NULL THEN
      json_build_object('reply_count', message.reply_count,
                        'last_reply_at', rfc3339(from_unix_micros(message.last_reply_at)),
                        'repliers', message.repliers::json) END,
    'version', message.event_id, 'chat_type', chat_type_name(in_chat), 'sender_name', message.sender_fullname)
$$;

-- The fields of the API's Message alone, for MessageUpdated. They are taken out of the larger
-- object and not the other way round, because JSON is checked when it is put together: a tenth of
-- the work of appending a message.
CREATE OR REPLACE FUNCTION message_json(message message_rows) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_object_agg(field.key, field.value)
  FROM json_each(new_message_json(message, NULL)) AS field
  WHERE field.key NOT IN ('type', 'chat_type', 'sender_name')
$$;

-- For append_messages: what only few messages need is a function of its own, which starts only
-- where it is called. A part of the statement would be set up for each batch.
CREATE OR REPLACE FUNCTION stored_message(in_message bigint)
RETURNS message_rows LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT v FROM message_rows v WHERE v.id = in_message);
END $$;

-- The root of the thread of a reply to that message; NULL: the chat has no such message.
CREATE OR REPLACE FUNCTION thread_root_of(in_message bigint, in_chat bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(m.thread_root_id, m.id) FROM messages m
          WHERE m.id = in_message AND m.chat_id = in_chat);
END $$;

-- Whether one of these people is no member.
CREATE OR REPLACE FUNCTION has_outsiders(people bigint[], in_chat bigint)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM unnest(people) x WHERE NOT EXISTS (
    SELECT FROM chat_members o WHERE o.chat_id = in_chat AND o.user_id = x));
END $$;

CREATE OR REPLACE FUNCTION is_present_chat(in_chat bigint)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM chats c WHERE c.id = in_chat AND c.deleted_at IS NULL);
END $$;

-- The files of the messages of these chats that came after those numbers, as `requests` have them.
-- Requests of one sender with the same files have the same attachments. REQUIRES: this transaction
-- holds the locks of the chats, and has stored the messages.
CREATE OR REPLACE FUNCTION store_attachments(
    requests append_request[], in_chats bigint[], heads bigint[])
RETURNS void LANGUAGE sql AS $$
  INSERT INTO message_files (message_id, ord, workspace_id, chat_id, file_id, name)
  SELECT m.id, a.ord, m.workspace_id, m.chat_id, a.file_id, a.name
  FROM unnest(in_chats, heads) AS h (chat_id, seq)
  JOIN messages m ON m.chat_id = h.chat_id AND m.seq > h.seq AND m.files <> '{}'
  CROSS JOIN LATERAL (
    SELECT r.attached FROM unnest(requests) r
    WHERE r.chat_id = m.chat_id AND r.sender_id = m.sender_id AND r.files = m.files
    ORDER BY r.ord LIMIT 1) r
  CROSS JOIN LATERAL unnest((r.attached).ids, (r.attached).names)
    WITH ORDINALITY AS a (file_id, name, ord)
$$;

-- Appends a batch of messages, each with its own outcome: 'created', 'replayed' (same key, same
-- request), 'key_reused', 'not_a_member' (or no such chat), 'unknown_file' (a file of the message
-- is no upload of its sender), 'unknown_reply_to', 'mention_outside', 'busy', those of
-- write_refusal, the `over_quota` of a request that would create, and the refusals of
-- resolve_mentions. REQUIRES: no two requests of a batch share chat, sender and key. With `waits`
-- it waits for a chat's lock, 2 s at most, and then raises lock_not_available for the whole batch;
-- without, a locked chat is 'busy'.
--
-- The id, the seq and the time of a message, and the id of its event, are drawn before the message
-- is stored, under the chat's lock, so that its event and its answer are made from the row that is
-- being inserted: to join them with the stored rows takes time in the square of the batch.
-- message_row, new_message_json and the functions that they call are inlined: no function is called
-- for a row.
--
-- What only replies, and messages with mentions or files, need is done before and behind the one
-- statement, and not at all for a batch that has none of them.
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
  some_files boolean;
  some_related boolean;  -- messages with replies or mentions
  heads bigint[];  -- parallel to `locked`: the chats' newest messages before these
BEGIN
  -- What is to be done is asked of all requests: a sender may become a member while this waits.
  SELECT coalesce(array_agg(DISTINCT r.chat_id) FILTER (WHERE m.user_id IS NOT NULL), '{}'),
         bool_or(r.candidates IS NOT NULL), bool_or(r.files <> '{}'),
         bool_or(r.reply_to IS NOT NULL OR r.mentions <> '{}' OR r.candidates IS NOT NULL)
    INTO wanted, some_candidates, some_files, some_related
    FROM unnest(requests) r
    LEFT JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.sender_id
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
  IF some_files THEN
    FOR i IN 1..cardinality(requests) LOOP
      IF requests[i].files <> '{}' AND requests[i].chat_id = ANY (locked) THEN
        requests[i].attached := attach_files(requests[i].workspace_id, requests[i].sender_id,
                                             requests[i].files);
      END IF;
    END LOOP;
  END IF;
  IF some_related OR some_files THEN
    SELECT array_agg(c.id), array_agg(c.last_seq) INTO locked, heads
      FROM chats c WHERE c.id = ANY (locked);
    locked := coalesce(locked, '{}');
  END IF;
  RETURN QUERY WITH judged AS (
    SELECT r.*, old.id AS old_id, u.fullname, u.avatar_url, c.type AS chat_type,
      c.last_seq AS chat_last_seq,
      CASE
        WHEN r.chat_id <> ALL (locked) THEN
          CASE WHEN NOT waits AND r.chat_id = ANY (wanted) AND is_present_chat(r.chat_id)
               THEN 'busy' ELSE 'not_a_member' END
        WHEN m.user_id IS NULL OR u.status <> 'active' THEN 'not_a_member'
        WHEN old.id IS NOT NULL THEN
          -- After an edit or the deletion a key is taken for that of a late retry.
          CASE WHEN old.request_hash <> r.request_hash THEN 'key_reused' ELSE 'replayed' END
        WHEN write_refusal(c.archived_at, c.who_may_write, m.role) IS NOT NULL
          THEN write_refusal(c.archived_at, c.who_may_write, m.role)
        WHEN r.over_quota IS NOT NULL THEN r.over_quota
        WHEN r.files <> '{}' AND (r.attached).ids IS NULL THEN 'unknown_file'
        WHEN r.reply_to IS NOT NULL AND thread_root_of(r.reply_to, r.chat_id) IS NULL
          THEN 'unknown_reply_to'
        WHEN cardinality(r.mentions) > 0 AND has_outsiders(r.mentions, r.chat_id)
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
    SELECT n.*, nextval('messages_id_seq') AS id, nextval('outbox_id_seq') AS event_id,
           clock_timestamp() AS created_at
    FROM (SELECT j.*,
                 coalesce((j.found).ranges, '[]') AS mention_ranges,
                 (j.found).everyone AS mentions_everyone,
                 coalesce(j.also_to_chat, true) AS is_shown,
                 CASE WHEN j.reply_to IS NOT NULL THEN thread_root_of(j.reply_to, j.chat_id)
                 END AS thread_root_id,
                 j.chat_last_seq + row_number() OVER (PARTITION BY j.chat_id ORDER BY j.ord) AS seq
          FROM judged j WHERE j.verdict = 'created'
          ORDER BY j.ord) n
  ), inserted AS (
    INSERT INTO messages (id, workspace_id, chat_id, sender_id, seq, content, files, mentions,
                          reply_to, idempotency_key, request_hash, created_at, thread_root_id,
                          also_to_chat, mention_ranges, mentions_everyone, event_id)
      SELECT n.id, n.workspace_id, n.chat_id, n.sender_id, n.seq, n.content, n.files,
             n.mentions, n.reply_to, n.idempotency_key, n.request_hash, n.created_at,
             n.thread_root_id, n.is_shown, n.mention_ranges, n.mentions_everyone, n.event_id
      FROM numbered n
  ), counted AS (
    UPDATE chats c SET last_seq = n.last_seq, shown_seq = coalesce(n.shown_seq, c.shown_seq),
                       event_id = n.event_id,
                       last_activity_at = CASE WHEN n.shown_seq IS NULL THEN c.last_activity_at
                                               ELSE clock_timestamp() END
      FROM (SELECT chat_id, max(seq) AS last_seq, max(seq) FILTER (WHERE is_shown) AS shown_seq,
                   max(event_id) AS event_id
            FROM numbered GROUP BY chat_id) n
      WHERE c.id = n.chat_id
  ), read AS (
    -- A sender has read the earlier messages, but for a sender in a thread alone, and for one whose
    -- message had waited for its time.
    UPDATE chat_members m SET last_read_seq = coalesce(n.last_seq, m.last_read_seq),
                              own_unread = CASE WHEN n.last_seq IS NULL THEN m.own_unread ELSE 0 END
                                + CASE WHEN n.later IS NULL THEN 0 ELSE (
                                    SELECT count(*) FROM unnest(n.later) s
                                    WHERE s > coalesce(n.last_seq, 0)) END,
                              read_at = CASE WHEN n.last_seq IS NULL THEN m.read_at
                                             ELSE clock_timestamp() END,
                              read_event_id = greatest(m.read_event_id, n.event_id),
                              stored_bytes = m.stored_bytes + n.added_bytes
      FROM (SELECT chat_id, sender_id,
                   max(seq) FILTER (WHERE is_shown AND is_scheduled IS NOT TRUE) AS last_seq,
                   max(event_id) FILTER (WHERE is_shown AND is_scheduled IS NOT TRUE) AS event_id,
                   array_agg(seq) FILTER (WHERE is_shown AND is_scheduled) AS later,
                   sum(stored_bytes(content, files))::bigint AS added_bytes
            FROM numbered GROUP BY chat_id, sender_id
            ORDER BY chat_id, sender_id) n  -- as set_preferences locks them
      WHERE m.chat_id = n.chat_id AND m.user_id = n.sender_id
  ), created AS (
    SELECT n.ord, n.chat_type, n.trace, message_row(
            id => n.id, workspace_id => n.workspace_id, chat_id => n.chat_id,
             sender_id => n.sender_id, sender_fullname => n.fullname,
             sender_avatar_url => n.avatar_url, seq => n.seq, content => n.content,
             files => n.files, mentions => n.mentions, reply_to => n.reply_to,
             idempotency_key => n.idempotency_key, created_at => n.created_at,
             thread_root_id => n.thread_root_id, also_to_chat => n.is_shown,
             mention_ranges => n.mention_ranges, event_id => n.event_id,
             attachments => (n.attached).attachments) AS message
    FROM numbered n
  ), emitted AS (
    INSERT INTO outbox (id, workspace_id, chat_id, type, seq, version, audience, actor, trace, data)
      SELECT (c.message).event_id, (c.message).workspace_id, (c.message).chat_id, 'NewMessage',
             (c.message).seq, 1, '"chat"', (c.message).sender_id, c.trace,
             new_message_json(c.message, c.chat_type)
      FROM created c
  )
  SELECT c.ord, 'created', c.message FROM created c
  UNION ALL
  SELECT j.ord, j.verdict, CASE WHEN j.verdict = 'replayed' THEN stored_message(j.old_id) END
    FROM judged j WHERE j.verdict <> 'created';
  IF some_files THEN
    PERFORM store_attachments(requests, locked, heads);
  END IF;
  IF some_related THEN
    PERFORM relate_messages(locked, heads);
  END IF;
END $$;
