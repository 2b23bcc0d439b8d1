import { useCallback } from "react";
import { useLocation } from "wouter";
import { message_path, thread_path } from "../../app/routes";
import { useActions, type Id, type Message } from "../../sync";

/** To the place of a message; again when the address is there already. */
export function useGoToMessage(): (chat: Id, message: Id) => void {
  const actions = useActions();
  const [location, navigate] = useLocation();
  return useCallback(
    (chat, message) => {
      const path = message_path(chat, message);
      if (location === path) void actions.jumpTo(chat, message);
      else navigate(path);
    },
    [actions, location, navigate],
  );
}

/** A reply that is in its thread alone has its place there. */
export function place_of(message: Message): string {
  if (message.thread_root_id !== null && !message.also_to_chat) {
    return thread_path(message.chat_id, message.thread_root_id);
  }
  return message_path(message.chat_id, message.id);
}
