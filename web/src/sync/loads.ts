// What is read by REST: the list of chats, pages of messages, and what events have marked for
// reading again. Each read goes through Core.ask() and answer().
import type { ApiChatSummary, ApiMember, Id } from "../api/types";
import type { Change } from "./change";
import type { Core } from "./core";
import { back_off, sleep, type Env } from "./env";
import { failure_from, is_passing } from "./errors";
import {
  install_chats,
  install_draft,
  install_drafts,
  install_members,
  install_online,
} from "./reduce/rest";
import { answer, data_of, next_cursor, type Rest } from "./rest";

const list_page = 500;
const recent = 20; // a chat with something new is among the most recently active ones
const members_pages_max = 10;
const settle_ms = 100; // several marks are one request
const retry_base_ms = 500;
const retry_cap_ms = 30_000;

export class Loads {
  readonly #env: Env;
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #stopped: AbortSignal;
  readonly #notify: () => Promise<string>;
  #list: Promise<boolean> | null = null;
  #settling: (() => void) | null = null;
  #failed = 0;

  constructor(
    env: Env,
    core: Core,
    rest: Rest,
    notify: () => Promise<string>,
    stopped: AbortSignal,
  ) {
    this.#env = env;
    this.#core = core;
    this.#rest = rest;
    this.#notify = notify;
    this.#stopped = stopped;
  }

  // Asks, and takes the answer; again when too much has happened meanwhile. Rejects with ApiError.
  async read<T>(
    request: () => Promise<T>,
    install: (change: Change, value: T) => void,
  ): Promise<T> {
    for (;;) {
      const asked = this.#core.ask();
      try {
        const value = await request();
        if (this.#stopped.aborted) return value;
        if (this.#core.answer(asked, (change) => install(change, value))) return value;
      } catch (error) {
        this.#core.abandon(asked);
        throw error;
      }
    }
  }

  // All chats, once: whatever asks meanwhile gets the same answer. False: it could not be read.
  chats(): Promise<boolean> {
    this.#list ??= this.#all_chats().finally(() => {
      this.#list = null;
    });
    return this.#list;
  }

  async #all_chats(): Promise<boolean> {
    if (this.#core.state.chats_status !== "ready") {
      this.#core.change((change) => change.set("chats_status", "loading"));
    }
    const tick = this.#core.state.tick;
    const request = async (): Promise<readonly ApiChatSummary[]> => {
      const all: ApiChatSummary[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: list_page, ...(cursor === null ? {} : { cursor }) };
        const page = await answer(this.#rest.own.GET("/api/chat", { params: { query } }));
        all.push(...page.data);
        cursor = next_cursor(page.headers);
      } while (cursor !== null);
      return all;
    };
    try {
      await this.read(request, (change, all) => install_chats(change, all, true, tick));
      return true;
    } catch (error) {
      const passing = is_passing(failure_from(error));
      if (!passing && this.#core.state.chats.size === 0) {
        this.#core.change((change) => change.set("chats_status", "failed"));
      }
      return false;
    }
  }

  // The most recently active chats: those that something new was said in.
  async #recent_chats(limit: number): Promise<void> {
    const tick = this.#core.state.tick;
    const query = { limit };
    await this.read(
      () => data_of(this.#rest.own.GET("/api/chat", { params: { query } })),
      (change, list) => install_chats(change, list, list.length < limit, tick),
    );
  }

  // After the start and after a Reset.
  async begin(): Promise<boolean> {
    const [listed] = await Promise.all([
      this.chats(),
      this.drafts().catch(() => undefined),
      this.preferences().catch(() => undefined),
    ]);
    return listed;
  }

  async drafts(): Promise<void> {
    const query = { limit: 100 };
    await this.read(
      () => data_of(this.#rest.own.GET("/api/drafts", { params: { query } })),
      (change, list) => install_drafts(change, list, this.#env.now()),
    );
  }

  async preferences(): Promise<void> {
    await this.read(
      () => data_of(this.#rest.own.GET("/api/users/preferences", {})),
      (change, preferences) => change.set("preferences", preferences),
    );
  }

  async online(): Promise<void> {
    const baseUrl = await this.#notify();
    await this.read(
      () => data_of(this.#rest.own.GET("/api/online-users", { baseUrl })),
      (change, online) => install_online(change, online),
    );
  }

  async members(chat: Id): Promise<void> {
    const request = async (): Promise<{ list: readonly ApiMember[]; whole: boolean }> => {
      const list: ApiMember[] = [];
      for (let i = 0; i < members_pages_max; ++i) {
        const query = { limit: 100, after_id: list.at(-1)?.user_id ?? 0 };
        const params = { path: { id: chat }, query };
        const page = await data_of(this.#rest.own.GET("/api/chat/{id}/members", { params }));
        list.push(...(page as readonly ApiMember[]));
        if (page.length < 100) return { list, whole: true };
      }
      return { list, whole: false };
    };
    await this.read(request, (change, { list, whole }) =>
      install_members(change, chat, list, whole),
    );
  }

  async draft(chat: Id): Promise<void> {
    const params = { path: { id: chat } };
    await this.read(
      () => data_of(this.#rest.own.GET("/api/chat/{id}/draft", { params })),
      (change, draft) => install_draft(change, draft, this.#env.now()),
    );
  }

  // At once, where the chats are not known yet.
  now(): void {
    if (this.#core.state.chats_status === "ready" || !this.#has_marks()) return;
    this.#settling?.();
    this.#settling = () => undefined;
    void this.#settle();
  }

  // Reads again what events have marked, a little later. To be called after each change.
  settle(): void {
    if (this.#settling || this.#stopped.aborted || !this.#has_marks()) return;
    const wait_ms = settle_ms + back_off(this.#env, this.#failed, retry_base_ms, retry_cap_ms) *
      Math.min(this.#failed, 1);
    this.#settling = this.#env.after(wait_ms, () => void this.#settle());
  }

  #has_marks(): boolean {
    const { state } = this.#core;
    if (state.session.status !== "signed_in" || state.cursor === null) return false;
    return (
      state.chats_status === "idle" ||
      state.chats_status === "loading" ||
      state.wanted.size > 0 ||
      this.#stale_chats().length > 0 ||
      this.#stale_drafts().length > 0 ||
      this.#stale_members().length > 0
    );
  }

  #stale_chats(): readonly Id[] {
    return [...this.#core.state.chats.values()]
      .filter((chat) => chat.counts_stale)
      .map((chat) => chat.id);
  }

  #stale_drafts(): readonly Id[] {
    const { state } = this.#core;
    return [...state.draft_versions]
      .filter(([chat, told]) => {
        const known = state.drafts.get(`chat:${chat}`)?.version ?? 0;
        return !told.deleted && told.version > known && state.chats.has(chat);
      })
      .map(([chat]) => chat);
  }

  #stale_members(): readonly Id[] {
    const { state } = this.#core;
    const { chat_id } = state.view;
    const members = chat_id === null ? undefined : state.members.get(chat_id);
    return chat_id !== null && members?.status === "idle" ? [chat_id] : [];
  }

  async #settle(): Promise<void> {
    try {
      const { chats_status } = this.#core.state;
      const listed = chats_status === "ready" || (await this.begin());
      if (!listed) throw new Error("the chats could not be read");
      await this.#read_marked();
      this.#failed = 0;
    } catch {
      this.#failed = Math.min(this.#failed + 1, 16);
    }
    this.#settling = null;
    this.settle();
  }

  async #read_marked(): Promise<void> {
    if (this.#core.state.wanted.size > 0 || this.#stale_chats().length > 0) {
      await this.#recent_chats(recent);
      const more = this.#core.state.wanted.size > 0 || this.#stale_chats().length > 0;
      if (more && !(await this.chats())) throw new Error("the chats could not be read");
    }
    for (const chat of this.#stale_drafts()) await this.draft(chat);
    for (const chat of this.#stale_members()) await this.members(chat);
  }

  stop(): void {
    this.#settling?.();
    this.#settling = null;
  }

  // Until it succeeds or the client stops. For reads that something waits for on the screen.
  async persist(task: () => Promise<void>): Promise<boolean> {
    for (let attempt = 0; !this.#stopped.aborted && attempt < 5; ++attempt) {
      try {
        await task();
        return true;
      } catch (error) {
        const failure = failure_from(error);
        if (!is_passing(failure)) return false;
        const wait = (failure.retry_after_s ?? 0) * 1_000;
        const pause = Math.max(wait, back_off(this.#env, attempt, retry_base_ms, retry_cap_ms));
        await sleep(this.#env, pause, this.#stopped);
      }
    }
    return false;
  }
}
