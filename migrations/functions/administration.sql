-- What owners and admins of a workspace do with the sessions of its users (docs/administration.md).

-- Whether the caller may rule the sessions of a user: the owner those of all, an admin its own and
-- those of members. Outcomes: 'done', 'forbidden', 'not_found' (no such user).
CREATE OR REPLACE FUNCTION may_rule_sessions(in_workspace bigint, caller bigint, target bigint)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
      WHEN mine.id IS NULL OR mine.role = 'member' THEN 'forbidden'
      WHEN their.id IS NULL THEN 'not_found'
      WHEN mine.role = 'admin' AND their.role <> 'member' AND their.id <> mine.id THEN 'forbidden'
      ELSE 'done' END
  FROM (SELECT) one
  LEFT JOIN users mine
    ON mine.id = caller AND mine.workspace_id = in_workspace AND mine.status = 'active'
  LEFT JOIN users their ON their.id = target AND their.workspace_id = in_workspace
$$;

-- Ends one open session of a user, or all of them (NULL); what was ended has a row of the log.
-- Outcomes: those of may_rule_sessions, and 'not_found' when that one is not open.
CREATE OR REPLACE FUNCTION end_user_sessions(
    in_workspace bigint, caller bigint, target bigint, only_session bigint, request text,
    OUT outcome text, OUT ended bigint[])
LANGUAGE plpgsql AS $$
BEGIN
  -- As set_workspace_member locks it: a role that is taken from the caller meanwhile counts.
  PERFORM FROM workspaces WHERE id = in_workspace FOR SHARE;
  outcome := may_rule_sessions(in_workspace, caller, target);
  IF outcome <> 'done' THEN
    RETURN;
  END IF;
  WITH revoked AS (
    UPDATE sessions SET revoked_at = clock_timestamp()
      WHERE user_id = target AND workspace_id = in_workspace AND id = coalesce(only_session, id)
        AND revoked_at IS NULL AND expires_at > clock_timestamp()
      RETURNING id)
  SELECT array_agg(id ORDER BY id) INTO ended FROM revoked;
  IF ended IS NOT NULL THEN
    DELETE FROM event_tickets WHERE session_id = ANY (ended);
    PERFORM add_audit(in_workspace, 'user ' || caller, 'session.end',
                      coalesce('session ' || only_session, 'user ' || target), request);
  ELSIF only_session IS NOT NULL THEN
    outcome := 'not_found';
  END IF;
END $$;
