-- Limits and blocks against adding people without end, or against their will.

-- The ids that are no active users of the workspace, in order; NULL when there are none.
CREATE OR REPLACE FUNCTION strangers_among(in_workspace bigint, ids bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
  SELECT array_agg(DISTINCT m ORDER BY m) FROM unnest(ids) m
    WHERE NOT EXISTS (SELECT FROM users u
                      WHERE u.id = m AND u.workspace_id = in_workspace AND u.status = 'active')
$$;

-- The users among `ids` that have blocked the caller, in order; NULL when there are none.
CREATE OR REPLACE FUNCTION blockers_among(caller bigint, ids bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
  SELECT array_agg(DISTINCT m ORDER BY m) FROM unnest(ids) m
    WHERE EXISTS (SELECT FROM blocks b WHERE b.user_id = m AND b.blocked_id = caller)
$$;

-- What the user has done today (UTC); the row is locked, so that a change that follows is counted
-- before the next one is judged.
CREATE OR REPLACE FUNCTION lock_daily_usage(in_workspace bigint, in_user bigint)
RETURNS daily_usage LANGUAGE sql AS $$
  INSERT INTO daily_usage AS d (user_id, workspace_id, day)
    VALUES (in_user, in_workspace, (clock_timestamp() AT TIME ZONE 'UTC')::date)
    ON CONFLICT (user_id) DO UPDATE
      -- A transaction that waited over midnight does not bring yesterday back.
      SET day = greatest(d.day, excluded.day),
          chats_made = CASE WHEN d.day >= excluded.day THEN d.chats_made ELSE 0 END,
          people_added = CASE WHEN d.day >= excluded.day THEN d.people_added ELSE 0 END
    RETURNING d.*
$$;

-- REQUIRES: this transaction holds the row's lock.
CREATE OR REPLACE FUNCTION count_daily_usage(in_user bigint, chats integer, people integer)
RETURNS void LANGUAGE sql AS $$
  UPDATE daily_usage SET chats_made = chats_made + chats, people_added = people_added + people
    WHERE user_id = in_user
$$;

-- Outcomes: 'done', also when the user is blocked already; 'not_found'; 'oneself'; 'full' (at
-- `most`).
CREATE OR REPLACE FUNCTION block_user(
    in_workspace bigint, caller bigint, target bigint, most integer)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM users u
    WHERE u.id = caller AND u.workspace_id = in_workspace AND u.status = 'active'
    FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT EXISTS (SELECT FROM users u
                              WHERE u.id = target AND u.workspace_id = in_workspace) THEN
    RETURN 'not_found';
  ELSIF caller = target THEN
    RETURN 'oneself';
  ELSIF EXISTS (SELECT FROM blocks b WHERE b.user_id = caller AND b.blocked_id = target) THEN
    RETURN 'done';
  ELSIF (SELECT count(*) FROM blocks b WHERE b.user_id = caller) >= most THEN
    RETURN 'full';
  END IF;
  INSERT INTO blocks (user_id, blocked_id, workspace_id) VALUES (caller, target, in_workspace);
  RETURN 'done';
END $$;

-- Outcomes: 'done', also when there was no block; 'not_found'.
CREATE OR REPLACE FUNCTION unblock_user(in_workspace bigint, caller bigint, target bigint)
RETURNS text LANGUAGE sql AS $$
  DELETE FROM blocks
    WHERE user_id = caller AND blocked_id = target AND workspace_id = in_workspace;
  SELECT CASE WHEN EXISTS (SELECT FROM users u
                           WHERE u.id = target AND u.workspace_id = in_workspace)
         THEN 'done' ELSE 'not_found' END
$$;
