// Sizes and colours of pictures before they are there.
import type { Attachment } from "../../sync";

export function is_picture(file: Attachment): boolean {
  return file.mime_type.startsWith("image/") && file.width !== null && file.height !== null;
}

const alone_max = { width: 420, height: 320 };
const among_max = { width: 200, height: 160 };

/** In pixels of the page: the whole picture within a box, never larger than it is. */
export function shown_size(
  file: Pick<Attachment, "width" | "height">,
  several: boolean,
): { width: number; height: number } {
  const box = several ? among_max : alone_max;
  const width = file.width ?? box.width;
  const height = file.height ?? box.height;
  const scale = Math.min(1, box.width / width, box.height / height);
  return {
    width: Math.max(40, Math.round(width * scale)),
    height: Math.max(40, Math.round(height * scale)),
  };
}

const digits =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/** The average colour, which a blurhash begins with: its digits 3 to 6, in base 83. */
export function average_color(blurhash: string | null): string | undefined {
  if (blurhash === null || blurhash.length < 6) return undefined;
  let value = 0;
  for (const digit of blurhash.slice(2, 6)) {
    const at = digits.indexOf(digit);
    if (at < 0) return undefined;
    value = value * 83 + at;
  }
  return `rgb(${value >> 16} ${(value >> 8) & 255} ${value & 255})`;
}
