#include "bench/archive.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace fechatter::bench {
namespace {

constexpr std::size_t group = 5;

}  // namespace

Archive::Archive(const Stage& stage, std::size_t chats, std::size_t messages) {
  const auto& people = stage.people();
  const auto& alice = people.front();
  for (std::size_t i = 0; i < chats; ++i) {
    check_not_stopped();
    std::vector<std::int64_t> others;
    for (std::size_t j = 0; j + 1 < group; ++j) {
      others.push_back(people[1 + (i + j) % (people.size() - 1)].id());
    }
    chats_.push_back(alice.makes_chat("Group", others, fmt::format("group {}", i)));
    alice.posts(chats_.back(), "The last message of this chat, as long as most messages are.");
  }
  for (std::size_t i = 0; i < messages; ++i) {
    alice.posts(chats_.front(), fmt::format("Message {} of a page, as long as most.", i));
  }
}

HttpRequest Archive::list_chats() const {
  return {"GET", "/api/chat", {}};
}

HttpRequest Archive::read_messages() const {
  return {"GET", fmt::format("/api/chat/{}/messages?limit=50", chats_.front()), {}};
}

HttpRequest Archive::send_message(std::size_t sender) {
  ++sent_;
  const nlohmann::json body{
      {"content", fmt::format("Message {} of this run, as long as most.", sent_)},
      {"idempotency_key", fmt::format("00000000-0000-4000-8000-{:012x}", sent_)}};
  const auto chat = chats_[sender % chats_.size()];
  return {"POST", fmt::format("/api/chat/{}/messages", chat), body.dump()};
}

}  // namespace fechatter::bench
