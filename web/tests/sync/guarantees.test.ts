// What the client promises over a bad network and many tabs, against real servers.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Id } from "../../src/api/types";
import { TabClient } from "../../src/sync/client";
import type { Message } from "../../src/sync/state";
import { Browser, eventually, type Tab } from "./support/browser";
import { Person } from "./support/person";
import { System, what_is_missing } from "./support/system";

const missing = what_is_missing();
if (missing) process.stderr.write(`\nNOT TESTED against servers: ${missing}\n\n`);

interface Opened {
  readonly tab: Tab;
  readonly client: TabClient;
}

describe.skipIf(missing !== null)("over a bad network and in many tabs", () => {
  const system = new System();
  let alice: Person;
  let bob: Person;
  let chat: Id;
  let browser: Browser;
  let offline = false;
  let number = 0;
  const opened: Opened[] = [];

  beforeAll(() => system.start(), 120_000);
  afterAll(() => system.stop(), 60_000);

  async function begin(): Promise<void> {
    const workspace = `g${++number}-${Date.now()}`;
    [alice, bob] = [new Person(system.server), new Person(system.server)];
    await alice.sign_up("alice", workspace);
    await bob.sign_up("bob", workspace);
    const body = { chat_type: "PrivateChannel", name: "both", members: [bob.id] };
    chat = ((await alice.ask("POST", "/api/chat", body)).body as { id: Id }).id;
    offline = false;
    browser = new Browser(system.server, system.notify);
    browser.network = (input, init) =>
      offline ? Promise.reject(new TypeError("offline")) : fetch(input, init);
    opened.length = 0;
  }

  async function open(): Promise<TabClient> {
    const tab = browser.tab();
    const client = new TabClient(tab.env);
    opened.push({ tab, client });
    await client.start();
    return client;
  }

  async function sign_in(): Promise<TabClient> {
    const client = await open();
    await client.actions.signIn(alice.email, alice.password);
    await live(client);
    return client;
  }

  const live = (client: TabClient): Promise<void> =>
    eventually(
      "live",
      () =>
        client.core.state.connection.phase === "live" &&
        client.core.state.chats_status === "ready",
    );
  const rows = (client: TabClient): readonly Message[] =>
    client.core.state.windows.get(chat)?.rows ?? [];
  const texts = (client: TabClient): readonly string[] => rows(client).map((row) => row.content);
  const show = async (client: TabClient): Promise<void> => {
    client.actions.openChat(chat);
    await eventually("shown", () => client.core.state.windows.get(chat)?.status === "ready");
  };
  const says = (who: Person, content: string) =>
    who.ask("POST", `/api/chat/${chat}/messages`, { content });
  const close = async (): Promise<void> => {
    for (const { client } of opened) await client.stop();
  };

  test("messages written offline survive a restart and are sent once, in order", async () => {
    await begin();
    const first = await sign_in();
    await show(first);
    offline = true;
    for (const content of ["one", "two", "three"]) first.actions.send(chat, { content });
    await eventually("they wait", () => first.core.state.outbox.get(chat)?.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 50)); // IndexedDB has them
    opened[0]?.tab.kill();
    const second = await open();
    expect(second.core.state.session.status).toBe("signed_in");
    expect(second.core.state.outbox.get(chat)?.map((one) => one.content)).toEqual([
      ...["one", "two", "three"],
    ]);
    offline = false;
    second.actions.wakeUp();
    await eventually("they are sent", () => second.core.state.outbox.size === 0, 20_000);
    const sent = (await bob.messages(chat)).map((message) => message.content).toReversed();
    expect(sent).toEqual(["one", "two", "three"]);
    await close();
  });

  test("a lost answer is no second message", async () => {
    await begin();
    const client = await sign_in();
    await show(client);
    let lost = 0;
    browser.network = async (input, init) => {
      const response = await fetch(input, init);
      const path = new URL((input as Request).url).pathname;
      if (path.endsWith("/messages") && (input as Request).method === "POST" && lost++ < 2) {
        throw new TypeError("the connection was reset");
      }
      return response;
    };
    const key = client.actions.send(chat, { content: "once" });
    client.actions.retry(key);
    await eventually("it is sent", () => client.core.state.outbox.size === 0);
    expect((await bob.messages(chat)).map((message) => message.content)).toEqual(["once"]);
    expect(texts(client)).toEqual(["once"]);
    await close();
  });

  test("ten tabs share a stream; the death of its reader loses and doubles nothing", async () => {
    await begin();
    await sign_in();
    const before = browser.streams;
    while (opened.length < 10) await open();
    for (const { client } of opened) {
      await live(client);
      await show(client);
    }
    expect(browser.streams).toBe(before);
    const knows_who_is_there = ({ client }: Opened): boolean =>
      client.core.state.presence.get(alice.id)?.status === "online";
    await eventually("each tab knows who is online", () => opened.every(knows_who_is_there));
    const seen = new Map<TabClient, string[]>();
    for (const { client } of opened) {
      const own: string[] = [];
      seen.set(client, own);
      client.core.store.subscribe((now, then) => {
        const known = new Set(then.windows.get(chat)?.rows.map((row) => row.id));
        const added = now.windows.get(chat)?.rows.filter((row) => !known.has(row.id)) ?? [];
        own.push(...added.map((row) => row.content));
      });
    }
    const said: string[] = [];
    for (let i = 0; i < 30; ++i) {
      said.push(`message ${i}`);
      await says(bob, `message ${i}`);
      if (i % 10 !== 5) continue;
      const place = opened.findIndex(({ client }) => client.core.state.connection.leader);
      const start = Date.now();
      opened.splice(place, 1)[0]?.tab.kill();
      const leads = (): boolean => opened.some(({ client }) => client.core.state.connection.leader);
      await eventually("another tab leads", leads, 1_000);
      expect(Date.now() - start).toBeLessThan(1_000);
    }
    for (const { client } of opened) {
      await eventually("all has come", () => texts(client).length === said.length);
      expect(texts(client)).toEqual(said);
      expect(seen.get(client)).toEqual(said);
      expect(client.core.state.chats.get(chat)?.unread_count).toBe(said.length);
    }
    await close();
  }, 60_000);

  test("tabs that refresh at once stay signed in", async () => {
    await begin();
    await sign_in();
    await open();
    await open();
    const used = opened.map(({ client }) => client.tokens.present);
    await Promise.all(opened.map(({ client }, i) => client.tokens.renew(used[i] ?? null)));
    expect(browser.refreshes).toBe(1);
    for (const { client } of opened) {
      expect(client.core.state.session.status).toBe("signed_in");
      expect(client.tokens.present).toBe(opened[0]?.client.tokens.present);
    }
    await close();
  });

  test("a refresh whose answer is lost is repeated without an end of the session", async () => {
    await begin();
    const client = await sign_in();
    browser.network = async (input, init) => {
      await fetch(input, init);
      throw new TypeError("the connection was reset");
    };
    await expect(client.tokens.renew(client.tokens.present)).rejects.toThrow();
    browser.network = fetch;
    await client.tokens.renew(client.tokens.present);
    await client.actions.loadPerson(bob.id);
    expect(client.core.state.session.status).toBe("signed_in");
    await close();
  });

  test("signing out in one tab empties all, and the browser's store", async () => {
    await begin();
    const first = await sign_in();
    const second = await open();
    await live(second);
    await show(second);
    second.actions.setDraft(`chat:${chat}`, { content: "a secret" });
    await first.actions.signOut();
    await eventually("both are signed out", () =>
      opened.every(({ client }) => client.core.state.session.status === "signed_out"),
    );
    expect(second.core.state.chats.size + second.core.state.drafts.size).toBe(0);
    await eventually("the stores are gone", async () => {
      const names = (await browser.indexed_db.databases()).map((one) => one.name);
      return names.every((name) => name === "fechatter");
    });
    const later = await open();
    expect(later.core.state.session).toEqual({ status: "signed_out", reason: "first" });
    await close();
  });

  test("what a user is removed from leaves the state and the store", async () => {
    await begin();
    await says(alice, "private words");
    const browser_of_bob = (browser = new Browser(system.server, system.notify));
    const client = await open();
    await client.actions.signIn(bob.email, bob.password);
    await live(client);
    await show(client);
    expect(texts(client)).toEqual(["private words"]);
    await alice.ask("DELETE", `/api/chat/${chat}/members`, [bob.id]);
    await eventually("it is gone", () => !client.core.state.chats.has(chat));
    expect(client.core.state.windows.has(chat)).toBe(false);
    await client.stop();
    offline = true;
    const again = new TabClient(browser_of_bob.tab().env);
    await again.start();
    expect(again.core.state.chats.has(chat)).toBe(false);
    await again.stop();
  });

  test("offline the last chats open, and what was missed comes by the cursor", async () => {
    await begin();
    const first = await sign_in();
    await show(first);
    await says(bob, "before");
    await eventually("it has come", () => texts(first).includes("before"));
    await first.stop();
    offline = true;
    await says(bob, "meanwhile");
    const second = await open();
    await eventually("kept", () => texts(second).includes("before"));
    expect(second.core.state.session).toMatchObject({ status: "signed_in", verified: false });
    let lists = 0;
    browser.network = (input, init) => {
      if (new URL((input as Request).url).pathname === "/api/chat") lists += 1;
      return offline ? Promise.reject(new TypeError("offline")) : fetch(input, init);
    };
    offline = false;
    second.actions.wakeUp();
    await eventually("what was missed has come", () => texts(second).includes("meanwhile"), 20_000);
    expect(texts(second)).toEqual(["before", "meanwhile"]);
    expect(lists).toBe(0);
    await second.stop();
  });

  test("what any tab has read is kept, and taken over by the next leader", async () => {
    await begin();
    await says(bob, "read by another tab");
    const leader = await sign_in();
    const next = await open();
    const reader = await open();
    for (const client of [next, reader]) await live(client);
    await show(reader);
    await eventually("the leader has it", () => texts(leader).includes("read by another tab"));
    expect(leader.core.state.people.get(bob.id)?.fullname).toBe("bob");
    expect(next.core.state.windows.has(chat)).toBe(false);
    await leader.stop();
    await eventually("the next one has it", () => texts(next).includes("read by another tab"));
    await says(bob, "and later");
    await eventually("it goes on", () => texts(next).includes("and later"));
    await reader.stop();
    await next.stop();
    offline = true;
    const again = await open();
    expect(texts(again)).toEqual(["read by another tab", "and later"]);
    await again.stop();
  });

  test("a notify_server that crashes is come back to, and nothing is missed", async () => {
    await begin();
    const client = await sign_in();
    await show(client);
    await system.kill("notify");
    await says(bob, "while it was down");
    await system.start_notify();
    client.actions.wakeUp();
    await eventually("it has come", () => texts(client).includes("while it was down"), 20_000);
    await close();
  }, 60_000);

  test("a list of watched people is sent again after a 503, not after a 422", async () => {
    await begin();
    const asked: number[] = [];
    browser.network = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.endsWith("/api/presence/subscriptions")) return fetch(input, init);
      const refused = new Response("{}", { status: 503 });
      const reply = asked.length === 0 ? refused : await fetch(input, init);
      asked.push(reply.status);
      return reply;
    };
    const client = await sign_in();
    client.actions.watchPresence([bob.id]);
    await eventually("it is accepted", () => asked.includes(204), 20_000);
    expect(asked).toEqual([503, 204]);
    client.actions.watchPresence([bob.id + 1_000_000]);
    await eventually("it is refused", () => asked.includes(422), 20_000);
    await new Promise((done) => setTimeout(done, 6_000)); // it would be sent again after 5 s
    expect(asked).toEqual([503, 204, 422]);
    await close();
  }, 60_000);
});
