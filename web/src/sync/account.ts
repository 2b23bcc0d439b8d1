// All that runs for one user in this tab, from the start to signing out.
import type { Id } from "../api/types";
import type { Config } from "./config";
import type { Core } from "./core";
import { Drafts, type DraftNote } from "./drafts";
import type { Env } from "./env";
import type { SyncEvent } from "./events";
import { Follow } from "./follow";
import { adopt, newly_read, type KeptWindows } from "./kept_windows";
import { Loads } from "./loads";
import { notice_of } from "./notices";
import { Outbox, type OutboxNote } from "./outbox";
import { Pages } from "./pages";
import { PresenceOfOthers } from "./presence";
import { Reads } from "./reads";
import type { Rest } from "./rest";
import { Searches } from "./searches";
import { Snapshots } from "./snapshots";
import { empty_state, type Notice, type State, type View } from "./state";
import { account_of, Storage, type Identity } from "./storage";
import type { Tokens } from "./tokens";
import { UploadStore } from "./upload_store";
import { Uploads } from "./uploads";

// A tab has got the attention of its user, at that chat or at none, or has lost it.
interface AttentionNote {
  readonly kind: "attention";
  readonly tab: string;
  readonly looks: boolean;
  readonly chat_id: Id | null;
}
// A tab that does not lead has read these.
interface WindowsNote {
  readonly kind: "windows";
  readonly kept: KeptWindows;
}
type Note = OutboxNote | DraftNote | AttentionNote | WindowsNote;

const unplaced_max = 20;

export interface AccountParts {
  readonly env: Env;
  readonly core: Core;
  readonly tokens: Tokens;
  readonly rest: Rest;
  readonly config: Config;
  readonly notice: (notice: Notice) => void;
}

export class Account {
  readonly identity: Identity;
  readonly loads: Loads;
  readonly pages: Pages;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  readonly reads: Reads;
  readonly presence: PresenceOfOthers;
  readonly searches: Searches;
  readonly follow: Follow;
  readonly #parts: AccountParts;
  readonly #storage: Storage;
  readonly #upload_store: UploadStore;
  readonly #snapshots: Snapshots;
  readonly #ended = new AbortController();
  #unsubscribe: () => void = () => undefined;
  readonly #tab: string;
  #attended: { readonly tab: string; readonly chat_id: Id | null } | null = null;
  // Messages of chats that are not known yet, such as the first of a person.
  #unplaced: SyncEvent[] = [];
  #caught_up = false;
  // What other tabs say while the store is being read, which may be older; null: it was read.
  #early: Note[] | null = [];

  constructor(parts: AccountParts, identity: Identity) {
    const { env, core, rest, tokens, config } = parts;
    const { signal } = this.#ended;
    const account = account_of(identity);
    const tell = (note: Note): void => this.follow.tabs.note(note);
    const events = (): Promise<string> => config.ready();
    this.#parts = parts;
    this.#tab = env.uuid();
    this.identity = identity;
    this.#storage = new Storage(env.indexed_db, account);
    this.#snapshots = new Snapshots(env, core, this.#storage);
    this.loads = new Loads(env, core, rest, events, signal);
    this.pages = new Pages(core, rest, this.loads);
    this.outbox = new Outbox(env, core, rest, this.#storage, account, tell, signal);
    this.drafts = new Drafts(env, core, rest, this.#storage, tell);
    this.#upload_store = new UploadStore(env.indexed_db, account);
    this.uploads = new Uploads(env, core, rest, this.drafts, this.#upload_store, account);
    this.reads = new Reads(env, core, rest);
    this.presence = new PresenceOfOthers(env, core, rest, this.loads, events);
    this.searches = new Searches(core, rest);
    const url = async (): Promise<string> => `${await config.ready()}/events`;
    this.follow = new Follow(env, core, tokens, url, account, {
      succeeded: () => void this.#snapshots.inherit((kept) => this.#adopt(kept, "oldest")),
      applied: (applied) => this.#applied(applied),
      caught_up: () => this.#on_caught_up(),
      note: (note) => this.#hear(note as Note),
    });
  }

  // Shows what the browser has kept, then follows. `is_verified`: the server knows the session.
  async start(is_verified: () => boolean): Promise<void> {
    const { core } = this.#parts;
    const [kept, pending, drafts] = await Promise.all([
      this.#snapshots.read(),
      this.#storage.outbox().catch(() => []),
      this.#storage.drafts().catch(() => []),
    ]);
    if (this.#ended.signal.aborted) return;
    const { user, workspace } = this.identity;
    const { view } = core.state;
    const verified = is_verified();
    const session = { status: "signed_in", user, workspace, verified } as const;
    const fresh = empty_but(kept, core.state);
    // In one step, so that pages are made once.
    core.restart({ ...fresh, session, view });
    this.outbox.restore(pending);
    this.drafts.restore(drafts);
    const early = this.#early ?? [];
    this.#early = null;
    for (const note of early) this.#hear(note);
    this.#unsubscribe = core.store.subscribe((now, before) => this.#changed(now, before));
    this.follow.start();
    this.#attend(core.state.view, null);
    this.pages.settle();
    this.outbox.wake();
    void this.uploads.restore();
  }

  // `wipe`: nothing of the account stays in the browser.
  async stop(wipe: boolean): Promise<void> {
    if (!wipe && this.follow.tabs.leads) await this.#snapshots.now();
    this.#ended.abort();
    this.#unsubscribe();
    this.follow.stop();
    for (const part of [this.loads, this.drafts, this.uploads, this.reads, this.presence]) {
      part.stop();
    }
    this.#snapshots.stop();
    if (wipe) await this.#upload_store.wipe();
    await (wipe ? this.#storage.wipe() : this.#storage.close());
  }

  wake(): void {
    this.follow.wake();
    this.outbox.wake();
    this.uploads.wake();
    this.reads.wake();
  }

  // The page may go any moment.
  keep(): void {
    if (this.follow.tabs.leads) void this.#snapshots.now();
  }

  // All tabs are told which chat their user looks at: of its messages there is no notice.
  #attend(now: View, before: View | null): void {
    const looks = now.visible && now.focused;
    const looked = before !== null && before.visible && before.focused;
    if (!looks && !looked) return;
    if (looks && looked && now.chat_id === before.chat_id) return;
    const note: AttentionNote = {
      ...{ kind: "attention", tab: this.#tab, looks, chat_id: now.chat_id },
    };
    this.#note_attention(note);
    this.follow.tabs.note(note);
  }

  // A tab that loses the attention may say so later than the one that gets it.
  #note_attention({ tab, looks, chat_id }: AttentionNote): void {
    if (looks) this.#attended = { tab, chat_id };
    else if (this.#attended?.tab === tab) this.#attended = null;
  }

  #applied(events: readonly SyncEvent[]): void {
    if (!this.follow.tabs.leads || !this.#caught_up) return;
    const { chats } = this.#parts.core.state;
    for (const event of events) {
      if (event.name !== "NewMessage") continue;
      if (chats.has(event.data.chat_id)) this.#give_notice(event);
      else if (this.#unplaced.length < unplaced_max) this.#unplaced.push(event);
    }
  }

  #give_notice(event: SyncEvent): void {
    const { core, env, notice } = this.#parts;
    const found = notice_of(core.state, event, this.#attended?.chat_id ?? null, env.now());
    if (found) notice(found);
  }

  // Once their chats are known.
  #place_notices(chats: State["chats"]): void {
    const placed = (event: SyncEvent): boolean =>
      event.name === "NewMessage" && chats.has(event.data.chat_id);
    const now = this.#unplaced.filter(placed);
    this.#unplaced = this.#unplaced.filter((event) => !placed(event));
    for (const event of now) this.#give_notice(event);
  }

  #on_caught_up(): void {
    this.#caught_up = true;
    this.loads.now();
    this.pages.refresh();
    this.presence.caught_up();
    this.outbox.wake();
    this.reads.wake();
  }

  #hear(note: Note): void {
    if (this.#early) this.#early.push(note);
    else if (note.kind === "outbox") this.outbox.hear(note);
    else if (note.kind === "draft") this.drafts.hear(note);
    else if (note.kind === "windows") this.#adopt(note.kept, "newest");
    else this.#note_attention(note);
  }

  // For the store. What this tab has seen since is applied once more, so nothing goes back.
  #adopt(kept: KeptWindows, age: "newest" | "oldest"): void {
    const { tabs } = this.follow;
    if (!tabs.leads || this.#ended.signal.aborted) return;
    const events = tabs.since(kept.cursor);
    if (events === null) return;
    this.#parts.core.take_over((change) => adopt(change, kept, age), events);
  }

  #changed(now: State, before: State): void {
    this.presence.settle();
    if (now.view !== before.view) this.#attend(now.view, before.view);
    if (now.chats !== before.chats && this.#unplaced.length > 0) this.#place_notices(now.chats);
    if (now.chats !== before.chats || now.windows !== before.windows || now.view !== before.view) {
      this.pages.settle();
    }
    if (now.chats !== before.chats) this.reads.again();
    if (needs_reading(now, before)) this.loads.settle();
    if (now.outbox !== before.outbox) this.#forget_outbox(now, before);
    if (now.drafts !== before.drafts) this.#forget_drafts(now, before);
    const lost = now.chats === before.chats ? [] : lost_chats(now, before);
    for (const id of lost) this.uploads.lose(id);
    if (!this.follow.tabs.leads) return this.#offer(newly_read(now, before));
    // What is the user's no more does not wait.
    if (lost.length > 0) void this.#snapshots.now();
    else this.#snapshots.later();
  }

  #offer(kept: KeptWindows | null): void {
    if (kept) this.follow.tabs.note({ kind: "windows", kept } satisfies WindowsNote);
  }

  // Whose message has come as an event, or whose chat is gone.
  #forget_outbox(now: State, before: State): void {
    const keys = (state: State): readonly string[] =>
      [...state.outbox.values()].flat().map((one) => one.key);
    const present = new Set(keys(now));
    void this.outbox.forget_settled(keys(before).filter((key) => !present.has(key)));
  }

  #forget_drafts(now: State, before: State): void {
    for (const key of before.drafts.keys()) {
      if (!now.drafts.has(key)) void this.#storage.remove_draft(key).catch(() => undefined);
    }
    for (const [key, draft] of now.drafts) {
      if (draft.unsaved || before.drafts.get(key) === draft) continue;
      void this.#storage.put_draft(draft).catch(() => undefined);
    }
  }
}

function lost_chats(now: State, before: State): readonly Id[] {
  return [...before.chats.keys()].filter((id) => !now.chats.has(id));
}

function needs_reading(now: State, before: State): boolean {
  return (
    now.chats !== before.chats ||
    now.wanted !== before.wanted ||
    now.chats_status !== before.chats_status ||
    now.draft_versions !== before.draft_versions ||
    now.members !== before.members ||
    now.view !== before.view ||
    (before.cursor === null && now.cursor !== null)
  );
}

// Only what was kept with its cursor is taken from before.
function empty_but(kept: Partial<State> | null, before: State): State {
  return { ...empty_state(), connection: before.connection, ...kept };
}
