// Keeps the leader's state in the browser's store, and reads it at the start.
import type { Core } from "./core";
import type { Env } from "./env";
import { is_resumable } from "./events";
import { from_store, is_whole, to_store, type KeptWindows } from "./kept_windows";
import { people_stored_max, stored_windows_max } from "./limits";
import type { Chat, Person, State, Window } from "./state";
import type { Snapshot, SnapshotChange, Storage } from "./storage";

const write_after_ms = 1_000;

interface Written {
  readonly of: State["windows"]; // that were looked at
  readonly chats: State["chats"];
  readonly windows: ReadonlyMap<number, Window>;
  readonly people: State["people"];
}

export class Snapshots {
  readonly #env: Env;
  readonly #core: Core;
  readonly #storage: Storage;
  readonly #writer: string;
  #written: Written | null = null;
  #cancel: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();
  #cursor: string | null = null;
  #inherits = false;
  #stopped = false;

  constructor(env: Env, core: Core, storage: Storage) {
    this.#env = env;
    this.#core = core;
    this.#storage = storage;
    this.#writer = env.uuid();
  }

  async read(): Promise<Partial<State> | null> {
    const snapshot = await this.#storage.read().catch(() => null);
    return snapshot ? restored(snapshot) : null;
  }

  // In a tab that becomes the leader: hands over what the one before has kept, before this one
  // writes for the first time, since that replaces all.
  async inherit(take: (kept: KeptWindows) => void): Promise<void> {
    this.#inherits = true;
    const snapshot = await this.#storage.read().catch(() => null);
    if (snapshot) take(snapshot);
    this.#inherits = false;
    await this.now();
  }

  // To be called when the state has changed, in the leader's tab. A page that was read counts, too:
  // what was looked at before the network went away is what is wanted then.
  later(): void {
    const { cursor, windows } = this.#core.state;
    if (this.#cancel || (cursor === this.#cursor && windows === this.#written?.of)) return;
    this.#cancel = this.#env.after(write_after_ms, () => {
      this.#cancel = null;
      void this.now();
    });
  }

  now(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  // Writes follow one another: a change is the difference from what the write before it has stored.
  // A state without its list of chats has no cursor that could be kept.
  async #write(): Promise<void> {
    const { state } = this.#core;
    const { cursor, chats, people } = state;
    const has_cursor = state.chats_status === "ready" && cursor !== null && is_resumable(cursor);
    if (!has_cursor || this.#inherits) return;
    const windows = windows_to_keep(state);
    const change = difference(this.#writer, state, windows, this.#written, cursor);
    try {
      const continued = await this.#storage.write(change);
      this.#written = continued ? { of: state.windows, chats, windows, people } : null;
      this.#cursor = continued ? cursor : null;
      if (!continued && !this.#stopped) this.later();
    } catch {
      this.#written = null; // the next one is whole
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
  }
}

function windows_to_keep(state: State): ReadonlyMap<number, Window> {
  const kept = new Map<number, Window>();
  for (const [id, window] of [...state.windows].toReversed()) {
    if (is_whole(window) && kept.size < stored_windows_max) kept.set(id, window);
  }
  return kept;
}

// What the store has not, by identity: the state is immutable. A chat that was dropped is removed
// with all that is kept of it.
function difference(
  writer: string,
  state: State,
  windows: ReadonlyMap<number, Window>,
  written: Written | null,
  cursor: string,
): SnapshotChange {
  const chats = changed<Chat>(state.chats, written?.chats);
  const people = changed<Person>(state.people, written?.people).slice(0, people_stored_max);
  const gone = (now: ReadonlyMap<number, unknown>, before?: ReadonlyMap<number, unknown>) =>
    [...(before?.keys() ?? [])].filter((id) => !now.has(id));
  return {
    writer,
    whole: written === null,
    cursor,
    preferences: state.preferences,
    draft_versions: [...state.draft_versions].map(([chat_id, told]) => ({ ...told, chat_id })),
    chats,
    windows: changed<Window>(windows, written?.windows).map(to_store),
    people,
    gone_chats: gone(state.chats, written?.chats),
    gone_windows: gone(windows, written?.windows),
  };
}

function changed<V>(now: ReadonlyMap<number, V>, before?: ReadonlyMap<number, V>): readonly V[] {
  if (now === before) return [];
  return [...now].filter(([id, value]) => before?.get(id) !== value).map(([, value]) => value);
}

function restored(snapshot: Snapshot): Partial<State> {
  const windows = snapshot.windows.map((kept): [number, Window] => [kept.chat_id, from_store(kept)]);
  return {
    cursor: snapshot.cursor,
    chats: new Map(snapshot.chats.map((chat) => [chat.id, chat])),
    chats_status: "ready",
    windows: new Map(windows),
    people: new Map(snapshot.people.map((person) => [person.id, person])),
    preferences: snapshot.preferences,
    draft_versions: new Map(
      snapshot.draft_versions.map(({ chat_id, ...told }) => [chat_id, told]),
    ),
  };
}
