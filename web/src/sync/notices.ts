// Which messages a person should hear of.
import type { Id } from "../api/types";
import type { SyncEvent } from "./events";
import { mentions_user } from "./reduce/chats";
import { at_seq } from "./reduce/rows";
import { to_message } from "./reduce/messages";
import { is_muted, own_id } from "./selectors";
import type { Message, Notice, State } from "./state";

// `attended`: the chat that a person looks at, in whichever tab.
export function notice_of(
  state: State,
  event: SyncEvent,
  attended: Id | null,
  now_ms: number,
): Notice | null {
  if (event.name !== "NewMessage") return null;
  const own = own_id(state);
  const chat = state.chats.get(event.data.chat_id);
  if (!chat || own === null || event.data.sender_id === own || chat.id === attended) return null;
  const message = held(state, event.data, own);
  if (message.deleted_at !== null || message.seq <= chat.last_read_seq) return null;
  const mention = mentions_user(message, own) || chat.chat_type === "Single";
  const wish = state.preferences?.notifications ?? "all";
  if (wish === "none" || (wish === "mentions" && !mention)) return null;
  if (is_muted(chat, now_ms) && (!mention || chat.mute_mentions === true)) return null;
  if (!message.also_to_chat && !mention) return null;
  return { chat_id: chat.id, message, reason: mention ? "mention" : "message" };
}

function held(state: State, data: Parameters<typeof to_message>[0], own: Id): Message {
  const row = at_seq(state.windows.get(data.chat_id)?.rows ?? [], data.seq);
  return row ?? to_message(data, undefined, own);
}
