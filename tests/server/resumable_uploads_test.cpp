#include "tests/server/files_fixture.hpp"

#include <filesystem>

#include "fechatter_server/file/postgres_resumable_upload_repository.hpp"
#include "fechatter_server/file/resumable_cleanup.hpp"

// The rows of uploads in chunks, and their end.
namespace fechatter::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ResumableRows : public FilesTest {
 protected:
  static std::string id_of(int number) { return fmt::format("{:0>32}", number); }
  CreationOutcome create(std::int64_t user, int number, std::int64_t size = 100,
                         UploadLimits limits = {}) {
    NewResumableUpload upload{id_of(number), "filename YQ==", size};
    return wait(resumables.create(caller(user), upload, 60s, 3, limits)).outcome;
  }
  std::optional<ResumableUpload> find(std::int64_t user, int number) {
    return wait(resumables.find(caller(user), id_of(number)));
  }
  bool advance(std::int64_t user, int number, std::int64_t before, std::int64_t received) {
    return wait(resumables.advance(caller(user), id_of(number), before, received, 60s)).has_value();
  }
  void expire() {
    database.query("UPDATE resumable_uploads SET expires_at = now() - interval '1 second'");
  }

  PostgresResumableUploadRepository resumables{pool};
  test::ScratchFolder scratch;
  file::PartialFiles partial{{scratch.path("files"), 1}};
  ResumableCleanup cleanup{resumables, partial};
};

TEST_F(ResumableRows, AnUploadIsFoundByItsUserAlone) {
  ASSERT_EQ(create(1, 1), CreationOutcome::done);
  const auto found = find(1, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id_of(1));
  EXPECT_EQ(found->metadata, "filename YQ==");
  EXPECT_EQ(found->size, 100);
  EXPECT_EQ(found->received, 0);
  EXPECT_GT(found->expires_at, now());
  EXPECT_FALSE(found->finished);
  for (const auto other : {2, 4}) {
    EXPECT_FALSE(find(other, 1));
    EXPECT_FALSE(advance(other, 1, 0, 1));
    EXPECT_FALSE(wait(resumables.remove(caller(other), id_of(1))));
  }
  database.query("UPDATE users SET status = 'suspended' WHERE id = 1");
  EXPECT_FALSE(find(1, 1));
  EXPECT_EQ(create(1, 2), CreationOutcome::suspended);
}

TEST_F(ResumableRows, AnUploadMovesFromTheStateThatWasSeen) {
  create(1, 1);
  EXPECT_TRUE(advance(1, 1, 0, 40));
  EXPECT_FALSE(advance(1, 1, 0, 50));
  EXPECT_EQ(find(1, 1)->received, 40);
  EXPECT_TRUE(advance(1, 1, 40, 0));
  EXPECT_EQ(find(1, 1)->received, 0);
}

TEST_F(ResumableRows, AFinishedUploadKnowsItsFileAndMovesNoMore) {
  create(1, 1);
  const auto made = upload(1, hash_of_plan);
  EXPECT_TRUE(wait(resumables.finish(caller(1), id_of(1), made.id, 60s)));
  const auto found = find(1, 1);
  EXPECT_EQ(found->received, 100);
  EXPECT_EQ(found->finished->id, made.id);
  EXPECT_EQ(found->finished->url, url_of(made.file.key));
  EXPECT_FALSE(advance(1, 1, 100, 50));
  EXPECT_FALSE(wait(resumables.finish(caller(1), id_of(2), made.id, 60s)));
  // Another workspace's file is none of its.
  create(4, 3);
  EXPECT_ANY_THROW(wait(resumables.finish(caller(4), id_of(3), made.id, 60s)));
}

TEST_F(ResumableRows, AUserHasAFewUnfinishedOnes) {
  for (const auto number : {1, 2, 3}) ASSERT_EQ(create(1, number), CreationOutcome::done);
  EXPECT_EQ(create(1, 4), CreationOutcome::too_many);
  EXPECT_EQ(create(2, 5), CreationOutcome::done);
  wait(resumables.finish(caller(1), id_of(1), upload(1, hash_of_plan).id, 60s));
  EXPECT_EQ(create(1, 4), CreationOutcome::done);
  EXPECT_EQ(create(1, 6), CreationOutcome::too_many);
  expire();
  EXPECT_EQ(create(1, 6), CreationOutcome::done);
}

TEST_F(ResumableRows, AnnouncedBytesCountForTheQuotas) {
  upload(1, hash_of_plan);  // 100 bytes
  const UploadLimits of_user{300, std::nullopt};
  EXPECT_EQ(create(1, 1, 201, of_user), CreationOutcome::quota_user);
  EXPECT_EQ(create(1, 1, 150, of_user), CreationOutcome::done);
  EXPECT_EQ(create(1, 2, 51, of_user), CreationOutcome::quota_user);
  EXPECT_EQ(create(1, 2, 50, of_user), CreationOutcome::done);
  const UploadLimits of_workspace{std::nullopt, 400};
  EXPECT_EQ(create(2, 3, 101, of_workspace), CreationOutcome::quota_workspace);
  EXPECT_EQ(create(2, 3, 100, of_workspace), CreationOutcome::done);
  EXPECT_EQ(create(4, 4, 400, of_workspace), CreationOutcome::done);
}

TEST_F(ResumableRows, AnExpiredUploadIsGone) {
  create(1, 1);
  expire();
  EXPECT_FALSE(find(1, 1));
  create(1, 2);
  EXPECT_THAT(wait(resumables.list_expired(10)), ElementsAre(id_of(1)));
  EXPECT_FALSE(wait(resumables.remove_expired(id_of(2))));
  EXPECT_TRUE(wait(resumables.remove_expired(id_of(1))));
  EXPECT_THAT(wait(resumables.list_expired(10)), IsEmpty());
}

TEST_F(ResumableRows, ExpiredUploadsAreRemovedWithTheirBytesUnlessARequestHoldsThem) {
  create(1, 1);
  create(1, 2);
  const auto held = wait(partial.open(id_of(1)));
  wait(partial.open(id_of(2)));
  expire();
  EXPECT_EQ(wait(cleanup.remove_expired(10)), 1U);
  EXPECT_TRUE(std::filesystem::exists(scratch.path("files/partial/" + id_of(1))));
  EXPECT_FALSE(std::filesystem::exists(scratch.path("files/partial/" + id_of(2))));
  EXPECT_EQ(database.number("SELECT count(*) FROM resumable_uploads"), 1);
}

TEST_F(ResumableRows, PartialFilesWithoutARowAreRemovedAfterAnHour) {
  create(1, 1);
  for (const auto number : {1, 2, 3}) wait(partial.open(id_of(number)));
  const auto path_of = [&](int number) { return scratch.path("files/partial/" + id_of(number)); };
  const auto moment = std::filesystem::file_time_type::clock::now();
  for (const auto number : {1, 2})
    std::filesystem::last_write_time(path_of(number), moment - 61min);
  EXPECT_EQ(wait(cleanup.remove_orphans()), 1U);
  EXPECT_TRUE(std::filesystem::exists(path_of(1)));
  EXPECT_FALSE(std::filesystem::exists(path_of(2)));
  EXPECT_TRUE(std::filesystem::exists(path_of(3)));
}

TEST_F(ResumableRows, TheRowsOfAnErasedUserOrFileGoWithThem) {
  create(1, 1);
  wait(resumables.finish(caller(1), id_of(1), upload(1, hash_of_plan).id, 60s));
  create(1, 2);
  forget(take_after_an_hour());
  EXPECT_FALSE(find(1, 1));
  EXPECT_TRUE(find(1, 2));
}

}  // namespace
}  // namespace fechatter::server
