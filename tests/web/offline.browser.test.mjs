// The client without its servers, as an application that is installed, and before and after a new
// release: Chromium with a profile of its own for each test, which outlives the browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Front } from './support/front.mjs';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const front = await Front.open();
const { play } = stageTest({
  front, stage: { notify: { FECHATTER_HTTP__CORS_ORIGINS: front.origin } },
});
const away = [/net::ERR_/];
const chunk = 1024 * 1024; // bytes of an upload in one request
const profiles = [];
after(() => profiles.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

async function talking(t) {
  const { stage, sitAt, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);
  const profile = mkdtempSync(join(tmpdir(), 'fechatter-profile-'));
  profiles.push(profile);
  const sit = async (person) => {
    const at = await sitAt(profile, person);
    at.seat.forgive(...away);
    return at;
  };
  const at = await sit(alice);
  await at.openChat(chat);
  await at.isInstalled();
  const texts = async () => (await bob.messages(chat)).map(({ content }) => content).reverse();
  return { stage, sit, at, alice, bob, chat, texts };
}

async function stopServers(t, stage) {
  let stopped = true;
  for (const of of ['server', 'notify']) await stage.tell({ do: 'stop', of });
  const start = async () => {
    if (!stopped) return;
    stopped = false;
    for (const of of ['server', 'notify']) await stage.tell({ do: 'start', of });
  };
  t.after(start);
  return start;
}

// The paths of all that the service worker keeps.
const kept_paths = (at) => at.page.evaluate(async () => {
  const paths = [];
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    paths.push(...requests.map(({ url }) => new URL(url).pathname));
  }
  return paths;
});

const databases = (at) => at.page.evaluate(async () =>
  (await indexedDB.databases()).map(({ name }) => name));

test('without servers the page opens and shows the last chats and messages', async (t) => {
  const { stage, at, alice, bob, chat } = await talking(t);
  const other = await bob.chat('PrivateChannel', 'Not looked at', alice);
  await bob.say(chat, 'said before');
  await at.sees('said before');
  await at.chatLink(other).waitFor();
  await eventually(() => at.storedTexts('said before'), 'it is stored');
  const start = await stopServers(t, stage);

  const tab = await at.anotherTab('/');
  await tab.chatLink(chat).waitFor();
  await tab.chatLink(other).waitFor();
  await tab.chooseChat(chat);
  await tab.sees('said before');
  await tab.page.getByText('You are offline').waitFor();
  await at.page.reload();
  await at.sees('said before');
  const of_users = (await kept_paths(at)).filter((path) => /^\/(api|events|files)\b/.test(path));
  assert.deepEqual(of_users, []);

  await start();
  await bob.say(chat, 'said afterwards');
  await eventually(async () => (await tab.rows('said afterwards').count()) === 1, 'it comes', 60_000);
});

test('what is read is kept at once, also where nothing new has been said', async (t) => {
  const { stage, at, bob, alice } = await talking(t);
  const quiet = await bob.chat('PrivateChannel', 'Quiet', alice);
  await bob.say(quiet, 'said long ago');
  await at.chatLink(quiet).waitFor();
  await at.page.reload();
  await at.chooseChat(quiet);
  await at.sees('said long ago');
  await eventually(() => at.storedTexts('said long ago'), 'it is stored');
  await stopServers(t, stage);
  await at.page.reload();
  await at.sees('said long ago');
});

test('what is written offline is sent once after server and browser were restarted', async (t) => {
  const { stage, sit, at, chat, texts } = await talking(t);
  const start = await stopServers(t, stage);
  for (const text of ['one', 'two', 'three']) await at.send(text);
  await eventually(() => at.storedTexts('three'), 'they are stored');
  await at.seat.close();

  const again = await sit(null);
  await again.go(`/chat/${chat}`);
  await eventually(async () => (await again.pending.count()) === 3, 'three rows wait');
  await again.send('four');
  await start();
  await eventually(async () => (await texts()).length === 4, 'they are sent', 90_000);
  await eventually(async () => (await again.pending.count()) === 0, 'none waits');
  await again.page.reload();
  await again.sees('four');
  assert.equal(await again.pending.count(), 0);
  assert.deepEqual(await texts(), ['one', 'two', 'three', 'four']);
});

test('signing out leaves neither caches nor stores; the next account has its own', async (t) => {
  const { at, alice, bob, chat } = await talking(t);
  await bob.say(chat, 'a secret');
  await at.sees('a secret');
  await at.composer.fill('a draft');
  await eventually(() => at.storedTexts('a draft'), 'it is stored');
  assert.notEqual((await kept_paths(at)).length, 0);
  at.seat.forgive(/401 .*\/(events|api\/refresh)$/); // what was under way when the session ended
  await at.signOut();
  await at.isOut();
  await eventually(async () => (await kept_paths(at)).length === 0, 'the caches are empty');
  await eventually(async () => (await databases(at)).every((name) => name === 'fechatter'),
    'the stores of the account are gone');
  for (const text of ['a secret', 'a draft']) assert.equal(await at.storedTexts(text), false);

  await at.signIn(alice, `/chat/${chat}`);
  await eventually(async () => (await kept_paths(at)).includes('/index.html'), 'it is kept again');
});

test('a new version under an open tab is announced, and no draft is lost', async (t) => {
  t.after(() => Object.assign(front, { isNext: false, isGone: () => false }));
  const { at, chat } = await talking(t);
  const tab = await at.anotherTab(`/chat/${chat}`);
  await tab.composer.waitFor();
  await tab.page.evaluate(() => { globalThis.begun_before = true; });
  await at.composer.fill('written before the upgrade');
  await eventually(() => at.storedTexts('written before the upgrade'), 'it is stored');

  // The server has the next build, and nothing of this one any more.
  Object.assign(front, { isNext: true, isGone: (path) => path.startsWith('/assets/') });
  await at.wakesUpAfter(120_000);
  const reload = at.page.getByRole('button', { name: 'Reload' });
  await reload.waitFor();
  await at.page.keyboard.press('Control+k'); // a part that was not loaded yet
  await at.switcher.waitFor();
  await at.page.keyboard.press('Escape');
  assert.equal(await at.composer.inputValue(), 'written before the upgrade');

  const next = at.page.locator('meta[name=release]');
  assert.equal(await next.count(), 0);
  await reload.click();
  await next.waitFor({ state: 'attached' });
  await at.hasDraft('written before the upgrade');

  // The other tab goes on with what it has, by the parts of the former build.
  assert.equal(await tab.page.evaluate(() => globalThis.begun_before), true);
  await tab.page.bringToFront();
  await tab.page.keyboard.press('Control+k');
  await tab.switcher.waitFor();
});

test('an upload goes on after a reload, where the server has it', async (t) => {
  const { at, alice, chat, stage } = await talking(t);
  const content = Buffer.alloc(4 * chunk + 5, 'film');
  const parts = () => front.seen.filter(({ method }) => method === 'PATCH');
  front.seen = [];
  front.isHeld = ({ method }) => method === 'PATCH' && parts().length >= 2;
  t.after(() => { front.isHeld = () => false; });
  await at.page.locator('[data-region=composer] input[type=file]').first()
    .setInputFiles({ name: 'film.bin', mimeType: 'application/octet-stream', buffer: content });
  await eventually(() => parts().length === 2, 'two parts have arrived');
  await eventually(() => at.storedTexts('/api/files/resumable/'), 'it is stored where they are');
  await at.page.reload();
  front.isHeld = () => false;
  await at.page.locator('[data-upload=ready]').waitFor();
  assert.deepEqual(parts().map(({ headers }) => Number(headers['upload-offset'])),
    [0, 1, 2, 3, 4].map((count) => count * chunk));

  await at.send('the film');
  await at.sees('the film');
  await eventually(async () => (await alice.messages(chat)).length === 1, 'it is sent');
  const [file] = (await alice.messages(chat))[0].files;
  const headers = { Authorization: `Bearer ${alice.token}` };
  const answer = await fetch(`${stage.url}${file.url ?? file}`, { headers });
  assert.equal(Buffer.compare(Buffer.from(await answer.arrayBuffer()), content), 0);
});

test('the client can be installed, and has a badge of the unread mentions', async (t) => {
  const { at, alice, bob, chat } = await talking(t);
  const cdp = await at.seat.context.newCDPSession(at.page);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
  const { errors, data } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(JSON.parse(data).start_url, '/');

  await at.seat.context.addInitScript(() => {
    globalThis.badges = [];
    navigator.setAppBadge = async (count) => { globalThis.badges.push(count); };
    navigator.clearAppBadge = async () => { globalThis.badges.push(0); };
  });
  await at.go('/mentions');
  await at.chatLink(chat).waitFor();
  const badge = () => at.page.evaluate(() => globalThis.badges.at(-1));
  await eventually(async () => (await badge()) === 0, 'there is no mention yet');
  await bob.say(chat, 'of no concern');
  await bob.say(chat, `look here, @${alice.name}`);
  await eventually(async () => (await badge()) === 1, 'one mention');
  await at.chooseChat(chat);
  await eventually(async () => (await badge()) === 0, 'it is read');
});
