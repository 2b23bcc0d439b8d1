-- What outlives the streams of a user, and the actor of an event.

-- Written by store_presence, at most once a minute for each user. Rows are updated in place: there
-- is room for it on each page, and no index on what changes.
CREATE TABLE user_presence (
  user_id bigint PRIMARY KEY,
  workspace_id bigint NOT NULL,
  last_seen timestamptz NOT NULL,
  away boolean NOT NULL,         -- the user has said so, and has not taken it back
  said_at timestamptz NOT NULL,  -- when; '-infinity': never
  stored_at timestamptz NOT NULL,
  FOREIGN KEY (user_id, workspace_id) REFERENCES users (id, workspace_id) ON DELETE CASCADE
) WITH (fillfactor = 50);

-- The user that a NewMessage is of; NULL in other events. No key, because events outlive users.
ALTER TABLE outbox ADD COLUMN actor bigint;
