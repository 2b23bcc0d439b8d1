// Sending: each message once, in its order, whatever happens on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();
const away = [/ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION/, /ERR_EMPTY_RESPONSE/,
  /Failed to load resource/, /ERR_NETWORK_CHANGED/];

async function talking(t, browser = {}) {
  const { stage, sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);
  const at = await sit(alice, browser);
  await at.openChat(chat);
  await at.timeline.waitFor(); // its messages are there, before anything goes away
  // In the order of the chat.
  const texts = async () => (await alice.messages(chat))
    .sort((left, right) => left.seq - right.seq).map(({ content }) => content);
  return { stage, sit, at, alice, bob, chat, texts };
}

test('what is written offline is sent by itself, in order, once', async (t) => {
  const { at, texts } = await talking(t);
  at.seat.forgive(...away);
  await at.seat.context.setOffline(true);
  for (const text of ['one', 'two', 'three']) await at.send(text);
  await eventually(async () => (await at.pending.count()) === 3, 'three rows wait');
  await at.seat.context.setOffline(false);
  await eventually(async () => (await texts()).length === 3, 'they are sent', 60_000);
  assert.deepEqual(await texts(), ['one', 'two', 'three']);
  await eventually(async () => (await at.pending.count()) === 0, 'none waits');
});

test('what is written offline survives a reload without the network', async (t) => {
  const { at, chat, texts } = await talking(t, { serviceWorkers: 'allow' });
  at.seat.forgive(...away);
  await at.isInstalled();
  await at.seat.context.setOffline(true);
  for (const text of ['one', 'two', 'three']) await at.send(text);
  await eventually(async () => (await at.pending.count()) === 3, 'three rows wait');
  await eventually(() => at.storedTexts('three'), 'they are stored');
  await at.go(`/chat/${chat}`);
  await eventually(async () => (await at.pending.count()) === 3, 'three rows still wait');
  await at.seat.context.setOffline(false);
  await eventually(async () => (await texts()).length === 3, 'they are sent', 60_000);
  assert.deepEqual(await texts(), ['one', 'two', 'three']);
});

test('a message whose answers are lost is there once', async (t) => {
  const { stage, at, texts } = await talking(t);
  at.seat.forgive(...away);
  await stage.tell({ do: 'fault', of: 'server', kind: 'no_answers' });
  t.after(() => stage.tell({ do: 'fault', of: 'server', kind: 'none' }));
  // Else its event may tell the page before it is seen to wait.
  await stage.tell({ do: 'freeze', of: 'notify' });
  t.after(() => stage.tell({ do: 'thaw', of: 'notify' }));
  await at.send('only once');
  await at.pending.first().waitFor();
  await eventually(async () => (await stage.query(
    "SELECT count(*) FROM messages WHERE content = 'only once'"))[0][0] === '1', 'it has arrived');
  await stage.tell({ do: 'fault', of: 'server', kind: 'none' });
  const retry = at.page.getByRole('button', { name: /retry|try again/i });
  if (await retry.count()) await retry.first().click().catch(() => {});
  await eventually(async () => (await at.pending.count()) === 0, 'nothing waits', 60_000);
  await stage.tell({ do: 'thaw', of: 'notify' });
  await at.sees('only once');
  assert.deepEqual(await texts(), ['only once']);
  assert.equal(await at.rows('only once').count(), 1);
});

test('an event before the answer makes one row', async (t) => {
  const { at, texts } = await talking(t);
  let let_go;
  const held = new Promise((resume) => { let_go = resume; });
  await at.page.route('**/api/chat/*/messages', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const answer = await route.fetch();
    await held;
    return route.fulfill({ response: answer });
  });
  await at.send('early');
  await at.sees('early');
  await eventually(async () => (await at.pending.count()) === 0, 'the event has confirmed it');
  assert.equal(await at.rows('early').count(), 1);
  let_go();
  await eventually(async () => (await texts()).length === 1, 'it is sent');
  assert.equal(await at.rows('early').count(), 1);
});

test('a 429 and a 503 are waited for', async (t) => {
  const { at, texts } = await talking(t);
  at.seat.forgive(/429|503/);
  const refusals = [429, 503];
  await at.page.route('**/api/chat/*/messages', (route) => {
    const status = route.request().method() === 'POST' ? refusals.shift() : undefined;
    if (!status) return route.continue();
    return route.fulfill({ status, headers: { 'Retry-After': '1' },
      contentType: 'application/problem+json', body: JSON.stringify({ code: 'x', status }) });
  });
  await at.send('patient');
  await eventually(async () => (await texts()).length === 1, 'it is sent', 30_000);
  assert.deepEqual(refusals, []);
  await eventually(async () => (await at.pending.count()) === 0, 'none waits');
});

test('a message that is too long is refused before it is sent, and kept', async (t) => {
  const { at, texts } = await talking(t);
  // 10,000 characters as the server counts them, of two code units each.
  await at.composer.fill('😀'.repeat(10_001));
  await at.composer.press('Enter');
  assert.equal((await at.composer.inputValue()).length, 20_002);
  assert.equal(await at.pending.count(), 0);
  await at.composer.fill('😀'.repeat(10_000));
  await at.composer.press('Enter');
  await eventually(async () => (await texts()).length === 1, 'it is sent');
  assert.equal((await texts())[0].length, 20_000);
});
