// Reactions, pins and threads: what events say of a message without showing it.
import type { Id, Reaction } from "../../api/types";
import type { Change } from "../change";
import type { EventTypes } from "../events";
import type { Message } from "../state";
import { own_id_of, want } from "./chats";
import { change_message } from "./messages";

const named_users_max = 50; // the API names so many of a reaction

// The kind of reaction with one user more. The user's own is counted once: it may be shown already,
// before the server has answered.
export function add_reaction(list: readonly Reaction[], emoji: string, user: Id, own: Id) {
  const place = list.findIndex((kind) => kind.emoji === emoji);
  const kind = list[place];
  if (!kind) return [...list, { emoji, count: 1, me: user === own, user_ids: [user] }];
  if (kind.user_ids.includes(user) || (user === own && kind.me)) return list;
  const room = kind.user_ids.length < named_users_max && kind.user_ids.length === kind.count;
  const user_ids = room ? [...kind.user_ids, user] : kind.user_ids;
  const me = kind.me || user === own;
  return list.with(place, { emoji, count: kind.count + 1, me, user_ids });
}

export function remove_reaction(list: readonly Reaction[], emoji: string, user: Id, own: Id) {
  const place = list.findIndex((kind) => kind.emoji === emoji);
  const kind = list[place];
  if (!kind) return list;
  const named = kind.user_ids.includes(user);
  const counted = named || (user === own ? kind.me : kind.user_ids.length < kind.count);
  if (!counted) return list;
  if (kind.count <= 1) return list.toSpliced(place, 1);
  const user_ids = named ? kind.user_ids.filter((id) => id !== user) : kind.user_ids;
  const me = user === own ? false : (kind.me ?? false);
  return list.with(place, { emoji, count: kind.count - 1, me, user_ids });
}

// Whose reactions they are, a count does not tell: what was known of the kind stays.
function recounted(before: readonly Reaction[], data: EventTypes["ReactionsCounted"]) {
  return data.reactions.map(({ emoji, count }): Reaction => {
    const known = before.find((kind) => kind.emoji === emoji);
    return { emoji, count, me: known?.me ?? false, user_ids: known?.user_ids ?? [] };
  });
}

type Annotation =
  | { readonly name: "ReactionAdded"; readonly data: EventTypes["ReactionAdded"] }
  | { readonly name: "ReactionRemoved"; readonly data: EventTypes["ReactionRemoved"] }
  | { readonly name: "ReactionsCounted"; readonly data: EventTypes["ReactionsCounted"] }
  | { readonly name: "MessagePinned"; readonly data: EventTypes["MessagePinned"] }
  | { readonly name: "MessageUnpinned"; readonly data: EventTypes["MessageUnpinned"] }
  | { readonly name: "ThreadUpdated"; readonly data: EventTypes["ThreadUpdated"] };

function annotated(event: Annotation, message: Message, own: Id): Partial<Message> {
  const { name, data } = event;
  switch (name) {
    case "ReactionAdded":
      return { reactions: add_reaction(message.reactions, data.emoji, data.user_id, own) };
    case "ReactionRemoved":
      return { reactions: remove_reaction(message.reactions, data.emoji, data.user_id, own) };
    case "ReactionsCounted":
      return { reactions: recounted(message.reactions, data) };
    case "ThreadUpdated": {
      const { reply_count, last_reply_at, repliers } = data;
      return { thread: { reply_count, last_reply_at, repliers } };
    }
    case "MessagePinned":
    case "MessageUnpinned":
      return { pinned: name === "MessagePinned" };
  }
}

// A message that is not held is shown by a later event, or read by REST.
export function apply_annotation(change: Change, event: Annotation): void {
  const { name, data } = event;
  if (!change.state.chats.has(data.chat_id)) return want(change, data.chat_id);
  const own = own_id_of(change);
  const seq = name === "ThreadUpdated" ? null : event.data.seq;
  change_message(change, data.chat_id, data.message_id, seq, (message) => {
    if (message.version >= data.event_id) return message;
    const changes = message.deleted_at === null ? annotated(event, message, own) : {};
    return { ...message, ...changes, version: data.event_id };
  });
  if (name === "MessagePinned" || name === "MessageUnpinned") mark_pins(change, data.chat_id);
}

function mark_pins(change: Change, chat: Id): void {
  const list = change.state.lists.get(`pins:${chat}`);
  if (list && !list.stale) change.map("lists").set(list.key, { ...list, stale: true });
}
