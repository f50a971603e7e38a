# Builds the server from this folder. The final image contains only the binary.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin atelier

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 atelier \
 && useradd --uid 10001 --gid atelier --no-create-home --home-dir /data --shell /usr/sbin/nologin atelier \
 && install -d -m 0700 -o atelier -g atelier /data
COPY --from=build /src/target/release/atelier /usr/local/bin/atelier
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
# A numeric user lets an orchestrator verify that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["atelier", "healthcheck"]
ENTRYPOINT ["atelier"]
