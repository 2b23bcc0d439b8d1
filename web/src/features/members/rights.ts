// What a member may do: the rules of the API, so that nothing is offered that would be refused.
import type { Chat, Message, Role } from "../../sync";

export function may_manage(role: Role | null): boolean {
  return role === "owner" || role === "admin";
}

export function may_write(chat: Chat, role: Role | null): boolean {
  if (chat.archived_at !== null) return false;
  return chat.who_may_write === "all" || may_manage(role);
}

export function may_pin(chat: Chat, role: Role | null): boolean {
  if (chat.archived_at !== null) return false;
  return chat.who_may_pin === "all" || may_manage(role);
}

export function may_edit(chat: Chat, message: Message, own_id: number | null): boolean {
  return message.sender_id === own_id && message.deleted_at === null && chat.archived_at === null;
}

export function may_delete(message: Message, own_id: number | null, role: Role | null): boolean {
  if (message.deleted_at !== null) return false;
  return message.sender_id === own_id || may_manage(role);
}
