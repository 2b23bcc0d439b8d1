// How far the user has read: shown at once, told to the server a moment later, and again until it
// has been heard.
import type { Id } from "../api/types";
import type { Core } from "./core";
import { back_off, type Env } from "./env";
import { failure_from, is_passing } from "./errors";
import { set_chat } from "./reduce/chats";
import { read_up_to } from "./reduce/own";
import { install_read_state } from "./reduce/rest";
import { data_of, type Rest } from "./rest";

const tell_after_ms = 200;
const retry_base_ms = 2_000;
const retry_cap_ms = 60_000;

export class Reads {
  readonly #env: Env;
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #due = new Map<Id, number>();
  #cancel: (() => void) | null = null;
  #telling = false;
  #failed = 0;

  constructor(env: Env, core: Core, rest: Rest) {
    this.#env = env;
    this.#core = core;
    this.#rest = rest;
  }

  // Only forward.
  mark(chat: Id, seq: number): void {
    const { view } = this.#core.state;
    if (view.chat_id === chat && view.holds_unread) return;
    const known = this.#core.state.chats.get(chat);
    const to = Math.min(seq, known?.last_seq ?? 0);
    if (!known || to <= known.last_read_seq) return;
    this.#show(chat, to);
    this.#due.set(chat, Math.max(to, this.#due.get(chat) ?? 0));
    this.#later(tell_after_ms);
  }

  // Moves back to before that message, also when the server cannot be asked at the moment.
  async unmark(chat: Id, message: Id): Promise<void> {
    this.#due.delete(chat);
    const params = { path: { id: chat } };
    const asked = this.#core.ask();
    try {
      const state = await data_of(
        this.#rest.own.POST("/api/chat/{id}/unread", { params, body: { message_id: message } }),
      );
      this.#core.answer(asked, (change) => {
        const known = change.state.chats.get(chat);
        if (!known) return;
        set_chat(change, read_up_to(change, known, state.last_read_seq));
        install_read_state(change, chat, state);
        const { view } = change.state;
        if (view.chat_id !== chat) return;
        change.set("view", { ...view, divider_seq: state.last_read_seq, holds_unread: true });
      });
    } catch (error) {
      this.#core.abandon(asked);
      throw error;
    }
  }

  // After a list of chats: the server had not heard it yet.
  again(): void {
    for (const [chat, seq] of this.#due) {
      if ((this.#core.state.chats.get(chat)?.last_read_seq ?? seq) < seq) this.#show(chat, seq);
    }
  }

  wake(): void {
    if (this.#due.size > 0) this.#later(0);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #show(chat: Id, seq: number): void {
    this.#core.change((change) => {
      const known = change.state.chats.get(chat);
      if (known) set_chat(change, read_up_to(change, known, seq));
    });
  }

  #later(ms: number): void {
    if (ms === 0) this.stop();
    this.#cancel ??= this.#env.after(ms, () => {
      this.#cancel = null;
      void this.#tell();
    });
  }

  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    for (const [chat, seq] of [...this.#due]) {
      const done = await this.#tell_one(chat, seq);
      if (done && this.#due.get(chat) === seq) this.#due.delete(chat);
      this.#failed = done ? 0 : this.#failed + 1;
      if (!done) break;
    }
    this.#telling = false;
    if (this.#due.size === 0) return;
    const pause = back_off(this.#env, this.#failed, retry_base_ms, retry_cap_ms);
    this.#later(this.#failed === 0 ? tell_after_ms : pause);
  }

  // True also when it is no use to try again.
  async #tell_one(chat: Id, seq: number): Promise<boolean> {
    const params = { path: { id: chat } };
    try {
      await data_of(this.#rest.own.POST("/api/chat/{id}/read", { params, body: { seq } }));
      return true;
    } catch (error) {
      return !is_passing(failure_from(error));
    }
  }
}
