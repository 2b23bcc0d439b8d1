-- The outbox: every event, written in the transaction of what it tells of; and the relay's lease.

CREATE SEQUENCE outbox_id_seq AS bigint CACHE 1;

-- By day, because old events are dropped by the partition. There is no foreign key: a cascade must not
-- take events away.
CREATE TABLE outbox (
  id bigint NOT NULL DEFAULT nextval('outbox_id_seq'),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  workspace_id bigint NOT NULL,
  chat_id bigint NOT NULL DEFAULT 0,  -- 0: the event belongs to no chat
  type text NOT NULL CHECK (type ~ '^[A-Z][A-Za-z]{1,63}$'),
  seq bigint,                         -- the message's number in its chat, for what a message did
  audience json NOT NULL,             -- "chat", "workspace", or {"users": [...]}
  members json,                       -- {"added": [...], "removed": [...]} for events about membership
  trace text CHECK (char_length(trace) <= 64),
  data json NOT NULL CHECK (octet_length(data::text) <= 512 * 1024),
  epoch bigint,                       -- where the relay put it, after JetStream's acknowledgement
  stream_seq bigint,
  published_at timestamptz,
  PRIMARY KEY (id, created_at),
  CHECK ((stream_seq IS NULL) = (epoch IS NULL))
) PARTITION BY RANGE (created_at);
ALTER SEQUENCE outbox_id_seq OWNED BY outbox.id;
CREATE INDEX idx_outbox_unpublished ON outbox (id) WHERE stream_seq IS NULL;
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

-- Makes the partitions of today (UTC) and the next `days`. Safe to call from several servers at once. A day for which the
-- default partition already holds rows is left to it.
CREATE FUNCTION outbox_make_partitions(days integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  day date;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR day IN SELECT generate_series((now() AT TIME ZONE 'UTC')::date,
                                    (now() AT TIME ZONE 'UTC')::date + days, '1 day')::date LOOP
    CONTINUE WHEN to_regclass('outbox_' || to_char(day, 'YYYYMMDD')) IS NOT NULL;
    CONTINUE WHEN EXISTS (SELECT FROM outbox_default
                          WHERE created_at >= day::timestamp AT TIME ZONE 'UTC'
                            AND created_at < (day + 1)::timestamp AT TIME ZONE 'UTC');
    EXECUTE format('CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
                   'outbox_' || to_char(day, 'YYYYMMDD'), day::timestamp AT TIME ZONE 'UTC',
                   (day + 1)::timestamp AT TIME ZONE 'UTC');
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- Drops the partitions of days that ended more than `keep_days` ago, unless one still holds an event
-- that was not published.
CREATE FUNCTION outbox_drop_partitions(keep_days integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  partition text;
  waiting boolean;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR partition IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'outbox'::regclass AND c.relname ~ '^outbox_[0-9]{8}$'
      AND to_date(substr(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - keep_days
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE stream_seq IS NULL)', partition) INTO waiting;
    CONTINUE WHEN waiting;
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

SELECT outbox_make_partitions(14);

-- One row. Who may publish (holder, token, expires_at) and how far the stream is known.
CREATE TABLE relay_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  holder text NOT NULL DEFAULT '',
  token bigint NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL DEFAULT '-infinity',
  epoch bigint NOT NULL DEFAULT 0,            -- 0: there was never a stream
  epoch_first_seq bigint NOT NULL DEFAULT 1,  -- the first stream sequence of this epoch
  last_stream_seq bigint NOT NULL DEFAULT 0,
  last_event_id bigint NOT NULL DEFAULT 0,
  stream_created_at text NOT NULL DEFAULT ''  -- as JetStream says it, compared as text
);
INSERT INTO relay_state DEFAULT VALUES;
