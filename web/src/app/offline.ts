// The page's side of the service worker (src/worker). Loaded late, and where an account is: a
// stranger's page has nothing to keep.
import { is_own_cache, type WorkerNotice, type WorkerCommand } from "../worker/decide";

const check_every_ms = 60 * 60_000;
const check_pause_ms = 60_000; // at least, between two checks

interface Scripts {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): unknown };
}

// The only address that the Content-Security-Policy lets become a script, by the only policy that
// it knows.
function worker_url(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Scripts };
  const policy = trustedTypes?.createPolicy("fechatter-worker", { createScriptURL: () => "/sw.js" });
  return (policy?.createScriptURL("/sw.js") ?? "/sw.js") as string;
}

// A page has one policy of a name, once.
let registered: Promise<ServiceWorkerRegistration | null> | null = null;

function register(): Promise<ServiceWorkerRegistration | null> {
  // Over plain HTTP there is none.
  if (!("serviceWorker" in navigator)) return Promise.resolve(null);
  registered ??= navigator.serviceWorker
    .register(worker_url(), { scope: "/", updateViaCache: "none" })
    .catch(() => {
      registered = null;
      return null;
    });
  return registered;
}

export interface Offline {
  // Asks the server for a new version; not too often, whatever calls it.
  check(): void;
  stop(): void;
}

// Keeps the page, and calls `newer` when another version of it is there: `reload` shows that one.
export function keep_offline(newer: (reload: () => void) => void): Offline {
  const stopped = new AbortController();
  const { signal } = stopped;
  let registration: ServiceWorkerRegistration | null = null;
  let checked_ms = Date.now();

  const tell = (): void => newer(() => reload_by(registration));
  const check = (): void => {
    if (!registration || Date.now() - checked_ms < check_pause_ms) return;
    checked_ms = Date.now();
    registration.update().catch(() => undefined); // there is no server, or no worker any more
  };
  void register().then((known) => {
    if (!known || signal.aborted) return;
    registration = known;
    say(known.active, "keep");
    watch(known, tell, signal);
  });
  const container = "serviceWorker" in navigator ? navigator.serviceWorker : null;
  container?.addEventListener(
    "message",
    ({ data }: MessageEvent<WorkerNotice>) => {
      if (data.kind === "stale") tell();
    },
    { signal },
  );
  const seen = (): void => {
    if (document.visibilityState === "visible") check();
  };
  document.addEventListener("visibilitychange", seen, { signal });
  window.addEventListener("online", check, { signal });
  const timer = setInterval(check, check_every_ms);
  signal.addEventListener("abort", () => clearInterval(timer));
  return { check, stop: () => stopped.abort() };
}

// A worker that waits while another one is in charge is of a newer version.
function watch(known: ServiceWorkerRegistration, tell: () => void, signal: AbortSignal): void {
  if (known.waiting && known.active) tell();
  const found = (): void => {
    const coming = known.installing;
    coming?.addEventListener(
      "statechange",
      () => {
        if (coming.state === "installed" && known.active) tell();
      },
      { signal },
    );
  };
  known.addEventListener("updatefound", found, { signal });
  if (known.installing && known.active) found();
}

// Drafts and what waits to be sent are in the browser's store at each key.
function reload_by(known: ServiceWorkerRegistration | null): void {
  if (!known?.waiting) return location.reload();
  const again = (): void => location.reload();
  navigator.serviceWorker.addEventListener("controllerchange", again, { once: true });
  say(known.waiting, "take_over");
}

function say(worker: ServiceWorker | null, kind: WorkerCommand["kind"]): void {
  worker?.postMessage({ kind } satisfies WorkerCommand);
}

// The account is gone, and with it what its page was kept for.
export async function forget_offline(): Promise<void> {
  if (!("caches" in globalThis)) return;
  say(navigator.serviceWorker.controller, "forget");
  const own = (await caches.keys()).filter(is_own_cache);
  await Promise.all(own.map((name) => caches.delete(name)));
}
