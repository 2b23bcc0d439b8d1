import type { ApiMessage, Id } from "../api/types";
import type { MessageActions } from "./actions";
import type { TabClient } from "./client";
import { ApiError, no_answer } from "./errors";
import { Lists } from "./lists";
import { add_reaction, remove_reaction } from "./reduce/annotations";
import { own_id_of } from "./reduce/chats";
import { change_message } from "./reduce/messages";
import { install_message } from "./reduce/rest";
import { data_of } from "./rest";
import type { Message } from "./state";

export function message_actions(client: TabClient): MessageActions {
  const { core, rest } = client;
  const lists = new Lists(core, rest);
  const of = (chat: Id, message: Id) => ({ path: { id: chat, message_id: message } });

  const answered = async (request: Promise<ApiMessage>): Promise<void> => {
    const asked = core.ask();
    try {
      const message = await request;
      core.answer(asked, (change) => install_message(change, message));
    } catch (error) {
      core.abandon(asked);
      throw error;
    }
  };

  // Shown before the server has answered, and taken back when it refuses. The version stays, so
  // that the event which says the same, or more, is not ignored.
  const shown = async (
    [chat, message]: readonly [Id, Id],
    to: (known: Message, own: Id) => Partial<Message>,
    back: (known: Message, own: Id) => Partial<Message>,
    request: () => Promise<unknown>,
  ): Promise<void> => {
    const edit = (fields: typeof to): void =>
      core.change((change) => {
        const own = own_id_of(change);
        const edited = (known: Message): Message => ({ ...known, ...fields(known, own) });
        change_message(change, chat, message, null, edited);
      });
    edit(to);
    try {
      await request();
    } catch (error) {
      edit(back);
      throw error;
    }
  };

  const react: MessageActions["react"] = (chat, message, emoji, on) => {
    const add = (known: Message, own: Id) => ({
      reactions: add_reaction(known.reactions, emoji, own, own),
    });
    const take = (known: Message, own: Id) => ({
      reactions: remove_reaction(known.reactions, emoji, own, own),
    });
    const params = { path: { id: chat, message_id: message, emoji } };
    const path = "/api/chat/{id}/messages/{message_id}/reactions/{emoji}";
    const request = () =>
      answered(data_of(on ? rest.own.PUT(path, { params }) : rest.own.DELETE(path, { params })));
    return shown([chat, message], on ? add : take, on ? take : add, request);
  };

  const pin: MessageActions["pin"] = (chat, message, on) => {
    const path = "/api/chat/{id}/pins/{message_id}";
    const params = of(chat, message);
    const request = () =>
      data_of(on ? rest.own.PUT(path, { params }) : rest.own.DELETE(path, { params }));
    return shown([chat, message], () => ({ pinned: on }), () => ({ pinned: !on }), request);
  };

  return {
    send: (chat, fields) => {
      const { account } = client;
      if (!account) throw new ApiError(no_answer);
      const key = account.outbox.send(chat, fields);
      account.presence.sent(chat);
      core.change((change) => {
        const { view } = change.state;
        if (view.chat_id === chat) change.set("view", { ...view, divider_seq: null });
      });
      return key;
    },
    retry: (key) => client.account?.outbox.retry(key),
    discard: (key) => client.account?.outbox.discard(key),
    edit: (chat, message, content) => {
      const path = "/api/chat/{id}/messages/{message_id}";
      const params = of(chat, message);
      return answered(data_of(rest.own.PATCH(path, { params, body: { content } })));
    },
    remove: async (chat, message) => {
      const path = "/api/chat/{id}/messages/{message_id}";
      await data_of(rest.own.DELETE(path, { params: of(chat, message) }));
    },
    react,
    pin,
    save: async (message, on) => {
      const params = { path: { message_id: message } };
      const path = "/api/saved/{message_id}";
      await data_of(on ? rest.own.PUT(path, { params }) : rest.own.DELETE(path, { params }));
      if (core.state.lists.has("saved")) await lists.load("saved", false);
    },
    history: (chat, message) => {
      const path = "/api/chat/{id}/messages/{message_id}/history";
      return data_of(rest.own.GET(path, { params: of(chat, message) }));
    },
    receipts: (chat, message) => {
      const path = "/api/chat/{id}/messages/{message_id}/receipts";
      return data_of(rest.own.GET(path, { params: of(chat, message) }));
    },
    openThread: (chat, root) => client.account?.pages.openThread(chat, root),
    loadOlderReplies: async (root) => client.account?.pages.olderReplies(root),
    follow: async (chat, root, on) => {
      const path = "/api/chat/{id}/messages/{message_id}/follow";
      const params = of(chat, root);
      await data_of(on ? rest.own.PUT(path, { params }) : rest.own.DELETE(path, { params }));
    },
    markThreadRead: (chat, root) => {
      const path = "/api/chat/{id}/messages/{message_id}/thread/read";
      void rest.own.POST(path, { params: of(chat, root), body: {} }).catch(() => undefined);
    },
    loadList: (key, next_page = false) => lists.load(key, next_page),
  };
}
