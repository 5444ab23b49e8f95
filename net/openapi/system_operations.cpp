#include "net/openapi/operation.hpp"

namespace torc::net::openapi {

void add_system_operations(operations& to) {
  to.push_back({"GET", "/ping", "ping", "Whether the server answers", "", "", "Ping"});
  to.push_back(
      {"GET", "/version", "get_version", "Of the contract and of the program", "", "", "Version"});
  to.push_back({"GET", "/openapi.json", "get_description", "This document", "", "", "object"});
  to.push_back({"POST", "/admin/reload-auth", "reload_auth", "Reads the password file again", "",
                "any?", "Reloaded"});
  to.push_back({"GET", "/progress/stream", "stream_progress_of_many",
                "The progress of these workflows, as server-sent events", "workflow_ids:str", "",
                "text/event-stream"});
  to.push_back({"GET", "/tasks/{id}", "get_task", "How far a task is", "", "", "Task"});
  to.push_back({"GET", "/server_stats", "get_server_stats", "What the process uses, and did", "",
                "", "ServerStats"});
  to.push_back({"GET", "/metrics", "get_metrics",
                "Counters for Prometheus; served without the base path, too", "", "",
                "text/plain"});
  to.push_back({"GET", "/timing", "get_timing", "Where the server's time goes, span by span", "",
                "", "Timing"});
  to.push_back({"POST", "/timing/reset", "reset_timing", "Counts the spans from now on", "", "any?",
                "Message"});
  to.push_back({"GET", "/rooms", "get_rooms", "How busy each room is", "", "", "Rooms"});
  to.push_back(
      {"GET", "/runner_door", "get_runner_door", "Where runners attach", "", "", "RunnerDoor"});
  to.push_back({"POST", "/runner_certificates", "sign_runner_certificate",
                "Signs the key of a runner", "", "CertificateRequest", "Certificate"});
  to.push_back({"POST", "/runner_deaths", "report_runner_death",
                "A runner was killed, and all its processes", "", "RunnerDeath", "object"});
  to.push_back({"POST", "/submissions", "open_submission",
                "Begins a whole workflow, which nobody sees before it is closed", "",
                "NewSubmission", "Submission"});
  to.push_back({"POST", "/submissions/{workflow_id}/jobs", "add_jobs_to_submission",
                "A part of its jobs, with the ids that were reserved for them", "",
                "JobsOfSubmission", "Count"});
  to.push_back({"POST", "/submissions/{workflow_id}/close", "close_submission",
                "Adds the actions and shows the workflow", "", "ClosingSubmission?",
                "ClosedSubmission"});
}

} // namespace torc::net::openapi
