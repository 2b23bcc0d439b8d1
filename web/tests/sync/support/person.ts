// A user that acts by REST alone, as other clients do.
import type { ApiChatSummary, ApiDraft, ApiMessage, AuthResponse } from "../../../src/api/types";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export class Person {
  readonly #server: string;
  #token = "";
  id = 0;
  email = "";
  readonly password = "staple horse battery";

  constructor(server: string) {
    this.#server = server;
  }

  async sign_up(name: string, workspace: string): Promise<void> {
    this.email = `${name}@${workspace}.test`;
    const { password, email } = this;
    const reply = await this.ask("POST", "/api/signup", {
      ...{ fullname: name, email, password, workspace },
    });
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
    const auth = reply.body as AuthResponse;
    this.#token = auth.access_token;
    this.id = auth.user.id;
  }

  async ask(method: string, path: string, body?: unknown): Promise<Reply> {
    const headers: Record<string, string> = {};
    if (this.#token !== "") headers["Authorization"] = `Bearer ${this.#token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    for (let attempt = 0; ; ++attempt) {
      try {
        const sent = body === undefined ? {} : { body: JSON.stringify(body) };
        const init = { method, headers, ...sent };
        const response = await fetch(`${this.#server}${path}`, init);
        if (response.status === 500) throw new TypeError(await response.text());
        const text = await response.text();
        return { status: response.status, body: text === "" ? null : JSON.parse(text) };
      } catch (error) {
        // The server may be starting again.
        if (attempt > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async get<T>(path: string): Promise<T> {
    return (await this.ask("GET", path)).body as T;
  }

  chats(): Promise<readonly ApiChatSummary[]> {
    return this.get("/api/chat");
  }

  messages(chat: number): Promise<readonly ApiMessage[]> {
    return this.get(`/api/chat/${chat}/messages?limit=100`);
  }

  drafts(): Promise<readonly ApiDraft[]> {
    return this.get("/api/drafts");
  }
}
