-- What a chat is set to, and archiving it; outcomes as in chats.sql. The right is that of renaming
-- the chat: its owner and admins, and of a public channel those of the workspace.

-- An absent value stays as it is.
CREATE OR REPLACE FUNCTION set_chat_settings(
    in_workspace bigint, caller bigint, in_chat bigint, new_who_may_write text,
    new_who_may_pin text, new_everyone_mentions boolean, new_topic text, new_topic_key text)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  verdict text := refusal(lock_chat(in_workspace, caller, in_chat), 'update');
BEGIN
  IF verdict IS NULL THEN
    UPDATE chats c SET who_may_write = coalesce(new_who_may_write, c.who_may_write),
                       who_may_pin = coalesce(new_who_may_pin, c.who_may_pin),
                       everyone_mentions = coalesce(new_everyone_mentions, c.everyone_mentions),
                       topic = coalesce(new_topic, c.topic),
                       topic_key = coalesce(new_topic_key, c.topic_key),
                       updated_at = clock_timestamp()
      WHERE c.id = in_chat
        AND (c.who_may_write <> new_who_may_write OR c.who_may_pin <> new_who_may_pin
             OR c.everyone_mentions <> new_everyone_mentions OR c.topic <> new_topic);
    IF FOUND THEN
      PERFORM emit_chat_updated(in_chat);
    END IF;
  END IF;
  RETURN QUERY SELECT coalesce(verdict, 'done'), c FROM (SELECT) one
    LEFT JOIN chat_rows c ON c.chat_id = in_chat AND verdict IS NULL;
END $$;

-- Archives a chat, or restores it; emits ChatArchived or ChatRestored when it was not so already.
CREATE OR REPLACE FUNCTION archive_chat(
    in_workspace bigint, caller bigint, in_chat bigint, archived boolean)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  verdict text := refusal(lock_chat(in_workspace, caller, in_chat), 'update');
  event bigint;
BEGIN
  IF verdict IS NULL THEN
    UPDATE chats c SET archived_at = CASE WHEN archived THEN clock_timestamp() END,
                       updated_at = clock_timestamp(), event_id = next_event_id()
      WHERE c.id = in_chat AND (c.archived_at IS NOT NULL) <> archived
      RETURNING c.event_id INTO event;
    INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
      SELECT event, in_workspace, in_chat,
             CASE WHEN archived THEN 'ChatArchived' ELSE 'ChatRestored' END, '"chat"',
             chat_json(in_chat)
      WHERE event IS NOT NULL;
  END IF;
  RETURN QUERY SELECT coalesce(verdict, 'done'), c FROM (SELECT) one
    LEFT JOIN chat_rows c ON c.chat_id = in_chat AND verdict IS NULL;
END $$;
