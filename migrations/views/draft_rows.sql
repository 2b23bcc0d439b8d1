-- A draft as the server reads it.
CREATE OR REPLACE VIEW draft_rows AS
  SELECT d.chat_id, d.user_id, d.workspace_id, d.body::text AS body, d.version,
         unix_micros(d.updated_at) AS updated_at
  FROM drafts d;
