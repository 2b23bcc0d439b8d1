// What a paste brings. Office programs put a picture of a text beside the text: text wins.

export interface Pasted {
  readonly types: readonly string[];
  readonly files: readonly File[];
}

/** The files to upload; none when the clipboard has text, which is then pasted as usual. */
export function files_of_paste({ types, files }: Pasted): readonly File[] {
  if (types.includes("text/plain")) return [];
  return files;
}

/** A name for a picture of the clipboard, which has none of its own. */
export function named(file: File, now: Date): File {
  if (file.name !== "" && file.name !== "image.png") return file;
  const stamp = now.toISOString().slice(0, 19).replace(/[:T]/g, "-");
  const extension = file.type.split("/")[1]?.split("+")[0] ?? "bin";
  return new File([file], `pasted-${stamp}.${extension}`, { type: file.type });
}
