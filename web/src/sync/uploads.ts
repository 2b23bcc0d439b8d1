// Files on their way to the server: small ones in one request, others in chunks by tus, which go on
// where they were cut. A file belongs to the draft it was put into, whatever is shown meanwhile. It
// is in the browser's store until it has arrived: when its tab is gone, another one, or the next,
// goes on with it.
import type { Core } from "./core";
import { chat_of, type Drafts } from "./drafts";
import { back_off, sleep, type Env } from "./env";
import { ApiError, failure_from, failure_of, is_passing } from "./errors";
import {
  chunk_bytes,
  files_max,
  stored_upload_bytes_max,
  stored_uploads_max,
  uploads_at_once,
} from "./limits";
import type { Rest } from "./rest";
import type { ApiFile, ApiProblem, Id } from "../api/types";
import type { DraftKey, Upload } from "./state";
import type { StoredUpload, UploadStore } from "./upload_store";

const tus = { "Tus-Resumable": "1.0.0" };
const retry_base_ms = 1_000;
const retry_cap_ms = 30_000;
const attempts_max = 20; // without a byte of progress

interface Job {
  readonly file: File;
  readonly stopped: AbortController;
  place: string | null; // of the upload in chunks, once it has begun
  readonly stored: boolean;
  // This tab has done with it: it has arrived, or was given up.
  readonly let_go: () => void;
}

export class Uploads {
  readonly #env: Env;
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #drafts: Drafts;
  readonly #store: UploadStore;
  readonly #account: string;
  readonly #jobs = new Map<string, Job>();
  readonly #ended = new AbortController();
  #running = 0;
  #pauses = new AbortController();

  constructor(
    env: Env,
    core: Core,
    rest: Rest,
    drafts: Drafts,
    store: UploadStore,
    account: string,
  ) {
    this.#env = env;
    this.#core = core;
    this.#rest = rest;
    this.#drafts = drafts;
    this.#store = store;
    this.#account = account;
  }

  add(draft: DraftKey, file: File): string {
    const id = this.#env.uuid();
    const { name, type: mime_type, size } = file;
    const stored: StoredUpload = {
      ...{ id, draft, name, mime_type, size, place: null, order: this.#env.now() },
    };
    const keeps = this.#may_store(stored);
    const done = this.#begin(stored, file, keeps);
    if (keeps) {
      void this.#hold(id, () => done);
      void this.#store.put(stored, file);
    }
    return id;
  }

  // What earlier tabs have left, and what other tabs leave when they go: the lock of an upload is
  // held by the tab that sends it.
  async restore(): Promise<void> {
    for (const { id } of await this.#store.all()) {
      void this.#hold(id, async () => {
        const stored = await this.#store.get(id); // it may have arrived meanwhile
        const file = stored && (await this.#store.file(stored));
        if (this.#ended.signal.aborted || !stored) return;
        const lost = this.#core.state.chats_status === "ready" && !this.#is_of_a_chat(stored.draft);
        if (file && !lost) await this.#begin(stored, file, true);
        else await this.#store.remove(id);
      });
    }
  }

  retry(id: string): void {
    this.#edit(id, { status: "waiting", error: null });
    this.#next();
  }

  // Also of one that is there: it leaves the draft.
  remove(id: string): void {
    const upload = this.#core.state.uploads.get(id);
    const job = this.#jobs.get(id);
    job?.stopped.abort();
    this.#jobs.delete(id);
    if (job) this.#done(id, job);
    this.#core.change((change) => change.remove("uploads", id));
    if (!upload) return;
    if (upload.url !== null) {
      const files = this.#core.state.drafts.get(upload.draft)?.files ?? [];
      this.#drafts.set(upload.draft, { files: files.filter((url) => url !== upload.url) });
    } else if (job?.place) {
      const init = { method: "DELETE", headers: tus };
      const gone = new Request(`${this.#env.server}${job.place}`, init);
      void this.#rest.signed(gone).catch(() => undefined);
    }
  }

  // Those of a message that is being sent.
  forget(draft: DraftKey): void {
    for (const [id, upload] of this.#core.state.uploads) {
      if (upload.draft !== draft || upload.status !== "ready") continue;
      this.#jobs.delete(id);
      this.#core.change((change) => change.remove("uploads", id));
    }
  }

  // Those of a chat that is the user's no more.
  lose(chat: Id): void {
    for (const [id, { draft }] of this.#core.state.uploads) {
      if (chat_of(draft) === chat) this.remove(id);
    }
  }

  wake(): void {
    this.#pauses.abort();
    this.#pauses = new AbortController();
  }

  stop(): void {
    this.#ended.abort();
    for (const job of this.#jobs.values()) {
      job.stopped.abort();
      job.let_go();
    }
    this.#jobs.clear();
  }

  // By this tab alone, until `task` ends or the tab does.
  #hold(id: string, task: () => Promise<void>): Promise<void> {
    const lock = `fechatter:upload:${this.#account}:${id}`;
    return this.#env.locks.hold(lock, this.#ended.signal, task).catch(() => undefined);
  }

  // Resolves when this tab has done with it.
  #begin(stored: StoredUpload, file: File, keeps: boolean): Promise<void> {
    const { id, draft, name, mime_type, size, place } = stored;
    return new Promise((let_go) => {
      this.#jobs.set(id, { file, stopped: new AbortController(), place, stored: keeps, let_go });
      this.#show({
        ...{ id, draft, name, mime_type, size, sent: 0 },
        ...{ status: "waiting", url: null, error: null },
      });
      this.#next();
    });
  }

  #done(id: string, job: Job): void {
    if (job.stored) void this.#store.remove(id).finally(job.let_go);
    else job.let_go();
  }

  #may_store({ draft, size }: StoredUpload): boolean {
    if (!this.#is_of_a_chat(draft) || this.#jobs.size >= stored_uploads_max) return false;
    const sizes = [...this.#jobs.values()].map((job) => (job.stored ? job.file.size : 0));
    return sizes.reduce((sum, one) => sum + one, size) <= stored_upload_bytes_max;
  }

  // Others are of a form of the page, which is not there after a restart.
  #is_of_a_chat(draft: DraftKey): boolean {
    return this.#core.state.chats.has(chat_of(draft));
  }

  #place(id: string, job: Job, place: string | null): void {
    job.place = place;
    if (job.stored) void this.#store.move(id, place);
  }

  #show(upload: Upload): void {
    this.#core.change((change) => change.map("uploads").set(upload.id, upload));
  }

  #edit(id: string, fields: Partial<Upload>): void {
    const known = this.#core.state.uploads.get(id);
    if (known) this.#show({ ...known, ...fields });
  }

  #next(): void {
    for (const [id, upload] of this.#core.state.uploads) {
      const job = this.#jobs.get(id);
      if (this.#running >= uploads_at_once) return;
      if (!job || upload.status !== "waiting") continue;
      this.#running += 1;
      this.#edit(id, { status: "sending" });
      void this.#run(id, job).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #run(id: string, job: Job): Promise<void> {
    try {
      const url = await this.#send(id, job);
      if (job.stopped.signal.aborted) return;
      const upload = this.#core.state.uploads.get(id);
      this.#edit(id, { status: "ready", url, sent: job.file.size });
      if (!upload) return;
      const files = this.#core.state.drafts.get(upload.draft)?.files ?? [];
      if (!files.includes(url) && files.length < files_max) {
        this.#drafts.set(upload.draft, { files: [...files, url] });
      }
      this.#done(id, job);
    } catch (error) {
      if (job.stopped.signal.aborted) return;
      this.#edit(id, { status: "failed", error: failure_from(error) });
    }
  }

  async #send(id: string, job: Job): Promise<string> {
    let attempt = 0;
    let sent = 0;
    for (;;) {
      const { place } = job;
      try {
        const whole = job.file.size <= chunk_bytes;
        return await (whole ? this.#whole(id, job) : this.#chunks(id, job));
      } catch (error) {
        const failure = failure_from(error);
        const now = this.#core.state.uploads.get(id)?.sent ?? 0;
        attempt = now > sent ? 1 : attempt + 1;
        sent = now;
        const expired = place !== null && job.place === null; // from the beginning
        const goes_on =
          is_passing(failure) || failure.code === "upload.offset_mismatch" || expired;
        if (!goes_on || attempt > attempts_max || job.stopped.signal.aborted) throw error;
        this.#edit(id, { status: "paused" });
        const wait = (failure.retry_after_s ?? 0) * 1_000;
        const pause = Math.max(wait, back_off(this.#env, attempt, retry_base_ms, retry_cap_ms));
        await sleep(this.#env, pause, this.#pauses.signal);
        this.#edit(id, { status: "sending" });
      }
    }
  }

  async #whole(id: string, job: Job): Promise<string> {
    const body = new FormData();
    body.append("file", job.file, job.file.name);
    const response = await this.#request("/api/files/single", { method: "POST", body }, id, job);
    return ((await response.json()) as ApiFile).url;
  }

  async #chunks(id: string, job: Job): Promise<string> {
    const { file } = job;
    let offset = job.place === null ? await this.#announce(id, job) : await this.#offset(id, job);
    for (;;) {
      this.#edit(id, { sent: offset.sent });
      if (offset.url !== null) return offset.url;
      const body = file.slice(offset.sent, offset.sent + chunk_bytes);
      const headers = {
        ...tus,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": String(offset.sent),
      };
      const init = { method: "PATCH", headers, body };
      offset = place_of(await this.#request(job.place ?? "", init, id, job));
    }
  }

  async #announce(id: string, job: Job): Promise<Offset> {
    const bytes = new TextEncoder().encode(job.file.name.slice(0, 255));
    const name = btoa(String.fromCharCode(...bytes));
    const headers = {
      ...tus,
      "Upload-Length": String(job.file.size),
      "Upload-Metadata": `filename ${name}`,
    };
    const init = { method: "POST", headers };
    const response = await this.#request("/api/files/resumable", init, id, job);
    this.#place(id, job, response.headers.get("Location"));
    return { sent: 0, url: null };
  }

  async #offset(id: string, job: Job): Promise<Offset> {
    const init = { method: "HEAD", headers: tus };
    return place_of(await this.#request(job.place ?? "", init, id, job));
  }

  async #request(path: string, init: RequestInit, id: string, job: Job): Promise<Response> {
    const signal = job.stopped.signal;
    const request = new Request(`${this.#env.server}${path}`, { ...init, signal });
    const response = await this.#rest.signed(request);
    if (response.ok) return response;
    if (response.status === 404) this.#place(id, job, null); // it has expired
    const problem: unknown = await response.json().catch(() => undefined);
    throw new ApiError(failure_of(response, problem as ApiProblem | undefined));
  }
}

interface Offset {
  readonly sent: number;
  readonly url: string | null; // once all is there
}

function place_of(response: Response): Offset {
  const sent = Number(response.headers.get("Upload-Offset") ?? 0);
  return { sent, url: response.headers.get("Location") };
}
