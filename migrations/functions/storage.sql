-- How much the messages, drafts, scheduled messages and uploads of a user take, for the quotas.
-- Each membership counts what its member has sent to the chat, in the statements that change
-- messages there and so under the chat's lock.

CREATE OR REPLACE FUNCTION storage_of_user(of_user bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT ((SELECT coalesce(sum(m.stored_bytes), 0) FROM chat_members m WHERE m.user_id = of_user)
          + (SELECT coalesce(sum(f.bytes), 0) FROM former_member_storage f
             WHERE f.user_id = of_user)
          + (SELECT coalesce(sum(d.stored_bytes), 0) FROM drafts d WHERE d.user_id = of_user)
          + (SELECT coalesce(sum(s.stored_bytes), 0) FROM scheduled_messages s
             WHERE s.user_id = of_user)
          + (SELECT coalesce(sum(t.bytes), 0) FROM upload_totals t
             WHERE t.user_id = of_user))::bigint
$$;

-- What the next users store, in the order of workspaces and ids, after the given one.
CREATE OR REPLACE FUNCTION storage_of_users(
    after_workspace bigint, after_user bigint, slice bigint)
RETURNS TABLE (workspace_id bigint, user_id bigint, bytes bigint) LANGUAGE sql STABLE AS $$
  SELECT u.workspace_id, u.id, storage_of_user(u.id)
  FROM users u WHERE (u.workspace_id, u.id) > (after_workspace, after_user)
  ORDER BY u.workspace_id, u.id LIMIT slice
$$;

-- Adds bytes to what the sender has stored in the chat; of a former member, too.
CREATE OR REPLACE FUNCTION add_stored_bytes(in_chat bigint, sender bigint, added bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE chat_members SET stored_bytes = stored_bytes + added
    WHERE chat_id = in_chat AND user_id = sender;
  IF NOT FOUND THEN
    UPDATE former_member_storage SET bytes = bytes + added
      WHERE chat_id = in_chat AND user_id = sender;
  END IF;
END $$;
