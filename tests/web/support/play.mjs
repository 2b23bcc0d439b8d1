// What every test in a browser begins with: servers and a browser for the whole file, people at
// seats of their own for each test, and the promise that no page has complained.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Seat, launch } from './browser.mjs';
import { At } from './pages.mjs';
import { Stage } from './stage.mjs';

let workspaces = 0;

// For the top of a file: const { play } = stageTest();
export function stageTest(options = {}) {
  const shared = {};
  before(async () => {
    shared.browser = await launch(options.chromium);
    shared.stage = await Stage.start(options.stage);
    options.front?.putBefore(shared.stage);
  });
  after(async () => {
    await shared.browser?.close();
    await shared.stage?.stop();
    options.front?.close();
  });

  // For the top of a test: `t` is its context.
  function play(t) {
    const seats = [];
    t.after(async () => {
      const complaints = seats.flatMap((seat) => seat.complaints);
      if (!t.passed && options.pictures !== false) await picturesOf(t, seats);
      for (const seat of seats) await seat.close();
      assert.deepEqual(complaints, [], 'no page complains on its console');
    });
    // Without the service worker: the routes of a test do not see what passes one.
    async function seat(more = {}) {
      const opened = await Seat.open(shared.browser, { serviceWorkers: 'block', ...more });
      seats.push(opened);
      return opened;
    }
    // A person before a browser of its own, signed in.
    async function sit(person, more = {}) {
      const at = await At.open(await seat(more), shared.stage);
      if (person) await at.signIn(person);
      return at;
    }
    // The same before a browser that keeps its stores in `folder`.
    async function sitAt(folder, person, more = {}) {
      const opened = await Seat.at(folder, more);
      seats.push(opened);
      const at = await At.open(opened, shared.stage);
      if (person) await at.signIn(person);
      return at;
    }
    // New accounts, in a workspace of this test alone.
    function people(...names) {
      const workspace = `w${++workspaces}`;
      return names.reduce(async (made, name) => [
        ...(await made), await shared.stage.person(name, workspace)], Promise.resolve([]));
    }
    return { stage: shared.stage, browser: shared.browser, seat, sit, sitAt, people };
  }
  return { play };
}

async function picturesOf(t, seats) {
  let number = 0;
  for (const seat of seats) {
    for (const page of seat.context.pages()) {
      const name = `failed-${t.name.replace(/[^a-z0-9]+/gi, '-')}-${++number}`;
      await page.screenshot({ path: `${process.env.WEB_OUT}/pictures/${name}.png` })
        .catch(() => {});
    }
  }
}
