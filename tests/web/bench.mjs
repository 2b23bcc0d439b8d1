// How fast the web client is, in Debian's Chromium before real servers of a release build:
// ./dev bench web [messages]. Prints a table with the budgets, and a line of JSON. Each figure is
// that of its worst percentile or the median of five runs; the machine should be quiet.
import process from 'node:process';
import { Seat, launch } from './support/browser.mjs';
import { At, eventually } from './support/pages.mjs';
import { Stage } from './support/stage.mjs';

const total = Number(process.argv[2] ?? 50_000);
const chats_count = 200;
const runs = 5;
const figures = [];

const sorted = (values) => [...values].sort((left, right) => left - right);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];
const p95 = (values) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * 0.95))];

function note(name, value, budget, unit) {
  figures.push({ name, value: Math.round(value * 10) / 10, budget, unit });
  const verdict = value <= budget ? '' : '  above the budget';
  process.stdout.write(
    `${name.padEnd(48)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(6)} of ${budget}${verdict}\n`);
}

// `messages` in one large chat, and a few in each of the others.
async function populate(stage) {
  const [alice, bob] = [await stage.person('Alice'), await stage.person('Bob')];
  const large = await alice.chat('PrivateChannel', 'Large', bob);
  const others = [];
  for (let i = 0; i < chats_count - 1; ++i) {
    others.push(await alice.chat('PrivateChannel', `Chat ${i}`, bob));
  }
  let next = 0;
  const in_large = Math.max(0, total - others.length * 40);
  async function write() {
    while (next < total) {
      const i = next++;
      const chat = i < in_large ? large : others[i % others.length];
      await bob.say(chat, `message ${i} ${'some words '.repeat(i % 17)}`);
    }
  }
  await Promise.all(Array.from({ length: 32 }, write));
  await alice.request('POST', `/api/chat/${large}/read`, { seq: in_large }).catch(() => {});
  return { alice, bob, large, others };
}

const largest_paint = (page) => page.evaluate(() => new Promise((take) => {
  new PerformanceObserver((list) => take(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true });
  setTimeout(() => take(Number.NaN), 3000);
}));

// From now until the page has painted what is true then.
const since = async (page, act, is_so) => {
  await page.evaluate(() => { globalThis.begun = performance.now(); });
  await act();
  await is_so();
  return page.evaluate(() => new Promise((take) => requestAnimationFrame(() =>
    setTimeout(() => take(performance.now() - globalThis.begun)))));
};

async function measureStarts(browser, stage, people) {
  const [cold_sign_in, cold, warm] = [[], [], []];
  for (let i = 0; i < runs; ++i) {
    const seat = await Seat.open(browser);
    const at = await At.open(seat, stage);
    await at.go('/');
    await at.isOut();
    cold_sign_in.push(await largest_paint(at.page));
    await at.signIn(people.alice, `/chat/${people.others[0]}`);
    await at.rows().first().waitFor();
    await at.isInstalled().catch(() => {});
    const again = await seat.page();
    await again.goto(`${stage.url}/chat/${people.others[0]}`);
    await again.locator('[data-message]').first().waitFor();
    warm.push(await again.evaluate(() => performance.now()));
    // Nothing of the client is kept, but the session is.
    const cdp = await seat.context.newCDPSession(again);
    await cdp.send('Storage.clearDataForOrigin', { origin: stage.url,
      storageTypes: 'indexeddb,cache_storage,service_workers' });
    await cdp.send('Network.clearBrowserCache');
    await again.goto(`${stage.url}/chat/${people.others[0]}`);
    await again.locator('[data-message]').first().waitFor();
    cold.push(await largest_paint(again));
    await seat.close();
  }
  note('cold: largest paint of signing in', median(cold_sign_in), 1000, 'ms');
  note('cold: largest paint of a chat', median(cold), 1000, 'ms');
  note('warm: newest messages of a chat', median(warm), 500, 'ms');
}

async function measureSwitches(at, people) {
  const { page } = at;
  const some = people.others.slice(0, 10);
  for (const chat of some) await at.chooseChat(chat);
  const took = [];
  for (let i = 0; i < 60; ++i) {
    const chat = some[i % some.length];
    took.push(await page.evaluate((path) => new Promise((take) => {
      const begun = performance.now();
      document.querySelector(`[data-region=chats] a[href="${path}"]`).click();
      const look = () => {
        const shown = location.pathname === path && document.querySelector('[data-message]');
        if (shown) setTimeout(() => take(performance.now() - begun));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }), `/chat/${chat}`));
  }
  note('switching to a chat that is kept, p95', p95(took), 50, 'ms');
}

async function measureTyping(at) {
  const { page } = at;
  await at.composer.focus();
  await page.evaluate(() => {
    globalThis.typed = [];
    document.addEventListener('keydown', () => {
      const begun = performance.now();
      requestAnimationFrame(() => setTimeout(() => {
        globalThis.typed.push(performance.now() - begun);
      }));
    }, { capture: true });
  });
  await page.keyboard.type('the quick brown fox jumps over the lazy dog again', { delay: 30 });
  note('a key until it is painted, p95', p95(await page.evaluate(() => globalThis.typed)), 16 + 17,
    'ms'); // with the wait for the next frame
}

async function measureScrolling(at) {
  await at.timeline.evaluate((list) => new Promise((take) => {
    const frames = [];
    let before = performance.now();
    const step = (now) => {
      frames.push(now - before);
      before = now;
      list.scrollTop -= 120;
      if (frames.length < 300) requestAnimationFrame(step);
      else take(frames.slice(1));
    };
    requestAnimationFrame(step);
  })).then((frames) => {
    const slow = frames.filter((frame) => frame > 20).length;
    note('scrolling: frames above 20 ms', (100 * slow) / frames.length, 3, '%');
    note('scrolling: the longest frame', Math.max(...frames), 50, 'ms');
  });
}

async function heapOf(at) {
  const cdp = await at.seat.context.newCDPSession(at.page);
  await cdp.send('Performance.enable');
  for (let i = 0; i < 3; ++i) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1e6;
}

async function loadHistory(at, wanted) {
  await at.timeline.hover();
  let loaded = 0;
  at.page.on('response', (response) => {
    if (/\/messages\?/.test(response.url())) loaded += 50;
  });
  while (loaded < wanted) {
    const before = loaded;
    await at.timeline.evaluate((list) => { list.scrollTop = 0; });
    await eventually(() => loaded > before || loaded >= wanted, 'older messages come').catch(() => {});
    if (loaded === before) break;
  }
}

const stage = await Stage.start();
const browser = await launch(['--enable-precise-memory-info']);
try {
  const people = await populate(stage);
  await measureStarts(browser, stage, people);
  const at = await At.open(await Seat.open(browser), stage);
  await at.signIn(people.alice, `/chat/${people.others[0]}`);
  note('heap after the start', await heapOf(at), 40, 'MB');
  await measureSwitches(at, people);
  await at.chooseChat(people.large);
  await loadHistory(at, total);
  note('heap with all messages loaded', await heapOf(at), 120, 'MB');
  await measureScrolling(at);
  await measureTyping(at);
  for (let i = 0; i < 500; ++i) await at.chooseChat(people.others[i % people.others.length]);
  note('heap after 500 switches', await heapOf(at), 120, 'MB');
  process.stdout.write(`${JSON.stringify({ bench: 'web', messages: total, figures })}\n`);
} finally {
  await browser.close();
  await stage.stop();
}
