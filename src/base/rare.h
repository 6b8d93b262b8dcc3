// rare.h — an optional for what few have: eight bytes where there is nothing, and its own place where there is.
//
// A value: copies are deep, equality is of what is held. Ten thousand jobs are held in memory, most with
// none of their optional parts.
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace mc {

template <class T>
class Rare {
   public:
    Rare() = default;
    Rare(T value) : held_(std::make_unique<T>(std::move(value))) {}
    Rare(std::optional<T> value) : held_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}
    Rare(const Rare& other) : held_(other ? std::make_unique<T>(*other) : nullptr) {}
    Rare(Rare&&) noexcept = default;
    Rare& operator=(Rare other) noexcept {
        held_ = std::move(other.held_);
        return *this;
    }
    ~Rare() = default;

    explicit operator bool() const { return held_ != nullptr; }
    const T& operator*() const { return *held_; }
    const T* operator->() const { return held_.get(); }
    // What is held, made first where there is nothing.
    T& make() {
        if (!held_) held_ = std::make_unique<T>();
        return *held_;
    }
    bool operator==(const Rare& other) const {
        return held_ && other.held_ ? *held_ == *other.held_ : held_ == other.held_;
    }

   private:
    std::unique_ptr<T> held_;
};

}  // namespace mc
