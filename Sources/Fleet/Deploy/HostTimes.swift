import Foundations
import PrimitiveKit
import Synchronization

/// The seconds a deploy last took on each host, for the estimates of later ones.
package final class HostTimes: Sendable {
  private let times: Mutex<[String: Double]>
  private let save: @Sendable ([String: Double]) -> Void

  /// Starts from what earlier runs measured; `save` keeps what this one adds.
  package init(known: [String: Double] = [:], save: @escaping @Sendable ([String: Double]) -> Void = { _ in }) {
    times = Mutex(known)
    self.save = save
  }

  func add(_ host: String, _ duration: Duration) { times.withLock { $0[host] = duration.seconds } }

  /// Hands everything known to whoever keeps it.
  func keep() { save(times.withLock { $0 }) }

  /// What is known of these hosts.
  func seconds(of hosts: [String]) -> [Double] { times.withLock { times in hosts.compactMap { times[$0] } } }
}
