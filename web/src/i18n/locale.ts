// Which language the page speaks, and its catalogue. Each catalogue is a chunk of its own.
import { createStore } from "zustand/vanilla";
import type en from "./en.json";

export type Catalogue = Record<keyof typeof en, string>;
export type MessageKey = keyof typeof en;
export type Locale = "en" | "zh-CN";

export const locales: { readonly id: Locale; readonly name: string }[] = [
  { id: "en", name: "English" },
  { id: "zh-CN", name: "简体中文" },
];

const storage_key = "fechatter.locale";

function stored(): Locale | null {
  try {
    const value = localStorage.getItem(storage_key);
    return locales.find(({ id }) => id === value)?.id ?? null;
  } catch {
    return null;
  }
}

/** Of what the browser prefers, the first that there is a catalogue of. */
export function best_locale(preferred: readonly string[]): Locale {
  for (const tag of preferred) {
    if (/^zh\b/i.test(tag)) return "zh-CN";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

async function load(locale: Locale): Promise<Catalogue> {
  const loaded = locale === "zh-CN" ? await import("./zh-CN.json") : await import("./en.json");
  // Where a new release has replaced it, the page is being loaded again (app/upgrade.ts).
  return (loaded as typeof loaded | undefined)?.default ?? new Promise(() => undefined);
}

export const language = createStore<{ locale: Locale; catalogue: Catalogue | null }>(() => ({
  locale: "en",
  catalogue: null,
}));

async function speak(locale: Locale): Promise<void> {
  const catalogue = await load(locale);
  document.documentElement.lang = locale;
  language.setState({ locale, catalogue });
}

/** Loads the catalogue that was chosen, or that the browser prefers. */
export function start_language(): Promise<void> {
  return speak(stored() ?? best_locale(navigator.languages));
}

export async function choose_locale(locale: Locale): Promise<void> {
  try {
    localStorage.setItem(storage_key, locale);
  } catch {
    // The choice holds for this page only.
  }
  await speak(locale);
}
