#include "fechatter_server/message/message_mentions.hpp"

#include <fmt/format.h>

#include "fechatter_core/error.hpp"
#include "fechatter_core/whole_number.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

constexpr const char* field_name = "mention_ranges";

std::string name_of(std::size_t index) {
  return fmt::format("{}[{}]", field_name, index);
}

std::int64_t read_number(const json& item, const char* name, std::int64_t min,
                         const std::string& of, http::JsonFields& fields) {
  const auto found = item.find(name);
  const auto number = found == item.end() ? std::nullopt : find_whole_number(*found);
  if (number && *number >= min) return *number;
  fields.reject(of + "." + name, fmt::format("must be a whole number from {}", min));
  return min;
}

MentionRange read_range(const json& item, const std::string& name, http::JsonFields& fields) {
  MentionRange range;
  if (!item.is_object()) {
    fields.reject(name, "must be an object");
    return range;
  }
  const auto user = item.find("user_id");
  const auto number = user == item.end() ? std::nullopt : find_whole_number(*user);
  if (number && *number > 0) {
    range.user = UserId{*number};
  } else if (user != item.end() && (*user == "all" || *user == "here")) {
    range.everyone = *user;
  } else {
    fields.reject(name + ".user_id", "must be the id of a user, \"all\" or \"here\"");
  }
  range.offset = read_number(item, "offset", 0, name, fields);
  range.length = read_number(item, "length", 1, name, fields);
  return range;
}

std::vector<MentionPlace> given_places(std::string_view content,
                                       const std::vector<MentionRange>& ranges) {
  std::vector<MentionPlace> given;
  const MentionPlaces places{content};
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto offset = static_cast<std::size_t>(ranges[i].offset);
    const auto length = static_cast<std::size_t>(ranges[i].length);
    if (offset > places.length() || length > places.length() - offset) {
      throw invalid_field(name_of(i), "is outside the content");
    }
    if (!ranges[i].everyone.empty()) continue;  // found in the text, or wrong
    auto candidate = places.find(offset, length).value_or(MentionCandidate{offset, length, {}, {}});
    given.push_back({std::move(candidate), ranges[i].user});
  }
  return given;
}

}  // namespace

std::vector<MentionRange> read_mention_ranges(http::JsonFields& fields) {
  const auto value = fields.value(field_name);
  std::vector<MentionRange> ranges;
  if (value.is_null()) return ranges;
  if (!value.is_array()) {
    fields.reject(field_name, "must be an array");
  } else if (value.size() > mention_ranges_max) {
    fields.reject(field_name, fmt::format("must have at most {} elements", mention_ranges_max));
  } else {
    for (std::size_t i = 0; i < value.size(); ++i) {
      ranges.push_back(read_range(value[i], name_of(i), fields));
    }
  }
  return ranges;
}

std::vector<MentionPlace> mention_places(std::string_view content,
                                         const std::vector<MentionRange>& ranges) {
  std::vector<MentionPlace> resolvable;
  if (!ranges.empty()) resolvable = given_places(content, ranges);
  if (content.find('@') == std::string_view::npos) return resolvable;
  for (auto& candidate : mention_candidates(content)) {
    resolvable.push_back({std::move(candidate), std::nullopt});
  }
  return resolvable;
}

}  // namespace fechatter::server
