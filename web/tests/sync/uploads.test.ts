// Files on their way survive the end of their tab, and go on where the server has kept them.
import { beforeEach, expect, test } from "vitest";
import { Core } from "../../src/sync/core";
import type { Drafts } from "../../src/sync/drafts";
import { chunk_bytes, stored_upload_bytes_max } from "../../src/sync/limits";
import type { Rest } from "../../src/sync/rest";
import { empty_state, type Chat, type DraftKey, type Upload } from "../../src/sync/state";
import { UploadStore } from "../../src/sync/upload_store";
import { Uploads } from "../../src/sync/uploads";
import { Browser, eventually, type Tab } from "./support/browser";

const account = "1-2";
const draft: DraftKey = "chat:12";
const url = "/files/1/ab/cd/abcd.bin";

// As much of a server's uploads in chunks as the client speaks to.
class Server {
  readonly partial = new Map<string, Uint8Array[]>();
  readonly asked: string[] = [];
  arrived: Uint8Array | null = null;
  chunks_max = Infinity; // it takes no more, and lets requests wait
  #names = 0;

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.asked.push(`${request.method} ${pathname}`);
    if (request.method === "POST") return this.#begin(request);
    const parts = this.partial.get(pathname);
    if (!parts) return new Response("{}", { status: 404 });
    if (request.method === "PATCH") {
      if (parts.length >= this.chunks_max) return until_aborted(request.signal);
      parts.push(new Uint8Array(await request.arrayBuffer()));
    }
    return this.#state(pathname, parts);
  }

  #begin(request: Request): Response {
    const path = `/api/files/resumable/${++this.#names}`;
    this.partial.set(path, []);
    this.size = Number(request.headers.get("Upload-Length"));
    return new Response(null, { status: 201, headers: { Location: path } });
  }

  size = 0;
  #state(path: string, parts: readonly Uint8Array[]): Response {
    const sent = parts.reduce((sum, part) => sum + part.length, 0);
    const headers = new Headers({ "Upload-Offset": String(sent) });
    if (sent === this.size) {
      headers.set("Location", url);
      this.arrived = new Uint8Array(Buffer.concat(parts));
      this.partial.delete(path);
    }
    return new Response(null, { status: 204, headers });
  }
}

function until_aborted(signal: AbortSignal): Promise<Response> {
  return new Promise((_, refuse) => {
    signal.addEventListener("abort", () => refuse(new TypeError("aborted")));
  });
}

let browser: Browser;
let server: Server;
let in_draft: string[];

beforeEach(() => {
  browser = new Browser("http://server", "");
  server = new Server();
  in_draft = [];
});

interface Opened {
  readonly tab: Tab;
  readonly uploads: Uploads;
  readonly core: Core;
  readonly store: UploadStore;
}

function open(): Opened {
  const tab = browser.tab();
  const core = new Core(tab.env.now);
  const chats = new Map([[12, { id: 12 } as Chat]]);
  core.restart({ ...empty_state(), chats, chats_status: "ready" });
  const rest = { signed: (request: Request) => server.answer(request) } as unknown as Rest;
  const drafts = {
    set: (_: DraftKey, fields: { files: string[] }) => (in_draft = fields.files),
  } as unknown as Drafts;
  const store = new UploadStore(tab.env.indexed_db, account);
  return { tab, core, store, uploads: new Uploads(tab.env, core, rest, drafts, store, account) };
}

const bytes = (count: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: count }, (_, i) => i % 251);
const film = (count = 3 * chunk_bytes + 7): File =>
  new File([bytes(count)], "film.mp4", { type: "video/mp4" });
const only = ({ core }: Opened): Upload | undefined => [...core.state.uploads.values()][0];
const kept = ({ store }: Opened) => store.all();

async function cut_after(chunks: number): Promise<Opened> {
  server.chunks_max = chunks;
  const first = open();
  first.uploads.add(draft, film());
  await eventually("it was begun", () => only(first)?.sent === chunks * chunk_bytes);
  await eventually("it is kept", async () => (await kept(first))[0]?.place !== null);
  return first;
}

test("a tab that comes later goes on where the server has it", async () => {
  const first = await cut_after(2);
  first.tab.kill();
  server.chunks_max = Infinity;
  server.asked.length = 0;
  const second = open();
  await second.uploads.restore();
  await eventually("it has arrived", () => in_draft.length === 1);
  expect(server.asked.map((asked) => asked.split(" ")[0])).toEqual(["HEAD", "PATCH", "PATCH"]);
  expect(Buffer.compare(server.arrived ?? bytes(0), bytes(3 * chunk_bytes + 7))).toBe(0);
  expect(in_draft).toEqual([url]);
  expect(only(second)).toMatchObject({ name: "film.mp4", mime_type: "video/mp4", status: "ready" });
  await eventually("nothing is kept", async () => (await kept(second)).length === 0);
});

test("another tab leaves it alone as long as the first one lives", async () => {
  const first = await cut_after(1);
  const second = open();
  await second.uploads.restore();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(only(second)).toBeUndefined();
  server.chunks_max = Infinity;
  first.tab.kill();
  await eventually("it has arrived", () => in_draft.length === 1);
  expect(only(second)?.status).toBe("ready");
});

test("what the server keeps no more is sent from the beginning", async () => {
  const first = await cut_after(2);
  first.tab.kill();
  server.chunks_max = Infinity;
  server.partial.clear();
  const second = open();
  await second.uploads.restore();
  await eventually("it has arrived", () => in_draft.length === 1);
  expect(Buffer.compare(server.arrived ?? bytes(0), bytes(3 * chunk_bytes + 7))).toBe(0);
});

test("what was given up, or has arrived, is kept no longer", async () => {
  const first = await cut_after(1);
  first.uploads.remove(only(first)?.id ?? "");
  await eventually("nothing is kept", async () => (await kept(first)).length === 0);
  const second = open();
  await second.uploads.restore();
  expect(only(second)).toBeUndefined();
});

test("a chat that is lost takes its uploads along", async () => {
  const first = await cut_after(1);
  first.uploads.lose(11);
  expect(only(first)).toBeDefined();
  first.uploads.lose(12);
  expect(only(first)).toBeUndefined();
  await eventually("nothing is kept", async () => (await kept(first)).length === 0);
});

test("an upload of a chat that is gone meanwhile is not taken up", async () => {
  const first = await cut_after(1);
  first.tab.kill();
  const second = open();
  second.core.change((change) => change.remove("chats", 12));
  await second.uploads.restore();
  await eventually("nothing is kept", async () => (await kept(second)).length === 0);
  expect(only(second)).toBeUndefined();
});

test("a form's file and a very large one are sent, and not kept", async () => {
  server.chunks_max = 0;
  const first = open();
  first.uploads.add("chat:0", film());
  const large = film();
  Object.defineProperty(large, "size", { value: stored_upload_bytes_max + 1 });
  first.uploads.add(draft, large);
  await eventually("both are on their way", () => server.asked.length >= 4);
  expect(await kept(first)).toEqual([]);
});

test("signing out removes the bytes", async () => {
  const first = await cut_after(1);
  first.uploads.stop();
  await first.store.wipe();
  await first.store.put(
    { id: "late", draft, name: "", mime_type: "", size: 1, place: null, order: 1 },
    film(1),
  );
  expect(await browser.indexed_db.databases()).toEqual([]);
});
