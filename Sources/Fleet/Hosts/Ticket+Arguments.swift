import PrimitiveKit

extension Ticket {
  /// The ticket as options of the host script.
  var arguments: [String] { ["--run", token] + lease + since }

  /// How long ago the run was granted its first lock, in hundredths of a second, rounded up: older is safer.
  var since: [String] {
    guard let age, epoch != nil else { return [] }
    let (seconds, rest) = age.components
    return ["--age", "\(max(0, seconds * 100 + (rest + 9_999_999_999_999_999) / 10_000_000_000_000_000))"]
  }

  /// The lease that sends the change as options of the host script; none without a lock.
  var lease: [String] { epoch.map { Ticket.lease(epoch: $0, journal: journal) } ?? [] }

  /// An epoch and the journal that granted it as options of the host script.
  static func lease(epoch: Int, journal: String?) -> [String] {
    ["--epoch", "\(epoch)"] + (journal.map { ["--journal", $0] } ?? [])
  }

  /// The run that the ticket's operation belongs to: the token without the digest of the operation.
  var run: String { token.split(separator: "-").dropLast().joined(separator: "-") }
}
