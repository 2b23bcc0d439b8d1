import type { ApiUser, Id } from "../api/types";
import type { PeopleActions, SearchActions, TabActions, WritingActions } from "./actions";
import type { TabClient } from "./client";
import { show_user } from "./reduce/people";
import { data_of } from "./rest";

const profiles_max = 100;

type Others = WritingActions & PeopleActions & SearchActions & TabActions;

export function other_actions(client: TabClient): Others {
  const { core, rest } = client;
  const asked_for = new Set<Id>();

  const person = async (user: Id): Promise<void> => {
    const params = { path: { id: user } };
    const asked = core.ask();
    try {
      const shown = await data_of(rest.own.GET("/api/users/{id}/profile", { params }));
      core.answer(asked, (change) => show_user(change, shown as ApiUser));
    } catch (error) {
      core.abandon(asked);
      throw error;
    }
  };

  return {
    setDraft: (key, fields) => client.account?.drafts.set(key, fields),
    dropDraft: (key) => {
      client.account?.uploads.forget(key);
      client.account?.drafts.drop(key);
    },
    setTyping: (chat, is_typing) => client.account?.presence.typing(chat, is_typing),
    upload: (draft, file) => client.account?.uploads.add(draft, file) ?? "",
    retryUpload: (id) => client.account?.uploads.retry(id),
    removeUpload: (id) => client.account?.uploads.remove(id),
    fileOf: (id) => data_of(rest.own.GET("/api/files/{id}", { params: { path: { id } } })),

    loadPerson: person,
    listPeople: async (q, after_id = 0) => {
      const query = { limit: 50, after_id, ...(q === "" ? {} : { q }) };
      const people = await data_of(rest.own.GET("/api/users", { params: { query } }));
      core.change((change) => {
        for (const one of people) show_user(change, one);
      });
      return people;
    },
    knowPeople: (users) => {
      const unknown = users.filter((id) => !core.state.people.has(id) && !asked_for.has(id));
      for (const id of unknown.slice(0, profiles_max)) {
        asked_for.add(id);
        void person(id)
          .catch(() => undefined)
          .finally(() => asked_for.delete(id));
      }
    },
    setPresence: async (status) => {
      await data_of(rest.own.POST("/api/presence", { body: { status, platform: "web" } }));
    },
    watchPresence: (users) => client.account?.presence.watch(users),
    block: async (user, on) => {
      const params = { path: { id: user } };
      const path = "/api/users/{id}/block";
      await data_of(on ? rest.own.PUT(path, { params }) : rest.own.DELETE(path, { params }));
    },

    search: async (question) => client.account?.searches.search(question),
    searchMore: async () => client.account?.searches.more(),
    clearSearch: () => client.account?.searches.clear(),

    setAttention: (visible, focused) => {
      const before = core.state.view;
      core.change((change) => {
        const { view } = change.state;
        const chat = view.chat_id === null ? undefined : change.state.chats.get(view.chat_id);
        // Where the window loses the focus, the divider of what comes meanwhile is put.
        const left = view.focused && !focused && chat;
        const divider_seq = left ? chat.last_read_seq : view.divider_seq;
        change.set("view", { ...view, visible, focused, divider_seq });
      });
      if (!visible) client.account?.keep();
      if (visible && !before.visible) client.account?.wake();
    },
    wakeUp: () => client.account?.wake(),
  };
}
