#include "fechatter_core/http/page_origin.hpp"

#include "fechatter_core/http/settings.hpp"
#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* gateway = "10.0.0.1";
constexpr const char* neighbour = "192.0.2.7";

Request request_of(const Headers& headers, const std::string& peer = gateway) {
  Request request;
  request.peer_address = peer;
  request.headers = headers;
  return request;
}

const TrustedProxies proxies{{"10.0.0.0/8"}};
const Cors cors{{"https://app.example"}};

bool is_foreign(const Headers& headers, const std::string& peer = gateway) {
  return is_of_foreign_page(request_of(headers, peer), proxies, cors);
}

struct PageCase {
  Headers headers;  // beside Host: chat.example and X-Forwarded-Proto: https
  bool foreign = false;
};

TEST(PageOrigin, DecidesWhichPagesAreForeign) {
  const PageCase cases[]{
      {{}, false},
      {{{"origin", "https://chat.example"}}, false},
      {{{"origin", "https://app.example"}}, false},
      {{{"origin", "https://chat.example"}, {"sec-fetch-site", "same-origin"}}, false},
      {{{"origin", "https://app.example"}, {"sec-fetch-site", "cross-site"}}, false},
      {{{"origin", "http://chat.example"}}, true},
      {{{"origin", "https://chat.example:8443"}}, true},
      {{{"origin", "https://evil.chat.example"}}, true},
      {{{"origin", "https://chat.example.evil.example"}}, true},
      {{{"origin", "https://evil.example"}}, true},
      {{{"origin", "https://evil.example"}, {"sec-fetch-site", "same-origin"}}, true},
      {{{"origin", "https://chat.example"}, {"origin", "https://evil.example"}}, true},
      {{{"origin", "https://CHAT.example"}}, true},
      {{{"origin", "https://chat.example/"}}, true},
      {{{"origin", "chat.example"}}, true},
      {{{"origin", "null"}}, true},
      {{{"origin", ""}}, true},
      {{{"sec-fetch-site", "cross-site"}}, true},
      {{{"sec-fetch-site", "same-site"}}, true},
      {{{"sec-fetch-site", "same-origin"}}, false},
      {{{"sec-fetch-site", "none"}}, false},
      {{{"sec-fetch-site", "of-a-later-standard"}}, false},
      {{{"origin", "https://evil.example"}, {"x-forwarded-host", "evil.example"}}, true},
      {{{"origin", "https://evil.example"}, {"referer", "https://chat.example/"}}, true},
  };
  for (const auto& [more, foreign] : cases) {
    Headers headers{{"host", "chat.example"}, {"x-forwarded-proto", "https"}};
    headers.insert(headers.end(), more.begin(), more.end());
    std::string text;
    for (const auto& [name, value] : more) text += name + ": " + value + "\n";
    EXPECT_EQ(is_foreign(headers), foreign) << text;
  }
}

TEST(PageOrigin, IsTheHostOfTheRequestAsABrowserWritesIt) {
  const auto is_own = [](const std::string& host, const std::string& origin,
                         const std::string& scheme) {
    return !is_foreign({{"host", host}, {"origin", origin}, {"x-forwarded-proto", scheme}});
  };
  EXPECT_TRUE(is_own("Chat.Example", "https://chat.example", "https"));
  EXPECT_TRUE(is_own("chat.example:443", "https://chat.example", "https"));
  EXPECT_TRUE(is_own("chat.example:80", "http://chat.example", "http"));
  EXPECT_TRUE(is_own("localhost:6688", "http://localhost:6688", ""));
  EXPECT_TRUE(is_own("[::1]:6688", "http://[::1]:6688", ""));
  EXPECT_FALSE(is_own("chat.example:80", "https://chat.example", "https"));
  EXPECT_FALSE(is_own("chat.example:443", "http://chat.example", "http"));
  EXPECT_FALSE(is_own("", "https://", "https"));
  EXPECT_FALSE(is_own("", "", "https"));
  EXPECT_TRUE(is_foreign({{"origin", "http://"}}));
}

TEST(PageOrigin, IsHttpsWhereATrustedProxySaysSo) {
  const auto by_https = [](const Headers& headers, const char* peer = gateway) {
    return is_by_https(request_of(headers, peer), proxies);
  };
  EXPECT_TRUE(by_https({{"x-forwarded-proto", "https"}}));
  EXPECT_TRUE(by_https({{"x-forwarded-proto", " HTTPS "}}));
  EXPECT_FALSE(by_https({{"x-forwarded-proto", "http"}}));
  EXPECT_FALSE(by_https({{"x-forwarded-proto", "https"}}, neighbour));
  EXPECT_FALSE(by_https({}));
  for (const auto* nonsense : {"", ",", "https,", "wss", "https evil"}) {
    EXPECT_FALSE(by_https({{"x-forwarded-proto", nonsense}})) << nonsense;
  }
  // What the client itself sent stands before the word of the proxy.
  EXPECT_FALSE(by_https({{"x-forwarded-proto", "https, http"}}));
  EXPECT_FALSE(by_https({{"x-forwarded-proto", "https"}, {"x-forwarded-proto", "http"}}));
  EXPECT_TRUE(by_https({{"x-forwarded-proto", "http, https"}}));
}

TEST(PageOrigin, IsHttpForAProxyThatIsNotTrusted) {
  const Headers by_https{{"host", "chat.example"}, {"x-forwarded-proto", "https"}};
  auto headers = by_https;
  headers.emplace_back("origin", "https://chat.example");
  EXPECT_TRUE(is_foreign(headers, neighbour));
  headers = by_https;
  headers.emplace_back("origin", "http://chat.example");
  EXPECT_FALSE(is_foreign(headers, neighbour));
}

class StrictTransport : public testing::Test {
 protected:
  static Edge edge(std::chrono::seconds age) {
    EdgeSettings settings;
    settings.trusted_proxies = {"127.0.0.9"};
    settings.limits.enabled = false;
    settings.strict_transport_age = age;
    return make_edge(settings, nullptr);
  }
  static std::optional<std::string> header_of(std::chrono::seconds age, const char* from,
                                              const std::string& scheme,
                                              const std::string& path = "/hello") {
    TestServer server{Limits{}, {}, edge(age)};
    RawClient client;
    client.call_from(from);
    client.connect(server.port());
    const auto answer = client.ask(
        "GET " + path + " HTTP/1.1\r\nHost: test\r\nX-Forwarded-Proto: " + scheme + "\r\n\r\n");
    return answer.header("strict-transport-security");
  }
};

TEST_F(StrictTransport, IsAskedForInEveryAnswerByHttps) {
  using std::chrono::seconds;
  for (const auto* path : {"/hello", "/me", "/nothing", "/fails"}) {
    EXPECT_EQ(header_of(seconds{300}, "127.0.0.9", "https", path), "max-age=300") << path;
  }
}

TEST_F(StrictTransport, IsNotAskedForByHttpNorOnTheWordOfAStrangerNorWhenSwitchedOff) {
  using std::chrono::seconds;
  EXPECT_EQ(header_of(seconds{300}, "127.0.0.9", "http"), std::nullopt);
  EXPECT_EQ(header_of(seconds{300}, "127.0.0.1", "https"), std::nullopt);
  EXPECT_EQ(header_of(seconds{0}, "127.0.0.9", "https"), std::nullopt);
}

TEST_F(StrictTransport, IsAYearByDefault) {
  EXPECT_EQ(make_edge(EdgeSettings{}, nullptr).strict_transport, "max-age=31536000");
}

}  // namespace
}  // namespace fechatter::http
