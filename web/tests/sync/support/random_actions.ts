// What people do, at random but by a seed.
import type { Person } from "./person";

// mulberry32: small, and the same everywhere.
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
}

const emojis = ["👍", "🎉", "😀"];

export class RandomActions {
  readonly #people: readonly Person[];
  readonly #dice: Dice;
  readonly #chats: number[] = [];
  readonly #messages: { chat: number; message: number }[] = [];
  #number = 0;

  constructor(people: readonly Person[], dice: Dice) {
    this.#people = people;
    this.#dice = dice;
  }

  get chats(): readonly number[] {
    return this.#chats;
  }

  async make_first_chats(): Promise<void> {
    await this.#make("Single", [1]);
    await this.#make("Group", [1, 2]);
    await this.#make("PrivateChannel", [1, 2, 3]);
    await this.#make("PublicChannel", []);
  }

  async #make(chat_type: string, members: readonly number[]): Promise<void> {
    const body = {
      name: `${chat_type} ${++this.#number}`,
      chat_type,
      members: members.map((place) => (this.#people[place] as Person).id),
    };
    const reply = await (this.#people[0] as Person).ask("POST", "/api/chat", body);
    this.#chats.push((reply.body as { id: number }).id);
  }

  // Returns what was done, for a person that reads a failure.
  async act(): Promise<string> {
    const dice = this.#dice;
    const who = dice.of(this.#people);
    const newest = this.#messages.length === 0 ? undefined : dice.of(this.#messages.slice(-5));
    const chat = newest && dice.chance(0.7) ? newest.chat : dice.of(this.#chats);
    const [method, path, body] = this.#action(chat, newest?.message ?? 0);
    const reply = await who.ask(method, path, body);
    if (reply.status === 201 && method === "POST" && path.endsWith("/messages")) {
      this.#messages.push({ chat, message: (reply.body as { id: number }).id });
    }
    return `${who.id}: ${method} ${path} ${JSON.stringify(body ?? null)} ${reply.status}`;
  }

  #action(chat: number, message: number): readonly [string, string, unknown?] {
    const dice = this.#dice;
    const on_chat = `/api/chat/${chat}`;
    const on_message = `${on_chat}/messages/${message}`;
    const n = ++this.#number;
    const emoji = encodeURIComponent(dice.of(emojis));
    const other = dice.of(this.#people).id;
    const roll = dice.below(100);
    if (roll < 28) return ["POST", `${on_chat}/messages`, { content: `message ${n}` }];
    if (roll < 34) {
      const content = `${dice.of(["@all", "@user0", "@user1"])} message ${n}`;
      return ["POST", `${on_chat}/messages`, { content }];
    }
    if (roll < 41) {
      const reply = { content: `reply ${n}`, reply_to: message, also_to_chat: dice.chance(0.5) };
      return ["POST", `${on_chat}/messages`, reply];
    }
    if (roll < 48) return ["PATCH", on_message, { content: `@user1 edit ${n}` }];
    if (roll < 54) return ["DELETE", on_message];
    if (roll < 62) return ["PUT", `${on_message}/reactions/${emoji}`];
    if (roll < 66) return ["DELETE", `${on_message}/reactions/${emoji}`];
    if (roll < 69) return ["PUT", `${on_chat}/pins/${message}`];
    if (roll < 71) return ["DELETE", `${on_chat}/pins/${message}`];
    if (roll < 78) return ["POST", `${on_chat}/read`, { message_id: message }];
    if (roll < 81) return ["POST", `${on_chat}/unread`, { message_id: message }];
    if (roll < 84) return ["PATCH", on_chat, { name: `chat ${n}` }];
    if (roll < 86) return ["PUT", `${on_chat}/settings`, { topic: `topic ${n}` }];
    if (roll < 87) return ["POST", `${on_chat}/archive`];
    if (roll < 89) return ["POST", `${on_chat}/unarchive`];
    if (roll < 92) return ["POST", `${on_chat}/members`, [other]];
    if (roll < 94) return ["DELETE", `${on_chat}/members`, [other]];
    if (roll < 95) return ["POST", `${on_chat}/leave`];
    if (roll < 97) return ["POST", `${on_chat}/join`];
    if (roll < 98) {
      const muted_until = dice.chance(0.5) ? "2100-01-01T00:00:00Z" : null;
      return ["PUT", `${on_chat}/preferences`, { muted_until }];
    }
    if (roll < 99) return ["PATCH", "/api/users/profile", { fullname: `person ${n}` }];
    return chat === this.#chats[0] ? ["GET", on_chat] : ["DELETE", on_chat];
  }
}
