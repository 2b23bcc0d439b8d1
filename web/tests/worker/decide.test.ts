// What the service worker keeps, and what it never touches.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  cache_of,
  outdated,
  reserved,
  way_of,
  command_in,
  type Asked,
  type Build,
} from "../../src/worker/decide";

const origin = "https://chat.example";
const build: Build = {
  version: "1234",
  entry: "/assets/index-12345678.js",
  files: ["/assets/index-12345678.js", "/icon-192.png"],
};
const way = (path: string, more: Partial<Asked> = {}) =>
  way_of({ method: "GET", mode: "navigate", url: origin + path, ...more }, origin, build);

test("every address of the client is its page", () => {
  for (const path of ["/", "/signin", "/chat/12/message/4711", "/chat/1?draft=1", "/index.html"]) {
    expect(way(path), path).toBe("page");
  }
  expect(way("/search?q=a.b#c")).toBe("page");
});

test("a request that is no navigation is not answered with the page", () => {
  for (const mode of ["cors", "same-origin", "no-cors"]) {
    expect(way("/chat/12", { mode }), mode).toBe("leave");
  }
  expect(way("/", { method: "POST" })).toBe("leave");
  expect(way("/", { method: "HEAD" })).toBe("leave");
});

test("the files of the client are kept, also those of other builds", () => {
  for (const path of [...build.files, "/assets/former-00000000.css"]) {
    expect(way(path, { mode: "cors" }), path).toBe("file");
  }
  expect(way("/icon-192.png?x", { mode: "no-cors" })).toBe("leave");
  expect(way("/assets/a/b.js", { mode: "cors" })).toBe("leave");
});

test("answers of the API, events and files of people are never kept", () => {
  const paths = [
    ...["/api", "/api/chat", "/api/chat/12/messages", "/events", "/files/1/ab/cd.png"],
    ...["/client-config.json", "/docs", "/health", "/metrics", "/openapi.json", "/sw.js"],
    ...["/manifest.webmanifest", "/robots.txt"],
  ];
  for (const path of paths) {
    for (const mode of ["navigate", "cors", "no-cors"]) {
      expect(way(path, { mode }), `${mode} ${path}`).toBe("leave");
    }
  }
});

test("other origins are left alone, that of notify_server, too", () => {
  for (const url of ["https://events.chat.example/", "http://chat.example/", `${origin}:6687/events`]) {
    expect(way_of({ method: "GET", mode: "navigate", url }, origin, build), url).toBe("leave");
  }
});

test("the worker and fechatter_server know the same paths that are no page", () => {
  const source = new URL("../../../fechatter_server/web/web_site.cpp", import.meta.url).pathname;
  const [, list = ""] = /reserved\[\] = \{([^}]*)\}/.exec(readFileSync(source, "utf8")) ?? [];
  const names = [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? "");
  expect(names.toSorted()).toEqual([...reserved].toSorted());
});

test("the cache of the build before stays for tabs that are open, and older ones go", () => {
  const own = cache_of(build);
  const [one, two] = [cache_of({ ...build, version: "1" }), cache_of({ ...build, version: "2" })];
  expect(outdated([own], own)).toEqual([]);
  expect(outdated([one, own], own)).toEqual([]);
  expect(outdated([one, two, own], own)).toEqual([one]);
  expect(outdated(["of another program", one, two, own], own)).toEqual([one]);
});

test("only the words of the page are obeyed", () => {
  expect(command_in({ kind: "take_over" })).toBe("take_over");
  expect(command_in({ kind: "keep" })).toBe("keep");
  expect(command_in({ kind: "forget" })).toBe("forget");
  for (const data of [null, undefined, "take_over", 1, {}, { kind: "else" }, { kind: 1 }]) {
    expect(command_in(data)).toBeNull();
  }
});
