#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/support/api_description.hpp"
#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

// How the web client is served, with a small client in place of the real one: tests/e2e/web_client.
namespace fechatter::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string fixture{source_path("tests/e2e/web_client/")};
const std::string script{"/assets/main-Ab12Cd34.js"};
const std::string style{"/assets/main-0aZ_-9bc.css"};

constexpr const char* policy_of_the_client =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types fechatter-worker";

class WebClient : public testing::Test {
 protected:
  WebClient() { make_keys(folder.path()); }

  Server make_server(const Environment& more = {}) const {
    const Dependencies on{database.url(), nats.server_url(), folder.path()};
    return {web_fixture_program(), folder.path("server.log"), server_environment(on, more)};
  }
  Reply send(const std::string& method, const std::string& target,
             const Headers& headers = {}) const {
    auto reply = request(server.port(), method, target, {}, headers);
    return reply;
  }
  Reply get(const std::string& target, const Headers& headers = {}) const {
    return described_request(server.port(), {"fechatter_server", "GET", target, {}}, headers);
  }
  Reply page(const std::string& target, const Headers& headers = {}) const {
    auto all = headers;
    all["Accept"] = "text/html,application/xhtml+xml,*/*;q=0.8";
    return send("GET", target, all);
  }
  std::string decoded(const Reply& reply) const {
    const auto coding = reply.header("content-encoding");
    if (coding.empty()) return reply.body;
    const auto path = folder.path("coded");
    std::ofstream{path, std::ios::binary} << reply.body;
    const std::string decoder = coding == "br" ? "brotliDecompressSync" : "gunzipSync";
    return run({"node", "-e",
                "process.stdout.write(require('zlib')." + decoder +
                    "(require('fs').readFileSync(process.argv[1])))",
                path});
  }

  ScratchFolder folder;
  TestDatabase database;
  NatsServer nats;
  Server server = make_server();
};

class ServedWebClient : public WebClient {
 protected:
  ServedWebClient() { server.start(); }
};

TEST_F(ServedWebClient, AssetsAreKeptForAYear) {
  for (const auto& target : {script, style}) {
    const auto reply = get(target);
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(reply.header("vary"), "Accept-Encoding");
    EXPECT_EQ(reply.body, read_file(fixture + "dist" + target));
  }
  EXPECT_EQ(get(script).header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(get(style).header("content-type"), "text/css; charset=utf-8");
}

TEST_F(ServedWebClient, EachCodingHasTheSameContentAndATagOfItsOwn) {
  const auto content = read_file(fixture + "dist" + script);
  std::set<std::string> tags;
  for (const auto& [accepted, coding] :
       std::map<std::string, std::string>{{"gzip, deflate, br, zstd", "br"},
                                          {"gzip, deflate", "gzip"},
                                          {"br;q=0.5, gzip", "gzip"},
                                          {"br;q=0, *", "gzip"},
                                          {"identity", ""},
                                          {"*;q=0", ""},
                                          {"deflate", ""}}) {
    const auto reply = get(script, {{"Accept-Encoding", accepted}});
    EXPECT_EQ(reply.status, 200) << accepted;
    EXPECT_EQ(reply.header("content-encoding"), coding) << accepted;
    EXPECT_EQ(reply.header("content-length"), std::to_string(reply.body.size()));
    EXPECT_EQ(decoded(reply), content) << accepted;
    EXPECT_THAT(reply.header("etag"), testing::StartsWith("\""));
    tags.insert(reply.header("etag"));
  }
  EXPECT_EQ(tags.size(), 3U);
  EXPECT_LT(get(script, {{"Accept-Encoding", "br"}}).body.size(), content.size() / 2);
}

TEST_F(ServedWebClient, ATagIsKnownInItsCodingOnly) {
  const auto of_br = get(script, {{"Accept-Encoding", "br"}}).header("etag");
  const auto again = get(script, {{"Accept-Encoding", "br"}, {"If-None-Match", of_br}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.header("etag"), of_br);
  EXPECT_EQ(again.header("vary"), "Accept-Encoding");
  EXPECT_EQ(again.header("content-encoding"), "");
  EXPECT_EQ(get(script, {{"Accept-Encoding", "gzip"}, {"If-None-Match", of_br}}).status, 200);
  EXPECT_EQ(get(script, {{"If-None-Match", of_br}}).status, 200);
  for (const auto* target : {"/", "/signin", "/sw.js", "/client-config.json"}) {
    const auto tag = page(target).header("etag");
    EXPECT_EQ(page(target, {{"If-None-Match", "\"x\", W/" + tag}}).status, 304) << target;
    EXPECT_EQ(page(target, {{"If-None-Match", "\"x\""}}).status, 200) << target;
  }
}

TEST_F(ServedWebClient, APictureIsNotCodedAgain) {
  const auto reply = send("GET", "/icons/icon.png", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(reply.header("content-encoding"), "");
  EXPECT_EQ(reply.header("content-type"), "image/png");
  EXPECT_EQ(reply.body, read_file(fixture + "dist/icons/icon.png"));
}

TEST_F(ServedWebClient, EveryPageIsTheOneOfTheStart) {
  const auto content = read_file(fixture + "dist/index.html");
  for (const auto* target : {"/", "/index.html", "/signin", "/chat/12/message/4711", "/chat/12/",
                             "/chat/12?draft=1", "/invite/abc_-DEF", "/%E6%97%A5%E6%9C%AC"}) {
    const auto reply = page(target, {{"Accept-Encoding", "br"}});
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.header("content-type"), "text/html; charset=utf-8") << target;
    EXPECT_EQ(reply.header("cache-control"), "no-cache") << target;
    EXPECT_EQ(decoded(reply), content) << target;
  }
  EXPECT_EQ(get("/").body, content);
}

TEST_F(ServedWebClient, FilesBesideThePageAreAskedForEachTime) {
  for (const auto& [target, type] :
       std::map<std::string, std::string>{{"/sw.js", "text/javascript; charset=utf-8"},
                                          {"/manifest.webmanifest", "application/manifest+json"},
                                          {"/icons/icon.png", "image/png"}}) {
    const auto reply = send("GET", target, {{"Accept", "*/*"}});
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.header("cache-control"), "no-cache") << target;
    EXPECT_EQ(reply.header("content-type"), type) << target;
  }
}

TEST_F(ServedWebClient, TheAssetsOfTheReleaseBeforeAreThereAndNothingElseOfIt) {
  EXPECT_EQ(get("/assets/main-OldOld00.js").body,
            read_file(fixture + "previous/assets/main-OldOld00.js"));
  EXPECT_EQ(get("/sw.js").body, read_file(fixture + "dist/sw.js"));
}

TEST_F(ServedWebClient, AnUnknownAssetIsA404ThatIsNotKept) {
  for (const auto* target : {"/assets/main-00000000.js", "/assets/", "/assets", "/assets/x/y.js",
                             "/assets/main-Ab12Cd34.js.map", "/assets/main-Ab12Cd34.js/"}) {
    const auto reply = page(target);
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(reply.header("cache-control"), "no-store") << target;
    EXPECT_EQ(reply.header("content-type"), "application/problem+json") << target;
  }
}

TEST_F(ServedWebClient, PathsOfTheApiAreNeverThePage) {
  for (const auto* target :
       {"/api", "/api/", "/api/nothing", "/api/chat/1/nothing", "/events", "/files/1/2/3",
        "/docs/nothing", "/health/nothing", "/metrics", "/openapi.json/x", "/api%2fnothing"}) {
    const auto reply = page(target);
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(reply.header("content-type"), "application/problem+json") << target;
  }
  EXPECT_EQ(page("/api/chat").status, 401);
  EXPECT_EQ(page("/health").header("content-type"), "application/json");
  EXPECT_EQ(page("/docs").status, 200);
  EXPECT_THAT(page("/docs").body, HasSubstr("swagger"));
}

TEST_F(ServedWebClient, AClientOfTheApiGetsNoPage) {
  for (const auto* accept : {"*/*", "application/json", "text/html;q=0"}) {
    const auto reply = get("/signin", {{"Accept", accept}});
    EXPECT_EQ(reply.status, 404) << accept;
    EXPECT_EQ(reply.header("content-type"), "application/problem+json") << accept;
  }
  EXPECT_EQ(get("/signin").status, 404);
  EXPECT_EQ(send("POST", "/signin", {{"Accept", "text/html"}}).status, 404);
  EXPECT_EQ(send("POST", "/", {{"Accept", "text/html"}}).status, 405);
}

TEST_F(ServedWebClient, HeadersAllowNothingInlineNothingForeignAndNoTextAsHtml) {
  for (const auto& target : {std::string{"/"}, std::string{"/signin"}, script,
                             std::string{"/sw.js"}, std::string{"/client-config.json"}}) {
    const auto reply = page(target);
    EXPECT_EQ(reply.header("content-security-policy"), policy_of_the_client) << target;
    EXPECT_EQ(reply.header("cross-origin-opener-policy"), "same-origin") << target;
    EXPECT_EQ(reply.header("cross-origin-resource-policy"), "same-origin") << target;
    EXPECT_EQ(reply.header("referrer-policy"), "no-referrer") << target;
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff") << target;
    EXPECT_EQ(reply.header("permissions-policy"),
              "camera=(self), microphone=(self), geolocation=()")
        << target;
  }
}

TEST_F(ServedWebClient, HeadIsAnsweredAsGetWithoutTheBody) {
  for (const auto& target : {std::string{"/"}, std::string{"/signin"}, script}) {
    const Headers headers{{"Accept", "text/html"}, {"Accept-Encoding", "br"}};
    const auto whole = send("GET", target, headers);
    const auto head = send("HEAD", target, headers);
    EXPECT_EQ(head.status, 200) << target;
    EXPECT_EQ(head.body, "") << target;
    for (const auto* name : {"content-length", "etag", "content-encoding", "cache-control"}) {
      EXPECT_EQ(head.header(name), whole.header(name)) << target << " " << name;
    }
  }
}

// As of all files that are sent from memory.
TEST_F(ServedWebClient, ARangeIsTheWhole) {
  for (const auto* range : {"bytes=0-9", "bytes=-1", "bytes=99999999-", "bytes=0-1,3-4"}) {
    const auto reply = get(script, {{"Range", range}});
    EXPECT_EQ(reply.status, 200) << range;
    EXPECT_EQ(reply.body, read_file(fixture + "dist" + script)) << range;
    EXPECT_EQ(reply.header("accept-ranges"), "") << range;
  }
}

TEST_F(ServedWebClient, HostilePathsLeadNowhere) {
  for (const auto* target :
       {"/..", "/../index.html", "/../../etc/passwd", "/assets/../sw.js", "/assets/..%2fsw.js",
        "/assets/%2e%2e/sw.js", "/assets/%2e%2e%2fsw.js", "/%2e%2e/%2e%2e/etc/passwd",
        "/x/%2E%2E/y", "/..%5cx", "/assets/..\\sw.js", "//etc/passwd", "/%2fetc%2fpasswd",
        "/assets/%2fetc%2fpasswd", "/.", "/./sw.js", "/icons//icon.png"}) {
    EXPECT_EQ(page(target).status, 404) << target;
  }
  for (const auto* target : {"/x%00", "/assets/main-Ab12Cd34.js%00", "/%", "/%zz", "/%ff",
                             "/%c0%ae%c0%ae/etc/passwd", "/assets/%00"}) {
    EXPECT_EQ(page(target).status, 400) << target;
  }
  EXPECT_EQ(page("/" + std::string(1100, 'x')).status, 404);
  EXPECT_EQ(page("/assets/" + std::string(8000, 'x')).status, 404);
  EXPECT_EQ(page("/" + std::string(20'000, 'x')).status, 431);
  std::string deep;
  for (int i = 0; i < 50; ++i) deep += "/x";
  EXPECT_EQ(page(deep).status, 404);
}

// The build of the next release adds them to its own.
TEST_F(ServedWebClient, TheProgramWritesTheAssetsOfItsOwnReleaseOnly) {
  const auto to = folder.path("assets of this release");
  run({web_fixture_program(), "web", "assets", to});
  for (const auto& target : {script, style}) {
    EXPECT_EQ(read_file(to + target), read_file(fixture + "dist" + target));
  }
  const auto files = std::filesystem::recursive_directory_iterator{to};
  EXPECT_EQ(std::distance(begin(files), end(files)), 3);  // with the folder
}

TEST_F(ServedWebClient, TheServerSaysAtItsStartWhatItCarries) {
  EXPECT_THAT(server.log(), HasSubstr("the web client is at /: 7 files, "));
}

TEST_F(WebClient, SendsRequestsToTheOriginOfTheEvents) {
  server = make_server({{"FECHATTER_EVENTS__ORIGIN", "https://events.example"}});
  server.start();
  EXPECT_THAT(page("/signin").header("content-security-policy"),
              HasSubstr("; connect-src 'self' https://events.example; "));
  const auto config = get("/client-config.json");
  EXPECT_EQ(config.header("cache-control"), "no-cache");
  EXPECT_EQ(config.json().at("events"), "https://events.example");
}

TEST_F(WebClient, CanBeSwitchedOffAndTheStartPageSaysSo) {
  server = make_server({{"FECHATTER_SERVER__WEB", "false"}});
  server.start();
  const auto start = get("/");
  EXPECT_EQ(start.status, 200);
  EXPECT_EQ(start.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(start.header("cache-control"), "no-store");
  EXPECT_THAT(start.body, AllOf(HasSubstr("no web client"), Not(HasSubstr("<script"))));
  for (const auto& target : {std::string{"/signin"}, std::string{"/sw.js"}, script}) {
    EXPECT_EQ(page(target).status, 404) << target;
  }
  EXPECT_EQ(get("/client-config.json").json().at("events"), "");
  EXPECT_THAT(server.log(), HasSubstr("there is no web client: / says so"));
}

TEST_F(WebClient, IsLimitedByItsOwnRate) {
  server = make_server(
      {{"FECHATTER_LIMITS__PAGE_PER_SECOND", "1"}, {"FECHATTER_LIMITS__PAGE_BURST", "3"}});
  server.start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(script).status, 200);
  const auto refused = page("/signin");
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.header("ratelimit"), HasSubstr("\"page\""));
  EXPECT_EQ(get("/openapi.json").status, 200);
}

}  // namespace
}  // namespace fechatter::test
