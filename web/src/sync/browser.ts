// The surroundings of a tab in a browser.
import { createStore } from "zustand/vanilla";
import type { Actions } from "./actions";
import { TabClient } from "./client";
import type { Client } from "./client_types";
import { local_locks, type Channel, type Env, type Locks } from "./env";
import { empty_state, type State } from "./state";

// A client that knows nothing and does nothing: for pages that are looked at without servers.
export function createStillClient(
  state: Partial<State> = {},
  actions: Partial<Actions> = {},
): Client {
  const still = new Proxy(actions, {
    get: (known, name) => Reflect.get(known, name) ?? (() => Promise.resolve()),
  });
  return {
    store: createStore<State>()(() => ({ ...empty_state(), ...state })),
    actions: still as Actions,
    start: () => Promise.resolve(),
    prepare: () => undefined,
    stop: () => Promise.resolve(),
    onNotice: () => () => undefined,
  };
}

// Web Locks are there in secure contexts alone.
function browser_locks(): Locks {
  const manager = (navigator as { locks?: LockManager }).locks;
  if (!manager) return local_locks();
  return {
    hold: <T>(name: string, signal: AbortSignal | null, task: () => Promise<T>) =>
      manager.request(name, signal ? { signal } : {}, task) as Promise<T>,
  };
}

function browser_channel(name: string): Channel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen: (listener) => {
      channel.addEventListener("message", (event: MessageEvent<unknown>) => listener(event.data));
    },
    close: () => channel.close(),
  };
}

// crypto.randomUUID is there in secure contexts alone.
function uuid(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function browser_env(): Env {
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    now: () => Date.now(),
    random: () => Math.random(),
    uuid,
    after: (ms, task) => {
      const timer = setTimeout(task, Math.min(ms, 0x7fffffff));
      return () => clearTimeout(timer);
    },
    locks: browser_locks(),
    channel: browser_channel,
    indexed_db: globalThis.indexedDB ?? null,
    server: "",
  };
}

// The client of this tab.
export function createBrowserClient(): Client {
  return new TabClient(browser_env());
}
