// Which events a tab takes from the one that leads.
import { describe, expect, test } from "vitest";
import type { SyncEvent } from "../../src/sync/events";
import { Tabs } from "../../src/sync/tabs";
import { Browser, eventually } from "./support/browser";

function event(id: string): SyncEvent {
  return { name: "PreferencesUpdated", id, data: {} } as unknown as SyncEvent;
}

// A tab, with the position of its state and what it took.
class Page {
  cursor: string | null = null;
  taken: string[] = [];
  readonly tabs: Tabs;

  constructor(browser: Browser, cursor: string | null) {
    this.cursor = cursor;
    this.tabs = new Tabs(browser.tab().env, "1", {
      cursor: () => this.cursor,
      lead: () => undefined,
      events: (events) => this.#take(events),
      phase: () => undefined,
      joined: () => undefined,
      note: () => undefined,
    });
  }

  #take(events: readonly SyncEvent[]): void {
    for (const { id, name } of events) {
      if (id === null) continue;
      if (name !== "Moved") this.taken.push(name === "Reset" ? `Reset ${id}` : id);
      this.cursor = id;
    }
  }
}

async function leader(browser: Browser, cursor: string | null): Promise<Page> {
  const page = new Page(browser, cursor);
  page.tabs.start();
  await eventually("it leads", () => page.tabs.leads);
  return page;
}

const words_have_come = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a tab that follows", () => {
  test("takes nothing before it has what the browser kept, and then all that follows it", async () => {
    const browser = new Browser("", "");
    const first = await leader(browser, "1-1");
    const second = new Page(browser, null);
    first.tabs.hand_on([event("1-2")]);
    await words_have_come();
    first.tabs.hand_on([event("1-3")]);
    await words_have_come();
    second.cursor = "1-1"; // as it was kept
    first.tabs.hand_on([event("1-4")]);
    await words_have_come();
    expect(second.taken).toEqual([]);
    second.tabs.start();
    await words_have_come();
    first.tabs.hand_on([event("1-5")]);
    await words_have_come();
    expect(second.taken).toEqual(["1-2", "1-3", "1-4", "1-5"]);
  });

  test("reads all again after a leader that began without a position", async () => {
    const browser = new Browser("", "");
    const first = await leader(browser, null);
    const second = new Page(browser, "1-3");
    second.tabs.start();
    await words_have_come();
    first.tabs.hand_on([event("1-9")]);
    await words_have_come();
    expect(second.taken).toEqual(["Reset 1-9"]);
    first.tabs.hand_on([event("1-10")]);
    await words_have_come();
    expect(second.taken).toEqual(["Reset 1-9", "1-10"]);
  });
});
