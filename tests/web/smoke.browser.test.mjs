// The shortest way through the product: two people sign in, one writes, the other one sees it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();

test('two people sign in and talk', async (t) => {
  const { sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);

  const atAlice = await sit(alice, { serviceWorkers: 'allow' });
  const atBob = await sit(bob, { serviceWorkers: 'allow' });
  await atAlice.openChat(chat);
  await atBob.openChat(chat);
  await atAlice.send('Hello Bob, are you hungry?');
  await atBob.sees('Hello Bob, are you hungry?');
  await atBob.send('Always.');
  await atAlice.sees('Always.');
  await atAlice.picture('smoke');

  const stored = (await alice.messages(chat)).map((message) => message.content);
  assert.deepEqual(stored.sort(), ['Always.', 'Hello Bob, are you hungry?']);
});
