// The start of a tab in a browser that has kept an account: what is kept is shown, whatever the
// other tabs and the server do.
import { afterEach, describe, expect, test } from "vitest";
import type { AuthResponse } from "../../src/api/types";
import { TabClient } from "../../src/sync/client";
import type { Env } from "../../src/sync/env";
import type { Chat, Draft } from "../../src/sync/state";
import { account_of, IdentityStore, Storage, type Identity } from "../../src/sync/storage";
import { Tokens } from "../../src/sync/tokens";
import { Browser, eventually } from "./support/browser";

const identity = { user: { id: 7 }, workspace: { id: 3 } } as Identity;
const auth = { ...identity, access_token: "of another tab", expires_in: 900 } as AuthResponse;
const question_ms = 150; // how long a tab waits for the word of another one

const opened: TabClient[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.stop()));
});

// A browser whose server never answers, with one chat that was kept.
async function browser_with_a_chat(): Promise<Browser> {
  const browser = new Browser("http://server.test", "http://notify.test");
  browser.network = () => new Promise(() => undefined);
  await new IdentityStore(browser.indexed_db).write(identity);
  const storage = new Storage(browser.indexed_db, account_of(identity));
  const chat = { id: 4, last_seq: 1, name: "kept" } as Chat;
  await storage.write({
    ...{ writer: "before", whole: true, cursor: "1-1", preferences: null, chats: [chat] },
    ...{ draft_versions: [], windows: [], people: [], gone_chats: [], gone_windows: [] },
  });
  await storage.close();
  return browser;
}

function client_in({ env }: { env: Env }, more: Partial<Env> = {}): TabClient {
  const client = new TabClient({ ...env, ...more });
  opened.push(client);
  return client;
}

const name_of_chat = (client: TabClient): string | undefined =>
  client.core.state.chats.get(4)?.name;

describe("a tab that begins", () => {
  test("shows what is kept before other tabs and the server have answered", async () => {
    const browser = await browser_with_a_chat();
    const { env } = browser.tab();
    const waits: number[] = [];
    // Nothing ends the question but an answer.
    const after: Env["after"] = (ms, task) => {
      waits.push(ms);
      return ms === question_ms ? () => undefined : env.after(ms, task);
    };
    const client = client_in({ env }, { after });
    await client.start();
    expect(waits).toContain(question_ms);
    expect(name_of_chat(client)).toBe("kept");
    expect(client.core.state.session).toMatchObject({ status: "signed_in", verified: false });
    expect(browser.refreshes).toBe(0); // as long as another tab may have a token
  });

  test("asks the server for a token when no other tab has one", async () => {
    const browser = await browser_with_a_chat();
    const client = client_in(browser.tab());
    await client.start();
    await eventually("it refreshes", () => browser.refreshes === 1);
    expect(name_of_chat(client)).toBe("kept");
  });

  test("takes the token of another tab, and asks the server for none", async () => {
    const browser = await browser_with_a_chat();
    const other = new Tokens(browser.tab().env, {
      granted: () => undefined,
      signed_out: () => undefined,
    });
    other.take(auth);
    const client = client_in(browser.tab());
    await client.start();
    const is_verified = (): boolean => {
      const { session } = client.core.state;
      return session.status === "signed_in" && session.verified;
    };
    await eventually("the session is good", is_verified);
    expect(await client.tokens.get()).toBe("of another tab");
    expect(name_of_chat(client)).toBe("kept");
    expect(browser.refreshes).toBe(0);
    other.close();
  });

  test("shows nothing of an account whose session another tab has ended meanwhile", async () => {
    const browser = await browser_with_a_chat();
    const client = client_in(browser.tab());
    const started = client.start();
    const other = browser.tab().env.channel("fechatter:session");
    await eventually("the account is begun", () => client.account !== null);
    other.post({ kind: "signed_out", reason: "ended" });
    await started;
    await eventually("it is signed out", () => client.core.state.session.status === "signed_out");
    await eventually("the account is gone", () => client.account === null);
    expect(name_of_chat(client)).toBeUndefined();
    expect(await new IdentityStore(browser.indexed_db).read()).toBeNull();
  });

  test("loses no draft that another tab writes while the store is being read", async () => {
    const browser = await browser_with_a_chat();
    const client = client_in(browser.tab());
    const started = client.start();
    await eventually("the account is begun", () => client.account !== null);
    const other = browser.tab().env.channel(`fechatter:tabs:${account_of(identity)}`);
    const draft = { key: "chat:4", chat_id: 4, content: "written elsewhere" } as unknown as Draft;
    other.post({ kind: "note", note: { kind: "draft", key: draft.key, draft } });
    await started;
    await eventually("the draft is there", () => client.core.state.drafts.has("chat:4"));
    expect(client.core.state.drafts.get("chat:4")?.content).toBe("written elsewhere");
  });
});
