// narrator.h — what the daemon prints on its terminal or in the journal: starts and ends of runs, and the next fires.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/plan.h"
#include "desk/style.h"
#include "engine/engine.h"
#include "os/log_stream.h"

namespace mc::app {

class Narrator {
   public:
    // On a terminal each line begins with the time; in a pipe or the journal it does not.
    enum class Output { terminal, journal };
    Narrator(Output output, Style style, ZonePtr zone);

    void announce(const std::string& config, const Plan& plan) const;
    void greet(const std::string& config, const Plan& plan, const Engine& engine, Instant now) const;
    void run(const Run& run) const;
    // Control characters in a sentence are made visible, as in desk/say.h.
    void say(const std::string& sentence) const;       // to stdout
    void complain(const std::string& sentence) const;  // to stderr
    bool is_terminal() const { return output_ == Output::terminal; }
    // The streams that it writes to: one, if stdout and stderr are the same file.
    std::vector<std::shared_ptr<os::LogStream>> streams() const;
    // Call it last: gives a slow reader one second to read the rest.
    void finish() const;

   private:
    void put_line(const std::string& line) const;  // to stdout, as it is

    std::shared_ptr<os::LogStream> out_, err_;
    Output output_;
    Style style_;
    ZonePtr zone_;
};

// One line for each calendar that the jobs use: "XNYS  open until 16:00 EST" or "closed, opens Mon 09:30 EST".
std::vector<std::string> market_lines(const Plan& plan, Instant now);
// "Mon 2026-11-23 09:30 EST"
std::string clock_text(Instant t, const Zone& zone);

}  // namespace mc::app
