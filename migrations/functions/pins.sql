-- Pinned messages; outcomes as in chats.sql.

-- Whether a caller of that standing may pin and unpin in the chat, by its setting. REQUIRES: the
-- chat is locked.
CREATE OR REPLACE FUNCTION may_pin(mine chat_standing, in_chat bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT mine.role IS NOT NULL
     AND (is_allowed(mine, 'update')
          OR (SELECT c.who_may_pin = 'all' FROM chats c WHERE c.id = in_chat))
$$;

-- Pins a message, or unpins it. Nothing is emitted when that changes nothing. Further outcomes:
-- 'no_such_message'; 'archived'; 'deleted' (of pinning); 'full' (50 messages of the chat are
-- pinned).
CREATE OR REPLACE FUNCTION set_pin(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, present boolean)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  target messages;
  pinned boolean;
  event bigint;
BEGIN
  SELECT m.* INTO target FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND mine.role IS NOT NULL FOR NO KEY UPDATE;
  pinned := EXISTS (SELECT FROM message_annotations x
                    WHERE x.message_id = target.id AND x.pin_number IS NOT NULL);
  IF mine.role IS NULL THEN
    RETURN 'not_found';
  ELSIF target.id IS NULL THEN
    RETURN 'no_such_message';
  ELSIF is_archived(in_chat) THEN
    RETURN 'archived';
  ELSIF NOT may_pin(mine, in_chat) THEN
    RETURN 'forbidden';
  ELSIF present AND target.deleted_at IS NOT NULL THEN
    RETURN 'deleted';
  ELSIF pinned = present THEN
    RETURN 'done';
  ELSIF present AND (SELECT count(*) FROM message_annotations x
                     WHERE x.chat_id = in_chat AND x.pin_number IS NOT NULL) >= 50 THEN
    RETURN 'full';
  END IF;
  event := next_event_id();
  IF present THEN
    INSERT INTO message_annotations (message_id, chat_id, workspace_id, pin_number, pinned_by,
                                     pinned_at, event_id)
      VALUES (in_message, in_chat, in_workspace, nextval('pin_number_seq'), caller,
              clock_timestamp(), event)
      ON CONFLICT (message_id) DO UPDATE
        SET pin_number = excluded.pin_number, pinned_by = excluded.pinned_by,
            pinned_at = excluded.pinned_at, event_id = event;
  ELSE
    UPDATE message_annotations
      SET pin_number = NULL, pinned_by = NULL, pinned_at = NULL, event_id = event
      WHERE message_id = in_message;
  END IF;
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    VALUES (event, in_workspace, in_chat,
            CASE WHEN present THEN 'MessagePinned' ELSE 'MessageUnpinned' END, '"chat"',
            json_build_object('message_id', in_message, 'seq', target.seq,
                                        'user_id', caller));
  RETURN 'done';
END $$;
