-- The outbox: every durable event, written in the transaction of the change that it describes; and
-- the state of the relay that publishes it.

CREATE SEQUENCE outbox_id_seq AS bigint CACHE 1;

-- Partitioned by day (UTC), because old events are dropped with their partition. There are no
-- foreign keys: a cascade must not delete events.
CREATE TABLE outbox (
  id bigint NOT NULL DEFAULT nextval('outbox_id_seq'),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL DEFAULT 0,  -- 0: the event belongs to no chat
  type text NOT NULL CHECK (type ~ '^[A-Z][A-Za-z]{1,63}$'),
  seq bigint,                         -- the message's number in its chat, for events about messages
  version integer,                    -- the message's version that the event shows, for the same
  audience json NOT NULL,             -- "chat", "workspace", or {"users": [...]}
  members json,                       -- {"added": [...], "removed": [...]} for membership events
  trace text CHECK (char_length(trace) <= 64),
  data json NOT NULL CHECK (octet_length(data::text) <= 512 * 1024),
  epoch bigint,                       -- position in the stream, after JetStream's acknowledgement
  stream_seq bigint,
  -- The first position, where the event was published first; NULL: there is no other than the
  -- position above. A consumer that skipped the latest republish may have received the event in an
  -- earlier epoch; the first position is what it deduplicates by.
  first_epoch bigint,
  first_seq bigint,
  published_at timestamptz,
  -- Since then the event is published as Erased, without its data, which is '{}'.
  erased_at timestamptz,
  PRIMARY KEY (id, created_at),
  CHECK ((stream_seq IS NULL) = (epoch IS NULL)),
  -- Without it, a replay cannot compare the event with the message.
  CONSTRAINT outbox_version_check CHECK ((seq IS NULL) = (version IS NULL))
) PARTITION BY RANGE (created_at);
ALTER SEQUENCE outbox_id_seq OWNED BY outbox.id;
CREATE INDEX idx_outbox_unpublished ON outbox (id) WHERE stream_seq IS NULL;
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

-- The positions of published events that hold a version of a message, for its erasure: the outbox
-- forgets its events sooner than the stream. Written with the marks and kept for as long as the
-- stream keeps its messages, in partitions by day (UTC). No key, because no row is updated.
CREATE TABLE stream_texts (
  chat_id bigint NOT NULL,
  seq bigint NOT NULL,  -- the message's number in its chat
  version integer NOT NULL,
  event_id bigint NOT NULL,
  epoch bigint NOT NULL,
  stream_seq bigint NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (published_at);
CREATE INDEX idx_stream_texts ON stream_texts (chat_id, seq);
CREATE TABLE stream_texts_default PARTITION OF stream_texts DEFAULT;

-- The first partitions, so that no row lands in a default one; the relay makes all later ones
-- (outbox_make_partitions).
DO $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  day date;
  parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['outbox', 'stream_texts'] LOOP
    FOR day IN SELECT generate_series(today, today + 14, '1 day')::date LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     parent || '_' || to_char(day, 'YYYYMMDD'), parent,
                     day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
  END LOOP;
END $$;

-- Messages that were edited or deleted: the text of their versions up to that one is to be erased.
-- Versions and not ids of events, which a restored database gives anew. A row exists for seconds
-- (cleanup_erasures).
CREATE TABLE erasure_requests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chat_id bigint NOT NULL,
  seq bigint NOT NULL,
  through_version integer NOT NULL
);

-- Messages of the stream whose text is to be erased, and those that were erased: the record is
-- durable before JetStream is asked, so that an erased message does not look like a lost one. Kept
-- for as long as the stream keeps its messages.
CREATE TABLE stream_erasures (
  epoch bigint NOT NULL,
  stream_seq bigint NOT NULL,
  event_id bigint NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  -- From then on the sequence counts as present and empty, whether or not the stream has it.
  asked_at timestamptz,
  done_at timestamptz,
  -- Of the message, since it was asked for: what its headers said.
  of_workspace bigint,
  previous_seq bigint,  -- of its workspace in its epoch; 0: there was none
  PRIMARY KEY (stream_seq, epoch),
  CHECK ((asked_at IS NULL) = (of_workspace IS NULL)),
  CHECK ((asked_at IS NULL) = (previous_seq IS NULL)),
  CHECK (done_at IS NULL OR asked_at IS NOT NULL)
);
CREATE INDEX idx_stream_erasures_open ON stream_erasures (requested_at) WHERE done_at IS NULL;
CREATE INDEX idx_stream_erasures_requested ON stream_erasures (requested_at);

-- One row: the relay's lease (holder, token, expires_at), and how far the stream is known.
CREATE TABLE relay_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  holder text NOT NULL DEFAULT '',
  token bigint NOT NULL DEFAULT 0,             -- the fencing token
  expires_at timestamptz NOT NULL DEFAULT '-infinity',
  epoch bigint NOT NULL DEFAULT 0,             -- 0: there was never a stream
  epoch_first_seq bigint NOT NULL DEFAULT 1,   -- the first stream sequence of this epoch
  last_stream_seq bigint NOT NULL DEFAULT 0,
  last_event_id bigint NOT NULL DEFAULT 0,
  stream_created_at text NOT NULL DEFAULT '',  -- as JetStream formats it, compared as text
  published_at timestamptz,                    -- the time of the last mark
  -- This epoch holds all events that were published later.
  covers_since timestamptz NOT NULL DEFAULT 'epoch',
  -- Events beyond the first id, up to the second, are republished in this epoch, marked or not.
  republish_after bigint NOT NULL DEFAULT 0,
  republish_until bigint NOT NULL DEFAULT 0,
  -- events.fan_out_member_limit of the holder of the lease; notify_server obeys it.
  fan_out_member_limit integer NOT NULL DEFAULT 200
);
INSERT INTO relay_state DEFAULT VALUES;

-- The position of the last marked event of each workspace. Each message of the stream names the one
-- before it of its workspace, so that a reader of one workspace notices a missing message. Rows are
-- updated in place: there is room for it on each page, and no index on what changes.
CREATE TABLE relay_workspaces (
  workspace_id bigint PRIMARY KEY,
  epoch bigint NOT NULL,
  stream_seq bigint NOT NULL
) WITH (fillfactor = 50);
