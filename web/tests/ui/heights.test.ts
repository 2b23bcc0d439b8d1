// Where a list of messages begins, and what is kept of it for the next time.
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Row } from "../../src/features/timeline/rows";
import type { Message } from "../../src/sync";

type Heights = typeof import("../../src/features/timeline/heights");
let heights: Heights;
beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal("window", { innerHeight: 700 });
  heights = await import("../../src/features/timeline/heights");
});

const rect = { width: 800, height: 600 };
const keys_of = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);
const sizes_of = (keys: readonly string[]) => new Map(keys.map((key, i) => [key, 40 + i]));

describe("the heights of rows", () => {
  test("are there again when the chat is shown again", () => {
    const keys = keys_of(3);
    heights.keep_heights(1, rect, keys, sizes_of(keys));
    const kept = heights.kept_heights(1).map(({ key, size }) => [key, size]);
    expect(kept).toEqual([["m0", 40], ["m1", 41], ["m2", 42]]);
    expect(heights.rect_at_first()).toEqual(rect);
  });

  test("are those of the newest rows, and of the chats that were shown last", () => {
    const keys = keys_of(heights.rows_max + 10);
    for (let chat = 1; chat <= heights.chats_max + 1; ++chat) {
      heights.keep_heights(chat, rect, keys, sizes_of(keys));
    }
    expect(heights.kept_heights(1)).toEqual([]);
    expect(heights.kept_heights(2)).toHaveLength(heights.rows_max);
    expect(heights.kept_heights(2)[0]?.key).toBe("m10");
    heights.keep_heights(2, rect, keys, sizes_of(keys)); // it is shown last now
    heights.keep_heights(99, rect, keys, sizes_of(keys));
    expect(heights.kept_heights(2)).toHaveLength(heights.rows_max);
    expect(heights.kept_heights(3)).toEqual([]);
  });

  test("hold for one width of the list, and are not those of a list that was never laid out", () => {
    const keys = keys_of(2);
    heights.keep_heights(1, null, keys, sizes_of(keys));
    expect(heights.rect_at_first()).toEqual({ width: 0, height: 700 });
    heights.keep_heights(1, rect, keys, sizes_of(keys));
    heights.keep_heights(2, { width: 500, height: 600 }, keys, sizes_of(keys));
    expect(heights.kept_heights(1)).toEqual([]);
    expect(heights.kept_heights(2)).toHaveLength(2);
  });
});

describe("a list begins", () => {
  const message = (id: number): Row => ({
    ...{ kind: "message", key: `m${id}`, follows: false, message: { id } as Message },
  });
  const messages = Array.from({ length: 20 }, (_, i) => message(i));
  const all = messages.map(({ key }) => ({ key, size: 50 }));
  const offset = async (rows: readonly Row[], message_id: number | null) => {
    const { offset_at_first } = await import("../../src/features/timeline/useRowVirtualizer");
    const focus = message_id === null ? null : { message_id, seq: message_id, turn: 1 };
    return offset_at_first(rows, { focus }, all, 600);
  };

  test("with its end: 8 px above the rows, 14 px below", async () => {
    expect(await offset(messages, null)).toBe(8 + 20 * 50 + 14 - 600);
    expect(await offset(messages.slice(0, 3), null)).toBe(0);
  });

  test("with the row above the first unread message", async () => {
    const rows: Row[] = [...messages];
    rows.splice(5, 0, { kind: "divider", key: "divider" });
    expect(await offset(rows, null)).toBe(8 + 4 * 50);
  });

  test("around the message that a link has led to", async () => {
    expect(await offset(messages, 15)).toBe(8 + 15 * 50 - 300);
    expect(await offset(messages, 1)).toBe(0);
  });
});
