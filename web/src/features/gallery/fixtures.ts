// A workspace that exists in this page alone: for looking at the components without servers.
import {
  empty_state,
  type ApiUser,
  type Attachment,
  type Chat,
  type ChatType,
  type Message,
  type Pending,
  type Person,
  type State,
  type Window,
} from "../../sync";

const now = new Date();

function minutes_ago(minutes: number): string {
  return new Date(now.getTime() - minutes * 60_000).toISOString();
}

const names = ["Alice Adams", "Bob Brown", "Carol Chen", "David Díaz", "王小明", "Fatima Noor"];
const titles = ["Product", "Engineer", "Design", "Support", "工程师", null];

export const users: readonly ApiUser[] = names.map((fullname, index) => ({
  id: index + 1,
  workspace_id: 1,
  fullname,
  email: `${["alice", "bob", "carol", "david", "xiaoming", "fatima"][index]}@acme.example`,
  status: "Active",
  role: index === 0 ? "owner" : "member",
  avatar_url: null,
  title: titles[index] ?? null,
  bio: index === 1 ? "Backend, coffee, and far too many tabs." : null,
  created_at: minutes_ago(100_000),
}));

const people: ReadonlyMap<number, Person> = new Map(
  users.map((user) => [user.id, { ...user, touched: 0 }]),
);

export function make_message(
  id: number,
  sender_id: number,
  content: string,
  more: Partial<Message> = {},
): Message {
  return {
    id,
    chat_id: 1,
    sender_id,
    seq: id,
    content,
    files: [],
    attachments: [],
    mentions: [],
    mention_ranges: [],
    reply_to: null,
    idempotency_key: null,
    created_at: minutes_ago(200 - id * 5),
    edited_at: null,
    deleted_at: null,
    reactions: [],
    pinned: false,
    thread_root_id: null,
    also_to_chat: true,
    thread: null,
    version: id,
    ...more,
  };
}

export function make_chat(id: number, chat_type: ChatType, more: Partial<Chat> = {}): Chat {
  return {
    id,
    workspace_id: 1,
    name: "",
    chat_type,
    description: "",
    created_by: 1,
    owner_id: chat_type === "Single" ? null : 1,
    member_count: chat_type === "Single" ? 2 : 6,
    chat_members: [1, 2, 3, 4, 5, 6],
    last_seq: 12,
    created_at: minutes_ago(10_000),
    updated_at: minutes_ago(10),
    topic: "",
    archived_at: null,
    who_may_write: "all",
    who_may_pin: "all",
    everyone_mentions: true,
    version: 1,
    counterpart_id: null,
    last_message: null,
    unread_count: 0,
    mention_count: 0,
    counts_stale: false,
    last_read_seq: 12,
    read_version: 1,
    read_through: 12,
    own_seq: 0,
    muted_until: null,
    mute_mentions: false,
    hidden: false,
    ...more,
  };
}

export const pdf: Attachment = {
  url: "/files/1/000/000/plan.pdf",
  name: "Launch plan, final (2).pdf",
  mime_type: "application/pdf",
  size: 812_300,
  width: null,
  height: null,
  duration: null,
  thumbnail_url: null,
  blurhash: null,
  status: "ready",
};

const code =
  "Here is the fix:\n```ts\nexport function seq_after(rows: Row[]): number {\n  // the newest\n  return rows.at(-1)?.seq ?? 0;\n}\n```";

const messages: readonly Message[] = [
  make_message(1, 2, "Good morning! The staging system is up again."),
  make_message(
    2,
    2,
    "It was a **full disk**, see https://status.acme.example/incidents/42 for the *whole* story.",
  ),
  make_message(3, 3, "Thanks, Bob! 🎉", {
    reactions: [
      { emoji: "👍", count: 3, me: true, user_ids: [1, 2, 4] },
      { emoji: "🚀", count: 1, me: false, user_ids: [5] },
    ],
  }),
  make_message(
    4,
    1,
    "@Bob Brown can you write down what we change?\n- alert at 80 %\n- rotate the logs\n- `df -h` in the daily check",
    {
      mentions: [2],
      mention_ranges: [{ user_id: 2, offset: 0, length: 10 }],
      thread: { reply_count: 4, last_reply_at: minutes_ago(60), repliers: [2, 3, 5] },
    },
  ),
  make_message(5, 5, "大家好！新的部署流程已经写好了，请看一下。", { pinned: true }),
  make_message(6, 2, code, { edited_at: minutes_ago(165) }),
  make_message(7, 4, "> rotate the logs\n\nDone since yesterday.", {
    reply_to: 4,
    thread_root_id: 4,
  }),
  make_message(8, 6, "", { deleted_at: minutes_ago(150) }),
  make_message(9, 3, "The plan for the launch:", { files: [pdf.url], attachments: [pdf] }),
  make_message(10, 2, "@Alice Adams please have a look before noon", {
    mentions: [1],
    mention_ranges: [{ user_id: 1, offset: 0, length: 12 }],
  }),
  make_message(11, 3, "👏🎉"),
  make_message(12, 1, "Reading it now. Looks good to me so far."),
];

const failed: Pending = {
  key: "00000000-0000-4000-8000-000000000001",
  chat_id: 1,
  order: 1,
  content: "And this one did not get through",
  files: [],
  reply_to: null,
  thread_root_id: null,
  also_to_chat: true,
  confirm_everyone: false,
  created_at: minutes_ago(1),
  status: "failed",
  attempts: 3,
  next_ms: 0,
  error: { code: "chat.read_only", detail: "", status: 403, fields: [], retry_after_s: null },
};

const chats: readonly Chat[] = [
  make_chat(1, "PublicChannel", { name: "general", topic: "News for all of us", unread_count: 0 }),
  make_chat(2, "PublicChannel", { name: "releases", unread_count: 12 }),
  make_chat(3, "PrivateChannel", { name: "leadership", unread_count: 3, mention_count: 1 }),
  make_chat(4, "PublicChannel", {
    name: "random",
    muted_until: "2100-01-01T00:00:00Z",
    unread_count: 120,
  }),
  make_chat(5, "Single", { counterpart_id: 2, unread_count: 2 }),
  make_chat(6, "Single", { counterpart_id: 5 }),
  make_chat(7, "Group", { name: "Lunch on Friday" }),
];

const window: Window = {
  chat_id: 1,
  rows: messages,
  at_start: true,
  at_end: true,
  status: "ready",
  older: "idle",
  newer: "idle",
  stale: false,
  focus: null,
};

export function fixture_state(): State {
  const user = users[0];
  if (!user) throw new Error("There are no users.");
  const empty = empty_state({
    status: "signed_in",
    verified: true,
    user,
    workspace: { id: 1, name: "Acme", owner_id: 1, created_at: user.created_at },
  });
  return {
    ...empty,
    connection: { phase: "live", since_ms: null, retry_ms: null, leader: true },
    chats: new Map(chats.map((chat) => [chat.id, chat])),
    chats_status: "ready",
    windows: new Map([[1, window]]),
    people,
    members: new Map([
      [
        1,
        {
          chat_id: 1,
          list: users.map((each) => ({
            chat_id: 1,
            user_id: each.id,
            id: each.id,
            fullname: each.fullname,
            email: each.email,
            status: each.status,
            role: each.role,
            joined_at: each.created_at,
          })),
          status: "ready",
          complete: true,
          touched: 0,
        },
      ],
    ]),
    outbox: new Map([[1, [failed]]]),
    typing: new Map([[1, [{ user_id: 3, user_name: "Carol Chen", expires_ms: Infinity }]]]),
    presence: new Map([
      [2, { status: "online", last_seen: null, platform: null }],
      [5, { status: "away", last_seen: null, platform: null }],
    ]),
    preferences: { notifications: "all", show_read: true, custom_status: null },
    threads: new Map([
      [
        4,
        {
          chat_id: 1,
          root_id: 4,
          root: messages[3] ?? null,
          rows: [
            make_message(20, 2, "Of course.", { thread_root_id: 4, reply_to: 4 }),
            make_message(21, 5, "日志轮转我来做。", { thread_root_id: 4, reply_to: 4 }),
          ],
          at_start: true,
          at_end: true,
          status: "ready",
          older: "idle",
          following: true,
          follow_version: 0,
          last_read_seq: 21,
          divider_seq: null,
        },
      ],
    ]),
    view: { ...empty.view, chat_id: 1, divider_seq: 8 },
  };
}
