// The browser's store, which one tab after the other writes.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import type { Chat } from "../../src/sync/state";
import { Storage, type SnapshotChange } from "../../src/sync/storage";

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
});
