"""Sending, editing, reactions, threads, mentions, search."""

import uuid

from fechatter_client.api.messages import (
    add_reaction,
    delete_message,
    edit_message,
    follow_thread,
    get_message,
    get_thread,
    list_mentions,
    list_message_edits,
    list_messages,
    list_threads,
    read_thread,
    remove_reaction,
    send_message,
    unfollow_thread,
    unread_thread,
)
from fechatter_client.api.search import (
    search_chat_messages,
    search_messages,
    search_messages_by_body,
)
from fechatter_client.models import (
    ErrorCode,
    Everyone,
    MentionedEventReason,
    MentionRange,
    MessageDraft,
    MessagePatch,
    SearchQuestion,
    SearchSort,
    ThreadReadMove,
    ThreadUnread,
)
from people import eventually


def ids(messages):
    return [message.id for message in messages]


def item_a_message_is_sent_once_for_its_key(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    key = str(uuid.uuid4())
    with bob.subscribes() as stream:
        sent, repeated = (
            alice.asks(
                send_message, chat.id, body=MessageDraft(content="hello"), idempotency_key=key
            )
            for _ in range(2)
        )
        event = stream.next("NewMessage")
    assert (sent.status_code, repeated.status_code) == (201, 200)
    assert sent.parsed.id == repeated.parsed.id == event.id
    assert event.idempotency_key == uuid.UUID(key)
    assert (event.content, event.sender.fullname, event.sender_name) == ("hello", "alice", "alice")
    assert bob.does(get_message, chat.id, event.id).seq == event.seq == 1


def item_pages_lie_before_after_and_around_a_message(workspace):
    alice = workspace.signs_up("alice")
    chat = alice.makes_chat()
    posted = [alice.posts(chat, str(number)).id for number in range(5)]
    middle = posted[2]
    assert ids(alice.does(list_messages, chat.id, before=middle)) == [posted[1], posted[0]]
    assert ids(alice.does(list_messages, chat.id, after=middle)) == [posted[4], posted[3]]
    around = alice.does(list_messages, chat.id, around=middle, limit=3)
    assert ids(around) == [posted[3], middle, posted[1]]
    response = alice.asks(list_messages, chat.id, limit=1000)
    assert response.headers["X-Limit-Applied"] == "100"
    with alice.subscribes(after=response.headers["X-Event-Position"]) as stream:
        stream.next("CaughtUp")


def item_an_edited_message_has_a_history_until_it_is_deleted(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    message = alice.posts(chat, "helo")
    with bob.subscribes() as stream:
        edited = alice.does(edit_message, chat.id, message.id, body=MessagePatch(content="hello"))
        event = stream.next("MessageUpdated")
        assert event.content == edited.content == "hello" and event.edited_at is not None
        edits = alice.does(list_message_edits, chat.id, message.id)
        assert [edit.content for edit in edits] == ["helo"]
        code = bob.is_refused(list_message_edits, chat.id, message.id)
        assert code == ErrorCode.AUTH_FORBIDDEN
        alice.does(delete_message, chat.id, message.id)
        deleted = stream.next("MessageDeleted")
        assert (deleted.id, deleted.seq) == (message.id, message.seq)
    tombstone = bob.does(get_message, chat.id, message.id)
    assert tombstone.deleted_at == deleted.deleted_at and not tombstone.content
    assert alice.does(list_message_edits, chat.id, message.id) == []


def item_reactions_are_counted_and_taken_back(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    message = alice.posts(chat, "lunch?")
    with alice.subscribes() as stream:
        reacted = bob.does(add_reaction, chat.id, message.id, "👍")
        assert [(one.emoji, one.count, one.me) for one in reacted.reactions] == [("👍", 1, True)]
        added = stream.next("ReactionAdded")
        assert (added.message_id, added.user_id, added.emoji) == (message.id, bob.id, "👍")
        assert added.event_id == reacted.version
        seen = alice.does(get_message, chat.id, message.id).reactions[0]
        assert not seen.me and seen.user_ids == [bob.id]
        assert bob.does(remove_reaction, chat.id, message.id, "👍").reactions == []
        assert stream.next("ReactionRemoved").event_id > added.event_id
    code = bob.is_refused(add_reaction, chat.id, message.id, "no emoji")
    assert code == ErrorCode.REQUEST_INVALID_FIELDS


def item_a_thread_has_replies_of_its_own(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    root = alice.posts(chat, "release?")
    with alice.subscribes() as stream:
        reply = bob.posts(chat, "tomorrow", reply_to=root.id, also_to_chat=False)
        updated = stream.next("ThreadUpdated")
        assert (updated.message_id, updated.reply_count) == (root.id, 1)
        assert updated.repliers == [bob.id] and updated.last_reply_at == reply.created_at
    assert reply.thread_root_id == root.id and not reply.also_to_chat
    thread = alice.does(get_thread, chat.id, reply.id)
    assert thread.root.thread.reply_count == 1 and ids(thread.replies) == [reply.id]
    assert ids(alice.does(list_messages, chat.id)) == [root.id]
    elsewhere = alice.makes_chat()
    code = alice.is_refused(
        send_message, elsewhere.id, body=MessageDraft(content="no", reply_to=root.id)
    )
    assert code == ErrorCode.REQUEST_INVALID_FIELDS


def item_threads_are_followed_and_read(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    root = alice.posts(chat, "release?")
    reply = bob.posts(chat, "tomorrow", reply_to=root.id)

    def followed():
        return {one.root.id: one.unread_count for one in alice.does(list_threads)}

    assert followed() == {root.id: 1}
    with alice.subscribes() as stream:
        read = alice.does(read_thread, chat.id, root.id, body=ThreadReadMove(message_id=reply.id))
        assert (read.unread_count, read.last_read_seq) == (0, reply.seq)
        assert stream.next("ThreadFollowUpdated").last_read_seq == reply.seq
        unread = alice.does(unread_thread, chat.id, root.id, body=ThreadUnread(message_id=reply.id))
        assert unread.unread_count == 1 and followed() == {root.id: 1}
        alice.does(unfollow_thread, chat.id, root.id)
        ended = stream.next("ThreadFollowUpdated", lambda event: not event.following)
        assert ended.message_id == root.id and followed() == {}
        alice.does(follow_thread, chat.id, root.id)
        stream.next("ThreadFollowUpdated", lambda event: event.event_id > ended.event_id)
    assert followed() == {root.id: 1}


def item_mentions_are_found_in_the_text(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    with bob.subscribes() as stream:
        message = alice.posts(chat, "look, @Bob")
        assert message.mentions == [bob.id]
        assert message.mention_ranges == [MentionRange(user_id=bob.id, offset=6, length=4)]
        event = stream.next("Mentioned")
        assert (event.message_id, event.reason) == (message.id, MentionedEventReason.MENTION)
        everyone = alice.posts(chat, "@all lunch", confirm_everyone=True)
        assert everyone.mention_ranges[0].user_id == Everyone.ALL
        to_all = stream.next("Mentioned", lambda event: event.reason == MentionedEventReason.ALL)
        assert (to_all.message_id, to_all.sender_id) == (everyone.id, alice.id)
    mentions = bob.does(list_mentions, unread=True)
    assert [one.message.id for one in mentions] == [everyone.id, message.id]
    assert not any(one.read for one in mentions)
    stranger = workspace.signs_up("carol")
    draft = MessageDraft(content="you", mentions=[stranger.id])
    code = alice.is_refused(send_message, chat.id, body=draft)
    assert code == ErrorCode.REQUEST_INVALID_FIELDS


def item_the_ranges_of_the_client_win(workspace):
    alice, *bobs = workspace.signs_up("alice", "bob", "bob")
    chat = alice.makes_chat(*bobs)
    assert alice.posts(chat, "@bob?").mentions == []
    ranges = [MentionRange(user_id=bobs[1].id, offset=0, length=4)]
    message = alice.posts(chat, "@bob?", mention_ranges=ranges)
    assert message.mentions == [bobs[1].id] and message.mention_ranges == ranges


def item_a_message_is_found_by_a_body_and_by_a_query(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    first, second = (alice.posts(chat, f"the rollback of {day}") for day in ("monday", "friday"))
    question = SearchQuestion(q="rollback", chat_id=chat.id, sort=SearchSort.OLDEST, limit=1)

    def both_are_found():
        found = bob.does(search_messages_by_body, body=question)
        return found if found.total == 2 else None

    found = eventually(both_are_found)
    assert ids(found.hits) == [first.id] and "<mark>" in found.hits[0].highlight
    assert found.success and found.data.total == 2 and found.has_more and found.page.limit == 1
    assert found.facets.sender_id[str(alice.id)] == 2
    question.cursor = found.next_cursor
    assert ids(bob.does(search_messages_by_body, body=question).hits) == [second.id]
    today = first.created_at.date()
    newest = bob.does(search_messages, q="rollback", from_=today, sort=SearchSort.DATE_DESC)
    assert ids(newest.hits) == [second.id, first.id]
    assert ids(bob.does(search_chat_messages, chat.id, q="monday").hits) == [first.id]
    stranger = workspace.signs_up("carol")
    assert stranger.does(search_messages, q="rollback").hits == []
