#include "fechatter_core/text/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fechatter {
namespace {

TEST(Url, OfAFileIsHttpsOrAPathOfTheOwnOrigin) {
  for (const auto* url :
       {"https://x.example/a.png", "HTTPS://x.example", "https://x.example:8443/a?b=c#d",
        "https://[::1]/a", "https://127.0.0.1/", "https://localhost", "https://bücher.example/ä",
        "https://my_host.example/", "/files/1/a.png", "/", "/a?b=%20c", "/ä"}) {
    EXPECT_TRUE(is_loadable(url)) << url;
  }
  for (const std::string url : {"",
                                "http://x.example/a",
                                "javascript:alert(1)",
                                "JavaScript:alert(1)",
                                "data:text/html,<script>",
                                "//evil.example/x",
                                "/\\evil.example/x",
                                "\\\\evil.example",
                                "file:///etc/passwd",
                                "ftp://x.example/",
                                "not a url",
                                "a.png",
                                "https:",
                                "https://",
                                "https:///a",
                                "https:x.example",
                                "https://?",
                                "https://#a",
                                "https://:443/",
                                "https://@/",
                                "https://user@x.example/",
                                "https://x.example@evil.example/",
                                "https://x.example\\@evil/",
                                "https://x.example:65536/",
                                "https://x.example:80a/",
                                "https://[::1",
                                "https://[x]/",
                                "https://..",
                                "https://x..y/",
                                "https://-x/",
                                " https://x.example",
                                "https://x.example/a b",
                                "https://x.example/\n",
                                "https://x.example/\ta",
                                "java\nscript:alert(1)",
                                "https://x.example/a\x7f",
                                "https://x.example/\u00a0",
                                "https://x.example/\u202egnp.a",
                                "https://x.example/\u200b",
                                "https://x.example/\"a",
                                "https://x.example/<a>",
                                "https://x.example/%",
                                "https://x.example/%zz",
                                "https://x.example/\u2028",
                                "/a b",
                                "/\ta",
                                "/a\u200b",
                                "/a\\b",
                                "/%zz"}) {
    EXPECT_FALSE(is_loadable(url)) << url;
  }
}

TEST(Url, HasParts) {
  const auto url = parse_url("HtTp://ann:secret@X.example:80/a?b#c");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "HtTp");
  EXPECT_TRUE(url->has_userinfo);
  EXPECT_EQ(url->host, "X.example");
  EXPECT_EQ(url->rest, "/a?b#c");
}

TEST(Url, IsALinkInATextWhereverItStands) {
  for (const auto* text :
       {"https://x.example", "see HTTPS://X.example.", "(http://x.example/a)",
        "Http://localhost:80", "<https://x.example>", "[https://x.example]",
        "[a](https://x.example)", "看https://x.example。", "https://x.example，和",
        "\"https://x.example\"", "a\nhttps://x.example\nb", "https:// https://x.example",
        "https://[::1]:80/x", "ftp://x http://y", "x:https://x.example",
        "https://bücher.example"}) {
    EXPECT_TRUE(has_link(text)) << text;
  }
  for (const auto* text :
       {"", "https", "https://", "https:// x.example", "http:/x.example", "x.example", "https://.",
        "https://?x", "https:///x", "xhttps://x.example", "shttp://x", "mailto:a@x", "://x.example",
        "https://-", "hxxps://x.example", "https://\u200bx"}) {
    EXPECT_FALSE(has_link(text)) << text;
  }
}

}  // namespace
}  // namespace fechatter
