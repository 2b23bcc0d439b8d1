-- Users, sessions, workspaces.

-- A user in events, with the fields of the API's User.
CREATE OR REPLACE FUNCTION user_json(person user_rows) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', person.id, 'workspace_id', person.workspace_id, 'fullname', person.fullname,
    'email', person.email,
    'status', CASE person.status WHEN 'active' THEN 'Active' ELSE 'Suspended' END,
    'role', person.role, 'avatar_url', person.avatar_url, 'title', person.title,
    'bio', person.bio, 'created_at', rfc3339(from_unix_micros(person.created_at)))
$$;

-- Emits one UserUpdated to the user and to the members of its newest 1,000 chats. REQUIRES: this
-- transaction holds the lock of the user's row.
CREATE OR REPLACE FUNCTION emit_user_updated(in_user bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (workspace_id, type, audience, data)
    SELECT u.workspace_id, 'UserUpdated',
           json_build_object('users', json_build_array(u.id), 'chats', ARRAY(
            SELECT m.chat_id FROM chat_members m JOIN chats c ON c.id = m.chat_id
             WHERE m.user_id = u.id AND c.deleted_at IS NULL ORDER BY m.chat_id DESC
             LIMIT 1000)),
           user_json(u)
    FROM user_rows u WHERE u.id = in_user
$$;

-- Opens a session with its first refresh token; no row for a suspended user. `verified_hash` is the
-- password hash that was compared: if it has changed since, invalid_password (28P01) is raised. The
-- lock on the user's row excludes a concurrent change of either.
CREATE OR REPLACE FUNCTION open_session(
    in_user bigint, token_hash bytea, token_life bigint, session_life bigint,
    verified_hash text DEFAULT NULL)
RETURNS SETOF session_rows LANGUAGE plpgsql AS $$
DECLARE
  person users;
  session bigint;
BEGIN
  SELECT u.* INTO person FROM users u WHERE u.id = in_user FOR SHARE;
  IF person.password_hash <> verified_hash THEN
    RAISE invalid_password;
  ELSIF person.status = 'active' THEN
    INSERT INTO sessions (user_id, workspace_id, expires_at)
      VALUES (person.id, person.workspace_id,
              clock_timestamp() + session_life * interval '1 second')
      RETURNING id INTO session;
    INSERT INTO refresh_tokens (hash, session_id, expires_at)
      VALUES (token_hash, session, clock_timestamp() + token_life * interval '1 second');
  END IF;
  RETURN QUERY SELECT v.* FROM session_rows v WHERE v.session_id = session;
END $$;

-- Changes the fields that `patch` has (null clears one). No row for a suspended user.
CREATE OR REPLACE FUNCTION update_profile(in_workspace bigint, in_user bigint, patch jsonb)
RETURNS SETOF user_rows LANGUAGE plpgsql AS $$
DECLARE
  before users;
  after users;
BEGIN
  SELECT * INTO before FROM users
    WHERE id = in_user AND workspace_id = in_workspace AND status = 'active' FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  after := jsonb_populate_record(before, patch);
  IF (before.fullname, before.avatar_url, before.title, before.bio)
     IS DISTINCT FROM (after.fullname, after.avatar_url, after.title, after.bio) THEN
    UPDATE users SET fullname = after.fullname, name_keys = after.name_keys,
                     fullname_key = after.fullname_key, avatar_url = after.avatar_url,
                     title = after.title, bio = after.bio, updated_at = clock_timestamp()
      WHERE id = in_user;
    PERFORM emit_user_updated(in_user);
  END IF;
  RETURN QUERY SELECT * FROM user_rows v WHERE v.id = in_user;
END $$;

-- Changes a password, if its hash is still `before_hash`, and ends the user's other sessions
-- (`ended`). `version`: of the new password; NULL when the hash is another one.
CREATE OR REPLACE FUNCTION change_password(
    in_user bigint, before_hash text, after_hash text, kept_session bigint,
    OUT version bigint, OUT ended bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE users SET password_hash = after_hash, password_version = password_version + 1,
                   updated_at = clock_timestamp()
    WHERE id = in_user AND password_hash = before_hash RETURNING password_version INTO version;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  WITH revoked AS (
    UPDATE sessions SET revoked_at = clock_timestamp()
      WHERE user_id = in_user AND id <> kept_session AND revoked_at IS NULL RETURNING id)
  SELECT array_agg(id) INTO ended FROM revoked;
END $$;

-- Replaces the hash of a password that stays the same. Returns the hash that is stored then:
-- another one than `after_hash` when it was not `before_hash` any more; NULL when the password has
-- changed.
CREATE OR REPLACE FUNCTION renew_password_hash(
    in_user bigint, of_version bigint, before_hash text, after_hash text)
RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE users SET password_hash = CASE password_hash WHEN before_hash THEN after_hash
                                                      ELSE password_hash END
    WHERE id = in_user AND password_version = of_version RETURNING password_hash
$$;

-- Changes the role or the status of a workspace member; NULL leaves either as it is. An owner may
-- change everything, an admin may suspend members only; the role 'owner' hands the workspace over.
-- A suspended user loses all sessions (`ended`) and tickets, and hands on the chats it owns: the
-- first 100 at once, the others by the chore. A user without the right to invite any more loses the
-- open invitations. Outcomes: 'done', 'forbidden', 'not_found',
-- 'oneself', 'suspended' (an owner cannot be).
CREATE OR REPLACE FUNCTION set_workspace_member(
    in_workspace bigint, caller bigint, target bigint, new_role workspace_role,
    new_status user_status, OUT outcome text, OUT ended bigint[], OUT person user_rows)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine users;
  before users;
  after_role workspace_role;
  after_status user_status;
BEGIN
  PERFORM FROM workspaces WHERE id = in_workspace FOR NO KEY UPDATE;
  SELECT * INTO mine FROM users
    WHERE id = caller AND workspace_id = in_workspace AND status = 'active';
  SELECT * INTO before FROM users
    WHERE id = target AND workspace_id = in_workspace FOR NO KEY UPDATE;
  after_role := coalesce(new_role, before.role);
  after_status := coalesce(new_status, before.status);
  outcome := CASE
    WHEN mine.id IS NULL OR mine.role = 'member' THEN 'forbidden'
    WHEN before.id IS NULL THEN 'not_found'
    WHEN caller = target THEN 'oneself'
    WHEN mine.role = 'admin' AND (before.role <> 'member' OR after_role <> before.role)
      THEN 'forbidden'
    WHEN after_role = 'owner' AND after_status = 'suspended' THEN 'suspended'
    ELSE 'done' END;
  IF outcome <> 'done' THEN
    RETURN;
  END IF;
  IF (after_role, after_status) = (before.role, before.status) THEN
    SELECT * INTO person FROM user_rows WHERE id = target;
    RETURN;
  END IF;
  IF after_role = 'owner' THEN
    UPDATE workspaces SET owner_id = target WHERE id = in_workspace;
    UPDATE users SET role = 'admin', updated_at = clock_timestamp() WHERE id = caller;
    PERFORM emit_user_updated(caller);
  END IF;
  UPDATE users SET role = after_role, status = after_status, hands_on_chats = false,
                   updated_at = clock_timestamp()
    WHERE id = target;
  PERFORM emit_user_updated(target);
  SELECT * INTO person FROM user_rows WHERE id = target;
  IF after_status = 'suspended' OR after_role = 'member' THEN
    UPDATE invitations SET revoked_at = clock_timestamp()
      WHERE created_by = target AND revoked_at IS NULL AND accepted_at IS NULL;
  END IF;
  IF after_status = 'suspended' THEN
    PERFORM hand_on_chats(target, 100);
    WITH revoked AS (
     UPDATE sessions SET revoked_at = clock_timestamp()
        WHERE user_id = target AND revoked_at IS NULL RETURNING id)
    SELECT array_agg(id) INTO ended FROM revoked;
    DELETE FROM event_tickets WHERE user_id = target;
  END IF;
END $$;
