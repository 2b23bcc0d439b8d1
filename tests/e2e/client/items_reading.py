"""Read state, unread counts, receipts."""

from fechatter_client.api.chats import list_chats
from fechatter_client.api.messages import delete_message
from fechatter_client.api.preferences import set_preferences
from fechatter_client.api.read_state import (
    list_receipts,
    list_unread_counts,
    read_chat,
    unread_chat,
)
from fechatter_client.models import ErrorCode, PreferencesPatch, ReadTarget, UnreadTarget
from people import eventually


def counts(person):
    return {one.chat_id: one for one in person.does(list_unread_counts).data}


def item_reading_moves_one_number_forward(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    first, second = (alice.posts(chat, text) for text in ("one", "two"))
    with alice.subscribes() as others, bob.subscribes() as own:
        read = bob.does(read_chat, chat.id, body=ReadTarget(message_id=second.id))
        assert (read.last_read_seq, read.unread_count) == (2, 0)
        cursor = own.cursor
        event = own.next("MessageRead")
        assert (event.user_id, event.message_id, event.seq) == (bob.id, second.id, 2)
        assert own.cursor != cursor
        cursor = others.cursor
        assert others.next("MessageRead").read_at == event.read_at
        assert others.cursor == cursor
        back = bob.does(read_chat, chat.id, body=ReadTarget(seq=first.seq))
        assert back.last_read_seq == 2
    code = bob.is_refused(read_chat, chat.id, body=ReadTarget(seq=3))
    assert code == ErrorCode.REQUEST_INVALID_FIELDS


def item_a_chat_is_marked_as_unread(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    first, second = (alice.posts(chat, text) for text in ("one", "two"))
    bob.does(read_chat, chat.id, body=ReadTarget(seq=second.seq))
    with bob.subscribes() as stream:
        marked = bob.does(unread_chat, chat.id, body=UnreadTarget(message_id=first.id))
        assert (marked.last_read_seq, marked.unread_count) == (0, 2)
        event = stream.next("MessageRead", lambda event: event.seq == 0)
        assert event.message_id is None and event.last_seq == second.seq


def item_tombstones_and_own_messages_are_not_unread(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    for text in ("one", "two @bob"):
        alice.posts(chat, text)
    gone = alice.posts(chat, "three")
    alice.does(delete_message, chat.id, gone.id)
    numbers = counts(bob)[chat.id]
    assert (numbers.unread_count, numbers.mention_count) == (2, 1)
    assert counts(alice)[chat.id].unread_count == 0
    (summary,) = bob.does(list_chats)
    assert (summary.unread_count, summary.mention_count, summary.last_seq) == (2, 1, 3)
    assert summary.last_message.sender_name == "alice" and not summary.last_message.has_files
    assert summary.last_message.deleted_at is not None and summary.counterpart is None


def item_receipts_tell_when_a_message_was_delivered_and_read(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    with bob.subscribes() as stream:
        message = alice.posts(chat, "hello")
        stream.next("NewMessage")

        def delivered():
            return alice.does(list_receipts, chat.id, message.id)

        (receipt,) = eventually(delivered)
        assert receipt.user_id == bob.id and receipt.read_at is None
    bob.does(read_chat, chat.id, body=ReadTarget(message_id=message.id))
    (receipt,) = alice.does(list_receipts, chat.id, message.id)
    assert receipt.read_at >= message.created_at


def item_a_user_that_hides_reading_sees_none(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    bob.does(set_preferences, body=PreferencesPatch(show_read=False))
    message = alice.posts(chat, "hello")
    with alice.subscribes() as stream:
        bob.does(read_chat, chat.id, body=ReadTarget(message_id=message.id))
        bob.posts(chat, "later")
        stream.next("NewMessage", lambda event: event.content == "later")
        assert stream.waiting("MessageRead") == []
    receipts = alice.does(list_receipts, chat.id, message.id)
    assert all(receipt.read_at is None for receipt in receipts)
