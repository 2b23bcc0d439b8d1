-- A message as the repositories read it.
CREATE OR REPLACE VIEW message_rows AS
  SELECT m.id, m.workspace_id, m.chat_id, m.sender_id, u.fullname AS sender_fullname,
         u.avatar_url AS sender_avatar_url, m.seq, m.content, array_to_json(m.files)::text AS files,
         array_to_json(m.mentions)::text AS mentions, m.reply_to, m.idempotency_key,
         unix_micros(m.created_at) AS created_at, unix_micros(m.edited_at) AS edited_at,
         unix_micros(m.deleted_at) AS deleted_at,
         x.reactions, x.reactions_cut, x.pin_number IS NOT NULL AS pinned,
         m.thread_root_id, m.also_to_chat, m.mention_ranges::text AS mention_ranges,
         t.reply_count, unix_micros(t.last_reply_at) AS last_reply_at,
         array_to_json(t.repliers)::text AS repliers,
         greatest(m.event_id, x.event_id, t.event_id) AS event_id,
         CASE WHEN m.files <> '{}' THEN (
           SELECT json_agg(attachment_json(f, a.name) ORDER BY a.ord)::text
           FROM message_files a JOIN files f ON f.id = a.file_id
           WHERE a.message_id = m.id) END AS attachments
  FROM messages m JOIN users u ON u.id = m.sender_id
  LEFT JOIN message_annotations x ON x.message_id = m.id LEFT JOIN threads t ON t.root_id = m.id;
