-- What the operator does by the commands of fechatter_server (docs/administration.md). These
-- functions run with the caller's rights, and the caller is the schema's owner: the application may
-- neither write a password's hash nor a role by itself, and may not call what begins with operator_
-- (functions/rights.sql).

-- Adds a row of the log, in the transaction of what it is about. Owners and admins of the workspace
-- can read it.
CREATE OR REPLACE FUNCTION add_audit(
    in_workspace bigint, by_actor text, of_action text, of_target text, request text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_log (workspace_id, actor, action, target, request_id)
    VALUES (in_workspace, left(by_actor, 100), of_action, of_target, request)
$$;

-- Likewise, of the installation.
CREATE OR REPLACE FUNCTION add_audit(by_actor text, of_action text, of_target text, request text)
RETURNS void LANGUAGE sql AS $$
  SELECT add_audit(NULL, by_actor, of_action, of_target, request)
$$;

-- The row of a workspace that is being founded: another statement of this transaction has made it.
CREATE OR REPLACE FUNCTION audit_founding(
    named text, named_key text, by_actor text, request text)
RETURNS void LANGUAGE sql AS $$
  SELECT add_audit((SELECT w.id FROM workspaces w WHERE w.name_key = named_key), by_actor,
                   'workspace.create', 'workspace ' || named, request)
$$;

-- A user of a workspace that there is. Outcomes: 'created', 'no_workspace', 'email_taken'.
CREATE OR REPLACE FUNCTION operator_create_user(
    workspace_key text, named text, mail text, hashed_password text, mail_key text,
    named_keys text[], mail_keys text[], named_key text, new_role workspace_role, actor text,
    request text, OUT outcome text, OUT person bigint)
LANGUAGE plpgsql AS $$
DECLARE
  home bigint := (SELECT w.id FROM workspaces w WHERE w.name_key = workspace_key);
BEGIN
  IF home IS NULL THEN
    outcome := 'no_workspace';
    RETURN;
  END IF;
  person := insert_user(home, false, named, mail, hashed_password, mail_key, named_keys, mail_keys,
                        named_key);
  UPDATE users SET role = new_role WHERE id = person AND new_role <> 'member';
  PERFORM add_audit(home, actor, 'user.create', 'user ' || person, request);
  outcome := 'created';
EXCEPTION WHEN unique_violation THEN
  outcome := 'email_taken';
END $$;

-- Ends sessions of a user: one of them, or all (NULL). Returns those that were open.
CREATE OR REPLACE FUNCTION operator_revoke_sessions(person bigint, only_session bigint)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  ended bigint[];
BEGIN
  WITH revoked AS (
    UPDATE sessions SET revoked_at = clock_timestamp()
      WHERE user_id = person AND id = coalesce(only_session, id) AND revoked_at IS NULL
      RETURNING id)
  SELECT array_agg(id ORDER BY id) INTO ended FROM revoked;
  DELETE FROM event_tickets WHERE user_id = person AND session_id = ANY (ended);
  RETURN coalesce(ended, '{}');
END $$;

-- Sets a password and ends all sessions of its user. NULL: the address has no account.
CREATE OR REPLACE FUNCTION operator_set_password(
    mail_key text, hashed_password text, actor text, request text,
    OUT person bigint, OUT ended bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  home bigint;
BEGIN
  UPDATE users SET password_hash = hashed_password, password_version = password_version + 1,
                   updated_at = clock_timestamp()
    WHERE email_key = mail_key RETURNING id, workspace_id INTO person, home;
  IF FOUND THEN
    ended := operator_revoke_sessions(person, NULL);
    PERFORM add_audit(home, actor, 'user.reset_password', 'user ' || person, request);
  END IF;
END $$;

-- Ends one session of a user, or all of them. `person` is NULL: the address has no account.
CREATE OR REPLACE FUNCTION operator_end_sessions(
    mail_key text, only_session bigint, actor text, request text,
    OUT person bigint, OUT ended bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  home bigint;
BEGIN
  SELECT u.id, u.workspace_id INTO person, home FROM users u WHERE u.email_key = mail_key;
  IF FOUND THEN
    ended := operator_revoke_sessions(person, only_session);
    PERFORM add_audit(home, actor, 'session.end',
                      coalesce('session ' || only_session, 'user ' || person), request);
  END IF;
END $$;

-- Changes the role or the status of a user as the workspace's owner could (set_workspace_member),
-- which is why nothing but 'owner' of another user takes the role from the owner. Outcomes: those
-- of set_workspace_member, 'is_owner' (its role and status cannot be changed) and 'no_user'.
CREATE OR REPLACE FUNCTION operator_set_member(
    mail_key text, new_role workspace_role, new_status user_status, of_action text, actor text,
    request text, OUT outcome text, OUT person bigint, OUT ended bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  home bigint;
  head bigint;
BEGIN
  SELECT u.id, w.id, w.owner_id INTO person, home, head
    FROM users u JOIN workspaces w ON w.id = u.workspace_id WHERE u.email_key = mail_key;
  IF person IS NULL THEN
    outcome := 'no_user';
    RETURN;
  END IF;
  SELECT s.outcome, s.ended INTO outcome, ended
    FROM set_workspace_member(home, head, person, new_role, new_status) s;
  IF outcome = 'oneself' THEN
    outcome := 'is_owner';
  ELSIF outcome = 'done' THEN
    PERFORM add_audit(home, actor, of_action, 'user ' || person, request);
  END IF;
END $$;
