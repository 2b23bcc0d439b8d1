-- How workspaces are founded, and how people come into one.

-- What an open token invites to: an invitation whose inviter still has the right to invite, or the
-- founding token (all NULL) while there is no workspace. No row: unknown, expired, revoked, used.
CREATE OR REPLACE FUNCTION find_invitation(token bytea, may_found boolean)
RETURNS TABLE (workspace text, invited_by text, email text) LANGUAGE sql STABLE AS $$
  SELECT w.name, u.fullname, i.email
  FROM invitations i JOIN workspaces w ON w.id = i.workspace_id JOIN users u ON u.id = i.created_by
  WHERE i.token_hash = token AND i.revoked_at IS NULL AND i.accepted_at IS NULL
    AND i.expires_at > clock_timestamp() AND u.status = 'active' AND u.role <> 'member'
  UNION ALL
  SELECT NULL, NULL, NULL FROM founding_tokens f
  WHERE may_found AND f.hash = token AND f.expires_at > clock_timestamp()
    AND NOT EXISTS (SELECT FROM workspaces)
$$;

-- Locks an open invitation. Outcomes: 'invited', 'bad_invitation' (no such open one, or it is for
-- another workspace than the one that is named), 'other_address'.
CREATE OR REPLACE FUNCTION lock_invitation(
    token bytea, workspace_key text, mail_key text,
    OUT outcome text, OUT invitation bigint, OUT home bigint)
LANGUAGE plpgsql AS $$
DECLARE
  bound_to text;
BEGIN
  outcome := 'bad_invitation';
  -- The inviter first, as set_workspace_member locks them.
  PERFORM FROM users u
    WHERE u.id = (SELECT i.created_by FROM invitations i WHERE i.token_hash = token)
      AND u.status = 'active' AND u.role <> 'member'
    FOR SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT i.id, i.workspace_id, i.email_key INTO invitation, home, bound_to
    FROM invitations i JOIN workspaces w ON w.id = i.workspace_id
    WHERE i.token_hash = token AND i.revoked_at IS NULL AND i.accepted_at IS NULL
      AND i.expires_at > clock_timestamp() AND w.name_key = coalesce(workspace_key, w.name_key)
    FOR UPDATE OF i;
  IF FOUND THEN
    outcome := CASE WHEN bound_to <> mail_key THEN 'other_address' ELSE 'invited' END;
  END IF;
END $$;

-- Locks the founding token. False: `token` is another one, has expired, or there is a workspace.
CREATE OR REPLACE FUNCTION lock_founding_token(token bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM founding_tokens f
    WHERE f.hash = token AND f.expires_at > clock_timestamp() FOR UPDATE;
  RETURN FOUND AND NOT EXISTS (SELECT FROM workspaces);
END $$;

-- Stores the founding token. False: there is a workspace, or a token that has not expired.
CREATE OR REPLACE FUNCTION make_founding_token(token bytea, life bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM workspaces) THEN
    RETURN false;
  END IF;
  INSERT INTO founding_tokens (hash, expires_at)
    VALUES (token, clock_timestamp() + life * interval '1 second')
    ON CONFLICT (singleton) DO UPDATE SET hash = EXCLUDED.hash, expires_at = EXCLUDED.expires_at
      WHERE founding_tokens.expires_at <= clock_timestamp();
  RETURN FOUND;
END $$;

-- A new workspace without an owner; NULL: the name is taken.
CREATE OR REPLACE FUNCTION insert_workspace(named text, named_key text)
RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO workspaces (name, name_key) VALUES (named, named_key)
    ON CONFLICT (name_key) DO NOTHING RETURNING id
$$;

-- A new user: a member, or the owner of a workspace that has none. Raises unique_violation when the
-- address has an account.
CREATE OR REPLACE FUNCTION insert_user(
    home bigint, founds boolean, named text, mail text, hashed_password text, mail_key text,
    named_keys text[], mail_keys text[], named_key text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  person bigint;
BEGIN
  INSERT INTO users (workspace_id, fullname, fullname_key, email, email_key, name_keys, email_keys,
                     password_hash, role)
    VALUES (home, named, coalesce(named_key, gen_random_uuid()::text), mail, mail_key, named_keys,
            mail_keys, hashed_password,
            CASE WHEN founds THEN 'owner' ELSE 'member' END::workspace_role)
    RETURNING id INTO person;
  IF founds THEN
    UPDATE workspaces SET owner_id = person WHERE id = home;
    DELETE FROM founding_tokens;
  END IF;
  RETURN person;
END $$;

-- Makes a workspace and its owner, for the operator. Outcomes: 'created', 'workspace_taken',
-- 'email_taken'; nothing is stored unless 'created'. It and sign_up run with the owner's rights, as
-- all functions that write a password's hash, a role or a status: the application cannot by itself.
CREATE OR REPLACE FUNCTION create_owner(
    named text, mail text, hashed_password text, workspace text, mail_key text, workspace_key text,
    named_keys text[], mail_keys text[], named_key text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  home bigint;
BEGIN
  home := insert_workspace(workspace, workspace_key);
  IF home IS NULL THEN
    RETURN 'workspace_taken';
  END IF;
  PERFORM insert_user(home, true, named, mail, hashed_password, mail_key, named_keys, mail_keys,
                      named_key);
  RETURN 'created';
EXCEPTION WHEN unique_violation THEN
  RETURN 'email_taken';
END $$;

-- Makes a user and its first session, in the workspace of the invitation, in the one of that name,
-- or in a new one. `founding`: which sign-up makes a workspace: none ('closed'), that with the
-- founding token ('invitation'), any ('open'). `joins_by_name`: a workspace is joined by its name.
-- Outcomes: 'signed_up', 'invitation_required', 'bad_invitation', 'other_address' (the invitation
-- is bound to another one), 'workspace_required' (the founding token names none), 'email_taken';
-- nothing is stored unless 'signed_up'. The violation is caught here, so that PostgreSQL does not
-- log the address.
CREATE OR REPLACE FUNCTION sign_up(
    named text, mail text, hashed_password text, workspace text, founding text,
    joins_by_name boolean, token bytea, token_hash bytea, token_life bigint, session_life bigint,
    mail_key text, workspace_key text, named_keys text[], mail_keys text[],
    named_key text DEFAULT NULL)
RETURNS TABLE (outcome text, signed_in session_rows) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  verdict text := 'not_invited';
  founds boolean := founding = 'open' AND token IS NULL;
  ticket bigint;
  home bigint;
  person bigint;
BEGIN
  IF token IS NOT NULL THEN
    SELECT l.outcome, l.invitation, l.home INTO verdict, ticket, home
      FROM lock_invitation(token, workspace_key, mail_key) l;
  END IF;
  IF verdict = 'bad_invitation' AND founding <> 'closed' AND lock_founding_token(token) THEN
    founds := workspace_key IS NOT NULL;
    verdict := CASE WHEN founds THEN 'not_invited' ELSE 'workspace_required' END;
  END IF;
  IF verdict = 'not_invited' THEN
    IF founds THEN
      home := insert_workspace(workspace, workspace_key);
      founds := home IS NOT NULL;
    END IF;
    IF home IS NULL AND joins_by_name THEN
      SELECT w.id INTO home FROM workspaces w WHERE w.name_key = workspace_key;
    END IF;
    verdict := CASE WHEN home IS NULL THEN 'invitation_required' ELSE 'invited' END;
  END IF;
  IF verdict <> 'invited' THEN
    RETURN QUERY SELECT verdict, NULL::session_rows;
    RETURN;
  END IF;
  person := insert_user(home, founds, named, mail, hashed_password, mail_key, named_keys,
                        mail_keys, named_key);
  UPDATE invitations SET accepted_at = clock_timestamp(), accepted_by = person WHERE id = ticket;
  RETURN QUERY SELECT 'signed_up', s
    FROM open_session(person, token_hash, token_life, session_life) s;
EXCEPTION WHEN unique_violation THEN
  RETURN QUERY SELECT 'email_taken', NULL::session_rows;
END $$;
