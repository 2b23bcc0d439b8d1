// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { createIntl } from "react-intl";
import { average_color, shown_size } from "../../src/features/files/pictures";
import { file_size } from "../../src/features/common/times";
import { highlight_parts } from "../../src/features/search/highlight";
import { days_of_month, query_of, question_of } from "../../src/features/search/query";
import { closeness, rank_choices } from "../../src/features/switcher/rank";
import { sections } from "../../src/features/chats/order";
import { make_chat, make_message } from "../../src/features/gallery/fixtures";
import { may_delete, may_edit, may_write } from "../../src/features/members/rights";
import { initials } from "../../src/ui/Avatar";

test("a search hit is taken apart at its marks, and its entities are decoded", () => {
  expect(highlight_parts("a &lt;b&gt; <mark>c&amp;d</mark>&quot;")).toEqual([
    { text: "a <b> ", marked: false },
    { text: "c&d", marked: true },
    { text: '"', marked: false },
  ]);
  expect(highlight_parts("&amp;lt;")).toEqual([{ text: "&lt;", marked: false }]);
});

test("the question of a search survives its address", () => {
  const question = { q: "a b", chat_id: 3, has: "file" as const, sort: "newest" as const };
  expect(question_of(query_of(question))).toEqual(question);
  expect(question_of("q=x&chat=-1&sort=evil&has=cat")).toEqual({ q: "x" });
});

test("a month has its own last day", () => {
  expect(days_of_month("2028-02")).toEqual({ from: "2028-02-01", to: "2028-02-29" });
  expect(days_of_month("2026-12")).toEqual({ from: "2026-12-01", to: "2026-12-31" });
});

test("a picture keeps its shape within its box, and is never enlarged", () => {
  expect(shown_size({ width: 4000, height: 2000 }, false)).toEqual({ width: 420, height: 210 });
  expect(shown_size({ width: 100, height: 80 }, false)).toEqual({ width: 100, height: 80 });
});

test("the colour of a blurhash is its average", () => {
  expect(average_color("LEHV6nWB2yk8pyo0adR*.7kCMdnj")).toMatch(/^rgb\(\d+ \d+ \d+\)$/);
  expect(average_color("x")).toBeUndefined();
  expect(average_color(null)).toBeUndefined();
});

test("sizes are said in decimal units", () => {
  const intl = createIntl({ locale: "en" });
  expect(file_size(intl, 999)).toBe("999 B");
  expect(file_size(intl, 1500)).toBe("1.5 KB");
  expect(file_size(intl, 25_000_000)).toBe("25 MB");
});

test("initials are of the first and the last word", () => {
  expect(initials("Alice B. Adams")).toBe("AA");
  expect(initials("王小明")).toBe("小明");
  expect(initials("")).toBe("?");
});

test("the switcher finds by beginning, by word, and by letters in order", () => {
  expect(closeness("general", "gen")).toBe(3);
  expect(closeness("Bob Brown", "bro")).toBe(2);
  expect(closeness("general", "gnl")).toBe(1);
  expect(closeness("general", "xyz")).toBe(0);
});

test("the switcher offers unread chats first, and no person twice", () => {
  const chat = (id: number, name: string, unread: number, person: number | null) => ({
    kind: "chat" as const,
    id,
    name,
    type: person === null ? ("PublicChannel" as const) : ("Single" as const),
    unread,
    person_id: person,
    avatar_url: null,
  });
  const chats = [chat(1, "general", 0, null), chat(2, "Bob", 2, 8)];
  expect(rank_choices(chats, [], "").map(({ id }) => id)).toEqual([2, 1]);
  const bob = { kind: "person" as const, id: 8, name: "Bob", person_id: 8, avatar_url: null };
  expect(rank_choices(chats, [bob], "bo").map(({ kind }) => kind)).toEqual(["chat", "search"]);
});

test("channels keep their order by name, others come by activity", () => {
  const list = [
    make_chat(1, "PublicChannel", { name: "b10" }),
    make_chat(2, "Group", { name: "z", unread_count: 1 }),
    make_chat(3, "PrivateChannel", { name: "b9" }),
    make_chat(4, "Group", { name: "a" }),
  ];
  const shown = sections(list, new Map(), false, null);
  expect(shown.channels.map(({ id }) => id)).toEqual([3, 1]);
  expect(shown.people.map(({ id }) => id)).toEqual([2, 4]);
  const unread = sections(list, new Map(), true, 1);
  expect([...unread.channels, ...unread.people].map(({ id }) => id)).toEqual([1, 2]);
});

test("nothing is offered that the server would refuse", () => {
  const chat = make_chat(1, "Group");
  const mine = make_message(1, 1, "x");
  const deleted = make_message(2, 1, "", { deleted_at: "2026-03-01T00:00:00Z" });
  expect(may_edit(chat, mine, 1)).toBe(true);
  expect(may_edit(chat, mine, 2)).toBe(false);
  expect(may_edit(chat, deleted, 1)).toBe(false);
  expect(may_edit({ ...chat, archived_at: "2026-03-01T00:00:00Z" }, mine, 1)).toBe(false);
  expect(may_delete(mine, 2, "admin")).toBe(true);
  expect(may_delete(mine, 2, "member")).toBe(false);
  expect(may_write({ ...chat, who_may_write: "admins" }, "member")).toBe(false);
  expect(may_write({ ...chat, who_may_write: "admins" }, "owner")).toBe(true);
  expect(may_write({ ...chat, archived_at: "2026-03-01T00:00:00Z" }, "owner")).toBe(false);
});
