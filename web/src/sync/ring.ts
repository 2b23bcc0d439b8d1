// The newest durable events that a tab has applied: for tabs that come later or have missed some,
// when this tab is the leader or becomes it.
import { is_after, is_resumable, type SyncEvent } from "./events";
import { ring_bytes_max, ring_events_max } from "./limits";

interface Kept {
  readonly event: SyncEvent;
  readonly bytes: number;
}

export class Ring {
  #kept: Kept[] = [];
  #bytes = 0;
  #start: string | null = null; // the position before the first of them

  // Nothing before this position is known.
  begin(position: string | null): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#start = position;
  }

  push(event: SyncEvent): void {
    if (event.id === null || event.name === "Moved" || event.name === "CaughtUp") return;
    if (event.name === "Reset") return this.begin(event.id);
    const bytes = JSON.stringify(event.data).length;
    this.#kept.push({ event, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > ring_events_max || this.#bytes > ring_bytes_max) this.#evict();
  }

  #evict(): void {
    const oldest = this.#kept.shift();
    if (!oldest) return;
    this.#bytes -= oldest.bytes;
    this.#start = oldest.event.id;
  }

  // What follows a position; null: not all of it is here.
  since(position: string): readonly SyncEvent[] | null {
    const start = this.#start;
    if (start === null || !is_resumable(position) || !is_resumable(start)) return null;
    if (is_after(start, position)) return null;
    const events: SyncEvent[] = [];
    for (const { event } of this.#kept) {
      if (event.id !== null && is_after(event.id, position)) events.push(event);
    }
    return events;
  }
}
