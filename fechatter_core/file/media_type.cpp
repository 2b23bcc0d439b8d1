#include "fechatter_core/file/media_type.hpp"

#include <magic.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file {
namespace {

// The database of the system: by default, libmagic also reads what $MAGIC and $HOME name.
constexpr const char* database = "/usr/share/misc/magic";

// What looks into archives, programs and tables for details has had most of libmagic's faults, and
// its answers are not needed.
constexpr int detection_flags = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
                                MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_CSV |
                                MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_TOKENS;

// Regular expressions take 300 ms for 8 KiB of line feeds; what a text is, its beginning says.
constexpr std::size_t expression_bytes_max = 1024;
constexpr std::size_t text_bytes_max = 1024;

constexpr MediaType attachment(std::string_view media_type, std::string_view extension) {
  return {media_type, extension, false, false};
}
constexpr MediaType shown(std::string_view media_type, std::string_view extension) {
  return {media_type, extension, false, true};
}
constexpr MediaType picture(std::string_view media_type, std::string_view extension) {
  return {media_type, extension, true, true};
}
// Of which a thumbnail can be made, while many browsers cannot show it.
constexpr MediaType hidden_picture(std::string_view media_type, std::string_view extension) {
  return {media_type, extension, true, false};
}

constexpr MediaType table_of_types[] = {
    attachment("application/octet-stream", "bin"),
    picture("image/png", "png"),
    picture("image/jpeg", "jpg"),
    picture("image/gif", "gif"),
    picture("image/webp", "webp"),
    hidden_picture("image/avif", "avif"),
    hidden_picture("image/heic", "heic"),
    hidden_picture("image/tiff", "tif"),
    shown("video/mp4", "mp4"),
    shown("video/webm", "webm"),
    shown("audio/mpeg", "mp3"),
    shown("audio/ogg", "ogg"),
    shown("video/ogg", "ogv"),
    shown("audio/wav", "wav"),
    shown("audio/mp4", "m4a"),
    attachment("audio/aac", "aac"),
    attachment("audio/flac", "flac"),
    attachment("audio/amr", "amr"),
    attachment("audio/aiff", "aiff"),
    attachment("audio/midi", "mid"),
    attachment("video/quicktime", "mov"),
    attachment("video/x-matroska", "mkv"),
    attachment("video/x-msvideo", "avi"),
    attachment("video/x-ms-asf", "asf"),
    attachment("video/x-flv", "flv"),
    attachment("video/mpeg", "mpg"),
    attachment("video/3gpp", "3gp"),
    attachment("image/bmp", "bmp"),
    attachment("image/jp2", "jp2"),
    attachment("image/jxl", "jxl"),
    attachment("image/svg+xml", "svg"),
    attachment("image/vnd.adobe.photoshop", "psd"),
    attachment("image/vnd.microsoft.icon", "ico"),
    attachment("text/plain", "txt"),
    attachment("text/html", "html"),
    attachment("text/xml", "xml"),
    attachment("text/javascript", "js"),
    attachment("text/rtf", "rtf"),
    attachment("text/calendar", "ics"),
    attachment("text/vcard", "vcf"),
    attachment("message/rfc822", "eml"),
    attachment("application/pdf", "pdf"),
    attachment("application/postscript", "ps"),
    attachment("application/epub+zip", "epub"),
    attachment("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    attachment("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    attachment("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    attachment("application/vnd.oasis.opendocument.text", "odt"),
    attachment("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    attachment("application/vnd.oasis.opendocument.presentation", "odp"),
    attachment("application/vnd.oasis.opendocument.graphics", "odg"),
    attachment("application/vnd.sqlite3", "sqlite"),
    attachment("application/zip", "zip"),
    attachment("application/gzip", "gz"),
    attachment("application/x-bzip2", "bz2"),
    attachment("application/x-xz", "xz"),
    attachment("application/zstd", "zst"),
    attachment("application/x-7z-compressed", "7z"),
    attachment("application/x-rar", "rar"),
    attachment("application/x-tar", "tar"),
    attachment("application/java-archive", "jar"),
    attachment("application/vnd.android.package-archive", "apk"),
    attachment("application/vnd.debian.binary-package", "deb"),
    attachment("application/vnd.microsoft.portable-executable", "exe"),
    attachment("application/wasm", "wasm"),
    attachment("font/sfnt", "ttf"),
    attachment("font/woff2", "woff2"),
};

// What libmagic, of one version or another, calls types of the table.
struct Spelling {
  std::string_view found;
  std::string_view media_type;
};

constexpr Spelling spellings[] = {
    {"audio/x-wav", "audio/wav"},
    {"audio/vnd.wave", "audio/wav"},
    {"audio/x-m4a", "audio/mp4"},
    {"audio/x-mp4a-latm", "audio/mp4"},
    {"audio/x-hx-aac-adts", "audio/aac"},
    {"audio/x-flac", "audio/flac"},
    {"audio/x-aiff", "audio/aiff"},
    {"audio/mid", "audio/midi"},
    {"application/ogg", "audio/ogg"},
    {"video/x-m4v", "video/mp4"},
    {"video/3gpp2", "video/3gpp"},
    {"image/heif", "image/heic"},
    {"image/x-ms-bmp", "image/bmp"},
    {"image/svg", "image/svg+xml"},
    {"image/x-icon", "image/vnd.microsoft.icon"},
    {"application/xhtml+xml", "text/html"},
    {"application/xml", "text/xml"},
    {"application/javascript", "text/javascript"},
    {"application/x-javascript", "text/javascript"},
    {"application/json", "text/plain"},
    {"application/rtf", "text/rtf"},
    {"text/x-vcard", "text/vcard"},
    {"application/x-gzip", "application/gzip"},
    {"application/x-zstd", "application/zstd"},
    {"application/x-ustar", "application/x-tar"},
    {"application/vnd.rar", "application/x-rar"},
    {"application/x-dosexec", "application/vnd.microsoft.portable-executable"},
    {"application/x-sqlite3", "application/vnd.sqlite3"},
};

constexpr const MediaType& unknown_type = table_of_types[0];

// Types that only clients need to tell apart, such as the source code of a language, are texts.
const MediaType& type_named(std::string_view found) {
  for (const auto& spelling : spellings) {
    if (spelling.found == found) found = spelling.media_type;
  }
  for (const auto& type : table_of_types) {
    if (type.media_type == found) return type;
  }
  return found.starts_with("text/") ? type_named("text/plain") : unknown_type;
}

bool has_text_only(std::string_view head) {
  constexpr std::string_view in_texts = "\t\n\v\f\r\x1b";
  return std::all_of(head.begin(), head.end(), [&](char c) {
    return static_cast<unsigned char>(c) >= ' ' || in_texts.find(c) != std::string_view::npos;
  });
}

// libmagic looks for the sound behind the tag, which is mostly a picture of more than 8 KiB.
bool has_sound_tag(std::string_view head) {
  constexpr std::size_t tag_head = 10;
  return head.size() >= tag_head && head.starts_with("ID3") && head[3] >= 2 && head[3] <= 4;
}

struct Office {
  std::string_view folder;  // of the archive
  std::string_view extension;
};

constexpr Office offices[] = {{"word/", "docx"}, {"xl/", "xlsx"}, {"ppt/", "pptx"}};

// The name that the local header at that place of an archive has, as far as the head goes.
std::string_view name_in_archive(std::string_view head, std::size_t header) {
  constexpr std::size_t name_at = 30;
  if (head.size() < header + name_at) return {};
  return head.substr(header + name_at, little_endian_16(head, header + 26));
}

// An archive, or the document that it is by the names in it: libmagic 5.46 of Debian 13 knows
// neither without the end of the file.
const MediaType& type_of_archive(std::string_view head) {
  constexpr std::string_view mark = "PK\3\4";
  const auto first = name_in_archive(head, 0);
  const bool is_document = first == "[Content_Types].xml" || first.starts_with("_rels/") ||
                           first.starts_with("docProps/");
  for (auto at = head.find(mark); is_document && at != head.npos; at = head.find(mark, at + 1)) {
    const auto name = name_in_archive(head, at);
    for (const auto& office : offices) {
      if (name.starts_with(office.folder)) return media_type_of_extension(office.extension);
    }
  }
  return media_type_of_extension("zip");
}

bool is_archive(std::string_view head) {
  return head.starts_with("PK\3\4") || head.starts_with("PK\5\6");
}

}  // namespace

std::span<const MediaType> media_types() {
  return table_of_types;
}

const MediaType& media_type_of_extension(std::string_view extension) {
  for (const auto& type : table_of_types) {
    if (type.extension == extension) return type;
  }
  return unknown_type;
}

void MediaTypes::Close::operator()(magic_set* cookie) const {
  magic_close(cookie);
}

MediaTypes::MediaTypes() : cookie_{magic_open(detection_flags)} {
  if (!cookie_) throw std::runtime_error{"libmagic cannot be opened"};
  const bool loaded =
      magic_setparam(cookie_.get(), MAGIC_PARAM_REGEX_MAX, &expression_bytes_max) == 0 &&
      magic_load(cookie_.get(), database) == 0;
  if (loaded) return;
  const char* const why = magic_error(cookie_.get());
  throw std::runtime_error{std::string{"libmagic: "} + (why ? why : "a setting is not known")};
}

const MediaType& MediaTypes::of(std::string_view head) {
  head = head.substr(0, head_bytes_max);
  if (has_sound_tag(head)) return type_named("audio/mpeg");
  if (has_text_only(head)) head = head.substr(0, text_bytes_max);
  const std::lock_guard lock{mutex_};
  const char* const found = magic_buffer(cookie_.get(), head.data(), head.size());
  const auto& type = found ? type_named(found) : unknown_type;
  const bool is_told = &type != &unknown_type && type.extension != "zip";
  return is_archive(head) && !is_told ? type_of_archive(head) : type;
}

}  // namespace fechatter::file
