// Makes emoji.json and emoji_zh.json from emojibase-data: `node src/features/emoji/make_emoji.mjs`.
// Of each emoji: its characters, its shortcode, and words to find it by.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const read = (name) => JSON.parse(readFileSync(require.resolve(`emojibase-data/${name}.json`)));
const here = (name) => new URL(name, import.meta.url);

const names = [
  "smileys",
  "people",
  null,
  "nature",
  "food",
  "travel",
  "activities",
  "objects",
  "symbols",
  "flags",
];
const shortcodes = read("en/shortcodes/emojibase");

function first(value) {
  return Array.isArray(value) ? value[0] : value;
}

function words(entry, shortcode) {
  const all = `${entry.label} ${(entry.tags ?? []).join(" ")}`.toLowerCase().split(/[\s:,]+/);
  return [...new Set(all)].filter((word) => word !== "" && word !== shortcode).join(" ");
}

function groups(language) {
  const made = names.map((name) => ({ name, emoji: [] }));
  const entries = read(`${language}/compact`).filter((entry) => entry.group !== undefined);
  for (const entry of entries.sort((a, b) => a.order - b.order)) {
    const shortcode = first(shortcodes[entry.hexcode]) ?? "";
    const group = made[entry.group];
    if (group.name) group.emoji.push([entry.unicode, shortcode, words(entry, shortcode)]);
  }
  return made.filter((group) => group.name !== null);
}

writeFileSync(here("emoji.json"), `${JSON.stringify(groups("en"))}\n`);
const chinese = groups("zh").flatMap((group) => group.emoji);
writeFileSync(
  here("emoji_zh.json"),
  `${JSON.stringify(Object.fromEntries(chinese.map(([unicode, , tags]) => [unicode, tags])))}\n`,
);
