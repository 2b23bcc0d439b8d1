// Files on their way, for a page that is closed or crashes meanwhile: the bytes, and where the
// server keeps the part that has arrived. A database of its own for each user, since the bytes may
// be more than the browser grants; then they are not kept, and all else is.
import { wrap, type DBSchema, type IDBPDatabase } from "idb";
import type { DraftKey } from "./state";
import { open } from "./storage";

export interface StoredUpload {
  readonly id: string;
  readonly draft: DraftKey;
  readonly name: string;
  readonly mime_type: string;
  readonly size: number;
  readonly place: string | null; // of the upload at the server, once it has begun
  readonly order: number; // of choosing
}

interface Schema extends DBSchema {
  uploads: { key: string; value: StoredUpload };
  files: { key: string; value: Blob };
}

export class UploadStore {
  readonly #factory: IDBFactory | null;
  readonly #name: string;
  // One after the other: what removes an upload comes behind what puts it.
  #turn: Promise<unknown> = Promise.resolve();
  #wiped = false;

  constructor(factory: IDBFactory | null, account: string) {
    this.#factory = factory;
    this.#name = `fechatter-${account}-uploads`;
  }

  async all(): Promise<readonly StoredUpload[]> {
    const stored = (await this.#with((db) => db.getAll("uploads"))) ?? [];
    return stored.toSorted((a, b) => a.order - b.order);
  }

  async get(id: string): Promise<StoredUpload | null> {
    return (await this.#with((db) => db.get("uploads", id))) ?? null;
  }

  async file(upload: StoredUpload): Promise<File | null> {
    const blob = await this.#with((db) => db.get("files", upload.id));
    if (!blob || blob.size !== upload.size) return null;
    return new File([blob], upload.name, { type: upload.mime_type });
  }

  put(upload: StoredUpload, file: Blob): Promise<void> {
    return this.#change((db) => {
      const tx = db.transaction(["uploads", "files"], "readwrite");
      void tx.objectStore("uploads").put(upload, upload.id);
      void tx.objectStore("files").put(file.slice(0, file.size, file.type), upload.id);
      return tx.done;
    });
  }

  // The server has another part of it. Nothing is put that was removed.
  move(id: string, place: string | null): Promise<void> {
    return this.#change(async (db) => {
      const tx = db.transaction("uploads", "readwrite");
      const known = await tx.store.get(id);
      if (known) void tx.store.put({ ...known, place }, id);
      return tx.done;
    });
  }

  remove(id: string): Promise<void> {
    return this.#change((db) => {
      const tx = db.transaction(["uploads", "files"], "readwrite");
      void tx.objectStore("uploads").delete(id);
      void tx.objectStore("files").delete(id);
      return tx.done;
    });
  }

  async wipe(): Promise<void> {
    this.#wiped = true; // to open it would make it again
    await this.#turn;
    if (this.#factory) await wrap(this.#factory.deleteDatabase(this.#name)).catch(() => undefined);
  }

  async #change(task: (db: IDBPDatabase<Schema>) => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => this.#with(task));
    this.#turn = done;
    await done;
  }

  // Not kept open: an upload is rare, and an open database is none that can be removed.
  async #with<T>(task: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T | undefined> {
    if (!this.#factory || this.#wiped) return undefined;
    try {
      const db = await open<Schema>(this.#factory, this.#name, (fresh) => {
        fresh.createObjectStore("uploads");
        fresh.createObjectStore("files");
      });
      return await task(db).finally(() => db.close());
    } catch {
      return undefined; // there is no room, or the browser keeps nothing
    }
  }
}
