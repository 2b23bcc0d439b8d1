// Reading: the page stays where the reader is, and what counts as read is what was seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();

// Alice reads, Bob has written `count` messages of different lengths; the oldest one is first. She
// has seen them, or else her chat opens at the first unseen one.
async function reader(t, count, seen = true) {
  const { stage, sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);
  const written = [];
  for (let i = 0; i < count; ++i) {
    written.push(await bob.say(chat, `line ${i} ${'and so on '.repeat((i * 7) % 40)}`));
  }
  if (seen) await alice.post(`/api/chat/${chat}/read`, { seq: written.at(-1).seq });
  return { stage, sit, alice, bob, chat, written };
}

const unread = async (person, chat) =>
  (await person.get('/api/chat')).find(({ id }) => id === chat).unread_count;

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

test('older history does not move the page', async (t) => {
  const { stage, sit, alice, chat } = await reader(t, 200);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 199');
  await stage.tell({ do: 'delay', of: 'server', ms: 200 });
  t.after(() => stage.tell({ do: 'delay', of: 'server', ms: 0 }));
  await at.watchShifts();
  await at.timeline.hover();
  for (let i = 0; i < 120 && (await at.rows('line 3 ').count()) === 0; ++i) {
    await at.page.mouse.wheel(0, -600);
    await at.page.waitForTimeout(40); // as a hand turns a wheel
  }
  await at.sees('line 3 ');
  const { pages, largest } = await at.shifts();
  assert.ok(pages >= 2, `${pages} pages of history came`);
  assert.ok(largest <= 1, `the row under the eye moved by ${largest} px`);
});

test('at the end new messages are followed', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 60);
  const at = await sit(alice);
  await at.openChat(chat);
  await eventually(() => at.isAtEnd(), 'the end is in view');
  for (let i = 0; i < 5; ++i) await bob.say(chat, `new ${i} ${'long '.repeat(60)}`);
  await at.sees('new 4');
  await eventually(() => at.isAtEnd(), 'it is still the end');
  await at.composer.fill('several\nlines\nof\ntext\nthat\ngrow');
  await eventually(() => at.isAtEnd(), 'the end, with a taller box');
  await at.page.setViewportSize({ width: 700, height: 600 });
  await eventually(() => at.isAtEnd(), 'the end, in a narrower window');
  await at.page.evaluate(() => { document.documentElement.style.fontSize = '24px'; });
  await eventually(() => at.isAtEnd(), 'the end, in a bigger font');
});

test('new messages do not pull a reader away', async (t) => {
  const { sit, alice, bob, chat, written } = await reader(t, 120);
  const at = await sit(alice);
  await at.openChat(chat);
  await eventually(() => at.isAtEnd(), 'the end is in view');
  await at.timeline.hover();
  await at.page.mouse.wheel(0, -2500);
  await eventually(async () => !(await at.isAtEnd()), 'it is away from the end');
  await at.page.waitForTimeout(300); // the wheel comes to rest
  const before = await at.middleRow();
  await bob.post(`/api/chat/${chat}/read`, { seq: written.at(-1).seq }).catch(() => {});
  await bob.request('PUT', `/api/chat/${chat}/messages/${written[20].id}/reactions/%F0%9F%91%8D`);
  for (let i = 0; i < 5; ++i) await bob.say(chat, `new ${i}`);
  await at.page.getByRole('button', { name: /new message|present/i }).waitFor();
  const after = await at.topOf(before.message);
  assert.ok(Math.abs(after - before.top) <= 1, `${before.top} became ${after}`);
});

test('a permalink lands and stays, and leads back to the present', async (t) => {
  const { sit, alice, chat, written } = await reader(t, 300);
  const target = written[90];
  const at = await sit(alice);
  await at.go(`/chat/${chat}/message/${target.id}`);
  await at.row(target.id).waitFor();
  await eventually(() => at.isCentred(target.id), 'it is centred');
  const top = await at.topOf(target.id);
  await at.page.waitForTimeout(700); // rows around it are measured, pages come
  assert.ok(Math.abs((await at.topOf(target.id)) - top) <= 1);
  await at.page.getByRole('button', { name: /present|newest|new message/i }).click();
  await at.sees('line 299');
  await eventually(() => at.isAtEnd(), 'the end');
});

test('a deep link survives signing in', async (t) => {
  const { stage, sit, alice, chat, written } = await reader(t, 60);
  const at = await sit(null);
  const path = `/chat/${chat}/message/${written[5].id}`;
  await at.signIn(alice, path);
  await at.row(written[5].id).waitFor();
  assert.equal(at.page.url(), stage.url + path);
});

test('hidden and unfocused pages read nothing', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 3);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 2');
  await eventually(async () => (await unread(alice, chat)) === 0, 'all is read');
  await at.looksAway();
  for (let i = 0; i < 3; ++i) await bob.say(chat, `unseen ${i}`);
  await at.sees('unseen 2');
  await at.page.waitForTimeout(1500); // longer than a report of reading waits
  assert.equal(await unread(alice, chat), 3);
  await at.looksHere();
  await eventually(async () => (await unread(alice, chat)) === 0, 'all is read');
});

test('the divider stands above the first unseen message, and own ones are above it', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 3);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 2');
  await eventually(async () => (await unread(alice, chat)) === 0, 'all is read');
  await at.looksAway();
  await bob.say(chat, 'first unseen');
  await at.sees('first unseen');
  await at.divider.waitFor();
  for (let i = 0; i < 3; ++i) await bob.say(chat, `more ${i}`);
  await at.sees('more 2');
  assert.equal(await at.divider.count(), 1);
  assert.ok((await at.topOfDivider()) < (await at.topOfText('first unseen')));
  assert.ok((await at.topOfDivider()) > (await at.topOfText('line 2')));
});

test('the badge does not lie', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 3, false);
  const at = await sit(alice);
  const other = await at.anotherTab();
  await eventually(async () => (await at.badge(chat)) === 3, 'three unread');
  await eventually(async () => (await other.badge(chat)) === 3, 'three in the other tab');
  await at.page.bringToFront();
  await at.openChat(chat);
  await at.sees('line 2');
  for (const tab of [at, other]) {
    await eventually(async () => (await tab.badge(chat)) === 0, 'none in each tab', 5000);
  }
  await at.page.reload();
  await at.isIn();
  await at.chatLink(chat).waitFor();
  assert.equal(await at.badge(chat), 0);

  await at.go('/');
  const last = await bob.say(chat, 'a slip of the finger');
  await eventually(async () => (await at.badge(chat)) === 1, 'one unread');
  await bob.request('DELETE', `/api/chat/${chat}/messages/${last.id}`);
  await eventually(async () => (await at.badge(chat)) === 0, 'none after its deletion');
});

test('rapid switching is silent and ends at the right chat', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 150);
  const small = await alice.chat('PrivateChannel', 'Small', bob);
  for (let i = 0; i < 3; ++i) await bob.say(small, `small ${i}`);
  const at = await sit(alice);
  await at.openChat(chat);
  for (let i = 0; i < 20; ++i) {
    await at.chatLink(i % 2 === 0 ? small : chat).click();
    if (i % 5 === 0) await bob.say(chat, `while switching ${i}`);
  }
  await at.sees('while switching 15');
  await at.seesNot('small 2');
  await at.chooseChat(small);
  await at.sees('small 2');
});

test('the newer of two jumps wins', async (t) => {
  const { sit, alice, chat, written } = await reader(t, 300);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 299');
  const [slow, fast] = [written[40], written[150]];
  await at.page.route(`**/messages?*around=${slow.id}*`, async (route) => {
    const answer = await route.fetch();
    await at.page.waitForTimeout(800);
    await route.fulfill({ response: answer }).catch(() => {});
  });
  await at.follow(`/chat/${chat}/message/${slow.id}`);
  await at.follow(`/chat/${chat}/message/${fast.id}`);
  await at.row(fast.id).waitFor();
  await at.page.waitForTimeout(1200); // the slow answer has come
  assert.ok(await at.isCentred(fast.id));
});
