-- The API's `version` of chats and messages: the id of the newest event that changed what they show
-- (docs/events.md). Of a message it is the greatest of the three columns. Not messages.version, which
-- counts the texts of a message and means nothing beside another message. Of a membership it is the
-- newest event that moved last_read_seq: a MessageRead, or the NewMessage of the member's own.
--
-- What is there already shows all events so far. The locks make sure that none of them is still being
-- written.
LOCK TABLE chats, chat_members, messages, message_annotations, threads IN ACCESS EXCLUSIVE MODE;
DO $$
DECLARE
  newest bigint := (SELECT last_value FROM outbox_id_seq);
  changed record;
BEGIN
  FOR changed IN
    SELECT * FROM (VALUES ('chats', 'event_id'), ('chat_members', 'read_event_id'),
                          ('messages', 'event_id'), ('message_annotations', 'event_id'),
                          ('threads', 'event_id')) AS c (of_table, of_column) LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN %I bigint NOT NULL DEFAULT %s',
                   changed.of_table, changed.of_column, newest);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT 0',
                   changed.of_table, changed.of_column);
  END LOOP;
END $$;
