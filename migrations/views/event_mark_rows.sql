-- How far the relay has marked the stream, as a cursor (FrameId of notify_server): one row. What a
-- statement reads beside it holds everything up to it, because events are published after they were
-- committed. Inside the backlog of an epoch it is the non-resumable one.
CREATE OR REPLACE VIEW event_mark_rows AS
  SELECT CASE WHEN republish_after < republish_until THEN concat(epoch, '-0')
              WHEN last_event_id = 0 THEN concat(epoch, '-', last_stream_seq)
              ELSE concat(epoch, '-', last_stream_seq, '-', last_event_id) END AS event_mark
  FROM relay_state;
