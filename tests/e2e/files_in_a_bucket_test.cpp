#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/chaos/fault_proxy.hpp"
#include "tests/core/file/bucket_fixture.hpp"
#include "tests/support/multipart.hpp"
#include "tests/support/places.hpp"

// The system with its files in a bucket of an S3-compatible store (moto), behind a proxy for
// faults.
namespace fechatter::test {
namespace {

using file::TestBucket;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class FilesInABucket : public testing::Test {
 protected:
  void SetUp() override {
    const auto moto = find_moto();
    if (!moto) GTEST_SKIP() << no_moto;
    bucket = std::make_unique<TestBucket>(*moto);
    link = proxy.add_link(chaos::port_of(moto->url));
    SystemOptions options;
    options.start_notify = false;
    options.server = settings_by(chaos::with_port(moto->url, proxy.port(link)));
    options.server["FECHATTER_FILES__S3__CONNECT_TIMEOUT_MS"] = "300";
    options.server["FECHATTER_FILES__S3__TIMEOUT_MS"] = timeout_ms;
    system = std::make_unique<System>(options);
    alice = std::make_unique<Person>(system->signs_up("alice"));
    bob = std::make_unique<Person>(system->signs_up("bob"));
    chat = alice->makes_chat("PrivateChannel", {bob->id()}, "files");
  }
  // What was not removed in time is due again ten minutes later.
  std::string timeout_ms = "15000";
  // The key is in a file, as an installation has it.
  Environment settings_by(const std::string& url) const {
    const auto key_file = folder.path("key");
    std::ofstream{key_file} << bucket->settings.key.secret << '\n';
    return {{"FECHATTER_FILES__STORE", "s3"},
            {"FECHATTER_FILES__S3__ENDPOINT", url},
            {"FECHATTER_FILES__S3__BUCKET", bucket->settings.bucket},
            {"FECHATTER_FILES__S3__PREFIX", bucket->settings.prefix},
            {"FECHATTER_FILES__S3__PATH_STYLE", "true"},
            {"FECHATTER_FILES__S3__ACCESS_KEY_ID", bucket->settings.key.id},
            {"FECHATTER_FILES__S3__SECRET_ACCESS_KEY_FILE", key_file}};
  }
  // A file of alice's in a message to bob; its path.
  std::string shared(const std::string& name, const std::string& content) {
    auto url = uploaded(*alice, *system, name, content);
    EXPECT_EQ(alice->tries_to_post(chat, {{"files", {url}}}).status, 201);
    return url;
  }
  std::string object_of(const std::string& url) const {
    return bucket->settings.prefix + url.substr(std::string{"/files/"}.size());
  }
  // The output and the exit code of `fechatter_server files verify`.
  std::pair<std::string, int> verify() {
    const auto out = folder.path(fmt::format("out {}", ++commands));
    auto environment = settings_by(bucket->settings.endpoint);
    environment["DATABASE_URL"] = system->database->url();
    environment["FECHATTER_FILES__FOLDER"] = folder.path("verify");
    Process process{{server_program(), "files", "verify"}, out, environment};
    const auto code = process.wait();
    return {read_file(out), code};
  }
  std::string health() const {
    return system->get("/health").json().at("status").get<std::string>();
  }
  void expect_unavailable(const Reply& reply) {
    EXPECT_EQ(reply.status, 503) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "storage.unavailable");
  }

  ScratchFolder folder;
  chaos::FaultProxy proxy;
  std::size_t link = 0;
  std::unique_ptr<TestBucket> bucket;
  std::unique_ptr<System> system;
  std::unique_ptr<Person> alice;
  std::unique_ptr<Person> bob;
  std::int64_t chat = 0;
  int commands = 0;
};

// The server does not wait for it for long.
class FilesInASlowBucket : public FilesInABucket {
 protected:
  FilesInASlowBucket() { timeout_ms = "1500"; }
};

TEST_F(FilesInABucket, AnUploadIsAnObjectThatMembersDownloadWholeAndInRanges) {
  std::string content(3'000'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * i % 251);
  const auto url = shared("data.bin", content);
  EXPECT_THAT(bucket->objects(), testing::ElementsAre(object_of(url)));
  const auto whole = bob->get(url);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, content);
  Headers headers = bob->bearer();
  headers["Range"] = "bytes=1500000-1500009";
  const auto part = system->send("GET", url, {}, headers);
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, content.substr(1'500'000, 10));
  const auto head = system->send("HEAD", url, {}, bob->bearer());
  EXPECT_EQ(head.header("content-length"), "3000000");
  EXPECT_EQ(system->signs_up("carol").get(url).status, 404);
  EXPECT_TRUE(std::filesystem::is_empty(system->folder.path("files/tmp")));
}

TEST_F(FilesInABucket, AFileThatNothingNamesIsRemovedFromTheBucket) {
  const auto unused = uploaded(*alice, *system, "unused.txt", "unused");
  const auto used = shared("used.txt", "used");
  ASSERT_THAT(bucket->objects(), SizeIs(2));
  system->database->query(
      "UPDATE uploads SET created_at = created_at - interval '2 days';"
      "UPDATE files SET unused_since = now() - interval '2 days'");
  EXPECT_TRUE(eventually([&] { return bucket->objects().size() == 1; }));
  EXPECT_EQ(alice->get(unused).status, 404);
  EXPECT_EQ(bob->get(used).body, "used");
}

TEST_F(FilesInABucket, VerifyFindsWhatIsMissingAndWhatIsExtra) {
  const auto missing = shared("a.txt", "lost");
  const auto whole = shared("b.txt", "whole");
  const auto [before, no_difference] = verify();
  EXPECT_THAT(before, HasSubstr("2 files, 2 in the store: 0 missing, 0 extra"));
  EXPECT_EQ(no_difference, 0);
  bucket->remove(object_of(missing));
  const auto extra = object_of(whole).substr(0, object_of(whole).size() - 3) + "png";
  bucket->put(extra, "no row knows it");
  bucket->put(bucket->settings.prefix + "notes", "of an operator");
  const auto [after, differences] = verify();
  EXPECT_THAT(after, HasSubstr(missing));
  EXPECT_THAT(after, HasSubstr("extra /files/" + extra.substr(bucket->settings.prefix.size())));
  EXPECT_THAT(after, HasSubstr("2 files, 2 in the store: 1 missing, 1 extra"));
  EXPECT_EQ(differences, 1);
  const auto lost = bob->get(missing);
  expect_unavailable(lost);
}

TEST_F(FilesInASlowBucket, ABucketThatIsSilentIsInTheWayOfFilesOnlyAndIsUsedAgainAfterwards) {
  const auto url = shared("a.txt", "before");
  EXPECT_EQ(health(), "healthy");
  proxy.set(link, chaos::LinkFault::silent);
  expect_unavailable(upload_as(*alice, *system, {{"b.txt", "meanwhile"}}));
  expect_unavailable(bob->get(url));
  EXPECT_EQ(alice->tries_to_post(chat, {{"content", "meanwhile"}}).status, 201);
  EXPECT_TRUE(eventually([&] { return health() == "degraded"; }, std::chrono::seconds{30}));

  proxy.set(link, chaos::LinkFault::none);
  proxy.cut(link);
  EXPECT_TRUE(eventually([&] { return bob->get(url).status == 200; }));
  EXPECT_EQ(bob->get(url).body, "before");
  EXPECT_EQ(bob->get(shared("b.txt", "meanwhile")).body, "meanwhile");
  EXPECT_TRUE(eventually([&] { return health() == "healthy"; }));
  EXPECT_TRUE(std::filesystem::is_empty(system->folder.path("files/tmp")));
}

TEST_F(FilesInASlowBucket, AStoreThatCutsEachAnswerIsInTheWayOfFilesOnly) {
  const auto url = shared("a.txt", "before");
  proxy.set(link, chaos::LinkFault::no_answers);
  expect_unavailable(upload_as(*alice, *system, {{"b.txt", "meanwhile"}}));
  expect_unavailable(bob->get(url));
  EXPECT_EQ(alice->tries_to_post(chat, {{"content", "meanwhile"}}).status, 201);
  proxy.set(link, chaos::LinkFault::none);
  EXPECT_TRUE(eventually([&] { return bob->get(url).status == 200; }));
}

TEST_F(FilesInASlowBucket, ManyThatWaitForTheBucketAreInTheWayOfNoMessage) {
  const auto url = shared("a.txt", "before");
  proxy.set(link, chaos::LinkFault::silent);
  std::vector<TcpConnection> waiting;
  for (int i = 0; i < 60; ++i) {
    waiting.emplace_back(system->server.port());
    waiting.back().write(fmt::format(
        "GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", url, bob->token()));
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(alice->tries_to_post(chat, {{"content", "meanwhile"}}).status, 201);
  }
  for (auto& connection : waiting) {
    std::string answer;
    while (answer.find("\r\n") == std::string::npos &&
           connection.read(answer, std::chrono::seconds{20})) {}
    EXPECT_THAT(answer, HasSubstr("503"));
  }
}

TEST_F(FilesInABucket, TheLogHasNoKey) {
  proxy.set(link, chaos::LinkFault::no_answers);
  expect_unavailable(upload_as(*alice, *system, {{"b.txt", "x"}}));
  EXPECT_THAT(system->server.log(), HasSubstr("file store: S3: "));
  EXPECT_THAT(system->server.log(), Not(HasSubstr(bucket->settings.key.secret)));
}

TEST(FilesInNoBucket, WhatIsMissingInTheSettingsStopsTheStartAndIsNamed) {
  const auto start = [](const Environment& environment) {
    ScratchFolder folder;
    auto with_folder = environment;
    with_folder["FECHATTER_FILES__FOLDER"] = folder.path("files");
    with_folder["FECHATTER_FILES__STORE"] = "s3";
    Process process{{server_program(), "files", "verify"}, folder.path("out"), with_folder};
    EXPECT_NE(process.wait(), 0);
    return read_file(folder.path("out"));
  };
  Environment environment;
  EXPECT_THAT(start(environment), HasSubstr("files.s3.bucket"));
  environment["FECHATTER_FILES__S3__BUCKET"] = "files";
  EXPECT_THAT(start(environment), HasSubstr("files.s3.access_key_id"));
  environment["FECHATTER_FILES__S3__ACCESS_KEY_ID"] = "id";
  EXPECT_THAT(start(environment), HasSubstr("files.s3.secret_access_key"));
  environment["FECHATTER_FILES__S3__SECRET_ACCESS_KEY"] = "key";
  environment["FECHATTER_FILES__S3__ENDPOINT"] = "s3.example.com";
  EXPECT_THAT(start(environment), HasSubstr("files.s3.endpoint"));
}

}  // namespace
}  // namespace fechatter::test
