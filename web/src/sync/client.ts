// The client of one tab: which account it shows, and the actions of its pages.
import type { AuthResponse } from "../api/types";
import type { Account } from "./account";
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
import { UploadStore } from "./upload_store";

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
  #identity: Identity | null = null; // that is wanted; the account follows
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

  // What the browser has kept is shown at once, whatever the other tabs and the server say of it.
  async start(): Promise<void> {
    const asked = this.tokens.ask();
    const identity = await this.#identities.read();
    if (identity && this.tokens.present === null) {
      const shown = this.#switch_to(identity);
      void this.#verify();
      return shown;
    }
    await asked;
    if (this.tokens.present !== null) return this.#turn; // another tab is signed in
    if (this.env.indexed_db) {
      // Without what signing in leaves behind there is no cookie either: no request that fails.
      this.#show_signed_out("first");
    } else {
      await this.#verify();
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#turn;
    await this.#end_account(false);
    this.tokens.close();
  }

  // An account is expected: what it needs is loaded meanwhile.
  prepare(): void {
    void this.#account_part().catch(() => undefined);
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
    const same = this.#identity && account_of(this.#identity) === account_of(identity);
    void this.#identities.write(identity);
    if (!same) return void this.#switch_to(identity);
    if (this.core.state.session.status !== "signed_in") return; // it is being started
    this.core.change((change) => {
      change.set("session", { status: "signed_in", ...identity, verified: true });
    });
  }

  // Of two calls at once the later one holds.
  #switch_to(identity: Identity): Promise<void> {
    this.#identity = identity;
    this.#turn = this.#turn
      .then(() => this.#end_account(true))
      .then(() => this.#begin_account(identity))
      .catch(() => undefined);
    return this.#turn;
  }

  async #begin_account(identity: Identity): Promise<void> {
    const { Account } = await this.#account_part();
    if (this.#identity !== identity || this.#stopped.signal.aborted) return;
    this.#account = new Account(
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
    await this.#account.start(() => this.tokens.present !== null);
    this.#follow_wish();
  }

  // What a stranger's page does without. It is tried again: the network may be bad.
  async #account_part(): Promise<typeof import("./account")> {
    for (let attempt = 0; ; ++attempt) {
      try {
        const loaded = (await import("./account")) as typeof import("./account") | undefined;
        if (loaded) return loaded;
        throw new Error("the page is being loaded again"); // app/upgrade.ts
      } catch (error) {
        if (this.#stopped.signal.aborted || attempt >= 10) throw error;
        await sleep(this.env, back_off(this.env, attempt, retry_base_ms, retry_cap_ms));
      }
    }
  }

  async #end_account(wipe: boolean): Promise<void> {
    const account = this.#account;
    this.#account = null;
    await account?.stop(wipe);
  }

  #follow_wish(): void {
    const wish = this.#wish;
    this.#wish = null;
    if (wish) this.#account?.pages.open(...wish);
  }

  #signed_out(reason: SignedOutReason): void {
    const identity = this.#identity;
    this.#identity = null;
    this.#show_signed_out(reason);
    this.#turn = this.#turn
      .then(() => this.#identities.write(null))
      .then(() => this.#end_account(true))
      // Also what an account has left that was not begun in this tab.
      .then(async () => {
        if (!identity) return;
        await new UploadStore(this.env.indexed_db, account_of(identity)).wipe();
        await new Storage(this.env.indexed_db, account_of(identity)).wipe();
      })
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
