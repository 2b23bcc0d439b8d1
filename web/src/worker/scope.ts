// What a service worker has around it, as far as this one uses it: the types of pages, which the
// rest of the client is compiled with, do not know it.
export interface LaterEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface AskedEvent extends LaterEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

export interface ToldEvent extends LaterEvent {
  readonly data: unknown;
}

interface Events {
  install: LaterEvent;
  activate: LaterEvent;
  fetch: AskedEvent;
  message: ToldEvent;
}

export interface WorkerScope {
  readonly caches: CacheStorage;
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(): Promise<readonly { postMessage(message: unknown): void }[]>;
  };
  fetch: typeof fetch;
  skipWaiting(): Promise<void>;
  addEventListener<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): void;
}
