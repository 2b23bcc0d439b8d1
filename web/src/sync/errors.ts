import type { ApiProblem } from "../api/types";
import type { Failure } from "./state";

// An action that has failed, with the reason that the page shows.
export class ApiError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.detail);
    this.name = "ApiError";
    this.failure = failure;
  }
}

export const no_answer: Failure = {
  code: "network",
  detail: "There was no answer.",
  status: 0,
  fields: [],
  retry_after_s: null,
};

export function client_failure(code: "client.too_long" | "client.full", detail: string): Failure {
  return { code, detail, status: 0, fields: [], retry_after_s: null };
}

function retry_after(response: Response): number | null {
  const seconds = Number(response.headers.get("Retry-After") ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

// The answer of a server, or of something between, which sends no problem document.
export function failure_of(response: Response, problem: ApiProblem | undefined): Failure {
  return {
    code: problem?.code ?? `http.${response.status}`,
    detail: problem?.detail ?? response.statusText,
    status: response.status,
    fields: problem?.errors ?? [],
    retry_after_s: retry_after(response),
  };
}

export function failure_from(error: unknown): Failure {
  return error instanceof ApiError ? error.failure : no_answer;
}

// Whether the same request may succeed later: no answer, too many, a dependency is down.
export function is_passing(failure: Failure): boolean {
  const { status } = failure;
  return status === 0 || status === 408 || status === 423 || status === 429 || status >= 500;
}
