// Whatever the order in which replayed events, live events and answers of REST arrive, and however
// often, the state at rest is the one that REST shows. FECHATTER_SEED repeats a failure;
// FECHATTER_RUNS says how many sequences each test tries.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../src/sync/change";
import { Core, type Asked } from "../../src/sync/core";
import type { SyncEvent } from "../../src/sync/events";
import { install_chats } from "../../src/sync/reduce/rest";
import { install_page, type Page } from "../../src/sync/reduce/windows";
import { empty_state } from "../../src/sync/state";
import { by_events, by_rest, differences } from "./support/visible";
import { own, own_user, others, World, type Action } from "./support/world";

const limit = 5;

type Step =
  | { readonly do: "act"; readonly action: Action }
  // The next events come, at most so many; `again`: some of before once more.
  | { readonly do: "deliver"; readonly count: number; readonly again: number }
  // One of before alone, as when an answer overtakes it.
  | { readonly do: "repeat"; readonly which: number }
  | { readonly do: "reconnect" } // what comes now is replayed: superseded events are left out
  | { readonly do: "ask_list" }
  | { readonly do: "ask_page"; readonly chat: number; readonly older: boolean }
  | { readonly do: "serve"; readonly which: number } // the server reads
  | { readonly do: "answer"; readonly which: number } // what was read arrives
  | { readonly do: "lose"; readonly which: number };

// These come in order, but what they change has no version.
const unversioned: ReadonlySet<string> = new Set(["PreferencesUpdated", "UserUpdated"]);

interface Request {
  readonly asked: Asked;
  readonly serve: () => () => void;
  arrive: (() => void) | null;
}

class Client {
  readonly world = new World();
  readonly core = new Core(() => 0, {
    ...empty_state(),
    session: {
      ...{ status: "signed_in", user: own_user, verified: true },
      workspace: { id: 1, name: "w", owner_id: own, created_at: "2026-03-01T08:00:00Z" },
    },
    cursor: "1-0",
  });
  #requests: Request[] = [];
  #delivered = 0; // of the log
  #replay_to = 0;

  step(step: Step): void {
    if (step.do === "act") this.world.act(step.action);
    else if (step.do === "deliver") this.#deliver(step.count, step.again);
    else if (step.do === "repeat") this.#repeat(step.which);
    else if (step.do === "reconnect") this.#replay_to = this.world.log.length;
    else if (step.do === "ask_list") this.#ask_list();
    else if (step.do === "ask_page") this.#ask_page(step.chat, step.older);
    else this.#move(step.do, step.which);
  }

  #deliver(count: number, again: number): void {
    const from = Math.max(0, this.#delivered - again);
    const to = Math.min(this.world.log.length, this.#delivered + count);
    const events: SyncEvent[] = [];
    for (let i = from; i < to; ++i) {
      const entry = this.world.log[i];
      if (entry && !(i < this.#replay_to && entry.superseded())) events.push(entry.event);
    }
    this.#delivered = to;
    this.core.apply(events);
  }

  #repeat(which: number): void {
    const entry = this.world.log[which % Math.max(1, this.#delivered)];
    // Its position is behind the cursor: the tabs leave such out, REST's answers do not.
    const cursor = this.core.state.cursor;
    if (!entry || this.#delivered === 0 || unversioned.has(entry.event.name)) return;
    this.core.apply([{ ...entry.event, id: cursor }]);
  }

  #ask_list(): void {
    const tick = this.core.state.tick;
    const asked = this.core.ask();
    this.#requests.push({
      asked,
      arrive: null,
      serve: () => {
        const list = structuredClone(this.world.list());
        return () =>
          void this.core.answer(asked, (change) => install_chats(change, list, true, tick));
      },
    });
  }

  #ask_page(chat: number, older: boolean): void {
    const asked = this.core.ask();
    const window = this.core.state.windows.get(chat);
    const anchor = older ? (window?.rows[0]?.id ?? null) : null;
    const side = anchor === null ? "end" : "before";
    this.#requests.push({
      asked,
      arrive: null,
      serve: () => {
        const messages = structuredClone(this.world.page(chat, limit, anchor));
        if (!messages) return () => this.core.abandon(asked);
        const page: Page = { side, anchor, messages, limit, cut: false };
        const install = (change: Change): void => void install_page(change, chat, page);
        return () => void this.core.answer(asked, install);
      },
    });
  }

  #move(how: "serve" | "answer" | "lose", which: number): void {
    if (this.#requests.length === 0) return;
    const place = which % this.#requests.length;
    const request = this.#requests[place] as Request;
    if (how === "serve") {
      request.arrive ??= request.serve();
      return;
    }
    this.#requests.splice(place, 1);
    if (how === "lose") return this.core.abandon(request.asked);
    const arrive = request.arrive ?? request.serve();
    arrive?.();
  }

  // Everything arrives, and what was marked is read again, as Loads does.
  rest(): void {
    while (this.#requests.length > 0) this.#move("answer", 0);
    this.#deliver(this.world.log.length, 0);
    const { state } = this.core;
    const marked = [...state.chats.values()].some((chat) => chat.counts_stale);
    if (state.chats_status === "ready" && !marked && state.wanted.size === 0) return;
    this.#ask_list();
    this.#move("answer", 0);
  }

  // The versions of all that is held, by name.
  versions(): ReadonlyMap<string, number> {
    const { chats, windows } = this.core.state;
    const held = new Map<string, number>();
    for (const chat of chats.values()) {
      held.set(`chat ${chat.id}`, chat.version).set(`read ${chat.id}`, chat.read_version);
    }
    for (const { rows } of windows.values()) {
      for (const row of rows) held.set(`message ${row.id}`, row.version);
    }
    return held;
  }

  // Messages that a window leaves out although it has older and newer ones.
  gaps(): readonly number[] {
    return [...this.core.state.windows.values()].flatMap(({ chat_id, rows }) => {
      const [first, last] = [rows[0]?.seq ?? 0, rows.at(-1)?.seq ?? 0];
      const held = new Set(rows.map((row) => row.seq));
      const all = this.world.chats.get(chat_id)?.messages ?? [];
      return all
        .filter((one) => one.also_to_chat && one.seq > first && one.seq < last)
        .map((one) => one.seq)
        .filter((seq) => !held.has(seq));
    });
  }

  differences(): readonly string[] {
    const { shown, with_messages } = by_events(this.core.state);
    const rows = new Map(
      with_messages.map((id) => {
        const held = this.core.state.windows.get(id)?.rows.length ?? 0;
        return [id, this.world.page(id, Math.max(held, 0), null) ?? []] as const;
      }),
    );
    return differences(shown, by_rest(this.world.list(), rows, []));
  }
}

const chat = fc.integer({ min: 1, max: 2 });
const at = fc.nat({ max: 20 });
const by = fc.constantFrom(own, ...others);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("send"), chat, by, thread: fc.boolean() }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constantFrom("edit", "delete", "pin", "read", "unread", "react"),
      ...{ chat, at, by, on: fc.boolean() },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("rename", "leave", "join", "mute"), chat }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("person"), by }) },
) as fc.Arbitrary<Action>;
const which = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("act"), action }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ do: fc.constant("deliver"), count: fc.nat({ max: 4 }), again: fc.nat({ max: 3 }) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat"), which: fc.nat({ max: 50 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ask_list") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask_page"), chat, older: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("serve", "answer"), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose"), which }) },
) as fc.Arbitrary<Step>;

const steps_of = (minLength: number, maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(step, { minLength, maxLength, size: "max" });

const seed = Number(process.env["FECHATTER_SEED"] ?? 20261129);
const runs = Number(process.env["FECHATTER_RUNS"] ?? 200);

describe("the reducer", () => {
  test("any interleaving of events and answers leads to the state by REST", () => {
    fc.assert(
      fc.property(steps_of(20, 100), (steps) => {
        const client = new Client();
        for (const one of steps) client.step(one);
        client.rest();
        expect(client.differences()).toEqual([]);
      }),
      { seed, numRuns: runs },
    );
  });

  test("nothing that is held ever goes back to an older version", () => {
    fc.assert(
      fc.property(steps_of(20, 100), (steps) => {
        const client = new Client();
        let before = client.versions();
        // A list that was read before an event was applied is brought up to it in the same step.
        for (const one of steps) {
          client.step(one);
          const now = client.versions();
          for (const [name, version] of before) {
            expect(now.get(name) ?? version, name).toBeGreaterThanOrEqual(version);
          }
          before = now;
        }
      }),
      { seed, numRuns: runs },
    );
  });

  test("a window has no gap while the stream stands", () => {
    const standing = (step: Step): boolean => step.do !== "reconnect";
    fc.assert(
      fc.property(steps_of(20, 100), (steps) => {
        const client = new Client();
        for (const one of steps.filter(standing)) {
          client.step(one);
          expect(client.gaps()).toEqual([]);
        }
      }),
      { seed, numRuns: runs },
    );
  });

  test("what a user was removed from is gone, whichever answer comes late", () => {
    fc.assert(
      fc.property(steps_of(10, 60), (steps) => {
        const client = new Client();
        for (const one of steps) client.step(one);
        client.world.act({ kind: "leave", chat: 1 });
        client.rest();
        const { chats, windows, lists, threads } = client.core.state;
        expect(chats.has(1)).toBe(false);
        expect(windows.has(1)).toBe(false);
        const held = [...lists.values()].flatMap((list) => list.rows);
        expect(held.filter((row) => row.chat_id === 1)).toEqual([]);
        expect([...threads.values()].filter((thread) => thread.chat_id === 1)).toEqual([]);
      }),
      { seed, numRuns: runs },
    );
  });
});
