// http_child.h — `marketcron http-request`: the process that is a job's `http`. Not for people, and in no help.
//
// It reads one request as JSON from its standard input (net/web_request.h), sends it, and ends: 0 when the status is
// one that the job wants, 1 when it is another, 2 when there was no whole answer. Nothing of the request stands in its
// arguments or its environment.
#pragma once

namespace mc::app {

constexpr const char* http_child_word = "http-request";

int http_child();

}  // namespace mc::app
