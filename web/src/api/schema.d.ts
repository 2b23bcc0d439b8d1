// Generated from docs/openapi by web/tools/generate_api.mjs; do not edit.
export interface paths {
    readonly "/": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** To the page of the documentation */
        readonly get: operations["goToDocumentation"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/admin/users/{id}/take-over-chats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take over the chats of a suspended user
         * @description For owners and admins of the workspace: the caller becomes the owner of these chats, and the
         *     former owner stays as an admin. Returns the chats, at most 100; repeat the request until the
         *     answer is empty. `422` for an active user.
         */
        readonly post: operations["takeOverChats"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * My chats, the most recently active first
         * @description Without the Singles that the caller hides. When there are more, `X-Next-Cursor` is the
         *     `cursor` of the next page. A chat that becomes active between two pages moves to the front;
         *     its event tells of it.
         */
        readonly get: operations["listChats"];
        readonly put?: never;
        /**
         * Create a chat
         * @description - `Single`: one other member; a pair has one, which is answered with `200` when it exists.
         *     - `Group`: at least two other members.
         *     - `PrivateChannel`: the creator and the users in `members`.
         *     - `PublicChannel`: no other `members`; every user of the workspace may join it.
         *
         *     The name of a public channel is unique among those of the workspace (`409
         *     chat.name_taken`); only a Single needs none. `members` must be active users of the workspace
         *     that do not block the caller; the `422` names those that are not. A Single that exists is
         *     answered whatever has become of the other member. The creator owns the chat, but a Single
         *     has no owner: both are `member`. A user makes `chats.made_per_day` chats and adds
         *     `chats.added_per_day` people in a day (UTC); beyond: `429 chat.daily_limit`.
         */
        readonly post: operations["createChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /** A chat of the caller */
        readonly get: operations["getChat"];
        /**
         * As PATCH
         * @deprecated
         */
        readonly put: operations["updateChatOlderName"];
        readonly post?: never;
        /**
         * Delete a chat with its messages, or hide a Single
         * @description For its owner (`403 auth.forbidden`). Every member gets `ChatDeleted`. Owners and admins of
         *     the workspace can restore the chat for `chats.restore_days`; then it is erased.
         *
         *     A Single is hidden from the caller's list of chats until its next message, or until the
         *     caller posts it again; the other member notices nothing.
         */
        readonly delete: operations["deleteChat"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a chat's name or description
         * @description For its owner and admins (`403 auth.forbidden`), and for owners and admins of the workspace
         *     when it is a public channel. A Single is not changed. An absent field stays. `409
         *     chat.name_taken` when another public channel has the name, `503 chat.busy` when other
         *     requests hold its lock.
         */
        readonly patch: operations["updateChat"];
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/archive": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Archive a chat
         * @description For its owner and admins (`403 auth.forbidden`), and for owners and admins of the workspace
         *     when it is a public channel. An archived chat takes no messages, edits, reactions and pins
         *     (`403 chat.archived`); it is read, searched, left and deleted as before. The members get
         *     `ChatArchived`. Archiving it again changes nothing.
         */
        readonly post: operations["archiveChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/draft": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /**
         * The caller's draft in a chat
         * @description Empty when there is none, with the version that is to be changed.
         */
        readonly get: operations["getDraft"];
        /**
         * Store the caller's draft in a chat
         * @description `version` is the one that the caller has changed, 0 when there was no draft. When another
         *     session has stored a newer one, nothing changes: `409 draft.outdated` has it in `draft`. An
         *     empty draft ends it. The same draft again changes nothing. The caller's sessions get
         *     `DraftUpdated`, which does not have the text. Limits are those of a message; a draft ends
         *     with the membership, and is not ended by sending a message. Drafts count as stored:
         *     `413 quota.user`, `413 quota.workspace`.
         */
        readonly put: operations["putDraft"];
        readonly post?: never;
        /**
         * End the caller's draft in a chat
         * @description The same with an empty draft; without `version`, whatever the present one is.
         */
        readonly delete: operations["deleteDraft"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/join": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Join a public channel
         * @description A member gets the same answer. Any other kind of chat is `404`, or `422` for a
         *     member of it.
         */
        readonly post: operations["joinChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/leave": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Leave a chat
         * @description Not a Single (`422`). The owner hands the chat over first (`409
         *     chat.owner_must_hand_over`), or deletes it.
         */
        readonly post: operations["leaveChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/members": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /** The members of a chat, by id */
        readonly get: operations["listMembers"];
        readonly put?: never;
        /**
         * Add members
         * @description For the chat's owner and admins. The new members must be active users of the workspace that
         *     do not block the caller (`422`, with the ids that are not); present members are not in the
         *     answer. Former members may be added again. A Single never changes. `429 chat.daily_limit`
         *     beyond `chats.added_per_day` people.
         */
        readonly post: operations["addMembers"];
        /**
         * Remove members
         * @description For the chat's owner and admins; of a public channel also for owners and admins of the
         *     workspace. A Group keeps at least three (`422`); the owner is not removed.
         */
        readonly delete: operations["removeMembers"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/members/{member_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The member (a user's id)
                 * @example 8
                 */
                readonly member_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Hand a chat over, or change a member's role
         * @description For the chat's owner. Without a body, or with the role `owner`, the chat is handed over and
         *     the former owner stays as an admin. `404 chat.member_not_found` for a non-member.
         *
         *     When the owner is suspended, the chat is handed on to the admin, or else the member, that
         *     has been in it for longest. When there is none, owners and admins of the workspace can take
         *     the chat over: the same request with their own id, members or not.
         */
        readonly patch: operations["setMemberRole"];
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /**
         * Messages of a chat, the newest first
         * @description The newest; or those next `before` or `after` a message, without it; or those `around` one,
         *     which is in the middle of the page. Only one of the three at a time; a message that is not
         *     in the chat is a `422`. A page that its bytes ended has the messages next to the anchor, and
         *     in `X-Next-Cursor` the message from which to go on: by `after` where the page was asked for
         *     with `after`, else by `before`. Replies with `also_to_chat` false are in their thread alone,
         *     so that a page may leave numbers (`seq`) out. Deleted messages come as tombstones:
         *     `deleted_at` is set, the content is gone.
         */
        readonly get: operations["listMessages"];
        readonly put?: never;
        /**
         * Send a message
         * @description Send an idempotency key, a fresh UUID, and repeat the request with the same key whenever no
         *     answer came: the message is created once, and a repetition is answered `200` with the
         *     message as it is now. The same key with another message is `422
         *     message.idempotency_key_reused`, until the first one is edited or deleted: nothing of its
         *     former text is kept, and the request counts as a repetition. Keys that begin with `5c4ed01e-`
         *     are those of scheduled messages (`422`). A `503 chat.busy` created
         *     nothing. Content, files and mentions take at most 64 KiB as JSON together: `422
         *     message.too_large` names the longest of them. `422` for `files` that are no uploads of the
         *     sender in this workspace; older messages keep theirs. `413 quota.user` and `413
         *     quota.workspace`: the messages and uploads of the sender, or those of the whole workspace,
         *     take all the storage that the server gives them; deleting messages frees their text within a
         *     minute. `403 chat.archived`, and `403 chat.read_only` where only the owner and the admins of
         *     the chat write.
         *
         *     The server finds in the text what it mentions: `@` and the longest full name of a member,
         *     without case; `@all`; `@here`. Not in code (between backticks), in a URL, or in a longer
         *     word. A name that several members have mentions none, unless `mentions` has one of them.
         *     500 possible names of a text are looked up. The members that a text mentions are in
         *     `mentions` of the message. `403` where the chat allows no `@all` and `@here`; `422` for
         *     `confirm_everyone` where they would mention more than 50 members and it is not true.
         */
        readonly post: operations["sendMessage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        /**
         * One message
         * @description As the list of messages has it; a deleted message is a tombstone. `404 message.not_found`
         *     for a message of another chat.
         */
        readonly get: operations["getMessage"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a message
         * @description For its sender, and the chat's owner and admins. A tombstone stays, with its `seq`;
         *     reactions, pin and former texts are gone, and no user has it saved any more. Deleting it
         *     again is answered the same.
         */
        readonly delete: operations["deleteMessage"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Edit the caller's message
         * @description `403 auth.forbidden` unless the caller sent it, `409 message.deleted` for a deleted one,
         *     `404 message.not_found`. The same text again changes nothing. The former text is kept
         *     (`GET .../history`) until the message is deleted, and counts as stored. What the new text
         *     mentions is found as for sending; members that were not mentioned before get `Mentioned`.
         *     What it mentions already it may name again, also a member that has left since.
         *     `422 message.too_large` when the message would take more than 64 KiB with its files, `413`,
         *     `403 chat.archived` and `403 chat.read_only` as for sending.
         */
        readonly patch: operations["editMessage"];
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/follow": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Follow a thread
         * @description A thread is followed without this by the author of its first message, by those that reply,
         *     and by those that its replies mention. Replies that are there already are not unread.
         */
        readonly put: operations["followThread"];
        readonly post?: never;
        /**
         * Stop following a thread
         * @description Until the caller replies in it, or follows it.
         */
        readonly delete: operations["unfollowThread"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        /**
         * The former texts of a message
         * @description Those that edits have replaced, the newest first, 50 at most; none of a deleted message,
         *     with which they are erased. For its sender, and for the chat's owner and admins: `403
         *     auth.forbidden` for other members, and for all where the server keeps no history
         *     (`messages.edit_history`).
         */
        readonly get: operations["listMessageEdits"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/reactions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As PUT .../reactions/{emoji}
         * @deprecated
         */
        readonly post: operations["addReactionOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/reactions/{emoji}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
                 *     and without U+FE0F, are one emoji; answers and events have the full one.
                 * @example 👍
                 */
                readonly emoji: components["parameters"]["reaction_emoji"];
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * React to a message
         * @description One reaction with each emoji for each user; again changes nothing. `422` for a text that is
         *     no emoji, and when the message has 50 kinds of reactions (or 100,000 reactions); `403
         *     chat.archived`; `409 message.deleted`. Members get `ReactionAdded`; in a chat of more than
         *     200 members (`events.fan_out_member_limit`) the caller's own sessions alone get it, and the
         *     members get `ReactionsCounted`, at most once a second for a message.
         */
        readonly put: operations["addReaction"];
        readonly post?: never;
        /**
         * Take a reaction back
         * @description The caller's own; one that is not there changes nothing. `ReactionRemoved`, as for adding.
         */
        readonly delete: operations["removeReaction"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/read": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/read with this message
         * @deprecated
         * @description `404 message.not_found` for a message of another chat
         */
        readonly post: operations["readMessageOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/receipts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        /**
         * Which members have received and read a message
         * @description Without the sender and members that have joined since. Of messages of the last 30 days in chats of 200 members at most
         *     (`events.fan_out_member_limit`); else empty. `delivered_at` is the time at which the message
         *     was given to an open stream of the member, within 2 s, or read. It is no proof that the
         *     client has it: a connection that broke at that moment gets it with the next stream. `read_at` is null for members
         *     that hide it, for all of them when the caller hides theirs, or when the workspace does
         *     (`show_read`; `read_receipts`, which the administration of the server sets, and the API does
         *     not yet). The older a time, the less exact: never too early.
         */
        readonly get: operations["listReceipts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/thread": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        /**
         * A thread
         * @description The message that the thread began with, and its replies, the newest first: the newest, or
         *     those next `before` or `after` a message of the thread, without it. A page that its bytes
         *     ended has in `X-Next-Cursor` the reply from which to go on, in the same direction.
         */
        readonly get: operations["getThread"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/thread/read": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Read a thread
         * @description Up to the message `message_id` or the number `seq`, or all of it; never back. `422` for what
         *     is beyond the thread's end.
         */
        readonly post: operations["readThread"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/{message_id}/thread/unread": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Mark a thread as unread
         * @description From that message of the thread on.
         */
        readonly post: operations["unreadThread"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/messages/search": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /**
         * Find messages of one chat
         * @description As `GET /api/search/messages`, in this chat.
         */
        readonly get: operations["searchChatMessages"];
        readonly put?: never;
        /**
         * As GET, with the query in a body or in the URL
         * @deprecated
         * @description The names of `POST /api/search/messages`; a `chat_id` in the body is ignored.
         */
        readonly post: operations["searchChatMessagesOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/online": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /**
         * The online members of a chat
         * @description As `GET /api/online-users?chat_id=`.
         */
        readonly get: operations["listOnlineMembers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/pins": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /**
         * The pinned messages of a chat
         * @description The one that was pinned last comes first.
         */
        readonly get: operations["listPins"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/pins/{message_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Pin a message
         * @description 50 of a chat at most (`422`); again changes nothing. Which members may pin is a setting of
         *     the chat: all, or its owner and admins (and those of the workspace in a public channel, as
         *     members), else `403 auth.forbidden`. `403 chat.archived`. `409 message.deleted`. Members
         *     get `MessagePinned`.
         */
        readonly put: operations["pinMessage"];
        readonly post?: never;
        /**
         * Unpin a message
         * @description Rights as for pinning; a message that is not pinned changes nothing. A deleted message is
         *     unpinned already. Members get `MessageUnpinned`.
         */
        readonly delete: operations["unpinMessage"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/preferences": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        /** What the caller prefers for a chat */
        readonly get: operations["getChatPreferences"];
        /**
         * Mute or hide a chat
         * @description An absent field stays as it is. The caller's sessions get `PreferencesUpdated` with the
         *     chat's id. A mute ends by itself; a hidden chat is shown again with its next message, but for
         *     a reply in its thread alone. What changes nothing emits nothing.
         */
        readonly put: operations["setChatPreferences"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/read": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Up to which message the caller has read
         * @description By `message_id` or by `seq`, not by both. The number never moves back: a lower one changes
         *     nothing. Sending a message moves it to that message. Beyond the newest message, or with a
         *     message of another chat: `422`. The caller's other sessions get `MessageRead`, and so do the
         *     other members, ephemeral, in a chat of 200 members at most
         *     (`events.fan_out_member_limit`), unless the caller or the workspace hides it: the first at
         *     once, and the last of a series within 2 s.
         */
        readonly post: operations["readChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/restore": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Restore a deleted chat
         * @description For owners and admins of the workspace (`403 auth.forbidden`). Its members get `NewChat`,
         *     and it is as it was; the name of a public channel that was taken meanwhile gets a number
         *     behind it (`409 chat.name_taken` when the first hundred are taken, too). `404` for a chat
         *     that is not deleted, or erased already.
         */
        readonly post: operations["restoreChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/scheduled": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send a message later
         * @description At `send_at`, by the server's clock: at most a year ahead, and not in the past (`422`). 100
         *     messages of a user wait at most (`409 scheduled.too_many`), and of those that have failed
         *     the newest 100 stay. The caller must
         *     be able to send it now (`403 chat.archived`, `403 chat.read_only`); rights are looked at
         *     again when it is sent. It is sent once, with `idempotency_key`, which is made from its id;
         *     also after a crash or a downtime, then late. What the server cannot do at that moment it tries
         *     100 times, for an hour and a half (`server.internal` in the end). One that can no longer be sent stays in the
         *     list with its `failure`, and the caller's sessions get `ScheduledMessageFailed`. Repeating
         *     this request schedules another message. What waits counts as stored: `413 quota.user`,
         *     `413 quota.workspace`.
         */
        readonly post: operations["scheduleMessage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/settings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Set the topic of a chat, and who may do what in it
         * @description For its owner and admins (`403 auth.forbidden`), and for owners and admins of the workspace
         *     when it is a public channel. A Single has no settings. An absent field stays. The members
         *     get `ChatUpdated` when something has changed.
         */
        readonly put: operations["setChatSettings"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/typing": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Say that one is typing, or has stopped
         * @description The other members get `TypingStatus`, one a second at most, in chats of at most 200 members
         *     (`events.fan_out_member_limit`). Typing ends by itself after 10 s, with the next message of
         *     the user, and when the user leaves: repeat it every few seconds. `403 chat.archived`, `403
         *     chat.read_only` as for sending.
         */
        readonly post: operations["setTyping"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/typing/start": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        readonly post: operations["startTypingInChatOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/typing/stop": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        readonly post: operations["stopTypingInChatOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/unarchive": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Restore an archived chat
         * @description For the same people. The members get `ChatRestored`. A chat that is not archived stays as it
         *     is.
         */
        readonly post: operations["unarchiveChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chat/{id}/unread": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Mark a message and those after it as unread
         * @description Moves the number back to before that message; it never moves forward. The caller's other
         *     sessions get `MessageRead` with the lower `seq`. Receipts stay.
         */
        readonly post: operations["unreadChat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chats/{id}/messages/{message_id}/context": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        /**
         * As GET /api/chat/{id}/messages with `around`
         * @deprecated
         * @description The message and those next to it, the newest first. `404 message.not_found` for a message of
         *     another chat.
         */
        readonly get: operations["getMessageContextOlderName"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/chats/public": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The public channels of the workspace, joined or not, by id
         * @description With their member counts. Archived ones are a list of their own.
         */
        readonly get: operations["listPublicChannels"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/drafts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The caller's drafts, the newest first
         * @description When there are more, `X-Next-Cursor` is the `cursor` of the next page. A draft that changes
         *     between two pages moves to the front; its event tells of it.
         */
        readonly get: operations["listDrafts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/events/ticket": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A ticket for one stream of events
         * @description For a browser's `EventSource`, which cannot send headers: `GET /events?ticket=` on
         *     notify_server, once, within `expires_in` seconds. The stream ends when this access token
         *     does; then take a new ticket and resume with `last_event_id=`.
         */
        readonly post: operations["createEventTicket"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/files/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example 12 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        /**
         * The record of a file
         * @description Of the caller's own upload; `404` for others. The records of files of messages are in their
         *     `attachments`.
         */
        readonly get: operations["getFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/files/resumable": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Begin an upload in chunks
         * @description By [tus 1.0](https://tus.io/protocols/resumable-upload), for large files and bad networks:
         *     up to 4 GiB (a setting; `413 file.too_large`). The chunks are sent to the path in `Location`.
         *     A user has 20 unfinished uploads at most (a setting; `409 upload.too_many`); their announced
         *     bytes count as stored (`413 quota.user`, `413 quota.workspace`). An upload ends a day (a
         *     setting) after its last chunk: `Upload-Expires`. A malformed header is a `400` whose
         *     `detail` begins with its name.
         */
        readonly post: operations["createResumableUpload"];
        readonly delete?: never;
        /** What the server can, of tus */
        readonly options: operations["describeResumableUploads"];
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/files/resumable/{upload_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                readonly upload_id: string;
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * PATCH, HEAD or DELETE for clients that cannot send them
         * @description `X-HTTP-Method-Override` says which; headers, body and answer are those of that method.
         */
        readonly post: operations["overrideResumableUpload"];
        /**
         * Give an upload up
         * @description The bytes are gone; the file that a finished upload has become stays.
         */
        readonly delete: operations["removeResumableUpload"];
        /**
         * What the server can, of tus
         * @description The same for each path, whether there is such an upload or not.
         */
        readonly options: operations["describeResumableUpload"];
        /**
         * How much of an upload was received
         * @description What is behind `Upload-Offset` is still to be sent. Once the upload is finished, `Location`
         *     is the path of the file, and `Upload-Metadata` has its `url` and its `id`. `404` for uploads
         *     of others, and for those that have expired.
         */
        readonly head: operations["getResumableUpload"];
        /**
         * Send a chunk of an upload
         * @description The bytes from `Upload-Offset` on, as many as the client likes. With the last one the upload
         *     becomes a file. What came of a request that was cut is kept, unless it has an
         *     `Upload-Checksum`: such a chunk is kept as a whole or not at all
         *     (`460 upload.checksum_mismatch`). `409 upload.offset_mismatch`: the upload is at another
         *     offset, which HEAD tells. `423 upload.locked`: another request changes the upload at the
         *     moment. The last chunk may be sent again when its answer was lost.
         */
        readonly patch: operations["appendToResumableUpload"];
        readonly trace?: never;
    };
    readonly "/api/files/single": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Upload one file
         * @description As `POST /api/upload`, for one file, with its record as the answer. Of a picture the answer
         *     waits for the thumbnails, 2 s at most (a setting): then they are `ready`, mostly.
         */
        readonly post: operations["uploadFile"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/files/urls": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * URLs that show files without a token
         * @description For 5 minutes: for pictures in a page that has no cookie, and for downloads by another
         *     program. Files that the caller may not see, or that do not exist, are left out of the
         *     answer. A signed URL shows what the caller may see at that moment, not more.
         */
        readonly post: operations["signFileUrls"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/invitations/{token}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description Of an invitation, or the token that founds the first workspace
                 * @example kq3bGq0v8h6mLr3cJwq1yXb4m2V5sTzN0pAeUu7dWxY
                 */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        /**
         * What an invitation invites to
         * @description For the page on which its bearer signs up. `404` alike for a token that is unknown, expired,
         *     revoked or used, and for one whose inviter may not invite any more.
         */
        readonly get: operations["getInvitation"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End this session
         * @description The sessions of the access token and of all refresh tokens that are sent (in the same places
         *     as for `/api/refresh`). Their tokens are refused by both servers within a second. The cookie
         *     is cleared, by a `401` too. `403 auth.foreign_page` as for `/api/refresh`.
         */
        readonly post: operations["logout"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/logout_all": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/logout-all
         * @deprecated
         */
        readonly post: operations["logoutEverywhereOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/logout-all": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** End all sessions of the user */
        readonly post: operations["logoutEverywhere"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/mentions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The messages that mention the caller
         * @description The newest first, by name, and with `@all` and `@here` since the caller joined the chat;
         *     one by name of before that is read. Of unread ones in threads alone, the newest 1,000 by
         *     name are looked at, and the newest 20 with `@all` and `@here` of each chat.
         *     Where there are more, `X-Next-Cursor` is the `before` of the next page.
         */
        readonly get: operations["listMentions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/online-users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The online users
         * @description In one chat of the caller, in the caller's workspace, or, without either, in any chat of
         *     the caller, by id. Any other chat or workspace is `404`. When there are more,
         *     `X-Next-Cursor` is the `after_id` of the next page. A user that goes offline meanwhile is
         *     left out, so a page may have fewer than `limit`.
         */
        readonly get: operations["listOnlineUsers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/presence": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Say that one is online or away
         * @description Counts as an activity, as opening a stream, sending, typing and reading do; a user without
         *     any activity for five minutes is away. `away` holds in all sessions until `online` takes it
         *     back. `platform` names the session's own.
         */
        readonly post: operations["setPresence"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/presence/subscriptions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Subscribe to the presence of users
         * @description For users that share no small chat with the caller. The session that owns the token gets a
         *     `UserPresence` for each of them at once, on its open streams, and then one for each change;
         *     the list replaces its former one. It lives as long as the session has a stream open, so send
         *     it again after each `CaughtUp`. Users of another workspace are `422`, and nothing changes.
         *     As often as streams may be opened.
         */
        readonly post: operations["subscribeToPresence"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/realtime/chat/{id}/messages/{message_id}/read": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/read with this message
         * @deprecated
         * @description `404 message.not_found` for a message of another chat
         */
        readonly post: operations["readMessageOldestName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/realtime/presence": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/presence
         * @deprecated
         */
        readonly post: operations["setPresenceOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/realtime/typing/start": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        readonly post: operations["startTypingOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/realtime/typing/stop": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        readonly post: operations["stopTypingOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/refresh": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Trade the refresh token for a new pair of tokens
         * @description The refresh token is read from the cookie, then from `Authorization`, then from the body;
         *     the first valid one counts. Of several cookies of the name none is valid unless exactly one
         *     session is named by those that are. Until its successor was used, a token may be sent again
         *     and returns the same successor; 10 s after that it ends the session. `401
         *     auth.invalid_refresh_token` clears the cookie. `403 auth.foreign_page`: the cookie, or no
         *     token at all, was sent by a page of another origin (by `Origin`, without it by
         *     `Sec-Fetch-Site`).
         */
        readonly post: operations["refresh"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/saved": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The messages that the caller has saved
         * @description The one that was saved last comes first. They end when the caller leaves their chat. No
         *     other user learns which these are.
         */
        readonly get: operations["listSavedMessages"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/saved/{message_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Save a message
         * @description For the caller alone; again changes nothing. `404 message.not_found` unless it is in a chat
         *     of the caller, `409 message.deleted`, `422` beyond 1,000.
         */
        readonly put: operations["saveMessage"];
        readonly post?: never;
        /** Remove a message from those saved */
        readonly delete: operations["unsaveMessage"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/scheduled": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The caller's scheduled messages, by id
         * @description When there are more, `X-Next-Cursor` is the `after_id` of the next page.
         */
        readonly get: operations["listScheduled"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/scheduled/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The scheduled message
                 * @example 31
                 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Cancel a message that waits, or forget one that has failed
         * @description `404 scheduled.not_found`, `409 scheduled.being_sent`.
         */
        readonly delete: operations["cancelScheduled"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a message that waits
         * @description For the user that scheduled it, as a member of its chat (`404 scheduled.not_found`) that
         *     could send it now (`403 chat.archived`, `403 chat.read_only`). An absent field stays; `reply_to:
         *     null` removes it. From `send_at` on it is being sent: `409 scheduled.being_sent`. One that
         *     has failed waits again when it gets another time (`409 scheduled.too_many`).
         */
        readonly patch: operations["changeScheduled"];
        readonly trace?: never;
    };
    readonly "/api/search/messages": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Find messages
         * @description In the caller's present chats; nothing else is ever found or counted. `q` has words
         *     (all must be there), `"a phrase"`, `-without`, `begin*`; the last word is a beginning too.
         *     Words with signs (`C++`, `node.js`, `--force`) are compared as they are written, too: what
         *     holds them so comes first, and in quotes only that is found. Typing errors are forgiven
         *     when there is little without them: one in words of five letters, two from nine. `from:` (an
         *     id, `me`, an e-mail address, a name), `in:` (an id, a name, `@name` for a Single),
         *     `before:`, `after:`, `on:` (a day of UTC, `today`, `yesterday`) and `has:file|link` are the
         *     same as the parameters; they have no case and are not negated, and at most eight name people
         *     and chats. Exact matches come before beginnings of words, these before misspelt ones; among
         *     equals the newest. A message is found within a second of being sent, an edit and a deletion
         *     likewise. At most 1,000 are found and counted. A page ends before the answer takes more than
         *     1 MiB; then `X-Next-Cursor` is `next_cursor`. A user has one search at a time: a newer one
         *     ends the older one, which answers `409 search.superseded`. `422` names the invalid part, and
         *     a query that holds nothing to look for (`++`, `%`); `404 chat.not_found` for a chat the
         *     caller is not in; `503 search.unavailable` when the index does not answer or the search
         *     takes too long.
         */
        readonly get: operations["searchMessages"];
        readonly put?: never;
        /**
         * Find messages, with the query in a body
         * @description The same, with the same names in a JSON object. A request without a body takes the query of
         *     its URL; with a body, that query is ignored.
         */
        readonly post: operations["searchMessagesByBody"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/signin": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Sign in
         * @description `401 auth.invalid_credentials` for an unknown address and a wrong password alike. `403
         *     auth.suspended` for a suspended user. Wrong passwords of clients that the account does not
         *     know delay the next try, longer each time (`429`). A further `Set-Cookie`, `__Host-device`,
         *     makes this device known to the account: with it, sign-in is not limited, delayed or queued
         *     as that of a stranger. It ends with the next change of the password.
         */
        readonly post: operations["signIn"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/signup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Create an account
         * @description With an invitation the user joins its workspace, which need not be named. Without one, an
         *     existing workspace is joined by its name, and a new name makes a workspace with this user as
         *     its owner, where the server's settings allow either (else `403 auth.invitation_required`).
         *     Where anyone may found a workspace, one without a name is called after the person, with a
         *     number behind it when that name is taken; no workspace is joined so.
         *     The token that the first start of a server prints founds the first workspace: it is sent as
         *     the `invitation`, with the name of the workspace. `422` names `invitation` when it is not
         *     valid (any more), and `email` when it is for another address. `409 auth.email_taken` when
         *     the address has an account. The password must be none of the most common ones
         *     (`422 auth.password_common`) and must not contain the user's name or address or the
         *     workspace's name (`422 auth.password_personal`).
         */
        readonly post: operations["signUp"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/sse/health": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Counts of connections
         * @description The counts are for callers on the server's machine, or at an address of
         *     `http.internal_addresses`.
         */
        readonly get: operations["getStreamHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/threads": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The threads that the caller follows
         * @description Those with replies, of the newest 5,000 that the caller follows, that with the newest reply
         *     first. Where there are more, `X-Next-Cursor` is the `cursor` of the next page.
         */
        readonly get: operations["listThreads"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/unread-counts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What is unread in the caller's chats
         * @description Of the 2,000 most recently active ones, without those that the caller hides
         */
        readonly get: operations["listUnreadCounts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/upload": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Upload files
         * @description 1 to 10 files as `multipart/form-data`; each part with a `filename` is one, whatever its
         *     name; parts without one are ignored. A file has 1 byte at least and 50 MiB at most (a
         *     setting; `413 file.too_large`). When one of them is refused, all are. The answer has their
         *     paths in the order of the parts: a message names them in `files`. A file that no message,
         *     draft or scheduled message names is removed after a day (a setting). What it is, its content
         *     decides, not its name or the `Content-Type` of its part. Pictures (JPEG,
         *     PNG, WebP, HEIC, AVIF) are stored without their metadata (EXIF, XMP, comments), so that
         *     their bytes and size differ from what was sent. Files count as stored: `413 quota.user`,
         *     `413 quota.workspace`. At most 4 uploads of a user are served at once
         *     (`429`), and 64 of all (`503`): settings.
         */
        readonly post: operations["uploadFiles"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The users of the workspace, by id */
        readonly get: operations["listUsers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        /**
         * As GET /api/users/{id}/profile
         * @deprecated
         */
        readonly get: operations["getProfileOlderName"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users/{id}/block": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Block a user
         * @description A blocked user can neither add the caller to a chat nor make a Single with the caller. Chats
         *     that they share stay as they are. At most 1,000 users are blocked (`422`).
         */
        readonly put: operations["blockUser"];
        readonly post?: never;
        /** Unblock a user */
        readonly delete: operations["unblockUser"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users/{id}/profile": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        /** A user's profile */
        readonly get: operations["getProfile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users/change-password": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Change the caller's password
         * @description Ends all other sessions of the user, and makes strangers of the user's devices but this one
         *     (`Set-Cookie: __Host-device`). A wrong `current_password` is a `422` that names it. For the
         *     new one the rules of sign-up hold, and it must be another one (`422
         *     auth.password_unchanged`).
         */
        readonly post: operations["changePassword"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users/preferences": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the caller prefers everywhere */
        readonly get: operations["getPreferences"];
        /**
         * Change what the caller prefers everywhere
         * @description An absent field stays as it is. The caller's sessions get `PreferencesUpdated`. With
         *     `show_read: false` others get no `MessageRead` of the caller, and the caller none of theirs;
         *     receipts likewise, and what was read meanwhile is not shown later either.
         */
        readonly put: operations["setPreferences"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/users/profile": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The caller's profile */
        readonly get: operations["getOwnProfile"];
        /**
         * As PATCH
         * @deprecated
         */
        readonly put: operations["updateOwnProfileOlderName"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the caller's profile
         * @description An absent field stays. A null or an empty text clears, but for `fullname`.
         */
        readonly patch: operations["updateOwnProfile"];
        readonly trace?: never;
    };
    readonly "/api/workspace/chats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * As GET /api/chat
         * @deprecated
         */
        readonly get: operations["listChatsOlderName"];
        readonly put?: never;
        /**
         * As POST /api/chat
         * @deprecated
         */
        readonly post: operations["createChatOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/workspace/chats/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * As DELETE /api/chat/{id}
         * @deprecated
         */
        readonly delete: operations["deleteChatOlderName"];
        readonly options?: never;
        readonly head?: never;
        /**
         * As PATCH /api/chat/{id}
         * @deprecated
         */
        readonly patch: operations["updateChatOfWorkspaceOlderName"];
        readonly trace?: never;
    };
    readonly "/api/workspace/chats/{id}/leave": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * As POST /api/chat/{id}/leave
         * @deprecated
         */
        readonly post: operations["leaveChatOlderName"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/workspace/invitations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The invitations of the workspace, by id
         * @description For owners and admins. The tokens are not in it.
         */
        readonly get: operations["listInvitations"];
        readonly put?: never;
        /**
         * Create an invitation
         * @description For owners and admins. Only this answer has the token; it lets one person sign up to
         *     this workspace, as long as its inviter may invite. At most 100 invitations of one inviter
         *     are open (`409 workspace.too_many_invitations`). With an `email` only that address may use
         *     it.
         */
        readonly post: operations["createInvitation"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/workspace/invitations/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The invitation
                 * @example 3
                 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Revoke an invitation
         * @description For owners and admins. `404` for one that does not exist or was accepted already.
         */
        readonly delete: operations["revokeInvitation"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/workspace/members/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a user's role, suspend or reactivate a user
         * @description The owner changes roles; the role `owner` hands the workspace over, and the former owner
         *     becomes an admin. The owner and admins suspend and reactivate members, only the owner
         *     admins. A suspended user is signed out everywhere, and hands on the chats it owns. The open
         *     invitations of a user who may not invite any more end. No user can change itself (`422`).
         *     Everything that the caller's role does not allow is `403 auth.forbidden`.
         */
        readonly patch: operations["setStanding"];
        readonly trace?: never;
    };
    readonly "/docs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This description as a page to read */
        readonly get: operations["getDocumentation"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs/": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** To the page of the documentation */
        readonly get: operations["goToDocumentationFromItsFolder"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example page.js */
                readonly file: "page.css" | "page.js" | "swagger-ui.css" | "swagger-ui-bundle.js" | "swagger-ui-bundle.js.LICENSE.txt" | "favicon-32x32.png" | "LICENSE" | "NOTICE";
            };
            readonly cookie?: never;
        };
        /** A file of the page */
        readonly get: operations["getDocumentationFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The stream of events
         * @description Server-Sent Events: first `retry:`, then the events missed since the cursor, then one
         *     `CaughtUp`, then each event as it is published. Each `data:` is one line of JSON, which also
         *     has the event's name (`event`), its `event_id`, its `chat_id` (if it belongs to one) and its
         *     `seq` (if it is about a message). The schemas are those of `x-events` below.
         *
         *     Store the last `id:` and resume with it, on any instance: either all missed events are
         *     delivered, in order and once, or one `Reset`, after which the client fetches by REST and
         *     goes on. Ignore events that you do not know.
         *
         *     `UserPresence` and `TypingStatus` are ephemeral: no `id:`, no replay. The user of a
         *     `UserPresence` shares a chat of 200 members at most with the caller, or is subscribed to
         *     (`POST /api/presence/subscriptions`), and is online, away, or has been offline for 10 s; one
         *     comes for each user in 5 s at most. For users that are online already, use
         *     `GET /api/online-users`.
         *
         *     `MessageRead` has an `id:` for the sessions of its own user; others get it without, as an
         *     ephemeral event.
         *
         *     `HEAD` answers the same status and leaves a ticket as it is.
         *
         *     The stream ends when the token does (with `access_token` in the query: when its session
         *     does), when the session is over, when too many streams of the user are open (the oldest goes
         *     first), and when the client does not read.
         */
        readonly get: operations["streamEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/files/{workspace}/{aaa}/{bbb}/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The first three digits of the hash
                 * @example 2cf
                 */
                readonly aaa: string;
                /**
                 * @description The next three digits
                 * @example 24d
                 */
                readonly bbb: string;
                /**
                 * @description The SHA-256 of the content, a dot, and an extension
                 * @example 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
                 */
                readonly file: string;
                /**
                 * @description The id of the workspace
                 * @example 3
                 */
                readonly workspace: string;
            };
            readonly cookie?: never;
        };
        /**
         * The bytes of a file
         * @description For its uploader and the present members of a chat with a message that has it; `404` for
         *     others, and for a file that does not exist. The caller shows itself by the access token, by
         *     the cookie `__Host-files`, which comes with the tokens at sign-up, sign-in and refresh and
         *     opens this route alone, or by a signed URL (`POST /api/files/urls`). The bytes behind a path
         *     never change. One byte range is served. What is not known to be harmless in a page
         *     (most pictures, sound, video) comes as an attachment; the page of a file runs no script. Downloads take from a rate of bytes of the user (`429`).
         */
        readonly get: operations["downloadFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The state of the server and of its dependencies
         * @description The checks run at the same time, each within a second. Without the database the server is
         *     unhealthy; without NATS it is degraded, and events wait. Callers share one run of the
         *     checks, and its result for half a second: `timestamp` is the time of the run. Never `429`.
         *
         *     Everything but `status`, `timestamp`, and the `name` and `status` of each service is for
         *     callers on the server's machine, or at an address of `http.internal_addresses`.
         */
        readonly get: operations["getHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/simple": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the process can answer */
        readonly get: operations["getLiveness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * This description
         * @description `404` where the server does not show its documentation, as the next two.
         */
        readonly get: operations["getDescription"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description About the message of that id and `seq` */
        readonly AnnotationEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            readonly message_id: components["schemas"]["Id"];
            /** Format: int64 */
            readonly seq: number;
        };
        /** @description A file that a message carries */
        readonly Attachment: {
            readonly blurhash: components["schemas"]["Blurhash"];
            readonly duration: number | null;
            /** @description Of a picture, in pixels */
            readonly height: number | null;
            /** @description By its content */
            readonly mime_type: string;
            /** @description As its sender has uploaded it */
            readonly name: string;
            /**
             * Format: int64
             * @description In bytes
             */
            readonly size: number;
            readonly status: components["schemas"]["ThumbnailStatus"];
            readonly thumbnail_url: components["schemas"]["ThumbnailPath"];
            /** @description A path of this origin */
            readonly url: string;
            /** @description Of a picture, in pixels */
            readonly width: number | null;
        };
        /**
         * @example {
         *       "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl",
         *       "refresh_token": "5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U",
         *       "token_type": "Bearer",
         *       "expires_in": 1800,
         *       "user": {
         *         "id": 7,
         *         "workspace_id": 1,
         *         "fullname": "Alice Adams",
         *         "email": "alice@acme.example",
         *         "status": "Active",
         *         "role": "owner",
         *         "avatar_url": null,
         *         "title": null,
         *         "bio": null,
         *         "created_at": "2026-03-01T08:30:12.123456Z"
         *       },
         *       "workspace": {
         *         "id": 1,
         *         "name": "Acme",
         *         "owner_id": 7,
         *         "created_at": "2026-03-01T08:30:12.123456Z"
         *       }
         *     }
         */
        readonly AuthResponse: {
            /** @description A JWT (EdDSA); read nothing from it but `exp` */
            readonly access_token: string;
            /** @description Seconds of the access token */
            readonly expires_in: number;
            /** @description Opaque; absent with `cookie_only` */
            readonly refresh_token?: string;
            /** @constant */
            readonly token_type: "Bearer";
            readonly user: components["schemas"]["User"];
            readonly workspace: components["schemas"]["Workspace"];
        };
        /**
         * @description What to show of a picture until its thumbnail is there (https://blurha.sh); `null` as long as
         *     `thumbnail_url` is
         */
        readonly Blurhash: string | null;
        readonly CaughtUpEvent: {
            readonly cursor: components["schemas"]["Cursor"];
            /** @constant */
            readonly event: "CaughtUp";
        };
        readonly ChangePasswordRequest: {
            readonly current_password: string;
            readonly new_password: components["schemas"]["NewPassword"];
        };
        /**
         * @example {
         *       "id": 12,
         *       "workspace_id": 1,
         *       "name": "Lunch",
         *       "chat_type": "Group",
         *       "description": "",
         *       "created_by": 7,
         *       "owner_id": 7,
         *       "member_count": 3,
         *       "chat_members": [
         *         7,
         *         8,
         *         9
         *       ],
         *       "last_seq": 58,
         *       "created_at": "2026-03-01T08:40:00Z",
         *       "updated_at": "2026-03-01T08:40:00Z",
         *       "topic": "",
         *       "archived_at": null,
         *       "who_may_write": "all",
         *       "who_may_pin": "all",
         *       "everyone_mentions": true,
         *       "version": 9917
         *     }
         */
        readonly Chat: {
            /** @description Since then it takes no messages; null unless it is archived */
            readonly archived_at: components["schemas"]["TimeOrNull"];
            /** @description At most 200 of them; the rest by the members endpoint */
            readonly chat_members: readonly components["schemas"]["Id"][];
            readonly chat_type: components["schemas"]["ChatType"];
            readonly created_at: components["schemas"]["Time"];
            readonly created_by: components["schemas"]["Id"];
            readonly description: string;
            /** @description Whether `@all` and `@here` are mentions */
            readonly everyone_mentions: boolean;
            readonly id: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description Of the newest message
             */
            readonly last_seq: number;
            /** Format: int64 */
            readonly member_count: number;
            /** @description Of a Single, the other member's full name, for each of the two; in events it is empty */
            readonly name: string;
            readonly owner_id: components["schemas"]["IdOrNull"];
            /** @description At most 250 characters */
            readonly topic: string;
            readonly updated_at: components["schemas"]["Time"];
            readonly version: components["schemas"]["Version"];
            readonly who_may_pin: components["schemas"]["WhoMay"];
            readonly who_may_write: components["schemas"]["WhoMay"];
            readonly workspace_id: components["schemas"]["Id"];
        };
        readonly ChatDraft: {
            readonly chat_type: components["schemas"]["ChatType"];
            readonly description?: string | null;
            /**
             * @deprecated
             * @description As members
             */
            readonly member_ids?: readonly components["schemas"]["Id"][] | null;
            /**
             * @description The other members; the caller may be in it, without effect. With `member_ids` of another
             *     value: `422`
             */
            readonly members?: readonly components["schemas"]["Id"][] | null;
            /**
             * @description A name of at most 128 characters, by the rules of a user's `fullname`. Names of channels
             *     that differ in case, width, composition or blanks only are the same. That of a Single is
             *     ignored.
             */
            readonly name?: string | null;
        };
        /**
         * @description The chat as it is now, or as it was when it was deleted, and once more its id as `chat_id`.
         *     Of a `NewChat` for members that were added, `version` is the id of the `UserJoinedChat`
         *     behind it, which they have in it
         */
        readonly ChatEvent: {
            readonly chat_id: components["schemas"]["Id"];
        } & (components["schemas"]["Event"] & components["schemas"]["Chat"]);
        /**
         * @example {
         *       "chat_id": 12,
         *       "user_id": 8,
         *       "id": 8,
         *       "fullname": "Bob Brown",
         *       "email": "bob@acme.example",
         *       "status": "Active",
         *       "role": "member",
         *       "joined_at": "2026-03-01T08:40:00Z"
         *     }
         */
        readonly ChatMember: {
            readonly chat_id: components["schemas"]["Id"];
            readonly email: string;
            readonly fullname: string;
            /** @description The same as user_id */
            readonly id: components["schemas"]["Id"];
            readonly joined_at: components["schemas"]["Time"];
            /** @description In this chat */
            readonly role: components["schemas"]["Role"];
            readonly status: components["schemas"]["UserStatus"];
            readonly user_id: components["schemas"]["Id"];
        };
        readonly ChatPatch: {
            readonly description?: string | null;
            /** @description As in ChatDraft */
            readonly name?: string | null;
        };
        readonly ChatPreferences: {
            readonly chat_id: components["schemas"]["Id"];
            /** @description Not in the list of chats, until its next message */
            readonly hidden: boolean;
            /** @description Mentions do not get through the mute either */
            readonly mute_mentions: boolean;
            readonly muted_until: components["schemas"]["MutedUntil"];
        };
        readonly ChatPreferencesPatch: {
            readonly hidden?: boolean | null;
            readonly mute_mentions?: boolean | null;
            /**
             * Format: date-time
             * @description RFC 3339; null, and a time that has passed, end the mute
             */
            readonly muted_until?: string | null;
        };
        readonly ChatSettings: {
            readonly everyone_mentions?: boolean | null;
            readonly topic?: string | null;
            readonly who_may_pin?: components["schemas"]["WhoMay"] | null;
            /** @description Others get `403 chat.read_only` */
            readonly who_may_write?: components["schemas"]["WhoMay"] | null;
        };
        /** @description A chat as one of its members sees it */
        readonly ChatSummary: components["schemas"]["Chat"] & {
            /** @description Of a Single, the other member; else null */
            readonly counterpart: components["schemas"]["User"] | null;
            /** @description Whether the caller created it */
            readonly is_creator: boolean;
            /**
             * @description The newest message, null before the first one. A deleted message stays the last one,
             *     as a tombstone: `deleted_at` is set, `content` is empty.
             */
            readonly last_message: components["schemas"]["MessagePreview"] | null;
            /** Format: int64 */
            readonly last_read_seq: number;
            /** Format: int64 */
            readonly mention_count: number;
            readonly muted_until: components["schemas"]["MutedUntil"];
            /**
             * Format: int64
             * @description The `event_id` of the newest event that moved `last_read_seq`: a `MessageRead`, or
             *     the `NewMessage` of an own message
             */
            readonly read_version: number;
            /**
             * Format: int64
             * @description Without deleted messages and the caller's own
             */
            readonly unread_count: number;
        };
        /** @enum {string} */
        readonly ChatType: "Single" | "Group" | "PrivateChannel" | "PublicChannel";
        /** @description `true`: the answer has no `refresh_token`, only the cookie has it */
        readonly CookieOnly: boolean | null;
        /**
         * @description A position in the stream of events; opaque to clients
         * @example 3-1042
         */
        readonly Cursor: string;
        /**
         * @description What the user says about itself, in all sessions of the user. Private for now: no other user
         *     gets it
         */
        readonly CustomStatus: string | null;
        /** @description RFC 3339, a time with any offset from UTC */
        readonly DayOrTime: string;
        /**
         * @example {
         *       "chat_id": 12,
         *       "content": "Dear all,",
         *       "files": [],
         *       "reply_to": null,
         *       "version": 9917,
         *       "updated_at": "2026-03-01T08:41:07.004512Z"
         *     }
         */
        readonly Draft: {
            readonly chat_id: components["schemas"]["Id"];
            readonly content: string;
            readonly files: readonly string[];
            readonly reply_to: components["schemas"]["IdOrNull"];
            readonly updated_at: components["schemas"]["TimeOrNull"];
            readonly version: components["schemas"]["DraftVersion"];
        };
        readonly DraftChange: {
            readonly content?: string | null;
            readonly files?: readonly components["schemas"]["MessageFile"][] | null;
            /** @description A message of the same chat */
            readonly reply_to?: components["schemas"]["Id"] | null;
            readonly version: components["schemas"]["DraftVersion"];
        };
        /**
         * @description To the user's sessions only. `event_id` is the version of the draft. The text is not in it:
         *     fetch it, unless this is the version that the client has stored itself
         */
        readonly DraftUpdatedEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            /** @description Whether there is no draft any more */
            readonly deleted: boolean;
        };
        /**
         * Format: int64
         * @description Raised by each change, also by the end of a draft; 0 before the first one
         */
        readonly DraftVersion: number;
        /**
         * @description | code | status | meaning |
         *     |---|---|---|
         *     | `request.malformed` | 400 | a part of the request other than its JSON is malformed, as `detail` says: a header, the percent-encoding of path or query, the chunks of a body, a body on GET |
         *     | `request.malformed_json` | 400 | the body is empty or no JSON, is nested deeper than 32 levels, repeats a key, or is no UTF-8 |
         *     | `request.malformed_id` | 400 | an id in the path is no positive whole number |
         *     | `auth.unauthenticated` | 401 | there is no valid access token: refresh it |
         *     | `auth.invalid_credentials` | 401 | the e-mail address or the password is wrong |
         *     | `auth.invalid_refresh_token` | 401 | the session is over: sign in again |
         *     | `auth.suspended` | 403 | the account is suspended |
         *     | `auth.forbidden` | 403 | your role does not allow this |
         *     | `auth.invitation_required` | 403 | signing up takes an invitation |
         *     | `auth.foreign_page` | 403 | a page of this origin may not refresh or sign out by cookie |
         *     | `chat.archived` | 403 | the chat is archived: nothing is written in it |
         *     | `chat.read_only` | 403 | only the owner and the admins of the chat write in it |
         *     | `request.not_found` | 404 | it does not exist, or the caller may not see it |
         *     | `chat.not_found` | 404 | there is no such chat, or you are not in it |
         *     | `chat.member_not_found` | 404 | there is no such member in this chat |
         *     | `message.not_found` | 404 | there is no such message in this chat |
         *     | `scheduled.not_found` | 404 | the caller has no such scheduled message |
         *     | `file.not_found` | 404 | there is no such file, or you may not see it |
         *     | `upload.not_found` | 404 | the caller has no such upload in chunks, or it has expired: begin a new one |
         *     | `request.method_not_allowed` | 405 | this path does not have this method; `Allow` lists those it has |
         *     | `request.timeout` | 408 | the request did not come in time |
         *     | `auth.email_taken` | 409 | the e-mail address has an account already |
         *     | `chat.name_taken` | 409 | another public channel has this name |
         *     | `chat.owner_must_hand_over` | 409 | the owner hands the chat over first |
         *     | `workspace.too_many_invitations` | 409 | revoke some of the open invitations |
         *     | `message.deleted` | 409 | a deleted message cannot be edited |
         *     | `draft.outdated` | 409 | another session has changed the draft; `draft` is the newer one |
         *     | `scheduled.being_sent` | 409 | the message is being sent: it changes no more |
         *     | `scheduled.too_many` | 409 | as many messages wait as one user may have |
         *     | `upload.too_many` | 409 | as many uploads are unfinished as one user may have |
         *     | `upload.offset_mismatch` | 409 | the upload is at another offset: HEAD tells it |
         *     | `search.superseded` | 409 | the user has begun a newer search |
         *     | `upload.version` | 412 | `Tus-Resumable` is missing, or not 1.0.0 |
         *     | `request.too_large` | 413 | the body is too large |
         *     | `file.too_large` | 413 | the file is larger than a file may be |
         *     | `quota.user` | 413 | the user's storage is used up |
         *     | `quota.workspace` | 413 | the storage of the workspace is used up |
         *     | `request.unsupported_media_type` | 415 | the body was not sent as application/json |
         *     | `request.unsupported_content_coding` | 415 | the body was sent in a `Content-Encoding`: send it plain |
         *     | `request.range_not_satisfiable` | 416 | the range lies behind the end of the file; `Content-Range` has its size |
         *     | `request.invalid_fields` | 422 | `errors` lists the invalid fields and query parameters, each with its defect |
         *     | `auth.password_common` | 422 | `errors` names the field: the password is one of the most common ones, or nearly one |
         *     | `auth.password_personal` | 422 | `errors` names the field: the password contains the user's name or address, or the workspace's name |
         *     | `auth.password_unchanged` | 422 | `errors` names the field: the new password is the present one |
         *     | `message.too_large` | 422 | content, files and mentions have more than 64 KiB as JSON |
         *     | `message.idempotency_key_reused` | 422 | the key belongs to another message |
         *     | `upload.locked` | 423 | another request changes the upload: try again shortly |
         *     | `request.rate_limited` | 429 | too many requests: wait for `Retry-After` |
         *     | `chat.daily_limit` | 429 | enough chats were made, or people added, for today |
         *     | `request.headers_too_large` | 431 | the request's header is too large |
         *     | `upload.checksum_mismatch` | 460 | the chunk has another checksum than `Upload-Checksum` says; nothing of it was kept |
         *     | `server.internal` | 500 | a defect of the server; the reason is in its log |
         *     | `request.not_implemented` | 501 | the transfer coding is not implemented: only `chunked` is |
         *     | `chat.busy` | 503 | other requests hold the lock of the chat: try again |
         *     | `search.unavailable` | 503 | the index does not answer: all but search works |
         *     | `storage.unavailable` | 503 | the files cannot be reached: all but these works; try again |
         *     | `server.overloaded` | 503 | too much at once: try again |
         *     | `server.database_unavailable` | 503 | the database cannot be reached: try again |
         *     | `server.nats_unavailable` | 503 | the event stream cannot be reached: try again |
         *     | `server.draining` | 503 | this instance shuts down: try again, on another one |
         *     | `storage.full` | 507 | there is no room for more files: the operator can help |
         * @enum {string}
         */
        readonly ErrorCode: "request.malformed" | "request.malformed_json" | "request.malformed_id" | "auth.unauthenticated" | "auth.invalid_credentials" | "auth.invalid_refresh_token" | "auth.suspended" | "auth.forbidden" | "auth.invitation_required" | "auth.foreign_page" | "chat.archived" | "chat.read_only" | "request.not_found" | "chat.not_found" | "chat.member_not_found" | "message.not_found" | "scheduled.not_found" | "file.not_found" | "upload.not_found" | "request.method_not_allowed" | "request.timeout" | "auth.email_taken" | "chat.name_taken" | "chat.owner_must_hand_over" | "workspace.too_many_invitations" | "message.deleted" | "draft.outdated" | "scheduled.being_sent" | "scheduled.too_many" | "upload.too_many" | "upload.offset_mismatch" | "search.superseded" | "upload.version" | "request.too_large" | "file.too_large" | "quota.user" | "quota.workspace" | "request.unsupported_media_type" | "request.unsupported_content_coding" | "request.range_not_satisfiable" | "request.invalid_fields" | "auth.password_common" | "auth.password_personal" | "auth.password_unchanged" | "message.too_large" | "message.idempotency_key_reused" | "upload.locked" | "request.rate_limited" | "chat.daily_limit" | "request.headers_too_large" | "upload.checksum_mismatch" | "server.internal" | "request.not_implemented" | "chat.busy" | "search.unavailable" | "storage.unavailable" | "server.overloaded" | "server.database_unavailable" | "server.nats_unavailable" | "server.draining" | "storage.full";
        readonly Event: {
            readonly event: string;
            /** @description Greater than that of each earlier event about the same object */
            readonly event_id: components["schemas"]["Id"];
        };
        /**
         * @example {
         *       "ticket": "q83vASNFZ4mrze8BI0VniQAAAABpo3mKx0kqWv1S8nYb6TzLr2dPf5uHc9wEgJm3oXi7aVtQyBsNkZ4RlUpD1hC6jMeFo0WqTxKvGnS2bYzI8rLuPdHfA",
         *       "expires_in": 30
         *     }
         */
        readonly EventTicket: {
            /** @description Seconds */
            readonly expires_in: number;
            /** @description Opaque */
            readonly ticket: string;
        };
        /**
         * @description Of `@all` and `@here`
         * @enum {string}
         */
        readonly Everyone: "all" | "here";
        readonly FieldError: {
            readonly detail: string;
            /** @description A field, a parameter, or as in `members[2]` */
            readonly field: string;
        };
        readonly File: {
            readonly blurhash: components["schemas"]["Blurhash"];
            readonly created_at: components["schemas"]["Time"];
            /** @description As it was uploaded, made harmless */
            readonly filename: string;
            /** @description Of a picture, in pixels */
            readonly height: number | null;
            readonly id: components["schemas"]["Id"];
            /** @description By its content */
            readonly mime_type: string;
            /**
             * Format: int64
             * @description In bytes, as it is stored
             */
            readonly size: number;
            readonly status: components["schemas"]["ThumbnailStatus"];
            readonly thumbnail_url: components["schemas"]["ThumbnailPath"];
            readonly url: components["schemas"]["FilePath"];
            /** @description Of a picture, in pixels */
            readonly width: number | null;
        };
        /**
         * @description Of this origin. The hash is the SHA-256 of the content; what is uploaded twice in a
         *     workspace has one path
         * @example /files/3/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
         */
        readonly FilePath: string;
        readonly FilesToUpload: {
            /** @description Each part with a `filename` is a file, whatever its name */
            readonly file: readonly string[];
        };
        readonly FileUrls: {
            readonly urls: readonly string[];
        };
        readonly FollowedThread: {
            readonly chat_id: components["schemas"]["Id"];
            /** Format: int64 */
            readonly last_read_seq: number;
            readonly root: components["schemas"]["Message"];
            /** @description As in ThreadRead */
            readonly unread_count: number;
        };
        /**
         * @description 1 to 50 characters as stored: in NFC, trimmed, with single spaces. Control characters, line
         *     breaks, bidirectional controls and invisible characters are refused, except where Unicode
         *     wants them (emoji sequences, joiners of scripts that write with them).
         */
        readonly Fullname: string;
        readonly Health: {
            readonly database_pool_usage?: number;
            /** @description Whether the server is shutting down */
            readonly draining?: boolean;
            readonly meilisearch_status?: string;
            readonly memory_usage?: components["schemas"]["MemoryUsage"];
            /** @enum {string} */
            readonly nats_connection_status?: "connected" | "disconnected";
            readonly services: readonly components["schemas"]["HealthOfService"][];
            /** @enum {string} */
            readonly status: "healthy" | "degraded" | "unhealthy";
            readonly timestamp: components["schemas"]["Time"];
            /**
             * @description Within the last hour a request had `X-Forwarded-For` from a peer that
             *     `http.trusted_proxies` does not list. If that is the gateway, its clients share the
             *     limits of one address.
             */
            readonly untrusted_forwarding?: boolean;
        };
        readonly HealthOfService: {
            readonly error?: string | null;
            readonly latency_ms?: number;
            /** @enum {string} */
            readonly name: "database" | "nats" | "startup" | "revocations" | "search" | "cleanup" | "files";
            /** @enum {string} */
            readonly status: "healthy" | "unhealthy";
        };
        /** @description Comes without an `event:` line, every 25 s */
        readonly Heartbeat: {
            readonly server_time: components["schemas"]["Time"];
            /** @constant */
            readonly type: "heartbeat";
        };
        /** Format: int64 */
        readonly Id: number;
        readonly IdempotencyKey: string;
        readonly IdOrNull: components["schemas"]["Id"] | null;
        /**
         * @example {
         *       "id": 3,
         *       "created_by": 7,
         *       "email": "bob@acme.example",
         *       "created_at": "2026-03-01T08:30:12Z",
         *       "expires_at": "2026-03-08T08:30:12Z",
         *       "revoked_at": null,
         *       "accepted_at": "2026-03-01T08:32:40Z",
         *       "accepted_by": 8
         *     }
         */
        readonly Invitation: {
            readonly accepted_at: components["schemas"]["TimeOrNull"];
            readonly accepted_by: components["schemas"]["IdOrNull"];
            readonly created_at: components["schemas"]["Time"];
            readonly created_by: components["schemas"]["Id"];
            /** @description Of the only one who may use it; null: any */
            readonly email: string | null;
            readonly expires_at: components["schemas"]["Time"];
            readonly id: components["schemas"]["Id"];
            readonly revoked_at: components["schemas"]["TimeOrNull"];
        };
        /**
         * @example {
         *       "workspace": "Acme",
         *       "invited_by": "Alice Adams",
         *       "email": "bob@acme.example"
         *     }
         * @example {
         *       "workspace": null,
         *       "invited_by": null,
         *       "email": null
         *     }
         */
        readonly InvitationOffer: {
            /** @description Of the only one who may use it; null: any */
            readonly email: string | null;
            /** @description The full name */
            readonly invited_by: string | null;
            /** @description Its name; null: the token founds one */
            readonly workspace: string | null;
        };
        readonly InvitationRequest: {
            /**
             * Format: idn-email
             * @description The only address that may use the invitation; compared as at sign-up
             */
            readonly email?: string | null;
        };
        readonly MemberIds: readonly components["schemas"]["Id"][];
        readonly MemberIdsOrNull: components["schemas"]["MemberIds"] | null;
        readonly MemberList: {
            readonly member_ids?: components["schemas"]["MemberIdsOrNull"];
            readonly members: components["schemas"]["MemberIds"];
        };
        /**
         * @deprecated
         * @description As MemberList
         */
        readonly MemberListOlderName: {
            readonly member_ids: components["schemas"]["MemberIds"];
            readonly members?: components["schemas"]["MemberIdsOrNull"];
        };
        readonly MemberPatch: {
            readonly role?: components["schemas"]["Role"] | null;
        };
        /**
         * @description The people that came or went: `users`, at most 100 of them, and the fields of a single one
         *     at the top level, too. When more than 100 come or go at once, and in a chat of more than 200
         *     members (`events.fan_out_member_limit`), there is no list: new members get `NewChat` alone,
         *     former members get `UserLeftChat` with `chat_id` alone, and the others get `ChatUpdated`
         *     with the new `member_count`.
         */
        readonly MembershipEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            readonly fullname?: string;
            readonly joined_at?: components["schemas"]["Time"];
            readonly user_id?: components["schemas"]["Id"];
            readonly users?: readonly components["schemas"]["PersonOfChat"][];
        };
        readonly MembersRequest: components["schemas"]["MemberList"] | components["schemas"]["MemberListOlderName"] | components["schemas"]["MemberIds"];
        readonly MemoryUsage: {
            readonly resident_bytes: number;
        };
        readonly Mention: {
            readonly chat_id: components["schemas"]["Id"];
            readonly message: components["schemas"]["Message"];
            readonly read: boolean;
        };
        /** @description A message mentions the user, by name or with all members */
        readonly MentionedEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            readonly message_id: components["schemas"]["Id"];
            /** @enum {string} */
            readonly reason: "mention" | "all" | "here";
            /** @description Ignore `all` and `here` of oneself */
            readonly sender_id: components["schemas"]["Id"];
        };
        /** @description A place of the content that mentions a member, or all members */
        readonly MentionRange: {
            /**
             * Format: int64
             * @description With the `@`, in code points
             */
            readonly length: number;
            /**
             * Format: int64
             * @description Of the `@`, in code points
             */
            readonly offset: number;
            readonly user_id: components["schemas"]["Id"] | components["schemas"]["Everyone"];
        };
        /**
         * @example {
         *       "id": 4711,
         *       "chat_id": 12,
         *       "sender_id": 7,
         *       "sender": {
         *         "id": 7,
         *         "fullname": "Alice Adams",
         *         "avatar_url": null
         *       },
         *       "seq": 58,
         *       "content": "@Bob look at this",
         *       "files": [
         *         "/files/3/0be/47e/0be47e3a1f0c8d2b5a6e9f4c7d1b8a3e5f2c9d6b4a7e1f8c3d5b2a9e6f4c7d10.pdf"
         *       ],
         *       "attachments": [
         *         {
         *           "url": "/files/3/0be/47e/0be47e3a1f0c8d2b5a6e9f4c7d1b8a3e5f2c9d6b4a7e1f8c3d5b2a9e6f4c7d10.pdf",
         *           "name": "plan.pdf",
         *           "mime_type": "application/pdf",
         *           "size": 81230,
         *           "width": null,
         *           "height": null,
         *           "duration": null,
         *           "thumbnail_url": null,
         *           "blurhash": null,
         *           "status": "ready"
         *         }
         *       ],
         *       "mentions": [
         *         8
         *       ],
         *       "reply_to": 4710,
         *       "idempotency_key": "0191d2a6-6f7e-7c3b-9d51-8f6d4c2b1a09",
         *       "created_at": "2026-03-01T08:41:07.004512Z",
         *       "edited_at": null,
         *       "deleted_at": null,
         *       "reactions": [
         *         {
         *           "emoji": "👍",
         *           "count": 2,
         *           "me": false,
         *           "user_ids": [
         *             8,
         *             9
         *           ]
         *         }
         *       ],
         *       "pinned": false,
         *       "thread_root_id": 4710,
         *       "also_to_chat": true,
         *       "mention_ranges": [
         *         {
         *           "user_id": 8,
         *           "offset": 0,
         *           "length": 4
         *         }
         *       ],
         *       "thread": null,
         *       "version": 9917
         *     }
         */
        readonly Message: {
            /** @description False for a reply that is in its thread alone, not in the list of messages */
            readonly also_to_chat: boolean;
            /** @description Of `files`; empty for a message of before files were uploaded here */
            readonly attachments: readonly components["schemas"]["Attachment"][];
            readonly chat_id: components["schemas"]["Id"];
            /** @description Plain text as it was sent */
            readonly content: string;
            readonly created_at: components["schemas"]["Time"];
            readonly deleted_at: components["schemas"]["TimeOrNull"];
            readonly edited_at: components["schemas"]["TimeOrNull"];
            readonly files: readonly string[];
            readonly id: components["schemas"]["Id"];
            /** Format: uuid */
            readonly idempotency_key: string | null;
            readonly mention_ranges: readonly components["schemas"]["MentionRange"][];
            readonly mentions: readonly components["schemas"]["Id"][];
            readonly pinned: boolean;
            /** @description In the order of each kind's first one; empty for a deleted message */
            readonly reactions: readonly components["schemas"]["Reaction"][];
            readonly reply_to: components["schemas"]["IdOrNull"];
            readonly sender: components["schemas"]["Sender"];
            readonly sender_id: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description 1, 2, 3 … within the chat, without gaps; the only order there is
             */
            readonly seq: number;
            /** @description Of a message that has had replies; else null */
            readonly thread: components["schemas"]["ThreadSummary"] | null;
            /** @description Of a reply, the message that its thread began with */
            readonly thread_root_id: components["schemas"]["IdOrNull"];
            readonly version: components["schemas"]["Version"];
        };
        readonly MessageDeletedEvent: components["schemas"]["Event"] & {
            /** @description As it was in the message */
            readonly also_to_chat: boolean;
            readonly chat_id: components["schemas"]["Id"];
            readonly deleted_at: components["schemas"]["Time"];
            readonly id: components["schemas"]["Id"];
            /** Format: uuid */
            readonly idempotency_key: string | null;
            readonly sender_id: components["schemas"]["Id"];
            /** Format: int64 */
            readonly seq: number;
            readonly thread_root_id: components["schemas"]["IdOrNull"];
            readonly version: components["schemas"]["Version"];
        };
        /** @description A text, files, or both */
        readonly MessageDraft: {
            /**
             * @description False, for a reply only, keeps it out of the list of messages
             * @default true
             */
            readonly also_to_chat: boolean | null;
            /**
             * @description That `@all` and `@here` are meant, in a chat of more than 50 members
             * @default false
             */
            readonly confirm_everyone: boolean | null;
            readonly content?: string | null;
            readonly files?: readonly string[] | null;
            /** Format: uuid */
            readonly idempotency_key?: string | null;
            /**
             * @description What the sender means. A range whose text is `@` and the full name of that member,
             *     without case, goes before what the server would find there; others are ignored
             */
            readonly mention_ranges?: readonly components["schemas"]["MentionRange"][] | null;
            /** @description Members of the chat */
            readonly mentions?: readonly components["schemas"]["Id"][] | null;
            /** @description A message of the same chat, whose thread the reply belongs to */
            readonly reply_to?: components["schemas"]["Id"] | null;
        };
        /**
         * @example {
         *       "content": "helo",
         *       "edited_at": "2026-03-01T08:42:11.5Z"
         *     }
         */
        readonly MessageEdit: {
            /** @description The text that the edit replaced */
            readonly content: string;
            readonly edited_at: components["schemas"]["Time"];
        };
        /** @description As a file of MessageDraft */
        readonly MessageFile: string;
        readonly MessagePatch: {
            /** @default false */
            readonly confirm_everyone: boolean | null;
            /** @description May be empty when the message has a file */
            readonly content: string;
            /** @description As for sending */
            readonly mention_ranges?: readonly components["schemas"]["MentionRange"][] | null;
            /**
             * @description Members of the chat; absent: those that the message has mentioned without a place in its
             *     text
             */
            readonly mentions?: readonly components["schemas"]["Id"][] | null;
        };
        /**
         * @description The first 200 characters of a message's content, and the first of its files. Here
         *     `reactions` is always empty and `pinned` false, and the `version` leaves both out
         */
        readonly MessagePreview: components["schemas"]["Message"] & {
            readonly attachments?: readonly components["schemas"]["Attachment"][];
            readonly content?: string;
            /** @description Whether there is more of either */
            readonly content_truncated: boolean;
            readonly files?: readonly string[];
            /** @description Whether it has any file */
            readonly has_files: boolean;
            /** @description The full name of its sender */
            readonly sender_name: string;
        };
        /**
         * @description Up to which message a member has read. Of others the number only grows; the caller's own may
         *     go back, and the event with the greatest `event_id` counts. Own messages that are sent count
         *     as read without an event.
         */
        readonly MessageReadEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description The chat's newest message at that time: own messages up to it have moved the number
             *     before, later ones move it again
             */
            readonly last_seq: number;
            /** @description The message with that `seq`; null before the first one */
            readonly message_id: components["schemas"]["Id"] | null;
            /** @description When the number last moved forward by reading */
            readonly read_at: components["schemas"]["Time"] | null;
            /** Format: int64 */
            readonly seq: number;
            readonly user_id: components["schemas"]["Id"];
        };
        readonly MessageUpdatedEvent: components["schemas"]["Event"] & components["schemas"]["Message"];
        /** @description null when the caller has not muted the chat, or no longer */
        readonly MutedUntil: components["schemas"]["Time"] | null;
        /**
         * @example {
         *       "id": 3,
         *       "token": "kq3bGq0v8h6mLr3cJwq1yXb4m2V5sTzN0pAeUu7dWxY",
         *       "email": "bob@acme.example",
         *       "expires_at": "2026-03-08T08:30:12Z"
         *     }
         */
        readonly NewInvitation: {
            readonly email: string | null;
            readonly expires_at: components["schemas"]["Time"];
            readonly id: components["schemas"]["Id"];
            readonly token: string;
        };
        readonly NewMessageEvent: {
            readonly chat_type: components["schemas"]["ChatType"];
            readonly sender_name: string;
            /** @constant */
            readonly type: "new_message";
        } & (components["schemas"]["Event"] & components["schemas"]["Message"]);
        /**
         * @description 8 to 128 characters after the profile for opaque strings of RFC 8265, by which passwords are
         *     compared: NFC, spaces of all kinds are U+0020, no control or invisible characters.
         */
        readonly NewPassword: string;
        /** @description No field is known; all are ignored */
        readonly NoFields: Record<string, never>;
        readonly Note: {
            readonly message: string;
        };
        /**
         * @description About which messages the user is notified
         * @enum {string}
         */
        readonly Notifications: "all" | "mentions" | "none";
        /**
         * @example {
         *       "user_id": 8,
         *       "fullname": "Bob Brown",
         *       "email": "bob@acme.example",
         *       "status": "online",
         *       "last_seen": "2026-03-01T08:41:07Z",
         *       "platform": "web"
         *     }
         */
        readonly OnlineUser: {
            readonly email: string;
            readonly fullname: string;
            /** @description The last activity */
            readonly last_seen: components["schemas"]["Time"];
            readonly platform: components["schemas"]["PlatformOrNull"];
            /** @enum {string} */
            readonly status: "online" | "away";
            readonly user_id: components["schemas"]["Id"];
        };
        readonly OutdatedDraft: components["schemas"]["Problem"] & {
            readonly draft: components["schemas"]["Draft"];
        };
        readonly PasswordChanged: components["schemas"]["Note"] & {
            /** @description The same once more, for older clients */
            readonly data: components["schemas"]["Note"];
            /** @constant */
            readonly success: true;
        };
        readonly PersonOfChat: {
            readonly fullname: string;
            readonly joined_at: components["schemas"]["Time"];
            readonly user_id: components["schemas"]["Id"];
        };
        readonly PinEvent: components["schemas"]["AnnotationEvent"] & {
            /** @description The user that has pinned or unpinned it */
            readonly user_id: components["schemas"]["Id"];
        };
        /** @description Of the session that was active last, as it has said; null when it has not */
        readonly PlatformOrNull: string | null;
        readonly Preferences: {
            readonly custom_status: components["schemas"]["CustomStatus"];
            readonly notifications: components["schemas"]["Notifications"];
            /** @description Whether others see how far the user has read */
            readonly show_read: boolean;
        };
        readonly PreferencesPatch: {
            /** @description null or empty removes it */
            readonly custom_status?: string | null;
            readonly notifications?: components["schemas"]["Notifications"] | null;
            readonly show_read?: boolean | null;
        };
        /**
         * @description Those of a chat, with `chat_id`, or those that the user has everywhere; to the user's own
         *     sessions
         */
        readonly PreferencesUpdatedEvent: components["schemas"]["Event"] & {
            readonly chat_id?: components["schemas"]["Id"];
            readonly custom_status?: components["schemas"]["CustomStatus"];
            readonly hidden?: boolean;
            readonly mute_mentions?: boolean;
            readonly muted_until?: components["schemas"]["MutedUntil"];
            readonly notifications?: components["schemas"]["Notifications"];
            readonly show_read?: boolean;
        };
        readonly PresenceStatement: {
            readonly platform?: string | null;
            /** @enum {string} */
            readonly status: "online" | "away";
        };
        readonly PresenceSubscription: {
            /** @description Empty ends the subscription */
            readonly user_ids: readonly components["schemas"]["Id"][];
        };
        /** @description RFC 9457 */
        readonly Problem: {
            readonly code: components["schemas"]["ErrorCode"];
            /** @description For people; may change */
            readonly detail: string;
            /**
             * @deprecated
             * @description The same as detail
             */
            readonly error: string;
            /** @description With every 422 */
            readonly errors?: readonly components["schemas"]["FieldError"][];
            /**
             * @deprecated
             * @description The same as detail
             */
            readonly message: string;
            readonly request_id: string;
            readonly status: number;
            /** @description The same for every problem of this code */
            readonly title: string;
            readonly type: string;
        };
        readonly Profile: components["schemas"]["User"] & {
            /** @description The same once more, for older clients */
            readonly data: components["schemas"]["User"];
            /** @constant */
            readonly success: true;
        };
        readonly ProfilePatch: {
            /**
             * @description An https URL, or an absolute path of this origin, as a file of a message. Clients load
             *     avatars of this origin only, and show initials for others: an image of another host
             *     would tell it who looks at it.
             */
            readonly avatar_url?: string | null;
            readonly bio?: string | null;
            readonly fullname?: components["schemas"]["Fullname"];
            /** @description A line, by the rules of `fullname`, of at most 100 characters */
            readonly title?: string | null;
        };
        readonly PublicChannel: components["schemas"]["Chat"] & {
            /** @description Whether the caller is a member */
            readonly is_member: boolean;
        };
        /**
         * @example {
         *       "emoji": "👍",
         *       "count": 2,
         *       "me": true,
         *       "user_ids": [
         *         7,
         *         8
         *       ]
         *     }
         */
        readonly Reaction: {
            /** Format: int64 */
            readonly count: number;
            /** @description In its full spelling */
            readonly emoji: string;
            /** @description Whether the caller is among them; absent from events */
            readonly me?: boolean;
            /** @description The first 50 users that reacted so, in this order */
            readonly user_ids: readonly components["schemas"]["Id"][];
        };
        readonly ReactionCount: {
            /** Format: int64 */
            readonly count: number;
            readonly emoji: string;
        };
        readonly ReactionDraft: {
            readonly emoji: string;
        };
        /**
         * @description The user's reaction has come or gone. In a chat of more than 200 members
         *     (`events.fan_out_member_limit`) for the user's own sessions only
         */
        readonly ReactionEvent: components["schemas"]["AnnotationEvent"] & {
            readonly emoji: string;
            readonly user_id: components["schemas"]["Id"];
        };
        /**
         * @description All reactions to the message as they are now, in a chat of more than 200 members; at most
         *     once a second for each message
         */
        readonly ReactionsCountedEvent: components["schemas"]["AnnotationEvent"] & {
            readonly reactions: readonly components["schemas"]["ReactionCount"][];
        };
        /**
         * @description Counted from numbers: the caller's own messages and deleted ones are not unread. Where more
         *     than 10,000 messages are marked as unread at once, own ones are looked for among the newest
         *     10,000 of these
         * @example {
         *       "chat_id": 12,
         *       "last_read_seq": 58,
         *       "unread_count": 0,
         *       "mention_count": 0
         *     }
         */
        readonly ReadState: {
            readonly chat_id: components["schemas"]["Id"];
            /** Format: int64 */
            readonly last_read_seq: number;
            /** Format: int64 */
            readonly mention_count: number;
            /** Format: int64 */
            readonly unread_count: number;
        };
        /** @description One of the two */
        readonly ReadTarget: {
            readonly message_id?: components["schemas"]["Id"];
            /** Format: int64 */
            readonly seq?: number;
        };
        readonly Receipt: {
            readonly delivered_at: components["schemas"]["Time"];
            readonly read_at: components["schemas"]["Time"] | null;
            readonly user_id: components["schemas"]["Id"];
        };
        readonly RefreshRequest: {
            readonly cookie_only?: components["schemas"]["CookieOnly"];
            readonly refresh_token?: string | null;
        };
        readonly ResetEvent: {
            /** @constant */
            readonly event: "Reset";
            /** @enum {string} */
            readonly reason: "cursor_ahead" | "no_longer_held" | "too_far_behind" | "malformed_cursor" | "events_lost";
        };
        readonly ResumableUpload: {
            readonly expires_at: components["schemas"]["Time"];
            readonly id: string;
            /**
             * Format: int64
             * @description In bytes
             */
            readonly received: number;
            /**
             * Format: int64
             * @description Of the whole, in bytes
             */
            readonly size: number;
        };
        /** @enum {string} */
        readonly Role: "owner" | "admin" | "member";
        readonly SavedMessage: components["schemas"]["Message"] & {
            readonly saved_at: components["schemas"]["Time"];
        };
        /** @description A text, files, or both, and a time */
        readonly ScheduledDraft: {
            /**
             * @description As for MessageDraft
             * @default true
             */
            readonly also_to_chat: boolean | null;
            /** @default false */
            readonly confirm_everyone: boolean | null;
            readonly content?: string | null;
            readonly files?: readonly components["schemas"]["MessageFile"][] | null;
            /** @description As for MessageDraft */
            readonly mention_ranges?: readonly components["schemas"]["MentionRange"][] | null;
            /** @description Members of the chat */
            readonly mentions?: readonly components["schemas"]["Id"][] | null;
            /** @description A message of the same chat, whose thread the reply belongs to */
            readonly reply_to?: components["schemas"]["Id"] | null;
            readonly send_at: components["schemas"]["TimeToSend"];
        };
        /**
         * @example {
         *       "id": 31,
         *       "chat_id": 12,
         *       "content": "Good morning",
         *       "files": [],
         *       "mentions": [],
         *       "reply_to": null,
         *       "also_to_chat": true,
         *       "mention_ranges": [],
         *       "confirm_everyone": false,
         *       "idempotency_key": "5c4ed01e-0000-8000-8000-00000000001f",
         *       "send_at": "2026-03-02T08:00:00.000000Z",
         *       "created_at": "2026-03-01T18:12:40.103200Z",
         *       "failure": null
         *     }
         */
        readonly ScheduledMessage: {
            readonly also_to_chat: boolean;
            readonly chat_id: components["schemas"]["Id"];
            readonly confirm_everyone: boolean;
            readonly content: string;
            readonly created_at: components["schemas"]["Time"];
            /** @description Why it was not sent; null as long as it waits */
            readonly failure: components["schemas"]["SendFailure"] | null;
            readonly files: readonly string[];
            readonly id: components["schemas"]["Id"];
            /**
             * Format: uuid
             * @description That of the message when it is sent
             */
            readonly idempotency_key: string;
            readonly mention_ranges: readonly components["schemas"]["MentionRange"][];
            readonly mentions: readonly components["schemas"]["Id"][];
            readonly reply_to: components["schemas"]["IdOrNull"];
            readonly send_at: components["schemas"]["Time"];
        };
        /** @description To the user's sessions only */
        readonly ScheduledMessageFailedEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            readonly failure: components["schemas"]["SendFailure"];
            readonly id: components["schemas"]["Id"];
            readonly send_at: components["schemas"]["Time"];
        };
        readonly ScheduledPatch: {
            readonly also_to_chat?: boolean | null;
            readonly confirm_everyone?: boolean | null;
            readonly content?: string | null;
            readonly files?: readonly components["schemas"]["MessageFile"][] | null;
            /** @description Places of the `content` that comes with them; a content without them has none */
            readonly mention_ranges?: readonly components["schemas"]["MentionRange"][] | null;
            readonly mentions?: readonly components["schemas"]["Id"][] | null;
            readonly reply_to?: components["schemas"]["Id"] | null;
            readonly send_at?: components["schemas"]["TimeToSend"] | null;
        };
        readonly SearchAnswer: components["schemas"]["SearchResult"] & {
            /** @description The same once more, for older clients */
            readonly data: components["schemas"]["SearchResult"];
            /** @constant */
            readonly success: true;
        };
        /** @description Opaque to clients */
        readonly SearchCursor: string;
        /** @description How many of the matches belong to each */
        readonly SearchFacet: {
            readonly [key: string]: number;
        };
        readonly SearchFacets: {
            readonly chat_id: components["schemas"]["SearchFacet"];
            readonly chat_type: components["schemas"]["SearchFacet"];
            readonly month: components["schemas"]["SearchFacet"];
            readonly sender_id: components["schemas"]["SearchFacet"];
        };
        /** @enum {string} */
        readonly SearchHas: "file" | "link";
        readonly SearchHit: {
            readonly chat_id: components["schemas"]["Id"];
            /** @description Of a Single, the other member's name */
            readonly chat_name: string;
            readonly chat_type: components["schemas"]["ChatType"];
            readonly content: string;
            readonly created_at: components["schemas"]["Time"];
            readonly files: readonly string[];
            /** @description HTML that is safe to show, escaped, with `<mark>` around the matches */
            readonly highlight: string;
            readonly id: components["schemas"]["Id"];
            /** @description Comparable within one answer */
            readonly score: number;
            readonly sender_id: components["schemas"]["Id"];
            readonly sender_name: string;
            /** Format: int64 */
            readonly seq: number;
        };
        /** @description This page; for clients that page by `offset` */
        readonly SearchPage: {
            readonly has_more: boolean;
            readonly limit: number;
            /** @description The hits before it */
            readonly offset: number;
        };
        /**
         * @description The fields are those of the query of `GET /api/search/messages`. A null counts as absent:
         *     the `next_cursor` of a last page, null, begins again at the first one.
         */
        readonly SearchQuestion: {
            readonly chat_id?: components["schemas"]["Id"] | null;
            readonly chat_type?: components["schemas"]["ChatType"] | null;
            readonly cursor?: components["schemas"]["SearchCursor"] | null;
            readonly from?: components["schemas"]["DayOrTime"] | null;
            readonly has?: components["schemas"]["SearchHas"] | null;
            /** @default 50 */
            readonly limit: number | null;
            /** @default 0 */
            readonly offset: number | null;
            readonly q?: string | null;
            readonly sender_id?: components["schemas"]["Id"] | null;
            readonly sort?: components["schemas"]["SearchSort"] | null;
            readonly to?: components["schemas"]["DayOrTime"] | null;
        };
        readonly SearchResult: {
            readonly facets: components["schemas"]["SearchFacets"];
            /** @description Whether there is a next page */
            readonly has_more: boolean;
            readonly hits: readonly components["schemas"]["SearchHit"][];
            /** @description Null on the last page */
            readonly next_cursor: components["schemas"]["SearchCursor"] | null;
            readonly page: components["schemas"]["SearchPage"];
            readonly took_ms: number;
            /** @description Of all pages */
            readonly total: number;
        };
        /**
         * @default relevance
         * @enum {string}
         */
        readonly SearchSort: "relevance" | "newest" | "oldest" | "date_desc" | "date_asc";
        /** @description The user that has sent a message, by its present name */
        readonly Sender: {
            readonly avatar_url: string | null;
            readonly fullname: string;
            readonly id: components["schemas"]["Id"];
        };
        readonly SendFailure: {
            readonly code: components["schemas"]["ErrorCode"];
            readonly detail: string;
        };
        /**
         * @description One event of the stream, by the fields of its lines (WHATWG HTML, 9.2). In OpenAPI 3.1 the
         *     schema of a `text/event-stream` describes each event.
         */
        readonly ServerSentEvent: {
            /**
             * @description JSON of the schema that `x-events` names for the event. U+0085, U+2028 and U+2029 are
             *     escaped, so that a reader may split the stream with any function that splits lines.
             */
            readonly data: string;
            /**
             * @description A name of `x-events`; absent from a heartbeat, hence `message` by default
             * @enum {string}
             */
            readonly event?: "NewMessage" | "MessageUpdated" | "MessageDeleted" | "ReactionAdded" | "ReactionRemoved" | "ReactionsCounted" | "MessagePinned" | "MessageUnpinned" | "ThreadUpdated" | "ThreadFollowUpdated" | "Mentioned" | "NewChat" | "ChatUpdated" | "ChatDeleted" | "ChatArchived" | "ChatRestored" | "DraftUpdated" | "ScheduledMessageFailed" | "UserJoinedChat" | "UserLeftChat" | "UserUpdated" | "MessageRead" | "PreferencesUpdated" | "UserPresence" | "TypingStatus" | "CaughtUp" | "Reset" | "message";
            /** @description Absent from ephemeral events */
            readonly id?: components["schemas"]["Cursor"];
            /** @description Milliseconds */
            readonly retry?: number;
        };
        readonly SignedFileUrl: {
            readonly expires_at: components["schemas"]["Time"];
            /** @description Of this origin: the path, with a query */
            readonly signed_url: string;
            readonly url: components["schemas"]["FilePath"];
        };
        readonly SignInRequest: {
            readonly cookie_only?: components["schemas"]["CookieOnly"];
            /** @description Compared as at sign-up */
            readonly email: string;
            readonly password: string;
        };
        readonly SignUpRequest: {
            readonly cookie_only?: components["schemas"]["CookieOnly"];
            /**
             * Format: idn-email
             * @description `local@domain` of at most 254 bytes: a dot-atom and a domain name, in letters of any
             *     script (RFC 6531); no quoted local part, no address literal. Stored in NFC; two that
             *     differ in case or composition only, or by the punycode of the domain, are one account.
             */
            readonly email: string;
            readonly fullname: components["schemas"]["Fullname"];
            readonly invitation?: string | null;
            readonly password: components["schemas"]["NewPassword"];
            /**
             * @description A name, as `fullname`, of 1 to 32 characters. Names that differ in case, width,
             *     composition or blanks only are one workspace. Required without an invitation, unless
             *     anyone may found a workspace; with one, if it is there, it must be that of the
             *     invitation.
             */
            readonly workspace?: string | null;
            /**
             * @deprecated
             * @description As workspace
             */
            readonly workspace_name?: string | null;
        };
        readonly StandingPatch: {
            readonly role?: components["schemas"]["Role"] | null;
            readonly status?: components["schemas"]["UserStatus"] | null;
        };
        readonly StoredDraft: {
            readonly version: components["schemas"]["DraftVersion"];
        };
        readonly StreamHealth: {
            /** @description With a connected member */
            readonly active_chats?: number;
            readonly connected_users?: number;
            /** @constant */
            readonly service: "notify_server";
            /** @constant */
            readonly status: "healthy";
            /** @constant */
            readonly transport: "sse";
        };
        readonly Thread: {
            readonly replies: readonly components["schemas"]["Message"][];
            readonly root: components["schemas"]["Message"];
        };
        /** @description Whether the user follows a thread, and how far the user has read it */
        readonly ThreadFollowUpdatedEvent: components["schemas"]["Event"] & {
            readonly chat_id: components["schemas"]["Id"];
            readonly following: boolean;
            /** Format: int64 */
            readonly last_read_seq: number;
            readonly message_id: components["schemas"]["Id"];
        };
        /**
         * @example {
         *       "message_id": 4710,
         *       "chat_id": 12,
         *       "last_read_seq": 61,
         *       "unread_count": 0
         *     }
         */
        readonly ThreadRead: {
            readonly chat_id: components["schemas"]["Id"];
            /** Format: int64 */
            readonly last_read_seq: number;
            /** @description That the thread began with */
            readonly message_id: components["schemas"]["Id"];
            /** @description Replies of others, without deleted ones; 1,000 at most */
            readonly unread_count: number;
        };
        /** @description One of the two, or neither */
        readonly ThreadReadMove: {
            readonly message_id?: components["schemas"]["Id"] | null;
            /** Format: int64 */
            readonly seq?: number | null;
        };
        /** @description The replies of a message, without deleted ones */
        readonly ThreadSummary: {
            readonly last_reply_at: components["schemas"]["TimeOrNull"];
            /** @description The latest ten, the latest first */
            readonly repliers: readonly components["schemas"]["Id"][];
            /** Format: int64 */
            readonly reply_count: number;
        };
        readonly ThreadUnread: {
            readonly message_id: components["schemas"]["Id"];
        };
        /** @description The thread of a message as it is now */
        readonly ThreadUpdatedEvent: {
            readonly chat_id: components["schemas"]["Id"];
            readonly message_id: components["schemas"]["Id"];
        } & (components["schemas"]["Event"] & components["schemas"]["ThreadSummary"]);
        /**
         * @description The path of the small thumbnail of a picture (`?size=360`; the large one has `?size=1280`);
         *     `null` while it has none, and of what is no picture
         */
        readonly ThumbnailPath: string | null;
        /**
         * @description `pending`: the thumbnails of the picture are being made, which takes a moment, seldom
         *     minutes; `failed`: it will have none; `ready`: all is there, also of what is no picture
         * @enum {string}
         */
        readonly ThumbnailStatus: "ready" | "pending" | "failed";
        /**
         * Format: date-time
         * @example 2026-03-01T08:30:12.123456Z
         */
        readonly Time: string;
        readonly TimeOrNull: components["schemas"]["Time"] | null;
        /**
         * Format: date-time
         * @description RFC 3339, with any offset from UTC
         */
        readonly TimeToSend: string;
        readonly TypingChat: {
            readonly chat_id: components["schemas"]["Id"];
        };
        readonly TypingStatement: {
            readonly is_typing: boolean;
        };
        readonly TypingStatusEvent: {
            readonly chat_id: components["schemas"]["Id"];
            /** @constant */
            readonly event: "TypingStatus";
            /** @description When the typing ends by itself, or when it has ended */
            readonly expires_at: components["schemas"]["Time"];
            readonly is_typing: boolean;
            readonly user_id: components["schemas"]["Id"];
            readonly user_name: string;
        };
        /** @description In an object, unlike other lists, for older clients */
        readonly UnreadCounts: {
            readonly data: readonly components["schemas"]["ReadState"][];
            /** @constant */
            readonly success: true;
        };
        readonly UnreadTarget: {
            readonly message_id: components["schemas"]["Id"];
        };
        readonly UploadedFile: components["schemas"]["File"] & {
            /** @description The same once more, for older clients */
            readonly data: components["schemas"]["File"];
            /** @constant */
            readonly success: true;
        };
        /**
         * @example {
         *       "id": 8,
         *       "workspace_id": 1,
         *       "fullname": "Bob Brown",
         *       "email": "bob@acme.example",
         *       "status": "Active",
         *       "role": "member",
         *       "avatar_url": "https://files.acme.example/bob.png",
         *       "title": "Engineer",
         *       "bio": null,
         *       "created_at": "2026-03-01T08:32:40Z"
         *     }
         */
        readonly User: {
            readonly avatar_url: string | null;
            readonly bio: string | null;
            readonly created_at: components["schemas"]["Time"];
            readonly email: string;
            readonly fullname: string;
            readonly id: components["schemas"]["Id"];
            readonly role: components["schemas"]["Role"];
            readonly status: components["schemas"]["UserStatus"];
            readonly title: string | null;
            readonly workspace_id: components["schemas"]["Id"];
        };
        readonly UserPresenceEvent: {
            /** @constant */
            readonly event: "UserPresence";
            /**
             * @description The last activity; of an offline user, when the last stream closed, or null when the
             *     user was never seen
             */
            readonly last_seen: components["schemas"]["TimeOrNull"];
            readonly platform: components["schemas"]["PlatformOrNull"];
            /** @enum {string} */
            readonly status: "online" | "away" | "offline";
            readonly user_id: components["schemas"]["Id"];
        };
        /** @enum {string} */
        readonly UserStatus: "Active" | "Suspended";
        readonly UserUpdatedEvent: components["schemas"]["Event"] & components["schemas"]["User"];
        /**
         * Format: int64
         * @description The `event_id` of the newest event that made the object so. An event about it whose
         *     `event_id` is not greater is in it already
         */
        readonly Version: number;
        /**
         * @description All members, or the owner and the admins of the chat
         * @enum {string}
         */
        readonly WhoMay: "all" | "admins";
        readonly Workspace: {
            readonly created_at: components["schemas"]["Time"];
            readonly id: components["schemas"]["Id"];
            readonly name: string;
            readonly owner_id: components["schemas"]["Id"];
        };
    };
    responses: {
        /** @description The head or the path is malformed, the body is no JSON, or an id in the path is none. */
        readonly BadRequest: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:request.malformed_id",
                 *       "title": "Malformed id",
                 *       "status": 400,
                 *       "detail": "id must be a positive whole number",
                 *       "code": "request.malformed_id",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "id must be a positive whole number",
                 *       "error": "id must be a positive whole number"
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The chat. */
        readonly Chat: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Chat"];
            };
        };
        /** @description A page of the caller's chats. */
        readonly ChatList: {
            headers: {
                readonly "X-Event-Position": components["headers"]["EventPosition"];
                readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": readonly components["schemas"]["ChatSummary"][];
            };
        };
        /** @description The preferences as they are now. */
        readonly ChatPreferences: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["ChatPreferences"];
            };
        };
        /** @description The chunk is not the one of `Upload-Checksum`; nothing of it was kept. */
        readonly ChecksumMismatch: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The chunk is durable. */
        readonly ChunkReceived: {
            headers: {
                readonly Location: components["headers"]["FileLocation"];
                readonly "Tus-Resumable": components["headers"]["TusResumable"];
                readonly "Tus-Version": components["headers"]["TusVersion"];
                readonly "Upload-Metadata": components["headers"]["UploadMetadata"];
                readonly "Upload-Offset": components["headers"]["UploadOffset"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The present state conflicts with it. */
        readonly Conflict: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:chat.name_taken",
                 *       "title": "Channel name already taken",
                 *       "status": 409,
                 *       "detail": "There is a channel of this name.",
                 *       "code": "chat.name_taken",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "There is a channel of this name.",
                 *       "error": "There is a channel of this name."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Done. */
        readonly Done: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The draft is stored, or had this text already. */
        readonly DraftVersion: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["StoredDraft"];
            };
        };
        /** @description The file, or the part of it that was asked for. */
        readonly FileBytes: {
            headers: {
                readonly "Accept-Ranges": "bytes";
                /**
                 * @description `inline` or `attachment`, with the name by RFC 6266
                 * @example inline; filename="cat.png"
                 */
                readonly "Content-Disposition": string;
                readonly ETag: components["headers"]["ETag"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "*/*": string;
                readonly "application/octet-stream": string;
            };
        };
        /** @description Not allowed. `auth.suspended` may come from every endpoint for signed-in users. */
        readonly Forbidden: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:auth.suspended",
                 *       "title": "Account suspended",
                 *       "status": 403,
                 *       "detail": "This account is suspended.",
                 *       "code": "auth.suspended",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "This account is suspended.",
                 *       "error": "This account is suspended."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A rule is broken; `errors` names the fields or parameters. */
        readonly InvalidFields: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:request.invalid_fields",
                 *       "title": "Invalid fields",
                 *       "status": 422,
                 *       "detail": "name: is required",
                 *       "code": "request.invalid_fields",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "name: is required",
                 *       "error": "name: is required",
                 *       "errors": [
                 *         {
                 *           "field": "name",
                 *           "detail": "is required"
                 *         }
                 *       ]
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The members. */
        readonly MemberList: {
            headers: {
                readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": readonly components["schemas"]["ChatMember"][];
            };
        };
        /** @description The chat is created, and its members get `NewChat`. */
        readonly NewChat: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Chat"];
            };
        };
        /** @description No valid token; the cookie is cleared. */
        readonly NoSessionToEnd: {
            headers: {
                readonly "Set-Cookie": components["headers"]["RefreshCookie"];
                readonly "WWW-Authenticate": components["headers"]["Authenticate"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:auth.unauthenticated",
                 *       "title": "Not signed in",
                 *       "status": 401,
                 *       "detail": "Signing out takes an access or a refresh token.",
                 *       "code": "auth.unauthenticated",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "Signing out takes an access or a refresh token.",
                 *       "error": "Signing out takes an access or a refresh token."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It does not exist, or the caller may not see it. */
        readonly NotFound: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:chat.not_found",
                 *       "title": "Chat not found",
                 *       "status": 404,
                 *       "detail": "There is no such chat.",
                 *       "code": "chat.not_found",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "There is no such chat.",
                 *       "error": "There is no such chat."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The client has the present version. */
        readonly NotModified: {
            headers: {
                readonly ETag: components["headers"]["ETag"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description `Tus-Resumable` is missing, or another version; `Tus-Version` has this one. */
        readonly OtherTusVersion: {
            headers: {
                readonly "Tus-Version": components["headers"]["TusVersion"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another session has changed the draft; `draft` is the newer one. */
        readonly OutdatedDraft: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["OutdatedDraft"];
            };
        };
        /** @description The preferences as they are now. */
        readonly Preferences: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Preferences"];
            };
        };
        /**
         * @description The answer to any request before it reaches its endpoint (400, 408, 413, 431, 501), or when
         *     the server has a defect (500, which discloses no internals).
         */
        readonly Problem: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:server.internal",
                 *       "title": "Internal error",
                 *       "status": 500,
                 *       "detail": "Something went wrong.",
                 *       "code": "server.internal",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "Something went wrong.",
                 *       "error": "Something went wrong."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The user. */
        readonly Profile: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Profile"];
            };
        };
        /** @description Too many requests. */
        readonly RateLimited: {
            headers: {
                readonly RateLimit: components["headers"]["RateLimit"];
                readonly "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:request.rate_limited",
                 *       "title": "Too many requests",
                 *       "status": 429,
                 *       "detail": "Too many requests; try again shortly.",
                 *       "code": "request.rate_limited",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "Too many requests; try again shortly.",
                 *       "error": "Too many requests; try again shortly."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller's numbers in the chat, as they are now. */
        readonly ReadState: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["ReadState"];
            };
        };
        /** @description The message that waits. */
        readonly Scheduled: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["ScheduledMessage"];
            };
        };
        /** @description No valid refresh token; the cookie is cleared. */
        readonly SessionOver: {
            headers: {
                readonly "Set-Cookie": components["headers"]["RefreshCookie"];
                readonly "WWW-Authenticate": components["headers"]["Authenticate"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:auth.invalid_refresh_token",
                 *       "title": "Session is over",
                 *       "status": 401,
                 *       "detail": "This session is over; sign in again.",
                 *       "code": "auth.invalid_refresh_token",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "This session is over; sign in again.",
                 *       "error": "This session is over; sign in again."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description The user, the workspace, and the tokens. A further `Set-Cookie`, `__Host-files`, opens files
         *     (`GET /files/…`) and nothing else for as long as the access token.
         */
        readonly SignedIn: {
            headers: {
                readonly "Set-Cookie": components["headers"]["RefreshCookie"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["AuthResponse"];
            };
        };
        /** @description Signed out; the cookie is cleared. */
        readonly SignedOut: {
            headers: {
                readonly "Set-Cookie": components["headers"]["RefreshCookie"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "message": "Signed out."
                 *     }
                 */
                readonly "application/json": components["schemas"]["Note"];
            };
        };
        /** @description There is no room for more files. */
        readonly StorageFull: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:storage.full",
                 *       "title": "File store is full",
                 *       "status": 507,
                 *       "detail": "There is no room for this file.",
                 *       "code": "storage.full",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "There is no room for this file.",
                 *       "error": "There is no room for this file."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The page is elsewhere. */
        readonly ToDocumentation: {
            headers: {
                /**
                 * @description Relative to the address of the request
                 * @example docs
                 */
                readonly Location: string;
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "text/plain": string;
            };
        };
        /** @description The body is too large, or the storage is used up (`quota.user`, `quota.workspace`). */
        readonly TooLarge: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:request.too_large",
                 *       "title": "Request body too large",
                 *       "status": 413,
                 *       "detail": "the body is too large",
                 *       "code": "request.too_large",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "the body is too large",
                 *       "error": "the body is too large"
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing but these headers; a preflight of a page gets the headers of CORS instead. */
        readonly TusCapabilities: {
            headers: {
                /** @example sha1,sha256 */
                readonly "Tus-Checksum-Algorithm": string;
                /** @example creation,termination,checksum,expiration */
                readonly "Tus-Extension": string;
                /**
                 * @description Bytes of the largest file
                 * @example 4294967296
                 */
                readonly "Tus-Max-Size": string;
                readonly "Tus-Resumable": components["headers"]["TusResumable"];
                readonly "Tus-Version": components["headers"]["TusVersion"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description No valid token. */
        readonly Unauthenticated: {
            headers: {
                readonly "WWW-Authenticate": components["headers"]["Authenticate"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:auth.unauthenticated",
                 *       "title": "Not signed in",
                 *       "status": 401,
                 *       "detail": "The access token has expired.",
                 *       "code": "auth.unauthenticated",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "The access token has expired.",
                 *       "error": "The access token has expired."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A dependency is down or busy; nothing was done, and the request may be repeated. */
        readonly Unavailable: {
            headers: {
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:server.database_unavailable",
                 *       "title": "Database unavailable",
                 *       "status": 503,
                 *       "detail": "The database cannot be reached.",
                 *       "code": "server.database_unavailable",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "The database cannot be reached.",
                 *       "error": "The database cannot be reached."
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body was not sent as application/json, or in a content coding. */
        readonly UnsupportedMediaType: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "urn:fechatter:problem:request.unsupported_media_type",
                 *       "title": "Unsupported media type",
                 *       "status": 415,
                 *       "detail": "the body must be application/json",
                 *       "code": "request.unsupported_media_type",
                 *       "request_id": "5f0c2d9a7b1e4c63",
                 *       "message": "the body must be application/json",
                 *       "error": "the body must be application/json"
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another request changes this upload; try again shortly. */
        readonly UploadLocked: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The user. */
        readonly User: {
            headers: {
                readonly "X-Request-Id": components["headers"]["RequestId"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["User"];
            };
        };
    };
    parameters: {
        /**
         * @description The page begins after this id (the last one of the page before)
         * @example 42
         */
        readonly after_id: number;
        /**
         * @description The `X-Next-Cursor` of the page before
         * @example 4711
         */
        readonly annotation_cursor: string;
        /**
         * @description The `X-Next-Cursor` of the page before
         * @example 1772354467004512-12
         */
        readonly chat_cursor: string;
        /**
         * @description The chat
         * @example 12
         */
        readonly chat_id: components["schemas"]["Id"];
        /**
         * @description How many at most; above 500 it counts as 500
         * @example 100
         */
        readonly chat_limit: number;
        /**
         * @description The ETag of the version that the client has
         * @example "0f343b0931126a20f133d67c2b018a3b"
         */
        readonly if_none_match: string;
        /**
         * @description How many at most; above 100 it counts as 100
         * @example 20
         */
        readonly limit: number;
        /**
         * @description The message
         * @example 4711
         */
        readonly message_id: components["schemas"]["Id"];
        /**
         * @description Any message of the thread
         * @example 4710
         */
        readonly message_of_thread: components["schemas"]["Id"];
        /**
         * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
         *     and without U+FE0F, are one emoji; answers and events have the full one.
         * @example 👍
         */
        readonly reaction_emoji: string;
        /** @description In this chat only */
        readonly search_chat_id: components["schemas"]["Id"];
        /** @description In chats of this type only */
        readonly search_chat_type: components["schemas"]["ChatType"];
        /** @description The `next_cursor` of the page before */
        readonly search_cursor: components["schemas"]["SearchCursor"];
        /**
         * @description Sent then or later; a day (of UTC) or a time
         * @example 2026-01-01
         */
        readonly search_from: components["schemas"]["DayOrTime"];
        /** @description With a file, or a link */
        readonly search_has: components["schemas"]["SearchHas"];
        /** @description How many to skip; `cursor` is better while new messages arrive */
        readonly search_offset: number;
        /**
         * @description The query
         * @example rollback from:alice after:2026-01-31
         */
        readonly search_q: string;
        /** @description Of this sender only */
        readonly search_sender_id: components["schemas"]["Id"];
        /**
         * @description The best first, the newest, or the oldest; `date_desc` and `date_asc` are older names of the
         *     latter two
         */
        readonly search_sort: components["schemas"]["SearchSort"];
        /**
         * @description Sent before then; of a day, before its end
         * @example 2026-01-31
         */
        readonly search_to: components["schemas"]["DayOrTime"];
        /**
         * @description The version of the protocol; `412` for another one
         * @example 1.0.0
         */
        readonly tus_resumable: string;
        /**
         * @description `sha1` or `sha256`, a space, and the digest of the chunk in base64
         * @example sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=
         */
        readonly upload_checksum: string;
        /**
         * @description The offset of the upload, where the chunk begins
         * @example 0
         */
        readonly upload_offset: string;
        /**
         * @description The user
         * @example 7
         */
        readonly user_id: components["schemas"]["Id"];
    };
    requestBodies: {
        readonly ChatDraft: {
            readonly content: {
                readonly "application/json": components["schemas"]["ChatDraft"];
            };
        };
        readonly ChatPatch: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "general",
                 *       "description": "For all users"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ChatPatch"];
            };
        };
        readonly Chunk: {
            readonly content: {
                readonly "application/offset+octet-stream": string;
            };
        };
        readonly Files: {
            readonly content: {
                readonly "multipart/form-data": components["schemas"]["FilesToUpload"];
            };
        };
        readonly Members: {
            readonly content: {
                readonly "application/json": components["schemas"]["MembersRequest"];
            };
        };
        /** @description None, or an object whose fields are ignored */
        readonly NoFields: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["NoFields"];
            };
        };
        readonly ProfilePatch: {
            readonly content: {
                /**
                 * @example {
                 *       "title": "Engineer",
                 *       "bio": null,
                 *       "avatar_url": "/files/1/alice.png"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ProfilePatch"];
            };
        };
        readonly SearchQuestion: {
            readonly content: {
                /**
                 * @example {
                 *       "q": "rollback",
                 *       "sort": "newest"
                 *     }
                 */
                readonly "application/json": components["schemas"]["SearchQuestion"];
            };
        };
    };
    headers: {
        /** @description The scheme that is asked for */
        readonly Authenticate: "Bearer";
        /**
         * @description Names this version of the answer
         * @example "0f343b0931126a20f133d67c2b018a3b"
         */
        readonly ETag: string;
        /**
         * @description The list shows all events up to this position, and perhaps later ones, which the `version` of
         *     its objects tells. A stream of events that begins here (`Last-Event-ID`) completes it
         * @example 3-1042
         */
        readonly EventPosition: string;
        /**
         * @description The path of the file, once the upload is finished
         * @example /files/3/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
         */
        readonly FileLocation: components["schemas"]["FilePath"];
        /**
         * @description The `limit` was above this maximum and was cut to it
         * @example 100
         */
        readonly LimitApplied: string;
        /**
         * @description There is a next page although this one may have fewer elements than its `limit`: where that
         *     page goes on, for the parameter that the description of the operation names
         * @example 4711
         */
        readonly NextCursor: string;
        /**
         * @description For each limit that applied: how many requests remain (`r`), and in how many seconds all of
         *     them will be available (`t`)
         * @example "user";r=0;t=4
         */
        readonly RateLimit: string;
        /**
         * @description The limits themselves: how many requests at once after a pause (`q`), and in how many
         *     seconds they become available again, evenly (`w`)
         * @example "user";q=200;w=4
         */
        readonly RateLimitPolicy: string;
        /**
         * @description `__Host-refresh_token`, HttpOnly, Secure, SameSite=Strict, Path=/: the new one, or an empty
         *     one that clears it
         * @example __Host-refresh_token=5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=1209600
         */
        readonly RefreshCookie: string;
        /**
         * @description Names this request in the server's log
         * @example 5f0c2d9a7b1e4c63
         */
        readonly RequestId: string;
        /**
         * @description Seconds to wait before the next try
         * @example 1
         */
        readonly RetryAfter: string;
        /**
         * @description The version of the protocol; refusals have it, too
         * @example 1.0.0
         */
        readonly TusResumable: "1.0.0";
        /**
         * @description The versions that the server speaks
         * @example 1.0.0
         */
        readonly TusVersion: "1.0.0";
        /**
         * @description When the upload ends unless another chunk comes (RFC 9110)
         * @example Sun, 01 Mar 2026 08:30:12 GMT
         */
        readonly UploadExpires: string;
        /**
         * @description As it was sent first; once the upload is finished, with the `url` and the `id` of the file
         * @example filename Y2F0LnBuZw==,id MTI=
         */
        readonly UploadMetadata: string;
        /**
         * @description Bytes that were received, and are durable
         * @example 524288
         */
        readonly UploadOffset: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly goToDocumentation: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 302: components["responses"]["ToDocumentation"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly takeOverChats: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            /** @description The chats that were taken over. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Chat"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listChats: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 1772354467004512-12
                 */
                readonly cursor?: components["parameters"]["chat_cursor"];
                /**
                 * @description How many at most; above 500 it counts as 500
                 * @example 100
                 */
                readonly limit?: components["parameters"]["chat_limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["ChatList"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ChatDraft"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 201: components["responses"]["NewChat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly updateChatOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ChatPatch"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly deleteChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly updateChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ChatPatch"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly archiveChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getDraft: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The draft. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Draft"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly putDraft: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "content": "Dear all,",
                 *       "version": 9917
                 *     }
                 */
                readonly "application/json": components["schemas"]["DraftChange"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["DraftVersion"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["OutdatedDraft"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly deleteDraft: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The version that the caller has seen
                 * @example 9917
                 */
                readonly version?: string;
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["DraftVersion"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["OutdatedDraft"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly joinChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly leaveChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listMembers: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["MemberList"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly addMembers: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Members"];
        readonly responses: {
            readonly 201: components["responses"]["MemberList"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly removeMembers: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Members"];
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setMemberRole: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The member (a user's id)
                 * @example 8
                 */
                readonly member_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "role": "admin"
                 *     }
                 */
                readonly "application/json": components["schemas"]["MemberPatch"];
            };
        };
        readonly responses: {
            /** @description The member as it is now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatMember"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listMessages: {
        readonly parameters: {
            readonly query?: {
                /** @description The messages that follow this one */
                readonly after?: components["schemas"]["Id"];
                /** @description This message and those next to it */
                readonly around?: components["schemas"]["Id"];
                /**
                 * @description Older messages than this one
                 * @example 4711
                 */
                readonly before?: components["schemas"]["Id"];
                /**
                 * @deprecated
                 * @description As before
                 */
                readonly before_id?: components["schemas"]["Id"];
                /**
                 * @deprecated
                 * @description As before
                 */
                readonly last_id?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of messages. */
            readonly 200: {
                headers: {
                    readonly "X-Event-Position": components["headers"]["EventPosition"];
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Message"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly sendMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description A UUID, in quotes (a String of RFC 9651, whose parameters are ignored) or without them;
                 *     goes before `idempotency_key` in the body
                 * @example 0191d2a6-6f7e-7c3b-9d51-8f6d4c2b1a09
                 */
                readonly "Idempotency-Key"?: components["schemas"]["IdempotencyKey"];
            };
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["MessageDraft"];
            };
        };
        readonly responses: {
            /** @description The message that this key has created before, as it is now. */
            readonly 200: {
                headers: {
                    /** @description That nothing new was created */
                    readonly "Idempotency-Replayed": "true";
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The message is stored, and all members get `NewMessage`. */
            readonly 201: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The message as it is now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly deleteMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly editMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "content": "hello again"
                 *     }
                 */
                readonly "application/json": components["schemas"]["MessagePatch"];
            };
        };
        readonly responses: {
            /** @description The message as it is now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly followThread: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unfollowThread: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listMessageEdits: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 4711
                 */
                readonly cursor?: components["parameters"]["annotation_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Former texts. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["MessageEdit"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly addReactionOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "emoji": "👍"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ReactionDraft"];
            };
        };
        readonly responses: {
            /** @description The message as it is now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly addReaction: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
                 *     and without U+FE0F, are one emoji; answers and events have the full one.
                 * @example 👍
                 */
                readonly emoji: components["parameters"]["reaction_emoji"];
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The message as it is now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly removeReaction: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
                 *     and without U+FE0F, are one emoji; answers and events have the full one.
                 * @example 👍
                 */
                readonly emoji: components["parameters"]["reaction_emoji"];
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The message as it is now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Message"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readMessageOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["ReadState"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listReceipts: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description By the id of the member. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Receipt"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getThread: {
        readonly parameters: {
            readonly query?: {
                /** @description The replies that follow this message */
                readonly after?: components["schemas"]["Id"];
                /** @description Older replies than this one */
                readonly before?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of the thread. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Thread"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readThread: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "message_id": 4715
                 *     }
                 */
                readonly "application/json": components["schemas"]["ThreadReadMove"];
            };
        };
        readonly responses: {
            /** @description How far the caller has read the thread now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ThreadRead"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unreadThread: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                readonly message_id: components["parameters"]["message_of_thread"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "message_id": 4712
                 *     }
                 */
                readonly "application/json": components["schemas"]["ThreadUnread"];
            };
        };
        readonly responses: {
            /** @description How far the caller has read the thread now. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ThreadRead"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly searchChatMessages: {
        readonly parameters: {
            readonly query?: {
                /** @description In chats of this type only */
                readonly chat_type?: components["parameters"]["search_chat_type"];
                /** @description The `next_cursor` of the page before */
                readonly cursor?: components["parameters"]["search_cursor"];
                /**
                 * @description Sent then or later; a day (of UTC) or a time
                 * @example 2026-01-01
                 */
                readonly from?: components["parameters"]["search_from"];
                /** @description With a file, or a link */
                readonly has?: components["parameters"]["search_has"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
                /** @description How many to skip; `cursor` is better while new messages arrive */
                readonly offset?: components["parameters"]["search_offset"];
                /**
                 * @description The query
                 * @example rollback from:alice after:2026-01-31
                 */
                readonly q?: components["parameters"]["search_q"];
                /** @description Of this sender only */
                readonly sender_id?: components["parameters"]["search_sender_id"];
                /**
                 * @description The best first, the newest, or the oldest; `date_desc` and `date_asc` are older names of the
                 *     latter two
                 */
                readonly sort?: components["parameters"]["search_sort"];
                /**
                 * @description Sent before then; of a day, before its end
                 * @example 2026-01-31
                 */
                readonly to?: components["parameters"]["search_to"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The matches. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly searchChatMessagesOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["SearchQuestion"];
        readonly responses: {
            /** @description The matches. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listOnlineMembers: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 1,000 it counts as 1,000
                 * @example 100
                 */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The members that have a stream open, on any instance, online or away. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["OnlineUser"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listPins: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 4711
                 */
                readonly cursor?: components["parameters"]["annotation_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Pinned messages. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Message"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly pinMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unpinMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getChatPreferences: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["ChatPreferences"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setChatPreferences: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ChatPreferencesPatch"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["ChatPreferences"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ReadTarget"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["ReadState"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly restoreChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly scheduleMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "content": "Good morning",
                 *       "send_at": "2026-03-02T08:00:00Z"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ScheduledDraft"];
            };
        };
        readonly responses: {
            readonly 201: components["responses"]["Scheduled"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setChatSettings: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "who_may_write": "admins",
                 *       "topic": "Releases, one line each"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ChatSettings"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setTyping: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "is_typing": true
                 *     }
                 */
                readonly "application/json": components["schemas"]["TypingStatement"];
            };
        };
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly startTypingInChatOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly stopTypingInChatOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unarchiveChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unreadChat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "message_id": 4711
                 *     }
                 */
                readonly "application/json": components["schemas"]["UnreadTarget"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["ReadState"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getMessageContextOlderName: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of messages. */
            readonly 200: {
                headers: {
                    readonly "X-Event-Position": components["headers"]["EventPosition"];
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Message"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listPublicChannels: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /**
                 * @description The archived channels instead of the others
                 * @example true
                 */
                readonly archived?: boolean;
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
                /**
                 * @description Part of the name, the topic or the description, without regard to case and width
                 * @example gen
                 */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of channels. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["PublicChannel"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listDrafts: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 9917
                 */
                readonly cursor?: string;
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of drafts. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Draft"][];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createEventTicket: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            /** @description The ticket. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EventTicket"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example 12 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The record. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["File"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createResumableUpload: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                readonly "Tus-Resumable": components["parameters"]["tus_resumable"];
                /**
                 * @description Bytes of the whole file
                 * @example 1048576
                 */
                readonly "Upload-Length": string;
                /**
                 * @description At most 16 pairs of a name and, after a space, a value in base64, separated by commas;
                 *     `filename` (or `name`) is the name of the file, in UTF-8
                 * @example filename Y2F0LnBuZw==
                 */
                readonly "Upload-Metadata"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The upload, of which nothing was received. */
            readonly 201: {
                headers: {
                    /**
                     * @description The path of the upload
                     * @example /api/files/resumable/mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o
                     */
                    readonly Location: string;
                    readonly "Tus-Resumable": components["headers"]["TusResumable"];
                    readonly "Tus-Version": components["headers"]["TusVersion"];
                    readonly "Upload-Expires": components["headers"]["UploadExpires"];
                    readonly "Upload-Offset": components["headers"]["UploadOffset"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ResumableUpload"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 412: components["responses"]["OtherTusVersion"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly describeResumableUploads: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["TusCapabilities"];
            readonly 429: components["responses"]["RateLimited"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly overrideResumableUpload: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                readonly "Tus-Resumable": components["parameters"]["tus_resumable"];
                /** @example PATCH */
                readonly "X-HTTP-Method-Override": "HEAD" | "PATCH" | "DELETE";
            };
            readonly path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                readonly upload_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Chunk"];
        readonly responses: {
            /** @description As the method answers that was meant. */
            readonly 204: {
                headers: {
                    readonly Location: components["headers"]["FileLocation"];
                    readonly "Tus-Resumable": components["headers"]["TusResumable"];
                    readonly "Tus-Version": components["headers"]["TusVersion"];
                    readonly "Upload-Metadata": components["headers"]["UploadMetadata"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 412: components["responses"]["OtherTusVersion"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 423: components["responses"]["UploadLocked"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 460: components["responses"]["ChecksumMismatch"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["StorageFull"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly removeResumableUpload: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                readonly "Tus-Resumable": components["parameters"]["tus_resumable"];
            };
            readonly path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                readonly upload_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 412: components["responses"]["OtherTusVersion"];
            readonly 423: components["responses"]["UploadLocked"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly describeResumableUpload: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                readonly upload_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["TusCapabilities"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getResumableUpload: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                readonly "Tus-Resumable": components["parameters"]["tus_resumable"];
            };
            readonly path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                readonly upload_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The state of the upload; it is durable. */
            readonly 204: {
                headers: {
                    readonly Location: components["headers"]["FileLocation"];
                    readonly "Tus-Resumable": components["headers"]["TusResumable"];
                    readonly "Tus-Version": components["headers"]["TusVersion"];
                    readonly "Upload-Expires": components["headers"]["UploadExpires"];
                    /**
                     * @description Bytes of the whole file
                     * @example 1048576
                     */
                    readonly "Upload-Length": string;
                    readonly "Upload-Metadata": components["headers"]["UploadMetadata"];
                    readonly "Upload-Offset": components["headers"]["UploadOffset"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 412: components["responses"]["OtherTusVersion"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly appendToResumableUpload: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                readonly "Tus-Resumable": components["parameters"]["tus_resumable"];
                /**
                 * @description `sha1` or `sha256`, a space, and the digest of the chunk in base64
                 * @example sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=
                 */
                readonly "Upload-Checksum"?: components["parameters"]["upload_checksum"];
                /**
                 * @description The offset of the upload, where the chunk begins
                 * @example 0
                 */
                readonly "Upload-Offset": components["parameters"]["upload_offset"];
            };
            readonly path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                readonly upload_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Chunk"];
        readonly responses: {
            readonly 204: components["responses"]["ChunkReceived"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 412: components["responses"]["OtherTusVersion"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 423: components["responses"]["UploadLocked"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 460: components["responses"]["ChecksumMismatch"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["StorageFull"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly uploadFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Files"];
        readonly responses: {
            /** @description The record of the file, and the same again in `data` for older clients. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UploadedFile"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["StorageFull"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly signFileUrls: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "urls": [
                 *         "/files/3/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["FileUrls"];
            };
        };
        readonly responses: {
            /** @description One for each of the paths that the caller may see. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["SignedFileUrl"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getInvitation: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description Of an invitation, or the token that founds the first workspace
                 * @example kq3bGq0v8h6mLr3cJwq1yXb4m2V5sTzN0pAeUu7dWxY
                 */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The invitation can be used. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["InvitationOffer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly logout: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "refresh_token": "5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U"
                 *     }
                 */
                readonly "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["SignedOut"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["NoSessionToEnd"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly logoutEverywhereOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["SignedOut"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly logoutEverywhere: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["SignedOut"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listMentions: {
        readonly parameters: {
            readonly query?: {
                /** @description Older messages than this one */
                readonly before?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
                /** @description Those that the caller has not read, alone */
                readonly unread?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of mentions. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Mention"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listOnlineUsers: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /** @example 12 */
                readonly chat_id?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 1,000 it counts as 1,000
                 * @example 100
                 */
                readonly limit?: number;
                readonly workspace_id?: components["schemas"]["Id"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The users that have a stream open, on any instance, online or away. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["OnlineUser"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setPresence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "status": "away",
                 *       "platform": "web"
                 *     }
                 */
                readonly "application/json": components["schemas"]["PresenceStatement"];
            };
        };
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly subscribeToPresence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "user_ids": [
                 *         8,
                 *         9
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["PresenceSubscription"];
            };
        };
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readMessageOldestName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 200: components["responses"]["ReadState"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setPresenceOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "status": "online"
                 *     }
                 */
                readonly "application/json": components["schemas"]["PresenceStatement"];
            };
        };
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly startTypingOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "chat_id": 12
                 *     }
                 */
                readonly "application/json": components["schemas"]["TypingChat"];
            };
        };
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly stopTypingOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "chat_id": 12
                 *     }
                 */
                readonly "application/json": components["schemas"]["TypingChat"];
            };
        };
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly refresh: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["SignedIn"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["SessionOver"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listSavedMessages: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 4711
                 */
                readonly cursor?: components["parameters"]["annotation_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Saved messages. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["SavedMessage"][];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly saveMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unsaveMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The message
                 * @example 4711
                 */
                readonly message_id: components["parameters"]["message_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listScheduled: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of messages that wait or have failed. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["ScheduledMessage"][];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly cancelScheduled: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The scheduled message
                 * @example 31
                 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly changeScheduled: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The scheduled message
                 * @example 31
                 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "send_at": "2026-03-02T09:00:00Z"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ScheduledPatch"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Scheduled"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly searchMessages: {
        readonly parameters: {
            readonly query?: {
                /** @description In this chat only */
                readonly chat_id?: components["parameters"]["search_chat_id"];
                /** @description In chats of this type only */
                readonly chat_type?: components["parameters"]["search_chat_type"];
                /** @description The `next_cursor` of the page before */
                readonly cursor?: components["parameters"]["search_cursor"];
                /**
                 * @description Sent then or later; a day (of UTC) or a time
                 * @example 2026-01-01
                 */
                readonly from?: components["parameters"]["search_from"];
                /** @description With a file, or a link */
                readonly has?: components["parameters"]["search_has"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
                /** @description How many to skip; `cursor` is better while new messages arrive */
                readonly offset?: components["parameters"]["search_offset"];
                /**
                 * @description The query
                 * @example rollback from:alice after:2026-01-31
                 */
                readonly q?: components["parameters"]["search_q"];
                /** @description Of this sender only */
                readonly sender_id?: components["parameters"]["search_sender_id"];
                /**
                 * @description The best first, the newest, or the oldest; `date_desc` and `date_asc` are older names of the
                 *     latter two
                 */
                readonly sort?: components["parameters"]["search_sort"];
                /**
                 * @description Sent before then; of a day, before its end
                 * @example 2026-01-31
                 */
                readonly to?: components["parameters"]["search_to"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The matches. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly searchMessagesByBody: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["SearchQuestion"];
        readonly responses: {
            /** @description The matches. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly signIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "email": "alice@acme.example",
                 *       "password": "correct horse battery"
                 *     }
                 */
                readonly "application/json": components["schemas"]["SignInRequest"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["SignedIn"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly signUp: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignUpRequest"];
            };
        };
        readonly responses: {
            readonly 201: components["responses"]["SignedIn"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getStreamHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The instance works; for internal callers its counts. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StreamHealth"];
                };
            };
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listThreads: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description From `X-Next-Cursor`
                 * @example 1772352667004512-4710
                 */
                readonly cursor?: string;
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of threads. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["FollowedThread"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listUnreadCounts: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The numbers of each chat, with unread messages or without. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UnreadCounts"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly uploadFiles: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Files"];
        readonly responses: {
            /** @description The paths of the files. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["FilePath"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["StorageFull"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listUsers: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
                /**
                 * @description Part of a name or an e-mail address, without regard to case, accents and punctuation
                 * @example ali
                 */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of users. `X-Next-Cursor`, if any, is the next `after_id`. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Next-Cursor": components["headers"]["NextCursor"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["User"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getProfileOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Profile"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly blockUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly unblockUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getProfile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Profile"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly changePassword: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "current_password": "correct horse battery",
                 *       "new_password": "a better secret"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        readonly responses: {
            /** @description The password is changed. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "The password is changed.",
                     *       "success": true,
                     *       "data": {
                     *         "message": "The password is changed."
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["PasswordChanged"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getPreferences: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Preferences"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setPreferences: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "show_read": false,
                 *       "custom_status": "at lunch"
                 *     }
                 */
                readonly "application/json": components["schemas"]["PreferencesPatch"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Preferences"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getOwnProfile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Profile"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly updateOwnProfileOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ProfilePatch"];
        readonly responses: {
            readonly 200: components["responses"]["Profile"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly updateOwnProfile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ProfilePatch"];
        readonly responses: {
            readonly 200: components["responses"]["Profile"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listChatsOlderName: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 1772354467004512-12
                 */
                readonly cursor?: components["parameters"]["chat_cursor"];
                /**
                 * @description How many at most; above 500 it counts as 500
                 * @example 100
                 */
                readonly limit?: components["parameters"]["chat_limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["ChatList"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createChatOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ChatDraft"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 201: components["responses"]["NewChat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly deleteChatOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly updateChatOfWorkspaceOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["ChatPatch"];
        readonly responses: {
            readonly 200: components["responses"]["Chat"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly leaveChatOlderName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                readonly id: components["parameters"]["chat_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["NoFields"];
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listInvitations: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                readonly after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                readonly limit?: components["parameters"]["limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of invitations. */
            readonly 200: {
                headers: {
                    readonly "X-Limit-Applied": components["headers"]["LimitApplied"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Invitation"][];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createInvitation: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        readonly responses: {
            /** @description The invitation. */
            readonly 201: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewInvitation"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly revokeInvitation: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The invitation
                 * @example 3
                 */
                readonly id: components["schemas"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 204: components["responses"]["Done"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly setStanding: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description The user
                 * @example 7
                 */
                readonly id: components["parameters"]["user_id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StandingPatch"];
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["User"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getDocumentation: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                readonly "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Swagger UI. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly goToDocumentationFromItsFolder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 302: components["responses"]["ToDocumentation"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getDocumentationFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                readonly "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            readonly path: {
                /** @example page.js */
                readonly file: "page.css" | "page.js" | "swagger-ui.css" | "swagger-ui-bundle.js" | "swagger-ui-bundle.js.LICENSE.txt" | "favicon-32x32.png" | "LICENSE" | "NOTICE";
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The file. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "image/png": string;
                    readonly "text/css": string;
                    readonly "text/javascript": string;
                    readonly "text/plain": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly streamEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The same, for clients that cannot send headers; without either, the stream begins now */
                readonly last_event_id?: components["schemas"]["Cursor"];
                /**
                 * @deprecated
                 * @description As access_token
                 */
                readonly token?: string;
            };
            readonly header?: {
                /**
                 * @description The last `id:` received; without it, or when empty, `last_event_id` counts
                 * @example 3-1042
                 */
                readonly "Last-Event-ID"?: components["schemas"]["Cursor"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The stream, which does not end. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": components["schemas"]["ServerSentEvent"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly downloadFile: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The thumbnail of a picture with that longest edge in pixels instead of the picture, never
                 *     larger than it, without its metadata: WebP when `Accept` names `image/webp`, JPEG
                 *     otherwise. `404` when there is none (yet), `422` for other sizes. It may be added to a
                 *     signed URL
                 * @example 360
                 */
                readonly size?: 360 | 1280;
            };
            readonly header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                readonly "If-None-Match"?: components["parameters"]["if_none_match"];
                /**
                 * @description One byte range; others are ignored
                 * @example bytes=0-1023
                 */
                readonly Range?: string;
            };
            readonly path: {
                /**
                 * @description The first three digits of the hash
                 * @example 2cf
                 */
                readonly aaa: string;
                /**
                 * @description The next three digits
                 * @example 24d
                 */
                readonly bbb: string;
                /**
                 * @description The SHA-256 of the content, a dot, and an extension
                 * @example 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
                 */
                readonly file: string;
                /**
                 * @description The id of the workspace
                 * @example 3
                 */
                readonly workspace: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["FileBytes"];
            readonly 206: components["responses"]["FileBytes"];
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description The range lies behind the end of the file; `Content-Range` has its size. */
            readonly 416: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 422: components["responses"]["InvalidFields"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Healthy or degraded. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Unhealthy, or shutting down. */
            readonly 503: {
                headers: {
                    readonly "Retry-After": components["headers"]["RetryAfter"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getLiveness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It can. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": "OK";
                };
            };
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly getDescription: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                readonly "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description An OpenAPI 3.1 document. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly "X-Request-Id": components["headers"]["RequestId"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 503: components["responses"]["Unavailable"];
            readonly default: components["responses"]["Problem"];
        };
    };
}
