// The one reducer, for what is replayed and what is live. Every durable event may come twice and
// over what REST has shown already: versions decide, so nothing goes back.
import type { Change } from "../change";
import type { SyncEvent } from "../events";
import { apply_annotation } from "./annotations";
import { apply_chat, apply_deleted, apply_joined, apply_left } from "./chats";
import { apply_deletion, apply_message } from "./messages";
import {
  apply_draft,
  apply_follow,
  apply_preferences,
  apply_presence,
  apply_read,
  apply_typing,
  mark_list,
  stop_typing,
} from "./own";
import { show_user } from "./people";
import { reset } from "./reset";

export function apply(change: Change, event: SyncEvent, now_ms: number): void {
  change.set("tick", change.state.tick + 1);
  dispatch(change, event, now_ms);
  if (event.id !== null) change.set("cursor", event.id);
}

// Once more over an answer of REST that was asked for before the event: the position stays.
export function reapply(change: Change, event: SyncEvent, now_ms: number): void {
  if (event.id !== null && event.name !== "Reset") dispatch(change, event, now_ms);
}

function dispatch(change: Change, event: SyncEvent, now_ms: number): void {
  switch (event.name) {
    case "NewMessage":
      apply_message(change, event.data, true);
      stop_typing(change, event.data.chat_id, event.data.sender_id);
      if (event.data.thread_root_id !== null) mark_list(change, "threads");
      return;
    case "MessageUpdated":
      return apply_message(change, event.data, false);
    case "MessageDeleted":
      return apply_deletion(change, event.data);
    case "ReactionAdded":
    case "ReactionRemoved":
    case "ReactionsCounted":
    case "MessagePinned":
    case "MessageUnpinned":
    case "ThreadUpdated":
      return apply_annotation(change, event);
    case "NewChat":
    case "ChatUpdated":
    case "ChatArchived":
    case "ChatRestored":
      return apply_chat(change, event.data);
    case "ChatDeleted":
      return apply_deleted(change, event.data);
    case "UserJoinedChat":
      return apply_joined(change, event.data);
    case "UserLeftChat":
      return apply_left(change, event.data);
    case "UserUpdated":
      return show_user(change, event.data);
    case "MessageRead":
      return apply_read(change, event.data);
    case "PreferencesUpdated":
      return apply_preferences(change, event.data);
    case "DraftUpdated":
      return apply_draft(change, event.data);
    case "ThreadFollowUpdated":
      return apply_follow(change, event.data);
    case "Mentioned":
      mark_list(change, "mentions");
      return mark_list(change, "unread_mentions");
    case "UserPresence":
      return apply_presence(change, event.data);
    case "TypingStatus":
      return apply_typing(change, event.data, now_ms);
    case "Reset":
      return reset(change);
    case "CaughtUp":
    case "ScheduledMessageFailed":
    case "Moved":
      return;
  }
}
