// The browser's store, which one tab after the other writes.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import { Core } from "../../src/sync/core";
import { Snapshots } from "../../src/sync/snapshots";
import { empty_state, type Chat, type State } from "../../src/sync/state";
import { Storage, type SnapshotChange } from "../../src/sync/storage";
import { Browser } from "./support/browser";

function change(writer: string, cursor: string, last_seq: number, whole: boolean): SnapshotChange {
  const chat = { id: 4, last_seq } as Chat;
  const nothing = { draft_versions: [], windows: [], people: [], gone_chats: [], gone_windows: [] };
  return { writer, whole, cursor, preferences: null, chats: [chat], ...nothing };
}

describe("the kept state", () => {
  test("a tab that another one has followed writes no change over what that has written", async () => {
    const factory = new IDBFactory();
    const former = new Storage(factory, "1");
    const present = new Storage(factory, "1");
    expect(await former.write(change("a", "1-1", 1, true))).toBe(true);
    expect(await former.write(change("a", "1-2", 2, false))).toBe(true);
    expect(await present.write(change("b", "1-5", 5, true))).toBe(true);
    expect(await former.write(change("a", "1-9", 3, false))).toBe(false);
    expect(await present.write(change("b", "1-6", 6, false))).toBe(true);
    const kept = await former.read();
    expect(kept?.cursor).toBe("1-6");
    expect(kept?.chats.map((chat) => chat.last_seq)).toEqual([6]);
    await former.close();
    await present.close();
  });

  test("a change that is not whole begins no store", async () => {
    const storage = new Storage(new IDBFactory(), "1");
    expect(await storage.write(change("a", "1-1", 1, false))).toBe(false);
    expect(await storage.read()).toBeNull();
    await storage.close();
  });

  test("a chat that was gone before it was written is not kept", async () => {
    const storage = new Storage(new IDBFactory(), "1");
    const core = new Core(Date.now);
    const snapshots = new Snapshots(new Browser("", "").tab().env, core, storage);
    const hold = (cursor: string, ids: readonly number[]): void => {
      const chats: State["chats"] = new Map(ids.map((id) => [id, { id } as Chat]));
      core.restart({ ...empty_state(), chats_status: "ready", cursor, chats });
    };
    hold("1-1", [1]);
    await snapshots.now();
    hold("1-2", [1, 2]);
    const first = snapshots.now();
    await Promise.resolve(); // it is being written
    hold("1-3", [1]);
    await Promise.all([first, snapshots.now()]);
    const kept = await storage.read();
    expect(kept?.cursor).toBe("1-3");
    expect(kept?.chats.map((chat) => chat.id)).toEqual([1]);
    snapshots.stop();
    await storage.close();
  });
});
