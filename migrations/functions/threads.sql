-- Threads: the replies of a message, and the members that follow them.

-- The data of ThreadUpdated.
CREATE OR REPLACE FUNCTION thread_json(thread threads) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('message_id', thread.root_id, 'reply_count', thread.reply_count,
                           'last_reply_at', rfc3339(thread.last_reply_at),
                           'repliers', thread.repliers)
$$;

-- The first ten of these, each once.
CREATE OR REPLACE FUNCTION first_repliers(latest bigint[])
RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY(SELECT x.sender FROM unnest(latest) WITH ORDINALITY AS x (sender, place)
               GROUP BY x.sender ORDER BY min(x.place) LIMIT 10)
$$;

-- Counts replies that have just been stored, and emits one ThreadUpdated for each thread. The
-- senders, and the author of the root, follow the thread; but no thread is followed again that the
-- author has left.
-- REQUIRES: this transaction holds the locks of the chats.
CREATE OR REPLACE FUNCTION count_replies(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- The roots are locked before the ids of the events are drawn (message_changes.sql).
  WITH roots AS MATERIALIZED (
    SELECT r.id FROM messages r
      WHERE r.id = ANY (ARRAY(SELECT m.thread_root_id FROM messages m WHERE m.id = ANY (ids)))
      ORDER BY r.id FOR NO KEY UPDATE
  ), counted AS (
    INSERT INTO threads AS t (root_id, workspace_id, chat_id, reply_count, last_reply_at, repliers,
                              event_id)
      SELECT m.thread_root_id, m.workspace_id, m.chat_id, count(*), max(m.created_at),
             first_repliers(array_agg(m.sender_id ORDER BY m.seq DESC)), nextval('outbox_id_seq')
      FROM messages m WHERE m.id = ANY (ids) AND (SELECT count(*) FROM roots) > 0
      GROUP BY m.thread_root_id, m.workspace_id, m.chat_id
      ON CONFLICT (root_id) DO UPDATE SET
        reply_count = t.reply_count + excluded.reply_count,
        last_reply_at = excluded.last_reply_at,
        repliers = first_repliers(excluded.repliers || t.repliers), event_id = excluded.event_id
      RETURNING t.*
  )
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT c.event_id, c.workspace_id, c.chat_id, 'ThreadUpdated', '"chat"', thread_json(c::threads)
    FROM counted c ORDER BY c.root_id;
  INSERT INTO thread_follows AS f (root_id, user_id, workspace_id, chat_id, following,
                                   last_read_seq)
    SELECT m.thread_root_id, m.sender_id, m.workspace_id, m.chat_id, true, max(m.seq)
    FROM messages m WHERE m.id = ANY (ids)
    GROUP BY m.thread_root_id, m.sender_id, m.workspace_id, m.chat_id
    ON CONFLICT (root_id, user_id) DO UPDATE SET
      following = true, last_read_seq = greatest(f.last_read_seq, excluded.last_read_seq);
  INSERT INTO thread_follows (root_id, user_id, workspace_id, chat_id, following, last_read_seq)
    SELECT r.id, r.sender_id, r.workspace_id, r.chat_id, true, min(m.seq) - 1
    FROM (SELECT m.thread_root_id, m.seq FROM messages m WHERE m.id = ANY (ids) OFFSET 0) m
    JOIN messages r ON r.id = m.thread_root_id
    JOIN chat_members o ON o.chat_id = r.chat_id AND o.user_id = r.sender_id
    GROUP BY r.id
    ON CONFLICT DO NOTHING;
END $$;

-- What the messages of these chats mean for threads and mentions that came after those numbers,
-- which are parallel to the chats. REQUIRES: this transaction holds the locks of the chats, and has
-- stored the messages.
CREATE OR REPLACE FUNCTION relate_messages(in_chats bigint[], heads bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  replies bigint[];
  unlisted bigint[];  -- in their thread alone
  mentioning bigint[];
  to_all bigint[];
BEGIN
  SELECT array_agg(m.id) FILTER (WHERE m.thread_root_id IS NOT NULL),
         array_agg(m.id) FILTER (WHERE NOT m.also_to_chat),
         array_agg(m.id) FILTER (WHERE m.mentions <> '{}' OR m.mentions_everyone IS NOT NULL),
         array_agg(m.id) FILTER (WHERE m.mentions_everyone IS NOT NULL)
    INTO replies, unlisted, mentioning, to_all
    FROM unnest(in_chats, heads) AS h (chat_id, seq)
    JOIN messages m ON m.chat_id = h.chat_id AND m.seq > h.seq;
  IF replies IS NOT NULL THEN
    PERFORM count_replies(replies);
  END IF;
  IF unlisted IS NOT NULL THEN
    PERFORM exclude_from_unread(unlisted);
  END IF;
  IF mentioning IS NOT NULL THEN
    PERFORM record_mentions(mentioning, coalesce(to_all, '{}'));
  END IF;
END $$;

-- After a reply was deleted. The repliers are those of the newest 1,000 replies that are left.
-- REQUIRES: this transaction holds the chat's lock.
CREATE OR REPLACE FUNCTION uncount_reply(root bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM messages r WHERE r.id = root FOR NO KEY UPDATE;
  WITH counted AS (
    UPDATE threads t SET reply_count = greatest(0, t.reply_count - 1),
                         last_reply_at = n.last_reply_at,
                         repliers = first_repliers(coalesce(n.senders, '{}')),
                         event_id = nextval('outbox_id_seq')
      FROM (SELECT max(r.created_at) AS last_reply_at,
                   array_agg(r.sender_id ORDER BY r.seq DESC) AS senders
            FROM (SELECT m.sender_id, m.seq, m.created_at FROM messages m
                  WHERE m.thread_root_id = root AND m.deleted_at IS NULL
                  ORDER BY m.seq DESC LIMIT 1000) r) n
      WHERE t.root_id = root
      RETURNING t.*
  )
  INSERT INTO outbox (id, workspace_id, chat_id, type, audience, data)
    SELECT c.event_id, c.workspace_id, c.chat_id, 'ThreadUpdated', '"chat"', thread_json(c::threads)
    FROM counted c;
END $$;

-- How many replies a member has not read; 1,000 are counted at most.
CREATE OR REPLACE FUNCTION unread_replies(root bigint, member bigint, after_seq bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM (
    SELECT FROM messages m
    WHERE m.thread_root_id = root AND m.seq > after_seq AND m.deleted_at IS NULL
      AND m.sender_id <> member
    LIMIT 1000) unread
$$;

-- The functions below lock no chat: they write a row of the caller's own. Their outcomes: 'done';
-- 'not_found' (no chat of the caller); 'no_such_message'.

-- The thread of a message of a chat of the caller: its root, and its last number. Without a root:
-- 'not_found' or 'no_such_message'.
CREATE OR REPLACE FUNCTION find_thread(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint,
    OUT outcome text, OUT root bigint, OUT last_seq bigint)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(max(found.outcome), 'not_found'), max(found.root), max(found.last_seq) FROM (
    SELECT CASE WHEN m.id IS NULL THEN 'no_such_message' ELSE 'done' END AS outcome,
           coalesce(m.thread_root_id, m.id) AS root,
           coalesce((SELECT r.seq FROM messages r
                     WHERE r.thread_root_id = coalesce(m.thread_root_id, m.id)
                     ORDER BY r.seq DESC LIMIT 1), m.seq) AS last_seq
    FROM chat_members o JOIN chats c ON c.id = o.chat_id AND c.deleted_at IS NULL
    JOIN users u ON u.id = o.user_id AND u.status = 'active'
    LEFT JOIN messages m ON m.id = in_message AND m.chat_id = o.chat_id
    WHERE o.chat_id = in_chat AND o.user_id = caller AND o.workspace_id = in_workspace) found
$$;

-- Writes the caller's row and, when it changes, emits ThreadFollowUpdated to the caller's sessions.
-- `now_following` NULL: as before, which in a new row is false. `back`: the number may become
-- lower. A member that leaves meanwhile gets no row.
CREATE OR REPLACE FUNCTION set_thread_follow(
    in_workspace bigint, caller bigint, in_chat bigint, root bigint, now_following boolean,
    now_read bigint, back boolean)
RETURNS void LANGUAGE sql AS $$
  WITH changed AS (
    INSERT INTO thread_follows AS f (root_id, user_id, workspace_id, chat_id, following,
                                     last_read_seq)
      SELECT root, m.user_id, m.workspace_id, m.chat_id, coalesce(now_following, false), now_read
      FROM chat_members m
      WHERE m.chat_id = in_chat AND m.user_id = caller AND m.workspace_id = in_workspace
      FOR KEY SHARE
      ON CONFLICT (root_id, user_id) DO UPDATE SET
        following = coalesce(now_following, f.following),
        last_read_seq = CASE WHEN back THEN now_read ELSE greatest(f.last_read_seq, now_read) END
        WHERE f.following <> now_following OR f.last_read_seq < now_read
           OR (back AND f.last_read_seq > now_read)
      RETURNING f.following, f.last_read_seq
  )
  INSERT INTO outbox (workspace_id, chat_id, type, audience, data)
    SELECT in_workspace, in_chat, 'ThreadFollowUpdated',
           json_build_object('users', ARRAY[caller]),
           json_build_object('message_id', root, 'following', c.following,
                             'last_read_seq', c.last_read_seq)
    FROM changed c
$$;

-- Follows the thread of a message, or ends that. What is there already is not unread in a thread
-- that the caller has never followed.
CREATE OR REPLACE FUNCTION follow_thread(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, now_following boolean)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  thread record;
  mine thread_follows;
BEGIN
  SELECT * INTO thread FROM find_thread(in_workspace, caller, in_chat, in_message);
  IF thread.outcome = 'done' THEN
    SELECT f.* INTO mine FROM thread_follows f
      WHERE f.root_id = thread.root AND f.user_id = caller FOR UPDATE;
    PERFORM set_thread_follow(in_workspace, caller, in_chat, thread.root, now_following,
                              coalesce(mine.last_read_seq, thread.last_seq), false);
  END IF;
  RETURN thread.outcome;
END $$;

-- Moves what the caller has read of a thread: forward to `up_to` (a number of the chat; NULL: to
-- the newest reply), never back; or, with `unread_from`, back to before that reply. Further
-- outcome: 'beyond' (no such reply, or a number beyond the thread's end).
CREATE OR REPLACE FUNCTION read_thread(
    in_workspace bigint, caller bigint, in_chat bigint, in_message bigint, up_to bigint,
    read_message bigint, unread_from bigint,
    OUT outcome text, OUT root bigint, OUT last_read_seq bigint, OUT unread bigint)
LANGUAGE plpgsql AS $$
DECLARE
  thread record;
  mine thread_follows;
  named bigint;  -- the number of the message that the caller names
BEGIN
  SELECT * INTO thread FROM find_thread(in_workspace, caller, in_chat, in_message);
  outcome := thread.outcome;
  root := thread.root;
  SELECT m.seq INTO named FROM messages m
    WHERE m.id = coalesce(unread_from, read_message) AND m.chat_id = in_chat
      AND (m.thread_root_id = thread.root OR m.id = thread.root);
  IF outcome = 'done' AND (up_to > thread.last_seq OR (
       named IS NULL AND coalesce(unread_from, read_message) IS NOT NULL)) THEN
    outcome := 'beyond';
  END IF;
  IF outcome <> 'done' THEN
    RETURN;
  END IF;
  SELECT f.* INTO mine FROM thread_follows f
    WHERE f.root_id = thread.root AND f.user_id = caller FOR UPDATE;
  last_read_seq := CASE
    WHEN unread_from IS NOT NULL THEN least(coalesce(mine.last_read_seq, thread.last_seq), named - 1)
    ELSE greatest(mine.last_read_seq, coalesce(up_to, named, thread.last_seq)) END;
  PERFORM set_thread_follow(in_workspace, caller, in_chat, thread.root, NULL, last_read_seq,
                            unread_from IS NOT NULL);
  unread := unread_replies(thread.root, caller, last_read_seq);
END $$;
