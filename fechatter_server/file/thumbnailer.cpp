#include "fechatter_server/file/thumbnailer.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace fechatter::server {
namespace {

ThumbnailerSettings with_program(ThumbnailerSettings settings) {
  if (settings.program.empty()) {
    const auto own = std::filesystem::read_symlink("/proc/self/exe");
    settings.program = own.parent_path() / "fechatter_thumbnailer";
  }
  return settings;
}

file::Descriptor make_event() {
  file::Descriptor event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!event) throw std::system_error{errno, std::generic_category(), "eventfd"};
  return event;
}

}  // namespace

Thumbnailer::Thumbnailer(const ThumbnailerSettings& settings)
    : settings_{with_program(settings)},
      stop_{make_event()},
      pool_{{settings.processes_max, settings.queue_max, "Too many pictures are being looked at."},
            [] { return NoContext{}; }} {}

Thumbnailer::~Thumbnailer() {
  eventfd_write(stop_.get(), 1);
  pool_.stop();
}

awaitable<Thumbnailed> Thumbnailer::look_at(file::Descriptor picture) {
  const auto job = [&](NoContext&) { return run(picture); };
  auto looking = pool_.run(job);
  co_return co_await std::move(looking);
}

Thumbnailed Thumbnailer::run(const file::Descriptor& picture) const {
  const ChildLimits limits{settings_.time_max, file::PictureReport::bytes_max};
  const auto end = run_child(settings_.program, picture, limits, stop_);
  Thumbnailed done{end.started, std::nullopt, end.reason};
  if (!end.succeeded) return done;
  done.report = file::parse_frames(end.output);
  if (!done.report) done.reason = "its output is no report";
  return done;
}

}  // namespace fechatter::server
