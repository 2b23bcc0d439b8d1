#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

// Every message of the corpus has a copy in a chat of others, which each of these queries matches.
const std::vector<Case> memberships{
    {"OfAChatOfMine", "papers", {"audit-signed"}},
    {"OfAChatOfMineAsAnotherMember", "papers", {"audit-signed"}, {}, "chloe"},
    {"OfAChatOfOthers", "papers", {}, {}, "bob"},
    {"OfASingleOfMine", "kangaroo", {"kangaroo"}, {}, "bob"},
    {"OfASingleOfOthers", "kangaroo", {}, {}, "chloe"},
    {"OfAPrivateChannelOfOthers", "postgresql", {}, {}, "chloe"},
    {"OfAPublicChannelThatWasNotJoined", "strasse", {}, {}, "bob"},
    {"FromASenderInAChatOfOthers", "from:hanako kangaroo", {}},
    {"ByAPhrase", "\"papers are signed\"", {}, {}, "bob"},
    {"ByAPrefix", "kangar", {}, {}, "chloe"},
    {"ByAMisspelling", "kangaro", {}, {}, "chloe"},
    {"ByTheTypeOfTheirChat", "kangaroo", {}, {{"chat_type", "PrivateChannel"}}},
    {"ByTheDay", "on:2025-03-15", {}, {}, "bob"},
    {"ByTheLink", "mirror has:link", {}, {}, "zoe"},
    {"OfNoChatAtAll", "deploy", {}, {}, "zoe"},
};

INSTANTIATE_TEST_SUITE_P(Memberships, Finds, testing::ValuesIn(memberships), case_name);

}  // namespace
}  // namespace fechatter::test
