import PrimitiveKit

extension Ticket {
  /// The ticket as options of the host script.
  var arguments: [String] { ["--run", token] + (epoch.map { ["--epoch", "\($0)"] } ?? []) }

  /// The run that the ticket's operation belongs to: the token without the digest of the operation.
  var run: String { token.split(separator: "-").dropLast().joined(separator: "-") }
}
