#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include "fechatter_core/clock.hpp"
#include "tests/support/multipart.hpp"
#include "tests/support/places.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr std::array standings{"owner",   "admin", "member",  "boss",
                               "manager", "boss",  "manager", "colleague"};
// The standings that are non-members of the chat.
constexpr std::size_t first_outside = 5;

// One line of rights.txt. Status 0: there is no such caller.
struct RightsLine {
  std::string type;
  std::string verb;
  std::array<int, standings.size()> statuses{};
  int number = 0;  // of the line in the file
};

RightsLine read_line(const std::string& text, const std::string& type, int number) {
  RightsLine line;
  line.type = type;
  line.number = number;
  std::istringstream words{text};
  std::string bar;
  words >> line.verb >> bar;
  for (auto& status : line.statuses) {
    std::string word;
    if (!(words >> word)) throw std::runtime_error{"rights.txt:" + std::to_string(number)};
    status = word == "-" ? 0 : std::stoi(word);
  }
  return line;
}

std::vector<RightsLine> read_rights() {
  std::vector<RightsLine> lines;
  std::ifstream input{source_path("tests/isolation/rights.txt")};
  std::string type;
  int number = 0;
  for (std::string text; std::getline(input, text);) {
    ++number;
    if (text.empty() || text.starts_with('#')) continue;
    if (text.starts_with('[')) {
      type = text.substr(1, text.find(']') - 1);
    } else {
      lines.push_back(read_line(text, type, number));
    }
  }
  return lines;
}

// A request of a verb: the path behind /api/chat/{id}, or that of a file.
struct RightsRequest {
  std::string method;
  std::string rest;
  std::optional<json> body;
};

class Rights : public testing::Test {
 protected:
  Rights() {
    for (const auto* name : {"boss", "manager", "owner", "admin", "other_admin", "member",
                             "other_member", "colleague", "newcomer", "gone"}) {
      people.emplace(name, system.signs_up(name));
    }
    database.query(
        "UPDATE users SET role = 'admin' WHERE fullname = 'manager';"
        "UPDATE users SET status = 'suspended' WHERE fullname = 'gone'");
  }
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }

  std::int64_t id(const std::string& name) const { return people.at(name).id(); }

  // The seats of a chat for a caller of that standing; the first one makes it.
  std::vector<std::int64_t> seats(const RightsLine& line, std::size_t standing) const {
    const std::string caller = standings.at(standing);
    const bool outside = standing >= first_outside;
    if (line.type == "Single") {
      if (caller == "owner" || outside) return {id("owner"), id("other_member")};
      return {id("other_member"), id(caller)};
    }
    const bool ownerless = line.type.starts_with("Ownerless");
    std::vector<std::int64_t> ids{id(ownerless ? "gone" : "owner"), id("admin"), id("other_admin"),
                                  id("member"), id("other_member")};
    if (!outside && (caller == "boss" || caller == "manager")) ids.push_back(id(caller));
    return ids;
  }

  std::int64_t make_chat(const RightsLine& line, std::size_t standing) {
    const std::map<std::string, std::string> types{{"Single", "single"},
                                                   {"Group", "group"},
                                                   {"PrivateChannel", "private_channel"},
                                                   {"PublicChannel", "public_channel"}};
    const auto ownerless = std::string{"Ownerless"};
    const auto type =
        line.type.starts_with(ownerless) ? line.type.substr(ownerless.size()) : line.type;
    const auto ids = seats(line, standing);
    // A suspended user makes no chat: it is suspended afterwards, and keeps its session meanwhile.
    database.query("UPDATE users SET status = 'active' WHERE fullname = 'gone'");
    const auto chat = database.number(
        fmt::format("SELECT made FROM create_chat(1, {}, '{}', 'chat {}', '', ARRAY[{}]::bigint[])",
                    ids.front(), types.at(type), ++chats_made, fmt::join(ids, ",")));
    database.query(fmt::format(
        "UPDATE users SET status = 'suspended' WHERE fullname = 'gone';"
        "UPDATE chat_members SET role = 'admin' WHERE chat_id = {} AND user_id IN ({}, {})"
        " AND (SELECT type FROM chats WHERE id = chat_id) <> 'single'",
        chat, id("admin"), id("other_admin")));
    return chat;
  }

  // Also of a former member.
  std::int64_t message(std::int64_t chat, std::int64_t sender) {
    return database.number(
        fmt::format("WITH numbered AS (UPDATE chats SET last_seq = last_seq + 1 WHERE id = {0}"
                    "                  RETURNING last_seq)"
                    " INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content)"
                    " SELECT 1, {0}, {1}, last_seq, 'a message' FROM numbered RETURNING id",
                    chat, sender));
  }

  RightsRequest about_members(const std::string& verb, const std::string& caller) const {
    const auto member = [this](const std::string& name) {
      return "/members/" + std::to_string(id(name));
    };
    if (verb == "add") return {"POST", "/members", json{id("newcomer")}};
    if (verb == "remove_member") return {"DELETE", "/members", json{id("other_member")}};
    if (verb == "remove_admin") return {"DELETE", "/members", json{id("other_admin")}};
    if (verb == "remove_owner") return {"DELETE", "/members", json{id("owner")}};
    if (verb == "promote") return {"PATCH", member("other_member"), json{{"role", "admin"}}};
    if (verb == "hand_over") return {"PATCH", member("other_member"), {}};
    if (verb == "take_over") return {"PATCH", member(caller), {}};
    throw std::runtime_error{"unknown verb: " + verb};
  }

  RightsRequest about_messages(const std::string& verb, std::int64_t of) const {
    const auto path = fmt::format("/messages/{}", of);
    if (verb == "react") return {"PUT", path + "/reactions/%F0%9F%91%8D", {}};
    if (verb == "history_others") return {"GET", path + "/history", {}};
    if (verb == "read_thread") return {"GET", path + "/thread", {}};
    if (verb == "follow_thread") return {"PUT", path + "/follow", {}};
    if (verb == "edit_others") return {"PATCH", path, json{{"content", "changed"}}};
    return {"DELETE", path, {}};
  }

  // Archived, unless it is a Single, which never is.
  void archive(std::int64_t chat) {
    database.query(fmt::format(
        "UPDATE chats SET archived_at = now() WHERE id = {} AND type <> 'single'", chat));
  }

  RightsRequest about_settings(const std::string& verb, std::int64_t chat,
                               const std::string& caller) {
    const json hello{{"content", "hello"}};
    if (verb == "archive") return {"POST", "/archive", {}};
    if (verb == "set") return {"PUT", "/settings", json{{"topic", "news"}}};
    if (verb == "schedule") {
      return {"POST", "/scheduled",
              json{{"content", "later"}, {"send_at", to_rfc3339(now() + std::chrono::hours{24})}}};
    }
    if (verb == "send_to_admins") {
      database.query(fmt::format(
          "UPDATE chats SET who_may_write = 'admins' WHERE id = {} AND type <> 'single'", chat));
      return {"POST", "/messages", hello};
    }
    if (verb != "unarchive" && !verb.ends_with("_archived")) return about_members(verb, caller);
    const bool on_own = verb != "unarchive" && verb != "send_archived";
    const auto own = on_own ? message(chat, id(caller)) : 0;
    archive(chat);
    if (verb == "unarchive") return {"POST", "/unarchive", {}};
    if (verb == "send_archived") return {"POST", "/messages", hello};
    if (verb == "edit_archived") return {"PATCH", fmt::format("/messages/{}", own), hello};
    if (verb == "react_archived") return about_messages("react", own);
    return {"PUT", fmt::format("/pins/{}", own), {}};
  }

  // The path of a file that a message of another member has, in this chat alone.
  std::string shared_file(std::int64_t chat) {
    const auto& sender = people.at("other_member");
    auto url = uploaded(sender, system, "file.txt", fmt::format("of chat {}", chat));
    EXPECT_EQ(sender.tries_to_post(chat, {{"files", {url}}}).status, 201);
    return url;
  }

  RightsRequest request_of(const std::string& verb, std::int64_t chat, const std::string& caller) {
    if (verb == "read") return {"GET", "", {}};
    if (verb == "download") return {"GET", shared_file(chat), {}};
    if (verb == "mark_read") return {"POST", "/read", json{{"seq", 0}}};
    if (verb == "mark_unread") {
      return {"POST", "/unread", json{{"message_id", message(chat, id("other_member"))}}};
    }
    if (verb == "send") return {"POST", "/messages", json{{"content", "hello"}}};
    if (verb == "type") return {"POST", "/typing", json{{"is_typing", true}}};
    if (verb == "rename") return {"PATCH", "", json{{"name", fmt::format("new {}", chat)}}};
    if (verb == "delete") return {"DELETE", "", {}};
    if (verb == "join" || verb == "leave") return {"POST", "/" + verb, {}};
    if (verb == "restore") {
      database.query(
          fmt::format("UPDATE chats SET deleted_at = now(), erase_at = now() + interval '1 day'"
                      " WHERE id = {} AND type <> 'single'",
                      chat));
      return {"POST", "/restore", {}};
    }
    if (verb.ends_with("_thread")) {
      return about_messages(verb, message(chat, id("other_member")));
    }
    if (verb == "delete_own" || verb == "react") {
      return about_messages(verb, message(chat, id(caller)));
    }
    if (verb == "pin" || verb == "pin_by_admins") {
      database.query(
          fmt::format("UPDATE chats SET who_may_pin = '{}' WHERE id = {}"
                      " AND type <> 'single'",
                      verb == "pin" ? "all" : "admins", chat));
      return {"PUT", fmt::format("/pins/{}", message(chat, id(caller))), {}};
    }
    if (verb.ends_with("_others")) {
      // In a Single the other member's; else of a member that no caller is.
      const auto sender = database.number(
          fmt::format("SELECT user_id FROM chat_members WHERE chat_id = {} AND user_id <> {}"
                      " AND role = 'member' ORDER BY user_id = {} DESC LIMIT 1",
                      chat, id(caller), id("other_member")));
      return about_messages(verb, message(chat, sender));
    }
    return about_settings(verb, chat, caller);
  }

  System system{without_notify()};
  TestDatabase& database = *system.database;
  std::map<std::string, Person> people;
  int chats_made = 0;
};

TEST(RightsTable, EveryTypeHasEveryVerbOnce) {
  std::map<std::string, std::multiset<std::string>> verbs;
  for (const auto& line : read_rights()) verbs[line.type].insert(line.verb);
  const auto all = verbs.at("Single");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(all.size(), 36U);
  for (const auto* type : {"Group", "PrivateChannel", "PublicChannel"}) {
    EXPECT_EQ(verbs.at(type), all) << type;
  }
}

TEST_F(Rights, FollowFromTheTypeOfTheChatAndTheStandingOfTheCaller) {
  for (const auto& line : read_rights()) {
    for (std::size_t i = 0; i < standings.size(); ++i) {
      if (line.statuses.at(i) == 0) continue;
      SCOPED_TRACE(fmt::format("rights.txt:{}: {} {} as {}{}", line.number, line.type, line.verb,
                               standings.at(i), i >= first_outside ? ", a non-member" : ""));
      const auto chat = make_chat(line, i);
      const auto made = request_of(line.verb, chat, standings.at(i));
      const bool is_file = made.rest.starts_with("/files/");
      const auto target = (is_file ? "" : fmt::format("/api/chat/{}", chat)) + made.rest;
      const auto reply =
          system.send(made.method, target, made.body, people.at(standings.at(i)).bearer());
      EXPECT_EQ(reply.status, line.statuses.at(i)) << reply.body;
    }
  }
}

}  // namespace
}  // namespace fechatter::test
