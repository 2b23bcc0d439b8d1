-- Messages that users have saved for themselves; outcomes as in chats.sql. No other user learns of
-- it.

-- Saves a message, or removes it from those saved; they end with the membership. Outcomes:
-- 'done'; 'no_such_message' (in no chat of the caller); 'deleted'; 'full' (at `most`).
CREATE OR REPLACE FUNCTION set_saved(
    in_workspace bigint, caller bigint, in_message bigint, present boolean, most integer)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  target messages;
  saved boolean;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM users u
    WHERE u.id = caller AND u.workspace_id = in_workspace AND u.status = 'active'
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 'no_such_message';
  END IF;
  -- A deletion of the message waits, so that it removes this one, too, and so does the end of the
  -- membership.
  SELECT m.* INTO target
    FROM messages m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
    JOIN chat_members o ON o.chat_id = c.id AND o.user_id = caller
    WHERE m.id = in_message AND m.workspace_id = in_workspace
    FOR SHARE OF m FOR KEY SHARE OF o;
  saved := EXISTS (SELECT FROM saved_messages s
                   WHERE s.user_id = caller AND s.message_id = in_message);
  IF saved AND NOT present THEN
    DELETE FROM saved_messages s WHERE s.user_id = caller AND s.message_id = in_message;
  ELSIF target.id IS NULL THEN
    RETURN 'no_such_message';
  ELSIF saved OR NOT present THEN
    RETURN 'done';
  ELSIF target.deleted_at IS NOT NULL THEN
    RETURN 'deleted';
  ELSIF (SELECT count(*) FROM saved_messages s WHERE s.user_id = caller) >= most THEN
    RETURN 'full';
  ELSE
    INSERT INTO saved_messages (user_id, message_id, chat_id, workspace_id)
      VALUES (caller, in_message, target.chat_id, in_workspace);
  END IF;
  RETURN 'done';
END $$;
