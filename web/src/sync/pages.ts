// The windows of chats and threads: which part of the history is held, and moving in it.
import type { Id } from "../api/types";
import type { Core } from "./core";
import type { Loads } from "./loads";
import { page as limit, unread_rows_max } from "./limits";
import {
  add_thread,
  edit_thread,
  edit_window,
  install_page,
  install_thread,
  put_away,
  set_load,
  trim_window,
  type Page,
  type Side,
} from "./reduce/windows";
import { is_whole } from "./kept_windows";
import { answer, next_cursor, type Rest } from "./rest";
import type { State } from "./state";

interface Wish {
  readonly chat: Id;
  readonly message: Id | null;
  readonly comes: boolean; // another chat was shown before, or none
}

export class Pages {
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #loads: Loads;
  #wish: Wish | null = null;
  #places = false; // the divider: what is shown is chosen in the next step
  #turn = 0; // of jumps and openings: an older one's answer is not shown

  constructor(core: Core, rest: Rest, loads: Loads) {
    this.#core = core;
    this.#rest = rest;
    this.#loads = loads;
  }

  open(chat: Id | null, message?: Id): void {
    const before = this.#core.state.view.chat_id;
    // The address of a chat alone asks for no other place in it: a jump within it goes on.
    if (before !== chat || message !== undefined) this.#turn += 1;
    this.#wish = chat === null ? null : { chat, message: message ?? null, comes: before !== chat };
    this.#core.change((change) => {
      if (before !== null && before !== chat) put_away(change, before);
      const { view } = change.state;
      const same = before === chat;
      const thread_root_id = same ? view.thread_root_id : null;
      const divider_seq = same ? view.divider_seq : null;
      const next = { chat_id: chat, thread_root_id, divider_seq, holds_unread: false };
      change.set("view", { ...view, ...next });
    });
    this.settle();
  }

  // After each change: a link may name a chat before the list of chats is there, and what is shown
  // may have become uncertain.
  settle(): void {
    if (this.#places) return;
    const { chats, view, windows } = this.#core.state;
    const wish = this.#wish;
    if (wish && chats.has(wish.chat)) {
      this.#wish = null;
      this.#places = true;
      this.#place_divider(wish.chat);
      this.#places = false;
      if (wish.message !== null) return void this.jump(wish.chat, wish.message);
      return void (wish.comes ? this.#enter(wish.chat) : this.ensure(wish.chat));
    }
    if (wish || view.chat_id === null || !chats.has(view.chat_id)) return;
    const window = windows.get(view.chat_id);
    const lost = !window || window.status === "idle" || (window.stale && window.status === "ready");
    if (lost) void this.ensure(view.chat_id);
  }

  #place_divider(chat: Id): void {
    this.#core.change((change) => {
      const known = change.state.chats.get(chat);
      const { view } = change.state;
      if (!known || view.chat_id !== chat || view.divider_seq !== null) return;
      if (known.unread_count > 0) {
        change.set("view", { ...view, divider_seq: known.last_read_seq });
      }
    });
  }

  // Where a person goes on reading: at the end, or far back in the past.
  async #enter(chat: Id): Promise<void> {
    const seq = far_unread(this.#core.state, chat);
    if (seq === null) return this.ensure(chat);
    this.#core.change((change) => {
      change.remove("windows", chat);
      set_load(change, chat, "around_seq", "loading");
    });
    await this.#load(chat, "around_seq", seq);
  }

  // The newest messages, unless they are held.
  async ensure(chat: Id): Promise<void> {
    const window = this.#core.state.windows.get(chat);
    if (window && !window.stale && window.status === "ready") return;
    if (window?.status === "loading" || !this.#core.state.chats.has(chat)) return;
    await this.#load(chat, "end", null);
  }

  async older(chat: Id): Promise<void> {
    const window = this.#core.state.windows.get(chat);
    const anchor = window?.rows[0];
    if (!window || !anchor || window.at_start || window.older === "loading") return;
    await this.#load(chat, "before", anchor.id);
    this.#core.change((change) => trim_window(change, chat, "start"));
  }

  async newer(chat: Id): Promise<void> {
    const window = this.#core.state.windows.get(chat);
    const anchor = window?.rows.at(-1);
    if (!window || !anchor || window.at_end || window.newer === "loading") return;
    await this.#load(chat, "after", anchor.id);
    this.#core.change((change) => trim_window(change, chat, "end"));
  }

  async jump(chat: Id, message: Id | null): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const window = this.#core.state.windows.get(chat);
    const held = message === null ? undefined : window?.rows.find((row) => row.id === message);
    const at_end = message === null && window?.at_end && !window.stale;
    if (!held && !at_end) {
      const side = message === null ? "end" : "around";
      await this.#load(chat, side, message, () => turn === this.#turn);
    }
    if (turn !== this.#turn) return;
    this.#core.change((change) => {
      const rows = change.state.windows.get(chat)?.rows ?? [];
      const target = message === null ? rows.at(-1) : rows.find((row) => row.id === message);
      const focus = target ? { message_id: target.id, seq: target.seq, turn } : null;
      edit_window(change, chat, { focus });
    });
  }

  async #load(
    chat: Id,
    side: Side,
    anchor: Id | null,
    is_wanted: () => boolean = () => true,
  ): Promise<void> {
    this.#core.change((change) => set_load(change, chat, side, "loading"));
    let taken = false;
    const done = await this.#loads.persist(async () => {
      await this.#loads.read(
        () => this.#page(chat, side, anchor),
        (change, page) => {
          taken = is_wanted() && install_page(change, chat, page);
        },
      );
    });
    if (taken) return;
    // A page that nothing waits for any more, or that could not be read.
    this.#core.change((change) => {
      const window = change.state.windows.get(chat);
      if (!window) return;
      const held = window.rows.length > 0 && side !== "before" && side !== "after";
      set_load(change, chat, side, done ? (held ? "ready" : "idle") : "failed");
    });
  }

  async #page(chat: Id, side: Side, anchor: Id | null): Promise<Page> {
    const query: { limit: number } & { [S in Exclude<Side, "end">]?: Id } = { limit };
    if (side !== "end" && anchor !== null) query[side] = anchor;
    const params = { path: { id: chat }, query };
    const page = await answer(this.#rest.own.GET("/api/chat/{id}/messages", { params }));
    const cut = next_cursor(page.headers) !== null;
    return { side, anchor, messages: page.data, limit, cut };
  }

  openThread(chat: Id, root: Id | null): void {
    this.#core.change((change) => {
      change.set("view", { ...change.state.view, thread_root_id: root });
      if (root === null) return;
      add_thread(change, chat, root);
    });
    const thread = root === null ? undefined : this.#core.state.threads.get(root);
    if (root !== null && thread && thread.status !== "ready") void this.#replies(chat, root, null);
  }

  async olderReplies(root: Id): Promise<void> {
    const thread = this.#core.state.threads.get(root);
    const anchor = thread?.rows[0];
    if (!thread || !anchor || thread.at_start || thread.older === "loading") return;
    this.#core.change((change) => edit_thread(change, root, { older: "loading" }));
    await this.#replies(thread.chat_id, root, anchor.id);
  }

  async #replies(chat: Id, root: Id, before: Id | null): Promise<void> {
    const query = before === null ? { limit } : { limit, before };
    const params = { path: { id: chat, message_id: root }, query };
    const path = "/api/chat/{id}/messages/{message_id}/thread";
    const done = await this.#loads.persist(async () => {
      await this.#loads.read(
        () => answer(this.#rest.own.GET(path, { params })),
        (change, page) =>
          install_thread(change, root, {
            ...{ side: before === null ? "end" : "before", anchor: before, limit },
            ...{ thread: page.data, cut: next_cursor(page.headers) !== null },
          }),
      );
    });
    if (done) return;
    const side = before === null ? "status" : "older";
    this.#core.change((change) => edit_thread(change, root, { [side]: "failed" }));
  }

  // Once the stream stands: what could not be read before, and what a Reset has made uncertain.
  refresh(): void {
    const { view, threads } = this.#core.state;
    if (view.chat_id !== null && !this.#wish) {
      this.#place_divider(view.chat_id); // of what came while the stream was away
      void this.ensure(view.chat_id);
    }
    const root = view.thread_root_id;
    const thread = root === null ? undefined : threads.get(root);
    if (root !== null && thread?.status === "idle") void this.#replies(thread.chat_id, root, null);
  }
}

// The seq of the first unread message, where there are too many to be read before the chat is shown,
// and they are not held. Without a connection what is held is shown.
function far_unread(state: State, chat: Id): number | null {
  const known = state.chats.get(chat);
  const { divider_seq } = state.view;
  if (!known || divider_seq === null || state.connection.phase !== "live") return null;
  if (known.last_seq - divider_seq <= unread_rows_max) return null;
  const window = state.windows.get(chat);
  const first = window?.rows[0]?.seq ?? Infinity;
  const is_held = is_whole(window) && (window?.at_start || first <= divider_seq + 1);
  return is_held ? null : divider_seq + 1;
}
