import Foundations
import PrimitiveKit
import Subprocess

extension Subprocess {
  /// Runs it as a command of a host, with the input and limits of the request, once it is its turn; answers how long it took.
  ///
  /// `name` is what a failure to start it is told of. Throws `.local` when this machine cannot start it, and `.cancelled`.
  func run(
    _ request: CommandRequest,
    on host: HostAddress,
    as name: String,
    places: Places
  ) async throws(TransportError) -> (ending: Ending, duration: Duration) {
    let lines = request.onLine.map { LineSplitter(sink: $0) }
    var child = self
    if request.mark != nil { child.drain = .seconds(1) }
    child.input = request.input
    child.timeout = request.timeout
    child.outputLimit = request.outputLimit
    if let lines { child.onOutput = { lines.feed($0) } }
    // As with channels of a host: the time of a command runs once it is its turn.
    guard let place = await places.take() else { throw .cancelled(host: host.name, effectPossible: false) }
    defer { withExtendedLifetime(place) {} }
    let clock = ContinuousClock()
    let start = clock.now
    let ending: Ending
    do {
      ending = try await child.run()
    } catch {
      let fault = LocalFault(error.code)
      throw .local(host: host.name, reason: "\(name): \(fault?.reason ?? error.reason)", hint: fault?.hint)
    }
    lines?.finish()
    if ending.cancelled { throw .cancelled(host: host.name, effectPossible: true) }
    return (ending, clock.now - start)
  }
}
