// The client of one tab: which account it shows, and the actions of its pages.
import type { AuthResponse } from "../api/types";
import { Account } from "./account";
import type { Actions } from "./actions";
import { account_actions } from "./account_actions";
import { chat_actions } from "./chat_actions";
import type { Client } from "./client_types";
import { Config } from "./config";
import { Core } from "./core";
import { back_off, sleep, type Env } from "./env";
import { failure_from, is_passing } from "./errors";
import { message_actions } from "./message_actions";
import { other_actions } from "./other_actions";
import { Rest } from "./rest";
import { empty_state, type Notice, type SignedOutReason } from "./state";
import { account_of, IdentityStore, Storage, type Identity } from "./storage";
import { Tokens, type Grant } from "./tokens";

const retry_base_ms = 1_000;
const retry_cap_ms = 30_000;

export class TabClient implements Client {
  readonly core: Core;
  readonly rest: Rest;
  readonly tokens: Tokens;
  readonly env: Env;
  readonly actions: Actions;
  readonly #config: Config;
  readonly #identities: IdentityStore;
  readonly #listeners = new Set<(notice: Notice) => void>();
  readonly #stopped = new AbortController();
  #account: Account | null = null;
  #wish: readonly [chat: number | null, message?: number] | null = null;
  // Accounts are changed one after the other.
  #turn: Promise<void> = Promise.resolve();

  constructor(env: Env) {
    this.env = env;
    this.core = new Core(env.now);
    this.tokens = new Tokens(env, {
      granted: (grant) => this.#granted(grant),
      signed_out: (reason) => this.#signed_out(reason),
    });
    this.rest = new Rest(env, this.tokens);
    this.#config = new Config(env);
    this.#identities = new IdentityStore(env.indexed_db);
    this.actions = {
      ...account_actions(this),
      ...chat_actions(this),
      ...message_actions(this),
      ...other_actions(this),
    };
  }

  get store() {
    return this.core.store;
  }

  get account(): Account | null {
    return this.#account;
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    const identity = await this.#identities.read();
    await this.tokens.ask();
    if (this.tokens.present !== null) return this.#turn; // another tab is signed in
    if (identity) {
      await this.#switch_to(identity, false);
      void this.#verify();
    } else if (this.env.indexed_db) {
      // Without what signing in leaves behind there is no cookie either: no request that fails.
      this.#show_signed_out("first");
    } else {
      await this.#verify();
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#turn;
    await this.#account?.stop(false);
    this.tokens.close();
  }

  // Before a chat can be shown it is remembered which one.
  open(chat: number | null, message?: number): void {
    if (this.#account) return this.#account.pages.open(chat, message);
    this.#wish = message === undefined ? [chat] : [chat, message];
    this.core.change((change) => change.set("view", { ...change.state.view, chat_id: chat }));
  }

  // Until the server says whether the session is good. Meanwhile what was kept is shown.
  async #verify(): Promise<void> {
    for (let attempt = 0; !this.#stopped.signal.aborted; ++attempt) {
      try {
        await this.tokens.get();
        return;
      } catch (error) {
        const failure = failure_from(error);
        if (!is_passing(failure)) return;
        const pause = back_off(this.env, attempt, retry_base_ms, retry_cap_ms);
        await sleep(this.env, Math.max(pause, (failure.retry_after_s ?? 0) * 1_000));
      }
    }
  }

  #granted(grant: Grant): void {
    const identity = identity_of(grant.auth);
    const same = this.#account && account_of(this.#account.identity) === account_of(identity);
    void this.#identities.write(identity);
    if (!same) return void this.#switch_to(identity, true);
    this.core.change((change) => {
      change.set("session", { status: "signed_in", ...identity, verified: true });
    });
  }

  // Of two calls at once the later one holds.
  #switch_to(identity: Identity, verified: boolean): Promise<void> {
    const before = this.#account;
    const account = new Account(
      {
        env: this.env,
        core: this.core,
        tokens: this.tokens,
        rest: this.rest,
        config: this.#config,
        notice: (notice) => this.#listeners.forEach((listener) => listener(notice)),
      },
      identity,
    );
    this.#account = account;
    this.#turn = this.#turn
      .then(() => before?.stop(true))
      .then(() => account.start(verified))
      .then(() => this.#follow_wish());
    return this.#turn;
  }

  #follow_wish(): void {
    const wish = this.#wish;
    this.#wish = null;
    if (wish) this.#account?.pages.open(...wish);
  }

  #signed_out(reason: SignedOutReason): void {
    const account = this.#account;
    this.#account = null;
    this.#show_signed_out(reason);
    this.#turn = this.#turn
      .then(() => this.#identities.write(null))
      .then(() => account?.stop(true))
      .catch(() => undefined);
  }

  #show_signed_out(reason: SignedOutReason): void {
    const { view } = this.core.state;
    const fresh = empty_state({ status: "signed_out", reason });
    // A link that was followed survives signing in; what a user looked at does not survive signing
    // out.
    const kept = reason === "first" ? { ...view } : { ...fresh.view };
    this.core.restart({ ...fresh, view: { ...kept, thread_root_id: null, divider_seq: null } });
  }
}

function identity_of({ user, workspace }: AuthResponse): Identity {
  return { user, workspace };
}

export { Storage };
