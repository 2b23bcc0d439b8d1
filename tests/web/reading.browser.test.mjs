// Reading: the page stays where the reader is, and what counts as read is what was seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, holdAnswers } from './support/pages.mjs';
import { png_of } from './support/picture_file.mjs';
import { stageTest } from './support/play.mjs';
import { reader_of, unread } from './support/reader.mjs';

const reader = reader_of(stageTest());

const is_history = (url) => /\/messages$/.test(url.pathname) && url.searchParams.has('before');

test('older history does not move the page', async (t) => {
  const { sit, alice, chat } = await reader(t, 200);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 199');
  let pages = 0;
  for (; (await at.rows('line 3 ').count()) === 0; ++pages) {
    const held = await holdAnswers(at, is_history);
    const asked = held.asked.then(() => true);
    const is_asked = () => Promise.race([asked, Promise.resolve(false)]);
    await at.timeline.hover();
    // As a hand turns a wheel, until the next page is on its way or the first message is there.
    for (let i = 0; i < 200 && !(await is_asked()); ++i) {
      await at.page.mouse.wheel(0, -300);
      if ((await at.rows('line 3 ').count()) > 0) return assert.ok(pages >= 2, `${pages} pages`);
    }
    await asked;
    await at.rests();
    const { message } = await at.middleRow();
    const before = await at.heightOfList();
    const moved = at.movesBy(message, 90);
    await held.letGo();
    await eventually(async () => (await at.heightOfList()) > before + 200, 'the page has come');
    assert.ok((await moved) <= 1, `the row under the eye moved by ${await moved} px`);
  }
  assert.ok(pages >= 2, `${pages} pages`);
});

test('pictures that come late do not move the page', async (t) => {
  const { sit, alice, bob, chat } = await reader(t, 20);
  const said = [];
  for (let i = 0; i < 12; ++i) {
    const url = await bob.upload(`${i}.png`, png_of(400 + 10 * i, 300 + 20 * i));
    said.push(await bob.say(chat, `picture ${i}`, { files: [url] }));
  }
  const at = await sit(alice);
  let let_go;
  const released = new Promise((resume) => { let_go = resume; });
  await at.page.route('**/files/**', async (route) => {
    await released;
    await route.continue().catch(() => {});
  });
  await at.openChat(chat);
  await at.follow(`/chat/${chat}/message/${said[6].id}`);
  await at.row(said[6].id).waitFor();
  await at.rests();
  const moved = at.movesBy(said[6].id, 90);
  let_go();
  const picture = at.row(said[6].id).locator('img[srcset]');
  await eventually(() => picture.evaluate((shown) => shown.complete && shown.naturalWidth > 0),
    'the picture is there');
  assert.ok((await moved) <= 1, `the row under the eye moved by ${await moved} px`);
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
  await at.rests();
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
  // Rows around it are measured, and pages come.
  assert.ok((await at.movesBy(target.id, 90)) <= 1);
  assert.ok(await at.isCentred(target.id));
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

  // What Alice writes on another device is above it.
  await alice.say(chat, 'by another device');
  await at.sees('by another device');
  await eventually(async () => (await at.divider.count()) === 0, 'nothing is new');
  await bob.say(chat, 'new after that');
  await at.sees('new after that');
  await at.divider.waitFor();
  assert.ok((await at.topOfDivider()) > (await at.topOfText('by another device')));
  assert.ok((await at.topOfDivider()) < (await at.topOfText('new after that')));
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

const is_around = (message) => (url) => url.searchParams.get('around') === `${message.id}`;

test('the newer of two jumps wins', async (t) => {
  const { sit, alice, chat, written } = await reader(t, 300);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 299');
  const [slow, fast] = [written[40], written[150]];
  const held = await holdAnswers(at, is_around(slow));
  await at.follow(`/chat/${chat}/message/${slow.id}`);
  await held.asked;
  await at.follow(`/chat/${chat}/message/${fast.id}`);
  await at.row(fast.id).waitFor();
  await eventually(() => at.isCentred(fast.id), 'it is centred');
  await held.letGo();
  assert.ok((await at.movesBy(fast.id)) <= 1);
});

test('leaving the chat wins over a jump in it', async (t) => {
  const { sit, alice, bob, chat, written } = await reader(t, 120);
  const other = await alice.chat('PrivateChannel', 'Dinner', bob);
  const last = await bob.say(other, 'the only one');
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 119');
  const held = await holdAnswers(at, is_around(written[10]));
  await at.follow(`/chat/${chat}/message/${written[10].id}`);
  await held.asked;
  await at.chooseChat(other);
  await at.row(last.id).waitFor();
  await held.letGo();
  assert.ok((await at.movesBy(last.id)) <= 1);
  assert.equal(await at.rows('line').count(), 0);
  // And it is the present that the chat is found at again.
  await at.chooseChat(chat);
  await at.sees('line 119');
});

test('what is marked as unread stays so when the window gets the focus', async (t) => {
  const { sit, alice, bob, chat, written } = await reader(t, 3);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('line 2');
  await at.row(written[1].id).focus();
  await at.row(written[1].id).getByRole('button', { name: 'More actions' }).click();
  await at.page.getByRole('menuitem', { name: 'Mark unread from here' }).click();
  await eventually(async () => (await unread(alice, chat)) === 2, 'two are unread');
  await eventually(async () => (await at.badge(chat)) === 2, 'the badge says so');
  assert.ok((await at.topOfDivider()) < (await at.topOf(written[1].id)));
  assert.ok((await at.topOfDivider()) > (await at.topOf(written[0].id)));
  await at.looksAway();
  await at.looksHere();
  await bob.say(chat, 'one more');
  await at.sees('one more');
  await eventually(async () => (await at.badge(chat)) === 3, 'three are unread');
  await at.page.waitForTimeout(1500); // longer than a report of reading waits
  assert.equal(await unread(alice, chat), 3);
});
