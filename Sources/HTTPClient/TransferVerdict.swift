import Foundation
import Foundations
import Glibc
import PrimitiveKit

/// Says what the end of an exchange means: pure, so that every way to end is tested without a server.
struct TransferVerdict: Sendable {
  let request: HTTPRequest
  let hop: Hop

  /// Status, headers and body of an exchange that came to its end.
  struct Answer: Sendable, Equatable {
    let head: ResponseHead
    let body: Data
  }

  /// Throws what kept it from an answer.
  func answer(_ ending: TransferEnding) throws(HTTPProblem) -> Answer {
    if let excess = ending.excess { throw tooLarge(excess, ending) }
    switch ending.code {
    case .none: return Answer(head: ending.head, body: ending.body)
    case .cancelled: throw cancelled(ending)
    case .timeout: throw timedOut(ending)
    case .name: throw unknownName(ending)
    case .connect: throw unconnected(ending)
    case .certificate: throw distrusted(ending)
    case .authorities:
      let file = hop.authorities ?? "the system's certificates"
      throw problem(.tls, "the trusted certificates cannot be read: \(file)", ending, hint: "check `ca`")
    case .tls where ending.isSent, .cut:
      throw cut(ending)
    case .tls:
      throw problem(.tls, "\(server) does not agree on TLS: \(ending.reason)", ending, hint: "check scheme and port")
    case .size: throw tooLarge(.body, ending)
    case .memory: throw tooLarge(.headers, ending)
    case .unwatched: throw local(LocalFault(ending.systemError)?.reason ?? "its connection cannot be polled", ending)
    case .answer, .stopped, .other:
      let what = ending.isSent ? "the answer of \(server) cannot be read" : "it cannot be sent"
      throw problem(.answer, "\(what): \(ending.reason)", ending)
    }
  }

  private var server: String { hop.address.endpoint }

  private func cancelled(_ ending: TransferEnding) -> HTTPProblem {
    let mayHaveHappened = ending.isSent && !request.method.isRead
    let what = mayHaveHappened ? "was sent, and nobody waited for the answer" : "was stopped by the operator"
    return HTTPProblem(.cancelled, "\(request.line) \(what)", mayHaveHappened: mayHaveHappened)
  }

  private func timedOut(_ ending: TransferEnding) -> HTTPProblem {
    let total = request.timeout.limit
    let patience = hop.patience < hop.timeout ? hop.patience.limit : total
    if ending.isSent {
      let what =
        ending.head.isComplete
        ? "\(server) did not finish its answer within \(total), \(ending.body.count.counted("byte")) came"
        : "\(server) did not answer within \(total)"
      return problem(.timeout, what, ending, isTimeout: true, hint: "pass a longer `timeout`, or look at the server")
    }
    if !ending.isNameKnown {
      let what = "the name '\(hop.address.host)' was not resolved within \(patience)"
      return problem(.name, what, ending, isTimeout: true, hint: "check the name servers of this machine")
    }
    if !ending.isConnected {
      return problem(.connect, "\(server) did not accept a connection within \(patience)", ending, isTimeout: true)
    }
    return problem(.tls, "\(server) did not agree on TLS within \(patience)", ending, isTimeout: true)
  }

  private func unknownName(_ ending: TransferEnding) -> HTTPProblem {
    // Without a free descriptor no name can be asked for.
    if let fault = LocalFault.exhausted { return local(fault.reason, ending, hint: fault.hint) }
    let what = "the name '\(hop.address.host)' cannot be resolved"
    return problem(.name, what, ending, hint: "check its spelling and the name servers of this machine")
  }

  private func unconnected(_ ending: TransferEnding) -> HTTPProblem {
    if let fault = LocalFault(ending.systemError) ?? LocalFault.exhausted {
      return local(fault.reason, ending, hint: fault.hint)
    }
    let why = ending.systemError == 0 ? "" : ": \(String(cString: strerror(ending.systemError)))"
    return problem(.connect, "\(server) cannot be connected to\(why)", ending, hint: "check that it runs there")
  }

  /// The certificate does not prove that it is the server that was asked for.
  private func distrusted(_ ending: TransferEnding) -> HTTPProblem {
    let certificate = "the certificate of \(server)"
    switch ending.verification {
    // The name is looked at last, and until then libcurl says 1: unspecified.
    case 0, 1:
      return problem(
        .wrongHost,
        "\(certificate) is for another host",
        ending,
        hint: "ask by a name that is in the certificate"
      )
    case 9: return problem(.expired, "\(certificate) is not valid yet", ending, hint: "check the clock of this machine")
    case 10: return problem(.expired, "\(certificate) has expired", ending, hint: "renew it there")
    case 18, 19, 20, 21:
      let what = ending.verification == 18 ? "is self-signed" : "was issued by an authority that is not trusted here"
      let hint = "trust it by name with `ca`, a file with the authority's certificate"
      return problem(.untrusted, "\(certificate) \(what)", ending, hint: hint)
    default: return problem(.untrusted, "\(certificate) is not trusted: \(ending.reason)", ending)
    }
  }

  private func cut(_ ending: TransferEnding) -> HTTPProblem {
    // What curl says of more headers than it holds.
    if ending.text.contains("Too large response headers") { return tooLarge(.headers, ending) }
    let what =
      ending.head.isComplete
      ? "\(server) ended the connection in the middle of its answer, after \(ending.body.count.counted("byte"))"
      : "\(server) ended the connection without an answer"
    return problem(ending.isSent ? .cut : .connect, what, ending)
  }

  private func tooLarge(_ excess: TransferEnding.Excess, _ ending: TransferEnding) -> HTTPProblem {
    switch excess {
    case .headers:
      let limit = ending.code == .memory ? "a header of more than 100 kB" : "more headers than the limit allows"
      return problem(.size, "\(server) answers with \(limit)", ending)
    case .body:
      let status = ending.head.status == 0 ? "" : " (status \(ending.head.status))"
      let what = "the answer of \(server) is larger than \(hop.limit.counted("byte"))\(status)"
      return problem(.size, what, ending, hint: "pass a higher `limit`, or ask for less")
    }
  }

  private func local(_ reason: String, _ ending: TransferEnding, hint: String? = nil) -> HTTPProblem {
    problem(.local, "nothing was sent: \(reason)", ending, hint: hint)
  }

  private func problem(
    _ kind: HTTPProblem.Kind,
    _ what: String,
    _ ending: TransferEnding,
    isTimeout: Bool = false,
    hint: String? = nil
  ) -> HTTPProblem {
    let isInDoubt = ending.isSent && !request.method.isRead
    return HTTPProblem(
      kind,
      "\(request.line): \(what)" + (isInDoubt ? "; it was sent and may have taken effect" : ""),
      hint: hint,
      mayHaveHappened: isInDoubt,
      isTimeout: isTimeout
    )
  }
}

extension TransferEnding {
  /// Curl's words on one line, without a full stop.
  fileprivate var reason: String {
    let flat = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return flat.hasSuffix(".") ? String(flat.dropLast()) : flat
  }
}
