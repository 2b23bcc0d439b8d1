// Opening a chat, and coming back to it: where a person goes on reading.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';
import { reader_of, unread } from './support/reader.mjs';

const reader = reader_of(stageTest());

test('opening a chat shows its end', async (t) => {
  const { sit, alice, chat } = await reader(t, 80);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 79');
  await eventually(() => at.isAtEnd(), 'the end is in view');
});

test('a chat with unseen messages opens at the first of them', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 80);
  for (let i = 0; i < 60; ++i) await bob.say(chat, `unseen ${i} ${'word '.repeat(1 + (i % 30))}`);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('unseen 0 ');
  await at.divider.waitFor();
  assert.ok((await at.topOfDivider()) < (await at.topOfText('unseen 0 ')));
  assert.equal(await at.isAtEnd(), false);
});

test('a chat that is kept opens at the first message that came since, as it was left otherwise', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 80);
  const other = await alice.chat('PrivateChannel', 'Other', bob);
  const at = await sit(alice);
  await at.openChat(chat);
  await eventually(() => at.isAtEnd(), 'the end is in view');
  await at.rests();
  const seen = await at.topOfText('line 79');
  await at.chooseChat(other);
  await at.chooseChat(chat);
  await at.rests();
  assert.ok(Math.abs((await at.topOfText('line 79')) - seen) <= 1, 'the newest row is where it was');
  await at.chooseChat(other);
  for (let i = 0; i < 60; ++i) await bob.say(chat, `unseen ${i} ${'word '.repeat(1 + (i % 30))}`);
  await eventually(async () => (await at.badge(chat)) >= 60, 'they have come');
  await at.chooseChat(chat);
  await at.sees('unseen 0 ');
  await at.rests();
  assert.ok((await at.topOfDivider()) < (await at.topOfText('unseen 0 ')));
  assert.equal(await at.isAtEnd(), false);
});

// The page has lost its stream, and has the chat's end in view.
async function away(t) {
  const present = await reader(t, 60);
  const at = await present.sit(present.alice);
  at.seat.forgive(/net::ERR_/);
  await at.openChat(present.chat);
  await eventually(() => at.isAtEnd(), 'the end is in view');
  await eventually(() => at.storedTexts('line 59'), 'it is stored');
  await present.stage.tell({ do: 'stop', of: 'notify' });
  return { ...present, at };
}

async function goes_on_at_the_first_missed({ stage, at, alice, chat }) {
  await stage.tell({ do: 'start', of: 'notify' });
  await eventually(async () => (await at.divider.count()) === 1, 'the divider comes', 60_000);
  await at.rests();
  await at.sees('missed 0 ');
  assert.ok((await at.topOfDivider()) < (await at.topOfText('missed 0 ')));
  assert.equal(await at.isAtEnd(), false);
  assert.ok((await unread(alice, chat)) > 20);
}

test('the bar of a lost connection goes without the list scrolling past what was missed', async (t) => {
  const present = await away(t);
  // So long that the page says so: the bar goes when the messages come, and the list grows.
  await present.at.connectionBar.waitFor();
  for (let i = 0; i < 60; ++i) {
    await present.bob.say(present.chat, `missed ${i} ${'word '.repeat(1 + (i % 30))}`);
  }
  await goes_on_at_the_first_missed(present);
  await eventually(async () => (await present.at.connectionBar.count()) === 0, 'the bar is gone');
  await present.at.rests();
  assert.equal(await present.at.isAtEnd(), false);
});

test('what came while the page was away is read from its first message on', async (t) => {
  const present = await away(t);
  const { at, alice, bob, chat } = present;
  for (let i = 0; i < 60; ++i) await bob.say(chat, `missed ${i} ${'word '.repeat(1 + (i % 30))}`);
  await goes_on_at_the_first_missed(present);

  // The same where the page opens with what the browser has kept.
  await alice.post(`/api/chat/${chat}/read`, { seq: 120 });
  const isStored = ([store, all]) => /\/chats$/.test(store) &&
    all.some(({ id, last_read_seq }) => id === chat && last_read_seq === 120);
  await eventually(async () => Object.entries(await at.stored()).some(isStored), 'it is stored');
  await at.page.close();
  for (let i = 0; i < 60; ++i) await bob.say(chat, `later ${i} ${'word '.repeat(1 + (i % 30))}`);
  const again = await at.anotherTab(`/chat/${chat}`);
  await again.sees('later 0 ');
  await again.divider.waitFor();
  await again.rests();
  assert.ok((await again.topOfDivider()) < (await again.topOfText('later 0 ')));
  assert.equal(await again.isAtEnd(), false);
  assert.ok((await unread(alice, chat)) > 20);
});

test('a chat with very many unseen messages opens at the first of them, and leads to its end', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 60);
  for (let i = 0; i < 320; ++i) await bob.say(chat, `unseen ${i} ${'word '.repeat(1 + (i % 30))}`);
  const at = await sit(alice);
  let pages = 0;
  at.page.on('request', (request) => {
    if (/\/messages\?/.test(request.url())) ++pages;
  });
  await at.chooseChat(chat);
  await at.sees('unseen 0 ');
  await at.divider.waitFor();
  await at.rests();
  assert.ok(pages <= 3, `${pages} pages to begin with`);
  assert.ok((await at.topOfDivider()) < (await at.topOfText('unseen 0 ')));
  assert.equal(await at.rows('unseen 319').count(), 0);
  // As a hand turns a wheel: what is read follows what was read.
  await at.timeline.hover();
  const seen = new Set();
  for (let i = 0; i < 600 && !seen.has(319); ++i) {
    for (const text of await at.rows('unseen ').allInnerTexts()) {
      seen.add(Number(/unseen (\d+)/.exec(text)[1]));
    }
    await at.page.mouse.wheel(0, 400);
    await at.page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const missed = Array.from({ length: 320 }, (_, i) => i).filter((i) => !seen.has(i));
  assert.deepEqual(missed, [], 'no message is jumped over');
  await eventually(() => at.isAtEnd(), 'the end');
  await eventually(async () => (await unread(alice, chat)) === 0, 'all is read');
});
