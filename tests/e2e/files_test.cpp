#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/multipart.hpp"
#include "tests/support/pictures.hpp"

// Which callers get a file, by what, and how it is sent.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

// The head of a PNG picture of one pixel.
const std::string picture{
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89", 33};

// bob is a member of the chat, carol a colleague, mallory of another workspace.
class FileReaders : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  Reply get(const std::string& target, Headers headers = {}) const {
    return system.get(target, headers);
  }
  Reply get_as(const Person& person, const std::string& target, Headers more = {}) const {
    more.merge(person.bearer());
    return get(target, more);
  }
  // The path of a picture of alice's, in a message to bob.
  std::string shared() const {
    auto url = uploaded(alice, system, "cat.png", picture);
    const auto sent = alice.tries_to_post(chat, {{"files", {url}}});
    EXPECT_EQ(sent.status, 201) << sent.body;
    return url;
  }
  static std::string cookie_of(const Reply& signed_in) {
    const auto [begin, end] = signed_in.headers.equal_range("set-cookie");
    for (auto cookie = begin; cookie != end; ++cookie) {
      if (!cookie->second.starts_with("__Host-files=")) continue;
      return cookie->second.substr(0, cookie->second.find(';'));
    }
    return {};
  }
  Reply signs_in(const Person& person, const std::string& name) const {
    return system.post("/api/signin", {{"email", person.email()}, {"password", password_of(name)}});
  }
  std::string signed_url(const Person& person, const std::string& url) const {
    const auto list = person.post("/api/files/urls", {{"urls", {url}}}).json();
    return list.empty() ? "" : list.at(0).at("signed_url").get<std::string>();
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person mallory = system.signs_up("mallory", "another company");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {bob.id()}, "pictures");
};

TEST_F(FileReaders, AMemberGetsTheFileOfAMessageByToken) {
  const auto url = shared();
  const auto reply = get_as(bob, url);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, picture);
  EXPECT_EQ(reply.header("content-type"), "image/png");
  EXPECT_EQ(reply.header("content-disposition"), "inline; filename=\"cat.png\"");
  EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
  EXPECT_THAT(reply.header("content-security-policy"), StartsWith("sandbox; default-src 'none'"));
  EXPECT_EQ(reply.header("cross-origin-resource-policy"), "same-origin");
  EXPECT_THAT(reply.header("cache-control"), AllOf(HasSubstr("private"), HasSubstr("immutable")));
  EXPECT_THAT(url, HasSubstr(reply.header("etag").substr(1, 64)));
}

TEST_F(FileReaders, APhotographSaysNoPlaceAndIsStillTurned) {
  using namespace pictures;
  const auto photograph = jpeg_picture(exif_segment(tiff(6)), secret);
  const auto left = jpeg_picture(exif_segment(tiff_of_orientation(6)));
  const auto url = uploaded(alice, system, "cat.jpg", photograph);
  const auto sent = alice.tries_to_post(chat, {{"files", {url}}});
  ASSERT_EQ(sent.status, 201) << sent.body;
  EXPECT_EQ(sent.json().at("attachments").at(0).at("size"), left.size());
  const auto reply = get_as(bob, url);
  EXPECT_EQ(reply.body, left);
  EXPECT_EQ(reply.header("content-type"), "image/jpeg");
}

TEST_F(FileReaders, AMemberGetsItByTheCookieOfTheSession) {
  const auto url = shared();
  const auto cookie = cookie_of(signs_in(bob, "bob"));
  EXPECT_EQ(get(url, {{"Cookie", cookie}}).body, picture);
  EXPECT_EQ(get(url, {{"Cookie", cookie_of(signs_in(carol, "carol"))}}).status, 404);
  EXPECT_EQ(get(url, {{"Cookie", "__Host-files=x"}}).status, 401);
  EXPECT_EQ(get(url).status, 401);
}

TEST_F(FileReaders, TheCookieOpensFilesAndNothingElse) {
  const Headers by_cookie{{"Cookie", cookie_of(signs_in(bob, "bob"))}};
  EXPECT_EQ(get("/api/chat", by_cookie).status, 401);
  EXPECT_EQ(get("/api/files/1", by_cookie).status, 401);
  EXPECT_EQ(system.post("/api/files/urls", {{"urls", {"/files/x"}}}, by_cookie).status, 401);
}

TEST_F(FileReaders, TheCookieEndsWithItsSession) {
  const auto url = shared();
  const auto signed_in = signs_in(bob, "bob");
  const Headers by_cookie{{"Cookie", cookie_of(signed_in)}};
  ASSERT_EQ(get(url, by_cookie).status, 200);
  const auto token = "Bearer " + signed_in.json().at("access_token").get<std::string>();
  const auto ended = system.send("POST", "/api/logout", {}, {{"Authorization", token}});
  EXPECT_EQ(cookie_of(ended), "__Host-files=");
  EXPECT_TRUE(eventually([&] { return get(url, by_cookie).status == 401; }));
}

TEST_F(FileReaders, ASignedUrlShowsAFileWithoutAToken) {
  const auto url = shared();
  const auto signed_by_bob = signed_url(bob, url);
  EXPECT_THAT(signed_by_bob, StartsWith(url + "?"));
  EXPECT_EQ(get(signed_by_bob).body, picture);
  EXPECT_EQ(get(signed_by_bob).header("x-ignored-parameters"), "");
  auto forged = signed_by_bob;
  const auto user = fmt::format("user={}", bob.id());
  forged.replace(forged.find(user), user.size(), fmt::format("user={}", alice.id()));
  EXPECT_EQ(get(forged).status, 401);
  EXPECT_EQ(get(signed_by_bob + "x").status, 401);
}

TEST_F(FileReaders, UrlsAreSignedForWhatTheCallerMaySee) {
  const auto url = shared();
  EXPECT_EQ(signed_url(carol, url), "");
  EXPECT_EQ(signed_url(mallory, url), "");
  EXPECT_EQ(signed_url(bob, "https://files.example/cat.png"), "");
  const json none{{"urls", json::array()}};
  EXPECT_EQ(bob.post("/api/files/urls", none).status, 422);
  const json many{{"urls", std::vector<std::string>(101, url)}};
  EXPECT_EQ(bob.post("/api/files/urls", many).status, 422);
}

TEST_F(FileReaders, OthersGetWhatTheyGetForAFileThatDoesNotExist) {
  const auto url = shared();
  const auto unknown = [&](const Person& person) {
    auto other = url;
    other.replace(other.rfind('/') + 7, 4,
                  other.substr(other.rfind('/') + 7, 4) == "0000" ? "1111" : "0000");
    return get_as(person, other);
  };
  for (const auto* person : {&carol, &mallory}) {
    const auto foreign = get_as(*person, url);
    const auto absent = unknown(*person);
    EXPECT_EQ(foreign.status, 404);
    EXPECT_EQ(foreign.json().at("code"), "file.not_found");
    EXPECT_EQ(foreign.json().at("detail"), absent.json().at("detail"));
    EXPECT_EQ(foreign.json().at("code"), absent.json().at("code"));
  }
}

TEST_F(FileReaders, AFormerMemberGetsNothing) {
  const auto url = shared();
  const auto signed_by_bob = signed_url(bob, url);
  ASSERT_EQ(alice.remove(fmt::format("/api/chat/{}/members", chat), json{bob.id()}).status, 204);
  EXPECT_EQ(get_as(bob, url).status, 404);
  EXPECT_EQ(get(signed_by_bob).status, 404);
  EXPECT_EQ(signed_url(bob, url), "");
  EXPECT_EQ(get_as(alice, url).status, 200);
}

TEST_F(FileReaders, AnUploadIsItsUploadersUntilAMessageHasIt) {
  const auto url = uploaded(alice, system, "cat.png", picture);
  EXPECT_EQ(get_as(alice, url).status, 200);
  EXPECT_EQ(get_as(bob, url).status, 404);
}

TEST_F(FileReaders, ARangeIsServed) {
  const auto url = shared();
  const auto part = get_as(bob, url, {{"Range", "bytes=1-3"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "PNG");
  EXPECT_EQ(part.header("content-range"), fmt::format("bytes 1-3/{}", picture.size()));
  EXPECT_EQ(get_as(bob, url, {{"Range", "bytes=100-"}}).status, 416);
  const auto tag = part.header("etag");
  EXPECT_EQ(get_as(bob, url, {{"Range", "bytes=1-3"}, {"If-Range", tag}}).status, 206);
  EXPECT_EQ(get_as(bob, url, {{"Range", "bytes=1-3"}, {"If-Range", "\"x\""}}).status, 200);
}

TEST_F(FileReaders, AKnownFileIsNotSentAgainAndHeadHasNoBody) {
  const auto url = shared();
  const auto tag = get_as(bob, url).header("etag");
  const auto known = get_as(bob, url, {{"If-None-Match", tag}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(get_as(carol, url, {{"If-None-Match", tag}}).status, 404);
  const auto head = system.send("HEAD", url, {}, bob.bearer());
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), std::to_string(picture.size()));
}

TEST_F(FileReaders, WhatMayHoldAScriptIsAnAttachment) {
  const std::pair<std::string, std::string> cases[] = {
      {"page.html", "<!DOCTYPE html><html><script>alert(1)</script></html>"},
      {"drawing.svg",
       R"(<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>)"},
      {"cat.png", "<!DOCTYPE html><html><body>no picture</body></html>"}};
  for (const auto& [name, content] : cases) {
    const auto reply = get_as(alice, uploaded(alice, system, name, content));
    EXPECT_THAT(reply.header("content-disposition"), StartsWith("attachment; ")) << name;
    EXPECT_NE(reply.header("content-type"), "image/png") << name;
  }
}

TEST_F(FileReaders, OtherSpellingsOfAPathAreOtherFiles) {
  const auto url = shared();
  auto upper = url;
  std::transform(upper.begin() + 7, upper.end(), upper.begin() + 7,
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto other_workspace = "/files/0" + url.substr(7);
  for (const auto& path : {upper, other_workspace, url + ".html", url + "/", url + "%00",
                           std::string{"/files/1/abc/def/..%2f..%2fetc%2fpasswd"}}) {
    EXPECT_THAT(get_as(bob, path).status, testing::AnyOf(400, 404)) << path;
  }
}

TEST_F(FileReaders, TheRecordOfAnUploadIsItsUploaders) {
  const auto single = upload_as(alice, system, {{"cat.png", picture}}, "/api/files/single").json();
  const auto path = fmt::format("/api/files/{}", single.at("id").get<std::int64_t>());
  const auto record = alice.get(path).json();
  EXPECT_EQ(record, single.at("data"));
  EXPECT_EQ(record.at("filename"), "cat.png");
  EXPECT_EQ(record.at("mime_type"), "image/png");
  EXPECT_EQ(record.at("size"), picture.size());
  EXPECT_EQ(bob.get(path).status, 404);
  EXPECT_EQ(mallory.get(path).status, 404);
}

TEST(DownloadRate, AUserThatHasDownloadedItsShareWaits) {
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_LIMITS__DOWNLOAD_KIB_PER_SECOND", "1"},
                    {"FECHATTER_LIMITS__DOWNLOAD_KIB_BURST", "1024"}};
  System system{options};
  const auto alice = system.signs_up("alice");
  const auto url = uploaded(alice, system, "zeros", std::string(1100 * 1024, '\0'));
  EXPECT_EQ(alice.get(url).status, 200);
  const auto refused = alice.get(url);
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.header("retry-after"), "");
  EXPECT_EQ(alice.get("/api/chat").status, 200);
}

}  // namespace
}  // namespace fechatter::test
