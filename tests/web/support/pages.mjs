// The pages of the client as a person sees them: whatever depends on their words and shapes is here.
import assert from 'node:assert/strict';
import process from 'node:process';
import { axe_source, patience } from './browser.mjs';
import { password } from './stage.mjs';

// Waits until `is_so` is true.
export async function eventually(is_so, what, deadline = patience) {
  const end = Date.now() + deadline;
  for (;;) {
    const is = await is_so();
    if (is) return is;
    assert.ok(Date.now() < end, `in ${deadline} ms: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

// Answers to requests that `is_meant` are kept back in that page, from now until letGo(), which
// ends when they have come. `asked`: there is one.
export async function holdAnswers({ page }, is_meant) {
  let [release, note] = [null, null];
  const released = new Promise((resume) => { release = resume; });
  const asked = new Promise((resume) => { note = resume; });
  const under_way = [];
  await page.route(is_meant, async (route) => {
    const answer = await route.fetch();
    note();
    await released;
    under_way.push(route.fulfill({ response: answer }).catch(() => {}));
  });
  async function letGo() {
    release();
    await eventually(() => under_way.length > 0, 'the answer is on its way');
    await Promise.all(under_way);
    await page.unroute(is_meant);
    // Whatever the page does with it is done in the frame after the next one.
    await page.evaluate(() => new Promise((resume) =>
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resume)))));
  }
  return { asked, letGo };
}

// In the page: everything that IndexedDB has of it, by store.
async function dump_stores() {
  const done = (request) => new Promise((take, refuse) => {
    request.onsuccess = () => take(request.result);
    request.onerror = () => refuse(request.error);
  });
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      found[`${name}/${store}`] = await done(all);
    }
    database.close();
  }
  return found;
}

// In the page: once the list has stood still, in place and in height, for so many frames.
function rest(list, frames) {
  return new Promise((take) => {
    let [still, top, height] = [0, -1, -1];
    function look() {
      still = list.scrollTop === top && list.scrollHeight === height ? still + 1 : 0;
      [top, height] = [list.scrollTop, list.scrollHeight];
      if (still >= frames) take();
      else requestAnimationFrame(look);
    }
    look();
  });
}

// In the page: how far a row moves in so many frames, at most; Infinity: it has gone.
function largest_move(list, { message, frames }) {
  const row = () => list.querySelector(`[data-message="${message}"]`);
  const begun = row()?.getBoundingClientRect().top ?? Number.NaN;
  return new Promise((take) => {
    let [largest, left] = [0, frames];
    function look() {
      const top = row()?.getBoundingClientRect().top;
      largest = Math.max(largest, top === undefined ? Infinity : Math.abs(top - begun));
      if (--left > 0) requestAnimationFrame(look);
      else take(largest);
    }
    look();
  });
}

// A person before a page.
export class At {
  static async open(seat, stage) {
    return new At(seat, stage, await seat.page());
  }
  constructor(seat, stage, page) {
    this.seat = seat;
    this.stage = stage;
    this.page = page;
  }

  // Another tab of the same browser.
  async anotherTab(path = '/') {
    const tab = new At(this.seat, this.stage, await this.seat.page());
    await tab.go(path);
    return tab;
  }
  go(path) {
    return this.page.goto(this.stage.url + path);
  }

  async signIn(person, path = '/') {
    await this.go(path);
    await this.page.locator('input[name=email]').fill(person.email);
    await this.page.locator('input[name=password]').fill(password);
    await this.page.locator('form button[type=submit]').click();
    await this.isIn();
  }
  isIn() {
    return this.page.locator('[data-region=chats]').waitFor();
  }
  isOut() {
    return this.page.locator('input[name=password]').waitFor();
  }

  async openChat(chat) {
    await this.go(`/chat/${chat}`);
    await this.composer.waitFor();
  }
  get composer() {
    return this.page.locator('[data-region=composer] textarea').first();
  }
  async send(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }
  get editBox() {
    return this.page.locator('[data-message] textarea').first();
  }
  get pending() {
    return this.page.locator('[data-pending]');
  }
  get uploads() {
    return this.page.locator('[data-upload]');
  }
  // Files by the button beside the box, each { name, mimeType, buffer }.
  attach(...files) {
    return this.page.locator('[data-region=composer] input[type=file]').first().setInputFiles(files);
  }
  get switcher() {
    return this.page.getByRole('dialog').getByRole('combobox');
  }
  chatLink(chat) {
    return this.page.locator(`[data-region=chats] a[href="/chat/${chat}"]`);
  }
  // Without loading the page.
  async chooseChat(chat) {
    await this.chatLink(chat).click();
    await this.page.waitForURL(`**/chat/${chat}`);
    await this.composer.waitFor();
  }
  async hasDraft(text) {
    await this.composer.waitFor();
    await eventually(async () => (await this.composer.inputValue()) === text, `the draft "${text}"`);
  }

  get timeline() {
    return this.page.getByTestId('timeline');
  }
  // That tells of a lost connection.
  get connectionBar() {
    return this.page.getByRole('status').filter({ has: this.page.getByRole('button') });
  }
  get divider() {
    return this.page.locator('[data-divider]');
  }
  row(message) {
    return this.page.locator(`[data-message="${message}"]`);
  }
  async topOf(message) {
    return (await this.row(message).boundingBox()).y;
  }
  async topOfText(text) {
    return (await this.rows(text).first().boundingBox()).y;
  }
  async topOfDivider() {
    return (await this.divider.boundingBox()).y;
  }
  isAtEnd() {
    return this.timeline.evaluate((list) =>
      list.scrollHeight - list.clientHeight - list.scrollTop <= 2);
  }
  heightOfList() {
    return this.timeline.evaluate((list) => list.scrollHeight);
  }
  // The row in the middle of what is seen, and where it is.
  middleRow() {
    return this.timeline.evaluate((list) => {
      const { top, height } = list.getBoundingClientRect();
      for (const row of list.querySelectorAll('[data-message]')) {
        const place = row.getBoundingClientRect();
        if (place.bottom > top + height / 2) {
          return { message: Number(row.dataset.message), top: place.top };
        }
      }
      return null;
    });
  }
  async isCentred(message) {
    const [list, row] = [await this.timeline.boundingBox(), await this.row(message).boundingBox()];
    return row !== null && row.y > list.y && row.y + row.height < list.y + list.height &&
      Math.abs(row.y + row.height / 2 - (list.y + list.height / 2)) < list.height / 4;
  }
  // Follows a link within the client.
  follow(path) {
    return this.page.evaluate((to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
    }, path);
  }
  // The unread count beside a chat in the list.
  async badge(chat) {
    const shown = await this.chatLink(chat).locator('span[aria-hidden=true]').allInnerTexts();
    return Number.parseInt(shown.find((text) => /^\d+\+?$/.test(text)) ?? '0', 10);
  }

  // The list of messages stands still: nothing scrolls, and no row is being measured.
  rests(frames = 10) {
    return this.timeline.evaluate(rest, frames);
  }
  // How far a row moves in the next so many frames, in pixels. What is to happen meanwhile begins
  // once the row is watched.
  movesBy(message, frames = 60) {
    return this.timeline.evaluate(largest_move, { message, frames });
  }

  // The window has lost the focus, the page stays visible.
  async looksAway() {
    this.cdp ??= await this.seat.context.newCDPSession(this.page);
    await this.cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false });
    await this.page.evaluate(() => {
      Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true });
      dispatchEvent(new FocusEvent('blur'));
    });
  }
  async looksHere() {
    await this.cdp.send('Emulation.setFocusEmulationEnabled', { enabled: true });
    await this.page.evaluate(() => {
      delete document.hasFocus;
      dispatchEvent(new FocusEvent('focus'));
    });
  }
  // The machine has slept for so long: its clock jumps, and the page is shown again.
  async wakesUpAfter(ms) {
    await this.page.evaluate((slept) => {
      const [now, monotonic] = [Date.now, performance.now.bind(performance)];
      Date.now = () => now() + slept;
      performance.now = () => monotonic() + slept;
      document.dispatchEvent(new Event('visibilitychange'));
      dispatchEvent(new Event('online'));
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    }, ms);
  }

  async signOut() {
    await this.page.locator('[data-region=chats] header').getByRole('button').first().click();
    await this.page.getByRole('menuitem', { name: /sign out/i }).click();
  }
  async loadedAssets() {
    const urls = await this.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name));
    return new Set(urls.map((url) => new URL(url).pathname));
  }

  // Everything that the stores of the browser have, by store.
  stored() {
    return this.page.evaluate(dump_stores);
  }
  async storedTexts(text) {
    const stores = await this.stored();
    return JSON.stringify(stores).includes(JSON.stringify(text).slice(1, -1));
  }
  // Whether the service worker has the shell.
  isInstalled() {
    return eventually(() => this.page.evaluate(async () => {
      const worker = await navigator.serviceWorker.getRegistration();
      return worker?.active?.state === 'activated' && navigator.serviceWorker.controller !== null;
    }), 'the service worker controls the page');
  }

  rows(text) {
    const rows = this.page.locator('[data-message]');
    return text === undefined ? rows : rows.filter({ hasText: text });
  }
  sees(text) {
    return this.rows(text).first().waitFor();
  }
  async seesNot(text) {
    await eventually(async () => (await this.rows(text).count()) === 0, `"${text}" is gone`);
  }

  // How many pixels the page is wider than its window.
  overWidth() {
    return this.page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  // The page is there, and nothing is loading any more. `samples`: it shows how loading looks.
  async isStill({ samples = false } = {}) {
    await this.page.waitForLoadState('load');
    await eventually(() => this.page.evaluate((any) => document.querySelector('main') !== null &&
      (any || !document.querySelector('[role=status][aria-label^="Loading"]')), samples),
    'nothing is loading');
    await this.page.evaluate(() => Promise.all([
      document.fonts.ready, ...document.getAnimations()
        .filter((each) => each.effect.getTiming().iterations !== Infinity)
        .map((each) => each.finished.catch(() => {}))]))
      .catch(() => {});
  }

  async picture(name) {
    await this.page.screenshot({ path: `${process.env.WEB_OUT}/pictures/${name}.png` });
  }

  // The findings of axe, as texts.
  async axe() {
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) {
      await this.page.evaluate(axe_source());
    }
    const { violations } = await this.page.evaluate(() =>
      globalThis.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      }));
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
  }
}
