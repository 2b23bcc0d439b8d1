-- A chat as the repositories read it. The names have a prefix, because the list of chats joins
-- messages.
CREATE OR REPLACE VIEW chat_rows AS
  SELECT c.id AS chat_id, c.workspace_id AS chat_workspace_id, c.name AS chat_name,
         c.type AS chat_type, c.description AS chat_description, c.created_by AS chat_created_by,
         (SELECT o.user_id FROM chat_members o WHERE o.chat_id = c.id AND o.role = 'owner')
           AS chat_owner_id,
         c.member_count AS chat_member_count,
         array_to_json(ARRAY(SELECT o.user_id FROM chat_members o WHERE o.chat_id = c.id
                             ORDER BY o.user_id LIMIT 200))::text AS chat_members,
         c.last_seq AS chat_last_seq, unix_micros(c.created_at) AS chat_created_at,
         unix_micros(c.updated_at) AS chat_updated_at,
         c.last_activity_at AS chat_last_activity_at, c.single_low AS chat_single_low,
         c.single_high AS chat_single_high, c.shown_seq AS chat_shown_seq, c.topic AS chat_topic,
         unix_micros(c.archived_at) AS chat_archived_at, c.who_may_write AS chat_who_may_write,
         c.who_may_pin AS chat_who_may_pin, c.everyone_mentions AS chat_everyone_mentions,
         c.event_id AS chat_event_id, c.last_excluded_seq AS chat_last_excluded_seq,
         c.last_mention_seq AS chat_last_mention_seq, c.last_everyone_seq AS chat_last_everyone_seq
  FROM chats c WHERE c.deleted_at IS NULL;
