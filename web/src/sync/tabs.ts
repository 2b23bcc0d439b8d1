// One stream for all tabs of a user. The tab that holds the Web Lock leads: it reads the stream and
// hands on what it reads. When it dies, the lock goes to another tab at once.
//
// Batches are numbered within a leader's term, so a tab notices what it has missed and says hello
// with its cursor; the leader answers with what follows it, or that it has to read all by REST.
import type { Channel, Env } from "./env";
import { is_after, is_resumable, type SyncEvent } from "./events";
import { Ring } from "./ring";
import type { ConnectionPhase } from "./state";

export interface Phase {
  readonly phase: ConnectionPhase;
  readonly retry_ms: number | null;
}

type Word =
  | { readonly kind: "lead"; readonly term: string }
  | { readonly kind: "hello"; readonly tab: string; readonly cursor: string | null }
  | {
      readonly kind: "welcome";
      readonly to: string;
      readonly term: string;
      readonly number: number;
      readonly events: readonly SyncEvent[] | null; // null: read all by REST
      readonly cursor: string; // of the leader
      readonly phase: Phase;
    }
  | {
      readonly kind: "batch";
      readonly term: string;
      readonly number: number;
      readonly events: readonly SyncEvent[];
    }
  | { readonly kind: "phase"; readonly term: string; readonly phase: Phase }
  | { readonly kind: "note"; readonly note: unknown };

export interface TabsSink {
  cursor(): string | null;
  // This tab leads: it opens the stream, and ends it when `signal` is aborted. `succeeds`: another
  // tab has led before.
  lead(signal: AbortSignal, succeeds: boolean): void;
  events(events: readonly SyncEvent[]): void;
  phase(phase: Phase): void;
  // This tab has what a leader with a live stream has.
  joined(): void;
  // From another tab: outbox, drafts, uploads.
  note(note: unknown): void;
}

export class Tabs {
  readonly #env: Env;
  readonly #sink: TabsSink;
  readonly #channel: Channel;
  readonly #tab: string;
  readonly #ring = new Ring();
  readonly #ended = new AbortController();
  readonly #lock: string;
  #follows = false; // from the start on
  #leads = false;
  #term = ""; // the leader's that this tab follows, or its own
  #number = 0; // of the latest batch
  #phase: Phase = { phase: "connecting", retry_ms: null };

  constructor(env: Env, account: string, sink: TabsSink) {
    this.#env = env;
    this.#sink = sink;
    this.#tab = env.uuid();
    this.#lock = `fechatter:lead:${account}`;
    this.#channel = env.channel(`fechatter:tabs:${account}`);
    this.#channel.listen((word) => this.#hear(word as Word));
  }

  get leads(): boolean {
    return this.#leads;
  }

  // The state is what was kept, with its cursor. Events that were taken before that would move the
  // cursor over what lies between.
  start(): void {
    this.#follows = true;
    this.#ring.begin(this.#sink.cursor());
    this.hello();
    void this.#env.locks
      .hold(this.#lock, this.#ended.signal, () => this.#reign())
      .catch(() => undefined); // it was stopped while it waited
  }

  stop(): void {
    this.#ended.abort();
    this.#channel.close();
  }

  // A tab that was frozen may have missed words: it asks for what follows its cursor.
  hello(): void {
    if (this.#leads || this.#ended.signal.aborted) return;
    const cursor = this.#sink.cursor();
    this.#channel.post({ kind: "hello", tab: this.#tab, cursor } satisfies Word);
  }

  note(note: unknown): void {
    if (!this.#ended.signal.aborted) this.#channel.post({ kind: "note", note } satisfies Word);
  }

  // Of the leader's stream.
  hand_on(events: readonly SyncEvent[]): void {
    if (!this.#leads) return;
    this.#number += 1;
    const [number, term] = [this.#number, this.#term];
    // Before what this tab makes of them, such as that it is live.
    this.#channel.post({ kind: "batch", term, number, events } satisfies Word);
    this.#take(events);
  }

  tell_phase(phase: Phase): void {
    if (!this.#leads) return;
    this.#phase = phase;
    this.#sink.phase(phase);
    this.#channel.post({ kind: "phase", term: this.#term, phase } satisfies Word);
  }

  async #reign(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#leads = true;
    const succeeds = this.#term !== "";
    this.#term = this.#env.uuid();
    this.#number = 0;
    this.#channel.post({ kind: "lead", term: this.#term } satisfies Word);
    this.#sink.lead(this.#ended.signal, succeeds);
    await new Promise<void>((resolve) => {
      this.#ended.signal.addEventListener("abort", () => resolve());
    });
    this.#leads = false;
  }

  #take(events: readonly SyncEvent[]): void {
    for (const event of events) this.#ring.push(event);
    this.#sink.events(events);
  }

  #hear(word: Word): void {
    if (this.#ended.signal.aborted) return;
    if (word.kind === "note") this.#sink.note(word.note);
    else if (!this.#follows) return;
    else if (word.kind === "hello") this.#welcome(word);
    else if (this.#leads) return; // of a leader that was
    else if (word.kind === "lead") this.#follow(word.term);
    else if (word.kind === "welcome") this.#join(word);
    else if (word.term !== this.#term) this.hello();
    else if (word.kind === "phase") this.#sink.phase(word.phase);
    else this.#next(word);
  }

  #follow(term: string): void {
    this.#term = term;
    this.#number = -1; // until it is welcome
    this.hello();
  }

  #welcome(word: { readonly tab: string; readonly cursor: string | null }): void {
    const cursor = this.#sink.cursor();
    // Without a position there is nothing to say what the other tab lacks; it asks again when the
    // first batch comes.
    if (!this.#leads || cursor === null) return;
    const events = word.cursor === null ? [] : this.since(word.cursor);
    const { tab: to } = word;
    const [term, number, phase] = [this.#term, this.#number, this.#phase];
    this.#channel.post({
      ...{ kind: "welcome", to, term, number, events, cursor, phase },
    } satisfies Word);
  }

  // The events that this tab has seen behind a position; null: not all of them are known any more.
  // A tab that is ahead of this one has missed nothing.
  since(position: string): readonly SyncEvent[] | null {
    const cursor = this.#sink.cursor();
    if (cursor === null) return null;
    if (position === cursor) return [];
    if (is_resumable(position) && is_after(position, cursor)) return [];
    return this.#ring.since(position);
  }

  #join(word: Word & { kind: "welcome" }): void {
    if (word.to !== this.#tab) return;
    this.#term = word.term;
    this.#number = word.number;
    this.#sink.phase(word.phase);
    if (word.events === null) {
      const id = word.cursor;
      this.#take([{ name: "Reset", id, data: { event: "Reset", reason: "no_longer_held" } }]);
    } else {
      const moved: SyncEvent = { name: "Moved", id: word.cursor, data: {} };
      this.#take(this.#unseen([...word.events, moved]));
    }
    if (word.phase.phase === "live") this.#sink.joined();
  }

  #next(word: Word & { kind: "batch" }): void {
    if (this.#number < 0 || word.number > this.#number + 1) return this.hello();
    if (word.number <= this.#number) return;
    this.#number = word.number;
    this.#take(this.#unseen(word.events));
  }

  // A new leader may be behind this tab: what it reads again is known here.
  #unseen(events: readonly SyncEvent[]): readonly SyncEvent[] {
    const cursor = this.#sink.cursor();
    if (cursor === null || !is_resumable(cursor)) return events;
    return events.filter(
      ({ id, name }) =>
        id === null || name === "Reset" || name === "CaughtUp" || is_after(id, cursor),
    );
  }
}
