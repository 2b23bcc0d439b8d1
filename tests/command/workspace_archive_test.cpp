#include "fechatter_server/command/workspace_archive.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/command/command_fixture.hpp"
#include "tests/support/multipart.hpp"

// `workspace export|import|delete`.
namespace fechatter::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class WorkspaceArchive : public CommandTest {
 protected:
  // Something in each table.
  WorkspaceArchive() {
    chat = alice.makes_chat("Group", {bob.id(), system.signs_up("carol").id()});
    const auto first = alice.posts(chat, "hello 'quoted' \\ \u2028 👍");
    const auto id = first.at("id").get<std::int64_t>();
    const auto path = fmt::format("/api/chat/{}/messages", chat);
    file = uploaded(alice, system, "note.txt", "some bytes");
    alice.post(path, {{"content", "with a file"}, {"files", {file}}});
    bob.post(path, {{"content", "in a thread @alice"}, {"reply_to", id}});
    alice.patch(fmt::format("{}/{}", path, id), {{"content", "hello again"}});
    system.send("PUT", fmt::format("{}/{}/reactions/%F0%9F%91%8D", path, id), {}, bob.bearer());
    bob.post(fmt::format("/api/chat/{}/read", chat), {{"message_id", id}});
  }
  json export_to(const std::string& folder) const {
    return object({"workspace", "export", "--workspace", "acme", "--to", folder_of(folder)});
  }
  json import_from(const std::string& folder, int code = 0) const {
    return object({"workspace", "import", "--from", folder_of(folder)}, code);
  }
  void delete_workspace() const {
    object({"workspace", "delete", "--workspace", "acme", "--confirm", "acme"});
  }
  std::string folder_of(const std::string& name) const { return system.folder.path(name); }
  // The bytes of all files below a folder, by their paths.
  static std::map<std::string, std::string> bytes_below(const std::string& folder) {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
      if (!entry.is_regular_file()) continue;
      bytes[fs::relative(entry.path(), folder).string()] = read_file(entry.path().string());
    }
    return bytes;
  }

  std::int64_t chat = 0;
  std::string file;
};

TEST_F(WorkspaceArchive, ComesBackByteForByteAndItsPeopleGoOn) {
  export_to("one");
  delete_workspace();
  EXPECT_EQ(sign_in(alice.email(), password_of("alice")), 401);
  EXPECT_EQ(database.number("SELECT count(*) FROM users"), 0);
  import_from("one");
  export_to("two");
  const auto one = bytes_below(folder_of("one"));
  EXPECT_EQ(one, bytes_below(folder_of("two")));
  EXPECT_EQ(one.size(), server::archived_tables().size() + 2);

  const auto signed_in =
      system.post("/api/signin", {{"email", alice.email()}, {"password", password_of("alice")}});
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  const Person again{system, signed_in.json()};
  const auto messages = again.get(fmt::format("/api/chat/{}/messages", chat));
  ASSERT_EQ(messages.status, 200) << messages.body;
  EXPECT_THAT(messages.body, HasSubstr("hello again"));
  EXPECT_EQ(again.get(file).body, "some bytes");
  EXPECT_GT(again.posts(chat, "and on").at("seq"), 3);
  EXPECT_EQ(run({"files", "verify"}).code, 0);
}

TEST_F(WorkspaceArchive, AnotherWorkspaceIsNeitherExportedNorDeleted) {
  const auto zoe = system.signs_up("zoe", "zoo");
  const auto other = zoe.makes_chat("PublicChannel", {}, "animals");
  zoe.posts(other, "canary");
  export_to("one");
  for (const auto& [name, bytes] : bytes_below(folder_of("one"))) {
    EXPECT_THAT(bytes, testing::Not(HasSubstr("canary"))) << name;
  }
  delete_workspace();
  EXPECT_EQ(sign_in(zoe.email(), password_of("zoe")), 200);
  EXPECT_EQ(zoe.get(fmt::format("/api/chat/{}/messages", other)).json().size(), 1U);
}

TEST_F(WorkspaceArchive, AnArchiveIsRefusedWhileItsIdsAreTaken) {
  export_to("one");
  const auto before = database.number("SELECT count(*) FROM messages");
  const auto refused = import_from("one", 1);
  EXPECT_EQ(refused.at("error").at("fields")[0].at("field"), "archive");
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), before);
  EXPECT_EQ(audit_count("workspace.import"), 0);
}

TEST_F(WorkspaceArchive, ADamagedArchiveChangesNothing) {
  export_to("one");
  delete_workspace();
  const auto path = folder_of("one") + "/tables/messages.jsonl";
  auto rows = read_file(path);
  rows[rows.find("hello again")] = 'H';
  std::ofstream{path} << rows;
  const auto refused = import_from("one", 1);
  EXPECT_THAT(refused.at("error").at("message").get<std::string>(),
              HasSubstr("messages.jsonl: is not what the manifest says"));
  EXPECT_EQ(database.number("SELECT count(*) FROM workspaces"), 0);
}

TEST_F(WorkspaceArchive, OfAnotherVersionOrSchemaIsRefused) {
  export_to("one");
  delete_workspace();
  const auto path = folder_of("one") + "/manifest.json";
  const auto manifest = nlohmann::ordered_json::parse(read_file(path));
  for (const auto* member : {"version", "schema"}) {
    auto other = manifest;
    other[member] = 999;
    std::ofstream{path} << other.dump();
    EXPECT_THAT(import_from("one", 1).at("error").at("message").get<std::string>(),
                HasSubstr("999"))
        << member;
  }
}

TEST_F(WorkspaceArchive, IsDeletedOnlyWhenTheNameIsSaidTwice) {
  EXPECT_EQ(run({"workspace", "delete", "--workspace", "acme", "--confirm", "other"}).err,
            "confirm: must be the name of the workspace\n");
  EXPECT_EQ(run({"workspace", "export", "--workspace", "nowhere", "--to", folder_of("x")}).err,
            "workspace: does not exist\n");
  EXPECT_EQ(sign_in(alice.email(), password_of("alice")), 200);
}

TEST_F(WorkspaceArchive, ADeletionLeavesNoRowAndNoBytes) {
  delete_workspace();
  for (const auto& row :
       database.query("SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                      " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
                      " AND NOT c.relispartition AND a.attname = 'workspace_id'")) {
    const std::string table = row[0].c_str();
    if (table == "relay_workspaces") continue;  // a position of the stream
    if (table == "audit_log") continue;         // outlives what it is about
    EXPECT_EQ(database.number("SELECT count(*) FROM " + table), 0) << table;
  }
  EXPECT_EQ(run({"files", "verify"}).out, "0 files, 0 in the store: 0 missing, 0 extra\n");
  // The text in the events is on its way out.
  EXPECT_TRUE(eventually([&] {
    return database.number("SELECT count(*) FROM outbox WHERE data::text LIKE '%hello%'") == 0;
  }));
}

// A table that is added is in an archive, or is left out of it on purpose.
TEST_F(WorkspaceArchive, EachTableIsInAnArchiveOrLeftOut) {
  std::vector<std::string> named = server::unarchived_tables();
  for (const auto& table : server::archived_tables()) named.push_back(table.name);
  std::vector<std::string> there;
  for (const auto& row : database.query(
           "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
           " AND c.relkind IN ('r', 'p') AND NOT c.relispartition")) {
    there.emplace_back(row[0].c_str());
  }
  EXPECT_THAT(named, testing::UnorderedElementsAreArray(there));
}

}  // namespace
}  // namespace fechatter::test
