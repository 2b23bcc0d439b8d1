#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "tests/search/leak_model.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds duration{8};
constexpr std::size_t probes_after_each_step = 6;

std::uint64_t chosen_seed() {
  const auto* text = std::getenv("FECHATTER_TEST_SEED");
  return text ? std::stoull(text) : 20250316;
}

// A query, and the messages that it may and must find. Without `finds` it must be refused.
struct Probe {
  Parameters parameters;
  std::optional<Ids> finds;
};

class Leaks : public testing::Test {
 protected:
  using Clock = std::chrono::steady_clock;

  Probe probe(std::size_t asker, const LeakChat& chat) {
    switch (model.below(9)) {
      case 0: return {{{"q", LeakModel::common_word}}, model.visible(asker)};
      case 1: return {{{"q", "comonplace"}}, model.visible(asker)};
      case 2: return {{{"q", chat.canary}}, model.visible(asker, chat)};
      case 3: return {{{"q", chat.canary.substr(0, 6)}}, model.visible(asker, chat)};
      case 4: return {{{"q", misspelt(chat.canary)}}, model.visible(asker, chat)};
      case 5: return in_chat(asker, chat, fmt::format("in:{}", chat.id));
      case 6: return in_chat(asker, chat, named(chat));
      case 7: return by_parameter(asker, chat);
      default: return from_somebody(asker, chat);
    }
  }
  static std::string misspelt(std::string canary) {
    canary[7] = 'x';
    return canary;
  }
  std::string named(const LeakChat& chat) const {
    if (!chat.name.empty()) return "in:#" + chat.name;
    return fmt::format("in:{}", chat.id);
  }
  Probe in_chat(std::size_t asker, const LeakChat& chat, const std::string& operation) const {
    const Parameters parameters{{"q", operation}};
    if (!model.is_member(asker, chat)) return {parameters, std::nullopt};
    return {parameters, model.visible(asker, chat)};
  }
  Probe by_parameter(std::size_t asker, const LeakChat& chat) const {
    const Parameters parameters{{"q", LeakModel::common_word},
                                {"chat_id", std::to_string(chat.id)}};
    if (!model.is_member(asker, chat)) return {parameters, std::nullopt};
    return {parameters, model.visible(asker, chat)};
  }
  Probe from_somebody(std::size_t asker, const LeakChat& chat) {
    const auto sender = model.below(model.people().size());
    const auto& of = model.people()[sender];
    const Parameters parameters{{"q", fmt::format("from:{} {}", of.name, chat.canary)}};
    if (of.workspace != model.people()[asker].workspace) return {parameters, std::nullopt};
    Ids ids;
    for (const auto id : model.visible(asker, chat)) {
      if (chat.messages.at(id) == sender) ids.insert(id);
    }
    return {parameters, ids};
  }

  // No part of the answer is of a chat of which the caller is no member now, at any moment. Deleted
  // messages may be found for a while.
  void expect_no_leak(std::size_t asker, const json& answer) const {
    std::set<std::string> chats;
    std::set<std::string> senders;
    Ids allowed;
    for (const auto& chat : model.chats()) {
      if (!model.is_member(asker, chat)) continue;
      chats.insert(std::to_string(chat.id));
      for (const auto& [id, sender] : chat.ever) {
        allowed.insert(id);
        senders.insert(std::to_string(model.people()[sender].person.id()));
      }
    }
    for (const auto id : ids_of(answer)) EXPECT_TRUE(allowed.contains(id)) << "leaked " << id;
    EXPECT_LE(answer.at("total"), allowed.size());
    expect_keys_among(chats, answer.at("facets").at("chat_id"));
    expect_keys_among(senders, answer.at("facets").at("sender_id"));
  }
  static void expect_keys_among(const std::set<std::string>& known, const json& facet) {
    for (const auto& [key, count] : facet.items()) {
      EXPECT_TRUE(known.contains(key)) << key << " leaked in " << facet;
    }
  }
  static Ids ids_of(const json& answer) {
    Ids ids;
    for (const auto& hit : answer.at("hits")) ids.insert(hit.at("id").get<std::int64_t>());
    EXPECT_EQ(answer.at("hits").size(), ids.size()) << "found twice";
    return ids;
  }

  void expect_found(std::size_t asker, const Probe& probe) {
    auto parameters = probe.parameters;
    parameters.emplace_back("limit", "100");
    const auto& person = model.people()[asker].person;
    ++probes;
    if (!probe.finds) {
      const auto reply = search(person, parameters);
      EXPECT_TRUE(reply.status == 404 || reply.status == 422) << reply.status << reply.body;
      return;
    }
    json answer;
    const bool all = eventually(
        [&] {
          answer = found(person, parameters);
          expect_no_leak(asker, answer);
          const bool same =
              ids_of(answer) == *probe.finds && answer.at("total") == probe.finds->size();
          return same || HasFailure();
        },
        change_deadline);
    EXPECT_TRUE(all) << fmt::format("found {{{}}} instead of {{{}}}",
                                    fmt::join(ids_of(answer), ", "), fmt::join(*probe.finds, ", "));
  }

  // Searches as random users.
  void look_around() {
    for (std::size_t i = 0; i < probes_after_each_step && !HasFailure(); ++i) {
      const auto asker = model.below(model.people().size());
      const auto& chat = model.chats()[model.below(model.chats().size())];
      const auto asked = probe(asker, chat);
      SCOPED_TRACE(search_target(model.people()[asker].name, asked.parameters));
      expect_found(asker, asked);
    }
  }

  const std::uint64_t seed = chosen_seed();
  LeakModel model{seed};
  std::size_t probes = 0;
};

TEST_F(Leaks, ASearchReturnsNothingOfAChatWithoutMembership) {
  const auto end = Clock::now() + duration;
  std::size_t steps = 0;
  while (Clock::now() < end && !HasFailure()) {
    const auto step = model.step();
    if (step.empty()) continue;
    ++steps;
    SCOPED_TRACE(fmt::format("seed {}, step {}: {}", seed, steps, step));
    look_around();
  }
  fmt::print("{} changes, {} searches, seed {}\n", steps, probes, seed);
  EXPECT_GE(steps, 10U);
}

}  // namespace
}  // namespace fechatter::test
