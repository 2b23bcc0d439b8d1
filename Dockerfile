# One image with both servers; the command says which of them runs.
#
# FECHATTER_CA: the certificate (PEM) of a proxy that intercepts TLS, for npm. docs/operations.md

# What comes from npm, in a stage of its own: it is fetched again only when deploy/web changes.
FROM debian:13.8-slim AS web
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates npm \
  && rm -rf /var/lib/apt/lists/*
ARG FECHATTER_CA=
RUN if [ -n "$FECHATTER_CA" ]; then \
    printf '%s\n' "$FECHATTER_CA" >/usr/local/share/ca-certificates/proxy.crt \
    && update-ca-certificates; \
  fi
WORKDIR /web
COPY deploy/web ./
RUN NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt npm ci

# The web client, as the one file that fechatter_server carries. PREVIOUS_ASSETS: a folder below
# web/ with the assets of the release before (fechatter_server web assets), for pages that are open
# during the upgrade.
FROM web AS client
WORKDIR /src
COPY deploy/local/common deploy/local/web deploy/local/
COPY fechatter_server/web/pack.mjs fechatter_server/web/
COPY web web
ARG PREVIOUS_ASSETS=
RUN NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt deploy/local/web pack /web/client.pack \
    ${PREVIOUS_ASSETS:+"web/$PREVIOUS_ASSETS"}

# What the servers run in. The build reads its package database for the bill of materials.
FROM debian:13.8-slim AS runtime
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl openssl \
    libargon2-1 libcurl4t64 libfmt10 libicu76 libmagic1t64 libnats3.10 libpqxx-7.10 \
    libprometheus-cpp-core1.0 libseccomp2 libspdlog1.15 libssl3t64 libvips42t64 libyaml-cpp0.8 \
    libheif-plugin-dav1d libheif-plugin-libde265 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin fechatter

FROM debian:13.8-slim AS build
WORKDIR /src
COPY deploy/local/common deploy/local/packages deploy/local/
RUN deploy/local/packages compile
COPY deploy/local/hardening deploy/local/
COPY --from=web /web/node_modules /web/node_modules
COPY --from=client /web/client.pack /web/client.pack
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY fechatter_core fechatter_core
COPY fechatter_server fechatter_server
COPY fechatter_thumbnailer fechatter_thumbnailer
COPY notify_server notify_server
COPY docs/openapi docs/openapi
RUN cmake --preset release -DFECHATTER_TESTS=OFF -DFECHATTER_NODE_MODULES=/web/node_modules \
    -DFECHATTER_WEB_PACK=/web/client.pack \
  && cmake --build --preset release --target fechatter_server notify_server \
  && install -s -D -t /out build/release/fechatter_server/fechatter_server \
    build/release/fechatter_server/fechatter_thumbnailer build/release/notify_server/notify_server
COPY deploy/sbom deploy/sbom.jq deploy/
COPY deploy/web/package-lock.json deploy/web/
COPY web/package-lock.json web/
COPY --from=runtime /var/lib/dpkg /runtime/dpkg
RUN deploy/sbom build/release --installed /runtime/dpkg >/out/sbom.cdx.json

FROM runtime
WORKDIR /opt/fechatter
COPY --from=build /out/fechatter_server /out/fechatter_thumbnailer /out/notify_server \
  /usr/local/bin/
COPY --from=build /out/sbom.cdx.json /usr/share/doc/fechatter/
COPY config config
COPY migrations migrations
COPY deploy/compose/init /usr/local/bin/fechatter-init
COPY deploy/compose/search_key /usr/local/bin/fechatter-search-key
COPY deploy/compose/s3_bucket /usr/local/bin/fechatter-s3-bucket
COPY deploy/compose/search_key.json deploy/compose/s3_keys.json /usr/local/share/fechatter/
USER fechatter
EXPOSE 6688 6687
STOPSIGNAL SIGTERM
CMD ["fechatter_server", "--config", "config/fechatter_server.yml"]
