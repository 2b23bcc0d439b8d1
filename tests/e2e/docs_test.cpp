#include <fmt/format.h>
#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "tests/support/api_description.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

// The API description and the page that renders it, as a browser receives them.
class Docs : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // The files that the page loads.
  std::set<std::string> files_of_the_page() const {
    static const std::regex reference{R"re((?:src|href)="([^"]*)")re"};
    const auto page = system.get("/docs").body;
    std::set<std::string> files;
    for (std::sregex_iterator found{page.begin(), page.end(), reference}, end; found != end;
         ++found) {
      files.insert((*found)[1]);
    }
    return files;
  }

  System system{without_notify()};
};

TEST_F(Docs, TheServedDescriptionEqualsTheSource) {
  const auto reply = system.get("/openapi.json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.json(), ApiDescription::instance().document());
}

TEST_F(Docs, ThePageAndItsFilesAreServedWithTheirContentTypes) {
  EXPECT_EQ(system.get("/docs").header("content-type"), "text/html; charset=utf-8");
  const std::map<std::string, std::string> types{{".js", "text/javascript; charset=utf-8"},
                                                 {".css", "text/css; charset=utf-8"},
                                                 {".png", "image/png"},
                                                 {".json", "application/json"}};
  const auto files = files_of_the_page();
  EXPECT_THAT(files, IsSupersetOf({"docs/swagger-ui-bundle.js", "docs/swagger-ui.css",
                                   "docs/page.js", "openapi.json"}));
  for (const auto& file : files) {
    const auto reply = system.get("/" + file);
    EXPECT_EQ(reply.status, 200) << file;
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff") << file;
    const auto extension = file.substr(file.rfind('.'));
    EXPECT_EQ(reply.header("content-type"), types.at(extension)) << file;
  }
}

TEST_F(Docs, TheContentSecurityPolicyAllowsNeitherInlineNorForeignContent) {
  for (const auto* target : {"/docs", "/docs/page.js", "/openapi.json"}) {
    const auto policy = system.get(target).header("content-security-policy");
    EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'self'; style-src 'self';"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_THAT(policy, Not(HasSubstr("http")));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  }
  const auto page = system.get("/docs").body;
  for (const auto* inline_part : {"<script>", "<style", " style=", " on", "://"}) {
    EXPECT_THAT(page, Not(HasSubstr(inline_part)));
  }
}

TEST_F(Docs, AMatchingEtagIs304) {
  for (const auto* target : {"/openapi.json", "/docs", "/docs/swagger-ui-bundle.js"}) {
    const auto first = system.get(target);
    const auto tag = first.header("etag");
    EXPECT_EQ(first.header("cache-control"), "no-cache");
    for (const auto& known : {tag, "W/" + tag, "\"other\", " + tag, std::string{"*"}}) {
      const auto again = system.get(target, {{"If-None-Match", known}});
      EXPECT_EQ(again.status, 304) << known;
      EXPECT_EQ(again.header("etag"), tag);
      EXPECT_EQ(again.body, "");
    }
    EXPECT_EQ(system.get(target, {{"If-None-Match", "\"other\""}}).status, 200);
  }
}

TEST_F(Docs, OnlyNamesOfTheTableAreServed) {
  for (const auto* name : {"nothing.js", "PAGE.JS", "page.js%00", "..", "%2e%2e", "..%2fdocs",
                           "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "index.html",
                           "openapi.json", "package.json"}) {
    const auto reply = system.get(std::string{"/docs/"} + name);
    EXPECT_TRUE(reply.status == 404 || reply.status == 400) << name << " " << reply.status;
  }
}

TEST_F(Docs, TheFolderLeadsToThePage) {
  const auto reply = system.get("/docs/");
  EXPECT_EQ(reply.status, 302);
  EXPECT_EQ(reply.header("location"), "../docs");
}

TEST(DocsWithTheOriginOfEvents, LetThePageSendRequestsThere) {
  const std::string origin = "https://events.example";
  SystemOptions options;
  options.start_notify = false;
  options.server = {{"FECHATTER_EVENTS__ORIGIN", origin}};
  const System system{options};
  EXPECT_THAT(system.get("/docs").header("content-security-policy"),
              HasSubstr("; connect-src 'self' https://events.example; "));
  const auto described = request(system.server.port(), "GET", "/openapi.json");
  const auto document = described.json();
  const auto& servers = document.at("paths").at("/events").at("servers");
  EXPECT_EQ(servers[0].at("variables").at("notify_server").at("default"), origin);
  EXPECT_THAT(described.body, Not(HasSubstr("localhost:")));
}

TEST_F(Docs, TheLicencesOfThirdPartyFilesAreServed) {
  EXPECT_THAT(system.get("/docs/LICENSE").body, HasSubstr("Apache License"));
  EXPECT_THAT(system.get("/docs/NOTICE").body, HasSubstr("swagger-ui"));
  EXPECT_THAT(system.get("/docs/swagger-ui-bundle.js.LICENSE.txt").body, HasSubstr("React"));
}

// The other responses of notify_server besides its streams, checked against the API description.
TEST(NotifyServer, ResponsesAreAsDescribed) {
  System system;
  const auto alice = system.signs_up("alice");
  const auto bob = system.signs_up("bob");
  const auto mallory = system.signs_up("mallory", "another company");
  const auto chat = alice.makes_chat("Single", {bob.id()});
  const auto stream = bob.subscribes();
  const auto status = [&](const std::string& target, const Headers& headers) {
    return described_request(system.notify.port(), {"notify_server", "GET", target, {}}, headers)
        .status;
  };
  EXPECT_EQ(status("/health", {}), 200);
  EXPECT_EQ(status("/health/simple", {}), 200);
  EXPECT_EQ(status("/api/sse/health", {}), 200);
  EXPECT_EQ(status("/events", {}), 401);
  EXPECT_EQ(status("/api/online-users", {}), 401);
  EXPECT_EQ(status("/api/online-users", alice.bearer()), 200);
  const auto of_the_chat = fmt::format("/api/online-users?chat_id={}", chat);
  EXPECT_EQ(status(of_the_chat, alice.bearer()), 200);
  EXPECT_EQ(status(of_the_chat, mallory.bearer()), 404);
  EXPECT_EQ(status("/api/online-users?chat_id=x", alice.bearer()), 422);
}

}  // namespace
}  // namespace fechatter::test
