-- State changes that must lock first and look in the next statement (docs/adr/0002): a single
-- statement takes its snapshot before it waits for the lock, and so would number messages twice and
-- let former members send. A VOLATILE PL/pgSQL function does both in one round trip.
--
-- The functions that change a chat return an `outcome`: 'done'; 'not_found' (no chat of the
-- caller); 'forbidden'; and further ones that each names. Only 'done' changes anything. A chat that
-- stays locked for 2 s raises lock_not_available.

-- A chat in events, with the fields of the API's Chat. The name of a Single depends on its viewer,
-- and is empty here. Its version is right when the chat has the event's id already: under the
-- chat's lock a change draws the id, stores it as chats.event_id, and emits the event with it.
CREATE OR REPLACE FUNCTION chat_json(wanted bigint) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', c.id, 'workspace_id', c.workspace_id,
    'name', CASE WHEN c.type = 'single' THEN '' ELSE c.name END,
    'chat_type', chat_type_name(c.type),
    'description', c.description, 'created_by', c.created_by,
    'owner_id', (SELECT user_id FROM chat_members WHERE chat_id = c.id AND role = 'owner'),
    'member_count', c.member_count,
    'chat_members', ARRAY(SELECT user_id FROM chat_members WHERE chat_id = c.id
                          ORDER BY user_id LIMIT 200),
    'last_seq', c.last_seq, 'created_at', rfc3339(c.created_at),
    'updated_at', rfc3339(c.updated_at), 'topic', c.topic, 'archived_at', rfc3339(c.archived_at),
    'who_may_write', c.who_may_write, 'who_may_pin', c.who_may_pin,
    'everyone_mentions', c.everyone_mentions, 'version', c.event_id)
  FROM chats c WHERE c.id = wanted
$$;

-- REQUIRES: this transaction holds the chat's lock.
CREATE OR REPLACE FUNCTION emit_chat_updated(in_chat bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE chats SET event_id = next_event_id() WHERE id = in_chat;
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT c.event_id, c.workspace_id, c.id, 'ChatUpdated', '"chat"', chat_json(c.id)
    FROM chats c WHERE c.id = in_chat
$$;

-- The Single of the caller and another user, which its list of chats shows again; NULL: there is
-- none.
CREATE OR REPLACE FUNCTION find_single(in_workspace bigint, caller bigint, low bigint, high bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found_chat bigint;
BEGIN
  SELECT c.id INTO found_chat
    FROM chats c JOIN chat_members m ON m.chat_id = c.id AND m.user_id = caller
    JOIN users u ON u.id = m.user_id AND u.status = 'active'
    WHERE c.single_low = low AND c.single_high = high AND c.workspace_id = in_workspace
      AND c.type = 'single' AND c.deleted_at IS NULL;
  UPDATE chat_members SET hidden_through_seq = NULL
    WHERE chat_id = found_chat AND user_id = caller AND hidden_through_seq IS NOT NULL;
  RETURN found_chat;
END $$;

-- Makes a chat with its members and emits one NewChat to them. REQUIRES: the rules of the type
-- hold, `member_ids` holds the creator, no id twice, and 1,001 at most. Nothing is stored unless
-- the outcome is 'done': 'exists' (the Single of that pair, whatever has become of the other user);
-- 'unknown_members' (`offenders` are no active users of the workspace); 'blocked' (`offenders` have
-- blocked the creator); 'chats_of_today', 'people_of_today' (a limit is reached; NULL: there is
-- none); 'name_taken' (of a public channel). Without a key, as tests and benchmarks call it, the
-- name is taken by no other chat.
CREATE OR REPLACE FUNCTION create_chat(
    in_workspace bigint, creator bigint, of_type chat_type, named text, described text,
    member_ids bigint[], named_key text DEFAULT NULL, described_key text DEFAULT '',
    chats_per_day integer DEFAULT NULL, people_per_day integer DEFAULT NULL,
    OUT outcome text, OUT made bigint, OUT offenders bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  low bigint := CASE WHEN of_type = 'single' THEN (SELECT min(m) FROM unnest(member_ids) m) END;
  high bigint := CASE WHEN of_type = 'single' THEN (SELECT max(m) FROM unnest(member_ids) m) END;
  others integer := cardinality(member_ids) - 1;
  today daily_usage;
  event bigint;
BEGIN
  IF of_type = 'single' THEN
    made := find_single(in_workspace, creator, low, high);
  END IF;
  IF made IS NOT NULL THEN
    outcome := 'exists';
    RETURN;
  END IF;
  offenders := strangers_among(in_workspace, member_ids);
  IF offenders IS NOT NULL THEN
    outcome := 'unknown_members';
    RETURN;
  END IF;
  offenders := blockers_among(creator, member_ids);
  IF offenders IS NOT NULL THEN
    outcome := 'blocked';
    RETURN;
  END IF;
  today := lock_daily_usage(in_workspace, creator);
  outcome := CASE WHEN today.chats_made >= chats_per_day THEN 'chats_of_today'
                  WHEN today.people_added + others > people_per_day THEN 'people_of_today' END;
  IF outcome IS NOT NULL THEN
    RETURN;
  END IF;
  INSERT INTO chats (workspace_id, type, name, name_key, description, description_key,
                     created_by, single_low, single_high, member_count)
    VALUES (in_workspace, of_type, named, coalesce(named_key, gen_random_uuid()::text), described,
            described_key, creator, low, high, cardinality(member_ids))
    ON CONFLICT DO NOTHING RETURNING id INTO made;
  IF made IS NULL AND of_type = 'single' THEN  -- the other one has just made it
    made := find_single(in_workspace, creator, low, high);
    outcome := 'exists';
    RETURN;
  ELSIF made IS NULL THEN
    outcome := 'name_taken';
    RETURN;
  END IF;
  PERFORM lock_preferences(member_ids);
  INSERT INTO chat_members (chat_id, user_id, workspace_id, role, hides_read)
    SELECT made, m, in_workspace,
           CASE WHEN m = creator AND of_type <> 'single' THEN 'owner' ELSE 'member' END::chat_role,
           hides_read(m)
    FROM unnest(member_ids) m ORDER BY m;
  event := next_event_id();
  UPDATE chats SET member_event_id = event, event_id = event WHERE id = made;
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, members, data)
    VALUES (event, in_workspace, made, 'NewChat', json_build_object('users', member_ids),
            json_build_object('added', member_ids), chat_json(made));
  PERFORM count_daily_usage(creator, 1, others);
  outcome := 'done';
END $$;

-- Gives a chat that name; false when a public channel has it. The violation is caught here, so that
-- PostgreSQL does not log the name.
CREATE OR REPLACE FUNCTION rename_chat(in_chat bigint, new_name text, new_key text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE chats SET name = new_name, name_key = new_key WHERE id = in_chat;
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  RETURN false;
END $$;

-- Further outcome: 'name_taken'.
CREATE OR REPLACE FUNCTION update_chat(
    in_workspace bigint, caller bigint, in_chat bigint, new_name text, new_description text,
    new_name_key text, new_description_key text)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  verdict text := refusal(mine, 'update');
  before chats;
BEGIN
  SELECT c.* INTO before FROM chats c WHERE c.id = in_chat AND verdict IS NULL;
  IF before.name <> new_name THEN
    verdict := CASE WHEN NOT rename_chat(in_chat, new_name, new_name_key) THEN 'name_taken' END;
  END IF;
  IF verdict IS NOT NULL THEN
    RETURN QUERY SELECT verdict, NULL::chat_rows;
    RETURN;
  END IF;
  IF before.name <> new_name OR before.description <> new_description THEN
    UPDATE chats c SET description = coalesce(new_description, c.description),
                       description_key = coalesce(new_description_key, c.description_key),
                       updated_at = clock_timestamp()
      WHERE c.id = in_chat;
    PERFORM emit_chat_updated(in_chat);
  END IF;
  RETURN QUERY SELECT 'done', c FROM chat_rows c WHERE c.chat_id = in_chat;
END $$;

-- A soft delete: the chat disappears at once for all members; they and the messages are kept for
-- `restore_days`, then the cleanup erases everything. The event lists no members, however many
-- there are: notify_server knows the former members by their rows. A Single disappears from the
-- caller's list of chats only, until its next message.
CREATE OR REPLACE FUNCTION delete_chat(
    in_workspace bigint, caller bigint, in_chat bigint, restore_days integer)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  mine chat_standing := lock_chat(in_workspace, caller, in_chat);
  verdict text := refusal(mine, 'delete');
  event bigint;
BEGIN
  IF mine.type = 'single' THEN
    UPDATE chat_members m SET hidden_through_seq = c.shown_seq
      FROM chats c WHERE c.id = in_chat AND m.chat_id = in_chat AND m.user_id = caller;
    RETURN 'done';
  ELSIF verdict IS NOT NULL THEN
    RETURN verdict;
  END IF;
  event := next_event_id();
  UPDATE chats SET deleted_at = clock_timestamp(), count_changed_at = NULL, member_event_id = event,
                   event_id = event,
                   erase_at = clock_timestamp() + restore_days * interval '1 day'
    WHERE id = in_chat;
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    VALUES (event, in_workspace, in_chat, 'ChatDeleted', '"chat"', chat_json(in_chat));
  RETURN 'done';
END $$;

-- Undoes a deletion, with that behind the name; false when a public channel has this name.
CREATE OR REPLACE FUNCTION undelete_chat(in_chat bigint, suffix text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE chats SET name = rtrim(left(name, 128 - length(suffix))) || suffix,
                   name_key = name_key || suffix, deleted_at = NULL, erase_at = NULL,
                   updated_at = clock_timestamp()
    WHERE id = in_chat;
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  RETURN false;
END $$;

-- Restores a deleted chat, for owners and admins of the workspace: its members get NewChat. A name
-- that was taken meanwhile gets the first free number from 2 behind it. Further outcome:
-- 'name_taken' (up to number 100).
CREATE OR REPLACE FUNCTION restore_chat(in_workspace bigint, caller bigint, in_chat bigint)
RETURNS TABLE (outcome text, chat chat_rows) LANGUAGE plpgsql AS $$
DECLARE
  verdict text := CASE WHEN NOT runs_workspace(in_workspace, caller) THEN 'forbidden' END;
  suffix text := '';
  event bigint;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  PERFORM FROM chats c
    WHERE c.id = in_chat AND c.workspace_id = in_workspace AND c.erase_at > clock_timestamp()
      AND verdict IS NULL
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN QUERY SELECT coalesce(verdict, 'not_found'), NULL::chat_rows;
    RETURN;
  END IF;
  FOR number IN 2..101 LOOP
    EXIT WHEN undelete_chat(in_chat, suffix);
    suffix := ' ' || number;
    verdict := CASE WHEN number = 101 THEN 'name_taken' END;
  END LOOP;
  IF verdict IS NULL THEN
    event := next_event_id();
    UPDATE chats SET member_event_id = event, event_id = event WHERE id = in_chat;
    -- notify_server restores the former members by their rows.
    INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
      VALUES (event, in_workspace, in_chat, 'NewChat', '"chat"', chat_json(in_chat));
    PERFORM hand_on_chat(in_chat);
  END IF;
  RETURN QUERY SELECT coalesce(verdict, 'done'), c FROM (SELECT) r
    LEFT JOIN chat_rows c ON c.chat_id = in_chat;
END $$;

-- How many messages a member has not read, without the deleted ones and those that the list of
-- messages leaves out; at most 1,000 of these are looked for.
-- Former: dropped by release 3.
CREATE OR REPLACE FUNCTION unread_count(in_chat bigint, last_seq bigint, last_read_seq bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT last_seq - last_read_seq - (
    SELECT count(*) FROM (
      SELECT FROM messages d
      WHERE d.chat_id = in_chat AND d.seq > last_read_seq
        AND (d.deleted_at IS NOT NULL OR NOT d.also_to_chat)
      LIMIT 1000) deleted)
$$;

