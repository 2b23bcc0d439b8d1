import { useSync, type Chat, type Role } from "../../sync";

/** The user's role in a chat; null while only the list of members, not read yet, could tell. */
export function useOwnRole(chat: Chat): Role | null {
  return useSync((state) => {
    if (state.session.status !== "signed_in") return null;
    const own = state.session.user.id;
    if (chat.chat_type === "Single") return "member";
    if (chat.owner_id === own) return "owner";
    const members = state.members.get(chat.id);
    return members?.list.find((member) => member.user_id === own)?.role ?? null;
  });
}
