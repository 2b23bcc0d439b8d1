// The connection, many tabs, and the end of an account in a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();
const away = [/ERR_/, /Failed to load resource/];

async function following(t) {
  const { stage, sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);
  const at = await sit(alice);
  await at.openChat(chat);
  return { stage, sit, at, alice, bob, chat };
}

async function openTabs(at, chat, count) {
  const tabs = [at];
  while (tabs.length < count) {
    const tab = await at.anotherTab(`/chat/${chat}`);
    await tab.composer.waitFor();
    tabs.push(tab);
  }
  return tabs;
}

async function allSeeOnce(tabs, text, deadline) {
  for (const tab of tabs) {
    await eventually(async () => (await tab.rows(text).count()) === 1, `${text} in each tab`, deadline);
  }
}

test('ten tabs have one stream and are all live', async (t) => {
  const { at, bob, chat } = await following(t);
  const tabs = await openTabs(at, chat, 10);
  await bob.say(chat, 'to all ten');
  await allSeeOnce(tabs, 'to all ten');
  assert.equal(at.seat.openStreams(), 1);
});

test('a leader that is closed, crashed or gone elsewhere is replaced', async (t) => {
  const { at, bob, chat } = await following(t);
  at.seat.forgive(/crashed/);
  const tabs = await openTabs(at, chat, 4);
  const ends = [
    (tab) => tab.page.close(),
    (tab) => tab.page.goto('chrome://crash').catch(() => {}),
    (tab) => tab.page.goto('about:blank'),
  ];
  for (const [i, end] of ends.entries()) {
    await bob.say(chat, `before ${i}`);
    await allSeeOnce(tabs, `before ${i}`);
    const writing = bob.say(chat, `during ${i}`);
    await end(tabs.shift());
    await writing;
    await bob.say(chat, `after ${i}`);
    await allSeeOnce(tabs, `during ${i}`);
    await allSeeOnce(tabs, `after ${i}`, 5000);
  }
});

test('a stream that looks open and is dead is noticed at waking up', async (t) => {
  const { stage, at, bob, chat } = await following(t);
  await bob.say(chat, 'before sleep');
  await at.sees('before sleep');
  await stage.tell({ do: 'deaden', of: 'notify' });
  await bob.say(chat, 'during sleep');
  await at.page.waitForTimeout(1500);
  assert.equal(await at.rows('during sleep').count(), 0);
  await at.wakesUpAfter(45_000);
  await at.sees('during sleep');
  assert.equal(await at.rows('during sleep').count(), 1);
});

test('a stream that is refused comes back, and nothing is lost or doubled', async (t) => {
  const { stage, at, bob, chat } = await following(t);
  at.seat.forgive(...away);
  await stage.tell({ do: 'stop', of: 'notify' });
  await bob.say(chat, 'while it was down');
  await stage.tell({ do: 'start', of: 'notify' });
  await eventually(async () => (await at.rows('while it was down').count()) === 1, 'it comes', 60_000);
  await bob.say(chat, 'and live again');
  await at.sees('and live again');
  assert.equal(await at.rows('while it was down').count(), 1);
});

test('two tabs that refresh at once stay signed in', async (t) => {
  const { at, chat } = await following(t);
  const tab = await at.anotherTab(`/chat/${chat}`);
  await tab.composer.waitFor();
  for (let i = 0; i < 5; ++i) {
    await Promise.all([at.page.reload(), tab.page.reload()]);
    await Promise.all([at.composer.waitFor(), tab.composer.waitFor()]);
  }
});

test('a refresh whose answer was lost signs out no tab', async (t) => {
  const { at, bob, chat } = await following(t);
  at.seat.forgive(...away);
  let lost = 0;
  await at.page.route('**/api/refresh', async (route) => {
    if (++lost > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await at.page.reload();
  await eventually(() => lost >= 2, 'it asks again', 60_000);
  await at.composer.waitFor();
  await bob.say(chat, 'still here?');
  await at.sees('still here?');
});

test('signing out ends all tabs and leaves nothing behind', async (t) => {
  const { at, bob, chat } = await following(t);
  await bob.say(chat, 'a secret of this account');
  await at.sees('a secret of this account');
  await at.composer.fill('a draft of this account');
  const tab = await at.anotherTab(`/chat/${chat}`);
  await tab.sees('a secret of this account');
  at.seat.forgive(/401 .*\/(events|api\/refresh)$/); // what was under way when the session ended
  await at.signOut();
  await at.isOut();
  await tab.isOut();
  for (const text of ['a secret of this account', 'a draft of this account']) {
    await tab.seesNot(text);
    await eventually(async () => !(await tab.storedTexts(text)), `"${text}" is not stored`);
  }
  await at.page.reload();
  await at.isOut();
});

// In each page: what a notification would be, without a desktop that shows it.
function record_notifications() {
  class Recorded extends EventTarget {
    static permission = 'granted';
    static requestPermission = () => Promise.resolve('granted');
    constructor(title, options) {
      super();
      Object.assign(this, { title, ...options });
      (globalThis.notified ??= []).push(this);
    }
    close() {}
  }
  Object.defineProperty(globalThis, 'Notification', { value: Recorded });
}

test('five tabs make one notification, and a click on it leads to the message', async (t) => {
  const { at, alice, bob } = await following(t);
  await at.seat.context.addInitScript(record_notifications);
  const direct = await bob.chat('Single', '', alice);
  await at.go('/mentions');
  const tabs = [at];
  while (tabs.length < 5) tabs.push(await at.anotherTab('/mentions'));
  for (const tab of tabs) await tab.isIn();
  await eventually(() => at.seat.openStreams() === 1, 'they follow');
  const message = await bob.say(direct, 'look here');
  const tags = async () => (await Promise.all(tabs.map((tab) => tab.page.evaluate(() =>
    (globalThis.notified ?? []).map(({ tag }) => tag))))).flat();
  await eventually(async () => (await tags()).length > 0, 'there is a notification');
  await tabs[0].page.waitForTimeout(800);
  assert.deepEqual(await tags(), [`message-${message.id}`]);
  const notified = [];
  for (const tab of tabs) {
    if (await tab.page.evaluate(() => globalThis.notified?.length > 0)) notified.push(tab);
  }
  await notified[0].page.evaluate(() => globalThis.notified[0].dispatchEvent(new Event('click')));
  await notified[0].row(message.id).waitFor();

  // The chat is seen now: no further one.
  await notified[0].page.bringToFront();
  await bob.say(direct, 'seen at once');
  await notified[0].sees('seen at once');
  await notified[0].page.waitForTimeout(800);
  assert.equal((await tags()).length, 1);
});

test('a chat that one was removed from is gone from page and stores', async (t) => {
  const { at, alice, bob } = await following(t);
  const theirs = await bob.chat('PrivateChannel', 'Board', alice);
  await bob.say(theirs, 'the numbers of the quarter');
  await at.chooseChat(theirs);
  await at.sees('the numbers of the quarter');
  await eventually(() => at.storedTexts('the numbers of the quarter'), 'it is stored');
  // An answer that is still on its way when the membership ends.
  let let_go;
  const held = new Promise((resume) => { let_go = resume; });
  await at.page.route(`**/api/chat/${theirs}/messages*`, async (route) => {
    const answer = await route.fetch();
    await held;
    await route.fulfill({ response: answer }).catch(() => {});
  });
  const tab = await at.anotherTab(`/chat/${theirs}`);
  await bob.request('DELETE', `/api/chat/${theirs}/members`, [alice.id]);
  for (const each of [at, tab]) {
    await each.seesNot('the numbers of the quarter');
    await each.chatLink(theirs).waitFor({ state: 'detached' });
  }
  let_go();
  await at.page.waitForTimeout(500); // the late answer has come
  await at.seesNot('the numbers of the quarter');
  await eventually(async () => !(await at.storedTexts('the numbers of the quarter')), 'not stored');
});

test('lazy parts of the former build are loaded anew once, and the draft stays', async (t) => {
  const { at } = await following(t);
  at.seat.forgive(...away, /dynamically imported module/, /preload/i);
  await at.composer.fill('written before the upgrade');
  await eventually(() => at.storedTexts('written before the upgrade'), 'it is stored');
  let loads = 0;
  at.page.on('load', () => { ++loads; });
  const loaded = await at.loadedAssets();
  let broken = true;
  await at.page.route('**/assets/*.js', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (!broken || loaded.has(path)) return route.continue();
    return route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{}' });
  });
  at.page.once('load', () => { broken = false; });
  await at.page.keyboard.press('Control+k');
  await eventually(() => loads === 1, 'the page is loaded once');
  await at.hasDraft('written before the upgrade');
  await at.page.keyboard.press('Control+k');
  await at.switcher.waitFor();
  assert.equal(loads, 1);
});
