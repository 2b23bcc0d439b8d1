// A browser of the tests: several tabs in one process, with the locks, channels, stores and cookies
// that they share. A tab can be killed, as by a crash: its locks go, and it is not heard of again.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import type { Channel, Env, Locks } from "../../../src/sync/env";

type Listener = (message: unknown) => void;

interface Waiting {
  readonly start: () => void;
  gone: boolean;
}

class SharedLocks {
  readonly #queues = new Map<string, Waiting[]>();

  // Resolves with what gives the lock back.
  async take(name: string, signal: AbortSignal | null): Promise<() => void> {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = { start: resolve, gone: false };
      signal?.addEventListener("abort", () => {
        if (queue[0] === waiting) return;
        waiting.gone = true;
        reject(new DOMException("aborted", "AbortError"));
      });
      queue.push(waiting);
      if (queue.length === 1) resolve();
    });
    return () => {
      queue.shift();
      while (queue[0]?.gone) queue.shift();
      queue[0]?.start();
    };
  }
}

export class Browser {
  readonly #locks = new SharedLocks();
  readonly #channels = new Map<string, Set<{ tab: Tab; listener: Listener }>>();
  readonly #cookies = new Map<string, string>();
  readonly indexed_db = new IDBFactory();
  readonly server: string;
  readonly notify: string;
  // Replaced by tests that have a server of their own, or a bad network.
  network: typeof fetch = (input, init) => globalThis.fetch(input, init);
  refreshes = 0;
  streams = 0;

  constructor(server: string, notify: string) {
    this.server = server;
    this.notify = notify;
  }

  tab(): Tab {
    return new Tab(this);
  }

  locks_of(tab: Tab): Locks {
    return {
      hold: async (name, signal, task) => {
        const either = signal ? AbortSignal.any([signal, tab.dead]) : tab.dead;
        const give_back = await this.#locks.take(name, either);
        let given = false;
        const once = (): void => {
          if (!given) give_back();
          given = true;
        };
        tab.dead.addEventListener("abort", once);
        if (tab.dead.aborted) once();
        try {
          return await task();
        } finally {
          once();
        }
      },
    };
  }

  channel_of(tab: Tab, name: string): Channel {
    const all = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, all);
    const own: { tab: Tab; listener: Listener }[] = [];
    return {
      post: (message) => {
        if (tab.dead.aborted) return;
        const copy = structuredClone(message);
        for (const { tab: other, listener } of all) {
          if (other !== tab) {
            queueMicrotask(() => {
              if (!other.dead.aborted) listener(copy);
            });
          }
        }
      },
      listen: (listener) => {
        const entry = { tab, listener };
        own.push(entry);
        all.add(entry);
      },
      close: () => {
        for (const entry of own) all.delete(entry);
      },
    };
  }

  // With the cookies of the browser.
  async fetch(tab: Tab, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    if (path === "/client-config.json") return Response.json({ events: this.notify });
    if (path === "/api/refresh") this.refreshes += 1;
    if (path === "/events") this.streams += 1;
    const headers = new Headers(request.headers);
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`);
    if (cookies.length > 0) headers.set("Cookie", cookies.join("; "));
    const signal = AbortSignal.any([request.signal, tab.dead]);
    const response = await this.network(new Request(request, { headers, signal }));
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return response;
  }

  #keep(cookie: string): void {
    const [pair = ""] = cookie.split(";");
    const place = pair.indexOf("=");
    const [name, value] = [pair.slice(0, place), pair.slice(place + 1)];
    if (value === "" || /max-age=0/i.test(cookie)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

export class Tab {
  readonly env: Env;
  readonly #death = new AbortController();

  constructor(browser: Browser) {
    this.env = {
      fetch: (input, init) => browser.fetch(this, input, init),
      now: () => Date.now(),
      random: () => Math.random(),
      uuid: () => crypto.randomUUID(),
      after: (ms, task) => {
        const timer = setTimeout(() => {
          if (!this.dead.aborted) task();
        }, ms);
        return () => clearTimeout(timer);
      },
      locks: browser.locks_of(this),
      channel: (name) => browser.channel_of(this, name),
      indexed_db: browser.indexed_db,
      server: browser.server,
    };
  }

  get dead(): AbortSignal {
    return this.#death.signal;
  }

  kill(): void {
    this.#death.abort();
  }
}

// Waits for a condition, and says at the deadline what it was.
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
