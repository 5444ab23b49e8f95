#include "net/api/all.hpp"
#include "net/openapi/document.hpp"

namespace torc::net::api {

void add_description(router& to, const services& s) {
  to.on("GET", "/openapi.json",
        [text = std::make_shared<const std::string>(openapi::document(s.settings.version))](
            const call& c) { c->answer_json(*text); });
}

} // namespace torc::net::api
