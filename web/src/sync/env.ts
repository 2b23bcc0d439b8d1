// What the client needs of its surroundings. A browser has it all (browser.ts); tests make their
// own, with several tabs in one process.

// A lock that is held by one tab of the browser at a time, until `task` ends.
export interface Locks {
  hold<T>(name: string, signal: AbortSignal | null, task: () => Promise<T>): Promise<T>;
}

// To all other tabs, in order; not to this one.
export interface Channel {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

export interface Env {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number; // milliseconds since 1970
  readonly random: () => number; // 0 to 1
  readonly uuid: () => string;
  // Calls once, later. Returns what cancels it.
  readonly after: (ms: number, task: () => void) => () => void;
  readonly locks: Locks;
  readonly channel: (name: string) => Channel;
  readonly indexed_db: IDBFactory | null; // null: nothing is kept
  readonly server: string; // the origin of REST; empty: that of the page
}

export function sleep(env: Env, ms: number, signal: AbortSignal | null = null): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      signal?.removeEventListener("abort", done);
      cancel();
      resolve();
    };
    const cancel = env.after(ms, done);
    signal?.addEventListener("abort", done);
  });
}

// Full jitter (exponential back-off): 0 to `base` doubled with each attempt, to `cap` at most.
export function back_off(env: Env, attempt: number, base_ms: number, cap_ms: number): number {
  return env.random() * Math.min(cap_ms, base_ms * 2 ** Math.min(attempt, 16));
}

// Names locks within this tab, where there are no Web Locks (a page over plain http).
export function local_locks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    hold: async (name, signal, task) => {
      const before = tails.get(name) ?? Promise.resolve();
      const run = before.then(async () => {
        if (signal?.aborted) throw new DOMException("aborted", "AbortError");
        return task();
      });
      tails.set(
        name,
        run.catch(() => undefined),
      );
      return run;
    },
  };
}
