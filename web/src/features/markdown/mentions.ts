// Places of mentions. The API counts code points, JavaScript counts UTF-16 units.
import type { MentionRange } from "../../api/types";

export interface Mention {
  readonly user_id: number | "all" | "here";
  readonly start: number; // in UTF-16 units
  readonly end: number;
}

/** In the order of the text; what overlaps, or lies outside of it, is left out. */
export function mention_places(content: string, ranges: readonly MentionRange[]): Mention[] {
  if (ranges.length === 0) return [];
  const units = unit_offsets(content);
  const places: Mention[] = [];
  let last_end = 0;
  for (const range of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const start = units[range.offset];
    const end = units[range.offset + range.length];
    if (start === undefined || end === undefined || start < last_end || end <= start) continue;
    places.push({ user_id: range.user_id, start, end });
    last_end = end;
  }
  return places;
}

function unit_offsets(content: string): number[] {
  const offsets = [0];
  let at = 0;
  for (const character of content) {
    at += character.length;
    offsets.push(at);
  }
  return offsets;
}

export type Piece = { readonly text: string; readonly mention?: Mention };

/** A part of the content, which begins at `start`, cut at the mentions that lie within. */
export function cut_at_mentions(
  text: string,
  start: number,
  mentions: readonly Mention[],
): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const mention of mentions) {
    const from = mention.start - start;
    const to = mention.end - start;
    if (from < at || to > text.length) continue;
    if (from > at) pieces.push({ text: text.slice(at, from) });
    pieces.push({ text: text.slice(from, to), mention });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}
