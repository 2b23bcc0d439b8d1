-- A message as the list of chats shows it, with the columns of message_rows: the first 200
-- characters of its text with the mentions that lie in these, and the first of its files.
-- `truncated`: there is more. Its reactions and whether it is pinned are not looked up.
CREATE OR REPLACE VIEW message_preview_rows AS
  SELECT m.id, m.workspace_id, m.chat_id, m.sender_id, u.fullname AS sender_fullname,
         u.avatar_url AS sender_avatar_url, m.seq, first_characters(m.content, 200) AS content,
         array_to_json(m.files[1:1])::text AS files, array_to_json(m.mentions)::text AS mentions,
         m.reply_to, m.idempotency_key, unix_micros(m.created_at) AS created_at,
         unix_micros(m.edited_at) AS edited_at, unix_micros(m.deleted_at) AS deleted_at,
         has_more_characters(m.content, 200) OR cardinality(m.files) > 1 AS truncated,
         NULL::text AS reactions, NULL::boolean AS reactions_cut, false AS pinned,
         m.thread_root_id, m.also_to_chat,
         CASE WHEN m.mention_ranges::text = '[]' THEN '[]'
              WHEN NOT has_more_characters(m.content, 200) THEN m.mention_ranges::text ELSE (
           SELECT coalesce(json_agg(r ORDER BY place), '[]')::text
           FROM json_array_elements(m.mention_ranges) WITH ORDINALITY AS x (r, place)
           WHERE (r->>'offset')::integer + (r->>'length')::integer <= 200) END AS mention_ranges,
         t.reply_count, unix_micros(t.last_reply_at) AS last_reply_at,
         array_to_json(t.repliers)::text AS repliers, greatest(m.event_id, t.event_id) AS event_id,
         CASE WHEN m.files <> '{}' THEN (
           SELECT json_agg(attachment_json(f, a.name))::text
           FROM message_files a JOIN files f ON f.id = a.file_id
           WHERE a.message_id = m.id AND a.ord = 1) END AS attachments
  FROM messages m JOIN users u ON u.id = m.sender_id LEFT JOIN threads t ON t.root_id = m.id;
