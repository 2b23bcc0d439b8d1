#include "tests/e2e/resumable_fixture.hpp"

// What requests for uploads in chunks get that are not as the protocol says, and what is limited.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class SmallResumables : public ResumableUploads {
 protected:
  SmallResumables()
      : ResumableUploads{{{"FECHATTER_FILES__RESUMABLE_BYTES_MAX", "1000000"},
                          {"FECHATTER_FILES__RESUMABLE_OF_USER_MAX", "2"},
                          {"FECHATTER_QUOTAS__USER_MIB", "1"},
                          {"FECHATTER_HTTP__CORS_ORIGINS", "https://app.example.com"}}} {}
};

// "400 Upload-Length": the status, and the header that the detail begins with.
std::string refused_header(const Reply& reply) {
  const std::string detail = reply.json().at("detail");
  return fmt::format("{} {}", reply.status, detail.substr(0, detail.find(':')));
}

TEST_F(ResumableUploads, ARequestOfAnotherVersionIsRefused) {
  const auto url = created(10);
  for (const auto* version : {"0.2.2", "1", "1.0.0, 1.0.0", ""}) {
    auto headers = tus({{"Upload-Length", "10"}});
    headers["Tus-Resumable"] = version;
    const auto refused = system.send("POST", "/api/files/resumable", {}, headers);
    EXPECT_EQ(refused_header(refused), "412 Tus-Resumable") << version;
    EXPECT_EQ(refused.header("tus-version"), "1.0.0");
  }
  for (const auto* method : {"HEAD", "DELETE", "PATCH"}) {
    EXPECT_EQ(system.send(method, url, {}, alice.bearer()).status, 412) << method;
  }
}

TEST_F(ResumableUploads, RefusalsBeforeTheTokenIsKnownSpeakTheProtocol) {
  const auto refused = system.send("POST", "/api/files/resumable", {}, {{"Upload-Length", "10"}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("tus-resumable"), "1.0.0");
}

TEST_F(ResumableUploads, TheLengthIsANumberOfBytes) {
  for (const auto* length : {"", "-1", "+1", "01", "1.0", "1e3", "ten", "0x10", "1 ", "10, 10",
                             "9223372036854775808", "99999999999999999999999999"}) {
    const auto headers = tus({{"Upload-Length", length}});
    const auto refused = system.send("POST", "/api/files/resumable", {}, headers);
    if (refused.status == 201) {
      EXPECT_STREQ(length, "1 ");  // blanks around a value are none of it
    } else {
      EXPECT_EQ(refused_header(refused), "400 Upload-Length") << length;
    }
  }
  EXPECT_EQ(refused_header(create(0)), "422 Upload-Length");
  EXPECT_EQ(refused_header(system.send("POST", "/api/files/resumable", {}, tus())),
            "400 Upload-Length");
  EXPECT_EQ(refused_header(create(10, {{"Upload-Defer-Length", "1"}})), "400 Upload-Defer-Length");
  EXPECT_EQ(refused_header(create(10, {{"Upload-Concat", "partial"}})), "400 Upload-Concat");
  EXPECT_EQ(refused_header(create(std::uint64_t{4} << 30 | 1)), "413 Upload-Length");
}

TEST_F(ResumableUploads, MetadataAreNamesWithBase64) {
  std::string many = "a0";
  for (int i = 1; i < 17; ++i) many += fmt::format(",a{}", i);
  const std::string nul{"a\0b", 3};
  for (const auto& metadata :
       {std::string{"filename !"}, std::string{"filename YQ"}, std::string{"filename YQ=="} + ",",
        std::string{"filename YQ==,filename YQ=="}, std::string{",a"}, std::string{"filename Y_=="},
        std::string{"a b c"}, std::string{"filename YR=="}, many, "filename " + base64(nul),
        "filename " + base64("\xff"), "name " + base64("\xed\xa0\x80"),
        std::string(65, 'n') + " YQ==", "a " + base64(std::string(3100, 'x'))}) {
    EXPECT_EQ(refused_header(create(10, {{"Upload-Metadata", metadata}})), "400 Upload-Metadata")
        << metadata;
  }
  EXPECT_EQ(create(10, {{"Upload-Metadata", "is_secret, filetype dGV4dA=="}}).status, 201);
}

TEST_F(ResumableUploads, NamesAreMadeHarmless) {
  const auto made = create(5, {{"Upload-Metadata", "filename " + base64("../../etc/passwd")}});
  const auto last = append(made.header("location"), 0, "hello");
  EXPECT_THAT(alice.get(last.header("location")).header("content-disposition"),
              HasSubstr("\"passwd\""));
}

TEST_F(ResumableUploads, AChunkHasItsTypeOffsetAndChecksum) {
  const auto url = created(10);
  const auto sent = [&](const Headers& more, const std::string& type = chunk_type) {
    return refused_header(system.send_bytes("PATCH", url, type, "x", tus(more)));
  };
  EXPECT_EQ(sent({{"Upload-Offset", "0"}}, "text/plain"), "415 Content-Type");
  EXPECT_EQ(sent({}), "400 Upload-Offset");
  EXPECT_EQ(sent({{"Upload-Offset", "-1"}}), "400 Upload-Offset");
  for (const auto* checksum :
       {"", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 ", "sha1 YQ==", "sha256 !",
        "SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha1  2jmj7l5rSw0yVb/vlWAYkK/YBwk="}) {
    EXPECT_EQ(sent({{"Upload-Offset", "0"}, {"Upload-Checksum", checksum}}), "400 Upload-Checksum")
        << checksum;
  }
  EXPECT_EQ(offset_of(url), 0);
}

TEST_F(ResumableUploads, AnIdIsOneOfTheCallers) {
  for (const auto* id :
       {"1", "..%2f..%2fetc", "%00", "x%2Fy", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    const auto url = fmt::format("/api/files/resumable/{}", id);
    const auto status = append(url, 0, "x").status;
    EXPECT_TRUE(status == 404 || status == 400) << id << status;
    EXPECT_NE(remove(url).status, 204);
  }
  EXPECT_THAT(partial_files(), testing::IsEmpty());
}

TEST_F(SmallResumables, AFileHasALimit) {
  EXPECT_EQ(refused_header(create(1'000'001)), "413 Upload-Length");
  EXPECT_EQ(create(1'000'000).status, 201);
}

TEST_F(SmallResumables, AUserHasAFewUnfinishedOnes) {
  const auto url = created(5);
  EXPECT_EQ(create(5).status, 201);
  const auto refused = create(5);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.json().at("code"), "upload.too_many");
  const auto bob = system.signs_up("bob");
  auto headers = bob.bearer();
  headers.merge(Headers{{"Tus-Resumable", "1.0.0"}, {"Upload-Length", "5"}});
  EXPECT_EQ(system.send("POST", "/api/files/resumable", {}, headers).status, 201);
  append(url, 0, "hello");
  EXPECT_EQ(create(5).status, 201);
}

TEST_F(SmallResumables, AnnouncedBytesCountForTheQuota) {
  const auto url = created(600'000);
  const auto refused = create(600'000);
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.json().at("code"), "quota.user");
  EXPECT_EQ(remove(url).status, 204);
  EXPECT_EQ(create(600'000).status, 201);
}

TEST_F(SmallResumables, PagesOfAnAllowedOriginMaySendAndReadTheHeaders) {
  const auto url = created(5);
  const Headers page{{"Origin", "https://app.example.com"}};
  auto preflight = page;
  preflight["Access-Control-Request-Method"] = "PATCH";
  const auto allowed = request(system.server.port(), "OPTIONS", url, {}, preflight);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_THAT(allowed.header("access-control-allow-methods"), HasSubstr("PATCH"));
  for (const auto* name : {"Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset",
                           "Upload-Checksum", "X-HTTP-Method-Override"}) {
    EXPECT_THAT(allowed.header("access-control-allow-headers"), HasSubstr(name));
  }
  const auto seen = system.send("HEAD", url, {}, tus(page)).header("access-control-expose-headers");
  for (const auto* name : {"Location", "Tus-Resumable", "Tus-Version", "Upload-Expires",
                           "Upload-Length", "Upload-Metadata", "Upload-Offset"}) {
    EXPECT_THAT(seen, HasSubstr(name));
  }
}

}  // namespace
}  // namespace fechatter::test
