-- Members of chats; outcomes as in chats.sql.

-- Adds users who are not members yet and emits NewChat to them and UserJoinedChat to the chat; in a
-- chat of more than `fan_out_member_limit` members UserJoinedChat goes to the new member only, and
-- the others receive the new count from cleanup_chats. REQUIRES: this transaction holds the chat's
-- lock.
CREATE OR REPLACE FUNCTION insert_members(
    in_chat bigint, added bigint[], fan_out_member_limit integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  chat chats;
  first_of_slice integer;
  event bigint;
BEGIN
  UPDATE chats SET member_count = member_count + cardinality(added) WHERE id = in_chat
    RETURNING * INTO chat;
  -- Earlier messages do not count as unread.
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
           CASE WHEN chat.member_count <= fan_out_member_limit THEN '"chat"'::json
                ELSE json_build_object('users', json_build_array(m.user_id)) END,
           json_build_object('user_id', m.user_id, 'fullname', u.fullname,
                             'joined_at', rfc3339(m.joined_at))
    FROM chat_members m JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = in_chat AND m.user_id = ANY (added) ORDER BY m.user_id;
  UPDATE chats SET member_event_id = event,
                   count_changed_at = CASE WHEN member_count > fan_out_member_limit
                     THEN coalesce(count_changed_at, clock_timestamp()) ELSE count_changed_at END
    WHERE id = in_chat;
END $$;

-- The reverse: emits UserLeftChat to the former member and to the chat, within the same limit.
-- REQUIRES: this transaction holds the chat's lock.
CREATE OR REPLACE FUNCTION delete_members(
    in_chat bigint, removed bigint[], fan_out_member_limit integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  event bigint;
BEGIN
  INSERT INTO former_member_storage AS f (chat_id, user_id, workspace_id, bytes)
    SELECT m.chat_id, m.user_id, m.workspace_id, m.stored_bytes FROM chat_members m
    WHERE m.chat_id = in_chat AND m.user_id = ANY (removed) AND m.stored_bytes <> 0
    ON CONFLICT (chat_id, user_id) DO UPDATE SET bytes = f.bytes + excluded.bytes;
  WITH former AS (
    DELETE FROM chat_members WHERE chat_id = in_chat AND user_id = ANY (removed) RETURNING *
  ), emitted AS (
    INSERT INTO outbox (workspace_id, chat_id, type, audience, members, data)
      SELECT g.workspace_id, in_chat, 'UserLeftChat',
             CASE WHEN c.member_count <= fan_out_member_limit THEN '"chat"'::json
                  ELSE json_build_object('users', json_build_array(g.user_id)) END,
             json_build_object('removed', json_build_array(g.user_id)),
             json_build_object('user_id', g.user_id, 'fullname', u.fullname,
                               'joined_at', rfc3339(g.joined_at))
      FROM former g JOIN users u ON u.id = g.user_id JOIN chats c ON c.id = in_chat
      ORDER BY g.user_id
      RETURNING id
  )
  SELECT max(id) INTO event FROM emitted;
  UPDATE chats SET member_count = member_count - cardinality(removed), member_event_id = event,
                   count_changed_at = CASE WHEN member_count > fan_out_member_limit
                     THEN coalesce(count_changed_at, clock_timestamp()) ELSE count_changed_at END
    WHERE id = in_chat;
END $$;

-- Further outcomes: 'single'; 'unknown_members' (`offenders` are no active users of the workspace);
-- 'full'. When 'done', the rows are the users who were not members before: one row without a member
-- when there are none.
CREATE OR REPLACE FUNCTION add_chat_members(
    in_workspace bigint, caller bigint, in_chat bigint, ids bigint[], fan_out_member_limit integer,
    members_max integer)
RETURNS TABLE (outcome text, offenders bigint[], member chat_member_rows) LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role := lock_chat(in_workspace, caller, in_chat);
  chat chats;
  strangers bigint[];
  added bigint[];
  verdict text;
BEGIN
  SELECT * INTO chat FROM chats WHERE id = in_chat AND caller_role IS NOT NULL;
  strangers := ARRAY(SELECT DISTINCT m FROM unnest(ids) m
                     WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = m AND u.status = 'active'
                                       AND u.workspace_id = in_workspace) ORDER BY m);
  added := ARRAY(SELECT DISTINCT m FROM unnest(ids) m
                 WHERE NOT EXISTS (SELECT FROM chat_members o
                                   WHERE o.chat_id = in_chat AND o.user_id = m) ORDER BY m);
  verdict := CASE WHEN caller_role IS NULL THEN 'not_found'
                  WHEN caller_role = 'member' THEN 'forbidden'
                  WHEN chat.type = 'single' THEN 'single'
                  WHEN cardinality(strangers) > 0 THEN 'unknown_members'
                  WHEN chat.member_count + cardinality(added) > members_max THEN 'full'
                  ELSE 'done' END;
  IF verdict = 'done' AND cardinality(added) > 0 THEN
    PERFORM insert_members(in_chat, added, fan_out_member_limit);
  END IF;
  RETURN QUERY
    SELECT verdict, CASE WHEN verdict = 'unknown_members' THEN strangers END, v
    FROM (SELECT) one LEFT JOIN chat_member_rows v
      ON verdict = 'done' AND v.chat_id = in_chat AND v.user_id = ANY (added)
    ORDER BY v.user_id;
END $$;

-- Further outcomes: 'single'; 'owner' (cannot be removed); 'group_minimum'. Non-members are
-- skipped.
CREATE OR REPLACE FUNCTION remove_chat_members(
    in_workspace bigint, caller bigint, in_chat bigint, ids bigint[], fan_out_member_limit integer)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role := lock_chat(in_workspace, caller, in_chat);
  chat chats;
  people bigint[];
  roles chat_role[];
BEGIN
  IF caller_role IS NULL OR caller_role = 'member' THEN
    RETURN CASE WHEN caller_role IS NULL THEN 'not_found' ELSE 'forbidden' END;
  END IF;
  SELECT * INTO chat FROM chats WHERE id = in_chat;
  SELECT coalesce(array_agg(m.user_id ORDER BY m.user_id), '{}'),
         array_agg(m.role) FILTER (WHERE m.user_id <> caller) INTO people, roles
    FROM chat_members m WHERE m.chat_id = in_chat AND m.user_id = ANY (ids);
  IF chat.type = 'single' THEN
    RETURN 'single';
  ELSIF 'owner' = ANY (roles) OR (caller_role = 'owner' AND caller = ANY (people)) THEN
    RETURN 'owner';
  ELSIF caller_role = 'admin' AND 'admin' = ANY (roles) THEN
    RETURN 'forbidden';
  ELSIF chat.type = 'group' AND cardinality(people) > 0
        AND chat.member_count - cardinality(people) < 3 THEN
    RETURN 'group_minimum';
  END IF;
  IF cardinality(people) > 0 THEN
    PERFORM delete_members(in_chat, people, fan_out_member_limit);
  END IF;
  RETURN 'done';
END $$;

-- Without a role, or with 'owner', hands the ownership over, and the caller becomes an admin.
-- Further outcomes: 'no_such_member'; 'owner' (must hand over before changing its own role);
-- 'suspended'.
CREATE OR REPLACE FUNCTION set_chat_role(
    in_workspace bigint, caller bigint, in_chat bigint, target bigint, new_role chat_role)
RETURNS TABLE (outcome text, member chat_member_rows) LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role := lock_chat(in_workspace, caller, in_chat);
  wanted chat_role := coalesce(new_role, 'owner');
  was chat_role;
  target_status user_status;
  verdict text;
BEGIN
  SELECT m.role, u.status INTO was, target_status
    FROM chat_members m JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = in_chat AND m.user_id = target;
  verdict := CASE WHEN caller_role IS NULL THEN 'not_found'
                  WHEN caller_role <> 'owner' THEN 'forbidden'
                  WHEN was IS NULL THEN 'no_such_member'
                  WHEN was = 'owner' AND wanted <> 'owner' THEN 'owner'
                  WHEN wanted = 'owner' AND target_status <> 'active' THEN 'suspended'
                  ELSE 'done' END;
  IF verdict = 'done' AND was <> wanted THEN
    IF wanted = 'owner' THEN
      UPDATE chat_members m SET role = 'admin' WHERE m.chat_id = in_chat AND m.user_id = caller;
    END IF;
    UPDATE chat_members m SET role = wanted WHERE m.chat_id = in_chat AND m.user_id = target;
    UPDATE chats SET updated_at = clock_timestamp() WHERE id = in_chat;
    PERFORM emit_chat_updated(in_chat);
  END IF;
  RETURN QUERY
    SELECT verdict, v FROM (SELECT) one LEFT JOIN chat_member_rows v
      ON verdict = 'done' AND v.chat_id = in_chat AND v.user_id = target;
END $$;

-- Public channels only. Further outcomes: 'not_public' (for a member of another kind of chat);
-- 'full'.
CREATE OR REPLACE FUNCTION join_chat(
    in_workspace bigint, caller bigint, in_chat bigint, fan_out_member_limit integer, members_max
    integer)
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
      PERFORM insert_members(in_chat, ARRAY[caller], fan_out_member_limit);
    END IF;
  END IF;
  RETURN QUERY SELECT verdict, CASE WHEN verdict = 'done' THEN c END
    FROM chat_rows c WHERE c.chat_id = in_chat;
END $$;

-- Further outcomes: 'single'; 'owner' (must hand over first).
CREATE OR REPLACE FUNCTION leave_chat(
    in_workspace bigint, caller bigint, in_chat bigint, fan_out_member_limit integer)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role := lock_chat(in_workspace, caller, in_chat);
BEGIN
  IF caller_role IS NULL THEN
    RETURN 'not_found';
  ELSIF EXISTS (SELECT FROM chats WHERE id = in_chat AND type = 'single') THEN
    RETURN 'single';
  ELSIF caller_role = 'owner' THEN
    RETURN 'owner';
  END IF;
  PERFORM delete_members(in_chat, ARRAY[caller], fan_out_member_limit);
  RETURN 'done';
END $$;
