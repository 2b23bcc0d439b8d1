#pragma once

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// Uploads files of a person, each of another content, of some bytes up to 400 KiB. The clients'
// thread only.
class Uploader {
 public:
  Uploader(Traffic& traffic, const Person& person) : traffic_{traffic}, person_{person} {}

  // Uploads a file, and again until its outcome is known. Its URL; empty when it was refused, and
  // at the end of the run.
  awaitable<std::string> upload();

 private:
  // One attempt; false while the outcome is unknown.
  awaitable<bool> attempt(std::size_t number, const std::string& content);
  std::string make_content(std::size_t number);

  Traffic& traffic_;
  const Person& person_;
};

}  // namespace fechatter::chaos
