// style.h — colours for text on a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb.
#pragma once

#include <string>

#include "engine/run.h"

namespace mc::app {

class Style {
   public:
    enum class Colours { none, ansi };
    explicit Style(Colours colours) : colours_(colours) {}
    // The style of text that is written to that descriptor.
    static Style of(int fd);

    // In the state's colour.
    std::string state(State state, const std::string& text) const;
    std::string bold(const std::string& text) const;

   private:
    std::string paint(const char* code, const std::string& text) const;
    Colours colours_;
};

}  // namespace mc::app
