import type { StoreApi } from "zustand/vanilla";
import type { Actions } from "./actions";
import type { Notice, State } from "./state";

// The client of one tab.
export interface Client {
  readonly store: StoreApi<State>;
  readonly actions: Actions;
  // Signs in by what the browser has, and begins to follow. Once.
  start(): Promise<void>;
  // Loads what an account needs, before it is known whether there is one.
  prepare(): void;
  // Lets go of everything: streams, locks, stores.
  stop(): Promise<void>;
  // Called with each message that a person should hear of, in one tab of the browser alone.
  onNotice(listener: (notice: Notice) => void): () => void;
}
