// The tokens of this tab. The access token is in memory only; the refresh token is in a cookie that
// no script can read. Tabs give each other the access token, and one of them refreshes for all.
import type { ApiProblem, AuthResponse } from "../api/types";
import type { Channel, Env } from "./env";
import { ApiError, failure_of } from "./errors";
import type { SignedOutReason } from "./state";
import { sleep } from "./env";

const lock_name = "fechatter:refresh";
const ask_ms = 150;
const hear_ms = 50;
const spare_ms = 30_000; // a token that ends sooner is not used any more

export interface Grant {
  readonly auth: AuthResponse;
  readonly expires_ms: number;
}

type Word =
  | { readonly kind: "who" }
  | { readonly kind: "grant"; readonly grant: Grant }
  | { readonly kind: "signed_out"; readonly reason: SignedOutReason };

export interface TokensSink {
  // Signed in, here or in another tab; as whom may have changed.
  granted(grant: Grant, here: boolean): void;
  signed_out(reason: SignedOutReason): void;
}

export class Tokens {
  readonly #env: Env;
  readonly #sink: TokensSink;
  readonly #channel: Channel;
  #grant: Grant | null = null;
  #asking: Promise<void> | null = null;
  #renewing: Promise<string> | null = null;
  #heard: (() => void) | null = null;

  constructor(env: Env, sink: TokensSink) {
    this.#env = env;
    this.#sink = sink;
    this.#channel = env.channel("fechatter:session");
    this.#channel.listen((word) => this.#hear(word as Word));
  }

  get expires_ms(): number {
    return this.#grant?.expires_ms ?? 0;
  }

  get present(): string | null {
    return this.#grant?.auth.access_token ?? null;
  }

  close(): void {
    this.#channel.close();
  }

  // At the start of a tab: another one may have a token. Until that is answered, or nothing has
  // answered for a moment, none is fetched.
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const heard = new AbortController();
    this.#heard = () => heard.abort();
    this.#channel.post({ kind: "who" } satisfies Word);
    await sleep(this.#env, ask_ms, heard.signal);
    this.#heard = null;
  }

  // One that is good for a while. Rejects with ApiError: 401 when the session is over.
  async get(): Promise<string> {
    const grant = this.#grant;
    if (grant && grant.expires_ms - spare_ms > this.#env.now()) return grant.auth.access_token;
    return this.renew(grant?.auth.access_token ?? null);
  }

  // Another one than `used`, which was refused or ends.
  renew(used: string | null): Promise<string> {
    const present = this.present;
    if (present !== null && present !== used) return Promise.resolve(present);
    this.#renewing ??= this.#another(this.#grant).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #another(before: Grant | null): Promise<string> {
    await this.#asking;
    const heard = this.#grant !== before && this.#grant;
    return heard ? heard.auth.access_token : this.#renew(before);
  }

  // The lock is kept a moment longer than the refresh takes: the tab that gets it next has heard of
  // the new token by then, and needs no refresh of its own.
  #renew(before: Grant | null): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#env.locks
        .hold(lock_name, null, async () => {
          await this.#refresh(before).then(resolve, reject);
          await sleep(this.#env, hear_ms);
        })
        .catch(reject);
    });
  }

  // By the form of signing in or up.
  take(auth: AuthResponse): void {
    this.#accept(this.#grant_of(auth), true);
  }

  forget(reason: SignedOutReason, tell_others: boolean): void {
    this.#grant = null;
    if (tell_others) this.#channel.post({ kind: "signed_out", reason } satisfies Word);
    this.#sink.signed_out(reason);
  }

  async #refresh(before: Grant | null): Promise<string> {
    // While this tab waited for the lock, another one may have refreshed.
    if (this.#grant && this.#grant !== before) return this.#grant.auth.access_token;
    const response = await this.#env.fetch(`${this.#env.server}/api/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ cookie_only: true }),
      credentials: "same-origin",
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) {
      const grant = this.#grant_of(body as AuthResponse);
      this.#accept(grant, true);
      return grant.auth.access_token;
    }
    const failure = failure_of(response, body as ApiProblem | undefined);
    if (response.status === 401) this.forget(this.#grant ? "ended" : "first", true);
    if (failure.code === "auth.suspended") this.forget("suspended", true);
    const over = response.status === 401 || failure.code === "auth.suspended";
    throw new ApiError(over ? { ...failure, status: 401 } : failure);
  }

  #grant_of(auth: AuthResponse): Grant {
    return { auth, expires_ms: this.#env.now() + auth.expires_in * 1_000 };
  }

  #accept(grant: Grant, here: boolean): void {
    this.#grant = grant;
    if (here) this.#channel.post({ kind: "grant", grant } satisfies Word);
    this.#sink.granted(grant, here);
  }

  #hear(word: Word): void {
    if (word.kind === "who") {
      if (this.#grant) this.#channel.post({ kind: "grant", grant: this.#grant } satisfies Word);
    } else if (word.kind === "grant") {
      const newer = !this.#grant || word.grant.expires_ms >= this.#grant.expires_ms;
      const other = this.#grant?.auth.user.id !== word.grant.auth.user.id;
      if (newer || other) this.#accept(word.grant, false);
      this.#heard?.();
    } else {
      this.#grant = null;
      this.#sink.signed_out(word.reason);
    }
  }
}
