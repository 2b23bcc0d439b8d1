// Lists of messages beside the chats: pins, mentions, what is saved, threads.
import type { ApiMessage } from "../api/types";
import type { Core } from "./core";
import { take_messages } from "./reduce/rest";
import { answer, next_cursor, type Rest } from "./rest";
import type { ListKey, MessageList } from "./state";

const limit = 50;
const lists_max = 20;

interface Page {
  readonly messages: readonly ApiMessage[];
  readonly unread: Readonly<Record<number, number>>;
  readonly more: string | null;
}

export class Lists {
  readonly #core: Core;
  readonly #rest: Rest;

  constructor(core: Core, rest: Rest) {
    this.#core = core;
    this.#rest = rest;
  }

  async load(key: ListKey, next_page: boolean): Promise<void> {
    const known = this.#core.state.lists.get(key);
    const cursor = next_page ? (known?.more ?? null) : null;
    if (next_page && cursor === null) return;
    this.#edit(key, { status: "loading", stale: false });
    const asked = this.#core.ask();
    try {
      const page = await this.#page(key, cursor);
      const taken = this.#core.answer(asked, (change) => {
        // By the list's own order, which is not that of seq.
        const held = new Map(take_messages(change, page.messages).map((row) => [row.id, row]));
        const rows = page.messages.flatMap((message) => held.get(message.id) ?? []);
        const before = cursor === null ? undefined : change.state.lists.get(key);
        change.map("lists").set(key, {
          key,
          rows: [...(before?.rows ?? []), ...rows],
          unread: { ...before?.unread, ...page.unread },
          status: "ready",
          more: page.more,
          stale: false,
        });
      });
      if (!taken) this.#edit(key, { status: "ready", stale: true });
    } catch {
      this.#core.abandon(asked);
      this.#edit(key, { status: "failed" });
    }
  }

  #edit(key: ListKey, fields: Partial<MessageList>): void {
    this.#core.change((change) => {
      const lists = change.map("lists");
      const known = lists.get(key);
      const oldest = lists.keys().next();
      if (!known && lists.size >= lists_max && !oldest.done) lists.delete(oldest.value);
      const none: MessageList = {
        ...{ key, rows: [], unread: {}, status: "idle", more: null, stale: false },
      };
      lists.set(key, { ...none, ...known, ...fields });
    });
  }

  async #page(key: ListKey, cursor: string | null): Promise<Page> {
    if (key === "threads") return this.#threads(cursor);
    if (key === "mentions" || key === "unread_mentions") return this.#mentions(key, cursor);
    const query = { limit, ...(cursor === null ? {} : { cursor }) };
    if (key === "saved") {
      const page = await answer(this.#rest.own.GET("/api/saved", { params: { query } }));
      return { messages: page.data, unread: {}, more: next_cursor(page.headers) };
    }
    const params = { path: { id: Number(key.slice("pins:".length)) }, query };
    const page = await answer(this.#rest.own.GET("/api/chat/{id}/pins", { params }));
    return { messages: page.data, unread: {}, more: next_cursor(page.headers) };
  }

  async #threads(cursor: string | null): Promise<Page> {
    const query = { limit, ...(cursor === null ? {} : { cursor }) };
    const page = await answer(this.#rest.own.GET("/api/threads", { params: { query } }));
    const unread: Record<number, number> = {};
    for (const thread of page.data) unread[thread.root.id] = thread.unread_count;
    const messages = page.data.map((thread) => thread.root);
    return { messages, unread, more: next_cursor(page.headers) };
  }

  async #mentions(key: ListKey, cursor: string | null): Promise<Page> {
    const query = {
      ...{ limit, unread: key === "unread_mentions" },
      ...(cursor === null ? {} : { before: Number(cursor) }),
    };
    const page = await answer(this.#rest.own.GET("/api/mentions", { params: { query } }));
    const unread: Record<number, number> = {};
    for (const mention of page.data) unread[mention.message.id] = mention.read ? 0 : 1;
    const messages = page.data.map((mention) => mention.message);
    const last = messages.at(-1);
    const full = messages.length === limit && last ? String(last.id) : null;
    return { messages, unread, more: next_cursor(page.headers) ?? full };
  }
}
