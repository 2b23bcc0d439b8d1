-- How far the relay has marked the stream, as a cursor `<epoch>-<stream sequence>`: one row. What a
-- statement reads beside it holds everything up to it, because events are published after they were
-- committed. Inside the backlog of an epoch it is the non-resumable one.
CREATE OR REPLACE VIEW event_mark_rows AS
  SELECT concat(epoch, '-', CASE WHEN republish_after < republish_until THEN 0
                                 ELSE last_stream_seq END) AS event_mark
  FROM relay_state;
