// The addresses of the pages. Each page is a file of its own that is loaded when it is first shown;
// only signing in and the chat are common enough to be named here first.
import type { Id } from "../api/types";

export const paths = {
  home: "/",
  sign_in: "/signin",
  sign_up: "/signup",
  // The link that an invitation's mail has.
  invitation: "/invitation/:token",
  chat: "/chat/:chat",
  message: "/chat/:chat/message/:message",
  thread: "/chat/:chat/thread/:root",
  search: "/search",
  channels: "/channels",
  mentions: "/mentions",
  threads: "/threads",
  saved: "/saved",
  settings: "/settings/:section?",
  // Every component in every state, for people and for the gates.
  components: "/components",
} as const;

export const chat_path = (chat: Id): string => `/chat/${chat}`;
export const message_path = (chat: Id, message: Id): string => `/chat/${chat}/message/${message}`;
export const thread_path = (chat: Id, root: Id): string => `/chat/${chat}/thread/${root}`;

// A number of a path; null: it is none.
export function id_of(text: string | undefined): Id | null {
  return text !== undefined && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
}
