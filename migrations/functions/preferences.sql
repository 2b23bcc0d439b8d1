-- What users prefer, everywhere and in a chat; outcomes as in chats.sql. No function here locks a
-- chat. A change emits PreferencesUpdated for the user's own sessions.

CREATE OR REPLACE FUNCTION hides_read(of_user bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM user_preferences p WHERE p.user_id = of_user AND NOT p.show_read)
$$;

-- Locks users whose preferences a new membership copies, so that set_preferences waits for it, or
-- is seen by the next statement.
CREATE OR REPLACE FUNCTION lock_preferences(of_users bigint[]) RETURNS void LANGUAGE sql AS $$
  SELECT FROM users u WHERE u.id = ANY (of_users) ORDER BY u.id FOR SHARE
$$;

-- One row; without changes it has the defaults.
CREATE OR REPLACE FUNCTION preferences_of(in_workspace bigint, caller bigint)
RETURNS TABLE (notifications text, show_read boolean, custom_status text) LANGUAGE sql STABLE AS $$
  SELECT coalesce(p.notifications, 'all'), coalesce(p.show_read, true), p.custom_status
  FROM users u LEFT JOIN user_preferences p ON p.user_id = u.id
  WHERE u.id = caller AND u.workspace_id = in_workspace
$$;

-- NULL leaves a preference as it is; an empty status removes it. The memberships follow show_read,
-- also those that are made meanwhile: their makers lock the users (lock_preferences). What was read
-- while it was hidden is not shown afterwards: the time of it is forgotten.
CREATE OR REPLACE FUNCTION set_preferences(
    in_workspace bigint, caller bigint, new_notifications text, new_show_read boolean,
    new_status text)
RETURNS TABLE (changed boolean, notifications text, show_read boolean, custom_status text)
LANGUAGE plpgsql AS $$
DECLARE
  was user_preferences;
  mine user_preferences;
BEGIN
  PERFORM FROM users u WHERE u.id = caller AND u.workspace_id = in_workspace FOR NO KEY UPDATE;
  INSERT INTO user_preferences (user_id, workspace_id)
    SELECT u.id, u.workspace_id FROM users u
    WHERE u.id = caller AND u.workspace_id = in_workspace AND u.status = 'active'
    ON CONFLICT DO NOTHING;
  SELECT p.* INTO was FROM user_preferences p
    WHERE p.user_id = caller AND p.workspace_id = in_workspace FOR NO KEY UPDATE;
  UPDATE user_preferences p
    SET notifications = coalesce(new_notifications, p.notifications),
        show_read = coalesce(new_show_read, p.show_read),
        custom_status = nullif(coalesce(new_status, p.custom_status), '')
    WHERE p.user_id = was.user_id RETURNING p.* INTO mine;
  IF new_show_read IS NOT NULL AND mine.user_id IS NOT NULL THEN
    -- In the order of append_messages.
    PERFORM FROM chat_members m WHERE m.user_id = caller AND m.hides_read = new_show_read
      ORDER BY m.chat_id FOR NO KEY UPDATE;
    UPDATE chat_members m
      SET hides_read = NOT new_show_read, read_at = CASE WHEN NOT new_show_read THEN m.read_at END
      WHERE m.user_id = caller AND m.hides_read = new_show_read;
  END IF;
  IF mine IS DISTINCT FROM was THEN
    INSERT INTO outbox (workspace_id, type, audience, data)
      VALUES (in_workspace, 'PreferencesUpdated',
              json_build_object('users', json_build_array(caller)),
              json_build_object('notifications', mine.notifications, 'show_read', mine.show_read,
                                'custom_status', mine.custom_status));
  END IF;
  RETURN QUERY SELECT mine IS DISTINCT FROM was, p.* FROM preferences_of(in_workspace, caller) p;
END $$;

-- What a member prefers for a chat. No row for a non-member. A mute that has ended is none;
-- a hidden chat is shown again with the next message of its list.
CREATE OR REPLACE FUNCTION chat_preferences_of(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS TABLE (muted_until timestamptz, mute_mentions boolean, hidden boolean)
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN m.muted_until > now() THEN m.muted_until END, m.mute_mentions,
         coalesce(c.shown_seq <= m.hidden_through_seq, false)
  FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
  WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
$$;

-- NULL leaves a preference as it is; a `new_muted_until` that has passed ends the mute. No row for
-- a non-member.
CREATE OR REPLACE FUNCTION set_chat_preferences(
    in_workspace bigint, caller bigint, in_chat bigint, new_muted_until timestamptz,
    new_mute_mentions boolean, new_hidden boolean)
RETURNS TABLE (muted_until timestamptz, mute_mentions boolean, hidden boolean)
LANGUAGE plpgsql AS $$
DECLARE
  was record;
  mine record;
BEGIN
  PERFORM FROM chat_members m
    WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
    FOR NO KEY UPDATE;
  SELECT p.* INTO was FROM chat_preferences_of(in_workspace, caller, in_chat) p;
  UPDATE chat_members m
    SET muted_until = coalesce(new_muted_until, m.muted_until),
        mute_mentions = coalesce(new_mute_mentions, m.mute_mentions),
        hidden_through_seq = CASE WHEN new_hidden THEN c.shown_seq
                                  WHEN new_hidden IS NULL THEN m.hidden_through_seq END
    FROM chats c JOIN users u ON u.id = caller AND u.status = 'active'
    WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
      AND c.id = m.chat_id AND c.deleted_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT p.* INTO mine FROM chat_preferences_of(in_workspace, caller, in_chat) p;
  IF mine IS DISTINCT FROM was THEN
    INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
      VALUES (in_workspace, in_chat, 'PreferencesUpdated',
              json_build_object('users', json_build_array(caller)),
              json_build_object('muted_until', rfc3339(mine.muted_until),
                                'mute_mentions', mine.mute_mentions, 'hidden', mine.hidden));
  END IF;
  RETURN QUERY SELECT p.* FROM chat_preferences_of(in_workspace, caller, in_chat) p;
END $$;
