// What is being typed at the caret that a list can complete: `@na`, `:smi`.

export interface Token {
  readonly sign: "@" | ":";
  readonly typed: string; // behind the sign
  readonly start: number; // of the sign
  readonly end: number; // the caret
}

const typed_max = 40;

/**
 * A sign counts at the beginning of a word. A name may have one blank in it; a shortcode has at
 * least two letters, so that `:D` and `:)` stay what they are until then.
 */
export function token_at(text: string, caret: number): Token | null {
  const before = text.slice(Math.max(0, caret - typed_max), caret);
  const person = /(?:^|[\s(["'])@([\p{L}\p{M}\p{N}._'-]*(?: [\p{L}\p{M}\p{N}._'-]*)?)$/u.exec(
    before,
  );
  if (person) return token("@", person[1] ?? "", caret);
  const emoji = /(?:^|[\s(])(?::)([\p{L}\p{N}_+-]{2,})$/u.exec(before);
  if (emoji) return token(":", emoji[1] ?? "", caret);
  return null;
}

function token(sign: Token["sign"], typed: string, caret: number): Token {
  return { sign, typed, start: caret - typed.length - 1, end: caret };
}

/** Without case and accents, for comparing. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

export interface Suggestable {
  readonly id: number;
  readonly fullname: string;
  readonly email?: string | null;
}

/** People whose name or one word of it begins so; those whose name itself does, first. */
export function matching_people<T extends Suggestable>(
  people: readonly T[],
  typed: string,
  at_most: number,
): T[] {
  const wanted = folded(typed);
  const first: T[] = [];
  const others: T[] = [];
  for (const person of people) {
    const name = folded(person.fullname);
    if (name.startsWith(wanted)) first.push(person);
    else if (name.includes(` ${wanted}`) || folded(person.email ?? "").startsWith(wanted)) {
      others.push(person);
    }
  }
  const by_name = (a: T, b: T) => a.fullname.localeCompare(b.fullname);
  return [...first.sort(by_name), ...others.sort(by_name)].slice(0, at_most);
}

/** The text with the token replaced, and where the caret is then. */
export function completed(
  text: string,
  { start, end }: Token,
  replacement: string,
): { text: string; caret: number } {
  const gap = text.slice(end).startsWith(" ") ? "" : " ";
  const put = replacement + gap;
  return { text: text.slice(0, start) + put + text.slice(end), caret: start + put.length };
}
