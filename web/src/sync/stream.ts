// The stream of events, as long as it is wanted: opened, watched, and opened again where it ended.
import { createParser } from "eventsource-parser";
import { back_off, sleep, type Env } from "./env";
import { ApiError, failure_of } from "./errors";
import { parse_event, type SyncEvent } from "./events";
import type { Tokens } from "./tokens";

const silence_max_ms = 60_000; // two heartbeats and some slack
const answer_max_ms = 15_000; // until an answer begins
const awake_silence_ms = 30_000; // a byte older than this proves nothing after a wake-up
// Browsers keep connections, six to a host, and may take one for a request that has died in the
// meantime. Only a request without an answer tells.
const kept_connections = 6;
const kept_answer_max_ms = 2_000;
const retry_base_ms = 1_000;
const retry_cap_ms = 30_000;
const renew_before_ms = 30_000; // the stream ends with its token

export interface StreamSink {
  // The position to go on from; null: from now on.
  cursor(): string | null;
  // What came together, in order.
  events(events: readonly SyncEvent[]): void;
  opened(): void;
  // It does not stand; the next try is at `retry_ms`.
  lost(retry_ms: number | null): void;
}

export class Stream {
  readonly #env: Env;
  readonly #tokens: Tokens;
  readonly #sink: StreamSink;
  readonly #url: () => Promise<string>;
  readonly #ended = new AbortController();
  #connection: AbortController | null = null;
  #pause: AbortController | null = null;
  #last_byte_ms = 0;
  #retry_base_ms = retry_base_ms;
  #attempt = 0;
  #at_once = false; // the next connection does not wait
  #doubted = 0; // connections of before a wake-up that the browser may still have

  constructor(env: Env, tokens: Tokens, url: () => Promise<string>, sink: StreamSink) {
    this.#env = env;
    this.#tokens = tokens;
    this.#url = url;
    this.#sink = sink;
  }

  async run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      let wait_ms: number | null = null;
      try {
        wait_ms = await this.#connect();
      } catch (error) {
        // The session is over.
        if (error instanceof ApiError && error.failure.status === 401) return;
        wait_ms = retry_after_of(error);
      }
      if (this.#ended.signal.aborted) return;
      if (!this.#at_once) await this.#wait(wait_ms);
      this.#at_once = false;
    }
  }

  stop(): void {
    this.#ended.abort();
    this.#connection?.abort();
    this.#pause?.abort();
  }

  // The computer was asleep, the network is back, the page is shown again.
  wake(): void {
    this.#attempt = 0;
    this.#pause?.abort();
    if (this.#env.now() - this.#last_byte_ms <= awake_silence_ms) return;
    this.#doubted = kept_connections;
    this.#renew();
  }

  // Closes the stream in order to open another one.
  #renew(): void {
    if (!this.#connection) return;
    this.#at_once = true;
    this.#connection.abort();
  }

  async #wait(wait_ms: number | null): Promise<void> {
    const pause = back_off(this.#env, this.#attempt, this.#retry_base_ms, retry_cap_ms);
    const ms = wait_ms ?? pause;
    this.#attempt += 1;
    this.#sink.lost(this.#env.now() + ms);
    this.#pause = new AbortController();
    await sleep(this.#env, ms, this.#pause.signal);
    this.#pause = null;
  }

  // Reads one connection to its end. Returns how long to wait then; null: by the rule.
  async #connect(): Promise<number | null> {
    let token = await this.#tokens.get();
    let response = await this.#open(token);
    if (response.status === 401) {
      token = await this.#tokens.renew(token);
      response = await this.#open(token);
    }
    if (response.status !== 200 || !response.body) {
      const failure = failure_of(response, undefined);
      await response.body?.cancel().catch(() => undefined);
      if (failure.status === 403) await this.#tokens.renew(token); // throws when it is suspended
      throw new ApiError({ ...failure, status: failure.status === 401 ? 503 : failure.status });
    }
    const before_end_ms = this.#tokens.expires_ms - renew_before_ms - this.#env.now();
    const cancel = this.#env.after(Math.max(1_000, before_end_ms), () => this.#renew());
    this.#sink.opened();
    try {
      await this.#read(response.body);
    } finally {
      cancel();
      this.#connection = null;
    }
    return null;
  }

  async #open(token: string): Promise<Response> {
    const connection = new AbortController();
    this.#connection = connection;
    const headers: Record<string, string> = {
      Authorization: `Bearer ${token}`,
      Accept: "text/event-stream",
    };
    const cursor = this.#sink.cursor();
    if (cursor !== null) headers["Last-Event-ID"] = cursor;
    this.#last_byte_ms = this.#env.now();
    const url = await this.#url();
    const cancel = this.#limit_opening(connection);
    try {
      const response = await this.#env.fetch(url, {
        headers,
        cache: "no-store",
        credentials: "omit",
        signal: connection.signal,
      });
      this.#doubted = 0;
      return response;
    } finally {
      cancel();
    }
  }

  #limit_opening(connection: AbortController): () => void {
    if (this.#doubted === 0) return this.#env.after(answer_max_ms, () => connection.abort());
    return this.#env.after(kept_answer_max_ms, () => {
      this.#doubted -= 1;
      this.#at_once = true;
      connection.abort();
    });
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let batch: SyncEvent[] = [];
    let id: string | null = null;
    const parser = createParser({
      onEvent: (frame) => {
        // Only a frame with an id moves the position: ephemeral ones have none.
        id = frame.id === undefined || frame.id === "" ? null : frame.id;
        const event = parse_event(frame.event ?? "", id, frame.data);
        if (event) batch.push(event);
      },
      onRetry: (ms) => {
        this.#retry_base_ms = Math.min(retry_cap_ms, Math.max(100, ms));
      },
    });
    const reader = body.pipeThrough(new TextDecoderStream() as never).getReader() as never as {
      read(): Promise<{ done: boolean; value?: string }>;
    };
    const connection = this.#connection;
    for (;;) {
      const cancel = this.#env.after(silence_max_ms, () => connection?.abort());
      const { done, value } = await reader.read().finally(cancel);
      if (done) return;
      this.#last_byte_ms = this.#env.now();
      parser.feed(value ?? "");
      if (batch.length === 0) continue;
      if (batch.some((event) => event.name === "CaughtUp")) this.#attempt = 0;
      this.#sink.events(batch);
      batch = [];
    }
  }
}

function retry_after_of(error: unknown): number | null {
  const seconds = error instanceof ApiError ? error.failure.retry_after_s : null;
  return seconds === null ? null : Math.min(seconds * 1_000, retry_cap_ms);
}
