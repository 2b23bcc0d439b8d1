// What the browser keeps of an account: the last chats and people with the cursor they belong to,
// the outbox and the drafts. One database for each user, removed when the user signs out.
import { wrap, type DBSchema, type IDBPDatabase } from "idb";
import type { ApiPreferences, ApiUser, ApiWorkspace, Id } from "../api/types";
import type { Chat, Draft, DraftVersion, Message, Pending, Person } from "./state";

// idb's own open() takes the global factory alone.
export function open<S extends DBSchema>(
  factory: IDBFactory,
  name: string,
  upgrade: (db: IDBDatabase) => void,
): Promise<IDBPDatabase<S>> {
  const request = factory.open(name, version);
  request.addEventListener("upgradeneeded", () => upgrade(request.result));
  return wrap(request) as unknown as Promise<IDBPDatabase<S>>;
}

export interface StoredWindow {
  readonly chat_id: Id;
  readonly rows: readonly Message[];
  readonly at_start: boolean;
}

export interface Snapshot {
  readonly cursor: string;
  readonly chats: readonly Chat[];
  readonly windows: readonly StoredWindow[];
  readonly people: readonly Person[];
  readonly preferences: ApiPreferences | null;
  readonly draft_versions: readonly (DraftVersion & { readonly chat_id: Id })[];
}

// What a snapshot changes; the cursor belongs to the result.
export interface SnapshotChange {
  readonly writer: string; // the tab that writes
  readonly whole: boolean; // nothing else stays
  readonly cursor: string;
  readonly preferences: ApiPreferences | null;
  readonly draft_versions: Snapshot["draft_versions"];
  readonly chats: readonly Chat[];
  readonly windows: readonly StoredWindow[];
  readonly people: readonly Person[];
  readonly gone_chats: readonly Id[];
  readonly gone_windows: readonly Id[];
}

interface Meta {
  readonly writer?: string; // the tab that wrote last
  readonly cursor: string;
  readonly preferences: ApiPreferences | null;
  readonly draft_versions: Snapshot["draft_versions"];
}

interface Schema extends DBSchema {
  chats: { key: Id; value: Chat };
  windows: { key: Id; value: StoredWindow };
  people: { key: Id; value: Person };
  meta: { key: string; value: Meta };
  outbox: { key: string; value: Pending };
  drafts: { key: string; value: Draft };
}

export interface Identity {
  readonly user: ApiUser;
  readonly workspace: ApiWorkspace;
}

interface IdentitySchema extends DBSchema {
  identity: { key: string; value: Identity };
}

const version = 1;
const stores = ["chats", "windows", "people", "meta", "outbox", "drafts"] as const;
const identity_db = "fechatter";

export function account_of(identity: Identity): string {
  return `${identity.workspace.id}-${identity.user.id}`;
}

// As whom the browser was signed in last: the shell opens with that, offline, too.
export class IdentityStore {
  readonly #factory: IDBFactory | null;
  constructor(factory: IDBFactory | null) {
    this.#factory = factory;
  }

  async read(): Promise<Identity | null> {
    return (await this.#with((db) => db.get("identity", "last"))) ?? null;
  }

  async write(identity: Identity | null): Promise<void> {
    await this.#with(async (db) => {
      if (identity) await db.put("identity", identity, "last");
      else await db.delete("identity", "last");
    });
  }

  async #with<T>(task: (db: IDBPDatabase<IdentitySchema>) => Promise<T>): Promise<T | undefined> {
    if (!this.#factory) return undefined;
    try {
      const db = await open<IdentitySchema>(this.#factory, identity_db, (fresh) => {
        fresh.createObjectStore("identity");
      });
      return await task(db).finally(() => db.close());
    } catch {
      return undefined; // a private window may refuse it: then nothing is kept
    }
  }
}

export class Storage {
  readonly #name: string;
  readonly #factory: IDBFactory | null;
  #db: Promise<IDBPDatabase<Schema> | null> | null = null;
  #wiped = false;

  constructor(factory: IDBFactory | null, account: string) {
    this.#factory = factory;
    this.#name = `fechatter-${account}`;
  }

  async close(): Promise<void> {
    const db = await this.#db;
    this.#db = null;
    db?.close();
  }

  // What is written later, by work that was under way, is not kept either.
  async wipe(): Promise<void> {
    this.#wiped = true;
    await this.close();
    if (this.#factory) await wrap(this.#factory.deleteDatabase(this.#name)).catch(() => undefined);
  }

  async read(): Promise<Snapshot | null> {
    const db = await this.#open();
    if (!db) return null;
    const tx = db.transaction(["meta", "chats", "windows", "people"]);
    const [meta, chats, windows, people] = await Promise.all([
      tx.objectStore("meta").get("state"),
      tx.objectStore("chats").getAll(),
      tx.objectStore("windows").getAll(),
      tx.objectStore("people").getAll(),
    ]);
    return meta ? { ...meta, chats, windows, people } : null;
  }

  // All of it or nothing: a cursor never lies beside a state that it does not belong to. So a change
  // that is not whole continues what its own tab has written; false: another tab has written since,
  // and nothing was.
  async write(change: SnapshotChange): Promise<boolean> {
    const db = await this.#open();
    if (!db) return true;
    const tx = db.transaction(["meta", "chats", "windows", "people"], "readwrite");
    const [chats, windows, people] = [
      tx.objectStore("chats"),
      tx.objectStore("windows"),
      tx.objectStore("people"),
    ];
    const { writer, cursor, preferences, draft_versions } = change;
    const last = change.whole ? undefined : await tx.objectStore("meta").get("state");
    if (!change.whole && last?.writer !== writer) {
      await tx.done;
      return false;
    }
    if (change.whole) for (const store of [chats, windows, people]) void store.clear();
    for (const chat of change.chats) void chats.put(chat, chat.id);
    for (const window of change.windows) void windows.put(window, window.chat_id);
    for (const person of change.people) void people.put(person, person.id);
    for (const id of change.gone_chats) void chats.delete(id);
    for (const id of change.gone_windows) void windows.delete(id);
    void tx.objectStore("meta").put({ writer, cursor, preferences, draft_versions }, "state");
    await tx.done;
    return true;
  }

  async outbox(): Promise<readonly Pending[]> {
    const db = await this.#open();
    return (await db?.getAll("outbox")) ?? [];
  }
  async put_pending(pending: Pending): Promise<void> {
    await (await this.#open())?.put("outbox", pending, pending.key);
  }
  async remove_pending(key: string): Promise<void> {
    await (await this.#open())?.delete("outbox", key);
  }

  async drafts(): Promise<readonly Draft[]> {
    const db = await this.#open();
    return (await db?.getAll("drafts")) ?? [];
  }
  async put_draft(draft: Draft): Promise<void> {
    await (await this.#open())?.put("drafts", draft, draft.key);
  }
  async remove_draft(key: string): Promise<void> {
    await (await this.#open())?.delete("drafts", key);
  }

  #open(): Promise<IDBPDatabase<Schema> | null> {
    if (!this.#factory || this.#wiped) return Promise.resolve(null);
    this.#db ??= open<Schema>(this.#factory, this.#name, (fresh) => {
      for (const name of stores) fresh.createObjectStore(name);
    })
      .then((db) => this.#watched(db))
      .catch(() => null);
    return this.#db;
  }

  #watched(db: IDBPDatabase<Schema>): IDBPDatabase<Schema> {
    // Another tab signs out: it removes the database.
    db.addEventListener("versionchange", () => void this.close());
    db.addEventListener("close", () => {
      this.#db = null;
    });
    return db;
  }
}
