import PrimitiveKit
import Synchronization

/// The seconds a deploy last took on each host, for the estimates of later ones.
package final class HostTimes: Sendable {
  private let times = Mutex<[String: Double]>([:])

  package init() {}

  func add(_ host: String, _ duration: Duration) { times.withLock { $0[host] = duration.seconds } }

  /// What is known of these hosts.
  func seconds(of hosts: [String]) -> [Double] { times.withLock { times in hosts.compactMap { times[$0] } } }
}
