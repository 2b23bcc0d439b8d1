// The client against real servers: whatever happens on the way, the state after events is that by
// REST. FECHATTER_WEB_SEQUENCES and FECHATTER_WEB_SEED: how many, and the seed of the first one.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiUser } from "../../src/api/types";
import { TabClient } from "../../src/sync/client";
import { Browser, eventually, type Tab } from "./support/browser";
import { Person } from "./support/person";
import { Dice, RandomActions } from "./support/random_actions";
import { System, what_is_missing } from "./support/system";
import { by_events, by_rest, differences, names } from "./support/visible";

const missing = what_is_missing();
if (missing) process.stderr.write(`\nNOT TESTED against servers: ${missing}\n\n`);

const setting = (name: string, by_default: number): number =>
  Number(process.env[name] ?? by_default);
const first_seed = setting("FECHATTER_WEB_SEED", 1);
const sequences = setting("FECHATTER_WEB_SEQUENCES", 6);
const at_once = 3;

interface Device {
  readonly person: Person;
  readonly browser: Browser;
  readonly tabs: { tab: Tab; client: TabClient }[];
  offline: boolean;
}

describe.skipIf(missing !== null)("against the servers", () => {
  const system = new System();
  beforeAll(() => system.start(), 120_000);
  afterAll(() => system.stop(), 60_000);

  async function open_tab(device: Device): Promise<TabClient> {
    const tab = device.browser.tab();
    const client = new TabClient(tab.env);
    device.tabs.push({ tab, client });
    await client.start();
    return client;
  }

  async function new_device(person: Person): Promise<Device> {
    const browser = new Browser(system.server, system.notify);
    const device: Device = { person, browser, tabs: [], offline: false };
    browser.network = (input, init) =>
      device.offline ? Promise.reject(new TypeError("offline")) : fetch(input, init);
    const client = await open_tab(device);
    await client.actions.signIn(person.email, person.password);
    await eventually("the chats are read", () => client.core.state.chats_status === "ready");
    return device;
  }

  async function difference(device: Device, client: TabClient, marker: string): Promise<string> {
    const { state } = client.core;
    if (state.preferences?.custom_status !== marker) return "the last event has not come";
    if (state.wanted.size > 0) return "chats are wanted";
    if ([...state.chats.values()].some((chat) => chat.counts_stale)) return "counts are stale";
    const seen = by_events(state);
    const messages = new Map<number, Awaited<ReturnType<Person["messages"]>>>();
    const entries = await device.person.chats();
    for (const id of seen.with_messages) {
      if (entries.some((entry) => entry.id === id)) {
        messages.set(id, await device.person.messages(id));
      }
    }
    const rest = by_rest(entries, messages, await device.person.drafts());
    const users = await device.person.get<readonly ApiUser[]>("/api/users?limit=100");
    const lines = differences(seen.shown, rest).concat(differences(...names(state, users)));
    return lines.join("\n");
  }

  async function let_be(device: Device, dice: Dice): Promise<void> {
    const { client } = dice.of(device.tabs);
    const chats = [...client.core.state.chats.keys()];
    if (dice.chance(0.2) && chats.length > 0) client.actions.openChat(dice.of(chats));
    if (dice.chance(0.1) && chats.length > 0) {
      const chat = client.core.state.chats.get(dice.of(chats));
      if (chat) client.actions.markRead(chat.id, chat.last_seq);
    }
    if (dice.chance(0.1) && chats.length > 0) {
      const content = `from a page ${dice.below(1_000_000)}`;
      client.actions.send(dice.of(chats), { content });
    }
    if (dice.chance(0.05)) device.offline = !device.offline;
    if (dice.chance(0.03)) client.actions.wakeUp();
    if (dice.chance(0.04) && device.tabs.length < 4 && !device.offline) await open_tab(device);
    if (dice.chance(0.04) && device.tabs.length > 1) {
      const place = dice.below(device.tabs.length);
      device.tabs[place]?.tab.kill();
      device.tabs.splice(place, 1);
    }
  }

  async function run(seed: number): Promise<void> {
    const dice = new Dice(seed);
    const workspace = `w${seed}-${Date.now()}`;
    const people = [0, 1, 2, 3].map(() => new Person(system.server));
    for (const [i, person] of people.entries()) await person.sign_up(`user${i}`, workspace);
    const actions = new RandomActions(people, dice);
    await actions.make_first_chats();
    const devices = [await new_device(people[0] as Person), await new_device(people[1] as Person)];
    const log: string[] = [];
    for (let i = 0; i < 30 + dice.below(40); ++i) {
      log.push(await actions.act());
      for (const device of devices) await let_be(device, dice);
    }
    const marker = `at rest ${seed}`;
    for (const device of devices) {
      device.offline = false;
      for (const { client } of device.tabs) client.actions.wakeUp();
      const waiting = (): boolean =>
        device.tabs.some(({ client }) =>
          [...client.core.state.outbox.values()].flat().some((one) => one.status !== "failed"),
        );
      await eventually("all is sent", () => !waiting(), 20_000);
      await device.person.ask("PUT", "/api/users/preferences", { custom_status: marker });
    }
    for (const device of devices) {
      for (const { client } of device.tabs) {
        let last = "";
        const same = async (): Promise<boolean> => {
          last = await difference(device, client, marker);
          return last === "";
        };
        await eventually("the state is that by REST", same, 20_000).catch((error: unknown) => {
          const { cursor, connection } = client.core.state;
          const here = `${JSON.stringify(connection)} at ${cursor}, ${device.tabs.length} tabs`;
          const logs = `${system.log("server")}\n${system.log("notify")}`;
          throw new Error(
            `seed ${seed}: ${String(error)}\n${here}\n${last}\n${log.join("\n")}\n${logs}`,
          );
        });
      }
      const leaders = device.tabs.filter(({ client }) => client.core.state.connection.leader);
      expect(leaders).toHaveLength(1);
      for (const { client } of device.tabs) await client.stop();
    }
  }

  test("the state after events is the state by REST", { timeout: 240_000 }, async () => {
    let next = first_seed;
    const worker = async (): Promise<void> => {
      while (next < first_seed + sequences) await run(next++);
    };
    await Promise.all(Array.from({ length: at_once }, worker));
  });
});
