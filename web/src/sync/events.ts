// The events of the stream, by their names.
import type { Schemas } from "../api/types";

export interface EventTypes {
  NewMessage: Schemas["NewMessageEvent"];
  MessageUpdated: Schemas["MessageUpdatedEvent"];
  MessageDeleted: Schemas["MessageDeletedEvent"];
  ReactionAdded: Schemas["ReactionEvent"];
  ReactionRemoved: Schemas["ReactionEvent"];
  ReactionsCounted: Schemas["ReactionsCountedEvent"];
  MessagePinned: Schemas["PinEvent"];
  MessageUnpinned: Schemas["PinEvent"];
  ThreadUpdated: Schemas["ThreadUpdatedEvent"];
  ThreadFollowUpdated: Schemas["ThreadFollowUpdatedEvent"];
  Mentioned: Schemas["MentionedEvent"];
  NewChat: Schemas["ChatEvent"];
  ChatUpdated: Schemas["ChatEvent"];
  ChatDeleted: Schemas["ChatEvent"];
  ChatArchived: Schemas["ChatEvent"];
  ChatRestored: Schemas["ChatEvent"];
  DraftUpdated: Schemas["DraftUpdatedEvent"];
  ScheduledMessageFailed: Schemas["ScheduledMessageFailedEvent"];
  UserJoinedChat: Schemas["MembershipEvent"];
  UserLeftChat: Schemas["MembershipEvent"];
  UserUpdated: Schemas["UserUpdatedEvent"];
  MessageRead: Schemas["MessageReadEvent"];
  PreferencesUpdated: Schemas["PreferencesUpdatedEvent"];
  UserPresence: Schemas["UserPresenceEvent"];
  TypingStatus: Schemas["TypingStatusEvent"];
  CaughtUp: Schemas["CaughtUpEvent"];
  Reset: Schemas["ResetEvent"];
  // A position alone: of a heartbeat, or of an event that this client does not know.
  Moved: Record<string, never>;
}

export type EventName = keyof EventTypes;

// `id` is the position behind it; null: it is ephemeral.
export type SyncEvent = {
  [N in EventName]: { readonly name: N; readonly id: string | null; readonly data: EventTypes[N] };
}[EventName];

const names: Readonly<Record<EventName, true>> = {
  NewMessage: true,
  MessageUpdated: true,
  MessageDeleted: true,
  ReactionAdded: true,
  ReactionRemoved: true,
  ReactionsCounted: true,
  MessagePinned: true,
  MessageUnpinned: true,
  ThreadUpdated: true,
  ThreadFollowUpdated: true,
  Mentioned: true,
  NewChat: true,
  ChatUpdated: true,
  ChatDeleted: true,
  ChatArchived: true,
  ChatRestored: true,
  DraftUpdated: true,
  ScheduledMessageFailed: true,
  UserJoinedChat: true,
  UserLeftChat: true,
  UserUpdated: true,
  MessageRead: true,
  PreferencesUpdated: true,
  UserPresence: true,
  TypingStatus: true,
  CaughtUp: true,
  Reset: true,
  Moved: true,
};

// Of what this client does not know, or cannot read, the position: newer servers may have more.
// Null when it has none.
export function parse_event(name: string, id: string | null, data: string): SyncEvent | null {
  const nothing = id === null ? null : ({ name: "Moved", id, data: {} } as const);
  if (!Object.hasOwn(names, name)) return nothing;
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null) return nothing;
    return { name, id, data: parsed } as SyncEvent;
  } catch {
    return nothing;
  }
}

// Whether the position `a` is behind `b`. Within the backlog of an epoch positions are all
// `<epoch>-0`: they compare as the beginning of it.
export function is_after(a: string, b: string): boolean {
  const [a_epoch = 0, a_seq = 0] = a.split("-").map(Number);
  const [b_epoch = 0, b_seq = 0] = b.split("-").map(Number);
  return a_epoch === b_epoch ? a_seq > b_seq : a_epoch > b_epoch;
}

// A position that several events share cannot be resumed from.
export function is_resumable(position: string): boolean {
  return !position.endsWith("-0");
}

export function is_ephemeral(event: SyncEvent): boolean {
  return event.id === null;
}
