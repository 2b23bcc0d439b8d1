-- State changes that must lock first and look in the next statement (docs/adr/0002): a single
-- statement takes its snapshot before it waits for the lock, and so would number messages twice and
-- let former members send. A VOLATILE PL/pgSQL function does both in one round trip.
--
-- The functions that change a chat return an `outcome`: 'done'; 'not_found' (no chat of the
-- caller); 'forbidden'; and further ones that each names. Only 'done' changes anything. A chat that
-- stays locked for 2 s raises lock_not_available.

-- A chat in events, with the fields of the API's Chat.
CREATE OR REPLACE FUNCTION chat_json(wanted bigint) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', c.id, 'workspace_id', c.workspace_id, 'name', c.name,
    'chat_type', chat_type_name(c.type),
    'description', c.description, 'created_by', c.created_by,
    'owner_id', (SELECT user_id FROM chat_members WHERE chat_id = c.id AND role = 'owner'),
    'member_count', c.member_count,
    'chat_members', ARRAY(SELECT user_id FROM chat_members WHERE chat_id = c.id
                          ORDER BY user_id LIMIT 200),
    'last_seq', c.last_seq, 'created_at', rfc3339(c.created_at),
    'updated_at', rfc3339(c.updated_at))
  FROM chats c WHERE c.id = wanted
$$;

-- Locks a chat of the caller, then looks up the caller's role in it. NULL for a non-member or a
-- suspended user, with no hint whether the chat exists. Waits 2 s at most, then raises
-- lock_not_available.
CREATE OR REPLACE FUNCTION lock_chat(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS chat_role LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM chats c
    WHERE c.id = in_chat AND c.workspace_id = in_workspace AND c.deleted_at IS NULL
      AND EXISTS (SELECT FROM chat_members m WHERE m.chat_id = c.id AND m.user_id = caller)
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT m.role INTO caller_role
    FROM chat_members m JOIN users u ON u.id = m.user_id JOIN chats c ON c.id = m.chat_id
    WHERE m.chat_id = in_chat AND m.user_id = caller AND u.status = 'active'
      AND c.deleted_at IS NULL;
  RETURN caller_role;
END $$;

-- REQUIRES: this transaction holds the chat's lock.
CREATE OR REPLACE FUNCTION emit_chat_updated(in_chat bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
    SELECT c.workspace_id, c.id, 'ChatUpdated', '"chat"', chat_json(c.id)
    FROM chats c WHERE c.id = in_chat
$$;

-- Makes a chat with its members and emits NewChat to them. REQUIRES: the rules of the type hold,
-- `member_ids` holds the creator and no id twice. Outcomes: 'created'; 'exists' (the Single of that
-- pair, unchanged); 'unknown_members' (`offenders` are no active users of the workspace; nothing is
-- stored). A taken channel name raises unique_violation on idx_chats_channel_name. Without a key, as
-- tests and benchmarks call it, the name is taken by no other chat.
CREATE OR REPLACE FUNCTION create_chat(
    in_workspace bigint, creator bigint, of_type chat_type, named text, described text,
    member_ids bigint[], named_key text DEFAULT NULL, described_key text DEFAULT '',
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
    INSERT INTO chats (workspace_id, type, name, name_key, description, description_key,
                       created_by, single_low, single_high, member_count)
      VALUES (in_workspace, of_type, named, coalesce(named_key, gen_random_uuid()::text), described,
              described_key, creator, low, high, cardinality(member_ids))
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

CREATE OR REPLACE FUNCTION update_chat(
    in_workspace bigint, caller bigint, in_chat bigint, new_name text, new_description text,
    new_name_key text, new_description_key text)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role := lock_chat(in_workspace, caller, in_chat);
BEGIN
  IF caller_role IS NULL OR caller_role = 'member' THEN
    RETURN QUERY SELECT CASE WHEN caller_role IS NULL THEN 'not_found' ELSE 'forbidden' END,
                        NULL::chat_rows;
    RETURN;
  END IF;
  UPDATE chats c SET name = coalesce(new_name, c.name),
                     name_key = coalesce(new_name_key, c.name_key),
                     description_key = coalesce(new_description_key, c.description_key),
                     description = coalesce(new_description, c.description),
                     updated_at = clock_timestamp()
    WHERE c.id = in_chat AND (c.name <> coalesce(new_name, c.name)
                              OR c.description <> coalesce(new_description, c.description));
  IF FOUND THEN
    PERFORM emit_chat_updated(in_chat);
  END IF;
  RETURN QUERY SELECT 'done', c FROM chat_rows c WHERE c.chat_id = in_chat;
END $$;

-- A soft delete: the chat disappears at once for all members, cleanup_chats removes its messages in
-- batches.
CREATE OR REPLACE FUNCTION delete_chat(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  caller_role chat_role := lock_chat(in_workspace, caller, in_chat);
  last_seen json := chat_json(in_chat);
  members bigint[];
BEGIN
  IF caller_role IS NULL OR caller_role <> 'owner' THEN
    RETURN CASE WHEN caller_role IS NULL THEN 'not_found' ELSE 'forbidden' END;
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

-- Background removal, in batches of `slice` rows, safe in several servers at once: emits the member
-- counts of large chats that have changed; removes the messages of deleted chats and their
-- documents in the search index, then the chats; removes expired tickets and sessions. True when
-- there is more to do.
CREATE OR REPLACE FUNCTION cleanup_chats(slice integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  chat bigint;
  removed integer;
BEGIN
  FOR chat IN SELECT id FROM chats
              WHERE count_changed_at < clock_timestamp() - interval '5 seconds'
                AND deleted_at IS NULL ORDER BY id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED LOOP
    PERFORM emit_chat_updated(chat);
    UPDATE chats SET count_changed_at = NULL WHERE id = chat;
  END LOOP;
  -- The newest first: a reply is removed before the message that it answers.
  WITH removed_messages AS (
    DELETE FROM messages WHERE id IN (
      SELECT m.id FROM messages m JOIN chats c ON c.id = m.chat_id WHERE c.deleted_at IS NOT NULL
      ORDER BY m.chat_id, m.seq DESC LIMIT slice FOR UPDATE OF m SKIP LOCKED)
    RETURNING id
  ), removed_documents AS (
    DELETE FROM search_documents d USING removed_messages r, search_state s
      WHERE d.message_id = r.id AND d.generation IN (s.serving, s.building)
  )
  SELECT count(*) INTO removed FROM removed_messages;
  IF removed < slice THEN
    DELETE FROM chats WHERE id IN (
      SELECT c.id FROM chats c WHERE c.deleted_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM messages m WHERE m.chat_id = c.id)
      LIMIT slice FOR UPDATE SKIP LOCKED);
  END IF;
  DELETE FROM event_tickets WHERE hash IN (
    SELECT hash FROM event_tickets WHERE expires_at < clock_timestamp()
    LIMIT slice FOR UPDATE SKIP LOCKED);
  -- A day later no token of such a session is valid.
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < clock_timestamp() - interval '1 day'
    LIMIT slice FOR UPDATE SKIP LOCKED);
  RETURN removed = slice;
END $$;
