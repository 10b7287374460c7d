import PrimitiveKit

extension Ticket {
  /// The ticket as options of the host script.
  var arguments: [String] { ["--run", token] + (epoch.map { ["--epoch", "\($0)"] } ?? []) }
}
