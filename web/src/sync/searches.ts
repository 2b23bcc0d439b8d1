// Search: the newer question wins.
import type { Core } from "./core";
import { failure_from } from "./errors";
import { data_of, type Rest } from "./rest";
import { empty_search, type SearchQuestion, type SearchState } from "./state";

export class Searches {
  readonly #core: Core;
  readonly #rest: Rest;
  #turn = 0;

  constructor(core: Core, rest: Rest) {
    this.#core = core;
    this.#rest = rest;
  }

  async search(question: SearchQuestion): Promise<void> {
    this.#edit({ ...this.#core.state.search, question, status: "loading", error: null });
    await this.#page(question, null);
  }

  async more(): Promise<void> {
    const { question, next_cursor, status } = this.#core.state.search;
    if (!question || next_cursor === null || status === "loading") return;
    this.#edit({ ...this.#core.state.search, status: "loading" });
    await this.#page(question, next_cursor);
  }

  clear(): void {
    this.#turn += 1;
    this.#edit(empty_search);
  }

  #edit(search: SearchState): void {
    this.#core.change((change) => change.set("search", search));
  }

  async #page(question: SearchQuestion, cursor: string | null): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const query = { ...question, limit: 30, ...(cursor === null ? {} : { cursor }) };
    try {
      const params = { query };
      const found = await data_of(this.#rest.own.GET("/api/search/messages", { params }));
      if (turn !== this.#turn) return;
      const before = cursor === null ? [] : this.#core.state.search.hits;
      // A chat may have been left meanwhile.
      const hits = found.hits.filter((hit) => this.#core.state.chats.has(hit.chat_id));
      const { total, facets, next_cursor } = found;
      const all = [...before, ...hits];
      this.#edit({ question, status: "ready", hits: all, total, facets, next_cursor, error: null });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#edit({ ...this.#core.state.search, status: "failed", error: failure_from(error) });
    }
  }
}
