#include "net/curl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace mc::os {

namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

}  // namespace

Result<CurlLibrary> CurlLibrary::load() {
    // Never unloaded: its threads and its TLS library would crash.
    void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    CurlLibrary curl;
    const bool whole =
        library != nullptr && find(library, "curl_easy_init", curl.easy_init) &&
        find(library, "curl_easy_setopt", curl.easy_setopt) && find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
        find(library, "curl_easy_reset", curl.easy_reset) && find(library, "curl_easy_perform", curl.easy_perform) &&
        find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
        find(library, "curl_easy_strerror", curl.easy_strerror) &&
        find(library, "curl_slist_append", curl.slist_append) &&
        find(library, "curl_slist_free_all", curl.slist_free_all) &&
        find(library, "curl_multi_init", curl.multi_init) && find(library, "curl_multi_setopt", curl.multi_setopt) &&
        find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
        find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
        find(library, "curl_multi_socket_action", curl.multi_socket_action) &&
        find(library, "curl_multi_info_read", curl.multi_info_read) &&
        find(library, "curl_multi_cleanup", curl.multi_cleanup);
    if (whole) return curl;
    const char* reason = ::dlerror();
    return fail(Error::Kind::network, fmt::format("libcurl cannot be loaded: {}", reason ? reason : "it is too old"),
                "install the package libcurl4");
}

}  // namespace mc::os
