// nginx with the configuration of deploy/gateway, between a browser and both servers.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), 'gateway.py');
const port_of = (origin) => new URL(origin).port;

export const gateway_name = 'chat.example.com'; // whose certificate it has

export class Gateway {
  // `origin`: by which a browser reaches it.
  static async before(stage) {
    const gateway = new Gateway();
    const ports = [port_of(stage.url), port_of(stage.notify)];
    gateway.process = spawn('python3', ['-B', program, ...ports], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    gateway.ended = new Promise((resume) => gateway.process.on('close', resume));
    const line = await new Promise((take, refuse) => {
      createInterface(gateway.process.stdout).once('line', take);
      gateway.process.once('error', refuse);
      gateway.ended.then(() => refuse(new Error('the gateway has ended')));
    });
    const { name, port } = JSON.parse(line);
    gateway.origin = `https://${name}:${port}`;
    process.once('exit', () => gateway.process.kill());
    return gateway;
  }

  async stop() {
    this.process.stdin.end();
    await this.ended;
  }
}
