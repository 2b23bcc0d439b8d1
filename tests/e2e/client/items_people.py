"""Presence, typing, profiles, preferences."""

from fechatter_client.api.accounts import change_password
from fechatter_client.api.chats import create_chat
from fechatter_client.api.events import (
    create_event_ticket,
    list_online_members,
    list_online_users,
    set_presence,
    subscribe_to_presence,
)
from fechatter_client.api.messages import set_typing
from fechatter_client.api.preferences import (
    get_chat_preferences,
    get_preferences,
    set_chat_preferences,
    set_preferences,
)
from fechatter_client.api.users import (
    block_user,
    get_own_profile,
    get_profile,
    list_users,
    unblock_user,
    update_own_profile,
)
from fechatter_client.models import (
    ChangePasswordRequest,
    ChatDraft,
    ChatPreferencesPatch,
    ChatType,
    ErrorCode,
    Notifications,
    OnlineUserStatus,
    PreferencesPatch,
    PresenceStatement,
    PresenceStatementStatus,
    PresenceSubscription,
    ProfilePatch,
    TypingStatement,
    UserPresenceEventStatus,
)
from people import PASSWORD, eventually


def presence_of(person, status):
    return lambda event: event.user_id == person.id and event.status == status


def says(person, status):
    person.does(set_presence, body=PresenceStatement(status=status, platform="web"))


def item_presence_reaches_those_that_share_a_chat(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    alice.makes_chat(bob)
    with bob.subscribes() as stream:
        with alice.subscribes():
            stream.next("UserPresence", presence_of(alice, UserPresenceEventStatus.ONLINE))
            says(alice, PresenceStatementStatus.AWAY)
            away = stream.next("UserPresence", presence_of(alice, UserPresenceEventStatus.AWAY))
            assert away.platform == "web"
            says(alice, PresenceStatementStatus.ONLINE)
            stream.next("UserPresence", presence_of(alice, UserPresenceEventStatus.ONLINE))
        gone = stream.next("UserPresence", presence_of(alice, UserPresenceEventStatus.OFFLINE))
        assert gone.last_seen >= away.last_seen


def item_online_users_are_asked_for_in_three_forms(workspace):
    alice, bob, carol = workspace.signs_up("alice", "bob", "carol")
    chat = alice.makes_chat(bob)

    def online(**of):
        return {one.user_id: one.status for one in bob.does(list_online_users, **of)}

    with alice.subscribes(), carol.subscribes():
        says(alice, PresenceStatementStatus.AWAY)
        eventually(lambda: online().get(alice.id) == OnlineUserStatus.AWAY)
        assert online(chat_id=chat.id) == {alice.id: OnlineUserStatus.AWAY}
        eventually(lambda: carol.id in online(workspace_id=bob.user.workspace_id))
        assert carol.id not in online()
        assert [one.user_id for one in bob.does(list_online_members, chat.id)] == [alice.id]
    code = carol.is_refused(list_online_users, chat_id=chat.id)
    assert code == ErrorCode.CHAT_NOT_FOUND


def item_presence_beyond_shared_chats_is_subscribed_to(workspace):
    alice, carol = workspace.signs_up("alice", "carol")
    with carol.subscribes() as stream:
        carol.does(subscribe_to_presence, body=PresenceSubscription(user_ids=[alice.id]))
        never = stream.next("UserPresence", presence_of(alice, UserPresenceEventStatus.OFFLINE))
        assert never.platform is None
        with alice.subscribes():
            stream.next("UserPresence", presence_of(alice, UserPresenceEventStatus.ONLINE))
        carol.does(subscribe_to_presence, body=PresenceSubscription(user_ids=[]))


def item_a_ticket_is_for_one_stream(workspace):
    alice = workspace.signs_up("alice")
    first, second = (alice.does(create_event_ticket) for _ in range(2))
    assert first.ticket != second.ticket and first.expires_in == 30


def item_typing_ends_when_it_is_said_and_with_the_message(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    with bob.subscribes() as stream:
        for end in (
            lambda: alice.does(set_typing, chat.id, body=TypingStatement(is_typing=False)),
            lambda: alice.posts(chat, "hello"),
        ):
            alice.does(set_typing, chat.id, body=TypingStatement(is_typing=True))
            began = stream.next("TypingStatus", lambda event: event.is_typing)
            assert (began.chat_id, began.user_id) == (chat.id, alice.id)
            assert began.user_name == "alice"
            end()
            ended = stream.next("TypingStatus", lambda event: not event.is_typing)
            assert ended.expires_at < began.expires_at


def item_a_profile_is_read_and_changed(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    alice.makes_chat(bob)
    with bob.subscribes() as stream:
        changed = alice.does(update_own_profile, body=ProfilePatch(title="Engineer"))
        assert changed.success and changed.data.title == changed.title == "Engineer"
        event = stream.next("UserUpdated", lambda event: event.id == alice.id)
        assert (event.fullname, event.title) == ("alice", "Engineer")
    seen = bob.does(get_profile, alice.id)
    assert seen.data.title == "Engineer" and seen.data.id == seen.id == alice.id
    assert bob.does(get_own_profile).title is None
    assert [user.id for user in bob.does(list_users, q="ali")] == [alice.id]


def item_a_password_is_changed(workspace):
    alice = workspace.signs_up("alice")
    change = ChangePasswordRequest(current_password=PASSWORD, new_password="ten grey lamps")
    changed = alice.does(change_password, body=change)
    assert changed.success and changed.data.message == changed.message


def item_a_blocked_user_opens_no_single(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    single = ChatDraft(chat_type=ChatType.SINGLE, members=[alice.id])
    alice.does(block_user, bob.id)
    assert bob.is_refused(create_chat, body=single) == ErrorCode.REQUEST_INVALID_FIELDS
    alice.does(unblock_user, bob.id)
    assert bob.does(create_chat, body=single).name == "alice"


def item_preferences_reach_the_users_other_sessions(workspace):
    alice = workspace.signs_up("alice")
    patch = PreferencesPatch(notifications=Notifications.MENTIONS, custom_status="at lunch")
    with alice.subscribes() as stream:
        changed = alice.does(set_preferences, body=patch)
        event = stream.next("PreferencesUpdated")
        assert (event.notifications, event.custom_status) == (Notifications.MENTIONS, "at lunch")
    assert changed == alice.does(get_preferences)
    assert changed.show_read and changed.custom_status == "at lunch"
    removed = alice.does(set_preferences, body=PreferencesPatch(custom_status=None))
    assert removed.custom_status is None and removed.notifications == Notifications.MENTIONS


def item_a_chat_is_muted_and_hidden(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    until = chat.created_at.replace(year=chat.created_at.year + 1, day=1, microsecond=0)
    patch = ChatPreferencesPatch(muted_until=until, mute_mentions=True, hidden=True)
    with alice.subscribes() as stream:
        changed = alice.does(set_chat_preferences, chat.id, body=patch)
        event = stream.next("PreferencesUpdated")
        assert event.chat_id == chat.id and event.muted_until == until and event.hidden
    assert changed.muted_until == until and changed.mute_mentions
    assert alice.does(get_chat_preferences, chat.id) == changed
    assert not bob.does(get_chat_preferences, chat.id).hidden
