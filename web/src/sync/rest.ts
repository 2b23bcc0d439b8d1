// REST, by the types of its description. Rejects with ApiError for every answer that is none of
// success, and when there is no answer.
import createClient, { type Client as Fetcher } from "openapi-fetch";
import type { paths } from "../api/schema";
import type { ApiProblem } from "../api/types";
import type { Env } from "./env";
import { ApiError, failure_of, no_answer } from "./errors";
import type { Tokens } from "./tokens";

const answer_max_ms = 30_000;

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export class Rest {
  // Without a token (signing in), and with one.
  readonly open: Fetcher<paths>;
  readonly own: Fetcher<paths>;
  readonly #env: Env;
  readonly #tokens: Tokens;

  constructor(env: Env, tokens: Tokens) {
    this.#env = env;
    this.#tokens = tokens;
    const by = (fetch: (request: Request) => Promise<Response>) =>
      createClient<paths>({ baseUrl: env.server, fetch });
    this.open = by((request) => this.#send(request));
    // Requests to notify_server name its origin as their `baseUrl`.
    this.own = by((request) => this.signed(request));
  }

  // With the access token; once more with another one when it is refused.
  async signed(request: Request): Promise<Response> {
    const again = request.clone();
    const token = await this.#tokens.get();
    request.headers.set("Authorization", `Bearer ${token}`);
    const response = await this.#send(request);
    if (response.status !== 401) return response;
    again.headers.set("Authorization", `Bearer ${await this.#tokens.renew(token)}`);
    return this.#send(again);
  }

  #send(request: Request): Promise<Response> {
    const limit = new AbortController();
    const cancel = this.#env.after(answer_max_ms, () => limit.abort());
    const signal = AbortSignal.any([request.signal, limit.signal]);
    return this.#env.fetch(new Request(request, { signal })).finally(cancel);
  }
}

export interface Answer<T> {
  readonly data: T;
  readonly headers: Headers;
}

export async function answer<T>(outcome: Promise<Outcome<T>>): Promise<Answer<T>> {
  let known: Outcome<T>;
  try {
    known = await outcome;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(no_answer);
  }
  const { response, error } = known;
  if (!response.ok) throw new ApiError(failure_of(response, as_problem(error)));
  return { data: known.data as T, headers: response.headers };
}

export async function data_of<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  return (await answer(outcome)).data;
}

function as_problem(error: unknown): ApiProblem | undefined {
  const is_problem = typeof error === "object" && error !== null && "code" in error;
  return is_problem ? (error as ApiProblem) : undefined;
}

export function next_cursor(headers: Headers): string | null {
  return headers.get("X-Next-Cursor");
}
