#include "fechatter_server/file/thumbnails.hpp"

#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <fstream>

#include "fechatter_core/file/disk_store.hpp"
#include "fechatter_core/file/media_type.hpp"
#include "fechatter_server/file/postgres_thumbnail_repository.hpp"
#include "tests/server/files_fixture.hpp"
#include "tests/support/process.hpp"

// When thumbnails are made, by a program that does what a test wants.
namespace fechatter::server {
namespace {

using file::FileKey;
using testing::IsEmpty;
using testing::SizeIs;

const std::string some_webp{"RIFF\4\0\0\0WEBPVP8 ", 16};
const std::string some_jpeg{"\xff\xd8\xff\xe0"};

class ThumbnailsTest : public FilesTest {
 protected:
  ThumbnailsTest() { write_program("cat " + report_path); }

  void write_program(const std::string& script) {
    file::PictureReport report;
    report.width = 4000;
    report.height = 3000;
    report.blurhash = "LxH2TC2swxX8qRWDjtaggJfjfQfj";
    report.thumbnails = {some_webp, some_jpeg, some_webp + "large", some_jpeg + "large"};
    std::ofstream{report_path, std::ios::binary} << to_frames(report);
    // In place of the former one, which may be running.
    const auto fresh = program + ".new";
    std::ofstream{fresh} << "#!/bin/sh\nexec " << script << "\n";
    chmod(fresh.c_str(), 0700);
    std::filesystem::rename(fresh, program);
  }
  // A picture that alice has uploaded.
  File upload_picture(const std::string& content = "bytes of a picture") {
    const auto writer = wait(store.create());
    wait(then_true(writer->write(content)));
    const auto written = wait(writer->finish());
    const NewFile file{{WorkspaceId{1}, written.hash, "png"}, "image/png", 18};
    const auto reserved = wait(files.reserve(caller(1), file, {}));
    wait(then_true(writer->keep(file.key)));
    return record(1, reserved.id, "a.png").upload.value().file;
  }
  void make(const File& picture) { wait(then_true(thumbnails.make({picture.id}))); }
  std::size_t make_due() { return wait(thumbnails.make_due()); }
  void all_are_due() {
    database.query("UPDATE files SET thumbnails_due_at = now() WHERE thumbnail_state = 'pending'");
  }
  std::string state() { return text("thumbnail_state FROM files"); }
  std::string attachment(const std::string& field) {
    return text(
        fmt::format("coalesce(attachment_json(f, 'x')->>'{}', 'none') FROM files f", field));
  }
  bool has_thumbnail(const FileKey& key, file::Thumbnail thumbnail) {
    return wait(store.open_thumbnail(key, thumbnail)) != nullptr;
  }
  static awaitable<bool> then_true(awaitable<> work) {
    co_await std::move(work);
    co_return true;
  }

  test::ScratchFolder scratch;
  const std::string program = scratch.path("thumbnailer");
  const std::string report_path = scratch.path("report");
  file::DiskStore store{{scratch.path("files")}};
  PostgresThumbnailRepository repository{pool};
  Thumbnailer thumbnailer{{program, 2, 64, std::chrono::milliseconds{20'000}}};
  Thumbnails thumbnails{{std::chrono::milliseconds{20'000}, std::chrono::milliseconds{10}},
                        repository,
                        repository,
                        store,
                        thumbnailer};
};

TEST_F(ThumbnailsTest, APictureHasThemOnceItsUploadHasWaited) {
  const auto picture = upload_picture();
  EXPECT_EQ(picture.thumbnails, ThumbnailState::pending);
  EXPECT_EQ(attachment("status"), "pending");
  EXPECT_EQ(attachment("thumbnail_url"), "none");
  make(picture);
  EXPECT_EQ(attachment("status"), "ready");
  EXPECT_EQ(attachment("thumbnail_url"), url_of(picture.key) + "?size=360");
  EXPECT_EQ(attachment("blurhash"), "LxH2TC2swxX8qRWDjtaggJfjfQfj");
  EXPECT_EQ(attachment("width"), "4000");
  EXPECT_EQ(attachment("height"), "3000");
  for (const auto thumbnail : file::all_thumbnails) {
    EXPECT_TRUE(has_thumbnail(picture.key, thumbnail));
  }
}

TEST_F(ThumbnailsTest, WhatIsNoPictureHasNone) {
  upload(1, hash_of_plan);
  EXPECT_EQ(state(), "none");
  EXPECT_EQ(attachment("status"), "ready");
  EXPECT_EQ(make_due(), 0U);
}

TEST_F(ThumbnailsTest, TheSamePictureAgainIsNotLookedAtAgain) {
  const auto picture = upload_picture();
  make(picture);
  write_program("false");
  const auto again = upload_picture();
  EXPECT_EQ(again.id, picture.id);
  EXPECT_EQ(again.thumbnails, ThumbnailState::ready);
  make(again);
  EXPECT_EQ(state(), "ready");
}

TEST_F(ThumbnailsTest, APictureOfAServerThatHasEndedIsMadeByAnotherOne) {
  const auto picture = upload_picture();
  EXPECT_EQ(make_due(), 0U) << "its own server goes first";
  all_are_due();
  EXPECT_EQ(make_due(), 1U);
  EXPECT_EQ(state(), "ready");
  EXPECT_TRUE(has_thumbnail(picture.key, {360, file::ThumbnailFormat::webp}));
}

TEST_F(ThumbnailsTest, APictureIsClaimedByOneServerAtATime) {
  upload_picture();
  all_are_due();
  EXPECT_THAT(wait(repository.claim_due(10)), SizeIs(1));
  EXPECT_THAT(wait(repository.claim_due(10)), IsEmpty());
  all_are_due();
  database.query("UPDATE files SET unused_since = now(), removing_since = now()");
  EXPECT_THAT(wait(repository.claim_due(10)), IsEmpty()) << "it is being removed";
}

TEST_F(ThumbnailsTest, ACrashIsTriedThreeTimes) {
  write_program("sh -c 'kill -SEGV $$'");
  make(upload_picture());
  for (int tries = 1; tries < 3; ++tries) {
    EXPECT_EQ(state(), "pending") << tries;
    all_are_due();
    EXPECT_EQ(make_due(), 1U);
  }
  EXPECT_EQ(state(), "failed");
  EXPECT_EQ(attachment("status"), "failed");
  EXPECT_EQ(make_due(), 0U);
}

TEST_F(ThumbnailsTest, ATryThatEndsTheServerCountsToo) {
  upload_picture();
  for (int tries = 0; tries < 3; ++tries) {
    all_are_due();
    EXPECT_THAT(wait(repository.claim_due(10)), SizeIs(1));
  }
  all_are_due();
  EXPECT_THAT(wait(repository.claim_due(10)), IsEmpty());
  EXPECT_EQ(state(), "failed");
}

TEST_F(ThumbnailsTest, APictureThatIsRefusedFailsAtOnceAndHasItsSize) {
  file::PictureReport refusal;
  refusal.failure = file::PictureFailure::too_many_pixels;
  refusal.width = refusal.height = 60'000;
  std::ofstream{report_path, std::ios::binary} << to_frames(refusal);
  make(upload_picture());
  EXPECT_EQ(attachment("status"), "failed");
  EXPECT_EQ(attachment("width"), "60000");
}

TEST_F(ThumbnailsTest, AProgramThatIsMissingCostsNoTry) {
  std::filesystem::remove(program);
  make(upload_picture());
  for (int tries = 0; tries < 5; ++tries) {
    EXPECT_EQ(state(), "pending");
    all_are_due();
    EXPECT_EQ(make_due(), 1U);
  }
  EXPECT_GT(thumbnails.failures(), 0);
  write_program("cat " + report_path);
  all_are_due();
  EXPECT_EQ(make_due(), 1U);
  EXPECT_EQ(state(), "ready");
  EXPECT_EQ(thumbnails.failures(), 0);
}

TEST_F(ThumbnailsTest, FailuresOfTheDatabaseEndWithAClaimThatFindsNothing) {
  asio::co_spawn(Executor{io.get_executor()}, thumbnails.run(), asio::detached);
  const auto fails = [this] {
    io.restart();
    io.run_for(std::chrono::milliseconds{20});
    return thumbnails.failures() > 0;
  };
  database.query("ALTER FUNCTION claim_due_thumbnails RENAME TO elsewhere");
  EXPECT_TRUE(test::eventually(fails));
  database.query("ALTER FUNCTION elsewhere RENAME TO claim_due_thumbnails");
  EXPECT_TRUE(test::eventually([&] { return !fails(); }));
}

TEST_F(ThumbnailsTest, WhatIsNoReportCountsAsACrash) {
  write_program("echo '<html>'");
  make(upload_picture());
  EXPECT_EQ(state(), "pending");
  EXPECT_EQ(text("thumbnail_tries FROM files"), "1");
}

TEST_F(ThumbnailsTest, AnUploadDoesNotWaitLongForAProgramThatHangs) {
  write_program("sleep 1000");
  Thumbnails impatient{{std::chrono::milliseconds{50}, std::chrono::milliseconds{10}},
                       repository,
                       repository,
                       store,
                       thumbnailer};
  const auto picture = upload_picture();
  wait(then_true(impatient.make({picture.id})));
  EXPECT_EQ(state(), "pending");
}

TEST_F(ThumbnailsTest, PicturesInTheDatabaseAreThoseOfTheTypes) {
  for (const auto& type : file::media_types()) {
    const auto is_picture = text(fmt::format("is_picture('{}')", type.media_type));
    EXPECT_EQ(is_picture, type.is_picture ? "t" : "f") << type.media_type;
  }
}

}  // namespace
}  // namespace fechatter::server
