// pack.mjs OUT DIST [PREVIOUS]: a tool of the build. Writes the files of DIST, which the build of
// the client has made, as one file that fechatter_server carries: a line of JSON, and the bytes of
// each file as they are, and compressed where that saves something (web_pack.hpp reads it). Of
// PREVIOUS, the same folder of the previous release, it adds the assets: a page that was opened
// before an upgrade asks for them after it. Needs node alone.
import { lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const bytesMax = 32 * 1024 * 1024; // of all files as they are
const filesMax = 2000;
const worthwhile = 0.9; // a coding that leaves more than this of a file is left out

const types = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
};
const compressed = new Set(['ico', 'png', 'webp', 'woff2']);

function fail(reason) {
  process.stderr.write(`pack.mjs: ${reason}\n`);
  process.exit(1);
}

// The paths below `folder`, each beginning with '/'. What begins with a dot and maps of the sources
// stay outside.
function pathsBelow(folder, path = '') {
  const paths = [];
  for (const name of readdirSync(join(folder, path)).sort()) {
    if (name.startsWith('.') || name.endsWith('.map')) continue;
    if (!/^[A-Za-z0-9._-]+$/.test(name)) fail(`${path}/${name}: a name of other characters`);
    const below = `${path}/${name}`;
    const status = lstatSync(join(folder, below));
    if (status.isDirectory()) paths.push(...pathsBelow(folder, below));
    else if (status.isFile()) paths.push(below);
    else fail(`${below} is neither a file nor a folder`);
  }
  return paths;
}

const extensionOf = (path) => path.slice(path.lastIndexOf('.') + 1);

// Browsers keep what is below /assets/ for a year, so its name changes with its content.
function check(path) {
  if (!types[extensionOf(path)]) fail(`${path}: an unknown type of file`);
  if (path.startsWith('/assets/') && !/-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(path)) {
    fail(`${path} has no hash in its name`);
  }
}

function readFiles(dist, previous) {
  const files = new Map();
  for (const path of pathsBelow(dist)) files.set(path, { bytes: readFileSync(join(dist, path)) });
  if (!files.has('/index.html')) fail(`${dist} has no index.html`);
  for (const path of previous ? pathsBelow(previous) : []) {
    if (!path.startsWith('/assets/')) continue;
    const bytes = readFileSync(join(previous, path));
    if (!files.has(path)) files.set(path, { bytes, previous: true });
    else if (!files.get(path).bytes.equals(bytes)) {
      fail(`${path} is another file than in ${previous}`);
    }
  }
  return files;
}

function codingsOf(path, bytes) {
  const codings = { identity: bytes };
  if (compressed.has(extensionOf(path))) return codings;
  const br = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  const gzip = gzipSync(bytes, { level: 9 });
  if (br.length < bytes.length * worthwhile) codings.br = br;
  if (gzip.length < bytes.length * worthwhile) codings.gzip = gzip;
  return codings;
}

function pack(files) {
  const listed = [];
  const pieces = [];
  let size = 0;
  const sorted = [...files].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [path, { bytes, previous }] of sorted) {
    check(path);
    const file = { path, type: types[extensionOf(path)], previous };
    for (const [coding, coded] of Object.entries(codingsOf(path, bytes))) {
      file[coding] = [size, coded.length];
      pieces.push(coded);
      size += coded.length;
    }
    listed.push(file);
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify({ format: 1, files: listed })}\n`), ...pieces]);
}

const [out, dist, previous] = process.argv.slice(2);
if (!dist) fail('usage: pack.mjs OUT DIST [PREVIOUS]');
const files = readFiles(dist, previous);
const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes.length, 0);
if (files.size > filesMax || bytes > bytesMax) fail(`${files.size} files of ${bytes} bytes`);
const packed = pack(files);
writeFileSync(`${out}.new`, packed);
renameSync(`${out}.new`, out);
process.stdout.write(`${out}: ${files.size} files, ${bytes} bytes, packed ${packed.length}\n`);
