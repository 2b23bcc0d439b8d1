#include <future>

#include "tests/server/files_fixture.hpp"

// Which files are removed, and what happens to an upload or a message at that moment.
namespace fechatter::server {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using FileCollection = FilesTest;

TEST_F(FileCollection, WhatIsUsedIsNotTaken) {
  const auto sent = upload(1, hash_of_plan).file.key;
  send(1, {url_of(sent)});
  const auto drafted = upload(2, hash_of_photo).file.key;
  database.query(fmt::format(
      "SELECT put_draft(1, 2, 1, jsonb_build_object('content', 'x', 'files', ARRAY['{}']), 0)",
      url_of(drafted)));
  const auto scheduled = upload(2, std::string(64, 'c')).file.key;
  database.query(fmt::format(
      "SELECT schedule_message(1, 2, 1, jsonb_build_object('content', 'x', 'files', ARRAY['{}'],"
      " 'mentions', '{{}}'::bigint[]), unix_micros(now() + interval '1 day'), 100)",
      url_of(scheduled)));
  EXPECT_THAT(take_after_an_hour(), IsEmpty());
  EXPECT_EQ(database.number("SELECT count(*) FROM files WHERE unused_since IS NULL"), 3);
  // A recent upload is used, too.
  upload(1, std::string(64, 'd'));
  wait(files.mark_unused(60s, 1000));
  EXPECT_EQ(database.number("SELECT count(*) FROM files WHERE unused_since IS NULL"), 4);
  // Not the draft of a user that has not uploaded it.
  const auto strange = upload(1, std::string(64, 'e')).file.key;
  database.query(fmt::format("UPDATE drafts SET body = jsonb_build_object('files', ARRAY['{}'])",
                             url_of(strange)));
  EXPECT_EQ(take_after_an_hour().size(), 3U);
}

TEST_F(FileCollection, FilesOfDeletedMessagesAndUploadsThatDidNotEndAreTakenAndForgotten) {
  const auto key = upload(1, hash_of_plan).file.key;
  send(1, {url_of(key)});
  reserve(2, hash_of_photo);
  database.query("SELECT delete_message(1, 1, 1, 1)");
  const auto taken = take_after_an_hour();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].key.workspace, WorkspaceId{1});
  EXPECT_FALSE(find(1, key));
  EXPECT_EQ(send(1, {url_of(key)}), "unknown_file");
  forget(taken);
  EXPECT_EQ(database.number("SELECT count(*) FROM files"), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM uploads"), 0);
  EXPECT_EQ(database.number("SELECT sum(bytes) FROM upload_totals"), 0);
}

TEST_F(FileCollection, NothingIsTakenBeforeAnHourHasPassed) {
  upload(1, hash_of_plan);
  wait(files.mark_unused(0s, 1000));
  database.query("UPDATE files SET unused_since = unused_since - interval '59 minutes'");
  EXPECT_THAT(wait(files.take_unused(0s, 0s, 1000)), IsEmpty());
}

TEST_F(FileCollection, MarkingGoesRoundInSlices) {
  for (int i = 0; i < 5; ++i) upload(1, fmt::format("{:064x}", i));
  const auto mark = [&] { return wait(files.mark_unused(0s, 2)); };
  const auto marked = [&] {
    return database.number("SELECT count(*) FROM files WHERE unused_since IS NOT NULL");
  };
  EXPECT_EQ(mark(), 2);
  EXPECT_EQ(marked(), 2);
  EXPECT_EQ(mark(), 2);
  EXPECT_EQ(mark(), 1);
  EXPECT_EQ(marked(), 5);
  upload(1, fmt::format("{:064x}", 0));
  EXPECT_EQ(mark(), 2);
  EXPECT_EQ(marked(), 5);
}

TEST_F(FileCollection, AnUploadOfTheSameContentRescuesAFileThatIsUnused) {
  const auto first = upload(1, hash_of_plan);
  wait(files.mark_unused(0s, 1000));
  database.query("UPDATE files SET unused_since = unused_since - interval '2 hours'");
  const auto reserved = reserve(2, hash_of_plan);
  EXPECT_EQ(reserved.id, first.file.id);
  EXPECT_THAT(wait(files.take_unused(0s, 0s, 1000)), IsEmpty());
  ASSERT_EQ(record(2, reserved.id, "b.pdf").outcome, UploadOutcome::done);
  EXPECT_EQ(send(2, {url_of(first.file.key)}), "created");
  EXPECT_THAT(take_after_an_hour(), IsEmpty());
}

TEST_F(FileCollection, AnUploadWaitsForARemovalAndNeverCountsOnBytesThatWereRemoved) {
  const auto reserved = reserve(1, hash_of_plan);  // its server is slow
  const auto taken = take_after_an_hour();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(reserve(2, hash_of_plan).outcome, UploadOutcome::removing);
  EXPECT_EQ(record(1, reserved.id, "a.pdf").outcome, UploadOutcome::gone);
  forget(taken);
  EXPECT_EQ(record(1, reserved.id, "a.pdf").outcome, UploadOutcome::gone);
  const auto again = reserve(2, hash_of_plan);
  EXPECT_EQ(again.outcome, UploadOutcome::done);
  EXPECT_NE(again.id, reserved.id);
  EXPECT_EQ(record(1, reserved.id, "a.pdf").outcome, UploadOutcome::gone);
}

// A message is being stored while the collector looks: it is no reason to wait, nor to remove.
TEST_F(FileCollection, AFileOfAMessageThatIsBeingStoredIsNotTaken) {
  const auto key = upload(1, hash_of_plan).file.key;
  wait(files.mark_unused(0s, 1000));
  database.query("UPDATE files SET unused_since = unused_since - interval '2 hours'");
  postgres::Connection sender{database.url()};
  sender.run_script("BEGIN");
  sender.run_script(fmt::format("SELECT attach_files(1, 1, '{{{}}}')", url_of(key)));
  EXPECT_THAT(wait(files.take_unused(0s, 0s, 1000)), IsEmpty());
  sender.run_script("ROLLBACK");
  EXPECT_EQ(wait(files.take_unused(0s, 0s, 1000)).size(), 1U);
}

// The reverse: the sender waits for the collector, and sees then that the file goes.
TEST_F(FileCollection, AMessageIsRefusedWhoseFileIsBeingTaken) {
  const auto key = upload(1, hash_of_plan).file.key;
  wait(files.mark_unused(0s, 1000));
  database.query("UPDATE files SET unused_since = unused_since - interval '2 hours'");
  postgres::Connection collector{database.url()};
  collector.run_script("BEGIN; SELECT take_unused_files(0, 0, 10)");
  auto sending = std::async(std::launch::async, [&] {
    postgres::Connection sender{database.url()};
    return sender
        .run_script(fmt::format("SELECT attach_files(1, 1, '{{{}}}') IS NULL", url_of(key)))[0][0]
        .as<bool>();
  });
  ASSERT_TRUE(test::eventually([&] {
    return database.number(
               "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
               " WHERE NOT l.granted AND a.datname = current_database()") == 1;
  }));
  collector.run_script("COMMIT");
  EXPECT_TRUE(sending.get());
}

TEST_F(FileCollection, WhatAServerHasTakenIsTakenByAnotherAfterTenMinutes) {
  upload(1, hash_of_plan);
  ASSERT_EQ(take_after_an_hour().size(), 1U);
  EXPECT_THAT(take_after_an_hour(), IsEmpty());
  database.query("UPDATE files SET removing_since = removing_since - interval '11 minutes'");
  EXPECT_EQ(wait(files.take_unused(0s, 0s, 1000)).size(), 1U);
}

TEST_F(FileCollection, OnlyWhatIsBeingRemovedIsForgotten) {
  const auto made = upload(1, hash_of_plan);
  forget({{made.file.id, made.file.key}});
  EXPECT_TRUE(find(1, made.file.key));
}

TEST_F(FileCollection, NamesAreOf255BytesWithoutControlCharacters) {
  const auto reserved = reserve(1, hash_of_plan);
  for (const auto& name : {std::string{}, std::string(256, 'x'), std::string{"a\nb"}}) {
    EXPECT_THROW(record(1, reserved.id, name), pqxx::check_violation) << name;
  }
  EXPECT_EQ(record(1, reserved.id, std::string(255, 'x')).outcome, UploadOutcome::done);
}

TEST_F(FileCollection, AllStoredFilesAreListedInSlices) {
  for (int i = 0; i < 3; ++i) upload(1, fmt::format("{:064x}", i));
  reserve(1, hash_of_plan);
  const auto first = wait(files.list(FileId{0}, 2));
  ASSERT_EQ(first.size(), 2U);
  const auto rest = wait(files.list(first.back().id, 2));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].key.hash, fmt::format("{:064x}", 2));
}

}  // namespace
}  // namespace fechatter::server
