import { createStore } from "zustand/vanilla";
import type { Actions } from "./actions";
import type { Client } from "./client_types";
import { empty_state, type State } from "./state";

// A client that knows nothing and does nothing: for pages that are looked at without servers.
export function createStillClient(state: Partial<State> = {}, actions: Partial<Actions> = {}): Client {
  const still = new Proxy(actions, {
    get: (known, name) => Reflect.get(known, name) ?? (() => Promise.resolve()),
  });
  return {
    store: createStore<State>()(() => ({ ...empty_state(), ...state })),
    actions: still as Actions,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    onNotice: () => () => undefined,
  };
}

// The client of this tab.
export function createBrowserClient(): Client {
  return createStillClient();
}
