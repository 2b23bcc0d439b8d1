// What is being written: in the browser's store at once, with the server a little later. Of two
// devices that write the same draft, the one that writes last is right.
import type { ApiDraft, Id } from "../api/types";
import type { Core } from "./core";
import type { Env } from "./env";
import { drafts_max } from "./limits";
import { install_draft } from "./reduce/rest";
import { answer, type Rest } from "./rest";
import type { Draft, DraftKey } from "./state";
import type { Storage } from "./storage";

const upload_after_ms = 2_000;
const retry_after_ms = 15_000;

export interface DraftNote {
  readonly kind: "draft";
  readonly key: DraftKey;
  readonly draft: Draft | null;
}

type Fields = Partial<Pick<Draft, "content" | "files" | "reply_to">>;

export function chat_of(key: DraftKey): Id {
  return Number(key.split(":")[1]);
}

function is_empty(draft: Draft): boolean {
  return draft.content === "" && draft.files.length === 0 && draft.reply_to === null;
}

export class Drafts {
  readonly #env: Env;
  readonly #core: Core;
  readonly #rest: Rest;
  readonly #storage: Storage;
  readonly #tell: (note: DraftNote) => void;
  readonly #timers = new Map<DraftKey, () => void>();
  readonly #storing = new Set<DraftKey>();

  constructor(
    env: Env,
    core: Core,
    rest: Rest,
    storage: Storage,
    tell: (note: DraftNote) => void,
  ) {
    this.#env = env;
    this.#core = core;
    this.#rest = rest;
    this.#storage = storage;
    this.#tell = tell;
  }

  restore(stored: readonly Draft[]): void {
    this.#core.change((change) => {
      for (const draft of stored) change.map("drafts").set(draft.key, draft);
    });
    for (const draft of stored) if (draft.unsaved) this.#later(draft.key, upload_after_ms);
  }

  set(key: DraftKey, fields: Fields): void {
    const known = this.#core.state.drafts.get(key);
    const draft: Draft = {
      key,
      chat_id: chat_of(key),
      content: "",
      files: [],
      reply_to: null,
      version: this.#version_of(key),
      ...known,
      ...fields,
      changed_ms: this.#env.now(),
      unsaved: key.startsWith("chat:"),
    };
    const forgets = is_empty(draft) && (!draft.unsaved || draft.version === 0);
    this.#put(key, forgets ? null : draft);
    if (draft.unsaved && !forgets) this.#later(key, upload_after_ms);
  }

  // Sent, or given up: the server forgets it, too.
  drop(key: DraftKey): void {
    this.set(key, { content: "", files: [], reply_to: null });
  }

  hear(note: DraftNote): void {
    this.#core.change((change) => {
      if (note.draft) change.map("drafts").set(note.key, note.draft);
      else change.remove("drafts", note.key);
    });
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #version_of(key: DraftKey): number {
    if (!key.startsWith("chat:")) return 0;
    return this.#core.state.draft_versions.get(chat_of(key))?.version ?? 0;
  }

  #put(key: DraftKey, draft: Draft | null): void {
    const { drafts } = this.#core.state;
    if (draft && !drafts.has(key) && drafts.size >= drafts_max) return;
    this.#core.change((change) => {
      if (draft) change.map("drafts").set(key, draft);
      else change.remove("drafts", key);
    });
    this.#tell({ kind: "draft", key, draft });
    const stored = draft ? this.#storage.put_draft(draft) : this.#storage.remove_draft(key);
    void stored.catch(() => undefined);
  }

  #later(key: DraftKey, ms: number): void {
    this.#timers.get(key)?.();
    this.#timers.set(
      key,
      this.#env.after(ms, () => {
        this.#timers.delete(key);
        void this.#upload(key);
      }),
    );
  }

  async #upload(key: DraftKey): Promise<void> {
    const draft = this.#core.state.drafts.get(key);
    if (!draft?.unsaved || this.#storing.has(key)) return;
    this.#storing.add(key);
    try {
      await this.#store(draft);
    } catch {
      this.#later(key, retry_after_ms);
    } finally {
      this.#storing.delete(key);
    }
    const now = this.#core.state.drafts.get(key);
    if (now?.unsaved && !this.#timers.has(key)) this.#later(key, upload_after_ms);
  }

  async #store(draft: Draft): Promise<void> {
    const params = { path: { id: draft.chat_id } };
    const { content, reply_to, version } = draft;
    const outcome = await this.#rest.own.PUT("/api/chat/{id}/draft", {
      params,
      body: { content, reply_to, files: [...draft.files], version },
    });
    if (outcome.response.status === 409) return this.#outdated(draft, outcome.error);
    if (outcome.response.status >= 400 && outcome.response.status < 500) {
      return this.#settle(draft, version); // it stays in this browser alone
    }
    const stored = await answer(Promise.resolve(outcome));
    this.#settle(draft, stored.data.version);
  }

  // Another device has changed it: this one, which has changed it last, is a change of that.
  #outdated(draft: Draft, problem: unknown): void {
    const { draft: newer } = problem as { draft: ApiDraft };
    this.#core.change((change) => install_draft(change, newer, this.#env.now()));
    this.#later(draft.key, upload_after_ms);
  }

  #settle(sent: Draft, version: number): void {
    const now = this.#core.state.drafts.get(sent.key);
    this.#core.change((change) => {
      const told = { version, deleted: is_empty(sent) };
      const known = change.state.draft_versions.get(sent.chat_id);
      if (!known || known.version < version) change.map("draft_versions").set(sent.chat_id, told);
    });
    if (!now) return;
    const same = now.changed_ms === sent.changed_ms && now.content === sent.content;
    const next = { ...now, version, unsaved: !same };
    this.#put(sent.key, is_empty(next) && same ? null : next);
  }
}
