#include "core/codec.hpp"
#include "tests/fuzz/target.hpp"

using namespace torc;

namespace {

/// What can be read can be written, and is then read as the same.
template <class T>
void read_as(std::string_view bytes) {
  const auto message = core::decode<T>(bytes);
  if (!message)
    return;
  const auto written = core::encode(*message);
  const auto again = core::decode<T>(written);
  test::must(again.ok(), "what was written can be read");
  test::must(core::encode(*again) == written, "what was read is what was written");
}

} // namespace

/// The first two bytes are the envelope's protocol and kind, the rest is the message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace wire = core::wire;
  if (size < 2)
    return 0;
  core::sealed envelope;
  envelope.protocol = data[0];
  envelope.kind = data[1];
  envelope.bytes = test::text_of(data + 2, size - 2);
  static_cast<void>(core::open_sealed<wire::attach>(envelope));
  static_cast<void>(core::open_sealed<wire::report>(envelope));
  static_cast<void>(core::open_sealed<wire::welcome>(envelope));
  read_as<wire::attach>(envelope.bytes);
  read_as<wire::welcome>(envelope.bytes);
  read_as<wire::run_jobs>(envelope.bytes);
  read_as<wire::revoke>(envelope.bytes);
  read_as<wire::ack>(envelope.bytes);
  read_as<wire::finished>(envelope.bytes);
  read_as<wire::report>(envelope.bytes);
  return 0;
}
