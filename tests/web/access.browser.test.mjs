// The client for all: screen readers, keyboards, every theme and width; and for long: memory,
// and text that would like to be code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lively } from './support/lively.mjs';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest({ chromium: ['--js-flags=--expose-gc', '--enable-precise-memory-info'] });

test('nothing is wider than the window', async (t) => {
  const { sit, alice, chat } = await lively(play(t));
  for (const width of [320, 375, 768]) {
    const at = await sit(alice, { viewport: { width, height: 720 } });
    for (const path of ['/', `/chat/${chat}`, '/channels', '/settings/profile']) {
      await at.go(path);
      await at.isStill();
      const over = await at.overWidth();
      assert.ok(over <= 0, `${path} is ${over} px too wide at ${width}`);
    }
  }
});

// In the page: every text that screen readers are told from now on.
function record_announcements() {
  globalThis.announced = [];
  const note = (text) => text && globalThis.announced.push(text);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') note(target.data);
      else for (const node of addedNodes) note(node.textContent);
    }
  }).observe(document.querySelector('[data-announcer]'), { childList: true, subtree: true,
    characterData: true });
}

test('a new message is announced once, and history is not', async (t) => {
  const { sit, alice, bob, chat } = await lively(play(t));
  let last;
  for (let i = 0; i < 60; ++i) last = await bob.say(chat, `filling ${i}`);
  await alice.post(`/api/chat/${chat}/read`, { seq: last.seq });
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('filling 59');
  await at.page.evaluate(record_announcements);
  await at.timeline.evaluate((list) => { list.scrollTop = 0; });
  await at.sees('plain words');
  await at.timeline.evaluate((list) => { list.scrollTop = list.scrollHeight; });
  await at.sees('filling 59');
  await at.send('of her own');
  await eventually(async () => (await at.pending.count()) === 0, 'it is sent');
  for (const text of ['listen to this', 'and to this']) {
    await bob.say(chat, text);
    await at.sees(text);
  }
  const announced = () => at.page.evaluate(() => globalThis.announced);
  await eventually(async () => (await announced()).some((text) => text.includes('and to this')),
    'it is announced');
  assert.deepEqual(await announced(), ['Bob: listen to this', 'Bob: and to this']);
});

test('the name of a row begins with its author and text, and ends with its time', async (t) => {
  const { sit, alice, chat } = await lively(play(t));
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('a pinned one');
  const name = await at.rows('a pinned one').first().getAttribute('aria-label');
  assert.match(name, /^Bob: a pinned one, .*\d:\d\d/);
});

const focused = (at) => at.page.evaluate(() => {
  const { activeElement: element } = document;
  return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
});

// By the Tab key, to what has that name.
async function tabTo(at, name, key = 'Tab') {
  const passed = [];
  for (let i = 0; i < 40; ++i) {
    passed.push(await focused(at));
    if (name.test(passed.at(-1))) return;
    await at.page.keyboard.press(key);
  }
  assert.fail(`${key} does not lead to ${name}: ${passed.join(' | ')}`);
}

async function signInByKeys(at, person) {
  const { keyboard } = at.page;
  await at.go('/');
  await at.isOut();
  const { email } = person;
  assert.equal(await at.page.evaluate(() => document.activeElement?.getAttribute('name')), 'email');
  await keyboard.type(email);
  await keyboard.press('Tab');
  await keyboard.type('staple of 7 glasses');
  await keyboard.press('Enter');
  await at.isIn();
}

async function findByKeys(at, name) {
  await at.page.keyboard.press('Control+k');
  await at.switcher.waitFor();
  await at.page.keyboard.type(name);
  await at.page.keyboard.press('Enter');
  await at.composer.waitFor();
  await eventually(() => at.composer.evaluate((box) => box === document.activeElement), 'the box');
}

test('a person without a pointer signs in, finds a chat, writes and edits', async (t) => {
  const { sit, alice, chat } = await lively(play(t));
  const at = await sit(null);
  const { keyboard } = at.page;
  await signInByKeys(at, alice);
  await findByKeys(at, 'The Group');
  await at.page.waitForURL(`**/chat/${chat}`);
  await keyboard.type('by keys alone');
  await keyboard.press('Enter');
  await at.sees('by keys alone');
  await eventually(async () => (await at.pending.count()) === 0, 'it is sent');
  await keyboard.press('ArrowUp');
  await at.editBox.waitFor();
  await keyboard.press('End');
  await keyboard.type(', edited');
  await keyboard.press('Enter');
  await at.sees('by keys alone, edited');
  await at.editBox.waitFor({ state: 'detached' });
  await eventually(() => at.composer.evaluate((box) => box === document.activeElement), 'the box');
});

test('a person without a pointer reacts, replies, deletes and comes to the settings', async (t) => {
  const { sit, alice, bob, chat } = await lively(play(t));
  const own = await alice.say(chat, 'to be deleted');
  const at = await sit(alice);
  const { keyboard } = at.page;
  await findByKeys(at, 'The Group');
  await at.sees('to be deleted');
  await keyboard.press('Shift+F6');
  await tabTo(at, /^Alice: to be deleted/);
  await keyboard.press('ArrowUp');
  await keyboard.press('ArrowUp');
  await tabTo(at, /^Bob: a picture/);
  await tabTo(at, /^Add reaction/);
  await keyboard.press('Enter');
  await at.page.getByRole('searchbox', { name: 'Search emoji' }).waitFor();
  await keyboard.type('tada');
  await keyboard.press('Enter');
  await at.rows('a picture').first().getByRole('button', { name: /1 reaction/ }).waitFor();

  await tabTo(at, /^Reply in thread/);
  await keyboard.press('Enter');
  const reply = at.page.getByRole('textbox', { name: 'Reply' });
  await eventually(() => reply.evaluate((box) => box === document.activeElement), 'the box');
  await keyboard.type('an answer by keys');
  await keyboard.press('Enter');
  await eventually(async () => (await bob.get(
    `/api/chat/${chat}/messages?limit=10`)).some(({ thread }) => thread?.reply_count === 1), 'sent');
  await tabTo(at, /^Close thread/, 'Shift+Tab');
  await keyboard.press('Enter');

  await at.row(own.id).focus(); // as the keys above come there
  await tabTo(at, /^More actions/);
  await keyboard.press('Enter');
  await at.page.getByRole('menu').waitFor();
  await keyboard.press('ArrowUp');
  await tabTo(at, /^Delete/);
  await keyboard.press('Enter');
  await at.page.getByRole('alertdialog').waitFor();
  await eventually(async () => (await focused(at)) === 'Delete', 'the button');
  await keyboard.press('Enter');
  await at.rows('Message deleted').first().waitFor();
  await at.page.getByRole('alertdialog').waitFor({ state: 'detached' }); // it gives the focus back

  await tabTo(at, /^Workspace menu/, 'F6');
  await keyboard.press('Enter');
  await eventually(async () => /^Settings/.test(await focused(at)), 'the first entry');
  await keyboard.press('Enter');
  await at.page.waitForURL('**/settings**');
});

// In the page: whether what has the focus would look otherwise without it.
function shows_focus() {
  const { activeElement: element } = document;
  const look = () => {
    for (const each of document.getAnimations()) each.finish();
    return [element, element.parentElement].map((each) => {
      const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(each);
      return [outline, boxShadow, borderColor, backgroundColor].join();
    }).join();
  };
  const with_focus = look();
  element.blur();
  const without = look();
  element.focus({ focusVisible: true });
  return with_focus !== without;
}

test('the focus is always to be seen', async (t) => {
  const { sit, alice, chat } = await lively(play(t));
  const at = await sit(alice);
  const hidden = [];
  for (const path of [`/chat/${chat}`, '/settings/profile', '/search']) {
    await at.go(path);
    await at.isStill();
    for (let i = 0; i < 25; ++i) {
      await at.page.keyboard.press('Tab');
      if (await at.page.evaluate(() => document.activeElement === document.body)) continue;
      if (!(await at.page.evaluate(shows_focus))) hidden.push(await focused(at));
    }
  }
  assert.deepEqual(hidden, []);
});

test('a dialog gives the focus back', async (t) => {
  const { sit, alice, chat } = await lively(play(t));
  const at = await sit(alice);
  await at.openChat(chat);
  await at.composer.focus();
  await at.page.keyboard.press('Control+k');
  await at.switcher.waitFor();
  await at.page.keyboard.press('Escape');
  await at.switcher.waitFor({ state: 'detached' });
  await eventually(() => at.composer.evaluate((box) => box === document.activeElement), 'the box');
});

test('hostile text is text', async (t) => {
  const { sit, alice, bob, chat } = await lively(play(t));
  const hostile = [
    '<img src=x onerror=alert(1)>', '<script>alert(1)</script>',
    '[click](javascript:alert(1))', '[click](data:text/html,<script>alert(1)</script>)',
    '![x](javascript:alert(1))', '<a href="javascript:alert(1)">x</a>',
    '[x](vbscript:msgbox)', '`<svg/onload=alert(1)>`', '<https://example.com/"onclick=alert(1)>',
    '[a](<java\nscript:alert(1)>)', '&lt;script&gt;', '\u202Etxt.exe', '<style>*{display:none}</style>',
  ];
  const at = await sit(alice);
  at.page.on('dialog', (dialog) => {
    at.seat.complain(`a dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await at.openChat(chat);
  for (const text of hostile) await bob.say(chat, text);
  await bob.say(chat, 'the last one');
  await at.sees('the last one');
  const found = await at.timeline.evaluate((list) => ({
    foreign: [...list.querySelectorAll('script, style, iframe, object, embed, form, base, link')].length,
    handlers: [...list.querySelectorAll('*')].filter((each) =>
      [...each.attributes].some(({ name }) => name.startsWith('on'))).length,
    links: [...list.querySelectorAll('a[href]')].map((link) => link.protocol),
  }));
  assert.equal(found.foreign, 0);
  assert.equal(found.handlers, 0);
  for (const protocol of found.links) assert.match(protocol, /^(https?|mailto):$/);
});

test('memory comes back after 500 switches', async (t) => {
  const { sit, alice, bob, chats } = await lively(play(t));
  for (const chat of chats) {
    for (let i = 0; i < 30; ++i) await bob.say(chat, `filling ${i} ${'words '.repeat(20)}`);
  }
  const at = await sit(alice);
  await at.openChat(chats[0]);
  const cdp = await at.seat.context.newCDPSession(at.page);
  await cdp.send('Performance.enable');
  const measured = async () => {
    for (let i = 0; i < 3; ++i) await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name).value;
    return { heap: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes') };
  };
  const switchFor = async (times) => {
    for (let i = 0; i < times; ++i) await at.chooseChat(chats[i % chats.length]);
  };
  await switchFor(50);
  const before = await measured();
  await switchFor(450);
  const after = await measured();
  t.diagnostic(`heap ${before.heap.toFixed(1)} MB, then ${after.heap.toFixed(1)} MB; ` +
    `nodes ${before.nodes}, then ${after.nodes}`);
  assert.ok(after.heap - before.heap <= 15, 'the heap has grown');
  assert.ok(after.nodes <= before.nodes * 1.5 + 1000, 'detached nodes have grown');
});
