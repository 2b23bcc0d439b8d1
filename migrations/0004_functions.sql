-- State changes that must lock first and look in the next statement (docs/adr/0002): a single statement
-- takes its snapshot before it waits for the lock, and so numbers messages twice and lets removed
-- members send. A VOLATILE PL/pgSQL function does both in one round trip.

-- As the contract writes times.
CREATE FUNCTION rfc3339(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- For int64 microseconds since 1970, as the repositories read times.
CREATE FUNCTION unix_micros(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

-- A message as the repositories read it.
CREATE VIEW message_rows AS
  SELECT m.id, m.workspace_id, m.chat_id, m.sender_id, u.fullname AS sender_fullname,
         u.avatar_url AS sender_avatar_url, m.seq, m.content, array_to_json(m.files)::text AS files,
         array_to_json(m.mentions)::text AS mentions, m.reply_to, m.idempotency_key,
         unix_micros(m.created_at) AS created_at, unix_micros(m.edited_at) AS edited_at,
         unix_micros(m.deleted_at) AS deleted_at
  FROM messages m JOIN users u ON u.id = m.sender_id;

-- A chat as the repositories read it. The names are prefixed: the list of chats joins messages to it.
CREATE VIEW chat_rows AS
  SELECT c.id AS chat_id, c.workspace_id AS chat_workspace_id, c.name AS chat_name,
         c.type AS chat_type, c.description AS chat_description, c.created_by AS chat_created_by,
         (SELECT o.user_id FROM chat_members o WHERE o.chat_id = c.id AND o.role = 'owner')
           AS chat_owner_id,
         c.member_count AS chat_member_count,
         array_to_json(ARRAY(SELECT o.user_id FROM chat_members o WHERE o.chat_id = c.id
                             ORDER BY o.user_id LIMIT 200))::text AS chat_members,
         c.last_seq AS chat_last_seq, unix_micros(c.created_at) AS chat_created_at,
         unix_micros(c.updated_at) AS chat_updated_at,
         c.last_activity_at AS chat_last_activity_at, c.single_low AS chat_single_low,
         c.single_high AS chat_single_high
  FROM chats c WHERE c.deleted_at IS NULL;

-- A chat as events tell of it (the same fields as the API's Chat).
CREATE FUNCTION chat_json(wanted bigint) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', c.id, 'workspace_id', c.workspace_id, 'name', c.name,
    'chat_type', CASE c.type WHEN 'single' THEN 'Single' WHEN 'group' THEN 'Group'
                 WHEN 'private_channel' THEN 'PrivateChannel' ELSE 'PublicChannel' END,
    'description', c.description, 'created_by', c.created_by,
    'owner_id', (SELECT user_id FROM chat_members WHERE chat_id = c.id AND role = 'owner'),
    'member_count', c.member_count,
    'chat_members', ARRAY(SELECT user_id FROM chat_members WHERE chat_id = c.id
                          ORDER BY user_id LIMIT 200),
    'last_seq', c.last_seq, 'created_at', rfc3339(c.created_at),
    'updated_at', rfc3339(c.updated_at))
  FROM chats c WHERE c.id = wanted
$$;

-- Makes a chat with its members and tells them. REQUIRES: the rules of the type hold, `member_ids`
-- holds the creator and no id twice. Outcomes: 'created'; 'exists' (the Single of that pair, unchanged);
-- 'unknown_members' (who is no active user of the workspace; nothing was made). A channel's name that is
-- taken raises unique_violation on idx_chats_channel_name.
CREATE FUNCTION create_chat(in_workspace bigint, creator bigint, of_type chat_type, named text,
                            described text, member_ids bigint[],
                            OUT outcome text, OUT made bigint, OUT offenders bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  low bigint := CASE WHEN of_type = 'single' THEN (SELECT min(m) FROM unnest(member_ids) m) END;
  high bigint := CASE WHEN of_type = 'single' THEN (SELECT max(m) FROM unnest(member_ids) m) END;
  first_of_slice integer;
  event bigint;
BEGIN
  SELECT array_agg(m ORDER BY m) INTO offenders FROM unnest(member_ids) m
    WHERE NOT EXISTS (SELECT FROM users u
                      WHERE u.id = m AND u.workspace_id = in_workspace AND u.status = 'active');
  IF offenders IS NOT NULL THEN
    outcome := 'unknown_members';
    RETURN;
  END IF;
  LOOP
    INSERT INTO chats (workspace_id, type, name, description, created_by, single_low, single_high,
                       member_count)
      VALUES (in_workspace, of_type, named, described, creator, low, high, cardinality(member_ids))
      ON CONFLICT (single_low, single_high) WHERE type = 'single' AND deleted_at IS NULL DO NOTHING
      RETURNING id INTO made;
    EXIT WHEN made IS NOT NULL;
    SELECT id INTO made FROM chats
      WHERE single_low = low AND single_high = high AND type = 'single' AND deleted_at IS NULL;
    IF made IS NOT NULL THEN
      outcome := 'exists';
      RETURN;
    END IF;  -- deleted between the two statements: try again
  END LOOP;
  INSERT INTO chat_members (chat_id, user_id, workspace_id, role)
    SELECT made, m, in_workspace, CASE WHEN m = creator THEN 'owner' ELSE 'member' END::chat_role
    FROM unnest(member_ids) m ORDER BY m;
  FOR first_of_slice IN SELECT generate_series(1, cardinality(member_ids), 1000) LOOP
    INSERT INTO outbox (workspace_id, chat_id, type, audience, members, data)
      VALUES (in_workspace, made, 'NewChat',
              json_build_object('users', member_ids[first_of_slice:first_of_slice + 999]),
              json_build_object('added', member_ids[first_of_slice:first_of_slice + 999]),
              chat_json(made))
      RETURNING id INTO event;
  END LOOP;
  UPDATE chats SET member_event_id = event WHERE id = made;
  outcome := 'created';
END $$;

CREATE TYPE append_request AS (
  ord integer,
  workspace_id bigint,
  chat_id bigint,
  sender_id bigint,
  content text,
  files text[],
  mentions bigint[],
  reply_to bigint,
  idempotency_key uuid,
  request_hash bytea
);
CREATE TYPE append_outcome AS (ord integer, outcome text, message_id bigint);

-- Appends a batch of messages, each with its own outcome: 'created', 'replayed' (same key, same
-- request), 'key_reused', 'not_a_member' (or no such chat), 'unknown_reply_to', 'mention_outside', 'busy'.
-- REQUIRES: no two requests of a batch share chat, sender and key. With `waits` it waits up to 2 s for a
-- chat's lock (then lock_not_available, for the whole batch); without, a chat that is locked is 'busy'.
CREATE FUNCTION append_messages(batch json, waits boolean)
RETURNS TABLE (ord integer, outcome text, message message_rows) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  requests append_request[] := ARRAY(SELECT json_populate_recordset(NULL::append_request, batch));
  wanted bigint[];
  locked bigint[];
  outcomes append_outcome[];
BEGIN
  SELECT coalesce(array_agg(DISTINCT r.chat_id), '{}') INTO wanted
    FROM unnest(requests) r
    JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.sender_id
                       AND m.workspace_id = r.workspace_id;
  -- First lock, in id order …
  IF waits THEN
    PERFORM set_config('lock_timeout', '2s', true);
    SELECT coalesce(array_agg(l.id), '{}') INTO locked FROM (
      SELECT c.id FROM chats c WHERE c.id = ANY (wanted) AND c.deleted_at IS NULL
      ORDER BY c.id FOR NO KEY UPDATE) l;
  ELSE
    SELECT coalesce(array_agg(l.id), '{}') INTO locked FROM (
      SELECT c.id FROM chats c WHERE c.id = ANY (wanted) AND c.deleted_at IS NULL
      ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED) l;
  END IF;
  -- … then look, with a fresh snapshot, and only at what was locked.
  WITH judged AS (
    SELECT r.*, old.id AS old_id, u.fullname, u.avatar_url,
      CASE
        WHEN r.chat_id <> ALL (locked) THEN
          CASE WHEN NOT waits AND r.chat_id = ANY (wanted) THEN 'busy' ELSE 'not_a_member' END
        WHEN m.user_id IS NULL OR u.status <> 'active' THEN 'not_a_member'
        WHEN old.id IS NOT NULL THEN
          CASE WHEN old.request_hash = r.request_hash THEN 'replayed' ELSE 'key_reused' END
        WHEN r.reply_to IS NOT NULL AND NOT EXISTS (
          SELECT FROM messages t WHERE t.id = r.reply_to AND t.chat_id = r.chat_id)
          THEN 'unknown_reply_to'
        WHEN cardinality(r.mentions) > 0 AND EXISTS (
          SELECT FROM unnest(r.mentions) x WHERE NOT EXISTS (
            SELECT FROM chat_members o WHERE o.chat_id = r.chat_id AND o.user_id = x))
          THEN 'mention_outside'
        ELSE 'created'
      END AS verdict
    FROM unnest(requests) r
    LEFT JOIN chat_members m ON m.chat_id = r.chat_id AND m.user_id = r.sender_id
                            AND m.workspace_id = r.workspace_id AND r.chat_id = ANY (locked)
    LEFT JOIN users u ON u.id = r.sender_id
    LEFT JOIN messages old ON old.chat_id = r.chat_id AND old.sender_id = r.sender_id
                          AND old.idempotency_key = r.idempotency_key
                          AND r.chat_id = ANY (locked)
  ), numbered AS (
    SELECT j.*, c.type AS chat_type,
           c.last_seq + row_number() OVER (PARTITION BY j.chat_id ORDER BY j.ord) AS seq
    FROM judged j JOIN chats c ON c.id = j.chat_id WHERE j.verdict = 'created'
  ), inserted AS (
    INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, files, mentions, reply_to,
                          idempotency_key, request_hash)
      SELECT n.workspace_id, n.chat_id, n.sender_id, n.seq, n.content, n.files, n.mentions,
             n.reply_to, n.idempotency_key, n.request_hash
      FROM numbered n ORDER BY n.ord
      RETURNING *
  ), counted AS (
    UPDATE chats c SET last_seq = n.last_seq, last_activity_at = clock_timestamp()
      FROM (SELECT chat_id, max(seq) AS last_seq FROM numbered GROUP BY chat_id) n
      WHERE c.id = n.chat_id
  ), read AS (
    -- Who sends has read what came before.
    UPDATE chat_members m SET last_read_seq = n.last_seq
      FROM (SELECT chat_id, sender_id, max(seq) AS last_seq FROM numbered
            GROUP BY chat_id, sender_id) n
      WHERE m.chat_id = n.chat_id AND m.user_id = n.sender_id
  ), told AS (
    INSERT INTO outbox (workspace_id, chat_id, type, seq, audience, data)
      SELECT i.workspace_id, i.chat_id, 'NewMessage', i.seq, '"chat"', json_build_object(
          'type', 'new_message', 'id', i.id, 'chat_id', i.chat_id, 'sender_id', i.sender_id,
          'sender', json_build_object('id', i.sender_id, 'fullname', n.fullname,
                                      'avatar_url', n.avatar_url),
          'seq', i.seq, 'content', i.content, 'files', i.files, 'mentions', i.mentions,
          'reply_to', i.reply_to, 'idempotency_key', i.idempotency_key,
          'created_at', rfc3339(i.created_at), 'edited_at', NULL, 'deleted_at', NULL,
          'chat_type', CASE n.chat_type WHEN 'single' THEN 'Single' WHEN 'group' THEN 'Group'
                       WHEN 'private_channel' THEN 'PrivateChannel' ELSE 'PublicChannel' END,
          'sender_name', n.fullname)
      FROM inserted i JOIN numbered n ON n.chat_id = i.chat_id AND n.seq = i.seq
      ORDER BY i.id
  )
  SELECT array_agg(ROW(j.ord, j.verdict, coalesce(i.id, j.old_id))::append_outcome) INTO outcomes
    FROM judged j
    LEFT JOIN numbered n ON n.ord = j.ord
    LEFT JOIN inserted i ON i.chat_id = n.chat_id AND i.seq = n.seq;
  RETURN QUERY
    SELECT o.ord, o.outcome, v FROM unnest(outcomes) o
    LEFT JOIN message_rows v ON v.id = o.message_id AND o.outcome IN ('created', 'replayed');
END $$;

-- Writes down where the relay put its events, if `mine` is still the lease's token; false otherwise, and
-- nothing is written. Without waiting for the disk: what is lost in a crash is found in the stream again.
CREATE FUNCTION relay_mark(mine bigint, in_epoch bigint, ids bigint[], created bigint[],
                           stream_seqs bigint[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM FROM relay_state WHERE token = mine AND epoch = in_epoch FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE outbox o SET epoch = in_epoch, stream_seq = p.stream_seq, published_at = clock_timestamp()
    FROM unnest(ids, created, stream_seqs) AS p (id, created, stream_seq)
    WHERE o.id = p.id
      AND o.created_at = 'epoch'::timestamptz + p.created * interval '1 microsecond';
  UPDATE relay_state SET last_stream_seq = stream_seqs[cardinality(stream_seqs)],
                         last_event_id = ids[cardinality(ids)]
    WHERE cardinality(ids) > 0;
  RETURN true;
END $$;

-- A session with what it takes to make its tokens.
CREATE VIEW session_rows AS
  SELECT s.id AS session_id, u.id AS user_id, u.workspace_id, u.fullname, u.email, u.status, u.role,
         u.avatar_url, unix_micros(u.created_at) AS user_created_at, w.name AS workspace_name,
         w.owner_id AS workspace_owner_id, unix_micros(w.created_at) AS workspace_created_at
  FROM sessions s JOIN users u ON u.id = s.user_id JOIN workspaces w ON w.id = u.workspace_id;

-- Opens a session with its first refresh token; nothing for a suspended user.
CREATE FUNCTION open_session(in_user bigint, token_hash bytea, token_life bigint, session_life bigint)
RETURNS SETOF session_rows LANGUAGE plpgsql AS $$
DECLARE
  session bigint;
BEGIN
  INSERT INTO sessions (user_id, workspace_id, expires_at)
    SELECT u.id, u.workspace_id, clock_timestamp() + session_life * interval '1 second'
    FROM users u WHERE u.id = in_user AND u.status = 'active'
    RETURNING id INTO session;
  IF session IS NOT NULL THEN
    INSERT INTO refresh_tokens (hash, session_id, expires_at)
      VALUES (token_hash, session, clock_timestamp() + token_life * interval '1 second');
  END IF;
  RETURN QUERY SELECT v.* FROM session_rows v WHERE v.session_id = session;
END $$;

-- Makes a user and a first session, and the workspace if there is none of that name. Outcomes: 'signed_up',
-- 'invitation_required', 'bad_invitation'. An e-mail that is taken raises unique_violation on
-- idx_users_email, and nothing is made.
CREATE FUNCTION sign_up(named text, mail text, hashed_password text, workspace text, is_open boolean,
                        invitation bytea, token_hash bytea, token_life bigint, session_life bigint)
RETURNS TABLE (outcome text, signed_in session_rows) LANGUAGE plpgsql AS $$
DECLARE
  home bigint;
  made boolean := false;
  ticket bigint;
  person bigint;
BEGIN
  IF invitation IS NOT NULL THEN
    SELECT i.id, i.workspace_id INTO ticket, home
      FROM invitations i JOIN workspaces w ON w.id = i.workspace_id
      WHERE i.token_hash = invitation AND i.revoked_at IS NULL AND i.accepted_at IS NULL
        AND i.expires_at > clock_timestamp() AND lower(w.name) = lower(workspace)
      FOR UPDATE OF i;
    IF ticket IS NULL THEN
      RETURN QUERY SELECT 'bad_invitation', NULL::session_rows;
      RETURN;
    END IF;
  ELSE
    INSERT INTO workspaces (name) VALUES (workspace)
      ON CONFLICT (lower(name)) DO NOTHING RETURNING id INTO home;
    made := home IS NOT NULL;
    IF NOT made AND NOT is_open THEN
      RETURN QUERY SELECT 'invitation_required', NULL::session_rows;
      RETURN;
    END IF;
    IF NOT made THEN
      SELECT w.id INTO home FROM workspaces w WHERE lower(w.name) = lower(workspace);
    END IF;
  END IF;
  INSERT INTO users (workspace_id, fullname, email, password_hash, role)
    VALUES (home, named, mail, hashed_password,
            CASE WHEN made THEN 'owner' ELSE 'member' END::workspace_role)
    RETURNING id INTO person;
  IF made THEN
    UPDATE workspaces SET owner_id = person WHERE id = home;
  END IF;
  UPDATE invitations SET accepted_at = clock_timestamp(), accepted_by = person WHERE id = ticket;
  RETURN QUERY SELECT 'signed_up', s
    FROM open_session(person, token_hash, token_life, session_life) s;
END $$;

-- Uses up a refresh token for its successor. Outcomes: 'rotated'; 'same_successor' (used within the last
-- 10 s: `sealed` is what was stored then); 'refused' (unknown, expired, session over, user suspended, or
-- used before: that ends the session).
CREATE FUNCTION rotate_refresh_token(token_hash bytea, successor_hash bytea, successor_sealed bytea,
                                     token_life bigint)
RETURNS TABLE (outcome text, sealed bytea, expires_at bigint, signed_in session_rows)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  family bigint;
  token refresh_tokens;
  ends timestamptz;
  verdict text := 'refused';
BEGIN
  SELECT t.session_id INTO family FROM refresh_tokens t WHERE t.hash = token_hash;
  PERFORM FROM sessions s WHERE s.id = family FOR UPDATE;
  SELECT t.* INTO token
    FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
    WHERE t.hash = token_hash AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
      AND t.expires_at > clock_timestamp() AND u.status = 'active';
  IF NOT FOUND THEN
    RETURN QUERY SELECT verdict, NULL::bytea, NULL::bigint, NULL::session_rows;
    RETURN;
  END IF;
  SELECT least(coalesce(token.used_at, clock_timestamp()) + token_life * interval '1 second',
               s.expires_at) INTO ends FROM sessions s WHERE s.id = family;
  IF token.used_at IS NULL THEN
    UPDATE refresh_tokens SET used_at = clock_timestamp(), sealed_successor = successor_sealed
      WHERE hash = token_hash;
    INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (successor_hash, family, ends);
    verdict := 'rotated';
  ELSIF token.used_at > clock_timestamp() - interval '10 seconds' THEN
    verdict := 'same_successor';
  ELSE
    UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = family;
  END IF;
  RETURN QUERY SELECT verdict, token.sealed_successor, unix_micros(ends), v
    FROM session_rows v WHERE v.session_id = family;
END $$;

-- Begins a new epoch after a loss: what was published within `republish` is published again, oldest first.
-- False, and nothing is done, when `mine` is not the lease's token any more.
CREATE FUNCTION relay_raise_epoch(mine bigint, next_epoch bigint, first_seq bigint,
                                  stream_created text, republish interval)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM relay_state WHERE token = mine FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE outbox SET epoch = NULL, stream_seq = NULL, published_at = NULL
    WHERE stream_seq IS NOT NULL AND created_at > clock_timestamp() - republish;
  UPDATE relay_state SET epoch = next_epoch, epoch_first_seq = first_seq,
                         last_stream_seq = first_seq - 1, last_event_id = 0,
                         stream_created_at = stream_created;
  RETURN true;
END $$;
