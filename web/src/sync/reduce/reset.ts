// After a Reset nothing that was learned from events is certain. It stays on the screen until it
// has been read again: `stale` and `idle` say what has to be.
import type { Change } from "../change";

export function reset(change: Change): void {
  change.set("chats_status", "idle");
  for (const [id, window] of change.state.windows) {
    change.map("windows").set(id, { ...window, stale: true });
  }
  for (const [id, thread] of change.state.threads) {
    change.map("threads").set(id, { ...thread, status: "idle" });
  }
  for (const [key, list] of change.state.lists) {
    change.map("lists").set(key, { ...list, stale: true });
  }
  for (const [id, members] of change.state.members) {
    change.map("members").set(id, { ...members, status: "idle" });
  }
  change.set("typing", new Map());
  change.set("read_by", new Map());
}
