import { useEffect, useMemo, useState } from "react";
import { useT } from "../../i18n";
import { useActions, useMembers, useOwnId, useSync, type Chat, type Person } from "../../sync";
import type { Emoji } from "../emoji/emoji_data";
import { part } from "../../ui/part";
import { matching_people, type Token } from "./suggest";

export interface Suggestion {
  readonly key: string;
  readonly name: string;
  readonly text: string; // what is put in place of the token
  readonly hint?: string;
  readonly person?: { id: number; fullname: string; avatar_url: string | null };
  readonly emoji?: string;
}

const shown_max = 8;
const none: readonly Suggestion[] = [];

/** Members of the chat for `@`, emoji for `:`. */
export function useSuggestions(chat: Chat, token: Token | null): readonly Suggestion[] {
  const people = usePeopleSuggestions(chat, token?.sign === "@" ? token.typed : null);
  const emoji = useEmojiSuggestions(token?.sign === ":" ? token.typed : null);
  if (token === null) return none;
  return token.sign === "@" ? people : emoji;
}

function usePeopleSuggestions(chat: Chat, typed: string | null): readonly Suggestion[] {
  const t = useT();
  const actions = useActions();
  const own = useOwnId();
  const members = useMembers(chat.id);
  const people = useSync((state) => state.people);
  const wanted = typed !== null && chat.chat_type !== "Single" && !members;
  useEffect(() => {
    if (wanted) void actions.loadMembers(chat.id);
  }, [wanted, actions, chat.id]);
  return useMemo(() => {
    if (typed === null) return none;
    const ids = members ? members.list.map((member) => member.user_id) : chat.chat_members;
    const known = ids
      .filter((id) => id !== own)
      .map((id) => people.get(id))
      .filter((person): person is Person => person !== undefined && person.status === "Active");
    const found = matching_people(known, typed, shown_max).map((person) => ({
      key: `person ${person.id}`,
      name: person.fullname,
      text: `@${person.fullname}`,
      hint: person.title ?? "",
      person: { id: person.id, fullname: person.fullname, avatar_url: person.avatar_url },
    }));
    if (!chat.everyone_mentions || chat.chat_type === "Single") return found;
    const everyone = (["all", "here"] as const)
      .filter((word) => word.startsWith(typed.toLocaleLowerCase()))
      .map((word) => ({
        key: word,
        name: `@${word}`,
        text: `@${word}`,
        hint: t(`composer.mention_${word}`),
      }));
    return [...found, ...everyone];
  }, [typed, members, chat, people, own, t]);
}

function useEmojiSuggestions(typed: string | null): readonly Suggestion[] {
  const [data, setData] = useState<typeof import("../emoji/emoji_data") | null>(null);
  const wanted = typed !== null;
  useEffect(() => {
    if (!wanted || data) return;
    let current = true;
    part(import("../emoji/emoji_data"))
      .then((loaded) => current && setData(loaded))
      .catch(() => undefined); // no suggestions
    return () => {
      current = false;
    };
  }, [wanted, data]);
  return useMemo(() => {
    if (typed === null || !data) return none;
    return data.find_emoji(typed, shown_max).map((emoji: Emoji) => ({
      key: emoji.unicode,
      name: `:${emoji.name}:`,
      text: emoji.unicode,
      emoji: emoji.unicode,
    }));
  }, [typed, data]);
}
