// The order of the list of chats.
import { chat_name, type Chat, type Id, type State } from "../../sync";

export interface Sections {
  readonly channels: readonly Chat[];
  readonly people: readonly Chat[];
}

const collator = new Intl.Collator(undefined, { numeric: true });

export function is_channel(chat: Chat): boolean {
  return chat.chat_type === "PublicChannel" || chat.chat_type === "PrivateChannel";
}

/** Channels keep their place, by name; people and groups come by their newest message. */
export function sections(
  chats: readonly Chat[],
  people: State["people"],
  unread_only: boolean,
  open_chat: Id | null,
): Sections {
  const shown = unread_only
    ? chats.filter((chat) => chat.unread_count > 0 || chat.id === open_chat)
    : chats;
  const by_name = (a: Chat, b: Chat) =>
    collator.compare(chat_name(a, people), chat_name(b, people));
  return {
    channels: shown.filter(is_channel).toSorted(by_name),
    people: shown.filter((chat) => !is_channel(chat)),
  };
}

/** The ids in the order in which the list shows them. */
export function sidebar_order(state: State, unread_only: boolean): Id[] {
  const visible = [...state.chats.values()].filter((chat) => !chat.hidden);
  const newest = visible.toSorted((a, b) => (activity(a) < activity(b) ? 1 : -1));
  const { channels, people } = sections(newest, state.people, unread_only, state.view.chat_id);
  return [...channels, ...people].map((chat) => chat.id);
}

function activity(chat: Chat): string {
  return chat.last_message?.created_at ?? chat.created_at;
}
