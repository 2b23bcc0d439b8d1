-- Drafts. They are their user's alone, so no chat is locked: the row of the draft is.

-- Gives the caller's draft in a chat that body (NULL: none any more), if `known_version` is its
-- present version. NULL: whatever that is. 0: there is no draft. A change emits one DraftUpdated to
-- the caller, without the text: what was never sent is not for the stream, which keeps its events.
-- Outcomes: 'done'; 'not_found' (the caller is no active member of the chat); 'unknown_reply_to';
-- 'outdated'. When 'done' or 'outdated', the draft as it is now.
CREATE OR REPLACE FUNCTION put_draft(
    in_workspace bigint, caller bigint, in_chat bigint, new_body jsonb, known_version bigint)
RETURNS TABLE (outcome text, draft draft_rows) LANGUAGE plpgsql AS $$
DECLARE
  old drafts;
  event bigint;
  verdict text := refusal_of_body(in_chat, new_body);
BEGIN
  -- The membership stays until the draft is stored.
  PERFORM FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
    JOIN users u ON u.id = m.user_id AND u.status = 'active'
    WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
    FOR KEY SHARE OF m;
  IF NOT FOUND THEN
    verdict := 'not_found';
  END IF;
  IF verdict IS NOT NULL THEN
    RETURN QUERY SELECT verdict, NULL::draft_rows;
    RETURN;
  END IF;
  INSERT INTO drafts (chat_id, user_id, workspace_id, version)
    VALUES (in_chat, caller, in_workspace, 0) ON CONFLICT (chat_id, user_id) DO NOTHING;
  SELECT d.* INTO old FROM drafts d WHERE d.chat_id = in_chat AND d.user_id = caller FOR UPDATE;
  -- The same text again is no change, whatever version is known: an answer was lost.
  IF old.body IS NOT DISTINCT FROM new_body THEN
    verdict := 'done';
  ELSIF known_version <> old.version AND NOT (known_version = 0 AND old.body IS NULL) THEN
    verdict := 'outdated';
  ELSE
    INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
      VALUES (in_workspace, in_chat, 'DraftUpdated', json_build_object('users', ARRAY[caller]),
              json_build_object('deleted', new_body IS NULL))
      RETURNING id INTO event;
    UPDATE drafts d SET body = new_body, version = event, updated_at = clock_timestamp()
      WHERE d.chat_id = in_chat AND d.user_id = caller;
  END IF;
  RETURN QUERY SELECT coalesce(verdict, 'done'), v FROM (SELECT) one
    LEFT JOIN draft_rows v ON v.chat_id = in_chat AND v.user_id = caller;
END $$;
