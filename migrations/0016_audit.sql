-- What operators and the owners and admins of workspaces have done. Rows are only added: the role
-- of fechatter_server may neither change nor remove one (functions/rights.sql).
CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- "operator ann", by the account of the machine, or "user 7".
  actor text NOT NULL CHECK (char_length(actor) BETWEEN 1 AND 100),
  action text NOT NULL CHECK (action ~ '^[a-z_]{1,40}(\.[a-z_]{1,40})?$'),  -- "user.suspend"
  -- "user 7", "chat 5", "workspace 3", "installation". No key: the log outlives them.
  target text NOT NULL CHECK (char_length(target) BETWEEN 1 AND 100),
  request_id text CHECK (char_length(request_id) BETWEEN 1 AND 200)
);
CREATE INDEX idx_audit_log_at ON audit_log (at);
