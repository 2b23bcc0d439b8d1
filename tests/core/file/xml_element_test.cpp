#include "fechatter_core/file/xml_element.hpp"

#include <gmock/gmock.h>

namespace fechatter::file {
namespace {

using testing::SizeIs;

TEST(XmlElement, ElementsAndTheirTextsAreRead) {
  const auto root = parse_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<List xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <Name>one</Name><Empty/><Name a='1' b = \"2\">two</Name >\n"
      "</List>\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name, "List");
  EXPECT_THAT(root->children, SizeIs(3));
  EXPECT_EQ(root->text_of("Name"), "one");
  EXPECT_EQ(root->text_of("Empty"), "");
  EXPECT_NE(root->find("Empty"), nullptr);
  EXPECT_EQ(root->find("Other"), nullptr);
  EXPECT_EQ(root->children[2].text, "two");
}

TEST(XmlElement, BlanksMayPrecedeTheDocument) {
  EXPECT_TRUE(parse_xml("\n  \n<?xml version=\"1.0\"?> <a/>"));
  EXPECT_TRUE(parse_xml("\xef\xbb\xbf<a/>"));
}

TEST(XmlElement, EntitiesAndCharactersByNumberAreText) {
  const auto root = parse_xml("<a>&lt;&gt;&amp;&quot;&apos; &#65;&#x1F680;&#xe9;</a>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->text, "<>&\"' A\xf0\x9f\x9a\x80\xc3\xa9");
}

TEST(XmlElement, WhatIsEscapedComesBack) {
  const std::string text = "\"a\" <b> & 'c' ü";
  const auto root = parse_xml("<a>" + xml_escaped(text) + "</a>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->text, text);
}

TEST(XmlElement, WhatIsNotWellFormedIsRefused) {
  for (const auto* document : {"",
                               "text",
                               "<a>",
                               "<a></b>",
                               "<a/><b/>",
                               "<a",
                               "<a b></a>",
                               "<a b=c/>",
                               "<a b='<'/>",
                               "<a b='1/>",
                               "</a>",
                               "<a/>text",
                               "<1/>",
                               "< a/>",
                               "<a>&unknown;</a>",
                               "<a>&lt</a>",
                               "<a>&#0;</a>",
                               "<a>&#xD800;</a>",
                               "<a>&#x110000;</a>",
                               "<a>&#;</a>",
                               "<a>& </a>",
                               "<a>\x01</a>",
                               "<a>\xff</a>",
                               "<?xml <a/>"}) {
    EXPECT_FALSE(parse_xml(document)) << document;
  }
}

TEST(XmlElement, WhatCouldExpandOrBeLoadedIsRefused) {
  for (const auto* document :
       {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<a><!-- x --></a>",
        "<a><![CDATA[x]]></a>", "<a><?php x?></a>", "<?xml-stylesheet href='x'?><a/>"}) {
    EXPECT_FALSE(parse_xml(document)) << document;
  }
}

TEST(XmlElement, DepthElementsAndBytesHaveLimits) {
  const auto nested = [](int depth) {
    std::string document;
    for (int i = 0; i < depth; ++i) document += "<a>";
    for (int i = 0; i < depth; ++i) document += "</a>";
    return document;
  };
  EXPECT_TRUE(parse_xml(nested(xml_depth_max)));
  EXPECT_FALSE(parse_xml(nested(xml_depth_max + 1)));
  const auto wide = [](std::size_t count) {
    std::string document = "<a>";
    for (std::size_t i = 1; i < count; ++i) document += "<b/>";
    return document + "</a>";
  };
  EXPECT_TRUE(parse_xml(wide(xml_elements_max)));
  EXPECT_FALSE(parse_xml(wide(xml_elements_max + 1)));
  EXPECT_FALSE(parse_xml("<a>" + std::string(xml_bytes_max, 'x') + "</a>"));
}

}  // namespace
}  // namespace fechatter::file
