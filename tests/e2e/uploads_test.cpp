#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <optional>
#include <tuple>

#include "tests/support/multipart.hpp"
#include "tests/support/pictures.hpp"

// What an upload stores, what it refuses, and that nothing stays of one that failed.
namespace fechatter::test {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

// A ZIP archive with one file, which is not compressed.
std::string stored_in_zip(const std::string& content) {
  const auto fields = "\0\0\0\0\0\0\x21\0"s + pictures::little_endian(pictures::crc(content), 4) +
                      pictures::little_endian(content.size(), 4) +
                      pictures::little_endian(content.size(), 4) + "\5\0\0\0"s;
  const auto entry = "PK\3\4\x14\0"s + fields + "a.zip" + content;
  const auto directory = "PK\1\2\x14\0\x14\0"s + fields + std::string(14, '\0') + "a.zip";
  return entry + directory + "PK\5\6\0\0\0\0\1\0\1\0"s +
         pictures::little_endian(directory.size(), 4) + pictures::little_endian(entry.size(), 4) +
         "\0\0"s;
}

class Uploads : public testing::Test {
 protected:
  explicit Uploads(const Environment& settings = {}) : system{with(settings)} {}

  static SystemOptions with(const Environment& settings) {
    SystemOptions options;
    options.start_notify = false;
    options.server = settings;
    return options;
  }
  Reply upload(const std::vector<FormPart>& parts) const { return upload_as(alice, system, parts); }
  Reply post(const std::string& body, const std::string& boundary = form_boundary) const {
    return post_form(system, "/api/upload", body, alice.bearer(), boundary);
  }
  // "422 file", or the code of a problem that names no field.
  static std::string refusal(const Reply& reply) {
    const auto body = reply.json();
    const auto errors = body.value("errors", json::array());
    if (errors.empty()) return body.at("code");
    return fmt::format("{} {}", reply.status, errors[0].at("field").get<std::string>());
  }
  std::size_t files_on_disk() const {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{system.folder.path("files")}) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }
  std::int64_t rows() const { return system.database->number("SELECT count(*) FROM uploads"); }
  std::string head(std::size_t length) const {
    return fmt::format(
        "POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: multipart/form-data; boundary={}\r\nContent-Length: {}\r\n\r\n",
        alice.token(), form_boundary, length);
  }

  System system;
  Person alice = system.signs_up("alice");
};

class SmallUploads : public Uploads {
 protected:
  SmallUploads()
      : Uploads{{{"FECHATTER_FILES__BYTES_MAX", "1000"},
                 {"FECHATTER_FILES__UPLOADS_OF_USER_MAX", "1"}}} {}
};

class SmallQuota : public Uploads {
 protected:
  SmallQuota() : Uploads{{{"FECHATTER_QUOTAS__USER_MIB", "1"}}} {}
};

TEST_F(Uploads, SeveralFilesComeBackInTheirOrder) {
  const auto reply = upload({{"one.txt", "first"}, {"", "a note", "note"}, {"two", "second"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto urls = reply.json();
  ASSERT_EQ(urls.size(), 2U);
  EXPECT_EQ(alice.get(urls.at(0)).body, "first");
  EXPECT_EQ(alice.get(urls.at(1)).body, "second");
}

TEST_F(Uploads, TheSameContentIsStoredOnceInAWorkspace) {
  const auto bob = system.signs_up("bob");
  const auto url = uploaded(alice, system, "mine.txt", "the same");
  EXPECT_EQ(uploaded(alice, system, "mine again.txt", "the same"), url);
  EXPECT_EQ(uploaded(bob, system, "yours.txt", "the same"), url);
  EXPECT_EQ(files_on_disk(), 1U);
  EXPECT_THAT(alice.get(url).header("content-disposition"), HasSubstr("mine again.txt"));
  EXPECT_THAT(bob.get(url).header("content-disposition"), HasSubstr("yours.txt"));
}

TEST_F(Uploads, APictureIsOneFileWhateverItsMetadata) {
  using namespace pictures;
  const auto url = uploaded(alice, system, "a.png", png_picture(chunk("tEXt", secret)));
  EXPECT_EQ(uploaded(alice, system, "b.png", png_picture()), url);
  EXPECT_EQ(uploaded(alice, system, "c.png", png_picture(chunk("tIME", "1234567"), secret)), url);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM files"), 1);
}

TEST_F(Uploads, TheSameContentIsAnotherFileInAnotherWorkspace) {
  const auto mallory = system.signs_up("mallory", "another company");
  const auto url = uploaded(alice, system, "a.txt", "the same");
  EXPECT_NE(uploaded(mallory, system, "a.txt", "the same"), url);
  EXPECT_EQ(files_on_disk(), 2U);
}

TEST_F(Uploads, AFileLargerThanMemoryOfOnePieceArrivesWhole) {
  std::string content;
  while (content.size() < 3 * 1024 * 1024) content += fmt::format("{} ", content.size());
  const auto reply = alice.get(uploaded(alice, system, "numbers.txt", content));
  EXPECT_TRUE(reply.body == content) << reply.body.size();
}

TEST_F(Uploads, AnEmptyFileOrNoneIsRefused) {
  EXPECT_EQ(refusal(upload({{"empty.txt", "", "avatar"}})), "422 avatar");
  EXPECT_EQ(refusal(upload({{"", "a note", "note"}})), "422 file");
  EXPECT_EQ(refusal(upload({})), "422 file");
  EXPECT_EQ(refusal(upload({{"full.txt", "x"}, {"empty.txt", "", "second"}})), "422 second");
  EXPECT_EQ(rows(), 0);
  EXPECT_TRUE(eventually([&] { return files_on_disk() == 0; }));
}

TEST_F(Uploads, ElevenFilesAreRefused) {
  std::vector<FormPart> parts;
  for (int i = 0; i < 11; ++i) parts.push_back({fmt::format("{}.txt", i), std::to_string(i)});
  EXPECT_EQ(refusal(upload(parts)), "422 file");
  parts.pop_back();
  EXPECT_EQ(upload(parts).json().size(), 10U);
  EXPECT_EQ(refusal(upload_as(alice, system, parts, "/api/files/single")), "422 file");
}

TEST_F(Uploads, TenThousandPartsAreRefused) {
  std::vector<FormPart> parts(10'000, FormPart{"", "x", "field"});
  EXPECT_EQ(refusal(upload(parts)), "request.malformed");
}

TEST_F(Uploads, TwoPartsOfOneNameAreTwoFiles) {
  const auto urls = upload({{"a.txt", "1", "file"}, {"b.txt", "2", "file"}}).json();
  EXPECT_NE(urls.at(0), urls.at(1));
}

TEST_F(Uploads, ABoundaryHasSeventyCharacters) {
  const std::string longest(70, 'b');
  EXPECT_EQ(post(form_body({{"a.txt", "x"}}, longest), longest).status, 200);
  const std::string longer(71, 'b');
  EXPECT_EQ(post(form_body({{"a.txt", "x"}}, longer), longer).status, 400);
}

TEST_F(Uploads, ABodyThatIsNoFormIsRefused) {
  EXPECT_EQ(alice.post("/api/upload", json::object()).status, 415);
  EXPECT_EQ(system.send("POST", "/api/upload", {}, alice.bearer()).status, 415);
  EXPECT_EQ(post("no form at all").status, 400);
  const auto whole = form_body({{"a.txt", "x"}});
  EXPECT_EQ(post(whole.substr(0, whole.size() - 6)).status, 400);
}

TEST_F(Uploads, NamesAreMadeHarmless) {
  const std::pair<std::string, std::string> cases[] = {
      {"../../etc/passwd", "passwd"},
      {"C:\\\\temp\\\\cat.png", "cat.png"},
      {"..", "file"},
      {"nul", "_nul"},
      {"aux.tar.gz", "_aux.tar.gz"},
      {"cat.png.exe", "cat.png.exe"},
      {"..%2f..%2fpasswd", "%2f..%2fpasswd"},
      {std::string(400, 'a') + ".png", std::string(251, 'a') + ".png"},
      {"a\xe2\x80\xae"
       "gnp.exe",
       "agnp.exe"}};
  for (const auto& [sent, kept] : cases) {
    const auto reply = upload_as(alice, system, {{sent, "x" + sent}}, "/api/files/single");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json().at("filename"), kept) << sent;
  }
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{system.folder.path("files")}) {
    EXPECT_THAT(entry.path().filename().string(),
                MatchesRegex("tmp|partial|[0-9]+|[0-9a-f]{3}|[0-9a-f]{64}\\.[a-z0-9]{1,8}"));
  }
}

TEST_F(Uploads, ANameWithNulIsRefused) {
  EXPECT_EQ(refusal(upload({{"cat.png\0.exe"s, "x"}})), "request.malformed");
  EXPECT_EQ(rows(), 0);
}

// Neither is opened, so that what is in it, and in that again, costs nothing.
TEST_F(Uploads, AnArchiveInAnArchiveIsOneFile) {
  std::string archive = "bomb";
  for (int depth = 0; depth < 20; ++depth) archive = stored_in_zip(archive);
  const auto reply = alice.get(uploaded(alice, system, "a.zip", archive));
  EXPECT_EQ(reply.body, archive);
  EXPECT_EQ(reply.header("content-type"), "application/zip");
  EXPECT_THAT(reply.header("content-disposition"), StartsWith("attachment;"));
}

TEST_F(Uploads, AFileOfTwoTypesIsOfTheOneThatItBeginsWith) {
  const auto page = "<html><script>alert(document.cookie)</script>"s;
  const auto zip = stored_in_zip("text");
  const auto gif = "GIF89a/*" + page + "*/=1;";
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"image/gif", gif, gif},
      {"application/pdf", "%PDF-1.4\n" + zip, "%PDF-1.4\n" + zip},
      {"application/zip", zip + page, zip + page},
      {"image/jpeg", pictures::jpeg_picture("", zip), pictures::jpeg_picture()},
      {"image/png", pictures::png_picture("", page), pictures::png_picture()}};
  for (const auto& [type, content, stored] : cases) {
    const auto reply = alice.get(uploaded(alice, system, "page.html", content));
    EXPECT_EQ(reply.body, stored) << type;
    EXPECT_EQ(reply.header("content-type"), type);
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
    EXPECT_THAT(reply.header("content-security-policy"), StartsWith("sandbox;"));
  }
}

TEST_F(Uploads, NothingStaysOfOneThatIsCutOff) {
  const auto body = form_body({{"whole.txt", "whole"}, {"half.txt", std::string(1'000'000, 'x')}});
  for (const std::size_t end : {std::size_t{20}, std::size_t{250}, body.size() - 10}) {
    TcpConnection connection{system.server.port()};
    connection.write(head(body.size()) + body.substr(0, end));
    if (end > 1000) {
      EXPECT_TRUE(eventually([&] { return files_on_disk() > 0; }));
    }
    connection.close();
    EXPECT_TRUE(eventually([&] { return files_on_disk() == 0; }));
  }
  EXPECT_EQ(rows(), 0);
}

TEST_F(Uploads, AMessageNamesTheSendersOwnUploadsOnly) {
  const auto bob = system.signs_up("bob");
  const auto chat = alice.makes_chat("Single", {bob.id()}, "");
  const auto url = uploaded(alice, system, "a.txt", "text");
  EXPECT_EQ(bob.tries_to_post(chat, {{"files", {url}}}).status, 422);
  const auto sent = alice.tries_to_post(chat, {{"files", {url}}});
  ASSERT_EQ(sent.status, 201) << sent.body;
  EXPECT_EQ(sent.json().at("attachments").at(0).at("name"), "a.txt");
}

TEST_F(SmallUploads, AFileHasALimit) {
  EXPECT_EQ(upload({{"a", std::string(1000, 'x')}}).status, 200);
  EXPECT_EQ(refusal(upload({{"b", "small"}, {"c", std::string(1001, 'x')}})), "file.too_large");
  EXPECT_EQ(rows(), 1);
  EXPECT_TRUE(eventually([&] { return files_on_disk() == 1; }));
  TcpConnection connection{system.server.port()};
  connection.write(head(100'000'000));
  std::string answer;
  EXPECT_TRUE(connection.read(answer, std::chrono::seconds{15}));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 413 "));
}

TEST_F(SmallUploads, AUserHasAFewAtOnce) {
  const auto body = form_body({{"a.txt", "x"}});
  // Opened again as long as the other upload is the first to get the slot.
  std::optional<TcpConnection> slow;
  EXPECT_TRUE(eventually([&] {
    slow.emplace(system.server.port());
    slow->write(head(body.size()) + body.substr(0, 150));
    return upload({{"b.txt", "x"}}).status == 429;
  }));
  const auto bob = system.signs_up("bob");
  EXPECT_EQ(upload_as(bob, system, {{"b.txt", "x"}}).status, 200);
  slow.reset();
  EXPECT_TRUE(eventually([&] { return upload({{"b.txt", "x"}}).status == 200; }));
}

TEST_F(SmallQuota, UploadsCountAsStored) {
  EXPECT_EQ(refusal(upload({{"a", std::string(1'100'000, 'x')}})), "quota.user");
  // Each fits, both together do not.
  EXPECT_EQ(refusal(upload({{"a", std::string(600'000, 'x')}, {"b", std::string(600'000, 'y')}})),
            "quota.user");
  EXPECT_EQ(rows(), 0);
  EXPECT_TRUE(eventually([&] { return files_on_disk() == 0; }));
  EXPECT_EQ(upload({{"a", std::string(600'000, 'x')}}).status, 200);
  EXPECT_EQ(refusal(upload({{"b", std::string(600'000, 'y')}})), "quota.user");
  EXPECT_EQ(upload({{"a again", std::string(600'000, 'x')}}).status, 200);
}

}  // namespace
}  // namespace fechatter::test
