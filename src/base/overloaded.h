// overloaded.h — a visitor made of lambdas: std::visit(Overloaded{[](const A&) {}, [](const B&) {}}, either).
#pragma once

namespace mc {

template <class... Bodies>
struct Overloaded : Bodies... {
    using Bodies::operator()...;
};
template <class... Bodies>
Overloaded(Bodies...) -> Overloaded<Bodies...>;

}  // namespace mc
