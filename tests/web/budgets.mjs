// budgets.mjs DIST: what a browser loads for the first pages of the web client, by the manifest that
// vite has written, against the budgets. Exits with 1 when one is exceeded.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';

const KiB = 1024;
// Of what is loaded before a person can do the first thing there, by the modules that the page
// asks for: gzip, KiB.
const routes = {
  'signing in': { js: 125, css: 20, modules: ['index.html', /i18n\/en\b/, /auth\/SignInPage/] },
  'the first message': { js: 190, css: 20,
    modules: ['index.html', /i18n\/en\b/, /shell\/Shell\b/, /timeline\/ChatPage/, /markdown\/Markdown\b/] },
};
const all = { js: 600, css: 60 };

const dist = process.argv[2];
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json')));

const zipped = new Map();
function sizeOf(file) {
  if (!zipped.has(file)) {
    zipped.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / KiB);
  }
  return zipped.get(file);
}

// Adds the files of a module and of all that it imports at once.
function addFiles(key, files, seen) {
  if (seen.has(key)) return;
  seen.add(key);
  const { file, css = [], imports = [] } = manifest[key];
  files.add(file);
  for (const sheet of css) files.add(sheet);
  for (const imported of imports) addFiles(imported, files, seen);
}

function filesOf(modules) {
  const files = new Set();
  const seen = new Set();
  for (const module of modules) {
    for (const key of Object.keys(manifest)) {
      if (module instanceof RegExp ? module.test(key) : module === key) addFiles(key, files, seen);
    }
  }
  return files;
}

const sum = (files, extension) => [...files].filter((file) => file.endsWith(extension))
  .reduce((total, file) => total + sizeOf(file), 0);

let exceeded = 0;
function compare(what, kind, size, budget) {
  const verdict = size <= budget ? 'fine' : 'TOO LARGE';
  if (size > budget) ++exceeded;
  process.stdout.write(
    `budget: ${kind} of ${what}: ${size.toFixed(1)} of ${budget} KiB gzip: ${verdict}\n`);
}

for (const [what, { js, css, modules }] of Object.entries(routes)) {
  const files = filesOf(modules);
  if (files.size === 0) throw new Error(`the manifest has none of the modules of ${what}`);
  compare(what, 'JS', sum(files, '.js'), js);
  compare(what, 'CSS', sum(files, '.css'), css);
}
const assets = readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`);
compare('everything', 'JS', sum(assets, '.js'), all.js);
compare('everything', 'CSS', sum(assets, '.css'), all.css);
const fonts = assets.filter((name) => /\.(woff2?|ttf|otf)$/.test(name));
if (fonts.length > 0) {
  process.stdout.write(`budget: font files: ${fonts.join(', ')}: none are wanted\n`);
  ++exceeded;
}
process.exit(exceeded > 0 ? 1 : 0);
