-- The rest of the contract: changing chats, members, messages, profiles; tickets for streams.
-- Everything that writes a chat's events locks the chat first and looks in a later statement
-- (docs/adr/0002). A chat that stays locked for 2 s raises lock_not_available.

CREATE INDEX idx_chats_deleted ON chats (id) WHERE deleted_at IS NOT NULL;
CREATE INDEX idx_chats_public ON chats (workspace_id, id)
  WHERE type = 'public_channel' AND deleted_at IS NULL;
CREATE INDEX idx_sessions_expires ON sessions (expires_at);

-- Since when a chat too large to tell each join to all has a new count to tell (every 5 s at most).
ALTER TABLE chats ADD COLUMN count_changed_at timestamptz;
CREATE INDEX idx_chats_count_changed ON chats (count_changed_at)
  WHERE count_changed_at IS NOT NULL;

-- Single-use tickets that open a stream; the ticket itself is never stored. They live for seconds, so
-- a crash of PostgreSQL may forget them.
CREATE UNLOGGED TABLE event_tickets (
  hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  user_id bigint NOT NULL,
  workspace_id bigint NOT NULL,
  session_id bigint NOT NULL,
  token_expires_at timestamptz NOT NULL,  -- of the access token it was given for
  expires_at timestamptz NOT NULL,
  FOREIGN KEY (user_id, workspace_id) REFERENCES users (id, workspace_id)
);
CREATE INDEX idx_event_tickets_expires ON event_tickets (expires_at);

-- Somebody as events tell of them (the same fields as the API's User).
CREATE FUNCTION user_json(wanted bigint) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', u.id, 'workspace_id', u.workspace_id, 'fullname', u.fullname, 'email', u.email,
    'status', CASE u.status WHEN 'active' THEN 'Active' ELSE 'Suspended' END, 'role', u.role,
    'avatar_url', u.avatar_url, 'title', u.title, 'bio', u.bio,
    'created_at', rfc3339(u.created_at))
  FROM users u WHERE u.id = wanted
$$;

-- A message as MessageUpdated tells of it.
CREATE FUNCTION message_json(wanted bigint) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', m.id, 'chat_id', m.chat_id, 'sender_id', m.sender_id,
    'sender', json_build_object('id', u.id, 'fullname', u.fullname, 'avatar_url', u.avatar_url),
    'seq', m.seq, 'content', m.content, 'files', m.files, 'mentions', m.mentions,
    'reply_to', m.reply_to, 'idempotency_key', m.idempotency_key,
    'created_at', rfc3339(m.created_at), 'edited_at', rfc3339(m.edited_at),
    'deleted_at', rfc3339(m.deleted_at))
  FROM messages m JOIN users u ON u.id = m.sender_id WHERE m.id = wanted
$$;

-- A member as the repositories read one.
CREATE VIEW chat_member_rows AS
  SELECT m.chat_id, m.user_id, u.fullname, u.email, u.status, m.role,
         unix_micros(m.joined_at) AS joined_at
  FROM chat_members m JOIN users u ON u.id = m.user_id;

-- Locks a chat that the caller is in, then looks: the caller's role there. NULL, and nothing is known
-- of the chat, for who is no member of it, or suspended.
CREATE FUNCTION lock_chat(in_workspace bigint, caller bigint, in_chat bigint) RETURNS chat_role
LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM chats c
    WHERE c.id = in_chat AND c.workspace_id = in_workspace AND c.deleted_at IS NULL
      AND EXISTS (SELECT FROM chat_members m WHERE m.chat_id = c.id AND m.user_id = caller)
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT m.role INTO seat
    FROM chat_members m JOIN users u ON u.id = m.user_id JOIN chats c ON c.id = m.chat_id
    WHERE m.chat_id = in_chat AND m.user_id = caller AND u.status = 'active'
      AND c.deleted_at IS NULL;
  RETURN seat;
END $$;

-- REQUIRES for the following three: the chat is locked by this transaction.

CREATE FUNCTION tell_chat_updated(in_chat bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
    SELECT c.workspace_id, c.id, 'ChatUpdated', '"chat"', chat_json(c.id)
    FROM chats c WHERE c.id = in_chat
$$;

-- Seats people who are not members yet, and tells: NewChat to them, UserJoinedChat to the chat. In a
-- chat of more than `tell_limit` the others only hear of the count, from tend_chats.
CREATE FUNCTION seat_members(in_chat bigint, added bigint[], tell_limit integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  chat chats;
  first_of_slice integer;
  event bigint;
BEGIN
  UPDATE chats SET member_count = member_count + cardinality(added) WHERE id = in_chat
    RETURNING * INTO chat;
  -- What was said before they came is not unread.
  INSERT INTO chat_members (chat_id, user_id, workspace_id, last_read_seq)
    SELECT in_chat, m, chat.workspace_id, chat.last_seq FROM unnest(added) m ORDER BY m;
  FOR first_of_slice IN SELECT generate_series(1, cardinality(added), 1000) LOOP
    INSERT INTO outbox (workspace_id, chat_id, type, audience, members, data)
      VALUES (chat.workspace_id, in_chat, 'NewChat',
              json_build_object('users', added[first_of_slice:first_of_slice + 999]),
              json_build_object('added', added[first_of_slice:first_of_slice + 999]),
              chat_json(in_chat))
      RETURNING id INTO event;
  END LOOP;
  INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
    SELECT chat.workspace_id, in_chat, 'UserJoinedChat',
           CASE WHEN chat.member_count <= tell_limit THEN '"chat"'::json
                ELSE json_build_object('users', json_build_array(m.user_id)) END,
           json_build_object('user_id', m.user_id, 'fullname', u.fullname,
                             'joined_at', rfc3339(m.joined_at))
    FROM chat_members m JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = in_chat AND m.user_id = ANY (added) ORDER BY m.user_id;
  UPDATE chats SET member_event_id = event,
                   count_changed_at = CASE WHEN member_count > tell_limit
                     THEN coalesce(count_changed_at, clock_timestamp()) ELSE count_changed_at END
    WHERE id = in_chat;
END $$;

-- The reverse: UserLeftChat to the chat and, always, to who is gone.
CREATE FUNCTION unseat_members(in_chat bigint, removed bigint[], tell_limit integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  event bigint;
BEGIN
  WITH gone AS (
    DELETE FROM chat_members WHERE chat_id = in_chat AND user_id = ANY (removed) RETURNING *
  ), told AS (
    INSERT INTO outbox (workspace_id, chat_id, type, audience, members, data)
      SELECT g.workspace_id, in_chat, 'UserLeftChat',
             CASE WHEN c.member_count <= tell_limit THEN '"chat"'::json
                  ELSE json_build_object('users', json_build_array(g.user_id)) END,
             json_build_object('removed', json_build_array(g.user_id)),
             json_build_object('user_id', g.user_id, 'fullname', u.fullname,
                               'joined_at', rfc3339(g.joined_at))
      FROM gone g JOIN users u ON u.id = g.user_id JOIN chats c ON c.id = in_chat
      ORDER BY g.user_id
      RETURNING id
  )
  SELECT max(id) INTO event FROM told;
  UPDATE chats SET member_count = member_count - cardinality(removed), member_event_id = event,
                   count_changed_at = CASE WHEN member_count > tell_limit
                     THEN coalesce(count_changed_at, clock_timestamp()) ELSE count_changed_at END
    WHERE id = in_chat;
END $$;

-- The functions below say by `outcome` what became of it: 'done'; 'not_found' (no member of such a
-- chat); 'forbidden'; and what else each names. Only 'done' changes anything.

CREATE FUNCTION update_chat(in_workspace bigint, caller bigint, in_chat bigint, new_name text,
                            new_description text)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
BEGIN
  IF seat IS NULL OR seat = 'member' THEN
    RETURN QUERY SELECT CASE WHEN seat IS NULL THEN 'not_found' ELSE 'forbidden' END,
                        NULL::chat_rows;
    RETURN;
  END IF;
  UPDATE chats c SET name = coalesce(new_name, c.name),
                     description = coalesce(new_description, c.description),
                     updated_at = clock_timestamp()
    WHERE c.id = in_chat AND (c.name <> coalesce(new_name, c.name)
                              OR c.description <> coalesce(new_description, c.description));
  IF FOUND THEN
    PERFORM tell_chat_updated(in_chat);
  END IF;
  RETURN QUERY SELECT 'done', c FROM chat_rows c WHERE c.chat_id = in_chat;
END $$;

-- The chat is gone at once for everybody; its messages follow in slices (tend_chats).
CREATE FUNCTION delete_chat(in_workspace bigint, caller bigint, in_chat bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
  last_seen json := chat_json(in_chat);
  members bigint[];
BEGIN
  IF seat IS NULL OR seat <> 'owner' THEN
    RETURN CASE WHEN seat IS NULL THEN 'not_found' ELSE 'forbidden' END;
  END IF;
  members := ARRAY(SELECT user_id FROM chat_members WHERE chat_id = in_chat ORDER BY user_id);
  UPDATE chats SET deleted_at = clock_timestamp(), count_changed_at = NULL WHERE id = in_chat;
  DELETE FROM chat_members WHERE chat_id = in_chat;
  INSERT INTO outbox (workspace_id, chat_id, type, audience, members, data)
    SELECT in_workspace, in_chat, 'ChatDeleted', json_build_object('users', members[i:i + 999]),
           json_build_object('removed', members[i:i + 999]), last_seen
    FROM generate_series(1, cardinality(members), 1000) i;
  RETURN 'done';
END $$;

-- Also 'single'; 'unknown_members' (`offenders`: who is no active user of the workspace); 'full'. When
-- 'done', the rows are those who were no members before: one with no member when there are none.
CREATE FUNCTION add_chat_members(in_workspace bigint, caller bigint, in_chat bigint, ids bigint[],
                                 tell_limit integer, members_max integer)
RETURNS TABLE (outcome text, offenders bigint[], member chat_member_rows) LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
  chat chats;
  strangers bigint[];
  added bigint[];
  verdict text;
BEGIN
  SELECT * INTO chat FROM chats WHERE id = in_chat AND seat IS NOT NULL;
  strangers := ARRAY(SELECT DISTINCT m FROM unnest(ids) m
                     WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = m AND u.status = 'active'
                                       AND u.workspace_id = in_workspace) ORDER BY m);
  added := ARRAY(SELECT DISTINCT m FROM unnest(ids) m
                 WHERE NOT EXISTS (SELECT FROM chat_members o
                                   WHERE o.chat_id = in_chat AND o.user_id = m) ORDER BY m);
  verdict := CASE WHEN seat IS NULL THEN 'not_found'
                  WHEN seat = 'member' THEN 'forbidden'
                  WHEN chat.type = 'single' THEN 'single'
                  WHEN cardinality(strangers) > 0 THEN 'unknown_members'
                  WHEN chat.member_count + cardinality(added) > members_max THEN 'full'
                  ELSE 'done' END;
  IF verdict = 'done' AND cardinality(added) > 0 THEN
    PERFORM seat_members(in_chat, added, tell_limit);
  END IF;
  RETURN QUERY
    SELECT verdict, CASE WHEN verdict = 'unknown_members' THEN strangers END, v
    FROM (SELECT) one LEFT JOIN chat_member_rows v
      ON verdict = 'done' AND v.chat_id = in_chat AND v.user_id = ANY (added)
    ORDER BY v.user_id;
END $$;

-- Also 'single'; 'owner' (who cannot be removed); 'group_minimum'. Who is no member is passed over.
CREATE FUNCTION remove_chat_members(in_workspace bigint, caller bigint, in_chat bigint,
                                    ids bigint[], tell_limit integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
  chat chats;
  people bigint[];
  roles chat_role[];
BEGIN
  IF seat IS NULL OR seat = 'member' THEN
    RETURN CASE WHEN seat IS NULL THEN 'not_found' ELSE 'forbidden' END;
  END IF;
  SELECT * INTO chat FROM chats WHERE id = in_chat;
  SELECT coalesce(array_agg(m.user_id ORDER BY m.user_id), '{}'),
         array_agg(m.role) FILTER (WHERE m.user_id <> caller) INTO people, roles
    FROM chat_members m WHERE m.chat_id = in_chat AND m.user_id = ANY (ids);
  IF chat.type = 'single' THEN
    RETURN 'single';
  ELSIF 'owner' = ANY (roles) OR (seat = 'owner' AND caller = ANY (people)) THEN
    RETURN 'owner';
  ELSIF seat = 'admin' AND 'admin' = ANY (roles) THEN
    RETURN 'forbidden';
  ELSIF chat.type = 'group' AND cardinality(people) > 0
        AND chat.member_count - cardinality(people) < 3 THEN
    RETURN 'group_minimum';
  END IF;
  IF cardinality(people) > 0 THEN
    PERFORM unseat_members(in_chat, people, tell_limit);
  END IF;
  RETURN 'done';
END $$;

-- Without a role, or with 'owner', the ownership is handed over and the caller stays as an admin. Also
-- 'no_such_member'; 'owner' (who changes the own role hands over first); 'suspended'.
CREATE FUNCTION set_chat_role(in_workspace bigint, caller bigint, in_chat bigint, target bigint,
                              new_role chat_role)
RETURNS TABLE (outcome text, member chat_member_rows) LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
  wanted chat_role := coalesce(new_role, 'owner');
  was chat_role;
  standing user_status;
  verdict text;
BEGIN
  SELECT m.role, u.status INTO was, standing
    FROM chat_members m JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = in_chat AND m.user_id = target;
  verdict := CASE WHEN seat IS NULL THEN 'not_found'
                  WHEN seat <> 'owner' THEN 'forbidden'
                  WHEN was IS NULL THEN 'no_such_member'
                  WHEN was = 'owner' AND wanted <> 'owner' THEN 'owner'
                  WHEN wanted = 'owner' AND standing <> 'active' THEN 'suspended'
                  ELSE 'done' END;
  IF verdict = 'done' AND was <> wanted THEN
    IF wanted = 'owner' THEN
      UPDATE chat_members m SET role = 'admin' WHERE m.chat_id = in_chat AND m.user_id = caller;
    END IF;
    UPDATE chat_members m SET role = wanted WHERE m.chat_id = in_chat AND m.user_id = target;
    UPDATE chats SET updated_at = clock_timestamp() WHERE id = in_chat;
    PERFORM tell_chat_updated(in_chat);
  END IF;
  RETURN QUERY
    SELECT verdict, v FROM (SELECT) one LEFT JOIN chat_member_rows v
      ON verdict = 'done' AND v.chat_id = in_chat AND v.user_id = target;
END $$;

-- Only public channels; also 'not_public' (for a member of another kind of chat); 'full'.
CREATE FUNCTION join_chat(in_workspace bigint, caller bigint, in_chat bigint, tell_limit integer,
                          members_max integer)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  verdict text := 'done';
  members integer;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM chats c WHERE c.id = in_chat AND c.workspace_id = in_workspace
    AND c.type = 'public_channel' AND c.deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN QUERY SELECT CASE WHEN lock_chat(in_workspace, caller, in_chat) IS NULL
                        THEN 'not_found' ELSE 'not_public' END, NULL::chat_rows;
    RETURN;
  END IF;
  SELECT c.member_count INTO members FROM chats c JOIN users u ON u.id = caller
    WHERE c.id = in_chat AND u.workspace_id = in_workspace AND u.status = 'active'
      AND c.deleted_at IS NULL;
  IF members IS NULL THEN
    verdict := 'not_found';
  ELSIF NOT EXISTS (SELECT FROM chat_members m
                    WHERE m.chat_id = in_chat AND m.user_id = caller) THEN
    IF members >= members_max THEN
      verdict := 'full';
    ELSE
      PERFORM seat_members(in_chat, ARRAY[caller], tell_limit);
    END IF;
  END IF;
  RETURN QUERY SELECT verdict, CASE WHEN verdict = 'done' THEN c END
    FROM chat_rows c WHERE c.chat_id = in_chat;
END $$;

-- Also 'single'; 'owner' (who hands over first).
CREATE FUNCTION leave_chat(in_workspace bigint, caller bigint, in_chat bigint, tell_limit integer)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
BEGIN
  IF seat IS NULL THEN
    RETURN 'not_found';
  ELSIF EXISTS (SELECT FROM chats WHERE id = in_chat AND type = 'single') THEN
    RETURN 'single';
  ELSIF seat = 'owner' THEN
    RETURN 'owner';
  END IF;
  PERFORM unseat_members(in_chat, ARRAY[caller], tell_limit);
  RETURN 'done';
END $$;

-- Also 'no_such_message'; 'deleted'; 'empty' (neither text nor file would be left).
CREATE FUNCTION edit_message(in_workspace bigint, caller bigint, in_chat bigint, in_message bigint,
                             new_content text)
RETURNS TABLE (outcome text, message message_rows) LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
  old messages;
  verdict text;
BEGIN
  SELECT m.* INTO old FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND seat IS NOT NULL;
  verdict := CASE WHEN seat IS NULL THEN 'not_found'
                  WHEN old.id IS NULL THEN 'no_such_message'
                  WHEN old.sender_id <> caller THEN 'forbidden'
                  WHEN old.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN new_content = '' AND cardinality(old.files) = 0 THEN 'empty'
                  ELSE 'done' END;
  IF verdict <> 'done' THEN
    RETURN QUERY SELECT verdict, NULL::message_rows;
    RETURN;
  END IF;
  IF old.content <> new_content THEN
    UPDATE messages m SET content = new_content, edited_at = clock_timestamp()
      WHERE m.id = in_message;
    INSERT INTO outbox (workspace_id, chat_id, type, seq, audience, data)
      VALUES (in_workspace, in_chat, 'MessageUpdated', old.seq, '"chat"',
              message_json(in_message));
  END IF;
  RETURN QUERY SELECT verdict, v FROM message_rows v WHERE v.id = in_message;
END $$;

-- Leaves a tombstone. Also 'no_such_message'.
CREATE FUNCTION delete_message(in_workspace bigint, caller bigint, in_chat bigint,
                               in_message bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seat chat_role := lock_chat(in_workspace, caller, in_chat);
  old messages;
BEGIN
  SELECT m.* INTO old FROM messages m
    WHERE m.id = in_message AND m.chat_id = in_chat AND seat IS NOT NULL;
  IF seat IS NULL THEN
    RETURN 'not_found';
  ELSIF old.id IS NULL THEN
    RETURN 'no_such_message';
  ELSIF old.sender_id <> caller AND seat = 'member' THEN
    RETURN 'forbidden';
  ELSIF old.deleted_at IS NULL THEN
    UPDATE messages SET content = '', files = '{}', mentions = '{}',
                        deleted_at = clock_timestamp()
      WHERE id = in_message RETURNING * INTO old;
    INSERT INTO outbox (workspace_id, chat_id, type, seq, audience, data)
      VALUES (in_workspace, in_chat, 'MessageDeleted', old.seq, '"chat"',
              json_build_object('id', old.id, 'chat_id', in_chat, 'sender_id', old.sender_id,
                                'seq', old.seq, 'deleted_at', rfc3339(old.deleted_at)));
  END IF;
  RETURN 'done';
END $$;

-- Tells whoever shares a chat with them. REQUIRES: the user's row is locked by this transaction.
CREATE FUNCTION tell_user_updated(in_user bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (workspace_id, type, audience, data)
    SELECT u.workspace_id, 'UserUpdated',
           json_build_object('users', json_build_array(u.id), 'chats', ARRAY(
             SELECT m.chat_id FROM chat_members m WHERE m.user_id = u.id
             ORDER BY m.chat_id DESC LIMIT 1000)),
           user_json(u.id)
    FROM users u WHERE u.id = in_user
$$;

-- Changes the fields that `patch` has (a null there clears). No row for who is suspended.
CREATE FUNCTION update_profile(in_workspace bigint, in_user bigint, patch jsonb)
RETURNS SETOF users LANGUAGE plpgsql AS $$
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
    UPDATE users SET fullname = after.fullname, avatar_url = after.avatar_url,
                     title = after.title, bio = after.bio, updated_at = clock_timestamp()
      WHERE id = in_user;
    PERFORM tell_user_updated(in_user);
  END IF;
  RETURN NEXT after;
END $$;

-- Changes somebody's role or standing in the workspace; NULL leaves it. The owner does all of it, an
-- admin suspends members only; the role 'owner' hands the workspace over. Who is suspended loses all
-- sessions: `ended`. Outcomes: 'done', 'forbidden', 'not_found', 'oneself', 'suspended' (an owner).
CREATE FUNCTION set_workspace_member(in_workspace bigint, caller bigint, target bigint,
                                     new_role workspace_role, new_status user_status,
                                     OUT outcome text, OUT ended bigint[],
                                     OUT person users)
LANGUAGE plpgsql AS $$
DECLARE
  mine users;
  after_role workspace_role;
  after_status user_status;
BEGIN
  PERFORM FROM workspaces WHERE id = in_workspace FOR NO KEY UPDATE;
  SELECT * INTO mine FROM users
    WHERE id = caller AND workspace_id = in_workspace AND status = 'active';
  SELECT * INTO person FROM users
    WHERE id = target AND workspace_id = in_workspace FOR NO KEY UPDATE;
  after_role := coalesce(new_role, person.role);
  after_status := coalesce(new_status, person.status);
  outcome := CASE
    WHEN mine.id IS NULL OR mine.role = 'member' THEN 'forbidden'
    WHEN person.id IS NULL THEN 'not_found'
    WHEN caller = target THEN 'oneself'
    WHEN mine.role = 'admin' AND (person.role <> 'member' OR after_role <> person.role)
      THEN 'forbidden'
    WHEN after_role = 'owner' AND after_status = 'suspended' THEN 'suspended'
    ELSE 'done' END;
  IF outcome <> 'done' OR (after_role, after_status) = (person.role, person.status) THEN
    RETURN;
  END IF;
  IF after_role = 'owner' THEN
    UPDATE workspaces SET owner_id = target WHERE id = in_workspace;
    UPDATE users SET role = 'admin', updated_at = clock_timestamp() WHERE id = caller;
    PERFORM tell_user_updated(caller);
  END IF;
  UPDATE users SET role = after_role, status = after_status, updated_at = clock_timestamp()
    WHERE id = target RETURNING * INTO person;
  PERFORM tell_user_updated(target);
  IF after_status = 'suspended' THEN
    WITH gone AS (
      UPDATE sessions SET revoked_at = clock_timestamp()
        WHERE user_id = target AND revoked_at IS NULL RETURNING id)
    SELECT array_agg(id) INTO ended FROM gone;
    DELETE FROM event_tickets WHERE user_id = target;
  END IF;
END $$;

-- What is left to do behind the requests, in slices; several servers may call it at once. Tells the
-- new count of large chats, and removes what is deleted or over. True when there is more to do.
CREATE FUNCTION tend_chats(slice integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  chat bigint;
  removed integer;
BEGIN
  FOR chat IN SELECT id FROM chats
              WHERE count_changed_at < clock_timestamp() - interval '5 seconds'
                AND deleted_at IS NULL ORDER BY id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED LOOP
    PERFORM tell_chat_updated(chat);
    UPDATE chats SET count_changed_at = NULL WHERE id = chat;
  END LOOP;
  -- The newest first: a reply goes before what it answers.
  DELETE FROM messages WHERE id IN (
    SELECT m.id FROM messages m JOIN chats c ON c.id = m.chat_id WHERE c.deleted_at IS NOT NULL
    ORDER BY m.chat_id, m.seq DESC LIMIT slice FOR UPDATE OF m SKIP LOCKED);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed < slice THEN
    DELETE FROM chats WHERE id IN (
      SELECT c.id FROM chats c WHERE c.deleted_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM messages m WHERE m.chat_id = c.id)
      LIMIT slice FOR UPDATE SKIP LOCKED);
  END IF;
  DELETE FROM event_tickets WHERE hash IN (
    SELECT hash FROM event_tickets WHERE expires_at < clock_timestamp()
    LIMIT slice FOR UPDATE SKIP LOCKED);
  -- A day later no token of such a session can be good any more.
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < clock_timestamp() - interval '1 day'
    LIMIT slice FOR UPDATE SKIP LOCKED);
  RETURN removed = slice;
END $$;

-- The columns are added at the end, which is all that a view in use allows.
CREATE OR REPLACE VIEW session_rows AS
  SELECT s.id AS session_id, u.id AS user_id, u.workspace_id, u.fullname, u.email, u.status, u.role,
         u.avatar_url, unix_micros(u.created_at) AS user_created_at, w.name AS workspace_name,
         w.owner_id AS workspace_owner_id, unix_micros(w.created_at) AS workspace_created_at,
         u.title, u.bio
  FROM sessions s JOIN users u ON u.id = s.user_id JOIN workspaces w ON w.id = u.workspace_id;

-- Opens a session with its first refresh token; nothing for a suspended user. `verified_hash`: the
-- password hash that was compared; when it is another one by now, invalid_password (28P01) is raised.
-- The user's row is locked against a change of either in the meantime.
DROP FUNCTION open_session(bigint, bytea, bigint, bigint);
CREATE FUNCTION open_session(in_user bigint, token_hash bytea, token_life bigint,
                             session_life bigint, verified_hash text DEFAULT NULL)
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
