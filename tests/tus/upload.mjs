// Uploads a file with tus-js-client, as an application in a browser does, through a connection that
// breaks: prints what the last answer said of the file, as JSON.
//
//   node upload.mjs ENDPOINT TOKEN FILE CHUNK_SIZE BREAKS

import { createReadStream, statSync } from 'node:fs';
import { Upload } from 'tus-js-client';

const [endpoint, token, path, chunkSize, breaks] = process.argv.slice(2);
let requests = 0;
let broken = 0;
let retries = 0;
let last = null;

const upload = new Upload(createReadStream(path), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: 'from tus-js-client.bin', filetype: 'application/octet-stream' },
  uploadSize: statSync(path).size,
  chunkSize: Number(chunkSize),
  retryDelays: [0, 50, 100, 200, 400],
  onBeforeRequest(request) {
    requests += 1;
    if (request.getMethod() !== 'PATCH' || broken >= Number(breaks)) return;
    broken += 1;
    // While the chunk is being sent.
    setTimeout(() => request.getUnderlyingObject()?.destroy(new Error('broken by the test')), 20);
  },
  onAfterResponse(request, response) {
    last = {
      method: request.getMethod(),
      status: response.getStatus(),
      location: response.getHeader('Location'),
      metadata: response.getHeader('Upload-Metadata'),
    };
  },
  onShouldRetry() {
    retries += 1;
    return true;
  },
  onError(error) {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess() {
    console.log(JSON.stringify({ url: upload.url, requests, broken, retries, last }));
  },
});
upload.start();
