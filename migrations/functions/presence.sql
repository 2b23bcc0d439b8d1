-- Presence and typing.

-- Stores when users were last seen and, where `in_away` is not NULL, what they said about being
-- away; times in microseconds since 1970. A later word wins. Returns the users whose row was
-- written less than a minute ago: to be tried again. Without a word it is a minute and a half, so
-- that a user that is seen all the time can still say something. Users that do not exist are
-- left out. With the owner's rights, so that notify_server can store nothing else.
CREATE OR REPLACE FUNCTION store_presence(
    in_users bigint[], in_seen bigint[], in_away boolean[], in_said bigint[])
RETURNS SETOF bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH given AS (
    SELECT u.id, u.workspace_id, coalesce(g.away, false) AS away,
           least(from_unix_micros(g.seen), clock_timestamp()) AS last_seen,
           CASE WHEN g.away IS NULL THEN '-infinity' ELSE from_unix_micros(g.said) END AS said_at
    FROM unnest(in_users, in_seen, in_away, in_said) AS g (user_id, seen, away, said)
    JOIN users u ON u.id = g.user_id
  ), stored AS (
    -- In the order of ids, so that two instances do not wait for each other.
    INSERT INTO user_presence AS p (user_id, workspace_id, last_seen, away, said_at, stored_at)
      SELECT g.id, g.workspace_id, g.last_seen, g.away, g.said_at, clock_timestamp()
      FROM given g ORDER BY g.id
    ON CONFLICT (user_id) DO UPDATE
      SET last_seen = greatest(p.last_seen, excluded.last_seen),
          away = CASE WHEN excluded.said_at > p.said_at THEN excluded.away ELSE p.away END,
          said_at = greatest(p.said_at, excluded.said_at), stored_at = excluded.stored_at
      WHERE p.stored_at <= excluded.stored_at
                           - CASE WHEN excluded.said_at = '-infinity' THEN interval '90 seconds'
                                  ELSE interval '1 minute' END
    RETURNING p.user_id
  )
  SELECT g.id FROM given g WHERE g.id NOT IN (SELECT s.user_id FROM stored s)
$$;

-- A member that types in a chat. Outcomes: 'done', 'not_found', those of write_refusal.
CREATE OR REPLACE FUNCTION find_typist(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS TABLE (outcome text, fullname text, member_count integer) LANGUAGE sql STABLE AS $$
  SELECT coalesce(t.outcome, 'not_found'), t.fullname, t.member_count
  FROM (SELECT) one LEFT JOIN (
    SELECT coalesce(write_refusal(c.archived_at, c.who_may_write, m.role), 'done') AS outcome,
           u.fullname, c.member_count
    FROM chat_members m
    JOIN chats c ON c.id = m.chat_id AND c.deleted_at IS NULL
    JOIN users u ON u.id = m.user_id AND u.status = 'active'
    WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace) t ON true
$$;
