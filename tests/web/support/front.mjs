// What stands between a browser and fechatter_server: it hands on all requests, and can send the
// client of a next release, or keep requests back.
import { createServer, request as ask } from 'node:http';

export class Front {
  static async open() {
    const front = new Front();
    front.server = createServer((incoming, outgoing) => front.handle(incoming, outgoing));
    await new Promise((resume) => front.server.listen(0, '127.0.0.1', resume));
    front.origin = `http://127.0.0.1:${front.server.address().port}`;
    return front;
  }

  behind = ''; // the origin of the server
  isNext = false; // the same client, as another build
  isGone = () => false; // these paths are answered with 404
  isHeld = () => false; // these requests get no answer
  seen = []; // the requests, as { method, path, headers }

  // From now on the tests, too, reach the server through it.
  putBefore(stage) {
    this.behind = stage.url;
    stage.url = this.origin;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  handle(incoming, outgoing) {
    const { method, url, headers } = incoming;
    const about = { method, path: new URL(url, this.origin).pathname, headers };
    if (this.isHeld(about)) return;
    this.seen.push(about);
    if (this.isGone(about.path)) {
      outgoing.writeHead(404).end();
      return;
    }
    const changes = this.isNext && ['/', '/index.html', '/sw.js'].includes(about.path);
    const options = { method, headers: { ...headers } };
    if (changes) {
      for (const name of ['accept-encoding', 'if-none-match']) delete options.headers[name];
    }
    const onward = ask(this.behind + url, options, (answer) => {
      if (changes) return send_next(answer, outgoing);
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      return answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy()); // there is no server: the browser gets no answer
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}

async function send_next(answer, outgoing) {
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += piece;
  const next = text
    .replace('<head>', '<head><meta name="release" content="next" />')
    .replace(/(version:[`"'])[0-9a-f]{16}/, '$10123456789abcdef');
  const headers = { ...answer.headers };
  for (const name of ['content-length', 'etag', 'transfer-encoding']) delete headers[name];
  outgoing.writeHead(answer.statusCode, headers).end(next);
}
