// What pack.mjs makes of the build of the client, and what it refuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const script = join(root, 'fechatter_server/web/pack.mjs');
const folder = mkdtempSync(join(tmpdir(), 'fechatter-pack-'));
after(() => rmSync(folder, { recursive: true }));

const long = 'a text that is worth a coding, '.repeat(50);
let dist;
let previous;

function put(base, path, content = long) {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), content);
}

function run(...more) {
  const out = join(folder, 'out.pack');
  rmSync(out, { force: true });
  const { status, stderr } = spawnSync(process.execPath, [script, out, dist, ...more]);
  if (status !== 0) return { refusal: stderr.toString() };
  const bytes = readFileSync(out);
  const end = bytes.indexOf('\n');
  const index = JSON.parse(bytes.subarray(0, end));
  const blob = bytes.subarray(end + 1);
  const files = new Map(index.files.map((file) => [file.path, file]));
  const read = (path, coding) => {
    const [offset, size] = files.get(path)[coding];
    return blob.subarray(offset, offset + size);
  };
  return { files, read, bytes };
}

beforeEach(() => {
  dist = mkdtempSync(join(folder, 'dist-'));
  previous = mkdtempSync(join(folder, 'previous-'));
  put(dist, 'index.html');
  put(dist, 'assets/main-Ab12Cd34.js');
});

test('each file is there as it is, and compressed where that saves something', () => {
  put(dist, 'small.txt', 'x');
  put(dist, 'icons/icon.png', long);
  const { files, read } = run();
  for (const path of ['/index.html', '/assets/main-Ab12Cd34.js']) {
    assert.equal(read(path, 'identity').toString(), long);
    assert.equal(brotliDecompressSync(read(path, 'br')).toString(), long);
    assert.equal(gunzipSync(read(path, 'gzip')).toString(), long);
  }
  assert.deepEqual(Object.keys(files.get('/small.txt')), ['path', 'type', 'identity']);
  assert.equal(files.get('/icons/icon.png').br, undefined);
  assert.equal(files.get('/icons/icon.png').type, 'image/png');
  assert.equal(files.get('/index.html').type, 'text/html; charset=utf-8');
});

test('the same files make the same bytes', () => {
  assert.deepEqual(run().bytes, run().bytes);
});

test('maps of the sources and hidden files stay outside', () => {
  put(dist, 'assets/main-Ab12Cd34.js.map');
  put(dist, '.vite/manifest.json');
  put(dist, '.print');
  assert.deepEqual([...run().files.keys()], ['/assets/main-Ab12Cd34.js', '/index.html']);
});

test('of the release before only the assets are added', () => {
  put(previous, 'index.html', 'the old page');
  put(previous, 'sw.js', 'the old worker');
  put(previous, 'assets/old-00000000.js', 'an old script');
  put(previous, 'assets/main-Ab12Cd34.js');
  const { files, read } = run(previous);
  assert.deepEqual([...files.keys()],
    ['/assets/main-Ab12Cd34.js', '/assets/old-00000000.js', '/index.html']);
  assert.equal(read('/assets/old-00000000.js', 'identity').toString(), 'an old script');
  assert.equal(files.get('/assets/old-00000000.js').previous, true);
  assert.equal(files.get('/assets/main-Ab12Cd34.js').previous, undefined);
  assert.equal(read('/index.html', 'identity').toString(), long);
});

test('another content under a name of the release before is refused', () => {
  put(previous, 'assets/main-Ab12Cd34.js', 'other');
  assert.match(run(previous).refusal, /main-Ab12Cd34\.js is another file/);
});

const refused = {
  'a folder without a page': () => rmSync(join(dist, 'index.html')),
  'an asset without a hash': () => put(dist, 'assets/main.js'),
  'an unknown type of file': () => put(dist, 'setup.exe'),
  'a name with a space': () => put(dist, 'a b.txt'),
  'a name with a percent sign': () => put(dist, 'a%2e.txt'),
  'a symbolic link': () => symlinkSync('/etc/passwd', join(dist, 'passwd.txt')),
  'a symbolic link to a folder': () => symlinkSync('/etc', join(dist, 'etc')),
  'too many bytes': () => put(dist, 'big.txt', Buffer.alloc(33 * 1024 * 1024)),
};
for (const [what, make] of Object.entries(refused)) {
  test(`${what} is refused`, () => {
    make();
    assert.match(run().refusal, /^pack\.mjs: /);
  });
}
