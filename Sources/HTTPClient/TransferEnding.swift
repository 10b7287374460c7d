import CCurl
import Foundation

/// How an exchange ended, in no words of curl.
struct TransferEnding: Sendable, Equatable {
  /// What stopped it.
  enum Code: Sendable, Equatable {
    case none
    case name
    case connect
    case timeout
    case certificate
    case authorities
    case tls
    case cut
    case size
    /// A header longer than libcurl holds, which it calls out of memory.
    case memory
    case stopped
    case answer
    case cancelled
    /// Its loop cannot wait for it.
    case unwatched
    case other
  }

  /// What was larger than it may be.
  enum Excess: Sendable, Equatable {
    case headers
    case body
  }

  let code: Code
  /// Whether the connection was ready and the request was on its way.
  let isSent: Bool
  let head: ResponseHead
  let body: Data
  /// What curl says of it.
  var text = ""
  var excess: Excess?
  /// OpenSSL's verdict on the certificate (`man 1 openssl-verification-options`); 0 for a good one.
  var verification = 0
  var systemError: Int32 = 0
  var isNameKnown = false
  /// Whether TLS had begun.
  var isConnected = false
}

extension TransferEnding.Code {
  init(_ code: CURLcode) {
    self =
      switch code {
      case CURLE_OK: .none
      case CURLE_COULDNT_RESOLVE_HOST: .name
      case CURLE_COULDNT_CONNECT: .connect
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_PEER_FAILED_VERIFICATION: .certificate
      case CURLE_SSL_CACERT_BADFILE: .authorities
      case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_INVALIDCERTSTATUS: .tls
      case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .cut
      case CURLE_FILESIZE_EXCEEDED: .size
      case CURLE_OUT_OF_MEMORY: .memory
      case CURLE_WRITE_ERROR: .stopped
      case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2: .answer
      default: .other
      }
  }
}
