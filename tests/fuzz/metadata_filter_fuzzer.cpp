#include "fechatter_core/file/metadata_filter.hpp"

#include <string>
#include <vector>

#include "tests/fuzz/fuzz.hpp"
#include "tests/support/pictures.hpp"

// What is stored of uploads: of the input as it is, of the input behind metadata, and of whole
// pictures whose parts are pieces of it.
namespace fechatter::fuzz {
namespace {

using namespace std::string_literals;
using namespace test::pictures;

// `cut` takes the next piece off the rest of the file.
template <class Cut>
std::string filtered_by(std::string_view file, Cut cut) {
  file::MetadataFilter filter;
  std::string stored;
  std::string piece;
  while (!file.empty()) {
    piece = std::string{cut(file)};
    filter.feed(piece);
    for (auto kept = filter.next(); !kept.empty(); kept = filter.next()) stored += kept;
  }
  stored += filter.finish();
  return stored;
}

std::string_view cut_count(std::string_view& rest, std::size_t count) {
  const auto piece = rest.substr(0, count);
  rest.remove_prefix(piece.size());
  return piece;
}

std::string filtered(std::string_view file) {
  return filtered_by(file, [](std::string_view& rest) { return cut_count(rest, rest.size()); });
}

// Whether it begins like a picture that loses its metadata, or so that it may be one.
bool is_picture(std::string_view file) {
  const bool is_jpeg = file.size() > 3 && file.starts_with("\xff\xd8\xff") && file[3] != '\xf7';
  return is_jpeg || file.starts_with(png_start) || file.find("ftyp") == 4 ||
         (file.starts_with("RIFF") &&
          file.substr(std::min<std::size_t>(file.size(), 8), 4) == "WEBP");
}

std::string check_file(std::string_view file) {
  auto stored = filtered(file);
  const auto by_one = [](std::string_view& rest) { return cut_count(rest, 1); };
  require(filtered_by(file, by_one) == stored, "single bytes change nothing");
  Choices choices{file};
  const auto by_chance = [&](std::string_view& rest) { return choices.cut(rest); };
  require(filtered_by(file, by_chance) == stored, "pieces change nothing");
  require(filtered(stored) == stored, "what is stored is stored so again");
  // A small EXIF may lack the end of its directory, which what is left of it has.
  require(stored.size() <= file.size() + 4, "no byte is added");
  require(is_picture(file) || stored == file, "what is no picture passes");
  return stored;
}

// Checks a file that holds the secret in its metadata only.
void check_secret(const std::string& file) {
  require(check_file(file).find(secret) == std::string::npos, "no metadata is stored");
}

std::vector<std::string> jpeg_metadata() {
  return {exif_segment(tiff(6)),
          exif_segment(little_tiff(1)),
          segment(0xfe, secret),
          segment(0xe1, "http://ns.adobe.com/xap/1.0/\0"s + secret),
          segment(0xed, secret),
          segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\1\7"s + secret),
          segment(0xe2, "MPF\0"s + secret),
          segment(0xee, "Adobe\0\x64\0\0\0\0\1"s + secret)};
}

std::vector<std::string> png_metadata() {
  return {chunk("eXIf", tiff(6)), chunk("eXIf", secret), chunk("tEXt", secret),
          chunk("zTXt", secret),  chunk("iTXt", secret), chunk("vpAg", secret)};
}

std::vector<std::string> webp_metadata() {
  return {riff_chunk("EXIF", tiff(6)), riff_chunk("EXIF", secret), riff_chunk("XMP ", secret),
          riff_chunk("ABCD", secret)};
}

std::string entropy_coded(std::string_view data) {
  std::string coded;
  for (const char c : data) {
    coded += c;
    if (c == '\xff') coded += '\0';
  }
  return coded;
}

// What is left of a picture, part by part; each has a piece of the input.
std::string jpeg_part(Choices& choices, const std::string& data) {
  const std::string parts[] = {segment(0xe2, "ICC_PROFILE\0\1\1"s + data), jfif, jpeg_tables,
                               segment(0xda, "\1\1\0\0\x3f\0"s) + entropy_coded(data)};
  return parts[choices.up_to(3)];
}

std::string png_part(Choices& choices, const std::string& data) {
  const char* const types[] = {"IDAT", "fdAT", "iCCP", "tEXt"};
  return chunk(types[choices.up_to(3)], data);
}

std::string webp_part(Choices& choices, const std::string& data) {
  const std::string parts[] = {riff_chunk("VP8L", data), riff_chunk("ICCP", data),
                               riff_chunk("ANMF", std::string(16, 'f') + webp_pixels),
                               webp_canvas(0x0c)};
  return parts[choices.up_to(3)];
}

std::string heif_of(const std::string& input) {
  Choices choices{input};
  const HeifItem metadata[] = {{"Exif", "\0\0\0\0"s + tiff(6)}, {"mime", secret}, {"uri ", secret}};
  std::vector<HeifItem> items;
  for (std::string_view rest = input; !rest.empty() && items.size() < 100;) {
    items.push_back({"hvc1", std::string{choices.cut(rest)}});
    const auto chosen = choices.up_to(5);
    if (chosen < 3) items.push_back(metadata[chosen]);
  }
  const auto version = static_cast<int>(choices.up_to(2));
  return heif_picture(items,
                      {version, version > 0 && choices.up_to(1) == 1 && input.size() < 4000});
}

using Part = std::string (*)(Choices&, const std::string&);

// Parts of a picture with metadata between some of them.
std::string parts_of(std::string_view input, Part part, const std::vector<std::string>& metadata) {
  Choices choices{input};
  std::string parts;
  while (!input.empty()) {
    parts += part(choices, std::string{choices.cut(input)});
    const auto chosen = choices.up_to(2 * metadata.size());
    if (chosen < metadata.size()) parts += metadata[chosen];
  }
  return parts;
}

// Whatever the input is, it does not bring back what came before it.
void check_metadata_before(const std::string& input) {
  Choices choices{input};
  const auto one_of = [&](const std::vector<std::string>& metadata) {
    return metadata[choices.up_to(metadata.size() - 1)];
  };
  check_secret(jpeg_start + one_of(jpeg_metadata()) + input);
  check_secret(png_start + one_of(png_metadata()) + input);
  check_secret(webp_picture(one_of(webp_metadata()) + input));
  check_secret(heif_start + box("uuid", secret) + input);
}

void check_whole_pictures(const std::string& input) {
  check_secret(jpeg_start + parts_of(input, jpeg_part, jpeg_metadata()) + jpeg_end + secret);
  check_secret(png_start + png_header + parts_of(input, png_part, png_metadata()) + png_end +
               secret);
  check_secret(webp_picture(parts_of(input, webp_part, webp_metadata())) + secret);
  check_secret(heif_of(input) + box("mpvd", secret));
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input{fechatter::fuzz::text_of(data, size)};
  fechatter::fuzz::check_file(input);
  if (input.find(fechatter::test::pictures::secret) != input.npos) return 0;
  fechatter::fuzz::check_metadata_before(input);
  fechatter::fuzz::check_whole_pictures(input);
  return 0;
}
