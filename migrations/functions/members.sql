-- Seats people who are not members yet, and tells: NewChat to them, UserJoinedChat to the chat. In a
-- chat of more than `tell_limit` the others only hear of the count, from tend_chats.
CREATE OR REPLACE FUNCTION seat_members(in_chat bigint, added bigint[], tell_limit integer) RETURNS void
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
CREATE OR REPLACE FUNCTION unseat_members(in_chat bigint, removed bigint[], tell_limit integer) RETURNS void
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

-- Also 'single'; 'unknown_members' (`offenders`: who is no active user of the workspace); 'full'. When
-- 'done', the rows are those who were no members before: one with no member when there are none.
CREATE OR REPLACE FUNCTION add_chat_members(in_workspace bigint, caller bigint, in_chat bigint, ids bigint[],
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
CREATE OR REPLACE FUNCTION remove_chat_members(in_workspace bigint, caller bigint, in_chat bigint,
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
CREATE OR REPLACE FUNCTION set_chat_role(in_workspace bigint, caller bigint, in_chat bigint, target bigint,
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
CREATE OR REPLACE FUNCTION join_chat(in_workspace bigint, caller bigint, in_chat bigint, tell_limit integer,
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
CREATE OR REPLACE FUNCTION leave_chat(in_workspace bigint, caller bigint, in_chat bigint, tell_limit integer)
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
