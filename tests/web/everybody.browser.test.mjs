// The client for everybody: screen readers, keyboards, every theme and width; and for long: memory,
// and text that would like to be code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { themes, widths } from './support/looks.mjs';
import { eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest({ chromium: ['--js-flags=--expose-gc', '--enable-precise-memory-info'] });

const kinds = ['Group', 'PrivateChannel', 'PublicChannel'];

// A workspace in which something of everything has happened.
async function lively(t) {
  const { stage, sit, seat, people } = play(t);
  const [alice, bob, carol] = await people('Alice', 'Bob', 'Carol');
  const chats = [];
  for (const kind of kinds) chats.push(await alice.chat(kind, `The ${kind}`, bob, carol));
  chats.push(await alice.chat('Single', '', bob));
  const chat = chats[0];
  await bob.say(chat, 'plain words, a link https://example.com/x and @Alice');
  await bob.say(chat, '**bold** _italic_ ~~gone~~ `code`\n\n```js\nconst x = 1;\n```\n\n> quoted\n\n- a\n- b');
  const root = await carol.say(chat, 'the beginning of a thread 🎉');
  await alice.say(chat, 'an answer', { reply_to: root.id });
  const pinned = await bob.say(chat, 'a pinned one');
  await alice.request('PUT', `/api/chat/${chat}/pins/${pinned.id}`);
  await alice.request('PUT', `/api/saved/${pinned.id}`);
  for (const who of [alice, bob]) {
    await who.request('PUT', `/api/chat/${chat}/messages/${root.id}/reactions/%F0%9F%91%8D`);
  }
  const edited = await alice.say(chat, 'not yet right');
  await alice.request('PATCH', `/api/chat/${chat}/messages/${edited.id}`, { content: 'now right' });
  return { stage, sit, seat, alice, bob, carol, chat, chats, root };
}

test('axe finds nothing on any page, in any theme, at any width', async (t) => {
  const { sit, alice, chat, root } = await lively(t);
  const pages = {
    chat: `/chat/${chat}`, thread: `/chat/${chat}/thread/${root.id}`, home: '/',
    search: '/search?q=plain', channels: '/channels', mentions: '/mentions', threads: '/threads',
    saved: '/saved', settings: '/settings/profile', appearance: '/settings/appearance',
    notifications: '/settings/notifications', account: '/settings/account',
  };
  const outside = { 'sign in': '/signin', 'sign up': '/signup', invitation: '/invitation/none' };
  const findings = [];
  for (const [theme, media] of Object.entries(themes)) {
    for (const [width, viewport] of Object.entries(widths)) {
      const stranger = await sit(null, { viewport, ...media });
      stranger.seat.forgive(/invitations/, /404/);
      for (const [name, path] of Object.entries(outside)) {
        await stranger.go(path);
        await stranger.isStill();
        await stranger.picture(`${name}-${theme}-${width}`);
        findings.push(...(await stranger.axe()).map((one) => `${name}, ${theme}, ${width}: ${one}`));
      }
      const at = await sit(alice, { viewport, ...media });
      for (const [name, path] of Object.entries(pages)) {
        await at.go(path);
        await at.isStill();
        await at.picture(`${name}-${theme}-${width}`);
        findings.push(...(await at.axe()).map((one) => `${name}, ${theme}, ${width}: ${one}`));
      }
    }
  }
  assert.deepEqual(findings, []);
});

test('nothing is wider than the window', async (t) => {
  const { sit, alice, chat } = await lively(t);
  for (const width of [320, 375, 768]) {
    const at = await sit(alice, { viewport: { width, height: 720 } });
    for (const path of ['/', `/chat/${chat}`, '/channels', '/settings/profile']) {
      await at.go(path);
      await at.isStill();
      const over = await at.page.evaluate(() =>
        document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${path} is ${over} px too wide at ${width}`);
    }
  }
});

test('a new message is announced once, and history is not', async (t) => {
  const { sit, alice, bob, chat } = await lively(t);
  const at = await sit(alice);
  await at.openChat(chat);
  await at.sees('now right');
  await at.page.evaluate(() => {
    globalThis.announced = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) globalThis.announced.push(node.textContent);
      }
    }).observe(document.querySelector('[data-announcer]'), { childList: true, subtree: true,
      characterData: true });
  });
  await bob.say(chat, 'listen to this');
  await at.sees('listen to this');
  const announced = () => at.page.evaluate(() =>
    globalThis.announced.filter((text) => text.includes('listen to this')));
  await eventually(async () => (await announced()).length > 0, 'it is announced');
  await at.page.waitForTimeout(800);
  assert.equal((await announced()).length, 1);
  assert.match((await announced())[0], /^Bob/);
  const all = await at.page.evaluate(() => globalThis.announced.join());
  assert.ok(!all.includes('now right'));
});

test('a person without a pointer signs in, finds a chat, writes, edits and deletes', async (t) => {
  const { sit, alice, chat } = await lively(t);
  const at = await sit(null);
  const { keyboard } = at.page;
  await at.go('/');
  await at.isOut();
  assert.ok(await at.page.evaluate(() => document.activeElement?.getAttribute('name') === 'email'));
  await keyboard.type(alice.email);
  await keyboard.press('Tab');
  await keyboard.type('staple of 7 glasses');
  await keyboard.press('Enter');
  await at.isIn();
  await keyboard.press('Control+k');
  await at.switcher.waitFor();
  await keyboard.type('The Group');
  await keyboard.press('Enter');
  await at.page.waitForURL(`**/chat/${chat}`);
  await at.composer.waitFor();
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
  // The focus is always to be seen.
  for (let i = 0; i < 25; ++i) {
    await keyboard.press('Tab');
    const outlined = await at.page.evaluate(() => {
      const { outlineStyle, boxShadow, borderColor } = getComputedStyle(document.activeElement);
      const inside = getComputedStyle(document.activeElement.parentElement);
      return outlineStyle !== 'none' || boxShadow !== 'none' || inside.outlineStyle !== 'none' ||
        inside.boxShadow !== 'none' || borderColor !== inside.borderColor;
    });
    assert.ok(outlined, 'the element with the focus looks like the others');
  }
});

test('a dialog gives the focus back', async (t) => {
  const { sit, alice, chat } = await lively(t);
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
  const { sit, alice, bob, chat } = await lively(t);
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

test('memory comes back after many switches', async (t) => {
  const { sit, alice, bob, chats } = await lively(t);
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
  await switchFor(40);
  const before = await measured();
  await switchFor(160);
  const after = await measured();
  t.diagnostic(`heap ${before.heap.toFixed(1)} MB, then ${after.heap.toFixed(1)} MB; ` +
    `nodes ${before.nodes}, then ${after.nodes}`);
  assert.ok(after.heap - before.heap <= 15, 'the heap has grown');
  assert.ok(after.nodes <= before.nodes * 1.5 + 1000, 'detached nodes have grown');
});
