import Foundation
import HTTPClient
import OpshTesting
import PrimitiveKit
import Testing

/// A server must prove that it is the one that was asked, and nothing turns that off.
@Suite(.timeLimit(.minutes(5)))
struct SecureTests {
  @Test func `a certificate of a trusted authority for this host is good`() async throws {
    let server = try SecureServer(.good)
    let asked = try request("https://127.0.0.1:\(server.port)/ok") { $0.authorities = try? SecureServer.authority }
    #expect(try await client.send(asked).text == "ok")
  }

  @Test(arguments: [
    (
      SecureServer.Certificate.good, false, HTTPProblem.Kind.untrusted, "was issued by an authority that is not trusted"
    ),
    (.unknownAuthority, true, .untrusted, "was issued by an authority that is not trusted here"),
    (.selfSigned, true, .untrusted, "is self-signed"), (.expired, true, .expired, "has expired"),
    (.elsewhere, true, .wrongHost, "is for another host"),
  ])
  func `a certificate that proves nothing is refused, and why`(
    certificate: SecureServer.Certificate,
    knowsAuthority: Bool,
    kind: HTTPProblem.Kind,
    words: String
  ) async throws {
    let server = try SecureServer(certificate)
    for method: HTTPRequest.Method in [.get, .post] {
      let asked = try request("https://127.0.0.1:\(server.port)/ok", method) { request in
        if knowsAuthority { request.authorities = try? SecureServer.authority }
      }
      let problem = try #require(await problem(asked))
      #expect(problem.kind == kind && problem.message.contains(words), "\(problem)")
      // Nothing is sent before the certificate is judged.
      #expect(problem.failureClass == .unavailable && !problem.mayHaveHappened)
    }
  }

  @Test func `plain text where TLS is expected, and the other way round, is named`() async throws {
    let plain = try SmallServer { _ in [.close] }
    let problem = try #require(await problem(try request("https://127.0.0.1:\(plain.port)/", .post)))
    #expect(problem.kind == .tls && !problem.mayHaveHappened, "\(problem)")
    let server = try SecureServer(.good)
    let wrong = try #require(await HTTPClientTests.problem(try request("http://127.0.0.1:\(server.port)/ok")))
    #expect([.cut, .answer].contains(wrong.kind), "\(wrong)")
  }

  @Test func `a handshake that nobody answers ends in time`() async throws {
    let silent = try SmallServer { _ in [.wait] }
    let asked = try request("https://127.0.0.1:\(silent.port)/", .post) { $0.timeout = .milliseconds(300) }
    let problem = try #require(await problem(asked))
    #expect(problem.kind == .tls && problem.isTimeout && problem.message.contains("within 0.3 s"), "\(problem)")
    #expect(!problem.mayHaveHappened)
  }

  @Test func `a redirect to plain text is not followed`() async throws {
    let server = try SecureServer(.good)
    let asked = try request("https://127.0.0.1:\(server.port)/moved") { request in
      request.redirects = 5
      request.authorities = try? SecureServer.authority
    }
    let problem = try #require(await problem(asked))
    #expect(problem.kind == .redirect && problem.message.contains("from https to plain http"), "\(problem)")
  }

  @Test func `authorities that cannot be read are named`() async throws {
    let server = try SecureServer(.good)
    let asked = try request("https://127.0.0.1:\(server.port)/ok") { $0.authorities = "/nowhere/ca.pem" }
    let problem = try #require(await problem(asked))
    #expect(problem.kind == .tls && problem.message.contains("/nowhere/ca.pem"), "\(problem)")
  }
}
