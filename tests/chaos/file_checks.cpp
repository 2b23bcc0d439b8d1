#include <map>
#include <string>

#include "tests/chaos/findings.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* uploaded = "an upload is acknowledged, and its file is what was sent";
constexpr const char* carried = "a message carries the files that it was sent with";
constexpr const char* taken = "a message is not refused for a file that was just uploaded";
constexpr const char* whole = "every file of a message is there and whole";
constexpr const char* collected = "files that nothing names are removed";
constexpr const char* agree = "the store has the files that the database has";

// A file's URL ends with its hash and an extension.
std::string hash_in(const std::string& url) {
  const auto begin = url.rfind('/') + 1;
  return url.substr(begin, url.rfind('.') - begin);
}

// Short-lived.
class FileChecks {
 public:
  FileChecks(const Histories& histories, const FinalState& final_state)
      : histories_{histories}, final_{final_state} {
    for (const auto& message : final_.messages) messages_[message.id] = &message;
    for (const auto& file : final_.files) files_[file.url] = &file;
  }

  std::vector<Violation> run() {
    for (const auto& upload : histories_.uploads) check_upload(upload);
    for (const auto& send : histories_.sends) check_send(send);
    for (const auto& message : final_.messages) check_files_of(message);
    for (const auto& difference : final_.store_differences) findings_.add(agree, "{}", difference);
    if (final_.uncollected_files > 0) {
      findings_.add(collected, "{} are still there", final_.uncollected_files);
    }
    return findings_.take();
  }

 private:
  // A full disk and faults leave the outcome open; there is no reason to refuse one.
  void check_upload(const FileUpload& upload) {
    if (upload.outcome == Outcome::fail) {
      findings_.add(uploaded, "{} bytes of person {} were refused: {}", upload.size, upload.person,
                    upload.refusal);
    }
    if (upload.outcome == Outcome::ok && hash_in(upload.url) != upload.hash) {
      findings_.add(uploaded, "{} bytes with the hash {} became {}", upload.size, upload.hash,
                    upload.url);
    }
  }

  void check_send(const Send& send) {
    // Codes of chats are about the sender; none names a file.
    if (!send.files.empty() && !send.refusal.empty() && !send.refusal.starts_with("chat.")) {
      findings_.add(taken, "person {} chat {} key {}: {}", send.person, send.chat, send.key,
                    send.refusal);
    }
    if (send.outcome != Outcome::ok) return;
    const auto found = messages_.find(send.answers.front().first);
    if (found == messages_.end() || found->second->deleted) return;
    if (found->second->files != send.files) {
      findings_.add(carried, "message {} has {} files, and was sent with {}", found->first,
                    found->second->files.size(), send.files.size());
    }
  }

  // Of any message, acknowledged or not.
  void check_files_of(const StoredMessage& message) {
    if (message.deleted) return;
    for (const auto& url : message.files) {
      const auto found = files_.find(url);
      if (found == files_.end()) {
        findings_.add(whole, "message {}: {} was not downloaded", message.id, url);
      } else if (found->second->status != 200) {
        findings_.add(whole, "message {}: {} has the answer {}", message.id, url,
                      found->second->status);
      } else if (found->second->hash != hash_in(url)) {
        findings_.add(whole, "message {}: {} has another hash: {}", message.id, url,
                      found->second->hash);
      }
    }
  }

  const Histories& histories_;
  const FinalState& final_;
  std::map<std::int64_t, const StoredMessage*> messages_;
  std::map<std::string, const StoredFile*> files_;
  Findings findings_;
};

}  // namespace

std::vector<Violation> check_files(const Histories& histories, const FinalState& final_state) {
  return FileChecks{histories, final_state}.run();
}

}  // namespace fechatter::chaos
