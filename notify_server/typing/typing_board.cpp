#include "notify_server/typing/typing_board.hpp"

namespace fechatter::notify {

std::size_t TypingBoard::HashOfKey::operator()(const Key& key) const noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // mixes, so that (1, 2) and (2, 1) differ
  return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(key.chat.value) * odd ^
                                    static_cast<std::uint64_t>(key.user.value));
}

bool TypingBoard::has_room(UserId user) const {
  const auto chats = chats_of_.find(user);
  return entries_.size() < entries_max &&
         (chats == chats_of_.end() || chats->second < chats_of_a_user_max);
}

void TypingBoard::report(const Typing& typing) {
  if (!typing.is_typing) return end(typing.chat_id, typing.user_id);
  const Key key{typing.chat_id, typing.user_id};
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (!has_room(typing.user_id)) return;
    found = entries_.emplace(key, Entry{}).first;
    ++chats_of_[typing.user_id];
  }
  auto& entry = found->second;
  entry.typing = typing;
  entry.ends_at = SteadyClock::now() + life;
  entry.is_new = true;
}

void TypingBoard::end(ChatId chat, UserId user) {
  const auto found = entries_.find({chat, user});
  if (found != entries_.end() && found->second.typing.is_typing) stop(found->second);
}

// An end whose beginning had no event needs none.
void TypingBoard::stop(Entry& entry) {
  entry.typing.is_typing = false;
  entry.typing.expires_at = now();
  entry.is_new = entry.shown_typing;
}

void TypingBoard::drop_chat(ChatId chat) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = entry->first.chat == chat ? erase(entry) : std::next(entry);
  }
}

std::vector<Typing> TypingBoard::take_due() {
  const auto now = SteadyClock::now();
  std::vector<Typing> due;
  for (auto next = entries_.begin(); next != entries_.end();) {
    auto& entry = next->second;
    if (entry.typing.is_typing && entry.ends_at <= now) stop(entry);
    const bool may_show = now - entry.shown_at >= interval;
    if (may_show && entry.is_new) {
      due.push_back(entry.typing);
      entry.shown_typing = entry.typing.is_typing;
      entry.shown_at = now;
      entry.is_new = false;
    } else if (may_show && !entry.typing.is_typing) {
      next = erase(next);
      continue;
    }
    ++next;
  }
  return due;
}

TypingBoard::Entries::iterator TypingBoard::erase(Entries::iterator entry) {
  const auto chats = chats_of_.find(entry->first.user);
  if (--chats->second == 0) chats_of_.erase(chats);
  return entries_.erase(entry);
}

}  // namespace fechatter::notify
