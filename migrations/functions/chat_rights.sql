-- Rights follow from the chat's type and the caller's standing together. The specification is
-- tests/isolation/rights.txt, which the tests run.

-- Whether a caller of that standing may do that. In a Single both are members and neither has a
-- right over the other. Owners and admins of the workspace moderate public channels, members or
-- not.
CREATE OR REPLACE FUNCTION is_allowed(mine chat_standing, verb chat_verb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT (mine.type <> 'single' AND mine.role IS NOT NULL
          AND CASE WHEN verb IN ('delete', 'set_role') THEN mine.role = 'owner'
                   ELSE mine.role <> 'member' END)
      OR (mine.type = 'public_channel' AND mine.workspace_role <> 'member'
          AND verb IN ('update', 'remove', 'delete_message'))
$$;

-- Among callers with the right to remove people: admins of the chat remove no other admins.
CREATE OR REPLACE FUNCTION may_remove_admins(mine chat_standing) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT mine.role IS NOT DISTINCT FROM 'owner'
      OR (mine.type = 'public_channel' AND mine.workspace_role <> 'member')
$$;

-- The outcome for a caller without the right: 'not_found' or 'forbidden'; NULL when allowed.
-- `mine` is what lock_chat returned.
CREATE OR REPLACE FUNCTION refusal(mine chat_standing, verb chat_verb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN mine.type IS NULL THEN 'not_found'
              WHEN NOT is_allowed(mine, verb) THEN
                CASE WHEN mine.role IS NULL THEN 'not_found' ELSE 'forbidden' END
         END
$$;

-- Whether the caller is an active owner or admin of the workspace.
CREATE OR REPLACE FUNCTION runs_workspace(in_workspace bigint, caller bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u
                 WHERE u.id = caller AND u.workspace_id = in_workspace AND u.status = 'active'
                   AND u.role <> 'member')
$$;

-- Whether an active user is a member of the chat, which is not deleted.
CREATE OR REPLACE FUNCTION is_active_member(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM chat_members m JOIN chats c ON c.id = m.chat_id
                 JOIN users u ON u.id = m.user_id
                 WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
                   AND c.deleted_at IS NULL AND u.status = 'active')
$$;

-- Locks a chat that the caller is a member of, or may moderate; then looks up the caller's
-- standing. NULL for all others and for suspended users, with no hint whether the chat exists.
-- Waits 2 s at most, then raises lock_not_available.
CREATE OR REPLACE FUNCTION lock_chat(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS chat_standing LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM chats c
    WHERE c.id = in_chat AND c.workspace_id = in_workspace AND c.deleted_at IS NULL
      AND (EXISTS (SELECT FROM chat_members m WHERE m.chat_id = c.id AND m.user_id = caller)
           OR (c.type = 'public_channel' AND runs_workspace(in_workspace, caller)))
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT c.type, m.role, u.role INTO mine
    FROM chats c JOIN users u ON u.id = caller AND u.workspace_id = c.workspace_id
    LEFT JOIN chat_members m ON m.chat_id = c.id AND m.user_id = u.id
    WHERE c.id = in_chat AND u.status = 'active' AND c.deleted_at IS NULL
      AND (m.role IS NOT NULL OR (c.type = 'public_channel' AND u.role <> 'member'));
  RETURN mine;
END $$;

-- An archived chat changes no more: no messages, no edits, no reactions, no pins.
CREATE OR REPLACE FUNCTION is_archived(in_chat bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT c.archived_at IS NOT NULL FROM chats c WHERE c.id = in_chat
$$;

-- Why a member of that role cannot write in a chat at present: 'archived' or 'read_only'; NULL: it
-- can.
CREATE OR REPLACE FUNCTION write_refusal(
    archived_at timestamptz, who_may_write text, role chat_role)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN archived_at IS NOT NULL THEN 'archived'
              WHEN who_may_write = 'admins' AND role = 'member' THEN 'read_only' END
$$;
