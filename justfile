# What is done often. `./test` installs what these need and runs `check`.

set shell := ["bash", "-euo", "pipefail", "-c"]

# everything that must hold before a change lands, cheap before dear
check: format-check lint doc deny unused test sdk browser image

# formats the sources
fmt:
    cargo fmt

[private]
format-check:
    cargo fmt --check

[private]
lint:
    cargo clippy --all-targets --locked -- -D warnings

# builds the documentation, private items too
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# licences, forbidden crates, where crates come from (advisories: .github/workflows/check.yml)
[private]
deny:
    cargo deny --locked check bans licenses sources

# dependencies that nobody uses
[private]
unused:
    cargo machete

# unit, behaviour, contract and house tests
test *FILTER:
    cargo test --locked {{ FILTER }}

# 100,000 random histories of outbox and visits; CHIMEIN_SEED and CHIMEIN_HISTORIES say from which seed, and how many
nightly:
    CHIMEIN_SEED="${CHIMEIN_SEED:-$(date +%s)00000}" CHIMEIN_HISTORIES="${CHIMEIN_HISTORIES:-100000}" \
        cargo test --locked --profile nightly --lib random_histories -- --nocapture

# LiveChat's own Python SDK against the sandbox
sdk:
    if [ -x tests/sdk/run ]; then tests/sdk/run; else echo "tests/sdk/run: not there"; fi

# the pages in real Chromium
browser:
    if [ -x tests/browser/run ]; then tests/browser/run; else echo "tests/browser/run: not there"; fi

# the container image's last stage, in an empty chroot
image:
    tests/image/run

# the figures of the README's performance section; a quiet machine with two cores, please
bench *ARGS:
    cargo build --release --locked
    cargo bench --locked --bench door -- {{ ARGS }}

# ten minutes of faults at 200 webhooks a second; exit code 1 when a reply is doubled or missing, or the bot left inside
soak *ARGS:
    cargo build --release --locked
    cargo bench --locked --bench soak -- {{ ARGS }}
