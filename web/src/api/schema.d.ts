// Generated from docs/openapi by web/tools/generate_api.mjs; do not edit.
export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page of the web client
         * @description A server that was built or set up without the web client answers with a short page that says
         *     so.
         */
        get: operations["getStartPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{page}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Any path of at most 1024 bytes that is not one of the API, with further segments
                 * @example signin
                 */
                page: string;
            };
            cookie?: never;
        };
        /**
         * A page of the web client, or a file beside it
         * @description The web client draws `/signin`, `/chat/12/message/4711` and so on by itself: each of its
         *     pages is the one of `/`, for requests whose `Accept` names `text/html`. Files are those that
         *     the client has beside its page, such as `/sw.js`. Anything else is `404`.
         */
        get: operations["getWebPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was administered in the workspace, newest first
         * @description The audit log, for owners and admins: each administrative request of theirs, and each command
         *     of an operator that was about this workspace. It has no addresses and no tokens, and an
         *     operator has no name in it. Takes from the rate of searches.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How large the workspace is
         * @description For owners and admins: its users, chats and messages, what they store, and the quotas.
         *     Counted when it is asked for; takes from the rate of searches.
         */
        get: operations["getWorkspaceUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        /**
         * The open sessions of a user, newest first
         * @description The owner sees those of all users, an admin its own and those of members; all others are
         *     `403`. Addresses and devices are not stored.
         */
        get: operations["listUserSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
                /**
                 * @description The session
                 * @example 12
                 */
                session_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a session of a user
         * @description As `endUserSessions`. `404` for one that is not open, or of another user.
         */
        delete: operations["endUserSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/sessions/end": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End all sessions of a user
         * @description As `listUserSessions` has them. Both servers refuse their tokens within a second, and their
         *     streams are closed.
         */
        post: operations["endUserSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{id}/take-over-chats": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take over the chats of a suspended user
         * @description For owners and admins of the workspace: the caller becomes the owner of these chats, and the
         *     former owner stays as an admin. Returns the chats, at most 100; repeat the request until the
         *     answer is empty. `422` for an active user.
         */
        post: operations["takeOverChats"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My chats, the most recently active first
         * @description Without the Singles that the caller hides. When there are more, `X-Next-Cursor` is the
         *     `cursor` of the next page. A chat that becomes active between two pages moves to the front;
         *     its event tells of it.
         */
        get: operations["listChats"];
        put?: never;
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
        post: operations["createChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /** A chat of the caller */
        get: operations["getChat"];
        /**
         * As PATCH
         * @deprecated
         */
        put: operations["updateChatOlderName"];
        post?: never;
        /**
         * Delete a chat with its messages, or hide a Single
         * @description For its owner (`403 auth.forbidden`). Every member gets `ChatDeleted`. Owners and admins of
         *     the workspace can restore the chat for `chats.restore_days`; then it is erased.
         *
         *     A Single is hidden from the caller's list of chats until its next message, or until the
         *     caller posts it again; the other member notices nothing.
         */
        delete: operations["deleteChat"];
        options?: never;
        head?: never;
        /**
         * Change a chat's name or description
         * @description For its owner and admins (`403 auth.forbidden`), and for owners and admins of the workspace
         *     when it is a public channel. A Single is not changed. An absent field stays. `409
         *     chat.name_taken` when another public channel has the name, `503 chat.busy` when other
         *     requests hold its lock.
         */
        patch: operations["updateChat"];
        trace?: never;
    };
    "/api/chat/{id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Archive a chat
         * @description For its owner and admins (`403 auth.forbidden`), and for owners and admins of the workspace
         *     when it is a public channel. An archived chat takes no messages, edits, reactions and pins
         *     (`403 chat.archived`); it is read, searched, left and deleted as before. The members get
         *     `ChatArchived`. Archiving it again changes nothing.
         */
        post: operations["archiveChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /**
         * The caller's draft in a chat
         * @description Empty when there is none, with the version that is to be changed.
         */
        get: operations["getDraft"];
        /**
         * Store the caller's draft in a chat
         * @description `version` is the one that the caller has changed, 0 when there was no draft. When another
         *     session has stored a newer one, nothing changes: `409 draft.outdated` has it in `draft`. An
         *     empty draft ends it. The same draft again changes nothing. The caller's sessions get
         *     `DraftUpdated`, which does not have the text. Limits are those of a message; a draft ends
         *     with the membership, and is not ended by sending a message. Drafts count as stored:
         *     `413 quota.user`, `413 quota.workspace`.
         */
        put: operations["putDraft"];
        post?: never;
        /**
         * End the caller's draft in a chat
         * @description The same with an empty draft; without `version`, whatever the present one is.
         */
        delete: operations["deleteDraft"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/join": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join a public channel
         * @description A member gets the same answer. Any other kind of chat is `404`, or `422` for a
         *     member of it.
         */
        post: operations["joinChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave a chat
         * @description Not a Single (`422`). The owner hands the chat over first (`409
         *     chat.owner_must_hand_over`), or deletes it.
         */
        post: operations["leaveChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /** The members of a chat, by id */
        get: operations["listMembers"];
        put?: never;
        /**
         * Add members
         * @description For the chat's owner and admins. The new members must be active users of the workspace that
         *     do not block the caller (`422`, with the ids that are not); present members are not in the
         *     answer. Former members may be added again. A Single never changes. `429 chat.daily_limit`
         *     beyond `chats.added_per_day` people.
         */
        post: operations["addMembers"];
        /**
         * Remove members
         * @description For the chat's owner and admins; of a public channel also for owners and admins of the
         *     workspace. A Group keeps at least three (`422`); the owner is not removed.
         */
        delete: operations["removeMembers"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/members/{member_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The member (a user's id)
                 * @example 8
                 */
                member_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Hand a chat over, or change a member's role
         * @description For the chat's owner. Without a body, or with the role `owner`, the chat is handed over and
         *     the former owner stays as an admin. `404 chat.member_not_found` for a non-member.
         *
         *     When the owner is suspended, the chat is handed on to the admin, or else the member, that
         *     has been in it for longest. When there is none, owners and admins of the workspace can take
         *     the chat over: the same request with their own id, members or not.
         */
        patch: operations["setMemberRole"];
        trace?: never;
    };
    "/api/chat/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /**
         * Messages of a chat, the newest first
         * @description The newest; or those next `before` or `after` a message, without it; or those `around` one,
         *     which is in the middle of the page; or those around a number, `around_seq`, whether or not
         *     the chat shows a message of that number. Only one of the four at a time; a message that is
         *     not in the chat is a `422`. A page that its bytes ended has the messages next to the anchor, and
         *     in `X-Next-Cursor` the message from which to go on: by `after` where the page was asked for
         *     with `after`, else by `before`. Replies with `also_to_chat` false are in their thread alone,
         *     so that a page may leave numbers (`seq`) out. Deleted messages come as tombstones:
         *     `deleted_at` is set, the content is gone.
         */
        get: operations["listMessages"];
        put?: never;
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
        post: operations["sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        /**
         * One message
         * @description As the list of messages has it; a deleted message is a tombstone. `404 message.not_found`
         *     for a message of another chat.
         */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        /**
         * Delete a message
         * @description For its sender, and the chat's owner and admins. A tombstone stays, with its `seq`;
         *     reactions, pin and former texts are gone, and no user has it saved any more. Deleting it
         *     again is answered the same.
         */
        delete: operations["deleteMessage"];
        options?: never;
        head?: never;
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
        patch: operations["editMessage"];
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/follow": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Follow a thread
         * @description A thread is followed without this by the author of its first message, by those that reply,
         *     and by those that its replies mention. Replies that are there already are not unread.
         */
        put: operations["followThread"];
        post?: never;
        /**
         * Stop following a thread
         * @description Until the caller replies in it, or follows it.
         */
        delete: operations["unfollowThread"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        /**
         * The former texts of a message
         * @description Those that edits have replaced, the newest first, 50 at most; none of a deleted message,
         *     with which they are erased. For its sender, and for the chat's owner and admins: `403
         *     auth.forbidden` for other members, and for all where the server keeps no history
         *     (`messages.edit_history`).
         */
        get: operations["listMessageEdits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/reactions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As PUT .../reactions/{emoji}
         * @deprecated
         */
        post: operations["addReactionOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/reactions/{emoji}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
                 *     and without U+FE0F, are one emoji; answers and events have the full one.
                 * @example 👍
                 */
                emoji: components["parameters"]["reaction_emoji"];
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * React to a message
         * @description One reaction with each emoji for each user; again changes nothing. `422` for a text that is
         *     no emoji, and when the message has 50 kinds of reactions (or 100,000 reactions); `403
         *     chat.archived`; `409 message.deleted`. Members get `ReactionAdded`; in a chat of more than
         *     200 members (`events.fan_out_member_limit`) the caller's own sessions alone get it, and the
         *     members get `ReactionsCounted`, at most once a second for a message.
         */
        put: operations["addReaction"];
        post?: never;
        /**
         * Take a reaction back
         * @description The caller's own; one that is not there changes nothing. `ReactionRemoved`, as for adding.
         */
        delete: operations["removeReaction"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/read with this message
         * @deprecated
         * @description `404 message.not_found` for a message of another chat
         */
        post: operations["readMessageOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/receipts": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["schemas"]["Id"];
            };
            cookie?: never;
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
        get: operations["listReceipts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/thread": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        /**
         * A thread
         * @description The message that the thread began with, and its replies, the newest first: the newest, or
         *     those next `before` or `after` a message of the thread, without it. A page that its bytes
         *     ended has in `X-Next-Cursor` the reply from which to go on, in the same direction.
         */
        get: operations["getThread"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/thread/read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read a thread
         * @description Up to the message `message_id` or the number `seq`, or all of it; never back. `422` for what
         *     is beyond the thread's end.
         */
        post: operations["readThread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/{message_id}/thread/unread": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mark a thread as unread
         * @description From that message of the thread on.
         */
        post: operations["unreadThread"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/messages/search": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /**
         * Find messages of one chat
         * @description As `GET /api/search/messages`, in this chat.
         */
        get: operations["searchChatMessages"];
        put?: never;
        /**
         * As GET, with the query in a body or in the URL
         * @deprecated
         * @description The names of `POST /api/search/messages`; a `chat_id` in the body is ignored.
         */
        post: operations["searchChatMessagesOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/online": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /**
         * The online members of a chat
         * @description As `GET /api/online-users?chat_id=`.
         */
        get: operations["listOnlineMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/pins": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /**
         * The pinned messages of a chat
         * @description The one that was pinned last comes first.
         */
        get: operations["listPins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/pins/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Pin a message
         * @description 50 of a chat at most (`422`); again changes nothing. Which members may pin is a setting of
         *     the chat: all, or its owner and admins (and those of the workspace in a public channel, as
         *     members), else `403 auth.forbidden`. `403 chat.archived`. `409 message.deleted`. Members
         *     get `MessagePinned`.
         */
        put: operations["pinMessage"];
        post?: never;
        /**
         * Unpin a message
         * @description Rights as for pinning; a message that is not pinned changes nothing. A deleted message is
         *     unpinned already. Members get `MessageUnpinned`.
         */
        delete: operations["unpinMessage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        /** What the caller prefers for a chat */
        get: operations["getChatPreferences"];
        /**
         * Mute or hide a chat
         * @description An absent field stays as it is. The caller's sessions get `PreferencesUpdated` with the
         *     chat's id. A mute ends by itself; a hidden chat is shown again with its next message, but for
         *     a reply in its thread alone. What changes nothing emits nothing.
         */
        put: operations["setChatPreferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Up to which message the caller has read
         * @description By `message_id` or by `seq`, not by both. The number never moves back: a lower one changes
         *     nothing. Sending a message moves it to that message. Beyond the newest message, or with a
         *     message of another chat: `422`. The caller's other sessions get `MessageRead`, and so do the
         *     other members, ephemeral, in a chat of 200 members at most
         *     (`events.fan_out_member_limit`), unless the caller or the workspace hides it: the first at
         *     once, and the last of a series within 2 s.
         */
        post: operations["readChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore a deleted chat
         * @description For owners and admins of the workspace (`403 auth.forbidden`). Its members get `NewChat`,
         *     and it is as it was; the name of a public channel that was taken meanwhile gets a number
         *     behind it (`409 chat.name_taken` when the first hundred are taken, too). `404` for a chat
         *     that is not deleted, or erased already.
         */
        post: operations["restoreChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/scheduled": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
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
        post: operations["scheduleMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Set the topic of a chat, and who may do what in it
         * @description For its owner and admins (`403 auth.forbidden`), and for owners and admins of the workspace
         *     when it is a public channel. A Single has no settings. An absent field stays. The members
         *     get `ChatUpdated` when something has changed.
         */
        put: operations["setChatSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/typing": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that one is typing, or has stopped
         * @description The other members get `TypingStatus`, one a second at most, in chats of at most 200 members
         *     (`events.fan_out_member_limit`). Typing ends by itself after 10 s, with the next message of
         *     the user, and when the user leaves: repeat it every few seconds. `403 chat.archived`, `403
         *     chat.read_only` as for sending.
         */
        post: operations["setTyping"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/typing/start": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        post: operations["startTypingInChatOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/typing/stop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        post: operations["stopTypingInChatOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/unarchive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore an archived chat
         * @description For the same people. The members get `ChatRestored`. A chat that is not archived stays as it
         *     is.
         */
        post: operations["unarchiveChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/{id}/unread": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mark a message and those after it as unread
         * @description Moves the number back to before that message; it never moves forward. The caller's other
         *     sessions get `MessageRead` with the lower `seq`. Receipts stay.
         */
        post: operations["unreadChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chats/{id}/messages/{message_id}/context": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        /**
         * As GET /api/chat/{id}/messages with `around`
         * @deprecated
         * @description The message and those next to it, the newest first. `404 message.not_found` for a message of
         *     another chat.
         */
        get: operations["getMessageContextOlderName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chats/public": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public channels of the workspace, joined or not, by id
         * @description With their member counts. Archived ones are a list of their own.
         */
        get: operations["listPublicChannels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/drafts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's drafts, the newest first
         * @description When there are more, `X-Next-Cursor` is the `cursor` of the next page. A draft that changes
         *     between two pages moves to the front; its event tells of it.
         */
        get: operations["listDrafts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A ticket for one stream of events
         * @description For a browser's `EventSource`, which cannot send headers: `GET /events?ticket=` on
         *     notify_server, once, within `expires_in` seconds. The stream ends when this access token
         *     does; then take a new ticket and resume with `last_event_id=`.
         */
        post: operations["createEventTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 12 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        /**
         * The record of a file
         * @description Of the caller's own upload; `404` for others. The records of files of messages are in their
         *     `attachments`.
         */
        get: operations["getFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/resumable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin an upload in chunks
         * @description By [tus 1.0](https://tus.io/protocols/resumable-upload), for large files and bad networks:
         *     up to 4 GiB (a setting; `413 file.too_large`). The chunks are sent to the path in `Location`.
         *     A user has 20 unfinished uploads at most (a setting; `409 upload.too_many`); their announced
         *     bytes count as stored (`413 quota.user`, `413 quota.workspace`). An upload ends a day (a
         *     setting) after its last chunk: `Upload-Expires`. A malformed header is a `400` whose
         *     `detail` begins with its name.
         */
        post: operations["createResumableUpload"];
        delete?: never;
        /** What the server can, of tus */
        options: operations["describeResumableUploads"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/resumable/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                upload_id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * PATCH, HEAD or DELETE for clients that cannot send them
         * @description `X-HTTP-Method-Override` says which; headers, body and answer are those of that method.
         */
        post: operations["overrideResumableUpload"];
        /**
         * Give an upload up
         * @description The bytes are gone; the file that a finished upload has become stays.
         */
        delete: operations["removeResumableUpload"];
        /**
         * What the server can, of tus
         * @description The same for each path, whether there is such an upload or not.
         */
        options: operations["describeResumableUpload"];
        /**
         * How much of an upload was received
         * @description What is behind `Upload-Offset` is still to be sent. Once the upload is finished, `Location`
         *     is the path of the file, and `Upload-Metadata` has its `url` and its `id`. `404` for uploads
         *     of others, and for those that have expired.
         */
        head: operations["getResumableUpload"];
        /**
         * Send a chunk of an upload
         * @description The bytes from `Upload-Offset` on, as many as the client likes. With the last one the upload
         *     becomes a file. What came of a request that was cut is kept, unless it has an
         *     `Upload-Checksum`: such a chunk is kept as a whole or not at all
         *     (`460 upload.checksum_mismatch`). `409 upload.offset_mismatch`: the upload is at another
         *     offset, which HEAD tells. `423 upload.locked`: another request changes the upload at the
         *     moment. The last chunk may be sent again when its answer was lost.
         */
        patch: operations["appendToResumableUpload"];
        trace?: never;
    };
    "/api/files/single": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload one file
         * @description As `POST /api/upload`, for one file, with its record as the answer. Of a picture the answer
         *     waits for the thumbnails, 2 s at most (a setting): then they are `ready`, mostly.
         */
        post: operations["uploadFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/urls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * URLs that show files without a token
         * @description For 5 minutes: for pictures in a page that has no cookie, and for downloads by another
         *     program. Files that the caller may not see, or that do not exist, are left out of the
         *     answer. A signed URL shows what the caller may see at that moment, not more.
         */
        post: operations["signFileUrls"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Of an invitation, or the token that founds the first workspace
                 * @example kq3bGq0v8h6mLr3cJwq1yXb4m2V5sTzN0pAeUu7dWxY
                 */
                token: string;
            };
            cookie?: never;
        };
        /**
         * What an invitation invites to
         * @description For the page on which its bearer signs up. `404` alike for a token that is unknown, expired,
         *     revoked or used, and for one whose inviter may not invite any more.
         */
        get: operations["getInvitation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End this session
         * @description The sessions of the access token and of all refresh tokens that are sent (in the same places
         *     as for `/api/refresh`). Their tokens are refused by both servers within a second. The cookie
         *     is cleared, by a `401` too. `403 auth.foreign_page` as for `/api/refresh`.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logout_all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/logout-all
         * @deprecated
         */
        post: operations["logoutEverywhereOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logout-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all sessions of the user */
        post: operations["logoutEverywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/mentions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The messages that mention the caller
         * @description The newest first, by name, and with `@all` and `@here` since the caller joined the chat;
         *     one by name of before that is read. Of unread ones in threads alone, the newest 1,000 by
         *     name are looked at, and the newest 20 with `@all` and `@here` of each chat.
         *     Where there are more, `X-Next-Cursor` is the `before` of the next page.
         */
        get: operations["listMentions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/online-users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The online users
         * @description In one chat of the caller, in the caller's workspace, or, without either, in any chat of
         *     the caller, by id. Any other chat or workspace is `404`. When there are more,
         *     `X-Next-Cursor` is the `after_id` of the next page. A user that goes offline meanwhile is
         *     left out, so a page may have fewer than `limit`.
         */
        get: operations["listOnlineUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/presence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that one is online or away
         * @description Counts as an activity, as opening a stream, sending, typing and reading do; a user without
         *     any activity for five minutes is away. `away` holds in all sessions until `online` takes it
         *     back. `platform` names the session's own.
         */
        post: operations["setPresence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/presence/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Subscribe to the presence of users
         * @description For users that share no small chat with the caller. The session that owns the token gets a
         *     `UserPresence` for each of them at once, on its open streams, and then one for each change;
         *     the list replaces its former one. It lives as long as the session has a stream open, so send
         *     it again after each `CaughtUp`. Users of another workspace are `422`, and nothing changes.
         *     As often as streams may be opened.
         */
        post: operations["subscribeToPresence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/chat/{id}/messages/{message_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/read with this message
         * @deprecated
         * @description `404 message.not_found` for a message of another chat
         */
        post: operations["readMessageOldestName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/presence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/presence
         * @deprecated
         */
        post: operations["setPresenceOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/typing/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        post: operations["startTypingOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/typing/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/typing
         * @deprecated
         */
        post: operations["stopTypingOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
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
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/saved": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The messages that the caller has saved
         * @description The one that was saved last comes first. They end when the caller leaves their chat. No
         *     other user learns which these are.
         */
        get: operations["listSavedMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/saved/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Save a message
         * @description For the caller alone; again changes nothing. `404 message.not_found` unless it is in a chat
         *     of the caller, `409 message.deleted`, `422` beyond 1,000.
         */
        put: operations["saveMessage"];
        post?: never;
        /** Remove a message from those saved */
        delete: operations["unsaveMessage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scheduled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's scheduled messages, by id
         * @description When there are more, `X-Next-Cursor` is the `after_id` of the next page.
         */
        get: operations["listScheduled"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scheduled/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The scheduled message
                 * @example 31
                 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Cancel a message that waits, or forget one that has failed
         * @description `404 scheduled.not_found`, `409 scheduled.being_sent`.
         */
        delete: operations["cancelScheduled"];
        options?: never;
        head?: never;
        /**
         * Change a message that waits
         * @description For the user that scheduled it, as a member of its chat (`404 scheduled.not_found`) that
         *     could send it now (`403 chat.archived`, `403 chat.read_only`). An absent field stays; `reply_to:
         *     null` removes it. From `send_at` on it is being sent: `409 scheduled.being_sent`. One that
         *     has failed waits again when it gets another time (`409 scheduled.too_many`).
         */
        patch: operations["changeScheduled"];
        trace?: never;
    };
    "/api/search/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
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
        get: operations["searchMessages"];
        put?: never;
        /**
         * Find messages, with the query in a body
         * @description The same, with the same names in a JSON object. A request without a body takes the query of
         *     its URL; with a body, that query is ignored.
         */
        post: operations["searchMessagesByBody"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/signin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description `401 auth.invalid_credentials` for an unknown address and a wrong password alike. `403
         *     auth.suspended` for a suspended user. Wrong passwords of clients that the account does not
         *     know delay the next try, longer each time (`429`). A further `Set-Cookie`, `__Host-device`,
         *     makes this device known to the account: with it, sign-in is not limited, delayed or queued
         *     as that of a stranger. It ends with the next change of the password.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/signup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
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
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sse/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Counts of connections
         * @description The counts are for callers on the server's machine, or at an address of
         *     `http.internal_addresses`.
         */
        get: operations["getStreamHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/threads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The threads that the caller follows
         * @description Those with replies, of the newest 5,000 that the caller follows, that with the newest reply
         *     first. Where there are more, `X-Next-Cursor` is the `cursor` of the next page.
         */
        get: operations["listThreads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/unread-counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is unread in the caller's chats
         * @description Of the 2,000 most recently active ones, without those that the caller hides
         */
        get: operations["listUnreadCounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
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
        post: operations["uploadFiles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The users of the workspace, by id */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        /**
         * As GET /api/users/{id}/profile
         * @deprecated
         */
        get: operations["getProfileOlderName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/block": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Block a user
         * @description A blocked user can neither add the caller to a chat nor make a Single with the caller. Chats
         *     that they share stay as they are. At most 1,000 users are blocked (`422`).
         */
        put: operations["blockUser"];
        post?: never;
        /** Unblock a user */
        delete: operations["unblockUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/profile": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        /** A user's profile */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/change-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the caller's password
         * @description Ends all other sessions of the user, and makes strangers of the user's devices but this one
         *     (`Set-Cookie: __Host-device`). A wrong `current_password` is a `422` that names it. For the
         *     new one the rules of sign-up hold, and it must be another one (`422
         *     auth.password_unchanged`).
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller prefers everywhere */
        get: operations["getPreferences"];
        /**
         * Change what the caller prefers everywhere
         * @description An absent field stays as it is. The caller's sessions get `PreferencesUpdated`. With
         *     `show_read: false` others get no `MessageRead` of the caller, and the caller none of theirs;
         *     receipts likewise, and what was read meanwhile is not shown later either.
         */
        put: operations["setPreferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's profile */
        get: operations["getOwnProfile"];
        /**
         * As PATCH
         * @deprecated
         */
        put: operations["updateOwnProfileOlderName"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the caller's profile
         * @description An absent field stays. A null or an empty text clears, but for `fullname`.
         */
        patch: operations["updateOwnProfile"];
        trace?: never;
    };
    "/api/workspace/chats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * As GET /api/chat
         * @deprecated
         */
        get: operations["listChatsOlderName"];
        put?: never;
        /**
         * As POST /api/chat
         * @deprecated
         */
        post: operations["createChatOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspace/chats/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * As DELETE /api/chat/{id}
         * @deprecated
         */
        delete: operations["deleteChatOlderName"];
        options?: never;
        head?: never;
        /**
         * As PATCH /api/chat/{id}
         * @deprecated
         */
        patch: operations["updateChatOfWorkspaceOlderName"];
        trace?: never;
    };
    "/api/workspace/chats/{id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * As POST /api/chat/{id}/leave
         * @deprecated
         */
        post: operations["leaveChatOlderName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspace/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The invitations of the workspace, by id
         * @description For owners and admins. The tokens are not in it.
         */
        get: operations["listInvitations"];
        put?: never;
        /**
         * Create an invitation
         * @description For owners and admins. Only this answer has the token; it lets one person sign up to
         *     this workspace, as long as its inviter may invite. At most 100 invitations of one inviter
         *     are open (`409 workspace.too_many_invitations`). With an `email` only that address may use
         *     it.
         */
        post: operations["createInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspace/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The invitation
                 * @example 3
                 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an invitation
         * @description For owners and admins. `404` for one that does not exist or was accepted already.
         */
        delete: operations["revokeInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workspace/members/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a user's role, suspend or reactivate a user
         * @description The owner changes roles; the role `owner` hands the workspace over, and the former owner
         *     becomes an admin. The owner and admins suspend and reactivate members, only the owner
         *     admins. A suspended user is signed out everywhere, and hands on the chats it owns. The open
         *     invitations of a user who may not invite any more end. No user can change itself (`422`).
         *     Everything that the caller's role does not allow is `403 auth.forbidden`.
         */
        patch: operations["setStanding"];
        trace?: never;
    };
    "/assets/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description It has the hash of its content in its name, so that it may be kept for a year
                 * @example main-DiwrgTda.js
                 */
                file: string;
            };
            cookie?: never;
        };
        /**
         * A file that the page of the web client loads
         * @description In the coding that `Accept-Encoding` prefers: `br`, `gzip`, or none. The files of the
         *     release before may be there, too, for pages that were open during an upgrade. An unknown
         *     name is `404`, which is not kept.
         */
        get: operations["getWebAsset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-config.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a client must know before it can ask anything */
        get: operations["getClientConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description as a page to read */
        get: operations["getDocumentation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** To the page of the documentation */
        get: operations["goToDocumentationFromItsFolder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example page.js */
                file: "page.css" | "page.js" | "swagger-ui.css" | "swagger-ui-bundle.js" | "swagger-ui-bundle.js.LICENSE.txt" | "favicon-32x32.png" | "LICENSE" | "NOTICE";
            };
            cookie?: never;
        };
        /** A file of the page */
        get: operations["getDocumentationFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
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
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{workspace}/{aaa}/{bbb}/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The first three digits of the hash
                 * @example 2cf
                 */
                aaa: string;
                /**
                 * @description The next three digits
                 * @example 24d
                 */
                bbb: string;
                /**
                 * @description The SHA-256 of the content, a dot, and an extension
                 * @example 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
                 */
                file: string;
                /**
                 * @description The id of the workspace
                 * @example 3
                 */
                workspace: string;
            };
            cookie?: never;
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
        get: operations["downloadFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
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
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/simple": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process can answer */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This description
         * @description `404` where the server does not show its documentation, as the next two.
         */
        get: operations["getDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description About the message of that id and `seq` */
        AnnotationEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            message_id: components["schemas"]["Id"];
            /** Format: int64 */
            seq: number;
        };
        /** @description A file that a message carries */
        Attachment: {
            blurhash: components["schemas"]["Blurhash"];
            duration: number | null;
            /** @description Of a picture, in pixels */
            height: number | null;
            /** @description By its content */
            mime_type: string;
            /** @description As its sender has uploaded it */
            name: string;
            /**
             * Format: int64
             * @description In bytes
             */
            size: number;
            status: components["schemas"]["ThumbnailStatus"];
            thumbnail_url: components["schemas"]["ThumbnailPath"];
            /** @description A path of this origin */
            url: string;
            /** @description Of a picture, in pixels */
            width: number | null;
        };
        /** @description New ones may come */
        AuditedAction: string;
        /**
         * @example {
         *       "id": 42,
         *       "at": "2026-03-01T08:30:12.123456Z",
         *       "actor": "user 7",
         *       "actor_id": 7,
         *       "action": "user.suspend",
         *       "target": "user 8",
         *       "request_id": "5f0c2d9a7b1e4c63"
         *     }
         */
        AuditRow: {
            action: components["schemas"]["AuditedAction"];
            actor: string;
            /** @description The user; null: an operator of the installation */
            actor_id: components["schemas"]["Id"] | null;
            at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            /** @description The `X-Request-Id` of the request, or that of the command's report */
            request_id: string | null;
            /** @description A noun and its id, such as `user 8` */
            target: string;
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
        AuthResponse: {
            /** @description A JWT (EdDSA); read nothing from it but `exp` */
            access_token: string;
            /** @description Seconds of the access token */
            expires_in: number;
            /** @description Opaque; absent with `cookie_only` */
            refresh_token?: string;
            /** @constant */
            token_type: "Bearer";
            user: components["schemas"]["User"];
            workspace: components["schemas"]["Workspace"];
        };
        /**
         * @description What to show of a picture until its thumbnail is there (https://blurha.sh); `null` as long as
         *     `thumbnail_url` is
         */
        Blurhash: string | null;
        CaughtUpEvent: {
            cursor: components["schemas"]["Cursor"];
            /** @constant */
            event: "CaughtUp";
        };
        ChangePasswordRequest: {
            current_password: string;
            new_password: components["schemas"]["NewPassword"];
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
        Chat: {
            /** @description Since then it takes no messages; null unless it is archived */
            archived_at: components["schemas"]["TimeOrNull"];
            /** @description At most 200 of them; the rest by the members endpoint */
            chat_members: components["schemas"]["Id"][];
            chat_type: components["schemas"]["ChatType"];
            created_at: components["schemas"]["Time"];
            created_by: components["schemas"]["Id"];
            description: string;
            /** @description Whether `@all` and `@here` are mentions */
            everyone_mentions: boolean;
            id: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description Of the newest message
             */
            last_seq: number;
            /** Format: int64 */
            member_count: number;
            /** @description Of a Single, the other member's full name, for each of the two; in events it is empty */
            name: string;
            owner_id: components["schemas"]["IdOrNull"];
            /** @description At most 250 characters */
            topic: string;
            updated_at: components["schemas"]["Time"];
            version: components["schemas"]["Version"];
            who_may_pin: components["schemas"]["WhoMay"];
            who_may_write: components["schemas"]["WhoMay"];
            workspace_id: components["schemas"]["Id"];
        };
        ChatDraft: {
            chat_type: components["schemas"]["ChatType"];
            description?: string | null;
            /**
             * @deprecated
             * @description As members
             */
            member_ids?: components["schemas"]["Id"][] | null;
            /**
             * @description The other members; the caller may be in it, without effect. With `member_ids` of another
             *     value: `422`
             */
            members?: components["schemas"]["Id"][] | null;
            /**
             * @description A name of at most 128 characters, by the rules of a user's `fullname`. Names of channels
             *     that differ in case, width, composition or blanks only are the same. That of a Single is
             *     ignored.
             */
            name?: string | null;
        };
        /**
         * @description The chat as it is now, or as it was when it was deleted, and once more its id as `chat_id`.
         *     Of a `NewChat` for members that were added, `version` is the id of the `UserJoinedChat`
         *     behind it, which they have in it
         */
        ChatEvent: {
            chat_id: components["schemas"]["Id"];
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
        ChatMember: {
            chat_id: components["schemas"]["Id"];
            email: string;
            fullname: string;
            /** @description The same as user_id */
            id: components["schemas"]["Id"];
            joined_at: components["schemas"]["Time"];
            /** @description In this chat */
            role: components["schemas"]["Role"];
            status: components["schemas"]["UserStatus"];
            user_id: components["schemas"]["Id"];
        };
        ChatPatch: {
            description?: string | null;
            /** @description As in ChatDraft */
            name?: string | null;
        };
        ChatPreferences: {
            chat_id: components["schemas"]["Id"];
            /** @description Not in the list of chats, until its next message */
            hidden: boolean;
            /** @description Mentions do not get through the mute either */
            mute_mentions: boolean;
            muted_until: components["schemas"]["MutedUntil"];
        };
        ChatPreferencesPatch: {
            hidden?: boolean | null;
            mute_mentions?: boolean | null;
            /**
             * Format: date-time
             * @description RFC 3339; null, and a time that has passed, end the mute
             */
            muted_until?: string | null;
        };
        ChatSettings: {
            everyone_mentions?: boolean | null;
            topic?: string | null;
            who_may_pin?: components["schemas"]["WhoMay"] | null;
            /** @description Others get `403 chat.read_only` */
            who_may_write?: components["schemas"]["WhoMay"] | null;
        };
        /** @description A chat as one of its members sees it */
        ChatSummary: components["schemas"]["Chat"] & {
            /** @description Of a Single, the other member; else null */
            counterpart: components["schemas"]["User"] | null;
            /** @description Whether the caller created it */
            is_creator: boolean;
            /**
             * @description The newest message, null before the first one. A deleted message stays the last one,
             *     as a tombstone: `deleted_at` is set, `content` is empty.
             */
            last_message: components["schemas"]["MessagePreview"] | null;
            /** Format: int64 */
            last_read_seq: number;
            /** Format: int64 */
            mention_count: number;
            muted_until: components["schemas"]["MutedUntil"];
            /**
             * Format: int64
             * @description The `event_id` of the newest event that moved `last_read_seq`: a `MessageRead`, or
             *     the `NewMessage` of an own message
             */
            read_version: number;
            /**
             * Format: int64
             * @description Without deleted messages and the caller's own
             */
            unread_count: number;
        };
        /** @enum {string} */
        ChatType: "Single" | "Group" | "PrivateChannel" | "PublicChannel";
        /**
         * @example {
         *       "events": "http://127.0.0.1:6687",
         *       "version": "0.1.0+7fd2c1a0"
         *     }
         */
        ClientConfig: {
            /** @description The origin of notify_server as browsers reach it; empty, the origin of this file */
            events: string;
            /** @description Differs for each build of the server and of its web client */
            version: string;
        };
        /** @description `true`: the answer has no `refresh_token`, only the cookie has it */
        CookieOnly: boolean | null;
        /**
         * @description A position in the stream of events; opaque to clients
         * @example 3-1042-9916
         */
        Cursor: string;
        /**
         * @description What the user says about itself, in all sessions of the user. Private for now: no other user
         *     gets it
         */
        CustomStatus: string | null;
        /** @description RFC 3339, a time with any offset from UTC */
        DayOrTime: string;
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
        Draft: {
            chat_id: components["schemas"]["Id"];
            content: string;
            files: string[];
            reply_to: components["schemas"]["IdOrNull"];
            updated_at: components["schemas"]["TimeOrNull"];
            version: components["schemas"]["DraftVersion"];
        };
        DraftChange: {
            content?: string | null;
            files?: components["schemas"]["MessageFile"][] | null;
            /** @description A message of the same chat */
            reply_to?: components["schemas"]["Id"] | null;
            version: components["schemas"]["DraftVersion"];
        };
        /**
         * @description To the user's sessions only. `event_id` is the version of the draft. The text is not in it:
         *     fetch it, unless this is the version that the client has stored itself
         */
        DraftUpdatedEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            /** @description Whether there is no draft any more */
            deleted: boolean;
        };
        /**
         * Format: int64
         * @description Raised by each change, also by the end of a draft; 0 before the first one
         */
        DraftVersion: number;
        /**
         * @example {
         *       "sessions_ended": 2
         *     }
         */
        EndedSessions: {
            sessions_ended: number;
        };
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
        ErrorCode: "request.malformed" | "request.malformed_json" | "request.malformed_id" | "auth.unauthenticated" | "auth.invalid_credentials" | "auth.invalid_refresh_token" | "auth.suspended" | "auth.forbidden" | "auth.invitation_required" | "auth.foreign_page" | "chat.archived" | "chat.read_only" | "request.not_found" | "chat.not_found" | "chat.member_not_found" | "message.not_found" | "scheduled.not_found" | "file.not_found" | "upload.not_found" | "request.method_not_allowed" | "request.timeout" | "auth.email_taken" | "chat.name_taken" | "chat.owner_must_hand_over" | "workspace.too_many_invitations" | "message.deleted" | "draft.outdated" | "scheduled.being_sent" | "scheduled.too_many" | "upload.too_many" | "upload.offset_mismatch" | "search.superseded" | "upload.version" | "request.too_large" | "file.too_large" | "quota.user" | "quota.workspace" | "request.unsupported_media_type" | "request.unsupported_content_coding" | "request.range_not_satisfiable" | "request.invalid_fields" | "auth.password_common" | "auth.password_personal" | "auth.password_unchanged" | "message.too_large" | "message.idempotency_key_reused" | "upload.locked" | "request.rate_limited" | "chat.daily_limit" | "request.headers_too_large" | "upload.checksum_mismatch" | "server.internal" | "request.not_implemented" | "chat.busy" | "search.unavailable" | "storage.unavailable" | "server.overloaded" | "server.database_unavailable" | "server.nats_unavailable" | "server.draining" | "storage.full";
        Event: {
            event: string;
            /** @description Greater than that of each earlier event about the same object */
            event_id: components["schemas"]["Id"];
        };
        /**
         * @example {
         *       "ticket": "q83vASNFZ4mrze8BI0VniQAAAABpo3mKx0kqWv1S8nYb6TzLr2dPf5uHc9wEgJm3oXi7aVtQyBsNkZ4RlUpD1hC6jMeFo0WqTxKvGnS2bYzI8rLuPdHfA",
         *       "expires_in": 30
         *     }
         */
        EventTicket: {
            /** @description Seconds */
            expires_in: number;
            /** @description Opaque */
            ticket: string;
        };
        /**
         * @description Of `@all` and `@here`
         * @enum {string}
         */
        Everyone: "all" | "here";
        FieldError: {
            detail: string;
            /** @description A field, a parameter, or as in `members[2]` */
            field: string;
        };
        File: {
            blurhash: components["schemas"]["Blurhash"];
            created_at: components["schemas"]["Time"];
            /** @description As it was uploaded, made harmless */
            filename: string;
            /** @description Of a picture, in pixels */
            height: number | null;
            id: components["schemas"]["Id"];
            /** @description By its content */
            mime_type: string;
            /**
             * Format: int64
             * @description In bytes, as it is stored
             */
            size: number;
            status: components["schemas"]["ThumbnailStatus"];
            thumbnail_url: components["schemas"]["ThumbnailPath"];
            url: components["schemas"]["FilePath"];
            /** @description Of a picture, in pixels */
            width: number | null;
        };
        /**
         * @description Of this origin. The hash is the SHA-256 of the content; what is uploaded twice in a
         *     workspace has one path
         * @example /files/3/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
         */
        FilePath: string;
        FilesToUpload: {
            /** @description Each part with a `filename` is a file, whatever its name */
            file: string[];
        };
        FileUrls: {
            urls: string[];
        };
        FollowedThread: {
            chat_id: components["schemas"]["Id"];
            /** Format: int64 */
            last_read_seq: number;
            root: components["schemas"]["Message"];
            /** @description As in ThreadRead */
            unread_count: number;
        };
        /**
         * @description 1 to 50 characters as stored: in NFC, trimmed, with single spaces. Control characters, line
         *     breaks, bidirectional controls and invisible characters are refused, except where Unicode
         *     wants them (emoji sequences, joiners of scripts that write with them).
         */
        Fullname: string;
        Health: {
            database_pool_usage?: number;
            /** @description Whether the server is shutting down */
            draining?: boolean;
            meilisearch_status?: string;
            memory_usage?: components["schemas"]["MemoryUsage"];
            /** @enum {string} */
            nats_connection_status?: "connected" | "disconnected";
            services: components["schemas"]["HealthOfService"][];
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy";
            timestamp: components["schemas"]["Time"];
            /**
             * @description Within the last hour a request had `X-Forwarded-For` from a peer that
             *     `http.trusted_proxies` does not list. If that is the gateway, its clients share the
             *     limits of one address.
             */
            untrusted_forwarding?: boolean;
        };
        HealthOfService: {
            error?: string | null;
            latency_ms?: number;
            /** @enum {string} */
            name: "database" | "nats" | "startup" | "revocations" | "search" | "cleanup" | "files";
            /** @enum {string} */
            status: "healthy" | "unhealthy";
        };
        /** @description Comes without an `event:` line, every 25 s */
        Heartbeat: {
            server_time: components["schemas"]["Time"];
            /** @constant */
            type: "heartbeat";
        };
        /** Format: int64 */
        Id: number;
        IdempotencyKey: string;
        IdOrNull: components["schemas"]["Id"] | null;
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
        Invitation: {
            accepted_at: components["schemas"]["TimeOrNull"];
            accepted_by: components["schemas"]["IdOrNull"];
            created_at: components["schemas"]["Time"];
            created_by: components["schemas"]["Id"];
            /** @description Of the only one who may use it; null: any */
            email: string | null;
            expires_at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            revoked_at: components["schemas"]["TimeOrNull"];
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
        InvitationOffer: {
            /** @description Of the only one who may use it; null: any */
            email: string | null;
            /** @description The full name */
            invited_by: string | null;
            /** @description Its name; null: the token founds one */
            workspace: string | null;
        };
        InvitationRequest: {
            /**
             * Format: idn-email
             * @description The only address that may use the invitation; compared as at sign-up
             */
            email?: string | null;
        };
        MemberIds: components["schemas"]["Id"][];
        MemberIdsOrNull: components["schemas"]["MemberIds"] | null;
        MemberList: {
            member_ids?: components["schemas"]["MemberIdsOrNull"];
            members: components["schemas"]["MemberIds"];
        };
        /**
         * @deprecated
         * @description As MemberList
         */
        MemberListOlderName: {
            member_ids: components["schemas"]["MemberIds"];
            members?: components["schemas"]["MemberIdsOrNull"];
        };
        MemberPatch: {
            role?: components["schemas"]["Role"] | null;
        };
        /**
         * @description The people that came or went: `users`, at most 100 of them, and the fields of a single one
         *     at the top level, too. When more than 100 come or go at once, and in a chat of more than 200
         *     members (`events.fan_out_member_limit`), there is no list: new members get `NewChat` alone,
         *     former members get `UserLeftChat` with `chat_id` alone, and the others get `ChatUpdated`
         *     with the new `member_count`.
         */
        MembershipEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            fullname?: string;
            joined_at?: components["schemas"]["Time"];
            user_id?: components["schemas"]["Id"];
            users?: components["schemas"]["PersonOfChat"][];
        };
        MembersRequest: components["schemas"]["MemberList"] | components["schemas"]["MemberListOlderName"] | components["schemas"]["MemberIds"];
        MemoryUsage: {
            resident_bytes: number;
        };
        Mention: {
            chat_id: components["schemas"]["Id"];
            message: components["schemas"]["Message"];
            read: boolean;
        };
        /** @description A message mentions the user, by name or with all members */
        MentionedEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            message_id: components["schemas"]["Id"];
            /** @enum {string} */
            reason: "mention" | "all" | "here";
            /** @description Ignore `all` and `here` of oneself */
            sender_id: components["schemas"]["Id"];
        };
        /** @description A place of the content that mentions a member, or all members */
        MentionRange: {
            /**
             * Format: int64
             * @description With the `@`, in code points
             */
            length: number;
            /**
             * Format: int64
             * @description Of the `@`, in code points
             */
            offset: number;
            user_id: components["schemas"]["Id"] | components["schemas"]["Everyone"];
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
        Message: {
            /** @description False for a reply that is in its thread alone, not in the list of messages */
            also_to_chat: boolean;
            /** @description Of `files`; empty for a message of before files were uploaded here */
            attachments: components["schemas"]["Attachment"][];
            chat_id: components["schemas"]["Id"];
            /** @description Plain text as it was sent */
            content: string;
            created_at: components["schemas"]["Time"];
            deleted_at: components["schemas"]["TimeOrNull"];
            edited_at: components["schemas"]["TimeOrNull"];
            files: string[];
            id: components["schemas"]["Id"];
            /** Format: uuid */
            idempotency_key: string | null;
            mention_ranges: components["schemas"]["MentionRange"][];
            mentions: components["schemas"]["Id"][];
            pinned: boolean;
            /** @description In the order of each kind's first one; empty for a deleted message */
            reactions: components["schemas"]["Reaction"][];
            reply_to: components["schemas"]["IdOrNull"];
            sender: components["schemas"]["Sender"];
            sender_id: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description 1, 2, 3 … within the chat, without gaps; the only order there is
             */
            seq: number;
            /** @description Of a message that has had replies; else null */
            thread: components["schemas"]["ThreadSummary"] | null;
            /** @description Of a reply, the message that its thread began with */
            thread_root_id: components["schemas"]["IdOrNull"];
            version: components["schemas"]["Version"];
        };
        MessageDeletedEvent: components["schemas"]["Event"] & {
            /** @description As it was in the message */
            also_to_chat: boolean;
            chat_id: components["schemas"]["Id"];
            deleted_at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            /** Format: uuid */
            idempotency_key: string | null;
            sender_id: components["schemas"]["Id"];
            /** Format: int64 */
            seq: number;
            thread_root_id: components["schemas"]["IdOrNull"];
            version: components["schemas"]["Version"];
        };
        /** @description A text, files, or both */
        MessageDraft: {
            /**
             * @description False, for a reply only, keeps it out of the list of messages
             * @default true
             */
            also_to_chat?: boolean | null;
            /**
             * @description That `@all` and `@here` are meant, in a chat of more than 50 members
             * @default false
             */
            confirm_everyone?: boolean | null;
            content?: string | null;
            files?: string[] | null;
            /** Format: uuid */
            idempotency_key?: string | null;
            /**
             * @description What the sender means. A range whose text is `@` and the full name of that member,
             *     without case, goes before what the server would find there; others are ignored
             */
            mention_ranges?: components["schemas"]["MentionRange"][] | null;
            /** @description Members of the chat */
            mentions?: components["schemas"]["Id"][] | null;
            /** @description A message of the same chat, whose thread the reply belongs to */
            reply_to?: components["schemas"]["Id"] | null;
        };
        /**
         * @example {
         *       "content": "helo",
         *       "edited_at": "2026-03-01T08:42:11.5Z"
         *     }
         */
        MessageEdit: {
            /** @description The text that the edit replaced */
            content: string;
            edited_at: components["schemas"]["Time"];
        };
        /** @description As a file of MessageDraft */
        MessageFile: string;
        MessagePatch: {
            /** @default false */
            confirm_everyone?: boolean | null;
            /** @description May be empty when the message has a file */
            content: string;
            /** @description As for sending */
            mention_ranges?: components["schemas"]["MentionRange"][] | null;
            /**
             * @description Members of the chat; absent: those that the message has mentioned without a place in its
             *     text
             */
            mentions?: components["schemas"]["Id"][] | null;
        };
        /**
         * @description The first 200 characters of a message's content, and the first of its files. Here
         *     `reactions` is always empty and `pinned` false, and the `version` leaves both out
         */
        MessagePreview: components["schemas"]["Message"] & {
            attachments?: components["schemas"]["Attachment"][];
            content?: string;
            /** @description Whether there is more of either */
            content_truncated: boolean;
            files?: string[];
            /** @description Whether it has any file */
            has_files: boolean;
            /** @description The full name of its sender */
            sender_name: string;
        };
        /**
         * @description Up to which message a member has read. Of others the number only grows; the caller's own may
         *     go back, and the event with the greatest `event_id` counts. Own messages that are sent count
         *     as read without an event.
         */
        MessageReadEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description The chat's newest message at that time: own messages up to it have moved the number
             *     before, later ones move it again
             */
            last_seq: number;
            /** @description The message with that `seq`; null before the first one */
            message_id: components["schemas"]["Id"] | null;
            /** @description When the number last moved forward by reading */
            read_at: components["schemas"]["Time"] | null;
            /** Format: int64 */
            seq: number;
            user_id: components["schemas"]["Id"];
        };
        MessageUpdatedEvent: components["schemas"]["Event"] & components["schemas"]["Message"];
        /** @description null when the caller has not muted the chat, or no longer */
        MutedUntil: components["schemas"]["Time"] | null;
        /**
         * @example {
         *       "id": 3,
         *       "token": "kq3bGq0v8h6mLr3cJwq1yXb4m2V5sTzN0pAeUu7dWxY",
         *       "email": "bob@acme.example",
         *       "expires_at": "2026-03-08T08:30:12Z"
         *     }
         */
        NewInvitation: {
            email: string | null;
            expires_at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            token: string;
        };
        NewMessageEvent: {
            chat_type: components["schemas"]["ChatType"];
            sender_name: string;
            /** @constant */
            type: "new_message";
        } & (components["schemas"]["Event"] & components["schemas"]["Message"]);
        /**
         * @description 8 to 128 characters after the profile for opaque strings of RFC 8265, by which passwords are
         *     compared: NFC, spaces of all kinds are U+0020, no control or invisible characters.
         */
        NewPassword: string;
        /** @description No field is known; all are ignored */
        NoFields: Record<string, never>;
        Note: {
            message: string;
        };
        /**
         * @description About which messages the user is notified
         * @enum {string}
         */
        Notifications: "all" | "mentions" | "none";
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
        OnlineUser: {
            email: string;
            fullname: string;
            /** @description The last activity */
            last_seen: components["schemas"]["Time"];
            platform: components["schemas"]["PlatformOrNull"];
            /** @enum {string} */
            status: "online" | "away";
            user_id: components["schemas"]["Id"];
        };
        /**
         * @example {
         *       "id": 12,
         *       "created_at": "2026-03-01T08:30:12.123456Z",
         *       "refreshed_at": "2026-03-02T09:02:45.654321Z",
         *       "expires_at": "2026-03-31T08:30:12.123456Z"
         *     }
         */
        OpenSession: {
            created_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            /** @description When it got its newest tokens: its last use, but for the life of an access token */
            refreshed_at: components["schemas"]["Time"] | null;
        };
        OutdatedDraft: components["schemas"]["Problem"] & {
            draft: components["schemas"]["Draft"];
        };
        PasswordChanged: components["schemas"]["Note"] & {
            /** @description The same once more, for older clients */
            data: components["schemas"]["Note"];
            /** @constant */
            success: true;
        };
        PersonOfChat: {
            fullname: string;
            joined_at: components["schemas"]["Time"];
            user_id: components["schemas"]["Id"];
        };
        PinEvent: components["schemas"]["AnnotationEvent"] & {
            /** @description The user that has pinned or unpinned it */
            user_id: components["schemas"]["Id"];
        };
        /** @description Of the session that was active last, as it has said; null when it has not */
        PlatformOrNull: string | null;
        Preferences: {
            custom_status: components["schemas"]["CustomStatus"];
            notifications: components["schemas"]["Notifications"];
            /** @description Whether others see how far the user has read */
            show_read: boolean;
        };
        PreferencesPatch: {
            /** @description null or empty removes it */
            custom_status?: string | null;
            notifications?: components["schemas"]["Notifications"] | null;
            show_read?: boolean | null;
        };
        /**
         * @description Those of a chat, with `chat_id`, or those that the user has everywhere; to the user's own
         *     sessions
         */
        PreferencesUpdatedEvent: components["schemas"]["Event"] & {
            chat_id?: components["schemas"]["Id"];
            custom_status?: components["schemas"]["CustomStatus"];
            hidden?: boolean;
            mute_mentions?: boolean;
            muted_until?: components["schemas"]["MutedUntil"];
            notifications?: components["schemas"]["Notifications"];
            show_read?: boolean;
        };
        PresenceStatement: {
            platform?: string | null;
            /** @enum {string} */
            status: "online" | "away";
        };
        PresenceSubscription: {
            /** @description Empty ends the subscription */
            user_ids: components["schemas"]["Id"][];
        };
        /** @description RFC 9457 */
        Problem: {
            code: components["schemas"]["ErrorCode"];
            /** @description For people; may change */
            detail: string;
            /**
             * @deprecated
             * @description The same as detail
             */
            error: string;
            /** @description With every 422 */
            errors?: components["schemas"]["FieldError"][];
            /**
             * @deprecated
             * @description The same as detail
             */
            message: string;
            request_id: string;
            status: number;
            /** @description The same for every problem of this code */
            title: string;
            type: string;
        };
        Profile: components["schemas"]["User"] & {
            /** @description The same once more, for older clients */
            data: components["schemas"]["User"];
            /** @constant */
            success: true;
        };
        ProfilePatch: {
            /**
             * @description An https URL, or an absolute path of this origin, as a file of a message. Clients load
             *     avatars of this origin only, and show initials for others: an image of another host
             *     would tell it who looks at it.
             */
            avatar_url?: string | null;
            bio?: string | null;
            fullname?: components["schemas"]["Fullname"];
            /** @description A line, by the rules of `fullname`, of at most 100 characters */
            title?: string | null;
        };
        PublicChannel: components["schemas"]["Chat"] & {
            /** @description Whether the caller is a member */
            is_member: boolean;
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
        Reaction: {
            /** Format: int64 */
            count: number;
            /** @description In its full spelling */
            emoji: string;
            /** @description Whether the caller is among them; absent from events */
            me?: boolean;
            /** @description The first 50 users that reacted so, in this order */
            user_ids: components["schemas"]["Id"][];
        };
        ReactionCount: {
            /** Format: int64 */
            count: number;
            emoji: string;
        };
        ReactionDraft: {
            emoji: string;
        };
        /**
         * @description The user's reaction has come or gone. In a chat of more than 200 members
         *     (`events.fan_out_member_limit`) for the user's own sessions only
         */
        ReactionEvent: components["schemas"]["AnnotationEvent"] & {
            emoji: string;
            user_id: components["schemas"]["Id"];
        };
        /**
         * @description All reactions to the message as they are now, in a chat of more than 200 members; at most
         *     once a second for each message
         */
        ReactionsCountedEvent: components["schemas"]["AnnotationEvent"] & {
            reactions: components["schemas"]["ReactionCount"][];
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
        ReadState: {
            chat_id: components["schemas"]["Id"];
            /** Format: int64 */
            last_read_seq: number;
            /** Format: int64 */
            mention_count: number;
            /** Format: int64 */
            unread_count: number;
        };
        /** @description One of the two */
        ReadTarget: {
            message_id?: components["schemas"]["Id"];
            /** Format: int64 */
            seq?: number;
        };
        Receipt: {
            delivered_at: components["schemas"]["Time"];
            read_at: components["schemas"]["Time"] | null;
            user_id: components["schemas"]["Id"];
        };
        RefreshRequest: {
            cookie_only?: components["schemas"]["CookieOnly"];
            refresh_token?: string | null;
        };
        ResetEvent: {
            /** @constant */
            event: "Reset";
            /** @enum {string} */
            reason: "cursor_ahead" | "no_longer_held" | "too_far_behind" | "malformed_cursor" | "events_lost";
        };
        ResumableUpload: {
            expires_at: components["schemas"]["Time"];
            id: string;
            /**
             * Format: int64
             * @description In bytes
             */
            received: number;
            /**
             * Format: int64
             * @description Of the whole, in bytes
             */
            size: number;
        };
        /** @enum {string} */
        Role: "owner" | "admin" | "member";
        SavedMessage: components["schemas"]["Message"] & {
            saved_at: components["schemas"]["Time"];
        };
        /** @description A text, files, or both, and a time */
        ScheduledDraft: {
            /**
             * @description As for MessageDraft
             * @default true
             */
            also_to_chat?: boolean | null;
            /** @default false */
            confirm_everyone?: boolean | null;
            content?: string | null;
            files?: components["schemas"]["MessageFile"][] | null;
            /** @description As for MessageDraft */
            mention_ranges?: components["schemas"]["MentionRange"][] | null;
            /** @description Members of the chat */
            mentions?: components["schemas"]["Id"][] | null;
            /** @description A message of the same chat, whose thread the reply belongs to */
            reply_to?: components["schemas"]["Id"] | null;
            send_at: components["schemas"]["TimeToSend"];
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
        ScheduledMessage: {
            also_to_chat: boolean;
            chat_id: components["schemas"]["Id"];
            confirm_everyone: boolean;
            content: string;
            created_at: components["schemas"]["Time"];
            /** @description Why it was not sent; null as long as it waits */
            failure: components["schemas"]["SendFailure"] | null;
            files: string[];
            id: components["schemas"]["Id"];
            /**
             * Format: uuid
             * @description That of the message when it is sent
             */
            idempotency_key: string;
            mention_ranges: components["schemas"]["MentionRange"][];
            mentions: components["schemas"]["Id"][];
            reply_to: components["schemas"]["IdOrNull"];
            send_at: components["schemas"]["Time"];
        };
        /** @description To the user's sessions only */
        ScheduledMessageFailedEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            failure: components["schemas"]["SendFailure"];
            id: components["schemas"]["Id"];
            send_at: components["schemas"]["Time"];
        };
        ScheduledPatch: {
            also_to_chat?: boolean | null;
            confirm_everyone?: boolean | null;
            content?: string | null;
            files?: components["schemas"]["MessageFile"][] | null;
            /** @description Places of the `content` that comes with them; a content without them has none */
            mention_ranges?: components["schemas"]["MentionRange"][] | null;
            mentions?: components["schemas"]["Id"][] | null;
            reply_to?: components["schemas"]["Id"] | null;
            send_at?: components["schemas"]["TimeToSend"] | null;
        };
        SearchAnswer: components["schemas"]["SearchResult"] & {
            /** @description The same once more, for older clients */
            data: components["schemas"]["SearchResult"];
            /** @constant */
            success: true;
        };
        /** @description Opaque to clients */
        SearchCursor: string;
        /** @description How many of the matches belong to each */
        SearchFacet: {
            [key: string]: number;
        };
        SearchFacets: {
            chat_id: components["schemas"]["SearchFacet"];
            chat_type: components["schemas"]["SearchFacet"];
            month: components["schemas"]["SearchFacet"];
            sender_id: components["schemas"]["SearchFacet"];
        };
        /** @enum {string} */
        SearchHas: "file" | "link";
        SearchHit: {
            chat_id: components["schemas"]["Id"];
            /** @description Of a Single, the other member's name */
            chat_name: string;
            chat_type: components["schemas"]["ChatType"];
            content: string;
            created_at: components["schemas"]["Time"];
            files: string[];
            /** @description HTML that is safe to show, escaped, with `<mark>` around the matches */
            highlight: string;
            id: components["schemas"]["Id"];
            /** @description Comparable within one answer */
            score: number;
            sender_id: components["schemas"]["Id"];
            sender_name: string;
            /** Format: int64 */
            seq: number;
        };
        /** @description This page; for clients that page by `offset` */
        SearchPage: {
            has_more: boolean;
            limit: number;
            /** @description The hits before it */
            offset: number;
        };
        /**
         * @description The fields are those of the query of `GET /api/search/messages`. A null counts as absent:
         *     the `next_cursor` of a last page, null, begins again at the first one.
         */
        SearchQuestion: {
            chat_id?: components["schemas"]["Id"] | null;
            chat_type?: components["schemas"]["ChatType"] | null;
            cursor?: components["schemas"]["SearchCursor"] | null;
            from?: components["schemas"]["DayOrTime"] | null;
            has?: components["schemas"]["SearchHas"] | null;
            /** @default 50 */
            limit?: number | null;
            /** @default 0 */
            offset?: number | null;
            q?: string | null;
            sender_id?: components["schemas"]["Id"] | null;
            sort?: components["schemas"]["SearchSort"] | null;
            to?: components["schemas"]["DayOrTime"] | null;
        };
        SearchResult: {
            facets: components["schemas"]["SearchFacets"];
            /** @description Whether there is a next page */
            has_more: boolean;
            hits: components["schemas"]["SearchHit"][];
            /** @description Null on the last page */
            next_cursor: components["schemas"]["SearchCursor"] | null;
            page: components["schemas"]["SearchPage"];
            took_ms: number;
            /** @description Of all pages */
            total: number;
        };
        /**
         * @default relevance
         * @enum {string}
         */
        SearchSort: "relevance" | "newest" | "oldest" | "date_desc" | "date_asc";
        /** @description The user that has sent a message, by its present name */
        Sender: {
            avatar_url: string | null;
            fullname: string;
            id: components["schemas"]["Id"];
        };
        SendFailure: {
            code: components["schemas"]["ErrorCode"];
            detail: string;
        };
        /**
         * @description One event of the stream, by the fields of its lines (WHATWG HTML, 9.2). In OpenAPI 3.1 the
         *     schema of a `text/event-stream` describes each event.
         */
        ServerSentEvent: {
            /**
             * @description JSON of the schema that `x-events` names for the event. U+0085, U+2028 and U+2029 are
             *     escaped, so that a reader may split the stream with any function that splits lines.
             */
            data: string;
            /**
             * @description A name of `x-events`; absent from a heartbeat, hence `message` by default
             * @enum {string}
             */
            event?: "NewMessage" | "MessageUpdated" | "MessageDeleted" | "ReactionAdded" | "ReactionRemoved" | "ReactionsCounted" | "MessagePinned" | "MessageUnpinned" | "ThreadUpdated" | "ThreadFollowUpdated" | "Mentioned" | "NewChat" | "ChatUpdated" | "ChatDeleted" | "ChatArchived" | "ChatRestored" | "DraftUpdated" | "ScheduledMessageFailed" | "UserJoinedChat" | "UserLeftChat" | "UserUpdated" | "MessageRead" | "PreferencesUpdated" | "UserPresence" | "TypingStatus" | "CaughtUp" | "Reset" | "message";
            /** @description Absent from ephemeral events */
            id?: components["schemas"]["Cursor"];
            /** @description Milliseconds */
            retry?: number;
        };
        SignedFileUrl: {
            expires_at: components["schemas"]["Time"];
            /** @description Of this origin: the path, with a query */
            signed_url: string;
            url: components["schemas"]["FilePath"];
        };
        SignInRequest: {
            cookie_only?: components["schemas"]["CookieOnly"];
            /** @description Compared as at sign-up */
            email: string;
            password: string;
        };
        SignUpRequest: {
            cookie_only?: components["schemas"]["CookieOnly"];
            /**
             * Format: idn-email
             * @description `local@domain` of at most 254 bytes: a dot-atom and a domain name, in letters of any
             *     script (RFC 6531); no quoted local part, no address literal. Stored in NFC; two that
             *     differ in case or composition only, or by the punycode of the domain, are one account.
             */
            email: string;
            fullname: components["schemas"]["Fullname"];
            invitation?: string | null;
            password: components["schemas"]["NewPassword"];
            /**
             * @description A name, as `fullname`, of 1 to 32 characters. Names that differ in case, width,
             *     composition or blanks only are one workspace. Required without an invitation, unless
             *     anyone may found a workspace; with one, if it is there, it must be that of the
             *     invitation.
             */
            workspace?: string | null;
            /**
             * @deprecated
             * @description As workspace
             */
            workspace_name?: string | null;
        };
        StandingPatch: {
            role?: components["schemas"]["Role"] | null;
            status?: components["schemas"]["UserStatus"] | null;
        };
        StoredDraft: {
            version: components["schemas"]["DraftVersion"];
        };
        StreamHealth: {
            /** @description With a connected member */
            active_chats?: number;
            connected_users?: number;
            /** @constant */
            service: "notify_server";
            /** @constant */
            status: "healthy";
            /** @constant */
            transport: "sse";
        };
        Thread: {
            replies: components["schemas"]["Message"][];
            root: components["schemas"]["Message"];
        };
        /** @description Whether the user follows a thread, and how far the user has read it */
        ThreadFollowUpdatedEvent: components["schemas"]["Event"] & {
            chat_id: components["schemas"]["Id"];
            following: boolean;
            /** Format: int64 */
            last_read_seq: number;
            message_id: components["schemas"]["Id"];
        };
        /**
         * @example {
         *       "message_id": 4710,
         *       "chat_id": 12,
         *       "last_read_seq": 61,
         *       "unread_count": 0
         *     }
         */
        ThreadRead: {
            chat_id: components["schemas"]["Id"];
            /** Format: int64 */
            last_read_seq: number;
            /** @description That the thread began with */
            message_id: components["schemas"]["Id"];
            /** @description Replies of others, without deleted ones; 1,000 at most */
            unread_count: number;
        };
        /** @description One of the two, or neither */
        ThreadReadMove: {
            message_id?: components["schemas"]["Id"] | null;
            /** Format: int64 */
            seq?: number | null;
        };
        /** @description The replies of a message, without deleted ones */
        ThreadSummary: {
            last_reply_at: components["schemas"]["TimeOrNull"];
            /** @description The latest ten, the latest first */
            repliers: components["schemas"]["Id"][];
            /** Format: int64 */
            reply_count: number;
        };
        ThreadUnread: {
            message_id: components["schemas"]["Id"];
        };
        /** @description The thread of a message as it is now */
        ThreadUpdatedEvent: {
            chat_id: components["schemas"]["Id"];
            message_id: components["schemas"]["Id"];
        } & (components["schemas"]["Event"] & components["schemas"]["ThreadSummary"]);
        /**
         * @description The path of the small thumbnail of a picture (`?size=360`; the large one has `?size=1280`);
         *     `null` while it has none, and of what is no picture
         */
        ThumbnailPath: string | null;
        /**
         * @description `pending`: the thumbnails of the picture are being made, which takes a moment, seldom
         *     minutes; `failed`: it will have none; `ready`: all is there, also of what is no picture
         * @enum {string}
         */
        ThumbnailStatus: "ready" | "pending" | "failed";
        /**
         * Format: date-time
         * @example 2026-03-01T08:30:12.123456Z
         */
        Time: string;
        TimeOrNull: components["schemas"]["Time"] | null;
        /**
         * Format: date-time
         * @description RFC 3339, with any offset from UTC
         */
        TimeToSend: string;
        TypingChat: {
            chat_id: components["schemas"]["Id"];
        };
        TypingStatement: {
            is_typing: boolean;
        };
        TypingStatusEvent: {
            chat_id: components["schemas"]["Id"];
            /** @constant */
            event: "TypingStatus";
            /** @description When the typing ends by itself, or when it has ended */
            expires_at: components["schemas"]["Time"];
            is_typing: boolean;
            user_id: components["schemas"]["Id"];
            user_name: string;
        };
        /** @description In an object, unlike other lists, for older clients */
        UnreadCounts: {
            data: components["schemas"]["ReadState"][];
            /** @constant */
            success: true;
        };
        UnreadTarget: {
            message_id: components["schemas"]["Id"];
        };
        UploadedFile: components["schemas"]["File"] & {
            /** @description The same once more, for older clients */
            data: components["schemas"]["File"];
            /** @constant */
            success: true;
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
        User: {
            avatar_url: string | null;
            bio: string | null;
            created_at: components["schemas"]["Time"];
            email: string;
            fullname: string;
            id: components["schemas"]["Id"];
            role: components["schemas"]["Role"];
            status: components["schemas"]["UserStatus"];
            title: string | null;
            workspace_id: components["schemas"]["Id"];
        };
        UserPresenceEvent: {
            /** @constant */
            event: "UserPresence";
            /**
             * @description The last activity; of an offline user, when the last stream closed, or null when the
             *     user was never seen
             */
            last_seen: components["schemas"]["TimeOrNull"];
            platform: components["schemas"]["PlatformOrNull"];
            /** @enum {string} */
            status: "online" | "away" | "offline";
            user_id: components["schemas"]["Id"];
        };
        UsersByRole: {
            admin: number;
            member: number;
            owner: number;
        };
        /** @enum {string} */
        UserStatus: "Active" | "Suspended";
        UserUpdatedEvent: components["schemas"]["Event"] & components["schemas"]["User"];
        /**
         * Format: int64
         * @description The `event_id` of the newest event that made the object so. An event about it whose
         *     `event_id` is not greater is in it already
         */
        Version: number;
        /**
         * @description All members, or the owner and the admins of the chat
         * @enum {string}
         */
        WhoMay: "all" | "admins";
        Workspace: {
            created_at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            name: string;
            owner_id: components["schemas"]["Id"];
        };
        /**
         * @example {
         *       "id": 1,
         *       "name": "Acme",
         *       "created_at": "2026-03-01T08:30:12Z",
         *       "users_active": {
         *         "owner": 1,
         *         "admin": 2,
         *         "member": 30
         *       },
         *       "users_suspended": {
         *         "owner": 0,
         *         "admin": 0,
         *         "member": 4
         *       },
         *       "chats": 51,
         *       "messages": 48211,
         *       "message_bytes": 9120113,
         *       "file_bytes": 733112044,
         *       "stored_bytes": 742301127,
         *       "quota_bytes": 68719476736,
         *       "user_quota_bytes": 4294967296
         *     }
         */
        WorkspaceUsage: {
            /** Format: int64 */
            chats: number;
            created_at: components["schemas"]["Time"];
            /** Format: int64 */
            file_bytes: number;
            id: components["schemas"]["Id"];
            /** Format: int64 */
            message_bytes: number;
            /**
             * Format: int64
             * @description The numbers that were given, deleted messages included
             */
            messages: number;
            name: string;
            /**
             * Format: int64
             * @description Of the whole workspace; null: none
             */
            quota_bytes: number | null;
            /**
             * Format: int64
             * @description What counts for the quota: messages, also those of deleted chats until these are erased,
             *     files, drafts and scheduled messages
             */
            stored_bytes: number;
            /**
             * Format: int64
             * @description Of each user; null: none
             */
            user_quota_bytes: number | null;
            users_active: components["schemas"]["UsersByRole"];
            users_suspended: components["schemas"]["UsersByRole"];
        };
    };
    responses: {
        /** @description The head or the path is malformed, the body is no JSON, or an id in the path is none. */
        BadRequest: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The chat. */
        Chat: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Chat"];
            };
        };
        /** @description A page of the caller's chats. */
        ChatList: {
            headers: {
                "X-Event-Position": components["headers"]["EventPosition"];
                "X-Limit-Applied": components["headers"]["LimitApplied"];
                "X-Next-Cursor": components["headers"]["NextCursor"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ChatSummary"][];
            };
        };
        /** @description The preferences as they are now. */
        ChatPreferences: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ChatPreferences"];
            };
        };
        /** @description The chunk is not the one of `Upload-Checksum`; nothing of it was kept. */
        ChecksumMismatch: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The chunk is durable. */
        ChunkReceived: {
            headers: {
                Location: components["headers"]["FileLocation"];
                "Tus-Resumable": components["headers"]["TusResumable"];
                "Tus-Version": components["headers"]["TusVersion"];
                "Upload-Metadata": components["headers"]["UploadMetadata"];
                "Upload-Offset": components["headers"]["UploadOffset"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The present state conflicts with it. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Done. */
        Done: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The draft is stored, or had this text already. */
        DraftVersion: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["StoredDraft"];
            };
        };
        /** @description The file, or the part of it that was asked for. */
        FileBytes: {
            headers: {
                "Accept-Ranges": "bytes";
                /**
                 * @description `inline` or `attachment`, with the name by RFC 6266
                 * @example inline; filename="cat.png"
                 */
                "Content-Disposition": string;
                ETag: components["headers"]["ETag"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "*/*": string;
                "application/octet-stream": string;
            };
        };
        /** @description Not allowed. `auth.suspended` may come from every endpoint for signed-in users. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A rule is broken; `errors` names the fields or parameters. */
        InvalidFields: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The members. */
        MemberList: {
            headers: {
                "X-Limit-Applied": components["headers"]["LimitApplied"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ChatMember"][];
            };
        };
        /** @description The chat is created, and its members get `NewChat`. */
        NewChat: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Chat"];
            };
        };
        /** @description No valid token; the cookie is cleared. */
        NoSessionToEnd: {
            headers: {
                "Set-Cookie": components["headers"]["RefreshCookie"];
                "WWW-Authenticate": components["headers"]["Authenticate"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It does not exist, or the caller may not see it. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The client has the present version. */
        NotModified: {
            headers: {
                ETag: components["headers"]["ETag"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description `Tus-Resumable` is missing, or another version; `Tus-Version` has this one. */
        OtherTusVersion: {
            headers: {
                "Tus-Version": components["headers"]["TusVersion"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another session has changed the draft; `draft` is the newer one. */
        OutdatedDraft: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["OutdatedDraft"];
            };
        };
        /** @description The preferences as they are now. */
        Preferences: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Preferences"];
            };
        };
        /**
         * @description The answer to any request before it reaches its endpoint (400, 408, 413, 431, 501), or when
         *     the server has a defect (500, which discloses no internals).
         */
        Problem: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The user. */
        Profile: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Profile"];
            };
        };
        /** @description Too many requests. */
        RateLimited: {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller's numbers in the chat, as they are now. */
        ReadState: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReadState"];
            };
        };
        /** @description The message that waits. */
        Scheduled: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ScheduledMessage"];
            };
        };
        /** @description No valid refresh token; the cookie is cleared. */
        SessionOver: {
            headers: {
                "Set-Cookie": components["headers"]["RefreshCookie"];
                "WWW-Authenticate": components["headers"]["Authenticate"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description The user, the workspace, and the tokens. A further `Set-Cookie`, `__Host-files`, opens files
         *     (`GET /files/…`) and nothing else for as long as the access token.
         */
        SignedIn: {
            headers: {
                "Set-Cookie": components["headers"]["RefreshCookie"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AuthResponse"];
            };
        };
        /** @description Signed out; the cookie is cleared. */
        SignedOut: {
            headers: {
                "Set-Cookie": components["headers"]["RefreshCookie"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "message": "Signed out."
                 *     }
                 */
                "application/json": components["schemas"]["Note"];
            };
        };
        /** @description There is no room for more files. */
        StorageFull: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The page is elsewhere. */
        ToDocumentation: {
            headers: {
                /**
                 * @description Relative to the address of the request
                 * @example ../docs
                 */
                Location: string;
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "text/plain": string;
            };
        };
        /** @description The body is too large, or the storage is used up (`quota.user`, `quota.workspace`). */
        TooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing but these headers; a preflight of a page gets the headers of CORS instead. */
        TusCapabilities: {
            headers: {
                /** @example sha1,sha256 */
                "Tus-Checksum-Algorithm": string;
                /** @example creation,termination,checksum,expiration */
                "Tus-Extension": string;
                /**
                 * @description Bytes of the largest file
                 * @example 4294967296
                 */
                "Tus-Max-Size": string;
                "Tus-Resumable": components["headers"]["TusResumable"];
                "Tus-Version": components["headers"]["TusVersion"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description No valid token. */
        Unauthenticated: {
            headers: {
                "WWW-Authenticate": components["headers"]["Authenticate"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A dependency is down or busy; nothing was done, and the request may be repeated. */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body was not sent as application/json, or in a content coding. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another request changes this upload; try again shortly. */
        UploadLocked: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The user. */
        User: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["User"];
            };
        };
    };
    parameters: {
        /**
         * @description The codings that the client understands, with their qualities
         * @example gzip, br
         */
        accept_encoding: string;
        /**
         * @description The page begins after this id (the last one of the page before)
         * @example 42
         */
        after_id: number;
        /**
         * @description The `X-Next-Cursor` of the page before
         * @example 4711
         */
        annotation_cursor: string;
        /**
         * @description The page begins below this id (`X-Next-Cursor` of the page before)
         * @example 42
         */
        before_cursor: number;
        /**
         * @description The `X-Next-Cursor` of the page before
         * @example 1772354467004512-12
         */
        chat_cursor: string;
        /**
         * @description The chat
         * @example 12
         */
        chat_id: components["schemas"]["Id"];
        /**
         * @description How many at most; above 500 it counts as 500
         * @example 100
         */
        chat_limit: number;
        /**
         * @description The ETag of the version that the client has
         * @example "0f343b0931126a20f133d67c2b018a3b"
         */
        if_none_match: string;
        /**
         * @description How many at most; above 100 it counts as 100
         * @example 20
         */
        limit: number;
        /**
         * @description The message
         * @example 4711
         */
        message_id: components["schemas"]["Id"];
        /**
         * @description Any message of the thread
         * @example 4710
         */
        message_of_thread: components["schemas"]["Id"];
        /**
         * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
         *     and without U+FE0F, are one emoji; answers and events have the full one.
         * @example 👍
         */
        reaction_emoji: string;
        /** @description In this chat only */
        search_chat_id: components["schemas"]["Id"];
        /** @description In chats of this type only */
        search_chat_type: components["schemas"]["ChatType"];
        /** @description The `next_cursor` of the page before */
        search_cursor: components["schemas"]["SearchCursor"];
        /**
         * @description Sent then or later; a day (of UTC) or a time
         * @example 2026-01-01
         */
        search_from: components["schemas"]["DayOrTime"];
        /** @description With a file, or a link */
        search_has: components["schemas"]["SearchHas"];
        /** @description How many to skip; `cursor` is better while new messages arrive */
        search_offset: number;
        /**
         * @description The query
         * @example rollback from:alice after:2026-01-31
         */
        search_q: string;
        /** @description Of this sender only */
        search_sender_id: components["schemas"]["Id"];
        /**
         * @description The best first, the newest, or the oldest; `date_desc` and `date_asc` are older names of the
         *     latter two
         */
        search_sort: components["schemas"]["SearchSort"];
        /**
         * @description Sent before then; of a day, before its end
         * @example 2026-01-31
         */
        search_to: components["schemas"]["DayOrTime"];
        /**
         * @description The version of the protocol; `412` for another one
         * @example 1.0.0
         */
        tus_resumable: string;
        /**
         * @description `sha1` or `sha256`, a space, and the digest of the chunk in base64
         * @example sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=
         */
        upload_checksum: string;
        /**
         * @description The offset of the upload, where the chunk begins
         * @example 0
         */
        upload_offset: string;
        /**
         * @description The user
         * @example 7
         */
        user_id: components["schemas"]["Id"];
    };
    requestBodies: {
        ChatDraft: {
            content: {
                "application/json": components["schemas"]["ChatDraft"];
            };
        };
        ChatPatch: {
            content: {
                /**
                 * @example {
                 *       "name": "general",
                 *       "description": "For all users"
                 *     }
                 */
                "application/json": components["schemas"]["ChatPatch"];
            };
        };
        Chunk: {
            content: {
                "application/offset+octet-stream": string;
            };
        };
        Files: {
            content: {
                "multipart/form-data": components["schemas"]["FilesToUpload"];
            };
        };
        Members: {
            content: {
                "application/json": components["schemas"]["MembersRequest"];
            };
        };
        /** @description None, or an object whose fields are ignored */
        NoFields: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["NoFields"];
            };
        };
        ProfilePatch: {
            content: {
                /**
                 * @example {
                 *       "title": "Engineer",
                 *       "bio": null,
                 *       "avatar_url": "/files/1/alice.png"
                 *     }
                 */
                "application/json": components["schemas"]["ProfilePatch"];
            };
        };
        SearchQuestion: {
            content: {
                /**
                 * @example {
                 *       "q": "rollback",
                 *       "sort": "newest"
                 *     }
                 */
                "application/json": components["schemas"]["SearchQuestion"];
            };
        };
    };
    headers: {
        /** @description The scheme that is asked for */
        Authenticate: "Bearer";
        /**
         * @description Names this version of the answer
         * @example "0f343b0931126a20f133d67c2b018a3b"
         */
        ETag: string;
        /**
         * @description The list shows all events up to this position, and perhaps later ones, which the `version` of
         *     its objects tells. A stream of events that begins here (`Last-Event-ID`) completes it
         * @example 3-1042-9916
         */
        EventPosition: string;
        /**
         * @description The path of the file, once the upload is finished
         * @example /files/3/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
         */
        FileLocation: components["schemas"]["FilePath"];
        /**
         * @description The `limit` was above this maximum and was cut to it
         * @example 100
         */
        LimitApplied: string;
        /**
         * @description There is a next page although this one may have fewer elements than its `limit`: where that
         *     page goes on, for the parameter that the description of the operation names
         * @example 4711
         */
        NextCursor: string;
        /**
         * @description For each limit that applied: how many requests remain (`r`), and in how many seconds all of
         *     them will be available (`t`)
         * @example "user";r=0;t=4
         */
        RateLimit: string;
        /**
         * @description The limits themselves: how many requests at once after a pause (`q`), and in how many
         *     seconds they become available again, evenly (`w`)
         * @example "user";q=200;w=4
         */
        RateLimitPolicy: string;
        /**
         * @description `__Host-refresh_token`, HttpOnly, Secure, SameSite=Strict, Path=/: the new one, or an empty
         *     one that clears it
         * @example __Host-refresh_token=5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=1209600
         */
        RefreshCookie: string;
        /**
         * @description Names this request in the server's log
         * @example 5f0c2d9a7b1e4c63
         */
        RequestId: string;
        /**
         * @description Seconds to wait before the next try
         * @example 1
         */
        RetryAfter: string;
        /**
         * @description The version of the protocol; refusals have it, too
         * @example 1.0.0
         */
        TusResumable: "1.0.0";
        /**
         * @description The versions that the server speaks
         * @example 1.0.0
         */
        TusVersion: "1.0.0";
        /**
         * @description When the upload ends unless another chunk comes (RFC 9110)
         * @example Sun, 01 Mar 2026 08:30:12 GMT
         */
        UploadExpires: string;
        /**
         * @description As it was sent first; once the upload is finished, with the `url` and the `id` of the file
         * @example filename Y2F0LnBuZw==,id MTI=
         */
        UploadMetadata: string;
        /**
         * @description Bytes that were received, and are durable
         * @example 524288
         */
        UploadOffset: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getStartPage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The codings that the client understands, with their qualities
                 * @example gzip, br
                 */
                "Accept-Encoding"?: components["parameters"]["accept_encoding"];
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            304: components["responses"]["NotModified"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getWebPage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The codings that the client understands, with their qualities
                 * @example gzip, br
                 */
                "Accept-Encoding"?: components["parameters"]["accept_encoding"];
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path: {
                /**
                 * @description Any path of at most 1024 bytes that is not one of the API, with further segments
                 * @example signin
                 */
                page: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page, or the file. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                    "text/html": string;
                    "text/javascript": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /**
                 * @description Only this action; one that there is none of has no rows
                 * @example user.suspend
                 */
                action?: components["schemas"]["AuditedAction"];
                /**
                 * @description Only what this user (an id) has done, or operators (`operator`)
                 * @example 7
                 */
                actor?: string;
                /**
                 * @description The page begins below this id (`X-Next-Cursor` of the page before)
                 * @example 42
                 */
                cursor?: components["parameters"]["before_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditRow"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getWorkspaceUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceUsage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listUserSessions: {
        parameters: {
            query?: {
                /**
                 * @description The page begins below this id (`X-Next-Cursor` of the page before)
                 * @example 42
                 */
                cursor?: components["parameters"]["before_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of sessions. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenSession"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    endUserSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
                /**
                 * @description The session
                 * @example 12
                 */
                session_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    endUserSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many were open. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndedSessions"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    takeOverChats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            /** @description The chats that were taken over. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Chat"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listChats: {
        parameters: {
            query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 1772354467004512-12
                 */
                cursor?: components["parameters"]["chat_cursor"];
                /**
                 * @description How many at most; above 500 it counts as 500
                 * @example 100
                 */
                limit?: components["parameters"]["chat_limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ChatList"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    createChat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ChatDraft"];
        responses: {
            200: components["responses"]["Chat"];
            201: components["responses"]["NewChat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    updateChatOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ChatPatch"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    deleteChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    updateChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ChatPatch"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    archiveChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getDraft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The draft. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    putDraft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "content": "Dear all,",
                 *       "version": 9917
                 *     }
                 */
                "application/json": components["schemas"]["DraftChange"];
            };
        };
        responses: {
            200: components["responses"]["DraftVersion"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OutdatedDraft"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    deleteDraft: {
        parameters: {
            query?: {
                /**
                 * @description The version that the caller has seen
                 * @example 9917
                 */
                version?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["DraftVersion"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["OutdatedDraft"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    joinChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    leaveChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["MemberList"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    addMembers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Members"];
        responses: {
            201: components["responses"]["MemberList"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    removeMembers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Members"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setMemberRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The member (a user's id)
                 * @example 8
                 */
                member_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "role": "admin"
                 *     }
                 */
                "application/json": components["schemas"]["MemberPatch"];
            };
        };
        responses: {
            /** @description The member as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatMember"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description The messages that follow this one */
                after?: components["schemas"]["Id"];
                /** @description This message and those next to it */
                around?: components["schemas"]["Id"];
                /**
                 * @description The messages next to this `seq`: those up to it, as many as half of the page, and those
                 *     behind it. With `last_read_seq` + 1: where a person goes on reading
                 * @example 58
                 */
                around_seq?: number;
                /**
                 * @description Older messages than this one
                 * @example 4711
                 */
                before?: components["schemas"]["Id"];
                /**
                 * @deprecated
                 * @description As before
                 */
                before_id?: components["schemas"]["Id"];
                /**
                 * @deprecated
                 * @description As before
                 */
                last_id?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages. */
            200: {
                headers: {
                    "X-Event-Position": components["headers"]["EventPosition"];
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    sendMessage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A UUID, in quotes (a String of RFC 9651, whose parameters are ignored) or without them;
                 *     goes before `idempotency_key` in the body
                 * @example 0191d2a6-6f7e-7c3b-9d51-8f6d4c2b1a09
                 */
                "Idempotency-Key"?: components["schemas"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageDraft"];
            };
        };
        responses: {
            /** @description The message that this key has created before, as it is now. */
            200: {
                headers: {
                    /** @description That nothing new was created */
                    "Idempotency-Replayed": "true";
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The message is stored, and all members get `NewMessage`. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    deleteMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    editMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "content": "hello again"
                 *     }
                 */
                "application/json": components["schemas"]["MessagePatch"];
            };
        };
        responses: {
            /** @description The message as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    followThread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unfollowThread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listMessageEdits: {
        parameters: {
            query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 4711
                 */
                cursor?: components["parameters"]["annotation_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Former texts. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageEdit"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    addReactionOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "emoji": "👍"
                 *     }
                 */
                "application/json": components["schemas"]["ReactionDraft"];
            };
        };
        responses: {
            /** @description The message as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    addReaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
                 *     and without U+FE0F, are one emoji; answers and events have the full one.
                 * @example 👍
                 */
                emoji: components["parameters"]["reaction_emoji"];
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    removeReaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description One emoji, percent-encoded: one grapheme cluster of at most 64 bytes. Its spellings, with
                 *     and without U+FE0F, are one emoji; answers and events have the full one.
                 * @example 👍
                 */
                emoji: components["parameters"]["reaction_emoji"];
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    readMessageOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["ReadState"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listReceipts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By the id of the member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getThread: {
        parameters: {
            query?: {
                /** @description The replies that follow this message */
                after?: components["schemas"]["Id"];
                /** @description Older replies than this one */
                before?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the thread. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Thread"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    readThread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "message_id": 4715
                 *     }
                 */
                "application/json": components["schemas"]["ThreadReadMove"];
            };
        };
        responses: {
            /** @description How far the caller has read the thread now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThreadRead"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unreadThread: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description Any message of the thread
                 * @example 4710
                 */
                message_id: components["parameters"]["message_of_thread"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "message_id": 4712
                 *     }
                 */
                "application/json": components["schemas"]["ThreadUnread"];
            };
        };
        responses: {
            /** @description How far the caller has read the thread now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThreadRead"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    searchChatMessages: {
        parameters: {
            query?: {
                /** @description In chats of this type only */
                chat_type?: components["parameters"]["search_chat_type"];
                /** @description The `next_cursor` of the page before */
                cursor?: components["parameters"]["search_cursor"];
                /**
                 * @description Sent then or later; a day (of UTC) or a time
                 * @example 2026-01-01
                 */
                from?: components["parameters"]["search_from"];
                /** @description With a file, or a link */
                has?: components["parameters"]["search_has"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
                /** @description How many to skip; `cursor` is better while new messages arrive */
                offset?: components["parameters"]["search_offset"];
                /**
                 * @description The query
                 * @example rollback from:alice after:2026-01-31
                 */
                q?: components["parameters"]["search_q"];
                /** @description Of this sender only */
                sender_id?: components["parameters"]["search_sender_id"];
                /**
                 * @description The best first, the newest, or the oldest; `date_desc` and `date_asc` are older names of the
                 *     latter two
                 */
                sort?: components["parameters"]["search_sort"];
                /**
                 * @description Sent before then; of a day, before its end
                 * @example 2026-01-31
                 */
                to?: components["parameters"]["search_to"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The matches. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    searchChatMessagesOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["SearchQuestion"];
        responses: {
            /** @description The matches. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listOnlineMembers: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 1,000 it counts as 1,000
                 * @example 100
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The members that have a stream open, on any instance, online or away; for ten seconds
             *     after the last one has closed as before.
             */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OnlineUser"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listPins: {
        parameters: {
            query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 4711
                 */
                cursor?: components["parameters"]["annotation_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Pinned messages. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    pinMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unpinMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getChatPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ChatPreferences"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setChatPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatPreferencesPatch"];
            };
        };
        responses: {
            200: components["responses"]["ChatPreferences"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    readChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReadTarget"];
            };
        };
        responses: {
            200: components["responses"]["ReadState"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    restoreChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    scheduleMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "content": "Good morning",
                 *       "send_at": "2026-03-02T08:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["ScheduledDraft"];
            };
        };
        responses: {
            201: components["responses"]["Scheduled"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setChatSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "who_may_write": "admins",
                 *       "topic": "Releases, one line each"
                 *     }
                 */
                "application/json": components["schemas"]["ChatSettings"];
            };
        };
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setTyping: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "is_typing": true
                 *     }
                 */
                "application/json": components["schemas"]["TypingStatement"];
            };
        };
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    startTypingInChatOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    stopTypingInChatOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unarchiveChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unreadChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "message_id": 4711
                 *     }
                 */
                "application/json": components["schemas"]["UnreadTarget"];
            };
        };
        responses: {
            200: components["responses"]["ReadState"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getMessageContextOlderName: {
        parameters: {
            query?: {
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages. */
            200: {
                headers: {
                    "X-Event-Position": components["headers"]["EventPosition"];
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listPublicChannels: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /**
                 * @description The archived channels instead of the others
                 * @example true
                 */
                archived?: boolean;
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
                /**
                 * @description Part of the name, the topic or the description, without regard to case and width
                 * @example gen
                 */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of channels. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicChannel"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listDrafts: {
        parameters: {
            query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 9917
                 */
                cursor?: string;
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of drafts. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"][];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    createEventTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            /** @description The ticket. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventTicket"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 12 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The record. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    createResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                "Tus-Resumable": components["parameters"]["tus_resumable"];
                /**
                 * @description Bytes of the whole file
                 * @example 1048576
                 */
                "Upload-Length": string;
                /**
                 * @description At most 16 pairs of a name and, after a space, a value in base64, separated by commas;
                 *     `filename` (or `name`) is the name of the file, in UTF-8
                 * @example filename Y2F0LnBuZw==
                 */
                "Upload-Metadata"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The upload, of which nothing was received. */
            201: {
                headers: {
                    /**
                     * @description The path of the upload
                     * @example /api/files/resumable/mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o
                     */
                    Location: string;
                    "Tus-Resumable": components["headers"]["TusResumable"];
                    "Tus-Version": components["headers"]["TusVersion"];
                    "Upload-Expires": components["headers"]["UploadExpires"];
                    "Upload-Offset": components["headers"]["UploadOffset"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResumableUpload"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["OtherTusVersion"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    describeResumableUploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["TusCapabilities"];
            429: components["responses"]["RateLimited"];
            default: components["responses"]["Problem"];
        };
    };
    overrideResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                "Tus-Resumable": components["parameters"]["tus_resumable"];
                /** @example PATCH */
                "X-HTTP-Method-Override": "HEAD" | "PATCH" | "DELETE";
            };
            path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Chunk"];
        responses: {
            /** @description As the method answers that was meant. */
            204: {
                headers: {
                    Location: components["headers"]["FileLocation"];
                    "Tus-Resumable": components["headers"]["TusResumable"];
                    "Tus-Version": components["headers"]["TusVersion"];
                    "Upload-Metadata": components["headers"]["UploadMetadata"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["OtherTusVersion"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            423: components["responses"]["UploadLocked"];
            429: components["responses"]["RateLimited"];
            460: components["responses"]["ChecksumMismatch"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["StorageFull"];
            default: components["responses"]["Problem"];
        };
    };
    removeResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                "Tus-Resumable": components["parameters"]["tus_resumable"];
            };
            path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["OtherTusVersion"];
            423: components["responses"]["UploadLocked"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    describeResumableUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["TusCapabilities"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            default: components["responses"]["Problem"];
        };
    };
    getResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                "Tus-Resumable": components["parameters"]["tus_resumable"];
            };
            path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the upload; it is durable. */
            204: {
                headers: {
                    Location: components["headers"]["FileLocation"];
                    "Tus-Resumable": components["headers"]["TusResumable"];
                    "Tus-Version": components["headers"]["TusVersion"];
                    "Upload-Expires": components["headers"]["UploadExpires"];
                    /**
                     * @description Bytes of the whole file
                     * @example 1048576
                     */
                    "Upload-Length": string;
                    "Upload-Metadata": components["headers"]["UploadMetadata"];
                    "Upload-Offset": components["headers"]["UploadOffset"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["OtherTusVersion"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    appendToResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol; `412` for another one
                 * @example 1.0.0
                 */
                "Tus-Resumable": components["parameters"]["tus_resumable"];
                /**
                 * @description `sha1` or `sha256`, a space, and the digest of the chunk in base64
                 * @example sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=
                 */
                "Upload-Checksum"?: components["parameters"]["upload_checksum"];
                /**
                 * @description The offset of the upload, where the chunk begins
                 * @example 0
                 */
                "Upload-Offset": components["parameters"]["upload_offset"];
            };
            path: {
                /** @example mJ3vT0cQyqkq2s8c0Bv3XlqvBqfK2h1o */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Chunk"];
        responses: {
            204: components["responses"]["ChunkReceived"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["OtherTusVersion"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            423: components["responses"]["UploadLocked"];
            429: components["responses"]["RateLimited"];
            460: components["responses"]["ChecksumMismatch"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["StorageFull"];
            default: components["responses"]["Problem"];
        };
    };
    uploadFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Files"];
        responses: {
            /** @description The record of the file, and the same again in `data` for older clients. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedFile"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["StorageFull"];
            default: components["responses"]["Problem"];
        };
    };
    signFileUrls: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "urls": [
                 *         "/files/3/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["FileUrls"];
            };
        };
        responses: {
            /** @description One for each of the paths that the caller may see. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedFileUrl"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Of an invitation, or the token that founds the first workspace
                 * @example kq3bGq0v8h6mLr3cJwq1yXb4m2V5sTzN0pAeUu7dWxY
                 */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation can be used. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationOffer"];
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "refresh_token": "5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U"
                 *     }
                 */
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            200: components["responses"]["SignedOut"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["NoSessionToEnd"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    logoutEverywhereOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["SignedOut"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    logoutEverywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["SignedOut"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listMentions: {
        parameters: {
            query?: {
                /** @description Older messages than this one */
                before?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
                /** @description Those that the caller has not read, alone */
                unread?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of mentions. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mention"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listOnlineUsers: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /** @example 12 */
                chat_id?: components["schemas"]["Id"];
                /**
                 * @description How many at most; above 1,000 it counts as 1,000
                 * @example 100
                 */
                limit?: number;
                workspace_id?: components["schemas"]["Id"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The users that have a stream open, on any instance, online or away; for ten seconds after
             *     the last one has closed as before.
             */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OnlineUser"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setPresence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "away",
                 *       "platform": "web"
                 *     }
                 */
                "application/json": components["schemas"]["PresenceStatement"];
            };
        };
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    subscribeToPresence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "user_ids": [
                 *         8,
                 *         9
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["PresenceSubscription"];
            };
        };
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    readMessageOldestName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            200: components["responses"]["ReadState"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setPresenceOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "online"
                 *     }
                 */
                "application/json": components["schemas"]["PresenceStatement"];
            };
        };
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    startTypingOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "chat_id": 12
                 *     }
                 */
                "application/json": components["schemas"]["TypingChat"];
            };
        };
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    stopTypingOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "chat_id": 12
                 *     }
                 */
                "application/json": components["schemas"]["TypingChat"];
            };
        };
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            200: components["responses"]["SignedIn"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["SessionOver"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listSavedMessages: {
        parameters: {
            query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 4711
                 */
                cursor?: components["parameters"]["annotation_cursor"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Saved messages. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedMessage"][];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    saveMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unsaveMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message
                 * @example 4711
                 */
                message_id: components["parameters"]["message_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listScheduled: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages that wait or have failed. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduledMessage"][];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    cancelScheduled: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The scheduled message
                 * @example 31
                 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    changeScheduled: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The scheduled message
                 * @example 31
                 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "send_at": "2026-03-02T09:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["ScheduledPatch"];
            };
        };
        responses: {
            200: components["responses"]["Scheduled"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    searchMessages: {
        parameters: {
            query?: {
                /** @description In this chat only */
                chat_id?: components["parameters"]["search_chat_id"];
                /** @description In chats of this type only */
                chat_type?: components["parameters"]["search_chat_type"];
                /** @description The `next_cursor` of the page before */
                cursor?: components["parameters"]["search_cursor"];
                /**
                 * @description Sent then or later; a day (of UTC) or a time
                 * @example 2026-01-01
                 */
                from?: components["parameters"]["search_from"];
                /** @description With a file, or a link */
                has?: components["parameters"]["search_has"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
                /** @description How many to skip; `cursor` is better while new messages arrive */
                offset?: components["parameters"]["search_offset"];
                /**
                 * @description The query
                 * @example rollback from:alice after:2026-01-31
                 */
                q?: components["parameters"]["search_q"];
                /** @description Of this sender only */
                sender_id?: components["parameters"]["search_sender_id"];
                /**
                 * @description The best first, the newest, or the oldest; `date_desc` and `date_asc` are older names of the
                 *     latter two
                 */
                sort?: components["parameters"]["search_sort"];
                /**
                 * @description Sent before then; of a day, before its end
                 * @example 2026-01-31
                 */
                to?: components["parameters"]["search_to"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The matches. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    searchMessagesByBody: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["SearchQuestion"];
        responses: {
            /** @description The matches. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "alice@acme.example",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["SignInRequest"];
            };
        };
        responses: {
            200: components["responses"]["SignedIn"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    signUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignUpRequest"];
            };
        };
        responses: {
            201: components["responses"]["SignedIn"];
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getStreamHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance works; for internal callers its counts. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamHealth"];
                };
            };
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listThreads: {
        parameters: {
            query?: {
                /**
                 * @description From `X-Next-Cursor`
                 * @example 1772352667004512-4710
                 */
                cursor?: string;
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of threads. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FollowedThread"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listUnreadCounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers of each chat, with unread messages or without. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnreadCounts"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    uploadFiles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Files"];
        responses: {
            /** @description The paths of the files. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilePath"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["StorageFull"];
            default: components["responses"]["Problem"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
                /**
                 * @description Part of a name or an e-mail address, without regard to case, accents and punctuation
                 * @example ali
                 */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users. `X-Next-Cursor`, if any, is the next `after_id`. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Next-Cursor": components["headers"]["NextCursor"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getProfileOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Profile"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    blockUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    unblockUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Profile"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "current_password": "correct horse battery",
                 *       "new_password": "a better secret"
                 *     }
                 */
                "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        responses: {
            /** @description The password is changed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
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
                    "application/json": components["schemas"]["PasswordChanged"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Preferences"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "show_read": false,
                 *       "custom_status": "at lunch"
                 *     }
                 */
                "application/json": components["schemas"]["PreferencesPatch"];
            };
        };
        responses: {
            200: components["responses"]["Preferences"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getOwnProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Profile"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    updateOwnProfileOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ProfilePatch"];
        responses: {
            200: components["responses"]["Profile"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    updateOwnProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ProfilePatch"];
        responses: {
            200: components["responses"]["Profile"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listChatsOlderName: {
        parameters: {
            query?: {
                /**
                 * @description The `X-Next-Cursor` of the page before
                 * @example 1772354467004512-12
                 */
                cursor?: components["parameters"]["chat_cursor"];
                /**
                 * @description How many at most; above 500 it counts as 500
                 * @example 100
                 */
                limit?: components["parameters"]["chat_limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ChatList"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    createChatOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ChatDraft"];
        responses: {
            200: components["responses"]["Chat"];
            201: components["responses"]["NewChat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    deleteChatOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    updateChatOfWorkspaceOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ChatPatch"];
        responses: {
            200: components["responses"]["Chat"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    leaveChatOlderName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The chat
                 * @example 12
                 */
                id: components["parameters"]["chat_id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["NoFields"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                /**
                 * @description The page begins after this id (the last one of the page before)
                 * @example 42
                 */
                after_id?: components["parameters"]["after_id"];
                /**
                 * @description How many at most; above 100 it counts as 100
                 * @example 20
                 */
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of invitations. */
            200: {
                headers: {
                    "X-Limit-Applied": components["headers"]["LimitApplied"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"][];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    createInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        responses: {
            /** @description The invitation. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    revokeInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The invitation
                 * @example 3
                 */
                id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    setStanding: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user
                 * @example 7
                 */
                id: components["parameters"]["user_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StandingPatch"];
            };
        };
        responses: {
            200: components["responses"]["User"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getWebAsset: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The codings that the client understands, with their qualities
                 * @example gzip, br
                 */
                "Accept-Encoding"?: components["parameters"]["accept_encoding"];
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path: {
                /**
                 * @description It has the hash of its content in its name, so that it may be kept for a year
                 * @example main-DiwrgTda.js
                 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                    "text/html": string;
                    "text/javascript": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getClientConfig: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where the events are, and which build of the server this is. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientConfig"];
                };
            };
            304: components["responses"]["NotModified"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getDocumentation: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Swagger UI. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            304: components["responses"]["NotModified"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    goToDocumentationFromItsFolder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            302: components["responses"]["ToDocumentation"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getDocumentationFile: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path: {
                /** @example page.js */
                file: "page.css" | "page.js" | "swagger-ui.css" | "swagger-ui-bundle.js" | "swagger-ui-bundle.js.LICENSE.txt" | "favicon-32x32.png" | "LICENSE" | "NOTICE";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                    "text/css": string;
                    "text/javascript": string;
                    "text/plain": string;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description The same, for clients that cannot send headers; without either, the stream begins now */
                last_event_id?: components["schemas"]["Cursor"];
                /**
                 * @deprecated
                 * @description As access_token
                 */
                token?: string;
            };
            header?: {
                /**
                 * @description The last `id:` received; without it, or when empty, `last_event_id` counts
                 * @example 3-1042-9916
                 */
                "Last-Event-ID"?: components["schemas"]["Cursor"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream, which does not end. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ServerSentEvent"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    downloadFile: {
        parameters: {
            query?: {
                /**
                 * @description The thumbnail of a picture with that longest edge in pixels instead of the picture, never
                 *     larger than it, without its metadata: WebP when `Accept` names `image/webp`, JPEG
                 *     otherwise. `404` when there is none (yet), `422` for other sizes. It may be added to a
                 *     signed URL
                 * @example 360
                 */
                size?: 360 | 1280;
            };
            header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
                /**
                 * @description One byte range; others are ignored
                 * @example bytes=0-1023
                 */
                Range?: string;
            };
            path: {
                /**
                 * @description The first three digits of the hash
                 * @example 2cf
                 */
                aaa: string;
                /**
                 * @description The next three digits
                 * @example 24d
                 */
                bbb: string;
                /**
                 * @description The SHA-256 of the content, a dot, and an extension
                 * @example 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png
                 */
                file: string;
                /**
                 * @description The id of the workspace
                 * @example 3
                 */
                workspace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["FileBytes"];
            206: components["responses"]["FileBytes"];
            304: components["responses"]["NotModified"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description The range lies behind the end of the file; `Content-Range` has its size. */
            416: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["InvalidFields"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Healthy or degraded. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Unhealthy, or shutting down. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": "OK";
                };
            };
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
    getDescription: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The ETag of the version that the client has
                 * @example "0f343b0931126a20f133d67c2b018a3b"
                 */
                "If-None-Match"?: components["parameters"]["if_none_match"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            304: components["responses"]["NotModified"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Problem"];
        };
    };
}
