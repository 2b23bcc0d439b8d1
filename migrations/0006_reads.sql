-- What members have read, the events about it, and what users prefer.

-- Messages that count as unread for no member: tombstones, and replies that are in their thread
-- alone. One bit for each seq, in pages of 4,096,
-- so that a list of chats counts them without reading messages. `excluded` is the number of bits
-- that are set.
CREATE TABLE unread_exclusions (
  chat_id bigint NOT NULL,
  page bigint NOT NULL CHECK (page >= 0),  -- seq / 4096
  workspace_id bigint NOT NULL,
  excluded integer NOT NULL,
  seqs bit(4096) NOT NULL,  -- bit seq % 4096
  PRIMARY KEY (chat_id, page),
  FOREIGN KEY (chat_id, workspace_id) REFERENCES chats (id, workspace_id) ON DELETE CASCADE
);

-- The newest of these messages: a member that has read it needs no look at the pages.
ALTER TABLE chats ADD COLUMN last_excluded_seq bigint NOT NULL DEFAULT 0;

INSERT INTO unread_exclusions (chat_id, page, workspace_id, excluded, seqs)
  SELECT m.chat_id, m.seq / 4096, m.workspace_id, count(*),
         bit_or(set_bit(B'0'::bit(4096), (m.seq % 4096)::integer, 1))
  FROM messages m WHERE m.deleted_at IS NOT NULL GROUP BY 1, 2, 3;
UPDATE chats c SET last_excluded_seq = d.seq
  FROM (SELECT chat_id, max(seq) AS seq FROM messages WHERE deleted_at IS NOT NULL GROUP BY 1) d
  WHERE c.id = d.chat_id;

ALTER TABLE chat_members
  -- The member's own messages after last_read_seq, of those that count. There are some only when the
  -- chat was marked as unread, or a scheduled message was sent: else sending moves last_read_seq to
  -- the message.
  ADD COLUMN own_unread integer NOT NULL DEFAULT 0,
  ADD COLUMN read_at timestamptz,  -- when last_read_seq last moved forward
  -- The time of the last MessageRead, and the highest seq that the others got in one.
  ADD COLUMN read_event_at timestamptz,
  ADD COLUMN shown_read_seq bigint NOT NULL DEFAULT 0,
  ADD COLUMN moves_since_event integer NOT NULL DEFAULT 0,  -- of last_read_seq
  -- What the user prefers (user_preferences.show_read), so that an event is made from this table.
  ADD COLUMN hides_read boolean NOT NULL DEFAULT false,
  ADD COLUMN muted_until timestamptz,
  ADD COLUMN mute_mentions boolean NOT NULL DEFAULT false;
-- Reads and sending update these rows in place: there is room for it on each new page.
ALTER TABLE chat_members SET (fillfactor = 80);
CREATE INDEX idx_chat_members_hides_read ON chat_members (chat_id, user_id) WHERE hides_read;

-- Members whose last_read_seq has moved since their last MessageRead (moves_since_event > 0): the
-- next one is due then.
CREATE TABLE due_read_events (
  chat_id bigint NOT NULL,
  user_id bigint NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (chat_id, user_id),
  FOREIGN KEY (chat_id, user_id) REFERENCES chat_members (chat_id, user_id) ON DELETE CASCADE
);
CREATE INDEX idx_due_read_events_due ON due_read_events (due_at);

-- How far a member has received and read a chat, and when: points of a number and the time at which
-- it was reached, in order, 128 of each at most. The message with a number was received, or read, at
-- the first point that is as high. Of chats up to the fan-out member limit, for 30 days.
CREATE TABLE chat_receipts (
  chat_id bigint NOT NULL,
  user_id bigint NOT NULL,
  delivered_seqs bigint[] NOT NULL DEFAULT '{}',
  delivered_times timestamptz[] NOT NULL DEFAULT '{}',
  read_seqs bigint[] NOT NULL DEFAULT '{}',
  read_times timestamptz[] NOT NULL DEFAULT '{}',
  updated_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (chat_id, user_id),
  FOREIGN KEY (chat_id, user_id) REFERENCES chat_members (chat_id, user_id) ON DELETE CASCADE
);
CREATE INDEX idx_chat_receipts_updated ON chat_receipts (updated_on);

-- Whether members see how far others have read.
ALTER TABLE workspaces ADD COLUMN read_receipts boolean NOT NULL DEFAULT true;

-- A user without a row has the defaults.
CREATE TABLE user_preferences (
  user_id bigint PRIMARY KEY,
  workspace_id bigint NOT NULL,
  notifications text NOT NULL DEFAULT 'all' CHECK (notifications IN ('all', 'mentions', 'none')),
  -- Others see how far the user has read, and the user sees how far they have.
  show_read boolean NOT NULL DEFAULT true,
  custom_status text CHECK (char_length(custom_status) BETWEEN 1 AND 100),
  FOREIGN KEY (user_id, workspace_id) REFERENCES users (id, workspace_id) ON DELETE CASCADE
);
