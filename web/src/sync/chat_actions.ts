import type { ApiChat, Id } from "../api/types";
import type { ChatActions } from "./actions";
import type { TabClient } from "./client";
import { set_chat } from "./reduce/chats";
import { install_chat } from "./reduce/rest";
import { data_of } from "./rest";

// A mute without an end: the API knows times only.
const forever = "9999-01-01T00:00:00Z";

export function chat_actions(client: TabClient): ChatActions {
  const { core, rest } = client;
  const loads = () => client.account?.loads;
  const pages = () => client.account?.pages;

  // The answer to a change of a chat; its event follows, and says the same.
  const changes = async (request: () => Promise<ApiChat>): Promise<void> => {
    const asked = core.ask();
    try {
      const chat = await request();
      core.answer(asked, (change) => install_chat(change, chat));
    } catch (error) {
      core.abandon(asked);
      throw error;
    }
  };

  const set_preferences = async (
    chat: Id,
    body: { muted_until?: string | null; mute_mentions?: boolean; hidden?: boolean },
  ): Promise<void> => {
    const params = { path: { id: chat } };
    const asked = core.ask();
    try {
      const now = await data_of(rest.own.PUT("/api/chat/{id}/preferences", { params, body }));
      core.answer(asked, (change) => {
        const known = change.state.chats.get(chat);
        const { muted_until, mute_mentions, hidden } = now;
        if (known) set_chat(change, { ...known, muted_until, mute_mentions, hidden });
      });
    } catch (error) {
      core.abandon(asked);
      throw error;
    }
  };

  return {
    openChat: (chat, message) => client.open(chat, message),
    loadOlder: async (chat) => pages()?.older(chat),
    loadNewer: async (chat) => pages()?.newer(chat),
    jumpTo: async (chat, message) => pages()?.jump(chat, message),
    markRead: (chat, seq) => client.account?.reads.mark(chat, seq),
    markUnread: async (chat, message) => client.account?.reads.unmark(chat, message),
    createChat: async ({ members, ...fields }) => {
      const body = { ...fields, members: [...(members ?? [])] };
      const chat = await data_of(rest.own.POST("/api/chat", { body }));
      await loads()?.chats();
      return chat;
    },
    listPublicChannels: (q, after_id = 0) => {
      const query = { limit: 50, after_id, ...(q === undefined || q === "" ? {} : { q }) };
      return data_of(rest.own.GET("/api/chats/public", { params: { query } }));
    },
    joinChat: async (chat) => {
      await data_of(rest.own.POST("/api/chat/{id}/join", { params: { path: { id: chat } } }));
      await loads()?.chats();
    },
    leaveChat: async (chat) => {
      await data_of(rest.own.POST("/api/chat/{id}/leave", { params: { path: { id: chat } } }));
      await loads()?.chats();
    },
    deleteChat: async (chat) => {
      await data_of(rest.own.DELETE("/api/chat/{id}", { params: { path: { id: chat } } }));
      await loads()?.chats();
    },
    renameChat: (chat, body) => {
      const params = { path: { id: chat } };
      return changes(() => data_of(rest.own.PATCH("/api/chat/{id}", { params, body })));
    },
    setChatSettings: (chat, body) =>
      changes(() =>
        data_of(rest.own.PUT("/api/chat/{id}/settings", { params: { path: { id: chat } }, body })),
      ),
    archiveChat: (chat, archived) => {
      const params = { path: { id: chat } };
      return changes(() =>
        data_of(
          archived
            ? rest.own.POST("/api/chat/{id}/archive", { params })
            : rest.own.POST("/api/chat/{id}/unarchive", { params }),
        ),
      );
    },
    mute: (chat, until, mute_mentions) =>
      set_preferences(chat, {
        muted_until: until === "forever" ? forever : until,
        ...(mute_mentions === undefined ? {} : { mute_mentions }),
      }),
    hideChat: (chat) => set_preferences(chat, { hidden: true }),
    loadMembers: async (chat) => loads()?.members(chat),
    addMembers: async (chat, users) => {
      const params = { path: { id: chat } };
      await data_of(rest.own.POST("/api/chat/{id}/members", { params, body: [...users] }));
      await loads()?.members(chat);
    },
    removeMember: async (chat, user) => {
      const params = { path: { id: chat } };
      await data_of(rest.own.DELETE("/api/chat/{id}/members", { params, body: [user] }));
      await loads()?.members(chat);
    },
    setRole: async (chat, user, role) => {
      const params = { path: { id: chat, member_id: user } };
      const path = "/api/chat/{id}/members/{member_id}";
      await data_of(rest.own.PATCH(path, { params, body: { role } }));
      await loads()?.members(chat);
    },
  };
}
