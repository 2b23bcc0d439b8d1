-- The outbox's partitions. Both functions run with the owner's rights and so check their numbers.

-- Makes the partitions of today (UTC) and of the next `days`. A day for which the default partition
-- already holds rows is left to it. Safe in several servers at once. The application calls it with
-- the owner's rights, so the number is checked.
CREATE OR REPLACE FUNCTION outbox_make_partitions(days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  day date;
  made integer := 0;
BEGIN
  IF days IS NULL OR days NOT BETWEEN 0 AND 366 THEN
    RAISE EXCEPTION 'partitions for % days', days USING ERRCODE = 'invalid_parameter_value';
  END IF;
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

-- Drops the partitions of days that ended more than `keep_days` ago, unless one still holds an
-- unpublished event.
CREATE OR REPLACE FUNCTION outbox_drop_partitions(keep_days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  partition text;
  waiting boolean;
  dropped integer := 0;
BEGIN
  IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 3660 THEN
    RAISE EXCEPTION 'keeping events for % days', keep_days
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
  FOR partition IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'outbox'::regclass AND c.relname ~ '^outbox_[0-9]{8}$'
      AND to_date(substr(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - keep_days
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE stream_seq IS NULL)', partition)
      INTO waiting;
    CONTINUE WHEN waiting;
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
