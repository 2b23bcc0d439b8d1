-- The owner of a chat: handing it over, on, and taking it over; outcomes as in chats.sql.

-- Makes `heir`, a member, the owner; the owner until now stays as an admin. REQUIRES: this
-- transaction holds the chat's lock, and the chat is no Single.
CREATE OR REPLACE FUNCTION set_chat_owner(in_chat bigint, heir bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE chat_members SET role = 'admin' WHERE chat_id = in_chat AND role = 'owner';
  UPDATE chat_members SET role = 'owner' WHERE chat_id = in_chat AND user_id = heir;
  UPDATE chats SET updated_at = clock_timestamp() WHERE id = in_chat;
  PERFORM emit_chat_updated(in_chat);
END $$;

-- Whether the chat has a suspended owner.
CREATE OR REPLACE FUNCTION is_ownerless(in_chat bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM chat_members m JOIN users u ON u.id = m.user_id
                 WHERE m.chat_id = in_chat AND m.role = 'owner' AND u.status <> 'active')
$$;

-- The active member that has been in the chat for longest, the admins first; NULL: there is none.
CREATE OR REPLACE FUNCTION heir_of(in_chat bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT m.user_id FROM chat_members m JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = in_chat AND m.role <> 'owner' AND u.status = 'active'
    ORDER BY m.role, m.joined_at, m.user_id LIMIT 1
$$;

-- Whether there is one, without the work of choosing.
CREATE OR REPLACE FUNCTION has_heir(in_chat bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM chat_members m JOIN users u ON u.id = m.user_id
                 WHERE m.chat_id = in_chat AND m.role <> 'owner' AND u.status = 'active')
$$;

-- Hands a chat with a suspended owner on to its heir. REQUIRES: this transaction holds the chat's
-- lock.
CREATE OR REPLACE FUNCTION hand_on_chat(in_chat bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF is_ownerless(in_chat) AND has_heir(in_chat) THEN
    PERFORM set_chat_owner(in_chat, heir_of(in_chat));
  END IF;
END $$;

-- Hands on at most `slice` chats of a suspended user and notes on the user whether there are more.
-- Returns how many.
-- A chat that is locked, or has no other active member, is left as it is: owners and admins of the
-- workspace can take it over. REQUIRES: this transaction holds the lock of the user's row.
CREATE OR REPLACE FUNCTION hand_on_chats(owner bigint, slice integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  chat bigint;
  handed_on integer := 0;
BEGIN
  FOR chat IN
    SELECT c.id FROM chat_members m JOIN chats c ON c.id = m.chat_id
      WHERE m.user_id = owner AND m.role = 'owner' AND c.deleted_at IS NULL
        AND has_heir(c.id)
      ORDER BY c.id LIMIT slice FOR NO KEY UPDATE OF c SKIP LOCKED LOOP
    PERFORM hand_on_chat(chat);
    handed_on := handed_on + 1;
  END LOOP;
  UPDATE users u SET hands_on_chats = remain
    FROM (SELECT EXISTS (
            SELECT FROM chat_members m JOIN chats c ON c.id = m.chat_id
            WHERE m.user_id = owner AND m.role = 'owner' AND c.deleted_at IS NULL
              AND has_heir(c.id)) AS remain) r
    WHERE u.id = owner AND u.hands_on_chats <> remain;
  RETURN handed_on;
END $$;

-- Makes the caller the owner, and a member, of a chat. REQUIRES: this transaction holds the chat's
-- lock; the caller runs the workspace.
CREATE OR REPLACE FUNCTION take_over_chat(
    in_chat bigint, caller bigint, fan_out_member_limit integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM chat_members m WHERE m.chat_id = in_chat AND m.user_id = caller) THEN
    PERFORM insert_members(in_chat, ARRAY[caller], fan_out_member_limit);
  END IF;
  PERFORM set_chat_owner(in_chat, caller);
END $$;

-- Whether an owner or admin of the workspace has taken over a chat whose owner is suspended. Waits
-- as lock_chat does.
CREATE OR REPLACE FUNCTION try_take_over_chat(
    in_workspace bigint, caller bigint, in_chat bigint, fan_out_member_limit integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT runs_workspace(in_workspace, caller) OR NOT is_ownerless(in_chat) THEN
    RETURN false;
  END IF;
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM chats c
    WHERE c.id = in_chat AND c.workspace_id = in_workspace AND c.deleted_at IS NULL
    FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT runs_workspace(in_workspace, caller) OR NOT is_ownerless(in_chat) THEN
    RETURN false;
  END IF;
  PERFORM take_over_chat(in_chat, caller, fan_out_member_limit);
  RETURN true;
END $$;

-- An owner or admin of the workspace takes over at most `slice` chats of a suspended user; chats
-- that are locked are left out. Outcomes: 'done', one row for each chat, or one without a chat;
-- 'forbidden'; 'not_found' (no such user); 'active' (the user is not suspended).
CREATE OR REPLACE FUNCTION take_over_chats(
    in_workspace bigint, caller bigint, owner bigint, fan_out_member_limit integer, slice integer)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  their user_status;
  verdict text;
  one bigint;
  taken bigint[] := '{}';
BEGIN
  SELECT u.status INTO their FROM users u
    WHERE u.id = owner AND u.workspace_id = in_workspace FOR SHARE;
  verdict := CASE WHEN NOT runs_workspace(in_workspace, caller) THEN 'forbidden'
                  WHEN their IS NULL THEN 'not_found'
                  WHEN their = 'active' THEN 'active'
                  ELSE 'done' END;
  IF verdict = 'done' THEN
    FOR one IN
      SELECT c.id FROM chat_members m JOIN chats c ON c.id = m.chat_id
        WHERE m.user_id = owner AND m.role = 'owner' AND c.deleted_at IS NULL
        ORDER BY c.id LIMIT slice FOR NO KEY UPDATE OF c SKIP LOCKED LOOP
      IF is_ownerless(one) THEN
        PERFORM take_over_chat(one, caller, fan_out_member_limit);
        taken := taken || one;
      END IF;
    END LOOP;
  END IF;
  RETURN QUERY
    SELECT verdict, c FROM (SELECT) r LEFT JOIN chat_rows c ON c.chat_id = ANY (taken)
    ORDER BY c.chat_id;
END $$;
