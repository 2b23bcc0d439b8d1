#include "tests/support/balancer.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/http_client.hpp"
#include "tests/support/services.hpp"

namespace fechatter::test {
namespace {

// One process, no master: killing it leaves no worker process behind.
constexpr const char* frame = R"(daemon off;
master_process off;
pid {0}/nginx.pid;
error_log {0}/error.log warn;
worker_rlimit_nofile 4096;
events {{ worker_connections 4000; }}
http {{
  access_log off;
  client_body_temp_path {0}/body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_connect_timeout 2s;
  proxy_next_upstream error timeout;
{1}{2}{3}}}
)";

constexpr const char* server_block = R"(  upstream servers {{ {0}}}
  server {{
    listen 127.0.0.1:{1};
    location / {{ proxy_pass http://servers; proxy_read_timeout 15s; }}
  }}
)";

// Streams: nginx forwards each byte at once and tolerates an hour of silence.
constexpr const char* notify_block = R"(  upstream notifies {{ {0}}}
  server {{
    listen 127.0.0.1:{1};
    location / {{
      proxy_pass http://notifies;
      proxy_buffering off;
      chunked_transfer_encoding off;
      proxy_read_timeout 1h;
    }}
  }}
)";

// One origin, as browsers have it. Below /held the answers are held back until they are large.
constexpr const char* origin_block = R"(  server {{
    listen 127.0.0.1:{0};
    location / {{ proxy_pass http://servers; }}
    location /events {{ proxy_pass http://notifies; proxy_buffering off; }}
    location /held/ {{ proxy_pass http://servers/; }}
    location /held/events {{
      proxy_pass http://notifies/events;
      proxy_ignore_headers X-Accel-Buffering;
    }}
  }}
)";

std::string upstreams(const std::vector<std::uint16_t>& ports) {
  std::string text;
  for (const auto port : ports) text += fmt::format("server 127.0.0.1:{} max_fails=0; ", port);
  return text;
}

bool is_listening(std::uint16_t port) {
  try {
    const TcpConnection connection{port};
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

Balancer::Balancer(const std::vector<std::uint16_t>& servers,
                   const std::vector<std::uint16_t>& notifies)
    : server_port_{free_port()}, notify_port_{free_port()}, origin_port_{free_port()} {
  std::ofstream{folder_.path("nginx.conf")} << fmt::format(
      frame, folder_.path(), fmt::format(server_block, upstreams(servers), server_port_),
      fmt::format(notify_block, upstreams(notifies), notify_port_),
      fmt::format(origin_block, origin_port_));
  process_ = Process{{"nginx", "-e", folder_.path("error.log"), "-p", folder_.path(), "-c",
                      folder_.path("nginx.conf")},
                     folder_.path("nginx.log")};
  if (!eventually([this] { return is_listening(server_port_) && is_listening(origin_port_); })) {
    throw std::runtime_error{"nginx: " + read_file(folder_.path("nginx.log"))};
  }
}

}  // namespace fechatter::test
