// Where the stream of events is: /client-config.json of the page's server says so.
import type { Env } from "./env";

export class Config {
  readonly #env: Env;
  #events: string | null = null;

  constructor(env: Env) {
    this.#env = env;
  }

  // The origin of notify_server; empty: that of the page. Rejects while there is no answer.
  async ready(): Promise<string> {
    if (this.#events !== null) return this.#events;
    const response = await this.#env.fetch(`${this.#env.server}/client-config.json`);
    const config: unknown = response.ok ? await response.json().catch(() => null) : null;
    if (response.status >= 500) throw new Error("no configuration");
    this.#events = origin_in(config) || this.#env.server;
    return this.#events;
  }
}

function origin_in(config: unknown): string {
  if (typeof config !== "object" || config === null || !("events" in config)) return "";
  const { events } = config;
  return typeof events === "string" ? events.replace(/\/$/, "") : "";
}
