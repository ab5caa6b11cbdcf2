# The command in a bare image:
#     docker build --tag tilewright .
#     docker run --rm --volume "$PWD:/work" tilewright report resnet20 --output report.html
# Data sets that `tilewright data fetch` downloads stay in the volume /data.

FROM rust:1-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package tilewright-cli

FROM debian:bookworm-slim
COPY --from=build /source/target/release/tilewright /usr/local/bin/
COPY LICENSE-MIT LICENSE-APACHE python/THIRD_PARTY.md /usr/share/doc/tilewright/
ENV TILEWRIGHT_DATA=/data
VOLUME /data
WORKDIR /work
ENTRYPOINT ["tilewright"]
CMD ["--help"]
