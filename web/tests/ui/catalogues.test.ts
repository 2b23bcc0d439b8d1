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

function value_names(text: string): string[] {
  const names = new Set<string>();
  JSON.stringify(new IntlMessageFormat(text).getAst(), (_, node: unknown) => {
    if (typeof node === "object" && node !== null && "type" in node && "value" in node) {
      if (node.type !== 0) names.add(String(node.value)); // 0: a literal text
    }
    return node;
  });
  return [...names].toSorted();
}

describe("the catalogues", () => {
  test("have the same keys", () => {
    expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted());
  });
  test("have well-formed texts, with the same values in each language", () => {
    for (const [key, text] of Object.entries(en)) {
      const chinese = catalogues["zh"]?.[key] ?? "";
      expect(value_names(chinese), key).toEqual(value_names(text));
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
