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

// Messages of both, by turns, as if they had been sent; each person has read them all.
async function write(stage, [alice, bob], chat, count) {
  await stage.query(`
    INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, created_at)
      SELECT c.workspace_id, c.id, CASE WHEN i / 4 % 2 = 0 THEN ${alice.id} ELSE ${bob.id} END, i,
             'message ' || i || ' ' || repeat('some words ', i % 17),
             now() - (${count} - i) * interval '30 s'
      FROM chats c, generate_series(1, ${count}) i WHERE c.id = ${chat};
    UPDATE chats SET last_seq = ${count}, shown_seq = ${count}, last_activity_at = now()
      WHERE id = ${chat}`);
  await alice.post(`/api/chat/${chat}/read`, { seq: count });
}

// `total` messages in one large chat, and a few in each of the others.
async function populate(stage) {
  const both = [await stage.person('Alice'), await stage.person('Bob')];
  const [alice, bob] = both;
  const large = await alice.chat('PrivateChannel', 'Large', bob);
  await write(stage, both, large, total);
  const others = [];
  for (let i = 0; i < chats_count - 1; ++i) {
    others.push(await alice.chat('PrivateChannel', `Chat ${i}`, bob));
    await write(stage, both, others.at(-1), 40);
  }
  for (const table of ['messages', 'chats', 'chat_members']) await stage.query(`ANALYZE ${table}`);
  return { alice, bob, large, others };
}

const largest_paint = (page) => page.evaluate(() => new Promise((take) => {
  new PerformanceObserver((list) => take(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true });
  setTimeout(() => take(Number.NaN), 3000);
}));

// What the browser has kept of the account's state, but not its session: from a page of the server
// that runs nothing of the client.
async function forgetState(page, stage) {
  await page.goto(`${stage.url}/client-config.json`);
  await page.evaluate(async () => {
    const gone = (name) => new Promise((take, refuse) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = take;
      request.onerror = refuse;
    });
    const names = (await indexedDB.databases()).map(({ name }) => name);
    await Promise.all(names.filter((name) => name.startsWith('fechatter-')).map(gone));
  });
  const cdp = await page.context().newCDPSession(page);
  const storageTypes = 'cache_storage,service_workers';
  await cdp.send('Storage.clearDataForOrigin', { origin: stage.url, storageTypes });
  await cdp.send('Network.clearBrowserCache');
}

async function measureStarts(browser, stage, people) {
  const path = `/chat/${people.others[0]}`;
  const has_worker = (await fetch(`${stage.url}/sw.js`)).ok;
  const [cold_sign_in, cold, warm] = [[], [], []];
  for (let i = 0; i < runs; ++i) {
    const seat = await Seat.open(browser);
    const at = await At.open(seat, stage);
    await at.go('/');
    await at.isOut();
    cold_sign_in.push(await largest_paint(at.page));
    await at.signIn(people.alice, path);
    await at.rows().first().waitFor();
    await eventually(() => at.storedTexts('message '), 'the chat is stored');
    if (has_worker) await at.isInstalled();
    await at.page.close();
    const again = await seat.page();
    await again.goto(stage.url + path);
    await again.locator('[data-message]').first().waitFor();
    warm.push(await again.evaluate(() => performance.now()));
    await forgetState(again, stage);
    await again.goto(stage.url + path);
    await again.locator('[data-message]').first().waitFor();
    cold.push(await largest_paint(again));
    await seat.close();
  }
  note('cold: largest paint of signing in', median(cold_sign_in), 600, 'ms');
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
      const left = document.querySelector('[data-message]');
      document.querySelector(`[data-region=chats] a[href="${path}"]`).click();
      const look = () => {
        if (!left.isConnected && document.querySelector('[data-message]')) setTimeout(() => take(performance.now() - begun));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }), `/chat/${chat}`));
  }
  note('switching to a chat that is kept, p95', p95(took), 50, 'ms');
}

// In the page: of each key from now on, how long the page works on it, and when it is painted.
function record_keys() {
  globalThis.worked = [];
  globalThis.painted = [];
  let begun = 0;
  const into = (list) => () => list.push(performance.now() - begun);
  document.addEventListener('keydown', () => {
    begun = performance.now();
    requestAnimationFrame(() => setTimeout(into(globalThis.painted)));
  }, { capture: true });
  // Behind what the page does at once; a timer would come after the next frame.
  document.addEventListener('input', () => queueMicrotask(into(globalThis.worked)));
}

async function measureTyping(at) {
  const { page } = at;
  await at.composer.focus();
  await page.evaluate(record_keys);
  await page.keyboard.type('the quick brown fox jumps over the lazy dog again', { delay: 60 });
  const [worked, painted] = await page.evaluate(() => [globalThis.worked, globalThis.painted]);
  note('typing: work for a key, p95', p95(worked), 16, 'ms');
  note('typing: a key until it is painted, p95', p95(painted), 16 + 17, 'ms'); // and the next frame
  await at.composer.fill('');
}

// From the middle, through what is not measured yet.
async function measureScrolling(at) {
  await at.timeline.evaluate((list) => { list.scrollTop = list.scrollHeight / 2; });
  await at.rests();
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

async function heapAfter(at, chats, from, to) {
  for (let i = from; i < to; ++i) await at.chooseChat(chats[i % chats.length]);
  return heapOf(at);
}

async function loadHistory(at, wanted) {
  let loaded = 0;
  at.page.on('response', (response) => {
    if (/\/messages\?.*before=/.test(response.url())) loaded += 50;
  });
  for (let before = -1; loaded < wanted && loaded > before;) {
    before = loaded;
    await at.timeline.evaluate((list) => { list.scrollTop = 0; });
    await eventually(() => loaded > before, 'older messages come', 5000).catch(() => {});
  }
  return loaded;
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
  const loaded = await loadHistory(at, total);
  process.stdout.write(`${loaded} messages of one chat are loaded\n`);
  note('heap with all messages loaded', await heapOf(at), 120, 'MB');
  await measureScrolling(at);
  await measureTyping(at);
  const first = await heapAfter(at, people.others, 0, 50);
  const last = await heapAfter(at, people.others, 50, 500);
  note('heap after 500 switches', last, 120, 'MB');
  note('heap: what 450 of these add', Math.max(0, last - first), 15, 'MB');
  process.stdout.write(`${JSON.stringify({ bench: 'web', messages: total, figures })}\n`);
} finally {
  await browser.close();
  await stage.stop();
}
