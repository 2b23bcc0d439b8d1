// Presence of other users, and what the own user reports: typing, activity, `away`.
import type { Id } from "../api/types";
import type { Core } from "./core";
import type { Env } from "./env";
import { failure_from, is_passing } from "./errors";
import type { Loads } from "./loads";
import { prune_typing } from "./reduce/own";
import { data_of, type Rest } from "./rest";

const typing_again_ms = 4_000; // it ends by itself after 10 s
const watched_max = 200;
const prune_ms = 1_000;
const subscribe_again_ms = 5_000; // after a refusal

export class PresenceOfOthers {
  readonly #env: Env;
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #loads: Loads;
  readonly #notify: () => Promise<string>;
  readonly #typed = new Map<Id, number>(); // when it was said last, by chat
  #watched: readonly Id[] = [];
  #pruning: (() => void) | null = null;
  #subscribing_again: (() => void) | null = null;

  constructor(env: Env, core: Core, rest: Rest, loads: Loads, notify: () => Promise<string>) {
    this.#env = env;
    this.#core = core;
    this.#rest = rest;
    this.#loads = loads;
    this.#notify = notify;
  }

  // What was missed of it is not replayed.
  caught_up(): void {
    void this.#loads.online().catch(() => undefined);
    if (this.#watched.length > 0) this.#subscribe();
  }

  watch(users: readonly Id[]): void {
    const next = [...new Set(users)].toSorted((a, b) => a - b).slice(0, watched_max);
    const same =
      next.length === this.#watched.length && next.every((id, i) => id === this.#watched[i]);
    if (same) return;
    this.#watched = next;
    if (this.#is_live()) this.#subscribe();
  }

  #is_live(): boolean {
    return this.#core.state.connection.phase === "live";
  }

  #subscribe(): void {
    this.#subscribing_again?.();
    this.#subscribing_again = null;
    this.#post().catch((error: unknown) => {
      this.#subscribing_again?.();
      this.#subscribing_again = null;
      if (!is_passing(failure_from(error))) return;
      this.#subscribing_again = this.#env.after(subscribe_again_ms, () => {
        if (this.#is_live()) this.#subscribe(); // else the next stream begins with it
      });
    });
  }

  async #post(): Promise<void> {
    const baseUrl = await this.#notify();
    const body = { user_ids: [...this.#watched] };
    await data_of(this.#rest.own.POST("/api/presence/subscriptions", { body, baseUrl }));
  }

  typing(chat: Id, is_typing: boolean): void {
    const said = this.#typed.get(chat);
    const now = this.#env.now();
    if (is_typing && said !== undefined && now - said < typing_again_ms) return;
    if (!is_typing && said === undefined) return;
    if (is_typing) this.#typed.set(chat, now);
    else this.#typed.delete(chat);
    const params = { path: { id: chat } };
    void this.#rest.own
      .POST("/api/chat/{id}/typing", { params, body: { is_typing } })
      .catch(() => undefined);
  }

  // A message ends the typing by itself.
  sent(chat: Id): void {
    this.#typed.delete(chat);
  }

  // After each change: the typing of others ends at its time.
  settle(): void {
    if (this.#pruning || this.#core.state.typing.size === 0) return;
    this.#pruning = this.#env.after(prune_ms, () => {
      this.#pruning = null;
      this.#core.change((change) => void prune_typing(change, this.#env.now()));
      this.settle();
    });
  }

  stop(): void {
    this.#pruning?.();
    this.#pruning = null;
    this.#subscribing_again?.();
    this.#subscribing_again = null;
  }
}
