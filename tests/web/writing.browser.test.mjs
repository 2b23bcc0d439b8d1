// Writing: what was written is never lost, never sent by accident, and goes where it is seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/pages.mjs';
import { png_of } from './support/picture_file.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();

// Alice at her browser, in a chat with Bob; `texts` is what the server has of it, oldest first.
async function alone(t, name = 'Lunch') {
  const { stage, sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', name, bob);
  const at = await sit(alice);
  await at.openChat(chat);
  const texts = async () => (await alice.messages(chat)).map(({ content }) => content).sort();
  return { stage, at, alice, bob, chat, texts };
}

// An input method in the browser, by its own protocol.
async function inputMethod(at) {
  const cdp = await at.seat.context.newCDPSession(at.page);
  return {
    compose: (text) => cdp.send('Input.imeSetComposition',
      { text, selectionStart: text.length, selectionEnd: text.length }),
    commit: (text) => cdp.send('Input.insertText', { text }),
    // As the keyboard sends it while an input method has the key: it types nothing.
    enter: async () => {
      const key = { key: 'Enter', code: 'Enter' };
      await cdp.send('Input.dispatchKeyEvent',
        { type: 'rawKeyDown', windowsVirtualKeyCode: 229, ...key });
      await cdp.send('Input.dispatchKeyEvent',
        { type: 'keyUp', windowsVirtualKeyCode: 13, ...key });
    },
  };
}

test('an Enter of an input method sends nothing, the next one sends', async (t) => {
  for (const [composing, committed] of [['にほん', '日本'], ['ni hao', '你好']]) {
    const { at, texts } = await alone(t, committed);
    const ime = await inputMethod(at);
    await at.composer.focus();
    await ime.compose(composing);
    await ime.enter();
    await ime.commit(committed);
    assert.equal(await at.composer.inputValue(), committed);
    assert.deepEqual(await texts(), []);
    await at.page.keyboard.press('Enter');
    await at.sees(committed);
    await eventually(async () => (await texts()).length === 1, 'it is sent');
    assert.deepEqual(await texts(), [committed]);
  }
});

test('an Enter of an input method saves no edit', async (t) => {
  const { at, alice, chat, texts } = await alone(t);
  await at.send('first');
  await at.sees('first');
  await eventually(async () => (await texts()).length === 1, 'it is sent');
  await at.composer.press('ArrowUp');
  const box = at.editBox;
  await box.waitFor();
  assert.equal(await box.evaluate((area) => area.selectionStart), 'first'.length);
  const ime = await inputMethod(at);
  await ime.compose('にほん');
  await ime.enter();
  assert.ok(await box.isVisible());
  await ime.commit('日本');
  await at.page.keyboard.press('Enter');
  await box.waitFor({ state: 'detached' });
  await eventually(async () => (await alice.messages(chat))[0].content === 'first日本', 'saved');
});

test('Hangul is sent once, by the second Enter', async (t) => {
  const { at, texts } = await alone(t);
  const ime = await inputMethod(at);
  await at.composer.focus();
  await ime.commit('안녕하세');
  await ime.compose('요');
  await ime.enter();
  await ime.commit('요');
  await at.page.keyboard.press('Enter');
  await at.sees('안녕하세요');
  await eventually(async () => (await texts()).length > 0, 'it is sent');
  assert.deepEqual(await texts(), ['안녕하세요']);
  assert.equal(await at.composer.inputValue(), '');
});

test('a draft stays in its chat: another chat, a reload, a crash of the tab', async (t) => {
  const { at, alice, bob, chat } = await alone(t);
  const other = await alice.chat('PrivateChannel', 'Dinner', bob);
  await at.composer.fill('half a thought');
  await at.chooseChat(other);
  assert.equal(await at.composer.inputValue(), '');
  await at.composer.fill('another one');
  await at.chooseChat(chat);
  await at.hasDraft('half a thought');
  await at.page.reload();
  await at.hasDraft('half a thought');

  const tab = await at.anotherTab(`/chat/${other}`);
  await tab.hasDraft('another one');
  await tab.composer.fill('another one, longer');
  await eventually(() => at.storedTexts('another one, longer'), 'it is stored');
  at.seat.forgive(/crashed/);
  await tab.page.goto('chrome://crash').catch(() => {});
  const again = await at.anotherTab(`/chat/${other}`);
  await again.hasDraft('another one, longer');
});

test('an upload that is under way stays in its chat', async (t) => {
  const { at, alice, bob, chat } = await alone(t);
  const other = await alice.chat('PrivateChannel', 'Dinner', bob);
  let let_go;
  const released = new Promise((resume) => { let_go = resume; });
  await at.page.route('**/api/files/single', async (route) => {
    await released;
    await route.continue();
  });
  await at.attach({ name: 'map.png', mimeType: 'image/png', buffer: png_of(40, 30) });
  await at.composer.fill('the way there');
  await at.uploads.first().waitFor();
  await at.chooseChat(other);
  assert.equal(await at.uploads.count(), 0);
  assert.equal(await at.composer.inputValue(), '');
  let_go();
  await at.chooseChat(chat);
  await at.page.locator('[data-upload=ready]').waitFor();
  await at.hasDraft('the way there');
  await at.composer.press('Enter');
  await eventually(async () => (await alice.messages(chat)).length === 1, 'it is sent');
  assert.equal((await alice.messages(chat))[0].files.length, 1);
  assert.deepEqual(await alice.messages(other), []);
  await at.row((await alice.messages(chat))[0].id).getByRole('button', { name: /map\.png/ }).waitFor();
});

test('a text goes to the chat that is seen when it is written', async (t) => {
  const { stage, at, alice, bob, chat, texts } = await alone(t);
  const other = await alice.chat('PrivateChannel', 'Zebra', bob);
  await at.chatLink(other).waitFor();
  await stage.tell({ do: 'delay', of: 'server', ms: 400 });
  t.after(() => stage.tell({ do: 'delay', of: 'server', ms: 0 }));
  await at.page.keyboard.press('Control+k');
  await at.switcher.waitFor();
  await at.page.keyboard.type('Zebra');
  await at.page.keyboard.press('Enter');
  await at.page.waitForURL(`**/chat/${other}`);
  await at.page.keyboard.type('to the zebras');
  await at.page.keyboard.press('Enter');
  await eventually(async () => (await alice.messages(other)).length === 1, 'it has arrived');
  assert.deepEqual(await texts(), []);
});

test('the Enter that chooses a chat sends no draft of it, however long it is held', async (t) => {
  const { at, alice, bob } = await alone(t);
  const other = await alice.chat('PrivateChannel', 'Zebra', bob);
  await at.chooseChat(other);
  await at.composer.fill('not yet');
  await at.page.keyboard.press('Control+k');
  await at.switcher.waitFor();
  await at.page.keyboard.type('Lunch');
  await at.page.keyboard.press('Enter');
  await at.page.waitForURL((url) => !url.pathname.endsWith(`/${other}`));
  await at.page.keyboard.press('Control+k');
  await at.switcher.waitFor();
  await at.page.keyboard.type('Zebra');
  for (let i = 0; i < 15; ++i) await at.page.keyboard.down('Enter');
  await at.page.keyboard.up('Enter');
  await at.page.waitForURL(`**/chat/${other}`);
  for (let i = 0; i < 5; ++i) await at.page.keyboard.down('Shift');
  await at.page.keyboard.up('Shift');
  await at.hasDraft('not yet');
  assert.deepEqual(await alice.messages(other), []);
});

test('a smiley at the end needs one Enter', async (t) => {
  const { at, texts } = await alone(t);
  for (const text of ['nice :D', 'so :-)', 'at 10:30', 'mail to a@b']) {
    await at.composer.focus();
    await at.page.keyboard.type(text);
    await at.page.keyboard.press('Enter');
    await eventually(async () => (await texts()).includes(text), `${text} is sent`);
    assert.equal(await at.composer.inputValue(), '');
  }
});

test('Escape closes the suggestions and keeps text and focus', async (t) => {
  const { at } = await alone(t);
  await at.composer.focus();
  await at.page.keyboard.type('hello :smi');
  await at.page.getByRole('listbox').waitFor();
  await at.page.keyboard.press('Escape');
  await at.page.getByRole('listbox').waitFor({ state: 'detached' });
  assert.equal(await at.composer.inputValue(), 'hello :smi');
  assert.ok(await at.composer.evaluate((box) => box === document.activeElement));
});

// A clipboard with these contents; whether the page has taken it for itself.
function paste(at, contents) {
  return at.composer.evaluate((box, { types, picture }) => {
    const clipboard = new DataTransfer();
    for (const [type, data] of Object.entries(types)) clipboard.setData(type, data);
    if (picture) clipboard.items.add(new File([Uint8Array.of(137, 80, 78, 71)], 'image.png', {
      type: 'image/png' }));
    box.focus();
    const event = new ClipboardEvent('paste', {
      clipboardData: clipboard, bubbles: true, cancelable: true });
    return !box.dispatchEvent(event);
  }, contents);
}

test('text wins over its picture; a picture alone is uploaded', async (t) => {
  const { at } = await alone(t);
  const of_word = { types: { 'text/plain': 'a cell', 'text/html': '<b>a cell</b>' }, picture: true };
  assert.equal(await paste(at, of_word), false);
  assert.equal(await at.uploads.count(), 0);
  assert.equal(await paste(at, { types: {}, picture: true }), true);
  await at.uploads.first().waitFor();
});

test('the arrow up edits from an empty box only', async (t) => {
  const { at, texts } = await alone(t);
  await at.send('to be edited');
  await eventually(async () => (await texts()).length === 1, 'it is sent');
  await at.composer.fill('half');
  await at.composer.press('ArrowUp');
  assert.equal(await at.editBox.count(), 0);
  await at.composer.fill('');
  await at.composer.press('ArrowUp');
  await at.editBox.waitFor();
  assert.equal(await at.editBox.inputValue(), 'to be edited');
});

test('an edit and a draft stay, whatever others write and wherever one goes', async (t) => {
  const { at, alice, bob, chat, texts } = await alone(t);
  const other = await alice.chat('PrivateChannel', 'Dinner', bob);
  await at.send('to be edited');
  await eventually(async () => (await texts()).length === 1, 'it is sent');
  await at.composer.press('ArrowUp');
  await at.editBox.waitFor();
  await at.editBox.fill('edited by half');
  await at.composer.fill('and a draft');
  for (let i = 0; i < 5; ++i) await bob.say(chat, `line ${i}`);
  await at.sees('line 4');
  assert.equal(await at.editBox.inputValue(), 'edited by half');
  await at.chooseChat(other);
  await at.chooseChat(chat);
  await at.hasDraft('and a draft');
  await eventually(async () => (await at.editBox.inputValue()) === 'edited by half', 'the edit');
});
