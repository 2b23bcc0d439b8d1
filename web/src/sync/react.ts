// The hooks by which pages read the state.
import { createContext, createElement, useContext, type ReactNode } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Id } from "../api/types";
import type { Actions } from "./actions";
import type { Client } from "./client_types";
import * as select from "./selectors";
import type {
  Chat,
  Connection,
  Draft,
  DraftKey,
  ListKey,
  Members,
  MessageList,
  Person,
  Presence,
  SearchState,
  Session,
  State,
  ThreadWindow,
  Typing,
  Upload,
  View,
  Window,
} from "./state";

const ClientContext = createContext<Client | null>(null);

export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return createElement(ClientContext.Provider, { value: client }, children);
}

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("There is no ClientProvider.");
  return client;
}

export function useActions(): Actions {
  return useClient().actions;
}

// The selector must return the same object while nothing has changed that it is made of.
export function useSync<T>(selector: (state: State) => T): T {
  return useStore(useClient().store, selector);
}

// Compares the members of what the selector returns.
export function useSyncShallow<T>(selector: (state: State) => T): T {
  return useStore(useClient().store, useShallow(selector));
}

export const useSession = (): Session => useSync((s) => s.session);
export const useOwnId = (): Id | null => useSync(select.own_id);
export const useConnection = (): Connection => useSync((s) => s.connection);
// False while what was missed is coming: nothing of it is new on the screen, or seen.
export const useSettled = (): boolean =>
  useSync(({ connection: { phase } }) => phase === "live" || phase === "offline");
export const useView = (): View => useSync((s) => s.view);
export const useChatList = (): readonly Chat[] => useSync(select.chat_list);
export const useTotals = (): select.Totals => useSync(select.totals);

export function useChat(id: Id | null): Chat | undefined {
  return useSync((s) => (id === null ? undefined : s.chats.get(id)));
}
export function useChatName(id: Id | null): string {
  return useSync((s) => {
    const chat = id === null ? undefined : s.chats.get(id);
    return chat ? select.chat_name(chat, s.people) : "";
  });
}
export function useWindow(chat: Id | null): Window | undefined {
  return useSync((s) => (chat === null ? undefined : s.windows.get(chat)));
}
// Of the chat that is shown: only the latest chat's rows are remembered.
export function useRows(chat: Id | null): readonly select.Row[] {
  return useSync((s) => select.rows_of(s, chat));
}
export function useThread(root: Id | null): ThreadWindow | undefined {
  return useSync((s) => (root === null ? undefined : s.threads.get(root)));
}
export function useThreadRows(root: Id | null): readonly select.Row[] {
  return useSync((s) => select.thread_rows_of(s, root));
}
export function useList(key: ListKey): MessageList | undefined {
  return useSync((s) => s.lists.get(key));
}
export function usePerson(id: Id | null): Person | undefined {
  return useSync((s) => (id === null ? undefined : s.people.get(id)));
}
export function usePersonName(id: Id): string {
  return useSync((s) => select.person_name(s.people, id));
}
export function useMembers(chat: Id | null): Members | undefined {
  return useSync((s) => (chat === null ? undefined : s.members.get(chat)));
}
export function usePresence(user: Id | null): Presence | undefined {
  return useSync((s) => (user === null ? undefined : s.presence.get(user)));
}
const nobody_types: readonly Typing[] = [];
export function useTyping(chat: Id | null): readonly Typing[] {
  return useSync((s) => (chat === null ? nobody_types : (s.typing.get(chat) ?? nobody_types)));
}
export function useSeenBy(chat: Id, seq: number): readonly Id[] {
  return useSyncShallow((s) => select.seen_by(s, chat, seq));
}
export function useDraft(key: DraftKey | null): Draft | undefined {
  return useSync((s) => (key === null ? undefined : s.drafts.get(key)));
}
export function useUploads(draft: DraftKey | null): readonly Upload[] {
  return useSyncShallow((s) => [...s.uploads.values()].filter((one) => one.draft === draft));
}
export const useSearchState = (): SearchState => useSync((s) => s.search);
export const usePreferences = (): State["preferences"] => useSync((s) => s.preferences);
