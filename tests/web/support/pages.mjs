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

  async picture(name) {
    await this.page.screenshot({ path: `${process.env.WEB_OUT}/pictures/${name}.png` });
  }

  // The findings of axe, as texts.
  async axe() {
    await this.page.evaluate(axe_source());
    const { violations } = await this.page.evaluate(() =>
      globalThis.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      }));
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
  }
}
