// The servers of a test: web_stage (stage.cpp has its commands), and requests to them that a test
// makes by itself.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { createInterface } from 'node:readline';

export const password = 'staple of 7 glasses';

export class Stage {
  // `options`: see web_stage.
  static async start(options = {}) {
    const stage = new Stage();
    stage.process = spawn(process.env.WEB_STAGE, [JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    stage.waiting = [];
    createInterface(stage.process.stdout).on('line', (line) => stage.waiting.shift()?.(line));
    const ended = new Promise((_, refuse) => {
      stage.process.on('error', refuse);
      stage.process.on('exit', (code) => refuse(new Error(`web_stage has ended (${code})`)));
    });
    ended.catch(() => {});
    stage.ended = ended;
    const { server, notify } = JSON.parse(await stage.next());
    stage.url = server;
    stage.notify = notify;
    return stage;
  }

  next() {
    return Promise.race([new Promise((take) => this.waiting.push(take)), this.ended]);
  }

  async tell(command) {
    this.process.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = JSON.parse(await this.next());
    if (answer.error) throw new Error(`${JSON.stringify(command)}: ${answer.error}`);
    return answer;
  }

  async query(sql) {
    return (await this.tell({ do: 'query', sql })).rows;
  }

  stop() {
    this.process.stdin.end();
    return this.ended.catch(() => {});
  }

  async request(method, path, body, token) {
    const headers = {};
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(this.url + path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  // A new account in a workspace of that name.
  async person(name, workspace = 'acme') {
    const email = `${name.toLowerCase()}@${workspace}.example`;
    const fullname = name;
    const made = await this.request('POST', '/api/signup', { fullname, email, password, workspace });
    return new Person(this, made, email);
  }
}

// A user who does things without a browser.
export class Person {
  constructor(stage, made, email) {
    this.stage = stage;
    this.id = made.user.id;
    this.name = made.user.fullname;
    this.email = email;
    this.token = made.access_token;
  }

  request(method, path, body) {
    return this.stage.request(method, path, body, this.token);
  }
  get(path) {
    return this.request('GET', path);
  }
  post(path, body = {}) {
    return this.request('POST', path, body);
  }

  async chat(chat_type, name, ...members) {
    const ids = members.map((member) => member.id);
    return (await this.post('/api/chat', { chat_type, name, members: ids })).id;
  }
  say(chat, content, more = {}) {
    return this.post(`/api/chat/${chat}/messages`,
      { content, idempotency_key: randomUUID(), ...more });
  }
  // A file; answers with its address.
  async upload(name, bytes) {
    const body = new FormData();
    body.append('file', new Blob([bytes]), name);
    const headers = { Authorization: `Bearer ${this.token}` };
    const answer = await fetch(`${this.stage.url}/api/files/single`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).url;
  }
  messages(chat) {
    return this.get(`/api/chat/${chat}/messages?limit=100`);
  }
}
