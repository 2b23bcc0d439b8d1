#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/e2e/resumable_fixture.hpp"
#include "tests/support/pictures.hpp"

// Files that come in chunks: what is kept when a request, the client or the server ends.
namespace fechatter::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

TEST_F(ResumableUploads, AFileComesInTwoChunks) {
  const auto made = create(10, {{"Upload-Metadata", "filename " + base64("the plan.txt")}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("tus-resumable"), "1.0.0");
  EXPECT_THAT(made.header("upload-expires"), MatchesRegex("[A-Z][a-z]{2}, .* GMT"));
  const auto url = made.header("location");
  EXPECT_THAT(url, MatchesRegex("/api/files/resumable/[A-Za-z0-9_-]{32}"));

  const auto first = append(url, 0, "hello");
  EXPECT_EQ(first.status, 204) << first.body;
  EXPECT_EQ(first.header("upload-offset"), "5");
  EXPECT_EQ(first.header("location"), "");
  const auto state = head(url);
  EXPECT_EQ(state.status, 204);
  EXPECT_EQ(state.header("upload-offset"), "5");
  EXPECT_EQ(state.header("upload-length"), "10");
  EXPECT_EQ(state.header("upload-metadata"), "filename " + base64("the plan.txt"));
  EXPECT_EQ(state.header("cache-control"), "no-store");

  const auto last = append(url, 5, "world");
  EXPECT_EQ(last.status, 204) << last.body;
  EXPECT_EQ(last.header("upload-offset"), "10");
  const auto file = last.header("location");
  EXPECT_EQ(alice.get(file).body, "helloworld");
  EXPECT_THAT(alice.get(file).header("content-disposition"), HasSubstr("the plan.txt"));
  const auto id = system.database->number("SELECT id FROM uploads");
  EXPECT_EQ(last.header("upload-metadata"),
            fmt::format("filename {},url {},id {}", base64("the plan.txt"), base64(file),
                        base64(std::to_string(id))));
  EXPECT_EQ(alice.get(fmt::format("/api/files/{}", id)).json().at("url"), file);
  EXPECT_THAT(partial_files(), IsEmpty());
}

TEST_F(ResumableUploads, APictureLosesItsMetadata) {
  using namespace pictures;
  const auto picture = png_picture(chunk("tEXt", secret));
  const auto last = append(created(picture.size()), 0, picture);
  EXPECT_EQ(last.status, 204) << last.body;
  EXPECT_EQ(last.header("upload-offset"), std::to_string(picture.size()));
  EXPECT_EQ(alice.get(last.header("location")).body, png_picture());
}

TEST_F(ResumableUploads, AFinishedUploadSaysWhatItHasBecome) {
  const auto url = created(5);
  const auto last = append(url, 0, "hello");
  const auto state = head(url);
  EXPECT_EQ(state.header("upload-offset"), "5");
  EXPECT_EQ(state.header("location"), last.header("location"));
  EXPECT_EQ(state.header("upload-metadata"), last.header("upload-metadata"));
}

TEST_F(ResumableUploads, TheLastChunkAgainIsAnsweredAgainAndStoresNothing) {
  const auto url = created(10);
  append(url, 0, "hello");
  const auto last = append(url, 5, "world");
  for (const auto& [offset, bytes] : {std::pair{5, "world"}, std::pair{0, "helloworld"}}) {
    const auto again = append(url, offset, bytes);
    EXPECT_EQ(again.status, 204) << again.body;
    EXPECT_EQ(again.header("location"), last.header("location"));
    EXPECT_EQ(again.header("upload-offset"), "10");
  }
  EXPECT_EQ(append(url, 10, "").status, 204);
  EXPECT_EQ(append(url, 5, "worldly").status, 409);
  EXPECT_EQ(append(url, 0, "hello").status, 409);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM uploads"), 1);
}

TEST_F(ResumableUploads, AnotherOffsetThanThatOfTheUploadIsRefused) {
  const auto url = created(10);
  append(url, 0, "hello");
  for (const auto offset : {0, 4, 6, 10, 11}) {
    const auto refused = append(url, offset, "x");
    EXPECT_EQ(refused.status, 409) << offset;
    EXPECT_EQ(refused.json().at("code"), "upload.offset_mismatch");
    EXPECT_THAT(refused.json().at("detail"), HasSubstr("Upload-Offset"));
  }
  EXPECT_EQ(offset_of(url), 5);
  EXPECT_EQ(append(url, 5, "world").header("upload-offset"), "10");
}

TEST_F(ResumableUploads, AChunkThatReachesBeyondTheEndIsRefused) {
  const auto url = created(10);
  const auto refused = append(url, 0, "eleven char");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(offset_of(url), 0);
  EXPECT_EQ(append(url, 0, "ten chars.").status, 204);
}

TEST_F(ResumableUploads, WhatCameOfARequestThatIsCutIsKept) {
  const auto content = numbers(1'000'000);
  const auto url = created(content.size());
  std::size_t sent = 0;
  for (const std::size_t count : {std::size_t{1}, std::size_t{70'000}, std::size_t{400'000}}) {
    auto connection = begin_chunk(url, sent, content.size() - sent);
    connection.write(content.substr(sent, count));
    connection.close();
    sent += count;
    EXPECT_TRUE(eventually([&] { return offset_of(url) == static_cast<std::int64_t>(sent); }));
    EXPECT_TRUE(eventually([&] { return append(url, 0, "").status == 409; }));  // not 423
  }
  const auto last = append_when_free(url, sent, content.substr(sent));
  EXPECT_TRUE(alice.get(last.header("location")).body == content);
}

TEST_F(ResumableUploads, AChunkThatIsNotTheOneOfItsChecksumIsNotKept) {
  const auto url = created(10);
  const auto refused = append(url, 0, "hello", {{"Upload-Checksum", "sha1 " + sha1_of_world}});
  EXPECT_EQ(refused.status, 460);
  EXPECT_EQ(refused.json().at("code"), "upload.checksum_mismatch");
  EXPECT_EQ(offset_of(url), 0);
  const auto first =
      append(url, 0, "hello", {{"Upload-Checksum", "sha256 " + sha256_base64("hello")}});
  EXPECT_EQ(first.status, 204) << first.body;
  EXPECT_EQ(append(url, 5, "wor!d", {{"Upload-Checksum", "sha1 " + sha1_of_world}}).status, 460);
  EXPECT_EQ(offset_of(url), 5);
  const auto last = append(url, 5, "world", {{"Upload-Checksum", "sha1 " + sha1_of_world}});
  EXPECT_EQ(alice.get(last.header("location")).body, "helloworld");
}

TEST_F(ResumableUploads, NothingIsKeptOfAChunkWithAChecksumThatIsCut) {
  const auto url = created(1'000'000);
  auto connection = begin_chunk(url, 0, 500'000, "Upload-Checksum: sha1 " + sha1_of_world + "\r\n");
  connection.write(std::string(400'000, 'x'));
  EXPECT_TRUE(eventually([&] { return has_bytes_on_disk(); }));
  EXPECT_EQ(append(url, 0, "x").status, 423);
  connection.close();
  EXPECT_EQ(append_when_free(url, 0, "x").header("upload-offset"), "1");
}

TEST_F(ResumableUploads, OneOfTwoRequestsAtOnceIsRefused) {
  const auto content = numbers(500'000);
  const auto url = created(content.size());
  auto slow = begin_chunk(url, 0, content.size());
  slow.write(content.substr(0, 400'000));
  EXPECT_TRUE(eventually([&] { return has_bytes_on_disk(); }));
  EXPECT_EQ(append(url, 0, "other").json().at("code"), "upload.locked");
  EXPECT_EQ(remove(url).status, 423);
  slow.write(content.substr(400'000));
  std::string answer;
  EXPECT_TRUE(slow.read(answer, std::chrono::seconds{15}));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204"));
  EXPECT_TRUE(alice.get(head(url).header("location")).body == content);
}

TEST_F(ResumableUploads, InstancesShareAnUpload) {
  auto other = system.another_server();
  other.start();
  const auto content = numbers(500'000);
  const auto url = created(content.size());
  auto slow = begin_chunk(url, 0, content.size());
  slow.write(content.substr(0, 400'000));
  EXPECT_TRUE(eventually([&] { return has_bytes_on_disk(); }));
  const auto at_other = [&](std::size_t offset) {
    return request_bytes(other.port(), "PATCH", url, chunk_type, content.substr(offset),
                         tus({{"Upload-Offset", std::to_string(offset)}}));
  };
  EXPECT_EQ(at_other(0).status, 423);
  slow.close();
  EXPECT_TRUE(eventually([&] { return at_other(400'000).status == 204; }));
  EXPECT_TRUE(alice.get(head(url).header("location")).body == content);
}

TEST_F(ResumableUploads, AServerThatIsKilledLosesNothingThatItHasConfirmed) {
  const auto content = numbers(40'000'000);
  const auto url = created(content.size());
  auto connection = begin_chunk(url, 0, content.size());
  connection.write(std::string_view{content}.substr(0, 38'000'000));
  ASSERT_TRUE(eventually([&] { return offset_of(url) > 0; }));
  const auto confirmed = offset_of(url);
  system.server.kill();
  system.server.start();
  const auto offset = offset_of(url);
  EXPECT_GE(offset, confirmed);
  ASSERT_EQ(partial_files().size(), 1U);
  EXPECT_GE(std::filesystem::file_size(partial_files()[0]), static_cast<std::size_t>(offset));
  const auto last = append(url, offset, content.substr(static_cast<std::size_t>(offset)));
  EXPECT_EQ(last.status, 204) << last.body;
  EXPECT_TRUE(alice.get(last.header("location")).body == content);
}

TEST_F(ResumableUploads, AServerThatIsKilledAtAnyPointStoresTheFileOnceAndWhole) {
  const auto content = numbers(24'000'000);
  const auto url = created(content.size());
  const auto rest = [&] {
    return std::string_view{content}.substr(static_cast<std::size_t>(offset_of(url)));
  };
  // The last ones while the file is made of its chunks, or after that.
  for (const auto percent : {10, 50, 90, 100, 100}) {
    const auto left = rest();
    auto connection = begin_chunk(url, content.size() - left.size(), left.size());
    connection.write(left.substr(0, left.size() * percent / 100));
    system.server.kill();
    system.server.start();
  }
  const auto left = rest();
  const auto last = left.empty() ? head(url) : append(url, offset_of(url), left);
  EXPECT_EQ(last.status, 204) << last.body;
  EXPECT_TRUE(alice.get(last.header("location")).body == content);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM uploads"), 1);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM files"), 1);
}

// As after a kill between the store and the row, on a disk that has lost the bytes.
TEST_F(ResumableUploads, AnUploadWhoseBytesAreLostBeginsAgainAndIsStoredOnce) {
  const auto url = created(10);
  append(url, 0, "hello");
  const auto file = append(url, 5, "world").header("location");
  system.database->query("UPDATE resumable_uploads SET received = 5, upload_id = NULL");
  EXPECT_EQ(append(url, 5, "world").status, 409);
  EXPECT_EQ(offset_of(url), 0);
  EXPECT_EQ(append(url, 0, "helloworld").header("location"), file);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM uploads"), 1);
}

TEST_F(ResumableUploads, OthersHaveNoneOfIt) {
  const auto url = created(10);
  for (const auto& person : {system.signs_up("bob"), system.signs_up("mallory", "another one")}) {
    const auto as_other = [&](const std::string& method, const Headers& more) {
      auto headers = person.bearer();
      headers.merge(Headers{{"Tus-Resumable", "1.0.0"}});
      headers.insert(more.begin(), more.end());
      return system.send_bytes(method, url, chunk_type, "", headers).status;
    };
    EXPECT_EQ(as_other("PATCH", {{"Upload-Offset", "0"}}), 404);
    EXPECT_EQ(as_other("DELETE", {}), 404);
    auto headers = person.bearer();
    headers["Tus-Resumable"] = "1.0.0";
    EXPECT_EQ(system.send("HEAD", url, {}, headers).status, 404);
  }
  EXPECT_EQ(offset_of(url), 0);
}

TEST_F(ResumableUploads, ARemovedUploadIsGoneWithItsBytes) {
  const auto url = created(10);
  append(url, 0, "hello");
  EXPECT_THAT(partial_files(), testing::SizeIs(1));
  EXPECT_EQ(remove(url).status, 204);
  EXPECT_THAT(partial_files(), IsEmpty());
  EXPECT_EQ(head(url).status, 404);
  EXPECT_EQ(append(url, 5, "world").status, 404);
  EXPECT_EQ(remove(url).status, 404);
  EXPECT_THAT(partial_files(), IsEmpty());
}

TEST_F(ResumableUploads, AnExpiredUploadIsGoneWithItsBytes) {
  const auto url = created(10);
  append(url, 0, "hello");
  system.database->query("UPDATE resumable_uploads SET expires_at = now() - interval '1 second'");
  EXPECT_EQ(head(url).status, 404);
  EXPECT_EQ(append(url, 5, "world").status, 404);
  EXPECT_TRUE(eventually([&] {
    return system.database->number("SELECT count(*) FROM resumable_uploads") == 0 &&
           partial_files().empty();
  }));
}

TEST_F(ResumableUploads, ClientsWithoutPatchSayItInAHeader) {
  const auto url = created(10);
  const auto send = [&](const char* method, const std::string& bytes, const Headers& more) {
    auto headers = tus(more);
    headers["X-HTTP-Method-Override"] = method;
    return system.send_bytes("POST", url, chunk_type, bytes, headers);
  };
  EXPECT_EQ(send("PATCH", "hello", {{"Upload-Offset", "0"}}).header("upload-offset"), "5");
  EXPECT_EQ(send("HEAD", "", {}).header("upload-offset"), "5");
  EXPECT_EQ(send("PUT", "", {}).status, 400);
  EXPECT_EQ(send("DELETE", "", {}).status, 204);
  EXPECT_EQ(head(url).status, 404);
}

TEST_F(ResumableUploads, OptionsSayWhatTheServerCan) {
  for (const auto& path : {std::string{"/api/files/resumable"}, created(10)}) {
    const auto reply = system.send("OPTIONS", path, {}, {});
    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.header("tus-version"), "1.0.0");
    EXPECT_EQ(reply.header("tus-extension"), "creation,termination,checksum,expiration");
    EXPECT_EQ(reply.header("tus-checksum-algorithm"), "sha1,sha256");
    EXPECT_EQ(reply.header("tus-max-size"), "4294967296");
    EXPECT_THAT(reply.header("allow"), HasSubstr("POST"));
  }
}

}  // namespace
}  // namespace fechatter::test
