// The client behind the gateway of deploy/gateway: one origin, TLS, HTTP/2.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Gateway, gateway_name } from './support/gateway.mjs';
import { At, eventually } from './support/pages.mjs';
import { stageTest } from './support/play.mjs';

const trusting = { FECHATTER_HTTP__TRUSTED_PROXIES: '127.0.0.1' };
const { play } = stageTest({
  chromium: [`--host-resolver-rules=MAP ${gateway_name} 127.0.0.1`],
  stage: { server: { ...trusting, FECHATTER_EVENTS__ORIGIN: '' }, notify: trusting },
});

const shared = {};
after(() => shared.gateway?.stop());

// Alice before a browser that knows the gateway alone; Bob asks the server by himself.
async function outside(t) {
  const { stage, seat, people } = play(t);
  shared.gateway ??= await Gateway.before(stage);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);
  const door = Object.assign(Object.create(stage), { url: shared.gateway.origin });
  const at = await At.open(await seat({ ignoreHTTPSErrors: true }), door);
  await at.signIn(alice);
  await at.openChat(chat);
  return { at, bob, chat };
}

test('ten tabs behind the gateway have one stream and are all live', async (t) => {
  const { at, bob, chat } = await outside(t);
  const tabs = [at];
  while (tabs.length < 10) {
    const tab = await at.anotherTab(`/chat/${chat}`);
    await tab.composer.waitFor();
    tabs.push(tab);
  }
  await bob.say(chat, 'to all ten');
  for (const tab of tabs) await tab.sees('to all ten');
  for (const tab of tabs) assert.equal(await tab.rows('to all ten').count(), 1);
  assert.equal(at.seat.openStreams(), 1);
  const protocol = await at.page.evaluate(() =>
    performance.getEntriesByType('navigation')[0].nextHopProtocol);
  assert.equal(protocol, 'h2');

  // The one that reads the stream is closed: another one does, and nothing is lost.
  const writing = bob.say(chat, 'during the change');
  await tabs.shift().page.close();
  await writing;
  await bob.say(chat, 'after the change');
  for (const text of ['during the change', 'after the change']) {
    for (const tab of tabs) {
      await eventually(async () => (await tab.rows(text).count()) === 1, `${text} in each tab`);
    }
  }
  await eventually(() => at.seat.openStreams() === 1, 'one stream again');
});

test('what a person does behind the gateway comes to others, files too', async (t) => {
  const { at, bob, chat } = await outside(t);
  await at.send('by way of nginx');
  await eventually(async () => (await at.pending.count()) === 0, 'it is sent');
  await at.attach({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
  await eventually(async () => (await at.uploads.count()) === 1, 'it is shown');
  await at.send('with a file');
  const sent = async () => (await bob.messages(chat)).map(({ content, files }) => [content, files.length]);
  await eventually(async () => (await sent()).length === 2, 'both have come');
  assert.deepEqual(await sent(), [['with a file', 1], ['by way of nginx', 0]]);
  await at.page.reload();
  await at.sees('with a file');
});
