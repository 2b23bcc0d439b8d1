-- Refresh tokens: which of them are accepted, and their exchange (docs/adr/0003).

-- The tokens of these hashes that belong to a live session of an active user and are not expired.
-- Used ones are among them.
CREATE OR REPLACE FUNCTION live_refresh_tokens(hashes bytea[]) RETURNS SETOF refresh_tokens
LANGUAGE sql STABLE AS $$
  SELECT t.* FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
    JOIN users u ON u.id = s.user_id
  WHERE t.hash = ANY (hashes) AND t.expires_at > clock_timestamp()
    AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND u.status = 'active'
$$;

-- Whether a further use of the token is a reuse: two clients have it. Its successor was used more
-- than 10 s ago, so the client that the session belongs to has got past it. A successor that was
-- used later than that may have overtaken a request of the same browser.
CREATE OR REPLACE FUNCTION is_reuse(token refresh_tokens) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM refresh_tokens n WHERE n.hash = token.successor
                 AND n.used_at < clock_timestamp() - interval '10 seconds')
$$;

-- The place (from 1) of the newest token that a refresh would accept; NULL when there is none, and
-- when those that it would accept are of several sessions.
CREATE OR REPLACE FUNCTION place_of_only_session(hashes bytea[]) RETURNS integer
LANGUAGE sql STABLE AS $$
  SELECT array_position(hashes, (array_agg(t.hash ORDER BY t.used_at DESC NULLS FIRST))[1])
    FROM live_refresh_tokens(hashes) t WHERE NOT is_reuse(t)
    HAVING count(DISTINCT t.session_id) = 1
$$;

-- Exchanges a refresh token for its successor. Outcomes: 'rotated'; 'same_successor' (it was used
-- before: `sealed` is the successor stored then, which gets the life of a new one); 'refused'
-- (unknown, expired, session over, user suspended, or a reuse, which ends the session). Of the used
-- tokens of a session only the last 16, and those of which a further use is no reuse yet, are kept:
-- an older one is refused and ends nothing.
CREATE OR REPLACE FUNCTION rotate_refresh_token(
    token_hash bytea, successor_hash bytea, successor_sealed bytea, token_life bigint)
RETURNS TABLE (outcome text, sealed bytea, expires_at bigint, signed_in session_rows)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  family bigint;
  token refresh_tokens;
  ends timestamptz;
  verdict text := 'refused';
BEGIN
  SELECT t.session_id INTO family FROM refresh_tokens t WHERE t.hash = token_hash;
  PERFORM FROM sessions s WHERE s.id = family FOR UPDATE;
  SELECT t.* INTO token FROM live_refresh_tokens(ARRAY[token_hash]) t;
  IF NOT FOUND THEN
    RETURN QUERY SELECT verdict, NULL::bytea, NULL::bigint, NULL::session_rows;
    RETURN;
  END IF;
  SELECT least(clock_timestamp() + token_life * interval '1 second', s.expires_at) INTO ends
    FROM sessions s WHERE s.id = family;
  IF token.used_at IS NULL THEN
    UPDATE refresh_tokens SET used_at = clock_timestamp(), successor = successor_hash,
                              sealed_successor = successor_sealed
      WHERE hash = token_hash;
    INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (successor_hash, family, ends);
    DELETE FROM refresh_tokens t WHERE t.session_id = family AND is_reuse(t) AND t.used_at < (
      SELECT r.used_at FROM refresh_tokens r
      WHERE r.session_id = family AND r.used_at IS NOT NULL
      ORDER BY r.used_at DESC OFFSET 15 LIMIT 1);
    verdict := 'rotated';
  ELSIF is_reuse(token) THEN
    UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = family;
  ELSE
    UPDATE refresh_tokens SET expires_at = ends WHERE hash = token.successor;
    verdict := 'same_successor';
  END IF;
  RETURN QUERY SELECT verdict, token.sealed_successor, unix_micros(ends), v
    FROM session_rows v WHERE v.session_id = family;
END $$;
