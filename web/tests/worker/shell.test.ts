// How the page is kept: whole or not at all, one build beside the former one.
import { beforeEach, expect, test } from "vitest";
import { cache_of, type Build } from "../../src/worker/decide";
import { Shell } from "../../src/worker/shell";

// The part of the browser's caches that the worker uses.
class Caches {
  readonly all = new Map<string, Map<string, Response>>();

  open(name: string): Promise<Cache> {
    const held = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, held);
    const cache = {
      match: (path: string) => Promise.resolve(held.get(path)?.clone()),
      put: (path: string, response: Response) => {
        held.set(path, response);
        return Promise.resolve();
      },
    };
    return Promise.resolve(cache as unknown as Cache);
  }
  match(path: string, options?: { cacheName?: string }): Promise<Response | undefined> {
    const names = options?.cacheName === undefined ? [...this.all.keys()] : [options.cacheName];
    const found = names.map((name) => this.all.get(name)?.get(path)).find(Boolean);
    return Promise.resolve(found?.clone());
  }
  keys(): Promise<string[]> {
    return Promise.resolve([...this.all.keys()]);
  }
  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.all.delete(name));
  }
}

function build_of(version: string, ...more: string[]): Build {
  const entry = `/assets/index-${version}.js`;
  return { version, entry, files: [entry, "/icon.svg", ...more] };
}

let caches: Caches;
let served: Map<string, string>;
let policy: string;
let asked: string[];
let at_once: number;
let most: number;

beforeEach(() => {
  caches = new Caches();
  served = new Map();
  policy = "default-src 'none'";
  asked = [];
  at_once = 0;
  most = 0;
});

function publish(build: Build): void {
  served.set("/index.html", `<script src="${build.entry}"></script>`);
  for (const path of build.files) served.set(path, path);
}

async function serve(path: string): Promise<Response> {
  asked.push(path);
  at_once += 1;
  most = Math.max(most, at_once);
  await new Promise((resolve) => setTimeout(resolve, 1));
  at_once -= 1;
  const body = served.get(path);
  if (body === undefined) return new Response("", { status: 404 });
  return new Response(body, { headers: { "Content-Security-Policy": policy } });
}

const shell_of = (build: Build): Shell =>
  new Shell({ caches: caches as unknown as CacheStorage, fetch: serve, build });
const text = async (response: Promise<Response | undefined>) => (await response)?.text();

test("the page and all files are kept, a few at once", async () => {
  const build = build_of("1", ...Array.from({ length: 30 }, (_, i) => `/assets/part-${i}.js`));
  publish(build);
  const shell = shell_of(build);
  await shell.fill();
  expect(await text(shell.page())).toContain(build.entry);
  for (const path of build.files) expect(await text(shell.file(path))).toBe(path);
  expect(most).toBeLessThanOrEqual(6);
});

test("without one of its files there is no page, and the next try gets only what is missing", async () => {
  const build = build_of("1", "/assets/late.js");
  publish(build);
  served.delete("/assets/late.js");
  const shell = shell_of(build);
  await expect(shell.fill()).rejects.toThrow("/assets/late.js");
  expect(await shell.page()).toBeUndefined();
  served.set("/assets/late.js", "late");
  asked = [];
  await shell.fill();
  expect(asked.toSorted()).toEqual(["/assets/late.js", "/index.html"]);
  expect(await shell.page()).toBeDefined();
});

test("a page of another build is not taken for the own one", async () => {
  const [former, next] = [build_of("1"), build_of("2")];
  publish(former);
  publish({ ...next, files: [] });
  served.set(former.entry, "former");
  await expect(shell_of(former).fill()).rejects.toThrow("another build");
  expect(await shell_of(former).page()).toBeUndefined();
});

test("what is kept is not asked for again, nor what the former build has left", async () => {
  const former = build_of("1", "/assets/same.js");
  publish(former);
  await shell_of(former).fill();
  const next = build_of("2", "/assets/same.js");
  publish(next);
  asked = [];
  await shell_of(next).fill();
  expect(asked).not.toContain("/assets/same.js");
  expect(asked).toContain("/icon.svg"); // its name says nothing of its content
  asked = [];
  await shell_of(next).fill();
  expect(asked).toEqual([]);
});

test("parts of the former build stay for one release", async () => {
  const builds = ["1", "2", "3"].map((version) => build_of(version));
  for (const build of builds) {
    publish(build);
    await shell_of(build).fill();
    await shell_of(build).tidy();
  }
  const newest = shell_of(builds[2] as Build);
  expect(await newest.file("/assets/index-3.js")).toBeDefined();
  expect(await newest.file("/assets/index-2.js")).toBeDefined();
  expect(await newest.file("/assets/index-1.js")).toBeUndefined();
});

test("when the account is gone nothing is kept, until there is one again", async () => {
  const build = build_of("1");
  publish(build);
  const shell = shell_of(build);
  await shell.fill();
  await caches.open("of another program");
  await shell.forget();
  expect(await caches.keys()).toEqual(["of another program"]);
  expect(await shell.page()).toBeUndefined();
  await shell.fill();
  expect(await shell.page()).toBeDefined();
});

test("the same page under another policy is kept with that, and said", async () => {
  const build = build_of("1");
  publish(build);
  const shell = shell_of(build);
  await shell.fill();
  expect(await shell.renew()).toBe(false);
  policy = "default-src 'none'; connect-src https://events.example";
  expect(await shell.renew()).toBe(true);
  expect((await shell.page())?.headers.get("Content-Security-Policy")).toBe(policy);
  expect(await shell.renew()).toBe(false);
});

test("a page of a new build is left to its own worker", async () => {
  const build = build_of("1");
  publish(build);
  const shell = shell_of(build);
  await shell.fill();
  publish(build_of("2"));
  policy = "another";
  expect(await shell.renew()).toBe(false);
  expect(await text(shell.page())).toContain(build.entry);
  expect(await caches.keys()).toEqual([cache_of(build)]);
});
