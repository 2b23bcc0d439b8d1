"""Pins, saved messages, drafts, scheduled messages."""

import datetime

from fechatter_client.api.chats import archive_chat
from fechatter_client.api.drafts import (
    cancel_scheduled,
    change_scheduled,
    delete_draft,
    get_draft,
    list_drafts,
    list_scheduled,
    put_draft,
    schedule_message,
)
from fechatter_client.api.messages import (
    get_message,
    list_pins,
    list_saved_messages,
    pin_message,
    save_message,
    unpin_message,
    unsave_message,
)
from fechatter_client.models import (
    DraftChange,
    ErrorCode,
    OutdatedDraft,
    ScheduledDraft,
    ScheduledPatch,
)
from people import eventually


def item_a_message_is_pinned(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    message = alice.posts(chat, "the rules")
    with bob.subscribes() as stream:
        alice.does(pin_message, chat.id, message.id)
        pinned = stream.next("MessagePinned")
        assert (pinned.message_id, pinned.user_id, pinned.seq) == (message.id, alice.id, 1)
        assert [pin.id for pin in bob.does(list_pins, chat.id)] == [message.id]
        assert bob.does(get_message, chat.id, message.id).pinned
        alice.does(unpin_message, chat.id, message.id)
        assert stream.next("MessageUnpinned").event_id > pinned.event_id
    assert bob.does(list_pins, chat.id) == []


def item_a_message_is_saved_for_one_user(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    message = alice.posts(chat, "the address")
    bob.does(save_message, message.id)
    (saved,) = bob.does(list_saved_messages)
    assert (saved.id, saved.content) == (message.id, "the address")
    assert saved.saved_at >= message.created_at
    assert alice.does(list_saved_messages) == []
    bob.does(unsave_message, message.id)
    assert bob.does(list_saved_messages) == []
    stranger = workspace.signs_up("carol")
    assert stranger.is_refused(save_message, message.id) == ErrorCode.MESSAGE_NOT_FOUND


def item_an_old_draft_is_refused_with_the_newer_one(workspace):
    alice = workspace.signs_up("alice")
    chat = alice.makes_chat()
    with alice.subscribes() as stream:
        first = alice.does(put_draft, chat.id, body=DraftChange(version=0, content="Dear"))
        event = stream.next("DraftUpdated")
        assert (event.chat_id, event.event_id, event.deleted) == (chat.id, first.version, False)
        change = DraftChange(version=first.version, content="Dear all")
        second = alice.does(put_draft, chat.id, body=change)
        conflict = alice.asks(put_draft, chat.id, body=DraftChange(version=0, content="Hello"))
        assert conflict.status_code == 409 and isinstance(conflict.parsed, OutdatedDraft)
        assert conflict.parsed.draft.content == "Dear all"
        assert conflict.parsed.draft.version == second.version
        assert alice.does(get_draft, chat.id) == conflict.parsed.draft
        assert [draft.chat_id for draft in alice.does(list_drafts)] == [chat.id]
        alice.does(delete_draft, chat.id, version=str(second.version))
        assert stream.next("DraftUpdated", lambda event: event.deleted).chat_id == chat.id
    assert alice.does(list_drafts) == [] and alice.does(get_draft, chat.id).content == ""


def schedules(person, chat, text, at):
    return person.does(schedule_message, chat.id, body=ScheduledDraft(content=text, send_at=at))


def later(seconds):
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)


def item_a_scheduled_message_is_changed_and_cancelled(workspace):
    alice = workspace.signs_up("alice")
    chat = alice.makes_chat()
    scheduled = schedules(alice, chat, "Good morning", later(3600))
    assert scheduled.failure is None and scheduled.content == "Good morning"
    at = later(7200)
    changed = alice.does(change_scheduled, scheduled.id, body=ScheduledPatch(send_at=at))
    assert changed.send_at == at and changed.content == "Good morning"
    assert alice.does(list_scheduled) == [changed]
    alice.does(cancel_scheduled, scheduled.id)
    assert alice.does(list_scheduled) == []
    code = alice.is_refused(
        schedule_message, chat.id, body=ScheduledDraft(content="past", send_at=later(-3600))
    )
    assert code == ErrorCode.REQUEST_INVALID_FIELDS


def item_a_scheduled_message_is_sent_at_its_time(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    with bob.subscribes() as stream:
        scheduled = schedules(alice, chat, "Good morning", later(2))
        sent = stream.next("NewMessage")
    assert sent.idempotency_key == scheduled.idempotency_key
    assert (sent.content, sent.sender_id) == ("Good morning", alice.id)
    assert sent.created_at >= scheduled.send_at
    eventually(lambda: alice.does(list_scheduled) == [])


def item_a_scheduled_message_that_cannot_be_sent_fails(workspace):
    alice = workspace.signs_up("alice")
    chat = alice.makes_chat()
    with alice.subscribes() as stream:
        scheduled = schedules(alice, chat, "too late", later(2))
        alice.does(archive_chat, chat.id)
        event = stream.next("ScheduledMessageFailed")
        assert (event.id, event.failure.code) == (scheduled.id, ErrorCode.CHAT_ARCHIVED)
    (failed,) = alice.does(list_scheduled)
    assert failed.failure == event.failure
