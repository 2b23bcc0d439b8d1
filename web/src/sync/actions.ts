// What the pages may ask of the client. Actions that a form waits for reject with ApiError (its
// `failure` is what to show); all others never reject: they show at once what will be, and the
// state says when it could not be.
import type {
  ApiChat,
  ApiFile,
  ApiInvitation,
  ApiInvitationOffer,
  ApiMessageEdit,
  ApiNewInvitation,
  ApiPreferences,
  ApiPublicChannel,
  ApiReceipt,
  ApiUser,
  ChatType,
  Id,
  Role,
  WhoMay,
} from "../api/types";
import type { Draft, DraftKey, ListKey, SearchQuestion } from "./state";

export interface SignUpFields {
  fullname: string;
  email: string;
  password: string;
  workspace?: string;
  invitation?: string;
}

export interface SendFields {
  content: string;
  files?: readonly string[];
  reply_to?: Id | null;
  thread_root_id?: Id | null; // where the row is shown until the server has answered
  also_to_chat?: boolean;
  confirm_everyone?: boolean;
}

export interface ChatFields {
  chat_type: ChatType;
  name?: string;
  description?: string;
  members?: readonly Id[];
}

export interface ChatSettingsFields {
  topic?: string;
  who_may_write?: WhoMay;
  who_may_pin?: WhoMay;
  everyone_mentions?: boolean;
}

export interface ProfileFields {
  fullname?: string;
  avatar_url?: string | null;
  title?: string | null;
  bio?: string | null;
}

export interface AccountActions {
  signIn(email: string, password: string): Promise<void>;
  // With `invitation` it accepts that; without one it founds or joins a workspace by name.
  signUp(fields: SignUpFields): Promise<void>;
  // What an invitation's link invites to; `workspace` null: it founds the first one.
  getInvitation(token: string): Promise<ApiInvitationOffer>;
  signOut(): Promise<void>;
  signOutEverywhere(): Promise<void>;
  changePassword(current_password: string, new_password: string): Promise<void>;
  updateProfile(fields: ProfileFields): Promise<void>;
  setPreferences(fields: Partial<ApiPreferences>): Promise<void>;
  createInvitation(email?: string): Promise<ApiNewInvitation>;
  listInvitations(after_id?: Id): Promise<readonly ApiInvitation[]>;
  revokeInvitation(id: Id): Promise<void>;
}

export interface ChatActions {
  // Shows a chat in this tab: loads its end, or with a message the part around it. Null: none.
  openChat(chat: Id | null, message?: Id): void;
  loadOlder(chat: Id): Promise<void>;
  loadNewer(chat: Id): Promise<void>;
  // The newer jump wins. `message` null: to the newest messages.
  jumpTo(chat: Id, message: Id | null): Promise<void>;
  // The chat that has a message (a permalink without its chat) cannot be found: links have both.
  markRead(chat: Id, seq: number): void;
  markUnread(chat: Id, message: Id): Promise<void>;
  createChat(fields: ChatFields): Promise<ApiChat>;
  listPublicChannels(q?: string, after_id?: Id): Promise<readonly ApiPublicChannel[]>;
  joinChat(chat: Id): Promise<void>;
  leaveChat(chat: Id): Promise<void>;
  deleteChat(chat: Id): Promise<void>;
  renameChat(chat: Id, fields: { name?: string; description?: string }): Promise<void>;
  setChatSettings(chat: Id, fields: ChatSettingsFields): Promise<void>;
  archiveChat(chat: Id, archived: boolean): Promise<void>;
  // `until` null: not muted. 'forever' is a time far ahead.
  mute(chat: Id, until: string | "forever" | null, mute_mentions?: boolean): Promise<void>;
  hideChat(chat: Id): Promise<void>;
  loadMembers(chat: Id): Promise<void>; // all pages, 1,000 people at most
  addMembers(chat: Id, users: readonly Id[]): Promise<void>;
  removeMember(chat: Id, user: Id): Promise<void>;
  // 'owner' hands the chat over.
  setRole(chat: Id, user: Id, role: Role): Promise<void>;
}

export interface MessageActions {
  // Returns the key of the row, at once. Throws ApiError 'client.too_long' or 'client.full'.
  send(chat: Id, fields: SendFields): string;
  retry(key: string): void;
  discard(key: string): void;
  edit(chat: Id, message: Id, content: string): Promise<void>;
  remove(chat: Id, message: Id): Promise<void>;
  react(chat: Id, message: Id, emoji: string, on: boolean): Promise<void>;
  pin(chat: Id, message: Id, on: boolean): Promise<void>;
  save(message: Id, on: boolean): Promise<void>;
  // The former texts, the newest first.
  history(chat: Id, message: Id): Promise<readonly ApiMessageEdit[]>;
  receipts(chat: Id, message: Id): Promise<readonly ApiReceipt[]>;
  openThread(chat: Id, root: Id | null): void;
  loadOlderReplies(root: Id): Promise<void>;
  follow(chat: Id, root: Id, on: boolean): Promise<void>;
  markThreadRead(chat: Id, root: Id): void;
  loadList(key: ListKey, next_page?: boolean): Promise<void>;
}

export interface WritingActions {
  // Stores it in the browser at once, and with the server a little later.
  setDraft(key: DraftKey, fields: Partial<Pick<Draft, "content" | "files" | "reply_to">>): void;
  dropDraft(key: DraftKey): void;
  // To be called with each key: it tells the server when it has to know.
  setTyping(chat: Id, is_typing: boolean): void;
  // Puts the file into the draft once it is there. Returns the upload's id.
  upload(draft: DraftKey, file: File): string;
  retryUpload(id: string): void;
  removeUpload(id: string): void;
  fileOf(id: Id): Promise<ApiFile>;
}

export interface PeopleActions {
  // Loads a profile into `people`.
  loadPerson(user: Id): Promise<void>;
  listPeople(q: string, after_id?: Id): Promise<readonly ApiUser[]>;
  // Loads people of which only ids are known; at most 100 a time.
  knowPeople(users: readonly Id[]): void;
  setPresence(status: "online" | "away"): Promise<void>;
  // Whose presence is shown at the moment; replaces the former list. At most 200.
  watchPresence(users: readonly Id[]): void;
  block(user: Id, on: boolean): Promise<void>;
}

export interface SearchActions {
  search(question: SearchQuestion): Promise<void>;
  searchMore(): Promise<void>;
  clearSearch(): void;
}

export interface TabActions {
  // The page is visible, the window has the focus.
  setAttention(visible: boolean, focused: boolean): void;
  // The network is back, the page was shown again: looks whether the stream is alive.
  wakeUp(): void;
}

export type Actions = AccountActions &
  ChatActions &
  MessageActions &
  WritingActions &
  PeopleActions &
  SearchActions &
  TabActions;
