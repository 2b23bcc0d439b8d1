-- Uploads that come in chunks.
--
-- The bytes are in a partial file, whose lock each request holds that changes the row: so a row
-- moves from one state that its request has seen to the next one. Bytes are durable before the row
-- says so. An end without the row's end leaves a row that expires; an end of the row without that
-- of the bytes leaves a file without a row, which the collector removes.

-- The announced bytes of unfinished uploads, of one user or (NULL) of the workspace.
CREATE OR REPLACE FUNCTION announced_bytes(in_workspace bigint, of_user bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(r.size), 0)::bigint FROM resumable_uploads r
  WHERE r.workspace_id = in_workspace AND r.user_id = coalesce(of_user, r.user_id)
    AND r.upload_id IS NULL AND r.expires_at > now()
$$;

-- Outcomes: 'done'; 'too_many' (the caller has `count_max` unfinished ones); 'suspended'; those of
-- refusal_of_upload, for which the unfinished ones count as if they were stored.
CREATE OR REPLACE FUNCTION create_resumable_upload(
    in_workspace bigint, caller bigint, new_id text, new_metadata text, new_size bigint,
    life_seconds bigint, count_max integer, user_limit bigint, workspace_limit bigint,
    OUT outcome text, OUT expires_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
  is_active boolean := lock_uploader(in_workspace, caller);
  unfinished bigint := (
    SELECT count(*) FROM resumable_uploads r
    WHERE r.workspace_id = in_workspace AND r.user_id = caller AND r.upload_id IS NULL
      AND r.expires_at > now());
BEGIN
  outcome := CASE
    WHEN NOT is_active THEN 'suspended'
    WHEN unfinished >= count_max THEN 'too_many'
    ELSE coalesce(
      refusal_of_upload(in_workspace, caller, NULL, new_size,
                        user_limit - announced_bytes(in_workspace, caller),
                        workspace_limit - announced_bytes(in_workspace, NULL)),
      'done') END;
  IF outcome = 'done' THEN
    INSERT INTO resumable_uploads AS r (id, workspace_id, user_id, metadata, size, expires_at)
      VALUES (new_id, in_workspace, caller, new_metadata, new_size,
              clock_timestamp() + life_seconds * interval '1 second')
      RETURNING unix_micros(r.expires_at) INTO expires_at;
  END IF;
END $$;
