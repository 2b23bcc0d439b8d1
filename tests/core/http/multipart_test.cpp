#include "fechatter_core/http/multipart.hpp"

#include <gmock/gmock.h>

#include <utility>

#include "fechatter_core/error.hpp"

namespace fechatter::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t any_count = Multipart::parts_max;

// What a parser has told about a body: `[name]`, `[name|file name|content type]` of a part, its
// bytes, `;` at its end, `.` at the end of the body, or the detail of a refusal.
struct Reading {
  std::string events;
  std::string refusal;

  friend bool operator==(const Reading&, const Reading&) = default;
};

void append_event(std::string& events, const Multipart& parser, Multipart::Event event) {
  if (event == Multipart::Event::bytes) events += parser.bytes();
  if (event == Multipart::Event::part_ends) events += ';';
  if (event != Multipart::Event::part_begins) return;
  const auto& head = parser.head();
  events += '[' + head.name;
  if (head.file_name) events += '|' + *head.file_name;
  if (!head.content_type.empty()) events += '|' + head.content_type;
  events += ']';
}

// `cut`: how many bytes the next piece has.
template <class Cut>
Reading read_in_pieces(std::string_view boundary, std::string_view body, std::size_t count_max,
                       Cut cut) {
  Reading reading;
  Multipart parser{boundary, count_max};
  std::string piece;  // of its own, so that a sanitizer sees a view of a former one
  try {
    for (auto event = parser.next(); event != Multipart::Event::end; event = parser.next()) {
      append_event(reading.events, parser, event);
      if (event != Multipart::Event::starved) continue;
      piece = std::string{body.substr(0, cut())};
      body.remove_prefix(piece.size());
      parser.feed(piece);
    }
    reading.events += '.';
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::malformed_request);
    reading.refusal = error.what();
  }
  return reading;
}

Reading read_whole(std::string_view body, std::string_view boundary = "b",
                   std::size_t count_max = any_count) {
  return read_in_pieces(boundary, body, count_max, [&] { return body.size(); });
}

std::string events_of(std::string_view body, std::string_view boundary = "b") {
  const auto reading = read_whole(body, boundary);
  EXPECT_EQ(reading.refusal, "");
  return reading.events;
}

std::string multipart_refusal(std::string_view body, std::string_view boundary = "b",
                              std::size_t count_max = any_count) {
  return read_whole(body, boundary, count_max).refusal;
}

std::string part(const std::string& name, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
}

// A part whose Content-Disposition has these parameters behind its name.
std::string with_parameters(const std::string& parameters) {
  return "--b\r\nContent-Disposition: form-data; name=\"f\"" + parameters +
         "\r\n\r\nx\r\n--b--\r\n";
}

const std::string two_files =
    "--b\r\n"
    "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n"
    "Content-Type: image/png\r\n\r\n"
    "\r\n--\r\n--a\r\r\n--\r\n"
    "\r\n--b\r\n"
    "content-disposition: FORM-DATA; filename=b.txt; name=file\r\n\r\n"
    "\r\n--b--\r\n";

TEST(Multipart, HasThePartsOfABodyInTheirOrder) {
  EXPECT_EQ(events_of(two_files), "[file|a.png|image/png]\r\n--\r\n--a\r\r\n--\r\n;[file|b.txt];.");
}

TEST(Multipart, IsReadAlikeInPiecesOfAnySize) {
  const auto bodies = {
      two_files,
      "  preamble\r\n" + two_files + "\r\nepilogue\r\n--b",
      std::string{"--b  \t\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--"},
      part("a", "\r\n--c") + "--bb\r\n",
      part("a", "cut"),
      std::string{}};
  for (const auto& body : bodies) {
    const auto whole = read_whole(body);
    for (std::size_t size = 1; size <= body.size(); ++size) {
      EXPECT_EQ(read_in_pieces("b", body, any_count, [&] { return size; }), whole) << size;
      std::size_t next = size;
      const auto cut_once = [&] { return std::exchange(next, body.size()); };
      EXPECT_EQ(read_in_pieces("b", body, any_count, cut_once), whole) << size;
    }
  }
}

TEST(Multipart, BreaksOffAnywhereIsMalformed) {
  const auto last = two_files.size() - 2;  // the line break behind the last boundary may be missing
  for (std::size_t size = 0; size < last; ++size) {
    EXPECT_EQ(multipart_refusal(two_files.substr(0, size)), "body: ends before its last boundary")
        << size;
  }
  EXPECT_EQ(multipart_refusal(two_files.substr(0, last)), "");
  EXPECT_NE(multipart_refusal(two_files.substr(0, last + 1)), "");
}

TEST(Multipart, WithoutAPartIsAnEmptyForm) {
  EXPECT_EQ(events_of("--b--"), ".");
  EXPECT_EQ(events_of("\r\n--b--\r\n"), ".");
}

TEST(Multipart, HasPartsWithoutContent) {
  EXPECT_EQ(events_of(part("a", "") + part("b", "") + "--b--"), "[a];[b];.");
  // The line break of the boundary can be that of the blank line (RFC 2046 §5.1.1).
  EXPECT_EQ(events_of("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--"), "[a];.");
}

TEST(Multipart, TextOutsideOfThePartsIsIgnoredUpToALimit) {
  const std::string most(Multipart::ignored_bytes_max, '-');
  EXPECT_EQ(events_of(most + "\r\n" + part("a", "x") + "--b--\r\n"), "[a]x;.");
  EXPECT_EQ(events_of(part("a", "x") + "--b--\r\n" + most), "[a]x;.");
  const auto refusal = "body: has too much text outside of its parts";
  EXPECT_EQ(multipart_refusal(most + "-\r\n" + part("a", "x") + "--b--\r\n"), refusal);
  EXPECT_EQ(multipart_refusal(part("a", "x") + "--b--\r\n-" + most), refusal);
  EXPECT_EQ(multipart_refusal("-\r\n" + part("a", "x") + "--b--\r\n" + most), refusal);
}

TEST(Multipart, ABoundaryEndsItsLine) {
  const auto between = [](const std::string& behind) {
    return part("a", "x") + "--b" + behind +
           "\r\nContent-Disposition: form-data; name=c\r\n\r\n\r\n--b--";
  };
  EXPECT_EQ(events_of(between("")), "[a]x;[c];.");
  EXPECT_EQ(events_of(between(" \t ")), "[a]x;[c];.");
  EXPECT_EQ(events_of(between(std::string(Multipart::padding_bytes_max, ' '))), "[a]x;[c];.");
  for (const auto& behind :
       {std::string{"c"}, std::string{"-"}, std::string{"\n"}, std::string{"\r"}, std::string{" -"},
        std::string{" --"}, std::string{"---"}, std::string{"- -"}, std::string{"-- x"},
        std::string{"--x"}, std::string{'\0'},
        std::string(Multipart::padding_bytes_max + 1, ' ')}) {
    EXPECT_EQ(multipart_refusal(between(behind)), "body: a boundary is not at the end of its line")
        << behind;
  }
}

TEST(Multipart, ABoundaryWithinALineIsContent) {
  EXPECT_EQ(events_of(part("a", "x--b\r\n --b\n--b\r--b\r\n-b") + "--b--"),
            "[a]x--b\r\n --b\n--b\r--b\r\n-b;.");
}

TEST(Multipart, ABoundaryCanHave70CharactersOfAllKinds) {
  const std::string boundary = "'()+_,-./:=? " + std::string(56, '-') + 'z';
  ASSERT_EQ(boundary.size(), boundary_length_max);
  const auto almost = "\r\n--" + boundary.substr(0, 69);
  const auto body = "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n" +
                    almost + almost + "\r\n--" + boundary + "--";
  EXPECT_EQ(events_of(body, boundary), "[a]" + almost + almost + ";.");
}

TEST(Multipart, ANameCanComeTwice) {
  EXPECT_EQ(events_of(part("a", "1") + part("a", "2") + "--b--"), "[a]1;[a]2;.");
}

TEST(Multipart, HasAsManyPartsAsItsReaderAllows) {
  const auto two = part("a", "1") + part("a", "2") + "--b--";
  EXPECT_EQ(multipart_refusal(two, "b", 2), "");
  EXPECT_EQ(multipart_refusal(two, "b", 1), "body: has more than 1 parts");
}

TEST(Multipart, HasNeverMoreThan10000Parts) {
  std::string body;
  for (int i = 0; i < 10'000; ++i) body += part("a", "");
  EXPECT_EQ(multipart_refusal(body + "--b--", "b", 1'000'000), "");
  EXPECT_EQ(multipart_refusal(body + part("a", "") + "--b--", "b", 1'000'000),
            "body: has more than 10000 parts");
}

TEST(Multipart, AHeaderBlockHasItsLimit) {
  const std::string begin = "--b\r\nContent-Disposition: form-data; name=a\r\nX: ";
  const auto rest = begin.size() - 5 + 4;  // without the boundary's line, with the end of the block
  const std::string most(Multipart::head_bytes_max - rest, 'x');
  EXPECT_EQ(events_of(begin + most + "\r\n\r\n\r\n--b--"), "[a];.");
  const auto refusal = "body: the header of a part has more than 4096 bytes";
  EXPECT_EQ(multipart_refusal(begin + most + "x\r\n\r\n\r\n--b--"), refusal);
  EXPECT_EQ(multipart_refusal(begin + std::string(100'000, 'x')), refusal);
}

TEST(Multipart, APartWithoutADispositionIsMalformed) {
  EXPECT_EQ(multipart_refusal("--b\r\n\r\nx\r\n--b--"),
            "body: a part's header Content-Disposition is missing");
  EXPECT_EQ(multipart_refusal("--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--"),
            "body: a part's header Content-Disposition is missing");
  EXPECT_EQ(multipart_refusal("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
            "body: a part's Content-Disposition has no name");
  EXPECT_EQ(multipart_refusal("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
            "body: a part's Content-Disposition must be form-data");
}

TEST(Multipart, AMalformedHeaderIsRefused) {
  const auto refused = [](const std::string& line) {
    return multipart_refusal("--b\r\nContent-Disposition: form-data; name=a\r\n" + line +
                             "\r\n\r\nx\r\n--b--");
  };
  EXPECT_EQ(refused("X-Other: \xff"), "");
  EXPECT_EQ(refused(" folded"), "body: a part's header is folded");
  for (const auto* line : {"no colon", "a b: c", ": c", "X\n: c"}) {
    EXPECT_EQ(refused(line), "body: a part's header is malformed") << line;
  }
  for (const auto* line : {"X: a\rb", "X: a\nb", "X: \x01", "X: \x7f"}) {
    EXPECT_EQ(refused(line), "body: a part's header has a control character") << line;
  }
  EXPECT_EQ(refused(std::string{"X: a\0b", 6}), "body: a part's header has a control character");
  EXPECT_EQ(refused("Content-Type: \xff"), "body: a part's Content-Type is not UTF-8");
  EXPECT_EQ(refused("Content-Type: a/b\r\nContent-type: a/b"),
            "body: a part's header content-type is there twice");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=b"),
            "body: a part's header content-disposition is there twice");
}

TEST(Multipart, APartInAnotherEncodingIsRefused) {
  const auto refused = [](const std::string& encoding) {
    return multipart_refusal("--b\r\nContent-Transfer-Encoding: " + encoding +
                             "\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--");
  };
  for (const auto* plain : {"binary", "8bit", "7BIT"}) EXPECT_EQ(refused(plain), "") << plain;
  EXPECT_THAT(refused("base64"), HasSubstr("must be binary"));
  EXPECT_THAT(refused("quoted-printable"), HasSubstr("must be binary"));
}

TEST(Multipart, AFileNameIsReadAsBrowsersWriteIt) {
  const auto name_in = [](const std::string& parameters) {
    const auto events = events_of(with_parameters(parameters));
    return events.substr(3, events.size() - 7);
  };
  EXPECT_EQ(name_in("; filename=\"a b;c.txt\""), "a b;c.txt");
  EXPECT_EQ(name_in(";filename = \"a\" ;"), "a");
  EXPECT_EQ(name_in("; filename=\"gr\xc3\xbc\xc3\x9f\x65.txt\""), "gr\xc3\xbc\xc3\x9f\x65.txt");
  EXPECT_EQ(name_in("; filename=\"a%22b%0D%0a%41%.txt\""), "a\"b\r\n%41%.txt");
  EXPECT_EQ(name_in(R"(; filename="a\"b\\c\d.txt")"), R"(a"b\c\d.txt)");
  EXPECT_EQ(name_in(R"(; filename="C:\folder\a.txt")"), R"(C:\folder\a.txt)");
  EXPECT_EQ(name_in(R"(; filename="a\")"), R"(a\)");
  EXPECT_EQ(name_in("; filename=\"\""), "");
  EXPECT_EQ(name_in("; filename=\"a\"; filename*=UTF-8''b; other=c"), "a");
}

TEST(Multipart, AFileNameOfTheExtendedKindAloneMakesNoFile) {
  EXPECT_EQ(events_of(with_parameters("; filename*=UTF-8''b")), "[f]x;.");
}

TEST(Multipart, AMalformedParameterIsRefused) {
  for (const auto* parameters :
       {"; filename=\"a", "; filename=", "; =a", "; filename", "; filename=\"a\"b", " x",
        "; filename=a\"b\"", "; file name=a", ";;", ",filename=a"}) {
    EXPECT_EQ(multipart_refusal(with_parameters(parameters)),
              "body: a part's Content-Disposition is malformed")
        << parameters;
  }
  EXPECT_EQ(multipart_refusal(with_parameters("; filename=a; FileName=a")),
            "body: a part's Content-Disposition has filename twice");
  EXPECT_EQ(multipart_refusal(with_parameters("; name=f")),
            "body: a part's Content-Disposition has name twice");
  EXPECT_EQ(multipart_refusal(with_parameters("; filename=\"\xff.txt\"")),
            "body: a part's filename is not UTF-8");
  std::string many;
  for (int i = 0; i < 20; ++i) many += "; x=y";
  EXPECT_THAT(multipart_refusal(with_parameters(many)), HasSubstr("malformed"));
}

// A content of beginnings of the boundary is one event for each piece, not one for each of them.
TEST(Multipart, TheBytesOfAPieceComeTogether) {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += "\r\n--bounda\r";
  const auto head = std::string{"--boundary\r\nContent-Disposition: form-data; name=a\r\n\r\n"};
  const auto body = head + content + "\r\n--boundary--";
  Multipart parser{"boundary", 1};
  EXPECT_EQ(parser.next(), Multipart::Event::starved);
  parser.feed(body);
  EXPECT_EQ(parser.next(), Multipart::Event::part_begins);
  EXPECT_EQ(parser.next(), Multipart::Event::bytes);
  EXPECT_EQ(parser.bytes(), content);
  EXPECT_EQ(parser.next(), Multipart::Event::part_ends);
}

ErrorCode refusal_of_type(std::string_view content_type) {
  try {
    return boundary_of(content_type).empty() ? ErrorCode::internal : ErrorCode::count;
  } catch (const Error& error) {
    return error.code();
  }
}

TEST(Boundary, IsAParameterOfTheContentType) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=b"), "b");
  EXPECT_EQ(boundary_of("Multipart/Form-Data ;charset=utf-8; BOUNDARY=\"b c\""), "b c");
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"),
            "----WebKitFormBoundary7MA4YWxkTrZu0gW");
  EXPECT_EQ(boundary_of("multipart/form-data; boundary==_a:b/c?d"), "=_a:b/c?d");
  const std::string longest(70, 'b');
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=" + longest), longest);
}

TEST(Boundary, OfAnotherMediaTypeIsNotAskedFor) {
  for (const auto* type :
       {"", "application/json", "multipart/mixed; boundary=b", "multipart/form-datax; boundary=b",
        "multipart/form-data, boundary=b", "; boundary=b"}) {
    EXPECT_EQ(refusal_of_type(type), ErrorCode::unsupported_media_type) << type;
  }
}

TEST(Boundary, ThatIsMissingOrMalformedIsRefused) {
  for (const auto& parameters :
       {std::string{}, std::string{"; charset=b"}, std::string{"; boundary="},
        std::string{"; boundary=\"\""}, std::string{"; boundary=b; boundary=b"},
        std::string{"; boundary=b c"}, std::string{"; boundary=\"b \""},
        std::string{"; boundary=\"b"}, std::string{"; boundary=\"b\\\"c\""},
        std::string{"; boundary=b@c"}, std::string{"; boundary=\"b\r\nc\""},
        std::string{"; boundary=b\xc3\xbc"}, "; boundary=" + std::string(71, 'b')}) {
    EXPECT_EQ(refusal_of_type("multipart/form-data" + parameters), ErrorCode::malformed_request)
        << parameters;
  }
}

}  // namespace
}  // namespace fechatter::http
