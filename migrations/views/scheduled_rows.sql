-- A scheduled message as the server reads it.
CREATE OR REPLACE VIEW scheduled_rows AS
  SELECT s.id, s.workspace_id, s.chat_id, s.user_id, s.body::text AS body,
         unix_micros(s.send_at) AS send_at, unix_micros(s.created_at) AS created_at,
         scheduled_key(s.id) AS idempotency_key, s.failure_code, s.failure_detail
  FROM scheduled_messages s;
