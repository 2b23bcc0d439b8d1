# One image with both servers; the command says which of them runs.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/local/common deploy/local/packages deploy/local/
RUN deploy/local/packages build
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY fechatter_core fechatter_core
COPY fechatter_server fechatter_server
COPY notify_server notify_server
COPY deploy/web deploy/web
COPY docs/openapi docs/openapi
RUN cmake --preset release -DFECHATTER_TESTS=OFF \
  && cmake --build --preset release --target fechatter_server notify_server \
  && install -s -D -t /out build/release/fechatter_server/fechatter_server \
    build/release/notify_server/notify_server

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl \
    libargon2-1 libcurl4 libfmt9 libicu72 libnats3.4 libpqxx-6.4 libspdlog1.10 libssl3 \
    libyaml-cpp0.7 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin fechatter
WORKDIR /opt/fechatter
COPY --from=build /out/ /usr/local/bin/
COPY config config
COPY migrations migrations
COPY deploy/compose/init /usr/local/bin/fechatter-init
USER fechatter
EXPOSE 6688 6687
STOPSIGNAL SIGTERM
CMD ["fechatter_server", "--config", "config/fechatter_server.yml"]
