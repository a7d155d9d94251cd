// SPDX-License-Identifier: MIT
#include "net/certificate.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "net/address.h"

namespace auralis {
namespace {

// The first of what OpenSSL has queued says what is wrong; the rest is where it was called from.
std::string reason() {
  const unsigned long error = ::ERR_peek_error();
  const bool is_of_the_system = ERR_SYSTEM_ERROR(error);
  const char* text =
      is_of_the_system ? std::strerror(ERR_GET_REASON(error)) : ::ERR_reason_error_string(error);
  std::string said = text == nullptr ? "unknown error" : text;
  ::ERR_clear_error();
  return said;
}

[[noreturn]] void refuse(const std::string& what) { throw Error(Exit::environment, what + ": " + reason()); }

}  // namespace

Certificate::Certificate(const std::filesystem::path& chain, const std::filesystem::path& key) {
  ::ERR_clear_error();
  context_ = {::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free};
  if (!context_) refuse("cannot speak TLS");
  // A key behind a passphrase is an error: there is nobody to ask.
  ::SSL_CTX_set_default_passwd_cb(context_.get(), [](char*, int, int, void*) { return 0; });
  if (::SSL_CTX_use_certificate_chain_file(context_.get(), chain.c_str()) != 1)
    refuse("cannot use the certificate " + chain.string());
  if (::SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      ::SSL_CTX_check_private_key(context_.get()) != 1)
    refuse("cannot use the key " + key.string() + " of " + chain.string());
}

bool Certificate::show_on(ssl_st* connection) const {
  STACK_OF(X509)* chain = nullptr;
  ::SSL_CTX_get0_chain_certs(context_.get(), &chain);
  ::SSL_certs_clear(connection);  // of another kind of key, too
  return ::SSL_use_cert_and_key(connection, ::SSL_CTX_get0_certificate(context_.get()),
                                ::SSL_CTX_get0_privatekey(context_.get()), chain, 1) == 1;
}

bool Certificate::is_for(const std::string& name) const {
  X509* certificate = ::SSL_CTX_get0_certificate(context_.get());
  if (parse_address(name)) return ::X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
  return ::X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
}

}  // namespace auralis
