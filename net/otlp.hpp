#pragma once

#include "net/trace_settings.hpp"
#include "telemetry/trace.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// OTLP's JSON encoding: opentelemetry-proto's messages as protobuf's JSON, but ids in hexadecimal.
namespace torc::net::otlp {

/// The part of a request that is the same in all: what comes before the spans.
std::string head_of(const trace_settings::pairs& resource, std::string_view version);

/// An ExportTraceServiceRequest.
std::string request_of(const std::string& head, std::span<const telemetry::finished_span> spans);

/// Of an ExportTraceServiceResponse: how many spans were refused, and why.
struct partial_success {
  int64_t rejected = 0;
  std::string why;
};
partial_success read_response(std::string_view body);

} // namespace torc::net::otlp
