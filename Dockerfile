# syntax=docker/dockerfile:1
# A static binary in an empty image. `tests/image/run` shows, without an engine, that the last stage's layout works.

ARG BUILD_IMAGE=docker.io/library/rust:1-bookworm
ARG FINAL_IMAGE=scratch

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# glibc, linked in: names are looked up without shared libraries since 2.34, and no other target is needed
ENV RUSTFLAGS="-C target-feature=+crt-static"

# the dependencies, a layer that stays until Cargo.lock changes
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY benches benches
RUN mkdir -p src \
 && echo 'fn main() {}' > src/main.rs \
 && touch src/lib.rs \
 && cargo build --locked --release --target "$(rustc --print host-tuple)"

COPY src src
COPY config config
# touched, because a copied file may be older than the empty one that was built
RUN touch src/main.rs src/lib.rs \
 && cargo build --locked --release --target "$(rustc --print host-tuple)" \
 && mkdir -p /out/data \
 && cp "target/$(rustc --print host-tuple)/release/chimein" /out/chimein \
 && strip /out/chimein

FROM ${FINAL_IMAGE}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/chimein /usr/local/bin/chimein
COPY config/rules.toml /etc/chimein/rules.toml
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    CHIMEIN__OUTBOX__URL=sqlite:///data/chimein.db \
    CHIMEIN__RULES__PATH=/etc/chimein/rules.toml
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/usr/local/bin/chimein", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/chimein"]
CMD ["serve"]
