// http_child.h — `marketcron http-request`: the process that sends a job's `http` request. Internal, not shown in the help.
//
// It reads one request as JSON from its standard input (net/web_request.h), sends it, and returns its exit code: 0 if the
// job accepts the status, 1 if not, 2 if no complete answer arrived. Its arguments and environment contain nothing of the
// request.
#pragma once

namespace mc::app {

constexpr const char* http_child_word = "http-request";

int http_child();

}  // namespace mc::app
