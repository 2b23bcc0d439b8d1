// The state, and the order in which events and answers of REST change it. No I/O, no time of its
// own: the same calls make the same state.
//
// An answer is as old as the moment when it was asked for, or newer. Events that were applied since
// then may not be in it, so they are applied once more over it (`journal`): an edit, a new message
// or a removal from a chat that came while a page was on its way is never undone by that page.
import { createStore, type StoreApi } from "zustand/vanilla";
import { Change } from "./change";
import type { SyncEvent } from "./events";
import { journal_max } from "./limits";
import { apply, reapply } from "./reduce/apply";
import { empty_state, type State } from "./state";

export interface Asked {
  readonly tick: number;
}

interface Entry {
  readonly tick: number;
  readonly event: SyncEvent;
}

export class Core {
  readonly store: StoreApi<State>;
  readonly #now: () => number;
  readonly #asked = new Set<Asked>();
  #journal: Entry[] = [];
  #floor = 0; // entries up to this tick are not in the journal any more

  constructor(now: () => number, initial: State = empty_state()) {
    this.#now = now;
    this.store = createStore<State>()(() => initial);
  }

  get state(): State {
    return this.store.getState();
  }

  // All changes at once: listeners see the state after the last of them.
  change(edit: (change: Change) => void): void {
    const change = new Change(this.state);
    edit(change);
    if (change.state !== this.state) this.store.setState(change.state, true);
  }

  apply(events: readonly SyncEvent[]): void {
    if (events.length === 0) return;
    const now_ms = this.#now();
    this.change((change) => {
      for (const event of events) {
        apply(change, event, now_ms);
        this.#note(event, change.state.tick);
      }
    });
  }

  // Puts in what another tab knows, of which `events` are all that this tab has seen since.
  take_over(install: (change: Change) => void, events: readonly SyncEvent[]): void {
    const now_ms = this.#now();
    this.change((change) => {
      install(change);
      for (const event of events) reapply(change, event, now_ms);
    });
  }

  // Begins a request. Each ends with answer() or abandon().
  ask(): Asked {
    const asked = { tick: this.state.tick };
    this.#asked.add(asked);
    return asked;
  }

  // False: so much has happened meanwhile that the answer is of no use; ask again.
  answer(asked: Asked, install: (change: Change) => void): boolean {
    if (!this.#asked.has(asked)) return true;
    const usable = asked.tick >= this.#floor;
    if (usable) {
      const now_ms = this.#now();
      this.change((change) => {
        install(change);
        for (const { event, tick } of this.#journal) {
          if (tick > asked.tick) reapply(change, event, now_ms);
        }
        forget_known(change);
      });
    }
    this.abandon(asked);
    return usable;
  }

  abandon(asked: Asked): void {
    this.#asked.delete(asked);
    if (this.#asked.size === 0) this.#journal = [];
  }

  // Another user, or none: nothing of before is left, and no answer to it is taken.
  restart(initial: State): void {
    this.#asked.clear();
    this.#journal = [];
    this.#floor = 0;
    this.store.setState(initial, true);
  }

  #note(event: SyncEvent, tick: number): void {
    if (event.name === "Reset") {
      // Events since an earlier question may be among the lost ones.
      this.#floor = tick;
      this.#journal = [];
      return;
    }
    if (event.id === null || this.#asked.size === 0) return;
    this.#journal.push({ tick, event });
    if (this.#journal.length <= journal_max) return;
    const half = this.#journal.length >> 1;
    this.#floor = this.#journal[half - 1]?.tick ?? this.#floor;
    this.#journal = this.#journal.slice(half);
  }
}

// Wishes for chats that are known by now.
function forget_known(change: Change): void {
  for (const id of change.state.wanted.keys()) {
    if (change.state.chats.has(id)) change.remove("wanted", id);
  }
}
