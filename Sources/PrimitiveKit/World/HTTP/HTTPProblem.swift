/// Why a request got no answer.
package struct HTTPProblem: OperatorError, Codable, Equatable {
  /// What went wrong, each with a code of its own.
  package enum Kind: String, Sendable, Codable {
    /// The host's name could not be resolved.
    case name
    /// The host did not accept a connection.
    case connect
    /// Its certificate is of nobody whom this machine trusts.
    case untrusted
    /// Its certificate is out of date, or not valid yet.
    case expired
    /// Its certificate is that of another host.
    case wrongHost = "wrong_host"
    /// Everything else about TLS.
    case tls
    /// There was no whole answer in time.
    case timeout
    /// The connection ended before the answer did.
    case cut
    /// The answer is larger than what may be read.
    case size
    /// It leads where nobody follows.
    case redirect
    /// The answer is not HTTP.
    case answer
    /// A limit or a fault of this machine.
    case local
    case cancelled
    case readOnly = "read_only"
    case absent
    case unrecorded
  }

  package let kind: Kind
  /// What happened, naming the request.
  package var message: String
  package var hint: String?
  /// Whether a change was sent, so that it may have happened.
  package let mayHaveHappened: Bool
  /// Whether the time was up.
  package let isTimeout: Bool

  package init(
    _ kind: Kind,
    _ message: String,
    hint: String? = nil,
    mayHaveHappened: Bool = false,
    isTimeout: Bool = false
  ) {
    (self.kind, self.message, self.hint) = (kind, message, hint)
    (self.mayHaveHappened, self.isTimeout) = (mayHaveHappened, isTimeout)
  }

  package init(_ missing: MissingRead) { self.init(.unrecorded, missing.message, hint: missing.hint) }

  /// Whether the next attempt may find it otherwise.
  package var mayPass: Bool {
    switch kind {
    case .name, .connect, .timeout, .cut: true
    case .untrusted, .expired, .wrongHost, .tls, .size, .redirect, .answer, .local, .cancelled, .readOnly, .absent,
      .unrecorded:
      false
    }
  }

  package var failureClass: FailureClass {
    if mayHaveHappened { return .unknownOutcome }
    return switch kind {
    case .name, .connect, .untrusted, .expired, .wrongHost, .tls, .timeout, .cut, .absent: .unavailable
    case .size, .redirect, .answer: .failed
    case .local, .readOnly: .refused
    case .cancelled: .cancelled
    case .unrecorded: .invalid
    }
  }

  package var mark: FailureMark? {
    if isTimeout { return .timedOut }
    return switch kind {
    case .cancelled: .cancelled
    case .local: .local
    default: nil
    }
  }

  package var code: String {
    switch kind {
    case .name: "http.name"
    case .connect: "http.connect"
    case .untrusted: "http.untrusted"
    case .expired: "http.expired"
    case .wrongHost: "http.wrong_host"
    case .tls: "http.tls"
    case .timeout: "http.timeout"
    case .cut: "http.cut"
    case .size: "http.size"
    case .redirect: "http.redirect"
    case .answer: "http.answer"
    case .readOnly: "http.read_only"
    case .absent: "http.absent"
    case .cancelled: "call.cancelled"
    case .local: "local.fault"
    case .unrecorded: "recording.missing"
    }
  }
}
