// A workspace in which something of everything has happened: for tests of all pages.
import { png_of } from './picture_file.mjs';

const kinds = ['Group', 'PrivateChannel'];

// `played` is what play() returns.
export async function lively(played) {
  const { people } = played;
  const [alice, bob, carol] = await people('Alice', 'Bob', 'Carol');
  const chats = [];
  for (const kind of kinds) chats.push(await alice.chat(kind, `The ${kind}`, bob, carol));
  chats.push(await alice.chat('PublicChannel', 'The PublicChannel')); // it begins with one member
  await alice.post(`/api/chat/${chats.at(-1)}/members`, [bob.id, carol.id]);
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
  const picture = await bob.upload('a-grey-picture.png', png_of(640, 480));
  await bob.say(chat, 'a picture', { files: [picture] });
  const edited = await alice.say(chat, 'not yet right');
  await alice.request('PATCH', `/api/chat/${chat}/messages/${edited.id}`, { content: 'now right' });
  return { ...played, alice, bob, carol, chat, chats, root };
}
