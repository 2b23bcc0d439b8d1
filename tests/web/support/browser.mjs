// Debian's Chromium, and what must hold in every page of every test: no error on the console, no
// report of the Content-Security-Policy, no exception that was not caught.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const of_the_client = createRequire(join(root, 'web/package.json'));
const { chromium } = of_the_client('playwright-core');

export const axe_source = () => of_the_client('axe-core').source;
export const patience = 15_000; // ms, for whatever a test waits for

const usual = { viewport: { width: 1280, height: 800 } };
const program = (more = []) => ({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-dev-shm-usage', ...more],
});

export async function launch(more = []) {
  return chromium.launch(program(more));
}

// Reports of the policy come as errors of the console, too.
function report_violations() {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
  });
}

// A browser of a person: cookies and stores of its own. `complaints` is everything that it had to
// complain of, but for what `forgive` names.
export class Seat {
  static async open(browser, options = {}) {
    return Seat.of(await browser.newContext({ ...usual, ...options }));
  }
  // A browser that is started for it, whose stores are in that folder and outlive it.
  static async at(folder, options = {}) {
    return Seat.of(await chromium.launchPersistentContext(folder, {
      ...program(), ...usual, ...options,
    }));
  }
  static async of(context) {
    const seat = new Seat();
    seat.context = context;
    seat.complaints = [];
    seat.forgiven = [];
    seat.context.setDefaultTimeout(patience);
    await seat.context.addInitScript(report_violations);
    seat.context.on('console', (message) => {
      if (message.type() === 'error') seat.complain(`${message.text()} ${message.location().url}`);
    });
    seat.context.on('weberror', (thrown) => {
      seat.complain(String(thrown.error()?.stack ?? thrown.error()));
    });
    seat.streams = new Map(); // the requests for events that are open, with their pages
    seat.context.on('request', (request) => {
      const events = request.method() === 'GET' && new URL(request.url()).pathname === '/events';
      if (events) seat.streams.set(request, request.frame().page());
    });
    for (const end of ['requestfinished', 'requestfailed']) {
      seat.context.on(end, (request) => seat.streams.delete(request));
    }
    seat.context.on('page', (page) => {
      page.on('crash', () => seat.complain('the page has crashed'));
    });
    return seat;
  }

  openStreams() {
    return [...this.streams.values()].filter((page) => !page.isClosed()).length;
  }
  complain(text) {
    if (!this.forgiven.some((pattern) => pattern.test(text))) this.complaints.push(text);
  }
  // What a test causes on purpose, such as a request while the network is away.
  forgive(...patterns) {
    this.forgiven.push(...patterns);
  }
  page() {
    return this.context.newPage();
  }
  async close() {
    await this.context.close();
  }
}
