// What the service worker does with a request, by its address alone.

// Of one build of the client; tools/build_worker.mjs writes it into sw.js.
export interface Build {
  readonly version: string; // differs for each build
  readonly entry: string; // the first script of the page: it names the build of an index.html
  // What is kept beside the page, as paths: all scripts and styles, and the icons.
  readonly files: readonly string[];
}

// `page`: the page of the client, which draws every address. `file`: a file of the client that is
// kept. `leave`: none of the worker's business, so the browser asks the server as without a worker.
export type Way = "page" | "file" | "leave";

export interface Asked {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

export const page_path = "/index.html";

// First segments of paths that are never the client's page: `reserved` in web_site.cpp. Answers to
// them are not kept either, since they are of one user, or of this moment.
export const reserved: ReadonlySet<string> = new Set([
  ...["api", "assets", "client-config.json", "docs", "events"],
  ...["files", "health", "metrics", "openapi.json"],
]);

export function way_of(asked: Asked, origin: string, build: Build): Way {
  if (asked.method !== "GET") return "leave";
  const url = new URL(asked.url);
  if (url.origin !== origin) return "leave";
  if (url.search === "" && is_kept(url.pathname, build)) return "file";
  if (asked.mode !== "navigate") return "leave";
  return is_page(url.pathname) ? "page" : "leave";
}

// Assets of other builds, too: a tab may be older than its worker.
function is_kept(path: string, build: Build): boolean {
  return /^\/assets\/[^/]+$/.test(path) || build.files.includes(path);
}

// A single name with an extension is a file beside the page, such as /sw.js.
function is_page(path: string): boolean {
  if (path === page_path) return true;
  const first = path.split("/")[1] ?? "";
  return !reserved.has(first) && !/^\/[^/]+\.[a-z0-9]+$/i.test(path);
}

const prefix = "fechatter-shell-";

export function cache_of(build: Build): string {
  return prefix + build.version;
}

// Of this client, also of other versions.
export function is_own_cache(name: string): boolean {
  return name.startsWith(prefix);
}

// `names`: in the order of their making. The own cache stays, and the one before it: tabs that were
// opened before an upgrade ask for parts of the former build.
export function outdated(names: readonly string[], own: string): readonly string[] {
  const others = names.filter((name) => is_own_cache(name) && name !== own);
  return others.slice(0, -1);
}

// Messages between a page and the worker: commands to it, and its notices.
export type WorkerCommand =
  | { readonly kind: "take_over" } // the new worker, at a person's wish
  | { readonly kind: "keep" } // an account is there: keep the page
  | { readonly kind: "forget" }; // it is gone
export interface WorkerNotice {
  readonly kind: "stale"; // the server sends the same page under other rules
}

export function command_in(data: unknown): WorkerCommand["kind"] | null {
  if (typeof data !== "object" || data === null || !("kind" in data)) return null;
  const { kind } = data;
  return kind === "take_over" || kind === "keep" || kind === "forget" ? kind : null;
}
