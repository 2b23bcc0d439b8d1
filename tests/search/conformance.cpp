#include "tests/search/conformance.hpp"

#include <fmt/format.h>

#include "tests/support/older_envelope.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAreArray;
using testing::UnorderedElementsAreArray;

constexpr std::size_t short_text = 100;  // bytes that every highlight shows whole

void replace_all(std::string& text, const std::string& part, const std::string& with) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + with.size())) {
    text.replace(at, part.size(), with);
  }
}

std::int64_t sum(const json& facet) {
  std::int64_t total = 0;
  for (const auto& count : facet) total += count.get<std::int64_t>();
  return total;
}

void expect_consistent_hit(const json& hit) {
  EXPECT_GE(hit.at("score"), 0.0);
  EXPECT_LE(hit.at("score"), 1.0);
  const auto content = hit.at("content").get<std::string>();
  if (content.size() < short_text) {
    EXPECT_EQ(shown_text(hit.at("highlight")), content);
  }
}

}  // namespace

std::string shown_text(std::string highlight) {
  for (const auto& [escaped, text] :
       std::vector<std::pair<std::string, std::string>>{{"<mark>", ""},
                                                        {"</mark>", ""},
                                                        {"&lt;", "<"},
                                                        {"&gt;", ">"},
                                                        {"&quot;", "\""},
                                                        {"&#34;", "\""},
                                                        {"&#39;", "'"},
                                                        {"&#x27;", "'"},
                                                        {"&apos;", "'"},
                                                        {"&amp;", "&"}}) {
    replace_all(highlight, escaped, text);
  }
  return highlight;
}

void expect_consistent(const json& answer) {
  expect_older_envelope(answer);
  EXPECT_GE(answer.at("took_ms"), 0);
  const auto total = answer.at("total").get<std::int64_t>();
  EXPECT_GE(total, static_cast<std::int64_t>(answer.at("hits").size()));
  // Each message is counted once in each of them.
  for (const auto* name : {"chat_id", "sender_id", "chat_type", "month"}) {
    EXPECT_EQ(sum(answer.at("facets").at(name)), total) << name << answer.at("facets");
  }
  for (const auto& hit : answer.at("hits")) expect_consistent_hit(hit);
}

void PrintTo(const Case& item, std::ostream* out) {
  *out << "q=" << item.query;
  for (const auto& [name, value] : item.more) *out << " " << name << "=" << value;
  *out << " asked by " << item.asks;
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

std::vector<std::string> Conformance::keys_of(const json& answer) const {
  expect_consistent(answer);
  std::vector<std::string> keys;
  for (const auto& hit : answer.at("hits")) keys.push_back(world.key(hit.at("id")));
  return keys;
}

Parameters Conformance::parameters_of(const Case& item) const {
  Parameters parameters;
  if (!item.query.empty()) parameters.emplace_back("q", world.filled(item.query));
  for (const auto& [name, value] : item.more) parameters.emplace_back(name, world.filled(value));
  return parameters;
}

std::vector<std::string> Conformance::keys_found(const Case& item) const {
  auto parameters = parameters_of(item);
  parameters.emplace_back("limit", "100");
  const auto answer = found(world.person(item.asks), parameters);
  auto keys = keys_of(answer);
  EXPECT_EQ(answer.at("total"), keys.size());
  return keys;
}

TEST_P(Finds, ExactlyThese) {
  EXPECT_THAT(keys_found(GetParam()), UnorderedElementsAreArray(GetParam().finds));
}

TEST_P(Ranks, InThisOrder) {
  EXPECT_THAT(keys_found(GetParam()), ElementsAreArray(GetParam().finds));
}

}  // namespace fechatter::test
