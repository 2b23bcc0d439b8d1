// What the switcher offers for what was typed, the best first.
import type { ChatType } from "../../sync";
import { folded } from "../composer/suggest";

export type Choice =
  | {
      readonly kind: "chat";
      readonly id: number;
      readonly name: string;
      readonly type: ChatType;
      readonly unread: number;
      readonly person_id: number | null;
      readonly avatar_url: string | null;
    }
  | {
      readonly kind: "person";
      readonly id: number;
      readonly name: string;
      readonly person_id: number;
      readonly avatar_url: string | null;
    }
  | {
      readonly kind: "search";
      readonly id: 0;
      readonly name: string;
      readonly person_id: null;
      readonly avatar_url: null;
    };

const shown_max = 12;

/** 3: the name begins so; 2: a word of it; 1: its letters come in this order; 0: nothing. */
export function closeness(name: string, typed: string): 0 | 1 | 2 | 3 {
  const text = folded(name);
  const wanted = folded(typed.trim());
  if (text.startsWith(wanted)) return 3;
  if (text.includes(` ${wanted}`) || text.includes(`-${wanted}`) || text.includes(`_${wanted}`)) {
    return 2;
  }
  let at = 0;
  for (const letter of wanted) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return 0;
  }
  return 1;
}

/** Chats come in the order of their activity among equals; those with unread messages before. */
export function rank_choices(
  chats: readonly Extract<Choice, { kind: "chat" }>[],
  people: readonly Extract<Choice, { kind: "person" }>[],
  typed: string,
): Choice[] {
  if (typed.trim() === "") {
    const unread = chats.filter((chat) => chat.unread > 0);
    const read = chats.filter((chat) => chat.unread === 0);
    return [...unread, ...read].slice(0, shown_max);
  }
  const scored = chats
    .map((chat) => ({ chat, score: closeness(chat.name, typed) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ chat }) => chat);
  const with_chat = new Set(chats.filter((c) => c.type === "Single").map((c) => c.person_id));
  const others = people.filter((person) => !with_chat.has(person.id));
  const search: Choice = {
    kind: "search",
    id: 0,
    name: typed.trim(),
    person_id: null,
    avatar_url: null,
  };
  return [...scored.slice(0, shown_max), ...others.slice(0, 5), search];
}
