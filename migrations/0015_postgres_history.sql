-- The history of PostgreSQL (postgres_history) in which the relay's present epoch began. Another one
-- means that the database was restored, or that a standby took over: what it says of the stream need
-- not be so. '': not known yet; the next holder of the lease writes it down.
ALTER TABLE relay_state ADD COLUMN postgres_history text NOT NULL DEFAULT '';
