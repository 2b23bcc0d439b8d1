// One step of the state: what is written is copied first, once, and all else is shared with the
// state before.
import type { State } from "./state";

type MapKey = {
  [K in keyof State]: State[K] extends ReadonlyMap<infer _K, infer _V> ? K : never;
}[keyof State];
type Writable<M> = M extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never;

export class Change {
  #state: State;
  readonly #copied = new Set<MapKey>();

  constructor(base: State) {
    this.#state = base;
  }

  // As it is now, for reading.
  get state(): State {
    return this.#state;
  }

  set<K extends keyof State>(key: K, value: State[K]): void {
    if (Object.is(this.#state[key], value)) return;
    this.#state = { ...this.#state, [key]: value };
    this.#copied.delete(key as MapKey);
  }

  // For writing.
  map<K extends MapKey>(key: K): Writable<State[K]> {
    if (!this.#copied.has(key)) {
      const copy = new Map(this.#state[key] as ReadonlyMap<unknown, unknown>);
      this.#state = { ...this.#state, [key]: copy };
      this.#copied.add(key);
    }
    return this.#state[key] as unknown as Writable<State[K]>;
  }

  remove<K extends MapKey>(key: K, entry: Parameters<Writable<State[K]>["delete"]>[0]): void {
    const known = this.#state[key] as ReadonlyMap<unknown, unknown>;
    if (known.has(entry)) (this.map(key) as Map<unknown, unknown>).delete(entry);
  }
}
