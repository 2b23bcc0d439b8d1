import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, test } from "vitest";
import { best_locale } from "../../src/i18n/locale";
import en from "../../src/i18n/en.json";
import zh from "../../src/i18n/zh-CN.json";

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "sync" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

const all = sources(new URL("../../src", import.meta.url).pathname).join("\n");
const catalogues = { en, zh } as Record<string, Record<string, string>>;

describe("the catalogues", () => {
  test("have the same keys", () => {
    expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted());
  });
  test("have well-formed texts, with the same values in each language", () => {
    const values = (text: string) => [
      ...new Set(JSON.stringify(new IntlMessageFormat(text).getAst()).match(/"value":"\w+"/g)),
    ];
    for (const [key, text] of Object.entries(en)) {
      const chinese = catalogues["zh"]?.[key] ?? "";
      const names = (text.match(/\{\w+/g) ?? []).map((each) => each.slice(1));
      for (const name of names) expect(chinese, key).toContain(`{${name}`);
      expect(() => values(text), key).not.toThrow();
      expect(() => values(chinese), key).not.toThrow();
    }
  });
  test("have no key that no page uses", () => {
    const made_up = [...all.matchAll(/`([\w.]+)\$\{/g)].map(([, prefix]) => prefix ?? "");
    const unused = Object.keys(en).filter(
      (key) =>
        !all.includes(`"${key}"`) &&
        !made_up.some((prefix) => prefix !== "" && key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

test("the language is the first that the browser prefers and the page has", () => {
  expect(best_locale(["zh-TW", "en"])).toBe("zh-CN");
  expect(best_locale(["fr", "en-GB", "zh"])).toBe("en");
  expect(best_locale([])).toBe("en");
});
