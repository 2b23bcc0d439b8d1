// What a screen reader is told of a page, as a text that is kept in tests/web/aria and compared.
// With WEB_UPDATE=1 the texts are written anew, for a person to look at.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../aria');

// What is another one in each run: times, days, and the numbers of chats and messages.
const passing = [
  [/\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, /g, ''],
  [/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}(?:, \d{4})?/g, 'DAY'],
  [/\b\d{1,2}:\d{2}(?::\d{2})?[\s\u202f]?[AP]M\b/g, 'TIME'],
  [/\/(chat|message|thread)\/\d+/g, '/$1/N'],
  [/\/files\/\S+/g, '/files/F'],
  [/\bw\d+\b/g, 'W'],
];

function lasting(snapshot) {
  return `${passing.reduce((text, [what, by]) => text.replaceAll(what, by), snapshot)}\n`;
}

// `root` is what the page shows of it: a locator.
export async function compareAria(name, root) {
  const file = join(folder, `${name.replaceAll(' ', '-')}.yml`);
  const now = lasting(await root.ariaSnapshot());
  if (process.env.WEB_UPDATE) return writeFile(file, now);
  const kept = await readFile(file, 'utf8').catch(() => '');
  assert.equal(now, kept, `${file}: is what changed meant? then WEB_UPDATE=1`);
}
