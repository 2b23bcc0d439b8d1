#include "fechatter_server/web/web_site.hpp"

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// A pack of files without codings, by path.
std::string pack_of(const std::map<std::string, std::string>& contents) {
  json files = json::array();
  std::string bytes;
  for (const auto& [path, content] : contents) {
    files.push_back({{"path", path},
                     {"type", "text/html; charset=utf-8"},
                     {"identity", {bytes.size(), content.size()}}});
    bytes += content;
  }
  return json{{"format", 1}, {"files", files}}.dump() + "\n" + bytes;
}

std::string header_of(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

class WebSiteTest : public testing::Test {
 protected:
  static http::Request request_for(const std::string& path,
                                   const std::optional<std::string>& accept = "text/html") {
    http::Request request;
    request.method = http::Method::get;
    request.path = path;
    if (accept) request.headers.emplace_back("accept", *accept);
    return request;
  }

  const std::string pack = pack_of({{"/index.html", "the page"},
                                    {"/sw.js", "the worker"},
                                    {"/assets/a-12345678.js", "a script"}});
  const WebSite site{pack, ""};
};

TEST_F(WebSiteTest, ServesPagesToBrowsersThatAskForHtml) {
  for (const auto* path : {"/signin", "/chat/12", "/chat/12/message/4711", "/chat/", "/apidocs"}) {
    EXPECT_TRUE(site.serves(request_for(path))) << path;
    EXPECT_EQ(site.page_or_file(request_for(path)).bytes(), "the page") << path;
  }
  for (const auto* accept : {"*/*", "application/json", "text/*", "text/html;q=0", ""}) {
    EXPECT_FALSE(site.serves(request_for("/signin", accept))) << accept;
  }
  EXPECT_FALSE(site.serves(request_for("/signin", std::nullopt)));
}

TEST_F(WebSiteTest, ServesItsFilesToAll) {
  EXPECT_TRUE(site.serves(request_for("/sw.js", "*/*")));
  EXPECT_EQ(site.page_or_file(request_for("/sw.js", "*/*")).bytes(), "the worker");
  EXPECT_FALSE(site.serves(request_for("/SW.js", "*/*")));
}

TEST_F(WebSiteTest, ServesNothingBelowPathsOfTheApi) {
  for (const auto* path :
       {"/api", "/api/", "/api/chat", "/api/nothing/at/all", "/events", "/events/x", "/files",
        "/files/1/2", "/docs/nothing", "/health/nothing", "/openapi.json/x", "/metrics",
        "/metrics/x", "/assets", "/assets/x", "/assets/x/y.js", "/client-config.json/x"}) {
    EXPECT_FALSE(site.serves(request_for(path))) << path;
  }
}

TEST_F(WebSiteTest, ServesNoPageOfAnEndlessPath) {
  EXPECT_TRUE(site.serves(request_for("/" + std::string(1023, 'x'))));
  EXPECT_FALSE(site.serves(request_for("/" + std::string(1024, 'x'))));
}

TEST_F(WebSiteTest, RefusesAnUnknownAsset) {
  EXPECT_EQ(site.asset(request_for("/assets/a-12345678.js"), "a-12345678.js").bytes(), "a script");
  for (const auto* name : {"", "b-12345678.js", "../sw.js", "../index.html", "A-12345678.JS"}) {
    EXPECT_THROW(site.asset(request_for("/assets/x"), name), Error) << name;
  }
}

TEST_F(WebSiteTest, VariesItsPagesByAccept) {
  const auto page = site.page_or_file(request_for("/signin"));
  int varies = 0;
  for (const auto& [name, value] : page.headers) {
    if (name == "Vary" && (value == "Accept" || value == "Accept-Encoding")) ++varies;
  }
  EXPECT_EQ(varies, 2);
}

TEST_F(WebSiteTest, NamesItsBuildAndWhereTheEventsAre) {
  const auto config_of = [](const WebSite& of) {
    return json::parse(of.client_config(request_for("/client-config.json")).bytes());
  };
  EXPECT_EQ(config_of(site).at("events"), "");
  const WebSite elsewhere{pack, "https://events.example"};
  EXPECT_EQ(config_of(elsewhere).at("events"), "https://events.example");
  EXPECT_EQ(config_of(elsewhere).at("version"), config_of(site).at("version"));
  const auto other = pack_of({{"/index.html", "another page"}});
  const WebSite another{other, ""};
  EXPECT_NE(config_of(another).at("version"), config_of(site).at("version"));
  EXPECT_THAT(config_of(site).at("version").get<std::string>(), HasSubstr(FECHATTER_VERSION "+"));
}

TEST_F(WebSiteTest, LetsThePageSendRequestsToTheEvents) {
  const WebSite elsewhere{pack, "https://events.example"};
  const auto policy = header_of(elsewhere.start_page(request_for("/")), "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("; connect-src 'self' https://events.example; "));
  EXPECT_THAT(header_of(site.start_page(request_for("/")), "Content-Security-Policy"),
              HasSubstr("; connect-src 'self'; "));
}

TEST(WebSiteWithoutAClient, HasAShortPageAndNothingElse) {
  const WebSite site{"", ""};
  EXPECT_FALSE(site.has_client());
  EXPECT_THAT(site.summary(), HasSubstr("no web client"));
  http::Request request;
  request.method = http::Method::get;
  request.path = "/";
  request.headers.emplace_back("accept", "text/html");
  EXPECT_THAT(std::string{site.start_page(request).bytes()}, HasSubstr("no web client"));
  EXPECT_THROW(site.asset(request, "a-12345678.js"), Error);
  request.path = "/signin";
  EXPECT_FALSE(site.serves(request));
  const auto config = json::parse(site.client_config(request).bytes());
  EXPECT_EQ(config.at("version"), FECHATTER_VERSION);
}

TEST(WebPack, ThatIsDamagedIsRefused) {
  const auto good = pack_of({{"/index.html", "the page"}});
  EXPECT_EQ(read_web_pack(good).size(), 1U);
  const std::string index = R"({"format":1,"files":[{"path":"/index.html","type":"text/html",)";
  for (const auto& pack :
       {std::string{"x"}, std::string{"{}\n"}, std::string{"{\n"}, good.substr(0, good.size() - 1),
        pack_of({{"/other.html", "x"}}), R"({"format":2,"files":[]})" + std::string{"\n"},
        index + R"("identity":[0,18446744073709551615]}]})" + "\nabc",
        index + R"("identity":[1,18446744073709551615]}]})" + "\nabc",
        index + R"("identity":[4,0]}]})" + "\nabc", index + R"("identity":[0]}]})" + "\nabc"}) {
    EXPECT_THROW(read_web_pack(pack), std::runtime_error) << pack;
  }
}

TEST(WebPack, ThatIsBuiltInCanBeRead) {
  EXPECT_NO_THROW(read_web_pack(built_web_pack()));
}

}  // namespace
}  // namespace fechatter::server
