import Foundation
import PrimitiveKit
import Testing

@testable import HTTPClient

/// What the ends of exchanges mean that no server of a test can bring about.
struct VerdictTests {
  private func problem(
    _ code: TransferEnding.Code,
    _ method: HTTPRequest.Method = .post,
    isSent: Bool = false,
    _ change: (inout TransferEnding) -> Void = { _ in }
  ) throws -> HTTPProblem? {
    let request = HTTPRequest(method, try HTTPAddress("https://desk.example/x?token=hidden"))
    var ending = TransferEnding(code: code, isSent: isSent, head: ResponseHead(), body: Data())
    change(&ending)
    let verdict = TransferVerdict(request: request, hop: Hop(request, to: request.address))
    do throws(HTTPProblem) {
      _ = try verdict.answer(ending)
      return nil
    } catch {
      return error
    }
  }

  @Test func `only what was sent may have happened, and only of a change`() throws {
    let codes: [TransferEnding.Code] = [
      .name, .connect, .timeout, .certificate, .authorities, .tls, .cut, .size, .memory, .stopped, .answer, .cancelled,
      .unwatched, .other,
    ]
    for code in codes {
      #expect(try problem(code, isSent: false)?.mayHaveHappened == false, "\(code)")
      #expect(try problem(code, isSent: true)?.failureClass == .unknownOutcome, "\(code)")
      #expect(try problem(code, .get, isSent: true)?.mayHaveHappened == false, "\(code)")
      #expect(try problem(code)?.message.contains("hidden") == false)
    }
    #expect(try problem(.none) == nil)
  }

  @Test func `a time that is up is told by where it was up`() throws {
    let name = try problem(.timeout)
    #expect(
      name?.kind == .name && name?.message.hasSuffix("the name 'desk.example' was not resolved within 10 s") == true
    )
    let connect = try problem(.timeout) { $0.isNameKnown = true }
    #expect(connect?.kind == .connect && connect?.message.hasSuffix("did not accept a connection within 10 s") == true)
    let secure = try problem(.timeout) { ($0.isNameKnown, $0.isConnected) = (true, true) }
    #expect(secure?.kind == .tls && secure?.message.hasSuffix("did not agree on TLS within 10 s") == true)
    #expect(try problem(.timeout, isSent: true)?.kind == .timeout)
  }

  @Test func `what this machine lacks is not the server's fault`() throws {
    let limit = try problem(.connect) { $0.systemError = EMFILE }
    #expect(limit?.kind == .local && limit?.failureClass == .refused && limit?.mark == .local)
    #expect(limit?.message.contains("no free file descriptor") == true && limit?.hint?.contains("ulimit") == true)
    #expect(try problem(.connect) { $0.systemError = ECONNREFUSED }?.kind == .connect)
    #expect(try problem(.unwatched) { $0.systemError = ENOSPC }?.kind == .local)
  }

  @Test func `a certificate of tomorrow tells to look at the clock`() throws {
    let problem = try problem(.certificate) { $0.verification = 9 }
    #expect(problem?.kind == .expired && problem?.message.hasSuffix("is not valid yet") == true)
    #expect(problem?.hint == "check the clock of this machine")
  }

  @Test func `a head is read line by line, and bounded`() {
    let lines = ["HTTP/1.1 100 Continue", "", "HTTP/1.1 204", "A: b", "a:c", "no colon", "Set-Cookie: x=y"]
    var (head, areTaken) = take(lines.map { "\($0)\r\n" }, into: ResponseHead())
    #expect(areTaken && head.status == 204 && !head.isComplete)
    #expect(head.fields == ["a": "b, c", "set-cookie": "x=y"])
    (head, areTaken) = take(["\r\n"], into: head)
    #expect(areTaken && head.isComplete)
    (head, areTaken) = take([String(repeating: "A", count: ResponseHead.limit)], into: head)
    #expect(!areTaken)
    let odd = take(["HTTP/1.1 abc", "HTTP/", "\u{0}: \u{0}"], into: ResponseHead())
    #expect(odd.areTaken && odd.head.status == 0)
  }

  /// Gives lines to a head; tells whether it took all of them.
  private func take(_ lines: [String], into head: ResponseHead) -> (head: ResponseHead, areTaken: Bool) {
    var head = head
    var areTaken = true
    for line in lines where !head.received(Array(line.utf8)) { areTaken = false }
    return (head, areTaken)
  }
}
