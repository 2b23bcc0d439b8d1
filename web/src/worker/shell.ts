// The page of the client in the browser's cache: kept whole or not at all, one cache for each
// build. Nothing of an account is in it.
import { cache_of, is_own_cache, outdated, page_path, type Build } from "./decide";

const fetches_at_once = 6;
const policy = "Content-Security-Policy";

export interface ShellParts {
  readonly caches: Pick<CacheStorage, "open" | "keys" | "delete" | "match">;
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly build: Build;
}

export class Shell {
  readonly #parts: ShellParts;
  readonly #own: string;

  constructor(parts: ShellParts) {
    this.#parts = parts;
    this.#own = cache_of(parts.build);
  }

  // Keeps what is not kept yet. Rejects when something is not to be had; what was got stays, and
  // the page itself comes last, so it is there only when all is.
  async fill(): Promise<void> {
    if (await this.page()) return;
    const cache = await this.#parts.caches.open(this.#own);
    const wanted = [...this.#parts.build.files];
    const work = async (): Promise<void> => {
      for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
        await this.#keep(cache, path);
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: fetches_at_once }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    const page = await this.#newest_page();
    if (!(await page.clone().text()).includes(this.#parts.build.entry)) {
      throw new Error("the page is of another build"); // servers of two versions, for a moment
    }
    await cache.put(page_path, page);
  }

  // The page of this build, when all that it loads is there, too.
  page(): Promise<Response | undefined> {
    return this.#parts.caches.match(page_path, { cacheName: this.#own });
  }

  // A file of this build, or of the former one.
  file(path: string): Promise<Response | undefined> {
    return this.#parts.caches.match(path);
  }

  // A server may send the same page under other rules: another origin of events in its policy. True
  // when the pages that are open have got the former ones.
  async renew(): Promise<boolean> {
    const kept = await this.page();
    if (!kept) return false;
    const now = await this.#newest_page();
    if ((await now.clone().text()) !== (await kept.clone().text())) return false; // a new build
    const changed = now.headers.get(policy) !== kept.headers.get(policy);
    if (changed) await (await this.#parts.caches.open(this.#own)).put(page_path, now);
    return changed;
  }

  async tidy(): Promise<void> {
    await this.#remove(outdated(await this.#parts.caches.keys(), this.#own));
  }

  async forget(): Promise<void> {
    await this.#remove((await this.#parts.caches.keys()).filter(is_own_cache));
  }

  async #remove(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#parts.caches.delete(name)));
  }

  // Names of assets change with their content: one that an earlier build has left is the same.
  async #keep(cache: Cache, path: string): Promise<void> {
    if (await cache.match(path)) return;
    const former = path.startsWith("/assets/") ? await this.file(path) : undefined;
    const response = former ?? (await this.#parts.fetch(path));
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    await cache.put(path, response);
  }

  async #newest_page(): Promise<Response> {
    const response = await this.#parts.fetch(page_path, { cache: "no-cache" });
    if (!response.ok || response.redirected) throw new Error(`${page_path}: ${response.status}`);
    return response;
  }
}
