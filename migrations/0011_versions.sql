-- The API's `version` of chats and messages: the id of the newest event that changed what they show
-- (docs/events.md). Of a message it is the greatest of the three columns. Not messages.version, which
-- counts the texts of a message and means nothing beside another message.
--
-- What is there already shows all events so far. The locks make sure that none of them is still being
-- written.
LOCK TABLE chats, messages, message_annotations, threads IN ACCESS EXCLUSIVE MODE;
DO $$
DECLARE
  newest bigint := (SELECT last_value FROM outbox_id_seq);
  changed text;
BEGIN
  FOREACH changed IN ARRAY ARRAY['chats', 'messages', 'message_annotations', 'threads'] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN event_id bigint NOT NULL DEFAULT %s', changed, newest);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN event_id SET DEFAULT 0', changed);
  END LOOP;
END $$;
