// What a first visit loads, gzip 9, against the budgets; fails when one is exceeded. By the
// manifest that the build leaves in dist/.vite.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const kib = 1024;
const texts = "src/i18n/en.json";

// The files of these entries and of all that they import at once.
function graph(entries) {
  const [js, css, seen] = [new Set(), new Set(), new Set()];
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const entry = manifest[name];
    if (!entry) throw new Error(`the build has no ${name}`);
    js.add(entry.file);
    for (const file of entry.css ?? []) css.add(file);
    for (const other of entry.imports ?? []) visit(other);
  };
  entries.forEach(visit);
  return { js, css };
}

const size = (files) =>
  [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length,
    0,
  );

const sign_in = graph(["index.html", texts]);
const chat = ["src/sync/account.ts", "src/features/shell/Shell.tsx"];
const message = graph(["index.html", texts, ...chat]);
const all = graph(Object.keys(manifest).filter((name) => manifest[name].file.endsWith(".js")));
const budgets = [
  ["JavaScript for signing in", size(sign_in.js), 125],
  ["JavaScript to the first message", size(message.js), 190],
  ["CSS to the first message", size(message.css), 20],
  ["all JavaScript", size(all.js), 600],
  ["the service worker", size(["sw.js"]), 4],
];

for (const [what, bytes, limit] of budgets) {
  const over = bytes > limit * kib;
  const verdict = over ? ": too large" : "";
  const line = `${what}: ${(bytes / kib).toFixed(1)} of ${limit} KiB${verdict}\n`;
  (over ? process.stderr : process.stdout).write(line);
  if (over) process.exitCode = 1;
}
