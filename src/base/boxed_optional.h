// boxed_optional.h — an optional value for members that few objects have: 8 bytes if absent, on the heap if present.
//
// Copies are deep, and equality compares the values. Ten thousand jobs are in memory, most of them without their
// optional parts.
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace mc {

template <class T>
class BoxedOptional {
   public:
    BoxedOptional() = default;
    BoxedOptional(T value) : held_(std::make_unique<T>(std::move(value))) {}
    BoxedOptional(std::optional<T> value) : held_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}
    BoxedOptional(const BoxedOptional& other) : held_(other ? std::make_unique<T>(*other) : nullptr) {}
    BoxedOptional(BoxedOptional&&) noexcept = default;
    BoxedOptional& operator=(BoxedOptional other) noexcept {
        held_ = std::move(other.held_);
        return *this;
    }
    ~BoxedOptional() = default;

    explicit operator bool() const { return held_ != nullptr; }
    const T& operator*() const { return *held_; }
    const T* operator->() const { return held_.get(); }
    // The value; creates a default one if there is none.
    T& make() {
        if (!held_) held_ = std::make_unique<T>();
        return *held_;
    }
    bool operator==(const BoxedOptional& other) const {
        return held_ && other.held_ ? *held_ == *other.held_ : held_ == other.held_;
    }

   private:
    std::unique_ptr<T> held_;
};

}  // namespace mc
