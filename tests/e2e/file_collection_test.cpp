#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/multipart.hpp"
#include "tests/support/places.hpp"

// The end of files that nothing names, and what an operator sees of the store.
namespace fechatter::test {
namespace {

using testing::HasSubstr;

class FileCollection : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // As if all uploads were two days old, and those that nothing names unused for as long.
  void two_days_pass() {
    system.database->query(
        "UPDATE uploads SET created_at = created_at - interval '2 days';"
        "UPDATE files SET unused_since = now() - interval '2 days'");
  }
  std::string place_of(const std::string& url) const {
    const auto name = url.substr(url.rfind('/') + 1);
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{system.folder.path("files")}) {
      if (entry.path().filename() == name) return entry.path();
    }
    return {};
  }
  // The output and the exit code of `fechatter_server files verify`.
  std::pair<std::string, int> verify() {
    const auto out = system.folder.path(fmt::format("out {}", ++commands));
    Process process{{server_program(), "files", "verify"},
                    out,
                    {{"DATABASE_URL", system.database->url()},
                     {"FECHATTER_FILES__FOLDER", system.folder.path("files")}}};
    const auto code = process.wait();
    return {read_file(out), code};
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {}, "files");
  int commands = 0;
};

TEST_F(FileCollection, AFileThatNothingNamesIsRemovedAndOneOfAMessageStays) {
  const auto unused = uploaded(alice, system, "unused.txt", "unused");
  const auto used = uploaded(alice, system, "used.txt", "used");
  ASSERT_EQ(alice.tries_to_post(chat, {{"files", {used}}}).status, 201);
  two_days_pass();
  EXPECT_TRUE(eventually([&] { return place_of(unused).empty(); }));
  EXPECT_TRUE(
      eventually([&] { return system.database->number("SELECT count(*) FROM files") == 1; }));
  EXPECT_EQ(alice.get(unused).status, 404);
  EXPECT_EQ(alice.get(used).body, "used");
  EXPECT_EQ(verify().second, 0);
}

TEST_F(FileCollection, AYoungUploadStays) {
  const auto url = uploaded(alice, system, "young.txt", "young");
  const auto other = uploaded(alice, system, "old.txt", "old");
  system.database->query(
      "UPDATE uploads SET created_at = created_at - interval '2 days' WHERE name = 'old.txt';"
      "UPDATE files SET unused_since = now() - interval '2 days'");
  EXPECT_TRUE(eventually([&] { return place_of(other).empty(); }));
  EXPECT_EQ(alice.get(url).body, "young");
}

TEST_F(FileCollection, VerifyFindsWhatIsMissingAndWhatIsExtra) {
  const auto missing = uploaded(alice, system, "a.txt", "lost");
  const auto whole = uploaded(alice, system, "b.txt", "whole");
  const auto [before, no_difference] = verify();
  EXPECT_THAT(before, HasSubstr("2 files, 2 in the store: 0 missing, 0 extra"));
  EXPECT_EQ(no_difference, 0);
  std::filesystem::remove(place_of(missing));
  system.database->query(
      "DELETE FROM files WHERE hash = (SELECT hash FROM upload_rows WHERE name ="
      " 'b.txt')");
  const auto [after, differences] = verify();
  EXPECT_THAT(after, HasSubstr(missing));
  EXPECT_THAT(after, HasSubstr("extra " + whole));
  EXPECT_THAT(after, HasSubstr("1 files, 1 in the store: 1 missing, 1 extra"));
  EXPECT_EQ(differences, 1);
}

TEST_F(FileCollection, AFileThatTheStoreHasLostIsAFailureOfTheStore) {
  const auto url = uploaded(alice, system, "a.txt", "lost");
  std::filesystem::remove(place_of(url));
  const auto reply = alice.get(url);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.json().at("code"), "storage.unavailable");
}

TEST_F(FileCollection, AStoreThatIsGoneIsInTheWayOfFilesOnly) {
  std::filesystem::remove_all(system.folder.path("files"));
  const auto reply = upload_as(alice, system, {{"a.txt", "x"}});
  EXPECT_EQ(reply.status, 503) << reply.body;
  EXPECT_EQ(reply.json().at("code"), "storage.unavailable");
  EXPECT_EQ(alice.tries_to_post(chat, {{"content", "x"}}).status, 201);
  EXPECT_TRUE(eventually([&] {
    const auto health = system.get("/health");
    return health.status == 200 && health.json().at("status") == "degraded";
  }));
}

}  // namespace
}  // namespace fechatter::test
