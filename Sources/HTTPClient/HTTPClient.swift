import CCurl
package import EventLoop
package import PrimitiveKit
import Synchronization

/// Sends requests of HTTP over libcurl, on an event loop of its own: no request ever waits for another one's look-up.
///
/// Neither the loop nor curl is started before the first request.
package final class HTTPClient: WebClient {
  private let agent: String
  private let started = Mutex<Transfers?>(nil)

  /// `agent` is what servers are told of the program.
  package init(agent: String = "opsh") { self.agent = agent }

  /// The loop that all of its requests share.
  package var loop: EventLoop { transfers.loop }

  private var transfers: Transfers {
    started.withLock { started in
      if let started { return started }
      let transfers = Transfers(loop: EventLoop(name: "opsh-http"))
      started = transfers
      return transfers
    }
  }

  /// Whether the libcurl of this machine asks for names on threads of its own, so that nobody waits for a name server.
  package static var resolvesApart: Bool { opsh_curl_resolves_apart() != 0 }

  /// Sends a request and reads its answer; follows redirects of one that only reads.
  package func send(_ request: HTTPRequest) async throws(HTTPProblem) -> HTTPAnswer {
    let clock = ContinuousClock()
    let begin = clock.now
    var trail = RedirectTrail(request)
    while true {
      var hop = trail.hop
      hop.agent = agent
      hop.timeout = request.timeout - (clock.now - begin)
      let ending = await transfers.perform(hop)
      let answer = try TransferVerdict(request: request, hop: hop).answer(ending)
      guard let next = try trail.next(after: answer.head) else {
        return HTTPAnswer(
          status: answer.head.status,
          headers: answer.head.fields,
          body: Array(answer.body),
          seconds: (clock.now - begin) / .seconds(1),
          address: request.shown(hop.address)
        )
      }
      trail = next
    }
  }
}
