-- The id of an event that this transaction emits in a later statement. It holds the lock of an
-- insert from here on, so that advance_identities waits for it. A statement that emits the event
-- itself holds that lock anyway, and calls nextval.
CREATE OR REPLACE FUNCTION next_event_id() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE ONLY outbox IN ROW EXCLUSIVE MODE;
  RETURN nextval('outbox_id_seq');
END $$;

-- The partitions of the outbox and of stream_texts. All functions run with the owner's rights and
-- so check their numbers. They wait for locks for a moment only: what waits for a lock of the whole
-- table, because a dump reads it, holds up all events behind it.

-- The partitions of a table for the days from `first` to `last`, but not the default one.
CREATE OR REPLACE FUNCTION partitions_between(parent text, first date, last date)
RETURNS SETOF text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = parent::regclass AND c.relname ~ '_[0-9]{8}$'
    AND to_date(right(c.relname, 8), 'YYYYMMDD') BETWEEN first AND last
$$;

-- Makes the partitions of both tables for today (UTC) and the next `days`, and drops those of later
-- days, which the first migration made: a statement on the whole table opens each of its
-- partitions. One day at least, so that no row can come into a partition that is being dropped. A
-- day for which the default partition already holds rows is left to it. Safe in several servers at
-- once.
CREATE OR REPLACE FUNCTION outbox_make_partitions(days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET lock_timeout = '50ms' AS $$
DECLARE
  day date;
  parent text;
  by_time text;
  later text;
  holds boolean;
  made integer := 0;
BEGIN
  IF days IS NULL OR days NOT BETWEEN 1 AND 366 THEN
    RAISE EXCEPTION 'partitions for % days', days USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOREACH parent IN ARRAY ARRAY['outbox', 'stream_texts'] LOOP
    by_time := CASE parent WHEN 'outbox' THEN 'created_at' ELSE 'published_at' END;
    FOR day IN SELECT generate_series((now() AT TIME ZONE 'UTC')::date,
                                      (now() AT TIME ZONE 'UTC')::date + days, '1 day')::date LOOP
      CONTINUE WHEN to_regclass(parent || '_' || to_char(day, 'YYYYMMDD')) IS NOT NULL;
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1 AND %I < $2)',
                     parent || '_default', by_time, by_time)
        INTO holds
        USING day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC';
      CONTINUE WHEN holds;
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     parent || '_' || to_char(day, 'YYYYMMDD'), parent,
                     day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
      made := made + 1;
    END LOOP;
    FOR later IN SELECT * FROM partitions_between(
        parent, (now() AT TIME ZONE 'UTC')::date + days + 1, 'infinity') LOOP
      EXECUTE format('SELECT EXISTS (SELECT FROM %I)', later) INTO holds;
      CONTINUE WHEN holds;
      EXECUTE format('DROP TABLE %I', later);
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

-- Drops the partitions of days that ended more than `keep_days` ago, unless one still holds an
-- unpublished event. The default partition, which has the events of days for which there was no
-- partition, is emptied under the same condition.
CREATE OR REPLACE FUNCTION outbox_drop_partitions(keep_days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET lock_timeout = '50ms' AS $$
DECLARE
  partition text;
  waiting boolean;
  dropped integer := 0;
  last_day date := (now() AT TIME ZONE 'UTC')::date - keep_days - 1;
  kept_from timestamptz := (last_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 3660 THEN
    RAISE EXCEPTION 'keeping events for % days', keep_days
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR partition IN SELECT * FROM partitions_between('outbox', '-infinity', last_day) LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE stream_seq IS NULL)', partition)
      INTO waiting;
    CONTINUE WHEN waiting;
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  IF EXISTS (SELECT FROM outbox_default) AND NOT EXISTS (
       SELECT FROM outbox_default WHERE created_at >= kept_from OR stream_seq IS NULL) THEN
    LOCK TABLE outbox_default IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (
         SELECT FROM outbox_default WHERE created_at >= kept_from OR stream_seq IS NULL) THEN
      TRUNCATE outbox_default;
    END IF;
  END IF;
  RETURN dropped;
END $$;

-- Drops the partitions of stream_texts for days that ended more than `keep_days` ago: the stream
-- keeps no message for so long. The default one as above.
CREATE OR REPLACE FUNCTION stream_texts_drop_partitions(keep_days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET lock_timeout = '50ms' AS $$
DECLARE
  partition text;
  dropped integer := 0;
  last_day date := (now() AT TIME ZONE 'UTC')::date - keep_days - 1;
  kept_from timestamptz := (last_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 3660 THEN
    RAISE EXCEPTION 'keeping positions for % days', keep_days
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR partition IN SELECT * FROM partitions_between('stream_texts', '-infinity', last_day) LOOP
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  IF EXISTS (SELECT FROM stream_texts_default) AND NOT EXISTS (
       SELECT FROM stream_texts_default WHERE published_at >= kept_from) THEN
    LOCK TABLE stream_texts_default IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM stream_texts_default WHERE published_at >= kept_from) THEN
      TRUNCATE stream_texts_default;
    END IF;
  END IF;
  RETURN dropped;
END $$;
