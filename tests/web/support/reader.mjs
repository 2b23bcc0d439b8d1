// What tests of reading begin with.

// Alice reads, Bob has written `count` messages of different lengths; the oldest one is first. She
// has seen them, or else her chat opens at the first unseen one.
export const reader_of = ({ play }) => async (t, count, seen = true) => {
  const { stage, sit, people } = play(t);
  const [alice, bob] = await people('Alice', 'Bob');
  const chat = await alice.chat('PrivateChannel', 'Lunch', bob);
  const written = [];
  for (let i = 0; i < count; ++i) {
    written.push(await bob.say(chat, `line ${i} ${'and so on '.repeat((i * 7) % 40)}`));
  }
  if (seen) await alice.post(`/api/chat/${chat}/read`, { seq: written.at(-1).seq });
  return { stage, sit, alice, bob, chat, written };
};

export const unread = async (person, chat) =>
  (await person.get('/api/chat')).find(({ id }) => id === chat).unread_count;
