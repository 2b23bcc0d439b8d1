// The service worker: /sw.js, one file without imports. It keeps the page of the client, so that it
// opens without a server; what the page shows then is in IndexedDB (src/sync/storage.ts). A new
// worker waits until its page is wanted, or until no page of the former one is open.
import { page_path, way_of, command_in, type Build, type WorkerNotice } from "./decide";
import type { WorkerScope } from "./scope";
import { Shell } from "./shell";

declare const BUILD_OF_THE_CLIENT: Build;

const scope = self as unknown as WorkerScope;
const build = BUILD_OF_THE_CLIENT;
const shell = new Shell({
  caches: scope.caches,
  fetch: (path, init) => scope.fetch(path, init),
  build,
});

scope.addEventListener("install", (event) => event.waitUntil(shell.fill()));

scope.addEventListener("activate", (event) => {
  event.waitUntil(shell.tidy().then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const way = way_of(request, scope.location.origin, build);
  if (way === "leave") return;
  if (way === "page") event.waitUntil(renew());
  const path = way === "page" ? page_path : new URL(request.url).pathname;
  const kept = way === "page" ? shell.page() : shell.file(path);
  event.respondWith(
    kept.catch(() => undefined).then((response) => response ?? scope.fetch(request)),
  );
});

scope.addEventListener("message", (event) => {
  const command = command_in(event.data);
  if (command === "take_over") event.waitUntil(scope.skipWaiting());
  if (command === "keep") event.waitUntil(shell.fill().catch(() => undefined)); // at the next start
  if (command === "forget") event.waitUntil(shell.forget());
});

// What it finds is for the next start; the pages that are open get a notice.
async function renew(): Promise<void> {
  try {
    if (!(await shell.renew())) return;
    const notice: WorkerNotice = { kind: "stale" };
    for (const client of await scope.clients.matchAll()) client.postMessage(notice);
  } catch {
    // There is no server.
  }
}
