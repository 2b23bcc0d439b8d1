// Joins the stream, the tabs and the state: one tab reads the stream, each tab applies the same
// events in the same order.
import type { Core } from "./core";
import type { Env } from "./env";
import type { SyncEvent } from "./events";
import { Stream } from "./stream";
import { Tabs, type Phase } from "./tabs";
import type { Tokens } from "./tokens";

export interface FollowSink {
  // This tab has become the leader, after another one.
  succeeded(): void;
  // After they were applied.
  applied(events: readonly SyncEvent[]): void;
  caught_up(): void;
  note(note: unknown): void;
}

export class Follow {
  readonly tabs: Tabs;
  readonly #env: Env;
  readonly #core: Core;
  readonly #sink: FollowSink;
  readonly #tokens: Tokens;
  readonly #url: () => Promise<string>;
  #stream: Stream | null = null;

  constructor(
    env: Env,
    core: Core,
    tokens: Tokens,
    url: () => Promise<string>,
    account: string,
    sink: FollowSink,
  ) {
    this.#env = env;
    this.#core = core;
    this.#sink = sink;
    this.#tokens = tokens;
    this.#url = url;
    this.tabs = new Tabs(env, account, {
      cursor: () => core.state.cursor,
      lead: (signal, succeeds) => this.#lead(signal, succeeds),
      events: (events) => this.#apply(events),
      phase: (phase) => this.#show(phase),
      joined: () => sink.caught_up(),
      note: (note) => sink.note(note),
    });
  }

  start(): void {
    this.tabs.start();
  }

  stop(): void {
    this.#stream?.stop();
    this.tabs.stop();
  }

  wake(): void {
    this.#stream?.wake();
    this.tabs.hello();
  }

  #lead(signal: AbortSignal, succeeds: boolean): void {
    if (succeeds) this.#sink.succeeded();
    const stream = new Stream(this.#env, this.#tokens, this.#url, {
      cursor: () => this.#core.state.cursor,
      events: (events) => this.tabs.hand_on(events),
      opened: () => this.tabs.tell_phase({ phase: "replaying", retry_ms: null }),
      lost: (retry_ms) => this.tabs.tell_phase({ phase: "offline", retry_ms }),
    });
    this.#stream = stream;
    this.tabs.tell_phase({ phase: "connecting", retry_ms: null });
    signal.addEventListener("abort", () => stream.stop());
    void stream.run();
  }

  #apply(events: readonly SyncEvent[]): void {
    this.#core.apply(events);
    this.#sink.applied(events);
    if (!events.some((event) => event.name === "CaughtUp")) return;
    if (this.tabs.leads) this.tabs.tell_phase({ phase: "live", retry_ms: null });
    this.#sink.caught_up();
  }

  #show(phase: Phase): void {
    const before = this.#core.state.connection;
    const since_ms = phase.phase === "live" ? null : (before.since_ms ?? this.#env.now());
    const leader = this.tabs.leads;
    this.#core.change((change) => change.set("connection", { ...phase, since_ms, leader }));
  }
}
