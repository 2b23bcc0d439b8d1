#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/multipart.hpp"
#include "tests/support/png.hpp"

// Thumbnails of pictures, from the upload to the members of the chat.
namespace fechatter::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Enough for machines that are busy; a picture takes a tenth of a second.
const Environment patient{{"FECHATTER_FILES__THUMBNAIL_WAIT_MS", "60000"}};

// bob is a member of the chat, mallory of another workspace.
class ThumbnailReaders : public testing::Test {
 protected:
  explicit ThumbnailReaders(Environment settings = patient) : system{with(std::move(settings))} {}

  static SystemOptions with(Environment settings) {
    SystemOptions options;
    options.start_notify = false;
    options.server = std::move(settings);
    return options;
  }
  nlohmann::json upload(const std::string& content, const std::string& name = "cat.png") const {
    const auto reply = upload_as(alice, system, {{name, content}}, "/api/files/single");
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  nlohmann::json attachment_of(const std::string& url) const {
    const auto sent = alice.tries_to_post(chat, {{"files", {url}}});
    EXPECT_EQ(sent.status, 201) << sent.body;
    return sent.json().at("attachments").at(0);
  }
  Reply get(const Person& person, const std::string& target, Headers more = {}) const {
    more.merge(person.bearer());
    return system.get(target, more);
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person mallory = system.signs_up("mallory", "another company");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "pictures");
};

TEST_F(ThumbnailReaders, AMessageHasWhatItTakesToShowThePicture) {
  const auto record = upload(png_of(900, 600));
  EXPECT_EQ(record.at("status"), "ready");
  EXPECT_EQ(record.at("width"), 900);
  const auto url = record.at("url").get<std::string>();
  EXPECT_EQ(record.at("thumbnail_url"), url + "?size=360");
  const auto attachment = attachment_of(url);
  for (const auto* field : {"width", "height", "thumbnail_url", "blurhash", "status"}) {
    EXPECT_EQ(attachment.at(field), record.at(field)) << field;
  }
  const auto page = bob.get("/api/chat/" + std::to_string(chat) + "/messages").json();
  EXPECT_EQ(page.at(0).at("attachments").at(0), attachment);
}

TEST_F(ThumbnailReaders, AMemberGetsThemInTheFormatThatItAccepts) {
  const auto url = upload(png_of(900, 600)).at("url").get<std::string>();
  attachment_of(url);
  const auto webp = get(bob, url + "?size=360", {{"Accept", "image/avif,image/webp,*/*;q=0.8"}});
  EXPECT_EQ(webp.status, 200);
  EXPECT_EQ(webp.header("content-type"), "image/webp");
  EXPECT_THAT(webp.body, StartsWith("RIFF"));
  EXPECT_THAT(webp.header("vary"), HasSubstr("Accept"));
  EXPECT_EQ(webp.header("content-disposition"), "inline; filename=\"cat.webp\"");
  EXPECT_EQ(webp.header("x-content-type-options"), "nosniff");
  EXPECT_THAT(webp.header("content-security-policy"), StartsWith("sandbox"));
  EXPECT_EQ(webp.header("x-ignored-parameters"), "");
  for (const auto* other : {"*/*", "image/*", "image/webp;q=0, image/jpeg"}) {
    const auto jpeg = get(bob, url + "?size=1280", {{"Accept", other}});
    EXPECT_EQ(jpeg.header("content-type"), "image/jpeg") << other;
    EXPECT_THAT(jpeg.body, StartsWith("\xff\xd8\xff"));
    EXPECT_NE(jpeg.header("etag"), webp.header("etag"));
    const Headers known{{"Accept", other}, {"If-None-Match", jpeg.header("etag")}};
    EXPECT_EQ(get(bob, url + "?size=1280", known).status, 304);
  }
}

TEST_F(ThumbnailReaders, OthersGetWhatTheyGetForAFileThatDoesNotExist) {
  const auto url = upload(png_of(90, 60)).at("url").get<std::string>();
  attachment_of(url);
  const auto target = url + "?size=360";
  EXPECT_EQ(get(mallory, target).status, 404);
  EXPECT_EQ(get(mallory, target).json().at("code"), "file.not_found");
  EXPECT_EQ(system.get(target).status, 401);
  EXPECT_EQ(get(bob, target).status, 200);
}

TEST_F(ThumbnailReaders, ASignedUrlShowsThemWhenTheSizeIsAdded) {
  const auto url = upload(png_of(90, 60)).at("url").get<std::string>();
  attachment_of(url);
  const auto list = bob.post("/api/files/urls", {{"urls", {url}}}).json();
  const auto signed_url = list.at(0).at("signed_url").get<std::string>();
  const auto reply = system.get(signed_url + "&size=360", {});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "image/jpeg");
}

TEST_F(ThumbnailReaders, AnotherSizeIsRefusedAndAFileWithoutThemHasNone) {
  const auto picture = upload(png_of(90, 60)).at("url").get<std::string>();
  for (const auto* size : {"", "0", "361", "0360", "360px", "-360", "99999999999999999999"}) {
    const auto reply = get(alice, picture + "?size=" + size);
    EXPECT_EQ(reply.status, 422) << size;
    EXPECT_EQ(reply.json().at("errors").at(0).at("field"), "size") << size;
  }
  const auto text = upload("no picture", "a.txt");
  EXPECT_EQ(text.at("status"), "ready");
  EXPECT_EQ(text.at("thumbnail_url"), nullptr);
  EXPECT_EQ(get(alice, text.at("url").get<std::string>() + "?size=360").status, 404);
}

TEST_F(ThumbnailReaders, APictureThatIsDamagedOrABombIsAFileWithoutThem) {
  const auto damaged = upload(std::string{"GIF89a\x10\0\x10\0\0\0\0", 13}, "damaged.gif");
  EXPECT_EQ(damaged.at("status"), "failed");
  EXPECT_EQ(damaged.at("thumbnail_url"), nullptr);
  const auto bomb = upload(png_header(60'000, 60'000) + png_chunk("IDAT", "x"), "bomb.png");
  EXPECT_EQ(bomb.at("status"), "failed");
  EXPECT_EQ(bomb.at("width"), 60'000);
  EXPECT_EQ(attachment_of(bomb.at("url").get<std::string>()).at("status"), "failed");
}

// Made before the server, which gets the path of a program in it.
struct ProgramFolder {
  // A shell script; no program when it is empty.
  std::string program_of(const std::string& script) const {
    const auto path = programs.path("thumbnailer");
    if (!script.empty()) {
      std::ofstream{path} << "#!/bin/sh\n" << script << "\n";
      chmod(path.c_str(), 0700);
    }
    return path;
  }

  ScratchFolder programs;
};

// A program in place of the real one.
class OtherThumbnailer : private ProgramFolder, public ThumbnailReaders {
 protected:
  explicit OtherThumbnailer(const std::string& script)
      : ThumbnailReaders{{{"FECHATTER_FILES__THUMBNAILER", program_of(script)},
                          {"FECHATTER_FILES__THUMBNAIL_WAIT_MS", "100"}}} {}

  void expect_a_file_without_thumbnails() const {
    const auto content = png_of(90, 60);
    const auto record = upload(content);
    EXPECT_EQ(record.at("status"), "pending");
    EXPECT_EQ(record.at("thumbnail_url"), nullptr);
    const auto url = record.at("url").get<std::string>();
    EXPECT_EQ(attachment_of(url).at("status"), "pending");
    EXPECT_EQ(get(bob, url).body, content);
    EXPECT_EQ(get(bob, url + "?size=360").status, 404);
  }
};

struct MissingThumbnailer : OtherThumbnailer {
  MissingThumbnailer() : OtherThumbnailer{""} {}
};
struct CrashingThumbnailer : OtherThumbnailer {
  CrashingThumbnailer() : OtherThumbnailer{"kill -SEGV $$"} {}
};
struct HangingThumbnailer : OtherThumbnailer {
  HangingThumbnailer() : OtherThumbnailer{"exec sleep 1000"} {}
};

TEST_F(MissingThumbnailer, IsNotInTheWayOfUploads) {
  expect_a_file_without_thumbnails();
}

TEST_F(CrashingThumbnailer, IsNotInTheWayOfUploads) {
  expect_a_file_without_thumbnails();
  EXPECT_THAT(system.server.log(), HasSubstr("it was ended by signal 11"));
}

TEST_F(HangingThumbnailer, IsNotInTheWayOfUploadsAndEndsWithTheServer) {
  expect_a_file_without_thumbnails();
  EXPECT_EQ(system.server.stop(), 0);
}

}  // namespace
}  // namespace fechatter::test
