// Messages that are being sent. They are in the browser's store before the first try, so they
// survive a restart; each chat's are sent in the order of writing, by one tab at a time, each with
// its key: however often it is tried, the message exists once.
import type { ApiMessage, Id } from "../api/types";
import type { SendFields } from "./actions";
import type { Change } from "./change";
import type { Core } from "./core";
import { back_off, sleep, type Env } from "./env";
import { ApiError, client_failure, failure_from, is_passing } from "./errors";
import { content_max, outbox_bytes_max, outbox_max } from "./limits";
import { install_message } from "./reduce/rest";
import { data_of, type Rest } from "./rest";
import type { Pending, State } from "./state";
import type { Storage } from "./storage";

const retry_base_ms = 1_000;
const retry_cap_ms = 60_000;

export interface OutboxNote {
  readonly kind: "outbox";
  readonly put: Pending | null;
  readonly gone: { readonly chat_id: Id; readonly key: string } | null;
}

export class Outbox {
  readonly #env: Env;
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #storage: Storage;
  readonly #account: string;
  readonly #tell: (note: OutboxNote) => void;
  readonly #stopped: AbortSignal;
  readonly #sending = new Set<Id>();
  #pauses = new AbortController();
  #order = 0;
  #wakes = 0;

  constructor(
    env: Env,
    core: Core,
    rest: Rest,
    storage: Storage,
    account: string,
    tell: (note: OutboxNote) => void,
    stopped: AbortSignal,
  ) {
    this.#env = env;
    this.#core = core;
    this.#rest = rest;
    this.#storage = storage;
    this.#account = account;
    this.#tell = tell;
    this.#stopped = stopped;
  }

  // What an earlier page has left.
  restore(stored: readonly Pending[]): void {
    this.#core.change((change) => {
      for (const pending of stored) put(change, waiting(pending));
    });
    // What is written now comes behind them, though the clock may have been set back.
    this.#order = Math.max(this.#order, ...stored.map((pending) => pending.order));
  }

  send(chat: Id, fields: SendFields): string {
    const pending = this.#new_pending(chat, fields);
    refuse_too_much(this.#core.state, pending);
    this.#core.change((change) => put(change, pending));
    this.#tell({ kind: "outbox", put: pending, gone: null });
    const stored = this.#storage.put_pending(pending).catch(() => undefined);
    void stored.then(() => this.drain(chat));
    return pending.key;
  }

  #new_pending(chat: Id, fields: SendFields): Pending {
    const root = fields.thread_root_id ?? null;
    this.#order = Math.max(this.#order + 1, this.#env.now());
    return {
      key: this.#env.uuid(),
      chat_id: chat,
      order: this.#order,
      content: fields.content,
      files: fields.files ?? [],
      reply_to: fields.reply_to ?? root,
      thread_root_id: root,
      also_to_chat: fields.also_to_chat ?? root === null,
      confirm_everyone: fields.confirm_everyone ?? false,
      created_at: new Date(this.#env.now()).toISOString(),
      status: "waiting",
      attempts: 0,
      next_ms: 0,
      error: null,
    };
  }

  retry(key: string): void {
    const pending = find(this.#core.state, key);
    if (!pending) return;
    const again: Pending = { ...pending, status: "waiting", error: null, next_ms: 0 };
    this.#store(again);
    this.wake();
    this.drain(pending.chat_id);
  }

  discard(key: string): void {
    const pending = find(this.#core.state, key);
    if (pending) this.#remove(pending);
  }

  // From another tab, which sends it, or has.
  hear(note: OutboxNote): void {
    const { put: pending, gone } = note;
    this.#core.change((change) => {
      if (pending) put(change, pending);
      if (gone) remove(change, gone.chat_id, gone.key);
    });
  }

  // The network is back: what waits is tried at once.
  wake(): void {
    this.#wakes += 1;
    this.#pauses.abort();
    this.#pauses = new AbortController();
    for (const chat of this.#core.state.outbox.keys()) this.drain(chat);
  }

  // Messages that have come as events are not sent again, and those of lost chats not at all.
  async forget_settled(keys: Iterable<string>): Promise<void> {
    for (const key of keys) await this.#storage.remove_pending(key).catch(() => undefined);
  }

  drain(chat: Id): void {
    if (this.#sending.has(chat) || this.#stopped.aborted) return;
    if (!next_of(this.#core.state, chat)) return;
    this.#sending.add(chat);
    const lock = `fechatter:outbox:${this.#account}:${chat}`;
    void this.#env.locks
      .hold(lock, this.#stopped, () => this.#send_all(chat))
      .catch(() => undefined)
      .finally(() => this.#sending.delete(chat))
      .then(() => this.drain(chat));
  }

  // One that has failed does not hold up the next: it waits for a person to decide.
  async #send_all(chat: Id): Promise<void> {
    for (;;) {
      const pending = next_of(this.#core.state, chat);
      if (!pending || this.#stopped.aborted) return;
      await sleep(this.#env, pending.next_ms - this.#env.now(), this.#pauses.signal);
      if (this.#stopped.aborted) return;
      // While this tab slept or waited for the lock, another one may have sent it.
      if (find(this.#core.state, pending.key)) await this.#try(pending);
    }
  }

  async #try(pending: Pending): Promise<void> {
    this.#store({ ...pending, status: "sending" }, false);
    const asked = this.#core.ask();
    const wakes = this.#wakes;
    try {
      const message = await this.#post(pending);
      this.#core.answer(asked, (change) => install_message(change, message));
      this.#remove(pending);
    } catch (error) {
      this.#core.abandon(asked);
      if (this.#stopped.aborted) return;
      // What began before the network was back says nothing of it now.
      const attempts = wakes === this.#wakes ? pending.attempts + 1 : 0;
      this.#note_failure({ ...pending, attempts }, error);
    }
  }

  #post(pending: Pending): Promise<ApiMessage> {
    const { content, reply_to, confirm_everyone, also_to_chat, key } = pending;
    return data_of(
      this.#rest.own.POST("/api/chat/{id}/messages", {
        params: { path: { id: pending.chat_id }, header: { "Idempotency-Key": key } },
        body: {
          ...{ content, reply_to, confirm_everyone },
          files: [...pending.files],
          ...(reply_to === null ? {} : { also_to_chat }),
        },
      }),
    );
  }

  #note_failure(pending: Pending, error: unknown): void {
    const failure = failure_from(error);
    const { attempts } = pending;
    // Without a session it waits for one.
    if (!is_passing(failure) && failure.status !== 401) {
      return this.#store({ ...pending, status: "failed", error: failure });
    }
    const wait = (failure.retry_after_s ?? 0) * 1_000;
    const pause = Math.max(wait, back_off(this.#env, attempts, retry_base_ms, retry_cap_ms));
    const next_ms = this.#env.now() + pause;
    this.#store({ ...pending, status: "waiting", next_ms, error: failure });
  }

  #store(pending: Pending, in_browser = true): void {
    if (!find(this.#core.state, pending.key)) return;
    this.#core.change((change) => put(change, pending));
    this.#tell({ kind: "outbox", put: pending, gone: null });
    if (in_browser) void this.#storage.put_pending(pending).catch(() => undefined);
  }

  #remove(pending: Pending): void {
    const { chat_id, key } = pending;
    this.#core.change((change) => remove(change, chat_id, key));
    this.#tell({ kind: "outbox", put: null, gone: { chat_id, key } });
    void this.#storage.remove_pending(key).catch(() => undefined);
  }
}

function refuse_too_much(state: State, pending: Pending): void {
  // Code points, as the server counts; a text has no more of them than UTF-16 units.
  const long = pending.content.length > content_max && [...pending.content].length > content_max;
  if (long) {
    throw new ApiError(client_failure("client.too_long", `At most ${content_max} characters.`));
  }
  const all = [...state.outbox.values()].flat();
  const bytes = all.reduce((sum, one) => sum + one.content.length, pending.content.length) * 2;
  if (all.length >= outbox_max || bytes > outbox_bytes_max) {
    throw new ApiError(client_failure("client.full", "Too many messages wait to be sent."));
  }
}

function waiting(pending: Pending): Pending {
  return pending.status === "sending" ? { ...pending, status: "waiting" } : pending;
}

function find(state: State, key: string): Pending | undefined {
  for (const list of state.outbox.values()) {
    const found = list.find((one) => one.key === key);
    if (found) return found;
  }
  return undefined;
}

function next_of(state: State, chat: Id): Pending | undefined {
  return state.outbox.get(chat)?.find((one) => one.status !== "failed");
}

function put(change: Change, pending: Pending): void {
  const list = change.state.outbox.get(pending.chat_id) ?? [];
  const rest = list.filter((one) => one.key !== pending.key);
  const place = rest.findIndex((one) => one.order > pending.order);
  const at = place < 0 ? rest.length : place;
  change.map("outbox").set(pending.chat_id, rest.toSpliced(at, 0, pending));
}

function remove(change: Change, chat: Id, key: string): void {
  const list = change.state.outbox.get(chat);
  if (!list?.some((one) => one.key === key)) return;
  const rest = list.filter((one) => one.key !== key);
  if (rest.length === 0) change.remove("outbox", chat);
  else change.map("outbox").set(chat, rest);
}
