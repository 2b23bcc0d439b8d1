-- Threads and mentions.

-- The message that a thread began with. A reply to a reply belongs to the same thread.
ALTER TABLE messages
  ADD COLUMN thread_root_id bigint,
  -- False: a reply that the list of messages leaves out, and that is not unread in the chat. It has
  -- its number in the chat like every message.
  ADD COLUMN also_to_chat boolean NOT NULL DEFAULT true,
  -- Where the text names members: [{"user_id", "offset", "length"}, …], in code points.
  ADD COLUMN mention_ranges json NOT NULL DEFAULT '[]',
  -- 'all' or 'here': the message mentions every member. There is no row for each of them.
  ADD COLUMN mentions_everyone text CHECK (mentions_everyone IN ('all', 'here')),
  ADD CONSTRAINT messages_thread_root_fkey FOREIGN KEY (thread_root_id, workspace_id)
    REFERENCES messages (id, workspace_id) ON DELETE SET NULL (thread_root_id);

-- Replies of before that had no threads.
WITH RECURSIVE rooted AS (
  SELECT m.id, m.id AS root FROM messages m WHERE m.reply_to IS NULL
  UNION ALL
  SELECT m.id, r.root FROM messages m JOIN rooted r ON m.reply_to = r.id
)
UPDATE messages m SET thread_root_id = r.root
  FROM rooted r WHERE r.id = m.id AND m.reply_to IS NOT NULL;

-- For the pages of the list of messages, in place of an index that no statement uses.
DROP INDEX idx_messages_chat_created;
CREATE INDEX idx_messages_in_chat ON messages (chat_id, seq) WHERE also_to_chat;
-- For unread_count, which a server of the former release still asks; it leaves these out.
DROP INDEX idx_messages_deleted;
CREATE INDEX idx_messages_uncounted ON messages (chat_id, seq)
  WHERE deleted_at IS NOT NULL OR NOT also_to_chat;
CREATE INDEX idx_messages_thread ON messages (thread_root_id, seq)
  WHERE thread_root_id IS NOT NULL;
-- With the columns that unread_mentions compares, so that it reads no message.
CREATE INDEX idx_messages_everyone ON messages (chat_id, seq) INCLUDE (sender_id, also_to_chat)
  WHERE mentions_everyone IS NOT NULL;
-- The same for the list of mentions, whose cursor is an id.
CREATE INDEX idx_messages_everyone_ids ON messages (chat_id, id) WHERE mentions_everyone IS NOT NULL;

ALTER TABLE chats
  -- Whether @all and @here may be used.
  ADD COLUMN everyone_mentions boolean NOT NULL DEFAULT true,
  -- The newest message in the list of messages.
  ADD COLUMN shown_seq bigint NOT NULL DEFAULT 0,
  -- The newest message that mentions members: one that has read it needs no look at the mentions.
  ADD COLUMN last_mention_seq bigint NOT NULL DEFAULT 0,
  -- The newest that mentions every member.
  ADD COLUMN last_everyone_seq bigint NOT NULL DEFAULT 0;
UPDATE chats SET shown_seq = last_seq;

-- What the replies of a message amount to, without deleted ones. Written under the chat's lock.
CREATE TABLE threads (
  root_id bigint PRIMARY KEY,
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL,
  reply_count integer NOT NULL CHECK (reply_count >= 0),
  last_reply_at timestamptz,       -- NULL: all replies are deleted
  repliers bigint[] NOT NULL CHECK (cardinality(repliers) <= 10),  -- the latest first
  FOREIGN KEY (root_id, workspace_id) REFERENCES messages (id, workspace_id) ON DELETE CASCADE,
  FOREIGN KEY (chat_id, workspace_id) REFERENCES chats (id, workspace_id) ON DELETE CASCADE
);
CREATE INDEX idx_threads_chat ON threads (chat_id);

-- What a user has read of a thread, and whether the user follows it. Only the user ends that, so a
-- row stays for as long as the membership.
CREATE TABLE thread_follows (
  root_id bigint NOT NULL,
  user_id bigint NOT NULL,
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL,
  following boolean NOT NULL,
  last_read_seq bigint NOT NULL,  -- a number of a message in the chat
  PRIMARY KEY (root_id, user_id),
  FOREIGN KEY (root_id, workspace_id) REFERENCES messages (id, workspace_id) ON DELETE CASCADE,
  FOREIGN KEY (chat_id, user_id, workspace_id)
    REFERENCES chat_members (chat_id, user_id, workspace_id) ON DELETE CASCADE
);
CREATE INDEX idx_thread_follows_user ON thread_follows (user_id, root_id DESC) WHERE following;
CREATE INDEX idx_thread_follows_chat ON thread_follows (chat_id, user_id);

-- Members that a message mentions by name.
CREATE TABLE message_mentions (
  message_id bigint NOT NULL,
  user_id bigint NOT NULL,
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL,
  seq bigint NOT NULL,             -- of the message
  also_to_chat boolean NOT NULL,   -- of the message
  to_everyone boolean NOT NULL,    -- the message mentions every member as well
  PRIMARY KEY (message_id, user_id),
  FOREIGN KEY (message_id, workspace_id) REFERENCES messages (id, workspace_id) ON DELETE CASCADE,
  FOREIGN KEY (user_id, workspace_id) REFERENCES users (id, workspace_id) ON DELETE CASCADE,
  FOREIGN KEY (chat_id, workspace_id) REFERENCES chats (id, workspace_id) ON DELETE CASCADE
);
CREATE INDEX idx_message_mentions_user ON message_mentions (user_id, message_id DESC);
CREATE INDEX idx_message_mentions_threads ON message_mentions (user_id, message_id DESC)
  WHERE NOT also_to_chat;
-- Of all mentions, because the foreign key needs it, too.
CREATE INDEX idx_message_mentions_chat ON message_mentions (chat_id, user_id, seq)
  INCLUDE (also_to_chat, to_everyone, message_id);

INSERT INTO threads (root_id, workspace_id, chat_id, reply_count, last_reply_at, repliers)
  SELECT m.thread_root_id, m.workspace_id, m.chat_id,
         count(*) FILTER (WHERE m.deleted_at IS NULL),
         max(m.created_at) FILTER (WHERE m.deleted_at IS NULL),
         (coalesce(array_agg(DISTINCT m.sender_id) FILTER (WHERE m.deleted_at IS NULL),
                   '{}'))[1:10]
  FROM messages m WHERE m.thread_root_id IS NOT NULL
  GROUP BY m.thread_root_id, m.workspace_id, m.chat_id;
INSERT INTO thread_follows (root_id, user_id, workspace_id, chat_id, following, last_read_seq)
  SELECT DISTINCT f.root_id, f.user_id, f.workspace_id, f.chat_id, true, c.last_seq
  FROM (SELECT m.thread_root_id AS root_id, m.sender_id AS user_id, m.workspace_id, m.chat_id
        FROM messages m WHERE m.thread_root_id IS NOT NULL
        UNION
        SELECT m.id, m.sender_id, m.workspace_id, m.chat_id
        FROM messages m JOIN threads t ON t.root_id = m.id) f
  JOIN chats c ON c.id = f.chat_id
  JOIN chat_members o ON o.chat_id = f.chat_id AND o.user_id = f.user_id;
INSERT INTO message_mentions (message_id, user_id, workspace_id, chat_id, seq, also_to_chat,
                              to_everyone)
  SELECT DISTINCT m.id, x.user_id, m.workspace_id, m.chat_id, m.seq, true, false
  FROM messages m, unnest(m.mentions) x (user_id) WHERE x.user_id <> m.sender_id;
UPDATE chats c SET last_mention_seq = n.seq
  FROM (SELECT chat_id, max(seq) AS seq FROM message_mentions GROUP BY 1) n WHERE c.id = n.chat_id;

-- By which names in messages are found (docs/text.md). The server computes the keys; a row that was
-- written without it has one that is the key of no text.
ALTER TABLE users ADD COLUMN fullname_key text NOT NULL DEFAULT gen_random_uuid()::text
  CHECK (octet_length(fullname_key) <= 2048);
-- Right for names in ASCII; others have theirs after their next change.
UPDATE users SET fullname_key = lower(fullname);
CREATE INDEX idx_users_fullname ON users (workspace_id, fullname_key);

-- A place of a text that may mention: "@" and a possible name, as the server reads the text.
CREATE TYPE mention_candidate AS (
  "offset" integer,  -- code points, of the "@"
  length integer,    -- likewise, with the "@"
  key text,          -- of the name (users.fullname_key); NULL: the place says @all or @here
  everyone text,     -- 'all', 'here', or NULL
  user_id bigint     -- that the sender says is meant
);

-- What a text mentions, or why the message is refused.
CREATE TYPE found_mentions AS (
  refusal text,
  ranges json,        -- as messages.mention_ranges
  user_ids bigint[],
  everyone text
);

ALTER TYPE append_request
  ADD ATTRIBUTE also_to_chat boolean,      -- NULL: true
  ADD ATTRIBUTE confirm_everyone boolean,  -- NULL: false
  ADD ATTRIBUTE candidates json,           -- an array of mention_candidate; NULL: there is no "@"
  ADD ATTRIBUTE found found_mentions;      -- what append_messages makes of them
