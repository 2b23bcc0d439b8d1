import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message, Row as SyncRow } from "../../src/sync";
import { first_unread, row_builder, type RowsOptions } from "../../src/features/timeline/rows";
import { make_message } from "../../src/features/gallery/fixtures";

const own = 1;

function build_rows(source: readonly SyncRow[], options: RowsOptions) {
  return row_builder()(source, options);
}

function at(day: number, hour: number, minute: number): string {
  return new Date(2026, 2, day, hour, minute).toISOString();
}

function row(message: Message): SyncRow {
  return { kind: "message", key: `m${message.id}`, message };
}

function rows(messages: readonly Message[], divider_seq: number | null = null, at_start = false) {
  return build_rows(messages.map(row), { own_id: own, divider_seq, at_start });
}

function kinds(messages: readonly Message[], divider_seq: number | null = null): string[] {
  return rows(messages, divider_seq).map((each) =>
    each.kind === "message" ? `${each.message.id}${each.follows ? "+" : ""}` : each.kind,
  );
}

function message(id: number, sender: number, time: string, more: Partial<Message> = {}): Message {
  return make_message(id, sender, "text", { created_at: time, ...more });
}

describe("rows", () => {
  test("begin each local day", () => {
    const list = [message(1, 2, at(1, 23, 59)), message(2, 2, at(2, 0, 1))];
    expect(kinds(list)).toEqual(["day", "1", "day", "2"]);
  });
  test("join those of one sender within five minutes", () => {
    const list = [
      message(1, 2, at(1, 9, 0)),
      message(2, 2, at(1, 9, 4)),
      message(3, 2, at(1, 9, 9)),
      message(4, 3, at(1, 9, 9)),
    ];
    expect(kinds(list)).toEqual(["day", "1", "2+", "3", "4"]);
  });
  test("join nothing to a deleted message, and no answer to anything", () => {
    const list = [
      message(1, 2, at(1, 9, 0), { deleted_at: at(1, 9, 1) }),
      message(2, 2, at(1, 9, 1)),
      message(3, 2, at(1, 9, 2), { reply_to: 1 }),
    ];
    expect(kinds(list)).toEqual(["day", "1", "2", "3"]);
  });
  test("have the start where there is nothing older", () => {
    expect(rows([], null, true).map(({ kind }) => kind)).toEqual(["start"]);
  });
  test("have keys that occur once", () => {
    const list = [
      message(1, 2, at(1, 9, 0)),
      message(2, 3, at(2, 9, 0)),
      message(3, 2, at(2, 9, 1)),
    ];
    const keys = rows(list, 1, true).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
  test("show what is being sent behind everything else, joined to one's own", () => {
    const pending = {
      key: "k",
      chat_id: 1,
      order: 1,
      content: "x",
      files: [],
      reply_to: null,
      thread_root_id: null,
      also_to_chat: true,
      confirm_everyone: false,
      created_at: at(1, 9, 1),
      status: "waiting" as const,
      attempts: 0,
      next_ms: 0,
      error: null,
    };
    const made = build_rows(
      [row(message(1, own, at(1, 9, 0))), { kind: "pending", key: "k", pending }],
      { own_id: own, divider_seq: null, at_start: false },
    );
    expect(made.at(-1)).toMatchObject({ kind: "pending", follows: true });
  });
});

test("what is built step by step is what is built at once", () => {
  const days = fc.integer({ min: 1, max: 3 });
  const one = fc.record({
    sender: fc.integer({ min: 1, max: 3 }),
    day: days,
    minute: fc.nat(20),
    deleted: fc.boolean(),
    answer: fc.boolean(),
  });
  const change = fc.record({ cut: fc.nat(3), added: fc.array(one, { maxLength: 4 }) });
  const options = fc.record({
    own_id: fc.constant(own),
    divider_seq: fc.option(fc.nat(12)),
    at_start: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(change, options), { maxLength: 8 }), (steps) => {
      const build = row_builder();
      let source: SyncRow[] = [];
      let id = 0;
      for (const [{ cut, added }, how] of steps) {
        source = source.slice(0, Math.max(0, source.length - cut));
        for (const each of added) {
          id += 1;
          const made = message(id, each.sender, at(each.day, 9, each.minute), {
            reply_to: each.answer ? 1 : null,
            deleted_at: each.deleted ? at(each.day, 10, 0) : null,
          });
          source = [...source, row(made)];
        }
        expect(build(source, how)).toEqual(build_rows(source, how));
      }
    }),
  );
});

describe("the divider", () => {
  test("stands above the first unread message of another person", () => {
    const list = [
      message(1, 2, at(1, 9, 0)),
      message(2, own, at(1, 9, 1)),
      message(3, 2, at(1, 9, 2)),
      message(4, 2, at(1, 9, 3)),
    ];
    expect(kinds(list, 1)).toEqual(["day", "1", "2", "divider", "3", "4+"]);
  });
  test("does not move while more come", () => {
    const list = [message(1, 2, at(1, 9, 0)), message(2, 3, at(1, 9, 1))];
    const more = [...list, message(3, 3, at(1, 9, 2))];
    expect(kinds(list, 1).indexOf("divider")).toBe(kinds(more, 1).indexOf("divider"));
  });
  test("is not there for one's own and for deleted messages", () => {
    const list = [
      message(1, 2, at(1, 9, 0)),
      message(2, own, at(1, 9, 1)),
      message(3, 2, at(1, 9, 2), { deleted_at: at(1, 9, 3) }),
    ];
    expect(kinds(list, 1)).not.toContain("divider");
    expect(first_unread(list.map(row), 1, own, false)).toBeNull();
  });
  test("waits for the older messages that may be unread, too", () => {
    const list = [message(8, 2, at(1, 9, 0)), message(9, 3, at(1, 9, 1))];
    expect(kinds(list, 3)).not.toContain("divider");
    const more = [message(4, 2, at(1, 8, 0)), ...list];
    expect(kinds(more, 3)).toEqual(["day", "divider", "4", "8", "9"]);
  });
  test("is not there when nothing is unread", () => {
    expect(kinds([message(1, 2, at(1, 9, 0))], null)).toEqual(["day", "1"]);
  });
});
