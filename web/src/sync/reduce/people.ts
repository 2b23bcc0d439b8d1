import type { ApiMessage, ApiUser, Id } from "../../api/types";
import type { Change } from "../change";
import { people_max } from "../limits";
import type { Person } from "../state";

type Known = Partial<Person> & { readonly id: Id; readonly fullname: string };

const stranger: Omit<Person, "id" | "fullname"> = {
  avatar_url: null,
  email: null,
  title: null,
  bio: null,
  status: "Active",
  role: null,
};

// The fields that an answer has replace those that were known; all others stay.
export function show_person(change: Change, known: Known): void {
  const before = change.state.people.get(known.id);
  const person: Person = { ...stranger, ...before, ...known };
  if (before && same(before, person)) return;
  const people = change.map("people");
  if (!before && people.size >= people_max) forget_one(people);
  people.set(person.id, person);
}

function same(a: Person, b: Person): boolean {
  return (Object.keys(b) as (keyof Person)[]).every((key) => a[key] === b[key]);
}

function forget_one(people: Map<Id, Person>): void {
  for (const id of people.keys()) {
    people.delete(id);
    return;
  }
}

export function show_user(change: Change, user: ApiUser): void {
  const { id, fullname, avatar_url, email, title, bio, status, role } = user;
  show_person(change, { id, fullname, avatar_url, email, title, bio, status, role });
  const { session } = change.state;
  if (session.status !== "signed_in" || session.user.id !== id) return;
  const { workspace_id, created_at } = user;
  const own = { id, workspace_id, fullname, email, status, role, created_at };
  change.set("session", { ...session, user: { ...own, avatar_url, title, bio } });
}

// An event has the name of the time when it was sent; a later one may be known.
export function meet_sender(change: Change, sender: ApiMessage["sender"]): void {
  if (!change.state.people.has(sender.id)) show_person(change, sender);
}
