"""Chats: their settings, archive, members, the browser of public channels."""

from fechatter_client.api.chats import (
    archive_chat,
    create_chat,
    delete_chat,
    get_chat,
    list_chats,
    list_public_channels,
    restore_chat,
    set_chat_settings,
    unarchive_chat,
    update_chat,
)
from fechatter_client.api.members import (
    add_members,
    join_chat,
    leave_chat,
    list_members,
    remove_members,
    set_member_role,
    take_over_chats,
)
from fechatter_client.api.messages import pin_message, send_message
from fechatter_client.api.workspace import set_standing
from fechatter_client.models import (
    ChatDraft,
    ChatPatch,
    ChatSettings,
    ChatType,
    ErrorCode,
    MemberList,
    MemberPatch,
    MessageDraft,
    Role,
    StandingPatch,
    UserStatus,
    WhoMay,
)


def of_chat(chat):
    return lambda event: event.chat_id == chat.id


def item_an_archived_chat_takes_no_messages_until_it_is_restored(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    hello = MessageDraft(content="hello")
    with bob.subscribes() as stream:
        archived = alice.does(archive_chat, chat.id)
        assert stream.next("ChatArchived").archived_at == archived.archived_at is not None
        code = bob.is_refused(send_message, chat.id, body=hello)
        assert code == ErrorCode.CHAT_ARCHIVED
        restored = alice.does(unarchive_chat, chat.id)
        event = stream.next("ChatRestored")
        assert event.archived_at is None and event.version == restored.version
    assert bob.does(send_message, chat.id, body=hello).seq == 1


def item_a_chat_has_a_topic_and_rules(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    with bob.subscribes() as stream:
        settings = ChatSettings(
            topic="Releases", who_may_write=WhoMay.ADMINS, who_may_pin=WhoMay.ADMINS
        )
        changed = alice.does(set_chat_settings, chat.id, body=settings)
        event = stream.next("ChatUpdated", of_chat(chat))
        assert event.topic == changed.topic == "Releases" and changed.everyone_mentions
        assert event.who_may_write == WhoMay.ADMINS and event.id == chat.id
    code = bob.is_refused(send_message, chat.id, body=MessageDraft(content="me too"))
    assert code == ErrorCode.CHAT_READ_ONLY
    message = alice.posts(chat, "released")
    assert bob.is_refused(pin_message, chat.id, message.id) == ErrorCode.AUTH_FORBIDDEN
    alice.does(set_member_role, chat.id, bob.id, body=MemberPatch(role=Role.ADMIN))
    assert bob.posts(chat, "me too").seq == 2


def item_public_channels_are_browsed_and_joined(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    general, other = (
        alice.makes_chat(kind=ChatType.PUBLICCHANNEL, name=name) for name in ("general", "other")
    )

    def channels(**search):
        found = bob.does(list_public_channels, **search)
        return {one.id: (one.member_count, one.is_member) for one in found}

    assert channels() == {general.id: (1, False), other.id: (1, False)}
    with alice.subscribes() as stream:
        bob.does(join_chat, general.id)
        joined = stream.next("UserJoinedChat", of_chat(general))
        assert (joined.user_id, joined.fullname) == (bob.id, "bob")
        assert [one.user_id for one in joined.users] == [bob.id]
        assert channels(q="gen") == {general.id: (2, True)}
        bob.does(leave_chat, general.id)
        assert stream.next("UserLeftChat", of_chat(general)).user_id == bob.id
    alice.does(archive_chat, other.id)
    assert channels(archived=True) == {other.id: (1, False)}


def item_members_are_added_changed_and_removed(workspace):
    alice, bob, carol = workspace.signs_up("alice", "bob", "carol")
    chat = alice.makes_chat()
    with bob.subscribes() as stream:
        alice.does(add_members, chat.id, body=MemberList(members=[bob.id]))
        assert stream.next("NewChat").id == chat.id
        alice.does(add_members, chat.id, body=[carol.id])
        stream.next("UserJoinedChat", lambda event: event.user_id == carol.id)
        admin = alice.does(set_member_role, chat.id, carol.id, body=MemberPatch(role=Role.ADMIN))
        assert (admin.user_id, admin.role) == (carol.id, Role.ADMIN)
        assert admin.status == UserStatus.ACTIVE
        members = {member.id: member.role for member in bob.does(list_members, chat.id)}
        assert members == {alice.id: Role.OWNER, bob.id: Role.MEMBER, carol.id: Role.ADMIN}
        alice.does(remove_members, chat.id, body=[bob.id])
        assert stream.next("UserLeftChat", of_chat(chat)).user_id == bob.id
    assert bob.is_refused(get_chat, chat.id) == ErrorCode.CHAT_NOT_FOUND


def item_a_deleted_chat_is_restored(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    with bob.subscribes() as stream:
        alice.does(update_chat, chat.id, body=ChatPatch(name="great plans"))
        assert stream.next("ChatUpdated", of_chat(chat)).name == "great plans"
        alice.does(delete_chat, chat.id)
        assert stream.next("ChatDeleted").chat_id == chat.id
        assert bob.does(list_chats) == []
        restored = alice.does(restore_chat, chat.id)
        assert restored.name == "great plans"
        assert stream.next("NewChat", of_chat(chat)).member_count == 2


def item_a_single_is_called_after_the_other_member(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    draft = ChatDraft(chat_type=ChatType.SINGLE, members=[bob.id])
    made, again = (alice.asks(create_chat, body=draft) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.parsed.id == again.parsed.id and made.parsed.owner_id is None
    assert made.parsed.name == "bob"
    (summary,) = bob.does(list_chats)
    assert (summary.name, summary.counterpart.id) == ("alice", alice.id)


def item_the_chats_of_a_suspended_user_are_taken_over(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = bob.makes_chat()
    alice.does(set_standing, bob.id, body=StandingPatch(status=UserStatus.SUSPENDED))
    (taken,) = alice.does(take_over_chats, bob.id)
    assert (taken.id, taken.owner_id) == (chat.id, alice.id)
