#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_server/file/postgres_file_repository.hpp"
#include "tests/support/await.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {

// alice (1), bob (2) and carol (3) of acme, of whom alice and bob are in chat 1; mallory (4) of
// another workspace.
class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme'), ('other');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT CASE WHEN i < 4 THEN 1 ELSE 2 END, 'user ' || i, i || '@test.example', 'x'"
        " FROM generate_series(1, 4) i ORDER BY i;"
        "SELECT create_chat(1, 1, 'private_channel', 'plans', '', '{1,2}')");
  }
  template <class T>
  T wait(awaitable<T> work) {
    return test::await<T>(io, std::move(work));
  }
  static inline const std::string hash_of_plan = std::string(64, 'a');
  static inline const std::string hash_of_photo = std::string(64, 'b');

  static Caller caller(std::int64_t user) { return {WorkspaceId{user < 4 ? 1 : 2}, UserId{user}}; }
  static NewFile new_file(std::int64_t user, const std::string& hash, std::int64_t size = 100) {
    return {{caller(user).workspace, hash, "pdf"}, "application/pdf", size};
  }
  ReservedFile reserve(std::int64_t user, const std::string& hash, UploadLimits limits = {}) {
    return wait(files.reserve(caller(user), new_file(user, hash), limits));
  }
  RecordedUpload record(std::int64_t user, FileId id, const std::string& name,
                        UploadLimits limits = {}) {
    return wait(files.record(caller(user), id, name, std::nullopt, limits));
  }
  Upload upload(std::int64_t user, const std::string& hash, const std::string& name = "a.pdf") {
    const auto recorded = record(user, reserve(user, hash).id, name);
    EXPECT_EQ(recorded.outcome, UploadOutcome::done);
    return *recorded.upload;
  }
  std::optional<File> find(std::int64_t user, const file::FileKey& key) {
    std::vector keys{key};
    return wait(files.find(caller(user), keys)).at(0);
  }
  std::string text(const std::string& sql) { return database.query("SELECT " + sql)[0][0].c_str(); }
  // The outcome.
  std::string send(std::int64_t user, const std::vector<std::string>& urls, std::int64_t chat = 1) {
    return text(
        fmt::format("outcome FROM append_messages(json_build_array(json_build_object('ord', 0,"
                    " 'workspace_id', {}, 'chat_id', {}, 'sender_id', {}, 'content', 'x', 'files',"
                    " '{{{}}}'::text[], 'mentions', '{{}}'::bigint[])), false)",
                    caller(user).workspace.value, chat, user, fmt::join(urls, ",")));
  }
  static std::string url_of(const file::FileKey& key) {
    return fmt::format("/files/{}/{}/{}/{}.{}", key.workspace.value, key.hash.substr(0, 3),
                       key.hash.substr(3, 3), key.hash, key.extension);
  }
  // All uploads are as old as the grace from now on.
  std::vector<StoredFile> take_after_an_hour() {
    wait(files.mark_unused(std::chrono::seconds{0}, 1000));
    database.query("UPDATE files SET unused_since = unused_since - interval '61 minutes'");
    return wait(files.take_unused(std::chrono::seconds{0}, std::chrono::seconds{0}, 1000));
  }
  void forget(const std::vector<StoredFile>& taken) {
    std::vector<FileId> ids;
    for (const auto& one : taken) ids.push_back(one.id);
    auto forgetting = [](PostgresFileRepository& in, std::vector<FileId> gone) -> awaitable<bool> {
      co_await in.forget(gone);
      co_return true;
    };
    wait(forgetting(files, ids));
  }

  test::TestDatabase database;
  asio::io_context io;
  postgres::Database pool{{database.url(), "", 2, 100}};
  PostgresFileRepository files{pool};
};

}  // namespace fechatter::server
