-- Members of chats; outcomes as in chats.sql.

-- The data of UserJoinedChat and UserLeftChat: the people, and a single one at the top level, too.
-- NULL when there are more than 100 people, or when the chat has more than `fan_out_member_limit`
-- members: then no event lists them. REQUIRES: all of `people` are members.
CREATE OR REPLACE FUNCTION people_json(
    in_chat bigint, people bigint[], fan_out_member_limit integer)
RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  listed jsonb;
BEGIN
  IF cardinality(people) > 100
     OR (SELECT member_count FROM chats WHERE id = in_chat) > fan_out_member_limit THEN
    RETURN NULL;
  END IF;
  SELECT jsonb_agg(jsonb_build_object('user_id', m.user_id, 'fullname', u.fullname,
                                      'joined_at', rfc3339(m.joined_at)) ORDER BY m.user_id)
    INTO listed
    FROM chat_members m JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = in_chat AND m.user_id = ANY (people);
  RETURN (jsonb_build_object('users', listed)
          || CASE WHEN cardinality(people) = 1 THEN listed->0 ELSE '{}' END)::json;
END $$;

-- Adds users, none of them a member yet, and emits at most two events, however many users there
-- are: NewChat to them, and UserJoinedChat, which lists them, to the chat. Where people_json gives
-- no list there is no UserJoinedChat, and the others receive the new count from
-- cleanup_member_counts. NewChat shows the chat with these members, so its version is the id of the
-- UserJoinedChat behind it: a client that applies it does not count them again. REQUIRES: this
-- transaction holds the chat's lock; `added` holds 1,001 users at most.
CREATE OR REPLACE FUNCTION insert_members(
    in_chat bigint, added bigint[], fan_out_member_limit integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  chat chats;
  people json;
  event bigint;
  joined bigint;
BEGIN
  UPDATE chats SET member_count = member_count + cardinality(added) WHERE id = in_chat
    RETURNING * INTO chat;
  PERFORM lock_preferences(added);
  event := next_event_id();
  -- Earlier messages do not count as unread.
  INSERT INTO chat_members (chat_id, user_id, workspace_id, last_read_seq, read_event_id,
                            hides_read)
    SELECT in_chat, m, chat.workspace_id, chat.last_seq, event, hides_read(m)
    FROM unnest(added) m ORDER BY m;
  people := people_json(in_chat, added, fan_out_member_limit);
  IF people IS NOT NULL THEN
    joined := next_event_id();
  END IF;
  UPDATE chats SET member_event_id = event, event_id = coalesce(joined, event),
                   count_changed_at = CASE WHEN people IS NULL
                     THEN coalesce(count_changed_at, clock_timestamp()) ELSE count_changed_at END
    WHERE id = in_chat;
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, members, data)
    VALUES (event, chat.workspace_id, in_chat, 'NewChat', json_build_object('users', added),
            json_build_object('added', added), chat_json(in_chat));
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT joined, chat.workspace_id, in_chat, 'UserJoinedChat', '"chat"'::json, people
    WHERE people IS NOT NULL;
END $$;

-- The reverse: emits one UserLeftChat, to the former members and to the chat. Where people_json
-- gives no list the event goes to the former members only, and its data is empty.
-- REQUIRES: this transaction holds the chat's lock; all of `removed` are members.
CREATE OR REPLACE FUNCTION delete_members(
    in_chat bigint, removed bigint[], fan_out_member_limit integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  people json := people_json(in_chat, removed, fan_out_member_limit);
  event bigint;
BEGIN
  INSERT INTO former_member_storage AS f (chat_id, user_id, workspace_id, bytes)
    SELECT m.chat_id, m.user_id, m.workspace_id, m.stored_bytes FROM chat_members m
    WHERE m.chat_id = in_chat AND m.user_id = ANY (removed) AND m.stored_bytes <> 0
    ON CONFLICT (chat_id, user_id) DO UPDATE SET bytes = f.bytes + excluded.bytes;
  DELETE FROM chat_members WHERE chat_id = in_chat AND user_id = ANY (removed);
  INSERT INTO outbox (workspace_id, chat_id, type, audience, members, data)
    SELECT c.workspace_id, in_chat, 'UserLeftChat',
           CASE WHEN people IS NULL THEN json_build_object('users', removed) ELSE '"chat"'::json END,
           json_build_object('removed', removed), coalesce(people, '{}'::json)
    FROM chats c WHERE c.id = in_chat
    RETURNING id INTO event;
  UPDATE chats SET member_count = member_count - cardinality(removed), member_event_id = event,
                   event_id = event,
                   count_changed_at = CASE WHEN people IS NULL
                     THEN coalesce(count_changed_at, clock_timestamp()) ELSE count_changed_at END
    WHERE id = in_chat;
END $$;

-- Further outcomes: 'single'; 'unknown_members' (`offenders` are no active users of the workspace);
-- 'blocked' (`offenders` have blocked the caller); 'full'; 'people_of_today' (the limit is reached;
-- NULL: there is none). When 'done', the rows are the new members: one row without a member when
-- there are none.
CREATE OR REPLACE FUNCTION add_chat_members(
    in_workspace bigint, caller bigint, in_chat bigint, ids bigint[], fan_out_member_limit integer,
    members_max integer, people_per_day integer DEFAULT NULL)
RETURNS TABLE (outcome text, offenders bigint[], member chat_member_rows) LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  added bigint[];
  strangers bigint[] := strangers_among(in_workspace, ids);
  blockers bigint[];
  today daily_usage;
  verdict text;
BEGIN
  added := ARRAY(SELECT DISTINCT m FROM unnest(ids) m
                 WHERE NOT EXISTS (SELECT FROM chat_members o
                                   WHERE o.chat_id = in_chat AND o.user_id = m) ORDER BY m);
  blockers := blockers_among(caller, added);
  verdict := CASE WHEN mine.type = 'single' THEN 'single'
                  WHEN refusal(mine, 'add') IS NOT NULL THEN refusal(mine, 'add')
                  WHEN strangers IS NOT NULL THEN 'unknown_members'
                  WHEN blockers IS NOT NULL THEN 'blocked'
                  WHEN (SELECT c.member_count FROM chats c WHERE c.id = in_chat)
                       + cardinality(added) > members_max THEN 'full'
                  ELSE 'done' END;
  IF verdict = 'done' AND cardinality(added) > 0 THEN
    today := lock_daily_usage(in_workspace, caller);
    IF today.people_added + cardinality(added) > people_per_day THEN
      verdict := 'people_of_today';
    ELSE
      PERFORM insert_members(in_chat, added, fan_out_member_limit);
      PERFORM count_daily_usage(caller, 0, cardinality(added));
    END IF;
  END IF;
  RETURN QUERY
    SELECT verdict, CASE verdict WHEN 'unknown_members' THEN strangers
                                 WHEN 'blocked' THEN blockers END, v
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
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  people bigint[];
  roles chat_role[];
BEGIN
  IF mine.type = 'single' THEN
    RETURN 'single';
  ELSIF refusal(mine, 'remove') IS NOT NULL THEN
    RETURN refusal(mine, 'remove');
  END IF;
  SELECT coalesce(array_agg(m.user_id ORDER BY m.user_id), '{}'),
         array_agg(m.role) FILTER (WHERE m.user_id <> caller) INTO people, roles
    FROM chat_members m WHERE m.chat_id = in_chat AND m.user_id = ANY (ids);
  IF 'owner' = ANY (roles) OR (mine.role = 'owner' AND caller = ANY (people)) THEN
    RETURN 'owner';
  ELSIF 'admin' = ANY (roles) AND NOT may_remove_admins(mine) THEN
    RETURN 'forbidden';
  ELSIF mine.type = 'group' AND cardinality(people) > 0
        AND (SELECT c.member_count FROM chats c WHERE c.id = in_chat) - cardinality(people) < 3 THEN
    RETURN 'group_minimum';
  END IF;
  IF cardinality(people) > 0 THEN
    PERFORM delete_members(in_chat, people, fan_out_member_limit);
  END IF;
  RETURN 'done';
END $$;

-- Without a role, or with 'owner', hands the ownership over, and the caller becomes an admin. With
-- their own id, owners and admins of the workspace take over a chat with a suspended owner, members
-- or not. Further outcomes: 'no_such_member'; 'owner' (must hand over before changing
-- its own role); 'suspended'.
CREATE OR REPLACE FUNCTION set_chat_role(
    in_workspace bigint, caller bigint, in_chat bigint, target bigint, new_role chat_role,
    fan_out_member_limit integer)
RETURNS TABLE (outcome text, member chat_member_rows) LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  wanted chat_role := coalesce(new_role, 'owner');
  was chat_role;
  target_status user_status;
  verdict text := refusal(mine, 'set_role');
BEGIN
  IF verdict IS NOT NULL AND target = caller AND wanted = 'owner'
     AND try_take_over_chat(in_workspace, caller, in_chat, fan_out_member_limit) THEN
    verdict := 'done';
  ELSIF verdict IS NULL THEN
    SELECT m.role, u.status INTO was, target_status
      FROM chat_members m JOIN users u ON u.id = m.user_id
      WHERE m.chat_id = in_chat AND m.user_id = target;
    verdict := CASE WHEN was IS NULL THEN 'no_such_member'
                    WHEN was = 'owner' AND wanted <> 'owner' THEN 'owner'
                    WHEN wanted = 'owner' AND target_status <> 'active' THEN 'suspended'
                    ELSE 'done' END;
    IF verdict = 'done' AND wanted = 'owner' AND was <> 'owner' THEN
      PERFORM set_chat_owner(in_chat, target);
    ELSIF verdict = 'done' AND was <> wanted THEN
      UPDATE chat_members m SET role = wanted WHERE m.chat_id = in_chat AND m.user_id = target;
      UPDATE chats SET updated_at = clock_timestamp() WHERE id = in_chat;
      PERFORM emit_chat_updated(in_chat);
    END IF;
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
    RETURN QUERY SELECT CASE WHEN (lock_chat(in_workspace, caller, in_chat)).role IS NULL
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
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
BEGIN
  IF mine.role IS NULL THEN
    RETURN 'not_found';
  ELSIF mine.type = 'single' THEN
    RETURN 'single';
  ELSIF mine.role = 'owner' THEN
    RETURN 'owner';
  END IF;
  PERFORM delete_members(in_chat, ARRAY[caller], fan_out_member_limit);
  RETURN 'done';
END $$;
