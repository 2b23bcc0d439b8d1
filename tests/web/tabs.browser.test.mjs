// The connection, many tabs, and the end of an account in a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, holdAnswers } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();
const away = [/net::ERR_/];

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
  const { stage, sit, at, bob, chat } = await following(t);
  await bob.say(chat, 'before sleep');
  await at.sees('before sleep');
  await stage.tell({ do: 'deaden', of: 'notify' });
  const atBob = await sit(bob); // by a stream of its own
  await atBob.openChat(chat);
  await atBob.sees('before sleep');
  await bob.say(chat, 'during sleep');
  await atBob.sees('during sleep');
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
  const { stage, at, bob, chat } = await following(t);
  at.seat.forgive(...away);
  let asked = 0;
  await at.page.route('**/api/refresh', async (route) => {
    if (++asked > 1) return route.continue();
    // The server hears of it, and the browser gets no answer, nor the cookie in it.
    const cookies = await at.seat.context.cookies(`${stage.url}/api/refresh`);
    const answer = await fetch(`${stage.url}/api/refresh`, {
      method: 'POST', body: route.request().postData(), headers: {
        'Content-Type': 'application/json',
        Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      } });
    assert.equal(answer.status, 200);
    // The browser asks again a minute later.
    await stage.query("UPDATE refresh_tokens SET used_at = used_at - interval '60 s'"
      + ' WHERE used_at IS NOT NULL RETURNING 1');
    return route.abort();
  });
  await at.page.reload();
  await eventually(() => asked >= 2, 'it asks again', 60_000);
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

const notified = (tab) => tab.page.evaluate(() =>
  (globalThis.notified ?? []).map(({ tag }) => tag));

// What all tabs have shown; `newest` is waited for, so that whatever came before is there.
async function allNotified(tabs, newest) {
  const all = async () => (await Promise.all(tabs.map(notified))).flat();
  const tag = `message-${newest.id}`;
  await eventually(async () => (await all()).includes(tag), 'there is a notification');
  return (await all()).map((each) => Number(each.slice('message-'.length)));
}

test('five tabs make one notification, and a click on it leads to the message', async (t) => {
  const { at, alice, bob, chat } = await following(t);
  await at.seat.context.addInitScript(record_notifications);
  const direct = await bob.chat('Single', '', alice);
  await at.go('/mentions');
  const tabs = [at];
  while (tabs.length < 5) tabs.push(await at.anotherTab('/mentions'));
  for (const tab of tabs) await tab.chatLink(direct).waitFor();
  await eventually(() => at.seat.openStreams() === 1, 'they follow');
  const first = await bob.say(direct, 'look here');
  const second = await bob.say(direct, 'and here');
  assert.deepEqual(await allNotified(tabs, second), [first.id, second.id]);
  let tab;
  for (const each of tabs) if ((await notified(each)).length > 0) tab = each;
  await tab.page.evaluate(() => globalThis.notified[0].dispatchEvent(new Event('click')));
  await tab.row(first.id).waitFor();

  // The chat is seen now: of what comes there is no notification, of the other chat's there is.
  await bob.say(direct, 'seen at once');
  await tab.sees('seen at once');
  const elsewhere = await bob.say(chat, 'not seen');
  assert.deepEqual(await allNotified(tabs, elsewhere), [first.id, second.id, elsewhere.id]);
});

test('the chat that is looked at in any tab makes no notification', async (t) => {
  const { at, alice, bob, chat } = await following(t);
  await at.seat.context.addInitScript(record_notifications);
  const other = await alice.chat('PrivateChannel', 'Dinner', bob);
  await at.go('/mentions');
  await at.chatLink(other).waitFor();
  await eventually(() => at.seat.openStreams() === 1, 'it follows');
  const tab = await at.anotherTab('/mentions');
  await tab.chooseChat(chat);
  await tab.chooseChat(other);
  await bob.say(other, 'seen in the other tab');
  await tab.sees('seen in the other tab');
  const left = await bob.say(chat, 'in the chat that was left');
  assert.deepEqual(await allNotified([at, tab], left), [left.id]);
});

test('the first message of a person makes a notification', async (t) => {
  const { at, alice, bob } = await following(t);
  await at.seat.context.addInitScript(record_notifications);
  await at.go('/mentions');
  await at.isIn();
  await eventually(() => at.seat.openStreams() === 1, 'it follows');
  const direct = await bob.chat('Single', '', alice);
  const message = await bob.say(direct, 'we have not met');
  assert.deepEqual(await allNotified([at], message), [message.id]);
});

test('a chat that one was removed from is gone from page and stores', async (t) => {
  const { sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const theirs = await bob.chat('PrivateChannel', 'Board', alice);
  // Written before the page is there, and so many that it has not read the oldest one.
  const oldest = await bob.say(theirs, 'the numbers of last year');
  let last = oldest;
  for (let i = 0; i < 200; ++i) last = await bob.say(theirs, `the numbers of the quarter ${i}`);
  await alice.post(`/api/chat/${theirs}/read`, { seq: last.seq });
  const at = await sit(alice);
  await at.chooseChat(theirs);
  await at.sees('the numbers of the quarter 199');
  await eventually(() => at.storedTexts('the numbers of the quarter'), 'it is stored');
  const tab = await at.anotherTab(`/chat/${theirs}`);
  await tab.sees('the numbers of the quarter 199');
  // An answer that is still on its way when the membership ends.
  const held = await holdAnswers(at, (url) => url.searchParams.get('around') === `${oldest.id}`);
  await at.follow(`/chat/${theirs}/message/${oldest.id}`);
  await held.asked;
  at.seat.forgive(/40[34] .*\/api\/chat\/\d+\//); // of what was asked for in the last moment
  await bob.request('DELETE', `/api/chat/${theirs}/members`, [alice.id]);
  for (const each of [at, tab]) {
    await each.seesNot('the numbers of the quarter');
    await each.chatLink(theirs).waitFor({ state: 'detached' });
  }
  await held.letGo();
  assert.equal(await at.page.getByText('the numbers of').count(), 0);
  await eventually(async () => !(await at.storedTexts('the numbers of')), 'not stored');
});

test('lazy parts of the former build are loaded once more, and the draft stays', async (t) => {
  const { at } = await following(t);
  at.seat.forgive(/404 .*\/assets\//);
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
