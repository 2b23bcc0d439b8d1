-- Traces: the span of the request that sends a message, as W3C traceparent; NULL: not sampled.

ALTER TYPE append_request ADD ATTRIBUTE trace text;
