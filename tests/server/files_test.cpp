#include "tests/server/files_fixture.hpp"

#include <thread>

// Which files there are, which users see them, and what messages carry.
namespace fechatter::server {
namespace {

using file::FileKey;
using testing::ElementsAre;
using testing::IsEmpty;
using FileRows = FilesTest;

TEST_F(FileRows, AnUploadIsFoundByItsUserUnderItsName) {
  const auto made = upload(1, hash_of_plan, "plan \"B\".pdf");
  const auto found = wait(files.find_upload(caller(1), made.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->file.name, "plan \"B\".pdf");
  EXPECT_EQ(found->file.media_type, "application/pdf");
  EXPECT_EQ(found->file.size, 100);
  EXPECT_EQ(found->file.pixels, std::nullopt);
  EXPECT_EQ(found->file.key, (FileKey{WorkspaceId{1}, hash_of_plan, "pdf"}));
  for (const auto other : {2, 4}) {
    EXPECT_FALSE(wait(files.find_upload(caller(other), made.id))) << other;
  }
}

TEST_F(FileRows, TheSameContentAgainRenewsTheUploadAndTakesNoStorage) {
  const auto first = upload(1, hash_of_plan, "old name.pdf");
  const auto again = upload(1, hash_of_plan, "new name.pdf");
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.file.name, "new name.pdf");
  EXPECT_GE(again.created_at, first.created_at);
  const auto of_bob = upload(2, hash_of_plan);
  EXPECT_EQ(of_bob.file.id, first.file.id);
  EXPECT_EQ(database.number("SELECT storage_of_user(1)"), 100);
  EXPECT_EQ(database.number("SELECT storage_of_user(2)"), 100);
}

TEST_F(FileRows, APictureHasItsSize) {
  const auto reserved = reserve(1, hash_of_photo);
  const auto recorded =
      wait(files.record(caller(1), reserved.id, "a.png", PixelSize{640, 480}, UploadLimits{}));
  EXPECT_EQ(recorded.upload->file.pixels, (PixelSize{640, 480}));
  EXPECT_EQ(upload(2, hash_of_photo).file.pixels, (PixelSize{640, 480}));
}

TEST_F(FileRows, AnUploadThatHasNotEndedIsNotFound) {
  ASSERT_EQ(reserve(1, hash_of_plan).outcome, UploadOutcome::done);
  const FileKey key{WorkspaceId{1}, hash_of_plan, "pdf"};
  EXPECT_FALSE(find(1, key));
  EXPECT_EQ(send(1, {url_of(key)}), "unknown_file");
  EXPECT_THAT(wait(files.list(FileId{0}, 10)), IsEmpty());
  std::vector keys{key, FileKey{WorkspaceId{2}, hash_of_plan, "pdf"}};
  EXPECT_THAT(wait(files.are_known(keys)), ElementsAre(true, false));
}

TEST_F(FileRows, AFileIsSeenByItsUploaderAndByMembersOfAChatThatCarriesIt) {
  const auto key = upload(1, hash_of_plan, "plan.pdf").file.key;
  EXPECT_TRUE(find(1, key));
  EXPECT_FALSE(find(2, key));
  ASSERT_EQ(send(1, {url_of(key)}), "created");
  EXPECT_EQ(find(2, key)->name, "plan.pdf");
  EXPECT_FALSE(find(3, key));
  EXPECT_FALSE(find(4, key));
  database.query("SELECT delete_members(1, '{2}', 200)");
  EXPECT_FALSE(find(2, key));
  database.query("SELECT insert_members(1, '{2}', 200)");
  EXPECT_TRUE(find(2, key));
  database.query("UPDATE users SET status = 'suspended' WHERE id = 2");
  EXPECT_FALSE(find(2, key));
}

TEST_F(FileRows, AFileOfADeletedMessageOrChatIsSeenByItsUploaderAlone) {
  const auto key = upload(1, hash_of_plan).file.key;
  ASSERT_EQ(send(1, {url_of(key), url_of(key)}), "created");
  database.query("SELECT delete_message(1, 1, 1, 1)");
  EXPECT_FALSE(find(2, key));
  ASSERT_EQ(send(1, {url_of(key)}), "created");
  ASSERT_TRUE(find(2, key));
  database.query("SELECT delete_chat(1, 1, 1, 30)");
  EXPECT_FALSE(find(2, key));
  EXPECT_TRUE(find(1, key));
}

TEST_F(FileRows, ManyKeysAreAnsweredInTheirOrderAndForeignOnesWithNothing) {
  const auto mine = upload(1, hash_of_plan).file.key;
  const auto theirs = upload(4, hash_of_photo).file.key;
  auto other_extension = mine;
  other_extension.extension = "txt";
  // The same content in the caller's workspace does not stand for that of another one.
  upload(1, hash_of_photo);
  std::vector keys{theirs, other_extension, mine, mine};
  const auto found = wait(files.find(caller(1), keys));
  ASSERT_EQ(found.size(), 4U);
  EXPECT_FALSE(found[0] || found[1]);
  EXPECT_TRUE(found[2] && found[3]);
  EXPECT_EQ(found[2]->key, mine);
}

// Of a file in very many messages the caller's chats are asked.
TEST_F(FileRows, AFileInAThousandChatsIsSeenByAMemberOfOneOfThem) {
  const auto key = upload(1, hash_of_plan, "logo.pdf").file.key;
  database.query(
      "SELECT create_chat(1, 1, 'private_channel', 'channel ' || i, '', '{1}')"
      " FROM generate_series(1, 1000) i;"
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, files)"
      " SELECT 1, c.id, 1, 1, 'x', '{x}' FROM chats c;"
      "INSERT INTO message_files (message_id, ord, workspace_id, chat_id, file_id, name)"
      " SELECT m.id, 1, 1, m.chat_id, 1, 'in chat ' || m.chat_id FROM messages m;"
      "DELETE FROM chat_members WHERE user_id = 2");
  EXPECT_FALSE(find(2, key));
  EXPECT_FALSE(find(3, key));
  database.query("SELECT insert_members(1001, '{2}', 200)");
  EXPECT_EQ(find(2, key)->name, "in chat 1001");
  EXPECT_FALSE(find(3, key));
}

TEST_F(FileRows, OnlyOwnUploadsAreSent) {
  const auto url = url_of(upload(1, hash_of_plan).file.key);
  EXPECT_EQ(send(2, {url}), "unknown_file");
  EXPECT_EQ(send(1, {url, "https://files.example/a.pdf"}), "unknown_file");
  for (const auto& odd :
       {url + "?x", "/files/1/aab/aaa/" + hash_of_plan + ".pdf",
        "/files/2/aaa/aaa/" + hash_of_plan + ".pdf", "/files/01/aaa/aaa/" + hash_of_plan + ".pdf",
        "/x" + url, url.substr(0, url.size() - 1), "/files/1/aaa/aaa/" + hash_of_plan + ".txt"}) {
    EXPECT_EQ(send(1, {odd}), "unknown_file") << odd;
  }
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), 0);
  EXPECT_EQ(send(1, {url}), "created");
}

TEST_F(FileRows, AMessageAndItsEventHaveTheAttachments) {
  const auto plan = url_of(upload(1, hash_of_plan, "plan.pdf").file.key);
  const auto photo = url_of(upload(1, hash_of_photo, "photo.pdf").file.key);
  ASSERT_EQ(send(1, {photo, plan}), "created");
  const std::string names =
      "string_agg(x->>'name', ' ' ORDER BY o) FROM {}, json_array_elements({})"
      " WITH ORDINALITY AS a (x, o)";
  EXPECT_EQ(text(fmt::format(fmt::runtime(names), "message_rows", "attachments::json")),
            "photo.pdf plan.pdf");
  EXPECT_EQ(text(fmt::format(fmt::runtime(names), "message_preview_rows", "attachments::json")),
            "photo.pdf");
  const auto event = "(SELECT * FROM outbox WHERE type = 'NewMessage') e";
  EXPECT_EQ(text(fmt::format(fmt::runtime(names), event, "data->'attachments'")),
            "photo.pdf plan.pdf");
  // A later upload under another name changes no message.
  upload(1, hash_of_plan, "renamed.pdf");
  database.query("SELECT edit_message(1, 1, 1, 1, 'edited')");
  const auto edited = "(SELECT * FROM outbox WHERE type = 'MessageUpdated') e";
  EXPECT_EQ(text(fmt::format(fmt::runtime(names), edited, "data->'attachments'")),
            "photo.pdf plan.pdf");
}

TEST_F(FileRows, AMessageOfBeforeHasNoAttachmentsAndStaysAsItIs) {
  database.query(
      "INSERT INTO messages (workspace_id, chat_id, sender_id, seq, content, files)"
      " VALUES (1, 1, 1, 1, 'x', '{https://files.example/a.pdf}'); UPDATE chats SET last_seq = 1");
  EXPECT_EQ(text("edit_message(1, 1, 1, 1, 'edited')").substr(0, 5), "(done");
  EXPECT_EQ(text("files FROM message_rows"), "[\"https://files.example/a.pdf\"]");
  EXPECT_EQ(text("coalesce(attachments, 'none') FROM message_rows"), "none");
  EXPECT_EQ(text("data->>'attachments' FROM outbox WHERE type = 'MessageUpdated'"), "[]");
}

// The text of a message may have all the bytes that its limits allow beside 20 such files.
TEST_F(FileRows, TheLongestAttachmentHasLessThanAThousandBytes) {
  const std::string size =
      "SELECT octet_length(attachment_json(ROW(1, 9223372036854775807, repeat('a', 64), 'abcdefgh',"
      " repeat('x', {}), 9223372036854775807, 2147483647, 2147483647, now(), now(), NULL, NULL,"
      " '{}', 0, NULL, nullif(repeat('a', {}), ''))::files, repeat('\"', 255))::text)";
  EXPECT_LT(database.number(fmt::format(fmt::runtime(size), 100, "none", 0)), 1000);
  // What has thumbnails is a picture, and the names of these types are short.
  EXPECT_LT(database.number(fmt::format(fmt::runtime(size), 10, "ready", 28)), 1000);
}

TEST_F(FileRows, AnUploadBeyondAQuotaIsRefusedBeforeAndAfterItsBytes) {
  const UploadLimits of_user{150, std::nullopt};
  const auto first = reserve(1, hash_of_plan, of_user);
  const auto second = reserve(1, hash_of_photo, of_user);
  EXPECT_EQ(record(1, first.id, "a.pdf", of_user).outcome, UploadOutcome::done);
  EXPECT_EQ(record(1, second.id, "b.pdf", of_user).outcome, UploadOutcome::quota_user);
  EXPECT_EQ(reserve(1, hash_of_photo, of_user).outcome, UploadOutcome::quota_user);
  EXPECT_EQ(reserve(1, hash_of_plan, of_user).outcome, UploadOutcome::done);  // nothing more
  EXPECT_EQ(reserve(2, hash_of_photo, of_user).outcome, UploadOutcome::done);
  const UploadLimits of_workspace{std::nullopt, 150};
  EXPECT_EQ(reserve(2, hash_of_photo, of_workspace).outcome, UploadOutcome::quota_workspace);
  EXPECT_EQ(reserve(4, hash_of_photo, of_workspace).outcome, UploadOutcome::done);
}

TEST_F(FileRows, MessagesCountIntoTheQuotaOfUploads) {
  database.query("UPDATE chat_members SET stored_bytes = 100 WHERE user_id = 1");
  EXPECT_EQ(reserve(1, hash_of_plan, {199, std::nullopt}).outcome, UploadOutcome::quota_user);
  EXPECT_EQ(reserve(1, hash_of_plan, {200, std::nullopt}).outcome, UploadOutcome::done);
  upload(1, hash_of_plan);
  EXPECT_EQ(database.number("SELECT bytes FROM storage_of_users(0, 0, 1)"), 200);
}

TEST_F(FileRows, ConcurrentUploadsOfAUserDoNotExceedTheQuotaTogether) {
  std::vector<FileId> reserved;
  for (int i = 0; i < 20; ++i) {
    reserved.push_back(reserve(1, fmt::format("{:064x}", i), {500, std::nullopt}).id);
  }
  const auto record_some = [&](std::size_t begin) {
    postgres::Connection connection{database.url()};
    for (auto i = begin; i < reserved.size(); i += 4) {
      connection.run_script(fmt::format("SELECT record_upload(1, 1, {}, 'a.pdf', NULL, 500, NULL)",
                                        reserved[i].value));
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) threads.emplace_back(record_some, i);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(database.number("SELECT count(*) FROM uploads"), 5);
  EXPECT_EQ(database.number("SELECT bytes FROM upload_totals"), 500);
}

TEST_F(FileRows, ASuspendedUserUploadsNothing) {
  const auto reserved = reserve(1, hash_of_plan);
  database.query("UPDATE users SET status = 'suspended' WHERE id = 1");
  EXPECT_EQ(record(1, reserved.id, "a.pdf").outcome, UploadOutcome::suspended);
  EXPECT_EQ(reserve(1, hash_of_plan).outcome, UploadOutcome::suspended);
}

TEST_F(FileRows, AReservationOfAnotherWorkspaceIsNotRecorded) {
  const auto reserved = reserve(1, hash_of_plan);
  EXPECT_EQ(record(4, reserved.id, "a.pdf").outcome, UploadOutcome::gone);
}

TEST_F(FileRows, TheUploadsOfAnErasedUserGoWithTheUser) {
  upload(3, hash_of_plan);
  database.query("DELETE FROM users WHERE id = 3");
  EXPECT_EQ(database.number("SELECT count(*) FROM uploads"), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM upload_totals"), 0);
  EXPECT_EQ(take_after_an_hour().size(), 1U);
}

}  // namespace
}  // namespace fechatter::server
