// The whole state of the client. It is immutable: a change makes new objects where it changes
// something and keeps all others, so that a selector may compare by identity.
//
// Names are those of the API. Times are RFC 3339 unless their name ends in `_ms`; those are
// milliseconds since 1970. The order of messages is that of `seq` and of nothing else.
import type {
  ApiChat,
  ApiMember,
  ApiMessage,
  ApiPreferences,
  ApiReceipt,
  ApiSearchHit,
  ApiSearchResult,
  ApiUser,
  ApiWorkspace,
  Id,
  Time,
} from "../api/types";

// Why nothing is shown of an account. `ended`: the server has ended the session.
export type SignedOutReason = "first" | "signed_out" | "ended" | "suspended";

export type Session =
  | { readonly status: "starting" }
  | { readonly status: "signed_out"; readonly reason: SignedOutReason }
  // `verified` is false while what was kept in the browser is shown before the server has answered.
  | {
      readonly status: "signed_in";
      readonly user: ApiUser;
      readonly workspace: ApiWorkspace;
      readonly verified: boolean;
    };

// `live`: everything that has happened is shown. `replaying`: what was missed is coming.
export type ConnectionPhase = "offline" | "connecting" | "replaying" | "live";

export interface Connection {
  readonly phase: ConnectionPhase;
  // Since when it is not live; null while it is.
  readonly since_ms: number | null;
  // The next try, while it is offline and one is planned.
  readonly retry_ms: number | null;
  // Whether this tab reads the stream for all tabs.
  readonly leader: boolean;
}

// A user, as far as it is known: of people that were met in a message alone, the first line.
export interface Person {
  readonly id: Id;
  readonly fullname: string;
  readonly avatar_url: string | null;
  readonly email: string | null;
  readonly title: string | null;
  readonly bio: string | null;
  readonly status: ApiUser["status"];
  readonly role: ApiUser["role"] | null;
}

export type Message = Omit<ApiMessage, "sender">;

// The chat's list entry. `name` of a Single is empty here: useChatName derives it.
export interface Chat extends ApiChat {
  readonly counterpart_id: Id | null;
  readonly last_message: Message | null; // content of 200 characters at most
  readonly unread_count: number;
  readonly mention_count: number;
  // The counts have to be read again; until then they are the best guess.
  readonly counts_stale: boolean;
  readonly last_read_seq: number;
  readonly read_version: number;
  // Own messages up to this number have moved last_read_seq already.
  readonly read_through: number;
  readonly own_seq: number;
  readonly muted_until: Time | null;
  readonly mute_mentions: boolean | null; // null: not known yet
  readonly hidden: boolean;
}

export type LoadStatus = "idle" | "loading" | "ready" | "failed";

// The part of a chat's messages that is held: neighbours without a gap, by seq. Replies that are in
// their thread alone are not in it.
export interface Window {
  readonly chat_id: Id;
  readonly rows: readonly Message[];
  readonly at_start: boolean; // there is nothing older
  readonly at_end: boolean; // there is nothing newer: new messages join
  readonly status: LoadStatus; // of the first page
  readonly older: LoadStatus;
  readonly newer: LoadStatus;
  // From the browser's store, and not confirmed by the server since.
  readonly stale: boolean;
  // Where to land. `turn` grows with each jump, so that the same place can be jumped to again.
  readonly focus: { readonly message_id: Id; readonly seq: number; readonly turn: number } | null;
}

export interface ThreadWindow {
  readonly chat_id: Id;
  readonly root_id: Id;
  readonly root: Message | null;
  readonly rows: readonly Message[];
  readonly at_start: boolean;
  readonly at_end: boolean;
  readonly status: LoadStatus;
  readonly older: LoadStatus;
  readonly following: boolean | null; // null: not known
  readonly last_read_seq: number;
  readonly follow_version: number; // of the two above: the event that has told them
  readonly divider_seq: number | null;
}

// Lists of messages beside the chats: 'pins:12', 'mentions', 'saved', 'threads'.
export type ListKey = `pins:${number}` | "mentions" | "unread_mentions" | "saved" | "threads";
export interface MessageList {
  readonly key: ListKey;
  readonly rows: readonly Message[];
  // Of 'threads': how many replies are unread, by the root's id.
  readonly unread: Readonly<Record<number, number>>;
  readonly status: LoadStatus;
  readonly more: string | null; // the cursor of the next page
  readonly stale: boolean; // an event has changed it: it is read again when it is shown
}

// A message that is being sent. It is shown behind the window's rows, in the order of the list.
export type PendingStatus = "waiting" | "sending" | "failed";
export interface Pending {
  readonly key: string; // the idempotency key: that of the row before and after
  readonly chat_id: Id;
  readonly order: number; // of writing
  readonly content: string;
  readonly files: readonly string[];
  readonly reply_to: Id | null;
  readonly thread_root_id: Id | null;
  readonly also_to_chat: boolean;
  readonly confirm_everyone: boolean;
  readonly created_at: Time;
  readonly status: PendingStatus;
  readonly attempts: number;
  readonly next_ms: number; // not before
  readonly error: Failure | null; // why it has failed: `retry` or `discard` it
}

// What went wrong, for a person to be told. `code` is the API's, or 'network', 'client.too_long',
// 'client.full'.
export interface Failure {
  readonly code: string;
  readonly detail: string;
  readonly status: number; // 0: there was no answer
  readonly fields: readonly { readonly field: string; readonly detail: string }[];
  readonly retry_after_s: number | null;
}

export type Member = ApiMember;
export interface Members {
  readonly chat_id: Id;
  readonly list: readonly Member[]; // by id
  readonly status: LoadStatus;
  readonly complete: boolean;
}

export interface Typing {
  readonly user_id: Id;
  readonly user_name: string;
  readonly expires_ms: number;
}

export type PresenceStatus = "online" | "away" | "offline";
export interface Presence {
  readonly status: PresenceStatus;
  readonly last_seen: Time | null;
  readonly platform: string | null;
}

// A draft of a chat is 'chat:12', of a thread 'thread:12:4711', of an edit 'edit:12:4711'. Those of
// chats are known to the server, too.
export type DraftKey = `chat:${number}` | `thread:${number}:${number}` | `edit:${number}:${number}`;
export interface Draft {
  readonly key: DraftKey;
  readonly chat_id: Id;
  readonly content: string;
  readonly files: readonly string[];
  readonly reply_to: Id | null;
  readonly version: number; // of the server's draft that this one is a change of
  readonly changed_ms: number;
  readonly unsaved: boolean; // the server does not have this text
}

export interface DraftVersion {
  readonly version: number;
  readonly deleted: boolean;
}

export interface Upload {
  readonly id: string;
  readonly draft: DraftKey; // it belongs to, whichever chat is shown meanwhile
  readonly name: string;
  readonly mime_type: string;
  readonly size: number;
  readonly sent: number;
  readonly status: "waiting" | "sending" | "paused" | "ready" | "failed";
  readonly url: string | null; // once it is ready
  readonly error: Failure | null;
}

export interface SearchQuestion {
  readonly q: string;
  readonly chat_id?: Id;
  readonly sender_id?: Id;
  readonly chat_type?: ApiChat["chat_type"];
  readonly from?: string;
  readonly to?: string;
  readonly has?: "file" | "link";
  readonly sort?: "relevance" | "newest" | "oldest";
}
export interface SearchState {
  readonly question: SearchQuestion | null;
  readonly status: LoadStatus;
  readonly hits: readonly ApiSearchHit[];
  readonly total: number;
  readonly facets: ApiSearchResult["facets"] | null;
  readonly next_cursor: string | null;
  readonly error: Failure | null;
}

// Which chat is looked at in this tab.
export interface View {
  readonly chat_id: Id | null;
  readonly thread_root_id: Id | null;
  // The first unread message has a greater seq; null: there is no divider. It stands while new
  // messages come, and moves when the tab loses its focus.
  readonly divider_seq: number | null;
  // The user has marked a message as unread: nothing is read until the chat is opened again.
  readonly holds_unread: boolean;
  readonly visible: boolean; // the page is
  readonly focused: boolean; // the window is
}

// A message that a person should hear of; given to the leader's tab alone.
export interface Notice {
  readonly chat_id: Id;
  readonly message: Message;
  readonly reason: "message" | "mention";
}

export interface State {
  readonly session: Session;
  readonly connection: Connection;
  readonly chats: ReadonlyMap<Id, Chat>;
  // Whether the list of chats is known; `failed` has no chats at all to show.
  readonly chats_status: LoadStatus;
  readonly windows: ReadonlyMap<Id, Window>;
  readonly threads: ReadonlyMap<Id, ThreadWindow>; // by the root's id
  readonly lists: ReadonlyMap<ListKey, MessageList>;
  readonly people: ReadonlyMap<Id, Person>;
  readonly members: ReadonlyMap<Id, Members>;
  readonly outbox: ReadonlyMap<Id, readonly Pending[]>;
  readonly drafts: ReadonlyMap<DraftKey, Draft>;
  // The versions of the server's drafts, by chat, as events and lists have told.
  readonly draft_versions: ReadonlyMap<Id, DraftVersion>;
  readonly uploads: ReadonlyMap<string, Upload>;
  readonly typing: ReadonlyMap<Id, readonly Typing[]>;
  readonly presence: ReadonlyMap<Id, Presence>;
  // How far others have read, by chat and user: while this tab is open, of small chats.
  readonly read_by: ReadonlyMap<Id, ReadonlyMap<Id, number>>;
  readonly preferences: ApiPreferences | null;
  readonly search: SearchState;
  readonly view: View;
  // The position of the stream that all of the above belongs to; null: none yet.
  readonly cursor: string | null;
  // How many events were applied in this tab.
  readonly tick: number;
  // Chats that events speak of and that are not known: they are read by REST. With the tick of the
  // latest such event.
  readonly wanted: ReadonlyMap<Id, number>;
}

export const empty_search: SearchState = {
  question: null,
  status: "idle",
  hits: [],
  total: 0,
  facets: null,
  next_cursor: null,
  error: null,
};

export const empty_view: View = {
  chat_id: null,
  thread_root_id: null,
  divider_seq: null,
  holds_unread: false,
  visible: true,
  focused: true,
};

export function empty_state(session: Session = { status: "starting" }): State {
  return {
    session,
    connection: { phase: "connecting", since_ms: null, retry_ms: null, leader: false },
    chats: new Map(),
    chats_status: "idle",
    windows: new Map(),
    threads: new Map(),
    lists: new Map(),
    people: new Map(),
    members: new Map(),
    outbox: new Map(),
    drafts: new Map(),
    draft_versions: new Map(),
    uploads: new Map(),
    typing: new Map(),
    presence: new Map(),
    read_by: new Map(),
    preferences: null,
    search: empty_search,
    view: empty_view,
    cursor: null,
    tick: 0,
    wanted: new Map(),
  };
}

export type Receipt = ApiReceipt;
