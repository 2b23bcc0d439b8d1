// The question of a search as the address has it.
import type { SearchQuestion } from "../../sync";
import { id_of } from "../../app/routes";

const chat_types = ["Single", "Group", "PrivateChannel", "PublicChannel"] as const;
const sorts = ["relevance", "newest", "oldest"] as const;

function one_of<T extends string>(value: string | null, known: readonly T[]): T | undefined {
  return known.find((each) => each === value);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function question_of(address: string): SearchQuestion {
  const params = new URLSearchParams(address);
  const question: Mutable<SearchQuestion> = { q: params.get("q") ?? "" };
  const chat = id_of(params.get("chat") ?? undefined);
  const sender = id_of(params.get("sender") ?? undefined);
  const chat_type = one_of(params.get("type"), chat_types);
  const sort = one_of(params.get("sort"), sorts);
  const has = one_of(params.get("has"), ["file", "link"] as const);
  const from = params.get("from");
  const to = params.get("to");
  if (chat !== null) question.chat_id = chat;
  if (sender !== null) question.sender_id = sender;
  if (chat_type) question.chat_type = chat_type;
  if (sort) question.sort = sort;
  if (has) question.has = has;
  if (from) question.from = from;
  if (to) question.to = to;
  return question;
}

export function query_of(question: {
  [K in keyof SearchQuestion]?: SearchQuestion[K] | undefined;
}) {
  const params = new URLSearchParams();
  const put = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== "") params.set(name, String(value));
  };
  put("q", question.q);
  put("chat", question.chat_id);
  put("sender", question.sender_id);
  put("type", question.chat_type);
  put("from", question.from);
  put("to", question.to);
  put("has", question.has);
  put("sort", question.sort === "relevance" ? undefined : question.sort);
  return params.toString();
}

/** The first and the last day of a month `2026-03`. */
export function days_of_month(month: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${String(last).padStart(2, "0")}` };
}
