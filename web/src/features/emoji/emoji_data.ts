// All emoji, and the search in them. Loaded when it is first needed.
import groups_json from "./emoji.json";
import { language } from "../../i18n/locale";
import { part } from "../../ui/part";
import { folded } from "../composer/suggest";

export interface Emoji {
  readonly unicode: string;
  readonly name: string; // the shortcode
  readonly words: string;
}

export type GroupName =
  | "smileys"
  | "people"
  | "nature"
  | "food"
  | "travel"
  | "activities"
  | "objects"
  | "symbols"
  | "flags";

export interface EmojiGroup {
  readonly name: GroupName;
  readonly emoji: readonly Emoji[];
}

type Raw = { name: string; emoji: string[][] };

export const emoji_groups: readonly EmojiGroup[] = (groups_json as Raw[]).map((group) => ({
  name: group.name as GroupName,
  emoji: group.emoji.map(([unicode = "", name = "", words = ""]) => ({ unicode, name, words })),
}));

const all: readonly Emoji[] = emoji_groups.flatMap((group) => group.emoji);
let chinese: Record<string, string> | null = null;

async function load_chinese(): Promise<void> {
  if (chinese === null) chinese = (await part(import("./emoji_zh.json"))).default;
}
if (language.getState().locale === "zh-CN") void load_chinese();

/** By shortcode first, then by the words of its description. */
export function find_emoji(typed: string, at_most: number): Emoji[] {
  const wanted = folded(typed.trim());
  if (wanted === "") return [];
  const best: Emoji[] = [];
  const good: Emoji[] = [];
  for (const emoji of all) {
    if (emoji.name.startsWith(wanted)) best.push(emoji);
    else if (` ${emoji.words}`.includes(` ${wanted}`) || emoji.name.includes(`_${wanted}`)) {
      good.push(emoji);
    } else if (chinese?.[emoji.unicode]?.includes(wanted)) good.push(emoji);
  }
  best.sort((a, b) => a.name.length - b.name.length);
  return [...best, ...good].slice(0, at_most);
}

export function emoji_name(unicode: string): string | null {
  return all.find((emoji) => emoji.unicode === unicode)?.name ?? null;
}

const recent_key = "fechatter.emoji";
const recent_max = 24;
const first_recent = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"];

export function recent_emoji(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(recent_key) ?? "[]");
    if (Array.isArray(stored)) {
      const known = stored.filter((each): each is string => typeof each === "string");
      return [...new Set([...known, ...first_recent])].slice(0, recent_max);
    }
  } catch {
    // none are known
  }
  return first_recent;
}

export function remember_emoji(unicode: string): void {
  try {
    const next = [unicode, ...recent_emoji().filter((each) => each !== unicode)];
    localStorage.setItem(recent_key, JSON.stringify(next.slice(0, recent_max)));
  } catch {
    // It is not remembered.
  }
}
