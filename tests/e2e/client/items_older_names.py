"""The names of older clients, on their main path."""

from fechatter_client.api.chats import get_chat
from fechatter_client.api.older_names import (
    add_reaction_older_name,
    create_chat_older_name,
    delete_chat_older_name,
    get_message_context_older_name,
    get_profile_older_name,
    leave_chat_older_name,
    list_chats_older_name,
    logout_everywhere_older_name,
    read_message_older_name,
    read_message_oldest_name,
    search_chat_messages_older_name,
    set_presence_older_name,
    start_typing_in_chat_older_name,
    start_typing_older_name,
    stop_typing_in_chat_older_name,
    stop_typing_older_name,
    update_chat_of_workspace_older_name,
    update_chat_older_name,
    update_own_profile_older_name,
)
from fechatter_client.models import (
    ChatDraft,
    ChatPatch,
    ChatType,
    ErrorCode,
    MemberListOlderName,
    PresenceStatement,
    PresenceStatementStatus,
    ProfilePatch,
    ReactionDraft,
    SearchQuestion,
    TypingChat,
)
from fechatter_client.api.members import add_members
from people import eventually


def older_chat(person, *others):
    draft = ChatDraft(
        chat_type=ChatType.PRIVATECHANNEL, name="plans", member_ids=[one.id for one in others]
    )
    return person.does(create_chat_older_name, body=draft)


def item_older_names_of_chats(workspace):
    alice, bob, carol = workspace.signs_up("alice", "bob", "carol")
    chat = older_chat(alice, bob)
    alice.does(add_members, chat.id, body=MemberListOlderName(member_ids=[carol.id]))
    assert [one.id for one in carol.does(list_chats_older_name)] == [chat.id]
    for update in (update_chat_of_workspace_older_name, update_chat_older_name):
        response = alice.asks(update, chat.id, body=ChatPatch(name=update.__name__))
        assert response.parsed.name == update.__name__
        assert response.headers["Deprecation"] == "true"
    bob.does(leave_chat_older_name, chat.id)
    alice.does(delete_chat_older_name, chat.id)
    assert carol.is_refused(get_chat, chat.id) == ErrorCode.CHAT_NOT_FOUND


def item_older_names_of_messages(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = older_chat(alice, bob)
    first, second, third = (alice.posts(chat, text) for text in ("one", "two", "three"))
    page = bob.does(get_message_context_older_name, chat.id, second.id, limit=3)
    assert [message.id for message in page] == [third.id, second.id, first.id]
    reaction = ReactionDraft(emoji="🎉")
    reacted = bob.does(add_reaction_older_name, chat.id, first.id, body=reaction)
    assert reacted.reactions[0].emoji == "🎉"
    for read, message in ((read_message_oldest_name, first), (read_message_older_name, third)):
        assert bob.does(read, chat.id, message.id).last_read_seq == message.seq
    question = SearchQuestion(q="three")

    def found():
        return bob.does(search_chat_messages_older_name, chat.id, body=question).hits

    assert [hit.id for hit in eventually(found)] == [third.id]


def item_older_names_of_presence_and_typing(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = older_chat(alice, bob)
    with bob.subscribes() as stream:
        said = PresenceStatement(status=PresenceStatementStatus.ONLINE)
        alice.does(set_presence_older_name, body=said)
        for start, stop in (
            (
                lambda: alice.does(start_typing_older_name, body=TypingChat(chat_id=chat.id)),
                lambda: alice.does(stop_typing_older_name, body=TypingChat(chat_id=chat.id)),
            ),
            (
                lambda: alice.does(start_typing_in_chat_older_name, chat.id),
                lambda: alice.does(stop_typing_in_chat_older_name, chat.id),
            ),
        ):
            start()
            assert stream.next("TypingStatus", lambda event: event.is_typing).user_id == alice.id
            stop()
            stream.next("TypingStatus", lambda event: not event.is_typing)


def item_older_names_of_profiles_and_of_signing_out(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    changed = alice.does(update_own_profile_older_name, body=ProfilePatch(title="Engineer"))
    assert changed.success and changed.data.title == "Engineer"
    assert bob.does(get_profile_older_name, alice.id).data == changed.data
    assert alice.does(logout_everywhere_older_name).message
    code = alice.is_refused(get_profile_older_name, bob.id)
    assert code == ErrorCode.AUTH_UNAUTHENTICATED
