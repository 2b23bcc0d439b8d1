// The choice of colours. It is applied before the first paint by the first module that runs; a
// page without a choice follows the system through `color-scheme: light dark`.

export type Theme = "system" | "light" | "dark";
export type Contrast = "system" | "more";

const theme_key = "fechatter.theme";
const contrast_key = "fechatter.contrast";

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is refused: the system decides
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice holds for this page only.
  }
}

export function stored_theme(): Theme {
  const value = read(theme_key);
  return value === "light" || value === "dark" ? value : "system";
}

export function stored_contrast(): Contrast {
  return read(contrast_key) === "more" ? "more" : "system";
}

export function apply_theme(theme: Theme, contrast: Contrast): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  color_bar(theme);
  if (contrast === "more") root.dataset.contrast = "more";
  else delete root.dataset.contrast;
}

// The bar of the window or of the phone: of index.html there is a colour for each scheme.
const bar = { light: "#f3f4f7", dark: "#101216" };

function color_bar(theme: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.content = bar[theme === "system" ? own : theme];
  }
}

export function choose_theme(theme: Theme, contrast: Contrast): void {
  write(theme_key, theme);
  write(contrast_key, contrast);
  apply_theme(theme, contrast);
}

export function apply_stored_theme(): void {
  apply_theme(stored_theme(), stored_contrast());
}
