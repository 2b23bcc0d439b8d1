// `highlight` of a search hit is escaped HTML with `<mark>`. It is taken apart, never parsed.

export interface Part {
  readonly text: string;
  readonly marked: boolean;
}

const entities: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

function decoded(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}

export function highlight_parts(highlight: string): Part[] {
  const parts: Part[] = [];
  for (const [index, piece] of highlight.split(/<mark>|<\/mark>/).entries()) {
    if (piece !== "") parts.push({ text: decoded(piece), marked: index % 2 === 1 });
  }
  return parts;
}
