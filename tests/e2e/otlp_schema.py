"""Reads a JSON list of export requests from standard input as opentelemetry-proto defines them, and
prints how many spans they hold. Run by an interpreter that has that package; see dev/install."""
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

count = 0
for body in json.load(sys.stdin):
    request = json_format.ParseDict(body, ExportTraceServiceRequest())  # unknown fields are errors
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                assert len(span.trace_id) == 16 and len(span.span_id) == 8, span
                assert len(span.parent_span_id) in (0, 8), span
                assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano, span
                assert span.name, span
                count += 1
print(count)
